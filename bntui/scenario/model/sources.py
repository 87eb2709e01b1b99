"""Where the data comes from: written in the file, made by a generator, or read from a CSV file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, get_args

from bntui.maths.kinds.costs import Cost
from bntui.records import dataclass
from bntui.scenario.model.matrices import Column, Matrix
from bntui.scenario.model.parts import (
    Field,
    Index,
    Invalid,
    Limits,
    Mistakes,
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
    told,
)
from bntui.scenario.text.complaints import Finding
from bntui.scenario.text.wording import listing, shown, unknown

MOST_NUMBERS = 10_000_000

Amount = Annotated[int, Limits(strict=True, ge=1, le=MOST_NUMBERS)]


@dataclass(frozen=True, slots=True)
class Extent:
    """How large data is, known before any of it is made; `classes` where the targets are class numbers.

    `known` is false for a CSV file that cannot be used: then the number of samples is only a limit. `held_out` is what is not
    trained on.
    """

    samples: int
    inputs: int
    targets: int
    classes: int | None = None
    known: bool = True
    held_out: Extent | None = None

    @property
    def numbers(self) -> int:
        """How many numbers the inputs and targets are, those held out as well."""
        own = self.samples * (self.inputs + self.targets)
        return own if self.held_out is None else own + self.held_out.numbers


class GeneratorPart(ScenarioPart):
    """What all generators share."""

    samples: Amount = Field(default=32, description="How many samples.")
    seed: Seed = Field(default=0, description="The seed of the samples and of the noise.")
    noise: NotNegative = Field(
        default=0.0,
        description="Standard deviation of noise: on the targets, or on the inputs where targets are classes.",
    )
    called: ClassVar[str]
    columns: ClassVar[tuple[int, int]] = (1, 1)
    labels: ClassVar[int | None] = None

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, *self.columns, self.labels)


class StraightLine(GeneratorPart, title="Line"):
    """A straight line, y = slope·x + intercept with x ~ N(0,1)."""

    called = "line"
    name: Literal["line"] = Field(description="A straight line.")
    slope: Number = Field(default=3.0, description="The slope of the line.")
    intercept: Number = Field(default=0.0, description="Its value at x = 0.")


class Sine(GeneratorPart):
    """A wave, y = sin(frequency·x) with x ~ N(0,1)."""

    called = "sine"
    name: Literal["sine"] = Field(description="A sine wave.")
    frequency: Positive = Field(default=2.0, description="How fast the wave turns: y = sin(frequency·x).")


class Stairs(GeneratorPart):
    """A step, y = 1 where x > 0, else 0, with x ~ N(0,1)."""

    called = "step"
    name: Literal["step"] = Field(description="A step from 0 to 1 at x = 0.")

    @property
    def extent(self) -> Extent:
        """How large the data will be; noise makes the targets other than 0 and 1."""
        return Extent(self.samples, *self.columns, 2 if self.noise == 0 else None)


class Xor(GeneratorPart):
    """Four corners (±1, ±1), class 1 where the signs differ."""

    called = "xor"
    name: Literal["xor"] = Field(description="The corners of a square, opposite ones of one class.")
    columns = (2, 1)
    labels = 2


class Spirals(GeneratorPart):
    """Two spirals around each other, a class each."""

    called = "spirals"
    name: Literal["spirals"] = Field(description="Two spirals around each other.")
    turns: Positive = Field(default=1.0, description="How often each spiral turns around.")
    columns = (2, 1)
    labels = 2


class Moons(GeneratorPart):
    """Two half circles that reach into each other, a class each."""

    called = "moons"
    name: Literal["moons"] = Field(description="Two half circles that reach into each other.")
    columns = (2, 1)
    labels = 2


class Blobs(GeneratorPart):
    """Round clouds of deviation 1 around centres drawn from N(0, 4²), a class each."""

    called = "blobs"
    name: Literal["blobs"] = Field(description="Round clouds, a class each.")
    classes: Annotated[int, Limits(strict=True, ge=2, le=1000)] = Field(default=3, description="How many clouds.")
    dimensions: Amount = Field(default=2, description="How many inputs.")

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, self.dimensions, 1, self.classes)


class Gaussian(GeneratorPart):
    """Inputs and targets that have nothing to do with each other, all ~ N(0,1)."""

    called = "gaussian"
    name: Literal["gaussian"] = Field(description="Random inputs and random targets.")
    inputs: Amount = Field(default=1, description="How many inputs.")
    outputs: Amount = Field(default=1, description="How many targets.")

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, self.inputs, self.outputs)


AnyGenerator = StraightLine | Sine | Stairs | Xor | Spirals | Moons | Blobs | Gaussian
GENERATORS: dict[str, type[GeneratorPart]] = {kind.called: kind for kind in get_args(AnyGenerator)}


def _by_name(value: Any, validate: Validate) -> Any:
    if isinstance(value, GeneratorPart):
        return value
    if not isinstance(value, Mapping):
        raise told(f"found {shown(value)}; allowed: a mapping with name, samples, seed, noise")
    if "name" not in value:
        raise Invalid([Finding(("name",), f"missing; needed: the generator, one of {listing(GENERATORS)}")])
    name = value["name"]
    if not isinstance(name, str) or name not in GENERATORS:
        raise Invalid([Finding(("name",), unknown(name, GENERATORS))])
    return validate(GENERATORS[name], value)


Generator = Annotated[AnyGenerator, ReadBy(_by_name)]

ColumnNames = Annotated[tuple[StrictStr, ...], Limits(min_length=1, max_length=10_000)]


class Csv(ScenarioPart):
    """Columns of a CSV file that lies beside the scenario and has its column names in the first line."""

    file: Annotated[StrictStr, Limits(min_length=1, max_length=1000)] = Field(
        description="The file, in the scenario's folder."
    )
    inputs: ColumnNames = Field(
        description="The columns that go in; `*` as in a shell takes each that it fits and that is no target, as `pixel_*`."
    )
    targets: ColumnNames = Field(description="The columns to be predicted; one column of text labels for cross_entropy.")


class Source(ScenarioPart):
    """Where numbers come from: exactly one of its kinds."""

    others: ClassVar[tuple[str, ...]] = ()

    inputs: Matrix | None = Field(default=None, description="A row of numbers for each sample.")
    targets: Column | None = Field(
        default=None,
        description="A row of numbers for each sample, or a number each; class numbers from 0 for cross_entropy.",
    )
    generator: Generator | None = Field(default=None, description="Data made by a generator.")
    csv: Csv | None = Field(default=None, description="Data from a CSV file beside the scenario.")

    def mistakes(self) -> Mistakes:
        """More or less than one source."""
        kinds = ["inputs and targets"] if {"inputs", "targets"} & self.given else []
        kinds += [kind for kind in ("generator", "csv", *self.others) if kind in self.given]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            allowed = ", ".join([*self.others, "inputs with targets", "generator", "csv"])
            return [((), f"found {found}; allowed: exactly one of {allowed}")]
        if kinds == ["inputs and targets"] and (self.inputs is None or self.targets is None):
            lacking = "inputs" if self.inputs is None else "targets"
            return [((lacking,), f"missing; needed: {self.about_key(lacking)}")]
        if self.inputs and self.targets and len(self.inputs) != len(self.targets):
            found = f"{len(self.targets)} rows of targets for {len(self.inputs)} of inputs"
            return [(("targets",), f"found {found}; allowed: one for each sample")]
        return []


    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Exactly one source."""
        kinds = [["inputs", "targets"], ["generator"], ["csv"], *([name] for name in cls.others)]
        both = {"inputs": ["targets"], "targets": ["inputs"]}
        return {"oneOf": [{"required": keys} for keys in kinds], "dependentRequired": both}


PartOfAll = Annotated[float, Limits(strict=True, allow_inf_nan=False, gt=0, lt=1)]


class HeldOutPart(Source, title="Validation"):
    """Samples that are not trained on: exactly one of a share of the data, or inputs with targets, a generator, a CSV file."""

    others = ("share",)

    share: PartOfAll | None = Field(
        default=None,
        description="This share of the samples, to the nearest whole number of them, but at least one and not all: "
        "the first of NumPy's default_rng(seed).permutation; the others keep their order.",
    )
    seed: Seed = Field(default=0, description="The seed by which a share is chosen.")

    def mistakes(self) -> Mistakes:
        """More or less than one source, or a seed where nothing is chosen."""
        wrong = super().mistakes()
        if not wrong and self.share is None and "seed" in self.given:
            wrong.append((("seed",), "nothing is chosen here; a seed belongs to a share"))
        return wrong


    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Exactly one source, and a seed beside a share alone."""
        rules = super().schema_rules()
        return rules | {"dependentRequired": {**rules["dependentRequired"], "seed": ["share"]}}


ColumnPlace = Annotated[str | int, by_form("a column's name, or its place counted from 0", text=StrictStr, number=Index)]
Standardized = Annotated[tuple[ColumnPlace, ...], Limits(min_length=1, max_length=10_000)]


class Data(Source):
    """Exactly one of inputs with targets, a generator, a CSV file; and what is made of it."""

    standardize: Annotated[
        bool | Standardized, by_form("true, false or a list of input columns", switch=Switch, items=Standardized)
    ] = Field(
        default=False,
        description="true: each input less its mean, over its standard deviation (that of m, not m − 1), both of the samples that "
        "are trained on and applied to those held out too; an input that is the same in all of them becomes 0. A list: these "
        "columns alone, a CSV file's by name or pattern, others by their place from 0.",
    )
    validation: Annotated[
        PartOfAll | HeldOutPart | None,
        by_form("a share above 0 and below 1, or a mapping", number=PartOfAll, mapping=HeldOutPart),
    ] = Field(
        default=None,
        description="Samples that are not trained on, for `validation.loss` and `validation.accuracy`: a share of the data, "
        "as 0.2, or a mapping.",
    )

    @property
    def reads_files(self) -> bool:
        """Whether a CSV file is read for it."""
        return self.csv is not None or (self.held_out is not None and self.held_out.csv is not None)

    @cached_property
    def held_out(self) -> HeldOutPart | None:
        """What is held out, a bare share spelled out; None where all is trained on."""
        return HeldOutPart(share=self.validation) if isinstance(self.validation, float) else self.validation


def target_mistake(cost: Cost, units: int, value: float) -> str | None:
    """What is wrong with one target, or None."""
    if cost.targets == "switches" and value not in (0, 1):
        return f"found {value:g}; {cost.name} needs 0 or 1"
    if cost.targets == "classes" and not (value == int(value) and 0 <= value < units):
        return f"found {value:g}; {cost.name} needs the number of a class, 0 to {units - 1}"
    return None


def class_mistake(cost: Cost, units: int, classes: int | None) -> str | None:
    """What is wrong with targets of that many classes (None: they are numbers) from a generator, or None."""
    if cost.targets == "switches" and classes != 2:
        return f"{cost.name} needs targets of 0 and 1; allowed: xor, spirals, moons, blobs of 2 classes, step without noise"
    if cost.targets == "classes" and classes is None:
        return f"{cost.name} needs classes; allowed: xor, spirals, moons, blobs, step without noise"
    if cost.targets == "classes" and classes is not None and classes > units:
        return f"found {classes} classes for {units} units in the last layer; allowed: a unit for each class"
    return None
