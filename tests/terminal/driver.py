"""A program on a pseudo-terminal, driven by keys and read as a person would read it."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pyte

PROGRAM = [sys.executable, "-m", "bntui"]
FRAME = 0.4  # seconds within which a frame has arrived, however many pieces it comes in
PATIENCE = 20.0  # seconds; far more than is ever needed, so that a busy machine fails no test
LOOK = 0.05  # seconds between two looks at whether it rests
BUSY = ("R", "D")  # as /proc calls a thread that computes or waits for a processor, and one that waits for a disk
KEYS = {
    "enter": "\r", "escape": "\x1b", "space": " ", "home": "\x1b[H", "end": "\x1b[F",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
}  # fmt: skip
MODES = {"alternate screen": 1049, "cursor": 25, "paste": 2004}
MOUSE = (1000, 1002, 1003, 1006, 1015)

# the terminal becomes the program's own, so that a hang-up reaches it; its environment is as it was given, for this Python
# sets LC_CTYPE where the locale is C; and ctrl+c reaches it though the tests were started in a shell's background
TAKE_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
with open("/proc/self/environ", "rb") as given:
    variables = dict(each.split(b"=", 1) for each in given.read().split(b"\\0") if each)
os.execvpe(sys.argv[1], sys.argv[1:], variables)
"""
FOREIGN = ("SSH_", "TEXTUAL", "BNTUI_", "NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES", "PYTHONIOENCODING", "LC_", "LANG")


class Terminal:
    """One program on one pseudo-terminal; leaving the context ends what still runs."""

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (80, 24), **variables: str) -> None:
        self.screen = pyte.Screen(*size)
        self.output = bytearray()
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.master, slave = pty.openpty()
        self._name = os.ttyname(slave)
        self._set_size(*size)
        self.attributes = termios.tcgetattr(self.master)
        self._state = tempfile.TemporaryDirectory()  # no session is left to whoever runs the tests, and no preference
        own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        own |= dict.fromkeys(("XDG_STATE_HOME", "XDG_CONFIG_HOME"), self._state.name)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", TAKE_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, **own, **variables},
        )
        os.close(slave)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *raised: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()
        self._state.cleanup()

    def hang_up(self) -> None:
        """Take the terminal away, as a connection that drops."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def answer(self) -> None:
        """Answer questions from now on, as nearly every terminal does."""
        self.screen.write_process_input = self.press

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program is told of it."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)

    def press(self, *keys: str) -> None:
        """Type keys by name, or plain text."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key).encode())

    def press_each(self, *keys: str) -> None:
        """Press keys one after the other: an escape and a key that come together are another key."""
        for key in keys:
            self.press(key)
            self.until_taken()
            end = time.monotonic() + 1.0  # where it runs it is never quiet
            while self.read(0.4 if key == "escape" else 0.15) and time.monotonic() < end:
                pass

    def press_bytes(self, sent: bytes) -> None:
        """Send what a terminal of another encoding would."""
        os.write(self.master, sent)

    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(row.rstrip() for row in self.screen.display)

    def last_words(self) -> str:
        """The end of all that was written, without control sequences: of a traceback more than a screen holds."""
        written = bytes(self.output[-200_000:]).decode("utf-8", "replace")
        return re.sub(r"\x1b\[[\d;?<>=]*[a-zA-Z]", "", written)[-12_000:]

    def row(self, number: int) -> str:
        """One row of the screen, counted from 0; -1 is the last."""
        return self.text().split("\n")[number]

    def until(self, wanted: str | Callable[[str], bool]) -> None:
        """Read on until the screen shows something, and to the end of that frame. Raises TimeoutError with the screen."""
        end = time.monotonic() + PATIENCE
        while not (wanted in self.text() if isinstance(wanted, str) else wanted(self.text())):
            if not self.read(0.05) and self.process.poll() is not None and not self.read(0.05):
                break
            if time.monotonic() > end:
                break
        else:
            end = time.monotonic() + FRAME
            while (self.read(FRAME / 8) or not self.rests) and time.monotonic() < end:
                pass
            return
        raise TimeoutError(f"waited for {wanted!r}; the screen shows:\n{self.text()}")

    def quiet(self, seconds: float = 0.4) -> None:
        """Read on until all that was typed is taken, and for so long nothing has been written by a program that rests."""
        self.until_taken()
        now = time.monotonic()
        since, end = now, now + PATIENCE
        while now - since < seconds:
            if self.read(min(LOOK, since + seconds - now)) or not self.rests:
                since = time.monotonic()
            now = time.monotonic()
            if now > end:
                raise TimeoutError(f"it never stops writing; the screen shows:\n{self.text()}")

    @property
    def kept_waiting(self) -> tuple[float, float]:
        """The seconds for which the program, and whoever reads it here, have had something to do but no processor by now."""
        return _kept_waiting(self.process.pid), _kept_waiting(os.getpid())

    @property
    def rests(self) -> bool:
        """Whether no thread of the program computes, or waits for a processor or a disk; where that is not told, as if none did."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return not any(_state(each) in BUSY for each in threads)

    def until_taken(self) -> None:
        """Read on until the program has read all that was typed, unless it has ended: a busy one takes its time for it."""
        end = time.monotonic() + PATIENCE
        while self._untaken() and self.process.poll() is None and time.monotonic() < end:
            self.read(LOOK / 10)

    def _untaken(self) -> int:
        """The bytes that were typed and are still the terminal's."""
        if self.master < 0:
            return 0
        slave = os.open(self._name, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            return int(struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"\0" * 4))[0])
        finally:
            os.close(slave)

    def ended(self) -> int:
        """The exit status, once the program has ended by itself."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            self.read(0.02)
            if time.monotonic() > end:
                raise TimeoutError(f"it does not end; the screen shows:\n{self.text()}")
        while self.read(0.02):
            pass
        return self.process.returncode

    def read(self, timeout: float) -> int:
        """Take in what was written; the number of bytes, 0 where there was nothing in time or the program has gone."""
        if self.master < 0 or not select.select([self.master], [], [], timeout)[0]:
            return 0
        try:
            written = os.read(self.master, 1 << 16)
        except OSError:  # the program has closed its side
            return 0
        self.show(written)
        return len(written)

    def show(self, written: bytes) -> None:
        """Take in what has arrived."""
        self.output += written
        with suppress(TypeError):  # pyte does not know every private sequence
            self._stream.feed(self._decoder.decode(written))

    def mode(self, number: int) -> bool | None:
        """Whether a private mode was last set or reset; None where neither was ever asked for."""
        last = None
        for numbers, letter in re.findall(rb"\x1b\[\?([\d;]+)([hl])", bytes(self.output)):
            if str(number).encode() in numbers.split(b";"):
                last = letter == b"h"
        return last

    @property
    def mouse(self) -> bool:
        """Whether the program takes the mouse now."""
        return any(self.mode(number) for number in MOUSE)

    def assert_restored(self) -> None:
        """The terminal is as it was before: main screen, cursor shown, no mouse, lines edited and echoed."""
        assert self.mode(MODES["alternate screen"]) is False
        assert self.mode(MODES["cursor"]) is True
        assert not self.mode(MODES["paste"])
        assert not self.mouse
        assert self.attributes_now == self.attributes

    @property
    def attributes_now(self) -> list[object]:
        """How the terminal edits and echoes lines, as `attributes` is how it did so before the program began."""
        return termios.tcgetattr(self.master)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _state(told: Path) -> str:
    """The state of a thread by its file in /proc; none where it has ended."""
    try:
        return told.read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _kept_waiting(process: int) -> float:
    """The seconds for which a process's first thread has waited for a processor; 0 where the system does not count them."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="utf-8").split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def bntui(*arguments: str | Path, size: tuple[int, int] = (80, 24), **variables: str) -> Terminal:
    """bntui on a terminal of its own, with environment variables put in."""
    return Terminal([*PROGRAM, *map(str, arguments)], size, **variables)
