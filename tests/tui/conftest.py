"""Every test of the app has a state folder of its own: no session of yesterday, and none left to whoever runs the tests."""

from pathlib import Path

import pytest

from bntui.tui import companion


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are kept below tmp_path."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson's file is looked at more often than a person saves it."""
    monkeypatch.setattr(companion, "LOOK", 0.2)
