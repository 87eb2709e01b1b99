"""`bntui show`."""

from __future__ import annotations

import argparse
import sys

from bntui.commands import typed
from bntui.commands.begin import act, session_at
from bntui.commands.command import Command, UsageError
from bntui.commands.streams import ascii_alone
from bntui.scenario.model.actions import Beat
from bntui.views.kinds import VIEWS
from bntui.views.text.lines import Size


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which step, whose chain, and what beside it."""
    typed.add_scenario(parser)
    typed.add_step(parser, "the step to show")
    typed.add_beat(parser)
    parser.add_argument("--layer", metavar="L", help="whose chain is open")
    parser.add_argument("--sample", type=typed.whole, metavar="I", help="one sample, counted from 0, instead of all")
    views = [view.name for view in VIEWS.values() if view.printed]
    parser.add_argument("--view", choices=views, help="the charts beside the ledger (a beat has its own), or a page of its own")
    parser.add_argument("--history", metavar="QUANTITY", help="the history of a quantity, as loss, or of every layer's, as weight")
    typed.add_size(parser)
    typed.add_ascii(parser)


def run(options: argparse.Namespace) -> int:
    """Print the frame or the page."""
    if options.beat is not None and options.at:
        raise UsageError("--at goes to a step and --beat to a beat of the lesson; leave out one of them")
    session = session_at(options)
    if options.beat is not None:
        session.do(Beat(number=typed.beat_of(session.lesson.beats, options.beat)))
    place = {"layer": options.layer, "sample": options.sample}
    named: dict[str, object] = {name: value for name, value in place.items() if value is not None}
    if named:
        act(session, {"focus": named})
    if options.history is not None:
        act(session, {"view": {"history": options.history}})
    view = session.view if options.view is None or options.history is not None else options.view
    from bntui.commands.printed import print_page, view_text  # noqa: PLC0415 - brings the charts with it

    size, ascii = Size(*options.size), ascii_alone(options.ascii)
    return print_page(lambda: view_text(session, view, size, ascii, sys.stderr))


COMMAND = Command(name="show", help="Ledger and charts of one step as plain text.", arguments=arguments, run=run)
