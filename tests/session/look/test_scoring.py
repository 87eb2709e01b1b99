"""What a moment is worth beyond its batch: accuracy, J on all training data, J on data held out; and when it is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from session.worlds import BATCHES, BLOBS, do, loaded, session

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.model import vocabulary
from bntui.scenario.reading.loading import read_text
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.look import observing
from bntui.session.look.quantities import measure, needed
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session

SCORES = ("loss", "accuracy", "full_loss", "full_accuracy", "validation.loss", "validation.accuracy")


def forward(at: Session, inputs: Any, mode: str) -> Any:
    """The outputs by hand: affine, BN, tanh, affine."""
    moment = at.history.moment
    parameters = {str(name): array for name, array in at.experiment.network(moment).layout.views(moment.state.theta).items()}
    running = {str(name): array for name, array in at.experiment.network(moment).running_layout.views(moment.state.running).items()}
    z = inputs @ parameters["h.weight"].T + parameters["h.bias"]
    mean, variance = (z.mean(axis=0), z.var(axis=0)) if mode == "train" else tuple(running.values())
    normalized = (z - mean) / np.sqrt(variance + 1e-5)
    hidden = np.tanh(parameters["h.gamma"] * normalized + parameters["h.beta"])
    return hidden @ parameters["head.weight"].T + parameters["head.bias"]


def scored(outputs: Any, targets: Any) -> list[float]:
    """J and accuracy of linear outputs against one-hot targets, the plain way."""
    log_shares = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    right = [row.argmax() == wanted.argmax() for row, wanted in zip(outputs, targets, strict=True)]
    return [-(targets * log_shares).sum() / len(targets), sum(right) / len(right)]


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_each_score_is_of_its_data_with_its_statistics(mode: str) -> None:
    at = do(session(BLOBS), {"step": 20}, {"set": {"mode": mode}})
    problem = at.loaded.problem
    inputs, targets = at.experiment.batch(at.history.moment)
    expected = scored(forward(at, inputs, mode), targets)
    expected += scored(forward(at, problem.inputs, mode), problem.targets)
    expected += scored(forward(at, problem.held_out.inputs, "eval"), problem.held_out.targets)
    assert list(measure(at, SCORES).values()) == pytest.approx(expected, rel=1e-12)
    assert len({round(value, 6) for value in expected[::2]}) == 3


def test_held_out_data_changes_nothing_that_is_trained() -> None:
    at = do(session(BLOBS), {"step": 5})
    problem = at.loaded.problem
    rows = f"inputs: {problem.inputs.tolist()}, targets: {problem.targets.argmax(axis=1).tolist()}"
    alone = do(session(BLOBS.replace(BLOBS[BLOBS.index("data:") : BLOBS.index("cost:")], f"data: {{{rows}}}\n")), {"step": 5})
    assert alone.observe().loss == at.observe().loss


def test_a_whole_batch_is_all_of_the_data() -> None:
    at = do(session(BLOBS.replace(", batch_size: 9", "")), {"step": 3})
    found = measure(at, SCORES)
    assert found["full_loss"] == found["loss"]
    assert found["full_accuracy"] == found["accuracy"]


def test_the_twin_has_scores_of_its_own() -> None:
    at = do(session(BLOBS), {"twin": {"batch_norm": False}}, {"step": 9})
    found = measure(at, ["validation.loss", "twin.validation.loss", "ratio.validation.loss", "twin.full_accuracy"])
    assert found["ratio.validation.loss"] == found["validation.loss"] / found["twin.validation.loss"]
    assert None not in found.values()
    alone = do(session(BLOBS, "network.batch_norm.enabled=false"), {"step": 9})
    assert measure(alone, ["validation.loss"])["validation.loss"] == found["twin.validation.loss"]


def test_nothing_is_scored_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("on_all", "on_held_out"):
        monkeypatch.setattr(observing, name, lambda experiment, moment, name=name: asked.append(name))
    at = session(BLOBS)
    measure(at, ["loss", "accuracy", "gain.h"])
    at.observe(Detail(orders=True, meters=True, arrays=True, activations=True, sizes=True))
    assert asked == []
    measure(at, ["full_loss"])
    measure(at, ["ratio.validation.accuracy"])
    assert asked == ["on_all", "on_held_out"]


def test_what_is_needed_for_a_score_alone() -> None:
    assert needed(["accuracy"]) == Detail(lean=True)
    assert needed(["full_accuracy"]) == Detail(full=True, lean=True)
    assert needed(["twin.validation.loss"]) == Detail(validation=True, lean=True)


def test_every_score_has_a_value_where_there_are_classes_and_data_held_out() -> None:
    at = do(session(BLOBS), {"step": 1})
    assert set(SCORES) <= set(vocabulary.quantities(at.experiment.architecture, held_out=True))
    assert None not in measure(at, SCORES).values()


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ("accuracy", "accuracy: half_mse knows no classes; allowed with bce, cross_entropy"),
        ("twin.full_accuracy", "full_accuracy: half_mse knows no classes; allowed with bce, cross_entropy"),
        ("validation.loss", "validation.loss: no data is held out; data.validation does it, as validation: 0.2"),
        ("validation.accuracy", "validation.accuracy: no data is held out; data.validation does it, as validation: 0.2"),
    ],
)
def test_a_score_that_cannot_be_is_told_where_it_is_expected(quantity: str, sentence: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        read_text(f"{BATCHES}lesson: [{{expect: {{{quantity}: {{above: 0}}}}}}]\n", "f", None)
    (complaint,) = raised.value.complaints
    assert complaint.message == sentence
    with pytest.raises(ScenarioError, match=r"validation\.accuracy: half_mse knows no classes"):
        read_text(f"{BATCHES}lesson: [{{expect: {{validation.accuracy: {{above: 0}}}}}}]\n", "f", None, ("data.validation=0.2",))


def test_without_classes_there_is_no_accuracy_but_all_of_j() -> None:
    at = do(session(BATCHES, "data.validation=0.2"), {"step": 4})
    found = measure(at, SCORES)
    assert [name for name, value in found.items() if value is None] == ["accuracy", "full_accuracy", "validation.accuracy"]


@pytest.mark.parametrize("name", COSTS)
def test_a_cost_counts_what_is_right_where_its_targets_are_classes_and_says_what(name: str) -> None:
    cost = COSTS[name]
    assert (cost.accuracy is not None) == (cost.targets != "numbers") == bool(cost.counts_right)


def test_the_first_evaluation_of_held_out_data_uses_estimates_of_no_batch() -> None:
    at = session(BLOBS)
    held_out = loaded(BLOBS).problem.held_out
    assert measure(at, ["validation.loss"])["validation.loss"] == pytest.approx(
        scored(forward(at, held_out.inputs, "eval"), held_out.targets)[0], rel=1e-12
    )
    variances = [value for name, value in at.experiment.network(at.history.moment).running_layout.views(
        at.history.moment.state.running).items() if "var" in name]  # fmt: skip
    assert all((value == 1).all() for value in variances)
