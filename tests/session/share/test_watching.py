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
@pytest.mark.parametrize("patient", [0, 1000])
def test_where_a_state_of_a_run_had_to_wait_for_a_processor_the_next_one_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patient: int
) -> None:
    monkeypatch.setattr("bntui.session.share.watching.PATIENT", patient)
    monkeypatch.setattr("bntui.session.share.watching.HELD_BACK", 100 * RUN)
    room, runs = Room(tmp_path, session(SLOW_CHAIN)), Looks(running=True, speed=200)
    with watching(room) as (watch, seen):
        for step in range(1, 3):
            do(room.speaker, {"step": 1})
            room.tell(runs)
            if step == 2 and patient:
                with pytest.raises(Empty):
                    seen.get(timeout=4 * RUN)
                continue
            told = seen.get(timeout=PATIENCE)
            assert isinstance(told, Learned)
            with pytest.raises(Empty):
                seen.get(timeout=RUN / 2)  # nothing works meanwhile
            watch.shown()


@pytest.mark.slow
def test_a_program_that_takes_its_files_away_and_then_ends_has_ended_and_nothing_else_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    lives = iter([True])
    with watching(room) as (_, seen):
        monkeypatch.setattr("bntui.session.share.watching.is_live", lambda folder, present: next(lives, False))
        room.speaking.end()
        assert seen.get(timeout=PATIENCE) == Ended(lives=False)


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
