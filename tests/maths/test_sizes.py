"""The forward pass in sizes, against what autograd's network sees on its way."""

import numpy as np
import pytest
from hypothesis import given
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, held_over

from bntui.maths.sizes import sizes


def rms(array):
    return np.sqrt(np.mean(np.square(array)))


@held_over(60)
@given(cases(kinds=EVERY_KIND))
def test_every_size_is_that_of_what_enters_the_next_factor(case):
    outputs, seen = references.forward(case.architecture, case.structure, case.parameters, case.running, case.inputs, case.mode)
    layers = case.architecture.layers
    leaving = [*(seen[f"{layer.name}.weight"] for layer in layers[1:]), outputs]
    found = sizes(case.network, case.theta, case.estimates, case.inputs, case.mode)
    assert [each.layer for each in found] == [layer.name for layer in layers]
    for layer, each, out in zip(layers, found, leaving, strict=True):
        name, normalized = layer.name, layer.name in case.structure.normalized
        of_weight = normalized and layer.normalization.kind.name == "weight_norm"
        first = normalized and (of_weight or layer.normalization.placement == "before_activation")
        pre_activation = seen[f"{name}.norm" if first and not of_weight else f"{name}.activation"]
        if of_weight:
            pre_activation = seen[f"{name}.weight"] @ case.parameters[f"{name}.weight"].T
        assert each.pre_activation == about(rms(pre_activation), rel=1e-9, abs=1e-300)
        assert each.activation == about(rms(out), rel=1e-9, abs=1e-300)
        if normalized:
            assert each.normalized == about(rms(seen[f"{name}.activation" if first else f"{name}.join"]), rel=1e-9, abs=1e-300)
        else:
            assert each.normalized is None


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_behind_a_normalization_the_size_of_the_weights_is_gone(factor):
    plain = chain_of_units([1.5, -2.0], [1.0, 2.0, 4.0], [0.0] * 3, "tanh", normalized="a", epsilon=0.0)
    scaled = plain.with_parameters(a_weight=factor * plain.parameters["a.weight"])
    one, other = (sizes(each.network, each.theta, each.estimates, each.inputs, each.mode) for each in (plain, scaled))
    assert other[0].pre_activation == about(factor * one[0].pre_activation)
    assert other[0].normalized == about(one[0].normalized)
    assert other[1].activation == about(one[1].activation)
