"""Sweeps that lessons open, kept: those of the library come with the program, others lie in the user's cache folder.

A kept sweep has a key of all that its runs depend on, and is found by that alone: one that no longer fits is never met. What
cannot be read, or is not what it says, is computed anew; what cannot be written is not kept, and nothing is said of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bntui.maths.sweep import NEVER
from bntui.scenario.shelf import library
from bntui.scenario.text.files import CannotRead, read_text_file
from bntui.session.keep import private
from bntui.session.run.refusal import Refusal
from bntui.session.survey.situation import Situation
from bntui.session.survey.sweeping import sweep
from bntui.session.survey.swept import Plan, Side, Sweep

FORMAT = 1
OWN = ("network", "data", "cost", "training", "switching")  # keys of a scenario that a sweep depends on
CODE = ("maths", "scenario/data", "session/run", "session/survey")  # rooms that a result depends on
LOSS_DIGITS, DIGITS = 7, 5
MOST_KEPT = 64  # sweeps in the cache folder
_NAMED = 16  # digits of the key in a file's name


def swept(situation: Situation, plan: Plan, workers: int | None = None) -> Iterator[Sweep]:
    """Prepare the sweep of a beat, and return what gives its results: the kept one at once, or all of a new one. Raises Refusal."""
    results = sweep(situation, plan, None, workers)
    unknown, key = next(results), key_of(situation, plan)
    known = None if key is None else kept(key, unknown)
    return iter((known,)) if known is not None else _computed(unknown, results, key)


def told(situation: Situation, plan: Plan, key: str, text: str) -> Iterator[Sweep]:
    """A sweep that was run elsewhere, as it is `written` there; nothing is run here. Raises Refusal where it is another one."""
    known = None
    if key_of(situation, plan) == key:
        known = _filled(next(sweep(situation, plan, None, 1)), key, text)
    if known is None:
        raise Refusal("the sweep that is shown there does not fit what is known of it here")
    return iter((known,))


def _computed(unknown: Sweep, results: Iterator[Sweep], key: str | None) -> Iterator[Sweep]:
    yield unknown
    for made in results:
        if made.finished and key is not None:
            _keep(key, made)
        yield made


def key_of(situation: Situation, plan: Plan) -> str | None:
    """A sum over all that the runs of a sweep depend on; None where they depend on files that are read again."""
    over, scenario, tables = plan.over, situation.scenario, situation.loaded.tables
    if over is not None and over.path.startswith("data.") and scenario.data.reads_files:
        return None
    rows = hashlib.sha256()
    for table in (tables.data, tables.held_out):
        for numbers in () if table is None else (table.inputs, table.targets):
            rows.update(numbers.tobytes())
    told = {key: value for key, value in scenario.mapping(whole=True).items() if key in OWN}
    depends = {
        "format": FORMAT,
        "scenario": told,
        "tables": rows.hexdigest(),
        "came": [action.mapping() for action in situation.came],
        "rates": [f"{plan.rates[0]:.12g}", f"{plan.rates[-1]:.12g}", len(plan.rates)],
        "steps": plan.steps,
        "seeds": plan.seeds,
        "switching": plan.switching,
        "group": plan.group,
        "over": None if over is None else over.text,
        "grid": plan.grid,
    }
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def kept(key: str, unknown: Sweep) -> Sweep | None:
    """What is kept under a key, as the sweep that it is of before anything is run; None where nothing is that fits it."""
    return shipped(key, unknown) or _cached(key, unknown)


def shipped(key: str, unknown: Sweep) -> Sweep | None:
    """What came with the program."""
    for path in folder().glob(f"*-{key[:_NAMED]}.json"):
        with suppress(CannotRead):
            return _filled(unknown, key, read_text_file(path, private.LARGEST))
    return None


def folder() -> Path:
    """Where the kept sweeps of the library lie."""
    return library.folder() / "kept"


def shipped_name(lesson: str, beat: int, key: str) -> str:
    """The name of the file of a beat's sweep in that folder."""
    return f"{lesson}-{beat}-{key[:_NAMED]}.json"


def written(key: str, made: Sweep) -> str:
    """A whole sweep as it is kept."""
    sides = [[_side(side) for side in variant.sides] for variant in made.variants]
    return json.dumps({"format": FORMAT, "of": key, "title": made.title, "sides": sides}, ensure_ascii=False) + "\n"


def _side(side: Side) -> dict[str, Any]:
    return {
        "label": side.label,
        "loss": _told(side.loss, LOSS_DIGITS),
        "diverged_at": [[None if step == NEVER else step for step in row] for row in side.diverged_at.tolist()],
        "growth": _told(side.growth, DIGITS),
        "turned": _told(side.turned, DIGITS),
    }


def _told(table: Any, digits: int) -> list[list[float | str]]:
    return [[_rounded(value, digits) if np.isfinite(value) else str(value) for value in row] for row in table.tolist()]


def _rounded(value: float, digits: int) -> float:
    """The number with so many digits; nearly 1 stays apart from 1, as it is on the page."""
    rounded = float(f"{value:.{digits}g}")
    return value if rounded == 1 else rounded


def _filled(unknown: Sweep, key: str, text: str) -> Sweep | None:
    """The sweep with what a kept text says of its runs; None where that is not of this sweep."""
    with suppress(ValueError, TypeError, KeyError, RecursionError, OverflowError):
        told = json.loads(text)
        if told["format"] != FORMAT or told["of"] != key or len(told["sides"]) != len(unknown.variants):
            return None
        variants = []
        for variant, sides in zip(unknown.variants, told["sides"], strict=True):
            filled = tuple(_filled_side(side, its) for side, its in zip(variant.sides, sides, strict=True))
            variants.append(replace(variant, sides=filled))
        return replace(unknown, variants=tuple(variants), progress=1.0)
    return None


def _filled_side(side: Side, told: dict[str, Any]) -> Side:
    """A side with its tables. Raises ValueError, TypeError or KeyError where they are not its."""
    if told["label"] != side.label:
        raise ValueError(side.label)
    loss, growth, turned = (np.array(told[name], dtype=np.float64) for name in ("loss", "growth", "turned"))
    ended = np.array([[NEVER if step is None else int(step) for step in row] for row in told["diverged_at"]], dtype=np.intp)
    if any(table.shape != side.loss.shape for table in (loss, growth, turned, ended)):
        raise ValueError(side.label)
    return replace(side, loss=loss, growth=growth, turned=turned, diverged_at=ended, done=np.ones_like(side.done))


def _cached(key: str, unknown: Sweep) -> Sweep | None:
    with suppress(OSError, RuntimeError):
        path = _file(key)
        if (text := private.read(path)) is not None:
            return _filled(unknown, key, text)
    return None


def _keep(key: str, made: Sweep) -> None:
    """Keep a sweep in the cache folder, where there is one and it has room for it; the oldest give way."""
    text = written(key, made)
    if len(text.encode()) > private.LARGEST:
        return
    with suppress(OSError, RuntimeError):
        private.write_among(_file(key), text, MOST_KEPT)


def _file(key: str) -> Path:
    """The file of a key in the user's cache folder. Raises OSError or RuntimeError where there is none."""
    return private.cache_folder("sweeps") / f"{key[:_NAMED]}-{_code()}.json"


@cache
def _code() -> str:
    """A sum over the program's own text that results depend on: another version has results of its own. Raises OSError."""
    read, package = hashlib.sha256(), Path(__file__).parents[2]
    for room in CODE:
        for path in sorted((package / room).rglob("*.py")):
            read.update(path.read_bytes())
    return read.hexdigest()[:_NAMED]
