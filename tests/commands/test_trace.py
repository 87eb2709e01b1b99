"""`bntui trace` as a person at a shell meets it."""

import csv
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN
from shell import PROGRAM, Capture, lines, printed, refused

from bntui.commands.cli import run
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library

RUNNING = SLOW_CHAIN + "lesson: [{do: {step: 1}}, {run: {until: {step: {above: 3}}}}]\n"


def test_trace_prints_a_line_for_the_start_and_every_step(capsys: Capture) -> None:
    traced = lines(printed(capsys, "trace", "goodfellow-chain", "--steps", "3", "--set", "training.learning_rate=0.01"))
    assert [line["step"] for line in traced] == [0, 1, 2, 3]
    assert {line["learning_rate"] for line in traced} == {0.01}


def test_trace_takes_a_hundred_steps_where_none_are_named(capsys: Capture, chain: str) -> None:
    assert len(lines(printed(capsys, "trace", chain, "--set", "training.learning_rate=0.01"))) == 101


def test_a_divergence_is_data_and_no_failure_and_the_early_end_is_said(capsys: Capture, chain: str) -> None:
    assert run(["trace", chain]) == 0
    out, err = capsys.readouterr()
    assert lines(out)[-1]["diverged"] is True
    assert err == f"bntui: the trace ends at step {lines(out)[-1]['step']}, where the run has diverged\n"


def test_only_some_quantities_each_by_its_name_its_family_or_a_pattern(capsys: Capture) -> None:
    arguments = ("trace", "sigmoid-net", "--steps", "2")
    whole = lines(printed(capsys, *arguments, "--arrays"))
    some = lines(printed(capsys, *arguments, "--only", "loss,gain,gradient.h1.*"))
    layers = [layer["layer"] for layer in whole[0]["layers"]]
    gradients = ["gradient.h1.weight", "gradient.h1.bias", "gradient.h1.gamma", "gradient.h1.beta"]
    assert list(some[0]) == ["step", "action", "loss", *(f"gain.{layer}" for layer in layers), *gradients]
    for one, all_of_it in zip(some, whole, strict=True):
        assert one["loss"] == all_of_it["loss"]
        assert [one[f"gain.{layer['layer']}"] for layer in all_of_it["layers"]] == [each["gain"] for each in all_of_it["layers"]]
        assert one["gradient.h1.weight"] == pytest.approx(float(np.linalg.norm(all_of_it["gradients"]["h1.weight"])))
        assert one["gradient.h1.gamma"] is None  # there is none without BN


def test_only_some_quantities_as_a_table(capsys: Capture) -> None:
    text = printed(capsys, "trace", "sigmoid-net", "--steps", "2", "--only", "curvature,loss", "--format", "csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["step", "action", "curvature", "loss"]
    assert [row[:2] for row in rows[1:]] == [["0", ""], ["1", "step"], ["2", "step"]]


def test_an_unknown_quantity_is_told_the_near_names(capsys: Capture, chain: str) -> None:
    assert "did you mean 'loss'?" in refused(capsys, "trace", chain, "--only", "los")


def test_every_so_many_steps_and_the_last(capsys: Capture) -> None:
    whole = lines(printed(capsys, "trace", "sigmoid-net", "--steps", "7"))
    assert lines(printed(capsys, "trace", "sigmoid-net", "--steps", "7", "--every", "3")) == [whole[step] for step in (0, 3, 6, 7)]


def test_the_state_in_which_a_run_diverges_is_told_whatever_every_says(capsys: Capture, chain: str) -> None:
    assert run(["trace", chain, "--every", "50"]) == 0
    traced = lines(capsys.readouterr().out)
    assert [line["diverged"] for line in traced] == [False, True]


def test_several_settings_are_put_in(capsys: Capture, chain: str) -> None:
    settings = ("--set", "network.batch_norm.enabled=[b, e]", "--set", "data.inputs.0.0=9")
    first = lines(printed(capsys, "trace", chain, "--steps", "0", *settings))[0]
    assert first["batch_norm"] == ["b", "e"]
    assert first["loss"] != lines(printed(capsys, "trace", chain, "--steps", "0"))[0]["loss"]


def test_arrays_and_meters_are_added_when_asked_for(capsys: Capture, chain: str) -> None:
    plain = lines(printed(capsys, "trace", chain, "--steps", "1"))[1]
    full = lines(printed(capsys, "trace", chain, "--steps", "1", "--arrays", "--meters"))[1]
    assert set(full) - set(plain) == {"order", "meters", "parameters", "gradients"}
    assert full["gradients"]["a.weight"][0][0] == pytest.approx(full["layers"][0]["gradient"])


def test_trace_writes_a_table_into_a_file(capsys: Capture, tmp_path: Path, chain: str) -> None:
    file = tmp_path / "trace.csv"
    assert printed(capsys, "trace", chain, "--steps", "2", "--format", "csv", "-o", str(file)) == ""
    table = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [row["step"] for row in table] == ["0", "1", "2"]
    assert float(table[0]["gain.c"]) == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("name", "format", "first"),
    [
        ("t.csv", (), "step,action,loss,"),
        ("t.CSV", ("--format", "csv"), "step,action,loss,"),
        ("t.jsonl", (), '{"step": 0,'),
        ("t.data", (), '{"step": 0,'),
        ("t.data", ("--format", "csv"), "step,action,loss,"),
    ],
)
def test_the_ending_of_a_file_says_its_form(
    capsys: Capture, tmp_path: Path, chain: str, name: str, format: tuple[str, ...], first: str
) -> None:
    printed(capsys, "trace", chain, "--steps", "1", *format, "-o", str(tmp_path / name))
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(first)


def test_trace_repeats_the_lesson_of_a_scenario(capsys: Capture) -> None:
    traced = lines(printed(capsys, "trace", "goodfellow-chain", "--lesson"))
    steps = [beat for beat in read_file(library.find("goodfellow-chain")).scenario.lesson if beat.actions]
    assert steps
    assert {"reset", "set", "step"} <= {line["action"] for line in traced}
    assert traced[-1]["diverged"] is True  # its last control explodes


def test_the_trace_of_a_lesson_has_its_runs(file: Path, capsys: Capture) -> None:
    file.write_text(RUNNING, encoding="utf-8")
    assert run(["trace", str(file), "--lesson"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["step"] for line in lines] == [0, 1, 2, 3, 4]


def test_scenarios_are_traced_the_same_in_every_process(tmp_path: Path) -> None:
    file = tmp_path / "batches.yaml"
    file.write_text(BATCHES, encoding="utf-8")
    command = [*PROGRAM, "trace", str(file), "--steps", "20", "--arrays"]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert first.count(b"\n") == 21


def test_nothing_is_left_of_a_trace_that_ends_in_an_error(tmp_path: Path, capsys: Capture, monkeypatch) -> None:
    from bntui.session.keep import tracing

    def stopped(*_):
        yield "half"
        raise KeyboardInterrupt

    (tmp_path / "s.yaml").write_text(CHAIN)
    monkeypatch.setattr(tracing, "as_jsonl", stopped)
    assert run(["trace", str(tmp_path / "s.yaml"), "-o", str(tmp_path / "out")]) == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.yaml"]
