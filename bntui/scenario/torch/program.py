"""A scenario as one page of plain PyTorch that prints the same numbers: J, every factor of the chain, every weight's gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bntui.maths.kinds.normalizations import Normalization
from bntui.records import dataclass
from bntui.scenario.data.building import Problem
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.text.wording import harmless
from bntui.scenario.torch.descending import optimizer_lines
from bntui.scenario.torch.layers import layer_lines, parameter_lines
from bntui.scenario.torch.normalizing import function_lines, functions
from bntui.scenario.torch.page import page
from bntui.scenario.torch.sources import data_lines


@dataclass(frozen=True, slots=True)
class TorchProgram:
    """The text of a program, and of the file of numbers that it reads from beside it, None where it reads none."""

    text: str
    beside: str | None


def torch_program(
    scenario: Scenario, problem: Problem, kinds: Mapping[str, Normalization], steps: int, command: str, beside: str
) -> TorchProgram:
    """The program of a scenario as it starts, `kinds` being those of its normalized layers; `beside` is a file's name."""
    training = scenario.training
    data, numbers = data_lines(scenario, problem, beside)
    names = functions(problem.architecture, kinds)
    schedule = training.rate_schedule
    values = {
        "data": data,
        "functions": [line for variant, name in names.items() for line in function_lines(name, variant)],
        "layers": layer_lines(scenario, problem, kinds, names),
        "parameters": parameter_lines(scenario, problem, kinds),
        "optimizer": optimizer_lines(training),
        "cost": problem.architecture.cost.torch,
        "size": str(training.batch_size),
        "seed": str(training.seed),
        "warm_up": str(schedule.warm_up),
        "share": schedule.kind.python,
        "steps": str(steps + 1),
        "command": _in_docstring(command),
        "title": _in_docstring(scenario.title),
    }
    return TorchProgram(page(frozenset(_features(scenario, problem, kinds)), values), numbers)


def _features(scenario: Scenario, problem: Problem, kinds: Mapping[str, Normalization]) -> Iterator[str]:
    """What the network and its training have, by the words of the page."""
    training, layers = scenario.training, problem.architecture.layers
    stages = [layer for layer in layers if layer.name in kinds and kinds[layer.name].over != "weight"]
    has = {
        "named": training.learning_rates or training.weight_decays,
        "batches": training.batch_size != "full",
        "schedule": training.schedule,
        "warm_up": training.rate_schedule.warm_up,
        "skips": problem.architecture.forked,
        "stage": stages,
        "of_weight": any(kind.over == "weight" for kind in kinds.values()),
        "bias": any(layer.bias for layer in layers),
        "all_biased": all(layer.bias for layer in layers),
        "before": any(layer.normalized_before_activation for layer in stages),
        "after": any(not layer.normalized_before_activation for layer in stages),
        "activation": any(not layer.is_linear for layer in layers),
    }
    yield from (feature for feature, there in has.items() if there)


def _in_docstring(text: str) -> str:
    """A text that ends no docstring, escapes nothing and fills nothing in."""
    return harmless(text).replace("\\", "/").replace('"', "'").replace("<", "‹")
