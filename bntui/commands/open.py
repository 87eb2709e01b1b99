"""`bntui` and `bntui SCENARIO`: what is done where no command is named."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.commands import typed
from bntui.commands.command import GOOD, Command, UsageError, complain, require_terminal
from bntui.commands.streams import ascii_alone
from bntui.scenario.model.actions import Beat
from bntui.scenario.shelf import library
from bntui.scenario.text.wording import harmless
from bntui.session.keep import compiled
from bntui.session.keep.preferences import FRAMES, Preferences
from bntui.session.session import Session
from bntui.session.share import folder as folders
from bntui.session.share.folder import Folder, NoClass

if TYPE_CHECKING:
    from bntui.scenario.shelf.courses import Course


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is opened, and how the terminal is used."""
    says = "a name from `bntui list`, a file, the file of a course, or - for the standard input"
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=says)
    begin = parser.add_argument_group("where it begins")
    begin.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="WHICH",
        help="go on with a session that was left or cut off: its number or name; where there are several you are asked",
    )
    typed.add_beat(begin)
    screen = screen_arguments(parser)
    says = "keep what is typed here of --theme, --ascii or --unicode, --mouse and --fps for later starts"
    screen.add_argument("--remember", action="store_true", help=says)
    says = "share the session with a class, in a folder that you have made for it: bntui follow --share DIR"
    parser.add_argument_group("a class").add_argument("--share", type=typed.folder, metavar="DIR", help=says)
    rest = parser.add_argument_group("the program")
    typed.add_memory(rest)
    rest.add_argument("--version", action="store_true", help="say the version and end")


def screen_arguments(parser: argparse.ArgumentParser) -> typed.Options:
    """How the terminal is used, as a group of options."""
    screen = parser.add_argument_group("the screen")
    themes = "dark, light, ansi, projector (dark on white, strong contrast) or any theme of Textual's"
    screen.add_argument("--theme", type=typed.theme, metavar="THEME", help=themes)
    typed.add_ascii(screen)
    screen.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="take the mouse (the default, but not over SSH, where the terminal's own selection works, nor in GNU screen)",
    )
    screen.add_argument("--fps", type=typed.frames, metavar="N", help=f"frames a second at most ({FRAMES:g})")
    return screen


def run(options: argparse.Namespace) -> int:
    """Open a scenario, or the library, in the terminal; without a terminal print one frame."""
    if options.version:
        return _print_version()
    if _on_terminal():
        require_terminal()
    if options.remember and not (_on_terminal() and preferences_of(options).given):
        raise UsageError("--remember keeps --theme, --ascii or --unicode, --mouse and --fps; type one beside it, on a terminal")
    if options.resume is not None:
        return _resume(options)
    if options.scenario == library.INPUT:
        return _open_input(options)
    if options.scenario is not None:
        return _open_file(options, library.find(options.scenario))
    _refuse_beat(options)
    return _open(options, None) if _on_terminal() else _print_course(None)


def _open_input(options: argparse.Namespace) -> int:
    """Print one frame of the scenario that comes in where the keys would come from."""
    if sys.stdin.isatty():
        raise UsageError("a scenario from the standard input leaves no keys to press; save it as a file and open that")
    if sys.stdout.isatty():
        complain("bntui: the keys would come from the standard input as well, so this is one frame; save it as a file to open it")
    return _open(options, Session(library.opened(options.scenario)))


def _open_file(options: argparse.Namespace, path: Path) -> int:
    """Open a scenario, or the course that a file is."""
    kept = compiled.kept(path)
    if kept is not None:
        return _open(options, Session(kept))
    from bntui.scenario.shelf import courses  # noqa: PLC0415 - a scenario that is kept waits for no course

    return _open_course(options, path) if courses.is_course(path) else _open(options, Session(compiled.read_anew(path)))


def _open_course(options: argparse.Namespace, path: Path) -> int:
    """Take the terminal for a course of one's own; without a terminal print what is in it."""
    _refuse_beat(options)
    from bntui.scenario.shelf import courses  # noqa: PLC0415 - as above

    course = courses.opened(path)
    return _open(options, None, course=course.path) if _on_terminal() else _print_course(course)


def _print_course(course: Course | None) -> int:
    """Print what is in a course, in the library where it is None."""
    from bntui.commands.list import print_course  # noqa: PLC0415 - needed without a terminal alone
    from bntui.scenario.shelf import courses  # noqa: PLC0415 - as above

    return print_course(courses.shipped() if course is None else course)


def _refuse_beat(options: argparse.Namespace) -> None:
    """A beat is of one scenario."""
    if options.beat is not None:
        raise UsageError("--beat goes to a beat of a scenario; name one before it, as `bntui relu-net --beat 3`")


def _resume(options: argparse.Namespace) -> int:
    """Go on with a session that was left or cut off; without a terminal print its frame, or which there are."""
    from bntui.commands.resume import resumed  # noqa: PLC0415 - beside its only use

    if options.scenario is not None:
        raise UsageError("--resume goes on with a session that was left or cut off; leave out the scenario")
    if _on_terminal():  # nobody's session ends elsewhere for a start that is refused
        from bntui.tui.opening import refusal  # noqa: PLC0415 - as above

        if problem := refusal(preferences_of(options)):
            raise UsageError(problem)
        _sharing(options.share)
    found = resumed(options.resume, print, _ask if _on_terminal() else None)
    return GOOD if found is None else _open(options, *found)


def _open(
    options: argparse.Namespace, session: Session | None, first_words: str | None = None, course: Path | None = None
) -> int:
    """Take the terminal, or print one frame where there is none, at the beat that was asked for."""
    beat = None if options.beat is None or session is None else typed.beat_of(session.lesson.beats, options.beat)
    if session is None or _on_terminal():
        from bntui.tui.opening import open_terminal  # noqa: PLC0415 - textual takes longer to import than all the rest

        shares, readers = _sharing(options.share)
        words = " ".join(filter(None, (first_words, readers))) or None
        opens = beat or int(options.resume is None)
        asked = preferences_of(options)
        return open_terminal(session, asked, ascii_alone(), options.remember, words, opens, course, shares)
    from bntui.commands.printed import print_frame  # noqa: PLC0415 - brings the charts with it

    if options.share is not None:
        complain("bntui: --share shares what is done on a terminal; this is one frame")
    if first_words:
        complain(f"bntui: {first_words}")
    if beat is not None:
        session.do(Beat(number=beat))
    return print_frame(session, ascii_alone())


def preferences_of(options: argparse.Namespace) -> Preferences:
    """What was typed of what can be preferred."""
    ascii = True if options.ascii else False if options.unicode else None
    return Preferences(theme=options.theme, ascii=ascii, frames=options.fps, mouse=options.mouse)


def _sharing(path: Path | None) -> tuple[Folder, str | None]:
    """Where the session is shared, and who can read it there where that is not the user alone. Raises UsageError, OSError."""
    if path is None:
        return folders.own(), None
    try:
        return folders.to_share_in(path), folders.readers(path)
    except NoClass as error:
        raise UsageError(harmless(str(error))) from error


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str) -> str:
    """What the person types; where nothing can be typed any more, that they leave."""
    try:
        return input(question)
    except EOFError:
        print()
        return "q"


def _print_version() -> int:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - needed for one option alone

    try:
        print(f"bntui {version('bntui')}")
    except PackageNotFoundError:
        print("bntui, run from a folder in which it is not installed")
    return GOOD


COMMAND = Command(name="", help="A terminal explorer of batch normalization.", arguments=arguments, run=run, on_terminal=True)
