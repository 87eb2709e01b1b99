"""The trace: every step as data, one mapping for each state that is reached."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.scenario.model.actions import AnyAction, Step
from bntui.scenario.model.vocabulary import ACCURACIES, FULL, METERS, ORDERS, VALIDATION, possible_factors, possible_parameters
from bntui.session.lesson import stretch
from bntui.session.look.quantities import quantities, value_or_none
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.run.experiment import Refusal
from bntui.session.session import Session


def plain_detail(session: Session) -> Detail:
    """What every trace of the session tells beyond the chain: what is held out, where something is."""
    return Detail(validation=session.experiment.held_out is not None)


ONE_STEP = Step(count=1)

Form = Literal["jsonl", "csv"]
FORMS: tuple[Form, ...] = get_args(Form)


def by_steps(session: Session, steps: int, detail: Detail, every: int = 1) -> Iterator[Snapshot]:
    """The start and the state after each of `steps` steps, or after `every` so many and the last; ends where the run diverges."""
    yield _whole_batch(session, detail)
    for begun in range(0, steps, every):
        before = session.history.step
        with suppress(Refusal):
            session.do(Step(count=min(every, steps - begun)))
        if session.history.step == before:
            return
        yield _whole_batch(session, detail)


def by_actions(session: Session, actions: Iterable[AnyAction], detail: Detail) -> Iterator[Snapshot]:
    """The start and every state that the actions reach: one for each step, one for any other change.

    Where a run has diverged its steps end, and the next action is taken.
    """
    yield _whole_batch(session, detail)
    for action in actions:
        if isinstance(action, Step):
            for _ in range(action.count):
                try:
                    session.do(ONE_STEP)
                except Refusal:
                    break
                yield _whole_batch(session, detail)
        elif _taken(session, action) and action.leads_on:
            yield _whole_batch(session, detail)


def by_lesson(session: Session, detail: Detail) -> Iterator[Snapshot]:
    """The start and every state that the lesson's beats reach, by their actions and their runs."""
    yield _whole_batch(session, detail)
    for beat in session.loaded.scenario.lesson:
        yield from islice(by_actions(session, beat.actions, detail), 1, None)
        if beat.run is not None:
            for _ in stretch(session, beat.run):
                yield _whole_batch(session, detail)


def _taken(session: Session, action: AnyAction) -> bool:
    """Take an action; False where it was refused at once. A `goto` may be refused on its way, where a run diverges."""
    before = session.history.moment
    try:
        session.do(action)
    except Refusal:
        return session.history.moment is not before
    return True


def _whole_batch(session: Session, detail: Detail) -> Snapshot:
    """The state read over the whole batch, wherever the scenario or its lesson looks."""
    return session.observe(detail, whole_batch=True)


def record(snapshot: Snapshot, detail: Detail) -> dict[str, Any]:
    """A state as the trace tells it; what is not finite is told as a string.

    `normalization` has the kind of every normalized layer, `batch_norm` lists those whose kind is batch_norm itself.
    """
    line: dict[str, Any] = {
        "step": snapshot.step,
        "action": snapshot.action,
        "loss": snapshot.loss,
        "learning_rate": snapshot.learning_rate,
        **({"learning_rates": dict(snapshot.rates_by_name)} if snapshot.rates_by_name else {}),
        "batch_norm": _under_batch_norm(snapshot),
        "normalization": {layer: kind.name for layer, kind in snapshot.kinds},
        "diverged": snapshot.diverged,
        "layers": [
            {
                "layer": chain.layer,
                "gradient": chain.product,
                "gain": chain.gain,
                "chain": [
                    {"factor": factor.name, "value": factor.value, "product": factor.product}
                    | ({} if factor.added is None else {"added": factor.added})
                    for factor in chain.factors
                ],
            }
            for chain in snapshot.chains
        ],
    }
    if snapshot.validation is not None:
        line["accuracy"] = snapshot.accuracy
        line["validation"] = asdict(snapshot.validation)
    if snapshot.full is not None:
        line["full"] = asdict(snapshot.full)
    if detail.orders:
        line["order"] = _orders(snapshot)
    if detail.meters:
        line["meters"] = _meters(snapshot)
    if detail.arrays:
        line["parameters"] = {name: array.tolist() for name, array in snapshot.parameters}
        line["gradients"] = {name: array.tolist() for name, array in snapshot.gradients}
    plain: dict[str, Any] = _plain(line)
    return plain


def _under_batch_norm(snapshot: Snapshot) -> list[str]:
    """The layers whose kind of normalization is batch_norm itself."""
    return [layer for layer, kind in snapshot.kinds if kind is BATCH_NORM]


def _orders(snapshot: Snapshot) -> dict[str, float] | None:
    orders = snapshot.orders
    if orders is None:
        return None
    return {"first": orders.first, "second": orders.second, "rest": orders.rest, "actual": orders.actual}


def _meters(snapshot: Snapshot) -> dict[str, Any] | None:
    meters = snapshot.meters
    if meters is None:
        return None
    return {
        **{name: getattr(meters, name) for name in METERS},
        "effective_rates": dict(meters.effective_rates),
        "update_ratios": dict(meters.update_ratios),
        "angles": dict(meters.angles),
    }


def _plain(value: Any) -> Any:
    """The value with every number that JSON does not have as the string inf, -inf or nan."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def form_named(path: Path) -> Form | None:
    """The form that the ending of a file's name says, None where it says none."""
    return next((form for form in FORMS if path.suffix.lower() == f".{form}"), None)


def only(form: Form, snapshots: Iterable[Snapshot], names: Sequence[str]) -> Iterator[str]:
    """Step, action and these quantities of the states in a form, piece by piece: null, or empty in `csv`, where one has none."""
    names = [name for name in names if name != "step"]
    if form == "csv":
        yield _csv_row(["step", "action", *names])
    for snapshot in snapshots:
        line = {"step": snapshot.step, "action": snapshot.action, **{name: value_or_none(name, snapshot) for name in names}}
        yield _csv_row(list(map(_cell, line.values()))) if form == "csv" else json.dumps(_plain(line), ensure_ascii=False) + "\n"


def written(form: Form, snapshots: Iterable[Snapshot], session: Session, detail: Detail) -> Iterator[str]:
    """The states in a form, piece by piece; with `csv` a header comes first."""
    return as_csv(snapshots, session, detail) if form == "csv" else as_jsonl(snapshots, detail)


def as_jsonl(snapshots: Iterable[Snapshot], detail: Detail) -> Iterator[str]:
    """One JSON object a line."""
    for snapshot in snapshots:
        yield json.dumps(record(snapshot, detail), ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(snapshots: Iterable[Snapshot], session: Session, detail: Detail) -> Iterator[str]:
    """A header and one row a state, a column for each quantity that the scenario can have; empty where it has none.

    With arrays in the detail the norms of parameters and gradients have columns, with orders, meters and scores these.
    """
    architecture = session.experiment.architecture
    layers = [layer.name for layer in architecture.layers]
    names = ["step", "action", "loss", "learning_rate", "batch_norm", "normalization", "diverged"]
    scored = [*(("accuracy", *VALIDATION) if detail.validation else ()), *(FULL if detail.full else ())]
    names += [name for name in scored if architecture.cost.accuracy or name not in ACCURACIES]
    names += [f"{kind}.{layer}" for layer in layers for kind in ("gain", "product")]
    names += [f"factor.{factor}" for factor in possible_factors(architecture)]
    if detail.orders:
        names += [f"order.{order}" for order in ORDERS]
    if detail.meters:
        names += METERS
    if detail.arrays:
        names += [f"{kind}.{name}" for name in possible_parameters(architecture) for kind in ("gradient", "parameter")]
    yield _csv_row(names)
    for snapshot in snapshots:
        cells: dict[str, Any] = {**quantities(snapshot), "action": snapshot.action}
        cells["batch_norm"] = " ".join(_under_batch_norm(snapshot))
        cells["normalization"] = " ".join(f"{layer}={kind.name}" for layer, kind in snapshot.kinds)
        yield _csv_row([_cell(cells.get(name)) for name in names])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def _csv_row(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
