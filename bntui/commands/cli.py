"""The commands, one function each; the TUI is imported only to open it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO

from bntui.commands import options as typed
from bntui.commands import streams as face
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading import memory
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.files import CannotWrite, output
from bntui.scenario.text.wording import harmless
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.run.experiment import Refusal
from bntui.session.session import Session
from bntui.views.text.lines import Size

GOOD, FAILED, INVALID, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141


class UsageError(Exception):
    """Something on the command line that cannot be taken; the message is a sentence."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a sentence, with the near names, and ends with 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{harmless(message)}{self._near(message)}; `{self.prog} --help` says what there is")

    def _near(self, message: str) -> str:
        """The option that an unknown one in the message may have meant."""
        options = [option for action in self._actions for option in action.option_strings]
        named = [word.partition("=")[0].rstrip(":") for word in message.split() if word.startswith("--")]
        unknown = [word for word in named if word not in options]
        near = [match for word in unknown for match in get_close_matches(word, options, n=1)]
        return f"; did you mean {near[0]}?" if near else ""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and end the process with the status of DESIGN's table."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: list[str]) -> int:
    """Run a command; the exit status."""
    _open_closed_streams()
    if sys.stdout is None:
        _complain("bntui: the standard output is closed")
        return INVALID
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot spell ends nothing
    if face.draws_ascii("--ascii" in arguments, sys.stdout, face.environment()):
        face.print_ascii(sys.stdout, sys.stderr)
    try:
        status = _dispatch(arguments)
        sys.stdout.flush()
        return status
    except ScenarioError as error:
        _complain(str(error) + _command_hint(arguments))
        return INVALID
    except (UsageError, Refusal, CannotWrite) as error:
        _complain(f"bntui: {error}{_command_hint(arguments)}")
        return INVALID
    except MemoryError:
        _complain("bntui: there is not enough memory for this")
        return INVALID
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return BROKEN_PIPE
    except OSError as error:
        _give_up_output()
        _complain(f"bntui: {harmless(str(error.filename or 'the output'))}: {error.strerror or error}")
        return INVALID


def _open_closed_streams() -> None:
    """Stand in for what the shell has closed: nothing comes in, and complaints go nowhere."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as above


def _give_up_output() -> None:
    """Let nothing that is still to be written be tried again at the end of the process."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _draws_ascii(options: argparse.Namespace | None = None) -> bool:
    return face.draws_ascii(bool(options and options.ascii), sys.stdout, face.environment())


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        name, rest = arguments[0], arguments[1:]
        parser = Parser(prog=f"bntui {name}", description=COMMANDS[name].__doc__, allow_abbrev=False)
        ARGUMENTS[name](parser)
        return COMMANDS[name](_parsed(parser, rest))
    parser = Parser(prog="bntui", description=_overview(), allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    typed.add_opening(parser)
    return open_scenario(_parsed(parser, arguments))


def _parsed(parser: Parser, arguments: list[str]) -> argparse.Namespace:
    options = parser.parse_args(arguments)
    memory.allow(getattr(options, "memory", None) or memory.DEFAULT)
    return options


def _overview() -> str:
    rows = [f"  bntui {name:<9} {(command.__doc__ or '').splitlines()[0]}" for name, command in COMMANDS.items()]
    return "\n".join(["A terminal explorer of batch normalization.", "", *rows])


def open_scenario(options: argparse.Namespace) -> int:
    """Open a scenario, or the library, in the terminal; without a terminal print one frame."""
    if options.version:
        return _print_version()
    if options.resume is not None:
        return _resume(options)
    loaded = None if options.scenario is None else _find(options.scenario)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        if loaded is None:
            return list_scenarios(options)
        return _print_frame(Session(loaded), (80, 24), _draws_ascii(options))
    from bntui.tui.opening import open_terminal  # noqa: PLC0415 - textual takes longer to import than all the rest

    return open_terminal(
        None if loaded is None else Session(loaded), options.theme, _draws_ascii(options), options.mouse, options.fps
    )


def _resume(options: argparse.Namespace) -> int:
    """Go on with a session that was left or cut off; without a terminal print its frame, or which there are."""
    from bntui.commands import resume  # noqa: PLC0415 - beside its only use

    if options.scenario is not None:
        raise UsageError("--resume goes on with a session that was left or cut off; leave out the scenario")
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    try:
        resumed = resume.resumed(options.resume, print, _ask if on_terminal else None)
    except resume.Unavailable as error:
        raise UsageError(str(error)) from error
    if resumed is None:
        return GOOD
    session, sentence = resumed
    if not on_terminal:
        if sentence:
            _complain(f"bntui: {sentence}")
        return _print_frame(session, (80, 24), _draws_ascii(options))
    from bntui.tui.opening import open_terminal  # noqa: PLC0415 - as above

    return open_terminal(session, options.theme, _draws_ascii(options), options.mouse, options.fps, sentence)


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


def _find(name: str, settings: Iterable[str] = ()) -> Loaded:
    return read_file(library.find(name), tuple(settings))


def list_scenarios(options: argparse.Namespace) -> int:
    """The library: each scenario's name and title."""
    entries = library.entries()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        print(f"{entry.name:<{width}}  {entry.title} ({entry.size})")
    return GOOD


def check(options: argparse.Namespace) -> int:
    """Validate scenarios; with --play, test what their lessons expect."""
    from bntui.commands import check as teaching  # noqa: PLC0415 - json and xml are needed here alone

    if options.json:
        face.print_data(sys.stdout)
    return teaching.check(options, print, _complain)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    typed.add_memory(parser)
    parser.add_argument("--play", action="store_true", help="play each lesson and test its expectations")
    parser.add_argument("--json", action="store_true", help="say everything as one JSON document")
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML there, for CI")
    typed.add_force(parser)
    parser.add_argument("--watch", action="store_true", help="check again whenever a file is saved, until ctrl+c")


def trace(options: argparse.Namespace) -> int:
    """Every step as data: one JSON object a line, or CSV."""
    from bntui.session.keep import tracing  # noqa: PLC0415 - csv and json are needed here alone

    loaded = _find(options.scenario, options.settings)
    session = Session(loaded)
    detail = Detail(orders=options.meters, meters=options.meters, arrays=options.arrays)
    if options.lesson:
        snapshots: Iterable[Snapshot] = tracing.by_lesson(session, detail)
    else:
        snapshots = tracing.by_steps(session, options.steps, detail)
    as_csv = options.format == "csv"
    rows = tracing.as_csv(snapshots, session, detail) if as_csv else tracing.as_jsonl(snapshots, detail)
    if options.output is None:
        face.print_data(sys.stdout)
        _write(rows, sys.stdout)
    else:
        with output(Path(options.output), loaded.files, options.force) as file:
            _write(rows, file)
    return GOOD


def _write(rows: Iterable[str], file: TextIO) -> None:
    for row in rows:
        file.write(row)
    file.flush()


def show(options: argparse.Namespace) -> int:
    """Ledger and charts of one step as plain text."""
    session = Session(_find(options.scenario, options.settings))
    place = {"layer": options.layer, "sample": options.sample}
    named = {name: value for name, value in place.items() if value is not None}
    with suppress(Refusal):  # a run that diverges on the way is shown where it did
        _do(session, {"goto": options.at})
    if named:
        _do(session, {"focus": named})
    from bntui.commands.printed import view_text  # noqa: PLC0415 - brings the charts with it

    return _print_page(options, lambda _, plain: view_text(session, options.view, Size(*options.size), plain, sys.stderr))


def _do(session: Session, mapping: dict[str, object]) -> None:
    try:
        session.do(parse_action(mapping))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _print_frame(session: Session, size: tuple[int, int], ascii: bool) -> int:
    from bntui.commands.printed import frame_text  # noqa: PLC0415 - brings the charts with it

    try:
        print(frame_text(session, Size(*size), ascii))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return GOOD


def sweep(options: argparse.Namespace) -> int:
    """J after some steps against the learning rate, without BN and with it."""
    from bntui.commands.printed import sweep_text  # noqa: PLC0415 - brings the charts with it
    from bntui.session.survey.sweeping import plan_for  # noqa: PLC0415 - beside its only use

    session = _session_at(options)
    names = ("first", "last", "count", "steps", "seeds", "switching", "parameter", "over")
    plan = plan_for(session.situation(), **{name: getattr(options, name) for name in names})
    return _print_page(options, lambda size, plain: sweep_text(session, plan, size, plain, sys.stderr))


def _sweep_arguments(parser: argparse.ArgumentParser) -> None:
    typed.add_scenario(parser)
    typed.add_sweep(parser)


def landscape(options: argparse.Namespace) -> int:
    """J along the gradient, and what BN does to it; --growth: the gradient by depth."""
    from bntui.commands.printed import growth_text, landscape_text  # noqa: PLC0415 - brings the charts with it
    from bntui.session.survey.surveying import growth_plan  # noqa: PLC0415 - beside its only use

    session = _session_at(options)
    if options.growth:
        plan = growth_plan(session.situation(), options.samples, options.width, options.depth, options.seeds)
        return _print_page(options, lambda size, plain: growth_text(session, plan, size, plain, sys.stderr))
    return _print_page(options, lambda size, plain: landscape_text(session, size, plain, sys.stderr))


def _landscape_arguments(parser: argparse.ArgumentParser) -> None:
    typed.add_scenario(parser)
    typed.add_landscape(parser)


def _session_at(options: argparse.Namespace) -> Session:
    session = Session(_find(options.scenario, options.settings))
    with suppress(Refusal):  # a run that diverges on the way is taken where it did
        _do(session, {"goto": options.at})
    return session


def _print_page(options: argparse.Namespace, text: Callable[[Size | None, bool], str]) -> int:
    try:
        size = None if getattr(options, "json", False) else Size(*options.size)
        if size is None:
            face.print_data(sys.stdout)
        print(text(size, _draws_ascii(options)))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return GOOD


def report(options: argparse.Namespace) -> int:
    """Write a lesson as a handout, with ledger and charts at each beat."""
    from bntui.commands import check as teaching  # noqa: PLC0415 - as above

    return teaching.report(options, print)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="a name from `bntui list`, or a file")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="lesson.md or lesson.html")
    typed.add_memory(parser)
    typed.add_force(parser)


def notes(options: argparse.Namespace) -> int:
    """The speaker's view of the running lesson, in a second terminal."""
    from bntui.commands import check as teaching  # noqa: PLC0415 - as above

    try:
        return teaching.follow(options.process, print)
    except teaching.NoLesson as error:
        raise UsageError(str(error)) from error


def _notes_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("process", nargs="?", type=typed.whole, metavar="PROCESS", help="where several lessons run: which one")


def schema(options: argparse.Namespace) -> int:
    """The JSON Schema of scenarios, for editors."""
    from bntui.scenario.model.scenario import json_schema  # noqa: PLC0415 - slow to build

    print(json.dumps(json_schema(), indent=2, ensure_ascii=_draws_ascii()))
    return GOOD


def new(options: argparse.Namespace) -> int:
    """Write a commented scenario to start from."""
    from bntui.scenario.shelf.writing import TEMPLATE  # noqa: PLC0415 - beside its only use

    with output(Path(options.file), (), options.force) as file:
        file.write(TEMPLATE)
    print(f"{harmless(options.file)} written; open it with: bntui {harmless(options.file)}")
    return GOOD


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    typed.add_force(parser)


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": list_scenarios,
    "check": check,
    "trace": trace,
    "show": show,
    "report": report,
    "notes": notes,
    "sweep": sweep,
    "landscape": landscape,
    "schema": schema,
    "new": new,
}

ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "list": _no_arguments,
    "check": _check_arguments,
    "trace": typed.add_trace,
    "show": typed.add_show,
    "report": _report_arguments,
    "notes": _notes_arguments,
    "sweep": _sweep_arguments,
    "landscape": _landscape_arguments,
    "schema": _no_arguments,
    "new": _new_arguments,
}


def _command_hint(arguments: list[str]) -> str:
    """A word on the command that a mistyped first argument may have meant."""
    near = [] if not arguments or arguments[0] in COMMANDS else get_close_matches(arguments[0], COMMANDS, n=1)
    return f"\nThere is a command `bntui {near[0]}`." if near else ""
