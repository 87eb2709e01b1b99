"""Small scenarios for the tests of this room and of the faces, and what a test asks of a session."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import library
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

CHAIN = """
version: 1
title: Goodfellow's chain
network:
  layers:
    - {name: a, units: 1, weight: [[1.1]], bias: false}
    - {name: b, units: 1, weight: [[0.9]], bias: false}
    - {name: c, units: 1, weight: [[1.3]], bias: false}
    - {name: d, units: 1, weight: [[0.8]], bias: false}
    - {name: e, units: 1, weight: [[1.2]], bias: false}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.3}
"""

SLOW_CHAIN = CHAIN.replace("0.3}", "0.01}")  # it settles

# everything that a step may depend on: mini-batches, momentum, rates of their own, a head that stays out
BATCHES = """
version: 1
title: Mini-batches
network:
  layers:
    - {name: h1, units: 3, activation: tanh}
    - {name: h2, units: 2, activation: sigmoid, batch_norm: {placement: after_activation}}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 22, seed: 3}}
training: {learning_rate: 0.1, learning_rates: {"*.gamma": 0.03}, momentum: 0.8, batch_size: 6, seed: 5}
"""

# classes, mini-batches, held-out data, standardized inputs
BLOBS = """
version: 1
title: Three clouds
network:
  layers:
    - {name: h, units: 5, activation: tanh}
    - {name: head, units: 3, batch_norm: false}
  batch_norm: {enabled: true}
data: {generator: {name: blobs, samples: 60, seed: 1, noise: 2}, validation: 0.25, standardize: true}
cost: cross_entropy
training: {learning_rate: 0.2, batch_size: 9}
"""
# a batch of one sample, and a layer whose BN has neither γ nor β: two things that are refused
REFUSING = """
version: 1
title: Refusing
network:
  layers:
    - {name: h, units: 2, activation: relu, batch_norm: {affine: false}}
    - {name: head, units: 1}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.1}
"""


def loaded(text: str, *changes: str) -> Loaded:
    """The scenario in a text, with settings PATH=VALUE."""
    return read_text(text, "test.yaml", None, changes)


def session(text: str, *changes: str) -> Session:
    """A session of the scenario in a text, with settings PATH=VALUE."""
    return Session(loaded(text, *changes))


def shelved(name: str, *actions: Mapping[str, Any]) -> Session:
    """A session of the library after some actions; one that diverges stays where it did."""
    at = Session(read_file(library.find(name)))
    with suppress(Refusal):
        do(at, *actions)
    return at


def do(at: Session, *actions: Mapping[str, Any]) -> Session:
    """Take actions, each written as in a lesson."""
    for action in actions:
        at.do(parse_action(action))
    return at


def both(at: Session) -> tuple[Any, ...]:
    """All that the moment at hand is and its twin, bit by bit; None where there is no twin."""
    moment = at.history.moment
    return (bits(moment), None if moment.twin is None else bits(moment.twin))


def bits(moment: Moment) -> tuple[Any, ...]:
    """All that a moment is, its arrays bit by bit."""
    state = moment.state
    arrays = (state.theta.tobytes(), *(vector.tobytes() for vector in state.memory), state.running.tobytes())
    kinds = sorted((layer, kind.name) for layer, kind in state.structure.kinds)
    structure = (sorted(state.structure.normalized), sorted(state.structure.biased), kinds)
    settings = (moment.kind, moment.learning_rate, moment.rates_by_name, moment.optimizer, moment.mode, moment.switching)
    return moment.step, *settings, *structure, *arrays


def held_over(examples: int) -> settings:
    """The same examples in every run: a red test is red for everybody."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


@st.composite
def scenarios(draw: st.DrawFn, affine: tuple[bool, ...] = (True, False)) -> str:
    """The text of a small scenario: 1–3 layers of 1–3 units, with or without mini-batches, momentum and BN."""
    layers = []
    for place in range(1, draw(st.integers(1, 3)) + 1):
        norm = {
            "placement": draw(st.sampled_from(("before_activation", "after_activation"))),
            "affine": draw(st.sampled_from(affine)),
            "epsilon": draw(st.sampled_from((1e-5, 1e-2))),
        }
        layers.append(
            {
                "name": f"l{place}",
                "units": draw(st.integers(1, 3)),
                "activation": draw(st.sampled_from(tuple(ACTIVATIONS))),
                "bias": draw(st.booleans()),
                "batch_norm": draw(st.sampled_from((norm, norm, False))),
            }
        )
    samples = draw(st.integers(4, 9))
    data = {"name": "gaussian", "samples": samples, "seed": draw(st.integers(0, 99)), "inputs": 2}
    training = {
        "learning_rate": draw(st.sampled_from((0.01, 0.1, 1.0))),
        "momentum": draw(st.sampled_from((0.0, 0.9))),
        "batch_size": draw(st.sampled_from(("full", 3))),
        "learning_rates": draw(st.sampled_from(({}, {"l1.*": 0.05}))),
    }
    network = {"layers": layers, "init": {"scheme": "he", "seed": draw(st.integers(0, 99))}}
    network["batch_norm"] = {"enabled": draw(st.booleans())}
    data["outputs"] = layers[-1]["units"]
    return json.dumps(
        {
            "version": 1,
            "title": "random",
            "network": network,
            "data": {"generator": data},
            "training": training,
            "switching": draw(st.sampled_from(("reset", "preserve"))),
        }
    )


# what changes the settings or the weights of such a scenario
CHANGES = st.one_of(
    st.builds(lambda rate: {"set": {"learning_rate": rate}}, st.sampled_from((0.001, 0.05, 3.0))),
    st.builds(lambda rate: {"set": {"learning_rates": {"l1.*": rate}}}, st.sampled_from((0.0, 0.2))),
    st.builds(lambda value: {"set": {"momentum": value}}, st.sampled_from((0.0, 0.5))),
    st.builds(lambda layers: {"set": {"batch_norm": layers}}, st.one_of(st.booleans(), st.just(["l1"]))),
    st.builds(lambda kind: {"set": {"normalization": kind}}, st.sampled_from(("none", *NORMALIZATIONS))),
    st.builds(lambda how: {"set": {"switching": how}}, st.sampled_from(("reset", "preserve"))),
    st.builds(lambda mode: {"set": {"mode": mode}}, st.sampled_from(("train", "eval"))),
    st.builds(lambda by: {"scale": {"layer": "l1", "by": by}}, st.sampled_from((10, 0.1, -1))),
)
