"""`bntui follow`."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.commands import typed
from bntui.commands.command import GOOD, Command, UsageError, require_terminal
from bntui.commands.open import preferences_of, screen_arguments
from bntui.commands.streams import ascii_alone
from bntui.scenario.text.wording import harmless
from bntui.session.keep import private
from bntui.session.share import folder as folders
from bntui.session.share.behind import Behind
from bntui.session.share.folder import Folder, NoClass

if TYPE_CHECKING:
    from bntui.session.share.following import Followed
    from bntui.session.share.told import Present

LOOK = 0.25  # seconds between two looks for what is not there yet
MOMENT = 0.02  # seconds in which what is being written may be there
AT_ONCE = 0.3  # seconds of the way to where the speaker stands before the screen opens
NOBODY = "Nobody shares a session in {place} yet{elsewhere}; this goes on when somebody does (ctrl+c leaves)."
NONE_OF_YOURS = (
    "No session of your own runs yet{elsewhere}; this goes on when one does (ctrl+c leaves). "
    "A class is followed in its own folder: bntui follow --share DIR."
)
ELSEWHERE = "{machines} has a session there, which can be followed on that machine alone"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose session, and how the terminal is used."""
    says = "where several are shared: the number of its process, or the name under which it is kept"
    parser.add_argument("session", nargs="?", metavar="SESSION", help=says)
    says = "the folder in which a speaker shares a session; without it your own sessions are followed"
    parser.add_argument("--share", type=typed.folder, metavar="DIR", help=says)
    screen_arguments(parser)
    typed.add_memory(parser)


def run(options: argparse.Namespace) -> int:
    """Follow a session in the terminal; without a terminal print its frame. Where several are shared they are listed."""
    require_terminal()
    folder = folder_of(options.share)
    if sys.stdin.isatty() and sys.stdout.isatty():
        behind = Behind()  # before all that is loaded, which takes a second of a processor
        try:
            return _follow(options, folder, behind)
        finally:
            behind.stand_as_before()
    found = _chosen(folder, options.session, waits=False)
    if found is None:
        return GOOD
    from bntui.commands.printed import print_frame  # noqa: PLC0415 - brings the charts with it

    followed = _opened(folder, found)
    for _ in followed.rest:
        pass
    return print_frame(followed.session, ascii_alone())


def _follow(options: argparse.Namespace, folder: Folder, behind: Behind) -> int:
    """Take the terminal for a session, unless several were listed instead."""
    found = _chosen(folder, options.session, waits=True)
    if found is None:
        return GOOD
    followed = _opened(folder, found, behind)
    from bntui.tui.opening import open_terminal  # noqa: PLC0415 - textual takes longer to import than all the rest

    return open_terminal(None, preferences_of(options), ascii_alone(), follows=followed)


def folder_of(path: Path | None) -> Folder:
    """The folder in which sessions are followed. Raises UsageError, OSError."""
    private.require_answer(private.folder() if path is None else path)
    try:
        return folders.own() if path is None else folders.to_follow_in(path)
    except NoClass as error:
        raise UsageError(harmless(str(error))) from error


def _chosen(folder: Folder, which: str | None, waits: bool) -> Present | None:
    """The session that is meant; None where they were listed instead. Raises UsageError."""
    from bntui.session.share.following import machines, shared  # noqa: PLC0415 - help and completion import every command

    sessions = shared(folder)
    own = folder.is_private
    path = harmless(str(folder.path))
    where = "" if own else f" --share {shlex.quote(path)}"
    others = [] if sessions else machines(folder)
    elsewhere = f"; {ELSEWHERE.format(machines=harmless(' and '.join(others)))}" if others else ""
    if not sessions and waits and which is None:
        print((NONE_OF_YOURS if own else NOBODY).format(place=path, elsewhere=elsewhere), flush=True)
        while not sessions:
            time.sleep(LOOK)
            sessions = shared(folder)
    if which is not None:
        found = [each for each in sessions if which in (str(each.process.number), each.session)]
        if not found:
            there = ", ".join(f"{each.process.number} ({harmless(each.title)})" for each in sessions) or "none"
            shared_there = "of your own runs; those that do" if own else f"is shared in {path}; those that are"
            raise UsageError(f"no session '{harmless(which)}' {shared_there}: {there}")
        sessions = found
    if not sessions:
        none_of_yours = "no session of your own runs; for a class, name its folder with --share"
        raise UsageError(f"{none_of_yours if own else f'nobody shares a session in {path}'}{elsewhere}")
    if len(sessions) == 1:
        return sessions[0]
    print(f"Several sessions are shared. Say which one you want: bntui follow{where} SESSION")
    for each in sessions:
        opened = time.strftime("%H:%M", time.localtime(each.opened_at))
        print(f"{each.process.number:>8}  {harmless(each.title)} · opened {opened}")
    return None


def _opened(folder: Folder, present: Present, behind: Behind | None = None) -> Followed:
    """The session where it stands now, unless the way there takes long: then that is gone on the screen. Raises UsageError."""
    from bntui.session.run.refusal import Refusal  # noqa: PLC0415 - as above
    from bntui.session.share.following import Followed, FollowedSession, Subscription  # noqa: PLC0415 - as above
    from bntui.session.share.told import Unreadable  # noqa: PLC0415 - as above

    name = folders.user_name(folder.owner)
    subscription = Subscription(folder, present.process)
    subscription.wish()
    try:
        news = None
        while news is None and (now := subscription.peek()) is not None:
            news = subscription.look(now)
            if news is None:  # it is being written
                time.sleep(MOMENT)
        if news is None or news.loaded is None:
            raise UsageError(f"the session of {name} has just ended")
        session = FollowedSession(news.loaded, news.present, name)
        way, end = session.learn(news), time.monotonic() + AT_ONCE
        for _ in way:
            if time.monotonic() > end:
                break
    except (Unreadable, Refusal) as error:
        raise UsageError(f"what {name} shares cannot be read: {harmless(str(error))}") from error
    return Followed(session, subscription, way, behind)


COMMAND = Command(
    name="follow",
    help="Watch a running session live in a terminal of your own.",
    arguments=arguments,
    run=run,
    on_terminal=True,
)
