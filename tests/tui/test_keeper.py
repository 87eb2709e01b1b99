"""The keeper without a screen: what it asks for, writes and says."""

import json
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN, bits, do
from session.worlds import session as session_of
from tui.behind import Screenless, conducting, settled

from bntui.scenario.reading.loading import read_file
from bntui.scenario.text.files import CannotWrite
from bntui.session.session import Session
from bntui.tui.keeper import Keeper


async def test_a_session_is_saved_under_the_name_that_was_typed(tmp_path: Path) -> None:
    screen = Screenless()
    async with conducting(do(session_of(SLOW_CHAIN), {"step": 3})) as conductor:
        Keeper(conductor, screen, str).save()
        screen.then(screen.read(f" {tmp_path / 'class'} "))
        assert screen.said == [f"{tmp_path / 'class.yaml'} written; its lesson repeats this session"]
        with pytest.raises(CannotWrite, match="exists already"):
            screen.read(str(tmp_path / "class"))
        screen.then(None)
        assert len(screen.said) == 1
    again = do(Session(read_file(tmp_path / "class.yaml")), {"beat": 1})
    assert bits(again.history.moment) == bits(conductor.session.history.moment)


async def test_a_trace_is_exported_under_the_name_that_was_typed(tmp_path: Path) -> None:
    screen = Screenless()
    async with conducting(do(session_of(SLOW_CHAIN), {"step": 3})) as conductor:
        Keeper(conductor, screen, str).export()
        screen.then(screen.read(f" {tmp_path / 'class'} "))
    assert screen.said == [f"{tmp_path / 'class.jsonl'}: 4 of 4"]
    assert [json.loads(line)["step"] for line in (tmp_path / "class.jsonl").read_text().splitlines()] == [0, 1, 2, 3]


async def test_the_screen_or_the_session_is_sent_to_the_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    screen = Screenless()
    async with conducting(do(session_of(SLOW_CHAIN), {"step": 3})) as conductor:
        keeper = Keeper(conductor, screen, lambda: "what is seen")
        keeper.copy_screen()
        assert screen.copied == "what is seen"
        keeper.copy_session()
        assert "step: 3" in screen.copied
        monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
        keeper.copy_screen()
    sent = "The screen is sent to the terminal as text, for its clipboard."
    session = "The session is sent to the terminal as a scenario, for its clipboard."
    assert screen.said == [sent, session, f"{sent} tmux passes it on after: set -s set-clipboard on"]


async def test_a_run_pauses_while_a_future_is_chosen_and_goes_over_to_it() -> None:
    screen = Screenless()
    at = do(session_of(SLOW_CHAIN), {"step": 3}, {"back": 2}, {"set": {"batch_norm": True}}, {"step": 1})
    async with conducting(at) as conductor:
        conductor.toggle_running()
        Keeper(conductor, screen, str).choose_future()
        assert not conductor.running
        assert [end.number for end in screen.asked[0]] == [0, 1]
        screen.then(None)
        await settled(conductor)
        assert at.stand().normalized
        screen.then(0)
        await settled(conductor)
        assert not at.stand().normalized
