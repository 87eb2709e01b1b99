"""The facts of MATHS.md that papers report, 13, 17, 19, 20, 11 by the paper's figure, and the page that tells of them.

Each test runs an experiment of docs/experiments, says what must come out, and holds the page's section against the run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from experiments import (
    alignment,
    auto_rate,
    chain,
    course,
    decay,
    depth,
    detached,
    explosion,
    networks,
    noise,
    outliers,
    page,
    parts,
    smoothness,
)
from experiments.experiment import Experiment, differences, median, number, spread

PAGE = (Path(__file__).parents[1] / "docs" / "experiments.md").read_text(encoding="utf-8")
SECTIONS = page.sections(PAGE)


def told(experiment: Experiment[Any], result: Any) -> list[str]:
    """In what the page is another than this run."""
    return differences(SECTIONS[experiment.name], experiment.section(result), experiment.tolerance)


# The page


def test_the_page_has_a_section_for_each_experiment_and_the_overview_that_goes_with_them() -> None:
    assert list(SECTIONS) == list(page.BY_NAME)
    assert page.text(SECTIONS) == PAGE


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.56234, "0.562"), (1.0, "1"), (1234.5, "1,234"), (98765.0, "98,765"), (1e6, "1e6"), (2.34e-5, "2.3e-5"), (0.0, "0"), (-1.5, "-1.5")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_spread_is_median_and_quartiles_and_a_run_that_ended_is_larger_than_all() -> None:
    assert spread([3.0, 1.0, 2.0, 4.0]) == "2 (1–3)"
    assert spread([1.0, np.nan, np.nan]) == "inf (1–inf)"
    assert spread([1.0, 1.0]) == "1 (1–1)"


def test_another_word_or_a_number_beyond_the_tolerance_is_a_difference() -> None:
    assert differences("J 0.5 at 10", "J 0.52 at 10", 1.05) == []
    assert differences("J 0.5 at 10", "J 0.6 at 10", 1.05) == ["0.5 is now 0.6"]
    assert len(differences("J 0.5", "K 0.5", 1.05)) == 1
    assert len(differences("J 0.5", "J inf", 1.05)) == 1


# Fact 13: the head alone


@pytest.mark.slow
def test_from_other_weights_too_bn_on_e_alone_allows_what_bn_on_all_five_allows_and_on_the_others_three_times_none() -> None:
    result = chain.run()
    assert (result["e"] == 1.99).all()
    assert (result["abcde"] == 1.99).all()
    assert result["abcd"].max() < 0.7
    assert median(result["abcd"] / result[""]) == pytest.approx(2.9, rel=0.3)
    assert median(result["e"] / result[""]) == pytest.approx(16, rel=0.3)
    assert told(chain.EXPERIMENT, result) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_scale_matters_at_a_bad_start_centring_at_a_good_one_and_weight_norm_is_its_start() -> None:
    result = parts.run()
    at = {place: {name: median(rates) for name, rates in column.items()} for place, column in result.items()}
    for inputs in (1, 16):
        bad, good = at["bad", inputs], at["good", inputs]
        assert bad["batch_norm"] >= bad["batch_scale"] > 10 * bad["batch_centre"] > 2 * bad[parts.NONE]
        assert good["batch_centre"] > 2 * good[parts.NONE]
        assert good["batch_scale"] == pytest.approx(good[parts.NONE], rel=0.8)
        for start in (bad, good):
            assert start["batch_norm_detached"] == pytest.approx(start["batch_norm"], rel=0.8)
            assert start["weight_norm"] == pytest.approx(start[parts.OF_WN], rel=0.8)
            assert start["layer_norm"] == pytest.approx(0.178, rel=0.8)
            assert start[parts.HEAD_ALONE] == start[parts.EVERY_LAYER] == pytest.approx(1.78, rel=0.01)
        assert bad[parts.OF_BN] < bad["batch_norm"] / 3
        assert bad[parts.OF_SCALE] < bad["batch_scale"] / 1.7
        assert bad[parts.PRESERVED] < bad["batch_norm"] / 30
    assert told(parts.EXPERIMENT, result) == []


def test_a_network_whose_noise_has_stopped_is_the_network_itself_bit_for_bit() -> None:
    problem = networks.Design(depth=2).problem(0)
    at = problem.state.theta, problem.state.running, problem.inputs, problem.targets
    noisy, calm = noise.Noisy(problem), problem.state.network(problem.architecture)
    assert np.array_equal(noisy.evaluate(*at).gradient, calm.evaluate(*at).gradient)
    noisy.noises["h1"].draw(np.random.default_rng(0), (64, 16))
    assert noisy.evaluate(*at).loss != calm.evaluate(*at).loss


# Fact 19: noise with a new mean and scale at every step


@pytest.mark.slow
def test_noise_after_bn_is_ahead_of_no_bn_early_and_behind_it_later_and_the_same_noise_without_bn_is_far_worse() -> None:
    result = noise.run()
    early, late = noise.LOOKS
    for rate in noise.RATES:
        plain, shaken, bn, shaken_bn = (result[noise.Arm(rate, *arm)] for arm in noise.FOUR)
        assert median(shaken_bn[early].calm) < median(plain[early].calm) / 2
        assert median(shaken_bn[late].calm) > 2 * median(plain[late].calm)
        assert median(shaken[late].calm) > 5 * median(shaken_bn[late].calm)
        assert median(bn[late].calm) < median(shaken_bn[late].calm) / 10
    assert told(noise.EXPERIMENT, result) == []


@pytest.mark.slow
def test_bn_makes_the_worst_steps_smoother_and_the_typical_ones_mostly_not() -> None:
    result = smoothness.run()
    typical, worst = np.split(smoothness.better(result), 2)
    assert typical == pytest.approx([11, 13, 9], abs=4)
    assert worst == pytest.approx([30, 29, 23], abs=4)
    assert told(smoothness.EXPERIMENT, result) == []


# Santurkar et al., Figure 4: the control of fact 11, which counts over a grid of other runs


@pytest.mark.slow
def test_over_a_course_bn_betters_range_and_change_of_the_relu_network_not_its_smoothness_nor_a_deep_linear_network() -> None:
    result = course.run()
    better = {(name, each): course.better(result, name, each) for name in course.DESIGNS for each in course.READINGS}
    assert better[course.RELU, course.MIDDLE] == pytest.approx((14, 14, 8), abs=1)
    assert better[course.RELU, course.WORST] == pytest.approx((12, 15, 7), abs=1)
    assert better[course.RELU, course.SAME] == pytest.approx((6, 7, 12), abs=1)
    assert better[course.DEEP_LINEAR, course.MIDDLE] == pytest.approx((13, 8, 4), abs=1)
    assert better[course.DEEP_LINEAR, course.WORST] == pytest.approx((5, 7, 4), abs=1)
    assert better[course.DEEP_LINEAR, course.SAME] == (0, 0, 0)
    for rate in course.RATES[course.RELU]:
        for kind in course.KINDS:
            arm = course.Arm(course.RELU, rate, kind)
            assert median(course.READINGS[course.MIDDLE](result[arm])[:, 2]) == pytest.approx(2 / rate, rel=0.15)
    assert told(course.EXPERIMENT, result) == []


# Fact 20 and the other measurements of Bjorck et al.


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_layers_leave_bn_nothing_to_do_and_with_depth_the_largest_rate_falls_without_it() -> None:
    result = depth.run()
    ratios = {layers: median(rates.hidden) / max(median(rates.none), 1e-3) for layers, rates in result.items()}
    assert ratios[2] == pytest.approx(1, rel=0.8)
    assert 1.7 < ratios[16] < 6
    assert ratios[32] > 5
    assert np.sum(result[32].none == 0) >= 1
    assert not any(np.any(rates.hidden == 0) for rates in result.values())
    assert told(depth.EXPERIMENT, result) == []


@pytest.mark.slow
def test_a_large_step_without_bn_multiplies_the_activations_layer_by_layer_and_with_bn_it_does_not() -> None:
    result = explosion.run()
    exploded = [each.growth for each in result["none"] if each.exploded]
    first, last = (median([growth[place] for growth in exploded]) for place in (0, -1))
    assert len(exploded) == pytest.approx(6, abs=1)
    assert last > 500 * first
    assert not any(each.exploded for each in result["BN"])
    assert max(each.growth.max() for each in result["BN"]) < 20
    assert told(explosion.EXPERIMENT, result) == []


@pytest.mark.slow
def test_without_bn_the_gradients_of_the_samples_cancel_half_as_much() -> None:
    result = alignment.run()
    for layers in alignment.DEPTHS:
        none, with_bn = result[layers, "none"], result[layers, "BN"]
        assert median(none[:, 0]) < median(with_bn[:, 0]) / 1.7
        assert median(none[:, 1]) < median(with_bn[:, 1]) / 1.5
        for other in ("centring alone", "scale alone", "layer norm"):
            assert median(result[layers, other][:, 0]) > 1.5 * median(none[:, 0])
    assert told(alignment.EXPERIMENT, result) == []


# Arora, Li & Lyu: any rate, and T^(−1/2)


@pytest.mark.slow
def test_whatever_the_hidden_weights_rate_the_smallest_gradient_falls_as_the_bound_says_and_every_seed_trains() -> None:
    result = auto_rate.run()
    last = auto_rate.LOOKS[-1]
    for rate in auto_rate.RATES:
        looks = result["BN", rate]
        assert median(auto_rate.slopes(looks)) < -0.45
        assert looks[last].loss.max() < 0.1
    assert median(result["BN", 1e6][last].length) > 500
    for rate in auto_rate.RATES[2:]:
        assert not median(result["none", rate][last].loss) < 1e6
    assert told(auto_rate.EXPERIMENT, result) == []


# van Laarhoven; Li & Arora


@pytest.mark.slow
def test_weight_decay_under_bn_is_an_effective_rate_and_a_growing_rate_and_without_bn_it_is_neither() -> None:
    result = decay.run()
    soon, late = decay.LOOKS
    bn, none = result["BN"], result["none"]
    for path in (bn.matched, bn.growing):
        assert decay.apart(bn.decayed, path, soon).max() < decay.ROUNDING
        assert np.allclose(bn.decayed.losses[: soon + 1], path.losses[: soon + 1], rtol=decay.ROUNDING)
    assert decay.apart(bn.decayed, bn.plain, soon).min() > 0.5
    assert median(decay.apart(bn.decayed, bn.nudged, late)) > 0.5
    for path in (none.matched, none.growing, none.plain):
        assert decay.apart(none.decayed, path, soon).min() > 0.3
    assert told(decay.EXPERIMENT, result) == []


# Fact 18: a mean makes the largest eigenvalue


@pytest.mark.slow
def test_a_mean_makes_the_largest_eigenvalue_and_what_takes_the_mean_away_takes_that_eigenvalue_away() -> None:
    result = outliers.run()
    found = {(arm.activation, arm.mean, arm.kind): ends for arm, ends in result.items()}
    assert median(found["ReLU", 0.0, "none"].share) == pytest.approx(0.89, abs=0.05)  # what ReLUs put out has a mean, whatever comes in
    assert median(found["ReLU", 2.0, "none"].share) == pytest.approx(0.98, abs=0.02)
    assert median(found["tanh", 2.0, "none"].share) == pytest.approx(0.91, abs=0.05)
    for without in (found["tanh", 0.0, "none"], *(found[name, mean, "BN"] for name in outliers.ACTIVATIONS for mean in outliers.MEANS)):
        assert median(without.share) < 0.2
        assert median(without.over_second) == pytest.approx(1.35, rel=0.15)
    one, other = (found["ReLU", mean, "BN"] for mean in outliers.MEANS)
    np.testing.assert_allclose(one.largest, other.largest, rtol=1e-6)  # BN takes the inputs' mean away
    assert (found["ReLU", 0.0, "none"].share > 2 * one.share).all()
    centred, scaled = (found["ReLU", 0.0, f"{part} alone"] for part in ("centring", "scaling"))
    assert median(found["ReLU", 0.0, "none"].largest / centred.largest) == pytest.approx(8, rel=0.3)
    assert (centred.share < scaled.share).all()
    assert median(centred.share) < 0.2
    assert median(scaled.share) == pytest.approx(0.55, abs=0.1)
    assert median(found["tanh", 0.0, "BN"].largest / found["tanh", 0.0, "none"].largest) > 2  # the curvature itself is not less
    assert told(outliers.EXPERIMENT, result) == []


# Fact 17: gradients that leave μ and σ out


@pytest.mark.slow
def test_detached_statistics_let_b_grow_for_ever_while_j_stands_still_unless_beta_answers() -> None:
    result = detached.run()
    first, second, third = detached.LOOKS
    alone = result[detached.Arm("detached", False, 1)]
    assert median(alone[third].bias / alone[second].bias) == pytest.approx(3, rel=0.3)
    assert (alone[third].bias > 2 * alone[first].bias).all()
    assert median(np.abs(alone[third].loss / alone[first].loss - 1)) < 0.005
    with_beta = result[detached.Arm("detached", True, 1)]
    assert median(with_beta[third].bias / with_beta[second].bias) < 1.2
    for affine in (False, True):
        assert max(look.bias.max() for look in result[detached.Arm("BN", affine, 1)].values()) < 1e-10
    assert told(detached.EXPERIMENT, result) == []
