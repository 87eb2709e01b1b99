"""What a face shows, frozen: `observe` computes it, and what is expensive only where somebody looks."""

from __future__ import annotations

from typing import Literal

from bntui.maths.anatomy import Orders
from bntui.maths.arrays import Array
from bntui.maths.chain import LayerChain
from bntui.maths.kinds.activations import Activation
from bntui.maths.names import Name
from bntui.maths.sizes import LayerSizes
from bntui.records import dataclass
from bntui.scenario.model.actions import Twin
from bntui.session.look.standing import Standing


@dataclass(frozen=True, slots=True)
class Detail:
    """What of a moment is to be computed beyond its chain; `curvature` False leaves out the part of the meters that takes long.

    Of `eigenvalues` nothing is left then. `full` is J on all training data, `validation` J on the data held out, `changed` the
    moment before the last change, `remembered` what the optimizer remembers. `lean` leaves out what is always known on a screen:
    the numbers of each layer beside its chain, J in the other mode and along the path.
    """

    orders: bool = False
    meters: bool = False
    curvature: bool = True
    activations: bool = False
    sizes: bool = False
    track: bool = False
    eigenvalues: bool = False
    fit: bool = False
    arrays: bool = False
    full: bool = False
    validation: bool = False
    changed: bool = False
    remembered: bool = False
    lean: bool = False


@dataclass(frozen=True, slots=True)
class LayerNumbers:
    """A layer's gradients, whole batch, now and one step before, and what its normalization does to it.

    The norms ‖∂J/∂W‖ and ‖∂J/∂γ‖ are None where there is no such parameter or no step before. `rounding` says that ‖∂J/∂W‖ is
    nothing but rounding, `gamma_rounding` that ‖∂J/∂γ‖ is. `surviving` is the mean of ε/(v + ε), the share that `project` leaves
    of what it removes, `variance` the mean of v, `variances` how many v there are (of each unit, or of each sample or group of
    units in it) and `below_epsilon` how many of them are smaller than ε. `weight` is ‖W‖, `scale` the norm over the units of γ/σ
    (its root mean square where σ differs among samples) or of γ/‖w‖, `pair` that of the products of each unit's row norm and
    this. `flat` is the share of the activation's slopes below 0.05 and `dead_units` the number of units whose slope is 0 on
    every sample, None where the activation is linear.
    """

    layer: str
    weight_gradient: float
    rounding: bool
    weight_gradient_before: float | None
    gamma_gradient: float | None
    gamma_rounding: bool
    gamma_gradient_before: float | None
    weight: float
    surviving: float | None
    variance: float | None
    variances: int | None
    below_epsilon: int | None
    epsilon: float | None
    scale: float | None
    pair: float | None
    flat: float | None
    dead_units: int | None


@dataclass(frozen=True, slots=True, eq=False)
class LayerActivations:
    """The distribution that the selected layer's activation sees, and how much of its slope is lost.

    `before` is z, `after` what enters the activation (with a normalization before it, u), both (m, n_l); `mean` and `sigma` are
    z's, by unit; `dead` is the share of entries where g′ = 0 and `flat` where g′ < 0.05.
    """

    layer: str
    activation: Activation
    before: Array
    after: Array
    mean: Array
    sigma: Array
    dead: float
    flat: float


@dataclass(frozen=True, slots=True)
class Meters:
    """Curvature, the rate it allows, and what the next update will do; None where a number does not exist.

    A curvature of None has not been measured; all below it in this list comes with it. `curvature` is λ_max, `curvature_found`
    says that Lanczos has converged. `gradient_curvature` is that along the gradient, and η/2 times it is
    `rate_over_cancelling`: at 1 the second order takes back all that the first promises. `spherical_sharpness` is λ_max·‖w‖²
    of the weights whose length a normalization frees. `coming` are the orders of the next update.

    `effective_rates` is η/((1 − momentum)·‖w‖²), of adam η/‖w‖, of each layer whose length is free and `angles` by how
    many degrees the next update turns a row of each layer's weight, both the median over its rows; `update_ratios` is
    ‖s‖/‖θ‖ of the next update, by parameter. The stable rate is that of the optimizer and its decay; of adam no rate lets the
    second order take back all of the first, for its step does not lie along the gradient: there `rate_over_cancelling` is None.
    """

    effective_rates: tuple[tuple[str, float], ...]
    update_ratios: tuple[tuple[Name, float], ...]
    angles: tuple[tuple[str, float], ...]
    curvature: float | None = None
    curvature_found: bool = True
    stable_rate: float | None = None
    rate_over_stable: float | None = None
    gradient_curvature: float | None = None
    rate_over_cancelling: float | None = None
    spherical_sharpness: float | None = None
    coming: Orders | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """J on some data, and the share of it that is right: None where the cost knows no classes."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class CurvedDirection:
    """An eigenvalue of D^½HD^½, how far off it can be, and the share of its eigenvector along the mean directions.

    `converged` says that more products would change no digit that is shown. The share is None where the eigenvalue is nothing
    but rounding: then any vector that does not curve is its eigenvector.
    """

    value: float
    doubt: float
    converged: bool
    mean_share: float | None

    @property
    def rounding(self) -> bool:
        """Whether the eigenvalue is zero but for rounding."""
        return self.mean_share is None


@dataclass(frozen=True, slots=True)
class Eigenvalues:
    """The ends of the spectrum: the largest eigenvalues, descending, at most ten, and the least.

    Empty and None where they have not been measured.
    """

    largest: tuple[CurvedDirection, ...] = ()
    least: CurvedDirection | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LossTrail:
    """J along the path to the cursor: at each of `steps` the least and the greatest of its bucket."""

    steps: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True, eq=False)
class TrackedCurve:
    """One quantity along the path, and the twin's where there is one: NaN where there is no such number, inf what overflowed.

    `label` tells it from the others of the same history, "" where it is alone.
    """

    label: str
    own: Array
    twin: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The history of one or several quantities along the path to the cursor, as far as it has been read.

    `steps` may come twice where something was changed. It is read at every `stride`-th step and the one after it, at `places`
    places in all, of which `missing` have not been read yet.
    """

    name: str
    steps: Array
    curves: tuple[TrackedCurve, ...]
    stride: int
    places: int
    missing: int


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What the network makes of its inputs: ŷ of the data, and on a grid over them where there are one or two inputs.

    `inputs` (k, n₀), `targets` and `outputs` (k, n_L) are of the training data, of very many every so manieth of `samples`.
    `grid` are the grid's coordinates along each input, none where there are more than two; `surface` is ŷ on it, (g, n_L) or
    (g₂, g₁, n_L). `statistics` says which ones are in force where a layer is normalized.
    """

    inputs: Array
    targets: Array
    outputs: Array
    samples: int
    grid: tuple[Array, ...]
    surface: Array
    statistics: Literal["", "batch", "running"]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot(Standing):
    """Everything that can be said about the cursor's moment.

    `loss` is J on the batch of the next update, `loss_before` that of the step before, `starting_loss` that of the start.
    `diverged_at` is the step at which a run that has diverged did. `chains` are read as `focus` says, from the input's layer on;
    `layers` are over the whole batch, in the same order. `trail` is J along the path. What follows `twin`, the moment of the
    network beside this one, is None or empty where nobody asked for it.

    `accuracy` is the share of the same batch that is right, None where the cost knows no classes. `full` is the score on all
    training data in the moment's mode, `validation` that on the data held out in evaluation mode.

    `loss_otherwise` is J in the other mode (evaluation beside training and the reverse), None without running estimates;
    `leads_since` is the step since which the same layer has had the largest gain. `difference` is what a twin was made to differ
    in, None of the network itself. `loss_rounding` is what rounding alone leaves of J, 0 where
    the cost does not tell. `orders` and `closed_orders` are of the update that led here, on that update's batch: None at
    step 0, where anything but an update was done to the network or its settings since, and where nobody looks.
    `eigenvalues_before` are those of the moment from which the last step or action led here, where they have been measured.
    `remembered` are the norms of what the optimizer remembers, by their names in quantities.
    `changed_from` is the moment before the last change, as it is looked at now: before the beat where one has just been played,
    before the switch, scaling or setting where that was the last that was done; None after a plain step.
    """

    loss: float
    accuracy: float | None
    loss_before: float | None
    starting_loss: float
    loss_rounding: float
    loss_otherwise: float | None
    diverged: bool
    diverged_at: int | None
    leads_since: int | None
    chains: tuple[LayerChain, ...]
    layers: tuple[LayerNumbers, ...]
    trail: LossTrail
    twin: Snapshot | None = None
    difference: Twin | None = None
    orders: Orders | None = None
    closed_orders: tuple[float, ...] | None = None
    meters: Meters | None = None
    activations: LayerActivations | None = None
    activations_at_start: LayerActivations | None = None
    sizes: tuple[LayerSizes, ...] = ()
    track: Track | None = None
    eigenvalues: Eigenvalues | None = None
    eigenvalues_before: Eigenvalues | None = None
    fit: Fit | None = None
    parameters: tuple[tuple[Name, Array], ...] = ()
    gradients: tuple[tuple[Name, Array], ...] = ()
    full: Score | None = None
    validation: Score | None = None
    remembered: tuple[tuple[str, float], ...] = ()
    changed_from: Snapshot | None = None

    @property
    def comparable_twin(self) -> Snapshot | None:
        """The twin, unless it alone has diverged: on an axis that holds its numbers nothing of this network would be seen."""
        return None if self.twin is None or (self.twin.diverged and not self.diverged) else self.twin

    @property
    def unmeasured(self) -> bool:
        """Whether somebody looks at what takes long and has not been measured."""
        return (self.meters is not None and self.meters.curvature is None) or self.eigenvalues == Eigenvalues()

    def chain(self, layer: str) -> LayerChain:
        """The chain of one layer."""
        return next(chain for chain in self.chains if chain.layer == layer)

    def numbers(self, layer: str) -> LayerNumbers:
        """The numbers of one layer."""
        return next(numbers for numbers in self.layers if numbers.layer == layer)
