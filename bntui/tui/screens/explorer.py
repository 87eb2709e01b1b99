"""The screen that teaches: ledger, charts and the sentence that says why, of one session."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.geometry import Size as GeometrySize
from textual.screen import Screen

from bntui.maths.architecture import Architecture
from bntui.scenario.model.actions import AnyAction, HistoryPart, Page, Shown, Twin, Untwin, View, parse_action
from bntui.session.look.controls import histories, next_history, normalize
from bntui.session.look.entry import EntryError, example, read_entry, read_twin
from bntui.session.look.face import Face, Folding
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.session import Session
from bntui.session.share.looks import Looks
from bntui.tui.companion import LessonCompanion
from bntui.tui.conductor import Conductor
from bntui.tui.host import host_of
from bntui.tui.keeper import Keeper
from bntui.tui.keys import BY_NAME, bindings, footer
from bntui.tui.screens import later
from bntui.tui.screens.facing import as_left, face_of
from bntui.tui.screens.front import ScreenFront
from bntui.tui.screens.surveys import Surveys
from bntui.tui.widgets.pane import Pane, PaneScreen
from bntui.tui.widgets.said import NoRoom
from bntui.views.kinds import FORMULA, HISTORY, LEAST_ROWS, VIEWS
from bntui.views.panes.ledger import least_rows, most_rows, wanted_rows
from bntui.views.screen.arrangement import LEAST_LEDGER, STEP_ROWS, Arrangement, arrange, has_room
from bntui.views.screen.frame import composed, laid_out
from bntui.views.screen.panes import Showing, beat_pages, detail_for, ledger_limits, render, roomiest, rows_of_view
from bntui.views.text.lines import Line, Lines, Span, fitted

Placed = tuple[Architecture | None, bool, bool, tuple[str, ...]]  # what the places of the panes depend on
LATE_TWIN = "The twin begins where this run has diverged; 0 starts both anew."


class Explorer(PaneScreen[None]):
    """One session on the screen; all that it knows of the session is the newest snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, session: Session, ascii: bool = False, frames: float = 20, opens: int = 0) -> None:
        """Show a session as it was left, at once with the beat `opens` of its lesson where that is not 0."""
        super().__init__()
        self._left_as = session.face
        folding: Folding = "" if session.face is None else session.face.folding
        self.showing = Showing(view="layers", ascii=ascii, charts=False, folding=folding or "selected")
        self.arrangement: Arrangement | None = None
        self._folding_chosen = bool(folding)
        self.shown: dict[str, Lines] = {}  # the lines of each pane that is in view, by its name
        # all of them in one widget: textual passes messages around for each that changes. It is kept, because a result may
        # still come when the screen has gone, and finds nothing by a query then
        self._panes = Pane("panes")
        self._view_rows = LEAST_ROWS, STEP_ROWS
        self._ledger_rows = 0
        self._placed_size: GeometrySize | None = None
        self._placed_for: Placed = (None, False, False, ())
        self.snapshot: Snapshot | None = None
        self.front = ScreenFront(self, ascii)
        self.conductor = Conductor(session, self._receive, self._detail, self._complain, frames)
        self.companion = self.made_companion(opens)
        self.surveys = Surveys(self, self.conductor, self._perform, self.companion.turn, ascii)
        self.keeper = Keeper(self.conductor, self.front, self.shown_text)

    def made_companion(self, opens: int) -> LessonCompanion:
        """Whoever stands by the lesson."""
        return LessonCompanion(self.conductor, self.front, self, host_of(self), opens)

    def compose(self) -> ComposeResult:
        """All panes, and the sentence for a screen that is too small."""
        yield self._panes
        yield NoRoom()

    def on_mount(self) -> None:
        """Begin to teach; the conductor begins with the first size."""
        self.companion.begin()

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self.companion.end()

    def on_resize(self, event: Resize) -> None:
        """Give every pane its place at this size; with the first one the session begins."""
        if event.size == self._placed_size:
            return
        begins, self._placed_size = self._placed_size is None, event.size
        room = has_room(event.size.width, event.size.height)
        if room:
            self._arrange(event.size)
        else:
            self.arrangement = None
        if begins:
            self.run_worker(self.conductor.conduct(), exclusive=True, group="conductor")
        elif room:
            self.conductor.look()

    def _arrange(self, size: GeometrySize) -> None:
        """Place the panes; all layers are unfolded where they have room, until the person decides."""
        architecture = self.conductor.session.experiment.architecture
        self._placed_for = self._what_is_placed()
        _, lesson, reading, _ = self._placed_for
        if not self._folding_chosen:
            folding = roomiest(architecture, size.width, size.height, lesson=lesson)
            self.showing = replace(self.showing, folding=folding)
        self._view_rows = panel, foot = self._wanted_view_rows()
        rows = most_rows(architecture, self.showing.folding)
        least = LEAST_LEDGER
        if self.snapshot is not None:
            rows = wanted_rows(self.snapshot, self.showing.folding)
            least = least_rows(self.snapshot, self.showing.folding) if self.snapshot.lit else least
        self._ledger_rows = rows
        self.arrangement = arrange(
            size.width, size.height, rows, lesson=lesson, panel=panel, reading=reading, foot=foot, least=least
        )
        self.showing = replace(self.showing, limits=None)

    @property
    def _placed(self) -> GeometrySize:
        """The size that the panes are placed for: the screen's own may be a newer one already, which has no room for any."""
        return self._placed_size or self.size

    def _wanted_view_rows(self) -> tuple[int, int]:
        """The rows that the open view has at least: a formula grows and shrinks with what is switched."""
        if self.snapshot is None:
            return LEAST_ROWS, STEP_ROWS
        return rows_of_view(self.snapshot, self.showing, *self._placed)

    def _what_is_placed(self) -> Placed:
        """What the places of the panes depend on: the network, whether a lesson has begun or is read at length, what is lit."""
        if self.snapshot is None:
            return self.conductor.session.experiment.architecture, False, False, ()
        lesson = self.snapshot.lesson
        reading = lesson is not None and self.showing.view == "lesson" and not self.showing.formula
        begun = reading or (lesson is not None and lesson.number > 0)
        return self.snapshot.architecture, begun, reading, self.snapshot.lit

    @property
    def in_front(self) -> bool:
        """Whether nothing stands over it."""
        return self.above is self

    @property
    def above(self) -> Screen[Any]:
        """What stands over it, or itself; a result may still come when all screens have gone."""
        stack = self.app.screen_stack
        return stack[-1] if stack else self

    @property
    def pages(self) -> int:
        """How many pages the beat at hand has; 0 where there is no room for the beat."""
        if self.snapshot is None or self.arrangement is None or "beat" not in self.arrangement:
            return 0
        return beat_pages(self.snapshot, self.arrangement, self._all_showing())

    def _all_showing(self) -> Showing:
        """What the screen shows beside the snapshot, with what the conductor and the lesson's companion know."""
        running, speed = self.conductor.running, f"{self.conductor.steps_per_second}/s"
        lesson, busy = self.companion, self.conductor.progress
        told = replace(self.showing, running=running, speed=speed, busy=busy)
        return replace(told, page=lesson.page, error=lesson.error, answering=lesson.answering)

    async def _load_charts(self) -> None:
        await asyncio.to_thread(later.load_charts)
        if gc.get_freeze_count():  # what is loaded here is no more garbage than what the start has made
            gc.freeze()
        self.showing = replace(self.showing, charts=True, limits=None if self._left_as is None else self._left_as.axis)
        self.repaint()

    def _detail(self) -> Detail:
        if self.arrangement is None:
            return Detail()
        experiment = self.conductor.session.experiment
        return detail_for(self.showing, self.arrangement, experiment.is_large, experiment.scores_quickly)

    def _receive(self, snapshot: Snapshot, refusal: str | None = None) -> None:
        """Show the newest snapshot; only it is ever painted."""
        before, self.snapshot = self.snapshot, snapshot
        if before is None or before.view != snapshot.view:
            observed = self._detail()
            self._follow_view(snapshot.view)
            if before is None and self._left_as is not None:
                self.showing = as_left(self.showing, snapshot.view, self._left_as)
            if self._detail() != observed:  # a lesson opened it
                self.conductor.look()
        self.companion.follow(snapshot)
        self.repaint()
        self.surveys.follow(snapshot)
        if before is None:  # the library of the charts waits until the numbers are on the screen
            self.call_after_refresh(lambda: self.run_worker(self._load_charts(), group="charts"))
        if refusal:
            self._complain(refusal)

    def _complain(self, sentence: str) -> None:
        self.front.say(sentence, warning=True)

    def repaint(self) -> None:
        """Paint what has changed, and place the panes anew where that asks for other places."""
        if self.snapshot is None or self.arrangement is None:
            return
        rows = wanted_rows(self.snapshot, self.showing.folding)
        if rows != self._ledger_rows or self._view_rows != self._wanted_view_rows() or self._placed_for != self._what_is_placed():
            self._arrange(self._placed)
        if self.showing.charts and (limits := ledger_limits(self.snapshot, self.showing.limits)) != self.showing.limits:
            self.showing = replace(self.showing, limits=limits)
        showing = self._all_showing()
        if showing.page + 1 < self.pages:
            showing = replace(showing, more_pages=True)
        keys = self.arrangement["keys"].width
        foot = fitted(self.told_keys(self.snapshot, showing, keys), keys)
        self.shown = render(self.snapshot, self.arrangement, showing) | {"keys": (foot,)}
        self._panes.show(composed(self.shown, self.arrangement, self._placed.height))
        if self.showing.charts:
            self.conductor.show_as(self.face(self.snapshot))
        host_of(self).show_class(self)

    def told_keys(self, now: Snapshot, showing: Showing, width: int) -> Line:
        """The row of keys that make sense now."""
        return (Span(footer(now, showing.running, showing.more_pages, width, showing.ascii), "faint"),)

    @property
    def session(self) -> Session | None:
        """The session, None while it is in the hands of another thread."""
        return self.conductor.at_hand

    def face(self, now: Snapshot) -> Face:
        """How it shows this moment beside what the session tells, for the screen that goes on with the session."""
        return face_of(now, self.showing, self._folding_chosen, self.companion.page, self.conductor.steps_per_second)

    def looks(self) -> Looks:
        """What the face adds to where the session stands, for those who follow it."""
        speed, above = self.conductor.steps_per_second, self.above
        over, sweep = getattr(above, "shared_as", ""), getattr(above, "shared_sweep", None)
        page = min(self.companion.page, max(self.pages - 1, 0))
        folding: Folding = self.showing.folding if self._folding_chosen else ""
        return Looks(self.conductor.running, speed, folding, self.showing.formula, over, page, self.pages, sweep)

    def _follow_view(self, view: Shown) -> None:
        if VIEWS[view] is FORMULA:
            self.showing = replace(self.showing, formula=True)
        else:
            self.showing = replace(self.showing, view=view, formula=False)

    def on_screen_resume(self) -> None:
        """What a beat opens may have waited for a dialog to close."""
        host_of(self).show_class(self)
        if self.snapshot is not None:
            self.surveys.follow(self.snapshot)

    def on_screen_suspend(self) -> None:
        """Those who follow are told what stands over it."""
        host_of(self).show_class(self)

    def action_take(self, key: str) -> None:
        """What a key stands for at this moment is done to the session."""
        pressed = BY_NAME[key]
        if pressed.pauses:
            self.conductor.pause()
        if not isinstance(pressed.does, str):
            self.conductor.request(pressed.does)

    def action_run(self) -> None:
        """Run or pause."""
        self.conductor.toggle_running()

    def action_speed(self, faster: bool) -> None:
        """Run faster or slower."""
        self.conductor.change_speed(faster)

    def action_normalization(self) -> None:
        """Choose a kind of normalization from a list."""
        if self.snapshot is not None:
            self.front.choose_kind(self.snapshot, self._normalize)

    def action_normalize(self, kind: str) -> None:
        """Normalize in a kind."""
        self._normalize(kind)

    def _normalize(self, kind: str | None) -> None:
        if kind is not None:
            self.conductor.request(partial(normalize, kind=kind))

    def action_twin(self) -> None:
        """A twin normalized the other way beside the session, or away with the one that is there."""
        present = self.snapshot is not None and self.snapshot.twin is not None
        if self.snapshot is not None and self.snapshot.diverged and not present:
            self.front.say(LATE_TWIN)
        self.conductor.request(lambda standing: Untwin() if present else Twin())

    def action_twin_dialog(self) -> None:
        """Ask for what the twin shall differ in."""
        hint = f"bn on · norm layer_norm · rate 0.01 · seed 3 · nothing: {self._short} the other way · away: no twin"
        self.front.read_line("A twin that differs in", hint, read_twin, self._perform, empty=True)

    @property
    def _short(self) -> str:
        """What the normalization at hand is called."""
        return "BN" if self.snapshot is None else self.snapshot.short

    def action_sweep(self) -> None:
        """Sweep over learning rates from here, as the beat at hand does; a rate that is chosen becomes the session's."""
        self.surveys.sweep(self.snapshot)

    def action_landscape(self) -> None:
        """J along the gradient from here; what the beat at hand opens where it opens one."""
        self.surveys.landscape(self.snapshot)

    def action_unfold(self) -> None:
        """Unfold every layer, or fold all but the one in focus."""
        self._fold("selected" if self.showing.folding == "all" else "all")

    def _fold(self, folding: Folding) -> None:
        """Fold the layers so from now on."""
        self._folding_chosen = bool(folding)
        if folding:
            self.showing = replace(self.showing, folding=folding)
        if self.arrangement is not None:
            self._arrange(self._placed)
        self.repaint()

    def action_formula(self) -> None:
        """The formula in place of the charts, or back."""
        self.showing = replace(self.showing, formula=not self.showing.formula)
        self.repaint()

    def action_view(self, view: Shown) -> None:
        """Open a view; the lesson where there is one."""
        if view == "lesson" and self.companion.lesson() is None:
            return
        again = view == "history" and self.showing.opened is HISTORY
        self.showing = replace(self.showing, view=view, formula=False)
        self.conductor.request(next_history if again else lambda standing: View(name=view))

    def histories(self) -> list[str]:
        """The quantities whose history can be asked for by name."""
        return [] if self.snapshot is None else histories(self.snapshot)

    def action_history(self, quantity: str) -> None:
        """Open the history of a quantity."""
        self.showing = replace(self.showing, view="history", formula=False)
        self.conductor.request(lambda standing: View(name=HistoryPart(history=quantity)))

    def action_explain(self) -> None:
        """Explain what is selected, then the open view, the signs, and everything else on the screen, as it is now."""
        self.explain(self.showing.opened.name)

    def explain(self, view: Shown | Page) -> None:
        """Explain a view and all else, the session's own first; a page that stands over it comes before that."""
        from bntui.views.explain.explained import explained  # noqa: PLC0415 - the start does not wait for it

        self.conductor.pause()
        if self.snapshot is not None:
            self.front.explain(explained(self.snapshot, self.showing.folding, view))

    def action_cancel(self) -> None:
        """Stop what takes long."""
        self.conductor.cancel()

    def action_next_beat(self) -> None:
        """Read on, answer, or the next beat."""
        self.companion.next_beat()

    def action_previous_beat(self) -> None:
        """The page or the beat before."""
        self.companion.previous_beat()

    def action_beats(self) -> None:
        """Choose among the beats."""
        self.companion.choose_beat()

    def action_beat(self, number: int) -> None:
        """Go to a beat."""
        self.companion.go_to(number)

    def action_futures(self) -> None:
        """Choose among the futures."""
        self.keeper.choose_future()

    def action_save(self) -> None:
        """Write the session as a scenario."""
        self.keeper.save()

    def action_export(self) -> None:
        """Write the trace."""
        self.keeper.export()

    def action_copy(self, whole: bool) -> None:
        """Copy the session, or what is on the screen."""
        if whole:
            self.keeper.copy_session()
        else:
            self.keeper.copy_screen()

    def action_jump(self) -> None:
        """Ask for a step and go there."""
        self.conductor.pause()
        self.front.read_line("Go to step", "a whole number, 0 is the start", _step_entry, self._perform)

    def action_edit(self) -> None:
        """Ask for a value and set it."""
        if self.snapshot is not None:
            hint = f"0.05 sets η · momentum 0.9 · adam · decay 0.01 · {example(self.snapshot)} · a list of rows for a matrix"
            self.front.read_line("New value", hint, partial(read_entry, self.snapshot), self._perform)

    def _perform(self, action: AnyAction | None) -> None:
        if action is not None:
            self.conductor.request(lambda standing: action)

    def shown_text(self) -> str:
        """What is on the screen, as text."""
        if self.arrangement is None:
            return ""
        panes = {name: lines for name, lines in self.shown.items() if name != "keys"}
        return laid_out(panes, self.arrangement, self._placed.height)


def _step_entry(text: str) -> AnyAction:
    if not text.strip().isdecimal():
        raise EntryError(f"'{text}' is no step: type a whole number of 0 or more, such as 120")
    return parse_action({"goto": int(text)})  # which says where a step lies beyond all steps
