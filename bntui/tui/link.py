"""When the next frame may go to the terminal: when the last one has arrived, so that never more than one is on the way.

Whether it has, only the terminal knows: what a line between still holds, as an ssh window, nobody here can see. So a question goes
behind each frame. Of a terminal that answers none, what the system still holds and how long it keeps a write waiting is looked at;
where it stands at the end of a line that may hold without end, frames are rationed.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import IO

from textual._xterm_parser import XTermParser
from textual.message import Message

QUESTION, ANSWER = "\x1b[5n", "\x1b[0n"  # device status report: "how are you", "well"
LEARNING = 3.0  # seconds in which a terminal that answers at all has answered the first question, which goes before the first frame
PATIENCE = 3.0  # seconds after which an answer is late
TIMES_AS_LATE = 4  # as the last one took
SLOWEST = 1000.0  # bytes a second of a line, where an answer is not yet late
BLOCKED = 0.02  # seconds that a write takes only where it has to wait
POLL = 0.01  # seconds between two looks at a terminal that does not answer
GO_ON = ("[", "O")  # what makes another key of an escape, however late a busy machine lets it be read; all else is a key of its own
HELD_BACK = 0.1  # seconds for which the beginning of an answer is not yet the escape key
RATION = 1800.0  # bytes a second that a line is trusted with of which nothing can be known
FIRST_SCREEN = 12_000  # bytes that it is sent at once, until a key says that something has been read
FRAMES_OF_A_KEY = 2  # that go at once: one that was made before it, and its own
MOST_OWED = 2.0  # seconds for which such frames are made up for
LAST_ANSWERS = 2.0  # seconds to wait for them in the end
FIRST_ANSWER = 1.0  # seconds after the first question to wait for it, in the end too


class Link:
    """What is on the way to the terminal, and what it has answered."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.answers: bool | None = None  # whether the terminal does; None where that is not yet known
        self.took = 0.0  # seconds from the last question that was answered to its answer
        self._now = now
        self._first: float | None = None  # when the first question was asked
        self._asked = self._answered = 0
        self._times: deque[float] = deque(maxlen=64)  # when those were asked that are not answered
        self._due = self._last_asked = self._last_answered = 0.0

    @property
    def asks(self) -> bool:
        """Whether a question goes behind a frame: not where it has been learned that it would not be answered."""
        if self.answers is None and self._first is not None and self._now() - self._first > LEARNING:
            self.answers = False
            self.forget()
        return self.answers is not False

    @property
    def missing(self) -> int:
        """How many questions are not answered."""
        return max(0, self._asked - self._answered)

    @property
    def wait(self) -> float:
        """Seconds until the next frame may go, as far as the answers decide: 0 where none is missing or the first is late."""
        return max(0.0, self._due - self._now()) if self.answers and self.missing else 0.0

    def asked(self, size: int) -> None:
        """A question goes behind so many bytes."""
        now = self._now()
        if self.missing and self._last_answered > self._last_asked:  # others came meanwhile: these are lost, not late
            self._asked = self._answered
            self._times.clear()
        self._asked = max(self._asked, self._answered) + 1
        self._times.append(now)
        self._first = now if self._first is None else self._first
        patience = max(PATIENCE, TIMES_AS_LATE * self.took)
        self._last_asked, self._due = now, now + patience * 2 ** (self.missing - 1) + size / SLOWEST

    def answered(self) -> None:
        """The terminal has answered."""
        now = self._now()
        self.answers, self._answered, self._last_answered = True, self._answered + 1, now
        self._due = max(self._due, now + PATIENCE)
        if self._times:
            self.took = now - self._times.popleft()

    def forget(self) -> None:
        """Expect none of the answers that are missing any more."""
        self._asked = self._answered
        self._times.clear()

    def await_answers(self, hear: Callable[[float], bool]) -> None:
        """Wait for those that are missing, a bounded time; `hear` waits so many seconds for one, and says whether more may come."""
        end = self._now() + LAST_ANSWERS if self.answers else (self._first or 0.0) + FIRST_ANSWER
        while self.missing and self._now() < end and hear(POLL):
            pass


class Ration:
    """How many frames go to a terminal that answers nothing: as many as a slow line carries, and those of keys at once."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at_once = FIRST_SCREEN  # bytes
        self._frames = 0  # of the last key
        self._rests = 0.0  # the time until which the line is taken to carry what it was sent

    @property
    def wait(self) -> float:
        """Seconds until the next frame may go."""
        return 0.0 if self._at_once > 0 or self._frames else max(0.0, self._rests - self._now())

    def pressed(self) -> None:
        """A key has come, and is to be answered."""
        self._at_once, self._frames = 0, FRAMES_OF_A_KEY

    def sent(self, size: int) -> None:
        """A frame of so many bytes goes."""
        now = self._now()
        if self._at_once > 0:
            self._at_once -= size
            return
        self._frames = max(self._frames - 1, 0)
        self._rests = min(max(self._rests, now), now + MOST_OWED) + size / RATION


class Written:
    """A file to the terminal of which it is known what has gone into it, and how long it had to wait."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._begun: float | None = None
        self._texts = self.gone = 0  # texts that were written, and of these gone
        self.rests = 0.0  # the time until which a line that kept a write waiting is left alone

    def write(self, text: str) -> None:
        """Write a text."""
        self._begun = self._begun or time.monotonic()
        self._texts += 1
        self._file.write(text)

    def flush(self) -> None:
        """Send what was written, waiting as long as that takes."""
        texts = self._texts
        self._file.flush()
        now = time.monotonic()
        took = now - (self._begun or now)
        self._begun = None
        if took > BLOCKED:
            self.rests = now + took
        self.gone = texts

    def fileno(self) -> int:
        """The number of the file."""
        return self._file.fileno()

    @property
    def holds(self) -> int:
        """The bytes that the system still holds, 0 where it does not say."""
        found = bytearray(4)
        try:
            fcntl.ioctl(self.fileno(), termios.TIOCOUTQ, found, True)
        except OSError:
            return 0
        return int(struct.unpack("i", found)[0])

    @property
    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self.fileno())


class Answers(XTermParser):
    """Textual's parser of what the terminal sends, from which answers are taken out: it would take them for keys.

    They are taken out wherever they stand, in a pasted text too; one that comes in pieces is waited for.
    """

    def __init__(self, link: Link, answered: Callable[[], None], debug: bool = False) -> None:
        super().__init__(debug)
        self._link, self._tell = link, answered
        self._beginning, self._came = "", 0.0
        self._is_after_escape = False

    def feed(self, data: str) -> Iterable[Message]:
        """The keys and all else among what came, "" where nothing will come any more."""
        if not data:
            yield from self._let_go()
            yield from super().feed(data)
            return
        if self._has_waited or (self._is_after_escape and data[0] not in GO_ON):
            yield from self.tick()
        self._is_after_escape = data[-1] == "\x1b"
        rest, found = _without_answers(self._beginning + data)
        self._beginning = ""
        if self._link.missing > found:
            self._beginning = next((ANSWER[:size] for size in (3, 2, 1) if rest.endswith(ANSWER[:size])), "")
            rest = rest.removesuffix(self._beginning)
            self._came = time.monotonic()
        for _ in range(found):
            self._tell()
        if rest:
            yield from super().feed(rest)

    def tick(self) -> Iterable[Message]:
        """What has become a key because nothing came after it."""
        if self._has_waited:
            yield from self._let_go()
        yield from super().tick()

    @property
    def waits(self) -> bool:
        """Whether what came last may become another key by what comes next."""
        return bool(self._beginning) or self._timeout_time is not None

    @property
    def _has_waited(self) -> bool:
        """Whether what may be the beginning of an answer has waited long enough for the rest of it."""
        return bool(self._beginning) and time.monotonic() - self._came > HELD_BACK

    def _let_go(self) -> Iterable[Message]:
        beginning, self._beginning = self._beginning, ""
        if beginning:
            yield from super().feed(beginning)
            if self._timeout_time is not None:
                self._timeout_time = 0.0  # textual would wait as long again for what makes another key of an escape


def _without_answers(text: str) -> tuple[str, int]:
    """A text without the answers in it, and how many these were."""
    pieces = text.split(ANSWER)
    return "".join(pieces), len(pieces) - 1
