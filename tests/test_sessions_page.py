"""docs/sessions.md promises what the program does, in the program's own words."""

import re
from pathlib import Path

import pytest

from bntui.session.keep import holding, journal, kept, private, resuming, storage, writing
from bntui.session.share import speaking
from bntui.tui import app

ENDING, SHARED, ANSWER = journal.ENDING, speaking.ENDING, holding.ANSWER  # as the program has them: tests are more patient
PAGE = " ".join((Path(__file__).parents[1] / "docs" / "sessions.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "said",
    [
        resuming.TORN.format(step=12),
        journal.REFUSED.format(place="…", reason="No space left on device").partition(" It goes on")[0],
        journal.KEPT_AGAIN,
        journal.LOST.format(reason="it goes on in another process").removesuffix("."),
        journal.UNKEPT.partition(":")[0],
        journal.UNSYNCED.format(place="…"),
    ],
)
def test_what_the_page_quotes_is_what_the_program_says(said: str) -> None:
    assert f'"{said}' in PAGE


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (writing.SYNC, r"at most ([\d.]+) s later"),
        (writing.MOST_HELD / 2**20, r"in memory \((\d+) MB at most\)"),
        (kept.SPARED, r"the newest (\d+) stay"),
        (storage.LARGEST / 2**20, r"a session (\d+) MB"),
        (private.LARGEST / 2**20, r"all else (\d+) MB"),
    ],
)
def test_its_numbers_are_the_programs(number: float, said: str) -> None:
    found = re.search(said, PAGE)
    assert found is not None
    assert float(found[1]) == number


def test_its_numbers_in_words_are_the_programs_too() -> None:
    assert (writing.RETRY, "every two seconds it is tried again" in PAGE) == (2.0, True)
    notes_and_theme = 2 * app.MOST_SECONDS_TO_SETTLE
    assert (ENDING, "is told after two seconds" in PAGE) == (2.0, True)
    assert (ENDING + SHARED + notes_and_theme, "waits four seconds for it at most" in PAGE) == (4.0, True)
    assert ENDING == app.MOST_SECONDS_TO_LEAVE  # of sessions that were left before, which are waited for meanwhile
    assert (ANSWER, "no lock is waited for longer than a second" in PAGE) == (1.0, True)
    assert (journal.STRETCH, "every quarter of a second" in PAGE) == (0.25, True)
    assert writing.SYNC + journal.STRETCH < 1
