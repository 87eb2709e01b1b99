"""`bntui trace`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bntui.commands import streams, typed
from bntui.commands.begin import read
from bntui.commands.command import FAILED, GOOD, INTERRUPTED, Command, UsageError, complain
from bntui.commands.progress import Progress
from bntui.maths.architecture import Architecture
from bntui.records import dataclass
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.validating import validated
from bntui.scenario.model.vocabulary import TWIN, WORDS, chosen, unknown_quantity
from bntui.scenario.text.files import output
from bntui.scenario.text.wording import counted, shown
from bntui.session.look.quantities import hold, needed
from bntui.session.session import Session

if TYPE_CHECKING:
    from bntui.session.trace.trace_lines import Form

DEFAULT_STEPS = 100
TOLD = (*WORDS, *(f"{TWIN}{word}" for word in WORDS))  # in words, beside the quantities
_BOUND = re.compile(r"([^<>=]+)([<>=])([^<>=]+)")
_NO_BOUND = "a bound is a quantity, one of < > =, and a number, in quotes, for < and > are the shell's own: --to 'loss<0.01'"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How far, what of each step, and in which form it is written where."""
    typed.add_scenario(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=typed.whole, metavar="N", help=f"steps ({DEFAULT_STEPS})")
    length.add_argument("--lesson", action="store_true", help="the actions of the scenario's lesson instead of steps")
    parser.add_argument(
        "--to",
        type=bound,
        metavar="'QUANTITY<NUMBER'",
        help="stop at the first state at which this holds, as --to 'loss<0.01' or 'twin.loss>1e6'; the quotes are for the shell. "
        "Status 1 where none is reached",
    )
    parser.add_argument(
        "--seeds",
        type=typed.count,
        metavar="N",
        help="so many runs, each with first weights of its own seed, from the scenario's on: the median and the quartiles of "
        "quantities at each step",
    )
    parser.add_argument("--arrays", action="store_true", help="with every parameter and gradient; in CSV with their norms")
    parser.add_argument("--meters", action="store_true", help="with the orders of each step and the curvature")
    parser.add_argument("--full", action="store_true", help="with J and accuracy on all training data")
    parser.add_argument(
        "--only",
        metavar="QUANTITY,…",
        help="step, action and these quantities alone: a name, a family as gain, or a pattern as 'gradient.h*'; "
        f"{', '.join(WORDS)} are told as well",
    )
    parser.add_argument("--every", type=typed.count, metavar="N", help="every so many steps, and the last")
    parser.add_argument("--format", choices=("jsonl", "csv"), help="as the ending of FILE says, else jsonl")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    typed.add_force(parser)


def bound(text: str) -> tuple[str, Comparison]:
    """A quantity and what it is to be, as loss<0.01."""
    parts = _BOUND.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{shown(text)}: {_NO_BOUND}")
    name, sign, value = (part.strip() for part in parts.groups())
    if sign == "=" and value in ("true", "false"):
        return name, validated(Comparison, {"is": value == "true"})
    try:
        number = float(value)
        return name, validated(Comparison, {{"<": "below", ">": "above", "=": "is"}[sign]: number})
    except ValueError:  # no number, or one that is not finite
        raise argparse.ArgumentTypeError(f"{shown(text)}: {_NO_BOUND}") from None


def run(options: argparse.Namespace) -> int:
    """Write the steps, each as soon as it is taken."""
    from bntui.session.trace.trace_lines import FORMS  # noqa: PLC0415 - csv and json are needed here alone

    form: Form = typed.form_of(options.format, options.output, FORMS) or "jsonl"
    _refuse_what_goes_unheeded(options)
    session = Session(read(options))
    if options.to is not None and (wrong_name := unknown_quantity(options.to[0], *_network(session))):
        raise UsageError(f"--to: {wrong_name}")
    with Progress() as progress:
        tell = _teller(options, progress)
        trace = _of_one(options, session, form, tell) if options.seeds is None else _of_seeds(options, session, form, tell)
        if options.output is None:
            streams.print_data(sys.stdout)
            whole = _write(trace, sys.stdout, tell)
        else:
            with output(Path(options.output), session.loaded.files, options.force) as file:
                whole = _write(trace, file, tell)
    end = trace.end()
    if not whole:
        complain(f"bntui: the trace ends at step {end.step}, where it was interrupted")
        return INTERRUPTED
    return _told(options, end)


def _teller(options: argparse.Namespace, progress: Progress) -> Callable[[float], None]:
    """Who tells a terminal's stderr how much is done, unless the rows pass there themselves."""
    if options.output is None and sys.stdout.isatty():
        return lambda share: None
    return lambda share: progress.tell(share, "traced, ctrl+c keeps what there is")


def _refuse_what_goes_unheeded(options: argparse.Namespace) -> None:
    """Refuse options that would make no difference beside others. Raises UsageError."""
    beside = {
        "--seeds tells how quantities spread over runs of so many steps": (options.seeds is not None, ("lesson", "arrays")),
        "--only names what is told": (options.only is not None, ("arrays", "meters", "full")),
        "--lesson tells every action": (options.lesson, ("every",)),
    }
    for says, (given, names) in beside.items():
        for name in names:
            if given and getattr(options, name) not in (False, None):
                raise UsageError(f"{says}; leave --{name} out")


@dataclass(frozen=True, slots=True)
class _End:
    """Where a trace has come to: the step, what has diverged there ("" where nothing has), whether the bound is reached there."""

    step: int
    diverged: str
    reached: bool


@dataclass(frozen=True, slots=True)
class _Trace:
    """The rows of a trace and how to tell where it has come to; where its rows tell how far it is, about how many there will be."""

    rows: Iterator[str]
    end: Callable[[], _End]
    most: int | None = None


def _told(options: argparse.Namespace, end: _End) -> int:
    """Say how a trace ended, where that is not as many steps as were asked for; the exit status."""
    bound_text = "" if options.to is None else f"{options.to[0]} {options.to[1]}"
    if options.to is not None and end.reached:
        complain(f"bntui: {bound_text} is reached at step {end.step}")
        return GOOD
    if end.diverged and not options.lesson:
        complain(f"bntui: the trace ends at step {end.step}, where {end.diverged}")
    if options.to is None:
        return GOOD
    more = "" if end.diverged or options.lesson else "; --steps N allows more"
    complain(f"bntui: {bound_text} is not reached by step {end.step}{more}")
    return FAILED


def _of_one(options: argparse.Namespace, session: Session, form: Form, tell: Callable[[float], None]) -> _Trace:
    """The trace of one run."""
    from bntui.session.trace import trace_lines, tracing  # noqa: PLC0415 - as above

    names = None if options.only is None else _chosen(session, options.only.split(","), TOLD)
    if names is None:
        asked = {name: getattr(options, name) for name in ("meters", "arrays", "full")}
        detail = replace(tracing.plain_detail(session), orders=options.meters, **asked)
    else:
        detail = needed(name for name in names if name not in TOLD)
    reached = None if options.to is None else partial(hold, dict([options.to]))
    if options.lesson:
        snapshots = tracing.by_lesson(session, detail, reached)
    else:
        steps = _steps(options)
        snapshots = tracing.by_steps(session, steps, detail, options.every or 1, reached, lambda step: tell(step / steps))
    lesson = session.loaded.scenario.lesson if options.lesson else ()
    if names is None:
        twins = trace_lines.twins_in(action for beat in lesson for action in beat.actions)
        rows = trace_lines.written(form, snapshots, session, detail, twins)
    else:
        rows = trace_lines.only(form, snapshots, names)

    def end() -> _End:
        step, diverged = session.history.step, session.experiment.has_diverged(session.history.moment)
        early = diverged and step < _steps(options)
        return _End(step, "the run has diverged" if early else "", reached is not None and reached(session))

    return _Trace(rows, end, tracing.states_of_lesson(lesson) if options.lesson else None)


def _of_seeds(options: argparse.Namespace, session: Session, form: Form, tell: Callable[[float], None]) -> _Trace:
    """The trace of runs from several seeds."""
    from bntui.session.trace import seeds, tracing  # noqa: PLC0415 - as above

    if options.only is None:
        detail = replace(tracing.plain_detail(session), orders=options.meters, meters=options.meters, full=options.full)
        names = tuple(seeds.told_of(session, detail))
    else:
        names = _chosen(session, options.only.split(","))
    steps = _steps(options)
    wanted = names, options.every or 1, options.to
    spreads = seeds.by_seeds(session.loaded, options.seeds, steps, *wanted, lambda step: tell(step / max(steps, 1)))
    last: list[seeds.Spread] = []

    def passed() -> Iterator[seeds.Spread]:
        for spread in spreads:
            last[:] = [spread]
            yield spread

    def end() -> _End:
        if not last:
            return _End(0, "", reached=False)
        (spread,) = last
        early = not spread.running and spread.step < _steps(options)
        reached = options.to is not None and options.to[1].holds(spread.median(options.to[0]))
        return _End(spread.step, f"all {counted(spread.runs, 'run')} have diverged" if early else "", reached)

    return _Trace(seeds.written(form, passed(), names), end)


def _steps(options: argparse.Namespace) -> int:
    return DEFAULT_STEPS if options.steps is None else int(options.steps)


def _network(session: Session) -> tuple[Architecture, bool]:
    """What the names of quantities depend on."""
    return session.experiment.architecture, session.experiment.held_out is not None


def _chosen(session: Session, names: Sequence[str], words: Collection[str] = ()) -> tuple[str, ...]:
    """The quantities that are asked for, and the words among them. Raises UsageError."""
    found: dict[str, None] = {}
    try:
        for name in names:
            found |= dict.fromkeys([name] if name in (*words, "action") else chosen([name], *_network(session)))
    except KeyError as error:
        raise UsageError(f"--only: {error.args[0]}") from None
    return tuple(name for name in found if name not in ("step", "action"))


def _write(trace: _Trace, file: TextIO, tell: Callable[[float], None]) -> bool:
    """Write the rows, each as soon as it is there; False where Ctrl-C ended that. `tell` takes how much is done."""
    try:
        for number, row in enumerate(trace.rows, start=1):
            file.write(row)
            if trace.most is not None:
                tell(number / trace.most)
    except KeyboardInterrupt:
        return False
    finally:
        file.flush()
    return True


COMMAND = Command(name="trace", help="Every step as data: one JSON object a line, or CSV.", arguments=arguments, run=run)
