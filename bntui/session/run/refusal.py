"""What a session says of an action that it does not take."""

from __future__ import annotations

from bntui.scenario.text.complaints import Error


class Refusal(Error):
    """An action that cannot be taken; the message is a sentence, and nothing has changed."""
