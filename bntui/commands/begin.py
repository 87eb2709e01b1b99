"""Where a command begins: the scenario that is named, as changed on its way in, and the step that is gone to."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress

from bntui.commands.command import UsageError, complain
from bntui.commands.progress import Progress
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
    with suppress(Refusal), Progress() as progress:
        what = f"on the way to step {options.at}, ctrl+c stops"
        act(session, {"goto": options.at}, lambda: progress.tell(session.history.step / max(options.at, 1), what))
    if session.history.step < options.at:
        complain(f"bntui: step {options.at} is not reached: diverged at step {session.history.step}, where this is")
    return session


def act(session: Session, mapping: dict[str, object], passed: Callable[[], None] = lambda: None) -> None:
    """Do what was typed, as the mapping that a lesson would have; each step `passed` is told. Raises Refusal, UsageError."""
    try:
        action = parse_action(mapping)
    except ValueError as error:
        raise UsageError(str(error)) from error
    for _ in session.perform(action):
        passed()
