"""What the screens ask of the app that they stand in."""

from __future__ import annotations

from typing import Protocol

from bntui.session.session import Session


class Host(Protocol):
    """Opens sessions, and keeps the one at hand."""

    def explore(self, session: Session) -> None:
        """Open a session in place of the one at hand."""

    def take_over(self, session: Session) -> None:
        """Keep this session from now on, in place of the one at hand."""

    def spelled(self, text: str) -> str:
        """The text in the characters that the terminal has."""
