"""Help, library and palette."""

from pathlib import Path
from typing import Any

import pytest
from session.worlds import CHAIN, SLOW_CHAIN, do
from session.worlds import session as session_of
from textual.command import CommandPalette
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList, Static
from tui.face import Face, choosing, exploring

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.shelf import courses, library
from bntui.session.keep import journal
from bntui.session.look.standing import LessonStanding
from bntui.session.teach.completion import complete
from bntui.tui.keys import KEYS
from bntui.tui.screens.dialogs import Sure
from bntui.tui.screens.explaining import Help
from bntui.tui.screens.library import Library
from bntui.tui.themes import THEMES, theme_problem
from bntui.tui.widgets.said import NoRoom
from bntui.views.text.cells import cells

FIRST = courses.shipped().entries()[0]
ORDER = [path.stem for path in courses.shipped().files]


async def test_help_opens_over_the_explorer_and_closes() -> None:
    async with exploring(CHAIN) as face:
        for close in ("escape", "q", "question_mark", "enter"):
            face.hit("question_mark")
            await face.until(lambda: isinstance(face.screen, Help))
            await face.pilot.press(close)
            await face.until(lambda: face.screen is face.explorer)
        assert face.app.is_running


async def test_ctrl_s_and_the_ctrl_q_that_goes_on_after_it_end_nothing() -> None:
    async with exploring(CHAIN) as face:
        await face.press("ctrl+s", "ctrl+q")
        await face.until(lambda: "Press q to quit" in face.toasts())
        await face.press("space")
        assert " · step 1 · " in face.says("header")


async def helped(face: Face) -> list[str]:
    """The texts of help, when all of them are written."""

    def written() -> list[str]:
        return [str(text.render()) for text in face.screen.query(Static)] if isinstance(face.screen, Help) else []

    face.hit("question_mark")
    last = list(COSTS.values())[-1].says.split()[-1]
    await face.until(lambda: bool(written()) and written()[-1].endswith(last))
    return written()


def unbroken(texts: list[str]) -> str:
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("ascii", [False, True])
async def test_what_the_keys_do_stands_in_one_column(ascii: bool) -> None:
    async with exploring(CHAIN, ascii=ascii) as face:
        (said,) = [text for text in await helped(face) if "one step back" in text]
        assert {row.index(does) for row in said.splitlines() for does in ("one step", "to the start", "jump to") if does in row} == {12}


async def test_help_says_the_formula_of_every_cost() -> None:
    async with exploring(CHAIN) as face:
        shown = unbroken(await helped(face))
        for name, cost in COSTS.items():
            assert f"{name} {' '.join(cost.formula.split())} {cost.says}" in shown


@pytest.mark.parametrize("ascii", [False, True])
async def test_what_a_key_does_goes_on_under_its_beginning(ascii: bool) -> None:
    async with exploring(CHAIN, size=(60, 20), ascii=ascii) as face:
        rows = "\n".join(await helped(face)).split("\n")
        at = next(place for place, row in enumerate(rows) if row.startswith("  B         normalization of the selected layer,"))
        assert rows[at + 1] == f"{'':<12}on or off"
        width = face.screen.query_one("#help").scrollable_content_region.width
        await face.pilot.resize_terminal(120, 40)
        await face.until(lambda: face.screen.query_one("#help").scrollable_content_region.width > width)
        await face.until(lambda: "normalization of the selected layer, on or off" in str(face.screen.query(Static)[4].render()))


async def test_help_that_is_longer_than_its_window_leaves_room_for_the_bar_beside_it() -> None:
    async with exploring(CHAIN, size=(100, 60)) as face:
        rows = "\n".join(await helped(face)).split("\n")
        await face.until(lambda: face.screen.query_one("#help", VerticalScroll).show_vertical_scrollbar)
        room = face.screen.query_one("#help").scrollable_content_region.width
        assert max(cells(row) for row in rows if row.startswith("  ")) <= room


async def test_help_is_broken_where_its_frame_ends_and_names_the_themes() -> None:
    async with exploring(CHAIN) as face:
        shown = await helped(face)
        assert "\n" not in shown[0]
        assert any(all(theme in text for theme in THEMES) for text in shown)


async def test_help_says_what_every_key_does() -> None:
    async with exploring(CHAIN) as face:
        told = unbroken(await helped(face))
        for key in KEYS:
            assert f"{key.shown} {key.says}" in told
        assert "The ledger multiplies one layer's chain" in told


async def test_no_two_keys_are_the_same() -> None:
    keys = [key for each in KEYS for key in each.keys.split(",")]
    assert len(keys) == len(set(keys))


async def test_the_footer_names_keys_that_there_are() -> None:
    async with exploring(CHAIN) as face:
        for word in ("space step", "r run", "b BN", "+/− η", "i explain", ": more", "? help", "q quit"):
            assert word in face.says("keys")


async def test_the_footer_names_the_keys_that_make_sense_now() -> None:
    async with exploring(CHAIN) as face:
        assert "← back" not in face.says("keys")
        await face.press("space", "space", "space", "space")
        assert face.says("keys").startswith("← back  0 start anew  b BN")
        await face.press("0")
        face.hit("r")
        await face.until(lambda: face.says("keys").startswith("r pause  < > speed") or "DIVERGED" in face.says("header"))


async def test_a_wide_screen_has_room_for_more_keys() -> None:
    async with exploring(CHAIN, size=(120, 40)) as face:
        assert "t twin  s sweep" in face.says("keys")


async def test_q_quits() -> None:
    async with exploring(CHAIN) as face:
        await face.pilot.press("q")
        await face.pilot.pause()
        assert not face.app.is_running
        assert face.app.return_code == 0


def entries(face: Face) -> list[str]:
    options = face.screen.query_one(OptionList)
    return [option.id for option in options.options if option.id is not None]


def choose(face: Face, name: str) -> None:
    options = face.screen.query_one(OptionList)
    options.highlighted = options.get_option_index(name)


async def test_the_library_is_where_one_begins_without_a_scenario() -> None:
    async with choosing() as face:
        assert isinstance(face.screen, Library)
        assert entries(face) == ORDER
        await face.pilot.press("escape")
        assert isinstance(face.screen, Library)


async def test_the_first_screen_says_what_this_is_and_where_to_begin() -> None:
    async with choosing() as face:
        await face.until(lambda: "Begin with" in face.static("#library-begin"))
        assert face.static("#library-title").startswith("bntui · gradient descent step by step")
        assert face.static("#library-begin") == f"New here? Begin with: {FIRST.title}. enter opens it."
        complete("goodfellow-chain", LessonStanding(0, (), False, None, 0, ""))
        complete("relu-net", LessonStanding(0, (), False, None, 0, ""))
    async with choosing() as face:
        await face.until(lambda: "Vanishing" in face.static("#library-begin"))
        assert face.static("#library-begin") == f"2 of {len(ORDER)} lessons done. Go on with: Vanishing through sigmoids. enter opens it."
        await face.until(lambda: "Four hidden layers of eight sigmoids" in face.static("#library-text"))


async def test_what_the_library_says_is_broken_anew_in_another_window() -> None:
    async with choosing() as face:
        await face.until(lambda: FIRST.summary in face.static("#library-text").replace("\n", " "))
        before = face.static("#library-text")
        await face.pilot.resize_terminal(140, 40)
        await face.until(lambda: face.static("#library-text") != before)
        widest = max(len(line) for line in face.static("#library-text").splitlines())
        assert 60 < widest <= face.screen.query_one("#library-preview").size.width


async def test_the_library_shows_what_a_scenario_is_about_before_it_is_opened() -> None:
    async with choosing() as face:
        choose(face, "goodfellow-chain")
        await face.until(lambda: "ŷ = x·a·b·c·d·e" in face.static("#library-text"))
        about = face.static("#library-text")
        assert "5 layers, 5 weights" in about
        assert "1 input, 3 samples" in about
        assert [line.split()[0] for line in about.splitlines() if " unit" in line] == ["e", "d", "c", "b", "a"]


async def test_enter_opens_the_chosen_scenario() -> None:
    async with choosing() as face:
        await face.pilot.press("enter")
        await face.until(lambda: face.app.explorer is not None and face.says("beat") != "")
        await face.settled()
        assert face.says("header").startswith(f"{FIRST.title} · step 0 · ")
        assert face.session.lesson.number == (0 if face.session.lesson.beats[0].ask else 1)
        await face.press("space")
        assert " · step 1 · " in face.says("header")


async def test_o_opens_the_library_and_escape_leads_back_to_the_session() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "space")
        await face.pilot.press("o")
        assert isinstance(face.screen, Library)
        await face.pilot.press("escape")
        await face.press("space")
        assert " · step 3 · " in face.says("header")


async def test_another_scenario_takes_the_place_of_the_first() -> None:
    async with exploring(SLOW_CHAIN) as face:
        first = face.explorer
        await face.press("space")
        await face.pilot.press("o")
        choose(face, "sigmoid-net")
        await face.pilot.press("enter")
        await face.until(lambda: face.explorer is not first)
        await face.settled()
        assert face.says("header").startswith("Vanishing through sigmoids · step 0 · ")
        assert face.explorer is not first
        assert not first.is_attached


async def test_a_file_of_ones_own_is_opened_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHAIN.replace("Goodfellow's chain", "My own"), encoding="utf-8")
    async with choosing() as face:
        await face.pilot.press("slash")
        assert isinstance(face.app.focused, Input)
        await face.type(str(file))
        await face.settled()
        assert face.says("header").startswith("My own · step 0 · ")


async def test_words_that_no_lesson_speaks_of_are_told_of_however_fast_they_are_typed() -> None:
    async with choosing() as face:
        line, choices = face.screen.query_one(Input), face.screen.query_one(OptionList)
        face.hit("slash")
        await face.until(lambda: line.has_focus)
        face.hit("z", "z")
        await face.until(lambda: line.value == "zz" and not choices.option_count)
        await face.pilot.pause()
        assert face.static("#library-text") == "No lesson speaks of 'zz'."


async def test_a_file_that_cannot_be_opened_is_told_of_and_the_library_stays(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    async with choosing() as face:
        face.hit("slash")
        for text, told in (
            (None, "there is no such file"),
            ("version: 1\ntitle: '[/x]'\nnetwrk: {}\n", "unknown key 'netwrk'"),
            ("\t", "mine.yaml:1:"),
        ):
            if text is not None:
                file.write_text(text, encoding="utf-8")
            await face.type(str(file))
            await face.until(lambda told=told: told in face.static("#library-text").replace("\n", ""))
            assert isinstance(face.screen, Library)


async def test_the_palette_has_every_keys_action() -> None:
    async with exploring(CHAIN) as face:
        titles = [command.title for command in face.app.get_system_commands(face.explorer)]
        for key in KEYS:
            if key.keys != "colon":
                assert f"{key.says} ({key.shown})" in titles


async def command(face: Face, words: str) -> None:
    """Open the palette, type words, and take the best match."""
    await face.pilot.press("colon")
    await face.until(lambda: isinstance(face.screen, CommandPalette))
    palette = face.screen
    palette.query_one(Input).value = words
    options = palette.query_one(OptionList)
    await face.until(lambda: options.option_count > 0 and words in str(options.get_option_at_index(0).prompt))
    await face.pilot.press("enter")
    await face.until(lambda: face.screen is not palette)


async def test_the_palette_does_what_its_keys_do() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await command(face, "one step of gradient descent")
        await face.until(lambda: " · step 1 · " in face.says("header"))
        await command(face, "normalization everywhere")
        await face.until(lambda: "BN on" in face.says("header"))
        await command(face, "smaller learning rate")
        await face.until(lambda: " · η 0.01 → 0.005 · " in face.says("header"))
        await command(face, "what the last step did")
        await face.until(lambda: "[3 step]" in face.says("tabs"))


async def test_the_palette_opens_help_and_library_too() -> None:
    async with exploring(CHAIN) as face:
        await command(face, "this help")
        await face.until(lambda: isinstance(face.screen, Help))
        await face.pilot.press("escape")
        await command(face, "open a scenario")
        await face.until(lambda: isinstance(face.screen, Library))


def test_an_unknown_theme_is_told_with_the_near_ones() -> None:
    assert theme_problem("dark") is theme_problem("textual-light") is None
    told = theme_problem("drak")
    assert told is not None
    assert "did you mean 'dark'?" in told
    assert len(told) < 160  # in the corner of a screen it leaves the lesson's words free


async def test_what_is_found_in_a_name_or_title_stands_before_what_is_found_in_a_text() -> None:
    async with choosing() as face:
        face.hit("slash")
        await face.until(lambda: face.screen.query_one(Input).has_focus)
        face.hit(*"good")
        await face.until(lambda: set(entries(face)[:2]) == {"good-start", "goodfellow-chain"})
        assert len(entries(face)) > 2


async def test_escape_leaves_the_search_first_and_shows_the_whole_list() -> None:
    async with choosing() as face:
        face.hit("slash")
        await face.until(lambda: face.screen.query_one(Input).has_focus)
        face.hit(*"good")
        await face.until(lambda: 0 < len(entries(face)) < len(library.names()))
        await face.pilot.press("escape")
        await face.until(lambda: entries(face) == ORDER)
        assert face.screen.query_one(OptionList).has_focus
        assert face.screen.query_one(Input).value == ""


async def test_over_a_session_escape_leaves_the_search_before_the_library() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.pilot.press("o", "slash", "z", "escape")
        assert isinstance(face.screen, Library)
        await face.pilot.press("escape")
        await face.until(lambda: face.screen is face.explorer)


async def test_discarding_has_no_line_to_type_in() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.pilot.press("Q")
        await face.until(lambda: isinstance(face.screen, Sure))
        assert not face.screen.query(Input)
        await face.pilot.press("escape")
        await face.until(lambda: face.screen is face.explorer)
        await face.pilot.press("Q", "enter")
        await face.until(lambda: not face.app.is_running)


async def test_the_palette_offers_nothing_of_the_librarys_that_does_not_work_here() -> None:
    async with exploring(CHAIN) as face:
        titles = [command.title for command in face.app.get_system_commands(face.explorer)]
        assert "theme: other colours" in titles
        assert not {"Keys", "Screenshot", "Quit", "Theme"} & set(titles)


def left(text: str, *actions: dict[str, Any]) -> None:
    """A session that was kept, and left with q."""
    at = session_of(text)
    journal.keep(at)
    do(at, *actions)
    assert at.recorder is not None
    at.recorder.leave(at)
    at.recorder.finish()


@pytest.mark.slow
async def test_a_lesson_that_is_finished_stands_with_the_older_sessions() -> None:
    lesson = f"{SLOW_CHAIN}\nlesson: [{{say: One., do: {{step: 1}}}}, {{say: Two.}}]"
    left(lesson, {"beat": 2})
    left(lesson.replace("title: ", "title: Unfinished "), {"beat": 1}, {"step": 1})
    async with choosing() as face:
        await face.until(lambda: bool(entries(face)))
        told = [str(option.prompt).split("\n")[0] for option in face.screen.query_one(OptionList).options[:2]]
        assert told[0].startswith("Continue: Unfinished ")
        assert told[1] == "Continue an older session …"
        choose(face, "older:")
        await face.pilot.press("enter")
        await face.until(lambda: sum(name.startswith("continue:") for name in entries(face)) == 2)
        assert "older:" not in entries(face)


async def test_what_is_said_in_the_corner_does_not_stand_over_the_sentence_that_asks_for_room() -> None:
    async with exploring(CHAIN, size=(50, 10)) as face:
        face.app.notify("Something that would hide it.", timeout=60)
        await face.until(lambda: bool(face.screen.query("Toast")))
        await face.pilot.pause()
        (notice,) = face.screen.query(NoRoom)
        cells = [(column, row) for column in range(50) for row in range(10)]
        assert {face.screen.get_widget_at(*cell)[0] for cell in cells} == {notice}
        await face.pilot.resize_terminal(80, 24)
        await face.until(lambda: any(toast.region.area for toast in face.screen.query("Toast")))
