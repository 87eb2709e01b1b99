"""`bntui sweep` and `bntui landscape` as a person at a shell meets them."""

import io
import json

import pytest
from session.worlds import CHAIN, do, session
from shell import Capture, printed, refused

from bntui.commands.printed import landscape_text
from bntui.session.survey.surveying import landscape

QUICK = ("--count", "7", "--steps", "20")

def test_a_sweep_is_a_chart_and_a_sentence(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK)
    lines = out.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "J after 20 steps by η · one run each · Goodfellow's chain"
    assert "o BN off" in lines[1]
    assert "The largest rate that trains is" in out


def test_a_page_has_the_size_that_is_asked_for(chain: str, capsys: Capture) -> None:
    lines = printed(capsys, "sweep", chain, *QUICK, "--size", "120x40").splitlines()
    assert max(map(len, lines)) > 80


def test_in_ascii_there_is_no_other_character(chain: str, capsys: Capture) -> None:
    for command in (["sweep", *QUICK], ["landscape"], ["landscape", "--growth", "--width", "8", "--depth", "5"]):
        assert printed(capsys, command[0], chain, *command[1:], "--ascii").isascii()


def test_a_sweep_as_json_has_every_run(chain: str, capsys: Capture) -> None:
    told = json.loads(printed(capsys, "sweep", chain, "--from", "0.01", "--to", "10", *QUICK, "--json"))
    assert (told["steps"], told["seeds"], told["over"], told["from_step"]) == (20, [0], None, None)
    assert told["rates"][0] == pytest.approx(0.01)
    assert told["rates"][-1] == pytest.approx(10)
    off, on = told["variants"][0]["sides"]
    assert (off["label"], off["batch_norm"]) == ("BN off", [])
    assert on["batch_norm"] == ["a", "b", "c", "d", "e"]
    assert len(off["loss"]) == len(off["diverged_at"]) == 7
    assert off["diverged_at"][-1][0] is not None
    assert off["diverged_at"][0] == [None]
    assert told["trains_below"] == pytest.approx(told["best_constant"] / 2)
    assert off["largest_rate"] < on["largest_rate"]
    assert told["variants"][0]["ratio"]["median"] == pytest.approx(on["largest_rate"] / off["largest_rate"])


def test_json_has_no_number_that_json_does_not_know(chain: str, capsys: Capture) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    out = printed(capsys, "sweep", chain, "--to", "1e150", "--json", *QUICK)
    json.loads(out, parse_constant=refuse)
    json.loads(printed(capsys, "landscape", chain, "--json"), parse_constant=refuse)


def test_a_sweep_from_a_later_step_says_so(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--at", "3", "--set", "training.learning_rate=0.01")
    assert out.startswith("J after 20 steps from step 3 by η · one run each")


def test_over_gain_there_are_two_heat_maps(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--over", "gain")
    assert "BN off: gain by η" in out
    told = json.loads(printed(capsys, "sweep", chain, *QUICK, "--over", "depth", "--json"))
    assert [variant["size"] for variant in told["variants"]] == [1, 2, 3, 4, 6, 8]


def test_one_group_of_parameters_by_preserve(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--parameter", "[a-d].weight", "--switching", "preserve")
    assert out.startswith("J after 20 steps by η of [a-d].weight · one run each · preserve")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "2", "--to", "1"], "the first must be above 0 and below the last"),
        (["--from", "zero"], "'zero' is not a number above 0"),
        (["--steps", "0"], "'0' is not a whole number from 1 to 100000"),
        (["--parameter", "a.wieght"], "did you mean 'a.weight'?"),
        (["--over", "width"], "invalid choice"),
        (["--size", "10x5", *QUICK], "at least 40 columns and 12 rows"),
    ],
)
def test_what_cannot_be_swept_is_a_sentence(
    chain: str, capsys: Capture, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused(capsys, "sweep", chain, *arguments)


def test_a_landscape_is_a_chart_a_table_and_sentences(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "landscape", chain, "--at", "2", "--set", "training.learning_rate=0.02")
    assert out.startswith("J along the gradient · step 2 · BN off · η 0.02 · Goodfellow's chain")
    for word in ("first order", "second order", "2/λ", "range of J", "effective smoothness", "median", "worst"):
        assert word in out


def test_a_landscape_as_json_has_the_curve_and_the_measures(chain: str, capsys: Capture) -> None:
    told = json.loads(printed(capsys, "landscape", chain, "--json", "--set", "training.learning_rate=0.02"))
    curve = told["along_gradient"]
    assert len(curve["step_size"]) == len(curve["loss"]) == len(curve["first_order"]) == len(curve["second_order"])
    assert curve["two_over_curvature"] == pytest.approx(
        next(iter(reversed(list(landscape(session(CHAIN, "training.learning_rate=0.02").situation()))))).ray.stable
    )
    assert [course["label"] for course in told["courses"]] == ["BN off", "BN on"]
    assert told["courses"][1]["steps"] == [0, 49]


def test_growth_has_theorys_figure_beside_the_measured_one(capsys: Capture) -> None:
    wanted = ("--growth", "--samples", "8", "--width", "64", "--depth", "20", "--seeds", "2", "--json")
    told = json.loads(printed(capsys, "landscape", "deep-relu", *wanted))
    assert told["theory_squared_gain"] == pytest.approx(1.788, abs=5e-4)
    assert told["on"]["squared_gain"] == pytest.approx(1.788, rel=0.15)
    assert len(told["on"]["signal"]) == 2
    assert len(told["on"]["signal"][0]) == 20


@pytest.mark.parametrize(("name", "value"), [("width", "2000"), ("depth", "2"), ("samples", "1")])
def test_growth_beyond_its_bounds_is_a_sentence(chain: str, capsys: Capture, name: str, value: str) -> None:
    assert f"{name} {value} cannot be surveyed; allowed:" in refused(
        capsys, "landscape", chain, "--growth", f"--{name}", value
    )


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_shows_the_progress_and_is_wiped_away() -> None:
    bar = Terminal()
    landscape_text(do(session(CHAIN), {"step": 1}), None, False, bar)
    assert "%, ctrl+c stops" in bar.getvalue()
    assert bar.getvalue().endswith(" \r")
