"""A lesson whose file was saved while it is being played: the new one at the same beat."""

from __future__ import annotations

from bntui.scenario.model.actions import Answer, Beat, LookAt, View
from bntui.scenario.reading.loading import read_file
from bntui.session.session import Session
from bntui.session.watching import source_of


def renewed(session: Session) -> Session:
    """A session of the file as it is now, played to the same beat with the answers that were given.

    What the person did beside the lesson is left behind. Raises ScenarioError where the file cannot be used.
    """
    source = source_of(session.loaded)
    assert source is not None
    fresh = Session(read_file(source, session.loaded.settings))
    old, beats = session.lesson, fresh.lesson.beats
    for number in range(1, min(old.number, len(beats)) + 1):
        fresh.do(Beat(number=number))
        answer, question = old.answers.get(number), beats[number - 1].ask
        if fresh.lesson.asking and answer is not None and question is not None and answer <= len(question.choices):
            fresh.do(Answer(choice=answer))
    fresh.do(View(name=session.view))
    if any(layer.name == session.focus.layer for layer in fresh.experiment.architecture.layers):
        fresh.do(LookAt(layer=session.focus.layer))
    return fresh


def may_renew(session: Session) -> bool:
    """Whether a new session may take this one's place: a lesson is being played, or nothing has been done yet."""
    return session.lesson.number > 0 or not any(True for _ in session.log)
