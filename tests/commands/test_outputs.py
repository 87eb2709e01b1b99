"""Commands that write a file, as a person at a shell meets them."""

from pathlib import Path

import pytest
from shell import Capture, printed, refused

from bntui.commands.cli import run

CSV = "{version: 1, title: t, network: {layers: [{units: 1}]}, data: {csv: {file: d.csv, inputs: [x], targets: [y]}}, training: {learning_rate: 0.1}}"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario with a CSV file beside it."""
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n")
    path = tmp_path / "lesson.md"  # an ending that a handout may have
    path.write_text(CSV)
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("trace", "SCENARIO", "--steps", "1", "-o", "OUT"),
        ("report", "SCENARIO", "-o", "OUT"),
        ("check", "SCENARIO", "--junit", "OUT"),
        ("new", "OUT"),
    ],
)
def test_a_file_that_is_there_is_replaced_by_force_alone(
    scenario: Path, tmp_path: Path, capsys: Capture, command: tuple[str, ...]
) -> None:
    out = tmp_path / "out.md"
    arguments = [{"SCENARIO": str(scenario), "OUT": str(out)}.get(word, word) for word in command]
    out.write_text("old")
    assert refused(capsys, *arguments) == f"bntui: {out} exists already; --force replaces it\n"
    assert out.read_text() == "old"
    printed(capsys, *arguments, "--force")
    assert out.read_text() != "old"


@pytest.mark.parametrize("name", ["lesson.md", "d.csv"])
@pytest.mark.parametrize("command", ["trace", "report", "check"])
def test_what_is_being_read_is_not_replaced(scenario: Path, tmp_path: Path, capsys: Capture, command: str, name: str) -> None:
    if (command, name) == ("report", "d.csv"):
        (tmp_path / "d.csv").rename(tmp_path / "d.html")
        scenario.write_text(CSV.replace("d.csv", "d.html"))
        name = "d.html"
    source = tmp_path / name
    before = source.read_bytes()
    option = "--junit" if command == "check" else "-o"
    assert run([command, str(scenario), option, str(source), "--force"]) == 2
    assert f"{source} is what is being read; nothing was written" in capsys.readouterr().err
    assert source.read_bytes() == before
