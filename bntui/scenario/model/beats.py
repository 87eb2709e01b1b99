"""The beats of a lesson: what is said, done, asked and expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import Annotated, Any

from bntui.scenario.model.actions import BeatAction, LessonAction
from bntui.scenario.model.comparisons import QuantityComparisons
from bntui.scenario.model.parts import (
    NOT_EMPTY,
    Count,
    Field,
    Limits,
    Mistakes,
    Positive,
    ScenarioPart,
    Sentence,
    StrictStr,
    Text,
    by_form,
    not_both,
)
from bntui.scenario.model.pictured import PICTURED_PATTERN
from bntui.scenario.model.pictures import BeatLandscape, BeatSweep, LandscapeAsked, Picture, SweepAsked
from bntui.scenario.model.showing import CHART, CHARTS
from bntui.scenario.model.vocabulary import QUANTITY_PATTERN
from bntui.scenario.text.wording import one_line, shown

MARKS = re.compile(r"[*`]")  # of Markdown
DEFAULT_LIMIT = 1000
WORDS_A_MINUTE, LOOKS_A_MINUTE = 150, 3
LEAST_CHOICES, MOST_CHOICES = 2, 9


def _up_to(count: int) -> dict[str, Any]:
    """The rule that keys are numbers up to this."""
    return {"propertyNames": {"pattern": f"^[1-{count}]$"}}


class Question(ScenarioPart):
    """A question that is answered before the beat's steps are taken."""

    question: Text = Field(description="What is asked.")
    choices: Annotated[tuple[Sentence, ...], Limits(min_length=LEAST_CHOICES, max_length=MOST_CHOICES)] = Field(
        description="What can be answered; from two to nine choices."
    )
    answer: Annotated[int, Limits(strict=True, ge=1, le=MOST_CHOICES)] = Field(description="The right choice, counted from 1.")
    because: Text = Field(default="", description="Why, shown after the answer.")
    wrong: Annotated[dict[StrictStr, Text], Limits(json_schema_extra=_up_to(MOST_CHOICES))] = Field(
        default_factory=dict, description="Why not, by the number of a wrong choice; shown to whoever chose it, before because."
    )

    def mistakes(self) -> Mistakes:
        """A right answer that is not one of the choices, and a reason against what is no wrong choice."""
        if self.answer > len(self.choices):
            return [(("answer",), f"found {self.answer}; allowed: 1 to {len(self.choices)}, the number of a choice")]
        wrong = [str(number) for number in range(1, len(self.choices) + 1) if number != self.answer]
        allowed = f"allowed, as a wrong choice: {', '.join(wrong)}"
        return [
            (("wrong", number), f"found {shown(number)}{', the right answer' if number == str(self.answer) else ''}; {allowed}")
            for number in self.wrong
            if number not in wrong
        ]

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """An answer that is one of the choices, and reasons against other choices alone."""
        counts = range(LEAST_CHOICES, MOST_CHOICES + 1)
        fitting = [
            {"choices": {"minItems": count, "maxItems": count}, "answer": {"maximum": count}, "wrong": _up_to(count)}
            for count in counts
        ]
        against_right = [
            {"not": {"properties": {"answer": {"const": number}, "wrong": {"required": [str(number)]}}, "required": ["wrong"]}}
            for number in range(1, MOST_CHOICES + 1)
        ]
        return {"anyOf": [{"properties": properties} for properties in fitting], "allOf": against_right}

    def against(self, choice: int) -> str:
        """Why a choice is wrong; "" where nothing is said of it."""
        return self.wrong.get(str(choice), "")


_SHOWN = rf"^({QUANTITY_PATTERN}|{PICTURED_PATTERN}|{re.escape(CHART)}({'|'.join(CHARTS)}))$"
ShownName = Annotated[StrictStr, Limits(json_schema_extra={"pattern": _SHOWN})]


class RunPart(ScenarioPart, title="Run"):
    """Steps at a given speed until a quantity is reached."""

    speed: Positive = Field(default=10.0, description="Steps per second.")
    until: QuantityComparisons | None = Field(default=None, description="Stops once all of these hold.")
    limit: Count = Field(default=DEFAULT_LIMIT, description="Stops after this many steps in any case.")


_Many = Annotated[tuple[LessonAction, ...], Limits(min_length=1)]


Actions = Annotated[
    LessonAction | _Many, by_form("an action, as {step: 1}, or a list of actions", mapping=LessonAction, items=_Many)
]


class LessonBeat(ScenarioPart):
    """One beat. Its keys take place in this order: say and note are shown, ask is answered, then do, show, run, picture, expect."""

    say: Text | None = Field(default=None, description="What the lesson says here, in Markdown.")
    note: Text | None = Field(default=None, description="A note for the speaker's view only.")
    ask: Question | None = Field(default=None, description="A question, answered before the beat goes on.")
    do: Actions | None = Field(default=None, description="An action, or a list of actions.")
    run: RunPart | None = Field(default=None, description="Steps at a speed, until a quantity is reached.")
    show: Annotated[tuple[ShownName, ...], Limits(min_length=1, max_length=20)] | None = Field(
        default=None,
        description="What the words speak of: quantities, as factor.b.norm.scale (a row of the ledger), and charts, as chart.loss. "
        "They light up, and the view and the layer that have them are opened.",
    )
    sweep: SweepAsked | None = Field(
        default=None,
        description="A sweep as the beat's picture, from the state that do and run have led to, as `bntui sweep` makes it from "
        "there; true: the scenario's own. Its result is kept, so that nobody waits twice.",
    )
    landscape: LandscapeAsked | None = Field(
        default=None,
        description="J along the gradient from there as the beat's picture; {growth: true}: the growth of gradients with depth.",
    )
    expect: QuantityComparisons | None = Field(
        default=None, description="What must hold now, by quantity; checked by `bntui check --play`."
    )

    def mistakes(self) -> Mistakes:
        """A beat of nothing."""
        if not self.given:
            return [((), f"found an empty mapping; allowed: {', '.join(self.yaml_keys())}")]
        if self.sweep is not None and self.landscape is not None:
            return [(("landscape",), "found landscape beside sweep; allowed: one of them, a beat opens one picture")]
        return []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Something, and at most one picture."""
        return NOT_EMPTY | not_both("sweep", "landscape")

    @property
    def words(self) -> str:
        """What it asks, else what it says, as plain text in one line; what it does where it does neither."""
        text = self.ask.question if self.ask is not None else self.say
        if not text:
            return f"({', '.join(action.key for action in self.actions) or 'nothing is said'})"
        return without_marks(text)

    @property
    def picture(self) -> Picture | None:
        """What the beat opens over the ledger; None where it opens nothing."""
        if self.sweep is not None:
            return BeatSweep() if self.sweep is True else self.sweep
        if self.landscape is not None:
            return BeatLandscape() if self.landscape is True else self.landscape
        return None

    @property
    def actions(self) -> tuple[BeatAction, ...]:
        """The actions of `do`, in order."""
        if self.do is None:
            return ()
        return self.do if isinstance(self.do, tuple) else (self.do,)


def without_marks(text: str) -> str:
    """The text of a beat as it is typed by whoever looks for it: in one line, without Markdown's marks."""
    return one_line(MARKS.sub("", text))


def minutes(lesson: Sequence[LessonBeat]) -> int:
    """How long a lesson takes, in whole minutes.

    Its words are read at 150 a minute: what is said, questions with their choices, and why. Each beat is looked at for 20
    seconds, each question thought about for 20 more.
    """
    words, questions = 0, 0
    for beat in lesson:
        words += len((beat.say or "").split())
        if beat.ask is not None:
            questions += 1
            words += sum(len(text.split()) for text in (beat.ask.question, *beat.ask.choices, beat.ask.because))
    return ceil(words / WORDS_A_MINUTE + (len(lesson) + questions) / LOOKS_A_MINUTE)
