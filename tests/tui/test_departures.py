"""Another session is opened while the disk has not yet taken what was done in the last one: no key waits, and nothing is lost."""

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from tui.face import Face, exploring

from bntui.session.keep import journal
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.keep.storage import Store
from bntui.tui import app
from bntui.tui.screens.library import Library


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set where the disk answers again that is asked to keep what was written."""
    event, sync = threading.Event(), Store.sync

    def hung(store: Store) -> None:
        event.wait(20)
        sync(store)

    monkeypatch.setattr(Store, "sync", hung)
    for room, name in ((journal, "ENDING"), (app, "MOST_SECONDS_TO_LEAVE")):
        monkeypatch.setattr(room, name, 20.0)  # for whoever waits: longer than a test does for anything to be seen
    yield event
    event.set()


async def left_for_a_lesson(face: Face) -> Path:
    """The journal of a session in which a step was taken, and in whose place a lesson was opened."""
    journal.keep(face.session)
    await face.press("space")
    recorder, before = face.session.recorder, face.explorer
    assert isinstance(recorder, Journal)
    path = recorder.path
    assert path is not None
    face.hit("o")
    await face.until(lambda: isinstance(face.screen, Library) and face.screen._shelf.highlighted is not None)
    face.hit("enter")
    await face.until(lambda: face.app.explorer not in (None, before))
    return path


async def test_keys_are_answered_while_the_disk_is_waited_for(answers: threading.Event) -> None:
    async with exploring(SLOW_CHAIN) as face:
        path = await left_for_a_lesson(face)
        await face.press("space")
        assert " · step 1 · " in face.says("header")
        assert not answers.is_set()
        answers.set()
        face.app.await_left()
    again, sentence = resume(path)
    assert (again.history.step, sentence) == (1, None)
    assert again.recorder is not None
    again.recorder.close(again)


async def test_what_is_not_kept_of_a_session_that_was_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(store: Store) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Store, "sync", full)
    async with exploring(SLOW_CHAIN) as face:
        await left_for_a_lesson(face)
        await face.until(lambda: "Of the session that was left, what was done last is not kept: " in face.toasts())
        face.app.let_go()
        assert "No space left on device" in str(face.app.unkept)


async def test_who_leaves_the_program_waits_a_moment_for_it_too_and_is_told_what_is_missing(
    answers: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MOST_SECONDS_TO_LEAVE", 0.05)
    async with exploring(SLOW_CHAIN) as face:
        await left_for_a_lesson(face)
        (leaving,) = face.app._departures._under_way
        assert isinstance(leaving, Journal)
        await face.until(lambda: leaving._writer is not None and leaving._writer.has_written_all)
        face.app.let_go()
        assert "what was done last is written, but" in str(face.app.unkept)


async def test_the_library_lists_a_session_that_was_just_left_when_it_is_let_go_of(answers: threading.Event) -> None:
    async with exploring(SLOW_CHAIN) as face:
        path = await left_for_a_lesson(face)
        face.hit("o")
        await face.until(lambda: isinstance(face.screen, Library))
        answers.set()
        await face.until(lambda: isinstance(face.screen, Library) and bool(face.screen._shelf.past.kept))
        assert isinstance(face.screen, Library)
        (one,) = face.screen._shelf.past.kept
        assert (one.path, one.holder) == (path, None)
