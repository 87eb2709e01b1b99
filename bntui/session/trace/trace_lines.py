"""A state of the trace as a line of JSON, and as the cells of a table: the same in both."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NotRequired, TypedDict, get_args

from bntui.maths.chain import Factor, LayerChain, Trunk
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.scenario.model.actions import AnyAction, Twin
from bntui.scenario.model.vocabulary import (
    ACCURACIES,
    FULL,
    METERS,
    ORDERS,
    REMEMBERED,
    TWIN,
    VALIDATION,
    WORDS,
    possible_factors,
    possible_parameters,
    skipped,
)
from bntui.scenario.text.formats import FORMAT, Document, Number, as_json
from bntui.session.look.quantities import quantities, values
from bntui.session.look.snapshot import Detail, Meters, Score, Snapshot
from bntui.session.session import Session

Form = Literal["jsonl", "csv"]
FORMS: tuple[Form, ...] = get_args(Form)

Numbers = list[Number] | list[list[Number]]


class FactorRecord(TypedDict):
    """A factor of the chain rule, as `factor.<factor>` is among the quantities."""

    factor: Annotated[str, "its name, as `h1.norm.scale`"]
    value: Annotated[Number | None, "what the signal's norm is multiplied by; null where there is no signal before it"]
    product: Annotated[Number, "the norm of the signal after it: the product of all factors so far"]
    added: NotRequired[Annotated[Number, "the norm of what a skip connection brings here, in the product already"]]


class LayerRecord(TypedDict):
    """A layer's chain: the first `shared` factors of `chain`, then `tail`."""

    layer: Annotated[str, "its name"]
    gradient: Annotated[Number, "‖∂J/∂W‖, the whole product; the quantity `product.<layer>`"]
    gain: Annotated[Number | None, "‖∂J/∂a‖ at its input over that at its output, `gain.<layer>`; null where that is 0"]
    shared: Annotated[int, "how many factors of `chain` lead to it, from the cost"]
    tail: Annotated[list[FactorRecord], "the factors that are in its own chain alone"]


class OrderRecord(TypedDict):
    """The parts of what the last update made of J, on that update's batch: the quantities `order.…`."""

    first: Annotated[Number, "what the slope promised"]
    second: Annotated[Number, "the second order, exactly"]
    rest: Annotated[Number, "what is left"]
    actual: Annotated[Number, "ΔJ"]
    kinks: Annotated[int, "how many slopes of ReLUs it has switched"]


class MetersRecord(TypedDict):
    """The meters, each the quantity of its name."""

    curvature: Annotated[Number | None, "λ_max"]
    stable_rate: Annotated[Number | None, "the largest rate that a quadratic so curved allows"]
    rate_over_stable: Annotated[Number | None, "η over it"]
    gradient_curvature: Annotated[Number | None, "the curvature along the gradient"]
    rate_over_cancelling: Annotated[Number | None, "η/2 times it"]
    spherical_sharpness: Annotated[Number | None, "λ_max·‖w‖² of the weights whose length makes no difference"]
    effective_rate: Annotated[dict[str, Number], "of each layer whose length makes no difference"]
    update_ratio: Annotated[dict[str, Number], "‖s‖/‖θ‖ of the next update, by parameter"]
    angle: Annotated[dict[str, Number], "by how many degrees the next update turns a row, by layer"]


class ScoreRecord(TypedDict):
    """J and accuracy on other data than the batch."""

    loss: Annotated[Number, "J"]
    accuracy: Annotated[Number | None, "the share that is right; null where the cost knows no classes"]


class StateRecord(TypedDict):
    """A network as it stands, on the batch that the next update will use."""

    loss: Annotated[Number, "J"]
    accuracy: NotRequired[Annotated[Number, "the share of the batch that is right, where the cost knows classes"]]
    validation: NotRequired[Annotated[ScoreRecord, "on the data held out, where some is: `validation.loss`, `validation.accuracy`"]]
    full: NotRequired[Annotated[ScoreRecord, "on all training data, with --full: `full_loss`, `full_accuracy`"]]
    learning_rate: Annotated[float, "η of the next update"]
    base_rate: Annotated[float, "η as it is set, of which a schedule leaves `learning_rate`"]
    learning_rates: Annotated[dict[str, float], WORDS["learning_rates"]]
    optimizer: Annotated[str, WORDS["optimizer"]]
    momentum: Annotated[float | None, "its momentum; null where it has none"]
    remembered: Annotated[dict[str, Number], "the norms of what it remembers of earlier gradients"]
    mode: Annotated[Literal["train", "eval"], WORDS["mode"]]
    epoch: Annotated[int, "the pass through the data that the batch belongs to, from 0"]
    batch_norm: Annotated[list[str], WORDS["batch_norm"]]
    normalization: Annotated[dict[str, str], WORDS["normalization"]]
    diverged: Annotated[bool, "whether J or a gradient is not finite, or J is beyond 1e12 times its start"]
    chain: Annotated[list[FactorRecord], "the factors that layers share, from the cost down to the first layer, each told once"]
    layers: Annotated[list[LayerRecord], "the layers, from the input"]
    order: NotRequired[Annotated[OrderRecord | None, "with --meters; null where anything but an update led here"]]
    meters: NotRequired[Annotated[MetersRecord, "with --meters"]]
    parameters: NotRequired[Annotated[dict[str, Numbers], "with --arrays, by name: of a weight a list of rows, a row a unit"]]
    gradients: NotRequired[Annotated[dict[str, Numbers], "with --arrays: ∂J/∂θ in the same shapes"]]


class StepLine(Document):
    """What every line of a trace begins with."""

    step: Annotated[int, "updates made"]
    action: Annotated[str | None, "the action that led here; null at the start"]


class TraceLine(StepLine, StateRecord):
    """`bntui trace`: one line for each state, all of it.

    A line is written as soon as its state is reached, and nothing of it is kept: a trace of a million steps takes no more memory
    than one of a thousand.
    """

    twin: Annotated[StateRecord | None, "the network that runs beside it; null where there is none"]


class QuantitiesLine(StepLine):
    """`bntui trace --only loss,gain`: one line for each state, the quantities that are asked for."""


def twins_in(actions: Iterable[AnyAction]) -> bool:
    """Whether the actions make a twin."""
    return any(isinstance(action, Twin) for action in actions)


def line_of(snapshot: Snapshot, detail: Detail) -> TraceLine:
    """A state as the trace tells it, with its twin's in it."""
    return {
        "format": FORMAT,
        "step": snapshot.step,
        "action": snapshot.action,
        **_state(snapshot, detail),
        "twin": None if snapshot.twin is None else _state(snapshot.twin, detail),
    }


def _state(snapshot: Snapshot, detail: Detail) -> StateRecord:
    first = snapshot.chains[0]  # all others leave its chain somewhere
    state: StateRecord = {
        "loss": snapshot.loss,
        "learning_rate": snapshot.learning_rate,
        "base_rate": snapshot.base_rate,
        "learning_rates": dict(snapshot.rates_by_name),
        "optimizer": snapshot.optimizer.name,
        "momentum": snapshot.momentum,
        "remembered": dict(snapshot.remembered),
        "mode": snapshot.mode,
        "epoch": snapshot.epoch,
        "batch_norm": _under_batch_norm(snapshot),
        "normalization": _kinds(snapshot),
        "diverged": snapshot.diverged,
        "chain": _shared(first.trunk, first.shared),
        "layers": [_layer(chain) for chain in snapshot.chains],
    }
    if snapshot.accuracy is not None:
        state["accuracy"] = snapshot.accuracy
    if snapshot.validation is not None:
        state["validation"] = _score(snapshot.validation)
    if snapshot.full is not None:
        state["full"] = _score(snapshot.full)
    if detail.orders:
        state["order"] = _orders(snapshot)
    if snapshot.meters is not None:
        state["meters"] = _meters(snapshot.meters)
    if detail.arrays:
        state["parameters"] = {name: array.tolist() for name, array in snapshot.parameters}
        state["gradients"] = {name: array.tolist() for name, array in snapshot.gradients}
    return state


def _layer(chain: LayerChain) -> LayerRecord:
    tail = [_factor(factor) for factor in chain.own]
    return {"layer": chain.layer, "gradient": chain.product, "gain": chain.gain, "shared": chain.shared, "tail": tail}


def _shared(trunk: Trunk, count: int) -> list[FactorRecord]:
    """The first factors that the layers share; a line has hundreds, so none is made an object on the way."""
    numbers = zip(trunk.names[:count], trunk.values[:count], trunk.products[:count], strict=True)
    told: list[FactorRecord] = [{"factor": name, "value": value, "product": product} for name, value, product in numbers]
    for place, added in trunk.added.items():
        if place < count:
            told[place]["added"] = added
    return told


def _factor(factor: Factor) -> FactorRecord:
    told: FactorRecord = {"factor": factor.name, "value": factor.value, "product": factor.product}
    if factor.added is not None:
        told["added"] = factor.added
    return told


def _score(score: Score) -> ScoreRecord:
    return {"loss": score.loss, "accuracy": score.accuracy}


def _under_batch_norm(snapshot: Snapshot) -> list[str]:
    """The layers whose kind of normalization is batch_norm itself."""
    return [layer for layer, kind in snapshot.kinds if kind is BATCH_NORM]


def _kinds(snapshot: Snapshot) -> dict[str, str]:
    return {layer: kind.name for layer, kind in snapshot.kinds}


def _orders(snapshot: Snapshot) -> OrderRecord | None:
    orders = snapshot.orders
    if orders is None:
        return None
    return {
        "first": orders.first,
        "second": orders.second,
        "rest": orders.rest,
        "actual": orders.actual,
        "kinks": orders.kinks.crossed,
    }


def _meters(meters: Meters) -> MetersRecord:
    return {
        "curvature": meters.curvature,
        "stable_rate": meters.stable_rate,
        "rate_over_stable": meters.rate_over_stable,
        "gradient_curvature": meters.gradient_curvature,
        "rate_over_cancelling": meters.rate_over_cancelling,
        "spherical_sharpness": meters.spherical_sharpness,
        "effective_rate": dict(meters.effective_rates),
        "update_ratio": dict(meters.update_ratios),
        "angle": dict(meters.angles),
    }


def words(snapshot: Snapshot) -> dict[str, str | list[str] | Mapping[str, object]]:
    """What is told of a state in words, by the names of `WORDS`."""
    return {
        "learning_rates": dict(snapshot.rates_by_name),
        "optimizer": snapshot.optimizer.name,
        "mode": snapshot.mode,
        "batch_norm": _under_batch_norm(snapshot),
        "normalization": _kinds(snapshot),
    }


def _in_words(snapshot: Snapshot) -> dict[str, object]:
    """What is told in words of a state and of its twin's; nothing of a twin that is not there."""
    beside = {} if snapshot.twin is None else words(snapshot.twin)
    return {**words(snapshot), **{f"{TWIN}{name}": told for name, told in beside.items()}}


def form_named(path: Path) -> Form | None:
    """The form that the ending of a file's name says, None where it says none."""
    return next((form for form in FORMS if path.suffix.lower() == f".{form}"), None)


def written(form: Form, snapshots: Iterable[Snapshot], session: Session, detail: Detail, twins: bool) -> Iterator[str]:
    """The states in a form, piece by piece; `csv` begins with a header, which has the twin's columns where there may be `twins`."""
    if form == "csv":
        yield from table(snapshots, columns(session, detail, twins))
    else:
        for snapshot in snapshots:
            yield as_json(line_of(snapshot, detail)) + "\n"


def only(form: Form, snapshots: Iterable[Snapshot], names: Sequence[str]) -> Iterator[str]:
    """Step, action and these quantities and words of the states in a form, piece by piece; null or empty where one has none."""
    names = [name for name in names if name not in ("step", "action")]
    if form == "csv":
        yield from table(snapshots, ["step", "action", *names])
    else:
        for snapshot in snapshots:
            told: dict[str, object] = {**values(names, snapshot), **_named(_in_words(snapshot), names)}
            begin: QuantitiesLine = {"format": FORMAT, "step": snapshot.step, "action": snapshot.action}
            yield as_json({**begin, **{name: told[name] for name in names}}) + "\n"


def _named(found: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
    return {name: found[name] for name in names if name in found}


def columns(session: Session, detail: Detail, twins: bool) -> list[str]:
    """The columns of a table of everything: what a line of JSON has, each quantity by its name; with the twin's of all of it.

    There is one for each that may come, switched to another normalization and optimizer as well. Of arrays they are the norms.
    """
    own = [*numbers(session, detail), *WORDS]
    return ["step", "action", *own, *([f"twin.{name}" for name in own] if twins else [])]


def numbers(session: Session, detail: Detail) -> list[str]:
    """The quantities that a trace of this detail tells of every state, but for the step."""
    architecture = session.experiment.architecture
    layers = [layer.name for layer in architecture.layers]
    scores = ["accuracy", *(VALIDATION if detail.validation else ()), *(FULL if detail.full else ())]
    names = ["loss", *(name for name in scores if architecture.cost.accuracy or name not in ACCURACIES)]
    names += ["diverged", "learning_rate", "base_rate", "momentum", "epoch"]
    names += [f"remembered.{what}" for what in REMEMBERED.values()]
    names += [f"{kind}.{layer}" for layer in layers for kind in ("gain", "product")]
    names += [f"factor.{factor}" for factor in possible_factors(architecture)]
    names += [f"{kind}.{layer}" for layer in skipped(architecture) for kind in ("branch", "skip")]
    parameters = possible_parameters(architecture)
    if detail.orders:
        names += [f"order.{order}" for order in (*ORDERS, "kinks")]
    if detail.meters:
        names += [*METERS, *(f"{kind}.{layer}" for layer in layers for kind in ("effective_rate", "angle"))]
        names += [f"update_ratio.{name}" for name in parameters]
    if detail.arrays:
        names += [f"{kind}.{name}" for name in parameters for kind in ("gradient", "parameter")]
    return names


def table(snapshots: Iterable[Snapshot], names: Sequence[str]) -> Iterator[str]:
    """A header with these names and a row a state, a cell empty where a state has no such number."""
    yield row(names)
    for snapshot in snapshots:
        cells: dict[str, object] = _cells(snapshot)
        if snapshot.twin is not None:
            cells |= {f"twin.{name}": cell for name, cell in _cells(snapshot.twin).items()}
        ratios = values([name for name in names if name.startswith("ratio.")], snapshot)
        cells |= {**ratios, "action": snapshot.action}
        yield row([cell(cells.get(name)) for name in names])


def _cells(snapshot: Snapshot) -> dict[str, object]:
    return {**quantities(snapshot), **words(snapshot)}


def cell(value: object) -> str:
    """A value as a table has it: lists and mappings with blanks between, as h1=batch_norm h2=layer_norm."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={cell(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(map(cell, value))
    return repr(value) if isinstance(value, float) else str(value)


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
