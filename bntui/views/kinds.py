"""The views, one object each: all that the screen, the keys, help and the commands need to know of them.

Their names stand in scenario/model/actions.py, for a lesson may name a view and scenarios know nothing of views; a test holds
the two to each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bntui.records import dataclass
from bntui.scenario.model.actions import Page, Shown
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.views.panes.formula import formula, rows_needed
from bntui.views.text.lines import Lines, Size

WidePlace = Literal["layers", "loss", "lower_left", "lower_right"]
LEAST_ROWS = 5
CHART_ROWS = 9  # of a chart that has to be read off


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a view fills a pane: with which lines, at which place of a wide screen, what is observed for it beyond the chain.

    Of the views at one place a wide screen shows the one that is open, else the first. `beside` stands at the right of the view
    on a narrow screen. `loads` says that it waits for the chart library. `rows` is how many it needs there at a width.
    """

    lines: Callable[[Snapshot, Size, bool], Lines]
    place: WidePlace
    detail: Detail
    beside: Shown | None = None
    loads: bool = True
    rows: Callable[[Snapshot, int, bool], int] = lambda snapshot, width, ascii: LEAST_ROWS


@dataclass(frozen=True, slots=True)
class ViewKind:
    """One way to look at a session.

    `key` opens it, "" where another view leads to it; `tab` is what its tab says after the key, and `says` what help says.
    `drawing` is None where the view is a screen of its own or the lesson's text. `printed` says that `bntui show` knows it.
    """

    name: Shown | Page
    key: str
    tab: str
    says: str
    drawing: Drawing | None
    printed: bool


def _layers(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.charts import layer_chart  # noqa: PLC0415 - the numbers do not wait for what draws

    return layer_chart(snapshot, size, ascii)


def _loss(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.charts import loss_chart  # noqa: PLC0415 - as above

    return loss_chart(snapshot, size, ascii)


def _step(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.charts import step_chart  # noqa: PLC0415 - as above

    return step_chart(snapshot, size, ascii)


def _meters(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.meters import meters_table  # noqa: PLC0415 - as above

    return meters_table(snapshot, size, ascii)


def _meters_rows(snapshot: Snapshot, width: int, ascii: bool) -> int:
    from bntui.views.panes.meters import rows_needed as rows  # noqa: PLC0415 - as above

    return rows(snapshot)


def _activations(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.activations import activations_chart  # noqa: PLC0415 - as above

    return activations_chart(snapshot, size, ascii)


def _forward(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.forward import forward_staircase  # noqa: PLC0415 - as above

    return forward_staircase(snapshot, size, ascii)


def _forward_rows(snapshot: Snapshot, width: int, ascii: bool) -> int:
    from bntui.views.panes.forward import rows_needed as treads  # noqa: PLC0415 - as above

    return treads(snapshot, width, ascii)


def _history(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.history import history_chart  # noqa: PLC0415 - as above

    return history_chart(snapshot, size, ascii)


def _eigenvalues(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.eigenvalues import eigenvalues_chart  # noqa: PLC0415 - as above

    return eigenvalues_chart(snapshot, size, ascii)


def _fit_rows(snapshot: Snapshot, width: int, ascii: bool) -> int:
    from bntui.views.panes.fit import rows_needed as rows  # noqa: PLC0415 - as above

    return rows(snapshot)


def _fit(snapshot: Snapshot, size: Size, ascii: bool) -> Lines:
    from bntui.views.panes.fit import fit_chart  # noqa: PLC0415 - as above

    return fit_chart(snapshot, size, ascii)


LAYERS = ViewKind("layers", "1", "layers", "gradients by layer", Drawing(_layers, "layers", Detail(), beside="loss"), printed=True)
LOSS = ViewKind("loss", "2", "J", "J over the steps", Drawing(_loss, "loss", Detail(full=True, validation=True)), printed=True)
STEP = ViewKind(
    "step",
    "3",
    "step",
    "what the last step did",
    Drawing(_step, "lower_left", Detail(orders=True)),
    printed=True,
)
METERS = ViewKind(
    "meters",
    "4",
    "meters",
    "curvature and stable rate",
    Drawing(_meters, "lower_right", Detail(meters=True), rows=_meters_rows),
    printed=True,
)
ACTIVATIONS = ViewKind(
    "activations",
    "5",
    "activations",
    "what the activations see",
    Drawing(_activations, "lower_right", Detail(activations=True), rows=lambda snapshot, width, ascii: CHART_ROWS),
    printed=True,
)
FORWARD = ViewKind(
    "forward",
    "7",
    "sizes",
    "how large the layers' z and activations are",
    Drawing(_forward, "layers", Detail(sizes=True), rows=_forward_rows),
    printed=True,
)
EIGENVALUES = ViewKind(
    "eigenvalues",
    "8",
    "eigen",
    "the largest eigenvalues, and how far along the mean",
    Drawing(_eigenvalues, "layers", Detail(eigenvalues=True)),
    printed=True,
)
FORMULA = ViewKind(
    "formula",
    "f",
    "formula",
    "the chain as a formula",
    Drawing(formula, "lower_left", Detail(), loads=False, rows=rows_needed),
    printed=False,
)
FIT = ViewKind(
    "fit",
    "F",
    "fit",
    "ŷ and y over the input, or the classes' regions",
    Drawing(_fit, "lower_left", Detail(fit=True), rows=_fit_rows),
    printed=True,
)
HISTORY = ViewKind(
    "history",
    "9",
    "history",
    "a quantity over the steps, again for the next",
    Drawing(_history, "layers", Detail(track=True), rows=lambda snapshot, width, ascii: CHART_ROWS),
    printed=True,
)
LESSON = ViewKind("lesson", "6", "lesson", "the lesson, with room to read", None, printed=False)
SWEEP = ViewKind("sweep", "s", "", "J after some steps by learning rate, BN off and on", None, printed=True)
LANDSCAPE = ViewKind("landscape", "g", "", "J along the gradient; gradients by depth", None, printed=True)
GROWTH = ViewKind("growth", "", "", "the growth of gradients with depth", None, printed=False)

# in the order of their tabs
VIEWS: dict[Shown | Page, ViewKind] = {
    view.name: view
    for view in (
        LAYERS,
        LOSS,
        STEP,
        METERS,
        ACTIVATIONS,
        FORMULA,
        LESSON,
        FORWARD,
        EIGENVALUES,
        HISTORY,
        FIT,
        SWEEP,
        LANDSCAPE,
        GROWTH,
    )
}
