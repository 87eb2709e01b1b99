"""The fit: ŷ of the data and of a grid over them, under the statistics that are in force."""

import numpy as np
import pytest
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, do, session

from bntui.session.look.fitting import LINE, MOST_POINTS, PLANE
from bntui.session.look.snapshot import Detail, Fit
from bntui.session.session import Session

FIT = Detail(fit=True)
PLANES = """
version: 1
title: Two inputs
network:
  layers: [{name: h, units: 4, activation: tanh}, {name: head, units: 3, batch_norm: false}]
  batch_norm: {enabled: true}
data: {generator: {name: blobs, samples: 30, classes: 3, dimensions: 2, noise: 1.0}}
cost: cross_entropy
training: {learning_rate: 0.2}
"""
MANY = PLANES.replace("dimensions: 2", "dimensions: 3")


def fit_of(at: Session) -> Fit:
    found = at.observe(FIT).fit
    assert found is not None
    return found


def test_on_the_batch_it_is_what_the_network_gives_there() -> None:
    for text in (SLOW_CHAIN, PLANES, MANY):
        at = do(session(text), {"set": {"batch_norm": True}}, {"step": 5})
        fit = fit_of(at)
        np.testing.assert_allclose(fit.outputs, at.experiment.evaluate(at.history.moment).forward.outputs, rtol=1e-11)
        assert fit.statistics == "batch"


def test_the_surface_is_the_network_at_each_place_of_the_grid() -> None:
    at = do(session(PLANES), {"step": 5}, {"set": {"mode": "eval"}})
    fit, moment = fit_of(at), at.history.moment
    assert (fit.statistics, fit.surface.shape) == ("running", (PLANE[1], PLANE[0], 3))
    for up, across in ((0, 0), (3, 50), (31, 7)):
        point = np.array([[fit.grid[0][across], fit.grid[1][up]]])
        alone = at.experiment.network(moment).forward(moment.state.theta, moment.state.running, point, "eval").outputs
        np.testing.assert_allclose(fit.surface[up, across], alone[0], rtol=1e-12)


def test_the_grid_holds_all_of_the_data() -> None:
    line, plane = fit_of(session(BATCHES)), fit_of(session(PLANES))
    assert (len(line.grid), len(line.grid[0]), line.surface.shape) == (1, LINE, (LINE, 1))
    assert line.statistics == ""
    for fit in (line, plane):
        for axis, column in zip(fit.grid, fit.inputs.T, strict=True):
            assert axis[0] < column.min() <= column.max() < axis[-1]
    assert fit_of(session(MANY)).grid == ()


def test_with_mini_batches_all_of_the_data_is_seen_by_the_statistics_of_the_batch_at_hand() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"step": 4})
    fit, moment = fit_of(at), at.history.moment
    chosen = at.experiment.batches.indices(moment.step)
    assert (len(fit.inputs), len(chosen)) == (22, 6)
    np.testing.assert_allclose(fit.outputs[chosen], at.experiment.evaluate(moment).forward.outputs, rtol=1e-11)


def test_a_twin_has_a_fit_of_its_own_over_the_same_grid() -> None:
    at = do(session(SLOW_CHAIN), {"twin": {}}, {"step": 10})
    twin = at.observe(FIT).twin
    assert twin is not None
    assert twin.fit is not None
    own = fit_of(at)
    np.testing.assert_array_equal(twin.fit.grid[0], own.grid[0])
    assert not np.allclose(twin.fit.surface, own.surface)
    moment = at.history.moment.twin
    assert moment is not None
    np.testing.assert_allclose(twin.fit.outputs, at.experiment.evaluate(moment).forward.outputs, rtol=1e-11)


def test_looking_changes_nothing() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"step": 4})
    before = at.history.moment.state.running.copy()
    fit_of(at)
    np.testing.assert_array_equal(at.history.moment.state.running, before)
    assert at.observe().fit is None


def test_of_very_many_samples_only_some_are_shown() -> None:
    many = CHAIN.replace("{inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}", "{generator: {name: line, samples: 9000}}")
    fit = fit_of(session(many))
    assert (len(fit.inputs), fit.samples) == (3000, 9000)
    assert len(fit.inputs) <= MOST_POINTS
    assert fit.grid[0][0] < session(many).experiment.batches.inputs.min()


@pytest.mark.parametrize("actions", [(), ({"set": {"batch_norm": True}},)], ids=["off", "on"])
def test_a_diverged_network_is_shown_as_it_is(actions: tuple[dict[str, object], ...]) -> None:
    at = do(session(CHAIN, "training.learning_rate=1e100"), *actions)
    for _ in range(3):
        if at.observe().diverged:
            break
        do(at, {"step": 1})
    assert at.observe().diverged
    assert not np.isfinite(fit_of(at).surface).all() or np.abs(fit_of(at).surface).max() > 1e50


def test_an_input_that_never_varies_has_a_grid_too() -> None:
    same = CHAIN.replace("[[0.5], [1.0], [2.0]]", "[[1.0], [1.0], [1.0]]")
    fit = fit_of(session(same))
    assert (fit.grid[0][0], fit.grid[0][-1]) == (0.5, 1.5)
