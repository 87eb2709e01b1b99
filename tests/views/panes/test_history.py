"""The history as it is drawn."""

from dataclasses import replace

import pytest
from session.worlds import BATCHES, SLOW_CHAIN, do, session

from bntui.session.look.snapshot import Detail, Snapshot
from bntui.views.panes.history import MOST_CURVES, history_chart, shown_curves
from bntui.views.text.lines import Size, plain, text_of

WIDE = """
version: 1
title: Many layers
network: {layers: [%s, {name: head, units: 1}]}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.01}
"""


def seen(text: str, *actions: dict[str, object], history: str = "weight") -> Snapshot:
    at = do(session(text), *actions, {"view": {"history": history}})
    at.read_all()
    return at.observe(Detail(track=True))


def drawn(snapshot: Snapshot, width: int = 60, height: int = 9, ascii: bool = False) -> list[str]:
    lines = history_chart(snapshot, Size(width, height), ascii)
    assert [len(plain(line)) for line in lines] == [width] * height
    return text_of(lines).splitlines()


def test_the_length_of_each_weight_with_the_twins_beside_the_one_in_focus() -> None:
    snapshot = seen(SLOW_CHAIN, {"focus": {"layer": "b"}}, {"step": 3}, {"twin": {}}, {"step": 17})
    assert drawn(snapshot) == EXPECTED


EXPECTED = [
    "‖W‖  ◇ twin b",
    "   1.6┤",
    "      │      ⢀⣀⣀⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠊⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉ c",
    "      │⠤⠔⠒⠒⢉⣉⣁⠤⠤⠔⠒⠒⠒⢊⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉ e",
    "      │⠔⠒⠊⢉⣁⡠⠤⠔⠒⠒⠉⠉⠉⠁                                      a",
    "      │⠒⠊⠉⠁    ⣀⣀⡠⠤⠤⠔⠒⠒⠒⢒⣒⣒⣊⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉⣉ b",
    "      │ ⣀⣀⠤⠔⠒⢊⠉◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇◇ d",
    "   0.8┤⣉⡠⠤⠒⠒⠉⠁",
    "       0           5            10           15       step",
]


def test_in_ascii_a_name_at_the_end_of_a_curve_comes_with_its_character() -> None:
    text = "\n".join(drawn(seen(SLOW_CHAIN, {"step": 20}), ascii=True))
    assert text.isascii()
    ends = {line.split()[-1] for line in text.splitlines() if line.split()[-1][-1:] in "abcde" and len(line.split()[-1]) == 2}
    assert len({end[0] for end in ends}) == len(ends) == 5


@pytest.mark.parametrize(("history", "logarithmic"), [("loss", True), ("weight", False)])
def test_the_axis_is_logarithmic_where_the_values_span_decades(history: str, logarithmic: bool) -> None:
    text = "\n".join(drawn(seen(SLOW_CHAIN, {"step": 60}, history=history), height=14))
    assert ("  1┤" in text) is logarithmic


def test_marks_stand_where_batch_norm_or_the_rate_was_changed() -> None:
    snapshot = seen(SLOW_CHAIN, {"step": 20}, {"set": {"batch_norm": True}}, {"step": 20}, {"set": {"learning_rate": 0.1}}, {"step": 20})
    top = drawn(snapshot)[1]
    assert top.index("b") < top.index("η")
    assert "b" not in drawn(seen(SLOW_CHAIN, {"step": 20}))[1]


def test_how_much_has_been_read_is_told_while_it_is_read() -> None:
    at = do(session(SLOW_CHAIN), {"step": 39})
    assert drawn(at.observe(Detail(track=True)))[0].startswith("‖W‖ · reading 2 %")
    at.read_all()
    assert drawn(at.observe(Detail(track=True)))[0].rstrip() == "‖W‖"


@pytest.mark.parametrize(("history", "name"), [("gradient.b.weight", "‖∂J/∂b.weight‖"), ("parameter.b.weight", "‖b.weight‖")])
def test_the_norm_of_one_parameter_or_of_its_gradient_is_written_as_one(history: str, name: str) -> None:
    assert drawn(seen(SLOW_CHAIN, {"step": 3}, history=history))[0].startswith(f"{name} ")


def test_a_curve_that_is_alone_says_what_it_has_come_to_and_its_twin_too() -> None:
    snapshot = seen(SLOW_CHAIN, {"step": 3}, {"twin": {}}, {"step": 17}, history="factor.b.weight")
    assert snapshot.twin is not None
    assert drawn(snapshot)[0].rstrip() == "factor.b.weight 1.12  ◇ twin 1.02"
    assert drawn(seen(SLOW_CHAIN, {"step": 20}, history="dead.b"))[0].startswith("dead units of b: there is no such number")


def test_what_no_place_has_is_said_in_a_sentence() -> None:
    said = drawn(seen(SLOW_CHAIN, {"step": 3}, history="scale"))[0]
    assert said.startswith("γ/σ: there is no such number on the path to step 3.")


def test_of_very_many_layers_some_are_drawn_and_the_one_in_focus() -> None:
    layers = ", ".join(f"{{name: h{place}, units: 1}}" for place in range(40))
    snapshot = seen(WIDE % layers, {"focus": {"layer": "h17"}}, {"step": 2})
    assert snapshot.track is not None
    names = [curve.label for curve in shown_curves(snapshot.track.curves, "h17")]
    assert len(names) <= MOST_CURVES
    assert {"h0", "h17", "head"} <= set(names)
    assert f"‖W‖ · {len(names)} of 41" in drawn(snapshot)[0]


@pytest.mark.parametrize("size", [(1, 1), (20, 3), (39, 5), (44, 12), (160, 30)], ids=str)
@pytest.mark.parametrize("ascii", [False, True])
def test_it_fills_any_size(size: tuple[int, int], ascii: bool) -> None:
    for snapshot in (seen(BATCHES, {"twin": {}}, {"step": 5}), replace(seen(BATCHES), track=None)):
        lines = history_chart(snapshot, Size(*size), ascii)
        assert [len(plain(line)) for line in lines] == [size[0]] * size[1]
