"""The quantities of a beat's picture: what its page says, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SWEEP, LANDSCAPE = "sweep", "landscape"
OFF, ON = "off", "on"

OF_A_CURVE = {
    "largest_rate": "the largest rate that trains, of several seeds the median; none where no rate does",
    "trains": "how many of the seeds train at some rate",
}
OF_A_SWEEP = {
    "ratio": "the largest rate with normalization over that without, seed by seed, the median; where the curves are off and on",
    "seeds": "how many seeds there are",
    "trains_below": "half of the best constant's cost: a run whose J ends below it trains; none where the curves have others",
}
ALONG_THE_GRADIENT = {
    "first_order": "by how much first order promises that J changes at a step of η along the gradient",
    "second_order": "by how much second order changes that promise",
    "lowest_rate": "the step size at which J is least along the gradient, of those that are tried",
    "rising_rate": "the step size from which on J is above its start; none where it is not",
    "stable_rate": "2/λ_max; none where λ_max ≤ 0",
}
# what is measured over the steps, and how its column ends on the page
TRAININGS = {
    "off": "off",
    "on": "on",
    "off_anew": "off anew",
    "on_anew": "on anew",
    "this_run": "this run",
    "twin": "twin",
}
MEASURES = {
    "loss_range": "largest minus smallest J",
    "gradient_change": "how far the gradient changes",
    "smoothness": "that change over the distance",
}
OF_GROWTH = {
    "off": "by what ‖∂J/∂a‖² changes from layer to layer towards the input, without normalization",
    "on": "the same with it",
    "theory": "what theory says of it; none where it says nothing",
}
OVER_STEPS = "at steps of ½ to 4 η, the median over the states of that training (off, on, twin, this_run …); after it `.worst`"
PICTURED = {
    **{f"sweep.<curve>.{name}": says for name, says in OF_A_CURVE.items()},
    **{f"sweep.{name}": says for name, says in OF_A_SWEEP.items()},
    **{f"landscape.{name}": says for name, says in ALONG_THE_GRADIENT.items()},
    **{f"landscape.<training>.{name}": f"{says} {OVER_STEPS}" for name, says in MEASURES.items()},
    **{f"landscape.growth.{name}": says for name, says in OF_GROWTH.items()},
}


PICTURED_PATTERN = (
    rf"{SWEEP}\.(({'|'.join(OF_A_SWEEP)})|.+\.({'|'.join(OF_A_CURVE)}))|{LANDSCAPE}\.(({'|'.join(ALONG_THE_GRADIENT)})"
    rf"|growth\.({'|'.join(OF_GROWTH)})|({'|'.join(TRAININGS)})\.({'|'.join(MEASURES)})(\.worst)?)"
)
"""What the name of a quantity of a picture looks like, whatever the sweep's curves are called."""


def is_pictured(name: str) -> bool:
    """Whether a quantity is one of a picture."""
    return name.startswith((f"{SWEEP}.", f"{LANDSCAPE}."))


def sweep_quantities(curves: Iterable[str]) -> Iterator[str]:
    """The quantities of a sweep with these curves, by the names that its page has for them."""
    curves = tuple(curves)
    yield from (f"{SWEEP}.{curve}.{name}" for curve in curves for name in OF_A_CURVE)
    yield from (f"{SWEEP}.{name}" for name in OF_A_SWEEP if name != "ratio" or curves == (OFF, ON))


def landscape_quantities(growth: bool) -> Iterator[str]:
    """The quantities of a landscape, or of the growth with depth."""
    if growth:
        yield from (f"{LANDSCAPE}.growth.{name}" for name in OF_GROWTH)
        return
    yield from (f"{LANDSCAPE}.{name}" for name in ALONG_THE_GRADIENT)
    measured = [f"{LANDSCAPE}.{training}.{measure}" for training in TRAININGS for measure in MEASURES]
    yield from (f"{name}{end}" for name in measured for end in ("", ".worst"))
