"""What the first screen does not need is not imported before it is there, and the charts bring no more than they draw with."""

import json
import os
import subprocess
import sys

import pytest

from bntui.scenario.shelf import library
from bntui.session.keep import compiled

FIRST = """
import os, sys
from bntui import __main__ as program

program.settle_plugins(os.environ)
program.leave_out(sys.modules)
import asyncio, json
from bntui.commands import cli
from bntui.session.keep import compiled
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.tui.app import Bntui
from bntui.tui.screens.explorer import Explorer

seen = []
load = Explorer._load_charts

async def noting(explorer):
    seen.append(list(sys.modules))
    await load(explorer)
    seen.append(list(sys.modules))

Explorer._load_charts = noting

async def start():
    app = Bntui(Session(compiled.read(library.find("sigmoid-net"))), keeps=True)
    async with app.run_test(size=(80, 24)):
        while len(seen) < 2:
            await asyncio.sleep(0.01)

asyncio.run(start())
print(json.dumps(seen))
"""
EVERY = """
import importlib, os, pkgutil, sys
from bntui import __main__ as program

program.settle_plugins(os.environ)
program.leave_out(sys.modules)
import bntui

for module in pkgutil.walk_packages(bntui.__path__, "bntui."):
    importlib.import_module(module.name)
"""
pytestmark = pytest.mark.slow
NOT_FIRST = (
    *("PIL.Image", "importlib.metadata", "pydantic", "yaml", "bntui.scenario.torch", "bntui.tui.screens.dialogs", "bntui.tui.screens.library", "bntui.views.drawing.canvas"),
    *("bntui.views.explain", "bntui.views.pages", "markdown_it", "numpy.fft", "numpy.polynomial", "plotext._kernel", "rich.markdown"),
    *("textual.widgets._markdown", "tree_sitter", "unittest", "wcwidth", "multiprocessing"),
)
NEVER = ("markdown_it", "plotext._doc.sections", "_ssl", "numpy.typing", "unittest", "wcwidth", "matplotlib", "textual.widgets._markdown", "torch", "pydantic", "PIL.Image")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The modules when the first screen has been painted, and when the charts can be drawn."""
    state = tmp_path_factory.mktemp("state")
    variables = os.environ | {"XDG_STATE_HOME": str(state)}
    compiled.read(library.find("sigmoid-net"))  # as it was opened before, by the same program: not by one in the folder at hand
    run = subprocess.run([sys.executable, "-P", "-c", FIRST], capture_output=True, text=True, check=False, env=variables)
    assert run.returncode == 0, run.stderr
    found: list[list[str]] = json.loads(run.stdout)
    return found


def test_the_first_screen_has_imported_what_it_needs(seen: list[list[str]]) -> None:
    assert within("bntui.views.panes.ledger", seen[0])
    assert not [name for name in NOT_FIRST if within(name, seen[0])]


def test_the_charts_have_imported_what_they_draw_with(seen: list[list[str]]) -> None:
    assert within("plotext._kernel", seen[1])
    assert not [name for name in NEVER if within(name, seen[1])]


def test_no_module_misses_what_is_left_out() -> None:
    run = subprocess.run([sys.executable, "-P", "-c", EVERY], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def within(name: str, modules: list[str]) -> bool:
    """Whether a module, or one in it, is among them."""
    return any(module == name or module.startswith(f"{name}.") for module in modules)
