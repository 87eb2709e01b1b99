"""What is swept and surveyed: the scenario's own sweep, and the pictures that a beat of a lesson opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from bntui.maths.architecture import Switching
from bntui.scenario.model.parts import (
    Field,
    Limits,
    Mistakes,
    Number,
    Positive,
    ReadBy,
    ScenarioPart,
    StrictInt,
    StrictStr,
    Switch,
    Validate,
    by_form,
    told,
)
from bntui.scenario.text.wording import shown

OverNumber = StrictInt | Number  # a whole one stays whole
OverValue = Annotated[
    float | Switch | StrictStr, by_form("a number, text, true or false", number=OverNumber, switch=Switch, text=StrictStr)
]
_OVER = r"^\s*(gain|depth|normalization|[^=]+=[\s\S]+)\s*$"
OverValues = Annotated[
    dict[StrictStr, Annotated[tuple[OverValue, ...], Limits(min_length=1, max_length=26)]], Limits(min_length=1, max_length=1)
]
Over = Annotated[
    Annotated[StrictStr, Limits(max_length=1000, json_schema_extra={"pattern": _OVER})] | OverValues,
    by_form("gain, depth, PATH=a,b,c or a mapping of one path to its values", text=StrictStr, mapping=OverValues),
]
RateCount = Annotated[int, Limits(strict=True, ge=2, le=1000)]
SweepSteps = Annotated[int, Limits(strict=True, ge=1, le=100_000)]
SweepSeeds = Annotated[int, Limits(strict=True, ge=1, le=100)]
MOST_WIDTH, MOST_DEPTH, MOST_SAMPLES = 1024, 200, 1024  # of the networks whose gradients are followed down
LEAST_DEPTH, LEAST_SAMPLES = 3, 2

FROM, TO = "The smallest learning rate.", "The largest learning rate."
COUNT, STEPS = "How many rates are tried.", "How many steps each."
SEEDS = "How many seeds of the first weights, from the network's own on."
OVER = (
    "What it goes over beside the rate, as {normalization: [none, batch_norm]}, {batch_size: [4, full]} or "
    '"depth=2,4,8": a curve for each value; gain or depth: a map of them, with BN off and on.'
)
GROUP = "The pattern of the parameters whose rate is swept, as h*.weight; left out: all."


class SweepPart(ScenarioPart, title="Sweep"):
    """The learning rates that the sweep tries, evenly on a log axis."""

    start: Positive = Field(default=1e-3, key="from", description=FROM)
    to: Positive = Field(default=30.0, description=TO)
    count: RateCount = Field(default=40, description=COUNT)
    steps: SweepSteps = Field(default=200, description=STEPS)
    seeds: SweepSeeds = Field(default=5, description=SEEDS)
    over: Over | None = Field(default=None, description=OVER)
    group: StrictStr | None = Field(default=None, description=GROUP)

    def mistakes(self) -> Mistakes:
        """A range that is empty."""
        return [(("to",), f"found {self.to}; allowed: above from, {self.start:g}")] if self.to <= self.start else []


class BeatSweep(ScenarioPart):
    """A sweep as the picture of a beat, from the state that its actions lead to; what is left out is the scenario's."""

    start: Positive | None = Field(default=None, key="from", description=FROM)
    to: Positive | None = Field(default=None, description=TO)
    count: RateCount | None = Field(default=None, description=COUNT)
    steps: SweepSteps | None = Field(default=None, description=STEPS)
    seeds: SweepSeeds | None = Field(default=None, description=SEEDS)
    switching: Switching | None = Field(default=None, description="What switching BN does to the parameters.")
    over: Over | None = Field(default=None, description=OVER)
    group: StrictStr | None = Field(default=None, description=GROUP)

    def over_of(self, own: SweepPart) -> str | Mapping[str, tuple[Any, ...]] | None:
        """What it goes over beside the rate, in a scenario whose own sweep is given."""
        return own.over if self.over is None else self.over

    def range_mistakes(self, own: SweepPart) -> Mistakes:
        """A range that is empty, once the scenario's sweep has given what is left out."""
        start, to = self.start or own.start, self.to or own.to
        place = "to" if self.to is not None else "from"
        return [((place,), f"the rates go from {start:g} to {to:g}; allowed: to above from")] if to <= start else []


class BeatLandscape(ScenarioPart):
    """J along the gradient from the state that a beat's actions lead to, or the growth of gradients with depth, as its picture."""

    growth: Switch = Field(default=False, description="The gradient's norm by depth at the start, with theory's line.")
    samples: Annotated[int, Limits(strict=True, ge=LEAST_SAMPLES, le=MOST_SAMPLES)] | None = Field(
        default=None, description="With growth: how many samples; left out: the scenario's batch."
    )
    width: Annotated[int, Limits(strict=True, ge=1, le=MOST_WIDTH)] | None = Field(
        default=None, description="With growth: how many units a layer has."
    )
    depth: Annotated[int, Limits(strict=True, ge=LEAST_DEPTH, le=MOST_DEPTH)] | None = Field(
        default=None, description="With growth: how many hidden layers."
    )
    seeds: SweepSeeds | None = Field(default=None, description="With growth: how many networks.")

    def mistakes(self) -> Mistakes:
        """What only the growth has."""
        named = [name for name in ("samples", "width", "depth", "seeds") if getattr(self, name) is not None]
        return [] if self.growth else [((name,), f"{name} goes with growth: true") for name in named]

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """What only the growth has."""
        growth = {"properties": {"growth": {"const": True}}, "required": ["growth"]}
        return {"dependentSchemas": dict.fromkeys(("samples", "width", "depth", "seeds"), growth)}


Picture = BeatSweep | BeatLandscape


def _read_true(value: Any, validate: Validate) -> Any:
    if value is not True:
        raise told(f"found {shown(value)}; allowed: true, or leave the key out")
    return value


Wanted = Annotated[Literal[True], ReadBy(_read_true)]
SweepAsked = Annotated[
    Wanted | BeatSweep, by_form("true, or a mapping with from, to, count, steps …", switch=Wanted, mapping=BeatSweep)
]
LandscapeAsked = Annotated[Wanted | BeatLandscape, by_form("true, or {growth: true}", switch=Wanted, mapping=BeatLandscape)]
