"""Which part of BN allows a larger rate, and where: its parts and its rivals side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM, BATCH_SCALE, NORMALIZATIONS, WEIGHT_NORM
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import BAD, GOOD, Design, ladder, largest_rates

STARTS = {"bad": BAD, "good": GOOD}
COLUMNS = tuple((start, inputs) for inputs in (1, 16) for start in STARTS)
RATES = ladder(1e-4, 10)
SEEDS, STEPS = 8, 300
NONE = "none"
HEAD_ALONE, EVERY_LAYER = "batch_norm, head alone", "batch_norm, head too"
PRESERVED = "batch_norm, preserve"
OF_BN, OF_SCALE, OF_WN = (f"none, from {name}'s start" for name in ("batch_norm", "batch_scale", "weight_norm"))

Column = dict[str, Array]
Result = dict[tuple[str, int], Column]


def designs(start: str, inputs: int) -> dict[str, Design]:
    """What is compared, by name: the same weights and data, normalized in another way."""
    base = Design(inputs=inputs, variance=STARTS[start])
    return {
        NONE: replace(base, kind=None),
        **{name: replace(base, kind=kind) for name, kind in NORMALIZATIONS.items()},
        HEAD_ALONE: replace(base, kind=BATCH_NORM, hidden=False, head=True),
        EVERY_LAYER: replace(base, kind=BATCH_NORM, head=True),
        PRESERVED: replace(base, kind=BATCH_NORM, preserved=True),
        OF_BN: replace(base, kind=BATCH_NORM, folded=True),
        OF_SCALE: replace(base, kind=BATCH_SCALE, folded=True),
        OF_WN: replace(base, kind=WEIGHT_NORM, folded=True),
    }


@cache
def column(start: str, inputs: int) -> Column:
    """The largest rates of one start, for each seed, by what is normalized."""
    return {name: largest_rates(design, RATES, SEEDS, STEPS) for name, design in designs(start, inputs).items()}


def run() -> Result:
    """All starts."""
    return {(start, inputs): column(start, inputs) for start, inputs in COLUMNS}


def report(result: Result) -> str:
    """The largest rates, and what they say of each part."""
    names = list(next(iter(result.values())))
    head = ("normalized by", *(f"{start} start, {inputs} input{'s' * (inputs > 1)}" for start, inputs in result))
    rows = [(name, *(spread(of[name]) for of in result.values())) for name in names]
    unlucky = ", ".join(f"{(of[NONE] == 0).sum()}" for of in result.values())

    def medians(name: str, start: str) -> str:
        """What stands in the columns of a start."""
        return " and ".join(number(median(result[start, inputs][name])) for inputs in (1, 16))

    return f"""
{table(head, rows)}

Of the {SEEDS} seeds, {unlucky} train at no rate without normalization. Where two numbers stand below, they are those of 1 and of 16 inputs.

**At the bad start the scale matters.** Centring alone comes to {medians("batch_centre", "bad")}, dividing by √mean z² alone to
{medians("batch_scale", "bad")} (its start alone, folded into the weights, to {medians(OF_SCALE, "bad")}), both to {medians("batch_norm", "bad")}. With μ and σ as constants for the gradient it is {medians("batch_norm_detached", "bad")}: what
centre and project take out of the signal is not needed for the rate.

**At the good start the centring matters.** Without normalization {medians(NONE, "good")}, with the scale alone {medians("batch_scale", "good")}, with centring
alone {medians("batch_centre", "good")}, with BN {medians("batch_norm", "good")}.

**Statistics of a sample** (layer, RMS and group norm) make the start indifferent and allow about what no normalization allows at the good
one: layer norm {medians("layer_norm", "bad")} at the bad start, {medians("layer_norm", "good")} at the good one.

**Weight norm is its start.** It sets every row to length 1 before the first step. A network whose rows have been set so, and which is then
left without any normalization, trains up to {medians(OF_WN, "bad")} from the bad start and {medians(OF_WN, "good")} from the good one; with weight
norm it is {medians("weight_norm", "bad")}, and {medians("weight_norm", "good")}.

**BN is not its start alone, nor can it do without.** At the bad start the function that BN begins with, folded into the weights and left
without BN, comes to {medians(OF_BN, "bad")}; BN brought in so that it moves nothing at the start (`switching: preserve`) to {medians(PRESERVED, "bad")};
both together, which is BN, to {medians("batch_norm", "bad")}.

**The head alone** allows {number(median([result[place][HEAD_ALONE] for place in result]))} at every start, as all nine layers do: once the output
is normalized, the hidden layers add nothing to the rate.

All this holds with one input and with 16, where far fewer units are dead at the start."""


EXPERIMENT = Experiment(
    name="parts",
    title="Which part of BN, and where",
    source="Ioffe & Szegedy 2015; Salimans & Kingma 2016; Ba et al. 2016; Wu & He 2018; Zhang & Sennrich 2019",
    claim="Each normalization is credited with larger rates, for another reason: the statistics of the batch, those of the sample, the length of "
    "the weights, the mean.",
    design=f"8 hidden ReLU layers of 16, y = sin 2x₁, half_mse, 64 samples, full batch, {STEPS} steps; rates a factor of 1.78 apart from "
    f"{RATES[0]:g} to {RATES[-1]:g}; the largest that trains; {SEEDS} seeds. Bad start: Xavier with gain 2; good start: He. The linear head is without "
    "normalization unless the row says so; γ = 1 and β = 0 at first; two groups in group norm. Each kind with the same weights and data.",
    run=run,
    report=report,
    verdict="scale at a bad start, centring at a good one; weight norm by its start alone; the head alone allows most",
    tolerance=6.0,
)
