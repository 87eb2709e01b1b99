"""`bntui` without a command, where there is no terminal; tests/terminal has one."""


from shell import Capture, printed


def test_without_a_terminal_and_a_scenario_the_library_is_listed(capsys: Capture) -> None:
    assert printed(capsys) == printed(capsys, "list")


def test_without_a_terminal_a_scenario_is_printed_as_one_frame(capsys: Capture, chain: str) -> None:
    frame = printed(capsys, chain)
    assert frame == printed(capsys, "show", chain)
    assert frame.startswith("Goodfellow's chain · step 0 · J 2.724 · η 0.3 · BN off")


def test_the_version_is_one_line(capsys: Capture) -> None:
    told = printed(capsys, "--version")
    assert told.startswith("bntui")
    assert told.count("\n") == 1
