"""Whatever lies in a shared folder, a follower gets a sentence: no traceback, no hang, and what it had stays."""

import json
import os
import random
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import pytest
from paced import mostly_slow
from session.share.room import Room
from session.worlds import BATCHES, both, do, session, shelved

from bntui.commands.printed import frame_text
from bntui.scenario.model.actions import Shown
from bntui.session.run.refusal import Refusal
from bntui.session.share.folder import MOST_PRESENT
from bntui.session.share.following import shared
from bntui.session.share.told import Unreadable
from bntui.views.text.lines import Size


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A speaker some way into a session, of which nobody has read anything yet."""
    found = Room(tmp_path, session(BATCHES))
    do(found.speaker, {"step": 6}, {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 4}, {"back": 3}, {"scale": {"layer": "h1", "by": 2}})
    found.tell()
    return found


def file(room: Room, ending: str) -> Path:
    return next(room.folder.path.glob(f"*{ending}"))


def follow(room: Room) -> str:
    """What a follower says of it, "" where all is well; any other error is the test's."""
    try:
        room.learn()
    except (Unreadable, Refusal) as error:
        return str(error)
    return ""


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    other = path.with_name("elsewhere")
    path.rename(other)
    path.symlink_to(other)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def huge(path: Path) -> None:
    with path.open("r+b") as opened:
        opened.truncate(2**40)


def deep(path: Path) -> None:
    path.write_bytes(b"[" * 100_000)


@pytest.mark.parametrize("spoil", [fifo, link, folder, huge, deep, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("ending", [".now", ".tree", ".numbers"])
def test_another_thing_in_the_place_of_a_file(room: Room, ending: str, spoil: Callable[[Path], None]) -> None:
    spoil(file(room, ending))
    if ending == ".now":
        with suppress(Unreadable):
            assert room.subscription.peek() is None
        assert shared(room.folder) == []
    else:
        assert len(shared(room.folder)) == 1
        assert follow(room) or ending == ".numbers"


def test_files_of_another_user_are_not_read(room: Room) -> None:
    foreign = Room(room.folder.path, room.speaker)
    object.__setattr__(foreign.folder, "owner", room.folder.owner + 1)
    assert shared(foreign.folder) == []
    assert foreign.subscription.peek() is None


STRANGE: list[Any] = [None, True, -1, 0.5, 10**12, 10**30, "", "x" * 5000, "\x1b[2J", [], {}, [0, 0], float("nan"), [[0, 10**12]], {"a": 1}]


def changed(value: Any, place: random.Random) -> Any:
    """The value with something strange in one of its places."""
    inner = list(value.items() if isinstance(value, dict) else enumerate(value)) if isinstance(value, dict | list) else []
    if not inner or place.random() < 0.2:
        return place.choice(STRANGE)
    key, chosen = place.choice(inner)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = changed(chosen, place)
    return copy


@pytest.mark.parametrize("seed", mostly_slow(range(100), range(12)))
def test_strange_values(tmp_path: Path, seed: int) -> None:
    place = random.Random(seed)
    room = Room(tmp_path, session(BATCHES))
    do(room.speaker, {"step": 6}, {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 4}, {"back": 3}, {"scale": {"layer": "h1", "by": 2}})
    room.tell()
    spoiled = file(room, place.choice([".now", ".tree", ".numbers"]))
    lines = spoiled.read_bytes().splitlines()
    number = place.randrange(len(lines))
    lines[number] = json.dumps(changed(json.loads(lines[number]), place)).encode()
    spoiled.write_bytes(b"\n".join([*lines, b""]))
    present = file(room, ".now")
    told = re.sub(rb'"size": \d+', b'"size": %d' % file(room, ".tree").stat().st_size, present.read_bytes())
    present.write_bytes(told)
    shared(room.folder)
    news = None
    with suppress(Unreadable):
        news = room.seen()
    if news is None or news.loaded is None:
        return
    with suppress(Refusal):
        work = room.follower_of(news).learn(news)
        for _, _ in zip(range(200), work, strict=False):  # a way of a million million steps is begun, and could be left
            pass
        work.close()
    said = room.follower.observe()
    assert "\x1b" not in f"{said.title}{said.lesson}{room.follower.present}"


PLACES = [0, 1, 2, 3, 5, 8, 12, 100, 10**9]
BEATS: list[Any] = [{}, {"say": "x"}, {"sweep": True}, {"landscape": True}, {"ask": {"question": "q", "choices": ["a", "b"], "answer": 1}}]
LIT = [["loss"], ["factor.first.weight", "x"], ["chart.loss"], ["gain.nope"], ["meters"], ["."], ["gradient.a.b.c"]]
NAMES = ["", "nope", "first", "a" * 3000, "\u202e[/x]"]
LESSONS: dict[str, list[Any]] = {
    **dict.fromkeys(("number", "beats", "questions", "right", "answer", "page", "pages"), PLACES),
    "changed": [None, *([branch, offset] for branch in PLACES for offset in PLACES[::3])],
    "lit": LIT,
    "beat": BEATS,
}
PRESENTS: dict[str, list[Any]] = {
    "place": [[branch, offset] for branch in PLACES for offset in PLACES[::3]],
    "ahead": [PLACES, PLACES[::-1], [3]],
    "view": list(get_args(Shown)),
    **dict.fromkeys(("quantity", "layer", "action", "over", "title"), NAMES),
    "sample": PLACES,
    "units": [[["first", 100], ["nope", 1]]],
    "lesson": [None],
    "sweep": [{"key": "x", "picture": {}}],
}


@pytest.mark.parametrize("seed", mostly_slow(range(120), range(2)))
def test_what_might_be_so_but_is_not_is_drawn_or_refused(tmp_path: Path, seed: int) -> None:
    place = random.Random(seed)
    room = Room(tmp_path, shelved("relu-net"))
    do(room.speaker, {"beat": 2}, {"step": 6}, {"set": {"batch_norm": True}}, {"twin": {}}, {"beat": place.choice([3, 4, 5])})
    room.tell()
    present = file(room, ".now")
    told = json.loads(present.read_bytes())
    for _ in range(place.randint(1, 3)):
        where, values = place.choice([(told, PRESENTS), (told["lesson"] or {}, LESSONS)])
        name = place.choice(list(values))
        where[name] = place.choice(values[name])
    present.write_text(json.dumps(told), encoding="utf-8")
    try:
        news = room.look()
        for _, _ in zip(range(200), room.follower_of(news).learn(news), strict=False):
            pass
    except (Unreadable, Refusal):
        return
    assert frame_text(room.follower, Size(80, 24), ascii=False)


@pytest.mark.parametrize("seed", mostly_slow(range(40), range(4)))
def test_torn_and_garbled_bytes(tmp_path: Path, seed: int) -> None:
    place = random.Random(seed)
    room = Room(tmp_path, session(BATCHES))
    do(room.speaker, {"step": 3})
    room.tell()
    spoiled = file(room, place.choice([".now", ".tree", ".numbers"]))
    content = bytearray(spoiled.read_bytes())
    for _ in range(place.randrange(1, 20)):
        content[place.randrange(len(content))] = place.randrange(256)
    spoiled.write_bytes(content[: place.randrange(len(content))] if seed % 2 else content)
    shared(room.folder)
    follow(room)


def test_what_was_seen_stays_and_what_is_mended_is_read(room: Room) -> None:
    follower = room.learn()
    before = both(follower)
    present = file(room, ".now")
    good = present.read_bytes()
    present.write_bytes(b"{}")
    assert follow(room) == "format: Field required"
    assert follow(room) == ""  # it is said once
    present.write_bytes(b'{"format": 1}')
    assert "another version of bntui" in follow(room)
    assert both(follower) == before
    present.write_bytes(b"x" * (MOST_PRESENT + 1))
    assert room.subscription.peek() is None
    present.write_bytes(good)
    do(room.speaker, {"step": 1})
    room.pass_on()
    assert both(follower) == both(room.speaker) != before
