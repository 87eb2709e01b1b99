"""`bntui notes`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import TYPE_CHECKING, NoReturn

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
    """Show the speaker's view: once where nobody reads along, else until ctrl+c.

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
        _stay_with(shown)
    print(nobody_text(_width()) if shown is None else speaker_text(shown, time.time(), _width()))
    return GOOD


def _stay_with(shown: Notes | None) -> NoReturn:
    """Show the notes of a session for ever, or of the first that there is."""
    from bntui.session.teach import notes  # noqa: PLC0415 - as above
    from bntui.views.pages.speaker import gone_text, nobody_text, speaker_text  # noqa: PLC0415 - as above

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
        if view != written:
            sys.stdout.write(f"{TO_THE_TOP}{view}\n")
            sys.stdout.flush()
            written = view
        time.sleep(REDRAW)


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)


NOTES = Command(
    name="notes", help="The speaker's view of the running lesson, in a second terminal.", arguments=arguments, run=run
)
