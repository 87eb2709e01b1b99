"""Networks on which each rule of the line of why must speak, ones on which it must not, and what it says there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_text
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.views.panes.why import RULES

CHAIN = """
version: 1
title: chain
network:
  layers:
    - {name: a, units: 1, weight: [[1.1]], bias: false}
    - {name: b, units: 1, weight: [[0.9]], bias: false}
    - {name: c, units: 1, weight: [[1.3]], bias: false}
  batch_norm: {enabled: false}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.3}
"""
WIDE = """
version: 1
title: wide
network:
  layers:
    - {name: h, units: 4, activation: relu}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 32}}
training: {learning_rate: 0.05}
"""
TURNING = """
version: 1
title: a unit with two weights, whose signal lies along x̂
network:
  layers: [{name: a, units: 1, weight: [[1.0, 0.5]], bias: false}]
  batch_norm: {enabled: true}
data: {inputs: [[1, 0], [-1, 0], [0, 1], [0, -1]], targets: [[2], [-2], [1], [-1]]}
training: {learning_rate: 0.1}
"""

ONE_LAYER = """
version: 1
title: a layer of two units
network:
  layers:
    - {name: h, units: 2, activation: tanh, bias: false}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 8}}
training: {learning_rate: 0.05}
"""

BN_ON = {"set": {"batch_norm": True}}


def kind(name: str) -> dict[str, object]:
    """The switch to a kind of normalization."""
    return {"set": {"normalization": name}}


EVALUATED = {"set": {"mode": "eval"}}
WITH_BIAS = "network.layers=[{name: c, units: 1, weight: [[1.3]]}]"
SIGMOID = "network.layers.0.activation=sigmoid"
DEAD = {"set": {"weights": {"h.bias": [-99.0, -99.0, -99.0, -99.0]}}}
ALL_BUT_ONE_DEAD = {"set": {"weights": {"h.bias": [*[-99.0] * 4, 1.0]}}}
FIVE = ("network.layers.0.units=5",)
SATURATED = {"set": {"weights": {"h.bias": [9.0, 9.0, -9.0, 0.0]}}}
TWO_SAMPLES = ("data.inputs=[[0.5], [1.0]]", "data.targets=[[1.5], [3.0]]")

Actions = Sequence[Mapping[str, object]]
Run = tuple[str, Actions, tuple[str, ...]]

SPEAKS: dict[str, list[Run]] = {
    "parted from the twin": [(CHAIN, [{"twin": {}}, {"step": 4}], ()), (CHAIN, [BN_ON, {"twin": {}}, {"step": 4}], ())],
    "diverged": [(CHAIN, [{"step": 9}], ())],
    "evaluation mode": [
        (CHAIN, [BN_ON, {"set": {"mode": "eval"}}], ()),
        *((CHAIN, [kind(name), EVALUATED], ()) for name in ("batch_centre", "batch_scale", "batch_norm_detached")),
    ],
    "batch of two": [(CHAIN, [BN_ON], TWO_SAMPLES)],
    "two units": [(ONE_LAYER, [kind("layer_norm")], ()), (WIDE, [kind("group_norm")], ())],
    "left out of the gradient": [(WIDE, [kind("batch_norm_detached"), {"step": 1}], ())],
    "dead layer": [(WIDE, [DEAD], ()), (WIDE, [DEAD], ("network.layers.0.batch_norm={placement: after_activation}",))],
    "variance below epsilon": [
        (CHAIN, [BN_ON], ("network.layers.0.weight=[[1e-4]]",)),
        *((WIDE, [kind(name), {"scale": {"layer": "h", "by": 1e-6}}], ()) for name in ("batch_scale", "layer_norm", "rms_norm", "group_norm")),
    ],
    "learned to rounding": [(CHAIN, [BN_ON, {"set": {"learning_rate": 1.0}}, {"step": 300}], ())],
    "overshoot": [(CHAIN, [{"step": 1}], ("training.learning_rate=1.5",))],
    "taken above": [(CHAIN, [BN_ON, {"focus": {"layer": "a"}}], ()), (CHAIN, [BN_ON, {"focus": {"layer": "b"}}], ())],
    "only scale": [(CHAIN, [BN_ON, {"focus": {"layer": "c"}}], ()), (CHAIN, [BN_ON, {"scale": {"layer": "c", "by": 1e5}}, {"focus": {"layer": "c"}}], ()), (CHAIN, [kind("batch_scale"), {"focus": {"layer": "c"}}], ()), (CHAIN, [kind("rms_norm"), {"focus": {"layer": "c"}}], ())],
    "only gamma": [(CHAIN, [kind("weight_norm"), {"focus": {"layer": "c"}}], ()), (WIDE, [kind("weight_norm"), {"focus": {"layer": "h"}}], ())],
    "along x̂": [(TURNING, [], ()), (TURNING, [kind("weight_norm")], ("data.inputs=[[1, 0.5], [-1, -0.5], [2, 1], [-2, -1]]",))],
    "many dead units": [(WIDE, [ALL_BUT_ONE_DEAD], FIVE)],
    "saturation": [(WIDE, [SATURATED], (SIGMOID,)), (WIDE, [SATURATED], ("network.layers.0.activation=tanh",))],
    "standing still": [(WIDE, [{"set": {"learning_rate": 1e-9}}, {"step": 1}], ()), (WIDE, [DEAD, {"step": 300}], ())],
    "the step": [(WIDE, [{"step": 1}], ()), (WIDE, [{"step": 2}, {"back": 1}], ()), (WIDE, [{"step": 1}, {"focus": {"layer": "head"}}], ())],
    "the moment": [(WIDE, [], ()), (CHAIN, [BN_ON, {"step": 3}, {"reset": True}], ())],
}

SILENT: dict[str, list[Run]] = {
    "parted from the twin": [(WIDE, [{"twin": {}}, {"step": 4}], ()), (CHAIN, [{"twin": {"learning_rate": 0.4}}, {"step": 9}], ())],
    "diverged": [(CHAIN, [BN_ON, {"step": 9}], ()), (CHAIN, [{"step": 9}, {"back": 9}], ())],
    "evaluation mode": [
        (CHAIN, [{"set": {"mode": "eval"}}], ()),
        (CHAIN, [BN_ON], ()),
        *((WIDE, [kind(name), EVALUATED], ()) for name in ("layer_norm", "rms_norm", "group_norm", "weight_norm")),
    ],
    "two units": [
        (WIDE, [kind("layer_norm")], ()),  # over four
        (ONE_LAYER, [kind("rms_norm")], ()),  # no mean is taken away
        (ONE_LAYER, [BN_ON], ()),
        (ONE_LAYER, [kind("layer_norm"), {"scale": {"layer": "h", "by": 1e-6}}], ()),
    ],
    "left out of the gradient": [
        (WIDE, [BN_ON, {"step": 1}], ()),
        (WIDE, [kind("batch_norm_detached")], ()),  # no step was made
        (WIDE, [kind("batch_norm_detached"), EVALUATED, {"step": 1}], ()),
    ],
    "batch of two": [
        *((CHAIN, [kind(name)], TWO_SAMPLES) for name in ("batch_centre", "batch_scale", "batch_norm_detached", "weight_norm")),
        (ONE_LAYER, [kind("layer_norm")], ("data.generator.samples=2",)),
        (CHAIN, [BN_ON], ()),
        (CHAIN, [], TWO_SAMPLES),
        (CHAIN, [BN_ON, {"set": {"mode": "eval"}}], TWO_SAMPLES),
        (CHAIN, [BN_ON], (*TWO_SAMPLES, "network.layers.0.weight=[[1e-4]]")),  # v is below ε: P is not zero
    ],
    "dead layer": [(WIDE, [ALL_BUT_ONE_DEAD], FIVE), (WIDE, [SATURATED], (SIGMOID,)), (WIDE, [DEAD, BN_ON], ())],  # which revives
    "variance below epsilon": [
        (CHAIN, [BN_ON], ()),
        (WIDE, [kind("layer_norm")], ()),
        *((WIDE, [kind(name), {"scale": {"layer": "h", "by": 1e-6}}], ()) for name in ("batch_centre", "batch_norm_detached", "weight_norm")),
        (CHAIN, [BN_ON, {"set": {"mode": "eval"}}], ("network.layers.0.weight=[[1e-4]]",)),
        (WIDE, [BN_ON, {"set": {"weights": {"h.weight": [[1e-6], [1.0], [1.0], [1.0]]}}}], ()),  # of one unit of four
    ],
    "learned to rounding": [(CHAIN, [BN_ON, {"set": {"learning_rate": 1.0}}, {"step": 1}], ()), (WIDE, [{"step": 1}], ())],
    "overshoot": [
        (CHAIN, [{"step": 1}], ("training.learning_rate=0.01",)),
        (CHAIN, [{"step": 1}, {"set": {"learning_rate": 0.1}}], ("training.learning_rate=1.5",)),  # something was done since
        (WIDE, [DEAD, {"step": 300}], ()),  # what J does there is rounding
    ],
    "taken above": [
        (CHAIN, [BN_ON, {"focus": {"layer": "c"}}], ()),
        (CHAIN, [{"focus": {"layer": "a"}}], ()),
        (CHAIN, [BN_ON, {"scale": {"layer": "c", "by": 1e5}}, {"focus": {"layer": "c"}}], ()),
    ],
    "only scale": [
        *((CHAIN, [kind(name), {"focus": {"layer": "c"}}], ()) for name in ("batch_centre", "batch_norm_detached", "weight_norm")),
        (CHAIN, [kind("batch_scale"), {"set": {"weights": {"c.bias": [[0.5]]}}}], (WITH_BIAS,)),
        (WIDE, [BN_ON], ()),  # four units with a weight each, of which none stands alone
        (TURNING, [], ()),
        (CHAIN, [{"focus": {"layer": "c"}}], ()),
        (CHAIN, [BN_ON, {"focus": {"layer": "c"}}, {"set": {"weights": {"c.gamma": [[0.0]]}}}], ("data.targets=[[0], [0], [0]]",)),
        (CHAIN, [BN_ON, {"focus": {"layer": "c"}}, {"set": {"mode": "eval"}}], ()),
        (CHAIN, [BN_ON, {"focus": {"layer": "c"}}], ("network.layers.2.weight=[[1e-4]]",)),
    ],
    "only gamma": [
        (TURNING, [kind("weight_norm")], ()),  # a row of two numbers turns
        (CHAIN, [BN_ON, {"focus": {"layer": "c"}}], ()),
        (CHAIN, [{"focus": {"layer": "c"}}], ()),
    ],
    "along x̂": [
        (TURNING, [kind("batch_centre")], ()),
        (TURNING, [kind("batch_norm_detached")], ()),
        (TURNING, [], ("data.targets=[[2], [1], [1], [-1]]",)),
        (WIDE, [DEAD, {"set": {"batch_norm": ["head"]}}, {"focus": {"layer": "h"}}], ()),
        (CHAIN, [BN_ON, {"focus": {"layer": "a", "sample": 0}}], ()),
    ],
    "many dead units": [(WIDE, [], ()), (WIDE, [], (SIGMOID,)), (WIDE, [{"set": {"weights": {"h.bias": [-99.0, -99.0, -99.0, 1.0]}}}], ())],
    "saturation": [(WIDE, [], (SIGMOID,)), (WIDE, [DEAD], ())],  # a ReLU does not saturate: it is dead
    "standing still": [(WIDE, [{"step": 1}], ()), (WIDE, [{"set": {"learning_rate": 1e-9}}, {"step": 1}, {"reset": True}], ())],
    "the step": [
        (WIDE, [], ()),
        (WIDE, [{"step": 1}, {"set": {"learning_rate": 0.01}}, {"twin": {}}], ()),
        (WIDE, [{"step": 1}, {"scale": {"layer": "h", "by": 2}}], ()),
        (WIDE, [{"step": 1}, {"reset": True}], ()),
        (WIDE, [{"step": 1}, {"set": {"learning_rate": 0.01}}, {"step": 1}, {"back": 1}], ()),
    ],
}


def seen(text: str, actions: Actions, settings: tuple[str, ...] = ()) -> Snapshot:
    """What is seen after the actions; where a run diverges its steps end."""
    session = Session(read_text(text, "test", None, settings))
    for action in actions:
        try:
            session.do(parse_action(action))
        except Refusal:
            assert session.observe().diverged
    return session.observe(Detail(orders=True))


def said(rule: str, run: Run) -> str | None:
    """What a rule says after a run, whether or not a more important one speaks."""
    found = next(each for each in RULES if each.name == rule)
    return found.say(seen(*run), found.threshold)
