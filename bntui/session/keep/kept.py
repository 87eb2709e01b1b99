"""The sessions that can be gone on with, and what becomes of their journals.

Nothing that somebody may want to go on with is ever deleted by the program: not what was cut off, not what was left with
`q` before its end, however much there is of it. It goes when its person discards it. What the program may delete is what
nobody misses: sessions in which nothing but looking was done, sessions whose lesson was played to its end and then left,
and sessions in whose place one of the saved file came. Of these the newest `SPARED` stay, so the folder holds no more than
them and what is unfinished.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from bntui.records import dataclass
from bntui.scenario.text.wording import harmless, suggestion
from bntui.session.keep import holding, private, storage
from bntui.session.keep.holding import Holder
from bntui.session.keep.storage import Damaged, Record, Store

SPARED = 50
FEWEST_LETTERS = 4  # of a name that is not given in full
FINISHED, REPLACED = "finished", "replaced"
LOOKING = ("focus", "view")


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that can be gone on with.

    `name` is short and stays the same; `step` is None where the journal does not tell; `written_at` is Unix time; `holder` is
    who has it open, None where nobody has. `finished`: its lesson was played to its end and then left.
    """

    path: Path
    name: str
    title: str
    step: int | None
    written_at: float
    holder: Holder | None
    finished: bool = False


def kept_sessions(place: Path | None = None) -> Iterator[KeptSession]:
    """Every session that can be gone on with, the one that was written last first; those that are open are among them."""
    for path in storage.journals(place or storage.folder()):
        with suppress(OSError):
            header, last = storage.first_record(path), storage.last_record(path)
            if header is not None and _end(last) in (None, FINISHED):
                written_at = path.stat().st_mtime
                told = name_of(path), _title(header, path), _step(last), written_at, holding.holder(path)
                yield KeptSession(path, *told, finished=_end(last) == FINISHED)


def name_of(path: Path) -> str:
    """The name under which a session is asked for: what the journal's name ends in."""
    return path.stem.rpartition("-")[2]


def found(sessions: Sequence[KeptSession], which: str) -> KeptSession:
    """The session of a number in this list, from 1, or of a name or its first four letters or more.

    Raises LookupError with a sentence.
    """
    if which.isdecimal() and 1 <= int(which) <= len(sessions):
        return sessions[int(which) - 1]
    meant = [kept for kept in sessions if kept.name == which]
    if not meant and len(which) >= FEWEST_LETTERS:
        meant = [kept for kept in sessions if kept.name.startswith(which)]
    if len(meant) == 1:
        return meant[0]
    names = [kept.name for kept in sessions]
    problem = "more than one session begins with" if meant else "there is no session"
    raise LookupError(f"{problem} '{harmless(which)}'{suggestion(which, names)}; `bntui --resume` lists them")


def discard(path: Path) -> None:
    """Delete a session for good. Raises Damaged where it is open, OSError."""
    store = Store.take(path)
    if store is None:
        raise Damaged(f"the session {name_of(path)} is open in another window")
    store.remove()


def prune(place: Path) -> None:
    """Delete what nobody misses, but for the newest of it; what is open stays."""
    missed_by_nobody = [path for path in storage.journals(place) if _may_go(path)]
    for path in missed_by_nobody[SPARED:]:
        with suppress(OSError, Damaged):
            discard(path)


def _may_go(path: Path) -> bool:
    with suppress(OSError):
        return _end(storage.last_record(path)) is not None or _only_looked(path)
    return False


def _only_looked(path: Path) -> bool:
    """Whether nothing was done in a session that would change its state."""
    with open(private.opened(path), "rb") as file:
        if os.fstat(file.fileno()).st_size > storage.LARGEST:
            return False
        done = (storage.unproved(line) for line in islice(file, 1, None))
        return all(record is not None and _is_a_look(record) for record in done)


def _is_a_look(record: Record) -> bool:
    action = record.get("do")
    return "face" in record or (isinstance(action, dict) and all(key in LOOKING for key in action))


def _end(last: Record | None) -> str | None:
    """How a session was ended for good, None where it was not."""
    return str(last["end"]) if last is not None and "end" in last else None


def _step(last: Record | None) -> int | None:
    """The step at which a session stands: every line tells it but the first."""
    step = None if last is None else last.get("at")
    return step if isinstance(step, int) else None


def _title(header: Record, path: Path) -> str:
    title = header.get("title")
    return harmless(title) if isinstance(title, str) else path.name
