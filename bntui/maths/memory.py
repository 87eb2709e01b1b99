"""How much memory the arrays of a network take, in bytes, estimated before any of them is made.

Every layer that can be normalized is taken to be: a key may switch it on. What is estimated is the most that is alive at once.
"""

from __future__ import annotations

from bntui.maths.architecture import INPUTS, Architecture, Layer
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import Optimizer

NUMBER = 8  # bytes of a float64
MOMENTS = 5  # the start, the present one, the one before it, and what an update is made of
OF_A_MOMENT = 2  # vectors: θ and its velocity; an optimizer that remembers more has more
MOST_LEARNED = max(len(kind.parameters) for kind in NORMALIZATIONS.values())  # by layer, whichever kind a key chooses
MOST_PARTS = max(len(kind.parts) for kind in NORMALIZATIONS.values())
SEPARATE = 2  # the first parameters as they were drawn, and a step


def parameters(architecture: Architecture) -> int:
    """How many numbers θ has."""
    found, incoming = 0, architecture.inputs
    for layer in architecture.layers:
        learned = MOST_LEARNED if layer.switchable and layer.normalization.affine else 0
        found += layer.units * (incoming + layer.bias + learned)
        incoming = layer.units
    return found


def forward(architecture: Architecture, samples: int) -> int:
    """What a forward pass keeps."""
    return NUMBER * samples * sum(layer.units * _kept(layer) for layer in architecture.layers)


def evaluation(architecture: Architecture, samples: int) -> int:
    """A forward and a backward pass with every signal of the chain, the gradient, and θ and the batch that its tape has."""
    incoming = architecture.inputs + sum(layer.units for layer in architecture.layers[:-1])
    incoming += _round(architecture)
    links = incoming + sum(layer.units * ((not layer.is_linear) + _parts(layer)) for layer in architecture.layers)
    batch = architecture.inputs + architecture.layers[-1].units
    return forward(architecture, samples) + NUMBER * (samples * (links + batch) + 2 * parameters(architecture))


def hessian_product(architecture: Architecture, samples: int) -> int:
    """One product of the Hessian with a direction, beside the evaluation that it is made from."""
    changes = sum(layer.units * (1.5 + 2 * (not layer.is_linear) + layer.switchable) for layer in architecture.layers)
    changes += _round(architecture)
    return int(NUMBER * (samples * changes + 2 * parameters(architecture)))


def curvature(architecture: Architecture, samples: int, iterations: int) -> int:
    """Lanczos with at most `iterations` vectors, which are in memory twice, and the evaluation that its products need."""
    size = parameters(architecture)
    basis = 2 * min(iterations, size) * NUMBER * size
    return evaluation(architecture, samples) + hessian_product(architecture, samples) + basis


def vectors_of(optimizer: Optimizer | type[Optimizer]) -> int:
    """The vectors of a moment: θ and what the optimizer remembers."""
    return 1 + len(optimizer.remembers)


def training(architecture: Architecture, samples: int, numbers_of_data: int, of_a_moment: int = OF_A_MOMENT) -> int:
    """A session that steps: its data, the moments at hand with their vectors, and the evaluation of a batch."""
    vectors = MOMENTS * of_a_moment + SEPARATE
    return NUMBER * (numbers_of_data + vectors * parameters(architecture)) + evaluation(architecture, samples)


def descents(
    architecture: Architecture, samples: int, seeds: int, at_once: int, of_a_moment: int = OF_A_MOMENT
) -> int:
    """Runs side by side, from the states of that number of seeds."""
    states = ((of_a_moment + 1) * seeds + (of_a_moment + 2) * at_once) * NUMBER * parameters(architecture)
    return states + at_once * evaluation(architecture, samples)


def _round(architecture: Architecture) -> int:
    """Numbers a sample that skip connections add to the way back: at each fork a sum, and one more for each further join."""
    width = {INPUTS: architecture.inputs, **{layer.name: layer.units for layer in architecture.layers}}
    return sum(width[source] * len(targets) for source, targets in architecture.forked.items())


def _parts(layer: Layer) -> int:
    return MOST_PARTS if layer.switchable else 0


def _kept(layer: Layer) -> int:
    """Arrays of the layer's size: z, what the activation keeps beside it, what its normalization does, and the sum with a skip."""
    apart = layer.switchable and not layer.normalized_before_activation
    return 1 + layer.activation.slope_needs_input + layer.switchable + apart + (layer.skip_from is not None)
