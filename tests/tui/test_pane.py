"""Which rows of the screen are drawn again."""

import pytest

from bntui.tui.widgets.pane import runs


@pytest.mark.parametrize(
    ("rows", "stretches"),
    [([], []), ([5], [(5, 1)]), ([0, 1, 2], [(0, 3)]), ([0, 2, 3, 4, 8, 10, 11], [(0, 1), (2, 3), (8, 1), (10, 2)])],
)
def test_rows_beside_each_other_are_one_stretch(rows, stretches):
    assert runs(rows) == stretches
