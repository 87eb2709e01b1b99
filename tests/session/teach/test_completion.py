"""Which lessons were completed is remembered, whatever the disk takes its time for."""

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from session.worlds import SLOW_CHAIN, do, session

from bntui.session.keep import private
from bntui.session.look.standing import LessonStanding
from bntui.session.teach import completion

LESSON = "lesson: [{do: {step: 1}}]\n"


def finished() -> LessonStanding:
    """A lesson that was played to its end."""
    standing = do(session(SLOW_CHAIN + LESSON), {"beat": 1}).lesson.standing
    assert standing is not None
    return standing


def test_a_lesson_that_is_completed_while_a_slow_disk_is_at_another_one_is_remembered_beside_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, second = private.write, Thread(target=completion.complete, args=("second", finished()))

    def slow(*arguments: Any, **named: Any) -> None:
        if second.ident is None:
            second.start()
            second.join(0.2)  # it has to wait
        write(*arguments, **named)

    monkeypatch.setattr(private, "write", slow)
    completion.complete("first", finished())
    second.join()
    assert sorted(completion.completed()) == ["first", "second"]
