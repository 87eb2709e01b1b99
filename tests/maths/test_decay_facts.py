"""Facts 15 and 16 of MATHS.md: what weight decay does to weights whose scale does not matter."""

import numpy as np
import pytest
from maths.cases import about

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.batches import Batches
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Sgd
from bntui.maths.kinds.schedules import Exponential, Schedule
from bntui.maths.names import ByName, Name

# Fact 16: plain descent with decay λ at rate η moves as descent without decay at η·(1 − ηλ)^(−2t − 1) [Li & Arora 2020, Thm 2.1].
# It holds where everything that learns has no scale: every layer is normalized, the head too, there are no biases, and γ and β
# stand still, for the rate may grow for the weights alone.

STEPS, RATE, DECAY = 200, 0.02, 0.5
SHRINKS = 1 - RATE * DECAY
STILL = (("*.gamma", 0.0), ("*.beta", 0.0))
GROWING = Schedule(Exponential(SHRINKS**-2))


def scale_free(seed, epsilon):
    """A network without any scale, its first weights, and batches of 16 of 64 samples of y = sin 2x₁."""
    how = NormalizationSettings(epsilon=epsilon)
    hidden = (Layer(f"h{place}", 16, RELU, bias=False, normalization=how) for place in (1, 2, 3))
    architecture = Architecture(2, (*hidden, Layer("head", 1, bias=False, normalization=how)))
    rng, incoming, parameters = np.random.default_rng(seed), 2, {}
    x = rng.normal(size=(64, 2))
    for layer in architecture.layers:
        parameters[Name(layer.name, "weight")] = rng.normal(size=(layer.units, incoming)) * np.sqrt(2 / incoming)
        incoming = layer.units
    return architecture, parameters, Batches(x, np.sin(2 * x[:, :1]), 16, seed=1)


def descended(made, rates, optimizer):
    """J at every step, and the rows of all weights at the end."""
    architecture, parameters, batches = made
    state = start(architecture, parameters, tuple(layer.name for layer in architecture.layers), optimizer)
    network, losses = state.network(architecture), []
    for _ in range(STEPS):
        evaluation = network.evaluate(state.theta, state.running, *batches.at(state.step))
        losses.append(float(evaluation.loss))
        state = descend(state, network, evaluation, Descent(rates, optimizer))
    views = network.layout.views(state.theta)
    return np.array(losses), [row for name, weight in views.items() if name.part == "weight" for row in weight]


def directions(rows):
    return np.concatenate([row / np.sqrt((row**2).sum()) for row in rows])


def both(seed, epsilon):
    """With decay at a constant rate, without decay at the growing one, and the control: without decay at the constant rate."""
    made = scale_free(seed, epsilon)
    return (
        descended(made, Rates(RATE, STILL), Sgd(decay=ByName(DECAY))),
        descended(made, Rates(RATE / SHRINKS, STILL, GROWING), PLAIN_DESCENT),
        descended(made, Rates(RATE, STILL), PLAIN_DESCENT),
    )


@pytest.mark.parametrize("seed", range(4))
def test_without_epsilon_decay_is_a_growing_rate_to_the_last_digits(seed):
    (decayed, rows), (growing, long_rows), (control, _) = both(seed, 0.0)
    np.testing.assert_allclose(decayed, growing, rtol=5e-14)
    np.testing.assert_allclose(directions(rows), directions(long_rows), rtol=0, atol=5e-14)
    lengths = [np.sqrt((row**2).sum()) for row in rows]
    np.testing.assert_allclose(lengths, [SHRINKS**STEPS * np.sqrt((row**2).sum()) for row in long_rows], rtol=1e-13)
    assert np.abs(decayed / control - 1).max() > 1, "the rate that does not grow goes another way"


@pytest.mark.parametrize("seed", range(4))
def test_an_epsilon_of_1e_12_parts_the_two_by_a_ten_billionth_and_torchs_by_a_third(seed):
    (decayed, _), (growing, _), _ = both(seed, 1e-12)
    assert np.abs(decayed / growing - 1).max() == about(1.4e-10, rel=0.4)
    (decayed, _), (growing, _), _ = both(seed, 1e-5)
    apart = np.abs(decayed / growing - 1)
    assert apart[:50].max() < 2e-3
    assert apart.max() == about(0.43, rel=0.3)  # by then ε feels that the decayed weights are e⁻² as long


# Fact 15: ‖w‖ settles where ‖w‖⁴ = η‖g̃‖²/(2λ), g̃ = ‖w‖·∂J/∂w, and each row turns by √(2ηλ) a step
# [van Laarhoven 2017; Wan et al. 2021]. Only the weights under BN are decayed; noise in the targets keeps their gradient alive.


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "decay"), [(0.1, 0.02), (0.5, 0.01), (0.02, 0.1)])
def test_under_bn_decay_holds_every_row_at_its_length_and_turns_it_by_the_square_root_of_twice_rate_times_decay(rate, decay):
    names, seeds, steps, watched = ("h1", "h2"), range(5), 6000, 3000
    architecture = Architecture(12, (*(Layer(name, 12, RELU, bias=False) for name in names), Layer("head", 1)))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 12))
    batches = Batches(x, np.sin(2 * x[:, :1]) + 0.5 * rng.normal(size=(256, 1)), 16, seed=1)
    drawn, incoming = [np.random.default_rng(seed) for seed in seeds], 12
    parameters = {}
    for layer in architecture.layers:
        weights = [each.normal(size=(layer.units, incoming)) * np.sqrt(2 / incoming) for each in drawn]
        parameters[Name(layer.name, "weight")] = np.stack(weights)
        incoming = layer.units
    parameters[Name("head", "bias")] = np.zeros((len(seeds), 1))
    optimizer = Sgd(decay=ByName(0.0, (("h*.weight", decay),)))
    how = Descent(Rates(0.02, (("h*.weight", rate),)), optimizer)
    state = start(architecture, parameters, names, optimizer)
    network = state.network(architecture)
    fourth, scale_free_gradient, turned = (np.zeros((len(seeds), 24)) for _ in range(3))

    def rows(vector):
        return np.concatenate([network.layout.views(vector)[Name(name, "weight")] for name in names], axis=-2)

    for step in range(steps):
        evaluation = network.evaluate(state.theta, state.running, *batches.at(step))
        before, state = state, descend(state, network, evaluation, how)
        if step < steps - watched:
            continue
        here, there, gradient = rows(before.theta), rows(state.theta), rows(evaluation.gradient)
        squared = (here**2).sum(axis=-1)
        fourth += squared**2 / watched
        scale_free_gradient += squared * (gradient**2).sum(axis=-1) / watched
        cosine = (here * there).sum(axis=-1) / np.sqrt(squared * (there**2).sum(axis=-1))
        turned += np.arccos(np.minimum(cosine, 1)) ** 2 / watched
    lengths = fourth / (rate * scale_free_gradient / (2 * decay))
    angles = np.sqrt(turned) / np.sqrt(2 * rate * decay)
    assert np.median(lengths, axis=-1).tolist() == [about(1.009, rel=0.01)] * len(seeds)
    assert np.median(angles, axis=-1).tolist() == [about(0.9985, rel=0.003)] * len(seeds)
    assert (np.abs(angles - 1) < 0.04).all()
