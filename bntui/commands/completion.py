"""`bntui completion`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

from bntui.commands.command import GOOD, Command
from bntui.commands.shells import SHELLS, Asked, Kind, Word
from bntui.scenario.model.vocabulary import LAYER_QUANTITIES, PLAIN_QUANTITIES
from bntui.scenario.shelf import library


def arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    parser.add_argument("shell", choices=tuple(SHELLS), metavar="SHELL", help=f"{', '.join(SHELLS)}")


def run(options: argparse.Namespace) -> int:
    """Print the script, made of what every command declares."""
    commands = tuple(declared(name, parser) for name, parser in options.parsers().items())
    print(SHELLS[options.shell](commands, library.names()), end="")
    return GOOD


def declared(name: str, parser: argparse.ArgumentParser) -> Asked:
    """What a command takes, by its parser."""
    words = tuple(_words(parser))
    typed = next((action for action in parser._actions if not action.option_strings), None)
    says = "" if parser.description is None else parser.description.splitlines()[0]
    return Asked(name, says, words, None if typed is None else _word(typed))


def _words(parser: argparse.ArgumentParser) -> Iterator[Word]:
    """The options, but those that help does not tell of."""
    for action in parser._actions:
        if action.option_strings and action.help != argparse.SUPPRESS:
            yield _word(action)


def _word(action: argparse.Action) -> Word:
    choices = tuple(map(str, action.choices or _suggested(str(action.metavar))))
    kind: Kind = "nothing" if action.nargs == 0 else "choices" if choices else KINDS.get(str(action.metavar), "other")
    says = "" if action.help in (None, argparse.SUPPRESS) else str(action.help).replace("%%", "%")
    many = action.nargs in ("+", "*")
    return Word(tuple(action.option_strings), says, "scenarios" if kind == "files" and many else kind, choices, many)


def _suggested(metavar: str) -> Sequence[str]:
    """What is offered for a metavar though more may stand there."""
    if metavar in ("QUANTITY", "QUANTITY,…"):
        return *PLAIN_QUANTITIES, *LAYER_QUANTITIES
    return OWN_THEMES if metavar == "THEME" else ()


OWN_THEMES = ("dark", "light", "ansi", "projector")  # which the tui room has; it would take textual to ask it

KINDS: Mapping[str, Kind] = {**dict.fromkeys(("FILE", "FILE.py", "COURSE", "DIR"), "files"), "SCENARIO": "scenarios"}
"""What may stand for a metavar of which that is known; where several files may stand, names may as well."""

COMMAND = Command(
    name="completion",
    help="A script by which a shell completes commands, options, scenarios and files.",
    arguments=arguments,
    run=run,
)
