"""Keys that come faster than they act, as over a link that held them back: each finds the screen as the one before has left it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.screen import Screen

from bntui.session.keep.aside import PARTS

PATIENCE = 1.0  # seconds: what takes longer, or has lost its turn with a screen that went away, holds nobody up


class InTurn(App[None]):
    """An app that lets a key in when the one before has acted.

    Textual gives a key to what has the focus when it comes, though the key before it may be about to open a dialog.
    """

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._waiting: deque[Key | Paste] = deque()
        self._turn = 0
        self._patience: asyncio.TimerHandle | None = None  # with the key whose turn it is, while it acts

    async def on_event(self, event: Event) -> None:
        """Have keys and what is pasted wait for their turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._waiting.append(event)
        if self._patience is None:
            await self._let_in()

    async def _let_in(self) -> None:
        """Let the next key act, and see when it has: it goes to what has the focus, and up from there to the app."""
        turn, taker = self._begin_turn(), self._taker
        await super().on_event(self._waiting.popleft())
        await self._go_behind(turn, [*taker.ancestors_with_self], taker)

    def hold_keys(self) -> Callable[[], object]:
        """Let no key in before what is given back is called, and has acted, because a key has begun what takes a moment."""
        return partial(self.call_later, self._go_on_behind, self._begin_turn())

    async def _go_on_behind(self, turn: int) -> None:
        """Let the next key in behind all that was opened or sent."""
        if turn == self._turn:
            taker = self._taker
            await self._go_behind(turn, [*taker.ancestors_with_self], taker)

    def _begin_turn(self) -> int:
        """Begin a turn, whatever comes of the one before; its number."""
        if self._patience is not None:
            self._patience.cancel()
        self._turn += 1
        self._wait(self._turn, PARTS)
        return self._turn

    def _wait(self, turn: int, parts: int) -> None:
        """Have patience with a turn for so many parts of it."""
        if parts:
            self._patience = asyncio.get_running_loop().call_later(PATIENCE / PARTS, self._wait, turn, parts - 1)
        else:
            self.call_later(self._end_turn, turn)

    async def _go_behind(self, turn: int, way: list[DOMNode], taker: DOMNode | None) -> None:
        """Go the way of what was sent to its first node before, through the queue of each.

        What a key has opened or sent is gone behind too, once more from where the next key would go.
        """
        while way:
            if way.pop(0).call_later(self._go_behind, turn, way, taker):
                return
        now = self._taker
        if taker is not None and (now is not taker or not isinstance(now, Screen)):
            await self._go_behind(turn, [*now.ancestors_with_self], None)
        else:
            await self._end_turn(turn)

    async def _end_turn(self, turn: int) -> None:
        """A key has acted: let the next one in."""
        if turn != self._turn or self._patience is None:
            return
        self._patience.cancel()
        self._patience = None
        if self._waiting:
            await self._let_in()

    @property
    def _taker(self) -> DOMNode:
        """What a key is given to."""
        stack = self.screen_stack
        return self if not stack else stack[-1].focused or stack[-1]
