"""Futures, files and the clipboard from the screen."""

import json
from pathlib import Path

import pytest
from session.worlds import BATCHES, SLOW_CHAIN, bits, do, session
from textual.widgets import Input, OptionList, Static
from tui.behind import idle
from tui.face import Face, exploring

from bntui.scenario.reading.loading import read_file
from bntui.session import session as session_module
from bntui.session.run.futures import futures
from bntui.session.session import Session
from bntui.session.teach.verdicts import play
from bntui.tui.screens.dialogs import Exporting, Futures
from bntui.views.pages.choices import future_lines


def test_the_tree_of_futures_has_each_fork_below_what_it_left() -> None:
    at = do(session(SLOW_CHAIN), {"step": 10}, {"back": 6}, {"set": {"batch_norm": True}}, {"step": 3})
    do(at, {"back": 1}, {"set": {"learning_rate": 0.02}}, {"step": 1}, {"future": 0}, {"goto": 2})
    do(at, {"set": {"batch_norm": ["a"]}})
    heading, rows = future_lines(futures(at.history), ascii=False)
    assert heading.split() == ["last", "step", "J", "η", "norm"]
    assert [number for number, _ in rows] == [0, 1, 2, 3]
    assert [row.split()[-1] for _, row in rows] == ["off", "on", "on", "a"]
    assert [row[0] for _, row in rows] == [" ", " ", " ", "●"]
    assert "└ 2, left at step 6" in rows[2][1]
    assert rows[2][1].index("└") > rows[1][1].index("└")
    narrow, rows_of_sixty = future_lines(futures(at.history), False, 60)
    assert max(len(row) for row in (narrow, *(row for _, row in rows_of_sixty))) <= 49
    assert [row.split()[-1] for _, row in rows_of_sixty] == ["off", "on", "on", "a"]
    plain_heading, plain_rows = future_lines(futures(at.history), ascii=True)
    assert all(row.isascii() for _, row in plain_rows)
    assert plain_heading


def test_hundreds_of_forks_make_a_tree_still() -> None:
    at = do(session(SLOW_CHAIN), {"step": 1})
    for _ in range(300):
        do(at, {"set": {"learning_rate": 0.01}}, {"step": 1}, {"back": 1})
    _, rows = future_lines(futures(at.history), ascii=False)
    assert len(rows) == 300


async def typed(face: Face, key: str, line: str) -> None:
    """Press a key that asks for a line, and type it."""
    await face.pilot.press(key)
    await face.until(lambda: bool(face.screen.query("#prompt-title")))
    await face.type(line)


async def test_w_writes_a_scenario_whose_lesson_repeats_the_session(tmp_path: Path) -> None:
    async with exploring(BATCHES) as face:
        await face.press("space", "space", "b", "space", "left", "plus", "space")
        await typed(face, "w", str(tmp_path / "class"))
        await face.until(lambda: "class.yaml written; its lesson repeats this session" in face.toasts())
        there = bits(face.session.history.moment)
    again = Session(read_file(tmp_path / "class.yaml"))
    do(again, {"beat": 1})
    assert bits(again.history.moment) == there
    assert list(play(read_file(tmp_path / "class.yaml"))) == []


async def test_w_overwrites_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "class.yaml").write_text("mine")
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space")
        await typed(face, "w", str(tmp_path / "class.yaml"))
        assert face.static("#prompt-hint") == f"{tmp_path / 'class.yaml'} exists already; a ! after its name replaces it"
        assert (tmp_path / "class.yaml").read_text() == "mine"
        await face.type(str(tmp_path / "nowhere" / "class"))
        assert "cannot be written: there is no folder" in face.static("#prompt-hint")
        await face.type(str(tmp_path / "class.yaml!"))
        await face.until(lambda: "class.yaml written" in face.toasts())
    assert (tmp_path / "class.yaml").read_text().startswith("version: 1")


async def test_x_writes_the_trace(tmp_path: Path) -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "space", "b", "space")
        await typed(face, "x", str(tmp_path / "class"))
        await face.until(lambda: "class.jsonl: 5 states written" in face.toasts())
    rows = [json.loads(line) for line in (tmp_path / "class.jsonl").read_text().splitlines()]
    assert [row["action"] for row in rows] == [None, "step", "step", "set", "step"]


@pytest.mark.slow
async def test_a_long_export_says_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    async with exploring(SLOW_CHAIN) as face:
        do(face.session, {"step": 20_000})
        await typed(face, "x", str(tmp_path / "long"))
        await face.until(lambda: isinstance(face.screen, Exporting) and "of 20001 states" in face.static("#exporting"))
        await face.pilot.press("escape")
        await face.until(lambda: "stopped; no file was written" in face.toasts())
        await face.until(lambda: not [path for path in tmp_path.iterdir() if path.name.startswith(".long")])
        face.hit("space")
        await face.until(lambda: " · step 20001 · " in face.says("header").replace(",", ""))  # the session goes on
    assert not (tmp_path / "long.jsonl").exists()


async def test_y_copies_the_screen_and_capital_y_the_session(tmp_path: Path) -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "b")
        await face.press("y")
        assert "step 1" in face.app.clipboard.splitlines()[0]
        assert "∂J/∂a ≈ 0" in face.app.clipboard
        await face.press("Y")
        (tmp_path / "copied.yaml").write_text(face.app.clipboard)
        there = bits(face.session.history.moment)
    again = Session(read_file(tmp_path / "copied.yaml"))
    do(again, {"beat": 1})
    assert bits(again.history.moment) == there


async def test_tab_shows_the_futures_and_goes_over_to_the_one_that_is_chosen() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "space", "space", "left", "left", "b", "space", "space", "space", "space")
        assert "BN on" in face.says("header")
        assert " · step 5 · " in face.says("header")
        await face.pilot.press("tab")
        await face.until(lambda: isinstance(face.screen, Futures))
        options = face.screen.query_one(OptionList)
        assert (options.option_count, options.highlighted) == (2, 1)
        await face.pilot.press("up", "enter")
        await face.until(lambda: "BN off" in face.says("header"))
        assert " · step 3 · " in face.says("header")


@pytest.mark.slow
async def test_a_long_way_back_says_how_far_it_is_and_escape_stays_where_one_was() -> None:
    async with exploring(SLOW_CHAIN) as face:
        do(face.session, {"step": 30_000})
        await face.press("b")
        face.session.history._checkpoints._shelves.clear()  # as where one checkpoint is larger than the budget
        face.session.history._checkpoints._recent.clear()
        face.hit("j")
        await face.until(lambda: bool(face.screen.query("#prompt-title")))
        face.screen.query_one(Input).value = "29000"
        face.hit("enter")
        await face.until(lambda: "of 28999, esc stops" in face.says("header"))
        face.hit("escape")
        await face.until(lambda: idle(face.explorer.conductor) and not face.explorer.conductor.progress)
        assert " · step 30000 · " in face.says("header")
        assert "BN on" in face.says("header")


async def test_what_goes_wrong_inside_is_told_and_the_session_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space")
        sound = session_module.observe

        def unsound(*arguments: object) -> None:
            raise RuntimeError("[/] as if by mistake")

        monkeypatch.setattr(session_module, "observe", unsound)
        face.hit("space")
        await face.until(lambda: "Something went wrong (RuntimeError: [/] as if by mistake)" in face.toasts())
        monkeypatch.setattr(session_module, "observe", sound)
        await face.press("space")
        assert " · step 3 · " in face.says("header")


HOSTILE = r"\e[31m\e]0;owned\a\u202e[/][@click=app.quit]x[/] [red]"


async def test_hostile_text_is_shown_harmlessly_on_every_screen(tmp_path: Path) -> None:
    text = f"""version: 1
title: "{HOSTILE}"
summary: "{HOSTILE}"
network: {{layers: [{{name: a, units: 1}}]}}
training: {{learning_rate: 0.1}}
data: {{inputs: [[1.0], [2.0]], targets: [[1.0], [2.0]]}}
lesson:
  - {{say: "{HOSTILE}", note: "{HOSTILE}"}}
  - ask: {{question: "{HOSTILE}", choices: ["{HOSTILE}", "b"], answer: 1, because: "{HOSTILE}"}}
"""
    async with exploring(text) as face:
        seen = [face.everything()]
        await face.press("n", "6")
        seen.append(face.everything())
        face.hit("n")
        await face.until(lambda: bool(face.screen.query("#asking")))
        seen += [str(static.render()) for static in face.screen.query(Static)]
        await face.pilot.press("1")
        await face.until(lambda: face.screen is face.explorer and not face.session.lesson.asking)
        await face.settled()
        seen.append(face.everything())
        await face.press("space", "b")
        await face.pilot.press("tab")
        seen += [str(static.render()) for static in face.screen.query(Static)]
        await face.pilot.press("escape")
        assert face.app.is_running
    assert sum("[@click=app.quit]x" in each for each in seen) >= 3
    for each in seen:
        assert not any(character in each for character in ("\x1b", "\x07", "\u202e")), each


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_future_is_told_in_one_row(size: tuple[int, int]) -> None:
    async with exploring(SLOW_CHAIN, size=size) as face:
        await face.press("space", "left", "b", "space", "left", "b", "space")
        await face.pilot.press("tab")
        await face.until(lambda: isinstance(face.screen, Futures) and bool(face.screen.query(OptionList)))
        options = face.screen.query_one(OptionList)
        await face.until(lambda: options.region.height > 0)
        assert options.region.height == options.option_count == 3
        assert "BN on" in str(options.get_option("1").prompt)
        assert [str(option.prompt)[2:].split("  ")[0] for option in options.options][1] == ("└ 1 at 0" if size[0] == 60 else "└ 1, left at step 0")
