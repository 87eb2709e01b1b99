"""What a person types after a command: options, and their values read or refused in a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from bntui.commands.command import UsageError
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.reading.memory import DEFAULT, read_size, size_text
from bntui.scenario.text.wording import harmless
from bntui.session.keep.preferences import Unusable, read_frames

Form = TypeVar("Form", bound=str)
Options = argparse._ActionsContainer  # a parser, or a group of its options, which argparse gives no public name


def whole(text: str) -> int:
    """A whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of 0 or more")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1."""
    number = whole(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 100000")
    return number


def rate(text: str) -> float:
    """A learning rate."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return number


def frames(text: str) -> float:
    """Frames a second."""
    try:
        return read_frames(text)
    except Unusable as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def seconds(text: str) -> float:
    """A time, in seconds."""
    number = float(text) if text.replace(".", "", 1).isdecimal() else 0.0
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0, at most 86400")
    return number


def size(text: str) -> tuple[int, int]:
    """Columns and rows, as 80x24."""
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 80x24")
    if int(columns) > 1000 or int(rows) > 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is larger than 1000x1000")
    return int(columns), int(rows)


def folder(text: str) -> Path:
    """A folder; the empty name that a variable of the shell leaves where it is not set is not the folder one is in."""
    if not text:
        raise argparse.ArgumentTypeError("'' names no folder; `.` is the one you are in")
    return Path(text)


def theme(text: str) -> str:
    """The name of a theme, which whoever shows it knows or refuses; no name at all would be remembered as none."""
    if not text:
        raise argparse.ArgumentTypeError("'' names no theme")
    return text


def bytes_of(text: str) -> int:
    """An amount of memory, as 8G."""
    size = read_size(text)
    if size is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount of memory such as 8G or 500M")
    return size


ENDINGS = ("csv", "json", "jsonl", "tsv", "ndjson", "parquet", "npz", "npy", "html", "png", "svg", "pdf")  # of other forms


def form_of(asked: Form | None, file: str | None, forms: Sequence[Form]) -> Form | None:
    """The form that is asked for, else the one that the ending of the file's name says; None where neither says one.

    Raises UsageError where they differ, and where the ending alone says a form that is not written here.
    """
    said = None if file is None else next((form for form in forms if file.lower().endswith(f".{form}")), None)
    if said and asked and asked != said:
        wrong = f"{harmless(str(file))} ends in .{said}, but --format says {asked}"
        raise UsageError(f"{wrong}; leave --format out, or give the file another ending")
    if file is not None and not (asked or said):
        _require_no_other(file, forms)
    return asked or said


def _require_no_other(file: str, forms: Sequence[str]) -> None:
    """Refuse a name whose ending says a form that is not among these. Raises UsageError."""
    other = next((each for each in ENDINGS if file.lower().endswith(f".{each}")), None)
    if other is not None:
        wrong = f"{harmless(file)} ends in .{other}, but what is written is {' or '.join(f'.{form}' for form in forms)}"
        raise UsageError(f"{wrong}; another ending or --format says which")


def add_name(parser: argparse.ArgumentParser) -> None:
    """Which scenario."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a name from `bntui list`, a file, or - for the standard input")


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """A scenario, and changes to it."""
    add_name(parser)
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change the scenario before it is read, as training.learning_rate=0.1",
    )
    add_memory(parser)


def add_survey(parser: argparse.ArgumentParser, *forms: str) -> None:
    """From which step a survey is taken, and as what it is printed or written: a page, or its data in one of these forms."""
    add_step(parser, "the step to begin from")
    add_size(parser)
    add_ascii(parser)
    parser.set_defaults(forms=forms)
    form = parser.add_mutually_exclusive_group()
    says = "a page with a chart, or the numbers; left out: as the ending of FILE says, else a page"
    form.add_argument("--format", dest="form", choices=("page", *forms), help=says)
    form.add_argument("--json", dest="form", action="store_const", const="json", help="short for --format json")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    add_force(parser)


def add_step(parser: argparse.ArgumentParser, says: str) -> None:
    """A step of the run."""
    parser.add_argument("--at", type=whole, default=0, metavar="STEP", help=f"{says} (0)")


def add_beat(parser: Options) -> None:
    """A beat of the lesson."""
    says = "the beat of the lesson to go to: its number, or words that it says or asks"
    parser.add_argument("--beat", metavar="BEAT", help=says)


def beat_of(beats: Sequence[LessonBeat], typed: str) -> int:
    """The number of the beat that was typed. Raises UsageError with the beats that may be meant."""
    from bntui.session.teach.beats import NoSuchBeat, find  # noqa: PLC0415 - most commands know of no beats

    try:
        return find(beats, typed or "")  # argparse makes nothing at all of --beat=--
    except NoSuchBeat as error:
        raise UsageError(f"--beat: {error}") from error


def add_size(parser: argparse.ArgumentParser) -> None:
    """The size of a page."""
    parser.add_argument("--size", type=size, default=(80, 24), metavar="80x24")


def add_ascii(parser: Options) -> None:
    """ASCII or all that there is, whatever the terminal can show."""
    faces = parser.add_mutually_exclusive_group()
    faces.add_argument("--ascii", action="store_true", help="draw with plain ASCII")
    faces.add_argument("--unicode", action="store_true", help="draw with every glyph, though locale or terminal may have none")


def asks_ascii(arguments: Sequence[str]) -> bool | None:
    """Whether ASCII is asked for among what was typed, or all that there is; None where neither is."""
    return True if "--ascii" in arguments else False if "--unicode" in arguments else None


def add_memory(parser: Options) -> None:
    """How much memory may be taken."""
    says = f"the memory that arrays may take ({size_text(DEFAULT).replace(' ', '')}); what needs more is refused beforehand"
    parser.add_argument("--memory", type=bytes_of, metavar="8G", help=says)


def add_force(parser: argparse.ArgumentParser) -> None:
    """Leave to replace a file."""
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")
