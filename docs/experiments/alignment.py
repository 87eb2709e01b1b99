"""Whether the samples' gradients point the same way at the start [Bjorck et al. 2018, §3.2, Table 1]."""

from __future__ import annotations

from functools import cache

import numpy as np

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.arrays import Array
from bntui.maths.descent import start
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.costs import CROSS_ENTROPY
from bntui.maths.kinds.normalizations import BATCH_CENTRE, BATCH_NORM, BATCH_SCALE, LAYER_NORM, Normalization
from bntui.maths.stages import Affine
from experiments.experiment import Experiment, spread, table
from experiments.networks import HE, HEAD, first_weights

WIDTH, INPUTS, CLASSES, SAMPLES, SEEDS = 64, 16, 10, 128, 12
DEPTHS = (8, 32)
KINDS: dict[str, Normalization | None] = {
    "none": None,
    "BN": BATCH_NORM,
    "centring alone": BATCH_CENTRE,
    "scale alone": BATCH_SCALE,
    "layer norm": LAYER_NORM,
}

Result = dict[tuple[int, str], Array]


def ratio(depth: int, kind: Normalization | None, seed: int) -> tuple[float, float, float]:
    """Σ|terms| over |Σ terms| of ∂J/∂W of the middle layer, the last hidden one and the head."""
    settings = NormalizationSettings(kind=kind or BATCH_NORM)
    names = [f"h{place}" for place in range(1, depth + 1)]
    hidden = (Layer(name, WIDTH, RELU, normalization=settings) for name in names)
    architecture = Architecture(INPUTS, (*hidden, Layer(HEAD, CLASSES)), CROSS_ENTROPY)
    random = np.random.default_rng(seed)
    x = random.normal(size=(SAMPLES, INPUTS))
    y = np.eye(CLASSES)[random.integers(0, CLASSES, SAMPLES)]
    state = start(architecture, first_weights(architecture, HE, random), tuple(names) if kind else ())
    network = state.network(architecture)
    evaluation = network.evaluate(state.theta, state.running, x, y)
    factors = [link.factor for link in evaluation.links]
    found = {}
    for stage, entering in zip(network.stages, evaluation.forward.kept, strict=True):
        if isinstance(stage, Affine):
            signal = evaluation.links[factors.index(stage.weight) - 1].signal
            terms = np.abs(signal).T @ np.abs(entering)
            found[stage.layer] = float(terms.sum() / np.abs(signal.T @ entering).sum())
    return found[f"h{depth // 2}"], found[f"h{depth}"], found[HEAD]


@cache
def run() -> Result:
    """The three ratios, a row for each seed, by depth and kind."""
    return {
        (depth, name): np.array([ratio(depth, kind, seed) for seed in range(SEEDS)])
        for depth in DEPTHS
        for name, kind in KINDS.items()
    }


def report(result: Result) -> str:
    """The ratios by depth and kind."""
    rows = [(f"{depth}", name, *map(spread, ratios.T)) for (depth, name), ratios in result.items()]
    return f"""
{table(("hidden layers", "normalization", "middle layer", "last hidden layer", "head"), rows)}

Without BN the samples' terms cancel about half as much as with it. Centring alone and the scale alone come to about the same in the
middle of the network, layer norm to nearly that: it is not the mean that decides it, nor the statistics of the batch."""


EXPERIMENT = Experiment(
    name="alignment",
    title="Gradients that do not depend on the sample",
    source="Bjorck et al. 2018, §3.2, Table 1",
    claim="In a network without BN at its start the gradients of all samples and places point the same way: the sum of the terms of ∂J/∂W "
    "is about as large as the sum of their magnitudes. With BN they cancel.",
    design=f"Hidden ReLU layers of {WIDTH}, He, {INPUTS} inputs, {CLASSES} classes by chance, cross-entropy, {SAMPLES} samples, at the start. For "
    "each weight Σ|δa| over |Σδa|, summed over the weights of a layer: 1 where every sample says the same, about 9 where they are "
    f"independent; {SEEDS} seeds.",
    run=run,
    report=report,
    verdict="agrees in kind, by a factor of about two; each part of BN alone does it, layer norm too",
    tolerance=1.02,
)
