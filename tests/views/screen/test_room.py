"""Every size of the screen uses its room, and a twin that has diverged takes nothing of it away."""

from __future__ import annotations

import re

import pytest
from paced import mostly_slow
from screens import frame
from session.worlds import do

from bntui.scenario.model.actions import Shown
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.views.kinds import FORMULA
from bntui.views.panes.ledger import most_rows, wanted_rows
from bntui.views.screen.arrangement import arrange, left_half
from bntui.views.screen.frame import frame_detail
from bntui.views.screen.panes import Showing, roomiest, rows_of_view

SIZES = [(60, 20), (80, 24), (100, 30), (120, 40), (160, 50), (200, 60)]


def opened(name: str, *actions: dict[str, object]) -> Session:
    return do(Session(read_file(library.find(name))), *actions)


def converged_beside_a_diverged_twin() -> Session:
    return opened("goodfellow-chain", {"set": {"batch_norm": True}}, {"twin": {}}, *[{"step": 1}] * 4)


def lines(at: Session, columns: int, rows: int) -> list[str]:
    return frame(at.observe(frame_detail(at.experiment.architecture, columns, rows)), columns, rows).splitlines()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("deep-relu", [{"focus": {"layer": "head"}}, {"set": {"learning_rate": 0.001}}, {"step": 3}]),
        ("deep-relu", [{"set": {"batch_norm": True}}, {"step": 20}]),
        ("goodfellow-chain", [{"step": 1}]),
        ("relu-net", [{"twin": {}}, {"step": 1}]),
        ("iris", [{"step": 3}]),
    ],
)
def test_no_half_of_the_screen_is_empty(name: str, actions: list[dict[str, object]], size: tuple[int, int]) -> None:
    shown = lines(opened(name, *actions), *size)
    middle = size[0] * 5 // 8
    for start, end in ((0, middle), (middle, size[0])):
        filled = "".join("x" if line[start:end].strip() else " " for line in shown)
        assert max(map(len, filled.split("x"))) <= size[1] // 4, "\n".join(shown)


def test_a_short_chain_leaves_rows_to_the_charts_and_nothing_moves_at_every_layer() -> None:
    at = opened("deep-relu")
    heights = []
    for layer in at.experiment.architecture.layers:
        at = do(at, {"focus": {"layer": layer.name}})
        heights.append(wanted_rows(at.observe(frame_detail(at.experiment.architecture, 80, 24)), "selected"))
    most = most_rows(at.experiment.architecture, "selected")
    assert heights == sorted(heights, reverse=True)
    assert set(heights) == {most, (most + 1) // 2, (most + 3) // 4}


@pytest.mark.parametrize("size", mostly_slow(SIZES, SIZES[:2]))
def test_beside_a_diverged_twin_the_bars_and_charts_are_this_networks(size: tuple[int, int]) -> None:
    shown = lines(converged_beside_a_diverged_twin(), *size)
    axes = [word for line in shown[1:] for word in line.replace("┤", " ┤ ").split() if word.startswith("1e") and word[2:].isdecimal()]
    assert axes == []
    assert max(line.count("▒") for line in shown[1:8]) >= size[0] // 20
    assert any("J  ◇ twin  ⠒ J" in line for line in shown)


@pytest.mark.parametrize("size", mostly_slow(SIZES[1:], SIZES[1:2]))
def test_the_table_of_ten_classes_is_shown_whole(size: tuple[int, int]) -> None:
    at = opened("digits", {"step": 3})
    shown = frame(at.observe(frame_detail(at.experiment.architecture, *size, "fit")), *size, view="fit")
    assert "more" not in shown
    assert re.search(r"^ +9 ", shown, re.MULTILINE)


@pytest.mark.parametrize("size", [size for size in SIZES if size[0] >= 120])
def test_below_a_wide_ledger_the_view_that_is_open_has_the_rows_that_it_needs(size: tuple[int, int]) -> None:
    at = opened("goodfellow-chain", {"set": {"batch_norm": True}})
    snapshot = at.observe(frame_detail(at.experiment.architecture, *size))
    folding = roomiest(at.experiment.architecture, *size)
    heights = {}
    for formula in (False, True):
        showing = Showing(folding=folding, formula=formula)
        panel, foot = rows_of_view(snapshot, showing, *size)
        heights[formula] = arrange(*size, wanted_rows(snapshot, folding), panel=panel, foot=foot)["lower_left"].height
    wanted = FORMULA.drawing.rows(snapshot, left_half(size[0]), False)
    assert heights[True] >= wanted or heights[True] >= size[1] // 4


@pytest.mark.parametrize("size", [size for size in SIZES if size[0] >= 120])
@pytest.mark.parametrize("view", ["forward", "eigenvalues"])
@pytest.mark.parametrize(("name", "settings"), [("goodfellow-chain", {"batch_norm": False}), ("deep-relu", {"batch_norm": True})])
def test_below_a_view_of_few_rows_stands_another_chart(
    name: str, settings: dict[str, object], view: Shown, size: tuple[int, int]
) -> None:
    at = opened(name, {"set": settings}, {"step": 1})
    shown = frame(at.observe(frame_detail(at.experiment.architecture, *size, view)), *size, view=view).splitlines()
    filled = "".join("x" if line[left_half(size[0]) :].strip() else " " for line in shown)
    assert max(map(len, filled.split("x"))) <= size[1] // 4, "\n".join(shown)


@pytest.mark.parametrize("name", ["deep-relu", "relu-net", "does-it-smooth"])
def test_in_the_lecture_halls_size_the_sentence_of_why_is_whole(name: str) -> None:
    at = opened(name, {"set": {"batch_norm": True}})
    for _ in range(6):
        at = do(at, {"step": 1})
        shown = lines(at, 60, 20)[-2:]
        assert shown[0].startswith("why  ")
        assert not shown[1].endswith("…"), shown


@pytest.mark.parametrize("view", ["forward", "activations", "history", "fit"])
def test_a_view_beside_a_diverged_twin_is_to_the_scale_of_this_network(view: Shown) -> None:
    at = converged_beside_a_diverged_twin()
    if view == "history":
        do(at, {"view": {"history": "weight"}})
    detail = frame_detail(at.experiment.architecture, 80, 24, view)
    if detail.track:
        at.read_all()
    shown = frame(at.observe(detail), 80, 24, view=view).splitlines()
    panel = shown[next(place for place, line in enumerate(shown) if line.strip() == "" or place > 10) :]
    drawn = [line for line in panel[:-1] if " μ " not in line]  # what is told in words is told of the twin too
    numbers = [word.strip("┤└├│◇▸◂") for line in drawn for word in line.split()]
    assert not [word for word in numbers if re.fullmatch(r"-?\d\.?\d*e\d+|-?\d{3,}|-?\d+,\d+", word)], "\n".join(shown)
