"""Whatever a scenario file holds: exit 0, 1 or 2 and a sentence, never a traceback, never over the limits."""

import contextlib
import io
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from bntui.commands import cli
from bntui.scenario.shelf import library

MEGABYTES = 200
FILES = int(os.environ.get("BNTUI_FUZZ", "5000"))
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HARMFUL = ("\x1b", "\x07", "\x08", "\r", "\x9b", "\u202e", "\u2066", "\u200f", "\x00")
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**63, 10**30, 1e308, float("nan"), float("inf"), "", "off", "[/", "[@click=app.bell]x[/]", "1e-3",
    "\u202egnp", "\x1b[2J", "\x1b]0;title\x07", "🦆" * 50, "a" * 5000, [], {}, [[]], [[1.0], [2.0, 3.0]], {"step": 1},
    {"name": "line"}, {"file": "/etc/passwd", "inputs": ["x"], "targets": ["y"]}, [1] * 300, -0.0, "*", "a.weight",
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def mutated(text: str, source: random.Random) -> bytes:
    """A library scenario with a few of its values moved, doubled, taken out or replaced, or with its bytes broken."""
    if source.random() < 0.3:
        content = bytearray(text.encode())
        for _ in range(source.randrange(1, 20)):
            place = source.randrange(len(content))
            piece = bytes(source.randrange(256) for _ in range(source.randrange(4)))
            content[place : place + source.randrange(4)] = piece
        return bytes(content[: source.randrange(len(content))] if source.random() < 0.2 else content)
    document = yaml.load(text, FAST)
    for _ in range(source.randrange(1, 4)):
        path = source.choice(list(places(document)))
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        change = source.randrange(4)
        if change == 0:
            del parent[path[-1]]
        elif change == 1 and isinstance(parent, dict):
            parent[str(source.choice(STRANGE))] = deepcopy(parent[path[-1]])
        elif change == 2 and isinstance(parent, list):
            parent.append(deepcopy(parent[path[-1]]))
        else:
            parent[path[-1]] = deepcopy(source.choice(STRANGE))
        if not document:
            break
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")


def ran(*arguments: str) -> tuple[int, str]:
    """The status of a command, run in this process, and all that it printed."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        try:
            status = cli.run(list(arguments))
        except SystemExit as error:
            status = int(error.code or 0)
    return status, told.getvalue()


def fuzz(count: int, seed: int, folder: Path) -> None:
    source = random.Random(seed)
    texts = [(library.folder() / f"{name}.yaml").read_text() for name in library.names()]
    path = folder / "fuzzed.yaml"
    ran("list")  # what is imported once is not these files' cost
    for turn in range(count):
        content = mutated(source.choice(texts), source)
        path.write_bytes(content)
        begun = time.process_time()
        status, told = ran("check", str(path))
        assert time.process_time() - begun < 1.0, content
        assert status in (0, 2), content
        assert "Traceback" not in told, content
        assert not any(character in told for character in HARMFUL), content
        if status == 0 and turn % 5 == 0:
            status, told = ran("show", str(path), "--at", "2")
            assert status in (0, 2), content
            assert not any(character in told for character in HARMFUL), content


@pytest.mark.slow
def test_fuzzed_scenarios_are_good_or_told_in_sentences(tmp_path: Path) -> None:
    fuzz(300, 1, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_thousand_fuzzed_scenarios_are_good_or_told_in_sentences(tmp_path: Path) -> None:
    fuzz(FILES, 2, tmp_path)


def peak_of(folder: Path, *arguments: str) -> float:
    """The megabytes that a command has resident at most."""
    done = subprocess.run(
        [sys.executable, "-c", WITHIN, sys.executable, "-m", "bntui", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return float(done.stderr.rpartition("peak ")[2])


# runs a command and says at the end how many megabytes it had resident at most
WITHIN = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], check=False).returncode
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr, end="")
sys.exit(status)
"""

HEAD = "version: 1\ntitle: T\ntraining: {learning_rate: 0.1}\ndata: {inputs: [[1.0]], targets: [[1.0]]}\n"
NETWORK = "network: {layers: [{units: 1}]}\n"


def hostile(folder: Path) -> dict[str, str]:
    """Files that somebody may hand in who means no good, each with a word of its refusal."""
    (folder / "outside.csv").write_text("x,y\n1,2\n")
    inside = folder / "inside"
    inside.mkdir()
    (inside / "link.csv").symlink_to(folder / "outside.csv")
    nine = "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 10))
    csv = HEAD.replace("data: {inputs: [[1.0]], targets: [[1.0]]}", "data: {csv: {file: FILE, inputs: [x], targets: [y]}}")
    texts = {
        "laughs": ("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + nine, "aliases"),
        "deep": (HEAD + "network: " + "[" * 5000 + "]" * 5000, "levels of nesting"),
        "tag": (HEAD + "network: !!python/object/apply:os.system ['echo pwned']\n", "tag"),
        "wide": (HEAD + "network: {layers: [{units: 100000}, {units: 10000}]}\n", "weights"),
        "controls": (HEAD + NETWORK + "summary: a\x1b[2Jb\n", "U+001B"),
        "climbing": (csv.replace("FILE", "../outside.csv") + NETWORK, "folder"),
        "absolute": (csv.replace("FILE", "/etc/passwd") + NETWORK, "folder"),
        "linked": (csv.replace("FILE", "link.csv") + NETWORK, "folder"),
        "device": (csv.replace("FILE", "/dev/zero") + NETWORK, "folder"),
    }
    for name, (text, _) in texts.items():
        (inside / f"{name}.yaml").write_text(text)
    with (inside / "large.yaml").open("wb") as file:
        for _ in range(100):
            file.write(b"a: 1 # " + b"x" * 999_993)


    os.mkfifo(inside / "pipe.yaml")
    (inside / "zero.yaml").symlink_to("/dev/zero")
    (inside / "loop.yaml").symlink_to(inside / "loop.yaml")
    words = {name: word for name, (_, word) in texts.items()}
    return words | {"large": "larger than", "pipe": "regular file", "zero": "regular file", "loop": "symbolic link"}


def test_hostile_files_are_refused_in_a_sentence_within_a_second_and_200_mb(tmp_path: Path) -> None:
    words = hostile(tmp_path)
    ran("list")  # what is imported once is not these files' cost
    for name, word in words.items():
        begun = time.process_time()
        status, told = ran("check", str(tmp_path / "inside" / f"{name}.yaml"))
        assert time.process_time() - begun < 1.0, name
        assert (status, word in told) == (2, True), (name, told)
    assert peak_of(tmp_path / "inside", "check", *(f"{name}.yaml" for name in words)) < MEGABYTES


ESCAPES = r"\e[31m\e]0;owned\a\u202e\u2066\u200f[/][@click=app.bell]x[/] [red]"


def test_escape_sequences_in_every_text_field_are_shown_harmlessly(tmp_path: Path) -> None:
    (tmp_path / "shown.yaml").write_text(
        f"""
version: 1
title: "{ESCAPES}"
summary: "{ESCAPES}"
network: {{layers: [{{name: a, units: 1}}]}}
training: {{learning_rate: 0.1}}
data: {{inputs: [[1.0], [2.0]], targets: [[1.0], [2.0]]}}
lesson:
  - say: "{ESCAPES}"
    note: "{ESCAPES}"
  - ask: {{question: "{ESCAPES}", choices: ["{ESCAPES}", "b"], answer: 1, because: "{ESCAPES}", wrong: {{2: "{ESCAPES}"}}}}
"""
    )
    path = str(tmp_path / "shown.yaml")
    for arguments in (("check", path), ("check", "--play", path), ("show", path), ("trace", path, "--steps", "1")):
        status, told = ran(*arguments)
        assert status == 0
        assert not any(character in told for character in HARMFUL), arguments
    for field in ("network: {layers: [{name: \"%s\", units: 1}]}", "cost: \"%s\"", "\"%s\": 1"):
        (tmp_path / "wrong.yaml").write_text(HEAD + NETWORK + field % ESCAPES)
        status, told = ran("check", str(tmp_path / "wrong.yaml"))
        assert status == 2
        assert not any(character in told for character in HARMFUL), field


