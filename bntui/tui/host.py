"""What the screens ask of the app that they stand in."""

from __future__ import annotations

from typing import Protocol

from bntui.session.session import Session


class Host(Protocol):
    """Opens sessions, and keeps the one at hand."""

    @property
    def session_name(self) -> str | None:
        """The name under which the session at hand is kept, None where it is not."""

    def explore(self, session: Session) -> None:
        """Open a session in place of the one at hand."""

    def replace(self, session: Session) -> None:
        """Keep a session that goes on in place of the one at hand, which need not be gone on with."""

    def spelled(self, text: str) -> str:
        """The text in the characters that the terminal has."""
