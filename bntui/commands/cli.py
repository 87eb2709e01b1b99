"""The command line: which commands there are, which one is meant, and the status with which it ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from bntui.commands import streams, typed
from bntui.commands.command import BROKEN_PIPE, INTERRUPTED, INVALID, Command, UsageError, complain
from bntui.commands.signals import met_as_ctrl_c
from bntui.scenario.reading import memory
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.files import CannotWrite
from bntui.scenario.text.wording import harmless
from bntui.session.keep import preferences
from bntui.session.keep.preferences import Unusable
from bntui.session.run.refusal import Refusal

# in the order in which help lists them; each has the module of its name, and none waits for the others to be imported
NAMES = (
    "list", "check", "trace", "show", "report", "notes", "follow", "sweep", "landscape", "export", "schema", "new", "completion"
)  # fmt: skip
OPEN = "open"  # the module of what is done where no command is named

NEAR = 0.7  # how alike an option is that is offered for an unknown one, 1 where it is the same


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, with the near names, and ends with 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{harmless(message)}{self._near(message)}; `{self.prog} --help` says what there is")

    def _near(self, message: str) -> str:
        """The option that an unknown one in the message may have meant."""
        options = [option for action in self._actions for option in action.option_strings]
        named = [word.partition("=")[0].rstrip(":") for word in message.split() if word.startswith("--")]
        unknown = [word[2:] for word in named if word not in options]
        bare = [option[2:] for option in options if option.startswith("--")]  # two hyphens alone make nothing alike
        near = [match for word in unknown for match in _begun(word, bare) or get_close_matches(word, bare, n=1, cutoff=NEAR)]
        return f"; did you mean --{near[0]}?" if near else ""


class OverviewParser(Parser):
    """Lists every command in its help."""

    def format_help(self) -> str:
        rows = [f"  bntui {each.name:<10} {each.help}" for each in commands()]
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        self.description = "\n".join([command(OPEN).help, "", *rows])
        return super().format_help()


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and end the process with the status of DESIGN's table."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: list[str]) -> int:
    """Run a command; the exit status."""
    streams.open_closed()
    if sys.stdout is None:
        complain("bntui: the standard output is closed")
        return INVALID
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot spell ends nothing
    try:
        asked = typed.asks_ascii(arguments)
        streams.take_face(_prefers_ascii() if asked is None else asked)
        options = parsed(arguments)
        memory.allow(getattr(options, "memory", None) or memory.DEFAULT)
        status = options.command.run(options) if options.command.on_terminal else _run_to_its_end(options)
        sys.stdout.flush()
        return status
    except ScenarioError as error:
        complain(str(error) + _command_hint(arguments))
        return INVALID
    except (UsageError, Refusal, CannotWrite, Unusable) as error:
        complain(harmless(f"bntui: {error}{_command_hint(arguments)}", lines=True))
        return INVALID
    except MemoryError:
        complain("bntui: there is not enough memory for this")
        return INVALID
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        streams.give_up_output()
        return BROKEN_PIPE
    except OSError as error:
        streams.give_up_output()
        complain(f"bntui: {harmless(str(error.filename or 'the output'))}: {error.strerror or error}")
        return INVALID


def _run_to_its_end(options: argparse.Namespace) -> int:
    """Run a command that a signal may end before; the exit status, then that of the signal."""
    with met_as_ctrl_c() as ending:
        try:
            status: int = options.command.run(options)
        except KeyboardInterrupt:
            status = INTERRUPTED
    return status if ending.status is None else ending.status


def parsed(arguments: list[str]) -> argparse.Namespace:
    """What was typed, with the `command` that it is for. Raises UsageError; ends the process where help is asked for."""
    named = bool(arguments) and arguments[0] in NAMES
    parser = _parser(command(arguments[0] if named else OPEN))
    options, unknown = parser.parse_known_args(arguments[1:] if named else arguments)
    late = [] if named else [word for word in (options.scenario, *unknown) if word in NAMES]
    if late:
        raise UsageError(f"a command stands first, and what it takes after it: `bntui {late[0]} --help` says what that is")
    if unknown:
        meant = _meant(options, unknown)
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}{f'; did you mean {meant}?' if meant else ''}")
    return options


def command(name: str) -> Command:
    """The command in the module of that name."""
    found: Command = import_module(f"bntui.commands.{name}").COMMAND
    return found


def commands() -> tuple[Command, ...]:
    """Every command that has a name, in the order in which help lists them."""
    return tuple(map(command, NAMES))


def _parser(command: Command) -> argparse.ArgumentParser:
    """What parses what is typed after a command's name."""
    kind = Parser if command.name else OverviewParser
    parser = kind(prog=f"bntui {command.name}".strip(), description=command.help, allow_abbrev=False)
    command.arguments(parser)
    parser.set_defaults(command=command, parser=parser, parsers=_parsers)
    return parser


def _parsers() -> dict[str, argparse.ArgumentParser]:
    """What parses each command, by its name, "" for what is done where none is named."""
    return {each.name: _parser(each) for each in (command(OPEN), *commands())}


def _meant(options: argparse.Namespace, unknown: list[str]) -> str:
    """How what stands where nothing may stand was probably meant; "" where nobody can say."""
    spellings = [spelling for action in options.parser._actions for spelling in action.option_strings]
    word, _, value = unknown[0].lstrip("-").partition("=")
    if f"--{word}" in spellings and unknown[0] != f"--{word}":
        return f"--{word}={value}" if value else " ".join([f"--{word}", *unknown[1:2]])
    given = [("--set", each) for each in getattr(options, "settings", [])] + [("--over", getattr(options, "over", None) or "=")]
    return next((f"{option} {path}={unknown[0]}" for option, path in given if "=" not in path and unknown[0][:1] != "-"), "")


def _prefers_ascii() -> bool | None:
    """Which face is preferred where there is a terminal; what cannot be used of the preferences is said. Raises Unusable."""
    if not sys.stdout.isatty():
        return None
    asked, (kept, problem) = preferences.of_environment(os.environ), preferences.remembered()
    if problem:
        complain(f"bntui: {problem}")
    return asked.over(kept).ascii


def _begun(word: str, options: list[str]) -> list[str]:
    """The options that a word is the beginning of."""
    return [option for option in options if word and option.startswith(word)]



def _command_hint(arguments: list[str]) -> str:
    """A word on the command that a mistyped first argument may have meant."""
    near = [] if not arguments or arguments[0] in NAMES else get_close_matches(arguments[0], NAMES, n=1)
    return f"\nThere is a command `bntui {near[0]}`." if near else ""
