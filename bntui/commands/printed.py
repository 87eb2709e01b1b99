"""Frames and surveys without a screen: observed or computed, as text or JSON, with a bar on a terminal while it takes long."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TextIO, TypeVar

from bntui.commands import streams
from bntui.commands.command import GOOD, INTERRUPTED, UsageError
from bntui.scenario.model.actions import Page, Shown
from bntui.scenario.text.formats import as_json
from bntui.session.session import Session
from bntui.session.survey.results import growth_record, landscape_record, sweep_record
from bntui.session.survey.surveying import GrowthPlan, growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import plan_for, sweep
from bntui.session.survey.swept import Plan, Sweep
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.kinds import VIEWS
from bntui.views.pages.landscape_page import growth_page, landscape_page
from bntui.views.pages.sweep_page import page, progress_bar
from bntui.views.screen.frame import frame_detail, frame_lines
from bntui.views.text.lines import plain, text_of

FRAME = Size(80, 24)
LEAST = Size(40, 12)
BAR = 60
PAUSE = 0.1  # seconds between two drawings of the bar


class Growing(Protocol):
    """A result that is complete at `progress` 1."""

    @property
    def progress(self) -> float: ...


Result = TypeVar("Result", bound=Growing)


class CutOff(KeyboardInterrupt):
    """Ctrl-C in work whose result so far is worth something; `text` says it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def print_page(text: Callable[[], str], file: TextIO | None = None) -> int:
    """Print what a page says, or write it to a file; the exit status. Raises UsageError where it has no room or cannot be."""
    try:
        print(text(), file=file)
    except CutOff as cut:
        print(cut.text, file=file)
        return INTERRUPTED
    except ValueError as error:
        raise UsageError(str(error)) from error
    return GOOD


def print_frame(session: Session, ascii: bool) -> int:
    """Print the screen as it is where there is no terminal; the exit status."""
    return print_page(lambda: frame_text(session, FRAME, ascii))


def print_survey(
    options: argparse.Namespace, text: Callable[[Size | None, bool], str], file: TextIO | None = None
) -> int:
    """Print a survey as a page of the size, or as JSON, as the options ask, or write it to a file; the exit status.

    Raises UsageError.
    """
    if options.json and file is None:
        streams.print_data(sys.stdout)
    size = None if options.json else Size(*options.size)
    ascii = options.ascii if file is not None else streams.ascii_alone(options.ascii)
    return print_page(lambda: text(size, ascii), file)


def sweep_text(session: Session, plan: Plan, size: Size | None, ascii: bool, bar: TextIO) -> str:
    """A sweep from where the session stands, as a page of that size; as JSON without a size.

    Raises Refusal, ValueError, and on Ctrl-C CutOff with what is known by then.
    """
    results = sweep(session.situation(), plan)

    def drawn(made: Sweep, room: Size) -> Lines:
        return page(made, room, ascii=ascii, stopped=not made.finished)

    return _text(results, sweep_record, drawn, size, bar, keep=True)


def landscape_text(session: Session, size: Size | None, ascii: bool, bar: TextIO) -> str:
    """The landscape about the session's state, as a page of that size; as JSON without a size. Raises Refusal, ValueError."""
    return _text(
        landscape(session.situation()), landscape_record, lambda made, room: landscape_page(made, room, ascii), size, bar
    )


def growth_text(session: Session, plan: GrowthPlan, size: Size | None, ascii: bool, bar: TextIO) -> str:
    """The growth of gradients with depth, as a page of that size; as JSON without a size. Raises ValueError."""
    return _text(
        survey_growth(session.situation(), plan), growth_record, lambda made, room: growth_page(made, room, ascii), size, bar
    )


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
    if view == "sweep":
        return sweep_text(session, plan_for(session.situation()), size, ascii, bar)
    if view == "landscape":
        return landscape_text(session, size, ascii, bar)
    if view == "growth":
        return growth_text(session, growth_plan(session.situation()), size, ascii, bar)
    return frame_text(session, size, ascii, view if VIEWS[view].printed else "layers")


def _text(
    results: Iterator[Result],
    record: Callable[[Result], Mapping[str, object]],
    drawn: Callable[[Result, Size], Lines],
    size: Size | None,
    bar: TextIO,
    keep: bool = False,
) -> str:
    if size is not None and (size.width < LEAST.width or size.height < LEAST.height):
        raise ValueError(f"a page needs at least {LEAST.width} columns and {LEAST.height} rows")
    made, whole = _watched(results, bar, keep)
    text = as_json(record(made)) if size is None else text_of(drawn(made, size))
    if not whole:
        raise CutOff(text)
    return text


def _watched(results: Iterator[Result], bar: TextIO, keep: bool) -> tuple[Result, bool]:
    """The last result; on a terminal a bar shows how far it is. Whether it is whole: Ctrl-C may `keep` what there is."""
    shown = bar.isatty()
    told, whole = 0.0, True
    made = next(results)
    try:
        for made in results:
            if shown and time.perf_counter() - told > PAUSE:
                told = time.perf_counter()
                bar.write(f"\r{plain(progress_bar(made.progress, BAR, ascii=True)).replace('esc', 'ctrl+c')}")
                bar.flush()
    except KeyboardInterrupt:
        if not keep:
            raise
        whole = False
    if shown:
        bar.write(f"\r{' ' * (BAR + 8)}\r")
        bar.flush()
    return made, whole
