"""What tests of the pages of a survey share."""

from collections.abc import Callable

from bntui.views.drawing.canvas import Size
from bntui.views.text.cells import cells
from bntui.views.text.lines import Lines, text_of

SIZES = [(1, 1), (7, 3), (40, 12), (60, 17), (80, 23), (120, 39), (200, 60)]
LONG = "A deep ReLU net, badly scaled"


def whole(lines, width, height):
    assert len(lines) == height
    assert all(sum(cells(span.text) for span in line) == width for line in lines)
    return text_of(lines)


def assert_nothing_is_cut(page: Callable[[Size], Lines], width: int, ascii: bool) -> None:
    """No word and no number of a page is cut where it is so narrow."""
    whole_words = set(text_of(page(Size(400, 60))).split())
    for line in text_of(page(Size(width, 19))).split("\n"):
        told = line.rstrip().removesuffix("~" if ascii else "…")
        assert told == line.rstrip() or told.split()[-1] in whole_words, line
