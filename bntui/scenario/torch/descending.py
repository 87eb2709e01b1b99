"""The optimizer of PyTorch that descends as a scenario does, as lines of a program."""

from __future__ import annotations

from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.scenario.model.training import Training

TORCH_NAMES = {"epsilon": "eps"}  # what torch calls a setting otherwise than we do


def optimizer_lines(training: Training) -> list[str]:
    """The lines that make the optimizer, its rates and decays by name where there are such."""
    kind = OPTIMIZERS[training.optimizer]
    named = {"lr": training.learning_rates, "weight_decay": training.weight_decays}
    values = {"lr": training.learning_rate, "weight_decay": training.weight_decay}
    settings = {TORCH_NAMES.get(key, key): getattr(training, key) for key in kind.settings}
    told = {key: value for key, value in (values | settings).items() if value or key == "lr"}
    arguments = ", ".join(f"{key}={value!r}" for key, value in told.items())
    lines = [f"{key}s = {dict(patterns)!r}" for key, patterns in named.items() if patterns]
    if lines:
        of_name = "".join(f', "{key}": by_name(name, {values[key]!r}, {key}s)' for key, patterns in named.items() if patterns)
        lines += ["groups = [", f'    {{"params": [each]{of_name}}}', "    for name, each in parameters.items()", "]"]
    else:
        lines.append("groups = list(parameters.values())")
    return [*lines, f"optimizer = {kind.torch}(groups, {arguments})"]
