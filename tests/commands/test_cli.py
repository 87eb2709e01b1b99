"""The commands as a person at a shell meets them: what they print, and how they end."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from session.worlds import BATCHES, CHAIN
from shell import Capture, printed, refused

from bntui.commands.cli import run
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.document import parse

PROGRAM = [sys.executable, "-m", "bntui"]
CORE = ("deep-relu", "goodfellow-chain", "relu-net", "sigmoid-net")

def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_list_names_every_scenario_with_its_title_and_size(capsys: Capture) -> None:
    rows = printed(capsys, "list").splitlines()
    assert [row.split()[0] for row in rows] == sorted(library.names())
    assert set(CORE) <= set(library.names())
    assert next(row for row in rows if row.startswith("goodfellow-chain")).endswith("(5 layers, 5 weights)")


def test_without_a_terminal_and_a_scenario_the_library_is_listed(capsys: Capture) -> None:
    assert printed(capsys) == printed(capsys, "list")


def test_without_a_terminal_a_scenario_is_printed_as_one_frame(capsys: Capture, chain: str) -> None:
    frame = printed(capsys, chain)
    assert frame == printed(capsys, "show", chain)
    assert frame.startswith("Goodfellow's chain · step 0 · J 2.724e+00 · η 0.3 · BN off")


@pytest.mark.parametrize("name", CORE)
def test_check_finds_the_shipped_scenarios_good(capsys: Capture, name: str) -> None:
    assert printed(capsys, "check", name) == f"{name}: good\n"


def test_check_tells_every_mistake_with_its_place_and_goes_on(capsys: Capture, tmp_path: Path, chain: str) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(CHAIN.replace("units: 1, weight: [[0.9]]", "unit: 1").replace("0.3}", "fast}"), encoding="utf-8")
    status = run(["check", str(bad), chain, "nowhere.yaml"])
    out, err = capsys.readouterr()
    assert status == 2
    assert out == f"{chain}: good\n"
    assert f"{bad}:7:" in err
    assert "unknown key 'unit'" in err
    assert "did you mean 'units'?" in err
    assert f"{bad}:12:" in err
    assert "nowhere.yaml: there is no such file" in err


def test_trace_prints_a_line_for_the_start_and_every_step(capsys: Capture) -> None:
    traced = lines(printed(capsys, "trace", "goodfellow-chain", "--steps", "3", "--set", "training.learning_rate=0.01"))
    assert [line["step"] for line in traced] == [0, 1, 2, 3]
    assert {line["learning_rate"] for line in traced} == {0.01}


def test_trace_takes_a_hundred_steps_where_none_are_named(capsys: Capture, chain: str) -> None:
    assert len(lines(printed(capsys, "trace", chain, "--set", "training.learning_rate=0.01"))) == 101


def test_a_divergence_is_data_and_no_failure(capsys: Capture, chain: str) -> None:
    assert lines(printed(capsys, "trace", chain))[-1]["diverged"] is True


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


def test_trace_repeats_the_lesson_of_a_scenario(capsys: Capture) -> None:
    traced = lines(printed(capsys, "trace", "goodfellow-chain", "--lesson"))
    steps = [beat for beat in read_file(library.find("goodfellow-chain")).scenario.lesson if beat.actions]
    assert steps
    assert {"reset", "set", "step"} <= {line["action"] for line in traced}
    assert traced[-1]["diverged"] is False


def test_show_prints_a_frame_of_exactly_the_size(capsys: Capture, chain: str) -> None:
    for columns, rows in ((60, 18), (80, 24), (120, 40), (200, 60)):
        frame = printed(capsys, "show", chain, "--size", f"{columns}x{rows}").removesuffix("\n").split("\n")
        assert len(frame) == rows
        assert max(map(len, frame)) <= columns


def test_show_goes_to_a_step_a_layer_and_a_sample(capsys: Capture, chain: str) -> None:
    slow = ("--set", "training.learning_rate=0.01")
    frame = printed(capsys, "show", chain, "--at", "4", "--layer", "c", "--sample", "1", *slow)
    assert " · step 4 · " in frame
    assert "∂J/∂c sample 1 = -" in frame
    assert "▾c" in frame
    assert "▸d" in frame


def test_show_of_a_step_beyond_a_divergence_shows_the_divergence(capsys: Capture, chain: str) -> None:
    frame = printed(capsys, "show", chain, "--at", "50")
    assert "step 2" in frame
    assert "Diverged at step 2" in frame


@pytest.mark.parametrize("size", ["60x18", "80x24", "120x40"])
@pytest.mark.parametrize("name", CORE)
def test_show_in_ascii_is_nothing_but_ascii(capsys: Capture, name: str, size: str) -> None:
    for at in ("0", "1"):
        frame = printed(capsys, "show", name, "--ascii", "--size", size, "--at", at)
        assert frame.isascii(), sorted({character for character in frame if not character.isascii()})


def test_schema_accepts_what_is_shipped_and_refuses_what_is_wrong(capsys: Capture) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(printed(capsys, "schema")))
    for name in CORE:
        validator.validate(parse(library.find(name).read_text(encoding="utf-8"))[0].plain())
    assert not validator.is_valid({"version": 1, "title": "nothing else"})


def test_new_writes_a_scenario_that_can_be_run_and_never_overwrites_one(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert printed(capsys, "new", str(file)) == f"{file} written; open it with: bntui {file}\n"
    written = file.read_text(encoding="utf-8")
    assert printed(capsys, "check", str(file)) == f"{file}: good\n"
    assert refused(capsys, "new", str(file)) == f"bntui: {file} exists already; --force replaces it\n"
    assert file.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["goodfelow-chain"], "did you mean 'goodfellow-chain'?"),
        (["zzzzzz"], "'zzzzzz' is neither a file nor in the library: "),
        (["trac"], "There is a command `bntui trace`."),
        (["trac", "goodfellow-chain"], "There is a command `bntui trace`."),
        (["shw", "goodfellow-chain", "--at", "3"], "There is a command `bntui show`."),
        (["show", "relu-nt"], "did you mean 'relu-net'?"),
        (["show"], "the following arguments are required: SCENARIO"),
        (["show", "relu-net", "--lay", "a"], "did you mean --layer?"),
        (["show", "relu-net", "--layer", "nobody"], "there is no layer 'nobody'; the layers are "),
        (["show", "relu-net", "--sample", "5000"], "there is no sample 5000; a batch has the samples 0 to "),
        (["show", "relu-net", "--sample", "all"], "'all' is not a whole number of 0 or more"),
        (["show", "relu-net", "--at", "-1"], "'-1' is not a whole number of 0 or more"),
        (["show", "relu-net", "--at", "99999999999"], "allowed: at most 10,000,000"),
        (["show", "relu-net", "--size", "80"], "'80' is not a size such as 80x24"),
        (["show", "relu-net", "--size", "40x10"], "a frame needs at least 60 columns and 18 rows"),
        (["show", "relu-net", "--size", "5000x24"], "'5000x24' is larger than 1000x1000"),
        (["trace", "relu-net", "--steps", "many"], "'many' is not a whole number of 0 or more"),
        (["trace", "relu-net", "--steps", "1", "--lesson"], "not allowed with argument --steps"),
        (["trace", "relu-net", "--format", "xml"], "choose from"),
        (["trace", "relu-net", "--set", "training.learning_rat=1"], "did you mean 'learning_rate'?"),
        (["trace", "relu-net", "--set", "training.learning_rate=fast"], "--set training.learning_rate: "),
        (["trace", "relu-net", "--set", "nonsense"], "allowed: PATH=VALUE, as training.learning_rate=0.1"),
        (["trace", "relu-net", "--steps", "0", "-o", "no/such/folder/file"], "No such file or directory"),
        (["check"], "the following arguments are required: FILE"),
        (["check", "."], "this is a directory; name a file in it"),
        (["list", "everything"], "unrecognized arguments: everything"),
        (["--fps", "0"], "'0' is not a number from 1 to 120"),
        (["--them", "dark"], "did you mean --theme?"),
        (["\x1b[31mred"], "is neither a file nor in the library"),
    ],
)
def test_what_cannot_be_taken_is_told_in_a_sentence(capsys: Capture, arguments: list[str], sentence: str) -> None:
    told = refused(capsys, *arguments)
    assert sentence in told
    assert "\x1b" not in told


@pytest.mark.parametrize("command", ["list", "check", "trace", "show", "schema", "new"])
def test_every_command_has_its_help(capsys: Capture, command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: bntui {command}" in capsys.readouterr().out


def test_help_lists_the_commands(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert re.search(r"bntui trace +Every step as data", told)
    assert "--no-mouse" in told


def test_the_version_is_one_line(capsys: Capture) -> None:
    told = printed(capsys, "--version")
    assert told.startswith("bntui")
    assert told.count("\n") == 1


def test_scenarios_are_traced_the_same_in_every_process(tmp_path: Path) -> None:
    file = tmp_path / "batches.yaml"
    file.write_text(BATCHES, encoding="utf-8")
    command = [*PROGRAM, "trace", str(file), "--steps", "20", "--arrays"]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert first.count(b"\n") == 21


def test_a_mistake_ends_the_process_with_2_and_a_sentence() -> None:
    ended = subprocess.run([*PROGRAM, "shwo", "relu-net"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.endswith("There is a command `bntui show`.\n")


@pytest.mark.parametrize("command", [["schema"], ["list"], ["show", "goodfellow-chain", "--at", "1"]])
def test_a_terminal_that_speaks_ascii_alone_is_served_in_ascii(command: list[str]) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run([*PROGRAM, *command], capture_output=True, env=plain, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.isascii()
    if command[0] == "show":
        assert b"\\" not in ended.stdout


def test_a_reader_that_goes_away_ends_the_trace_quietly() -> None:
    command = [*PROGRAM, "trace", "sigmoid-net", "--steps", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=30) == 141
        assert process.stderr.read() == b""


def test_control_c_ends_the_trace_quietly() -> None:
    heeded = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    listening = [sys.executable, "-I", "-S", "-c", heeded]  # a shell that runs the tests in its background ignores it
    command = [*listening, *PROGRAM, "trace", "sigmoid-net", "--steps", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
        assert (process.returncode, told) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", [["list"], ["goodfellow-chain"], ["trace", "goodfellow-chain"]])
def test_a_full_disk_is_told_in_a_sentence(command: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([*PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "bntui: the output: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX shell on Windows")
@pytest.mark.parametrize("arguments", ["list", "goodfellow-chain", "show goodfellow-chain", "trace goodfellow-chain"])
def test_a_standard_output_that_is_closed_is_told_in_a_sentence(arguments: str) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" -m bntui {arguments} <&- >&-', sys.executable], stderr=subprocess.PIPE, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (2, "bntui: the standard output is closed\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX shell on Windows")
def test_closed_input_and_complaints_change_nothing_else() -> None:
    command = ["sh", "-c", 'exec "$0" -m bntui check goodfellow-chain nosuch.yaml <&- 2>&-', sys.executable]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "there is no such file" not in ended.stdout
