"""Random networks for hypothesis, and small ones by hand."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from maths import references

from bntui.maths.architecture import INPUTS, PLACEMENTS, Architecture, Layer, NormalizationSettings
from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR, SIGMOID
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS, WEIGHT_NORM
from bntui.maths.network import Evaluation, Network, Structure, network
from bntui.maths.objective import Objective

EVERY_KIND = tuple(NORMALIZATIONS)


def held_over(examples: int) -> settings:
    """The same examples in every run: a red test is red for everybody."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


def about(value, rel=1e-12, abs=0.0):
    """pytest.approx without its absolute 1e-12, which would let every small number through."""
    return pytest.approx(value, rel=rel, abs=abs)


@dataclass(frozen=True)
class Case:
    """A network with numbers in it, on one batch."""

    architecture: Architecture
    structure: Structure
    parameters: dict[str, np.ndarray]
    running: dict[str, np.ndarray]
    inputs: np.ndarray
    targets: np.ndarray
    mode: str = "train"

    @property
    def network(self) -> Network:
        return network(self.architecture, self.structure)

    @property
    def theta(self) -> np.ndarray:
        return self.network.layout.flatten(self.parameters)

    @property
    def estimates(self) -> np.ndarray:
        return self.network.running_layout.flatten(self.running)

    def evaluate(self) -> Evaluation:
        return self.network.evaluate(self.theta, self.estimates, self.inputs, self.targets, self.mode)

    @property
    def objective(self) -> Objective:
        return Objective(self.network, self.estimates, self.inputs, self.targets, self.mode)

    def gradients(self) -> dict[str, np.ndarray]:
        return self.network.layout.views(self.evaluate().gradient)

    def signals(self) -> dict[str, np.ndarray]:
        """The signal after each factor of the backward pass."""
        return {link.factor: link.signal for link in self.evaluate().links}

    def with_parameters(self, **changed: np.ndarray) -> "Case":
        """The same case with some parameters replaced; a_weight stands for a.weight."""
        return replace(self, parameters=self.parameters | {k.replace("_", "."): v for k, v in changed.items()})


def fill(architecture, structure, inputs, targets, rng, mode="train", scale=1.0, dead=False) -> Case:
    """A case with random parameters: weights of size `scale`, and where `dead` one silenced unit in every layer."""
    built = network(architecture, structure)
    parameters, running = {}, {}
    for name, shape in built.layout.shapes:
        kind = name.rpartition(".")[2]
        value = rng.normal(size=shape) * (scale if kind == "weight" else 0.5)
        parameters[name] = value + np.copysign(0.7, value) if kind == "gamma" else value
        if dead and kind in ("bias", "beta"):
            parameters[name][..., 0] = -60.0
    for name, shape in built.running_layout.shapes:
        running[name] = rng.uniform(0.2, 2.0, size=shape) if name.part in ("variance", "mean_square") else rng.normal(size=shape)
    return Case(architecture, structure, parameters, running, inputs, targets, mode)


def random_targets(cost, samples, units, rng):
    """Targets of the kind that a cost is for: numbers, 0/1, or one-hot rows."""
    if cost == "bce":
        return rng.integers(0, 2, size=(samples, units)).astype(float)
    if cost == "cross_entropy":
        return np.eye(units)[rng.integers(0, units, size=samples)]
    return rng.normal(size=(samples, units))


@st.composite
def architectures(
    draw,
    one_unit=False,
    activations=tuple(ACTIVATIONS),
    costs=tuple(COSTS),
    affine=(True, False),
    kinds=("batch_norm",),
    skips=(False, True),
):
    """1–4 layers of 1–5 units, some with skip connections between equally wide ones, which may overlap.

    `bce` has a sigmoid head not normalized after it, `cross_entropy` a linear one.
    """
    widths = st.just(1) if one_unit else st.integers(1, 5)
    cost = draw(st.sampled_from(costs))
    count = draw(st.integers(1, 4))
    layers, width, with_skips = [], draw(widths), draw(st.sampled_from(skips))
    known = {INPUTS: width}
    for place in range(1, count + 1):
        head = {"bce": SIGMOID, "cross_entropy": LINEAR}.get(cost) if place == count else None
        units = draw(st.sampled_from(tuple(known.values())) if with_skips and draw(st.booleans()) else widths)
        normalization = NormalizationSettings(
            kind=draw(st.sampled_from([NORMALIZATIONS[name] for name in kinds])),
            placement="before_activation" if head is SIGMOID else draw(st.sampled_from(PLACEMENTS)),
            epsilon=draw(st.sampled_from((1e-5, 1e-3, 0.1))),
            momentum=draw(st.sampled_from((0.1, 0.3))),
            affine=draw(st.sampled_from(affine)),
        )
        g = head or ACTIVATIONS[draw(st.sampled_from(activations))]
        sources = [name for name, size in known.items() if size == units and with_skips and head is not SIGMOID]
        skip_from = draw(st.sampled_from((None, *sources)))
        known[f"l{place}"] = units
        layer = Layer(f"l{place}", units, g, bias=draw(st.booleans()), normalization=normalization, skip_from=skip_from)
        if layer.impossible(normalization.kind):
            layer = replace(layer, normalization=replace(normalization, kind=WEIGHT_NORM))
        layers.append(layer)
    return Architecture(width, tuple(layers), COSTS[cost])


@st.composite
def subsets(draw, architecture):
    """Some of an architecture's layers."""
    return frozenset(draw(st.sets(st.sampled_from([layer.name for layer in architecture.layers]))))


@st.composite
def cases(draw, modes=("train", "eval"), scales=(1.0, 0.3, 3.0, 30.0), deaths=(False, True), **limits):
    """Random networks, BN on any of the layers, batches of 2–8; large weights saturate, silenced units die."""
    architecture = draw(architectures(**limits))
    structure = Structure(
        draw(subsets(architecture)), frozenset(layer.name for layer in architecture.layers if layer.bias)
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples = draw(st.integers(2, 8))
    inputs = rng.normal(size=(samples, architecture.inputs))
    targets = random_targets(architecture.cost.name, samples, architecture.layers[-1].units, rng)
    mode, scale, dead = draw(st.tuples(*map(st.sampled_from, (modes, scales, deaths))))
    case = fill(architecture, structure, inputs, targets, rng, mode, scale, dead)
    assume(not at_a_kink(case))
    return case


def at_a_kink(case) -> bool:
    """Whether rounding alone decides on which side of 0 some (leaky) ReLU stands."""
    values = references.values(case)
    nothing = 1e-10 * max(np.abs(entering).max() for entering in values.values())
    kinked = [layer.name for layer in case.architecture.layers if layer.activation.name in ("relu", "leaky_relu")]
    return any((np.abs(values[f"{name}.activation"]) <= nothing).any() for name in kinked)


def chain_of_units(weights, inputs, targets, activation="linear", normalized="", cost="half_mse", **settings) -> Case:
    """One-unit layers a, b, c … without bias, γ = 1, β = 0; `normalized` are the letters of those under BN."""
    names = "abcdefghijklmnopqrstuvwxyz"[: len(weights)]
    layers = tuple(Layer(n, 1, ACTIVATIONS[activation], bias=False, normalization=NormalizationSettings(**settings)) for n in names)
    architecture = Architecture(1, layers, COSTS[cost])
    structure = Structure(frozenset(normalized), frozenset())
    parameters = {f"{name}.weight": np.array([[float(w)]]) for name, w in zip(names, weights, strict=True)}
    running = {}
    for name in normalized:
        parameters |= {f"{name}.gamma": np.ones((1, 1)), f"{name}.beta": np.zeros((1, 1))}
        running |= {f"{name}.mean": np.zeros((1, 1)), f"{name}.variance": np.ones((1, 1))}
    if "affine" in settings and not settings["affine"]:
        parameters = {name: value for name, value in parameters.items() if name.endswith("weight")}
    return Case(architecture, structure, parameters, running, column(inputs), column(targets))


def column(values) -> np.ndarray:
    """One number a sample, as (m, 1)."""
    return np.asarray(values, dtype=float).reshape(-1, 1)
