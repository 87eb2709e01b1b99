"""Quantities by name, as expectations and the trace ask for them."""

from dataclasses import replace

import numpy as np
import pytest
from session.worlds import BATCHES, SLOW_CHAIN, do, loaded, session

from bntui.maths.norms import norm
from bntui.scenario.model import vocabulary
from bntui.session.look.quantities import measure, needed, quantities, values
from bntui.session.look.snapshot import Detail, Snapshot

EVERYTHING = Detail(
    orders=True, meters=True, sizes=True, eigenvalues=True, arrays=True, full=True, validation=True, remembered=True
)


def resolve(name: str, snapshot: Snapshot) -> object:
    """The value of one quantity."""
    return values((name,), snapshot)[name]


def test_every_quantity_that_a_scenario_may_name_has_a_value_once_batch_norm_is_on() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": ["h1", "h2", "head"]}}, {"step": 2})
    found = quantities(at.observe(EVERYTHING))
    # its BN stands after a sigmoid, where the length of w makes a difference; the other two are adam's
    none = {"effective_rate.h2", "remembered.mean_gradient", "remembered.mean_square"}
    assert set(vocabulary.quantities(at.experiment.architecture)) == set(found) | none
    # a linear head has no slope that could be flat or 0
    assert {name for name, value in found.items() if value is None} <= {"flat.head", "dead.head"}


def test_quantities_are_those_of_the_snapshot() -> None:
    at = do(session(BATCHES), {"step": 3})
    snapshot = at.observe(EVERYTHING)
    arrays = dict(snapshot.parameters)
    assert resolve("step", snapshot) == 3
    assert resolve("loss", snapshot) == snapshot.loss
    assert resolve("learning_rate", snapshot) == 0.1
    assert resolve("diverged", snapshot) is False
    assert resolve("parameter.h1.weight", snapshot) == norm(arrays["h1.weight"])
    assert resolve("product.h1", snapshot) == snapshot.chain("h1").product
    assert resolve("gradient.h1.weight", snapshot) == pytest.approx(snapshot.chain("h1").product)
    assert resolve("gain.h2", snapshot) == snapshot.chain("h2").gain
    assert resolve("factor.cost", snapshot) == snapshot.chain("h1").factors[0].value
    assert resolve("order.actual", snapshot) == snapshot.orders.actual
    assert resolve("curvature", snapshot) == snapshot.meters.curvature


@pytest.mark.parametrize("name", ["los", "gradient.nobody.weight", "factor.h1.norm.scale", "twin", "order.third"])
def test_a_name_that_stands_for_nothing_has_no_value(name: str) -> None:
    assert resolve(name, session(BATCHES).observe(EVERYTHING)) is None


def test_settings_and_what_the_optimizer_remembers() -> None:
    at = do(session(BATCHES), {"step": 4})  # 22 samples, 6 at a time: three batches an epoch
    snapshot = at.observe(EVERYTHING)
    (velocity,) = at.history.moment.state.memory
    assert (resolve("epoch", snapshot), resolve("momentum", snapshot)) == (1, 0.8)
    assert resolve("remembered.velocity", snapshot) == pytest.approx(float(np.linalg.norm(velocity)), rel=1e-14)
    adam = do(session(BATCHES, "training.optimizer=adam", "training.momentum=0.0"), {"step": 3})
    snapshot = adam.observe(EVERYTHING)
    mean, square, _ = adam.history.moment.state.memory
    assert resolve("momentum", snapshot) is None
    assert resolve("remembered.mean_gradient", snapshot) == pytest.approx(float(np.linalg.norm(mean)), rel=1e-14)
    assert resolve("remembered.mean_square", snapshot) == pytest.approx(float(np.linalg.norm(square)), rel=1e-14)
    assert resolve("remembered.velocity", snapshot) is None


def test_what_is_needed_of_some_quantities_has_their_values_and_no_more_than_is_needed() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"step": 2})
    everything = quantities(at.observe(EVERYTHING))
    for name in {name.partition(".")[0]: name for name in vocabulary.quantities(at.experiment.architecture)}.values():
        assert measure(at, (name,)) == {name: everything.get(name)}
    assert needed(("loss", "gain.h1", "factor.cost", "momentum")) == Detail(lean=True)
    assert at.observe(Detail(lean=True)).layers == ()


def test_a_gain_behind_a_dead_layer_does_not_exist() -> None:
    dead = "[[0.9]], bias: false, activation: relu"
    at = session(SLOW_CHAIN.replace("[[0.9]], bias: false", dead).replace("[[0.9]]", "[[-0.9]]"))
    snapshot = at.observe()
    assert (resolve("gain.a", snapshot), resolve("product.a", snapshot)) == (None, 0.0)


def test_the_twin_is_asked_by_the_same_names() -> None:
    this = do(session(SLOW_CHAIN), {"step": 1}).observe()
    other = session(SLOW_CHAIN).observe()
    beside = replace(this, twin=other)
    assert resolve("twin.loss", beside) == other.loss
    assert resolve("ratio.loss", beside) == this.loss / other.loss
    assert resolve("ratio.step", beside) is None  # nothing can be divided by the twin's 0
    assert resolve("twin.loss", this) is None


def test_names_are_the_same_in_every_scenario_of_one_network() -> None:
    architecture = loaded(BATCHES).problem.architecture
    assert "factor.h2.norm.project" in vocabulary.quantities(architecture)
    assert "factor.h1.weight" not in vocabulary.quantities(architecture)  # the input needs no gradient
