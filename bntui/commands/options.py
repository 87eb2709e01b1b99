"""What a person types after a command: options, and their values read or refused in a sentence."""

from __future__ import annotations

import argparse

from bntui.scenario.reading.memory import DEFAULT, read_size, size_text
from bntui.views.kinds import VIEWS

DEFAULT_STEPS = 100


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
    number = float(text) if text.replace(".", "", 1).isdecimal() else 0.0
    if not 1 <= number <= 120:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 120")
    return number


def size(text: str) -> tuple[int, int]:
    """Columns and rows, as 80x24."""
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 80x24")
    if int(columns) > 1000 or int(rows) > 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is larger than 1000x1000")
    return int(columns), int(rows)


def add_sweep(parser: argparse.ArgumentParser) -> None:
    """The options of `bntui sweep`."""
    _add_page(parser)
    parser.add_argument("--from", dest="first", type=rate, metavar="RATE", help="the smallest rate")
    parser.add_argument("--to", dest="last", type=rate, metavar="RATE", help="the largest rate")
    for name, says in (("count", "how many rates"), ("steps", "how many steps each"), ("seeds", "how many seeds")):
        parser.add_argument(f"--{name}", type=count, metavar="N", help=says)
    parser.add_argument("--parameter", metavar="PATTERN", help="sweep these parameters' rate alone, as 'h?.weight'")
    parser.add_argument("--over", choices=("gain", "depth"), help="also over the init gain or the hidden layers")
    parser.add_argument("--switching", choices=("reset", "preserve"), help="what switching BN does to the parameters")


def add_landscape(parser: argparse.ArgumentParser) -> None:
    """The options of `bntui landscape`."""
    _add_page(parser)
    parser.add_argument("--growth", action="store_true", help="the gradient by depth at the start, with theory's line")
    for name, says in (("samples", "m"), ("width", "units"), ("depth", "hidden layers"), ("seeds", "networks")):
        parser.add_argument(f"--{name}", type=count, metavar="N", help=f"with --growth: how many {says}")


def _add_page(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", type=whole, default=0, metavar="STEP", help="the step to begin from (0)")
    parser.add_argument("--size", type=size, default=(80, 24), metavar="80x24")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII")
    parser.add_argument("--json", action="store_true", help="the numbers instead of a chart")


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """A scenario, and changes to it."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a name from `bntui list`, or a file")
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change the scenario before it is read, as training.learning_rate=0.1",
    )
    add_memory(parser)


def bytes_of(text: str) -> int:
    """An amount of memory, as 8G."""
    size = read_size(text)
    if size is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount of memory such as 8G or 500M")
    return size


def add_memory(parser: argparse.ArgumentParser) -> None:
    """How much memory may be taken."""
    says = f"the memory that arrays may take ({size_text(DEFAULT).replace(' ', '')}); what needs more is refused beforehand"
    parser.add_argument("--memory", type=bytes_of, metavar="8G", help=says)


def add_force(parser: argparse.ArgumentParser) -> None:
    """Leave to replace a file."""
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")


def add_opening(parser: argparse.ArgumentParser) -> None:
    """The options of `bntui` itself."""
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a name from `bntui list`, or a file")
    parser.add_argument("--theme", default="dark", help="dark, light, ansi or any theme of Textual's")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII")
    parser.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="take the mouse (the default, but not over SSH: there the terminal's own selection works)",
    )
    parser.add_argument("--fps", type=frames, default=20.0, metavar="N", help="frames a second at most (20)")
    add_memory(parser)
    parser.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="WHICH",
        help="go on with a session that was left or cut off: its number or name; where there are several you are asked",
    )
    parser.add_argument("--version", action="store_true", help="say the version and end")


def add_trace(parser: argparse.ArgumentParser) -> None:
    """The options of `bntui trace`."""
    add_scenario(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=whole, default=DEFAULT_STEPS, metavar="N", help=f"steps ({DEFAULT_STEPS})")
    length.add_argument("--lesson", action="store_true", help="the actions of the scenario's lesson instead of steps")
    parser.add_argument("--arrays", action="store_true", help="with every parameter and gradient")
    parser.add_argument("--meters", action="store_true", help="with the orders of each step and the curvature")
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    add_force(parser)


def add_show(parser: argparse.ArgumentParser) -> None:
    """The options of `bntui show`."""
    add_scenario(parser)
    parser.add_argument("--at", type=whole, default=0, metavar="STEP", help="the step to show (0)")
    parser.add_argument("--layer", metavar="L", help="whose chain is open")
    parser.add_argument("--sample", type=whole, metavar="I", help="one sample, counted from 0, instead of all")
    views = [view.name for view in VIEWS.values() if view.printed]
    parser.add_argument("--view", choices=views, default="layers", help="the charts beside the ledger, or a page of its own")
    parser.add_argument("--size", type=size, default=(80, 24), metavar="80x24")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII")
