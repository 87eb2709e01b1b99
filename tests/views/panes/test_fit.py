"""The fit as it is drawn: curves over one input, regions or shades over two, a table or a cloud of points over more."""

from dataclasses import replace

import numpy as np
import pytest
from session.worlds import CHAIN, SLOW_CHAIN, do, session

from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.session import Session
from bntui.views.panes.fit import classes, fit_chart
from bntui.views.text.lines import Size, plain, text_of

TWO = """
version: 1
title: Two inputs
network:
  layers: [{name: h, units: 6, activation: tanh}, {name: head, units: 3, batch_norm: false}]
  batch_norm: {enabled: true}
data: {generator: {name: blobs, samples: 24, classes: 3, dimensions: 2, noise: 1.5}}
cost: cross_entropy
training: {learning_rate: 0.2}
"""
SWITCHES = (
    TWO.replace("units: 3, ", "units: 1, activation: sigmoid, ")
    .replace("name: blobs, samples: 24, classes: 3, dimensions: 2, noise: 1.5", "name: moons, samples: 24")
    .replace("cross_entropy", "bce")
)
NUMBERS = (
    TWO.replace("units: 3", "units: 1")
    .replace("name: blobs, samples: 24, classes: 3, dimensions: 2, noise: 1.5", "name: gaussian, samples: 24, inputs: 2, outputs: 1")
    .replace("cross_entropy", "half_mse")
)
KINDS = {
    "one": SLOW_CHAIN,
    "one, classes": TWO.replace("dimensions: 2", "dimensions: 1"),
    "two, classes": TWO,
    "two, switches": SWITCHES,
    "two": NUMBERS,
    "many, classes": TWO.replace("dimensions: 2", "dimensions: 5"),
    "many": NUMBERS.replace("inputs: 2", "inputs: 5"),
    "many outputs": NUMBERS.replace("inputs: 2, outputs: 1", "inputs: 2, outputs: 2").replace("units: 1", "units: 2"),
}


def seen(at: Session) -> Snapshot:
    return at.observe(Detail(fit=True))


def drawn(snapshot: Snapshot, width: int = 60, height: int = 10, ascii: bool = False) -> list[str]:
    lines = fit_chart(snapshot, Size(width, height), ascii)
    assert [len(plain(line)) for line in lines] == [width] * height
    return text_of(lines).splitlines()


def test_over_one_input_y_is_in_front_of_the_curve_and_the_twins_beside_it() -> None:
    at = do(session(SLOW_CHAIN), {"twin": {"learning_rate": 0.001}}, {"step": 15})
    assert drawn(seen(at)) == CURVES


def test_over_two_inputs_each_class_has_its_region_and_what_lies_outside_is_marked() -> None:
    assert drawn(seen(do(session(TWO), {"step": 4}))) == REGIONS


CURVES = [
    "fit  ◇ twin  ⠒ ŷ  • y",
    "     7┤                                              ⢀⣀⣀⠤•⠔⠒",
    "      │                                     ⢀⣀⡠⠤⠤⠒⠒⠊⠉⠁",
    "      │                            ⣀⣀⡠⠤⠔⠒⠒⠉⠉⠁",
    "      │                  ⢀⣀⣀⠤⠤⠔⠒⠊⠉⠉                  ◇◇◇◇◇◇◇",
    "      │         ⢀⣀⡠⠤⠤⠒⠒⠊⠉•          ◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇",
    "      │⢀⣀•⠤⠔⠒⠒⠊⠉⠁ ◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇",
    "     0┤⠁◇◇◇◇◇◇◇◇◇◇◇",
    "      └──┴───────────────┴───────────────┴───────────────┴──",
    "        0.5             1.0             1.5                x",
]
REGIONS = [
    "× 10 of 24 · batch μ, σ  0  1 ░  2 ▒",
    "     5┤  ×                     ×     ░░░░░░░░░░░",
    "      │▒▒▒▒▒▒▒                                         ×",
    "      │▒▒▒▒▒▒▒2▒▒▒▒2▒▒    ×             0         0",
    "      │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   0",
    "      │▒▒2▒▒▒▒▒▒▒▒▒▒22×▒▒▒▒▒▒▒▒▒×         ░░░░1░░░░░░░░░",
    "     0┤▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░1×1░░░░░░░░░░░░",
    "      │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░×░░1░░1░░░░░",
    "      │▒▒▒▒▒▒▒▒▒▒▒▒▒×▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒×▒▒▒▒░░░░░░░░░░░░░░1░░",
    "                                 0                 x₁, x₂ up",
]


@pytest.mark.parametrize("kind", ["two, classes", "two, switches", "many, classes"])
def test_what_is_wrong_is_what_the_accuracy_leaves(kind: str) -> None:
    at = do(session(KINDS[kind]), {"step": 6})
    snapshot = seen(at)
    assert snapshot.accuracy is not None
    right, samples = round(24 * snapshot.accuracy), 24
    said = f"right {right} of {samples}" if kind.startswith("many") else f"× {samples - right} of {samples}"
    assert drawn(snapshot)[0].startswith(f"{said} · batch μ, σ")
    assert right < samples


def test_the_table_of_classes_counts_every_sample_once() -> None:
    snapshot = seen(do(session(KINDS["many, classes"]), {"step": 6}))
    rows = [line.replace("·", "0").split() for line in drawn(snapshot)[2:5]]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    table = np.array(rows, dtype=int)[:, 1:]
    true = classes(snapshot.fit.targets) if snapshot.fit is not None else np.empty(0)
    assert table.sum(axis=1).tolist() == [int((true == each).sum()) for each in range(3)]


def test_a_table_that_has_no_room_says_how_many_classes_are_left_out() -> None:
    lines = drawn(seen(session(KINDS["many, classes"])), height=4)
    assert lines[-1] == "+2 more"


def test_which_statistics_are_in_force_is_said() -> None:
    at = session(TWO)
    assert "batch μ, σ" in drawn(seen(at))[0]
    assert "running μ, σ" in drawn(seen(do(at, {"set": {"mode": "eval"}})))[0]
    assert "μ" not in drawn(seen(do(at, {"set": {"batch_norm": False}})))[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("twin", [False, True])
@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (20, 3), (39, 6), (74, 12), (160, 30)], ids=str)
def test_every_kind_of_network_fills_any_size(kind: str, twin: bool, ascii: bool, size: tuple[int, int]) -> None:
    at = do(session(KINDS[kind]), {"step": 2}, *([{"twin": {}}, {"step": 2}] if twin else []))
    text = "\n".join(drawn(seen(at), *size, ascii=ascii))
    if ascii:
        assert text.isascii()
    if size[0] >= 74:
        assert "nothing" not in text
        assert ("twin" in text) is twin
    assert "computing" in "\n".join(drawn(replace(seen(at), fit=None), 30, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_a_diverged_network_is_drawn(kind: str) -> None:
    at = session(KINDS[kind], "training.learning_rate=1e150", "network.batch_norm.enabled=false")
    for _ in range(4):
        if at.observe().diverged:
            break
        do(at, {"step": 1})
    assert at.observe().diverged
    assert len(drawn(seen(at))) > 1


def test_where_the_curve_leaves_the_window_of_the_data_an_arrow_says_so() -> None:
    at = do(session(CHAIN, "training.learning_rate=0.2"), {"step": 2})
    assert at.observe().loss > 100
    text = "\n".join(drawn(seen(at)))
    assert "↑" in text or "↓" in text
    assert text.count("•") >= 3
