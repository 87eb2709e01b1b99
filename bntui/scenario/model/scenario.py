"""A scenario: the network, its data, how it is trained, where to look, and the lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from bntui.maths.architecture import DEFAULT_GROUPS, Placement, Switching
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import BATCH_NORM, NORMALIZATIONS
from bntui.scenario.model.actions import FocusPart, KindName, NormalizedLayers
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.matrices import Matrix, Vector
from bntui.scenario.model.parts import (
    Count,
    Field,
    Limits,
    Mistakes,
    NotNegative,
    Number,
    Positive,
    ScenarioPart,
    Seed,
    Sentence,
    Share,
    StrictStr,
    Switch,
    Title,
    Version,
    by_form,
    by_word,
)
from bntui.scenario.model.pictures import SweepPart
from bntui.scenario.model.sources import Data
from bntui.scenario.model.training import Training
from bntui.scenario.model.validating import schema_of
from bntui.scenario.text.complaints import DocumentPath

if TYPE_CHECKING:  # mypy knows no Literal whose words are computed
    ActivationName = str
    CostName = str
else:
    ActivationName = Literal[tuple(ACTIVATIONS)]
    CostName = Literal[tuple(COSTS)]

MOST_LAYERS = 256
MOST_WEIGHTS = 10_000_000
DEFAULT_INIT_SEED = 0

Scheme = Literal["he", "xavier", "normal", "uniform", "constant"]
# the size that each scheme takes
SIZES: dict[Scheme, str] = {"he": "gain", "xavier": "gain", "normal": "std", "uniform": "bound", "constant": "value"}


class _LayerSettings(ScenarioPart):
    """What a layer's normalization may have of its own, in either form."""

    placement: Placement | None = Field(default=None, description="Whether it stands before or after the activation.")
    epsilon: NotNegative | None = Field(default=None, description="ε in σ = √(v + ε).")
    momentum: Share | None = Field(default=None, description="The share of the new batch in the running estimates.")
    affine: Switch | None = Field(default=None, description="Whether there are γ and β.")


class LayerBatchNorm(_LayerSettings):
    """How one layer is batch-normalized; what is left out is the network's."""

    kind: ClassVar[None] = None
    groups: ClassVar[None] = None


class LayerNormalization(_LayerSettings):
    """How one layer is normalized; what is left out is the network's."""

    kind: KindName | None = Field(default=None, description="Which normalization.")
    groups: Count | None = Field(default=None, description="Into how many groups group_norm divides the units.")


class _NetworkSettings(ScenarioPart):
    """Which layers start normalized, and how, in either form."""

    enabled: NormalizedLayers = Field(
        default=False,
        description="Who starts with it; true: every layer that can be switched, false: none, or a list of layers.",
    )
    placement: Placement = Field(
        default="before_activation", description="Whether it stands before or after the activation."
    )
    epsilon: NotNegative = Field(default=1e-5, description="ε in σ = √(v + ε).")
    momentum: Share = Field(default=0.1, description="The share of the new batch in the running estimates.")
    affine: Switch = Field(default=True, description="Whether there are γ and β.")


class NetworkBatchNorm(_NetworkSettings):
    """Which layers start with batch normalization, and how; the defaults are those of torch.nn.BatchNorm1d."""

    kind: ClassVar[str] = BATCH_NORM.name
    groups: ClassVar[int] = DEFAULT_GROUPS


class NetworkNormalization(_NetworkSettings):
    """Which layers start normalized, in which kind, and how; the general form of batch_norm."""

    kind: KindName = Field(default=BATCH_NORM.name, description="Which normalization; they are listed under Normalizations.")
    groups: Count = Field(default=DEFAULT_GROUPS, description="Into how many groups group_norm divides a layer's units.")


class LayerPart(ScenarioPart):
    """One layer: an affine map, an activation, and perhaps BN."""

    name: Annotated[StrictStr, Limits(json_schema_extra={"pattern": "^[A-Za-z][A-Za-z0-9_-]{0,39}$"})] | None = Field(
        default=None, description="Its name: letters, digits, _ and -, a letter first; left out: layer1, layer2 …"
    )
    units: Annotated[int, Limits(strict=True, ge=1, le=MOST_WEIGHTS)] = Field(description="How many units it has.")
    repeat: Annotated[int, Limits(strict=True, ge=1, le=MOST_LAYERS)] | None = Field(
        default=None,
        description="How many times it stands, one behind the other; their names are numbered: h1, h2 … of h.",
    )
    activation: ActivationName = Field(default="linear", description="What follows the affine map.")
    skip_from: StrictStr | None = Field(
        default=None,
        description="A skip connection: what is added to the layer's own output, after its activation; previous (what the layer "
        "takes in), inputs (the network's) or the name of an earlier layer, as wide as this one.",
    )
    weight: Annotated[
        Matrix | Literal["identity"] | None, by_form("a list of rows, or identity", words=("identity",), items=Matrix)
    ] = Field(
        default=None,
        description="Its first weights, a row for each unit; identity: it hands on what comes in, as many units as inputs; "
        "left out: by init.",
    )
    bias: Annotated[bool | Vector, by_form("true, false or a list of numbers", switch=Switch, items=Vector)] = Field(
        default=True, description="true: starts at 0; false: there is none; or its first values."
    )
    batch_norm: Annotated[
        bool | LayerBatchNorm,
        by_form(
            "true, false or a mapping with placement, epsilon, momentum, affine", switch=Switch, mapping=LayerBatchNorm
        ),
    ] = Field(
        default=True,
        description="true: can be switched; false: stays out when BN is switched everywhere; "
        "a mapping: settings of its own.",
    )
    normalization: Annotated[
        bool | KindName | LayerNormalization | None,
        by_form(
            "true, false, a kind, or a mapping with kind, placement, epsilon, momentum, affine, groups",
            words=tuple(NORMALIZATIONS),
            switch=Switch,
            mapping=LayerNormalization,
        ),
    ] = Field(
        default=None,
        description="The general form of batch_norm: true, false, a kind of its own, or a mapping: settings of its own.",
    )


class Init(ScenarioPart):
    """How first weights are drawn. Biases start at 0."""

    scheme: Scheme = Field(
        default="he",
        description="he: gain·√(2/n_in)·N(0,1); xavier: gain·√(1/n_in)·N(0,1); normal: std·N(0,1); "
        "uniform: ±bound; constant: value.",
    )
    gain: Positive | None = Field(default=None, description="Multiplies the deviation of he and xavier; left out: 1.")
    std: NotNegative | None = Field(default=None, description="The standard deviation of normal.")
    bound: NotNegative | None = Field(default=None, description="The bound of uniform.")
    value: Number | None = Field(default=None, description="The value of constant.")
    seed: Seed = Field(default=DEFAULT_INIT_SEED, description="The seed of the weights.")

    def mistakes(self) -> Mistakes:
        """A size that the scheme does not have, or one that it lacks."""
        own = SIZES[self.scheme]
        wrong: Mistakes = []
        for size in dict.fromkeys(SIZES.values()):
            if size in self.given and size != own:
                wrong.append(((size,), f"the scheme {self.scheme} has no {size}; allowed: {own}, seed"))
        if own != "gain" and own not in self.given:
            wrong.append(((own,), f"missing; the scheme {self.scheme} needs it"))
        return wrong

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Each scheme has a size of its own."""
        rules = {}
        for scheme, own in SIZES.items():
            needed = [] if own == "gain" else [own]
            rules[str(scheme)] = {"properties": {size: False for size in SIZES.values() if size != own}, "required": needed}
        return by_word("scheme", "he", rules)


class NetworkPart(ScenarioPart, title="Network"):
    """The layers from the input to the output, BN, and the first weights."""

    layers: Annotated[tuple[LayerPart, ...], Limits(min_length=1, max_length=MOST_LAYERS)] = Field(
        description="The layers, from the input to the output."
    )
    batch_norm: NetworkBatchNorm = Field(
        default_factory=NetworkBatchNorm, description="Batch normalization of the whole network."
    )
    normalization: NetworkNormalization | None = Field(
        default=None, description="Normalization of the whole network, of any kind: the general form of batch_norm."
    )
    init: Init = Field(default_factory=Init, description="How first weights are drawn.")

    @property
    def settings(self) -> NetworkBatchNorm | NetworkNormalization:
        """How the network is normalized, in whichever form it is written."""
        return self.normalization or self.batch_norm

    @property
    def settings_key(self) -> str:
        """The key under which that is written."""
        return "normalization" if self.normalization else "batch_norm"

    def mistakes(self) -> Mistakes:
        """Too many layers once those with `repeat` stand as often as they say, and both forms of normalization in one file."""
        wrong: Mistakes = []
        count = sum(layer.repeat or 1 for layer in self.layers)
        if count > MOST_LAYERS:
            wrong.append((("layers",), f"found {count:,} layers, repeated ones counted; allowed: at most {MOST_LAYERS}"))
        if self._written("normalization"):
            message = "found batch_norm beside normalization; allowed: one of them, normalization is the general form"
            wrong += [(place, message) for place in self._written("batch_norm")]
        return wrong

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """One form of normalization, in the network and its layers."""

        def without(form: str) -> dict[str, Any]:
            return {"properties": {form: False, "layers": {"items": {"properties": {form: False}}}}}

        return {"anyOf": [without("batch_norm"), without("normalization")]}

    def _written(self, key: str) -> list[DocumentPath]:
        """The places where a form of normalization is written, of the network and of its layers."""
        own: list[DocumentPath] = [(key,)] if key in self.given else []
        return own + [("layers", place, key) for place, layer in enumerate(self.layers) if key in layer.given]


class Scenario(ScenarioPart):
    """A network, its data, how it is trained, and what to see in it."""

    version: Version = Field(description="The version of this format, 1.")
    title: Title = Field(description="Its name in the library.")
    summary: Sentence = Field(default="", description="A sentence or two: what there is to see.")
    network: NetworkPart = Field(description="The network.")
    data: Data = Field(description="What it learns from.")
    cost: CostName = Field(default="half_mse", description="What is descended; the formulas stand under Costs.")
    training: Training = Field(description="How it is descended.")
    switching: Switching = Field(
        default="reset",
        description="What a switch of BN does to the parameters; reset: γ=1, β=0, preserve: no output moves.",
    )
    focus: FocusPart = Field(default_factory=FocusPart, description="Where to look first.")
    sweep: SweepPart = Field(default_factory=SweepPart, description="The sweep over learning rates.")
    lesson: Annotated[tuple[LessonBeat, ...], Limits(max_length=1000)] = Field(
        default=(), description="The beats of the lesson."
    )


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of the YAML that the reader takes; what spans fields only the reader knows."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(Scenario), "title": "A scenario of bntui"}
