"""One path of units through a wider network: an exact part of the whole signal."""

from itertools import product

import numpy as np
from hypothesis import given
from maths.cases import EVERY_KIND, cases, held_over

from bntui.maths.chain import read_chain
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.path import follow


@given(case=cases(kinds=[name for name, kind in NORMALIZATIONS.items() if kind.over == "samples"], skips=(False,)))
@held_over(60)
def test_the_paths_through_one_weight_sum_to_its_gradient(case):
    network, evaluation = case.network, case.evaluate()
    first = case.architecture.layers[0]
    others = case.architecture.layers[1:]
    whole = network.layout.views(evaluation.gradient)[f"{first.name}.weight"]
    total, size = 0.0, 0.0
    for units in product(*(range(layer.units) for layer in others)):
        chosen = {first.name: 0} | dict(zip((layer.name for layer in others), units, strict=True))
        thin, along = follow(network, evaluation, case.theta, chosen)
        part = thin.layout.views(along.gradient)[f"{first.name}.weight"][0, 0]
        total, size = total + part, size + abs(part)
    with np.errstate(all="ignore"):
        assert np.isclose(total, whole[0, 0], rtol=1e-9, atol=1e-10 * max(size, 1e-3))


@given(case=cases(kinds=EVERY_KIND, one_unit=True))
@held_over(30)
def test_in_a_one_unit_network_the_only_path_is_the_chain(case):
    network, evaluation = case.network, case.evaluate()
    thin, along = follow(network, evaluation, case.theta, {})
    for sample in (None, 0):
        assert read_chain(thin, along, sample) == read_chain(network, evaluation, sample)


@given(case=cases(kinds=EVERY_KIND))
@held_over(30)
def test_the_values_of_a_path_multiply_to_its_product(case):
    thin, along = follow(case.network, case.evaluate(), case.theta, {})
    for chain in read_chain(thin, along, 0):
        running = 1.0
        for factor in chain.factors:
            if factor.value is None:
                break
            running *= factor.value
            assert np.isclose(running, factor.product, rtol=1e-9, atol=1e-300)
