"""Where the data comes from: written in the file, made by a generator, or read from a CSV file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, StrictStr

from bntui.maths.kinds.costs import Cost
from bntui.scenario.model.matrices import Column, Matrix
from bntui.scenario.model.parts import Mistakes, NotNegative, Number, Positive, ReadBy, ScenarioPart, Seed, refusal, refuse, told
from bntui.scenario.text.wording import listing, shown, unknown

MOST_NUMBERS = 10_000_000

Amount = Annotated[int, Field(strict=True, ge=1, le=MOST_NUMBERS)]


@dataclass(frozen=True, slots=True)
class Extent:
    """How large data is, known before any of it is made; `classes` where the targets are class numbers.

    `known` is false for a CSV file that cannot be used: then the number of samples is only a limit.
    """

    samples: int
    inputs: int
    targets: int
    classes: int | None = None
    known: bool = True

    @property
    def numbers(self) -> int:
        """How many numbers the inputs and targets are."""
        return self.samples * (self.inputs + self.targets)


class GeneratorPart(ScenarioPart):
    """What all generators share."""

    samples: Amount = Field(default=32, description="How many samples.")
    seed: Seed = Field(default=0, description="The seed of the samples and of the noise.")
    noise: NotNegative = Field(
        default=0.0,
        description="Standard deviation of noise: on the targets, or on the inputs where targets are classes.",
    )
    columns: ClassVar[tuple[int, int]] = (1, 1)
    labels: ClassVar[int | None] = None

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, *self.columns, self.labels)


class StraightLine(GeneratorPart, title="Line"):
    """A straight line, y = slope·x + intercept with x ~ N(0,1)."""

    name: Literal["line"] = Field(description="A straight line.")
    slope: Number = Field(default=3.0, description="The slope of the line.")
    intercept: Number = Field(default=0.0, description="Its value at x = 0.")


class Sine(GeneratorPart):
    """A wave, y = sin(frequency·x) with x ~ N(0,1)."""

    name: Literal["sine"] = Field(description="A sine wave.")
    frequency: Positive = Field(default=2.0, description="How fast the wave turns: y = sin(frequency·x).")


class Stairs(GeneratorPart):
    """A step, y = 1 where x > 0, else 0, with x ~ N(0,1)."""

    name: Literal["step"] = Field(description="A step from 0 to 1 at x = 0.")

    @property
    def extent(self) -> Extent:
        """How large the data will be; noise makes the targets other than 0 and 1."""
        return Extent(self.samples, *self.columns, 2 if self.noise == 0 else None)


class Xor(GeneratorPart):
    """Four corners (±1, ±1), class 1 where the signs differ."""

    name: Literal["xor"] = Field(description="The corners of a square, opposite ones of one class.")
    columns = (2, 1)
    labels = 2


class Spirals(GeneratorPart):
    """Two spirals around each other, a class each."""

    name: Literal["spirals"] = Field(description="Two spirals around each other.")
    turns: Positive = Field(default=1.0, description="How often each spiral turns around.")
    columns = (2, 1)
    labels = 2


class Moons(GeneratorPart):
    """Two half circles that reach into each other, a class each."""

    name: Literal["moons"] = Field(description="Two half circles that reach into each other.")
    columns = (2, 1)
    labels = 2


class Blobs(GeneratorPart):
    """Round clouds of deviation 1 around centres drawn from N(0, 4²), a class each."""

    name: Literal["blobs"] = Field(description="Round clouds, a class each.")
    classes: Annotated[int, Field(strict=True, ge=2, le=1000)] = Field(default=3, description="How many clouds.")
    dimensions: Amount = Field(default=2, description="How many inputs.")

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, self.dimensions, 1, self.classes)


class Gaussian(GeneratorPart):
    """Inputs and targets that have nothing to do with each other, all ~ N(0,1)."""

    name: Literal["gaussian"] = Field(description="Random inputs and random targets.")
    inputs: Amount = Field(default=1, description="How many inputs.")
    outputs: Amount = Field(default=1, description="How many targets.")

    @property
    def extent(self) -> Extent:
        """How large the data will be."""
        return Extent(self.samples, self.inputs, self.outputs)


AnyGenerator = StraightLine | Sine | Stairs | Xor | Spirals | Moons | Blobs | Gaussian
GENERATORS: dict[str, type[GeneratorPart]] = {
    get_args(kind.model_fields["name"].annotation)[0]: kind for kind in get_args(AnyGenerator)
}


def _by_name(value: Any) -> ScenarioPart:
    if isinstance(value, GeneratorPart):
        return value
    if not isinstance(value, Mapping):
        raise told(f"found {shown(value)}; allowed: a mapping with name, samples, seed, noise")
    if "name" not in value:
        message = f"missing; needed: the generator, one of {listing(GENERATORS)}"
        raise refuse("generator", [refusal(message, ("name",))])
    name = value["name"]
    if not isinstance(name, str) or name not in GENERATORS:
        raise refuse("generator", [refusal(unknown(name, GENERATORS), ("name",))])
    return GENERATORS[name].model_validate(value)


Generator = Annotated[AnyGenerator, ReadBy(_by_name)]

ColumnNames = Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=10_000)]


class Csv(ScenarioPart):
    """Columns of a CSV file that lies beside the scenario and has its column names in the first line."""

    file: Annotated[StrictStr, Field(min_length=1, max_length=1000)] = Field(
        description="The file, in the scenario's folder."
    )
    inputs: ColumnNames = Field(description="The columns that go in.")
    targets: ColumnNames = Field(description="The columns to be predicted; one column of text labels for cross_entropy.")


class Data(ScenarioPart):
    """Exactly one of inputs with targets, a generator, a CSV file."""

    inputs: Matrix | None = Field(default=None, description="A row of numbers for each sample.")
    targets: Column | None = Field(
        default=None,
        description="A row of numbers for each sample, or a number each; class numbers from 0 for cross_entropy.",
    )
    generator: Generator | None = Field(default=None, description="Data made by a generator.")
    csv: Csv | None = Field(default=None, description="Data from a CSV file beside the scenario.")

    def mistakes(self) -> Mistakes:
        """More or less than one source."""
        kinds = [
            kind
            for kind, there in (
                ("inputs and targets", {"inputs", "targets"} & self.model_fields_set),
                ("generator", self.generator),
                ("csv", self.csv),
            )
            if there
        ]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            return [((), f"found {found}; allowed: exactly one of inputs with targets, generator, csv")]
        if kinds == ["inputs and targets"] and (self.inputs is None or self.targets is None):
            lacking = "inputs" if self.inputs is None else "targets"
            return [((lacking,), f"missing; needed: {self._about(lacking)}")]
        if self.inputs and self.targets and len(self.inputs) != len(self.targets):
            found = f"{len(self.targets)} rows of targets for {len(self.inputs)} of inputs"
            return [(("targets",), f"found {found}; allowed: one for each sample")]
        return []


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
