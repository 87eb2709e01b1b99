"""Lessons played side by side, each by a process of its own that is ended where the lesson takes too long.

A step that is one long product of matrices heeds no signal, so nothing less than the end of its process ends it. A player plays
one file after another: it reads names from its standard input and tells on its standard output, a JSON object a line, which beat
begins, what became of an expectation, and how the file ended. When nobody listens any more it ends itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from typing import Any

from bntui.records import dataclass
from bntui.scenario.reading import memory
from bntui.scenario.reading.loading import input_text
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.run.refusal import Refusal
from bntui.session.teach.verdicts import Checked, Verdict, beat_place, beats_played, checked, opened, unread

PAUSE = 0.05  # seconds between two looks at what is under way
# a player finds the program where its parent does, and nothing in the folder that it is started in
PLAYER = (
    "import os, sys; sys.path[:] = sys.argv[1:]; from bntui.__main__ import settle_threads; settle_threads(os.environ); "
    "from bntui.session.teach.playing import serve; serve()"
)


@dataclass(slots=True)
class Play:
    """A file that is played: the place of the beat at hand (beat, line and column, beat 0 before the first), and what is known.

    `result` is what became of it, None until that is known; `text` is what came in at the standard input, where that is the file.
    """

    file: str
    text: str | None = None
    place: tuple[int, int, int] = (0, 1, 1)
    verdicts: list[Verdict] = field(default_factory=list)
    result: Checked | None = None

    @classmethod
    def of(cls, named: str | Checked) -> Play:
        """What is still to be checked, or is known already; the standard input is read."""
        if isinstance(named, Checked):
            return cls(named.file, result=named)
        if named != library.INPUT:
            return cls(named)
        try:
            return cls(named, input_text())
        except ScenarioError as error:
            return cls(named, result=unread(named, error))

    def take(self, message: dict[str, Any]) -> None:
        """What a player tells."""
        match message:
            case {"place": place}:
                self.place = tuple(place)
            case {"verdict": verdict}:
                self.verdicts.append(Verdict(**verdict))
            case {"complaints": complaints, "read": read}:
                self.result = Checked(self.file, tuple(complaints), tuple(self.verdicts), tuple(map(Path, read)))
            case {"ended": sentence}:
                self.end(sentence)

    def end(self, sentence: str) -> None:
        """It was not played to its end, for this reason."""
        ended = Verdict(*self.place, "", "", sentence, held=False)
        self.result = Checked(self.file, (), (*self.verdicts, ended), (Path(self.file),))

    def cut_off(self) -> Checked:
        """What is known where it is given up."""
        return self.result or Checked(self.file, (), tuple(self.verdicts), cut=True)


def one_by_one(plays: Iterable[Play]) -> Generator[None, None, None]:
    """Validate files in this process; yields after each."""
    for one in plays:
        one.result = checked(one.file, one.text)
        yield


def side_by_side(plays: Sequence[Play], limit: float, allowed: int, workers: int) -> Generator[None, None, None]:
    """Play files, as many at once as there are workers; yields twenty times a second and whenever something is known.

    A file that takes more than `limit` seconds is ended; `allowed` is the memory that each player may take, in bytes. Closed early
    it ends all players.
    """
    waiting, news, stopped = deque(plays), SimpleQueue[BaseException | None](), Event()
    players: list[_Player] = []

    def work() -> None:
        player: _Player | None = None
        try:
            while not stopped.is_set():
                try:
                    next_one = waiting.popleft()
                except IndexError:
                    return
                if player is None or not player.usable:
                    player = _Player(allowed)
                    players.append(player)
                ended = None if stopped.is_set() else player.play(next_one, limit)
                if ended is not None and not stopped.is_set():
                    next_one.end(ended)
                news.put(None)
        except BaseException as error:  # whatever it is, it is raised where the results are awaited
            news.put(error)
        finally:
            if player is not None:
                player.end()

    threads = [Thread(target=work, name="play", daemon=True) for _ in range(min(workers, len(plays)))]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) or not news.empty():
            with suppress(Empty):
                if (error := news.get(timeout=PAUSE)) is not None:
                    raise error
            yield
    finally:
        stopped.set()
        for player in players:
            player.kill()
        for thread in threads:
            thread.join()


class _Player:
    """A process that plays one file after another."""

    def __init__(self, allowed: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", PLAYER, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self._allowed = allowed
        self._ready, self._late = "", False

    @property
    def usable(self) -> bool:
        """Whether it may play another file."""
        return not self._late and self._process.poll() is None

    def play(self, one: Play, limit: float) -> str | None:
        """Play a file to its end, or for so many seconds; a sentence where it was not to its end."""
        if not self._ready:
            self._ready = self._heard()  # until it has started, which is not the lesson's time
        timer = Timer(limit, self._end_late)
        timer.start()
        try:
            self._listen(one)
        finally:
            timer.cancel()
            timer.join()  # from here on it ends nothing
        if one.result is not None:
            return None
        status = self._process.wait()
        if self._late:
            return f"the lesson took longer than {limit:g} s and was ended here; --limit SECONDS allows more"
        return f"the process that played it ended {_how(status)}"

    def _listen(self, one: Play) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"file": one.file, "text": one.text, "allowed": self._allowed}) + "\n")
            self._process.stdin.flush()
        while one.result is None and (line := self._heard()):
            one.take(json.loads(line))

    def _heard(self) -> str:
        """The next line that it tells; "" where it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return line if line.endswith("\n") else ""  # half a line was cut off

    def _end_late(self) -> None:
        self._late = True
        self._process.kill()

    def kill(self) -> None:
        """End it now, whatever it plays."""
        self._process.kill()

    def end(self) -> None:
        """End it."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()


def _how(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"with status {status}"
    with suppress(ValueError):
        return f"by {signal.Signals(-status).name}"
    return f"by signal {-status}"


def serve() -> None:
    """Play the files that are named on the standard input, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this is asked to stop, and ends this
    wanted: SimpleQueue[str] = SimpleQueue()
    Thread(target=_await, args=(wanted,), daemon=True).start()
    _say({"ready": True})
    while True:
        _serve(**json.loads(wanted.get()))


def _await(wanted: SimpleQueue[str]) -> None:
    """Take what is to be played, and end the process where nobody is there any more, whatever it is doing."""
    for line in sys.stdin:
        wanted.put(line)
    os._exit(0)


def _serve(file: str, text: str | None, allowed: int) -> None:
    memory.allow(allowed)
    try:
        for message in _played(file, text):
            _say(message)
    except MemoryError:
        _say({"ended": "there is not enough memory for this"})
    except Refusal as refused:
        _say({"ended": str(refused)})
    except Exception as error:  # a mistake of the program's own, which is to be told where the file is
        _say({"ended": f"a mistake in bntui itself: {type(error).__name__}: {error}"})


def _played(file: str, text: str | None) -> Iterator[dict[str, Any]]:
    try:
        loaded = opened(file, text)
    except ScenarioError as error:
        yield {"complaints": unread(file, error).complaints, "read": [file]}
        return
    for number, verdict in beats_played(loaded):
        yield {"place": beat_place(loaded, number)} if verdict is None else {"verdict": asdict(verdict)}
    yield {"complaints": [], "read": list(map(str, loaded.files))}


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
