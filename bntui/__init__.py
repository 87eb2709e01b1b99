"""bntui: a terminal explorer of batch normalization, and what a notebook or a script may take of it.

Nothing is imported before it is asked for: the program itself starts with this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bntui.api import Curve, Error, Factor, RateSweep, Refusal, Run, ScenarioError, load, names

__all__ = ["Curve", "Error", "Factor", "RateSweep", "Refusal", "Run", "ScenarioError", "__version__", "load", "names"]


def __dir__() -> list[str]:
    """What is public, for whoever presses tab in a notebook."""
    return __all__


def __getattr__(name: str) -> object:
    """What is public, looked up at its first use. Raises AttributeError."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - as above

        return version("bntui")
    if name in __all__:
        from bntui import api  # noqa: PLC0415 - as above

        return getattr(api, name)
    raise AttributeError(f"module 'bntui' has no attribute '{name}'")
