"""What all tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from session.worlds import CHAIN

from bntui.commands import streams
from bntui.session.keep import holding, journal, shelf
from bntui.session.keep.processes import Process
from bntui.session.share import speaking

PATIENCE = 60.0  # seconds
os.environ["LC_ALL"] = "C.UTF-8"  # a test that needs another locale says so


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept between runs of the program is kept between tests, and nowhere else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def own_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs within this process has that locale too, whatever the tests were started in."""
    monkeypatch.setattr(streams, "environment", lambda: os.environ)


@pytest.fixture(autouse=True, scope="session")
def own_preferences(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nobody's preferences count in the tests."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("preferences"))


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """A disk that is busy is waited for: how long a person would wait is asked only by tests that say so."""
    with pytest.MonkeyPatch.context() as patch:
        for room, name in ((journal, "ENDING"), (journal, "PRUNING"), (holding, "ANSWER"), (shelf, "ANSWER"), (speaking, "ENDING")):
            patch.setattr(room, name, PATIENCE)
        yield


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


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a lesson may be written, beside a folder of its own for what the program keeps."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "lesson.yaml"


@pytest.fixture
def another() -> Iterator[Process]:
    """A second process that runs."""
    code = "from bntui.session.keep import processes; print(processes.this().started, flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Process(process.pid, process.stdout.readline().strip())
        process.communicate("\n")
