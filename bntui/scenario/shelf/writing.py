"""A scenario back to YAML."""

from __future__ import annotations

import yaml

from bntui.scenario.model.scenario import Scenario
from bntui.scenario.text.scalars import FLOAT, INTEGER


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
