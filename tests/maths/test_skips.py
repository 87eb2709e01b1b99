"""Skip connections: the branch and the identity as two signals that add, against torch and by hand."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from maths.cases import EVERY_KIND, Case, about, cases, chain_of_units, fill, held_over, random_targets

from bntui.maths.architecture import INPUTS, PLACEMENTS, Architecture, Layer, NormalizationSettings
from bntui.maths.chain import read_chain
from bntui.maths.descent import State
from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR, RELU, SIGMOID
from bntui.maths.kinds.costs import COSTS
from bntui.maths.network import Structure
from bntui.maths.path import follow
from bntui.maths.switching import SwitchError, switch

# Nested (d over c), overlapping (c and d over one another), two from one layer (a to c and to e), one from the inputs.
SKIPS = {"a": INPUTS, "c": "a", "d": "b", "e": "a", "f": "e"}


def residual(activation, cost="half_mse", placement="before_activation", mode="train", normalized="abcdef", seed=0, skips=None) -> Case:
    """Six layers of four units and a head of three, with the skips of SKIPS or others."""
    skips = SKIPS if skips is None else skips
    settings = NormalizationSettings(placement=placement, epsilon=1e-3)
    hidden = [Layer(name, 4, ACTIVATIONS[activation], normalization=settings, skip_from=skips.get(name)) for name in "abcdef"]
    head = Layer("head", 3, SIGMOID if cost == "bce" else LINEAR)
    rng = np.random.default_rng(seed)
    names = frozenset(layer.name for layer in (*hidden, head))
    inputs, targets = rng.normal(size=(7, 4)), random_targets(cost, 7, 3, rng)
    structure = Structure(frozenset(normalized), names)
    return fill(Architecture(4, (*hidden, head), COSTS[cost]), structure, inputs, targets, rng, mode, scale=0.5)


def loss_in_torch(torch, case, parameters):
    """J of a case, of torch's own functions and tensors by name."""
    functional = torch.nn.functional
    g = {"linear": lambda u: u, "leaky_relu": lambda u: functional.leaky_relu(u, 0.01)}
    put_out = {INPUTS: torch.tensor(case.inputs)}
    signal = put_out[INPUTS]
    for layer in case.architecture.layers:
        name, how = layer.name, layer.normalization
        act = g.get(layer.activation.name) or getattr(functional, layer.activation.name)
        signal = functional.linear(signal, parameters[f"{name}.weight"], parameters[f"{name}.bias"][0])

        def norm(z, name=name, how=how):
            if name not in case.structure.normalized:
                return z
            running = [torch.tensor(case.running[f"{name}.{part}"][0]) for part in ("mean", "variance")]
            gain, shift = parameters[f"{name}.gamma"][0], parameters[f"{name}.beta"][0]
            return functional.batch_norm(z, *running, gain, shift, case.mode == "train", how.momentum, how.epsilon)

        logits = norm(signal) if how.placement == "before_activation" else signal
        signal = act(logits) if how.placement == "before_activation" else norm(act(logits))
        if layer.skip_from is not None:
            signal = signal + put_out[layer.skip_from]
        put_out[name] = signal
    targets = torch.tensor(case.targets)
    losses = {
        "mse": lambda: functional.mse_loss(signal, targets),
        "half_mse": lambda: ((signal - targets) ** 2).sum() / (2 * len(targets)),
        "bce": lambda: functional.binary_cross_entropy_with_logits(logits, targets),
        "cross_entropy": lambda: functional.cross_entropy(signal, targets),
    }
    return losses[case.architecture.cost.name]()


@pytest.mark.optional
@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_and_hessian_products_are_torchs(activation, cost, placement, mode):
    torch = pytest.importorskip("torch", reason="torch is not installed: its parity is checked where it is")
    for normalized in ("", "abcdef", "bd"):
        case = residual(activation, cost, placement, mode, normalized)
        layout, evaluation = case.network.layout, case.evaluate()
        parameters = {name: torch.tensor(value, requires_grad=True) for name, value in case.parameters.items()}
        tensors = [parameters[name] for name in layout.names]
        loss = loss_in_torch(torch, case, parameters)
        assert float(evaluation.loss) == about(float(loss.detach()), rel=1e-12)
        gradients = torch.autograd.grad(loss, tensors, create_graph=True)
        wanted = np.concatenate([gradient.detach().numpy().ravel() for gradient in gradients])
        np.testing.assert_allclose(evaluation.gradient, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
        direction = np.random.default_rng(1).normal(size=case.theta.size)
        parts = layout.views(direction)
        along = sum((gradient * torch.tensor(parts[name])).sum() for name, gradient in zip(layout.names, gradients, strict=True))
        seconds = torch.autograd.grad(along, tensors, materialize_grads=True)
        wanted = np.concatenate([second.numpy().ravel() for second in seconds])
        found = case.objective.hessian(case.theta)(direction)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10 * np.abs(wanted).max())


@held_over(60)
@given(cases(kinds=EVERY_KIND))
def test_the_branch_and_what_a_skip_brings_add_up_to_the_signal(case):
    links = case.evaluate().links
    for before, after in pairwise(links):
        if after.added is None:
            assert not after.factor.endswith(".skip")
        else:
            assert after.factor.endswith(".skip")
            np.testing.assert_array_equal(after.signal, before.signal + after.added)


def test_the_rows_of_a_skip_are_the_branch_the_identity_and_both():
    case = residual("tanh")
    chain = next(each for each in read_chain(case.network, case.evaluate()) if each.layer == "a")
    signals = {link.factor: link.signal for link in case.evaluate().links}
    rows = {factor.name: factor for factor in chain.factors}
    assert [name for name in rows if name.endswith("skip")] == ["f.skip", "c.skip", "b.skip"]
    both = signals["f.skip"] + signals["d.skip" if "d.skip" in signals else "d.weight"]  # ∂J/∂a_e and ∂J/∂a_c, which go to a_a
    assert rows["b.skip"].added == about(np.linalg.norm(both))
    assert rows["c.skip"].added == about(np.linalg.norm(signals["e.weight"]))  # ∂J/∂a_d, which goes to a_b
    assert rows["f.skip"].added == about(np.linalg.norm(signals["head.weight"]))
    assert rows["b.weight"].product == about(np.linalg.norm(signals["b.weight"]))
    assert rows["b.skip"].product == about(np.linalg.norm(signals["b.weight"] + both))
    assert rows["b.skip"].value == about(rows["b.skip"].product / rows["b.weight"].product)
    assert all(factor.added is None for name, factor in rows.items() if not name.endswith("skip"))


def test_of_one_sample_in_one_unit_layers_the_two_add_with_their_signs():
    case = chain_of_units([2.0, -3.0, 0.5], [1.0, 2.0], [0.0, 0.0])
    first, middle, last = case.architecture.layers
    case = replace(case, architecture=replace(case.architecture, layers=(first, replace(middle, skip_from="a"), last)))
    # ŷ = c·(b·a·x + a·x), so ∂ŷ/∂a_a = c·b + c
    for sample, x in enumerate((1.0, 2.0)):
        chain = read_chain(case.network, case.evaluate(), sample)[0]
        rows = {factor.name: factor for factor in chain.factors}
        slope = rows["cost"].product
        assert slope == about(0.5 * (-3.0 * 2 * x + 2 * x) / 2)
        assert rows["b.weight"].product == about(slope * 0.5 * -3.0)
        assert rows["b.skip"].added == about(slope * 0.5)
        assert rows["b.skip"].product == about(slope * 0.5 * (1 - 3.0))
        assert rows["a.input"].product == about(slope * 0.5 * (1 - 3.0) * x)
    assert [chain.gain for chain in read_chain(case.network, case.evaluate(), 0)] == about([2.0, -2.0, 0.5])


def test_a_dead_branch_leaves_what_the_skip_brings():
    case = chain_of_units([1.0, -1.0, 2.0], [1.0, 3.0], [9.0, 9.0], "relu")
    first, middle, last = case.architecture.layers
    skipping = replace(case.architecture, layers=(first, replace(middle, skip_from="a"), last))
    for architecture, dead in ((case.architecture, True), (skipping, False)):
        at = replace(case, architecture=architecture)
        rows = {factor.name: factor for factor in read_chain(at.network, at.evaluate())[0].factors}
        assert rows["b.weight"].product == 0
        assert (rows["a.input"].product == 0) is dead
    assert rows["b.skip"].value is None
    assert rows["b.skip"].product == rows["b.skip"].added > 0
    assert not rows["b.skip"].rounding


def test_what_cancels_but_for_rounding_is_called_rounding():
    case = chain_of_units([1.0, -1.0, 1 / 3], [0.1, 0.7], [0.3, 0.9])
    first, middle, last = case.architecture.layers
    case = replace(case, architecture=replace(case.architecture, layers=(first, replace(middle, skip_from="a"), last)))
    nearly = case.with_parameters(b_weight=np.array([[-1.0 + 1e-15]]))
    rows = {factor.name: factor for factor in read_chain(nearly.network, nearly.evaluate())[0].factors}
    assert rows["b.skip"].product != 0
    assert rows["b.skip"].rounding
    assert rows["a.input"].rounding


@held_over(40)
@given(cases(kinds=EVERY_KIND))
def test_with_skips_off_it_is_the_network_without_them(case):
    plain = replace(case.architecture, layers=tuple(replace(layer, skip_from=None) for layer in case.architecture.layers))
    off = replace(case, structure=replace(case.structure, skips=False)).evaluate()
    without = replace(case, architecture=plain).evaluate()
    assert np.array_equal(off.gradient, without.gradient, equal_nan=True)
    assert [link.factor for link in off.links] == [link.factor for link in without.links]


@held_over(60)
@given(cases(kinds=("batch_norm",), skips=(True,)))
def test_a_switch_keeps_the_skips_as_they_are(case):
    for skips in (True, False):
        structure = replace(case.structure, skips=skips)
        state = State(0, structure, case.theta, (), case.estimates)
        everything = frozenset(layer.name for layer in case.architecture.layers)
        for wanted in (everything, frozenset()):
            state = switch(case.architecture, state, wanted, case.inputs)
            assert state.structure.normalized == wanted
            assert state.structure.skips is skips


@pytest.mark.parametrize(("off", "told"), [("a", True), ("b", False), ("c", True), ("d", False)])
def test_preserve_refuses_to_fold_where_a_skip_comes_in_or_goes_out(off, told):
    # behind its activation BN of a scales what goes to b and, by the skip, to c; that of c does not scale what the skip adds
    case = residual("tanh", placement="after_activation", normalized="abcd", skips={"c": "a"})
    state = State(0, case.structure, case.theta, (), case.estimates)
    wanted = case.structure.normalized - {off}
    before = case.network.forward(case.theta, case.estimates, case.inputs).outputs
    if told:
        with pytest.raises(SwitchError, match=f"^{off}: preserve cannot fold BN after the activation .* skip connection comes in"):
            switch(case.architecture, state, wanted, case.inputs, "preserve")
        state = replace(state, structure=replace(case.structure, skips=False))
        before = state.network(case.architecture).forward(case.theta, case.estimates, case.inputs).outputs
    after = switch(case.architecture, state, wanted, case.inputs, "preserve")
    found = after.network(case.architecture).forward(after.theta, after.running, case.inputs).outputs
    np.testing.assert_allclose(found, before, rtol=0, atol=1e-12 * np.abs(before).max())


def test_a_path_takes_along_what_comes_round_by_its_own_units_alone():
    case = residual("tanh", normalized="", skips={"c": "a"})
    network, evaluation = case.network, case.evaluate()
    signals = {link.factor: link.signal for link in evaluation.links}
    slopes = {layer: signals[f"{layer}.activation"] / signals[f"{'dcb'['cba'.index(layer)]}.weight"] for layer in "cb"}
    weights = case.parameters
    for units, round_it in (({"a": 1, "b": 2, "c": 1}, 1.0), ({"a": 1, "b": 2, "c": 3}, 0.0)):
        thin, along = follow(network, evaluation, case.theta, units)
        found = {link.factor: link.signal[:, 0] for link in along.links}
        c, above = units["c"], found["d.weight"]
        branch = above * slopes["c"][:, c] * weights["c.weight"][c, 2] * slopes["b"][:, 2] * weights["b.weight"][2, 1]
        np.testing.assert_allclose(found["b.weight"], branch, rtol=1e-12)
        assert ("b.skip" in found) is bool(round_it)
        arrives = found["b.skip"] if round_it else found["b.weight"]
        np.testing.assert_allclose(arrives, branch + round_it * above, rtol=1e-12)
        assert [chain.layer for chain in read_chain(thin, along, 0)] == [layer.name for layer in case.architecture.layers]


def test_a_deep_network_of_skips_neither_overwrites_nor_forgets_what_it_kept():
    layers = tuple(Layer(f"h{place}", 8, RELU if place % 3 else LINEAR, skip_from=f"h{place - 1}" if place > 1 else None)
                   for place in range(1, 31))  # fmt: skip
    rng = np.random.default_rng(0)
    structure = Structure(frozenset(), frozenset(layer.name for layer in layers))
    case = fill(Architecture(8, layers), structure, rng.normal(size=(5, 8)), rng.normal(size=(5, 8)), rng, scale=0.1)
    put_out = [case.inputs]
    for layer in layers:
        z = put_out[-1] @ case.parameters[f"{layer.name}.weight"].T + case.parameters[f"{layer.name}.bias"]
        own = z if layer.is_linear else np.maximum(z, 0)
        put_out.append(own + put_out[-1] if layer.skip_from else own)
    forward = case.evaluate().forward
    np.testing.assert_allclose(forward.outputs, put_out[-1], rtol=1e-12)
    for layer, entering in zip(layers, put_out, strict=False):
        kept = dict(zip(case.network.stages, forward.kept, strict=True))[case.network.affine(layer.name)]
        np.testing.assert_allclose(kept, entering, rtol=1e-12, atol=1e-14)
