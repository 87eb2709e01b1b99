"""Every kind of normalization in torch: its own module where torch has one, else a formula that torch differentiates.

Value, every gradient, running estimates and Hessian products, of networks of one to three such layers.
"""

import numpy as np
import pytest
from maths.cases import EVERY_KIND, Case, fill

from bntui.maths.architecture import PLACEMENTS, Architecture, Layer, NormalizationSettings
from bntui.maths.descent import Descent, Rates, State, descend
from bntui.maths.kinds.activations import RELU, TANH
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.network import Structure

torch = pytest.importorskip("torch", reason="torch is not installed: its parity is checked where it is")
pytestmark = pytest.mark.optional
torch.set_num_threads(1)  # arrays this small only make threads wait for each other

AGREES = 1e-12  # relative to the largest number of the array
GROUPS = 3


class OverSamples(torch.nn.Module):
    """The kinds over the samples that torch has no module for, with running estimates as BatchNorm1d keeps them."""

    def __init__(self, kind, units, how):
        super().__init__()
        self.kind, self.how = kind, how
        learns = {"batch_centre": ("beta",)}.get(kind, ("gamma", "beta")) if how.affine else ()
        for name in learns:
            self.register_parameter(name, torch.nn.Parameter(torch.zeros(units, dtype=torch.float64)))
        for name in {"batch_centre": ("mean",), "batch_scale": ("mean_square",)}.get(kind, ("mean", "variance")):
            self.register_buffer(name, torch.zeros(units, dtype=torch.float64))

    def forward(self, z):
        if self.training:
            mean = torch.zeros(1) if self.kind == "batch_scale" else z.mean(0)
            square = ((z - mean) ** 2).mean(0)
            self._estimate(mean.detach(), square.detach(), len(z))
        else:
            mean = getattr(self, "mean", torch.zeros(1))
            square = getattr(self, "variance", getattr(self, "mean_square", None))
        if self.kind == "batch_norm_detached":
            mean, square = mean.detach(), square.detach()
        u = z - mean
        if self.kind != "batch_centre":
            u = u / torch.sqrt(square + self.how.epsilon)
        return u * getattr(self, "gamma", 1.0) + getattr(self, "beta", 0.0)

    def _estimate(self, mean, square, samples):
        seen = {"mean": mean, "mean_square": square, "variance": square * samples / (samples - 1)}
        for name, estimate in self.named_buffers():
            estimate.mul_(1 - self.how.momentum).add_(self.how.momentum * seen[name])


def module(kind, units, how):
    """The module that normalizes a layer's signal, and torch's names of what it learns and estimates."""
    options = {"dtype": torch.float64}
    if kind == "batch_norm":
        found = torch.nn.BatchNorm1d(units, how.epsilon, how.momentum, how.affine, **options)
        return found, {"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}
    if kind == "layer_norm":
        return torch.nn.LayerNorm(units, how.epsilon, how.affine, **options), {"gamma": "weight", "beta": "bias"}
    if kind == "rms_norm":
        return torch.nn.RMSNorm(units, how.epsilon, how.affine, **options), {"gamma": "weight"}
    if kind == "group_norm":
        return torch.nn.GroupNorm(how.groups, units, how.epsilon, how.affine, **options), {"gamma": "weight", "beta": "bias"}
    return OverSamples(kind, units, how), {name: name for name in ("gamma", "beta", "mean", "variance", "mean_square")}


class WeightNormed(torch.nn.Module):
    """A linear map with γ·v/‖v‖ for its rows, as a formula: the second derivative of torch's own, fused one is wrong (2.13)."""

    def __init__(self, linear):
        super().__init__()
        self.v, self.bias = linear.weight, linear.bias
        self.gamma = torch.nn.Parameter(torch.ones(len(self.v), 1, dtype=torch.float64))

    def forward(self, inputs):
        return torch.nn.functional.linear(inputs, self.gamma * self.v / self.v.norm(dim=1, keepdim=True), self.bias)


class InTorch(torch.nn.Module):
    """A case as torch modules with its numbers in them; `tensors` are bntui's names of parameters and estimates."""

    def __init__(self, case, by_formula=False):
        super().__init__()
        self.steps, self.tensors, self.by_formula = torch.nn.ModuleList(), {}, by_formula
        incoming = case.architecture.inputs
        for layer in case.architecture.layers:
            self._add(case, layer, incoming)
            incoming = layer.units
        self.train(case.mode == "train")
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(torch.tensor((case.parameters | case.running)[name]).reshape(tensor.shape))

    def _add(self, case, layer, incoming):
        kind = layer.normalization.kind.name if layer.name in case.structure.normalized else None
        linear = torch.nn.Linear(incoming, layer.units, layer.name in case.structure.biased, dtype=torch.float64)
        if linear.bias is not None:
            self.tensors[f"{layer.name}.bias"] = linear.bias
        if kind == "weight_norm" and self.by_formula:
            linear = WeightNormed(linear)
            self.tensors |= {f"{layer.name}.gamma": linear.gamma, f"{layer.name}.weight": linear.v}
        elif kind == "weight_norm":
            torch.nn.utils.parametrizations.weight_norm(linear)
            self.tensors[f"{layer.name}.gamma"] = linear.parametrizations.weight.original0
            self.tensors[f"{layer.name}.weight"] = linear.parametrizations.weight.original1
        else:
            self.tensors[f"{layer.name}.weight"] = linear.weight
        stages = [] if layer.is_linear else [{"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[layer.activation.name]()]
        if kind not in (None, "weight_norm"):
            norm, names = module(kind, layer.units, layer.normalization)
            stages.insert(0 if layer.normalized_before_activation else 1, norm)
            there = {**dict(norm.named_parameters()), **dict(norm.named_buffers())}
            self.tensors |= {f"{layer.name}.{mine}": there[own] for mine, own in names.items() if own in there}
        self.steps.extend([linear, *stages])

    def forward(self, inputs):
        signal = inputs
        for step in self.steps:
            signal = step(signal)
        return signal


def random_case(kind, placement="before_activation", affine=True, mode="train", seed=0, activation=TANH):
    """Two hidden layers of a kind and a head without."""
    settings = [
        NormalizationSettings(NORMALIZATIONS[kind], placement, epsilon, momentum, affine, GROUPS)
        for epsilon, momentum in ((1e-5, 0.1), (1e-3, 0.3))
    ]
    layers = (
        Layer("a", 6, activation, normalization=settings[0]),
        Layer("b", 9, activation, bias=False, normalization=settings[1]),
        Layer("head", 3),
    )
    rng = np.random.default_rng(seed)
    inputs, targets = rng.normal(size=(12, 4)), rng.normal(size=(12, 3))
    structure = Structure(frozenset({"a", "b"}), frozenset({"a", "head"}))
    return fill(Architecture(4, layers), structure, inputs, targets, rng, mode, scale=0.4)


def loss_in_torch(case, model):
    return ((model(torch.tensor(case.inputs)) - torch.tensor(case.targets)) ** 2).sum() / (2 * len(case.inputs))


def assert_alike(mine, theirs, what):
    for name, array in mine.items():
        other = theirs[name].detach().numpy().reshape(array.shape)
        largest = max(np.abs(theirs[each].detach().numpy()).max() for each in mine)
        np.testing.assert_allclose(array, other, rtol=0, atol=AGREES * largest, err_msg=f"{what} {name}")


EVERY_FORM = pytest.mark.parametrize(
    ("kind", "placement", "affine", "mode"),
    [
        (kind, placement, affine, mode)
        for kind in EVERY_KIND
        for placement in PLACEMENTS
        for affine in (True, False)
        for mode in ("train", "eval")
        if affine or kind != "weight_norm"  # torch has it with γ alone
    ],
)


@EVERY_FORM
def test_value_gradients_and_running_estimates_of_ten_steps_are_torchs(kind, placement, affine, mode):
    case = random_case(kind, placement, affine, mode, activation=RELU)
    model, built = InTorch(case), case.network
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    state = State(0, case.structure, case.theta, (np.zeros_like(case.theta),), case.estimates)
    for _ in range(10):
        evaluation = built.evaluate(state.theta, state.running, case.inputs, case.targets, case.mode)
        state = descend(state, built, evaluation, Descent(Rates(0.01), mode=case.mode))
        optimizer.zero_grad()
        loss = loss_in_torch(case, model)
        loss.backward()
        gradients = {name: tensor.grad for name, tensor in model.tensors.items() if tensor.requires_grad}
        optimizer.step()
        assert float(evaluation.loss) == pytest.approx(loss.item(), rel=AGREES)
        assert_alike(built.layout.views(evaluation.gradient), gradients, "∂J/∂")
        assert_alike(built.layout.views(state.theta), model.tensors, "the parameter")
        assert_alike(built.running_layout.views(state.running), model.tensors, "the estimate")


@EVERY_FORM
def test_hessian_products_are_those_of_torchs_double_backward(kind, placement, affine, mode):
    for seed in range(2):
        case = random_case(kind, placement, affine, mode, seed)
        model, layout = InTorch(case, by_formula=True), case.network.layout
        parameters = [model.tensors[name] for name in layout.names]
        gradients = torch.autograd.grad(loss_in_torch(case, model), parameters, create_graph=True)
        direction = np.random.default_rng(4).normal(size=case.theta.size)
        parts = layout.views(direction)
        along = sum(
            (gradient * torch.tensor(parts[name]).reshape(gradient.shape)).sum()
            for name, gradient in zip(layout.names, gradients, strict=True)
        )
        seconds = torch.autograd.grad(along, parameters, materialize_grads=True)
        wanted = layout.flatten({n: s.numpy().reshape(shape) for (n, shape), s in zip(layout.shapes, seconds, strict=True)})
        found = case.objective.hessian(case.theta)(direction)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-11 * np.abs(wanted).max())


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_group_norm_in_any_number_of_groups(groups):
    settings = NormalizationSettings(NORMALIZATIONS["group_norm"], groups=groups)
    if groups == 6:
        assert Layer("a", 6, TANH, normalization=settings).impossible(settings.kind) is not None
        return
    architecture = Architecture(4, (Layer("a", 6, TANH, normalization=settings), Layer("head", 2)))
    rng = np.random.default_rng(groups)
    names = frozenset({"a", "head"})
    structure = Structure(frozenset({"a"}), names)
    case: Case = fill(architecture, structure, rng.normal(size=(7, 4)), rng.normal(size=(7, 2)), rng)
    model = InTorch(case)
    loss = loss_in_torch(case, model)
    loss.backward()
    assert float(case.evaluate().loss) == pytest.approx(loss.item(), rel=AGREES)
    assert_alike(case.gradients(), {name: tensor.grad for name, tensor in model.tensors.items()}, "∂J/∂")
