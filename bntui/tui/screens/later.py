"""What is loaded when the first screen is there, so that it has not waited for it."""

from __future__ import annotations


def load_charts() -> None:
    """Import all that draws charts: it takes longer than the numbers, which are on the screen first."""
    from bntui.views.drawing import canvas  # noqa: PLC0415 - see the docstring
    from bntui.views.panes import activations, charts, fit, history, meters  # noqa: F401, PLC0415 - see the docstring

    canvas.library()
