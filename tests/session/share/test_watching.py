"""What is seen of a session from a thread: the newest, one after another, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

import pytest
from session.share.room import Room
from session.worlds import SLOW_CHAIN, do, session

from bntui.session.share.following import Followed
from bntui.session.share.looks import Looks
from bntui.session.share.watching import QUIET, RUN, Ended, Learned, Seen, Watch, Wrong

PATIENCE = 15.0


@contextmanager
def watching(room: Room) -> Iterator[tuple[Watch, "Queue[Seen]"]]:
    """Somebody who watches what a room tells, having seen what it tells now."""
    room.tell()
    seen: Queue[Seen] = Queue()
    watch = Watch(Followed(room.learn(), room.subscription, iter(())), seen.put)
    watch.start()
    try:
        yield watch, seen
    finally:
        watch.stop()


def test_the_next_is_told_when_the_last_is_shown(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    with watching(room) as (watch, seen):
        do(room.speaker, {"step": 1})
        room.tell()
        first = seen.get(timeout=PATIENCE)
        do(room.speaker, {"step": 1})
        room.tell()
        do(room.speaker, {"step": 1})
        room.tell()
        with pytest.raises(Empty):
            seen.get(timeout=2 * QUIET)
        watch.shown()
        second = seen.get(timeout=PATIENCE)
    assert isinstance(first, Learned)
    assert isinstance(second, Learned)
    assert (first.news.present.place, second.news.present.place) == ((0, 1), (0, 3))


def test_a_key_in_a_run_is_told_before_the_next_state_of_the_run_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bntui.session.share.watching.RUN", 100 * RUN)
    room, runs = Room(tmp_path, session(SLOW_CHAIN)), Looks(running=True, speed=200)
    do(room.speaker, {"step": 1})
    with watching(room) as (watch, seen):
        room.tell(runs)
        seen.get(timeout=PATIENCE)
        watch.shown()
        do(room.speaker, {"step": 5})
        room.tell(runs)
        with pytest.raises(Empty):
            seen.get(timeout=2 * QUIET)
        do(room.speaker, {"set": {"batch_norm": True}})
        room.tell(runs)
        told = seen.get(timeout=PATIENCE)
    assert isinstance(told, Learned)
    assert told.news.present.place == (1, 0)


@pytest.mark.slow
def test_an_end_is_seen_and_what_goes_on_after_it(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    with watching(room) as (_, seen):
        next(tmp_path.glob("*.now")).write_bytes(b"[")
        assert seen.get(timeout=PATIENCE) == Wrong("a file of it is no JSON")
        room.speaking.end()
        assert seen.get(timeout=PATIENCE) == Ended(lives=True)
        do(room.speaker, {"step": 2})
        room.tell()
        told = seen.get(timeout=PATIENCE)
    assert isinstance(told, Learned)
    assert told.news.present.place == (0, 2)
