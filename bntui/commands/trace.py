"""`bntui trace`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from bntui.commands import streams, typed
from bntui.commands.begin import read
from bntui.commands.command import GOOD, Command, UsageError, complain
from bntui.scenario.model.vocabulary import chosen
from bntui.scenario.text.files import output
from bntui.scenario.text.wording import harmless
from bntui.session.look.quantities import needed
from bntui.session.look.snapshot import Snapshot
from bntui.session.session import Session

DEFAULT_STEPS = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    """How far, what of each step, and in which form it is written where."""
    typed.add_scenario(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=typed.whole, default=DEFAULT_STEPS, metavar="N", help=f"steps ({DEFAULT_STEPS})")
    length.add_argument("--lesson", action="store_true", help="the actions of the scenario's lesson instead of steps")
    parser.add_argument("--arrays", action="store_true", help="with every parameter and gradient")
    parser.add_argument("--meters", action="store_true", help="with the orders of each step and the curvature")
    parser.add_argument("--full", action="store_true", help="with J and accuracy on all training data")
    parser.add_argument(
        "--only",
        metavar="QUANTITY,…",
        help="step, action and these quantities alone: a name, a family as gain, or a pattern as 'gradient.h*'",
    )
    parser.add_argument("--every", type=typed.count, default=1, metavar="N", help="every so many steps, and the last")
    parser.add_argument("--format", choices=("jsonl", "csv"), help="as the ending of FILE says, else jsonl")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to the terminal")
    typed.add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Write the steps, each as soon as it is taken."""
    from bntui.session.keep import tracing  # noqa: PLC0415 - csv and json are needed here alone

    said = None if options.output is None else tracing.form_named(Path(options.output))
    if said and options.format and options.format != said:
        wrong = f"{harmless(options.output)} ends in .{said}, but --format says {options.format}"
        raise UsageError(f"{wrong}; leave --format out, or give the file another ending")
    loaded = read(options)
    session = Session(loaded)
    names = None if options.only is None else _chosen(session, options.only.split(","))
    if names is None:
        detail = replace(
            tracing.plain_detail(session), orders=options.meters, meters=options.meters, arrays=options.arrays, full=options.full
        )
    else:
        detail = needed(names)
    if options.lesson:
        snapshots: Iterable[Snapshot] = tracing.by_lesson(session, detail)
    else:
        snapshots = tracing.by_steps(session, options.steps, detail, options.every)
    form = options.format or said or "jsonl"
    rows = tracing.written(form, snapshots, session, detail) if names is None else tracing.only(form, snapshots, names)
    if options.output is None:
        streams.print_data(sys.stdout)
        _write(rows, sys.stdout)
    else:
        with output(Path(options.output), loaded.files, options.force) as file:
            _write(rows, file)
    if not options.lesson and session.history.step < options.steps:
        complain(f"bntui: the trace ends at step {session.history.step}, where the run has diverged")
    return GOOD


def _chosen(session: Session, names: Sequence[str]) -> tuple[str, ...]:
    """The quantities that are asked for. Raises UsageError."""
    try:
        return chosen(names, session.experiment.architecture, session.experiment.held_out is not None)
    except KeyError as error:
        raise UsageError(f"--only: {error.args[0]}") from None


def _write(rows: Iterable[str], file: TextIO) -> None:
    for row in rows:
        file.write(row)
    file.flush()


TRACE = Command(name="trace", help="Every step as data: one JSON object a line, or CSV.", arguments=arguments, run=run)
