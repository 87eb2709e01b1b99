"""Views are pure: what they take from the session is data, and nothing in them reaches out of the program."""

import ast
from dataclasses import FrozenInstanceError, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

import bntui.views

FOLDER = Path(bntui.views.__file__).parent
OUTSIDE = {"io", "os", "pathlib", "random", "shutil", "socket", "subprocess", "sys", "tempfile", "threading"}


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_view_knows_data_and_nothing_that_runs_reads_or_writes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not OUTSIDE & {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in OUTSIDE
            if (node.module or "").startswith("bntui.session"):
                found = [getattr(import_module(node.module), name.name) for name in node.names]
                assert all(is_dataclass(each) and is_frozen(each) for each in found), node.module
        elif isinstance(node, ast.Name):
            assert node.id not in {"open", "print", "input"}


def is_frozen(kind: type) -> bool:
    """Whether an instance's fields stay what they are."""
    try:
        object.__new__(kind).anything = None
    except FrozenInstanceError:
        return True
    except AttributeError:
        return False
    return False
