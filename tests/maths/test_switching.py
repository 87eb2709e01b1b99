"""Switching BN in mid-run: `preserve` moves nothing, `reset` is what adding BN means, the impossible is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, fill, held_over, subsets

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.descent import Descent, Rates, State, descend, statistics
from bntui.maths.kinds.activations import TANH
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.network import Structure
from bntui.maths.normalizing import TooFewError
from bntui.maths.switching import SwitchError, rewritten, switch


def state_of(case, seed=0) -> State:
    """The case as a state in mid-run: step 7, every velocity moving."""
    velocity = np.random.default_rng(seed).normal(size=case.theta.shape)
    return State(7, case.structure, case.theta, (velocity,), case.estimates)


def outputs(case, state, mode):
    built = state.network(case.architecture)
    with np.errstate(all="ignore"):
        return built.forward(state.theta, state.running, case.inputs, mode).outputs


def views(case, state, which="theta"):
    built = state.network(case.architecture)
    layout = built.running_layout if which == "running" else built.layout
    return layout.views(state.memory[0] if which == "velocity" else getattr(state, which))


def possible(case, wanted):
    """Whether `preserve` can reach this set of normalized layers."""
    on = wanted - case.structure.normalized
    off = case.structure.normalized - wanted
    return all(case.architecture.layer(name).normalization.affine for name in on) and not off & unfolded(case.architecture)


def unfolded(architecture):
    """The layers normalized after their activation, behind which stands no weight that alone takes in what they put out."""
    last, sources = architecture.layers[-1], {layer.skip_from for layer in architecture.layers}
    apart = {layer.name for layer in architecture.layers if layer is last or layer.skip_from is not None or layer.name in sources}
    return {name for name in apart if not architecture.layer(name).normalized_before_activation}


@st.composite
def switched(draw, **limits):
    """A network, and another set of layers that is to be normalized."""
    case = draw(cases(**limits))
    return case, draw(subsets(case.architecture))


# Preserve


@held_over(100)
@given(switched(deaths=(False,)))
def test_preserve_moves_no_output_by_more_than_1e12_of_the_largest(drawn):
    case, wanted = drawn
    assume(possible(case, wanted))
    before = outputs(case, state_of(case), case.mode)
    after_switch = switch(case.architecture, state_of(case), wanted, case.inputs, "preserve", case.mode)
    assert after_switch.structure.normalized == wanted
    moved = np.abs(outputs(case, after_switch, case.mode) - before).max()
    assert moved <= 1e-12 * np.abs(before).max()


FOLDING = [name for name, kind in NORMALIZATIONS.items() if kind.folds]


@st.composite
def rekinded(draw):
    """A network of kinds that can be preserved, γ and β everywhere, and what each layer is to be normalized in then."""
    case = draw(cases(kinds=FOLDING, affine=(True,), scales=(1.0, 0.3), deaths=(False,)))
    names = [layer.name for layer in case.architecture.layers]
    wanted = draw(st.dictionaries(st.sampled_from(names), st.sampled_from([NORMALIZATIONS[name] for name in FOLDING])))
    return case, wanted


@held_over(120)
@given(rekinded())
def test_preserve_from_any_kind_to_any_other_moves_no_output(drawn):
    case, wanted = drawn
    now = case.structure.kinds_in(case.architecture)
    off = {name for name, kind in now.items() if wanted.get(name) is not kind and kind.over != "weight"}
    assume(not off & unfolded(case.architecture))
    before = outputs(case, state_of(case), case.mode)
    after = switch(case.architecture, state_of(case), wanted, case.inputs, "preserve", case.mode)
    assert after.structure.kinds_in(case.architecture) == {name: wanted[name] for name in sorted(wanted)}
    assert np.abs(outputs(case, after, case.mode) - before).max() <= 1e-10 * np.abs(before).max()


@held_over(60)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3), deaths=(False,)), st.sampled_from(EVERY_KIND))
def test_reset_to_a_kind_begins_with_its_first_values_or_says_why_it_cannot_be(case, name):
    kind = NORMALIZATIONS[name]
    layers = case.architecture.layers
    wanted = {layer.name: kind for layer in layers}
    if any(layer.impossible(kind) for layer in layers):
        with pytest.raises(SwitchError, match=rf"^l\d: (one unit|{name} divides)"):
            switch(case.architecture, state_of(case), wanted, case.inputs, "reset", case.mode)
        return
    after = switch(case.architecture, state_of(case), wanted, case.inputs, "reset", case.mode)
    firsts, now = dict(kind.parameters), case.structure.kinds_in(case.architecture)
    for parameter, value in views(case, after).items():
        if parameter.part in firsts and now.get(parameter.layer) is not kind:
            assert (value == firsts[parameter.part]).all()
    assert np.isfinite(outputs(case, after, case.mode)).all()


@pytest.mark.parametrize("name", [name for name in EVERY_KIND if name not in FOLDING])
@pytest.mark.parametrize("on", [True, False])
def test_what_differs_from_sample_to_sample_cannot_be_preserved_and_a_sentence_says_why(name, on):
    case = small()
    first, head = case.architecture.layers
    settings = replace(first.normalization, groups=1)  # three units in two groups cannot be
    architecture = replace(case.architecture, layers=(replace(first, normalization=settings), head))
    before, after = ({"a": NORMALIZATIONS[each]} for each in (("batch_norm", name) if on else (name, "batch_norm")))
    state = switch(architecture, state_of(case), before, case.inputs)
    with pytest.raises(SwitchError, match=r"^a: preserve needs a map that is the same for every sample, and .*'s μ and σ are not$"):
        switch(architecture, state, after, case.inputs, "preserve")


def test_a_weight_without_a_gain_cannot_take_in_what_stands_before_it():
    case = small("after_activation", normalized="a")
    first, head = case.architecture.layers
    settings = replace(head.normalization, kind=NORMALIZATIONS["weight_norm"], affine=False)
    architecture = replace(case.architecture, layers=(first, replace(head, normalization=settings)))
    state = switch(architecture, state_of(case), ("a", "b"), case.inputs)
    with pytest.raises(SwitchError, match=r"^a: preserve cannot fold it into b, whose weight is normalized without γ$"):
        switch(architecture, state, ("b",), case.inputs, "preserve")


@held_over(40)
@given(cases(scales=(1.0, 0.3), deaths=(False,), affine=(True,)))
def test_preserve_on_and_off_again_returns_to_the_same_outputs_and_loss(case):
    state = state_of(case)
    everything = frozenset(layer.name for layer in case.architecture.layers)
    assume(possible(replace(case, structure=replace(case.structure, normalized=everything)), case.structure.normalized))
    on = switch(case.architecture, state, everything, case.inputs, "preserve", case.mode)
    back = switch(case.architecture, on, case.structure.normalized, case.inputs, "preserve", case.mode)
    before = outputs(case, state, case.mode)
    assert np.abs(outputs(case, back, case.mode) - before).max() <= 2e-12 * np.abs(before).max()
    loss = [
        float(s.network(case.architecture).loss(s.theta, s.running, case.inputs, case.targets, case.mode))
        for s in (state, back)
    ]
    assert loss[1] == about(loss[0], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("placement", ["before_activation", "after_activation"])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_preserve_on_sets_gamma_to_sigma_and_beta_to_mu(placement, mode):
    case = small(placement)
    after = switch(case.architecture, state_of(case), frozenset({"a"}), case.inputs, "preserve", mode)
    expected = references.expected(case)
    entering = expected.values["b.weight" if placement == "after_activation" else "a.activation"]
    parameters = views(case, after)
    variance = entering.var(axis=0, ddof=0 if mode == "train" else 1)  # the running estimate is the unbiased one
    np.testing.assert_allclose(parameters["a.gamma"][0], np.sqrt(variance + 1e-3), rtol=1e-12)
    np.testing.assert_allclose(parameters["a.beta"][0], entering.mean(axis=0), rtol=1e-12, atol=1e-14)
    kept = statistics(after.network(case.architecture), evaluation(case, after, mode))["a"]
    np.testing.assert_allclose(parameters["a.gamma"] / kept.sigma, 1.0, rtol=1e-12)  # γ/σ = 1: the size does not cancel


def small(placement="before_activation", normalized=(), head_bias=True):
    """Two inputs, a hidden tanh layer `a` of three units without bias, and a linear head `b`."""
    settings = NormalizationSettings(placement=placement, epsilon=1e-3)
    hidden = Layer("a", 3, TANH, bias=False, normalization=settings)
    layers = (hidden, Layer("b", 2, bias=head_bias, normalization=settings))
    rng = np.random.default_rng(0)
    structure = Structure(frozenset(normalized), frozenset({"b"} if head_bias else ()))
    return fill(Architecture(2, layers), structure, rng.normal(size=(6, 2)), rng.normal(size=(6, 2)), rng)


def evaluation(case, state, mode="train"):
    built = state.network(case.architecture)
    return built.evaluate(state.theta, state.running, case.inputs, case.targets, mode)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_off_folds_into_its_own_affine_stage_which_gets_a_bias(mode):
    case = small("before_activation", normalized=("a",))
    kept = statistics(case.network, evaluation(case, state_of(case), mode))["a"]
    after = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve", mode)
    assert after.structure == Structure(frozenset(), frozenset({"a", "b"}))
    gain = case.parameters["a.gamma"] / kept.sigma
    folded = views(case, after)
    np.testing.assert_allclose(folded["a.weight"], case.parameters["a.weight"] * gain.T, rtol=1e-12)
    np.testing.assert_allclose(folded["a.bias"], case.parameters["a.beta"] - gain * kept.mean, rtol=1e-12)
    assert set(folded) == {"a.weight", "a.bias", "b.weight", "b.bias"}


@pytest.mark.parametrize("head_bias", [True, False])
def test_off_after_the_activation_folds_into_the_next_layer(head_bias):
    case = small("after_activation", normalized=("a",), head_bias=head_bias)
    kept = statistics(case.network, evaluation(case, state_of(case)))["a"]
    after = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve")
    assert after.structure.biased == {"b"}
    gain = case.parameters["a.gamma"] / kept.sigma
    shift = case.parameters["a.beta"] - gain * kept.mean
    folded = views(case, after)
    assert np.array_equal(folded["a.weight"], case.parameters["a.weight"])
    np.testing.assert_allclose(folded["b.weight"], case.parameters["b.weight"] * gain, rtol=1e-12)
    bias = case.parameters["b.bias"] if head_bias else 0.0
    np.testing.assert_allclose(folded["b.bias"], bias + shift @ case.parameters["b.weight"].T, rtol=1e-12)


def test_a_network_that_was_folded_keeps_its_bias_when_bn_comes_back():
    case = small("before_activation", normalized=("a",))
    off = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve")
    on = switch(case.architecture, off, frozenset({"a"}), case.inputs, "preserve")
    assert on.structure == Structure(frozenset({"a"}), frozenset({"a", "b"}))


# What cannot be done


def refusal(architecture, state, wanted, inputs):
    """The sentence a refused switch says; the state must be as it was."""
    before = state.theta.copy(), state.memory[0].copy(), state.running.copy(), state.structure
    with pytest.raises(SwitchError) as refused:
        switch(architecture, state, wanted, inputs, "preserve")
    assert all(np.array_equal(a, b) for a, b in zip(before, (state.theta, state.memory[0], state.running), strict=False))
    assert state.structure == before[3]
    return str(refused.value)


def test_preserve_cannot_switch_on_without_gamma_and_beta():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0], [0.0, 0.0], affine=False)
    sentence = refusal(case.architecture, state_of(case), frozenset({"b"}), case.inputs)
    assert sentence == "b: preserve needs γ and β, and this layer's BN has none (affine: false)"


def test_preserve_can_switch_off_without_gamma_and_beta():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0, 4.0], [0.0] * 3, normalized="b", affine=False)
    after = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve")
    np.testing.assert_allclose(
        outputs(case, after, "train"), outputs(case, state_of(case), "train"), rtol=1e-12, atol=1e-13
    )


def test_preserve_cannot_switch_off_behind_the_last_nonlinearity():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0], [0.0] * 2, "tanh", normalized="ab", placement="after_activation")
    sentence = refusal(case.architecture, state_of(case), frozenset({"a"}), case.inputs)
    assert sentence == "b: preserve cannot fold BN after the last activation into any weight"
    after = switch(case.architecture, state_of(case), frozenset({"b"}), case.inputs, "preserve")
    assert after.structure.normalized == {"b"}


def test_a_linear_last_layer_can_be_folded_wherever_its_bn_stands():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0, 5.0], [0.0] * 3, normalized="b", placement="after_activation")
    after = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve")
    assert views(case, after)["b.weight"].item() == about(2.0 / np.sqrt(4 * np.var([1.0, 2.0, 5.0]) + 1e-5), rel=1e-12)


def test_reset_is_never_refused():
    case = chain_of_units(
        [1.0, 2.0], [1.0, 2.0], [0.0] * 2, "tanh", normalized="b", affine=False, placement="after_activation"
    )
    after = switch(case.architecture, state_of(case), frozenset({"a"}), case.inputs, "reset")
    assert after.structure.normalized == {"a"}


def test_one_sample_cannot_switch_bn_on_in_training():
    case = chain_of_units([1.0, 2.0], [1.0], [0.0])
    for how in ("reset", "preserve"):
        with pytest.raises(TooFewError, match=r"^a: one sample cannot be normalized"):
            switch(case.architecture, state_of(case), frozenset({"a"}), case.inputs, how)


# Reset


@held_over(50)
@given(switched(scales=(1.0, 0.3)))
def test_reset_brings_gamma_1_beta_0_in_drops_them_and_touches_nothing_else(drawn):
    case, wanted = drawn
    state = state_of(case)
    after = switch(case.architecture, state, wanted, case.inputs, "reset", case.mode)
    assert after.step == state.step
    assert after.structure == Structure(wanted, case.structure.biased)
    before_theta, before_velocity = views(case, state), views(case, state, "velocity")
    velocities = views(case, after, "velocity")
    for name, value in views(case, after).items():
        if name in before_theta:
            assert np.array_equal(value, before_theta[name])
            assert np.array_equal(velocities[name], before_velocity[name])
        else:
            assert name.rpartition(".")[0] in wanted - case.structure.normalized
            assert (value == (1.0 if name.endswith("gamma") else 0.0)).all()
            assert not velocities[name].any()


@held_over(40)
@given(switched(scales=(1.0, 0.3), deaths=(False,)), st.sampled_from(("reset", "preserve")))
def test_running_estimates_begin_at_the_current_batchs_and_those_that_stay_are_kept(drawn, how):
    case, wanted = drawn
    assume(how == "reset" or possible(case, wanted))
    after = switch(case.architecture, state_of(case), wanted, case.inputs, how, case.mode)
    kept, running = views(case, state_of(case), "running"), views(case, after, "running")
    built = after.network(case.architecture)
    here = replace(case, structure=after.structure, parameters=built.layout.views(after.theta), running=dict(running))
    entering = references.expected(here).values
    for name, value in running.items():
        layer, _, kind = name.rpartition(".")
        if layer in case.structure.normalized:
            assert np.array_equal(value, kept[name])
            continue
        batch = entering[f"{layer}.norm"]
        observed = batch.mean(axis=0) if kind == "mean" else batch.var(axis=0, ddof=1)
        np.testing.assert_allclose(value[0], observed, rtol=1e-9, atol=1e-12 * (1 + np.abs(batch).max() ** 2))


def test_layers_switched_on_together_see_each_others_normalization():
    case = chain_of_units([3.0, 2.0], [1.0, 2.0, 6.0], [0.0] * 3, epsilon=0.0)
    after = switch(case.architecture, state_of(case), frozenset({"a", "b"}), case.inputs, "reset")
    running = views(case, after, "running")
    assert running["a.mean"].item() == about(9.0, rel=1e-12)
    assert running["b.mean"].item() == about(0.0, abs=1e-15)
    assert running["b.variance"].item() == about(4 * 3 / 2, rel=1e-12)  # a gives variance 1, times 2², unbiased


def test_the_states_before_a_switch_stay_as_they_were():
    case = small("before_activation", normalized=("a",))
    state = state_of(case)
    for how in ("reset", "preserve"):
        for wanted in (frozenset(), frozenset({"b"}), frozenset({"a", "b"})):
            switch(case.architecture, state, wanted, case.inputs, how)
    assert np.array_equal(state.theta, case.theta)
    assert np.array_equal(state.running, case.estimates)
    assert np.array_equal(state.memory[0], state_of(case).memory[0])


def test_switching_to_what_is_already_normalized_changes_nothing():
    case = small("before_activation", normalized=("a",))
    for how in ("reset", "preserve"):
        after = switch(case.architecture, state_of(case), frozenset({"a"}), case.inputs, how)
        assert np.array_equal(after.theta, case.theta)
        assert np.array_equal(after.memory[0], state_of(case).memory[0])


# Velocities


@pytest.mark.parametrize(("placement", "rewrote"), [("before_activation", "a"), ("after_activation", "b")])
def test_preserve_off_stops_the_velocity_of_what_it_rewrote_and_keeps_the_others(placement, rewrote):
    case = small(placement, normalized=("a",))
    after = switch(case.architecture, state_of(case), frozenset(), case.inputs, "preserve")
    kept = views(case, state_of(case), "velocity")
    for name, velocity in views(case, after, "velocity").items():
        if name in (f"{rewrote}.weight", f"{rewrote}.bias"):
            assert not velocity.any(), name
        else:
            assert np.array_equal(velocity, kept[name]), name


def test_preserve_on_keeps_every_velocity_and_gives_gamma_and_beta_none():
    case = small()
    after = switch(case.architecture, state_of(case), frozenset({"a", "b"}), case.inputs, "preserve")
    kept = views(case, state_of(case), "velocity")
    for name, velocity in views(case, after, "velocity").items():
        expected = kept.get(name, np.zeros_like(velocity))
        assert np.array_equal(velocity, expected), name


def test_many_runs_are_switched_side_by_side():
    for normalized, wanted in (((), {"a", "b"}), (("a", "b"), set()), (("a",), {"b"})):
        case = small("before_activation", normalized)
        factors = np.array([[0.5], [1.0], [1.5]])
        moving = np.ones((3, case.theta.size))
        together = State(0, case.structure, case.theta * factors, (moving,), case.estimates * factors)
        for how in ("reset", "preserve"):
            after = switch(case.architecture, together, frozenset(wanted), case.inputs, how)
            for run in range(3):
                single = State(0, case.structure, together.theta[run], (together.memory[0][run],), together.running[run])
                alone = switch(case.architecture, single, frozenset(wanted), case.inputs, how)
                np.testing.assert_allclose(after.theta[run], alone.theta, rtol=1e-12, atol=1e-14)
                np.testing.assert_allclose(after.running[run], alone.running, rtol=1e-12, atol=1e-14)
                assert np.array_equal(after.memory[0][run], alone.memory[0])


# Weights rewritten by hand


def test_a_rewritten_parameter_starts_with_no_velocity_and_the_others_keep_theirs():
    case = small()
    state = state_of(case)
    after = rewritten(case.architecture, state, {"a.weight": 10 * case.parameters["a.weight"], "b.bias": np.array(3.0)})
    parameters, velocities = views(case, after), views(case, after, "velocity")
    assert np.array_equal(parameters["a.weight"], 10 * case.parameters["a.weight"])
    assert (parameters["b.bias"] == 3).all()
    assert np.array_equal(parameters["b.weight"], case.parameters["b.weight"])
    assert not velocities["a.weight"].any()
    assert not velocities["b.bias"].any()
    assert np.array_equal(velocities["b.weight"], views(case, state, "velocity")["b.weight"])
    assert np.array_equal(state.theta, case.theta)
    assert after.step == state.step


def test_a_parameter_that_is_not_there_cannot_be_rewritten():
    case = small()
    with pytest.raises(KeyError, match=r"a\.gamma"):
        rewritten(case.architecture, state_of(case), {"a.gamma": np.ones(3)})


def test_descent_goes_on_after_a_switch_as_if_it_had_begun_there():
    case = small()
    how = Descent(Rates(0.1), optimizer=Sgd(0.9))
    after = switch(case.architecture, state_of(case), frozenset({"a"}), case.inputs, "preserve")
    stepped = descend(after, after.network(case.architecture), evaluation(case, after), how)
    gradient = evaluation(case, after).gradient
    np.testing.assert_allclose(stepped.theta, after.theta - 0.1 * (0.9 * after.memory[0] + gradient), rtol=1e-14)
    assert stepped.structure.normalized == {"a"}
