"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from session.worlds import CHAIN

from bntui.commands import streams

os.environ["LC_ALL"] = "C.UTF-8"  # a test that needs another locale says so


@pytest.fixture(autouse=True)
def own_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs within this process has that locale too, whatever the tests were started in."""
    monkeypatch.setattr(streams, "environment", lambda: os.environ)



@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed, as in CI, a test that skips itself has failed."""
    report = yield
    if report.skipped and os.environ.get("BNTUI_SKIP_NOTHING"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.fixture
def chain(tmp_path: Path) -> str:
    """Goodfellow's chain as a file of one's own."""
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    return str(path)
