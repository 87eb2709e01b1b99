"""What each pane of the screen says of a snapshot, at exactly its size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import get_args

from bntui.maths.architecture import Architecture
from bntui.records import dataclass
from bntui.scenario.model.actions import Shown
from bntui.scenario.model.showing import CHART, view_of
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.look.standing import LessonStanding
from bntui.views.drawing.rows import staircase_axis, staircase_limits
from bntui.views.kinds import EIGENVALUES, FORMULA, FORWARD, HISTORY, LAYERS, LEAST_ROWS, LESSON, LOSS, VIEWS, ViewKind, WidePlace
from bntui.views.panes import ledger as book
from bntui.views.panes.bar_notes import with_change, with_note, with_twin_mark
from bntui.views.panes.beat import beat_pane, page_count, progress, progress_rule, spelled
from bntui.views.panes.why import why
from bntui.views.screen.arrangement import GAP, LEAST_CHART_ROWS, STEP_ROWS, Arrangement, Rectangle, arrange, is_wide, left_half
from bntui.views.screen.header import header
from bntui.views.text.cells import LIT_MARK, in_ascii
from bntui.views.text.lines import Line, Lines, Size, Span, fitted, line_in_ascii, padded, paragraph, plain, whole_sentences

PLACES: tuple[WidePlace, ...] = get_args(WidePlace)
TABS_KEPT, ROWS_KEPT = 64, 128
LEAST_BARS = 10  # columns that the bars keep beside the twin's numbers


@dataclass(frozen=True, slots=True)
class Showing:
    """What the face itself adds: whether it runs and how fast, what is unfolded, which view is open, and how to draw.

    `limits` are the ledger's axis as it was last drawn; `charts` is False while the chart library is still being loaded.
    `page` is the page of the beat and `more_pages` says that there are others after it; `error` is what is wrong with the
    lesson's file as it was saved; `answering`: the question that waits there has just been answered.
    `pointed` is the layer that a speaker has selected where one follows and has selected another, "" else.
    """

    view: Shown = "layers"
    folding: book.Folding = "selected"
    formula: bool = False
    running: bool = False
    speed: str = ""
    busy: str = ""
    limits: tuple[float, float] | None = None
    ascii: bool = False
    charts: bool = True
    page: int = 0
    more_pages: bool = False
    error: str = ""
    answering: bool = False
    pointed: str = ""

    @property
    def opened(self) -> ViewKind:
        """The view that is open: the formula stands over another one."""
        return FORMULA if self.formula else VIEWS[self.view]


def detail_for(showing: Showing, arrangement: Arrangement, large: bool, scored: bool = True) -> Detail:
    """What has to be observed for the panes in view; of a large network the why line does without orders.

    The curvature takes longer than a frame and is measured apart. Without `scored` all of the data is too much for a frame.
    """
    views = [showing.opened, VIEWS[showing.view]]
    views += [VIEWS[view.drawing.beside] for view in views if view.drawing is not None and view.drawing.beside is not None]
    if arrangement.wide:
        views = [_view_at(place, each) for place in PLACES for each in (showing, replace(showing, formula=False))]
    details = [view.drawing.detail for view in views if view.drawing is not None]
    return Detail(
        orders=not large or any(detail.orders for detail in details),
        meters=any(detail.meters for detail in details),
        curvature=False,
        activations=any(detail.activations for detail in details),
        sizes=any(detail.sizes for detail in details),
        track=any(detail.track for detail in details),
        eigenvalues=any(detail.eigenvalues for detail in details),
        fit=any(detail.fit for detail in details),
        full=scored and any(detail.full for detail in details),
        validation=scored and any(detail.validation for detail in details),
        changed=True,
    )


def roomiest(
    architecture: Architecture, columns: int, rows: int, keys: bool = True, lesson: bool = False
) -> book.Folding:
    """All layers unfolded where the screen has room for them, else the selected one alone."""
    wanted = book.most_rows(architecture, "all")
    place = arrange(columns, rows, wanted, lesson=lesson, keys=keys)["ledger"]
    return "all" if place.height >= wanted else "selected"


def rows_of_view(snapshot: Snapshot, showing: Showing, columns: int, rows: int) -> tuple[int, int]:
    """The rows that the view that is open needs: in the panel of a narrow screen, and at the lower left of a wide one."""
    drawing = showing.opened.drawing
    if drawing is None:
        return LEAST_ROWS, STEP_ROWS
    at_foot = drawing.place == "lower_left" and is_wide(columns, rows)
    wanted = drawing.rows(snapshot, left_half(columns) if at_foot else columns, showing.ascii)
    return wanted, wanted if at_foot else STEP_ROWS


def render(snapshot: Snapshot, arrangement: Arrangement, showing: Showing) -> dict[str, Lines]:
    """The lines of every pane that is made of the snapshot alone, by name."""
    drawn = {name: PANES[name](snapshot, place, showing) for name, place in arrangement.panes if name in PANES}
    if arrangement.wide and _view_at("layers", showing) is FORWARD:
        drawn |= _beside_ledger(snapshot, arrangement, showing)
    elif arrangement.wide and _view_at("layers", showing) is not LAYERS:
        drawn["layers"] = _filled(drawn["layers"], LAYERS, snapshot, arrangement["layers"], showing)
    if not showing.ascii:
        return drawn
    return {name: tuple(line_in_ascii(line, arrangement[name].width) for line in pane) for name, pane in drawn.items()}


def _beside_ledger(snapshot: Snapshot, arrangement: Arrangement, showing: Showing) -> dict[str, Lines]:
    """The staircase of the forward pass beside the ledger's, in the place of J too where that stands below it."""
    upper, lower = arrangement["layers"], arrangement["loss"]
    if lower.column != upper.column:
        return {"layers": _filled(_drawn(FORWARD, snapshot, upper, showing), LAYERS, snapshot, upper, showing)}
    whole = replace(upper, height=upper.height + lower.height)
    lines = _filled(_drawn(FORWARD, snapshot, whole, showing), LOSS, snapshot, whole, showing)
    return {"layers": lines[: upper.height], "loss": lines[upper.height :]}


def _filled(lines: Lines, below: ViewKind, snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    """The lines of a view with another one below them, a blank row between, where they leave it the room of a chart."""
    used = max((number for number, line in enumerate(lines, 1) if plain(line).strip()), default=0) + 1
    if place.height - used < LEAST_CHART_ROWS:
        return lines
    return (*lines[:used], *_drawn(below, snapshot, replace(place, height=place.height - used), showing))


def ledger_limits(snapshot: Snapshot, previous: tuple[float, float] | None) -> tuple[float, float]:
    """The ledger's axis: what it was where that still holds every product, else anew."""
    twin = snapshot.comparable_twin
    chains = snapshot.chains + (() if twin is None else twin.chains)
    products = {factor.product for chain in chains for factor in chain.factors if not factor.rounding}  # most are in all chains
    return staircase_limits({1.0} | products, previous)


def _header(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    """Where one stands, and what is under way."""
    run = f"{'>' if showing.ascii else '▶'} {showing.speed}" if showing.running else ""
    return (header(snapshot, place.width, showing.busy or run, showing.ascii),)


def _ledger(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    rows = book.shortened(_pointed(book.rows(snapshot, showing.folding), showing.pointed), place.height - 1)
    twin = snapshot.twin is not None and place.width >= book.NUMBERS_WIDTH + book.TWIN_WIDTH + LEAST_BARS
    numbers = book.NUMBERS_WIDTH + (book.TWIN_WIDTH if twin else 0)
    bars = Size(place.width - numbers, len(rows))
    limits = showing.limits or ledger_limits(snapshot, None)
    if showing.charts:
        from bntui.views.drawing import canvas  # noqa: PLC0415 - the numbers do not wait for what draws

        axis: Line = staircase_axis(limits, bars.width)
        drawn = canvas.staircase([book.bar_ends(row) for row in rows], bars, limits, showing.ascii)
    else:
        axis, drawn = (Span(" " * bars.width),), ((Span(" " * bars.width),),) * len(rows)
    lines = [fitted((*book.heading(snapshot, twin), *axis), place.width)]
    for row, bar in zip(rows, drawn, strict=True):
        lines.append(_ledger_row(row, bar, twin, limits if showing.charts else None, place.width, showing.ascii))
    return (*lines[: place.height], *((Span(" " * place.width),),) * (place.height - len(lines)))


def _pointed(rows: tuple[book.Row, ...], layer: str) -> tuple[book.Row, ...]:
    """The rows, the first one of a layer that is pointed at lit."""
    return tuple(row._replace(lit=True) if row.opens_layer and row.layer == layer else row for row in rows) if layer else rows


@lru_cache(maxsize=ROWS_KEPT)
def _ledger_row(
    row: book.Row, bar: Line, twin: bool, limits: tuple[float, float] | None, width: int, ascii: bool
) -> Line:
    """A row with its numbers, its bar and what that leaves room for; most rows of a run are those of the step before."""
    marked = bar if limits is None else with_twin_mark(bar, row, limits, ascii)
    told = with_change(marked, row)
    return fitted((*book.row_line(row, twin, ascii), *(with_note(marked, row, ascii) if told == marked else told)), width)


def _panel(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    """The one pane of charts of a narrow screen: the view that is open, for one that is no chart the layers."""
    drawing = showing.opened.drawing
    if drawing is None or drawing.beside is None:
        return _drawn(LAYERS if drawing is None else showing.opened, snapshot, place, showing)
    half = (place.width - GAP) // 2
    left = _drawn(showing.opened, snapshot, Rectangle(0, 0, half, place.height), showing)
    right = _drawn(VIEWS[drawing.beside], snapshot, Rectangle(0, 0, place.width - GAP - half, place.height), showing)
    return tuple((*one, Span(" " * GAP), *other) for one, other in zip(left, right, strict=True))


def _drawn(view: ViewKind, snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    if view.drawing is None or (view.drawing.loads and not showing.charts):
        return padded([], place.width, place.height)
    lines = view.drawing.lines(snapshot, Size(place.width, place.height), showing.ascii)
    return _lit_chart(lines) if _is_lit(view, snapshot) else lines


def _is_lit(view: ViewKind, snapshot: Snapshot) -> bool:
    """Whether a lesson speaks of a chart, or of a quantity that has its number in no table."""
    if not snapshot.lit:
        return False
    read_off = view_of(snapshot.quantity) == "history" and snapshot.quantity in snapshot.lit
    directions = any(view_of(name) == EIGENVALUES.name for name in snapshot.lit)
    return (
        f"{CHART}{view.name}" in snapshot.lit or (view is HISTORY and read_off) or (view is EIGENVALUES and directions)
    )


def _lit_chart(lines: Lines) -> Lines:
    """A chart whose first row is lit, with the mark before it where a gap leaves room."""
    if not lines or not plain(lines[0]).strip():
        return lines
    text = plain(lines[0])
    if text.startswith(" "):
        text = f"{LIT_MARK}{text[1:]}"
    elif "  " in text:
        text = LIT_MARK + text.replace("  ", " ", 1)  # what stands behind the gap keeps its column
    said = text.rstrip()
    return ((Span(said, "lit"), Span(" " * (len(text) - len(said)))), *lines[1:])


def _view_at(place: WidePlace, showing: Showing) -> ViewKind:
    """What a wide screen shows at a place: what is open, if it belongs there, else the first that does."""
    at = [view for view in VIEWS.values() if view.drawing is not None and view.drawing.place == place]
    return next((view for view in (showing.opened, VIEWS[showing.view]) if view in at), at[0])


def _at(place: WidePlace) -> Callable[[Snapshot, Rectangle, Showing], Lines]:
    return lambda snapshot, rectangle, showing: _drawn(_view_at(place, showing), snapshot, rectangle, showing)


def _why(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    begin = (Span("why  ", "accent"),)
    said = in_ascii(why(snapshot), showing.ascii)
    return paragraph(begin, whole_sentences(said, place.width - 5, place.height), place.width, place.height)


def _tabs(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    lesson = snapshot.lesson
    told = None if lesson is None else _lesson_tab(lesson, showing)
    return (_tab_row(showing.opened.name, told, lesson is not None and lesson.number > 0, place.width),)


@lru_cache(maxsize=TABS_KEPT)
def _tab_row(opened: Shown, lesson: str | None, reading: bool, width: int) -> Line:
    """The views by key and name; where that is too long closer together, then the keys alone of those that are not open."""
    views = [view for view in VIEWS.values() if view.tab and (view is not LESSON or lesson is not None)]
    names = {view.name: f"{view.key} {view.tab}" for view in views}
    keys = {view.name: view.key for view in views}
    if lesson is not None:
        names[LESSON.name] = keys[LESSON.name] = lesson
    keys[opened] = names.get(opened, "")
    strong = {opened, LESSON.name} if reading else {opened}
    forms = [
        [_tab(texts[view.name], blank, view.name == opened, view.name in strong) for view in views]
        for texts, blank in ((names, " "), (names, ""), (keys, ""))
    ]
    fitting = (form for form in forms if sum(len(span.text) for span in form) <= width)
    return fitted(tuple(next(fitting, forms[-1])), width)


def _tab(text: str, blank: str, opened: bool, strong: bool) -> Span:
    return Span(f"[{text}]{'' if blank else ' '}" if opened else f"{blank}{text} ", "strong" if strong else "faint")


def _lesson_tab(lesson: LessonStanding, showing: Showing) -> str:
    """How far the lesson has come, and … where the beat has more pages than the one in view."""
    more = " …" if lesson.number and showing.more_pages else ""
    return f"{LESSON.key} {LESSON.tab} {progress(lesson)}{more}"


def _rule(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    """What a wide screen, which has no tabs, says of the progress."""
    if snapshot.lesson is None:
        return padded([], place.width, place.height)
    return (progress_rule(snapshot.lesson, place.width, showing.more_pages, showing.ascii),)


def _beat(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    if snapshot.lesson is None:
        return padded([], place.width, place.height)
    lesson = _read(snapshot.lesson, showing)
    return beat_pane(lesson, place.width, place.height, showing.page, in_ascii(showing.error, showing.ascii))


def _read(lesson: LessonStanding, showing: Showing) -> LessonStanding:
    """The lesson as it is read: nothing waits where the question has just been answered."""
    return spelled(replace(lesson, asking=False) if showing.answering else lesson, showing.ascii)


def beat_pages(snapshot: Snapshot, arrangement: Arrangement, showing: Showing) -> int:
    """How many pages the beat at hand has in its pane."""
    if snapshot.lesson is None or "beat" not in arrangement:
        return 1
    place = arrangement["beat"]
    lesson = _read(snapshot.lesson, showing)
    return page_count(lesson, place.width, place.height, in_ascii(showing.error, showing.ascii))


def _timeline(snapshot: Snapshot, place: Rectangle, showing: Showing) -> Lines:
    """The steps from the start to the last one recorded, the marks on them, and where the cursor stands."""
    first, last = "0 ", f" {snapshot.last_step}"
    room = max(place.width - len(first) - len(last), 1)
    cells = list(("-" if showing.ascii else "─") * room)
    span = max(snapshot.last_step, 1)
    for mark in sorted(snapshot.marks, key=lambda each: each.done):
        cells[round(mark.step / span * (room - 1))] = mark.sign
    here = round(snapshot.step / span * (room - 1))
    before, after = "".join(cells[:here]), "".join(cells[here + 1 :])
    line = (
        Span(first, "faint"),
        Span(before, "faint"),
        Span("O" if showing.ascii else "●", "accent"),
        Span(after, "faint"),
        Span(last, "faint"),
    )
    return (fitted(line, place.width),)


PANES: dict[str, Callable[[Snapshot, Rectangle, Showing], Lines]] = {
    "header": _header,
    "ledger": _ledger,
    "tabs": _tabs,
    "panel": _panel,
    **{place: _at(place) for place in PLACES},
    "why": _why,
    "rule": _rule,
    "beat": _beat,
    "timeline": _timeline,
}
