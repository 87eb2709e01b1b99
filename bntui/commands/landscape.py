"""`bntui landscape`."""

from __future__ import annotations

import argparse
import sys

from bntui.commands import typed
from bntui.commands.begin import session_at
from bntui.commands.command import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    """From where; with `--growth`, which networks."""
    typed.add_scenario(parser)
    typed.add_survey(parser, "json")
    parser.add_argument("--growth", action="store_true", help="the gradient by depth at the start, with theory's line")
    for name, says in (("samples", "m"), ("width", "units"), ("depth", "hidden layers"), ("seeds", "networks")):
        parser.add_argument(f"--{name}", type=typed.count, metavar="N", help=f"with --growth: how many {says}")


def run(options: argparse.Namespace) -> int:
    """Survey the landscape, or the growth, and print its page."""
    from bntui.commands.printed import growth_text, landscape_text, print_survey  # noqa: PLC0415 - brings the charts with it
    from bntui.session.survey.surveying import growth_plan  # noqa: PLC0415 - beside its only use

    session = session_at(options)
    if options.growth:
        plan = growth_plan(session.situation(), options.samples, options.width, options.depth, options.seeds)
        return print_survey(options, lambda form: growth_text(session, plan, form, sys.stderr), session.loaded.files)
    return print_survey(options, lambda form: landscape_text(session, form, sys.stderr), session.loaded.files)


COMMAND = Command(
    name="landscape",
    help="J along the gradient, and what BN does to it; --growth: the gradient by depth.",
    arguments=arguments,
    run=run,
)
