"""How the cost is descended: the rates, the optimizer, the weight decay, the schedule of the rates, the batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from bntui.maths.kinds.optimizers import OPTIMIZERS, Optimizer
from bntui.maths.kinds.schedules import SCHEDULES, UNCHANGING, Schedule, settings_of
from bntui.maths.names import ByName
from bntui.scenario.model.parts import (
    Count,
    Field,
    Index,
    Limits,
    Mistakes,
    Momentum,
    NotNegative,
    Positive,
    ScenarioPart,
    Seed,
    Share,
    StrictStr,
    Switch,
    by_form,
    by_word,
)

if TYPE_CHECKING:  # mypy knows no Literal whose words are computed
    OptimizerName = str
    ScheduleName = str
else:
    OptimizerName = Literal[tuple(OPTIMIZERS)]
    ScheduleName = Literal[tuple(SCHEDULES)]


class SchedulePart(ScenarioPart, title="Schedule"):
    """How the rates change with the number of the step, all of them by the same share."""

    kind: ScheduleName = Field(default="constant", description="How they change after the warm-up.")
    by: Positive | None = Field(default=None, description="By what step and exponential multiply; above 1 the rates grow.")
    every: Count | None = Field(default=None, description="After how many steps the schedule step multiplies again.")
    steps: Count | None = Field(default=None, description="How many steps cosine takes down to least.")
    least: Share | None = Field(default=None, description="The share of the rates that cosine ends with and stays at; left out: 0.")
    warm_up: Index = Field(
        default=0, description="In the first so many steps, n of them, the shares are 1/n, 2/n … 1; what follows counts from there."
    )

    def mistakes(self) -> Mistakes:
        """A setting that the kind does not have, or one that it lacks; a schedule of nothing."""
        own = settings_of(SCHEDULES[self.kind])
        wrong: Mistakes = []
        for name in dict.fromkeys(name for kind in SCHEDULES.values() for name in settings_of(kind)):
            if name in self.given and name not in own:
                allowed = ", ".join(("kind", *own, "warm_up"))
                wrong.append(((name,), f"the schedule {self.kind} has no {name}; allowed: {allowed}"))
        wrong += [
            ((name,), f"missing; the schedule {self.kind} needs it")
            for name, needed in own.items()
            if needed and name not in self.given
        ]
        if not own and not self.warm_up and not wrong:
            wrong.append(((), "found a schedule that changes nothing; give it a kind or a warm_up"))
        return wrong

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Each kind has settings of its own."""
        every = dict.fromkeys(name for kind in SCHEDULES.values() for name in settings_of(kind))
        rules: dict[str, dict[str, Any]] = {}
        for word, kind in SCHEDULES.items():
            own = settings_of(kind)
            rules[word] = {"properties": {name: False for name in every if name not in own}}
            rules[word]["required"] = [name for name, needed in own.items() if needed]
            if not own:
                rules[word]["properties"]["warm_up"] = {"minimum": 1}
                rules[word]["required"] = ["warm_up"]
        return by_word("kind", "constant", rules)

    def made(self) -> Schedule:
        """The schedule itself."""
        kind = SCHEDULES[self.kind]
        given = {name: getattr(self, name) for name in settings_of(kind) if name in self.given}
        return Schedule(kind(**given), self.warm_up)


class Training(ScenarioPart):
    """How the cost is descended. Weight decay is no part of J, its gradient or its curvature: it is in the step alone."""

    learning_rate: Positive = Field(description="η, the learning rate; with a schedule the rate that its shares are of.")
    learning_rates: Annotated[dict[StrictStr, NotNegative], Limits(max_length=1000)] = Field(
        default_factory=dict,
        description="Learning rates by parameter name, * as in a shell; the last match holds.",
    )
    optimizer: OptimizerName = Field(default="sgd", description="The rule of the step; the formulas stand under Optimizers.")
    momentum: Momentum = Field(default=0.0, description="The momentum of sgd, from 0 to below 1.")
    nesterov: Switch = Field(default=False, description="Whether sgd's momentum is Nesterov's, as torch.optim.SGD has it.")
    betas: Annotated[tuple[Momentum, ...], Limits(min_length=2, max_length=2)] = Field(
        default=(0.9, 0.999), description="β₁ and β₂ of adam and adamw, each from 0 to below 1."
    )
    epsilon: Positive = Field(default=1e-8, description="ε of adam and adamw.")
    weight_decay: NotNegative = Field(
        default=0.0, description="λ, as torch.optim has it: λθ is added to the gradient, by adamw to the step."
    )
    weight_decays: Annotated[dict[StrictStr, NotNegative], Limits(max_length=1000)] = Field(
        default_factory=dict,
        description='Weight decays by parameter name, as {"*.gamma": 0, "*.beta": 0, "*.bias": 0}; the last match holds.',
    )
    schedule: SchedulePart | None = Field(default=None, description="How the rates change with the steps; left out: not at all.")
    batch_size: Annotated[
        Literal["full"] | Count, by_form("full, or a whole number from 1", words=("full",), number=Count)
    ] = Field(
        default="full", description="full, or samples per step; shuffled anew each epoch, a short remainder dropped."
    )
    seed: Seed = Field(default=0, description="The seed of the batches.")

    def mistakes(self) -> Mistakes:
        """Nesterov's momentum where there is none."""
        return [(("nesterov",), "found true; nesterov needs a momentum above 0")] if self.nesterov and not self.momentum else []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """A momentum beside Nesterov's."""
        momentum = {"properties": {"momentum": {"exclusiveMinimum": 0}}, "required": ["momentum"]}
        return {"if": {"properties": {"nesterov": {"const": True}}, "required": ["nesterov"]}, "then": momentum}

    @property
    def rate_schedule(self) -> Schedule:
        """The schedule of the rates; where none is given one that leaves them as they are."""
        return UNCHANGING if self.schedule is None else self.schedule.made()

    def optimizer_named(self, name: str, decay: ByName) -> Optimizer:
        """An optimizer with the settings that it has here, and a weight decay."""
        kind = OPTIMIZERS[name]
        settings = {key: getattr(self, key) for key in kind.settings}
        return kind(**settings, decay=decay)
