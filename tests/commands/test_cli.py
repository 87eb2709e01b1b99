"""The command line as a person at a shell meets it: what is refused in a sentence, and how commands end."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from paced import mostly_slow
from shell import PROGRAM, Capture, computed, refused, until

from bntui.commands.cli import run


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
        (["show", "relu-net", "--at", "99999999999"], "bntui: step: found 99999999999; allowed: at most 10,000,000\n"),
        (["show", "relu-net", "--size", "80"], "'80' is not a size such as 80x24"),
        (["show", "relu-net", "--size", "40x10"], "a frame needs at least 60 columns and 18 rows"),
        (["show", "relu-net", "--size", "5000x24"], "'5000x24' is larger than 1000x1000"),
        (["trace", "relu-net", "--steps", "many"], "'many' is not a whole number of 0 or more"),
        (["trace", "relu-net", "--steps", "1", "--lesson"], "not allowed with argument --steps"),
        (["trace", "relu-net", "--format", "xml"], "choose from"),
        (["trace", "relu-net", "--set", "training.learning_rat=1"], "did you mean 'learning_rate'?"),
        (["trace", "relu-net", "--set", "training.learning_rate=fast"], "--set training.learning_rate: "),
        (["trace", "relu-net", "--set", "nonsense"], "allowed: PATH=VALUE, as training.learning_rate=0.1"),
        (["trace", "relu-net", "-o", "no/such/file"], "bntui: no/such/file cannot be written: there is no folder no/such\n"),
        (["check", "relu-net", "--junit", "no/such/file"], "no/such/file cannot be written: there is no folder no/such\n"),
        (["trace", "relu-net", "-o", "out.csv", "--format", "jsonl"], "out.csv ends in .csv, but --format says jsonl; leave --format out"),
        (["trace", "relu-net", "-o", "OUT.JSONL", "--format", "csv"], "OUT.JSONL ends in .jsonl, but --format says csv"),
        (["check"], "the following arguments are required: FILE"),
        (["check", "."], "this is a directory; name a file in it"),
        (["list", "everything"], "'everything' is neither a file nor in the library: "),
        (["list", "relu-net"], ":1: this is no course; a course has parts"),
        (["list", "a.yaml", "b.yaml"], "unrecognized arguments: b.yaml"),
        (["--theme", ""], "argument --theme: '' names no theme"),
        (["--fps", "0"], "'0' is not a number from 1 to 120"),
        (["--them", "dark"], "did you mean --theme?"),
        (["trace", "relu-net", "--stpes", "3"], "did you mean --steps?"),
        (["trace", "relu-net", "--arr"], "did you mean --arrays?"),
        (["trace", "relu-net", "--steps", "-1"], "argument --steps: '-1' is not a whole number of 0 or more; `bntui trace --help`"),
        (["trace", "relu-net", "steps=5"], "unrecognized arguments: steps=5; did you mean --steps=5?; `bntui trace --help`"),
        (["trace", "relu-net", "-steps", "5"], "unrecognized arguments: -steps 5; did you mean --steps 5?"),
        (["trace", "relu-net", "--set", "training.learning_rate", "0.1"], "did you mean --set training.learning_rate=0.1?"),
        (["sweep", "relu-net", "--over", "batch_size", "4,8"], "did you mean --over batch_size=4,8?"),
        (["trace", "relu-net", "--set", "layers.first.units=3"], "did you mean 'network.layers.first.units'?"),
        (["--memory", "1M", "trace", "relu-net", "--steps", "2"], "a command stands first, and what it takes after it: `bntui trace --help` says what that is\n"),
        (["--ascii", "list"], "a command stands first, and what it takes after it: `bntui list --help` says what that is\n"),
        (["relu-net", "show"], "a command stands first, and what it takes after it: `bntui show --help` says what that is\n"),
        (["\x1b[31mred"], "is neither a file nor in the library"),
    ],
)
def test_what_cannot_be_taken_is_told_in_a_sentence(capsys: Capture, arguments: list[str], sentence: str) -> None:
    told = refused(capsys, *arguments)
    assert sentence in told
    assert "\x1b" not in told


@pytest.mark.parametrize(("command", "option"), [([], "--bogus"), ([], "--steps"), (["trace", "relu-net"], "--mouse"), ([], "--")])
def test_an_option_like_no_other_is_offered_none(capsys: Capture, command: list[str], option: str) -> None:
    told = refused(capsys, *command, option, "one", "two")
    assert "unrecognized arguments" in told
    assert "did you mean" not in told


def test_help_lists_the_commands(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert re.search(r"bntui trace +Every step as data", told)
    assert "--no-mouse" in told


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


def test_control_c_ends_the_trace_with_a_whole_line_and_a_sentence() -> None:
    heeded = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    listening = [sys.executable, "-I", "-S", "-c", heeded]  # a shell that runs the tests in its background ignores it
    command = [*listening, *PROGRAM, "trace", "sigmoid-net", "--steps", "1000000"]
    # unbuffered: what readline had read beyond its line would be missing after it
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        written, told = process.communicate(timeout=30)
        assert process.returncode == 130
        assert re.fullmatch(rb"bntui: the trace ends at step \d+, where it was interrupted\n", told)
        assert all(json.loads(line)["format"] == 1 for line in written.splitlines())


IMPORTING = """
import builtins, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
imported = builtins.__import__
def importing(name, *rest, **named):
    if name == "argparse":
        builtins.__import__ = imported
        os.kill(os.getpid(), signal.SIGINT)
    return imported(name, *rest, **named)
builtins.__import__ = importing
from bntui.__main__ import main
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_control_c_while_the_program_loads_ends_it_without_a_word() -> None:
    ended = subprocess.run([sys.executable, "-c", IMPORTING, "list"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


LONG = {
    "trace sigmoid-net --steps 1000000 -o out.csv": lambda text: text.startswith("step,action,loss") and text.endswith("\n"),
    "sweep deep-relu --steps 100000 --count 100 -o out.json": lambda text: json.loads(text)["progress"] < 1,
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what a process has computed is looked up in /proc")
@pytest.mark.parametrize("line", LONG)
@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_job_that_is_ended_keeps_what_is_done_and_leaves_nothing_else(
    tmp_path: Path, line: str, end: signal.Signals, status: int
) -> None:
    heeded = f"import os, signal, sys; signal.signal({int(end)}, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-I", "-S", "-c", heeded, *PROGRAM, *line.split()]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        until(lambda: any(tmp_path.iterdir()))
        begun = computed(process.pid)
        until(lambda: computed(process.pid) > begun + 0.5)
        process.send_signal(end)
        _, told = process.communicate(timeout=60)
    assert process.returncode == status
    assert told.startswith("bntui: ")
    assert told.count("\n") == 1
    (written,) = tmp_path.iterdir()
    assert LONG[line](written.read_text(encoding="utf-8"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_complaint_that_nobody_can_be_told_changes_no_status() -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([*PROGRAM, "list", "no-such-course"], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", mostly_slow([["list"], ["goodfellow-chain"], ["trace", "goodfellow-chain"]], [["list"]]))
def test_a_full_disk_is_told_in_a_sentence(command: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([*PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "bntui: the output: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX shell on Windows")
@pytest.mark.parametrize("arguments", mostly_slow(["list", "goodfellow-chain", "show goodfellow-chain", "trace goodfellow-chain"], ["list"]))
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


def test_the_options_of_the_program_stand_in_groups(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        run(["--help"])
    groups = dict(re.findall(r"^([a-z ]+):\n((?:  .*\n)+)", capsys.readouterr().out, re.MULTILINE))
    wanted = {
        "where it begins": ["--resume", "--beat"],
        "the screen": ["--theme", "--ascii", "--unicode", "--mouse", "--fps", "--remember"],
        "a class": ["--share"],
        "the program": ["--memory", "--version"],
    }
    assert {name: re.findall(r"^  (--[a-z]+)", groups[name], re.MULTILINE) for name in wanted} == wanted
