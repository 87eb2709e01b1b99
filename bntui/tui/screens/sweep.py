"""The sweep on the screen: rates against J, BN off and on, with a cursor whose rate can be taken over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from bntui.scenario.model.actions import AnyAction, Page, Set
from bntui.scenario.model.pictures import BeatSweep
from bntui.session.keep import sweeps
from bntui.session.keep.sweeps import swept
from bntui.session.share.looks import SweepShown
from bntui.session.survey.cores import cores
from bntui.session.survey.situation import Situation
from bntui.session.survey.sweeping import asked_for, plan_for, plan_of, sweep, with_axis
from bntui.session.survey.swept import Plan, Sweep
from bntui.session.survey.variants import suggestions
from bntui.tui.screens.dialogs import Choice, Prompt
from bntui.tui.screens.survey import Reading, Survey
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.pages.sweep_page import own_row, page

KEYS = "esc {leave}  ←→ rate  {take}v {how}  o over  r {again}  g group"
TAKE, LOOKING = "enter take  ", "esc back  ←→ rate"
CHANGING = "take", "switching", "over", "group", "again"  # what a follower does not do in a sweep of the speaker's
OFF_AND_ON = ""
TOLD = {
    OFF_AND_ON: "BN off and on",
    "normalization": "normalization: none and every kind",
    "gain": "gain: a map of gains and rates, BN off and on",
    "depth": "depth: a map of depths and rates, BN off and on",
}


class SweepScreen(Survey[Sweep]):
    """Runs the scenario's sweep from where the session stood when it was opened, or shows the one that a beat opens."""

    shared_as: ClassVar[str] = "sweep"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left", "move(-1)", "smaller rate"),
        ("right", "move(1)", "larger rate"),
        ("home", "move(-1000)", "smallest rate"),
        ("end", "move(1000)", "largest rate"),
        ("up", "row(1)", "larger gain or deeper"),
        ("down", "row(-1)", "smaller gain or shallower"),
        ("enter", "take", "take the rate over"),
        ("v", "switching", "reset or preserve"),
        ("o", "over", "over another value of the scenario"),
        ("g", "group", "rate of some parameters alone"),
        ("r", "again", "go on, or run again"),
    ]

    plan: Plan

    def __init__(
        self,
        asked: Awaitable[Situation],
        take: Callable[[AnyAction], None],
        ascii: bool = False,
        reading: Reading | None = None,
        picture: BeatSweep | None = None,
        elsewhere: SweepShown | None = None,
        whose: str = "",
    ) -> None:
        """Run the scenario's sweep, or show that of a beat, or the one that was run elsewhere."""
        super().__init__(asked, ascii, reading, whose)
        self._take, self._picture = take, picture if elsewhere is None else elsewhere.picture
        self._anew = self._picture is None
        self._elsewhere = elsewhere
        self._shown: tuple[Sweep, SweepShown | None] | None = None
        self.cursor = 0
        self.row: int | None = None
        self._known: Sweep | None = None

    @property
    def view(self) -> Page:
        """The sweep."""
        return "sweep"

    def prepare(self, situation: Situation) -> None:
        """The scenario's own sweep, with the cursor near the rate that the session has for what is swept."""
        self.plan = plan_for(situation) if self._picture is None else plan_of(situation, self._picture)
        rate = situation.moment.learning_rate
        self.cursor = min(range(len(self.plan.rates)), key=lambda place: abs(self.plan.rates[place] / rate - 1))

    def begin(self, situation: Situation) -> Iterator[Sweep]:
        """The sweep as planned; that of a beat as it is kept, until another one is asked for."""
        workers = max(1, cores() - 1)  # one core is left to the screen
        if not self._anew:
            self._anew = True
            if self._elsewhere is not None:
                return sweeps.told(situation, self.plan, self._elsewhere.key, self._elsewhere.text)
            return swept(situation, self.plan, workers)
        known, self._known = self._known, None
        return sweep(situation, self.plan, known, workers)

    @property
    def shared_sweep(self) -> SweepShown | None:
        """What those who follow are told of it, once it is whole."""
        made = self.result
        if made is None or not made.finished or self.situation is None or self.computing:
            return None
        if self._shown is None or self._shown[0] is not made:
            key = sweeps.key_of(self.situation, made.plan)
            shown = None if key is None else SweepShown(key, asked_for(made.plan), sweeps.written(key, made))
            self._shown = made, shown
        return self._shown[1]

    def draw(self, result: Sweep, size: Size) -> Lines:
        """The chart with the cursor."""
        lit = () if self.reading is None else self.reading.lit
        return page(result, size, self.cursor, self.row, self.ascii, not self.computing, lit)

    def keys(self) -> str:
        """The keys, with what they would change to; a follower takes no rate over, and runs nothing in a sweep of the speaker's."""
        if self._elsewhere is not None:
            return LOOKING
        how = "reset" if self.plan.switching == "preserve" else "preserve"
        again = "go on" if self._can_go_on() else "again"
        take = "" if self.whose else TAKE
        return KEYS.format(how=how, again=again, leave="stop" if self.computing else "back", take=take)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """As above."""
        barred = CHANGING if self._elsewhere is not None else CHANGING[:1] if self.whose else ()
        return action not in barred and super().check_action(action, parameters)

    def _can_go_on(self) -> bool:
        """Whether what is shown was stopped before its end."""
        made = self.result
        return made is not None and not self.computing and not made.finished and made.plan == self.plan

    def action_move(self, by: int) -> None:
        """Move the cursor over the rates."""
        self.cursor = min(max(self.cursor + by, 0), len(self.plan.rates) - 1)
        self.paint()

    def action_row(self, by: int) -> None:
        """Move the cursor over the gains or depths of a grid."""
        if self.result is not None and self.result.plan.grid is not None:
            row = own_row(self.result) if self.row is None else self.row
            self.row = min(max(row + by, 0), len(self.result.variants) - 1)
            self.paint()

    def action_take(self) -> None:
        """Give the cursor's rate to the session, or to the parameters whose rate is swept, and go back to it."""
        rate = float(f"{self.plan.rates[self.cursor]:.3g}")
        self.dismiss()
        self._take(Set(learning_rate=rate) if self.plan.group is None else Set(learning_rates={self.plan.group: rate}))

    def action_switching(self) -> None:
        """Switch BN by the other way."""
        self._replan(replace(self.plan, switching="reset" if self.plan.switching == "preserve" else "preserve"))

    def action_over(self) -> None:
        """Ask what the sides differ in."""
        assert self.situation is not None  # as check_action sees to
        offered = (OFF_AND_ON, *suggestions(self.situation.scenario, self.situation.problem.inputs.shape[0]))
        options = [(text, TOLD.get(text, text)) for text in offered]
        hint = "↑↓ enter choose · or type PATH=a,b,c, as network.layers.*.units=8,32 · esc stay"
        self.app.push_screen(Choice("Sweep over", options, hint, self._with_axis), self._over)

    def _with_axis(self, text: str) -> Plan:
        assert self.situation is not None
        return with_axis(self.plan, self.situation.scenario, text.strip() or None)

    def action_group(self) -> None:
        """Ask whose rate is swept."""
        hint = "as h*.weight or *.gamma; the others keep their rates · nothing: all"
        self.app.push_screen(Prompt("Sweep the rate of", hint, str.strip, empty=True), self._of)

    def action_again(self) -> None:
        """Go on with what was stopped, or run the same sweep again."""
        self._known = self.result if self._can_go_on() else None
        self.start()

    def _of(self, answer: str | None) -> None:
        if answer is not None:
            self._replan(replace(self.plan, group=answer or None))

    def _over(self, plan: Plan | None) -> None:
        if plan is not None:
            self._replan(plan)

    def _replan(self, plan: Plan) -> None:
        self.plan, self.row = plan, None
        self.start()

    def refuse(self, sentence: str) -> None:
        """Say why, and stay with the sweep before where there is one."""
        super().refuse(sentence)
        if self.result is not None:
            self.plan = self.result.plan
            self.paint()
