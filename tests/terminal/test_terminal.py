"""bntui on a real terminal, from its start to what it leaves behind."""

import re
import shlex
import signal
import sys
from pathlib import Path

import pytest
from session.worlds import CHAIN, SLOW_CHAIN
from terminal.driver import MODES, PROGRAM, Terminal, bntui

FIRST = " · step 0 · "


@pytest.fixture
def exploding(tmp_path: Path) -> Path:
    """A scenario that diverges at its second step."""
    file = tmp_path / "exploding.yaml"
    file.write_text(CHAIN, encoding="utf-8")
    return file


@pytest.fixture
def settling(tmp_path: Path) -> Path:
    """A scenario that settles."""
    file = tmp_path / "settling.yaml"
    file.write_text(SLOW_CHAIN, encoding="utf-8")
    return file


def step_of(terminal: Terminal) -> int:
    """The step in the header."""
    found = re.search(r"step (\d+)", terminal.row(0))
    assert found, terminal.text()
    return int(found[1])


def test_a_person_steps_looks_jumps_and_types_a_value(settling: Path) -> None:
    with bntui(settling) as terminal:
        terminal.until("Goodfellow's chain · step 0 · J 2.724 · η 0.01 · BN off")
        assert "∂J/∂a = 3.468" in terminal.text()
        terminal.until("‖∂J/∂W‖")
        assert terminal.row(-1).startswith("space step")
        terminal.press("space", "space", "right")
        terminal.until(" · step 3 · ")
        terminal.press("left")
        terminal.until(" · step 2 · ")
        terminal.press("up")
        terminal.until("∂J/∂b = ")
        terminal.press("]")
        terminal.until("sample 0 = -")
        terminal.press("e")
        terminal.until("New value")
        terminal.press("0.02", "enter")
        terminal.until(" → 0.02 · ")
        terminal.press("j")
        terminal.until("Go to step")
        terminal.press("twelve", "enter")
        terminal.until("'twelve' is no step")
        terminal.press("escape")
        terminal.until(lambda text: "Go to step" not in text)
        terminal.press("j")
        terminal.until("Go to step")
        terminal.press("12", "enter")
        terminal.until(" · step 12 · ")
        terminal.press("home")
        terminal.until(FIRST)
        terminal.press("end")
        terminal.until(" · step 12 · ")
        terminal.press("?")
        terminal.until("The ledger multiplies one layer's chain")
        terminal.press("escape")
        terminal.until(lambda text: "The ledger multiplies" not in text)
        terminal.press("q")
        assert terminal.ended() == 0


def test_it_runs_is_switched_while_it_runs_and_pauses(settling: Path) -> None:
    with bntui(settling) as terminal:
        terminal.until(FIRST)
        terminal.press("r")
        terminal.until("10/s")
        terminal.until(lambda text: step_of(terminal) >= 3)
        terminal.press("b")
        terminal.until("BN on")
        switched = step_of(terminal)
        terminal.until(lambda text: step_of(terminal) >= switched + 3)
        terminal.press("r")
        terminal.until(lambda text: "10/s" not in text)
        paused = step_of(terminal)
        terminal.press("b")
        terminal.until("BN off")
        assert step_of(terminal) == paused


def test_nothing_is_written_while_nothing_happens(settling: Path) -> None:
    with bntui(settling) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.quiet()
        assert terminal.read(0.7) == 0


def test_the_screen_is_resized_from_huge_to_tiny_and_back(settling: Path) -> None:
    with bntui(settling, size=(200, 60)) as terminal:
        terminal.until("curvature")
        assert terminal.row(-1).startswith("space step")
        terminal.press("space")
        terminal.until(" · step 1 · ")
        terminal.resize(20, 5)
        terminal.until("please make")
        assert "step 1" not in terminal.text()
        terminal.press("space")
        terminal.resize(80, 24)
        terminal.until(" · step 2 · ")
        terminal.until("∂J/∂a = ")
        assert terminal.row(-1).startswith("space step")
        terminal.resize(200, 60)
        terminal.until("curvature")
        assert " · step 2 · " in terminal.row(0)


def test_an_explosion_says_diverged_and_is_left_by_going_back_and_switching_batch_norm_on(exploding: Path) -> None:
    with bntui(exploding) as terminal:
        terminal.until(FIRST)
        terminal.press("space", "space")
        terminal.until("DIVERGED")
        terminal.until("Diverged at step 2")
        terminal.press("space")
        terminal.until("diverged at step 2: ")
        terminal.press("left")
        terminal.until(lambda text: "DIVERGED" not in text and "step 1" in text)
        terminal.press("b", "r")
        terminal.until(lambda text: "BN on" in text and step_of(terminal) > 5)
        assert "DIVERGED" not in terminal.text()


def test_quitting_leaves_the_terminal_as_it_was(settling: Path) -> None:
    with bntui(settling) as terminal:
        terminal.until("‖∂J/∂W‖")
        assert terminal.mode(MODES["alternate screen"]) is True
        assert terminal.mode(MODES["cursor"]) is False
        assert terminal.mouse is True
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()


@pytest.mark.parametrize(("name", "status"), [pytest.param("SIGTERM", 143, marks=pytest.mark.slow), ("SIGHUP", 129)])
def test_a_signal_ends_it_with_its_status_and_leaves_the_terminal_as_it_was(
    settling: Path, name: str, status: int
) -> None:
    with bntui(settling) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.press("r")
        terminal.until("10/s")
        terminal.process.send_signal(signal.Signals[name])
        assert terminal.ended() == status
        terminal.assert_restored()


def test_without_a_scenario_the_library_opens_and_enter_explores(settling: Path) -> None:
    with bntui() as terminal:
        terminal.until("Goodfellow's chain")
        terminal.press("down", "enter")
        terminal.until(FIRST)
        terminal.press("o")
        terminal.until("enter open")
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()


def test_over_ssh_the_mouse_is_left_to_the_terminal(settling: Path) -> None:
    with bntui(settling, SSH_CONNECTION="there 1 here 2") as terminal:
        terminal.until("‖∂J/∂W‖")
        assert [terminal.mode(number) for number in (1000, 1002, 1003)] == [None] * 3


def test_the_mouse_is_taken_or_left_when_that_is_asked_for(settling: Path) -> None:
    with bntui(settling, "--no-mouse") as without, bntui(settling, "--mouse", SSH_TTY="/dev/tty") as taking:
        without.until("‖∂J/∂W‖")
        taking.until("‖∂J/∂W‖")
        assert (without.mouse, taking.mouse) == (False, True)


def test_a_terminal_that_speaks_ascii_alone_is_drawn_in_ascii(settling: Path) -> None:
    with bntui(settling, PYTHONIOENCODING="ascii") as terminal:
        terminal.until("step 0")
        terminal.until(" eta 0.01 ")
        terminal.quiet()
        assert terminal.text().isascii()
        assert "\\u" not in terminal.text()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TERM": "dumb"}, "bntui: this terminal (TERM=dumb) cannot move its cursor; `bntui show` prints a frame"),
        ({"TERM": ""}, "bntui: TERM is not set, which names the terminal; `bntui show` prints a frame"),
        ({"TEXTUAL_COLOR_SYSTEM": "bogus"}, "bntui: TEXTUAL_COLOR_SYSTEM is 'bogus'; allowed: auto, standard, 256"),
    ],
)
def test_a_terminal_that_cannot_show_it_is_told_so(settling: Path, variables: dict[str, str], sentence: str) -> None:
    with bntui(settling, size=(120, 24), **variables) as terminal:
        assert terminal.ended() == 2
        assert terminal.text().startswith(sentence)
        assert terminal.mode(MODES["alternate screen"]) is None
        assert "Traceback" not in terminal.text()


WITHOUT_TERMINALS = "import sys; sys.modules['termios'] = None; from bntui.commands import cli; sys.exit(cli.run(sys.argv[1:]))"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["relu-net"], ["--resume"], ["follow"], ["notes"]])
def test_a_system_that_has_no_such_terminals_is_told_so(arguments: list[str]) -> None:
    with Terminal([sys.executable, "-c", WITHOUT_TERMINALS, *arguments], (200, 24)) as terminal:
        assert terminal.ended() == 2
        assert terminal.text().startswith("bntui: this system has no terminals that bntui can draw on")
        assert "Traceback" not in terminal.text()


@pytest.mark.slow
@pytest.mark.parametrize("led", ["2>errors.txt", "2>&-"])
def test_who_has_led_the_errors_elsewhere_sees_the_screen_all_the_same(tmp_path: Path, led: str) -> None:
    command = f"cd {shlex.quote(str(tmp_path))} && {shlex.join(PROGRAM)} goodfellow-chain {led}"
    with Terminal(["sh", "-c", command], XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("step 0")
        program.press("space")
        program.until("step 1")
        program.press("q")
        assert program.ended() == 0
        program.assert_restored()


def test_a_theme_that_there_is_not_is_told_before_the_screen_is_taken(settling: Path) -> None:
    with bntui(settling, "--theme", "drak", size=(200, 24)) as terminal:
        assert terminal.ended() == 2
        assert "bntui: there is no theme 'drak'" in terminal.text()
        assert terminal.mode(MODES["alternate screen"]) is None


@pytest.mark.slow
@pytest.mark.parametrize("keys", [("\t", "\r\t"), ("?", "\r\r\r"), ("e", "\r\r"), ("s", "\x1b\x1b\x1b\x1b")])
def test_a_dialog_that_is_left_twice_in_a_hurry_leaves_the_session_where_it_is(keys: tuple[str, ...]) -> None:
    with bntui("sigmoid-net") as program:
        program.until("· step 0")
        for key in keys:
            program.press(key)
            program.quiet()
        program.press("escape")
        program.quiet()
        program.press("space")
        program.until("· step 1")
