"""The page itself: every line that a program may have, and at its left what a network must have for it to stand there.

Words before a bar are features, all of which are needed; `!` before one says that it must not be there. Lines of < > are filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

PAGE = r'''
                 |"""<title>, in plain PyTorch.
                 |
                 |Written by `<command>`. Each step prints J and the chain
                 |rule from the cost backwards: a factor, its value, and the product so far, which is the norm of the signal there.
                 |At each layer's `input` a chain ends, and its product is the norm of the gradient of that layer's weight.
                 |"""
                 |
                 |from collections.abc import Callable
named            |from fnmatch import fnmatchcase
                 |from typing import NamedTuple
                 |
                 |import numpy as np
                 |import torch
                 |
                 |torch.set_default_dtype(torch.float64)
                 |
                 |# the data
                 |<data>
                 |
                 |
batches          |def batch(step):
batches          |    """The samples of the update after a step: shuffled anew each epoch, a short remainder dropped."""
batches          |    epoch, place = divmod(step, len(x) // <size>)
batches          |    order = np.random.default_rng([<seed>, epoch]).permutation(len(x))
batches          |    chosen = order[place * <size> : (place + 1) * <size>]
batches          |    return x[chosen], y[chosen]
batches          |
batches          |
stage            |<functions>
                 |<layers>
                 |
                 |<parameters>
                 |
                 |
                 |def forward(x):
                 |    """ŷ, and what entered each stage on the way: its gradient is the signal after the stage's factor."""
                 |    kept = []
                 |
                 |    def keep(part, entering, back=None):
                 |        if entering.requires_grad:
                 |            entering.retain_grad()
                 |        kept.append((layer, part, entering, back))
                 |
stage            |    def normalized(values):
stage            |        gamma, beta = parameters.get(f"{layer.name}.gamma", 1.0), parameters.get(f"{layer.name}.beta", 0.0)
stage            |        made, back = layer.normalize(values, gamma, beta)
stage            |        keep("norm", values, back)
stage            |        return made
stage            |
skips            |    sources = {layer.skip_from for layer in layers}
skips            |    before, outputs = "x", {"x": x}
                 |    a = x
                 |    for layer in layers:
skips            |        if before in sources:
skips            |            keep("skip", a)
skips            |            a = a.clone()  # what goes through the branch alone
                 |        keep("weight", a)
                 |        a = a @ parameters[f"{layer.name}.weight"].T
of_weight        |        if layer.weight_norm:
of_weight        |            keep("norm.scale", a)
of_weight        |            a = a * parameters.get(f"{layer.name}.gamma", 1.0) / parameters[f"{layer.name}.weight"].norm(dim=1)
bias !all_biased |        if layer.bias:
bias !all_biased |            a = a + parameters[f"{layer.name}.bias"]
all_biased       |        a = a + parameters[f"{layer.name}.bias"]
before !after    |        if layer.normalize:
before after     |        if layer.normalize and not layer.after:
before           |            a = normalized(a)
activation       |        if layer.activation:
activation       |            keep("activation", a)
activation       |            a = layer.activation(a)
after            |        if layer.normalize and layer.after:
after            |            a = normalized(a)
skips            |        if layer.skip_from:
skips            |            a = a + outputs[layer.skip_from]
skips            |        before, outputs[layer.name] = layer.name, a
                 |    return a, kept
                 |
                 |
                 |def cost(outputs, y):
                 |    return <cost>
                 |
                 |
                 |def row(factor, signal, before=None):
                 |    """One factor: its value is the ratio of two neighbouring signals' norms."""
                 |    size = signal.norm()
                 |    value = "" if before is None else f"{size / before.norm():.10g}"
                 |    print(f"  {factor:<24}{value:>18}{size:>18.10g}")
                 |
                 |
                 |def agrees(autograd, formula, before):
                 |    """Stop where autograd and the formula differ by more than rounding does."""
                 |    assert not (autograd - formula).norm() > 1e-9 * (before.norm() + formula.norm()), (autograd, formula)
                 |
                 |
                 |def print_chain(outputs, kept):
                 |    """Every factor from the cost backwards; what the formulas say is held against what autograd found."""
                 |    signal = outputs.grad
                 |    row("cost", signal)
                 |    for layer, part, entering, back in reversed(kept):
                 |        before = signal
                 |        if part == "weight":
                 |            weight = parameters[f"{layer.name}.weight"]
                 |            gradient = signal.T @ entering.detach()
                 |            row(f"{layer.name}.input", gradient, signal)
of_weight        |            if layer.weight_norm:
of_weight        |                rows, raw = weight.detach(), gradient
of_weight        |                gradient = raw - rows * (rows * raw).sum(1, keepdim=True) / rows.square().sum(1, keepdim=True)
of_weight        |                row(f"{layer.name}.norm.project", gradient, raw)
                 |            agrees(weight.grad, gradient, signal)
                 |            if entering.grad is None:  # the data
                 |                return
stage            |        if part == "norm":
stage            |            for part, after in back(signal.detach()):
stage            |                row(f"{layer.name}.norm.{part}", after.detach(), signal)
stage            |                signal = after.detach()
stage            |            agrees(entering.grad, signal, before)
stage            |            continue
                 |        signal = entering.grad
                 |        row(f"{layer.name}.{part}", signal, before)
                 |
                 |
named            |def by_name(name, value, patterns):
named            |    """The value of one parameter: the last pattern that its name matches holds."""
named            |    return next((other for pattern, other in reversed(patterns.items()) if fnmatchcase(name, pattern)), value)
named            |
named            |
                 |<optimizer>
schedule         |rates = [group["lr"] for group in optimizer.param_groups]
schedule         |
schedule         |
schedule         |def share(step):
schedule         |    """The share of its rate that each parameter moves by at a step."""
warm_up          |    if step < <warm_up>:
warm_up          |        return (step + 1) / <warm_up>
warm_up          |    step = step - <warm_up>
schedule         |    return <share>
schedule         |
                 |
                 |for step in range(<steps>):
batches          |    inputs, targets = batch(step)
batches          |    outputs, kept = forward(inputs)
!batches         |    outputs, kept = forward(x)
                 |    outputs.retain_grad()
batches          |    loss = cost(outputs, targets)
!batches         |    loss = cost(outputs, y)
                 |    optimizer.zero_grad()
                 |    loss.backward()
                 |    print(f"step {step}  J {loss.item():.10g}")
                 |    print_chain(outputs, kept)
schedule         |    for group, rate in zip(optimizer.param_groups, rates):
schedule         |        group["lr"] = rate * share(step)
                 |    optimizer.step()
'''


def page(features: Set[str], values: Mapping[str, str | Sequence[str]]) -> str:
    """The page of a network with these features; a value of several lines takes the place of the line that asks for it."""
    lines: list[str] = []
    for written in PAGE.strip("\n").split("\n"):
        needed, _, line = written.partition("|")
        if all((word[1:] not in features) if word.startswith("!") else (word in features) for word in needed.split()):
            lines += _filled(line, values)
    return "\n".join(lines) + "\n"


def _filled(line: str, values: Mapping[str, str | Sequence[str]]) -> Sequence[str]:
    for name, value in values.items():
        if line == f"<{name}>" and not isinstance(value, str):
            return value
        if isinstance(value, str):
            line = line.replace(f"<{name}>", value)
    return [line]
