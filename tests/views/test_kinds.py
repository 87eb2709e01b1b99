"""Every view, each in every place where views are listed: what one forgets to state is found here."""

from dataclasses import replace
from typing import get_args

import pytest
from session.worlds import CHAIN, do, session

from bntui.scenario.model.actions import Page, Shown, parse_action
from bntui.session.look.snapshot import Detail
from bntui.tui.keys import KEYS
from bntui.views.kinds import FORMULA, VIEWS, ViewKind
from bntui.views.panes.ledger import most_rows
from bntui.views.screen.arrangement import GAP, arrange
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render
from bntui.views.text.cells import cells
from bntui.views.text.lines import Size, line_in_ascii, plain, text_of

STATES = {"plain": (), "with BN": ({"set": {"batch_norm": True}},), "with a twin": ({"twin": {}},)}
EVERYTHING = Detail(
    orders=True, meters=True, curvature=False, activations=True, sizes=True, eigenvalues=True, track=True, fit=True,
    full=True, validation=True,
)
DRAWN = [view for view in VIEWS.values() if view.drawing is not None]


def test_lessons_can_name_every_view_and_no_other() -> None:
    assert set(VIEWS) == set(get_args(Shown)) | set(get_args(Page))
    assert {name for name, view in VIEWS.items() if view.tab} == set(get_args(Shown))
    for name in get_args(Shown):
        assert parse_action({"view": name}).mapping() == {"view": name}


def test_every_key_opens_one_view_and_stands_in_help_with_what_the_view_says() -> None:
    keys = [view.key for view in VIEWS.values() if view.key]
    assert len(set(keys)) == len(keys)
    for view in VIEWS.values():
        assert [key.keys for key in KEYS if key.says == view.says] == ([view.key] if view.key else []), view.name


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("view", DRAWN, ids=lambda view: view.name)
def test_an_open_view_is_drawn_with_all_that_it_needs(view: ViewKind, state: str, size: tuple[int, int], ascii: bool) -> None:
    at = do(session(CHAIN), *STATES[state], {"step": 2})
    arrangement = arrange(*size, most_rows(at.experiment.architecture, "selected"))
    showing = Showing(view="layers" if view is FORMULA else view.name, formula=view is FORMULA, ascii=ascii)
    snapshot = at.observe(detail_for(showing, arrangement, large=True))
    panes = render(snapshot, arrangement, replace(showing, limits=ledger_limits(snapshot, None)))
    for name, lines in panes.items():
        assert [cells(plain(line)) for line in lines] == [arrangement[name].width] * arrangement[name].height, name
    if ascii:
        assert all(text_of(lines).isascii() for lines in panes.values())
    if not arrangement.wide:
        assert f"[{view.key} {view.tab}]" in text_of(panes["tabs"])
    assert view.drawing is not None
    shown = panes[view.drawing.place if arrangement.wide else "panel"]
    width = cells(plain(shown[0])) if arrangement.wide or view.drawing.beside is None else (size[0] - GAP) // 2
    whole = view.drawing.lines(at.observe(EVERYTHING), Size(width, len(shown)), ascii)
    used = max(number for number, line in enumerate(whole, 1) if plain(line).strip())  # below it another may stand
    for own, line in zip(whole[:used], shown, strict=False):
        assert plain(line_in_ascii(own, width) if ascii else own).rstrip() == plain(line)[: len(plain(own))].rstrip()
