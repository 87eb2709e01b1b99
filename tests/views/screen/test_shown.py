"""What a beat shows lights up, and is on the screen: at 80×24 and 120×40 every quantity that a beat names can be read off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from numbers_in_text import on_screen
from paced import mostly_slow

from bntui.scenario.model.actions import View, parse_action
from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.model.showing import CHART, CHARTS, Look, look_at, view_of
from bntui.scenario.model.vocabulary import quantities as vocabulary
from bntui.scenario.reading.loading import read_file, read_text
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.look.quantities import Value, measure, quantities
from bntui.session.look.snapshot import Snapshot
from bntui.session.session import Session
from bntui.session.teach.pictures import drawn
from bntui.tui.screens.survey import WORDS
from bntui.views.drawing.canvas import Size
from bntui.views.kinds import VIEWS
from bntui.views.pages.picture import picture_page
from bntui.views.panes.ledger import most_rows, wanted_rows
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.frame import laid_out
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render, roomiest, rows_of_view
from bntui.views.text.lines import Lines, text_of
from bntui.views.text.numbers import brief, significant

QUICK = ("goodfellow-chain", "relu-net", "tiny-weights")  # rows, header, charts, meters
LESSONS = [name for name in library.names() if any(beat.show for beat in read_file(library.find(name)).scenario.lesson)]

CHAIN = """
version: 1
title: Goodfellow's chain
network:
  layers:
    - {name: a, units: 1, weight: [[1.1]], bias: false}
    - {name: b, units: 1, weight: [[0.9]], bias: false}
    - {name: c, units: 1, weight: [[1.3]], bias: false}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.01}
lesson:
  - say: "Look."
    do: [{step: 2}]
    show: [SHOWN]
"""


def at_screen(at: Session, columns: int = 80, rows: int = 24, ascii: bool = False) -> tuple[Snapshot, dict[str, Lines], str]:
    """The panes as the screen has them at a beat, and the whole as text."""
    architecture = at.experiment.architecture
    folding = roomiest(architecture, columns, rows, lesson=True)
    showing = Showing(view=at.view, folding=folding, ascii=ascii)
    if at.view == "formula":
        showing = replace(showing, view="layers", formula=True)
    at.read_all()
    arrangement = arrange(columns, rows, most_rows(architecture, folding), lesson=True)
    snapshot = at.observe(detail_for(showing, arrangement, large=False))
    if {view_of(name) for name in at.lesson.lit(at.history.place)} & {"meters", "eigenvalues"}:  # which take long
        snapshot = at.measured(snapshot, at.history.moment, at.history.place, lambda: False)
    panel, foot = rows_of_view(snapshot, showing, columns, rows)
    arrangement = arrange(columns, rows, wanted_rows(snapshot, folding), lesson=True, panel=panel, foot=foot)
    showing = replace(showing, limits=ledger_limits(snapshot, None))
    panes = render(snapshot, arrangement, showing)
    return snapshot, panes, laid_out(panes, arrangement, rows)


def lit_of(panes: dict[str, Lines]) -> list[str]:
    """Every text on the screen that is lit."""
    return [span.text for lines in panes.values() for line in lines for span in line if span.role == "lit"]


def beats_of(name: str) -> Iterator[Session]:
    """A session at each beat of a lesson that shows something, its questions answered."""
    at = Session(read_file(library.find(name)))
    for number, beat in enumerate(at.lesson.beats, 1):
        at.do(parse_action({"beat": number}))
        if at.lesson.asking and beat.ask is not None:
            at.do(parse_action({"answer": beat.ask.answer}))
        if beat.show:
            yield at


@pytest.mark.parametrize("name", mostly_slow(LESSONS, quick=QUICK))
def test_every_quantity_that_a_beat_names_is_lit_with_its_number(name: str) -> None:
    unseen = [
        f"{name}, beat {at.lesson.number}, at {columns}×{rows}: {sentence}"
        for at in beats_of(name)
        for columns, rows in ((80, 24), (120, 40))
        for sentence in unlit(at, columns, rows)
    ]
    assert unseen == []


def unlit(at: Session, columns: int, rows: int) -> Iterator[str]:
    """What a beat shows and the screen, or the picture over it, does not light up with its value."""
    snapshot, panes, text = at_screen(at, columns, rows)
    known = measure(at, [name for name in snapshot.lit if not name.startswith(CHART) and not is_pictured(name)])
    known |= {name: value for name, value in quantities(snapshot).items() if name in known}  # of the sample in focus
    opened = at.lesson.picture(at.history.place)
    if opened is not None:  # which stands over the screen, the beat's words below it
        *_, whole = drawn(at.situation(), opened)
        panes = {"page": picture_page(whole, Size(columns, rows - WORDS - 2), lit=snapshot.lit)}
        text, known = text_of(panes["page"]), known | whole.figures
    lit = lit_of(panes)
    for shown in snapshot.lit:
        if shown.startswith(CHART):
            view = VIEWS[shown.removeprefix(CHART)]  # type: ignore[index]
            if not any("»" in said for said in lit) or at.view not in (view.name, "layers"):
                yield shown
        elif shown == "diverged":
            if "»DIVERGED" not in text:
                yield shown
        elif not is_read_off(shown, known[shown], lit, text):
            yield f"{shown} is {known[shown]}"


def is_read_off(shown: str, value: Value, lit: list[str], text: str) -> bool:
    """Whether a value stands on the screen as it is lit: of a picture and of eigenvalues the row, the sentence or the heading is."""
    if not isinstance(value, float | int):
        return False
    if is_pictured(shown):
        printed = any(abs(abs(value) - abs(each.value)) <= 0.51 * each.unit for each in on_screen(text))
        return bool(lit) and (printed or any(brief(value) in said for said in lit))
    if view_of(shown) == "eigenvalues":
        number = f"{value * 100:.0f} %" if shown.startswith("mean_share") else significant(value)
        return number in text and any("eigenvalue" in said for said in lit)
    numbers = {significant(value), brief(value), f"×{significant(value)}", f"= {significant(value)}"}
    numbers |= {"≈ 0", "≈0"} if abs(value) < 1e-9 else set()
    return any(number in said for said in lit for number in numbers)


def shown_at(names: str, columns: int = 80, rows: int = 24, ascii: bool = False) -> tuple[Session, str, list[str]]:
    at = Session(read_text(CHAIN.replace("SHOWN", names), "test.yaml", None))
    at.do(parse_action({"beat": 1}))
    _, panes, text = at_screen(at, columns, rows, ascii)
    return at, text, lit_of(panes)


@pytest.mark.parametrize(("columns", "rows"), [(60, 20), (80, 24), (120, 40)])
def test_a_row_and_the_header_are_marked_at_every_size(columns: int, rows: int) -> None:
    _, text, lit = shown_at("loss, factor.a.input", columns, rows)
    assert "»J " in text.splitlines()[0]
    assert "▾a      input   »     ×2.291" in text
    assert {said.strip() for said in lit} >= {"▾a      input   »", "×2.291"}


def test_the_mark_takes_no_letter_from_a_row_that_fills_its_column() -> None:
    normalized = CHAIN.replace("layers:", "batch_norm: {enabled: true}\n  layers:").replace("SHOWN", "factor.a.norm.scale")
    at = Session(read_text(normalized, "test.yaml", None))
    at.do(parse_action({"beat": 1}))
    assert "▾a     scale γ/σ»     ×" in at_screen(at)[2]


def test_the_mark_has_its_ascii_spelling() -> None:
    _, text, _ = shown_at("loss, factor.a.input, chart.loss", ascii=True)
    assert text.isascii()
    assert ">J " in text.splitlines()[0]
    assert "va      input   >     x2.291" in text


def test_the_view_and_the_layer_that_have_it_are_opened_and_no_action_is_noted() -> None:
    at, text, _ = shown_at("order.first, factor.c.input")
    assert (at.view, at.focus.layer) == ("step", "c")
    assert "first order »" in text
    assert [event.action for event in at.history.events()] == []
    at, text, _ = shown_at("curvature, weight.b")
    assert at.view == "meters"
    assert "curvature λ_max    »" in text
    assert "»0.9" in text


def test_what_has_its_number_in_no_table_is_shown_as_a_history() -> None:
    at, _, lit = shown_at("gradient_curvature")
    assert (at.view, at.quantity) == ("history", "gradient_curvature")
    assert any("»" in said for said in lit)


def test_while_a_question_waits_nothing_is_lit() -> None:
    asking = 'ask: {question: "Up?", choices: [a, b], answer: 1}\n    do'
    at = Session(read_text(CHAIN.replace("do", asking).replace("SHOWN", "loss"), "test.yaml", None))
    at.do(parse_action({"beat": 1}))
    assert lit_of(at_screen(at)[1]) == []
    at.do(parse_action({"answer": 1}))
    assert lit_of(at_screen(at)[1])


def test_whoever_goes_on_alone_sees_the_ledger_as_it_is_without_a_lesson() -> None:
    at, _, lit = shown_at("loss, factor.a.input")
    assert lit
    at.do(parse_action({"set": {"batch_norm": True}}))
    assert lit_of(at_screen(at)[1]) == []
    at.do(parse_action({"back": 1}))
    at.do(parse_action({"beat": 1}))
    assert lit_of(at_screen(at)[1]) == lit


def test_a_look_elsewhere_is_left_alone_until_the_next_beat() -> None:
    at, _, _ = shown_at("chart.step")
    at.do(View(name="loss"))
    assert at.view == "loss"


def test_beside_a_twin_and_diverged_it_is_lit_too() -> None:
    text = CHAIN.replace("[{step: 2}]", "[{set: {learning_rate: 1}}, {twin: {}}, {step: 9}]")
    text = text.replace("SHOWN", "diverged, factor.cost")
    at = Session(read_text(text, "test.yaml", None))
    at.do(parse_action({"beat": 1}))
    said = at_screen(at)[2]
    assert "»DIVERGED" in said
    assert "cost ∂J/∂ŷ      »" in said


def test_unknown_names_and_what_no_screen_has_together_are_errors_with_near_names() -> None:
    told = {
        "los": "unknown quantity 'los'",
        "chart.loos": "did you mean .loss",
        "factor.a.weigth": "did you mean",
        "curvature, order.first": "curvature stands in the view meters and order.first in step",
        "factor.a.input, factor.b.input": "no chain has factor.a.input and factor.b.input",
        "spherical_sharpness, loss_otherwise": "are two histories",
    }
    for names, sentence in told.items():
        with pytest.raises(ScenarioError, match=sentence):
            read_text(CHAIN.replace("SHOWN", names), "test.yaml", None)


def test_every_quantity_and_chart_of_a_network_has_its_place() -> None:
    architecture = Session(read_text(CHAIN.replace("SHOWN", "loss"), "test.yaml", None)).experiment.architecture
    places = {name: view_of(name) for name in (*vocabulary(architecture), *(f"{CHART}{chart}" for chart in CHARTS))}
    for name, view in places.items():
        assert view is None or view == "history" or VIEWS[view].drawing is not None, name
    assert all(VIEWS[chart].drawing is not None for chart in CHARTS)
    assert look_at(["gain.c", "factor.cost"], architecture) == Look(None, None, ("a", "b"))
