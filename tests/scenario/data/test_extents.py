"""What is held out and what is standardized: which samples, by which numbers, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bntui.scenario.data.building import Problem, build_with
from bntui.scenario.reading.loading import Loaded, read_text
from bntui.scenario.text.complaints import ScenarioError

HEAD = """\
version: 1
title: T
network: {layers: [{name: head, units: UNITS, batch_norm: false}]}
cost: COST
training: {learning_rate: 0.1}
data:
"""
ROWS = "[[0], [1], [2], [3], [4], [5], [6], [7], [8], [9]]"
INLINE = f"  inputs: {ROWS}\n  targets: {ROWS}\n"
CSV = "  csv: {file: data.csv, inputs: [x, y], targets: [kind]}\n"


def load(data: str, folder: Path | None = None, cost: str = "half_mse", units: int = 1) -> Loaded:
    return read_text(HEAD.replace("UNITS", str(units)).replace("COST", cost) + data, "f.yaml", folder)


def problem(data: str, folder: Path | None = None, cost: str = "half_mse", units: int = 1) -> Problem:
    return load(data, folder, cost, units).problem


def complaints(data: str, folder: Path | None = None, cost: str = "half_mse", units: int = 1) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        load(data, folder, cost, units)
    return [str(complaint) for complaint in raised.value.complaints]


@pytest.mark.parametrize(("share", "count"), [(0.2, 2), (0.25, 3), (0.01, 1), (0.99, 9), (0.5, 5)])
def test_a_share_is_the_nearest_number_of_samples_but_never_none_and_never_all(share: float, count: int) -> None:
    made = problem(f"{INLINE}  validation: {share}\n")
    assert made.held_out is not None
    assert (len(made.inputs), made.held_out.samples, made.samples) == (10 - count, count, 10)


def test_a_share_is_the_first_of_a_permutation_and_the_others_keep_their_order() -> None:
    for seed in (0, 7):
        made = problem(f"{INLINE}  validation: {{share: 0.3, seed: {seed}}}\n")
        chosen = np.random.default_rng(seed).permutation(10)[:3]
        assert made.held_out is not None
        assert made.held_out.inputs[:, 0].tolist() == sorted(chosen.tolist())
        assert made.held_out.targets.tolist() == made.held_out.inputs.tolist()
        assert made.inputs[:, 0].tolist() == [each for each in range(10) if each not in chosen]
        assert not made.held_out.inputs.flags.writeable


def test_a_bare_share_is_chosen_by_seed_0() -> None:
    bare, spelled = problem(f"{INLINE}  validation: 0.4\n"), problem(f"{INLINE}  validation: {{share: 0.4}}\n")
    assert bare.held_out is not None
    assert spelled.held_out is not None
    assert bare.held_out.inputs.tolist() == spelled.held_out.inputs.tolist()


@pytest.mark.parametrize(
    "own",
    ["{inputs: [[20]], targets: [30]}", "{generator: {name: line, samples: 4, seed: 3}}", "{csv: {file: h.csv, inputs: [a], targets: [b]}}"],
)
def test_held_out_data_may_be_its_own(own: str, tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("a,b\n20,30\n")
    made = problem(f"{INLINE}  validation: {own}\n", tmp_path)
    assert made.held_out is not None
    assert len(made.inputs) == 10
    if "generator" in own:
        x = np.random.default_rng(3).standard_normal((4, 1))
        np.testing.assert_array_equal(made.held_out.inputs, x)
        np.testing.assert_array_equal(made.held_out.targets, 3 * x)
    else:
        assert made.held_out.inputs.tolist() == [[20]]
        assert made.held_out.targets.tolist() == [[30]]


def test_classes_that_are_held_out_are_one_hot_and_of_the_same_labels(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y,kind\n1,2,rose\n3,4,aster\n5,7,rose\n")
    (tmp_path / "held.csv").write_text("kind,y,x\nrose,1,2\n")
    data = f"{CSV}  validation: {{csv: {{file: held.csv, inputs: [x, y], targets: [kind]}}}}\n"
    loaded = load(data, tmp_path, "cross_entropy", 2)
    assert loaded.problem.held_out is not None
    assert loaded.problem.held_out.inputs.tolist() == [[2, 1]]
    assert loaded.problem.held_out.targets.tolist() == [[0, 1]]  # alone in its file, rose would be class 0
    assert {file.name for file in loaded.files} == {"data.csv", "held.csv"}
    np.testing.assert_array_equal(build_with(loaded.scenario, loaded.tables).held_out.targets, [[0, 1]])
    (tmp_path / "held.csv").write_text("kind,y,x\nlily,1,2\n0,1,2\n")
    assert complaints(data, tmp_path, "cross_entropy", 2) == [
        "held.csv:2:1: found 'lily'; allowed: aster, rose",
        "held.csv:3:1: found '0'; allowed: aster, rose",
    ]
    (tmp_path / "data.csv").write_text("x,y,kind\n1,2,1\n3,4,0\n")
    assert complaints(data, tmp_path, "cross_entropy", 2)[0] == "held.csv:2:1: found 'lily'; allowed: a number"


def test_inputs_are_standardized_by_what_is_trained_on() -> None:
    inputs = np.random.default_rng(1).normal(5, 3, (40, 3))
    inputs[:, 1] = 0.1
    data = f"  inputs: {inputs.tolist()}\n  targets: {[0.0] * 40}\n  validation: {{share: 0.25, seed: 4}}\n"
    plain, made = problem(data), problem(f"{data}  standardize: true\n")
    assert made.held_out is not None
    assert plain.held_out is not None
    np.testing.assert_allclose(made.inputs.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(made.inputs.std(axis=0), [1, 0, 1], rtol=1e-13)
    assert not made.inputs[:, 1].any()  # a column that is everywhere the same is 0, not the noise of its rounding
    assert not made.held_out.inputs[:, 1].any()
    expected = (plain.held_out.inputs - plain.inputs.mean(axis=0)) / plain.inputs.std(axis=0)
    np.testing.assert_allclose(made.held_out.inputs[:, [0, 2]], expected[:, [0, 2]], rtol=1e-12)
    one = problem(f"{data}  standardize: [2]\n")
    np.testing.assert_array_equal(one.inputs[:, :2], plain.inputs[:, :2])
    np.testing.assert_array_equal(one.inputs[:, 2], made.inputs[:, 2])


def test_columns_are_named_by_patterns(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("p_2,kind,p_1,other\n1,5,2,3\n4,8,6,6\n")

    def inputs(wanted: str, standardize: str = "false") -> Any:
        csv = f"  csv: {{file: data.csv, inputs: {wanted}, targets: [kind]}}\n  standardize: {standardize}\n"
        return problem(csv, tmp_path).inputs.tolist()

    assert inputs('["p_*"]') == [[1, 2], [4, 6]]
    assert inputs('["*"]') == [[1, 2, 3], [4, 6, 6]]  # all but the targets
    assert inputs('[other, "p_*", "*"]') == [[3, 1, 2], [6, 4, 6]]
    assert inputs('["*"]', '["p_*"]') == [[-1, -1, 3], [1, 1, 6]]
    assert inputs('["*"]', "[other]") == [[1, 2, -1], [4, 6, 1]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (INLINE + "  validation: 1.5\n", "data.validation: found 1.5; allowed: below 1"),
        (INLINE + "  validation: true\n", "data.validation: found true; allowed: a share above 0 and below 1, or a mapping"),
        (INLINE + "  validation: {}\n", "data.validation: found none; allowed: exactly one of share, inputs with targets, generator, csv"),
        (
            INLINE + "  validation: {share: 0.1, generator: {name: line}}\n",
            "data.validation: found generator and share; allowed: exactly one of share, inputs with targets, generator, csv",
        ),
        (
            INLINE + "  validation: {generator: {name: line}, seed: 1}\n",
            "data.validation.seed: nothing is chosen here; a seed belongs to a share",
        ),
        (
            "  inputs: [[1]]\n  targets: [1]\n  validation: 0.5\n",
            "data.validation: found 1 sample of data; nothing is left where it is held out",
        ),
        (
            INLINE + "  validation: {inputs: [[1, 2]], targets: [1]}\n",
            "data.validation: found 2 inputs a sample; the data that is trained on has 1",
        ),
        (INLINE + "  validation: {inputs: [[1]]}\n", "data.validation.targets: missing; needed: a row of numbers for each sample, or a number each"),
        (INLINE + "  standardize: [1]\n", "data.standardize.0: found 1; allowed: an input's place, 0 to 0"),
        (
            INLINE + "  standardize: [x]\n",
            "data.standardize.0: found 'x'; only a CSV file's columns have names; allowed: an input's place, 0 to 0",
        ),
        (INLINE + "  standardize: []\n", "data.standardize: found an empty list; allowed: at least 1 entries"),
        (INLINE + "  standardize: [true]\n", "data.standardize.0: found true; allowed: a column's name, or its place counted from 0"),
        (CSV + "  standardize: [z]\n", "data.standardize.0: found 'z'; allowed: x, y"),
        (CSV + '  standardize: ["z*"]\n', "data.standardize.0: 'z*' fits no column; there are x, y"),
        (
            INLINE + "  validation: {generator: {name: line, samples: 9000000}}\n",
            "data: found 18,000,020 numbers of data; allowed: at most 10,000,000",
        ),
    ],
)
def test_what_cannot_be_held_out_or_standardized_is_told(data: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y,kind\n1,2,5\n3,4,6\n")
    assert [each.partition(" ")[2] for each in complaints(data, tmp_path)] == [message]


def test_targets_that_are_held_out_must_fit_the_cost() -> None:
    classes = "  inputs: [[1], [2]]\n  targets: [0, 1]\n"
    assert complaints(f"{classes}  validation: {{inputs: [[1]], targets: [7]}}\n", None, "cross_entropy", 2) == [
        "f.yaml:9:41: data.validation.targets.0.0: found 7; cross_entropy needs the number of a class, 0 to 1"
    ]
    told = complaints(f"{classes}  validation: {{generator: {{name: line}}}}\n", None, "cross_entropy", 2)
    assert told[0].startswith("f.yaml:9:27: data.validation.generator: cross_entropy needs classes")


def test_a_batch_has_no_more_samples_than_are_trained_on() -> None:
    with pytest.raises(ScenarioError, match="allowed: full, or at most the 8 samples that are not held out"):
        read_text(HEAD.replace("UNITS", "1").replace("COST", "mse") + INLINE + "  validation: 0.2\n", "f", None, ("training.batch_size=9",))


def test_only_a_share_of_the_numbers_is_trained_on_and_all_are_reckoned() -> None:
    made = problem(f"{INLINE}  validation: 0.2\n")
    assert made.numbers == 20
    assert problem(INLINE).numbers == 20
