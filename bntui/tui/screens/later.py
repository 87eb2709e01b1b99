"""What is loaded when the first screen is there, so that it has not waited for it."""

from __future__ import annotations

import gc


def load_charts() -> None:
    """Import all that draws charts: it takes longer than the numbers, which are on the screen first.

    It has the memory of what the start has left behind, which nothing has looked for until now.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
        gc.freeze()
    from bntui.views.drawing import canvas  # noqa: PLC0415 - see the docstring
    from bntui.views.panes import charts  # noqa: F401, PLC0415 - see the docstring

    canvas.library()
