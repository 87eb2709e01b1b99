"""docs/adding.md: every example is run, and what it adds goes through the program."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from maths.cases import about, fill
from shell import Capture, printed, refused

from bntui.commands import cli
from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.kinds.activations import TANH, Activation
from bntui.maths.kinds.costs import Cost
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.kinds.optimizers import Optimizer
from bntui.maths.kinds.schedules import Schedule, settings_of
from bntui.maths.network import Structure

PAGE = (Path(__file__).parents[1] / "docs" / "adding.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def examples() -> dict[str, str]:
    """The code of each section that has some."""
    found = {title: re.findall(r"```python\n(.*?)```", body, re.DOTALL) for title, body in SECTIONS.items()}
    return {title: "\n".join(blocks) for title, blocks in found.items() if blocks}


def made(kind: str) -> dict[str, Any]:
    """What the example of a section leaves behind."""
    (code,) = (code for title, code in examples().items() if title.startswith(f"{kind}:"))
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "docs/adding.md", "exec", dont_inherit=True), names)
    return names


@pytest.mark.parametrize("title", examples())
def test_every_example_runs(title: str) -> None:
    made(title.partition(":")[0])


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bntui|tests|docs)/[\w/]+\.(?:py|md))`", PAGE))))
def test_every_file_that_is_named_is_there(path: str) -> None:
    assert (Path(__file__).parents[1] / path).is_file()


def test_the_activation_has_a_true_slope_and_a_true_bend() -> None:
    kind: Activation = made("An activation")["SOFTPLUS"]
    layers = (Layer("h1", 4, kind), Layer("h2", 3, kind), Layer("head", 1))
    rng = np.random.default_rng(0)
    structure = Structure(frozenset({"h1"}), frozenset({"h1", "h2", "head"}))
    case = fill(Architecture(2, layers), structure, rng.normal(size=(9, 2)), rng.normal(size=(9, 1)), rng)
    assert_derivatives(case)


def test_the_normalization_takes_the_mean_away_and_has_a_true_derivative() -> None:
    kind: Normalization = made("A normalization")["LAYER_CENTRE"]
    settings = NormalizationSettings(kind)
    layers = (Layer("h1", 4, TANH, normalization=settings), Layer("h2", 3, TANH, normalization=settings), Layer("head", 1))
    rng = np.random.default_rng(0)
    structure = Structure(frozenset({"h1", "h2"}), frozenset({"h1", "h2", "head"}))
    case = fill(Architecture(2, layers), structure, rng.normal(size=(9, 2)), rng.normal(size=(9, 1)), rng)
    assert_derivatives(case)
    stage = case.network.normalization("h1")
    assert stage is not None
    kept = stage.statistics(rng.normal(size=(9, 4)), {}, "train")
    np.testing.assert_allclose(kept.normalized.sum(axis=-1), 0, atol=1e-12)


def test_the_cost_has_a_true_derivative_and_a_true_change_of_it() -> None:
    kind: Cost = made("A cost")["LOG_COSH"]
    rng = np.random.default_rng(0)
    structure = Structure(frozenset(), frozenset({"head"}))
    case = fill(Architecture(2, (Layer("head", 2),), kind), structure, rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), rng)
    assert_derivatives(case)
    assert kind.best_constant(case.targets[:, :1]) < float(kind.loss(np.full((9, 1), 2.0), case.targets[:, :1]))


def assert_derivatives(case: Any) -> None:
    """Gradient and Hessian product against central differences."""
    loss, theta = case.objective, case.theta
    direction = np.random.default_rng(1).normal(size=theta.size)
    ahead, behind = theta + 1e-5 * direction, theta - 1e-5 * direction
    slope = float(loss.loss(ahead) - loss.loss(behind)) / 2e-5
    assert float(loss.evaluate(theta).gradient @ direction) == about(slope, rel=1e-6, abs=1e-8)
    change = (loss.evaluate(ahead).gradient - loss.evaluate(behind).gradient) / 2e-5
    np.testing.assert_allclose(loss.hessian(theta)(direction), change, rtol=1e-6, atol=1e-8)


def test_the_optimizer_descends() -> None:
    kind: type[Optimizer] = made("An optimizer")["SignDescent"]
    rng = np.random.default_rng(0)
    structure = Structure(frozenset(), frozenset({"head"}))
    case = fill(Architecture(1, (Layer("head", 1),)), structure, rng.normal(size=(9, 1)), rng.normal(size=(9, 1)), rng)
    state = start(case.architecture, case.parameters | {"head.bias": np.zeros(1)}, optimizer=kind())
    after = descend(state, case.network, case.evaluate(), Descent(Rates(0.01), kind()))
    np.testing.assert_allclose(np.abs(after.theta - state.theta), 0.01)


def test_the_schedule_takes_its_rate_down_after_a_warm_up() -> None:
    kind = made("A schedule")["Linear"]
    assert settings_of(kind) == {"steps": True}
    assert [Schedule(kind(4), 2).share(step) for step in range(8)] == [0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0]
    assert [eval(kind(4).python, {"step": step}) for step in range(6)] == [kind(4).share(step) for step in range(6)]


def test_the_command_is_met_wherever_commands_are(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bntui.commands.title", ModuleType("title"))
    vars(sys.modules["bntui.commands.title"])["COMMAND"] = made("A command")["COMMAND"]
    monkeypatch.setattr(cli, "NAMES", (*cli.NAMES, "title"))
    assert printed(capsys, "title", "goodfellow-chain") == "Goodfellow's chain\n"
    assert "did you mean --set?" in refused(capsys, "title", "goodfellow-chain", "--st", "data.seed=1")
    assert "There is a command `bntui title`." in refused(capsys, "titel")
    with pytest.raises(SystemExit):
        cli.run(["--help"])
    assert re.search(r"^  bntui title +The title of a scenario\.$", capsys.readouterr().out, re.MULTILINE)
    assert "title:The title of a scenario." in printed(capsys, "completion", "zsh")
