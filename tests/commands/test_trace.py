"""`bntui trace` as a person at a shell meets it."""

import csv
import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, held_over
from shell import PROGRAM, Capture, Terminal, lines, printed, refused
from traces import layer_of

from bntui.commands import trace as trace_command
from bntui.commands.cli import run
from bntui.commands.progress import Progress
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.wording import harmless
from bntui.session.trace import trace_lines
from bntui.session.trace.trace_lines import cell

TWIN = BATCHES + "lesson: [{do: {twin: {batch_norm: true}}}, {do: {step: 2}}, {do: {twin: false}}]\n"
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
    some = lines(printed(capsys, *arguments, "--only", "loss,gain,gradient.h1.*,mode"))
    layers = [layer["layer"] for layer in whole[0]["layers"]]
    gradients = ["gradient.h1.weight", "gradient.h1.bias", "gradient.h1.gamma", "gradient.h1.beta"]
    assert list(some[0]) == ["format", "step", "action", "loss", *(f"gain.{layer}" for layer in layers), *gradients, "mode"]
    for one, all_of_it in zip(some, whole, strict=True):
        assert (one["loss"], one["mode"]) == (all_of_it["loss"], "train")
        assert [one[f"gain.{layer['layer']}"] for layer in all_of_it["layers"]] == [each["gain"] for each in all_of_it["layers"]]
        assert one["gradient.h1.weight"] == pytest.approx(float(np.linalg.norm(all_of_it["gradients"]["h1.weight"])))
        assert one["gradient.h1.gamma"] is None  # there is none without BN


@pytest.mark.parametrize("only", ["loss,gain.*,twin.*", "ratio.loss,step,mode,action,loss,twin.mode,twin.normalization", "factor.*.input,normalization", "step"])
def test_the_same_names_give_the_same_in_both_forms(file: Path, capsys: Capture, only: str) -> None:
    file.write_text(TWIN, encoding="utf-8")
    told = lines(printed(capsys, "trace", str(file), "--lesson", "--only", only))
    table = list(csv.DictReader(io.StringIO(printed(capsys, "trace", str(file), "--lesson", "--only", only, "--format", "csv"))))
    for line, row in zip(told, table, strict=True):
        assert list(line) == ["format", *row]
        assert {name: cell(line[name]) for name in row} == row


def test_a_lesson_with_a_twin_keeps_it_in_both_forms(file: Path, capsys: Capture) -> None:
    file.write_text(TWIN, encoding="utf-8")
    told = lines(printed(capsys, "trace", str(file), "--lesson"))
    table = list(csv.DictReader(io.StringIO(printed(capsys, "trace", str(file), "--lesson", "--format", "csv"))))
    assert [line["twin"] is not None for line in told] == [False, True, True, True, False]
    assert [row["twin.loss"] for row in table] == [cell(line["twin"] and line["twin"]["loss"]) for line in told]
    assert [row["twin.normalization"] for row in table] == ["", *["h1=batch_norm h2=batch_norm"] * 3, ""]


def test_only_some_quantities_as_a_table(capsys: Capture) -> None:
    text = printed(capsys, "trace", "sigmoid-net", "--steps", "2", "--only", "curvature,loss", "--format", "csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["step", "action", "curvature", "loss"]
    assert [row[:2] for row in rows[1:]] == [["0", ""], ["1", "step"], ["2", "step"]]


@pytest.mark.parametrize("pattern", ["gain.h?", "g?in.h[1-4]", "[!x]ain.h[!e]"])
def test_a_pattern_is_one_of_a_shell(capsys: Capture, pattern: str) -> None:
    (line,) = lines(printed(capsys, "trace", "sigmoid-net", "--steps", "0", "--only", pattern))
    assert list(line)[3:] == ["gain.h1", "gain.h2", "gain.h3", "gain.h4"]


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
    assert full["gradients"]["a.weight"][0][0] == pytest.approx(layer_of(full, "a")["gradient"])


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
        ("t.jsonl", (), '{"format": 1, "step": 0,'),
        ("t.data", (), '{"format": 1, "step": 0,'),
        ("t.data", ("--format", "csv"), "step,action,loss,"),
    ],
)
def test_the_ending_of_a_file_says_its_form(
    capsys: Capture, tmp_path: Path, chain: str, name: str, format: tuple[str, ...], first: str
) -> None:
    printed(capsys, "trace", chain, "--steps", "1", *format, "-o", str(tmp_path / name))
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(first)


@pytest.mark.parametrize("name", ["t.json", "t.parquet", "T.HTML"])
def test_a_form_that_is_not_written_here_is_not_promised_by_an_ending(capsys: Capture, tmp_path: Path, chain: str, name: str) -> None:
    said = refused(capsys, "trace", chain, "--steps", "1", "-o", str(tmp_path / name))
    assert f"{name} ends in .{name.lower()[2:]}, but what is written is .jsonl or .csv" in said
    printed(capsys, "trace", chain, "--steps", "1", "--format", "jsonl", "-o", str(tmp_path / name))
    assert "is .json; another ending" in refused(capsys, "landscape", chain, "-o", str(tmp_path / "t.csv"))


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
    monkeypatch.setattr(trace_lines, "written", ended_by(OSError(28, "No space left on device")))
    (tmp_path / "s.yaml").write_text(CHAIN)
    assert run(["trace", str(tmp_path / "s.yaml"), "-o", str(tmp_path / "out")]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.yaml"]


def test_ctrl_c_keeps_the_lines_that_are_written_and_says_where_it_came(tmp_path: Path, capsys: Capture, monkeypatch) -> None:
    monkeypatch.setattr(trace_lines, "written", ended_by(KeyboardInterrupt()))
    (tmp_path / "s.yaml").write_text(CHAIN)
    assert run(["trace", str(tmp_path / "s.yaml"), "-o", str(tmp_path / "out")]) == 130
    assert (tmp_path / "out").read_text() == "a line\n"
    assert run(["trace", str(tmp_path / "s.yaml")]) == 130
    told = capsys.readouterr()
    assert told.out == "a line\n"
    assert told.err == "bntui: the trace ends at step 0, where it was interrupted\n" * 2


def ended_by(error: BaseException):
    """Rows of which the second is not reached."""

    def rows(*_, **__):
        yield "a line\n"
        raise error

    return rows


def test_a_bound_ends_the_trace_at_the_first_step_at_which_it_holds(capsys: Capture) -> None:
    whole = lines(printed(capsys, "trace", "relu-net", "--only", "loss"))
    limit = whole[37]["loss"] * (1 + 1e-9)
    first = next(line["step"] for line in whole if line["loss"] < limit)
    for every in ("1", "10"):
        assert run(["trace", "relu-net", "--only", "loss", "--to", f"loss<{limit!r}", "--every", every]) == 0
        out, err = capsys.readouterr()
        assert lines(out) == [line for line in whole[: first + 1] if line["step"] % int(every) == 0 or line["step"] == first]
        assert err == f"bntui: loss below {limit:g} is reached at step {first}\n"


@pytest.mark.parametrize(
    ("arguments", "ends", "says"),
    [
        (("CHAIN", "--to", "loss>1e6"), 2, "loss above 1e+06 is reached at step 2"),
        (("CHAIN", "--to", "diverged=true"), 2, "diverged exactly true is reached at step 2"),
        (("CHAIN", "--to", "loss > 0"), 0, "loss above 0 is reached at step 0"),
        (("TWIN", "--lesson", "--to", "twin.step>1"), 2, "twin.step above 1 is reached at step 2"),
        (("SEEDS", "--seeds", "5", "--to", "loss<0.26"), 1, "loss below 0.26 is reached at step 1"),
    ],
)
def test_a_bound_that_is_reached(tmp_path: Path, capsys: Capture, arguments: tuple[str, ...], ends: int, says: str) -> None:
    assert run(["trace", *named(tmp_path, arguments)]) == 0
    out, err = capsys.readouterr()
    assert (lines(out)[-1]["step"], err) == (ends, f"bntui: {says}\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("CHAIN", "--to", "loss<1e-9", "--steps", "1"), "loss below 1e-09 is not reached by step 1; --steps N allows more"),
        (("CHAIN", "--to", "loss<1e-9"), "the trace ends at step 2, where the run has diverged\nbntui: loss below 1e-09 is not reached by step 2"),
        (("TWIN", "--lesson", "--to", "loss<0"), "loss below 0 is not reached by step 2"),
        (("SEEDS", "--seeds", "2", "--steps", "3", "--to", "loss<0"), "loss below 0 is not reached by step 3; --steps N allows more"),
    ],
)
def test_a_bound_that_is_not_reached_is_said_and_is_a_failure(tmp_path: Path, capsys: Capture, arguments: tuple[str, ...], says: str) -> None:
    assert run(["trace", *named(tmp_path, arguments)]) == 1
    assert capsys.readouterr().err == f"bntui: {says}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "loss"), "argument --to: 'loss': a bound is a quantity, one of < > =, and a number, in quotes, for"),
        (("--to", "loss<much"), "'loss<much': a bound is"),
        (("--to", "loss<inf"), "'loss<inf': a bound is"),
        (("--to", "loss<=1"), "'loss<=1': a bound is"),
        (("--to", "los<1"), "--to: unknown quantity 'los'"),
        (("--to", "mode=1"), "--to: mode: it is told in words"),
        (("--seeds", "0"), "'0' is not a whole number from 1 to 100000"),
        (("--seeds", "2"), "every weight of this scenario is written in it, so all runs would be the same"),
        (("--seeds", "2", "--lesson"), "leave --lesson out"),
        (("--seeds", "2", "--arrays"), "leave --arrays out"),
        (("--lesson", "--every", "2"), "--lesson tells every action; leave --every out"),
        (("--only", "loss", "--meters"), "--only names what is told; leave --meters out"),
        (("--seeds", "2", "--only", "mode"), "--only: mode: it is told in words, and here quantities are wanted"),
        (("--only", ""), "--only: unknown quantity ''"),
        (("--only", "ratio.mode"), "--only: ratio.mode: it is told in words"),
        (("--only", "gain.[a"), "after gain., found '[a'"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_a_sentence(capsys: Capture, chain: str, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(capsys, "trace", chain, *arguments)


def named(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    """The arguments with the files that they speak of."""
    for name, text in {"CHAIN": CHAIN, "TWIN": TWIN, "SEEDS": BATCHES}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / each) if each in ("CHAIN", "TWIN", "SEEDS") else each for each in arguments]


ON_ONE_CORE = [
    sys.executable,
    "-c",
    "import os, sys; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); os.execv(sys.argv[1], sys.argv[1:])",
]
TYPED = st.text("los<>=0.19,*?[]!gain.twratio-{}\x00\n\tŷ", max_size=12) | st.text(max_size=8)


@held_over(150)
@given(st.sampled_from(["--only", "--to", "--every", "--seeds", "--steps", "--set", "--format", "-o", "SCENARIO"]), TYPED)
@pytest.mark.slow
def test_whatever_is_typed_is_taken_or_refused_in_a_sentence(option: str, text: str) -> None:
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        chain = Path(folder, "chain.yaml")
        chain.write_text(CHAIN, encoding="utf-8")  # which diverges after two steps, however many are asked for
        if option == "SCENARIO":
            status = run(["trace", f"./{text}"])
        else:
            value = f"{folder}/{text.replace('/', '')}" if option == "-o" else text
            status = run(["trace", str(chain), f"{option}={value}" if option.startswith("--") else f"{option}{value}"])
    said = err.getvalue()
    assert status in (0, 1, 2)
    assert "Traceback" not in said
    if status == 2:
        assert out.getvalue() == ""
        assert said.rstrip()
        assert said == harmless(said, lines=True)


@pytest.mark.slow
def test_a_long_trace_takes_no_more_memory_than_a_short_one(chain: str) -> None:
    """Peaks of the process, in kB; a state of this chain that was kept would take ten of them."""
    program = "import resource, sys; from bntui.commands.cli import run; run(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    short, long = (
        int(subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=True).stdout.splitlines()[-1])
        for steps in ("500", "4000")
        if (arguments := ["trace", chain, "--set", "training.learning_rate=0.01", "--steps", steps])
    )
    assert long - short < 6_000


@pytest.mark.slow
def test_two_runs_write_the_same_bytes_on_one_core_or_many(tmp_path: Path) -> None:
    net = "{version: 1, title: t, network: {layers: [{name: h, units: 48, activation: relu, repeat: 6}, {units: 1}], batch_norm: {enabled: true}}, data: {generator: {name: gaussian, samples: 200, inputs: 30, outputs: 1}}, training: {learning_rate: 0.01, batch_size: 128}}"
    (tmp_path / "net.yaml").write_text(net, encoding="utf-8")
    for arguments in (("--meters", "--full"), ("--seeds", "3", "--format", "csv")):
        command = [*PROGRAM, "trace", str(tmp_path / "net.yaml"), "--steps", "8", *arguments]
        one_core, first, again = (
            subprocess.run([*before, *command], capture_output=True, check=True).stdout for before in (ON_ONE_CORE, [], [])
        )
        assert first == again == one_core


def test_the_spread_over_seeds_is_that_of_the_runs_by_themselves(capsys: Capture) -> None:
    arguments = ("sigmoid-net", "--steps", "6", "--only", "loss,gain.h3")
    told = lines(printed(capsys, "trace", *arguments, "--seeds", "5"))
    runs = []
    for seed in range(5):
        run(["trace", *arguments, "--set", f"network.init.seed={seed}"])
        runs.append(lines(capsys.readouterr().out))
    for step, line in enumerate(told):
        assert (line["step"], line["runs"]) == (step, 5)
        for name in ("loss", "gain.h3"):
            values = [float(each[step][name]) for each in runs if step < len(each)]
            assert len(values) == 5
            expected = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
            assert [line[name][which] for which in ("quartile1", "median", "quartile3")] == expected


@pytest.mark.parametrize("arguments", [("TWIN", "--steps", "4"), ("TWIN", "--lesson"), ("SEEDS", "--steps", "4", "--seeds", "2")])
def test_a_terminal_is_told_how_far_a_long_trace_is_unless_its_lines_pass_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(trace_command, "Progress", partial(Progress, patience=0))
    monkeypatch.setattr("sys.stderr", file_at := Terminal())
    command = ["trace", *named(tmp_path, arguments)]
    assert run([*command, "-o", str(tmp_path / "out")]) == 0
    assert "%, traced, ctrl+c keeps what there is" in file_at.getvalue()
    assert not file_at.getvalue().rpartition("\r")[0].rpartition("\r")[2].strip()  # wiped away
    monkeypatch.setattr("sys.stderr", passing := Terminal())
    monkeypatch.setattr("sys.stdout", Terminal())
    assert run(command) == 0
    assert passing.getvalue() == ""
