"""The commands of whoever writes a lesson or gives one: check, report, notes."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.files import CannotWrite, output, require_writable
from bntui.scenario.text.wording import harmless
from bntui.session import notes, verdicts, watching
from bntui.views.pages.speaker import speaker_text

GOOD = 0
REDRAW = 0.5  # seconds
TO_THE_TOP = "\x1b[H\x1b[2J"

Say = Callable[[str], None]


def check(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Check the files, and, while watching, again whenever one is saved. Raises CannotWrite."""
    if options.junit is not None:
        require_writable(Path(options.junit), map(Path, options.files), options.force)
    status = _check_all(options, say, complain, options.force)
    if options.watch:
        for path in watching.changes([library.find(file) for file in options.files]):
            say(f"{harmless(str(path))} was saved")
            status = _check_all(options, say, complain, force=True)  # what it wrote itself
    return status


def _check_all(options: argparse.Namespace, say: Say, complain: Say, force: bool) -> int:
    results = []
    for file in options.files:
        results.append(verdicts.checked(file, options.play))
        if not options.json:
            for sentence in verdicts.sentences(results[-1]):
                (complain if results[-1].complaints else say)(sentence)
    if options.json:
        say(verdicts.as_json(results))
    if options.junit is not None:
        read = [path for result in results for path in result.read]
        with output(Path(options.junit), read, force) as file:
            file.write(verdicts.as_junit(results))
    sys.stdout.flush()
    return verdicts.status(results)


def report(options: argparse.Namespace, say: Say) -> int:
    """Write the handout of a lesson; the file's ending says in which form. Raises CannotWrite."""
    from bntui.commands.handout import FORMS, handout  # noqa: PLC0415 - brings the charts with it

    path = Path(options.output)
    if path.suffix.lower() not in FORMS:
        raise CannotWrite(f"'{harmless(options.output)}' ends in neither .md nor .html; the ending says what is written")
    loaded = read_file(library.find(options.scenario))
    with output(path, loaded.files, options.force) as file:
        file.write(handout(loaded, path.suffix.lower()))
    say(f"{harmless(options.output)} written")
    return GOOD


def follow(say: Say) -> int:
    """Show the speaker's view: once where nobody reads along, else until ctrl+c."""
    if not sys.stdout.isatty():
        say(_view())
        return GOOD
    shown = ""
    while True:
        view = _view()
        if view != shown:
            sys.stdout.write(f"{TO_THE_TOP}{view}\n")
            sys.stdout.flush()
            shown = view
        time.sleep(REDRAW)


def _view() -> str:
    return speaker_text(notes.running(), time.time(), min(shutil.get_terminal_size().columns, 100))
