"""`bntui notes`."""

from __future__ import annotations

import argparse
import os
import select
import sys
import time
from typing import TYPE_CHECKING

from bntui.commands import streams, typed
from bntui.commands.command import GOOD, Command, UsageError, require_terminal
from bntui.commands.streams import ascii_alone

if TYPE_CHECKING:
    from bntui.session.teach.notes import Notes

REDRAW = 0.5  # seconds
ERASED = "\x1b[H\x1b[2J"
ROW = "\x1b[{row}H{text}\x1b[K"
WIDEST = 100  # columns


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose notes."""
    says = "where several lessons run: which one"
    parser.add_argument("process", nargs="?", type=typed.whole, metavar="PROCESS", help=says)
    typed.add_ascii(parser)


def run(options: argparse.Namespace) -> int:
    """Show the speaker's view: once where nobody reads along, else until q or ctrl+c.

    It stays with one session: that of the process, or the only one that runs; where several do, they are listed.
    """
    from bntui.session.keep import private  # noqa: PLC0415 - as below
    from bntui.session.teach import notes  # noqa: PLC0415 - help and completion import every command
    from bntui.views.pages.speaker import nobody_text, several_text, speaker_text  # noqa: PLC0415 - as above

    private.require_answer(private.folder())
    process, ascii = options.process, ascii_alone(options.ascii)
    chosen = [lesson for lesson in notes.running() if process in (None, lesson.process.number)]
    if process is not None and not chosen:
        raise UsageError(f"no lesson is running in process {process}; bntui notes says which are")
    if len(chosen) > 1:
        print(several_text(chosen, time.time(), _width()))
        return GOOD
    shown = chosen[0] if chosen else None
    if sys.stdout.isatty():
        require_terminal()
        from bntui.tui.early import EarlyKeys  # noqa: PLC0415 - as above

        with EarlyKeys():
            _stay_with(shown, ascii)
        print()
        return GOOD
    print(nobody_text(_width()) if shown is None else speaker_text(shown, time.time(), _width(), ascii=ascii))
    return GOOD


def _stay_with(shown: Notes | None, ascii: bool) -> None:
    """Show the notes of a session, or of the first that there is, until q is pressed."""
    from bntui.session.teach import notes  # noqa: PLC0415 - as above
    from bntui.views.pages.speaker import fitted, gone_text, nobody_text, speaker_text  # noqa: PLC0415 - as above

    written: tuple[os.terminal_size, list[str]] | None = None
    while True:
        size = streams.terminal_size()
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
            view = speaker_text(shown, time.time(), _width(), size.lines, ascii)
        rows = fitted(view, _width(), size.lines).split("\n")
        before = written[1] if written is not None and written[0] == size else None
        written = size, rows
        sys.stdout.write(_changes(before, rows))
        sys.stdout.flush()
        if _is_left(REDRAW):
            return


def _changes(before: list[str] | None, rows: list[str]) -> str:
    """What is to be sent for these rows to be shown: of those shown before the ones that differ, else all on an empty screen."""
    if before is None:
        return ERASED + "\r\n".join(rows)
    were = before + [""] * (len(rows) - len(before))
    now = rows + [""] * (len(before) - len(rows))
    changed = [ROW.format(row=row, text=text) for row, (text, was) in enumerate(zip(now, were, strict=True), 1) if text != was]
    return "".join([*changed, f"\x1b[{len(rows)};{len(rows[-1]) + 1}H"]) if changed else ""


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
    return min(streams.terminal_size().columns, WIDEST)


COMMAND = Command(
    name="notes",
    help="The speaker's view of the running lesson, in a second terminal.",
    arguments=arguments,
    run=run,
    on_terminal=True,
)
