"""Between a screen and its followers: what is written when, and what is said where it cannot be."""

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from session.share.room import Room
from session.worlds import BATCHES, SLOW_CHAIN, do, session

from bntui.session.session import Session
from bntui.session.share import folder as folders
from bntui.session.share.folder import WISH, Folder
from bntui.session.share.looks import Looks
from bntui.session.share.speaking import Sending
from bntui.tui import sharing
from bntui.tui.sharing import INTERVAL, Sharing

PATIENCE = 15.0


class Shown:
    """A screen, whose session may be on another thread."""

    def __init__(self, session: Session | None, running: bool = False) -> None:
        self.session, self.running = session, running

    def looks(self) -> Looks:
        return Looks(self.running)


async def until(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def made(folder: Folder, said: list[str]) -> Sharing:
    return Sharing(folder, lambda: None, said.append)


async def test_many_changes_are_few_writings_and_the_last_one_is_there(tmp_path: Path) -> None:
    speaker, room = session(SLOW_CHAIN), Room(tmp_path, session(SLOW_CHAIN))
    shared, shown = made(room.folder, []), Shown(speaker)
    stamps = set()
    begin = time.monotonic()
    for _ in range(60):
        do(speaker, {"step": 1})
        shared.show(shown)
        await asyncio.sleep(0.005)
        stamps |= {path.stat().st_mtime_ns for path in tmp_path.glob("*.now")}
    await until(lambda: bool(list(tmp_path.glob("*.now"))) and room.learn().history.step == 60)
    passed = time.monotonic() - begin
    stamps |= {path.stat().st_mtime_ns for path in tmp_path.glob("*.now")}
    assert 1 <= len(stamps) <= 2 + passed / INTERVAL
    shared.end()
    assert list(tmp_path.iterdir()) == []


async def test_what_is_done_in_a_run_is_written_before_the_next_step_of_it_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "INTERVAL", 100.0)
    speaker, room = session(SLOW_CHAIN), Room(tmp_path, session(SLOW_CHAIN))
    shared, shown = made(room.folder, []), Shown(speaker, running=True)
    do(speaker, {"step": 1})
    shared.show(shown)
    await until(lambda: list(tmp_path.glob("*.now")) != [])
    assert room.learn().history.step == 1
    do(speaker, {"step": 1})
    shared.show(shown)
    await asyncio.sleep(4 * sharing.SOON)
    assert room.learn().history.step == 1
    do(speaker, {"set": {"batch_norm": True}})
    shared.show(shown)
    await until(lambda: room.learn().history.place == (1, 0))
    shared.end()


async def test_a_session_on_another_thread_is_waited_for(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    shared, shown = made(room.folder, []), Shown(None)
    shared.show(shown)
    await asyncio.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
    shown.session = session(SLOW_CHAIN)
    await until(lambda: len(list(tmp_path.glob("*.now"))) == 1)
    shared.end()


async def test_ones_own_session_is_announced_and_shared_once_somebody_wishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sharing, "LOOK", 0.05)
    own, speaker = folders.own(), session(SLOW_CHAIN)
    room = Room(tmp_path, speaker)
    room.subscription.folder = own
    shared, shown = made(own, []), Shown(speaker)
    shared.show(shown)
    await until(lambda: len(list(own.presents())) == 1)
    present = next(own.presents())
    before = present.read_bytes()
    do(speaker, {"step": 3})
    shared.show(shown)
    shared.watch()
    await asyncio.sleep(2 * INTERVAL)
    assert present.read_bytes() == before
    present.with_suffix(WISH).touch()
    await until(lambda: b'"place": [0, 3]' in present.read_bytes())
    shared.end()


async def test_of_ones_own_folder_that_cannot_be_written_nothing_is_said_while_nobody_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sharing, "AGAIN", 0.05)
    (tmp_path / "bntui").touch()
    own, said = folders.own(), []
    shared, shown = made(own, said), Shown(session(SLOW_CHAIN))
    shared.show(shown)
    shared.watch()
    await asyncio.sleep(4 * INTERVAL)
    assert said == []
    (tmp_path / "bntui").unlink()
    shared.show(shown)
    await until(lambda: len(list(own.presents())) == 1)
    shared.end()


async def test_a_folder_that_cannot_be_written_is_said_once_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "AGAIN", 0.05)
    speaker, room, said = session(SLOW_CHAIN), Room(tmp_path / "class", session(SLOW_CHAIN)), []
    shared, shown = made(room.folder, said), Shown(speaker)
    room.folder.path.rmdir()
    shared.show(shown)
    await until(lambda: bool(said))
    await asyncio.sleep(0.2)
    assert said == [f"What you show cannot be shared: {room.folder.path} cannot be written (No such file or directory)."]
    room.folder.path.mkdir()
    await until(lambda: len(list(room.folder.presents())) == 1)
    do(speaker, {"step": 2})
    shared.show(shown)
    await until(lambda: room.learn().history.step == 2)
    assert said[1:] == ["What you show is shared again."]
    shutil.rmtree(room.folder.path)
    shared.show(shown)
    await until(lambda: said[2:] == said[:1])
    shared.end()


async def test_whoever_shares_nothing_hears_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bntui").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said: list[str] = []
    shared, sent = made(folders.own(), said), asyncio.Event()
    speaking = shared._speaking
    send = speaking.send

    def noted(sending: Sending) -> None:
        try:
            send(sending)
        finally:
            loop.call_soon_threadsafe(sent.set)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(speaking, "send", noted)
    shared.show(Shown(session(SLOW_CHAIN)))
    await asyncio.wait_for(sent.wait(), PATIENCE)
    await asyncio.sleep(INTERVAL)
    assert said == []
    shared.end()


async def test_a_scenario_that_is_too_large_is_said_and_the_next_one_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker, room, said = session(SLOW_CHAIN), Room(tmp_path, session(SLOW_CHAIN)), []
    shared = made(room.folder, said)
    with monkeypatch.context() as patch:
        patch.setattr("bntui.session.share.speaking.MOST_LOG", 100)
        large = Shown(session(BATCHES))
        shared.show(large)
        await until(lambda: bool(said))
        shared.show(large)
        await asyncio.sleep(2 * INTERVAL)
    assert said == ["What you show is not shared: this scenario is too large to be shared."]
    assert list(tmp_path.iterdir()) == []
    shared.show(Shown(speaker))
    await until(lambda: len(list(room.folder.presents())) == 1)
    assert room.learn().observe().loss == speaker.observe().loss
    shared.end()
