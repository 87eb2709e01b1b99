"""Where a command begins: the scenario that is named, as changed on its way in, and the step that is gone to."""

from __future__ import annotations

import argparse
from contextlib import suppress

from bntui.commands.command import UsageError, complain
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import Loaded
from bntui.scenario.shelf import library
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session


def read(options: argparse.Namespace) -> Loaded:
    """The scenario with its changes. Raises ScenarioError."""
    return library.opened(options.scenario, tuple(options.settings))


def session_at(options: argparse.Namespace) -> Session:
    """A session of the scenario at that step, or where it diverges on the way, which is said. Raises ScenarioError, UsageError."""
    session = Session(read(options))
    with suppress(Refusal):
        act(session, {"goto": options.at})
    if session.history.step < options.at:
        complain(f"bntui: step {options.at} is not reached: diverged at step {session.history.step}, where this is")
    return session


def act(session: Session, mapping: dict[str, object]) -> None:
    """Do what was typed, as the mapping that a lesson would have. Raises Refusal, UsageError."""
    try:
        session.do(parse_action(mapping))
    except ValueError as error:
        raise UsageError(str(error)) from error
