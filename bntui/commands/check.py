"""The commands of whoever writes a lesson or gives one: check, report, notes."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.files import CannotWrite, output, require_writable
from bntui.scenario.text.wording import harmless
from bntui.session.teach import notes, reloading, verdicts
from bntui.session.teach.notes import Notes
from bntui.views.pages.speaker import gone_text, nobody_text, several_text, speaker_text

GOOD = 0
REDRAW = 0.5  # seconds
TO_THE_TOP = "\x1b[H\x1b[2J"

Say = Callable[[str], None]


class NoLesson(Exception):
    """The lesson that was asked for does not run; the message is a sentence."""


def check(options: argparse.Namespace, say: Say, complain: Say) -> int:
    """Check the files, and, while watching, again whenever one is saved. Raises CannotWrite."""
    if options.junit is not None:
        require_writable(Path(options.junit), map(Path, options.files), options.force)
    status = _check_all(options, say, complain, options.force)
    if options.watch:
        for path in reloading.changes([library.find(file) for file in options.files]):
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


def follow(process: int | None, say: Say) -> int:
    """Show the speaker's view: once where nobody reads along, else until ctrl+c.

    It stays with one session: that of the process, or the only one that runs; where several do, they are listed.
    Raises NoLesson.
    """
    lessons = notes.running()
    chosen = [lesson for lesson in lessons if process in (None, lesson.process.number)]
    if process is not None and not chosen:
        raise NoLesson(f"no lesson is running in process {process}; bntui notes says which are")
    if len(chosen) > 1:
        say(several_text(chosen, time.time(), _width()))
        return GOOD
    shown = chosen[0] if chosen else None
    if sys.stdout.isatty():
        _stay_with(shown)
    say(nobody_text(_width()) if shown is None else speaker_text(shown, time.time(), _width()))
    return GOOD


def _stay_with(shown: Notes | None) -> NoReturn:
    """Show the notes of a session for ever, or of the first that there is."""
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
    return min(shutil.get_terminal_size().columns, 100)
