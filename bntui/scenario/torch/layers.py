"""The layers of a network as a table of a program, and their first parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bntui.maths.architecture import INPUTS, Layer
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.scenario.data.building import Problem
from bntui.scenario.data.layout import layers_of
from bntui.scenario.model.scenario import Init, LayerPart, Scenario
from bntui.scenario.torch.normalizing import Variant, variant_of
from bntui.scenario.torch.text import tensor

FIELDS = {
    "weight": "torch.Tensor | None = None  # its first values; else they are drawn",
    "bias": "bool = True",
    "weight_norm": "bool = False",
    "activation": "Callable[[torch.Tensor], torch.Tensor] | None = None",
    "normalize": "Callable[..., tuple] | None = None",
    "after": "bool = False  # normalized after its activation",
    "gamma": "bool = False",
    "beta": "bool = False",
    "skip_from": "str | None = None  # whose output is added to its own",
}


def layer_lines(
    scenario: Scenario, problem: Problem, kinds: Mapping[str, Normalization], functions: Mapping[Variant, str]
) -> list[str]:
    """The class of a layer with the fields that this network uses, and the list of its layers from the input."""
    parts = [part for _, part, _ in layers_of(scenario.network)]
    rows = [
        (layer, dict(_settings(layer, part, problem, kinds.get(layer.name), functions)))
        for layer, part in zip(problem.architecture.layers, parts, strict=True)
    ]
    used = [field for field in FIELDS if any(field in settings for _, settings in rows)]
    lines = ["class Layer(NamedTuple):", "    name: str", "    units: int", *(f"    {field}: {FIELDS[field]}" for field in used)]
    lines += ["", "", "layers = [  # from the input"]
    for layer, settings in rows:
        named = "".join(f", {field}={settings[field]}" for field in used if field in settings)
        lines.append(f'    Layer("{layer.name}", {layer.units}{named}),')
    return [*lines, "]"]


def _settings(
    layer: Layer, part: LayerPart, problem: Problem, kind: Normalization | None, functions: Mapping[Variant, str]
) -> Iterator[tuple[str, str]]:
    """What is to be said of a layer, as its field and the value there."""
    if part.weight is not None:
        identity = part.weight == "identity"
        yield "weight", f"torch.eye({layer.units})" if identity else tensor(problem.parameters[Name(layer.name, WEIGHT)])
    if not layer.bias:
        yield "bias", "False"
    if not layer.is_linear:
        yield "activation", layer.activation.torch
    if layer.skip_from is not None:
        yield "skip_from", f'"{"x" if layer.skip_from == INPUTS else layer.skip_from}"'
    if kind is None:
        return
    if kind.over == "weight":
        yield "weight_norm", "True"
    else:
        yield "normalize", functions[variant_of(layer, kind)]
        if not layer.normalized_before_activation:
            yield "after", "True"
    if layer.normalization.affine:
        yield from ((name, "True") for name, _ in kind.parameters)


def parameter_lines(scenario: Scenario, problem: Problem, kinds: Mapping[str, Normalization]) -> list[str]:
    """The lines that make `parameters`, the first value of each by its name."""
    architecture = problem.architecture
    drawn = any(part.weight is None for _, part, _ in layers_of(scenario.network))
    written = any(part.weight is not None for _, part, _ in layers_of(scenario.network))
    affine = (kind for layer, kind in kinds.items() if architecture.layer(layer).normalization.affine)
    learned = dict(each for kind in affine for each in kind.parameters)
    lines = ["parameters, incoming = {}, x.shape[1]"]
    if drawn:
        lines.append(f"random = np.random.default_rng({scenario.network.init.seed})")
    lines.append("for layer in layers:")
    lines.append(f"    weight = {'layer.weight' if written else _drawing(scenario.network.init)}")
    if drawn and written:
        lines += ["    if weight is None:", f"        weight = {_drawing(scenario.network.init)}"]
    lines.append('    parameters[f"{layer.name}.weight"] = weight')
    biased = [layer for layer in architecture.layers if layer.bias]
    if biased:
        deeper = "" if len(biased) == len(architecture.layers) else "    "
        lines += ["    if layer.bias:"] if deeper else []
        lines.append(f'{deeper}    parameters[f"{{layer.name}}.bias"] = torch.zeros(layer.units)')
    for name, first in learned.items():
        lines.append(f"    if layer.{name}:")
        lines.append(f'        parameters[f"{{layer.name}}.{name}"] = torch.{"ones" if first else "zeros"}(layer.units)')
    lines.append("    incoming = layer.units")
    biases = ((layer, problem.parameters[Name(layer.name, BIAS)]) for layer in biased)
    lines += [f'parameters["{layer.name}.bias"] = {tensor(bias)}' for layer, bias in biases if bias.any()]
    return [*lines, "for parameter in parameters.values():", "    parameter.requires_grad_()"]


def _drawing(init: Init) -> str:
    """The first weights of a layer, drawn."""
    shape = "(layer.units, incoming)"
    if init.scheme == "constant":
        return f"torch.full({shape}, {float(init.value or 0.0)!r})"
    if init.scheme == "uniform":
        return f"torch.from_numpy(random.uniform({-(init.bound or 0.0)!r}, {init.bound or 0.0!r}, {shape}))"
    normal = f"random.standard_normal({shape})"
    if init.scheme == "normal":
        return f"torch.from_numpy({normal} * {init.std or 0.0!r})"
    deviation = f"np.sqrt({2 if init.scheme == 'he' else 1} / incoming)"
    return f"torch.from_numpy({normal} * {deviation if init.gain in (None, 1.0) else f'({deviation} * {init.gain!r})'})"
