"""What was done in a session, in its order: from it the session can be repeated, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator

from bntui.records import dataclass
from bntui.scenario.model.actions import AnyAction, Step
from bntui.scenario.model.parts import MOST_STEPS


@dataclass(frozen=True, slots=True)
class Entry:
    """An action that was taken; `cut` says after how many steps and changes it ended early, None where it did not."""

    action: AnyAction
    cut: int | None = None


class Log:
    """Everything that was taken; steps that follow each other are one entry."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._steps = 0

    def __iter__(self) -> Iterator[Entry]:
        yield from self._entries
        if self._steps:
            yield Entry(Step(count=self._steps))

    def add(self, entry: Entry) -> None:
        """Add what was taken."""
        steps = entry.action.count if isinstance(entry.action, Step) else 0
        if self._steps and (not steps or self._steps + steps > MOST_STEPS):
            self._entries.append(Entry(Step(count=self._steps)))
            self._steps = 0
        self._steps += steps
        if not steps:
            self._entries.append(entry)


def entry_of(action: AnyAction, changes: int, whole: bool) -> Entry | None:
    """What came of an action that made `changes` steps and changes; None where nothing did."""
    if isinstance(action, Step):
        return Entry(action if action.count == changes else Step(count=changes)) if changes else None
    if whole:
        return Entry(action)
    return Entry(action, changes) if changes else None
