"""Sessions that are kept in a journal, cut off, and resumed."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from session.worlds import bits, both, session

from bntui.scenario.reading.loading import read_text
from bntui.session.keep import journal as journal_module
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.keep.saving import as_scenario
from bntui.session.run.futures import futures
from bntui.session.session import Session

PATIENCE = 20.0


def kept(text: str, place: Path) -> Session:
    """A session that is kept in a folder."""
    at = session(text)
    at.recorder = Journal(place)
    return at


def whole(at: Session) -> tuple[Any, ...]:
    """All that a session is."""
    trails = [(list(b.trail.low), list(b.trail.high), b.trail.count, list(b.twin_trail.low)) for b in at.history.branches]
    tree = [(b.number, b.at, b.first_step, b.length, b.future, b.leaders, b.jumps.marks) for b in at.history.branches]
    chosen = [sorted((offset, child.number) for offset, child in b.chosen.items()) for b in at.history.branches]
    looking = at.focus, at.view, at.last_action, at.lesson.number, list(at.log)
    twin = None if at.history.moment.twin is None else bits(at.history.moment.twin)
    return bits(at.history.moment), twin, trails, tree, chosen, futures(at.history), at.stand().marks, looking


def in_file(at: Session) -> list[dict[str, Any]]:
    """What is in the file of a session by now, where nothing holds the disk up."""
    assert isinstance(at.recorder, Journal)
    assert at.recorder.path is not None
    writer = at.recorder._writer
    assert writer is not None
    with writer._state:
        assert writer._state.wait_for(lambda: not writer._waiting, PATIENCE)
    return [json.loads(line) for line in at.recorder.path.read_text(encoding="utf-8").splitlines()]


def told(at: Session) -> str:
    """What is said of keeping a session, as soon as something is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if sentence := at.keep():
            return sentence
        time.sleep(0.01)
    raise TimeoutError("nothing is said")


def cut_off(at: Session) -> Path:
    """End a session as if the program had been killed: nothing more is written than what was."""
    assert at.keep() is None
    assert isinstance(at.recorder, Journal)
    path = at.recorder.path
    assert path is not None
    at.recorder.close(at)
    return path


def resumed(path: Path) -> Session:
    """The session of a journal, of which there is nothing to say."""
    found, sentence = resume(path)
    assert sentence is None
    return found


def assert_resumed_and_written(at: Session) -> None:
    """What is resumed from the session's journal, and what it is as a scenario, is the session bit by bit."""
    assert both(resumed(cut_off(at))) == both(at)
    written = Session(read_text(as_scenario(at), "again.yaml", None))
    (beat,) = written.loaded.scenario.lesson
    for action in beat.actions:
        written.do(action)
    assert both(written) == both(at)


def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints at every flush."""
    monkeypatch.setattr(journal_module, "CHECKPOINT", 0.0)
    monkeypatch.setattr(journal_module, "BYTES_PER_SECOND", 1e30)
