"""Whatever is typed after --over, --set and --only, and whatever a course's file holds: good, or a sentence and 2."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session.worlds import CHAIN

import bntui
from bntui.commands.cli import run

HARMFUL = ("\x1b", "\x07", "\x08", "\r", "\x9b", "\u202e", "\x00")
PIECES = [
    "network", "layers", "a", "e", "0", "4", "*", "weight", "units", "batch_norm", "enabled", "normalization", "training", "batch_size",
    "momentum", "learning_rate", "init.gain", "data.inputs", "cost", "lesson", "title", "depth", "gain", "none", "layer_norm", "full",
    "=", "=", ".", ".", ",", ",", "[", "]", "{", "}", ":", '"', "'", "&a", "*a", "!!python/object:os.system", "1e400", "-1", "0.5",
    "true", "null", "\x1b[2J", "\u202e", "ŷ", "🦆", " ", "\n", "\t", "\x00", "%s", "a" * 300,
]  # fmt: skip
TYPED = st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=12)
PATHS = st.sampled_from(
    ["training.batch_size", "batch_size", "network.layers.a.weight", "network.layers.*.activation", "normalization", "depth", "cost", "data"]
)
VALUES = st.lists(st.sampled_from([*PIECES, "2", "3", "[a, b]", "{kind: rms_norm}", "half_mse", "[[1.0]]"]), max_size=4).map(",".join)
OVERS = TYPED | st.tuples(PATHS, VALUES).map("=".join)
FEW = settings(max_examples=150, deadline=None)


def told(*words: str) -> str:
    """What a command that is good or refused says; nothing of it moves the cursor."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = run(list(words))
        except SystemExit as ended:  # help was asked for
            status = int(ended.code or 0)
    assert status in (0, 2), words
    assert (status == 2) == bool(err.getvalue() and not out.getvalue()), (words, err.getvalue())
    assert "Traceback" not in err.getvalue()
    assert not any(character in out.getvalue() + err.getvalue() for character in HARMFUL), words
    return err.getvalue()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A scenario in a file."""
    path = tmp_path_factory.mktemp("fuzz") / "chain.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    return str(path)


@pytest.mark.slow
@FEW
@given(over=OVERS)
def test_whatever_is_swept_over(file: str, over: str) -> None:
    says = told("sweep", file, "--count", "2", "--steps", "1", "--seeds", "1", "--json", f"--over={over}")
    assert says.count("\n") <= 1, "one sentence"


@pytest.mark.slow
@FEW
@given(setting=TYPED | st.tuples(PATHS, VALUES).map("=".join))
def test_whatever_is_set(file: str, setting: str) -> None:
    told("trace", file, "--steps", "0", "--only", "loss", f"--set={setting}")


@pytest.mark.slow
@FEW
@given(names=TYPED | st.lists(st.sampled_from(["gain", "gain.*", "twin.loss", "order", "factor.a.*", "", "*"]), max_size=4).map(",".join))
def test_whatever_quantities_are_asked_for(file: str, names: str) -> None:
    told("trace", file, "--steps", "0", f"--only={names}")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats() | st.sampled_from(PIECES) | st.just("chain.yaml") | st.just("../x"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["version", "title", "about", "parts", "scenarios", "x", "ŷ"]), inner, max_size=4),
    max_leaves=12,
)
COURSES = st.dictionaries(st.sampled_from(["version", "title", "summary", "parts", "network", "prats"]), ANY)


@pytest.mark.slow
@FEW
@given(document=COURSES)
def test_whatever_a_course_holds(file: str, document: dict[str, Any]) -> None:
    course = Path(file).with_name("course.yaml")
    course.write_text(json.dumps(document), encoding="utf-8")
    for command in ("check", "list"):
        told(command, str(course))


@pytest.mark.slow
@FEW
@given(over=OVERS, first=st.floats(), last=st.floats(), count=st.integers(-2, 3))
def test_whatever_the_api_is_to_sweep_over(file: str, over: str, first: float, last: float, count: int) -> None:
    with contextlib.suppress(bntui.Refusal):
        bntui.load(file).sweep(over, first=first, last=last, count=count, steps=1, seeds=1)


@pytest.mark.slow
@FEW
@given(path=TYPED | PATHS, value=ANY)
def test_whatever_the_api_is_to_set(file: str, path: str, value: Any) -> None:
    with contextlib.suppress(bntui.ScenarioError):
        bntui.load(file, settings={path: value})
