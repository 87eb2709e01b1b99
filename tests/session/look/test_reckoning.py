"""The memory that is reckoned beforehand, against what is then taken; and what needs too much is refused before it is taken."""

import json
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from paced import mostly_slow
from session.worlds import CHAIN, do, session

from bntui.maths import curvature, memory
from bntui.maths.growth import network_of
from bntui.scenario.reading import memory as bound
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.look.measuring import curvature_bytes, eigenvalues_bytes
from bntui.session.look.quantities import measure
from bntui.session.look.reckoning import observing_bytes
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.cores import cores
from bntui.session.survey.reckoning import growth_bytes, landscape_bytes, sweep_bytes
from bntui.session.survey.situation import looked_back
from bntui.session.survey.surveying import growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import plan_for, sweep

MB = 10**6
# layers, width, samples, activation, placement and skip_from: signals that are large beside the weights, and weights beside
# the signals
SHAPES = [
    (5, 64, 1000, "relu", "before_activation"),
    (3, 20, 6000, "linear", "before_activation"),
    (4, 64, 1000, "sigmoid", "after_activation"),
    (4, 256, 16, "relu", "before_activation"),
    (6, 128, 64, "tanh", "before_activation"),
    (8, 64, 1000, "relu", "before_activation", "previous"),
    (8, 64, 1000, "relu", "before_activation", "layer1"),
]
# of both sorts and with skips, small enough for a hundred Hessian products also where other programs take the cores
OF_LANCZOS = [
    (5, 32, 500, "relu", "before_activation"),
    (4, 96, 16, "relu", "before_activation"),
    (8, 32, 500, "relu", "before_activation", "previous"),
]


@pytest.fixture(autouse=True)
def _default() -> Iterator[None]:
    yield
    bound.allow(bound.DEFAULT)


@pytest.fixture
def _lanczos_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has as many vectors as it may have: what is reckoned is the most that may be needed."""
    monkeypatch.setattr(curvature, "TOLERANCE", -1.0)
    monkeypatch.setattr(curvature, "ROUNDING", -1.0)


def text(layers: int, width: int, samples: int, activation: str, placement: str, skip_from: str | None = None) -> str:
    first: dict[str, object] = {"units": width, "activation": activation}
    hidden = [first, *(first | ({} if skip_from is None else {"skip_from": skip_from}) for _ in range(layers - 2))]
    return json.dumps(
        {
            "version": 1,
            "title": "wide",
            "network": {
                "layers": [*hidden, {"units": 1, "activation": activation}],
                "batch_norm": {"enabled": True, "placement": placement},
            },
            "data": {"generator": {"name": "gaussian", "samples": samples, "inputs": 4}},
            "training": {"learning_rate": 1e-4},
            "sweep": {"from": 1e-4, "to": 1e-3, "count": 3, "steps": 2, "seeds": 2},
        }
    )


@pytest.fixture
def peak() -> Iterator[Callable[[Callable[[], object]], int]]:
    """The bytes that something takes at its most, numpy's arrays among them, beside what was taken before."""
    tracemalloc.start()

    def measured(work: Callable[[], object]) -> int:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        kept = work()
        _, most = tracemalloc.get_traced_memory()
        del kept
        return most - before

    yield measured
    tracemalloc.stop()


def last(results: Iterator[object]) -> object:
    """The last result, and no other in memory."""
    return deque(results, maxlen=1)[0]


def within_twice(reckoned: int, taken: int) -> bool:
    return taken / 2 <= reckoned <= 2 * taken


@pytest.mark.parametrize("shape", mostly_slow(SHAPES, SHAPES[:2]))
def test_a_session_takes_what_was_reckoned(shape, peak) -> None:
    architecture = session(text(*shape)).experiment.architecture
    samples = shape[2]
    reckoned = memory.training(architecture, samples, samples * 5)
    taken = peak(lambda: do(session(text(*shape)), {"step": 3}))
    assert taken > 3 * MB, "what Python itself takes is small beside it"
    assert within_twice(reckoned, taken), (reckoned / MB, taken / MB)


@pytest.mark.parametrize(
    "detail",
    [Detail(orders=True), Detail(meters=True, curvature=False), Detail(activations=True)],
    ids=["orders", "meters", "activations"],
)
@pytest.mark.parametrize("shape", mostly_slow(SHAPES, SHAPES[:2]))
def test_a_view_takes_what_was_reckoned(shape, detail, peak) -> None:
    architecture = session(text(*shape)).experiment.architecture
    own = memory.training(architecture, shape[2], shape[2] * 5)
    reckoned = own + observing_bytes(architecture, shape[2], detail)
    taken = peak(lambda: do(session(text(*shape)), {"step": 2}).observe(detail))
    assert within_twice(reckoned, taken), (reckoned / MB, taken / MB)


@pytest.mark.parametrize("detail", [Detail(full=True), Detail(validation=True)], ids=["full", "validation"])
@pytest.mark.parametrize("shape", mostly_slow(SHAPES[:3], SHAPES[:1]))
def test_a_score_takes_what_was_reckoned(shape, detail, peak) -> None:
    scored = ("training.batch_size=20", "data.validation=0.5")
    architecture, half = session(text(*shape), *scored).experiment.architecture, shape[2] // 2
    reckoned = memory.training(architecture, 20, shape[2] * 5) + observing_bytes(architecture, 20, detail, half, half)
    taken = peak(lambda: do(session(text(*shape), *scored), {"step": 2}).observe(detail))
    assert within_twice(reckoned, taken), (reckoned / MB, taken / MB)


def test_a_scenario_whose_held_out_data_needs_too_much_is_refused_before_it_is_made() -> None:
    shape = SHAPES[0]
    plain = ("training.batch_size=20", "data.generator.samples=4000")
    bound.allow(8 * MB)
    session(text(*shape), *plain)
    with pytest.raises(ScenarioError, match="the scenario needs about"):
        session(text(*shape), *plain, "data.validation=0.9")


def test_what_is_too_much_for_a_frame_is_scored_where_it_is_asked_for_by_name() -> None:
    small, large = (session(text(*SHAPES[1]), "training.batch_size=20", f"data.generator.samples={n}") for n in (6000, 60_000))
    assert small.experiment.scores_quickly
    assert not large.experiment.scores_quickly
    assert measure(large, ["full_loss"])["full_loss"] is not None


@pytest.mark.slow
@pytest.mark.usefixtures("_lanczos_goes_on")
@pytest.mark.parametrize("shape", OF_LANCZOS)
def test_the_curvature_takes_what_was_reckoned(shape, peak) -> None:
    at = session(text(*shape))
    reckoned = curvature_bytes(at.experiment.architecture, shape[2])
    moment, place = at.history.moment, at.history.place
    shown = at.observe(Detail(meters=True, curvature=False))
    taken = peak(lambda: at.measured(shown, moment, place, lambda: False))
    assert within_twice(reckoned, taken), (reckoned / MB, taken / MB)


@pytest.mark.slow
@pytest.mark.usefixtures("_lanczos_goes_on")
@pytest.mark.parametrize("shape", OF_LANCZOS)
def test_the_eigenvalues_take_what_was_reckoned(shape, peak) -> None:
    at = session(text(*shape))
    reckoned = eigenvalues_bytes(at.experiment.architecture, shape[2])
    moment, place = at.history.moment, at.history.place
    shown = at.observe(Detail(eigenvalues=True, curvature=False))
    taken = peak(lambda: at.measured(shown, moment, place, lambda: False))
    assert within_twice(reckoned, taken), (reckoned / MB, taken / MB)


@pytest.mark.slow
@pytest.mark.usefixtures("_lanczos_goes_on")
@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[2], SHAPES[3], SHAPES[5]])
def test_the_surveys_take_what_was_reckoned(shape, peak) -> None:
    at = session(text(*shape))
    architecture, situation = at.experiment.architecture, at.situation()
    reckoned = landscape_bytes(architecture, shape[2], looked_back(situation.moment))
    taken = peak(lambda: last(landscape(situation)))
    assert within_twice(reckoned, taken), ("landscape", reckoned / MB, taken / MB)
    reckoned = sweep_bytes([architecture], shape[2], 2, workers=1)
    taken = peak(lambda: last(sweep(situation, plan_for(situation), workers=1)))
    assert within_twice(reckoned, taken), ("sweep", reckoned / MB, taken / MB)
    reckoned = sweep_bytes([architecture], shape[2], 2, workers=cores())
    taken = peak(lambda: last(sweep(situation, plan_for(situation))))
    assert taken <= 2 * reckoned, "more where the threads are at their most at once, which a busy machine may never let them be"


@pytest.mark.parametrize(("samples", "width", "depth"), [(256, 128, 12), (16, 256, 12)])
def test_a_growth_takes_what_was_reckoned(samples, width, depth, peak) -> None:
    situation = session(CHAIN).situation()
    first = situation.problem.architecture.layers[0]
    network = network_of(width, depth, first.activation, 1, first.normalization)
    plan = growth_plan(situation, samples=samples, width=width, depth=depth, seeds=1)
    taken = peak(lambda: last(survey_growth(situation, plan)))
    assert within_twice(growth_bytes(network, samples), taken)


def test_lanczos_is_what_a_wide_networks_landscape_takes() -> None:
    architecture = session(text(4, 256, 16, "relu", "before_activation")).experiment.architecture
    vectors = 2 * curvature.ITERATIONS * memory.NUMBER * memory.parameters(architecture)
    assert landscape_bytes(architecture, 16, 50) > vectors


def wide(allowed: int) -> Session:
    """A session of the first shape where so much memory is allowed."""
    bound.allow(allowed)
    return session(text(*SHAPES[0]))


def test_a_scenario_that_needs_too_much_is_refused_by_check_with_its_place_and_the_way_out() -> None:
    with pytest.raises(ScenarioError) as refused:
        wide(10 * MB)
    (complaint,) = refused.value.complaints
    assert complaint.path == "network.layers"
    assert "the scenario needs about 1" in complaint.message
    assert "MB of memory; allowed: 10 MB, or what --memory says, as --memory 1G" in complaint.message


def test_nothing_is_made_of_it_before_it_is_refused(peak) -> None:
    def refused() -> None:
        with pytest.raises(ScenarioError):
            wide(10 * MB)

    assert peak(refused) < 2 * MB


def test_surveys_and_views_that_need_too_much_are_refused_while_the_session_goes_on() -> None:
    at = wide(40 * MB)
    do(at, {"step": 1})
    situation = at.situation()
    with pytest.raises(Refusal, match=r"the landscape of this network needs about .* MB of memory; allowed: 40 MB"):
        landscape(situation)
    with pytest.raises(Refusal, match="this sweep needs about"):
        sweep(situation, plan_for(situation))
    with pytest.raises(Refusal, match="the growth in networks of that width and depth needs about"):
        survey_growth(situation, growth_plan(situation, samples=512, width=512, depth=50))
    with pytest.raises(Refusal, match="this view of the network needs about"):
        at.observe(Detail(meters=True))
    shown = at.observe(Detail(meters=True, curvature=False))
    with pytest.raises(Refusal, match="the curvature of this network needs about"):
        at.measured(shown, at.history.moment, at.history.place, lambda: False)
    assert at.observe().step == 1


@pytest.mark.parametrize(
    ("said", "size"),
    [("8G", 8 * 10**9), ("500M", 5 * 10**8), ("2.5 GB", 25 * 10**8), ("1t", 10**12), ("123", 123), ("lots", None), ("0", None), ("-1G", None)],
)
def test_an_amount_of_memory_is_read(said, size) -> None:
    assert bound.read_size(said) == size
