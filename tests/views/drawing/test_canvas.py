"""What a person sees in a chart."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, AxisMark, Curve, Series, Size
from bntui.views.text.lines import Line, plain

ANY = st.floats(allow_nan=True, allow_infinity=True)
SIZES = st.builds(Size, st.integers(1, 60), st.integers(1, 25))
hostile = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def seen(lines: tuple[Line, ...]) -> list[str]:
    return [plain(line) for line in lines]


def roles(lines: tuple[Line, ...], character: str) -> set[str]:
    return {span.role for line in lines for span in line if character in span.text}


def exact(lines: tuple[Line, ...], size: Size) -> bool:
    return len(lines) == size.height and {len(text) for text in seen(lines)} == {size.width}


def test_plotext_is_not_imported_before_the_first_drawing() -> None:
    code = "import sys, bntui.views.drawing.canvas; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bars_climb_and_fall_from_product_to_product() -> None:
    steps = [(1.0, 1e2), (1e2, 1e4), (1e4, 1e4), (1e4, 1e-1)]
    lines = canvas.staircase(steps, Size(24, 10), (1e-2, 1e4))
    assert seen(lines) == [
        "        ████████        ",
        "                ████████",
        "                       │",
        "    ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
    ]
    assert roles(lines, "█") == {"growth"}
    assert roles(lines, "▒") == {"shrinkage"}
    assert seen(canvas.staircase(steps, Size(24, 2), (1e-2, 1e4), ascii=True)) == [
        "        ########        ",
        "                ########",
    ]


def test_bars_that_leave_the_axis_end_in_an_arrow() -> None:
    steps = [
        (1.0, math.inf),
        (1.0, 0.0),
        (0.0, 0.0),
        (None, 1.0),
        (1.0, None),
        (1.0, math.nan),
        (-1.0, 1e9),
        (1e9, 1e10),
    ]
    assert seen(canvas.staircase(steps, Size(12, 10), (1e-3, 1e3))) == [
        "      █████▸",
        "◂▒▒▒▒▒      ",
        "◂           ",
        "            ",
        "            ",
        "           ?",
        "      █████▸",
        "           ▸",
    ]


def test_a_small_change_is_still_a_bar() -> None:
    assert seen(canvas.staircase([(1.0, 1.01), (1.01, 1.0)], Size(10, 2), (1e-1, 1e1))) == ["     █    ", "     ▒    "]


def test_limits_hold_every_product_and_stay_while_they_can() -> None:
    assert canvas.staircase_limits([142.0, -3.0, 0.0, math.inf, math.nan, None]) == (1.0, 1e3)
    assert canvas.staircase_limits([1.0]) == (0.1, 10.0)
    assert canvas.staircase_limits([]) == (1.0, 10.0)
    assert canvas.staircase_limits([5.0, 50.0], (1e-2, 1e3)) == (1e-2, 1e3)
    assert canvas.staircase_limits([5.0, 5e3], (1e-2, 1e3)) == (1e-2, 1e4)
    assert canvas.staircase_limits([5.0, 50.0], (1e-12, 1e300)) == (1.0, 1e2)
    low, high = canvas.staircase_limits([5e-324, 1e308])
    assert 0 < low < high < math.inf


def test_the_axis_labels_stand_over_their_columns() -> None:
    axis = plain(canvas.staircase_axis((1e-2, 1e4), 24))
    assert axis == "0.01    1      100      "
    assert plain(canvas.staircase_axis((1e-300, 1e300), 40)).split() == ["1e-200", "1", "1e200"]


def test_an_exploding_loss_climbs_to_an_arrow_at_the_top() -> None:
    losses = [10.0**exponent for exponent in range(-12, 300, 12)] + [math.inf]
    lines = canvas.curves(
        [Curve("J", range(27), losses)], Size(39, 5), x_axis=Axis(label="step"), y_axis=Axis("log"), title="J"
    )
    text = seen(lines)
    assert text[0].rstrip() == "J"
    assert text[1].startswith(" 1e288┤")
    assert text[1].endswith("↑")
    assert text[3].startswith(" 1e-12┤⣀")
    assert text[4].split() == ["0", "10", "20", "step"]


def test_a_curve_in_ascii() -> None:
    lines = canvas.curves([Curve("J", range(5), [0, 1, 2, 1, 0])], Size(26, 5), title="J", ascii=True)
    assert seen(lines) == [
        "J                         ",
        "   2.0+      *******      ",
        "      |   ***       ***   ",
        "   0.0+***             ***",
        "       0        2        4",
    ]


def test_a_constant_a_point_and_a_gap_are_visible() -> None:
    constant = seen(canvas.curves([Curve("J", range(9), [3.0] * 9)], Size(30, 6), title="J"))
    assert sum(set(text[7:]) <= set("⣀⠤⠒⠉") for text in constant) == 1
    point = seen(canvas.curves([Curve("J", [0], [3.0])], Size(30, 6), y_axis=Axis("log"), title="J"))
    assert "".join(point).count("•") == 1
    gap = seen(canvas.curves([Curve("", range(5), [1, math.nan, 1, math.nan, 1], "+")], Size(30, 6)))
    assert "".join(gap).count("+") == 3


def test_zero_on_a_log_axis_is_an_arrow_at_the_foot() -> None:
    lines = seen(canvas.curves([Curve("J", range(3), [10.0, 1.0, 0.0])], Size(30, 6), y_axis=Axis("log")))
    assert lines[-2].endswith("↓")


def test_nothing_finite_is_said() -> None:
    for values in ([], [math.nan], [math.nan, math.inf]):
        lines = canvas.curves([Curve("J", range(len(values)), values)], Size(30, 5), title="J")
        assert exact(lines, Size(30, 5))
        assert "nothing finite to draw" in "".join(seen(lines))


def test_marks_are_lines_with_their_letters() -> None:
    marks = [AxisMark(2, "b"), AxisMark(5, "η"), AxisMark(5, "b"), AxisMark(99, "x")]
    lines = canvas.curves([Curve("", [0, 9], [0.0, 0.0])], Size(30, 6), y_axis=Axis("linear", (0, 1)), marks=marks)
    text = seen(lines)
    assert text[0].split("┤")[1].split() == ["b", "ηb"]
    assert all(text[row].index("│", 8) == text[0].index("b") for row in (1, 2, 3))
    assert roles(lines, "η") == {"accent"}


def test_in_ascii_b_and_eta_in_one_column_are_not_beta() -> None:
    marks = [AxisMark(5, "b"), AxisMark(5, "η"), AxisMark(5, "b")]
    lines = canvas.curves([Curve("", [0, 9], [0.0, 0.0])], Size(30, 6), y_axis=Axis("linear", (0, 1)), marks=marks, ascii=True)
    assert "b,eta" in seen(lines)[0]
    assert "beta" not in seen(lines)[0]


def test_a_mark_has_the_colour_of_its_curve_unless_it_is_of_two() -> None:
    marks = [AxisMark(2, "p", "second"), AxisMark(5, "q", "second"), AxisMark(5, "r"), AxisMark(8, "s")]
    lines = canvas.curves([Curve("", [0, 9], [0.0, 0.0])], Size(30, 6), y_axis=Axis("linear", (0, 1)), marks=marks)
    assert [roles(lines, letter) for letter in "pqrs"] == [{"second"}, {"plain"}, {"plain"}, {"accent"}]


def test_so_many_marks_do_not_hide_the_curve() -> None:
    marks = [AxisMark(step, "b") for step in range(200)]
    lines = seen(canvas.curves([Curve("J", range(200), range(200))], Size(39, 8), marks=marks, title="J"))
    assert not any("│" in text[7:] for text in lines[2:-1])


def test_the_later_curve_is_in_front_and_the_legend_names_both() -> None:
    pair = [Curve("main", [0, 9], [1, 1], "o", "accent"), Curve("twin", [0, 9], [1, 1], "+", "twin")]
    lines = canvas.curves(pair, Size(40, 6), title="J")
    text = seen(lines)
    assert text[0].rstrip() == "J  o main  + twin"
    assert "o" not in "".join(text[1:])
    assert roles(lines[1:], "+") == {"twin"}


def test_what_leaves_the_limits_is_cut_at_the_border() -> None:
    lines = canvas.curves(
        [Curve("", [0, 1, 2], [0.0, 1e300, 0.0], "o")], Size(21, 5), x_axis=Axis(), y_axis=Axis("linear", (0, 10))
    )
    assert exact(lines, Size(21, 5))
    assert [text[7:].count("o") for text in seen(lines)[:4]] == [2, 2, 2, 2]


def test_the_layer_chart_shows_zero_infinity_and_the_step_before() -> None:
    series = [
        Series("W", [1e2, 0.0, math.inf], "█", "accent", [1.0, 1e2, None]),
        Series("g", [1.0, None, math.nan], "▒", "twin"),
    ]
    lines = canvas.columns(["a", "b", "head"], series, Size(31, 7))
    assert seen(lines) == [
        "█ W  ▒ g                       ",
        "   100┤ ███     ───     ↑↑↑    ",
        "      │ ███             ███    ",
        "      │ ███             ███    ",
        "      │ ───▒▒▒          ███    ",
        "   0.1┤ ███▒▒▒   0      ███ ?  ",
        "          a       b      head  ",
    ]
    assert roles(lines, "─") == {"faint"}


@pytest.mark.parametrize("lowest", [1.0, 10.14, 12.4, 99.0, 1e-300])
def test_the_lowest_bar_is_seen_also_just_above_a_power_of_ten(lowest: float) -> None:
    lines = seen(canvas.columns(["a", "b"], [Series("W", [lowest, 2 * lowest])], Size(31, 12)))
    assert sum("█" in line for line in lines[1:-1]) >= 2
    assert any("█" in line[7:14] for line in lines[1:-1]), "of the lower one a whole cell"


def test_many_layers_are_named_now_and_then() -> None:
    names = [f"layer{index}" for index in range(1, 22)]
    lines = seen(canvas.columns(names, [Series("W", [1.0] * 21)], Size(45, 6), title="gradients"))
    assert lines[-1].split() == ["layer1", "layer6", "layer11", "layer16", "layer21"]


def test_a_heat_map_has_shades_names_and_signs() -> None:
    lines = canvas.heat(
        [[1.0, 1e1, 1e2], [1e3, 1e5, math.inf], [0.0, math.nan, None]],
        Size(17, 5),
        rows=["x", "y", "z"],
        columns=["1", "2", "3"],
    )
    assert seen(lines) == [
        "    1e0  ░▒▓█ 1e5",
        "x      ░░░░░▒▒▒▒▒",
        "y ▓▓▓▓▓█████!!!!!",
        "z 00000?????·····",
        "    1    2    3  ",
    ]


@pytest.mark.parametrize("ascii", [False, True])
def test_in_ascii_there_is_nothing_but_ascii(ascii: bool) -> None:
    losses = np.exp(np.linspace(0, 9, 50))
    drawn = [
        canvas.curves(
            [Curve("‖W‖", range(50), losses), Curve("σ", range(50), losses[::-1])],
            Size(50, 12), x_axis=Axis(label="η"), y_axis=Axis("log"), marks=[AxisMark(9, "η")], title="∂J", ascii=ascii,
        ),
        canvas.columns(["γ", "β"], [Series("‖∂J/∂W‖", [1.0, 0.0], "▒", "accent", [2.0])], Size(40, 8), ascii=ascii),
        canvas.heat([[1.0, 1e3]], Size(40, 8), rows=["ε"], columns=["λ"], ascii=ascii),
        canvas.staircase([(1.0, 1e9), (1.0, 0.1), (1.0, 1.0)], Size(40, 8), (0.1, 10.0), ascii=ascii),
    ]  # fmt: skip
    assert all("".join(seen(lines)).isascii() == ascii for lines in drawn)


@hostile
@given(st.lists(ANY, max_size=40), st.lists(ANY, max_size=40), SIZES, st.booleans(), st.tuples(ANY, ANY))
def test_curves_fill_their_size_whatever_the_numbers(
    xs: list[float], ys: list[float], size: Size, log: bool, limits: tuple[float, float]
) -> None:
    y_axis = Axis("log" if log else "linear", limits)
    marks = [AxisMark(x, "b") for x in xs]
    assert exact(canvas.curves([Curve("J", xs, ys), Curve("K", ys, xs, "+")], size, y_axis=y_axis, marks=marks), size)


@hostile
@given(st.lists(st.none() | ANY, max_size=30), st.integers(1, 30), SIZES, st.booleans())
def test_columns_and_heat_fill_their_size_whatever_the_numbers(
    values: list[float | None], groups: int, size: Size, log: bool
) -> None:
    names = [f"layer{index}" for index in range(groups)]
    series = [Series("W", values, previous=values[::-1]), Series("g", values[::-1], "▒")]
    assert exact(canvas.columns(names, series, size, log=log), size)
    assert exact(canvas.heat([values, values[::2]], size, rows=names, columns=names), size)


@hostile
@given(st.lists(st.tuples(st.none() | ANY, st.none() | ANY), min_size=1, max_size=30), SIZES, st.tuples(ANY, ANY))
def test_staircases_have_a_row_for_each_step_whatever_the_numbers(
    steps: list[tuple[float | None, float | None]], size: Size, limits: tuple[float, float]
) -> None:
    settled = canvas.staircase_limits([after for _, after in steps], limits)
    for bounds in (settled, limits):
        lines = canvas.staircase(steps, size, bounds)
        assert exact(lines, Size(size.width, min(len(steps), size.height)))
        assert len(plain(canvas.staircase_axis(bounds, size.width))) == size.width


HELD = """
import ctypes, sys
from bntui.views.drawing import canvas
from bntui.views.drawing.curves import Curve
from bntui.views.text.lines import Size
canvas.curves([Curve("J", [0, 1, 2], [1.0, 2.0, 3.0], "o")], Size(40, 10))
for name, module in list(sys.modules.items()):
    if name.startswith("plotext") or name == canvas.__name__:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(module))
"""


@pytest.mark.slow
def test_what_was_drawn_leaves_no_word_behind_when_the_program_ends() -> None:
    """Also where something holds the modules to the end, as a thread may: then plotext is taken apart first."""
    ended = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
