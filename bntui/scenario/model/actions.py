"""What can be done in a session: the one vocabulary of keys, lessons, palette, commands and journal.

In YAML and in the journal an action is a mapping of one key, as `step: 5` or `set: {batch_norm: true}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from bntui.maths.architecture import Switching
from bntui.maths.arrays import Mode
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.matrices import WeightValue
from bntui.scenario.model.parts import (
    NOT_EMPTY,
    Count,
    Field,
    Index,
    Invalid,
    Limits,
    Mistakes,
    Momentum,
    NotNegative,
    Number,
    Positive,
    ReadBy,
    ScenarioPart,
    Seed,
    StrictStr,
    Switch,
    Validate,
    by_form,
    not_both,
    told,
)
from bntui.scenario.model.training import OptimizerName
from bntui.scenario.model.validating import validated
from bntui.scenario.model.vocabulary import HISTORY_PATTERN
from bntui.scenario.text.complaints import DocumentPath, Finding
from bntui.scenario.text.wording import shown, suggestion

Changed = Literal["network", "cursor", "look", "lesson"]
Shown = Literal[
    "layers",
    "loss",
    "step",
    "meters",
    "activations",
    "forward",
    "eigenvalues",
    "history",
    "fit",
    "lesson",
    "formula",
]
Page = Literal["sweep", "landscape", "growth"]  # over the whole screen: a key opens them, or a beat as its picture
if TYPE_CHECKING:  # mypy knows no Literal whose words are computed
    KindName = str
else:
    KindName = Literal[tuple(NORMALIZATIONS)]
LayerNames = Annotated[tuple[StrictStr, ...], Limits(max_length=256)]
NormalizedLayers = Annotated[
    bool | LayerNames, by_form("true, false or a list of layers", switch=Switch, items=LayerNames)
]
LayerKinds = Annotated[dict[StrictStr, KindName], Limits(max_length=256)]
KindOfNormalization = Annotated[
    KindName | Literal["none"] | LayerKinds,
    by_form("none, a kind of normalization, or a mapping of layers to kinds", words=("none", *NORMALIZATIONS), mapping=LayerKinds),
]
AllOrIndex = Annotated[Literal["all"] | Index, by_form("all, or a number counted from 0", words=("all",), number=Index)]


class ActionPart(ScenarioPart):
    """What all actions share. `key` names the action; `sole` is the field whose value stands alone after it.

    `changes` says what it changes: the network or how it is trained, so that another future begins; the cursor's place in the tree
    of futures; where one looks; or the lesson's place.
    """

    key: ClassVar[str]
    changes: ClassVar[Changed]
    sole: ClassVar[str | None] = None
    constant: ClassVar[bool | None] = None

    @property
    def leads_on(self) -> bool:
        """Whether the state at hand may be another one after it, so that a trace has a line for it."""
        return self.changes in ("network", "cursor")

    @property
    def sign(self) -> str:
        """How it is marked on the timeline, "" where it is not."""
        return ""

    def mapping(self, whole: bool = False) -> dict[str, Any]:
        """The action as a mapping of one key, of plain values, only what was set, or the `whole`."""
        if self.constant is not None:
            return {self.key: self.constant}
        fields = super().mapping(whole)
        return {self.key: fields[self.sole] if self.sole else fields}

    @classmethod
    def from_value(cls, value: Any, validate: Validate) -> ActionPart:
        """The action whose key has this value in the document. Raises Invalid."""
        if cls.constant is not None:
            if value is not cls.constant:
                raise told(f"found {shown(value)}; allowed: {shown(cls.constant)}")
            return cls()
        action: ActionPart = validate(cls, {cls.sole: value} if cls.sole else value)
        return action

    @classmethod
    def schema(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The JSON Schema of the mapping of one key, from that of its fields."""
        whole = super().schema(fields)
        value = {"const": cls.constant} if cls.constant is not None else whole
        value = whole["properties"][cls.sole] if cls.sole else value
        one_key = {"type": "object", "properties": {cls.key: value}, "required": [cls.key], "additionalProperties": False}
        return one_key | {"description": whole["description"]}


def _two_forms(batch_norm: object, normalization: object) -> Mistakes:
    """Both ways to say which layers are normalized."""
    both = batch_norm is not None and normalization is not None
    return [(("batch_norm",), "found batch_norm beside normalization; allowed: one of them")] if both else []


class Step(ActionPart):
    """Take steps of gradient descent."""

    key = "step"
    changes = "cursor"
    sole = "count"
    count: Count = Field(description="How many steps; within a recorded future they walk it.")


class Back(ActionPart):
    """Go back by steps, to the state after everything that was done at that step."""

    key = "back"
    changes = "cursor"
    sole = "count"
    count: Count = Field(description="How many steps back.")


class GoTo(ActionPart):
    """Go to a step, back or forward."""

    key = "goto"
    changes = "cursor"
    sole = "step"
    step: Index = Field(description="The step to go to; 0 is the start.")


class Reset(ActionPart):
    """Start the scenario anew."""

    key = "reset"
    changes = "network"
    constant = True


class Set(ActionPart):
    """Change learning rates, the optimizer and its settings, which layers are normalized and how, skips, the mode or weights."""

    key = "set"
    changes = "network"
    signs: ClassVar[dict[str, str]] = {
        "batch_norm": "b",
        "normalization": "N",
        "skips": "S",
        "learning_rate": "η",
        "learning_rates": "η",
        "mode": "m",
        "weights": "w",
        "optimizer": "o",
        "weight_decay": "d",
    }

    learning_rate: Positive | None = Field(default=None, description="The learning rate of the whole network, before the schedule.")
    learning_rates: Annotated[dict[StrictStr, NotNegative], Limits(min_length=1, max_length=1000)] | None = Field(
        default=None, description='Learning rates of some parameters, as {"h*.weight": 10}; they hold over those set before.'
    )
    optimizer: OptimizerName | None = Field(
        default=None, description="Another optimizer, with its settings in training; it remembers no earlier gradient."
    )
    momentum: Momentum | None = Field(default=None, description="The momentum of sgd, from 0 to below 1.")
    weight_decay: NotNegative | None = Field(
        default=None, description="The weight decay of every parameter that has none by name."
    )
    batch_norm: NormalizedLayers | None = Field(
        default=None, description="true: every layer that can be switched; false: none; a list: exactly these layers."
    )
    normalization: KindOfNormalization | None = Field(
        default=None,
        description="A kind: the layers that are normalized are so in this kind, where none is all that can be switched; "
        "none: no layer; a mapping: exactly these layers, each in its kind.",
    )
    skips: Switch | None = Field(default=None, description="Whether the skip connections are there.")
    switching: Switching | None = Field(
        default=None, description="How this switch treats the parameters; reset: γ=1, β=0, preserve: no output moves."
    )
    mode: Mode | None = Field(default=None, description="train: batch statistics; eval: running estimates.")
    weights: dict[StrictStr, WeightValue] | None = Field(
        default=None, description="New values by parameter name, as a.weight: [[0.5]]; a number where it has one value; or "
        "drawn within ±uniform, others at every step, as {h1.beta: {uniform: 0.25, seed: 0}}."
    )

    @property
    def sign(self) -> str:
        """The sign of the first thing that it sets and that has one."""
        return next((sign for name, sign in self.signs.items() if getattr(self, name) is not None), "")

    def mistakes(self) -> Mistakes:
        """A `set` that sets nothing, or the normalized layers twice."""
        if not self.given:
            return [((), f"found an empty mapping; allowed: {', '.join(self.yaml_keys())}")]
        return _two_forms(self.batch_norm, self.normalization)

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Something is set, and the normalized layers once."""
        return NOT_EMPTY | not_both("batch_norm", "normalization")


class ScaleWeights(ActionPart, title="Scale"):
    """Multiply the weights of one layer: the paper's BN((aW)u)."""

    key = "scale"
    changes = "network"
    layer: StrictStr = Field(description="The layer whose weights are multiplied.")
    by: Number = Field(description="The factor; anything but 0.")

    @property
    def sign(self) -> str:
        """The key's."""
        return "*"

    def mistakes(self) -> Mistakes:
        """A factor of 0, from which no weight returns."""
        return [(("by",), "found 0; allowed: any other number")] if self.by == 0 else []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """A factor other than 0."""
        return {"not": {"properties": {"by": {"const": 0}}, "required": ["by"]}}


class Twin(ActionPart):
    """Run a second network beside this one that differs in what is named; in BN, when nothing is named."""

    key = "twin"
    changes = "network"
    batch_norm: NormalizedLayers | None = Field(default=None, description="Which of the twin's layers are normalized.")
    normalization: KindOfNormalization | None = Field(
        default=None, description="In which kind the twin's layers are normalized, as in `set`."
    )
    skips: Switch | None = Field(default=None, description="Whether the twin has the skip connections.")
    learning_rate: Positive | None = Field(default=None, description="The twin's learning rate.")
    optimizer: OptimizerName | None = Field(default=None, description="The twin's optimizer.")
    weight_decay: NotNegative | None = Field(default=None, description="The twin's weight decay.")
    init_seed: Seed | None = Field(default=None, description="The seed of the twin's initial weights.")
    future: Index | None = Field(default=None, description="The twin walks this recorded future, counted from 0.")

    def mistakes(self) -> Mistakes:
        """The normalized layers named twice."""
        return _two_forms(self.batch_norm, self.normalization)

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """The normalized layers named once."""
        return not_both("batch_norm", "normalization")


class Untwin(ActionPart):
    """Take the twin away."""

    key = "twin"
    changes = "network"
    constant = False


class Future(ActionPart):
    """Go on in another recorded future of the state at hand."""

    key = "future"
    changes = "cursor"
    sole = "number"
    number: Index = Field(description="The future, counted from 0 in the order in which they were begun.")


class FocusPart(ScenarioPart, title="Place"):
    """Where to look: a layer, a sample, a unit."""

    layer: StrictStr | None = Field(default=None, description="The layer whose chain is open.")
    sample: AllOrIndex | None = Field(default=None, description="all for the whole batch, or a sample counted from 0.")
    unit: AllOrIndex | None = Field(default=None, description="all for the whole layer, or a unit counted from 0.")


class LookAt(FocusPart, ActionPart, title="Focus"):
    """Look at a layer, a sample, a unit."""

    key = "focus"
    changes = "look"


class HistoryPart(ScenarioPart, title="History"):
    """The view `history` with what it shows."""

    history: Annotated[StrictStr, Limits(json_schema_extra={"pattern": f"^{HISTORY_PATTERN}$"})] = Field(
        description="A quantity, as loss, or several by a pattern: weight or weight.* for every layer's."
    )


Viewed = Annotated[
    Shown | HistoryPart,
    by_form(
        f"{', '.join(get_args(Shown))}, or history: a quantity (sweep and landscape are keys of a beat)",
        words=get_args(Shown),
        mapping=HistoryPart,
    ),
]


class View(ActionPart):
    """Show one of the views; `history` with a quantity, as `view: {history: weight}`."""

    key = "view"
    changes = "look"
    sole = "name"
    name: Viewed = Field(description="The view to show.")

    @property
    def shown(self) -> Shown:
        """The view's name."""
        return "history" if isinstance(self.name, HistoryPart) else self.name

    @property
    def quantity(self) -> str | None:
        """What the history is of, None where that is not said."""
        return self.name.history if isinstance(self.name, HistoryPart) else None


class Beat(ActionPart):
    """Go to a beat of the lesson."""

    key = "beat"
    changes = "lesson"
    sole = "number"
    number: Index = Field(description="The beat, counted from 1; 0 is before the lesson.")


class Answer(ActionPart):
    """Answer the question of the beat at hand."""

    key = "answer"
    changes = "lesson"
    sole = "choice"
    choice: Annotated[int, Limits(strict=True, ge=1, le=9)] = Field(description="The choice, counted from 1.")


BeatAction = Step | Back | GoTo | Reset | Set | ScaleWeights | Twin | Untwin | Future | LookAt | View
AnyAction = BeatAction | Beat | Answer

ACTION_TYPES: tuple[type[ActionPart], ...] = get_args(AnyAction)
ACTION_KEYS: tuple[str, ...] = tuple(dict.fromkeys(kind.key for kind in ACTION_TYPES))
BEAT_KEYS: tuple[str, ...] = tuple(dict.fromkeys(kind.key for kind in get_args(BeatAction)))
# what a person who types calls the place that something is wrong at, by how its path begins
_CALLED = {"goto": "step", "twin.init_seed": "seed", "twin.": "", "focus.": "", "set.weights.": "", "set.learning_rates.": ""}
_BY_KEY: dict[str, type[ActionPart]] = {kind.key: kind for kind in reversed(ACTION_TYPES)}


def _read_action(value: Any, validate: Validate, keys: tuple[str, ...] = ACTION_KEYS) -> Any:
    if isinstance(value, ActionPart):
        return value
    allowed = f"a mapping of one key, one of {', '.join(keys)}"
    if not isinstance(value, Mapping) or len(value) != 1:
        found = f"the keys {', '.join(map(str, value))}" if isinstance(value, Mapping) and value else shown(value)
        raise told(f"found {found}; allowed: {allowed}{suggestion(value, keys)}")
    ((key, content),) = value.items()
    if key not in _BY_KEY:
        message = f"unknown action {shown(key)}; allowed: {', '.join(keys)}{suggestion(key, keys)}"
        raise Invalid([Finding((key,), message, at_key=True)])
    kind = Untwin if key == Untwin.key and content is False else _BY_KEY[key]
    try:
        return kind.from_value(content, validate)
    except Invalid as error:
        skipped = 1 if kind.sole else 0
        raise Invalid(replace(each, path=(key, *each.path[skipped:])) for each in error.findings) from None


def _read_in_lesson(value: Any, validate: Validate) -> Any:
    action = _read_action(value, validate, BEAT_KEYS)
    if not isinstance(action, BeatAction):
        raise Invalid([Finding((action.key,), "a lesson does not turn its own pages", at_key=True)])
    return action


LessonAction = Annotated[BeatAction, ReadBy(_read_in_lesson)]


def parse_action(mapping: Mapping[str, Any]) -> AnyAction:
    """The action that a mapping of one key names. Raises ValueError with a person's sentence where it names none."""
    try:
        action: AnyAction = _read_action(mapping, validated)
    except Invalid as error:
        raise ValueError("; ".join(_located(each.path, each.message) for each in error.findings)) from None
    return action


def _located(location: DocumentPath, message: str) -> str:
    path = ".".join(map(str, location))
    begins = next((each for each in _CALLED if path.startswith(each)), "")
    path = _CALLED.get(begins, "") + path.removeprefix(begins)
    return f"{path}: {message}" if path else message
