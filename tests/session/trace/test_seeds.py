"""Runs from several seeds, and how quantities spread over them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, BLOBS, CHAIN, bits, do, held_over, loaded, session

from bntui.scenario.model.vocabulary import chosen, quantities
from bntui.scenario.shelf import library
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.trace import runs as runs_module
from bntui.session.trace.runs import TOGETHER, Apart, Batch, bytes_of_run, runs_of
from bntui.session.trace.seeds import BOUNDED, by_seeds, quartiles, told_of
from bntui.session.trace.tracing import plain_detail


def test_each_run_is_the_scenario_with_its_seed_bit_by_bit() -> None:
    runs = runs_of(loaded(BATCHES, "network.init.seed=4"), 3, ("gain.h1",))
    assert isinstance(runs, Apart)
    runs.go_to(7)
    alone = [do(session(BATCHES, f"network.init.seed={seed}"), {"step": 7}) for seed in (4, 5, 6)]
    assert [bits(moment) for moment in runs.moments] == [bits(at.history.moment) for at in alone]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (BATCHES, ("network.batch_norm.enabled=true",)),
        (BATCHES, ("training.learning_rate=60", "network.init.gain=6")),
        (BLOBS, ("training.optimizer=adamw", "training.schedule={kind: cosine, steps: 9}")),
        (BLOBS, ("training.learning_rate=1e300", "network.batch_norm.enabled=false")),
    ],
)
def test_runs_in_a_batch_have_the_bits_that_they_have_apart(text: str, settings: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "runs_at_once", lambda *_: 3)  # two parts
    batch, apart = (runs_of(loaded(text, *settings), 5, names) for names in (TOGETHER, ("gain.h",)))
    assert isinstance(batch, Batch)
    assert len(batch.parts) == 2
    for step in (0, 1, 2, 5, 12):
        batch.go_to(step)
        apart.go_to(step)
        np.testing.assert_equal(batch.values(TOGETHER), apart.values(TOGETHER))


def test_scenarios_of_which_no_weight_is_drawn_have_no_seeds() -> None:
    for text in (CHAIN, BATCHES.replace("data:", "  init: {scheme: constant, value: 0.1}\ndata:")):
        with pytest.raises(Refusal, match="all runs would be the same"):
            runs_of(loaded(text), 2, ())


def test_runs_that_have_diverged_are_infinite_left_out_of_what_is_bounded_and_counted() -> None:
    at = session(BLOBS, "training.learning_rate=1e300", "network.batch_norm.enabled=false")
    names = ("loss", "accuracy", "flat.h", "validation.loss", "validation.accuracy", "learning_rate", "gain.h")
    first, *_, last = by_seeds(at.loaded, 4, 9, names)
    assert (first.step, first.runs, first.running) == (0, 4, 4)
    assert last.running == 0
    assert last.step < 9  # nobody goes on
    for name in ("loss", "validation.loss", "gain.h"):
        assert last.quantities[name] == (np.inf,) * 3
    for name in ("accuracy", "flat.h", "validation.accuracy"):
        assert np.isnan(last.quantities[name]).all()
        assert last.median(name) is None
    assert last.quantities["learning_rate"] == (1e300,) * 3


def test_a_run_that_diverges_before_the_others_stays_among_them() -> None:
    text = BATCHES.replace("momentum: 0.8", "momentum: 0.0")
    spreads = list(by_seeds(loaded(text, "training.learning_rate=60", "network.init.gain=6"), 9, 40, ("loss",)))
    running = [spread.running for spread in spreads]
    assert running == sorted(running, reverse=True)
    assert {spread.runs for spread in spreads} == {9}
    for spread in spreads:
        assert (spread.quantities["loss"][1] == np.inf) == (spread.running < 5)


def test_where_none_are_named_it_tells_j_scores_gains_and_products() -> None:
    at = session(BLOBS)
    assert told_of(at, plain_detail(at)) == [
        "loss", "accuracy", "validation.loss", "validation.accuracy", "gain.h", "product.h", "gain.head", "product.head",
    ]  # fmt: skip


def test_what_is_bounded_is_among_the_quantities() -> None:
    known = {name.partition(".")[0] for name in quantities(session(BLOBS).experiment.architecture, held_out=True)}
    assert set(BOUNDED) <= known


@held_over(60)
@given(st.lists(st.lists(st.floats(-1e9, 1e9) | st.none(), min_size=5, max_size=5), min_size=1, max_size=4))
def test_quartiles_are_numpys_of_the_numbers_that_are_there(rows: list[list[float | None]]) -> None:
    table = np.array([[np.nan if value is None else value for value in row] for row in rows])
    for row, found in zip(rows, quartiles(table).T.tolist(), strict=True):
        there = [value for value in row if value is not None]
        expected = np.quantile(there, [0.25, 0.5, 0.75]).tolist() if there else [np.nan] * 3
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("row", "expected"),
    [([1, 2, 3, np.inf], [1.75, 2.5, np.inf]), ([1, np.inf, np.inf, np.inf], [np.inf] * 3), ([0, 1, 2, 3, np.inf], [1, 2, 3])],
)
def test_infinite_ones_stand_above_all_numbers(row: list[float], expected: list[float]) -> None:
    assert quartiles(np.array([row], dtype=float))[:, 0].tolist() == expected


@pytest.mark.optional
@pytest.mark.slow
def test_quartiles_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    table = np.random.default_rng(0).standard_normal((6, 11))
    expected = torch.quantile(torch.from_numpy(table), torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64), dim=1)
    np.testing.assert_allclose(quartiles(table), expected.numpy(), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["deep-relu", "sigmoid-net", "digits", "residual"])
def test_runs_side_by_side_take_no_more_memory_than_was_reckoned(name: str) -> None:
    scenario, count = library.opened(name, ("normalization=batch_norm",)), 8
    names = ("gain.*", "order.first", "loss")
    wanted = chosen(names, scenario.problem.architecture)
    tracemalloc.start()
    try:
        runs = runs_of(scenario, count, wanted)
        begun, _ = tracemalloc.get_traced_memory()
        for step in range(16):
            runs.go_to(step)
            runs.values((*wanted, "step", "diverged"))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (taken - begun) / count < bytes_of_run(Session(scenario)), "a run"
