"""docs/class.md says what the program says and does."""

import re
from pathlib import Path

from bntui.session.share.folder import MOST_LOG
from bntui.tui.screens.following import HAS_ENDED, SHARES_NOTHING

PAGE = (Path(__file__).parents[1] / "docs" / "class.md").read_text(encoding="utf-8")


def test_the_table_has_what_the_last_row_says_when_nothing_is_followed_any_more() -> None:
    said = re.findall(r"^\| `anna (.*?)` \|", PAGE, re.MULTILINE)
    assert said == [HAS_ENDED, SHARES_NOTHING]


def test_a_scenario_that_is_too_large_is_as_large_as_the_page_says() -> None:
    (megabytes,) = re.findall(r"more than (\d+) MB", PAGE)
    assert int(megabytes) * 2**20 == MOST_LOG // 2
