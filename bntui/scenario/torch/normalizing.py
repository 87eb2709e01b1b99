"""Each normalization as a function of PyTorch: what it makes of z, and what its backward step does to a signal, part by part."""

from __future__ import annotations

from collections.abc import Mapping

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.kinds.normalizations import Normalization

Variant = tuple[Normalization, float, int]  # what tells two functions apart: the kind, ε, and the groups


def variant_of(layer: Layer, kind: Normalization) -> Variant:
    """Which function a layer is normalized by."""
    return kind, layer.normalization.epsilon, layer.normalization.groups if kind.grouped else 1


def functions(architecture: Architecture, kinds: Mapping[str, Normalization]) -> dict[Variant, str]:
    """The name of each function that the layers are normalized by; weight norm, which is in the affine map, is none of them."""
    names: dict[Variant, str] = {}
    for layer in architecture.layers:
        kind = kinds.get(layer.name)
        if kind is None or kind.over == "weight":
            continue
        variant = variant_of(layer, kind)
        if variant not in names:
            before = sum(each.name == kind.name for each, _, _ in names)
            names[variant] = f"{kind.name}_{before + 1}" if before else kind.name
    return names


def function_lines(name: str, variant: Variant) -> list[str]:
    """The function: of z, γ and β it gives what goes on, and the backward step as a generator of (part, signal)."""
    kind, epsilon, groups = variant
    lines = [f"def {name}(z, gamma, beta):", f'    """{kind.says[0].upper()}{kind.says[1:]}."""', "", *_mean(kind, groups), ""]
    centred = normal = "centred" if kind.centres else "z"
    if kind.centres:
        lines.append(f"    centred = z - mean(z){_constant(kind)}")
    if kind.scales:
        normal = "normal"
        lines.append(f"    sigma = (mean({centred}.square()) + {epsilon!r}).sqrt(){_constant(kind)}")
        lines.append(f"    normal = {centred} / sigma")
    lines += ["", "    def back(signal):  # ∂J/∂(what goes on) becomes ∂J/∂z in these steps"]
    steps = {
        "scale": "signal * gamma / sigma",
        "centre": "signal - mean(signal)",
        "project": f"signal - {normal} * mean(signal * {normal})",
    }
    for part in kind.parts:
        lines += [f"        signal = {steps[part.name]}", f'        yield "{part.name}", signal']
    return [*lines, "", f"    return gamma * {normal} + beta, back", "", ""]


def _constant(kind: Normalization) -> str:
    return ".detach()  # a constant for the gradient" if kind.detached else ""


def _mean(kind: Normalization, groups: int) -> list[str]:
    if kind.over == "samples":
        return ["    def mean(values):  # of each unit over the samples", "        return values.mean(0, keepdim=True)"]
    if not kind.grouped:
        return ["    def mean(values):  # of each sample over its units", "        return values.mean(1, keepdim=True)"]
    return [
        "    def mean(values):  # of each sample over a group of its units",
        f"        grouped = values.reshape(len(values), {groups}, -1)",
        "        return grouped.mean(2, keepdim=True).expand_as(grouped).reshape(values.shape)",
    ]
