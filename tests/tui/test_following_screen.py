"""What a follower's screen shows: the speaker's, row for row, in whatever size, and the last row says where one is."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from paced import mostly_slow
from session.share.room import Room
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, do, session, shelved
from textual.widgets import OptionList, Static
from tui.face import Face, exploring, pane_text, read
from tui.test_speaking import search

from bntui.session.keep import sweeps
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.share.following import Followed
from bntui.session.share.looks import ASKS, Looks, SweepShown
from bntui.session.survey import sweeping
from bntui.tui.app import Bntui
from bntui.tui.screens.explorer import Explorer
from bntui.tui.screens.landscape import LandscapeScreen
from bntui.tui.screens.library import Library
from bntui.tui.widgets.pane import Pane


def panes(face: Face) -> dict[str, str]:
    """All panes but the row of keys."""
    return {name: read(lines) for name, lines in face.explorer.shown.items() if name != "keys"}


@asynccontextmanager
async def following(room: Room, size: tuple[int, int] = (80, 24), ascii: bool = False) -> AsyncIterator[Face]:
    """The app of somebody who follows what was told in a room."""
    news = room.look()
    follower = room.follower_of(news)
    app = Bntui(ascii=ascii, follows=Followed(follower, room.subscription, follower.learn(news)))
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        yield face


async def alone(speaker: Session, size: tuple[int, int], ascii: bool) -> dict[str, str]:
    """What a screen of the speaker's own shows."""
    app = Bntui(speaker, ascii=ascii)
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        await face.until(lambda: is_measured(face))
        return panes(face)


def is_measured(face: Face) -> bool:
    """Whether what takes long is on the screen."""
    snapshot = face.explorer.snapshot
    return snapshot is not None and not snapshot.unmeasured


STATES: dict[str, tuple[str, list[Mapping[str, Any]]]] = {
    "at the start": (CHAIN, []),
    "diverged": (CHAIN, [{"step": 50}]),
    "gone back": (BATCHES, [{"step": 9}, {"set": {"batch_norm": True}}, {"step": 5}, {"back": 8}]),
    "with a twin": (BATCHES, [{"step": 9}, {"twin": {}}, {"step": 5}, {"focus": {"layer": "h2", "unit": 1}}]),
    "after 600 steps": (BATCHES, [{"step": 600}, {"view": "step"}]),
    "after 3,000 steps": (SLOW_CHAIN, [{"step": 2990}, {"set": {"learning_rate": 0.02}}, {"step": 10}, {"view": "loss"}]),
    "started anew": (BATCHES, [{"step": 9}, {"twin": {}}, {"step": 2}, {"reset": True}, {"step": 1}]),
}
SIZES = [(60, 20), (80, 24), (120, 40)]


@pytest.mark.parametrize("state", mostly_slow(STATES, ("with a twin",)))
@pytest.mark.parametrize(("size", "ascii"), [pytest.param(SIZES[0], True, marks=pytest.mark.slow), (SIZES[1], False), pytest.param(SIZES[2], False, marks=pytest.mark.slow)])
async def test_it_is_the_speakers_row_for_row(tmp_path: Path, state: str, size: tuple[int, int], ascii: bool) -> None:
    text, actions = STATES[state]
    room = Room(tmp_path, session(text))
    room.tell()
    for action in actions:
        with suppress(Refusal):  # it diverges
            do(room.speaker, action)
        room.tell()
    async with following(room, size, ascii) as face:
        await face.until(lambda: is_measured(face))
        shown = panes(face)
        assert f"step {room.speaker.history.step}" in face.says("keys")
    assert shown == await alone(room.speaker, size, ascii)


async def test_news_is_shown_and_whoever_looks_around_stays_there_until_they_return(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 5})
    room.tell()
    async with following(room) as face:
        do(room.speaker, {"step": 1}, {"focus": {"layer": "d"}})
        room.tell(Looks(running=True, speed=200))
        await face.until(lambda: "following anna · step 6" in face.says("keys"))
        assert "▶ 200/s" in face.says("header")
        await face.press("left", "3")
        assert "looking around · anna is at step 6 · = returns" in face.says("keys")
        assert "step 5" in face.says("header")
        do(room.speaker, {"step": 4}, {"focus": {"layer": "e"}})
        room.tell()
        await face.until(lambda: "anna is at step 10, layer e" in face.says("keys"))
        assert "step 5" in face.says("header")
        pointed = [row for row in face.says("ledger").split("\n") if "»" in row]
        assert len(pointed) == 1
        assert pointed[0].startswith("▸e")
        await face.press("equals_sign")
        assert "following anna · step 10" in face.says("keys")
        assert "∂J/∂e" in face.says("ledger")
        assert "»" not in face.says("ledger")


async def test_choices_that_have_no_room_are_read_on_to(tmp_path: Path) -> None:
    room = Room(tmp_path, shelved("relu-net"))
    do(room.speaker, {"beat": 3})
    room.tell()
    async with following(room, (60, 20)) as face:
        assert "3. none" not in face.says("beat")
        assert "  n reads on" in face.says("keys")
        await face.press("n")
        assert "3. none" in face.says("beat")
        assert "n reads on" not in face.says("keys")
        face.hit("question_mark")
        await face.until(lambda: any("those that would change something" in str(each.render()) for each in face.screen.query(Static)))
        await face.until(lambda: any("space →   the next recorded step" in str(each.render()) for each in face.screen.query(Static)))
        said = "\n".join(str(each.render()) for each in face.screen.query(Static))
        assert "n         read on in the beat" in said
        assert "gone on with" not in said


@pytest.mark.parametrize(("size", "gives_way"), [((60, 20), True), pytest.param((80, 24), False, marks=pytest.mark.slow)])
async def test_a_question_that_stands_over_the_speakers_screen_has_room_for_all_its_choices(
    tmp_path: Path, size: tuple[int, int], gives_way: bool
) -> None:
    room = Room(tmp_path, shelved("relu-net"))
    do(room.speaker, {"beat": 3})
    room.tell(Looks(over=ASKS))
    async with following(room, size) as face:
        await face.until(lambda: "3. none" in face.says("beat"))
        assert "1. " in face.says("beat")
        assert "n reads on" not in face.says("keys")
        assert ("panel" in face.explorer.shown) is not gives_way
        room.tell()  # anna looks at the network again first
        await face.until(lambda: "panel" in face.explorer.shown)


async def test_what_the_speaker_unfolds_is_unfolded_and_equals_sign_comes_back_to_it(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 1})
    room.tell()
    async with following(room) as face:
        folded = face.says("ledger")
        room.tell(Looks(folding="all"))
        await face.until(lambda: "▾e" in face.says("ledger"))
        await face.press("enter")
        assert face.says("ledger") == folded
        await face.press("equals_sign")
        await face.until(lambda: "▾e" in face.says("ledger"))
        room.tell(Looks(folding="selected"))
        await face.until(lambda: face.says("ledger") == folded)


async def test_what_else_the_speaker_looks_at_is_said(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    room.tell()
    async with following(room, (120, 40)) as face:
        for over, says in (("library", "anna, who chooses a scenario"), ("blank", "anna, who has blanked the screen"), ("", "anna · step 0")):
            room.tell(Looks(over=over))
            await face.until(lambda says=says: f"following {says}" in face.says("keys"))


PICTURED = """
lesson:
  - say: "Before."
  - say: "The gradient by depth."
    landscape: {growth: true, width: 8, depth: 5, samples: 8, seeds: 1}
  - say: "After."
"""


def words_and_keys(face: Face) -> str:
    """What stands below a picture."""
    return "\n".join(pane_text(pane) for pane in face.screen.query(Pane))


@pytest.mark.slow
async def test_over_a_beats_picture_no_key_is_offered_that_is_the_speakers(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN + PICTURED))
    do(room.speaker, {"beat": 2})
    room.tell()
    async with following(room, (60, 20)) as face:
        await face.until(lambda: isinstance(face.screen, LandscapeScreen) and "samples m" in words_and_keys(face))
        assert "lesson 2/3" in words_and_keys(face)
        assert "n next beat" not in words_and_keys(face)
        await face.press("n")
        assert isinstance(face.screen, LandscapeScreen)


@pytest.mark.slow
async def test_a_sweep_says_whose_it_is_and_offers_no_key_that_a_follower_may_not_use(tmp_path: Path) -> None:
    room = Room(tmp_path, session(BATCHES, "sweep.count=3", "sweep.steps=4", "sweep.seeds=2"))
    situation = room.speaker.situation()
    *_, made = sweeping.sweep(situation, sweeping.plan_for(situation), None, 1)
    key = sweeps.key_of(situation, made.plan)
    assert key is not None
    shows = Looks(over="sweep", sweep=SweepShown(key, sweeping.asked_for(made.plan), sweeps.written(key, made)))
    room.tell(shows)
    async with following(room) as face:
        await face.until(lambda: "anna's sweep  esc back" in words_and_keys(face))
        for offered in ("take", "over", "again", "group", "preserve"):
            assert offered not in words_and_keys(face).splitlines()[-1]
        face.hit("enter", "v", "r")
        await face.until(lambda: "anna's sweep  esc back" in words_and_keys(face))
        room.tell()
        await face.until(lambda: isinstance(face.screen, Explorer))
        face.hit("s")
        await face.until(lambda: "yours alone  esc back" in words_and_keys(face))
        assert "take" not in words_and_keys(face).splitlines()[-1]
        assert "r again" in words_and_keys(face)
        face.hit("escape")
        await face.until(lambda: isinstance(face.screen, Explorer))
        room.tell(shows)
        await face.until(lambda: "anna's sweep  esc back" in words_and_keys(face))
        face.hit("escape")
        await face.until(lambda: "following anna, who shows a sweep" in face.says("keys"))
        face.hit("equals_sign")
        await face.until(lambda: "anna's sweep  esc back" in words_and_keys(face))
        room.speaking.end()
        await face.until(lambda: "anna shares nothing now" in face.says("keys"))
        assert isinstance(face.screen, Explorer)


REFUSED = ["space", "r", "b", "B", "N", "e", "t", "T", "plus", "asterisk", "0", "w", "x", "Y", "k", "m", "v", "l", "greater_than_sign"]


@pytest.mark.slow
async def test_every_key_that_would_change_something_is_refused_in_a_sentence(tmp_path: Path) -> None:
    room = Room(tmp_path, shelved("relu-net"))
    do(room.speaker, {"beat": 1}, {"step": 2})
    room.tell()
    async with following(room) as face:
        before = panes(face)
        for key in REFUSED:
            face.explorer.front._said = ""  # each is said anew
            for toast in face.screen.query("Toast"):
                toast.remove()
            await face.press(key)
            await face.until(lambda: "anna" in face.toasts())
            assert isinstance(face.screen, Explorer)
        await face.press("equals_sign")
        assert panes(face) == before


async def test_the_state_is_taken_over_into_a_session_of_ones_own(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 5}, {"set": {"batch_norm": True}}, {"step": 2})
    room.tell()
    async with following(room) as face:
        before = panes(face)
        await face.pilot.press("O")
        await face.until(lambda: "space step" in face.says("keys"))
        await face.settled()
        assert face.toasts() == "This session is your own; anna is not followed any more."
        assert panes(face)["ledger"] == before["ledger"]
        await face.press("space")
        assert "step 8" in face.says("header")
        do(room.speaker, {"back": 1})
        room.tell()
        await face.press("space")
        assert "step 9" in face.says("header")


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
async def test_a_state_that_is_taken_over_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    room = Room(tmp_path, session(BATCHES))
    do(room.speaker, {"step": 5})
    room.tell(Looks(folding="all", formula=True))
    async with following(room, size) as face:
        await face.press("5")
        await face.until(lambda: "▾" in face.says("ledger").split("\n", 2)[2])
        await face.press("f", "left", "right")
        before = panes(face)
        await face.pilot.press("O")
        await face.until(lambda: "space step" in face.says("keys"))
        await face.settled()
        assert panes(face) == before


@pytest.mark.slow
async def test_spoiled_files_are_told_once_and_what_was_seen_stays(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 5})
    room.tell()
    async with following(room) as face:
        before = panes(face)
        present = next(tmp_path.glob("*.now"))
        present.write_bytes(b"\x1b[31m{")
        await face.until(lambda: "What anna shares cannot be read" in face.toasts())
        assert panes(face) == before
        do(room.speaker, {"step": 1})
        room.tell()
        await face.until(lambda: "following anna · step 6" in face.says("keys"))


@pytest.mark.slow
async def test_a_speaker_who_ends_is_told_and_another_session_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 5})
    room.tell()
    async with following(room) as face:
        runs = "bntui.session.share.following.processes.runs"
        with monkeypatch.context() as patch:
            patch.setattr(runs, lambda process, user=None: False)
            await face.until(lambda: "anna has ended the session" in face.says("keys"))
            await face.press("left")
            assert "step 4" in face.says("header")
            assert "anna has ended the session" in face.says("keys")
        do(room.speaker, {"step": 3})
        room.tell()
        await face.until(lambda: "following anna · step 8" in face.says("keys"))


@pytest.mark.slow
async def test_a_speaker_who_takes_the_files_away_shares_nothing_and_has_ended_when_the_program_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    room.tell()
    async with following(room) as face:
        room.speaking.end()
        await face.until(lambda: "anna shares nothing now" in face.says("keys"))
        monkeypatch.setattr("bntui.session.share.following.processes.runs", lambda process, user=None: False)
        await face.until(lambda: "anna has ended the session" in face.says("keys"))


@pytest.mark.slow
async def test_whoever_opens_another_scenario_is_told_that_the_speaker_is_not_followed_any_more(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    room.tell()
    async with following(room) as face:
        await face.pilot.press("o")
        await face.until(lambda: isinstance(face.screen, Library) and face.screen.query_one(OptionList).highlighted is not None)
        await face.pilot.press("enter")
        await face.until(lambda: "This session is your own; anna is not followed any more." in face.toasts())
        assert "n next" in face.says("keys")


@pytest.mark.slow
async def test_the_palette_offers_a_follower_no_beat(tmp_path: Path) -> None:
    room = Room(tmp_path, session(f"{SLOW_CHAIN}\nlesson: [{{say: Hello.}}, {{say: And more.}}]"))
    do(room.speaker, {"beat": 1})
    room.tell()
    async with exploring(f"{SLOW_CHAIN}\nlesson: [{{say: Hello.}}, {{say: And more.}}]") as face:
        assert "beat 1: Hello." in await search(face, "beat 1")
    async with following(room) as face:
        assert not [row for row in await search(face, "beat 1") if row.startswith("beat 1")]
