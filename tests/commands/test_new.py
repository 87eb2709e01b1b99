"""`bntui new` as a person at a shell meets it."""

from pathlib import Path

from shell import Capture, printed, refused


def test_new_writes_a_scenario_that_can_be_run_and_never_overwrites_one(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert printed(capsys, "new", str(file)) == f"{file} written; open it with: bntui {file}\n"
    written = file.read_text(encoding="utf-8")
    assert printed(capsys, "check", str(file)) == f"{file}: good\n"
    assert printed(capsys, "check", str(file), "--play").endswith(": good, 2 expectations held\n"), "what its lesson says is so"
    assert refused(capsys, "new", str(file)) == f"bntui: {file} exists already; --force replaces it\n"
    assert file.read_text(encoding="utf-8") == written
