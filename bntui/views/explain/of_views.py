"""What each view shows, thing by thing, with the numbers of this moment where they have been observed."""

from __future__ import annotations

from collections.abc import Callable

from bntui.scenario.model.actions import Page, Shown
from bntui.scenario.model.vocabulary import HISTORIES, LAYER_QUANTITIES, PLAIN_QUANTITIES
from bntui.session.look.snapshot import Snapshot
from bntui.views.explain.explanation import Explanation, Group
from bntui.views.explain.of_meters import METERS
from bntui.views.kinds import VIEWS
from bntui.views.panes.formula import loop_cut
from bntui.views.text.numbers import brief, percent, signed, times

Things = tuple[Explanation, ...]
EDGE = ("edge-of-stability",)
SMOOTH = ("does-it-smooth",)


def of_view(snapshot: Snapshot, view: Shown | Page) -> Group:
    """The view itself, then what it shows."""
    kind = VIEWS[view]
    opens = f"key {kind.key} opens it" if kind.key else "a lesson's beat opens it, and the landscape leads to it"
    itself = Explanation(f"the view: {kind.tab or kind.name}", f"It shows {kind.says}; {opens}. {READING[view]}")
    return Group(f"the view {kind.tab or kind.name}", (itself, *THINGS[view](snapshot)), chosen=0)


def _layers(snapshot: Snapshot) -> Things:
    numbers = snapshot.numbers(snapshot.focus.layer)
    before = "" if numbers.weight_gradient_before is None else f", the step before {brief(numbers.weight_gradient_before)}"
    gamma = "" if numbers.gamma_gradient is None else f"{numbers.layer}: {brief(numbers.gamma_gradient)}"
    return (
        Explanation(
            "‖∂J/∂W‖",
            "The size of the gradient of each layer's weight: the last product of its chain. 0 at the foot is 0 or rounding.",
            f"{numbers.layer}: {'≈0' if numbers.rounding else brief(numbers.weight_gradient)}{before}",
            "The axis is logarithmic: one gridline more is ten or more times as large. ─ is the height of one step before.",
            ("goodfellow-chain", "deep-relu"),
        ),
        Explanation(
            "‖∂J/∂γ‖",
            "The size of the gradient of a normalization's γ, which multiplies what was normalized.",
            gamma,
            "It comes from the part of the signal along x̂, which project takes away.",
            ("gamma-and-beta",),
        ),
        Explanation("twin W", "‖∂J/∂W‖ of the network that runs beside this one."),
    )


def _loss(snapshot: Snapshot) -> Things:
    scored = {"all": snapshot.full, "held out": snapshot.validation}
    said = {name: "" if score is None else f"J {brief(score.loss)}" for name, score in scored.items()}
    return (
        Explanation(
            "J",
            "The cost on each step's batch, over the steps, on a logarithmic axis; letters stand where something was changed.",
            f"J = {brief(snapshot.loss)}, at the start {brief(snapshot.starting_loss)}",
        ),
        Explanation("all", "J on all training data: what small batches only sample.", said["all"], lessons=("small-batches",)),
        Explanation(
            "held out",
            "J on the data that is never trained on, in evaluation mode (eval): as a network is used.",
            said["held out"],
            lessons=("digits",),
        ),
        Explanation(
            "right",
            "The share that is classified right.",
            "" if snapshot.accuracy is None else f"{percent(snapshot.accuracy)} of the batch",
            lessons=("iris", "digits"),
        ),
    )


def _step(snapshot: Snapshot) -> Things:
    orders, closed = snapshot.orders, snapshot.closed_orders
    none = "" if orders is not None else "no step led here, or it has not been taken apart"
    parts = () if orders is None else (orders.first, orders.second, orders.rest)
    switched = "" if orders is None or not orders.kinks.crossed else (
        f"ReLUs switched on {orders.kinks.samples} samples: beyond first order the parts say little."
    )
    return (
        Explanation(
            "first order",
            "What the slope alone promised of the last step s, in plain descent −η·g: gᵀs.",
            none if orders is None else f"gᵀs = {signed(orders.first)}",
            lessons=("orders-of-a-step",),
        ),
        Explanation(
            "second order",
            "What the curvature along the step adds, ½·sᵀHs, H the matrix of second derivatives.",
            none if orders is None else f"½·sᵀHs = {signed(orders.second)}",
            switched,
            ("orders-of-a-step",),
        ),
        Explanation(
            "the rest",
            "All higher orders together: what the step did beyond the first two.",
            none if orders is None else f"{signed(orders.actual)} − first − second = {signed(orders.rest)}",
            switched,
            ("orders-of-a-step", "goodfellow-chain"),
        ),
        Explanation(
            "actual ΔJ",
            "What the step did to J on its batch: the sum of the three.",
            none if orders is None else f"{' '.join(map(signed, parts))} = {signed(orders.actual)}",
            "Small batches: J of the next batch is another number." if not snapshot.full_batch else "",
            ("orders-of-a-step",),
        ),
        Explanation(
            "Δŷ at x = 1 by order",
            "In a chain of one-unit layers ŷ = x·a·b·…: all weights moved at once, order k is the sum over products of k steps and "
            "the other weights.",
            "" if closed is None else ", ".join(signed(each) for each in closed),
            "First order alone moves as if each weight moved alone.",
            ("orders-of-a-step",),
        ),
        Explanation(
            "ReLUs switched",
            "Slopes that were 0 before the step and 1 after, or the reverse: there J has a kink within the step.",
            "" if orders is None else f"{orders.kinks.crossed} of {orders.kinks.slopes} slopes",
            "Second order knows nothing of a kink: trust first order and the actual ΔJ.",
            ("relu-net",),
        ),
    )


def _meters(snapshot: Snapshot) -> Things:
    return tuple(explain(snapshot, snapshot.meters, snapshot.numbers(snapshot.focus.layer)) for explain in METERS.values())


def _activations(snapshot: Snapshot) -> Things:
    seen, activation = snapshot.activations, snapshot.architecture.layer(snapshot.focus.layer).activation
    return (
        Explanation("z", "How often which z = W·a + b occurs in the layer in focus, over its units and samples."),
        Explanation("BN(z)", "How often which normalized z reaches the activation; under another kind by its own name."),
        Explanation("slope g′", f"The slope of the activation over z: the factor of the chain rule. {activation.slope_says}"),
        Explanation(
            "g′=0",
            "The share of units and samples at which the slope is exactly 0, now and at the start: there no gradient passes.",
            "" if seen is None else percent(seen.dead),
            lessons=("dead-relus",),
        ),
        Explanation(
            "g′<0.05",
            "The share at which the slope is below 0.05: flat, next to nothing of a gradient passes.",
            "" if seen is None else percent(seen.flat),
            lessons=("saturated-sigmoids",),
        ),
        Explanation(
            "μ σ", "Mean and standard deviation of z over the samples, of each unit; told is the mean over the units.",
            lessons=("covariate-shift",),
        ),
    )


def _forward(snapshot: Snapshot) -> Things:
    sizes = {each.layer: each for each in snapshot.sizes}.get(snapshot.focus.layer)
    layer = snapshot.focus.layer
    return (
        Explanation(
            "z",
            "How large the layer's z = W·a + b is: the root mean square over samples and units.",
            "" if sizes is None else f"{layer}: {brief(sizes.pre_activation)}",
            lessons=("activation-blow-up",),
        ),
        Explanation(
            snapshot.short,
            f"How large what normalization makes of z is{_of_size_one(snapshot)}.",
            "" if sizes is None or sizes.normalized is None else f"{layer}: {brief(sizes.normalized)}",
            lessons=("activation-blow-up",),
        ),
        Explanation(
            "a",
            "How large what the layer puts out is; it enters the gradient of the next layer's weight as its input.",
            "" if sizes is None else f"{layer}: {brief(sizes.activation)}",
            lessons=("relu-net",),
        ),
    )


def _of_size_one(snapshot: Snapshot) -> str:
    """What is true of it where the kind at hand divides z by its own size."""
    kind = snapshot.kind(snapshot.focus.layer)
    if kind is None or not kind.scales or kind.over == "weight" or kind.estimated(snapshot.mode):
        return ""
    return ": with γ = 1 and β = 0 its size is 1 but for ε, whatever the weights"


def _formula(snapshot: Snapshot) -> Things:
    return (
        Explanation(
            "∂J/∂w =",
            "The ledger's rows as a textbook writes them, each symbol over its number: the same factors, from the cost on the left "
            "to the input on the right. + stands where a skip connection adds its signal.",
            lessons=("relu-net",),
        ),
        Explanation(
            "the loop",
            "Larger activations make larger gradients, for they enter as the next layer's input; larger gradients make larger "
            "weights, larger weights larger activations. ✗ marks the link that the normalization of the layer in focus cuts: where "
            "z is divided by its σ or by ‖w‖, ten times the weights leave it as it is, but for ε.",
            loop_cut(snapshot)[1],
            lessons=("activation-blow-up", "exploding-at-start"),
        ),
    )


def _lesson(snapshot: Snapshot) -> Things:
    lesson = snapshot.lesson
    return (
        Explanation(
            "beat",
            "One step of a lesson: what it says, and what it does to the network by itself. n goes on, p goes back.",
            "" if lesson is None else f"beat {lesson.number} of {len(lesson.beats)}",
        ),
    )


def _eigenvalues(snapshot: Snapshot) -> Things:
    return (
        Explanation(
            "eigenvalue",
            "How sharply J bends along one direction; the ten largest, each of a direction of its own, and the least.",
            lessons=EDGE,
        ),
        Explanation(
            "mean",
            "The share of that direction that moves the layers' means: of a unit's (w, b) along the mean of its inputs. A mean "
            "that is not zero makes a large eigenvalue [LeCun et al. 1998, §4.3].",
            lessons=("mean-outlier",),
        ),
        Explanation("doubt ±", "How far the value may be off, where measuring was stopped before all digits were settled."),
        Explanation("least", "The least eigenvalue: below 0 J bends downwards along it.", lessons=EDGE),
    )


def _fit(snapshot: Snapshot) -> Things:
    return (
        Explanation("ŷ", "What the network makes of its inputs now; where there are classes their regions, or a table of hits."),
        Explanation("y", "The targets of the data. Numbers and letters are classes; × is a sample in the wrong region."),
        Explanation(
            "batch μ, σ · running μ, σ",
            "By which mean and spread inputs that are in no batch are normalized: those of the batch, or running estimates.",
            lessons=("small-batches",),
        ),
    )


def _history(snapshot: Snapshot) -> Things:
    known = LAYER_QUANTITIES | PLAIN_QUANTITIES | {"gradient.*.weight": "the norm of each weight's gradient"}
    return tuple(
        Explanation(label, f"Over the steps, by layer where each has one: {known[name]}.")
        for name, label in HISTORIES.items()
    )


def _sweep(snapshot: Snapshot) -> Things:
    constant = snapshot.architecture.cost.constant
    return (
        Explanation(
            "½B: trains below",
            f"B is the cost of the best constant output, {constant}: what a network reaches that has learned nothing of x. A run "
            "trains if its J ends below half of that.",
        ),
        Explanation(
            "the largest rate that trains",
            "Of all rates of the sweep the largest whose run ends below ½B; of several seeds the median of each.",
            why="It depends on the number of steps and on which rates were tried.",
            lessons=("deep-relu", "good-start"),
        ),
        Explanation("10–90 %", "Dots about a curve: between them lie the runs of eight of ten seeds."),
        Explanation("the top rows", "Runs that diverged, at the upper edge: one row for either side."),
        Explanation("gain, depth", "In a map: the size of the first weights, or the number of layers; shades are J at the end."),
    )


def _landscape(snapshot: Snapshot) -> Things:
    return (
        Explanation("first order", "1: by how much J would change along the gradient were it a straight slope, −t·‖g‖²."),
        Explanation("second order", "2: the same with the curvature along the gradient: a parabola."),
        Explanation(
            "η, 4η, 2/λ",
            "Step sizes: the learning rate, four times it, and the stable rate of a quadratic so curved.",
            f"η = {brief(snapshot.learning_rate)}",
            lessons=EDGE,
        ),
        Explanation(
            "range of J",
            "Largest minus smallest J at steps of ½ to 4 η along the gradient [Santurkar et al. 2018, §3].",
            lessons=SMOOTH,
        ),
        Explanation(
            "change of the gradient",
            "How far the gradient at those steps is from that at the start, at most: a slope that keeps its word changes little.",
            lessons=SMOOTH,
        ),
        Explanation(
            "effective smoothness",
            "That change over the distance walked: a Lipschitz constant along the gradient. Smaller is smoother.",
            why="It need not be smaller with BN: here it is measured, not presumed.",
            lessons=SMOOTH,
        ),
    )


def _growth(snapshot: Snapshot) -> Things:
    return (
        Explanation(
            "theory, BN",
            "What theory says of wide, deep networks with BN at the start: ‖∂J/∂a‖² grows ×π/(π−1) = 1.467 a layer with ReLUs.",
            f"a gain of {times(1.467**0.5)} a layer on the screen",
            lessons=("exploding-at-start",),
        ),
        Explanation("over the topmost's", "‖∂J/∂a‖ of each layer over that of the topmost hidden one: its growth on the way down."),
    )


# how each view is read; a view that is added has its sentences here
READING: dict[Shown | Page, str] = {
    "layers": "A column for each layer, the input's at the left, in powers of ten. Columns that sink to the left: the gradient "
    "vanishes towards the input; columns that rise to the left: it explodes. 0 at the foot is 0 or nothing but rounding.",
    "loss": "From left to right the steps, upwards J in powers of ten: a straight fall is a fall by the same factor in every "
    "step. Letters stand where something was changed, ↑ ↓ where J jumped, × where it diverged. Beside a twin its curve is drawn "
    "too. Over the chart stands J on other data than the batch, where there is any.",
    "step": "Four bars about zero, to one scale: to the left J falls, to the right it rises. A short step does what the first "
    "order promised; where second order or the rest are as long, the slope alone does not tell what the step will do.",
    "meters": "On top how sharply J bends, and which rate a quadratic so curved allows: beyond 1 times that rate it overshoots "
    "further in every step. Whether J is such a quadratic is told beside it. Below a row for each layer.",
    "activations": "Bars say how often which z occurs, the curve which slope it meets there. Where the bars stand at a slope of 0 "
    "no gradient passes.",
    "formula": "The chain of the layer in focus in one line, as a textbook writes it, under each symbol its number of now.",
    "lesson": "n reads on, p goes back; what a beat speaks of is marked in the ledger and the charts.",
    "forward": "Read it upwards, from the inputs x to ŷ: a bar to the right, the signal grows in this stage; a bar to the left, it "
    "shrinks. What is large here enlarges the gradient of the next weight, whose input it is.",
    "eigenvalues": "A bar for each direction, the most curved one on top: to the right J bends upwards in it, to the left "
    "downwards. The topmost sets the stable rate, by itself where the others are much shorter.",
    "history": "From left to right the steps, a line for each layer, named at its end, where each layer has such a number. Over "
    "the steps at which there was none, as γ/σ without normalization, there is no line.",
    "fit": "Of one input curves, of two a plane seen from above, of more a table or a cloud of points. A network that has learned "
    "has its curve on the points, its regions about them, its table full on the diagonal.",
    "sweep": "Each point is a run of its own from where you stand, at the learning rate below it; its height is the J that it "
    "ended with. How far to the right the points stay low is the room that the rate has.",
    "landscape": "A walk from where you stand along the gradient, with longer and longer steps: where the true ΔJ leaves the "
    "straight line and the parabola they say nothing more. Below it the same is measured over the steps of a training.",
    "growth": "Random networks at the start, before any step: how large the gradient is that arrives at each layer, over that at "
    "the topmost.",
}

# by the view's name; a view that is added has its things here
THINGS: dict[Shown | Page, Callable[[Snapshot], Things]] = {
    "layers": _layers,
    "loss": _loss,
    "step": _step,
    "meters": _meters,
    "activations": _activations,
    "formula": _formula,
    "lesson": _lesson,
    "forward": _forward,
    "eigenvalues": _eigenvalues,
    "history": _history,
    "fit": _fit,
    "sweep": _sweep,
    "landscape": _landscape,
    "growth": _growth,
}
