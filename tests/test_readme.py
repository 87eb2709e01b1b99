"""The README is true: its scenario loads, its numbers are what the program prints, its keys and commands exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numbers_in_text import claims

from bntui.commands.cli import NAMES
from bntui.maths.kinds.activations import RELU
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading import memory
from bntui.scenario.reading.loading import read_file, read_text
from bntui.scenario.shelf import library
from bntui.session.look.controls import LADDER
from bntui.session.session import Session
from bntui.session.teach.verdicts import play
from bntui.tui.keys import KEYS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def session(name: str, *actions: dict[str, object]) -> Session:
    opened = Session(read_file(library.find(name)))
    for action in actions:
        opened.do(parse_action(action))
    return opened


def test_the_network_loads_and_the_lesson_below_it_holds() -> None:
    network, lesson = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    loaded = read_text(network + lesson, "README.md", None)
    assert len(loaded.scenario.lesson) == 2
    assert [str(verdict) for verdict in play(loaded) if not verdict.held] == []


def slopes_of_relu() -> list[float]:
    return [float(slope) for slope in RELU.slope_at(np.array([-1.0, 1.0]))]


def mean_weight() -> list[float]:
    """The mean of the chain's weights."""
    parameters = read_file(library.find("goodfellow-chain")).problem.parameters
    return [float(np.mean([weight.item() for weight in parameters.values()]))]


def explosion() -> list[float]:
    """Step, J and the gradient of a at three steps of the chain."""
    snapshots = [session("goodfellow-chain", {"goto": step}).observe() for step in range(3)]
    return [number for each in snapshots for number in (each.step, each.loss, each.numbers("a").weight_gradient)]


def same_rate_with_bn() -> list[float]:
    chain = [session("goodfellow-chain", BN_ON, {"goto": step}).observe() for step in (0, 5, 20)]
    return [chain[0].loss, chain[1].loss, chain[1].step, chain[2].loss, chain[2].step]


def which_bn_does_it() -> list[float]:
    """J and step with BN on e alone; the rate at which the four others explode, and J there with BN on e alone."""
    e_alone: dict[str, object] = {"set": {"batch_norm": ["e"]}}
    others: dict[str, object] = {"set": {"batch_norm": ["a", "b", "c", "d"]}}
    faster: dict[str, object] = {"set": {"learning_rate": 0.5}}
    exploded = session("goodfellow-chain", others, faster, {"step": 9}).observe()
    assert exploded.diverged
    slow = session("goodfellow-chain", e_alone, {"goto": 20}).observe()
    fast = session("goodfellow-chain", e_alone, faster, {"goto": 20}).observe()
    return [slow.loss, slow.step, exploded.learning_rate, fast.loss]


def what_is_left_for_a() -> list[float]:
    return [session("goodfellow-chain", BN_ON, {"goto": 20}).observe().numbers("a").weight_gradient]


def the_pair() -> list[float]:
    """Keys pressed; |w| of h4 before and after them; what they divide γ/σ by, and the gradient of h4."""
    small, large = (session("deep-relu", BN_ON, *actions).observe() for actions in ((), DOUBLED))
    assert large.loss == pytest.approx(small.loss, rel=1e-4)
    one, other = small.numbers("h4"), large.numbers("h4")
    assert other.pair == pytest.approx(one.pair, rel=1e-4)
    assert large.numbers("h7").weight_gradient == pytest.approx(small.numbers("h7").weight_gradient, rel=1e-3)
    assert one.scale
    assert other.scale
    shrinking = one.scale / other.scale, one.weight_gradient / other.weight_gradient
    return [len(DOUBLED), one.weight, other.weight, *shrinking]


def without_bn() -> list[float]:
    plain, doubled = (session("deep-relu", *actions).observe() for actions in ((), DOUBLED))
    return [doubled.loss / plain.loss]


EXPERIMENTS = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8").split("## Which part of BN, and where")[1].split("\n## ")[0]


def of_parts(*names: str) -> list[float]:
    """The medians with one input, at the bad start and at the good one; a test holds that page against a fresh run."""
    found: list[float] = []
    for name in names:
        (row,) = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", EXPERIMENTS, re.MULTILINE)
        found += [float(cell.split()[0]) for cell in row.split("|")[:2]]
    return found


def eight_seeds() -> list[float]:
    return [float(number) for number in re.findall(r"(\d+) seeds\. Bad start", " ".join(EXPERIMENTS.split()))]


def set_once() -> list[float]:
    """With rows of length 1 at the start, and with BN on the head alone, where both starts allow the same."""
    rows, (one, other) = of_parts("none, from weight_norm's start"), of_parts("batch_norm, head alone")
    assert one == other
    return [1, *rows, one]


def scaling_keys() -> list[float]:
    standing = session("deep-relu").stand()
    larger, smaller = (next(key.does for key in KEYS if key.shown == shown)(standing).by for shown in "*/")
    return [larger, 1 / smaller]


BN_ON: dict[str, object] = {"set": {"batch_norm": True}}
DOUBLED: list[dict[str, object]] = [{"scale": {"layer": "h4", "by": 2}}] * 10

FIGURES: dict[str, Callable[[], list[float]]] = {
    r"relu′ is (\d) or (\d)": slopes_of_relu,
    r"weights near (\d)": mean_weight,
    r"η = (\S+), no BN": lambda: [session("goodfellow-chain").observe().learning_rate],
    r"\|---\|\n" + r"\| (\S+) \| (\S+) \| (\S+) \|\n" * 3: explosion,
    r"J is (\S+), (\S+) after (\d+) steps, (\S+) after (\d+)\.": same_rate_with_bn,
    r"on e alone, J is (\S+) after (\d+) steps too; on a, b, c and d without e the chain\s+explodes at η = (\S+),"
    r" where BN on e alone brings J to (\S+)\. ": which_bn_does_it,
    r"∂J/∂a is (\d) but for rounding": what_is_left_for_a,
    r"press `\*` (ten times)\. \|w\| grows from (\S+) to (\S+), γ/σ shrinks by\s+the same factor of (\d+),"
    r"[^.]*\. h4's own gradient\s+shrinks by (\d+)": the_pair,
    r"multiply J by (a million)": without_bn,
    r"Over (\d+) seeds": eight_seeds,
    r"the scale alone allows (\S+) and (\S+), taking the mean away alone (\S+) and (\S+), BN (\S+) and (\S+), nothing\s+(\S+)"
    r" and (\S+)\. ": lambda: of_parts("batch_scale", "batch_centre", "batch_norm", "none"),
    r"constants for the gradient it is (\S+) and (\S+)\. ": lambda: of_parts("batch_norm_detached"),
    r"set to length (\d) once, and then left alone,\s+allow (\S+) and (\S+) as well, and BN on the linear head alone (\S+)\.": set_once,
    r"learning rate (\d), (\d), (\d) …": lambda: list(LADDER),
    r"weights × (\d), ÷ (\d)": scaling_keys,
    r"more memory than (\d) GB": lambda: [memory.DEFAULT / 1e9],
    r"Python ≥ (\S+) with": lambda: [float(re.findall(r'requires-python = ">=(\S+)"', PYPROJECT)[0])],
}
"""The numbers of the README, each in the words that it stands in, and what computes them."""


@pytest.mark.parametrize("words", FIGURES)
def test_a_number_is_what_the_program_computes(words: str) -> None:
    found = re.findall(words, README)
    assert len(found) == 1
    printed = [found[0]] if isinstance(found[0], str) else list(found[0])
    for text, value in zip(printed, FIGURES[words](), strict=True):
        (number,) = claims(text.replace("a million", "a million times"))
        assert number.agrees(value), f"{text}, but it is {value:.6g}"


def test_every_number_that_it_prints_is_computed() -> None:
    computed = {at for words in FIGURES for found in re.finditer(words, README) for at in starts(found)}
    prose = re.sub(r"(?ms)^```.*?^```|`[^`]*`|\(docs/[^)]*\)|^    .*?$|\*", lambda found: " " * len(found[0]), README)
    unheld = [
        f"{number.text}: … {README[max(number.start - 40, 0) : number.start + 20]} …"
        for number in claims(prose)
        if number.start not in computed
    ]
    assert unheld == []


def starts(found: re.Match[str]) -> list[int]:
    return [found.start(group) for group in range(1, len(found.groups()) + 1)]


def test_every_command_and_every_key_that_it_names_exists() -> None:
    for word in re.findall(r"`bntui ([a-z][\w-]+)", README):
        assert word in NAMES or word in library.names(), word
    table = README.split("## Keys")[1].split("##")[0]
    known = {shown for key in KEYS for shown in key.shown.split()}
    for key in re.findall(r"^\| (.*?) \|", table, re.MULTILINE):
        assert set(re.findall(r"`(\S+)`", key)) <= known, key
