"""What `import bntui` gives: scenarios run and surveyed from Python, numbers as numpy arrays, screens in a notebook.

A run speaks the same actions and knows the same quantities as the program; docs/python.md shows it at work.
"""

from __future__ import annotations

from bntui.api.loading import load, names
from bntui.api.rates import Curve, RateSweep
from bntui.api.run import Run
from bntui.maths.chain import Factor
from bntui.scenario.text.complaints import Error, ScenarioError
from bntui.session.run.refusal import Refusal

__all__ = ["Curve", "Error", "Factor", "RateSweep", "Refusal", "Run", "ScenarioError", "load", "names"]
