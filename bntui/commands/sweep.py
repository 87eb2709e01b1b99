"""`bntui sweep`."""

from __future__ import annotations

import argparse
import sys

from bntui.commands import typed
from bntui.commands.begin import session_at
from bntui.commands.command import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    """From where, over which rates, and over what else."""
    typed.add_scenario(parser)
    typed.add_survey(parser, "json", "csv")
    parser.add_argument("--from", dest="first", type=typed.rate, metavar="RATE", help="the smallest rate")
    parser.add_argument("--to", dest="last", type=typed.rate, metavar="RATE", help="the largest rate")
    for name, says in (("count", "how many rates"), ("steps", "how many steps each"), ("seeds", "how many seeds")):
        parser.add_argument(f"--{name}", type=typed.count, metavar="N", help=says)
    parser.add_argument("--group", metavar="PATTERN", help="sweep the rate of these parameters alone, as 'h*.weight'")
    parser.add_argument(
        "--over",
        metavar="PATH=A,B,C",
        help="a curve for each value of a scenario path, as batch_size=4,16,full, depth=2,4,8, network.layers.*.units=8,32 "
        "(every layer but the last) or normalization=none,batch_norm; gain or depth alone: a map with BN off and on",
    )
    parser.add_argument("--switching", choices=("reset", "preserve"), help="what switching BN does to the parameters")


def run(options: argparse.Namespace) -> int:
    """Run the sweep and print its page."""
    from bntui.commands.printed import print_survey, sweep_text  # noqa: PLC0415 - brings the charts with it
    from bntui.session.survey.sweeping import plan_for  # noqa: PLC0415 - beside its only use

    session = session_at(options)
    names = ("first", "last", "count", "steps", "seeds", "switching", "group", "over")
    plan = plan_for(session.situation(), **{name: getattr(options, name) for name in names})
    return print_survey(options, lambda form: sweep_text(session, plan, form, sys.stderr), session.loaded.files)


COMMAND = Command(
    name="sweep", help="J after some steps against the learning rate, without BN and with it.", arguments=arguments, run=run
)
