"""What sweep and landscape share: JSON, ASCII, and a bar while they are computed."""

import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from session.worlds import CHAIN, do, session
from shell import Capture, Terminal, printed

from bntui.commands import printed as printed_text
from bntui.commands.cli import run
from bntui.commands.printed import Form, landscape_text
from bntui.commands.progress import Progress
from bntui.views.drawing.canvas import Size

QUICK = ("--count", "7", "--steps", "20")


def test_in_ascii_there_is_no_other_character(chain: str, capsys: Capture) -> None:
    for command in (["sweep", *QUICK], ["landscape"], ["landscape", "--growth", "--width", "8", "--depth", "5"]):
        assert printed(capsys, command[0], chain, *command[1:], "--ascii").isascii()


def test_json_has_no_number_that_json_does_not_know(chain: str, capsys: Capture) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    out = printed(capsys, "sweep", chain, "--to", "1e150", "--json", *QUICK)
    json.loads(out, parse_constant=refuse)
    json.loads(printed(capsys, "landscape", chain, "--json"), parse_constant=refuse)


def test_on_a_terminal_a_bar_shows_the_progress_and_is_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed_text, "Progress", partial(Progress, patience=0))
    bar = Terminal()
    landscape_text(do(session(CHAIN), {"step": 1}), Form("json", Size(80, 24), ascii=False), bar)
    assert "%, ctrl+c stops" in bar.getvalue()
    assert bar.getvalue().endswith(" \r")


@pytest.mark.parametrize(
    ("command", "survey"),
    [(["landscape"], "landscape"), (["landscape", "--growth", "--width", "8", "--depth", "5"], "survey_growth"), (["sweep", *QUICK], "sweep")],
)
def test_ctrl_c_keeps_what_is_done(
    chain: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, command: list[str], survey: str
) -> None:
    whole = getattr(printed_text, survey)

    def cut_off(*arguments: object) -> Iterator[object]:
        yield from islice(whole(*arguments), 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(printed_text, survey, cut_off)
    file = tmp_path / "kept.json"
    assert run([command[0], chain, *command[1:], "-o", str(file)]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"bntui: stopped at \d+ %; what was done by then is all there is\n", err)
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["format"] == 1
    assert 0 <= told["progress"] < 1
    assert run([command[0], chain, *command[1:]]) == 130
    assert "%, stopped" in capsys.readouterr().out
