"""Quantities by name, as expectations and the trace ask for them."""

import pytest
from session.worlds import BATCHES, SLOW_CHAIN, do, loaded, session

from bntui.maths.chain import norm
from bntui.scenario.model import vocabulary
from bntui.session.look.quantities import UnknownQuantity, quantities, resolve
from bntui.session.look.snapshot import Detail

EVERYTHING = Detail(orders=True, meters=True, sizes=True, eigenvalues=True, arrays=True, full=True, validation=True)


def test_every_quantity_that_a_scenario_may_name_has_a_value_once_batch_norm_is_on() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": ["h1", "h2", "head"]}}, {"step": 2})
    found = quantities(at.observe(EVERYTHING))
    none = {"effective_rate.h2"}  # its BN stands after a sigmoid, where the length of w makes a difference
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
def test_a_name_that_stands_for_nothing_is_told(name: str) -> None:
    with pytest.raises(UnknownQuantity, match=name):
        resolve(name, session(BATCHES).observe(EVERYTHING))


def test_a_gain_behind_a_dead_layer_does_not_exist() -> None:
    dead = "[[0.9]], bias: false, activation: relu"
    at = session(SLOW_CHAIN.replace("[[0.9]], bias: false", dead).replace("[[0.9]]", "[[-0.9]]"))
    snapshot = at.observe()
    assert (resolve("gain.a", snapshot), resolve("product.a", snapshot)) == (None, 0.0)


def test_the_twin_is_asked_by_the_same_names() -> None:
    this = do(session(SLOW_CHAIN), {"step": 1}).observe()
    other = session(SLOW_CHAIN).observe()
    assert resolve("twin.loss", this, other) == other.loss
    assert resolve("ratio.loss", this, other) == this.loss / other.loss
    assert resolve("ratio.step", this, other) is None  # nothing can be divided by the twin's 0
    with pytest.raises(UnknownQuantity, match="there is no twin"):
        resolve("twin.loss", this)


def test_names_are_the_same_in_every_scenario_of_one_network() -> None:
    architecture = loaded(BATCHES).problem.architecture
    assert "factor.h2.norm.project" in vocabulary.quantities(architecture)
    assert "factor.h1.weight" not in vocabulary.quantities(architecture)  # the input needs no gradient
