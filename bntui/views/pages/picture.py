"""The picture that a beat of a lesson opens, as a page."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.session.survey.surveying import GrowthSurvey, Landscape
from bntui.session.survey.swept import Sweep
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.pages.landscape_page import growth_page, landscape_page
from bntui.views.pages.sweep_page import page


def picture_page(
    result: Sweep | Landscape | GrowthSurvey, size: Size, ascii: bool = False, stopped: bool = False, lit: Sequence[str] = ()
) -> Lines:
    """A sweep, a landscape or the growth with depth at exactly this size; what says a quantity that is `lit` is marked."""
    if isinstance(result, Sweep):
        return page(result, size, ascii=ascii, stopped=stopped, lit=lit)
    if isinstance(result, GrowthSurvey):
        return growth_page(result, size, ascii, stopped, lit)
    return landscape_page(result, size, ascii, stopped, lit)
