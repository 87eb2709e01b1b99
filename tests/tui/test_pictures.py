"""The pictures that beats open: sweep and landscape over the ledger, with the beat's words below, turned from there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from paced import mostly_slow
from session.worlds import SLOW_CHAIN
from textual.widgets import OptionList
from tui.face import Face, exploring, pane_text

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.session import Session
from bntui.session.survey.surveying import GrowthSurvey, Landscape
from bntui.session.survey.swept import Sweep
from bntui.session.teach import notes
from bntui.tui.app import Bntui
from bntui.tui.screens.dialogs import Asking
from bntui.tui.screens.survey import Survey
from bntui.tui.widgets.pane import Pane

LESSON = """
sweep: {count: 6, steps: 4, from: 1e-2, to: 1}
lesson:
  - say: "Before."
  - say: "LONG"
    do: {step: 2}
    sweep: {over: "normalization=none,batch_norm"}
    show: [sweep.none.largest_rate]
  - ask: {question: "And the landscape?", choices: [flat, steep], answer: 2, because: "it is curved"}
    do: {step: 1}
    landscape: true
    show: [landscape.lowest_rate]
  - say: "Nothing opens here."
  - say: "After a run."
    run: {speed: 1000, limit: 7}
    sweep: true
  - say: "The gradient by depth."
    landscape: {growth: true, width: 8, depth: 5, samples: 8, seeds: 1}
""".replace("LONG", " ".join(f"Sentence {number} of a long story." for number in range(20)))

TEXT = SLOW_CHAIN + LESSON


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sweeps are kept below tmp_path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bntui" / "sweeps"


def survey(face: Face) -> Survey:
    assert isinstance(face.screen, Survey)
    return face.screen


def said(face: Face, name: str) -> str:
    return pane_text(face.screen.query_one(f"#{name}", Pane))


def number(face: Face) -> int:
    lesson = face.explorer.snapshot.lesson if face.explorer.snapshot else None
    return lesson.number if lesson else -1


async def pictured(face: Face, kind: type) -> None:
    """Wait until a whole result of that kind is drawn."""
    await face.until(lambda: isinstance(face.screen, Survey) and isinstance(survey(face).result, kind) and not survey(face).computing)


async def on_the_ledger(face: Face) -> None:
    await face.until(lambda: face.screen is face.explorer)


async def at_beat_2(face: Face) -> None:
    await face.press("n")
    face.hit("n")
    await pictured(face, Sweep)


async def test_a_beat_opens_its_sweep_from_the_state_that_its_actions_lead_to_with_its_words_below():
    async with exploring(TEXT) as face:
        await at_beat_2(face)
        assert number(face) == 2
        assert "J after 4 steps from step 2 by η over normalization" in said(face, "page")
        words = said(face, "survey-words").splitlines()
        assert words[0].startswith("── lesson 2/6 · n reads on ")
        assert words[1].startswith("Sentence 0 of a long story.")
        assert len([row for row in words[1:] if row.strip()]) >= 3
        assert "a»none" in said(face, "page")
        assert said(face, "survey-keys").startswith("n reads on  p before  esc back  ")
        assert all(len(row) == 80 for row in (*said(face, "page").splitlines(), *words))
        assert len(said(face, "page").splitlines()) + len(words) + 1 == 24


async def test_n_and_p_turn_its_pages_then_the_beat_and_coming_back_opens_it_again():
    async with exploring(TEXT) as face:
        await at_beat_2(face)
        face.hit("n")
        await face.until(lambda: not said(face, "survey-words").splitlines()[1].startswith("Sentence 0"))
        face.hit("p")
        await face.until(lambda: said(face, "survey-words").splitlines()[1].startswith("Sentence 0"))
        face.hit("p")
        await on_the_ledger(face)
        await face.until(lambda: number(face) == 1)
        face.hit("n")
        await pictured(face, Sweep)
        for _ in range(20):
            if survey(face)._reads_on:
                face.hit("n")
                await face.pilot.pause()
        assert "n next beat" in said(face, "survey-keys")
        face.hit("n")
        await face.until(lambda: number(face) == 3)
        await face.until(lambda: isinstance(face.screen, Asking) or face.screen is face.explorer)


async def test_escape_leads_to_the_ledger_and_stays_there_until_the_beat_is_left():
    async with exploring(TEXT) as face:
        await at_beat_2(face)
        face.hit("escape")
        await on_the_ledger(face)
        await face.press("space")
        await face.press("left")
        assert face.screen is face.explorer
        face.hit("s")
        await pictured(face, Sweep)
        assert said(face, "survey-words").startswith("── lesson 2/6")
        face.hit("escape")
        await on_the_ledger(face)
        await face.press("space")
        face.hit("s")
        await pictured(face, Sweep)
        assert said(face, "survey-words") == ""
        assert "J after 4 steps from step 3 by η ·" in said(face, "page")


async def answered(face: Face, choice: str) -> None:
    await face.until(lambda: isinstance(face.screen, Asking) and bool(face.screen.query(OptionList)))
    face.hit(choice)


async def test_a_question_comes_first_and_the_picture_after_its_answer():
    async with exploring(TEXT) as face:
        await at_beat_2(face)
        face.hit("escape")
        await on_the_ledger(face)
        face.explorer.companion.turn(1)
        await face.until(lambda: isinstance(face.screen, Asking))
        assert face.session.history.step == 2
        face.hit("escape")
        await on_the_ledger(face)
        assert number(face) == 3
        face.explorer.companion.next_beat()
        await answered(face, "1")
        face.hit("n")
        await pictured(face, Landscape)
        assert face.session.history.step == 3
        assert "And the landscape?" in said(face, "survey-words")
        assert "✗ Not quite: flat. The right answer: steep. it is curved" in said(face, "survey-words")
        assert "»Along the gradient" in said(face, "page")


async def test_after_a_run_it_opens_at_its_end_and_the_last_beat_leads_to_the_end_of_the_lesson():
    async with exploring(TEXT) as face:
        face.explorer.conductor.request(lambda standing: parse_action({"beat": 4}))
        await face.until(lambda: number(face) == 4)
        await face.settled()
        assert face.screen is face.explorer
        face.hit("n")
        await pictured(face, Sweep)
        assert "from step 10 by η" in said(face, "page")
        face.hit("n")
        await pictured(face, GrowthSurvey)
        assert "m 8 · width 8 · 5 layers" in said(face, "page")
        assert "The end of the lesson." not in said(face, "survey-words")
        assert "n to the end" in said(face, "survey-keys")
        face.hit("n")
        await on_the_ledger(face)
        await face.until(lambda: "The end of the lesson." in face.says("beat"))


async def test_what_has_been_swept_once_is_there_at_once(cache: Path) -> None:
    async with exploring(TEXT) as face:
        await at_beat_2(face)
        page = said(face, "page")
    (kept,) = cache.glob("*.json")
    async with exploring(TEXT) as face:
        written = kept.stat().st_mtime_ns
        await at_beat_2(face)
        assert said(face, "page") == page
        face.hit("r")  # again means again
        await face.until(lambda: not survey(face)._anew or not survey(face).computing)
        await pictured(face, Sweep)
        assert said(face, "page") == page
        assert kept.stat().st_mtime_ns == written


async def test_a_session_that_was_cut_off_at_such_a_beat_comes_back_to_its_picture(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    before = Session(read_file(file))
    before.recorder = journal = Journal(tmp_path / "kept")
    before.do(parse_action({"beat": 2}))
    journal.close(before)
    (path,) = (tmp_path / "kept").glob("*.jsonl")
    again, _ = resume(path)
    app = Bntui(again)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await pictured(face, Sweep)
        assert said(face, "survey-words").startswith("── lesson 2/6")


async def saved(face: Face, file: Path, text: str, seen: Callable[[], bool]) -> None:
    file.write_text(text, encoding="utf-8")
    await face.until(seen)


async def test_a_file_that_is_saved_meanwhile_changes_the_words_and_the_picture(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    app = Bntui(Session(read_file(file)))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        await at_beat_2(face)
        changed = TEXT.replace("Sentence 0", "Phrase 0").replace("none,batch_norm", "none,batch_centre")
        await saved(face, file, changed, lambda: isinstance(face.screen, Survey) and "Phrase 0" in said(face, "survey-words"))
        await pictured(face, Sweep)
        assert "batch_centre" in said(face, "page")


async def test_the_speaker_reads_what_a_beat_opens() -> None:
    async with exploring(TEXT) as face:
        await at_beat_2(face)

        def told() -> bool:
            return any(each.number == 2 for each in notes.running())

        await face.until(told)
        (running,) = notes.running()
        assert running.now.picture == "a sweep of learning rates over normalization=none,batch_norm"
        assert running.following.picture == "J along the gradient"


@pytest.mark.parametrize("size", mostly_slow([(60, 18), (80, 24), (120, 40), (200, 60)], [(80, 24)]))
async def test_page_words_and_keys_fill_every_size_in_ascii_too(size: tuple[int, int]) -> None:
    async with exploring(TEXT, size=size, ascii=True) as face:
        await at_beat_2(face)
        panes = [said(face, name) for name in ("page", "survey-words", "survey-keys")]
        rows = "\n".join(panes).splitlines()
        assert len(rows) == size[1]
        assert all(len(row) == size[0] for row in rows)
        assert all(pane.isascii() for pane in panes)
        assert "a>none" in panes[0]


async def test_n_means_nothing_on_a_page_that_no_beat_has_opened() -> None:
    async with exploring(TEXT) as face:
        face.hit("s")
        await pictured(face, Sweep)
        face.hit("n", "p")
        await face.pilot.pause()
        assert isinstance(face.screen, Survey)
        assert number(face) == 0


BESIDE = """
version: 1
title: Views beside words
network:
  layers: [{name: h, units: 4, activation: relu, repeat: 4}, {name: head, units: 1, batch_norm: false}]
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.1}
lesson:
  - {say: "LONG", do: [{step: 3}, {view: {history: weight}}], show: [chart.history]}
  - {say: "LONG", do: {view: fit}, show: [chart.fit]}
  - {say: "LONG", do: {view: eigenvalues}, show: [chart.eigenvalues, eigenvalue.1]}
  - {say: "LONG", do: [{twin: {}}, {step: 2}, {view: layers}], show: [chart.layers]}
  - {say: "LONG", do: {view: {history: sigma}}, show: [chart.history]}
""".replace("LONG", " ".join(f"Sentence {number} of a long story." for number in range(20)))


async def test_beside_history_fit_eigenvalues_and_twin_the_words_can_be_read_and_paged() -> None:
    async with exploring(BESIDE) as face:
        for number_of, begins in enumerate(("»‖W‖", "»fit", "»", "»", "»"), start=1):
            await face.press("n")
            await face.until(lambda begins=begins: begins in face.says("panel").splitlines()[0])
            assert number(face) == number_of
            words = face.says("beat").splitlines()
            assert words[0].startswith("Sentence 0 of a long story.")
            assert len(words) == 5
            for _ in range(face.explorer.pages - 1):
                await face.press("n")
            assert number(face) == number_of
            assert "Sentence 19 of a long story." in " ".join(face.says("beat").split())


LATE = """
lesson:
  - {say: "Late.", do: [{set: {learning_rate: 0.02}}, {step: STEPS}, {twin: {}}], sweep: {steps: 3, count: 4}}
  - {say: "Diverged.", do: [{set: {learning_rate: 1e4}}, {step: 9}], landscape: true}
  - {say: "Swept there.", sweep: {steps: 3, count: 4, over: "normalization=none,batch_norm"}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("steps", [600, 3000])
async def test_late_beside_a_twin_and_where_it_has_diverged_a_beat_opens_its_picture_too(steps: int) -> None:
    async with exploring(BESIDE.partition("lesson:")[0] + LATE.replace("STEPS", str(steps))) as face:
        face.hit("n")
        await pictured(face, Sweep)
        assert f"from step {steps} by η" in said(face, "page")
        face.hit("n")
        await pictured(face, Landscape)
        assert "The run has diverged at step" in said(face, "page")
        face.hit("n")
        await pictured(face, Sweep)
        assert "from the start (step " in said(face, "page")


async def test_a_beat_that_is_turned_to_while_it_runs_pauses_and_opens_its_picture() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("r")
        await face.until(lambda: face.session.history.step > 2)
        face.hit("n")
        await pictured(face, Sweep)
        assert not face.explorer.conductor.running
        assert "from step 2 by η" in said(face, "page")
