"""Futures, files and the clipboard from the screen."""

from session.worlds import SLOW_CHAIN, do, session

from bntui.session.futures import futures
from bntui.views.futures import future_lines


def test_the_tree_of_futures_has_each_fork_below_what_it_left() -> None:
    at = do(session(SLOW_CHAIN), {"step": 10}, {"back": 6}, {"set": {"batch_norm": True}}, {"step": 3})
    do(at, {"back": 1}, {"set": {"learning_rate": 0.02}}, {"step": 1}, {"future": 0}, {"goto": 2})
    do(at, {"set": {"batch_norm": ["a"]}})
    heading, rows = future_lines(futures(at.history), ascii=False)
    assert heading.split() == ["last", "step", "J", "η", "BN"]
    assert [number for number, _ in rows] == [0, 1, 2, 3]
    assert [row.split()[-1] for _, row in rows] == ["off", "on", "on", "a"]
    assert [row[0] for _, row in rows] == [" ", " ", " ", "●"]
    assert "└ 2, left at step 6" in rows[2][1]
    assert rows[2][1].index("└") > rows[1][1].index("└")
    plain_heading, plain_rows = future_lines(futures(at.history), ascii=True)
    assert all(row.isascii() for _, row in plain_rows)
    assert plain_heading


def test_hundreds_of_forks_make_a_tree_still() -> None:
    at = do(session(SLOW_CHAIN), {"step": 1})
    for _ in range(300):
        do(at, {"set": {"learning_rate": 0.01}}, {"step": 1}, {"back": 1})
    _, rows = future_lines(futures(at.history), ascii=False)
    assert len(rows) == 300
