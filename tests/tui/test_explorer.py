"""The explorer: what each key does to what the panes say."""

import pytest
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN
from textual.geometry import Region, Size
from tui.face import exploring

from bntui.tui.widgets.pane import Pane
from bntui.tui.widgets.said import NoRoom
from bntui.views.panes.ledger import NUMBERS_WIDTH

WIDE = (120, 40)


async def test_it_opens_with_the_first_numbers_the_ledger_and_the_charts() -> None:
    async with exploring(CHAIN) as face:
        assert face.says("header").startswith("Goodfellow's chain · step 0 · J 2.724 · η 0.3 · BN off")
        assert face.says("ledger").startswith("∂J/∂a = 3.468")
        assert "cost ∂J/∂ŷ" in face.says("ledger")
        assert "[1 layers]" in face.says("tabs")
        assert "‖∂J/∂W‖" in face.says("panel")
        assert face.says("why").startswith("why  Nothing updated yet.")
        assert face.says("keys").startswith("space step")


@pytest.mark.parametrize("size", [(60, 18), (80, 24), WIDE, (200, 60)])
async def test_every_pane_fills_its_place_exactly(size: tuple[int, int]) -> None:
    async with exploring(CHAIN, size=size) as face:
        await face.press("space")
        arrangement = face.explorer.arrangement
        assert arrangement is not None
        for name, place in arrangement.panes:
            rows = face.says(name).split("\n")
            assert (len(rows), {len(row) for row in rows}) == (place.height, {place.width}), name


async def test_space_and_the_right_arrow_step_and_the_left_arrow_goes_back() -> None:
    async with exploring(SLOW_CHAIN) as face:
        start = face.says("header")
        await face.press("space")
        assert " · step 1 · " in face.says("header")
        await face.press("right", "space")
        assert " · step 3 · " in face.says("header")
        await face.press("left", "left")
        assert " · step 1 · " in face.says("header")
        await face.press("left", "left", "left")
        assert face.says("header") == start


async def test_the_header_says_by_how_much_the_loss_has_changed() -> None:
    async with exploring(CHAIN) as face:
        await face.press("space")
        assert "J 1,827 ×671 · " in face.says("header")
        assert face.says("why").startswith("why  Overshot: the slope (first order) promised −21.4, the step did +1,820.")


async def test_home_and_end_go_to_the_ends_of_what_is_recorded() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press(*["space"] * 6, "home")
        assert " · step 0 · " in face.says("header")
        await face.press("end")
        assert " · step 6 · " in face.says("header")


async def test_j_asks_for_a_step_says_what_is_wrong_and_stays_until_it_is_right() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.pilot.press("j")
        assert face.static("#prompt-title") == "Go to step"
        await face.type("soon")
        assert face.static("#prompt-hint") == "'soon' is no step: type a whole number of 0 or more, such as 120"
        await face.type("12")
        await face.until(lambda: " · step 12 · " in face.says("header"))
        assert face.screen is face.explorer


async def test_a_step_that_is_none_is_told() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.pilot.press("j")
        for typed in ("-1", "1.5", "²", "1e3", "[/]"):
            await face.type(typed)
            assert face.static("#prompt-hint") == f"'{typed}' is no step: type a whole number of 0 or more, such as 120"


async def test_a_step_beyond_all_steps_is_told_and_nothing_breaks() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.pilot.press("j")
        await face.type("99999999999999999999")
        assert face.static("#prompt-title") == "Go to step"
        assert face.static("#prompt-hint") == "step: found 99999999999999999999; allowed: at most 10,000,000"


async def test_a_question_can_be_left_without_an_answer() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space")
        for key in ("j", "e"):
            for leave in ("escape", "enter"):
                await face.pilot.press(key)
                assert face.screen is not face.explorer
                await face.pilot.press(leave)
                await face.until(lambda: face.screen is face.explorer)
        assert " · step 1 · " in face.says("header")


async def test_plus_and_minus_walk_the_ladder_of_rates() -> None:
    async with exploring(CHAIN) as face:
        await face.press("plus")
        assert " · η 0.3 → 0.5 · " in face.says("header")
        await face.press("plus", "plus")
        assert " · η 1 → 2 · " in face.says("header")
        await face.press(*["minus"] * 5)
        assert " · η 0.1 → 0.05 · " in face.says("header")


async def test_the_rate_stays_at_the_end_of_all_numbers() -> None:
    async with exploring(CHAIN, "training.learning_rate=1e308") as face:
        await face.press("plus", "plus", "plus")
        assert face.session.stand().learning_rate == 1e308
        await face.press("minus")
        assert face.session.stand().learning_rate == 5e307


async def test_e_takes_a_rate_a_momentum_and_weights() -> None:
    entries = (("0.04", " · η 0.3 → 0.04 · "), ("a.weight 2", " · J 2.72 → 0.497 · "), ("momentum 0.9", " · η 0.04 · "))
    async with exploring(CHAIN) as face:
        for typed, told in entries:
            await face.pilot.press("e")
            await face.type(typed)
            await face.until(lambda told=told: told in face.says("header"))
        await face.settled()
        assert face.session.stand().optimizer.momentum == 0.9
        assert face.says("header").startswith("Goodfellow's chain · step 0 · ")


async def test_a_value_that_cannot_be_taken_is_told_until_it_is_mended() -> None:
    told = {
        "0": "a learning rate is a number above 0, such as 0.05",
        "a.wight 2": "there is no value 'a.wight' here; did you mean a.weight?",
        "a.weight [[1, 2]]": "a.weight: found 1 row of 2 numbers; allowed: 1 row of 1 number",
        "a.weight [[NaN]]": "a.weight",
        "a.weight [/]": "'[/]' is no list such as [1, 2]",
    }
    async with exploring(CHAIN) as face:
        await face.pilot.press("e")
        assert face.static("#prompt-title") == "New value"
        assert "a.weight 1.2" in face.static("#prompt-hint")
        for typed, sentence in told.items():
            await face.type(typed)
            assert sentence in face.static("#prompt-hint")
        await face.type("a.weight 1.0")
        await face.until(lambda: [mark.sign for mark in face.session.stand().marks] == ["w"])
        assert face.screen is face.explorer


async def test_b_switches_batch_norm_everywhere() -> None:
    async with exploring(BATCHES) as face:
        assert " · BN off" in face.says("header")
        await face.press("b")
        assert " · BN off → BN on" in face.says("header")
        assert "scale γ/σ" in face.says("ledger")
        assert "project" in face.says("ledger")
        await face.press("b")
        assert " · BN on → BN off" in face.says("header")


async def test_capital_b_switches_the_selected_layer_alone() -> None:
    async with exploring(CHAIN) as face:
        await face.press("up", "B")
        assert " · BN off → BN b" in face.says("header")
        await face.press("up", "B")
        assert " · BN b → BN b c" in face.says("header")
        await face.press("B", "b")
        assert " · BN b → BN off" in face.says("header")


async def test_the_panel_shows_what_gamma_learns_once_batch_norm_is_on() -> None:
    async with exploring(CHAIN) as face:
        assert "‖∂J/∂γ‖" not in face.says("panel")
        await face.press("b")
        assert "‖∂J/∂γ‖" in face.says("panel")


async def test_v_and_m_say_themselves_in_the_header() -> None:
    async with exploring(BATCHES) as face:
        await face.press("v", "b")
        assert face.says("header").rstrip().endswith("BN on · preserve")
        await face.press("m")
        assert "eval" in face.says("header")
        assert face.says("why").startswith("why  Evaluation mode")
        await face.press("m", "v")
        assert face.says("header").rstrip().endswith("BN on")


async def test_a_star_scales_the_selected_layer_and_a_slash_undoes_it() -> None:
    async with exploring(CHAIN) as face:
        start = face.session.observe().loss
        await face.press("asterisk", "asterisk")
        assert face.session.observe().numbers("a").weight == pytest.approx(4 * 1.1)
        assert face.session.observe().loss > start
        await face.press("slash", "slash")
        assert face.session.observe().loss == pytest.approx(start)


async def test_the_arrows_select_the_layer_whose_chain_is_open() -> None:
    async with exploring(CHAIN) as face:
        for subject in ("∂J/∂b", "∂J/∂c", "∂J/∂d", "∂J/∂e", "∂J/∂e"):
            await face.press("up")
            assert face.says("ledger").startswith(f"{subject} = ")
        await face.press(*["down"] * 7)
        assert face.says("ledger").startswith("∂J/∂a = ")


def numbers(ledger: str) -> list[str]:
    """The ledger without its bars."""
    return [row[:NUMBERS_WIDTH].rstrip() for row in ledger.split("\n")]


async def test_the_brackets_select_a_sample_and_come_round() -> None:
    async with exploring(CHAIN) as face:
        whole = numbers(face.says("ledger"))
        await face.press("right_square_bracket")
        assert face.says("ledger").startswith("∂J/∂a sample 0 = -")
        await face.press("left_square_bracket", "left_square_bracket")
        assert face.says("ledger").startswith("∂J/∂a sample 2 = ")
        await face.press("right_square_bracket")
        assert numbers(face.says("ledger")) == whole


async def test_u_follows_one_unit_of_the_layer() -> None:
    async with exploring(BATCHES) as face:
        for unit in (0, 1, 2, None):
            await face.press("u")
            assert face.session.focus.unit == unit


async def test_enter_unfolds_every_layer_and_folds_them_again() -> None:
    async with exploring(CHAIN) as face:
        folded = face.says("ledger")
        await face.press("enter")
        assert face.says("ledger") != folded
        assert ("gain" in face.says("ledger")) != ("gain" in folded)
        await face.press("enter")
        assert face.says("ledger") == folded


async def test_f_shows_the_chain_as_a_formula_and_the_charts_again() -> None:
    async with exploring(CHAIN) as face:
        charts = face.says("panel")
        await face.press("f")
        assert "[f formula]" in face.says("tabs")
        assert face.says("panel").startswith("∂J/∂w_a = ∂J/∂ŷ")
        assert "w_e" in face.says("panel")
        await face.press("f")
        assert face.says("panel") == charts


async def test_a_digit_opens_its_view() -> None:
    views = {
        "2": ("[2 J]", "step"),
        "3": ("[3 step]", "first order"),
        "4": ("[4 meters]", "curvature"),
        "5": ("[5 activations]", "h1"),
        "1": ("[1 layers]", "‖∂J/∂W‖"),
    }
    async with exploring(BATCHES) as face:
        await face.press("space")
        for key, (tab, told) in views.items():
            await face.press(key)
            assert tab in face.says("tabs")
            assert told in face.says("panel")


async def test_the_numbers_of_a_view_are_there_at_once_and_go_with_the_step() -> None:
    async with exploring(BATCHES) as face:
        await face.press("4")
        first = face.says("panel")
        assert "measuring" not in first
        await face.press("space")
        assert face.says("panel") != first


async def test_a_wide_screen_shows_everything_together() -> None:
    async with exploring(CHAIN, size=WIDE) as face:
        await face.press("b", "space")
        assert "‖∂J/∂W‖" in face.says("layers")
        assert "first order" in face.says("lower_left")
        assert "curvature" in face.says("lower_right")
        assert "1" in face.says("timeline")
        assert face.says("panel") == ""


async def test_the_timeline_shows_where_one_stands_and_what_was_done() -> None:
    async with exploring(SLOW_CHAIN, size=WIDE) as face:
        await face.press(*["space"] * 5, "b", *["space"] * 5)
        assert face.says("timeline").rstrip().endswith("● 10")
        await face.press("home")
        assert face.says("timeline").startswith("0 ●")
        assert "b" in face.says("timeline")


async def test_curly_brackets_jump_between_the_marks() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "space", "b", "space", "space", "space", "plus", "space", "home")
        await face.press("right_curly_bracket")
        assert " · step 2 · " in face.says("header")
        await face.press("right_curly_bracket")
        assert " · step 5 · " in face.says("header")
        await face.press("right_curly_bracket")
        assert " · step 5 · " in face.says("header")
        await face.press("left_curly_bracket", "left_curly_bracket")
        assert " · step 2 · " in face.says("header")


async def test_zero_starts_anew() -> None:
    async with exploring(SLOW_CHAIN) as face:
        start = face.says("header"), face.says("ledger")
        await face.press("space", "b", "plus", "space", "0")
        assert (face.says("header"), face.says("ledger")) == start
        assert face.session.stand().last_step == 0


async def test_what_is_refused_is_told_and_nothing_changes() -> None:
    async with exploring(BATCHES, "training.batch_size=1") as face:
        before = face.everything()
        await face.press("b")
        await face.until(lambda: "one sample" in face.toasts())
        assert face.everything() == before


async def test_a_screen_that_is_too_small_asks_for_room_and_comes_back() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space")
        before = face.everything()
        for small in ((59, 24), (80, 17), (20, 5), (1, 1)):
            await face.pilot.resize_terminal(*small)
            await face.pilot.pause()
            assert face.explorer.query_one(NoRoom).display
            assert not face.explorer.query_one("#panes").display
        await face.press("space", "left")
        await face.pilot.resize_terminal(80, 24)
        await face.until(lambda: face.everything() == before)
        assert not face.explorer.query_one(NoRoom).display


async def test_a_screen_that_begins_too_small_is_filled_once_there_is_room() -> None:
    async with exploring(SLOW_CHAIN, size=(20, 5)) as face:
        await face.pilot.resize_terminal(60, 18)
        await face.until(lambda: " · step 0 · " in face.says("header"))
        await face.press("space")
        assert " · step 1 · " in face.says("header")


async def test_in_ascii_every_pane_is_ascii() -> None:
    for size in ((80, 24), WIDE):
        async with exploring(BATCHES, size=size, ascii=True) as face:
            for key in ("space", "b", "2", "3", "4", "5", "f", "enter", "right_square_bracket"):
                await face.press(key)
                shown = face.everything()
                assert shown.isascii(), sorted({character for character in shown if not character.isascii()})


async def test_a_title_is_shown_as_it_is_written() -> None:
    title = "[red]x[/red] [@click=app.quit]y[/] [/ $x"
    async with exploring(CHAIN.replace("Goodfellow's chain", f"'{title}'"), size=(120, 24)) as face:
        assert face.says("header").startswith(title)


@pytest.mark.slow
async def test_a_heavy_network_takes_a_key_at_once_and_says_that_it_works() -> None:
    layers = ", ".join(["{units: 512, activation: relu}"] * 20)
    heavy = f"""
version: 1
title: Heavy
network: {{layers: [{layers}, {{units: 1}}]}}
data: {{generator: {{name: sine, samples: 1024}}}}
training: {{learning_rate: 0.001}}
"""
    async with exploring(heavy) as face:
        face.hit("space")
        await face.until(lambda: "working" in face.says("header"))
        face.hit("up")
        await face.until(lambda: "1 more" in face.says("header"))
        await face.settled()
        assert " · step 1 · " in face.says("header")
        assert face.says("ledger").startswith("∂J/∂layer2")


async def test_the_fit_says_which_statistics_are_in_force() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("F")
        assert "[F fit]" in face.says("tabs")
        assert face.says("panel").startswith("fit ")
        assert face.says("panel").count("•") >= 3
        await face.press("b")
        assert face.says("panel").startswith("fit · batch μ, σ")
        await face.press("m")
        assert face.says("panel").startswith("fit · running μ, σ")


@pytest.mark.parametrize("tiny", [(23, 14), (144, 3), (1, 1)])
async def test_what_is_painted_before_a_smaller_size_was_told_is_painted_for_the_size_before(
    monkeypatch: pytest.MonkeyPatch, tiny: tuple[int, int]
) -> None:
    """A follower that was told of the end of its session just then came to an end itself."""
    async with exploring(SLOW_CHAIN) as face:
        before = face.explorer.shown_text()
        monkeypatch.setattr(type(face.explorer), "size", property(lambda self: Size(*tiny)))
        face.explorer.repaint()
        assert face.explorer.shown_text() == before
        face.explorer.action_unfold()


async def test_rows_below_a_window_that_has_become_smaller_are_drawn_where_they_are_asked_for() -> None:
    async with exploring(SLOW_CHAIN) as face:
        pane = face.explorer.query_one(Pane)
        width, height = pane.size
        whole = pane.render_lines(Region(0, 0, width, height))
        below = pane.render_lines(Region(0, height - 2, width, 10))
        assert [strip.text for strip in below[:2]] == [strip.text for strip in whole[-2:]]
        assert [strip.text for strip in below[2:]] == [" " * width] * 8
