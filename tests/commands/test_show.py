"""`bntui show` as a person at a shell meets it."""


import pytest
from shell import CORE, Capture, printed

from bntui.commands.cli import parsed, run
from bntui.commands.command import UsageError
from bntui.views.kinds import VIEWS


def test_show_prints_a_frame_of_exactly_the_size(capsys: Capture, chain: str) -> None:
    for columns, rows in ((60, 18), (80, 24), (120, 40), (200, 60)):
        frame = printed(capsys, "show", chain, "--size", f"{columns}x{rows}").removesuffix("\n").split("\n")
        assert len(frame) == rows
        assert max(map(len, frame)) <= columns


def test_show_goes_to_a_step_a_layer_and_a_sample(capsys: Capture, chain: str) -> None:
    slow = ("--set", "training.learning_rate=0.01")
    frame = printed(capsys, "show", chain, "--at", "4", "--layer", "c", "--sample", "1", *slow)
    assert " · step 4 · " in frame
    assert "∂J/∂c sample 1 = -" in frame
    assert "▾c" in frame
    assert "▸d" in frame


@pytest.mark.parametrize(("settings", "step"), [((), 2), (("--set", "network.layers.0.weight=[[1e308]]"), 0)])
def test_show_of_a_step_beyond_a_divergence_shows_the_divergence_and_says_so(
    capsys: Capture, chain: str, settings: tuple[str, ...], step: int
) -> None:
    assert run(["show", chain, "--at", "50", *settings]) == 0
    frame, said = capsys.readouterr()
    assert f" · step {step} · " in frame
    assert f"Diverged at step {step}" in frame
    assert said == f"bntui: step 50 is not reached: diverged at step {step}, where this is\n"
    printed(capsys, "show", chain, "--at", str(step), *settings)


@pytest.mark.parametrize("size", ["60x18", "80x24", "120x40"])
@pytest.mark.parametrize("name", CORE)
def test_show_in_ascii_is_nothing_but_ascii(capsys: Capture, name: str, size: str) -> None:
    for at in ("0", "1"):
        frame = printed(capsys, "show", name, "--ascii", "--size", size, "--at", at)
        assert frame.isascii(), sorted({character for character in frame if not character.isascii()})


@pytest.mark.parametrize("view", VIEWS)
def test_show_knows_every_view_that_can_be_printed_and_no_other(view: str) -> None:
    command = ["show", "relu-net", "--view", view]
    if VIEWS[view].printed:
        assert parsed(command).view == view
    else:
        with pytest.raises(UsageError, match=view):
            parsed(command)


def test_show_prints_the_whole_history_of_a_quantity(capsys: Capture) -> None:
    frame = printed(capsys, "show", "relu-net", "--at", "300", "--history", "gradient.*.weight")
    assert "‖∂J/∂W‖\n" in frame.replace(" \n", "\n")
    assert "reading" not in frame
    assert "second" in frame


def test_show_of_a_quantity_that_there_is_not_is_told_with_the_near_ones(capsys: Capture) -> None:
    assert run(["show", "relu-net", "--history", "weigth"]) == 2
    assert "did you mean 'weight" in capsys.readouterr().err


def test_show_prints_the_fit(capsys: Capture) -> None:
    frame = printed(capsys, "show", "good-start", "--at", "20", "--view", "fit", "--size", "120x40")
    assert "fit  ⠒ ŷ  • y" in frame
    assert frame.count("•") > 20
