"""The normalizations: over what each takes its statistics, what it does with them, and what a face says of its parts.

All but weight norm take a mean and a scale from the data, over the samples of a batch or over the units of a sample; what each
leaves out is a control for those that have it. Weight norm divides by the length of the weight's rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bntui.maths.arrays import Mode
from bntui.records import dataclass

Over = Literal["samples", "units", "weight"]
Freed = Literal["row", "group"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a normalization's factor, under its `name` in YAML and trace.

    `label` names it in a ledger, `bare_label` where there is no γ; `symbol` is what a formula writes, with {layer} for the
    layer. `does` is what it does to the signal δ in a formula, `says` why normalizing has it. `takes` is where it takes something
    away from the signal, in words after "along", "" where it takes nothing away.
    """

    name: str
    label: str
    bare_label: str
    symbol: str
    does: str
    says: str
    takes: str = ""

    @property
    def factor(self) -> str:
        """The part's place in a factor's name, as norm.scale."""
        return f"norm.{self.name}"

    def written(self, layer: str, affine: bool) -> str:
        """Its symbol in a formula, of a layer with γ or without."""
        return (self.symbol if affine else self.symbol.replace("γ_{layer}", "1")).format(layer=layer)

    def done(self, affine: bool) -> str:
        """What it does to the signal, of a layer with γ or without."""
        return self.does if affine else self.does.replace("γ", "1")


@dataclass(frozen=True, slots=True, eq=False)
class Normalization:
    """A kind of normalization, under the `name` that YAML has for it; `short` is its name on the screen, `says` what it does.

    Its statistics are taken `over` the samples of a batch, the units of a sample (in groups of them where it is `grouped`), or
    the rows of the weight. It takes the mean away where it `centres` and divides by σ where it `scales`; where `detached`, μ and
    σ are constants for the gradient. `parts` are those of its factor, in the order of the backward step. `parameters` and
    `running` are the arrays per unit that it learns and that it estimates, each with its first value. `least` is of how many
    numbers it takes a statistic at least; `too_few` says so in a sentence.

    `frees` is the part of the weight whose length makes no difference to what the layer puts out: each `row`, or the rows of each
    `group` of units together (of all units where they are not grouped); None where every length does. ε is left out of account.
    """

    name: str
    short: str
    says: str
    over: Over
    centres: bool
    scales: bool
    parts: tuple[Part, ...]
    parameters: tuple[tuple[str, float], ...]
    running: tuple[tuple[str, float], ...] = ()
    detached: bool = False
    grouped: bool = False
    least: int = 1
    too_few: str = ""
    frees: Freed | None = None

    def __reduce__(self) -> tuple[object, tuple[str]]:  # each kind is one object, in another process too
        return _registered, (self.name,)

    @property
    def folds(self) -> bool:
        """Whether, its statistics standing still, it is an affine map of each unit, which the weights can take in."""
        return self.over != "units"

    @property
    def taken_of(self) -> str:
        """Over what its statistics are taken, in a few words."""
        if self.over == "weight":
            return "rows of the weight"
        if self.grouped:
            return "groups of units"
        return "samples of the batch" if self.over == "samples" else "units of a sample"

    @property
    def frees_bias(self) -> bool:
        """Whether the length that makes no difference is that of the weight and the bias together."""
        return self.frees is not None and self.over != "weight" and not (self.over == "samples" and self.centres)

    def estimated(self, mode: Mode) -> bool:
        """Whether its statistics are running estimates, which do not follow the signal."""
        return bool(self.running) and mode == "eval"

    def part(self, factor: str) -> Part:
        """The part that a factor's name speaks of. Raises KeyError where it has none."""
        for part in self.parts:
            if part.factor == factor:
                return part
        raise KeyError(factor)

    @property
    def projects(self) -> bool:
        """Whether its factor takes away what goes along x̂, or along the row."""
        return self.scales and not self.detached

    def leaves_out(self, mode: Mode) -> bool:
        """Whether μ and σ are constants for the gradient though they are not: then it is no gradient of J."""
        return self.detached and not self.estimated(mode)


GAMMA, BETA, MEAN, VARIANCE, MEAN_SQUARE = "gamma", "beta", "mean", "variance", "mean_square"

SCALE = Part(
    "scale",
    "scale γ/σ",
    "scale 1/σ",
    "γ_{layer}/σ_{layer}",
    "δ ↦ δ·γ/σ",
    "On the way forward z was divided by σ and, where there is a γ, multiplied by it; on its way back so is the signal.",
)
CENTRE = Part(
    "centre",
    "centre",
    "centre",
    "(I−11ᵀ/m)_{layer}",
    "δ ↦ δ − mean of δ over the samples, for each unit",
    "The mean is taken away from z: adding one number to all samples of a unit moves nothing, so J has no slope along that.",
    takes="the mean over the samples",
)
PROJECT = Part(
    "project",
    "project",
    "project",
    "(I−x̂x̂ᵀ/m)_{layer}",
    "δ ↦ δ − x̂·mean(δ·x̂) over the samples, for each unit",
    "z is divided by its own size: stretching a unit's z moves nothing but by ε, so J has no slope along that.",
    takes="x̂",
)
CENTRE_UNITS = Part(
    "centre",
    "centre",
    "centre",
    "(I−11ᵀ/n)_{layer}",
    "δ ↦ δ − mean of δ over the units of the sample (in group norm of a group)",
    "The mean is taken away from z: adding one number to all those units of a sample moves nothing, so J has no slope along that.",
    takes="the mean over the units",
)
PROJECT_UNITS = Part(
    "project",
    "project",
    "project",
    "(I−x̂x̂ᵀ/n)_{layer}",
    "δ ↦ δ − x̂·mean(δ·x̂) over the units of the sample (in group norm of a group)",
    "z is divided by its own size: stretching a sample's z moves nothing but by ε, so J has no slope along that.",
    takes="x̂",
)
SCALE_ROWS = Part(
    "scale",
    "γ/‖w‖",
    "1/‖w‖",
    "γ_{layer}/‖w_{layer}‖",
    "δ ↦ δ·γ/‖w‖",
    "On the way forward each row w was divided by its length and, where there is a γ, multiplied by it; on its way back so is "
    "the signal.",
)
PROJECT_ROWS = Part(
    "project",
    "project",
    "project",
    "(I−wwᵀ/‖w‖²)_{layer}",
    "∂J/∂w ↦ ∂J/∂w − its part along w, for each row w",
    "Each row is divided by its length: stretching it moves nothing, so J has no slope along the row itself.",
    takes="the rows of W",
)

_GAIN_AND_SHIFT = ((GAMMA, 1.0), (BETA, 0.0))
_GAIN = ((GAMMA, 1.0),)
_SHIFT = ((BETA, 0.0),)
_ONE_SAMPLE = "one sample cannot be normalized by its own mean and variance"
_ONE_UNIT = "one unit cannot be normalized by its own mean and variance"

BATCH_NORM = Normalization(
    "batch_norm",
    "BN",
    "(z − μ)/σ of each unit over the samples [Ioffe & Szegedy 2015]",
    "samples",
    centres=True,
    scales=True,
    parts=(SCALE, CENTRE, PROJECT),
    parameters=_GAIN_AND_SHIFT,
    running=((MEAN, 0.0), (VARIANCE, 1.0)),
    least=2,
    too_few=_ONE_SAMPLE,
    frees="row",
)
BATCH_CENTRE = Normalization(
    "batch_centre",
    "mean-only BN",
    "z − μ of each unit over the samples, nothing divided, β alone [Salimans & Kingma 2016, §4]",
    "samples",
    centres=True,
    scales=False,
    parts=(CENTRE,),
    parameters=_SHIFT,
    running=((MEAN, 0.0),),
    least=2,
    too_few="of one sample nothing is left when its own mean is taken away",
)
BATCH_SCALE = Normalization(
    "batch_scale",
    "scale-only BN",
    "z/√(mean z²) of each unit over the samples, no mean taken away",
    "samples",
    centres=False,
    scales=True,
    parts=(SCALE, PROJECT),
    parameters=_GAIN_AND_SHIFT,
    running=((MEAN_SQUARE, 1.0),),
    frees="row",
)
BATCH_NORM_DETACHED = Normalization(
    "batch_norm_detached",
    "detached BN",
    "as batch_norm, but μ and σ are constants for the gradient [Ioffe & Szegedy 2015, §2]",
    "samples",
    centres=True,
    scales=True,
    parts=(SCALE,),
    parameters=_GAIN_AND_SHIFT,
    running=((MEAN, 0.0), (VARIANCE, 1.0)),
    detached=True,
    least=2,
    too_few=_ONE_SAMPLE,
    frees="row",
)
LAYER_NORM = Normalization(
    "layer_norm",
    "LN",
    "(z − μ)/σ of each sample over its units [Ba et al. 2016]; torch.nn.LayerNorm",
    "units",
    centres=True,
    scales=True,
    parts=(SCALE, CENTRE_UNITS, PROJECT_UNITS),
    parameters=_GAIN_AND_SHIFT,
    least=2,
    too_few=_ONE_UNIT,
    frees="group",
)
RMS_NORM = Normalization(
    "rms_norm",
    "RMSNorm",
    "z/√(mean z²) of each sample over its units, γ alone [Zhang & Sennrich 2019]; torch.nn.RMSNorm",
    "units",
    centres=False,
    scales=True,
    parts=(SCALE, PROJECT_UNITS),
    parameters=_GAIN,
    frees="group",
)
GROUP_NORM = Normalization(
    "group_norm",
    "GN",
    "as layer_norm, in groups of the units [Wu & He 2018]; torch.nn.GroupNorm",
    "units",
    centres=True,
    scales=True,
    parts=(SCALE, CENTRE_UNITS, PROJECT_UNITS),
    parameters=_GAIN_AND_SHIFT,
    grouped=True,
    least=2,
    too_few=_ONE_UNIT,
    frees="group",
)
WEIGHT_NORM = Normalization(
    "weight_norm",
    "WN",
    "γ·w/‖w‖ for each row w of the weight, no statistics of data [Salimans & Kingma 2016]; torch's weight_norm",
    "weight",
    centres=False,
    scales=True,
    parts=(SCALE_ROWS, PROJECT_ROWS),
    parameters=_GAIN,
    frees="row",
)

# in the order of the reference
NORMALIZATIONS = {
    each.name: each
    for each in (
        BATCH_NORM,
        BATCH_CENTRE,
        BATCH_SCALE,
        BATCH_NORM_DETACHED,
        LAYER_NORM,
        RMS_NORM,
        GROUP_NORM,
        WEIGHT_NORM,
    )
}


def short_of(kinds: Iterable[Normalization]) -> str:
    """What kinds are called together: their short name where it is one, BN where there are none, norms where they differ."""
    shorts = {kind.short for kind in kinds} or {BATCH_NORM.short}
    return shorts.pop() if len(shorts) == 1 else "norms"


def _registered(name: str) -> Normalization:
    return NORMALIZATIONS[name]
