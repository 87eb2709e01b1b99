"""Screens that stand over another one and are left once, however fast the keys come."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

Result = TypeVar("Result")


class Leaving(Screen[Result]):
    """A screen that goes back to the one below it; a second key that would leave it too leaves nothing else."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless that has been done already: textual would take the screen below away."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class Dialog(ModalScreen[Result], Leaving[Result]):
    """A dialog over a screen that stays in sight; textual takes the styles of the first base alone."""
