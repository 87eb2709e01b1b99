"""The sweep on the screen: rates against J, BN off and on, with a cursor whose rate can be taken over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from bntui.session.survey.situation import Situation
from bntui.session.survey.sweeping import Plan, Sweep, plan_for, sweep
from bntui.session.survey.variants import Over
from bntui.tui.screens.dialogs import Prompt
from bntui.tui.screens.survey import Survey
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.pages.sweep_page import own_row, page

OVERS: tuple[Over | None, ...] = (None, "gain", "depth")
KEYS = "←→ rate  enter take  v {how}  o over {over}  p parameters  r again  esc {leave}"


class SweepScreen(Survey[Sweep]):
    """Runs the scenario's sweep from where the session stood when it was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("left", "move(-1)", "smaller rate"),
        ("right", "move(1)", "larger rate"),
        ("home", "move(-1000)", "smallest rate"),
        ("end", "move(1000)", "largest rate"),
        ("up", "row(1)", "larger gain or deeper"),
        ("down", "row(-1)", "smaller gain or shallower"),
        ("enter", "take", "take the rate over"),
        ("v", "switching", "reset or preserve"),
        ("o", "over", "over gain, over depth"),
        ("p", "parameter", "rate of some parameters alone"),
        ("r", "again", "run again"),
    ]

    plan: Plan

    def __init__(self, asked: Awaitable[Situation], take: Callable[[float], None], ascii: bool = False) -> None:
        super().__init__(asked, ascii)
        self._take = take
        self.cursor = 0
        self.row: int | None = None

    def prepare(self, situation: Situation) -> None:
        """The scenario's own sweep, with the cursor near the session's own rate."""
        self.plan = plan_for(situation)
        rate = situation.moment.learning_rate
        self.cursor = min(range(len(self.plan.rates)), key=lambda place: abs(self.plan.rates[place] / rate - 1))

    def begin(self, situation: Situation) -> Iterator[Sweep]:
        """The sweep as planned."""
        return sweep(situation, self.plan)

    def draw(self, result: Sweep, size: Size) -> Lines:
        """The chart with the cursor."""
        return page(result, size, self.cursor, self.row, self.ascii, not self.computing)

    def keys(self) -> str:
        """The keys, with what they would change to."""
        how = "reset" if self.plan.switching == "preserve" else "preserve"
        over = _following(self.plan.over) or "rates alone"
        return KEYS.format(how=how, over=over, leave="stop" if self.computing else "back")

    def action_move(self, by: int) -> None:
        """Move the cursor over the rates."""
        self.cursor = min(max(self.cursor + by, 0), len(self.plan.rates) - 1)
        self.paint()

    def action_row(self, by: int) -> None:
        """Move the cursor over the gains or depths of a grid."""
        if self.result is not None and self.result.plan.over is not None:
            row = own_row(self.result) if self.row is None else self.row
            self.row = min(max(row + by, 0), len(self.result.variants) - 1)
            self.paint()

    def action_take(self) -> None:
        """Give the cursor's rate to the session and go back to it."""
        if self.plan.parameter is not None:
            said = f"the rate of {self.plan.parameter} alone is set in the scenario, under training: learning_rates"
            self.app.notify(said, severity="warning", markup=False, timeout=6)
            return
        self.dismiss()
        self._take(float(f"{self.plan.rates[self.cursor]:.3g}"))

    def action_switching(self) -> None:
        """Switch BN by the other way."""
        self._replan(replace(self.plan, switching="reset" if self.plan.switching == "preserve" else "preserve"))

    def action_over(self) -> None:
        """Over gain, over depth, over rates alone."""
        self._replan(replace(self.plan, over=_following(self.plan.over)))

    def action_parameter(self) -> None:
        """Ask whose rate is swept."""
        hint = "as h?.weight or *.gamma; the others keep their rates · nothing: all"
        self.app.push_screen(Prompt("Sweep the rate of", hint, str.strip, empty=True), self._of)

    def action_again(self) -> None:
        """Run the same sweep again."""
        self._replan(self.plan)

    def _of(self, answer: str | None) -> None:
        if answer is not None:
            self._replan(replace(self.plan, parameter=answer or None))

    def _replan(self, plan: Plan) -> None:
        self.plan, self.row = plan, None
        self.start()

    def refuse(self, sentence: str) -> None:
        """Say why, and stay with the sweep before where there is one."""
        super().refuse(sentence)
        if self.result is not None:
            self.plan = self.result.plan
            self.paint()


def _following(over: Over | None) -> Over | None:
    return OVERS[(OVERS.index(over) + 1) % len(OVERS)]
