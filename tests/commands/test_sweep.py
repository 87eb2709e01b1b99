"""`bntui sweep` as a person at a shell meets it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Capture, printed, refused

from bntui.commands import printed as printed_text
from bntui.commands.cli import run
from bntui.session.survey.sweeping import sweep
from bntui.session.survey.swept import Sweep

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


def test_a_sweep_as_json_has_every_run(chain: str, capsys: Capture) -> None:
    told = json.loads(printed(capsys, "sweep", chain, "--from", "0.01", "--to", "10", *QUICK, "--json"))
    assert (told["format"], told["steps"], told["seeds"], told["over"], told["from_step"]) == (1, 20, [0], None, None)
    assert told["rates"][0] == pytest.approx(0.01)
    assert told["rates"][-1] == pytest.approx(10)
    off, on = told["variants"][0]["sides"]
    assert (off["label"], off["normalized"]) == ("BN off", [])
    assert on["normalized"] == ["a", "b", "c", "d", "e"]
    assert len(off["loss"]) == len(off["diverged_at"]) == 7
    assert off["diverged_at"][-1][0] is not None
    assert off["diverged_at"][0] == [None]
    assert off["trains_below"] == pytest.approx(off["best_constant"] / 2)
    assert off["largest_rate"] < on["largest_rate"]
    assert told["variants"][0]["ratio"]["median"] == pytest.approx(on["largest_rate"] / off["largest_rate"])


def test_a_sweep_from_a_later_step_says_so(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--at", "3", "--set", "training.learning_rate=0.01")
    assert out.startswith("J after 20 steps from step 3 by η · one run each")


def test_over_gain_there_are_two_heat_maps(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--over", "gain")
    assert "BN off: gain by η" in out
    told = json.loads(printed(capsys, "sweep", chain, *QUICK, "--over", "depth", "--json"))
    assert [variant["size"] for variant in told["variants"]] == [1, 2, 3, 4, 6, 8]


def test_one_group_of_parameters_by_preserve(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--group", "[a-d].weight", "--switching", "preserve")
    assert out.startswith("J after 20 steps by η of [a-d].weight · one run each · preserve")


def test_over_a_path_each_value_has_its_row(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "sweep", chain, *QUICK, "--over", "normalization=none,batch_norm")
    assert out.startswith("J after 20 steps by η over normalization · one run each")
    assert [line[:12] for line in out.splitlines() if line[:2] in ("a ", "b ")] == ["a none      ", "b batch_norm"]
    told = json.loads(printed(capsys, "sweep", chain, *QUICK, "--over", "training.momentum=0,0.5", "--json"))
    assert told["over"] == {"training.momentum": ["0", "0.5"]}
    (variant,) = told["variants"]
    assert [(each["label"], each["value"]) for each in variant["sides"]] == [("momentum 0", "0"), ("momentum 0.5", "0.5")]
    assert "ratio" not in variant


def test_a_sweep_is_written_to_a_file_that_it_does_not_replace_unasked(chain: str, tmp_path: Path, capsys: Capture) -> None:
    file, page = tmp_path / "swept.json", tmp_path / "swept.txt"
    assert printed(capsys, "sweep", chain, *QUICK, "-o", str(file)) == ""
    assert json.loads(file.read_text())["progress"] == 1
    assert "--force" in refused(capsys, "sweep", chain, *QUICK, "-o", str(file))
    page.write_text("old")
    printed(capsys, "sweep", chain, *QUICK, "-o", str(page), "--force")
    assert page.read_text().startswith("J after 20 steps by η")
    assert "is what is being read" in refused(capsys, "sweep", chain, *QUICK, "-o", chain, "--force")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_a_sweep_as_a_table_has_a_row_for_every_run_with_the_numbers_of_the_json(chain: str, tmp_path: Path, capsys: Capture) -> None:
    arguments = ("sweep", chain, *QUICK, "--over", "training.momentum=0,0.5", "--from", "0.01", "--to", "10")
    rows = table(printed(capsys, *arguments, "--format", "csv"))
    told = json.loads(printed(capsys, *arguments, "--json"))
    sides = told["variants"][0]["sides"]
    assert [(row["value"], float(row["learning_rate"]), int(row["seed"])) for row in rows] == [
        (side["value"], rate, seed) for side in sides for rate in told["rates"] for seed in told["seeds"]
    ]
    assert [float(row["loss"]) for row in rows] == [float(loss) for side in sides for line in side["loss"] for loss in line]
    at = [step for side in sides for line in side["diverged_at"] for step in line]
    assert [row["diverged_at"] for row in rows] == ["" if step is None else str(step) for step in at]
    assert {row["diverged"] for row in rows} == {"true", "false"}
    assert {(row["over"], row["steps"], row["done"]) for row in rows} == {("training.momentum", "20", "true")}
    largest = max((float(row["learning_rate"]) for row in rows if row["trains"] == "true" and row["value"] == "0"), default=None)
    assert largest == sides[0]["largest_rate"]
    file = tmp_path / "swept.csv"
    printed(capsys, *arguments, "-o", str(file))
    assert table(file.read_text(encoding="utf-8")) == rows


def test_of_a_map_the_table_has_the_gain_or_the_depth(chain: str, capsys: Capture) -> None:
    rows = table(printed(capsys, "sweep", chain, *QUICK, "--over", "depth", "--format", "csv"))
    assert {(row["over"], row["value"]) for row in rows} == {("depth", str(depth)) for depth in (1, 2, 3, 4, 6, 8)}
    assert {row["side"] for row in rows} == {"BN off", "BN on"}


def test_ctrl_c_keeps_what_is_done_and_says_of_every_run_whether_it_was_made(
    chain: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*arguments: object) -> Iterator[Sweep]:
        for made in sweep(*arguments):
            yield made
            if any(side.done.any() for side in made.sides):
                raise KeyboardInterrupt

    monkeypatch.setattr(printed_text, "sweep", cut_off)
    assert run(["sweep", chain, "--count", "9", "--json"]) == 130
    told = json.loads(capsys.readouterr().out)
    assert 0 < told["progress"] < 1
    assert None in [loss for each in told["variants"][0]["sides"] for row in each["loss"] for loss in row]
    assert run(["sweep", chain, "--count", "9", "--format", "csv"]) == 130
    rows = table(capsys.readouterr().out)
    assert {row["done"] for row in rows} == {"true", "false"}
    assert all((row["loss"] == "") == (row["done"] == "false") for row in rows)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "2", "--to", "1"], "the first must be above 0 and below the last"),
        (["--from", "zero"], "'zero' is not a number above 0"),
        (["--steps", "0"], "'0' is not a whole number from 1 to 100000"),
        (["--group", "a.wieght"], "did you mean 'a.weight'?"),
        (["--group", "h9.*", "--set", "network.batch_norm.enabled=true"], "c.gamma, c.beta and 8 more\n"),
        (["--over", "width"], "found 'width'; allowed: gain, depth, normalization, or PATH=a,b,c"),
        (["--over", "unit=1,2"], "there is no 'unit' to sweep over; there are normalization, depth, "),
        (["--over", "batch_size=2,9"], "training.batch_size=9: found 9; allowed: full, or at most the 3 samples"),
        (["--over", "units=2,3"], "network.layers.*.units=2: network.layers.0.weight: found 1 row of 1 number"),
        (["--over", "training.learning_rate=1,2"], "training.learning_rate cannot be swept over"),
        (["--over", "normalization=none,bn"], "found 'bn'; allowed: none, batch_norm"),
        (["-o", "swept.csv", "--json"], "swept.csv ends in .csv, but --format says json; leave --format out"),
        (["--size", "10x5", *QUICK], "at least 40 columns and 12 rows"),
    ],
)
def test_what_cannot_be_swept_is_a_sentence(
    chain: str, capsys: Capture, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused(capsys, "sweep", chain, *arguments)


def test_a_group_that_a_side_does_not_have_is_no_result_about_its_rates(chain: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = " ".join(printed(capsys, "sweep", chain, *QUICK, "--group", "*.gamma").split())
    assert "Without BN the rate of *.gamma changes nothing. With BN the largest that trains is" in out
    assert "no rate of these trains" not in out
