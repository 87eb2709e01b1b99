
"""Each kind of bad scenario gets its exact sentence, with line, column and path."""

from __future__ import annotations

import contextlib
import copy
import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.scenario.model.scenario import json_schema
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf.writing import TEMPLATE
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.document import parse

GOOD = """\
version: 1
title: T
network:
  layers:
    - {name: a, units: 2, activation: relu}
    - {name: head, units: 1}
data: {inputs: [[1], [2]], targets: [[1], [2]]}
training: {learning_rate: 0.1}
"""
ACTIONS = "step, back, goto, reset, set, scale, twin, future, focus, view"
KEYS = "version, title, summary, network, data, cost, training, switching, focus, sweep, lesson"


def complaints(text: str, changes: tuple[str, ...] = ()) -> list[str]:
    try:
        read_text(text, "f.yaml", None, changes)
    except ScenarioError as error:
        return [str(complaint) for complaint in error.complaints]
    return []


def test_the_good_one_has_no_complaint() -> None:
    assert complaints(GOOD) == []


# What a replacement in the good text gives, and whether an editor's schema sees it too.
BY_SCHEMA = [
    (("relu", "rleu"), f"5:39: network.layers.0.activation: found 'rleu'; allowed: {', '.join(ACTIVATIONS)}; did you mean 'relu'?"),
    (("title: T", "title: T\ntitel: T"), f"3:1: titel: unknown key 'titel'; allowed: {KEYS}; did you mean 'title'?"),
    (("version: 1", "version: 2"), "1:10: version: found 2; allowed: 1"),
    (("version: 1", "version: true"), "1:10: version: found true; allowed: 1"),
    (("units: 2", "units: 2.5"), "5:24: network.layers.0.units: found 2.5; allowed: a whole number"),
    (("units: 2", "units: '2'"), "5:24: network.layers.0.units: found '2'; allowed: a whole number; leave out the quotes"),
    (("units: 2", "units: 0"), "5:24: network.layers.0.units: found 0; allowed: at least 1"),
    (("units: 2, ", ""), "5:7: network.layers.0.units: missing; needed: how many units it has"),
    (("units: 2", "units: 2, repeat: 0"), "5:35: network.layers.0.repeat: found 0; allowed: at least 1"),
    (("units: 2", "units: 2, repeat: 257"), "5:35: network.layers.0.repeat: found 257; allowed: at most 256"),
    (("units: 2", "units: "), "5:24: network.layers.0.units: found nothing; needed: how many units it has, or leave the key out"),
    (("0.1", "-1"), "8:27: training.learning_rate: found -1; allowed: above 0"),
    (("0.1", "fast"), "8:27: training.learning_rate: found 'fast'; allowed: a number"),
    (("0.1", "true"), "8:27: training.learning_rate: found true; allowed: a number"),
    (("0.1", "0.1, momentum: 1"), "8:42: training.momentum: found 1; allowed: below 1"),
    (("0.1", "0.1, batch_size: half"), "8:44: training.batch_size: found 'half'; allowed: full, or a whole number from 1"),
    (("units: 1}", "units: 1, batch_norm: on}"), "6:42: network.layers.1.batch_norm: found 'on'; allowed: true, false or a mapping with placement, epsilon, momentum, affine; did you mean true?"),
    (("units: 1}", "units: 1, batch_norm: {afine: true}}"), "6:43: network.layers.1.batch_norm.afine: unknown key 'afine'; allowed: placement, epsilon, momentum, affine; did you mean 'affine'?"),
    (("units: 1}", "units: 1, bias: [x]}"), "6:37: network.layers.1.bias.0: found 'x'; allowed: a number"),
    (("[[1], [2]]", "[[1], [x]]"), "7:23: data.inputs.1.0: found 'x'; allowed: a number"),
    (("[[1], [2]]", "[1, [2]]"), "7:17: data.inputs.0: found 1; allowed: a row, as [0.5]"),
    (("{inputs: [[1], [2]], targets: [[1], [2]]}", "{generator: {name: lin}}"), "7:26: data.generator.name: found 'lin'; allowed: line, sine, step, xor, spirals, moons, blobs, gaussian; did you mean 'line'?"),
    (("{inputs: [[1], [2]], targets: [[1], [2]]}", "{generator: {name: line, turns: 2}}"), "7:32: data.generator.turns: unknown key 'turns'; allowed: samples, seed, noise, name, slope, intercept"),
    (("training", "lesson: [{do: {stp: 1}}]\ntraining"), f"8:16: lesson.0.do.stp: unknown action 'stp'; allowed: {ACTIONS}; did you mean 'step'?"),
    (("training", "lesson: [{do: {beat: 1}}]\ntraining"), "8:16: lesson.0.do.beat: a lesson does not turn its own pages"),
    (("training", "lesson: [{do: [{step: 1}, {answer: 1}]}]\ntraining"), "8:28: lesson.0.do.1.answer: a lesson does not turn its own pages"),
    (("training", "lesson: [{do: [{step: 0}]}]\ntraining"), "8:23: lesson.0.do.0.step: found 0; allowed: at least 1"),
    (("training", "lesson: [{do: {set: {lr: 1}}}]\ntraining"), "8:22: lesson.0.do.set.lr: unknown key 'lr'; allowed: learning_rate, learning_rates, optimizer, momentum, weight_decay, batch_norm, normalization, skips, switching, mode, weights"),
    (("training", "lesson: [{do: {reset: false}}]\ntraining"), "8:23: lesson.0.do.reset: found false; allowed: true"),
    (("training", "lesson: [{ask: {question: q, choices: [x, y], answer: 2, wrong: {x: no}}}]\ntraining"), "8:69: lesson.0.ask.wrong.x: found 'x'; allowed, as a wrong choice: 1"),
    (("training", "lesson: [{ask: {question: q, choices: [x, y], answer: 2, wrong: {1: 7}}}]\ntraining"), "8:69: lesson.0.ask.wrong.1: found 7; allowed: text; put it in quotes"),
    (("training", "lesson: [{expect: {loss: {abov: 1}}}]\ntraining"), "8:27: lesson.0.expect.loss.abov: unknown key 'abov'; allowed: above, below, is, about, within; did you mean 'above'?"),
    (("training", "lesson: [{expect: {loss: {about: 1, within: 5 percent}}}]\ntraining"), "8:45: lesson.0.expect.loss.within: found '5 percent'; allowed: a number, or a share as \"5%\""),
]  # fmt: skip

BY_READER = [
    (("0.1", "0.1, optimizer: adams"), "8:43: training.optimizer: found 'adams'; allowed: sgd, adam, adamw; did you mean 'adam'?"),
    (("0.1", "0.1, betas: [0.9]"), "8:39: training.betas: found a list of 1; allowed: at least 2 entries"),
    (("0.1", "0.1, betas: [0.9, 1]"), "8:45: training.betas.1: found 1; allowed: below 1"),
    (("0.1", "0.1, epsilon: 0"), "8:41: training.epsilon: found 0; allowed: above 0"),
    (("0.1", "0.1, weight_decay: -1"), "8:46: training.weight_decay: found -1; allowed: at least 0"),
    (("0.1", "0.1, weight_decays: {a.gama: 0}"), "8:48: training.weight_decays.a.gama: 'a.gama' matches no parameter; there are a.weight, a.bias, a.gamma, a.beta, head.weight, head.bias, head.gamma, head.beta; did you mean 'a.gamma'?"),
    (("0.1", "0.1, schedule: cosine"), "8:42: training.schedule: found 'cosine'; allowed: a mapping with the keys kind, by, every, steps, least, warm_up"),
    (("0.1", "0.1, schedule: {}"), "8:42: training.schedule: found a schedule that changes nothing; give it a kind or a warm_up"),
    (("0.1", "0.1, schedule: {kind: cosine}"), "8:42: training.schedule.steps: missing; the schedule cosine needs it"),
    (("0.1", "0.1, schedule: {kind: exponential, by: 0}"), "8:66: training.schedule.by: found 0; allowed: above 0"),
    (("0.1", "0.1, schedule: {kind: exponential, by: 1.01, every: 5}"), "8:79: training.schedule.every: the schedule exponential has no every; allowed: kind, by, warm_up"),
    (("0.1", "0.1, schedule: {kind: linear}"), "8:49: training.schedule.kind: found 'linear'; allowed: constant, step, exponential, cosine"),
    (("0.1", "0.1, nesterov: true"), "8:42: training.nesterov: found true; nesterov needs a momentum above 0"),
    (("[[1], [2]]", "[[1], [.nan]]"), "7:23: data.inputs.1.0: found nan; allowed: a finite number"),
    (("[[1], [2]]", "[[1], [1e999]]"), "7:23: data.inputs.1.0: found inf; allowed: a finite number"),
    (("[[1], [2]]", "[[1], [2, 3]]"), "7:22: data.inputs.1: found a row of 2 numbers; the rows above have 1"),
    (("[[1], [2]]", "[[1], [2], [3]]"), "7:42: data.targets: found 2 rows of targets for 3 of inputs; allowed: one for each sample"),
    (("{inputs: [[1], [2]], targets: [[1], [2]]}", "{}"), "7:7: data: found none; allowed: exactly one of inputs with targets, generator, csv"),
    (("name: a", "name: head"), "6:14: network.layers.1.name: found 'head', as is network.layers.0; each layer has its own name"),
    (("name: a", "name: a.b"), "5:14: network.layers.0.name: found 'a.b'; allowed: up to 40 letters, digits, _ and -, a letter first"),
    (("units: 2", "units: 2, weight: [[1, 2]]"), "5:35: network.layers.0.weight: found 1 row of 2 numbers; allowed: 2 rows (the units) of 1 number (what comes in)"),
    (("units: 2", "units: 2, bias: [1]"), "5:33: network.layers.0.bias: found 1 number; allowed: 2"),
    (("units: 1}", "units: 3}"), "6:27: network.layers.1.units: found 3 units for 1 target; allowed: a unit for each target"),
    (("units: 1}\n", "units: 3, activation: tanh}\ncost: cross_entropy\n"), "6:42: network.layers.1.activation: found 'tanh'; cross_entropy needs linear in the last layer"),
    (("0.1", "0.1, learning_rates: {b.weight: 1}"), "8:49: training.learning_rates.b.weight: 'b.weight' matches no parameter; there are a.weight, a.bias, a.gamma, a.beta, head.weight, head.bias, head.gamma, head.beta; did you mean 'a.weight'?"),
    (("0.1", "0.1, batch_size: 3"), "8:44: training.batch_size: found 3; allowed: full, or at most the 2 samples"),
    (("0.1", "0.1, batch_size: 1}\nfocus: {sample: 2"), "9:17: focus.sample: found 2; allowed: all, or 0 to 1"),
    (("training", "focus: {layer: haed}\ntraining"), "8:16: focus.layer: found 'haed'; allowed: a, head; did you mean 'head'?"),
    (("network:\n", "network:\n  batch_norm: {enabled: [b]}\n"), "4:26: network.batch_norm.enabled.0: found 'b'; allowed: a, head"),
    (("network:\n", "network:\n  init: {scheme: normal}\n"), "4:9: network.init.std: missing; the scheme normal needs it"),
    (("network:\n", "network:\n  init: {std: 1}\n"), "4:15: network.init.std: the scheme he has no std; allowed: gain, seed"),
    (("training", "sweep: {from: 2, to: 1}\ntraining"), "8:22: sweep.to: found 1.0; allowed: above from, 2"),
    (("training", "lesson: [{}]\ntraining"), "8:10: lesson.0: found an empty mapping; allowed: say, note, ask, do, run, show, sweep, landscape, expect"),
    (("training", "lesson: [{do: {scale: {layer: b, by: 2}}}]\ntraining"), "8:31: lesson.0.do.scale.layer: found 'b'; allowed: a, head"),
    (("training", "lesson: [{do: {scale: {layer: a, by: 0}}}]\ntraining"), "8:38: lesson.0.do.scale.by: found 0; allowed: any other number"),
    (("training", "lesson: [{do: {set: {weights: {a.weight: {uniform: -1}}}}}]\ntraining"), "8:52: lesson.0.do.set.weights.a.weight.uniform: found -1; allowed: above 0"),
    (("training", "lesson: [{do: {set: {weights: {a.weight: 1}}}}]\ntraining"), "8:42: lesson.0.do.set.weights.a.weight: found a number; allowed: 2 rows of 1 number"),
    (("training", "lesson: [{expect: {los: {above: 1}}}]\ntraining"), "8:20: lesson.0.expect.los: unknown quantity 'los'; allowed: step, loss, full_loss, learning_rate, base_rate, momentum, epoch, diverged, curvature, stable_rate, rate_over_stable, gradient_curvature, rate_over_cancelling, spherical_sharpness, loss_otherwise, gradient.…, parameter.…, factor.…, gain.…, product.…, weight.…, scale.…, pair.…, surviving.…, variance.…, sigma.…, flat.…, dead.…, effective_rate.…, angle.…, branch.…, skip.…, update_ratio.…, order.…, remembered.…, eigenvalue.…, mean_share.…, twin.…, ratio.…; did you mean 'loss'?"),
    (("training", "lesson: [{expect: {gain.hed: {above: 1}}}]\ntraining"), "8:20: lesson.0.expect.gain.hed: unknown quantity: after gain., found 'hed'; allowed: a, head; did you mean 'head'?"),
    (("training", "lesson: [{expect: {loss: {about: 1}}}]\ntraining"), "8:34: lesson.0.expect.loss.about: about needs within: a number, or a share as \"5%\""),
    (("training", "lesson: [{ask: {question: q, choices: [x, y], answer: 3}}]\ntraining"), "8:55: lesson.0.ask.answer: found 3; allowed: 1 to 2, the number of a choice"),
    (("training", "lesson: [{ask: {question: q, choices: [x, y], answer: 2, wrong: {2: no}}}]\ntraining"), "8:69: lesson.0.ask.wrong.2: found '2', the right answer; allowed, as a wrong choice: 1"),
    (("training", "lesson: [{ask: {question: q, choices: [x, y, z], answer: 2, wrong: {4: no}}}]\ntraining"), "8:72: lesson.0.ask.wrong.4: found '4'; allowed, as a wrong choice: 1, 3"),
    (("units: 2", "units: 10000000"), "5:5: network.layers: found 20,000,000 weights; allowed: at most 10,000,000"),
    (("{inputs: [[1], [2]], targets: [[1], [2]]}", "{generator: {name: gaussian, samples: 9999999}}"), "7:7: data: found 19,999,998 numbers of data; allowed: at most 10,000,000"),
    (("title: T", "title: T\ntitle: U"), "3:1: found the key 'title' twice; the first is on line 2"),
    (("title: T", "title: !!python/name:os.system T"), "2:8: found the tag 'tag:yaml.org,2002:python/name:os.system'; a scenario has no tags"),
    (("title: T", "\ttitle: T"), "2:1: a tab is in the way; indent with spaces"),
    (("title: T", "title: *x"), "2:8: found the alias '*x', but nothing above has that name"),
    (("title: T", "title: &x [*x]"), "2:12: found the alias '*x' inside what it names"),
    (("title: T", "title: a: b"), "2:9: not YAML: mapping values are not allowed in this context"),
    (("title: T", "? [a]\n: T"), "2:3: found a list or mapping as a key; a key is a word"),
    (("title: T", "title: \x1b[2J"), "2:8: found the character U+001B; a scenario is plain text"),
    (("0.1}", "0.1}\n---\nversion: 1"), "9:1: a second document starts here; a file holds one scenario"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"), BY_SCHEMA + BY_READER, ids=lambda each: each[1][:40] if isinstance(each, tuple) else ""
)
def test_a_mistake_is_told_in_one_sentence_at_its_place(change: tuple[str, str], message: str) -> None:
    text = GOOD.replace(*change, 1)
    assert text != GOOD
    assert complaints(text) == [f"f.yaml:{message}"]


@pytest.mark.parametrize(("change", "_"), BY_SCHEMA, ids=lambda each: each[1][:40] if isinstance(each, tuple) else "")
def test_the_json_schema_rejects_it_too(change: tuple[str, str], _: str) -> None:
    value = parse(GOOD.replace(*change, 1))[0].plain()
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(value)


def test_everything_is_told_at_once_and_sorted() -> None:
    text = (
        GOOD.replace("relu", "rleu").replace("title: T", "titel: T").replace("0.1", "x").replace("units: 1", "unit: 1")
    )
    lines = [complaint.split(":")[1] for complaint in complaints(text)]
    assert lines == sorted(lines)
    assert [complaint.split(": ")[1] for complaint in complaints(text)] == [
        "title",
        "titel",
        "network.layers.0.activation",
        "network.layers.1.units",
        "network.layers.1.unit",
        "training.learning_rate",
    ]


def test_a_beat_without_form_does_not_hide_what_others_say_of_the_network() -> None:
    """Whoever writes a lesson would mend its keys first, and be told only then of the names in it."""
    lesson = """\
focus: {layer: 7}
lesson:
  - foo: 1
  - expect: {lossy: {above: 1}}
  - ask: {question: "Why?", choices: [a, b], answer: 3}
  - do: {scale: {layer: q, by: 2}}
"""
    told = complaints(GOOD + lesson)
    assert [sentence.split(" ")[:2] for sentence in told] == [
        ["f.yaml:9:16:", "focus.layer:"],
        ["f.yaml:11:5:", "lesson.0.foo:"],
        ["f.yaml:12:14:", "lesson.1.expect.lossy:"],
        ["f.yaml:13:54:", "lesson.2.ask.answer:"],
        ["f.yaml:14:25:", "lesson.3.do.scale.layer:"],
    ]


def test_recoverable_yaml_mistakes_are_told_with_the_others() -> None:
    text = GOOD.replace("title: T", "title: T\ntitle: U").replace("relu", "rleu")
    assert len(complaints(text)) == 2


def test_an_empty_file_a_word_and_a_list() -> None:
    assert complaints("") == ["f.yaml:1:1: the file is empty; `bntui new FILE` writes a scenario to start from"]
    assert complaints("# only this\n") == complaints("")
    assert complaints("hello") == [f"f.yaml:1:1: found 'hello'; allowed: a mapping with the keys {KEYS}"]
    assert complaints("[1]") == [f"f.yaml:1:1: found a list of 1; allowed: a mapping with the keys {KEYS}"]


def test_one_sample_is_not_normalized_in_training() -> None:
    text = GOOD.replace("0.1", "0.1, batch_size: 1").replace("network:", "network:\n  batch_norm: {enabled: true}")
    assert complaints(text) == [
        "f.yaml:4:25: network.batch_norm.enabled: one sample cannot be normalized in training; "
        "give BN a batch of two or more, or leave it off"
    ]


def test_targets_fit_the_cost() -> None:
    bce = GOOD.replace("units: 1}", "units: 1, activation: sigmoid}") + "cost: bce\n"
    assert complaints(bce) == ["f.yaml:7:44: data.targets.1.0: found 2; bce needs 0 or 1"]
    after = bce.replace("[[1], [2]]}", "[0, 1]}").replace(
        "network:", "network:\n  batch_norm: {placement: after_activation}"
    )
    assert complaints(after) == [
        "f.yaml:7:7: network.layers.1.batch_norm: bce needs a last layer that is not normalized after its activation; "
        "write batch_norm: false there"
    ]
    assert complaints(after.replace("sigmoid", "sigmoid, batch_norm: false")) == []
    classes = GOOD.replace("units: 1", "units: 2") + "cost: cross_entropy\n"
    assert complaints(classes) == [
        "f.yaml:7:44: data.targets.1.0: found 2; cross_entropy needs the number of a class, 0 to 1"
    ]
    blobs = classes.replace("{inputs: [[1], [2]], targets: [[1], [2]]}", "{generator: {name: blobs}}")
    assert complaints(blobs) == [
        "f.yaml:7:19: data.generator: found 3 classes for 2 units in the last layer; allowed: a unit for each class"
    ]


def test_what_a_setting_brings_in_is_told_at_the_setting() -> None:
    assert complaints(GOOD, ("training.learning_rate=x",)) == [
        "--set training.learning_rate: found 'x'; allowed: a number"
    ]
    assert complaints(GOOD, ("training.learning_rat=1",)) == [
        "--set training.learning_rat: unknown key 'learning_rat'; allowed: learning_rate, learning_rates, "
        "optimizer, momentum, nesterov, betas, epsilon, weight_decay, weight_decays, schedule, batch_size, seed; did you mean 'learning_rate'?"
    ]
    assert complaints(GOOD, ("network.layers.7.units=1", "title.x=1", "nothing", "title=[")) == [
        "--set network.layers.7.units: found '7' for a layer; allowed: 0 to 1, a, head",
        "--set nothing: allowed: PATH=VALUE, as training.learning_rate=0.1",
        "--set title: in the value: not YAML: did not find expected node content while parsing a flow node",
        "--set title.x: title is 'T', so there is no x in it",
    ]
    deep = "a." * 5000 + "b=1"
    assert "at most 64" in complaints(GOOD, (deep,))[0]


def test_settings_reach_what_they_name(tmp_path: Path) -> None:
    given_settings = (
        "training.learning_rate=1e-3",
        "training.learning_rates.*.gamma=0.5",
        "network.layers.0.units=5",
        "network.batch_norm.enabled=[a]",
        "lesson=[{expect: {gain.a: {above: 0}}}]",
        "lesson.0.expect.gain.a.above=1",
    )
    with pytest.raises(ScenarioError):
        read_text(GOOD, "f", tmp_path, given_settings)
    loaded = read_text(GOOD, "f", tmp_path, given_settings[:-1])
    assert loaded.scenario.training.learning_rate == 1e-3
    assert loaded.scenario.training.learning_rates == {"*.gamma": 0.5}
    assert loaded.problem.architecture.layers[0].units == 5
    assert loaded.problem.normalized == ("a",)


def test_a_setting_finds_a_layer_by_its_name() -> None:
    layers = "- {name: h, units: 3, repeat: 3}\n    - {units: 2}\n    - {units: 2, repeat: 2}"
    text = GOOD.replace("- {name: a, units: 2, activation: relu}", layers)
    wanted = ("network.layers.h.repeat=2", "network.layers.layer3.units=5", "network.layers.head.bias=false", "network.layers.2.units=4")
    found = read_text(text, "f", None, wanted).problem.architecture.layers
    assert [(layer.name, layer.units, layer.bias) for layer in found] == [
        ("h1", 3, True), ("h2", 3, True), ("layer3", 5, True), ("layer4", 4, True), ("layer5", 4, True), ("head", 1, False),
    ]
    repaired = text.replace("repeat: 3", "repeat: 0")
    assert complaints(repaired, ("network.layers.h.repeat=1",)) == []
    assert complaints(text, ("network.layers.h2.units=1", "network.layers.layer6.units=1", "network.layers.heat.units=1")) == [
        "--set network.layers.h2.units: 'h2' is one of 3 layers written once; allowed: h, all of them",
        "--set network.layers.heat.units: found 'heat' for a layer; allowed: 0 to 3, h, layer4, head; did you mean 'head'?",
        "--set network.layers.layer6.units: 'layer6' is one of 2 layers written once; allowed: 2, all of them",
    ]
    assert complaints(GOOD, ("lesson=[{say: a}]", "lesson.a.say=b")) == [
        "--set lesson.a.say: found 'a' for a place in a list; allowed: 0 to 0"
    ]


def test_repeated_layers_are_told_where_they_are_written() -> None:
    clash = GOOD.replace("- {name: a, units: 2,", "- {name: h2, units: 2}\n    - {name: h, units: 2, repeat: 3,")
    assert complaints(clash) == [
        "f.yaml:6:14: network.layers.1.name: repeat makes 'h2', as is network.layers.0; each layer has its own name"
    ]
    unnamed = GOOD.replace("- {name: a, units: 2,", "- {name: layer3, units: 2}\n    - {units: 2, repeat: 3,")
    assert complaints(unnamed) == [
        "f.yaml:6:7: network.layers.1.name: repeat makes 'layer3', as is network.layers.0; each layer has its own name"
    ]
    written = GOOD.replace("units: 2,", "units: 2, repeat: 2, weight: [[1], [2]], bias: [1],")
    assert complaints(written) == [
        "f.yaml:5:46: network.layers.0.weight: found 2 rows of 1 number; allowed: 2 rows (the units) of 2 numbers "
        "(what comes into a2)",
        "f.yaml:5:64: network.layers.0.bias: found 1 number; allowed: 2",
    ]
    many = GOOD.replace("units: 2,", "units: 2, repeat: 256,")
    assert complaints(many) == ["f.yaml:5:5: network.layers: found 257 layers, repeated ones counted; allowed: at most 256"]
    assert complaints(GOOD.replace("units: 2,", "units: 2, repeat: 255,")) == []
    heavy = GOOD.replace("units: 2,", "units: 1000, repeat: 11,")
    assert complaints(heavy) == [
        "f.yaml:5:5: network.layers: found 10,002,000 weights; allowed: at most 10,000,000"
    ]


def test_a_skip_connection_from_nowhere_or_between_different_widths_is_told() -> None:
    net = GOOD.replace("activation: relu}", "activation: relu}\n    - {name: b, units: 2, skip_from: a}")
    assert complaints(net) == []
    assert complaints(net.replace("skip_from: a", "skip_from: previous")) == []
    assert complaints(net.replace("skip_from: a", "skip_from: inputs")) == [
        "f.yaml:6:38: network.layers.1.skip_from: inputs has 1 number and b 2; a skip connection needs as many on both ends"
    ]
    assert complaints(net.replace("units: 2, skip", "units: 3, skip")) == [
        "f.yaml:6:38: network.layers.1.skip_from: a has 2 units and b 3; a skip connection needs as many on both ends"
    ]
    for other in ("head", "b", "previos"):
        told = f"f.yaml:6:38: network.layers.1.skip_from: found '{other}'; allowed: previous, inputs or an earlier layer: a"
        assert complaints(net.replace("skip_from: a", f"skip_from: {other}")) == [
            told + ("; did you mean 'previous'?" if other == "previos" else "")
        ]
    repeated = net.replace("units: 2, skip_from: a", "units: 3, repeat: 3, skip_from: previous")
    assert complaints(repeated) == [
        "f.yaml:6:49: network.layers.1.skip_from: a has 2 units and b1 3; a skip connection needs as many on both ends"
    ]
    assert complaints(net.replace("name: a", "name: inputs").replace("skip_from: a", "skip_from: previous")) == [
        "f.yaml:5:14: network.layers.0.name: found 'inputs', which says something else in skip_from; give the layer another name"
    ]
    assert complaints(GOOD.replace("name: a", "name: inputs")) == []
    bce = GOOD.replace("units: 1}", "units: 1, activation: sigmoid, skip_from: inputs}").replace("[[1], [2]]}", "[0, 1]}") + "cost: bce\n"
    assert complaints(bce) == [
        "f.yaml:6:62: network.layers.1.skip_from: bce needs a last layer to which no skip connection adds anything"
    ]
    none = GOOD + "lesson: [{do: [{set: {skips: false}}, {twin: {skips: false}}]}]\n"
    assert [each.partition(": ")[2] for each in complaints(none)] == [
        f"lesson.0.do.{place}.skips: this network has no skip connections; skip_from in a layer makes one"
        for place in ("0.set", "1.twin")
    ]


def test_a_setting_does_not_reach_through_an_alias() -> None:
    text = GOOD.replace("- {name: a, units: 2, activation: relu}", "- &l {units: 1}\n    - *l")
    assert complaints(text) == []
    loaded = read_text(text, "f", None, ("network.layers.0.units=4",))
    assert [layer.units for layer in loaded.problem.architecture.layers] == [4, 1, 1]


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.floats() | st.sampled_from(["a", "full", "x.y", "5%", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "set", "name", "is"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in parts for place in _places(part, (*path, key)))]


_TEMPLATE = parse(TEMPLATE)[0].plain()
_PLACES = [path for path in _places(_TEMPLATE) if path]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _ANYTHING), min_size=1, max_size=3))
def test_a_scenario_with_anything_anywhere_is_read_or_told(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    value = copy.deepcopy(_TEMPLATE)
    for path, found in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            part = value
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = found
    text = json.dumps(value).replace("-Infinity", "-.inf").replace("Infinity", ".inf").replace("NaN", ".nan")
    for complaint in complaints(text):
        assert complaint.startswith("f.yaml:1:")
        assert "\n" not in complaint


def test_very_many_mistakes_are_told_quickly_and_not_all() -> None:
    started = time.process_time()
    keys = GOOD + "".join(f"k{number}: 1\n" for number in range(30_000))
    with pytest.raises(ScenarioError) as raised:
        read_text(keys, "f", None)
    assert len(raised.value.complaints) == 100
    rows = GOOD.replace("[[1], [2]]", "[" + "[x]," * 30_000 + "]", 1)
    assert len(complaints(rows)) == 100
    assert time.process_time() - started < 3.0
