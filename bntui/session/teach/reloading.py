"""A lesson whose file was saved while it is being played: the new one at the same beat."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bntui.scenario.model.actions import Answer, Beat, HistoryPart, LookAt, View
from bntui.scenario.model.vocabulary import unknown_history
from bntui.scenario.reading.loading import read_file
from bntui.scenario.text.files import stamp
from bntui.session.session import Session

INTERVAL = 0.3  # seconds between two looks


class Watched:
    """A file, and what it looked like when last asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = stamp(path)

    def changed(self) -> bool:
        """Whether the file is another than when last asked; one that is gone counts once it is back."""
        saved = stamp(self.path)
        if saved is None or saved == self._stamp:
            return False
        self._stamp = saved
        return True


def changes(paths: Sequence[Path]) -> Iterator[Path]:
    """Each of these files as it is saved from now on, without end."""
    watched = [Watched(path) for path in paths]  # now, not when the first of them is asked for

    def saved() -> Iterator[Path]:
        while True:
            time.sleep(INTERVAL)
            yield from (each.path for each in watched if each.changed())

    return saved()


def renewed(session: Session) -> Session:
    """A session of the file as it is now, played to the same beat with the answers that were given.

    What the person did beside the lesson is left behind. Raises ScenarioError where the file cannot be used.
    """
    source = session.loaded.source_file
    assert source is not None
    fresh = Session(replace(read_file(source, session.loaded.settings), course=session.loaded.course))
    old, beats = session.lesson, fresh.lesson.beats
    for number in range(1, min(old.number, len(beats)) + 1):
        fresh.do(Beat(number=number))
        answer, question = old.answers.get(number), beats[number - 1].ask
        if fresh.lesson.asking and answer is not None and question is not None and answer <= len(question.choices):
            fresh.do(Answer(choice=answer))
    fresh.do(_view_of(session, fresh))
    if any(layer.name == session.focus.layer for layer in fresh.experiment.architecture.layers):
        fresh.do(LookAt(layer=session.focus.layer))
    return fresh


def _view_of(session: Session, fresh: Session) -> View:
    """The view that is open, of the same quantity where the network still has it."""
    architecture, held_out = fresh.experiment.architecture, fresh.experiment.held_out is not None
    if session.view == "history" and unknown_history(session.quantity, architecture, held_out) is None:
        return View(name=HistoryPart(history=session.quantity))
    return View(name=session.view)


def may_renew(session: Session) -> bool:
    """Whether a new session may take this one's place: a lesson is being played, or nothing has been done yet."""
    return session.lesson.number > 0 or not any(True for _ in session.log)
