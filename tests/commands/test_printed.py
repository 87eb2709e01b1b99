"""What sweep and landscape share: JSON, ASCII, and a bar while they are computed."""

import io
import json

from session.worlds import CHAIN, do, session
from shell import Capture, printed

from bntui.commands.printed import landscape_text

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


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_shows_the_progress_and_is_wiped_away() -> None:
    bar = Terminal()
    landscape_text(do(session(CHAIN), {"step": 1}), None, False, bar)
    assert "%, ctrl+c stops" in bar.getvalue()
    assert bar.getvalue().endswith(" \r")
