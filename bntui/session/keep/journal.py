"""The journal of a session: every action is written as it is taken, so that nothing is lost when the program is.

The first line has the scenario's own text, its origin, settings and, where a CSV file was read, its data. Then come a line
for each action, steps in a row as one, how the screen shows it where that has changed, and now and then a checkpoint with a
digest and the numbers themselves.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import compress

from bntui.scenario.model.actions import Answer, AnyAction, Beat, Step
from bntui.session.keep import kept, storage
from bntui.session.keep.aside import Late, within
from bntui.session.keep.storage import Record, Store, serialized
from bntui.session.keep.writing import Writer
from bntui.session.look.face import Face
from bntui.session.run.branches import Branch, Piece
from bntui.session.run.checkpoints import digest, packed
from bntui.session.run.log import Entry, entry_of
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal

if TYPE_CHECKING:
    from bntui.scenario.data.extents import Table
    from bntui.session.session import Session

Update = Callable[[Moment], Moment]

FORMAT = 2
CLOSED = "This session is not being kept any more: its journal was closed."
REFUSED = (
    "For now this session is not being kept: {place} cannot be written ({reason}). It goes on, "
    "and all that is done meanwhile is kept once that works again."
)
KEPT_AGAIN = "This session is being kept again; nothing of it is missing."
LOST = "This session is not being kept any more: {reason}."
UNKEPT = "what was done last is not kept: {place} cannot be written ({reason})"
UNSYNCED = "what was done last is written, but {place} has not said yet that it keeps it"
SILENT = "it gives no answer"
ENDING = 2.0  # seconds for what is pending at the end
PRUNING = 1.0  # seconds for what nobody misses to be deleted
STRETCH = 0.25  # seconds of running that are one line
CHECKPOINT = 0.5  # seconds of the processor's time between checkpoints
SMALL = 256 * 1024  # bytes of numbers that are written with a checkpoint
BYTES_PER_SECOND = 20_000  # of checkpoints, at most


def keep(session: Session, place: Path | None = None) -> Journal:
    """Keep a session from now on, with what was done in it before."""
    journal = Journal(place)
    for entry in session.log:
        journal.note(session, entry)
    session.recorder = journal
    return journal


class Journal:
    """Writes what is taken in one session; where the disk refuses it says so once, and the session goes on."""

    def __init__(self, place: Path | None = None, store: Store | None = None) -> None:
        self._place = place or storage.folder()
        self._store = store
        self._writer: Writer | None = None
        self._closed = self._put_later = False
        self._is_left = self._leaves_nothing = False
        self._told: str | None = None  # what was said last of the disk
        self.path = None if store is None else store.path  # the file, where there is one by now
        self._steps = 0  # taken and not yet written
        self._face: Face | None = None  # that was written last
        self._counted = 0  # steps of the action under way that are in `_steps` or written
        self._written_at = self._stepped_at = 0.0
        self._checked_at = time.process_time()
        self._pause = CHECKPOINT
        self._checked: tuple[int, int] = (0, 0)  # the branch and its length at the last checkpoint
        self._since_checkpoint = 0

    @property
    def name(self) -> str | None:
        """The name under which the session can be gone on with; None while nothing has been done in it."""
        return None if self.path is None else kept.name_of(self.path)

    def news(self) -> str | None:
        """A sentence, once, where the session can no longer be kept, or can again."""
        before, self._told = self._told, self._standing()
        if self._told == before:
            return None
        reason = "" if self._writer is None or self._writer.refusal is None else _reason(self._writer.refusal)
        return (self._told or KEPT_AGAIN).format(place=self._place, reason=reason)

    def _standing(self) -> str | None:
        """What is to be said of the disk, None where all is well."""
        if self._put_later:
            return CLOSED
        if self._writer is None or self._writer.refusal is None:
            return None
        return LOST if self._writer.is_lost else REFUSED

    def under_way(self, session: Session, action: AnyAction, changes: int) -> None:
        """Note how far an action has come that takes long."""
        now = time.monotonic()
        if now - self._written_at < STRETCH:
            return
        if isinstance(action, Step):
            self._count(changes)
            self._write_steps(session, now)
            self._check(session)
        elif changes:
            self._write(session, {"under_way": action.mapping(), "cut": changes})
            self._written_at = now

    def took(self, session: Session, action: AnyAction, changes: int, whole: bool) -> None:
        """Note an action that has been taken, or how much of it was."""
        if isinstance(action, Step):
            self._count(changes)
            self._counted = 0
            before, self._stepped_at = self._stepped_at, time.monotonic()
            if self._stepped_at - min(before, self._written_at) >= STRETCH:  # of a slow run each step
                self.flush(session)
            return
        entry = entry_of(action, changes, whole)
        if entry is not None:
            self.flush(session)
            self.note(session, entry)

    def note(self, session: Session, entry: Entry) -> None:
        """Write an entry of the session's log."""
        self._write(session, {"do": entry.action.mapping()} | ({} if entry.cut is None else {"cut": entry.cut}))

    def flush(self, session: Session) -> None:
        """Write the steps that have been taken, and how the session is shown by now."""
        self._write_steps(session, time.monotonic())
        self._write_face(session)
        self._check(session)
        if self._writer is not None:
            self._writer.settle()

    def shown(self, session: Session) -> None:
        """Note that the session is shown in another way."""
        self._write_face(session)
        if self._writer is not None:
            self._writer.settle()

    def leave(self, session: Session) -> None:
        """Note that the person leaves; the session can be gone on with.

        A lesson that was played to its end is finished, and one that was only opened leaves nothing behind.
        """
        self._leaves_nothing = _only_opened(session)
        self.flush(session)
        if self.path is not None and _is_finished(session):
            self._write(session, {"end": kept.FINISHED})
        self._closed = self._is_left = True

    def replaced(self, session: Session) -> None:
        """Note that another session of the same scenario goes on in this one's place."""
        self.flush(session)
        if self.path is not None:
            self._write(session, {"end": kept.REPLACED})
        self._closed = True

    def finish(self, patient: bool = False) -> None:
        """Wait until all that was noted is kept and the file let go of, as long as that takes or only for some seconds.

        It does not look at the session, and may be called from any thread.
        """
        seconds = None if patient else ENDING
        if self._leaves_nothing:
            with suppress(OSError):
                self._discard(seconds)
        if self._writer is not None:
            self._writer.finish(0.0 if self._leaves_nothing and not patient else seconds)  # it was waited for
            if not self._writer.has_file:
                self.path = None
        elif self._store is not None:
            self._store.close()
        if self._is_left and self.unkept is None:
            with suppress(Late):
                within(PRUNING, partial(kept.prune, self._place))

    @property
    def unkept(self) -> str | None:
        """Why not all that was noted is kept, once that is finished or was waited for in vain; None where it is."""
        writer = self._writer
        if not self._closed or self._leaves_nothing or writer is None or writer.finish(0.0):
            return None
        unkept = UNSYNCED if writer.has_written_all else UNKEPT
        return unkept.format(place=self._place, reason=SILENT if writer.refusal is None else _reason(writer.refusal))

    def discard(self) -> None:
        """Delete what was kept, for good. Raises OSError."""
        self._discard(ENDING)

    def _discard(self, seconds: float | None) -> None:
        if self._writer is not None:
            self._writer.discard(seconds)
        elif self._store is not None:
            self._store.remove()
        self._writer, self._store, self.path, self._closed = None, None, None, True

    def close(self, session: Session) -> None:
        """Write what is pending and let go of the file; the session can be gone on with."""
        if self._closed:
            return
        self.flush(session)
        self._closed = True
        self.finish()

    def resumed(self, session: Session) -> None:
        """Note that the file has told of everything by now."""
        branch = session.history.branch
        self._checked, self._face = (branch.number, branch.length), session.face

    def _count(self, changes: int) -> None:
        self._steps += changes - self._counted
        self._counted = changes

    def _write_steps(self, session: Session, now: float) -> None:
        if self._steps:
            self._write(session, {"do": {"step": self._steps}})
            self._since_checkpoint += self._steps
            self._steps = 0
            self._written_at = now

    def _write_face(self, session: Session) -> None:
        """Write how the session is shown where that has changed: of one in which nothing was done nothing is kept."""
        face = session.face
        if face is not None and face != self._face and self.path is not None and not self._closed:
            self._face = face
            self._write(session, {"face": face.record()})

    def _check(self, session: Session) -> None:
        """Write a checkpoint where one is due: at the end of the way walked, after steps that took some time."""
        history = session.history
        branch = history.branch
        here = branch.number, branch.length
        if self._closed or not self._since_checkpoint or history.place != here or here == self._checked:
            return
        if self._writer is not None and self._writer.refusal is not None:  # what has to wait shall be little
            return
        passed = time.process_time() - self._checked_at
        if passed < self._pause:
            return
        since = self._checked[1] if self._checked[0] == branch.number else 0
        size = self._write(session, {"checkpoint": checkpoint(branch, history.moment, since, session.experiment.repeated)})
        self._pause = max(CHECKPOINT, size / BYTES_PER_SECOND)
        self._checked, self._since_checkpoint, self._checked_at = here, 0, time.process_time()

    def _write(self, session: Session, record: Record) -> int:
        """Write a record; how many bytes it takes, 0 where nothing is written any more."""
        if self._closed:
            self._put_later = True
            return 0
        if self._writer is None:
            self.path = self.path or storage.new_path(self._place)
            self._writer = Writer(self.path, lambda: serialized(_header(session)), self._store)
        text = serialized(record | {"at": session.history.step})
        self._writer.put(text)
        return len(text)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _only_opened(session: Session) -> bool:
    """Whether nothing was done but what opening a lesson does by itself."""
    return list(session.log) == [Entry(Beat(number=1))]


def _is_finished(session: Session) -> bool:
    """Whether the lesson was played to its end and nothing was done after it."""
    lesson, log = session.lesson.standing, list(session.log)
    return lesson is not None and lesson.finished and bool(log) and isinstance(log[-1].action, Beat | Answer)


def _header(session: Session) -> Record:
    loaded = session.loaded
    return {
        "journal": FORMAT,
        "title": loaded.scenario.title,
        "origin": loaded.origin,
        "folder": None if loaded.folder is None else str(loaded.folder.resolve()),
        "course": None if loaded.course is None else str(loaded.course.resolve()),
        "settings": list(loaded.settings),
        "source": loaded.source,
        "table": table_record(loaded.tables.data),
        "held_out_table": table_record(loaded.tables.held_out),
    }


def table_record(table: Table | None) -> Record | None:
    """The data of a CSV file as a record has it; None where there was none."""
    if table is None:
        return None
    return {
        "inputs": text_of(compress(table.inputs.tobytes())),
        "targets": text_of(compress(table.targets.tobytes())),
        "samples": table.samples,
        "columns": table.columns,
        "target_width": table.target_width,
        "labels": table.labels,
    }


def checkpoint(branch: Branch, moment: Moment, since: int, repeated: Update) -> Record:
    """The moment at the end of a branch, and what the charts show of the branch since it had `since` steps."""
    numbers = packed(moment)
    first_step = branch.first_step + since
    record: Record = {
        "step": moment.step,
        "place": [branch.number, branch.length],
        "digest": digest(moment),
        "trail": _piece(branch.trail.since(since)),
        "twin_trail": None if moment.twin is None else _piece(branch.twin_trail.since(since)),
        "leaders": branch.leaders if _news(branch.leaders, first_step) else None,
        "jumps": branch.jumps.marks if _news(branch.jumps.marks, first_step) else None,
        "jumping": branch.jumps.standing,
    }
    if len(numbers) <= SMALL:
        record |= {"numbers": text_of(numbers), "next": next_digest(moment, repeated)}
    return record


def _news(noted: Sequence[tuple[int, str]], step: int) -> bool:
    return bool(noted) and noted[-1][0] > step


def next_digest(moment: Moment, repeated: Update) -> str | None:
    """The digest of what one more update makes of a moment: it tells whether two machines compute alike."""
    try:
        return digest(repeated(moment))
    except Refusal:
        return None


def _piece(piece: Piece) -> Record:
    return asdict(piece) | {"low": text_of(piece.low), "high": text_of(piece.high)}


def text_of(numbers: bytes) -> str:
    """Bytes as text for a line of JSON."""
    return b64encode(numbers).decode("ascii")
