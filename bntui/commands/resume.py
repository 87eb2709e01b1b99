"""What `bntui --resume` asks and says: which session, and whether it is taken over from where it is still open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from bntui.commands import streams
from bntui.commands.command import UsageError
from bntui.session.keep import kept, private, resuming, storage
from bntui.session.keep.kept import KeptSession
from bntui.session.keep.storage import Damaged
from bntui.session.session import Session
from bntui.views.pages.sessions import facts, listed, still_open

SHORT = 15  # sessions that are listed on a terminal before it is asked which one

WIDTH = 100  # columns where there is no terminal

Say = Callable[[str], None]
Ask = Callable[[str], str]
Resumed = tuple[Session, str | None]


def resumed(which: str, say: Say, ask: Ask | None) -> Resumed | None:
    """The session that is gone on with, and a sentence where something is to be said of it.

    `which` is a number or a name, "" where none was given; without anybody to `ask` several sessions are listed. None where
    that is all, or the person does not want to. Raises UsageError, OSError.
    """
    private.require_answer(storage.folder())
    sessions = list(kept.kept_sessions())
    if not sessions:
        raise UsageError("there is no session to go on with")
    try:
        if which:
            one: KeptSession | None = kept.found(sessions, which)
        elif len(sessions) == 1:
            one = sessions[0]
        elif ask is None:
            say("\n".join(_list(sessions)))
            return None
        else:
            one = _chosen(sessions, say, ask)
        return None if one is None else _opened(one, say, ask)
    except (LookupError, Damaged) as error:
        raise UsageError(str(error)) from error


def _opened(one: KeptSession, say: Say, ask: Ask | None) -> Resumed | None:
    """The session, taken over from where it is still open if the person wants that."""
    if one.holder is None:
        return resuming.resume(one.path)
    problem = f"the session {one.name} ({one.title}) is {still_open(one.holder, time.time())}"
    if ask is None or one.holder.process is None:
        raise UsageError(problem)
    if not _sure(ask, f"{problem}.\nTake it over? It ends there and goes on here; nothing is lost. [y/N] "):
        return None
    if not one.holder.is_elsewhere:
        say(f"waiting for process {one.holder.process.number} to end …")
    return resuming.take_over(one.path)


def _chosen(sessions: list[KeptSession], say: Say, ask: Ask) -> KeptSession | None:
    """The session that the person chooses; on the way some may be discarded."""
    while sessions:
        say("\n".join(_short_list(sessions)))
        answer = ask("Which one? A number (enter: 1), d and a number to discard it, q to leave: ").strip()
        if answer == "q":
            break
        discards = answer.startswith("d ") or _is_short_order(answer)
        which = answer[1:].strip() if discards else answer
        try:
            one = kept.found(sessions, which or "1")
        except LookupError as error:
            say(f"{error}\n")
            continue
        if not discards:
            return one
        if _sure(ask, f"Discard {one.name} ({one.title}, {facts(one, time.time())}) for good? [y/N] "):
            kept.discard(one.path)
            sessions.remove(one)
    return None


def _is_short_order(answer: str) -> bool:
    """Whether it is d and a number without a blank; with as many letters as a name needs it would be a name."""
    return answer[:1] == "d" and answer[1:].isdecimal() and len(answer) < kept.FEWEST_LETTERS


def _list(sessions: Sequence[KeptSession]) -> list[str]:
    return listed(sessions, time.time(), streams.terminal_size(WIDTH).columns)


def _short_list(sessions: Sequence[KeptSession]) -> Iterator[str]:
    yield from _list(sessions)[:SHORT]
    if len(sessions) > SHORT:
        yield f"     and {len(sessions) - SHORT} older; bntui --resume | less lists them all"


def _sure(ask: Ask, question: str) -> bool:
    return ask(question).strip().lower() in ("y", "yes")
