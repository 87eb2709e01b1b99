"""Textual's driver of a terminal, which sends a frame when the last one has arrived, and then the newest."""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import sys
import time
from collections.abc import Iterable
from typing import IO, Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Resize
from textual.geometry import Size
from textual.message import Message

from bntui.tui.drag import Drag
from bntui.tui.early import EarlyKeys
from bntui.tui.extent import extent_of
from bntui.tui.glass import Glass
from bntui.tui.link import HELD_BACK, POLL, QUESTION, Answers, Link, Ration, Written

HEADER = 1  # the row that says at once what a key has done
ANSWERING = 0.5  # seconds after a key in which it does
MOST_READ = 4096  # bytes at once
MOST_HEADERS = 4  # that go while a frame is on the way
ERASED = "\x1b[0m\x1b[H\x1b[2J"
LEAVING = "\x1b[<u\x1b[?1049l\x1b[?25h"  # keys, screen and cursor as they were: textual will say it again

LATIN = "bntui.latin"  # the name of an error handler


def _in_latin(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8, of a terminal of another encoding, as the letter that it is in Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(LATIN, _in_latin)


def _terminal() -> IO[str]:
    """What is painted on: standard error, as textual has it, unless somebody has led that elsewhere; else standard output."""
    written = [file for file in (sys.__stderr__, sys.__stdout__) if file is not None]
    return next((file for file in written if file.isatty()), written[-1])


def pacing(driver: type[Driver], early: EarlyKeys, glass: Glass, ration: Ration | None) -> type[Driver]:
    """A driver that sends what the glass does not show yet, as fast as it arrives; in rations while no answer tells whether it has.

    It gives the terminal back as it was before early keys were kept: by itself, as it has found it.
    """
    if driver is not LinuxDriver:  # one that was chosen by the environment
        return driver

    class Pacing(LinuxDriver):
        """Textual's own."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._out = Written(_terminal())
            self._file: Any = self._out
            self._link = Link()
            self._texts = 0  # that were given to the writer
            self._look: asyncio.TimerHandle | None = None
            self._synchronized = self._closed = False
            self._key_came = 0.0
            self._headers = 0  # sent since the last frame
            self._keys = Answers(self._link, self._answered)
            self._decode = codecs.getincrementaldecoder("utf-8")(LATIN).decode
            self._later: asyncio.TimerHandle | None = None
            self._drag = Drag(self._take_size, self._loop.call_later)
            self._told_size: Resize | None = None  # as the terminal has told it itself

        def start_application_mode(self) -> None:
            self._closed = False
            self._keys = Answers(self._link, self._answered)
            super().start_application_mode()  # type: ignore[no-untyped-call]  # it is untyped there
            self._loop.add_reader(self.fileno, self._read)
            signal.signal(signal.SIGWINCH, lambda *_: self._loop.call_soon_threadsafe(self._resized))
            self.attrs_before = early.hand_over() or self.attrs_before
            if not (self.input_tty and self._out.isatty):  # nobody could hear an answer
                self._link.answers = False
            elif self._link.asks:
                self._send(QUESTION)
                self._link.asked(len(QUESTION))

        def stop_application_mode(self) -> None:
            if not self._closed:  # GNU screen and the consoles have no other screen to go back to: what stands here stays
                self._send(ERASED)
            super().stop_application_mode()

        def write(self, data: str) -> None:
            if data in (SYNC_START, SYNC_END):  # textual says it around what it draws, which is not yet what is sent
                self._synchronized = True
                return
            at_once = glass.draw(data)
            if at_once:
                self._send(at_once)
            else:
                self._go_on()

        def process_message(self, message: Message) -> None:
            if isinstance(message, Resize):
                self._told_size = message
                self._drag.resized()
                return
            if isinstance(message, Key):
                self._key_came = time.monotonic()
                if ration is not None:
                    ration.pressed()
                self._drag.settle()  # what it does is shown, and at the size that there is now
            super().process_message(message)

        def _resized(self) -> None:
            """The system says that the terminal has another size; one that tells it itself is believed."""
            if not (self._in_band_window_resize or self._closed):
                self._drag.resized()

        def _take_size(self) -> None:
            """Let the app have the size that the terminal has now."""
            size, self._told_size = self._told_size, None
            if size is None:
                now = Size(*self._get_terminal_size())
                size = Resize(now, now)
            super().process_message(size)
            self._go_on()

        def _get_terminal_size(self) -> tuple[int, int]:
            """What the terminal says itself, if it does."""
            return extent_of(self.fileno) or super()._get_terminal_size()

        def run_input_thread(self) -> None:
            """Nothing: the loop itself reads, since a thread would wake ten times a second at rest and twice for each frame."""

        def _read(self) -> bool:
            """Take what came from the terminal; whether it is still there."""
            try:
                came = os.read(self.fileno, MOST_READ)
            except OSError:
                came = b""
            if came:
                if text := self._decode(came):  # of a character that comes in pieces nothing yet
                    self._take(self._keys.feed(text))
            else:  # the app sees by itself that it has gone
                self._loop.remove_reader(self.fileno)
            return bool(came)

        def _take(self, messages: Iterable[Message]) -> None:
            """Take keys and all else; what may yet become another key is looked at again."""
            for message in messages:
                self.process_message(message)
            if self._later is not None:
                self._later.cancel()
                self._later = None
            if self._keys.waits and not self._closed:
                self._later = self._loop.call_later(HELD_BACK / 2, lambda: self._take(self._keys.tick()))

        def disable_input(self) -> None:
            """As textual does; an answer that comes later would be typed into the shell."""
            if not self._closed:
                self._closed = True
                self._drag.drop()
                if self._look is not None:
                    self._look.cancel()
                if self._link.missing:
                    if self._link.answers:
                        self._send(LEAVING)
                    self._link.await_answers(self._hear)
                self._link.forget()
                self._loop.remove_reader(self.fileno)
            super().disable_input()

        def _hear(self, seconds: float) -> bool:
            """Wait for something to come and take it; whether more may come."""
            ready, _, _ = select.select([self.fileno], [], [], seconds)
            return self._read() if ready else True

        def _answered(self) -> None:
            self._link.answered()
            self._go_on()

        def _go_on(self) -> None:
            """Send the newest frame if it may go, else look again."""
            if self._look is not None:
                self._look.cancel()
                self._look = None
            if self._closed or glass.is_shown or self._drag.goes_on:  # what was drawn is of another size than the terminal
                return
            busy = self._out.gone < self._texts
            wait = POLL if busy else self._wait
            if wait:
                if not busy and self._headers < MOST_HEADERS and time.monotonic() - self._key_came < ANSWERING:
                    self._send_header()
                self._look = self._loop.call_later(wait, self._go_on)
                return
            changes = glass.changes()
            if changes:
                self._headers = 0
                self._send_frame(changes)

        @property
        def _wait(self) -> float:
            """Seconds until the next frame may go or it is known better."""
            if self._link.answers:
                return self._link.wait
            held = POLL if self._out.holds or time.monotonic() < self._out.rests else 0.0
            return held if ration is None else max(held, ration.wait)

        def _send_header(self) -> None:
            changes = glass.changes_of(HEADER)
            if changes:
                self._headers += 1
                self._send(changes)

        def _send_frame(self, changes: str) -> None:
            if self._synchronized:
                changes = f"{SYNC_START}{changes}{SYNC_END}"
            if self._link.asks:
                changes += QUESTION
                self._link.asked(len(changes))
            if ration is not None and not self._link.answers:
                ration.sent(len(changes.encode()))
            self._send(changes)

        def _send(self, data: str) -> None:
            self._texts += 1
            super().write(data)

    return Pacing
