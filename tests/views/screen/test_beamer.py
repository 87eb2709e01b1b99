"""A beamer's face, 60×20: what a lesson speaks of is to be read in the ledger, and where it ends too."""

from collections.abc import Iterator

import pytest
from paced import mostly_slow

from bntui.scenario.model.actions import Beat
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.snapshot import Snapshot
from bntui.session.session import Session
from bntui.views.panes.ledger import least_rows, rows, shortened, wanted_rows
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.panes import Showing, render
from bntui.views.text.lines import plain

QUICK = ["goodfellow-chain", "three-parts"]
LESSONS = mostly_slow([*QUICK, "sigmoid-net", "exploding-at-start", "small-batches", "iris"], QUICK)  # which light up the most rows
MOST_ROWS = 7  # that the ledger has where beat and chart keep four each


def beats(name: str) -> Iterator[Snapshot]:
    """What is observed at each beat that waits for no answer."""
    at = Session(read_file(library.find(name)))
    for number in range(1, len(at.lesson.beats) + 1):
        at.do(Beat(number=number))
        if not at.lesson.asking:
            yield at.observe()


@pytest.mark.parametrize("name", LESSONS)
def test_the_ledger_shows_all_that_is_lit_and_its_last_product(name: str) -> None:
    for snapshot in beats(name):
        showing = Showing(charts=False)
        least = least_rows(snapshot, "selected")
        place = arrange(60, 20, wanted_rows(snapshot, "selected"), lesson=True, least=least)["ledger"]
        found = rows(snapshot, "selected")
        shown = shortened(found, place.height - 1)
        assert shown[-1].after == found[-1].after
        lit = sum(row.lit for row in found)
        assert lit == sum(row.lit for row in shown) or any(row.lit and row.label.startswith("+") for row in shown)
        assert least > MOST_ROWS or lit == sum(row.lit for row in shown)
        text = [plain(line) for line in render(snapshot, arrange(60, 20, 9, lesson=True, least=least), showing)["ledger"]]
        assert sum("»" in line for line in text[1:]) == sum(row.lit for row in shown)


def test_rows_that_are_lit_give_way_before_the_last_one_does_and_the_row_in_their_place_is_lit() -> None:
    (snapshot, *_) = beats("goodfellow-chain")
    found = rows(snapshot, "selected")
    shown = shortened(found, 4)
    assert [row.label for row in shown] == [found[0].label, "+3 more", *(row.label for row in found[-2:])]
    assert shown[1].lit
    assert shown[-1] == found[-1]


def test_a_ledger_of_which_nothing_is_spoken_leaves_the_panes_as_they_are() -> None:
    (*_, snapshot) = beats("goodfellow-chain")
    assert not any(row.lit for row in rows(snapshot, "selected"))
    assert arrange(60, 20, 9, lesson=True, least=least_rows(snapshot, "selected")) == arrange(60, 20, 9, lesson=True)
