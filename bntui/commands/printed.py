"""Frames and surveys without a screen: observed or computed, as text or data, with a bar on a terminal while it takes long."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TextIO, TypeVar

from bntui.commands import streams
from bntui.commands.command import GOOD, INTERRUPTED, UsageError, complain
from bntui.commands.progress import Progress
from bntui.commands.typed import form_of
from bntui.records import dataclass
from bntui.scenario.model.actions import Page, Shown
from bntui.scenario.text.files import output
from bntui.scenario.text.formats import as_json
from bntui.session.session import Session
from bntui.session.survey.results import growth_record, landscape_record, sweep_record, sweep_table
from bntui.session.survey.surveying import GrowthPlan, GrowthSurvey, Landscape, growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import plan_for, sweep
from bntui.session.survey.swept import Plan, Sweep
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.kinds import VIEWS
from bntui.views.pages.landscape_page import growth_page, landscape_page
from bntui.views.pages.sweep_page import page
from bntui.views.screen.frame import frame_detail, frame_lines
from bntui.views.text.lines import require_page, text_of

FRAME = Size(80, 24)


class Growing(Protocol):
    """A result that is complete at `progress` 1."""

    @property
    def progress(self) -> float: ...


Result = TypeVar("Result", bound=Growing)


@dataclass(frozen=True, slots=True)
class Form:
    """As what a survey is printed: a page of some size, in ASCII or not, or the data."""

    name: str
    size: Size
    ascii: bool


class CutOff(KeyboardInterrupt):
    """Ctrl-C in work whose result so far is worth something; `text` says it, `share` how much of it is done."""

    def __init__(self, text: str, share: float) -> None:
        super().__init__(text)
        self.text = text
        self.share = share


def print_page(text: Callable[[], str], file: TextIO | None = None) -> int:
    """Print what a page says, or write it to a file; the exit status. Raises UsageError where it has no room or cannot be."""
    try:
        print(text(), file=file)
    except CutOff as cut:
        print(cut.text, file=file)
        complain(f"bntui: stopped at {100 * cut.share:.0f} %; what was done by then is all there is")
        return INTERRUPTED
    except ValueError as error:
        raise UsageError(str(error)) from error
    return GOOD


def print_frame(session: Session, ascii: bool) -> int:
    """Print the screen as it is where there is no terminal; the exit status."""
    view = session.view if VIEWS[session.view].printed else "layers"
    return print_page(lambda: frame_text(session, FRAME, ascii, view))


def print_survey(options: argparse.Namespace, text: Callable[[Form], str], read: Iterable[Path]) -> int:
    """Print a survey in the form that the options ask for, or write it to their file; the exit status.

    `read` are the files that are being read. Raises UsageError, CannotWrite.
    """
    name = form_of(options.form, options.output, options.forms) or "page"
    ascii = options.ascii if options.output is not None else streams.ascii_alone(options.ascii)
    form = Form(name, Size(*options.size), ascii)
    if options.output is not None:
        with output(Path(options.output), read, options.force) as file:
            return print_page(lambda: text(form), file)
    if name != "page":
        streams.print_data(sys.stdout)
    return print_page(lambda: text(form))


def sweep_text(session: Session, plan: Plan, form: Form, bar: TextIO) -> str:
    """A sweep from where the session stands. Raises Refusal, ValueError, and on Ctrl-C CutOff with what is known by then."""

    def said(made: Sweep) -> str:
        if form.name == "csv":
            return "".join(sweep_table(made)).rstrip("\n")
        if form.name == "json":
            return as_json(sweep_record(made))
        return text_of(page(made, form.size, ascii=form.ascii, stopped=not made.finished))

    return _text(sweep(session.situation(), plan), said, form, bar)


def landscape_text(session: Session, form: Form, bar: TextIO) -> str:
    """The landscape about the session's state. Raises Refusal, ValueError, and on Ctrl-C CutOff with what is known by then."""

    def said(made: Landscape) -> str:
        if form.name == "json":
            return as_json(landscape_record(made))
        return text_of(landscape_page(made, form.size, form.ascii, stopped=not made.finished))

    return _text(landscape(session.situation()), said, form, bar)


def growth_text(session: Session, plan: GrowthPlan, form: Form, bar: TextIO) -> str:
    """The growth of gradients with depth. Raises ValueError, and on Ctrl-C CutOff with what is known by then."""

    def said(made: GrowthSurvey) -> str:
        if form.name == "json":
            return as_json(growth_record(made))
        return text_of(growth_page(made, form.size, form.ascii, stopped=not made.finished))

    return _text(survey_growth(session.situation(), plan), said, form, bar)


def frame_text(session: Session, size: Size, ascii: bool, view: Shown = "layers") -> str:
    """The screen of where the session stands, with a view in it, as text. Raises ValueError where it has no room."""
    return text_of(screen(session, size, ascii, view))


def screen(session: Session, size: Size, ascii: bool, view: Shown = "layers") -> Lines:
    """The screen of where the session stands, with a view in it; a view of a page of its own is not drawn.

    Raises ValueError where it has no room.
    """
    detail = frame_detail(session.experiment.architecture, size.width, size.height, view, session.experiment.scores_quickly)
    return frame_lines(session.observe_all(detail), size.width, size.height, ascii, view)


def view_text(session: Session, view: Shown | Page, size: Size, ascii: bool, bar: TextIO) -> str:
    """What a view shows of where the session stands, as text: a page of its own, or the frame with the view in it."""
    form = Form("page", size, ascii)
    if view == "sweep":
        return sweep_text(session, plan_for(session.situation()), form, bar)
    if view == "landscape":
        return landscape_text(session, form, bar)
    if view == "growth":
        return growth_text(session, growth_plan(session.situation()), form, bar)
    return frame_text(session, size, ascii, view if VIEWS[view].printed else "layers")


def _text(results: Iterator[Result], said: Callable[[Result], str], form: Form, bar: TextIO) -> str:
    if form.name == "page":
        require_page(form.size)
    made = next(results)
    with Progress(bar) as progress:
        try:
            for made in results:
                progress.tell(made.progress)
        except KeyboardInterrupt:
            raise CutOff(said(made), made.progress) from None
    return said(made)
