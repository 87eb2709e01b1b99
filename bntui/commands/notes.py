"""`bntui notes`."""

from __future__ import annotations

import argparse
import os
import select
import shutil
import sys
import time
from typing import TYPE_CHECKING

from bntui.commands import typed
from bntui.commands.command import GOOD, Command, UsageError

if TYPE_CHECKING:
    from bntui.session.teach.notes import Notes

REDRAW = 0.5  # seconds
TO_THE_TOP = "\x1b[H\x1b[2J"
WIDEST = 100  # columns


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose notes."""
    says = "where several lessons run: which one"
    parser.add_argument("process", nargs="?", type=typed.whole, metavar="PROCESS", help=says)


def run(options: argparse.Namespace) -> int:
    """Show the speaker's view: once where nobody reads along, else until q or ctrl+c.

    It stays with one session: that of the process, or the only one that runs; where several do, they are listed.
    """
    from bntui.session.teach import notes  # noqa: PLC0415 - no other command looks for processes
    from bntui.views.pages.speaker import nobody_text, several_text, speaker_text  # noqa: PLC0415 - as above

    process = options.process
    chosen = [lesson for lesson in notes.running() if process in (None, lesson.process.number)]
    if process is not None and not chosen:
        raise UsageError(f"no lesson is running in process {process}; bntui notes says which are")
    if len(chosen) > 1:
        print(several_text(chosen, time.time(), _width()))
        return GOOD
    shown = chosen[0] if chosen else None
    if sys.stdout.isatty():
        from bntui.tui.early import EarlyKeys  # noqa: PLC0415 - as above

        with EarlyKeys():
            _stay_with(shown)
        print()
        return GOOD
    print(nobody_text(_width()) if shown is None else speaker_text(shown, time.time(), _width()))
    return GOOD


def _stay_with(shown: Notes | None) -> None:
    """Show the notes of a session, or of the first that there is, until q is pressed."""
    from bntui.session.teach import notes  # noqa: PLC0415 - as above
    from bntui.views.pages.speaker import fitted, gone_text, nobody_text, speaker_text  # noqa: PLC0415 - as above

    written = ""
    while True:
        lessons = notes.running()
        if shown is None:
            shown = lessons[0] if lessons else None
        now = None if shown is None else notes.followed(shown, lessons)
        if shown is None:
            view = nobody_text(_width())
        elif now is None:
            view = gone_text(shown, _width())
        else:
            shown = now
            view = speaker_text(shown, time.time(), _width())
        view = fitted(view, _width(), shutil.get_terminal_size().lines)
        if view != written:
            sys.stdout.write(f"{TO_THE_TOP}{view}")
            sys.stdout.flush()
            written = view
        if _is_left(REDRAW):
            return


def _is_left(seconds: float) -> bool:
    """Whether q is pressed within so many seconds; in the background no key is meant for this."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        time.sleep(seconds)
        return False
    if not select.select([sys.stdin], [], [], seconds)[0]:
        return False
    keys = os.read(sys.stdin.fileno(), 1024)
    return not keys or b"q" in keys  # nothing can be read where the terminal has gone


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)


NOTES = Command(
    name="notes", help="The speaker's view of the running lesson, in a second terminal.", arguments=arguments, run=run
)
