"""The same networks in torch: BatchNorm1d in training and evaluation, running estimates, activations, costs, SGD."""

from collections import OrderedDict
from typing import ClassVar

import numpy as np
import pytest
from maths.cases import Case, fill, random_targets

from bntui.maths.architecture import PLACEMENTS, Architecture, Layer, NormalizationSettings
from bntui.maths.curvature import curvature
from bntui.maths.descent import Descent, Rates, State, descend
from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR, SIGMOID
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.network import Structure
from bntui.maths.normalizing import TooFewError
from bntui.scenario.model.actions import Step
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

torch = pytest.importorskip("torch", reason="torch is not installed: its parity is checked where it is")
pytestmark = pytest.mark.optional
torch.set_num_threads(1)  # arrays this small only make threads wait for each other

STEPS, RATE = 10, 0.01
AGREES = 1e-10  # relative to the largest number of the array

MODULES = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
}
LOSSES = {
    "mse": torch.nn.MSELoss(),
    "half_mse": lambda outputs, targets: ((outputs - targets) ** 2).sum() / (2 * len(outputs)),
    "bce": torch.nn.BCELoss(),
    "cross_entropy": torch.nn.CrossEntropyLoss(),
}


def random_case(activation, cost, placement="before_activation", affine=True, mode="train", seed=0):
    """Two hidden layers with BN and a head without."""
    settings = [
        NormalizationSettings(placement=placement, epsilon=epsilon, momentum=momentum, affine=affine)
        for epsilon, momentum in ((1e-5, 0.1), (1e-3, 0.3))
    ]
    head = {"bce": SIGMOID}.get(cost, LINEAR)
    layers = (
        Layer("a", 6, ACTIVATIONS[activation], normalization=settings[0]),
        Layer("b", 5, ACTIVATIONS[activation], bias=False, normalization=settings[1]),
        Layer("head", 3, head),
    )
    rng = np.random.default_rng(seed)
    inputs, targets = rng.normal(size=(12, 4)), random_targets(cost, 12, 3, rng)
    structure = Structure(frozenset({"a", "b"}), frozenset({"a", "head"}))
    return fill(Architecture(4, layers, COSTS[cost]), structure, inputs, targets, rng, mode, scale=0.4)


NAMES = {
    "affine.weight": "weight",
    "affine.bias": "bias",
    "norm.weight": "gamma",
    "norm.bias": "beta",
    "norm.running_mean": "mean",
    "norm.running_var": "variance",
}


class Layers(torch.nn.Sequential):
    """Stages one after another; `skips` names, by the last stage of a layer, the layer whose output is added to what it puts out."""

    skips: ClassVar[dict[str, str]] = {}

    def forward(self, inputs):
        signal, left = inputs, {"inputs": inputs}
        for name, module in self.named_children():
            signal = module(signal)
            layer = name.partition("_")[0]
            if name in self.skips:
                signal = signal + left[self.skips[name]]
            left[layer] = signal
        return signal


def in_torch(case):
    """The network as torch modules with the case's numbers in them."""
    modules, skips, incoming = {}, {}, case.architecture.inputs
    for layer in case.architecture.layers:
        biased = layer.name in case.structure.biased
        stages = {"affine": torch.nn.Linear(incoming, layer.units, biased, dtype=torch.float64)}
        activation = {"activation": MODULES[layer.activation.name]()}
        norm = {}
        if layer.name in case.structure.normalized:
            how = layer.normalization
            norm["norm"] = torch.nn.BatchNorm1d(layer.units, how.epsilon, how.momentum, how.affine, dtype=torch.float64)
        before = layer.normalization.placement == "before_activation"
        stages |= norm | activation if before else activation | norm
        modules |= {f"{layer.name}_{kind}": module for kind, module in stages.items()}
        if layer.skip_from is not None and case.structure.skips:
            skips[f"{layer.name}_{list(stages)[-1]}"] = layer.skip_from
        incoming = layer.units
    model = Layers(OrderedDict(modules)).train(case.mode == "train")
    model.skips = skips
    for name, tensor in named(model).items():
        values = (case.parameters | case.running)[name]
        tensor.copy_(torch.tensor(values).reshape(tensor.shape))
    return model


def named(model, keep_vars=False):
    """The model's parameters and running estimates under bntui's names, not copied."""
    found = {}
    for key, tensor in model.state_dict(keep_vars=keep_vars).items():
        layer, _, rest = key.partition("_")
        if rest in NAMES:
            found[f"{layer}.{NAMES[rest]}"] = tensor
    return found


def difference(mine, theirs):
    """The largest difference of two groups of arrays over the largest number in them.

    Not array by array: a bias under BN has the gradient 0, and what rounding leaves of it is nobody's concern.
    """
    pairs = [(mine[name], theirs[name].detach().numpy().reshape(mine[name].shape)) for name in mine]
    return max(np.abs(a - b).max() for a, b in pairs) / max(np.abs(b).max() for _, b in pairs)


def side_by_side(case, momentum, steps=STEPS, nesterov=False):
    """Descend in bntui and in torch; the largest relative difference of J, gradients, θ and running estimates."""
    model = in_torch(case)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=momentum, nesterov=nesterov)
    built, how = case.network, Descent(Rates(RATE), Sgd(momentum, nesterov), case.mode)
    state = State(0, case.structure, case.theta, (np.zeros_like(case.theta),), case.estimates)
    found = {"loss": 0.0, "gradient": 0.0, "parameter": 0.0, "running estimate": 0.0}
    for _ in range(steps):
        evaluation = built.evaluate(state.theta, state.running, case.inputs, case.targets, case.mode)
        state = descend(state, built, evaluation, how)
        optimizer.zero_grad()
        loss = LOSSES[case.architecture.cost.name](model(torch.tensor(case.inputs)), torch.tensor(case.targets))
        loss.backward()
        optimizer.step()
        gradients = {name: tensor.grad for name, tensor in named(model, keep_vars=True).items()}
        for kind, mine, theirs in (
            ("loss", {"": evaluation.loss}, {"": loss}),
            ("gradient", built.layout.views(evaluation.gradient), gradients),
            ("parameter", built.layout.views(state.theta), named(model)),
            ("running estimate", built.running_layout.views(state.running), named(model)),
        ):
            found[kind] = max(found[kind], difference(mine, theirs))
    return found


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_ten_steps_are_torchs_ten_steps(activation, placement, mode, momentum, record_property):
    found = side_by_side(random_case(activation, "half_mse", placement, mode=mode), momentum)
    record_property("largest relative differences", str(found))
    assert max(found.values()) < AGREES, found


@pytest.mark.parametrize("momentum", [0.3, 0.9])
def test_two_hundred_steps_with_nesterovs_momentum_are_torchs(momentum, record_property):
    found = side_by_side(random_case("tanh", "half_mse"), momentum, 200, nesterov=True)
    record_property("largest relative differences", str(found))
    assert max(found["parameter"], found["running estimate"]) < AGREES, found  # by then J and its gradient are nearly 0


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("cost", LOSSES)
def test_ten_steps_under_every_cost_are_torchs(cost, affine, record_property):
    found = side_by_side(random_case("tanh", cost, affine=affine), 0.9)
    record_property("largest relative differences", str(found))
    assert max(found.values()) < AGREES, found


@pytest.mark.parametrize("cost", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_cost_has_torchs_gradient(activation, cost):
    for seed in range(3):
        found = side_by_side(random_case(activation, cost, seed=seed), 0.0, steps=1)
        assert max(found.values()) < AGREES, found


def test_a_trained_network_evaluates_by_its_running_estimates_as_torch_does():
    case = random_case("relu", "mse")
    model = in_torch(case)
    state = State(0, case.structure, case.theta, (np.zeros_like(case.theta),), case.estimates)
    for _ in range(STEPS):
        evaluation = case.network.evaluate(state.theta, state.running, case.inputs, case.targets)
        state = descend(state, case.network, evaluation, Descent(Rates(0.0)))
        model(torch.tensor(case.inputs))
    fresh = np.random.default_rng(9).normal(size=(5, 4))
    mine = case.network.forward(state.theta, state.running, fresh, "eval").outputs
    assert difference({"": mine}, {"": model.eval()(torch.tensor(fresh))}) < AGREES


def test_one_sample_is_refused_where_torch_refuses_it():
    case = random_case("relu", "mse")
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        in_torch(case)(torch.tensor(case.inputs[:1]))
    with pytest.raises(TooFewError):
        case.network.evaluate(case.theta, case.estimates, case.inputs[:1], case.targets[:1])


# Hessian products, by torch's double backward


def torch_hessian(case):
    """v ↦ H·v of J in the case's parameters, by double backward, as vectors in bntui's layout."""
    model, layout = in_torch(case), case.network.layout
    tensors = named(model, keep_vars=True)
    if case.architecture.cost.name == "bce":  # from what enters the sigmoid: torch's two factors lose digits that are wanted here
        entering, cost = model[:-1], torch.nn.BCEWithLogitsLoss()
    else:
        entering, cost = model, LOSSES[case.architecture.cost.name]
    loss = cost(entering(torch.tensor(case.inputs)), torch.tensor(case.targets))
    parameters = [tensors[name] for name in layout.names]
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)

    def product(direction):
        parts = layout.views(direction)
        along = sum(
            (gradient * torch.tensor(parts[name]).reshape(gradient.shape)).sum()
            for name, gradient in zip(layout.names, gradients, strict=True)
        )
        seconds = torch.autograd.grad(along, parameters, retain_graph=True, materialize_grads=True)
        found = {n: s.numpy().reshape(shape) for (n, shape), s in zip(layout.shapes, seconds, strict=True)}
        return layout.flatten(found)

    return product


def assert_products_agree(case, directions=3):
    rng = np.random.default_rng(4)
    mine, theirs = case.objective.hessian(case.theta), torch_hessian(case)
    for _ in range(directions):
        direction = rng.normal(size=case.theta.size)
        wanted = theirs(direction)
        np.testing.assert_allclose(mine(direction), wanted, rtol=0, atol=AGREES * np.abs(wanted).max())


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("cost", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hessian_products_are_those_of_torchs_double_backward(activation, cost, placement, affine, mode):
    for seed in range(2):
        assert_products_agree(random_case(activation, cost, placement, affine, mode, seed))


def deep(activation, normalized, width=16, depth=8, samples=48, inputs=3):
    """Eight hidden layers and a linear head, He's deviations, as in the findings that a difference of gradients got wrong."""
    hidden = tuple(Layer(f"h{place}", width, ACTIVATIONS[activation]) for place in range(1, depth + 1))
    architecture = Architecture(inputs, (*hidden, Layer("head", 1)))
    rng = np.random.default_rng(5)
    x = rng.normal(size=(samples, inputs))
    names = frozenset(layer.name for layer in hidden)
    structure = Structure(names if normalized else frozenset(), names | {"head"})
    return fill(architecture, structure, x, np.sin(2 * x[:, :1]), rng, scale=np.sqrt(2 / width))


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid"])
def test_of_a_deep_network_too(activation, normalized):
    assert_products_agree(deep(activation, normalized), directions=8)


@pytest.mark.parametrize("normalized", [False, True])
def test_the_curvature_of_a_deep_relu_network_is_the_top_of_the_whole_hessian(normalized):
    case = deep("relu", normalized, width=8, depth=6)
    product, size = torch_hessian(case), case.theta.size
    whole = np.stack([product(unit) for unit in np.eye(size)])
    found = curvature(case.objective.hessian(case.theta), size, 1.0)
    assert found.converged
    assert found.value == pytest.approx(np.linalg.eigvalsh((whole + whole.T) / 2)[-1], rel=1e-6)


NO_EPSILON_OF_0 = {"growing-rate": ("network.batch_norm.epsilon=1e-12",)}  # which torch refuses in training


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("name", library.names())
def test_the_second_order_of_every_step_of_the_library_is_half_s_h_s(name, normalized):
    settings = (f"network.batch_norm.enabled={str(normalized).lower()}", *NO_EPSILON_OF_0.get(name, ()))
    session = Session(read_file(library.find(name), settings))
    for _ in range(6):
        before = session.history.moment
        try:
            session.do(Step(count=1))
        except Refusal:
            break
        found = session.observe(Detail(orders=True)).orders
        experiment = session.experiment
        inputs, targets = experiment.batch(before)
        layout = experiment.network(before).layout
        running = experiment.network(before).running_layout
        case = Case(
            experiment.architecture,
            before.state.structure,
            layout.views(before.state.theta),
            running.views(before.state.running),
            inputs,
            targets,
        )
        step = session.history.moment.state.theta - before.state.theta
        wanted = float(step @ torch_hessian(case)(step)) / 2
        rounding = 1e-10 * float(np.abs(experiment.evaluate(before).gradient) @ np.abs(step))
        assert found is not None
        assert found.second == pytest.approx(wanted, rel=1e-8, abs=rounding)
