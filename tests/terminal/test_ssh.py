"""bntui over a real ssh connection, to a server of our own on the loopback interface."""

from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.conftest import program_of
from terminal.driver import MODES, MOUSE, Terminal


@pytest.mark.slow
def test_over_ssh_keys_work_and_the_mouse_stays_the_terminals_own(connection: list[str], tmp_path: Path) -> None:
    scenario = tmp_path / "chain.yaml"
    scenario.write_text(SLOW_CHAIN, encoding="utf-8")
    with Terminal([*connection, program_of(tmp_path, str(scenario))]) as terminal:
        terminal.until(" · step 0 · ")
        terminal.until("‖∂J/∂W‖")
        terminal.press("space", "space")
        terminal.until(" · step 2 · ")
        terminal.press("b")
        terminal.until("BN on")
        terminal.press("left")
        terminal.until(" · step 1 · ")
        terminal.resize(120, 40)
        terminal.until("curvature")
        assert terminal.mode(MODES["alternate screen"]) is True
        terminal.press("q")
        assert terminal.ended() == 0
        assert not any(terminal.mode(number) for number in MOUSE)
        assert b"\x1b[?1000h" not in terminal.output
        assert b"\x1b[?1003h" not in terminal.output
        terminal.assert_restored()
