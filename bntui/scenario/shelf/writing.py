"""A scenario as YAML: a validated one written back, and a commented one to start from."""

from __future__ import annotations

import yaml

from bntui.maths.architecture import PLACEMENTS
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.maths.kinds.schedules import SCHEDULES
from bntui.scenario.model.scenario import SIZES, Scenario
from bntui.scenario.model.sources import GENERATORS
from bntui.scenario.text.document import FLOAT, INTEGER

SCHEMA_FILE = "scenario.schema.json"


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1 or 1.2 would read as anything but text."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", INTEGER, list("-+0123456789"))


def to_yaml(scenario: Scenario) -> str:
    """The scenario as YAML that reads back as the same scenario; only what was set."""
    text: str = yaml.dump(
        scenario.mapping(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    return text


def _schemes() -> str:
    """The schemes of first weights, by the size that each has."""
    schemes = {size: [scheme for scheme in SIZES if SIZES[scheme] == size] for size in SIZES.values()}
    return "; ".join(f"{', '.join(names)}: {size}" for size, names in schemes.items())


TEMPLATE = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# `bntui schema` prints that file; `bntui check` tells every mistake in this one; docs/scenarios.md has every key.
version: 1
title: My scenario
summary: A sentence or two about what there is to see.

network:
  layers:                        # from the input to the output
    - {{name: h1, units: 8, activation: relu}}     # {', '.join(ACTIVATIONS)}
    - {{name: h2, units: 8, activation: relu}}
    - {{name: head, units: 1, batch_norm: false}}  # stays out when BN is switched everywhere
  batch_norm:
    enabled: false               # who starts with BN: true, false or a list of layers
    # placement: {'   # or '.join(PLACEMENTS)}
    # epsilon: 1e-5
    # momentum: 0.1
    # affine: true
  init: {{scheme: he, seed: 0}}    # {_schemes()}

data:                            # exactly one of generator, inputs with targets, csv
  generator: {{name: sine, samples: 32, seed: 0}}  # {', '.join(GENERATORS)}
  # inputs: [[0.5], [1.0], [2.0]]
  # targets: [[1.5], [3.0], [6.0]]
  # csv: {{file: data.csv, inputs: [first, second], targets: [third]}}   # beside this file; * fits many: [pixel_*]
  # standardize: true            # each input, by what is trained on; or a list of columns
  # validation: 0.2              # a share that is held out; or inputs with targets, generator, csv of its own

cost: half_mse                   # {', '.join(COSTS)}

training:
  learning_rate: 0.1
  # learning_rates: {{"*.gamma": 0.01, "head.*": 0.1}}   # by parameter name; the last match holds
  # momentum: 0.9
  # optimizer: adamw             # {', '.join(OPTIMIZERS)}
  # weight_decay: 0.01
  # weight_decays: {{"*.gamma": 0, "*.beta": 0, "*.bias": 0}}   # by parameter name
  # schedule: {{kind: cosine, steps: 200, warm_up: 10}}   # {', '.join(SCHEDULES)}
  batch_size: full               # or a number

switching: reset                 # a switch starts γ at 1, β at 0; preserve: no output moves
focus: {{layer: h1, sample: all}}

lesson:
  - say: "Twenty steps without BN: **J** falls from 0.812 to 0.101."
    note: "Notes are for the speaker's view only."
    do: {{step: 20}}
    expect: {{loss: {{about: 0.1011, within: 1%}}}}   # `bntui check --play` says whether it is so
  - ask: {{question: "With BN, will it fall further?", choices: ["yes", "no"], answer: 1, because: "To 0.0353."}}
    do: [{{reset: true}}, {{set: {{batch_norm: true}}}}, {{step: 20}}]
    expect: {{loss: {{about: 0.0353, within: 1%}}}}
    # sweep: {{over: "normalization=none,batch_norm"}}   # the picture that the beat opens; or landscape: true
"""
