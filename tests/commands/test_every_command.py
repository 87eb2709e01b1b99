"""Every command that is registered, in each place where commands are met: what one forgets to state is found here."""

import re
import shlex
from pathlib import Path

import pytest
from shell import Capture, refused

from bntui.commands.cli import NAMES, commands, parsed, run
from bntui.commands.command import Command, UsageError
from bntui.commands.open import COMMAND as OPEN

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [shlex.split(found) for page in PAGES for found in re.findall(r"`bntui ([^`]+)`", page.read_text(encoding="utf-8"))]
EVERY = pytest.mark.parametrize("command", [OPEN, *commands()], ids=lambda command: command.name or "open")


def words(command: Command) -> list[str]:
    return [command.name] if command.name else []


def test_a_name_calls_one_command() -> None:
    assert tuple(command.name for command in commands()) == NAMES
    assert len(set(NAMES)) == len(NAMES)
    assert OPEN.name == ""


@EVERY
def test_it_has_its_help(command: Command, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        run([*words(command), "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert told.startswith(f"usage: {' '.join(['bntui', *words(command)])} [-h]")
    assert command.help.endswith(".")
    assert command.help in " ".join(told.split())


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_the_overview_has_it_with_the_same_help(command: Command, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        run(["--help"])
    assert re.search(rf"^  bntui {command.name} +{re.escape(command.help)}$", capsys.readouterr().out, re.MULTILINE)


def is_whole(example: list[str]) -> bool:
    """Whether it is a command to be typed; a sentence may name one without what it requires."""
    try:
        parsed(example)
    except UsageError as error:
        if "the following arguments are required" in str(error):
            return False
        raise
    return True


@EVERY
def test_readme_or_docs_have_an_example_that_is_taken(command: Command) -> None:
    examples = [example for example in EXAMPLES if (example[0] if example[0] in NAMES else OPEN.name) == command.name]
    whole = [example for example in examples if is_whole(example)]
    assert whole
    assert all(parsed(example).command is command for example in whole)


@EVERY
def test_an_unknown_option_is_refused_in_a_sentence(command: Command, capsys: Capture) -> None:
    told = refused(capsys, *words(command), "--nonsense", "one", "-o", "two")
    assert told.startswith("bntui: ")
    assert f"; `{' '.join(['bntui', *words(command)])} --help` says what there is" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_a_mistyped_name_is_told_the_right_one(command: Command, capsys: Capture) -> None:
    assert refused(capsys, f"{command.name}x").endswith(f"There is a command `bntui {command.name}`.\n")
