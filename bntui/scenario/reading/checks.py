"""What must fit together in a scenario, and how large it may be: all of it known before anything is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

from bntui.maths.architecture import INPUTS, Architecture
from bntui.maths.kinds.costs import COSTS
from bntui.scenario.data.layout import PREVIOUS, architecture_of, initially_normalized, layers_of, weight_count
from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.model.scenario import MOST_WEIGHTS, Scenario
from bntui.scenario.model.showing import look_at, unknown_shown
from bntui.scenario.model.sources import MOST_NUMBERS, Extent, Source, class_mistake, target_mistake
from bntui.scenario.model.vocabulary import quantities, unknown_quantity
from bntui.scenario.reading.action_checks import action_mistakes, layer_list_mistakes, place_mistakes, rate_mistakes
from bntui.scenario.reading.memory import scenario_bytes, too_much
from bntui.scenario.reading.pictures import picture_findings, sweep_findings
from bntui.scenario.text.complaints import MOST_COMPLAINTS, DocumentPath, Finding
from bntui.scenario.text.wording import counted, listing, shown, suggestion

MOST_ACTIVATIONS = 100_000_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def check(scenario: Scenario, data: Extent) -> list[Finding]:
    """What does not fit, as much of it as is told, for data of that extent."""
    if too_large := [*_sizes(scenario, data)]:
        return too_large
    if wrong_names := [*_layer_names(scenario), *_skips(scenario, data)]:
        return [*wrong_names, *_shapes(scenario, data)]
    architecture = architecture_of(scenario, data.inputs)
    if data.known and (sentence := too_much(scenario_bytes(scenario, architecture, data), "the scenario")):
        return [Finding(("network", "layers"), sentence)]
    findings = chain(
        _shapes(scenario, data),
        _cost(scenario, architecture),
        _targets(scenario.data, ("data",), architecture, data),
        _held_out(scenario, architecture, data),
        _normalization(scenario, architecture, data),
        _training(scenario, architecture, data),
        _focus(scenario, architecture, data),
        sweep_findings(scenario, architecture),
        _lesson(scenario, architecture, data),
    )
    return list(islice(findings, MOST_COMPLAINTS))


def _sizes(scenario: Scenario, data: Extent) -> Iterator[Finding]:
    weights = weight_count(scenario, data.inputs)
    if weights > MOST_WEIGHTS:
        yield Finding(("network", "layers"), f"found {weights:,} weights; allowed: at most {MOST_WEIGHTS:,}")
    if not data.known:
        return
    if data.numbers > MOST_NUMBERS:
        yield Finding(("data",), f"found {data.numbers:,} numbers of data; allowed: at most {MOST_NUMBERS:,}")
    units = sum(layer.part.units for layer in layers_of(scenario.network))
    size = scenario.training.batch_size
    activations = units * min(data.samples, size if isinstance(size, int) else data.samples)
    if activations > MOST_ACTIVATIONS:
        found = f"found {counted(units, 'unit')} times the samples of a batch, {activations:,} numbers"
        yield Finding(("network", "layers"), f"{found}; allowed: at most {MOST_ACTIVATIONS:,}")
    held_out = 0 if data.held_out is None else data.held_out.samples
    if units * held_out > MOST_ACTIVATIONS:
        found = f"found {counted(units, 'unit')} times the samples held out, {units * held_out:,} numbers"
        yield Finding(("data", "validation"), f"{found}; allowed: at most {MOST_ACTIVATIONS:,}")
    outputs, samples = scenario.network.layers[-1].units, data.samples + held_out
    if COSTS[scenario.cost].targets == "classes" and samples * outputs > MOST_NUMBERS:
        found = f"found {counted(samples, 'sample')} times {counted(outputs, 'unit')} in the last layer"
        yield Finding(("data",), f"{found}; allowed: at most {MOST_NUMBERS:,} numbers")


def _layer_names(scenario: Scenario) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    wrong: dict[int, Finding] = {}  # a repeated layer's first
    for name, layer, place in layers_of(scenario.network):
        path: DocumentPath = ("network", "layers", place, "name")
        found = f"found {shown(name)}" if layer.repeat is None else f"repeat makes {shown(name)}"
        if not _NAME.fullmatch(name):
            wrong.setdefault(place, Finding(path, f"{found}; allowed: up to 40 letters, digits, _ and -, a letter first"))
        elif name in seen:
            message = f"{found}, as is network.layers.{seen[name]}; each layer has its own name"
            wrong.setdefault(place, Finding(path, message))
        seen.setdefault(name, place)
    yield from wrong.values()


def _skips(scenario: Scenario, data: Extent) -> Iterator[Finding]:
    """Skip connections from nowhere, or between layers of different widths."""
    placed = layers_of(scenario.network)
    if all(each.part.skip_from is None for each in placed):
        return
    wrong: dict[DocumentPath, Finding] = {}  # a repeated layer's first
    widths, before = {INPUTS: data.inputs}, INPUTS
    for name, layer, place in placed:
        path: DocumentPath = ("network", "layers", place, "skip_from")
        source = before if layer.skip_from == PREVIOUS else layer.skip_from
        if name in (INPUTS, PREVIOUS):
            message = f"found {shown(name)}, which says something else in skip_from; give the layer another name"
            wrong.setdefault((*path[:-1], "name"), Finding((*path[:-1], "name"), message))
        if source is not None and source not in widths:
            words = [PREVIOUS, *widths]
            message = f"found {shown(source)}; allowed: previous, inputs or an earlier layer: {listing(list(widths)[1:])}"
            wrong.setdefault(path, Finding(path, message + suggestion(source, words)))
        elif source is not None and widths[source] != layer.units:
            of_source = counted(widths[source], "number" if source == INPUTS else "unit")
            message = f"{source} has {of_source} and {name} {layer.units}; a skip connection needs as many on both ends"
            wrong.setdefault(path, Finding(path, message))
        widths[name] = layer.units
        before = name
    yield from wrong.values()


def _shapes(scenario: Scenario, data: Extent) -> Iterator[Finding]:
    before = data.inputs
    wrong: dict[DocumentPath, Finding] = {}  # a repeated layer's first
    for name, layer, place in layers_of(scenario.network):
        path: DocumentPath = ("network", "layers", place)
        if layer.weight == "identity":
            if layer.units != before:
                found = f"found identity for {counted(before, 'input')} and {counted(layer.units, 'unit')}"
                message = f"{found}; allowed: as many units as inputs"
                wrong.setdefault((*path, "weight"), Finding((*path, "weight"), message))
        elif layer.weight is not None and (len(layer.weight), len(layer.weight[0])) != (layer.units, before):
            rows, columns = len(layer.weight), len(layer.weight[0])
            found = f"found {counted(rows, 'row')} of {counted(columns, 'number')}"
            incoming = "what comes in" if layer.repeat is None else f"what comes into {name}"
            needed = f"{counted(layer.units, 'row')} (the units) of {counted(before, 'number')} ({incoming})"
            wrong.setdefault((*path, "weight"), Finding((*path, "weight"), f"{found}; allowed: {needed}"))
        if isinstance(layer.bias, tuple) and len(layer.bias) != layer.units:
            message = f"found {counted(len(layer.bias), 'number')}; allowed: {layer.units}"
            wrong.setdefault((*path, "bias"), Finding((*path, "bias"), message))
        before = layer.units
    yield from wrong.values()
    if COSTS[scenario.cost].targets == "classes":
        if data.targets != 1:
            yield Finding(_target_path(scenario), f"found {data.targets} columns; allowed: one column of class numbers")
    elif data.targets != before:
        found = f"found {counted(before, 'unit')} for {counted(data.targets, 'target')}"
        place = len(scenario.network.layers) - 1
        yield Finding(("network", "layers", place, "units"), f"{found}; allowed: a unit for each target")


def _target_path(scenario: Scenario) -> DocumentPath:
    if scenario.data.generator is not None:
        return ("data", "generator")
    return ("data", "csv", "targets") if scenario.data.csv is not None else ("data", "targets")


def _cost(scenario: Scenario, architecture: Architecture) -> Iterator[Finding]:
    head = architecture.layers[-1]
    path: DocumentPath = ("network", "layers", len(architecture.layers) - 1)
    needed = architecture.cost.last_activation
    if needed is not None and head.activation is not needed:
        yield Finding(
            (*path, "activation"), f"found '{head.activation.name}'; {scenario.cost} needs {needed.name} in the last layer"
        )
    enabled, key = scenario.network.settings.enabled, scenario.network.settings_key
    named = not isinstance(enabled, bool) and head.name in enabled
    by_logits = architecture.cost.logit_derivative is not None
    if by_logits and head.skip_from is not None:
        yield Finding((*path, "skip_from"), f"{scenario.cost} needs a last layer to which no skip connection adds anything")
    if by_logits and not head.normalized_before_activation and (head.switchable or named):
        message = f"{scenario.cost} needs a last layer that is not normalized after its activation; write {key}: false there"
        yield Finding((*path, key), message)


def _targets(source: Source, path: DocumentPath, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    units = architecture.layers[-1].units
    if source.generator is not None:
        message = class_mistake(architecture.cost, units, data.classes)
        if message:
            yield Finding((*path, "generator"), message)
    for row, targets in enumerate(source.targets or ()):
        for column, value in enumerate(targets):
            message = target_mistake(architecture.cost, units, value)
            if message:
                yield Finding((*path, "targets", row, column), message)


def _held_out(scenario: Scenario, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    source, held_out, path = scenario.data.held_out, data.held_out, ("data", "validation")
    if source is None or held_out is None:
        return
    if source.share is not None:
        if not held_out.samples:
            yield Finding(path, "found 1 sample of data; nothing is left where it is held out")
        return
    own, theirs = (held_out.inputs, held_out.targets), (data.inputs, data.targets)
    for what, found, needed in zip(("input", "target"), own, theirs, strict=True):
        if found != needed and data.known:
            yield Finding(path, f"found {counted(found, what)} a sample; the data that is trained on has {needed}")
    yield from _targets(source, path, architecture, held_out)


def _normalization(scenario: Scenario, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    enabled = scenario.network.settings.enabled
    path: DocumentPath = ("network", scenario.network.settings_key, "enabled")
    names = [layer.name for layer in architecture.layers]
    yield from (Finding(where, message) for where, message in layer_list_mistakes(enabled, names, path))
    batch = scenario.training.batch_size
    size = data.samples if batch == "full" else batch
    normalized = initially_normalized(scenario, architecture)
    kinds = {name: architecture.layer(name).normalization.kind for name in normalized}
    lone = next((kind for kind in kinds.values() if kind.over == "samples" and size < kind.least), None)
    if lone is not None:
        message = f"one sample cannot be normalized in training; give {lone.short} a batch of two or more, or leave it off"
        yield Finding(path, message)
    for name, kind in kinds.items():
        impossible = architecture.layer(name).impossible(kind)
        if impossible:
            yield Finding(path, f"{impossible}; leave that layer out, with normalization: false or by a list")


def _training(scenario: Scenario, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    training = scenario.training
    for key, values in (("learning_rates", training.learning_rates), ("weight_decays", training.weight_decays)):
        found = rate_mistakes(values, architecture, ("training", key))
        yield from (Finding(path, message, at_key=True) for path, message in found)
    size, beside = scenario.training.batch_size, "" if data.held_out is None else " that are not held out"
    if isinstance(size, int) and size > data.samples:
        yield Finding(("training", "batch_size"), f"found {size}; allowed: full, or at most the {data.samples} samples{beside}")


def _focus(scenario: Scenario, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    for path, message in place_mistakes(scenario.focus, architecture, data.samples):
        yield Finding(("focus", *path), message)


def _lesson(scenario: Scenario, architecture: Architecture, data: Extent) -> Iterator[Finding]:
    held_out = data.held_out is not None
    known = frozenset(quantities(architecture, held_out))
    for number, beat in enumerate(scenario.lesson):
        path: DocumentPath = ("lesson", number)
        yield from picture_findings(beat, path, scenario, architecture)
        for place, action in enumerate(beat.actions):
            front = (*path, "do", place) if isinstance(beat.do, tuple) else (*path, "do")
            for where, message in action_mistakes(action, architecture, data.samples, held_out):
                yield Finding((*front, *where), message)
        yield from _shown(beat.show or (), (*path, "show"), architecture, held_out)
        expected = [((*path, "expect"), beat.expect), ((*path, "run", "until"), beat.run and beat.run.until)]
        for where, names in expected:
            for name in names or ():
                if is_pictured(name):
                    continue  # as above
                wrong = None if name in known else unknown_quantity(name, architecture, held_out)
                if wrong:
                    yield Finding((*where, name), wrong, at_key=True)


def _shown(names: tuple[str, ...], path: DocumentPath, architecture: Architecture, held_out: bool) -> Iterator[Finding]:
    """What a beat shows: known names that can be seen together."""
    told = [name for name in names if not is_pictured(name)]
    wrong = [(place, unknown_shown(name, architecture, held_out)) for place, name in enumerate(names) if name in told]
    mistakes = [Finding((*path, place), message) for place, message in wrong if message]
    yield from mistakes
    if not mistakes and isinstance(look := look_at(told, architecture), str):
        yield Finding(path, look)
