"""`bntui completion`: what a shell offers after a tab, tried in the shells themselves."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from shell import Capture, printed, refused
from terminal.driver import Terminal

from bntui.commands.cli import NAMES, run
from bntui.commands.completion import OWN_THEMES
from bntui.commands.shells import SHELLS
from bntui.scenario.shelf import library

CASES: list[tuple[list[str], set[str], set[str]]] = [
    (["tra"], {"trace"}, {"list", "relu-net"}),
    (["relu"], {"relu-net"}, {"trace"}),
    (["trace", "goodf"], {"goodfellow-chain"}, {"trace"}),
    (["trace", "mi"], {"mine.yaml"}, {"trace"}),
    (["trace", "relu-net", "--for"], {"--format", "--force"}, {"--full", "--json"}),
    (["trace", "relu-net", "--format", ""], {"jsonl", "csv"}, {"relu-net", "mine.yaml", "--format"}),
    (["sweep", "relu-net", "--switching", "pre"], {"preserve"}, {"reset"}),
    (["show", "--view", "me"], {"meters"}, {"layers", "mine.yaml"}),
    (["trace", "relu-net", "--steps", ""], set(), {"mine.yaml", "relu-net"}),
    (["trace", "relu-net", "-o", "mi"], {"mine.yaml"}, {"relu-net"}),
    (["check", "relu"], {"relu-net"}, set()),
    (["check", "mine.yaml", "--pl"], {"--play"}, {"--json"}),
    (["list", "mi"], {"mine.yaml"}, {"relu-net"}),
    (["completion", ""], {"bash", "zsh", "fish"}, {"mine.yaml"}),
    (["--mou"], {"--mouse"}, {"--steps"}),
    (["--theme", ""], {"dark", "projector"}, {"mine.yaml"}),
    (["follow", "--share", "pla"], {"place"}, {"relu-net"}),
    (["export", "relu-net", "-o", "mi"], {"mine.yaml"}, {"relu-net"}),
    (["trace", "relu-net", "--only", "ga"], {"gain"}, {"loss"}),
    (["show", "relu-net", "--history", "curv"], {"curvature"}, {"gain"}),
]


@pytest.fixture
def folder(tmp_path: Path, capsys: Capture) -> Path:
    """A folder with a script for each shell, and a file to be completed."""
    for shell in SHELLS:
        (tmp_path / f"_bntui.{shell}").write_text(printed(capsys, "completion", shell), encoding="utf-8")
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "place").mkdir()
    return tmp_path


def needs(shell: str) -> str:
    """The shell, where it is installed."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here")
    return found


def offered_by_bash(folder: Path, typed: list[str]) -> list[str]:
    """What bash has to choose from once these words stand behind `bntui`."""
    ask = 'source _bntui.bash; COMP_WORDS=(bntui "$@"); COMP_CWORD=$#; _bntui; printf "%s\\n" "${COMPREPLY[@]}"'
    command = [needs("bash"), "--norc", "-c", ask, "ask", *typed]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ended.stdout.split()


def test_bash_offers_what_may_stand_there(folder: Path) -> None:
    for typed, wanted, unwanted in CASES:
        found = set(offered_by_bash(folder, typed))
        assert wanted <= found, typed
        assert not unwanted & found, typed
    assert {*NAMES, *library.names(), "mine.yaml"} <= set(offered_by_bash(folder, [""]))
    assert set(offered_by_bash(folder, ["trace", "relu-net", "--format", "=", "c"])) == {"csv"}, "bash has three words there"


@pytest.mark.optional
@pytest.mark.slow
def test_fish_offers_what_may_stand_there(folder: Path) -> None:
    shell = needs("fish")
    for typed, wanted, unwanted in CASES:
        ask = f"source _bntui.fish; complete -C 'bntui {' '.join(typed)}'"
        environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        ended = subprocess.run([shell, "--no-config", "-c", ask], cwd=folder, capture_output=True, text=True, env=environment, check=True)
        assert ended.stderr == ""
        found = {line.partition("\t")[0].rstrip("/") for line in ended.stdout.splitlines()}
        assert wanted <= found, typed
        assert not unwanted & found, typed


TABS = [("bntui tra", "bntui trace"), ("bntui trace goodf", "bntui trace goodfellow-chain"), ("bntui show relu-net --view me", "--view meters"),
        ("bntui report relu-net -o mi", "-o mine.yaml"), ("bntui sweep relu-net --swi", "--switching")]  # fmt: skip


@pytest.mark.optional
@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "begin"),
    [
        (["bash", "--norc", "-i"], "source ./_bntui.bash"),
        (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; source ./_bntui.zsh"),
    ],
    ids=["bash", "zsh"],
)
def test_a_tab_completes_on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch, shell: list[str], begin: str) -> None:
    needs(shell[0])
    monkeypatch.chdir(folder)
    for typed, whole in TABS:
        with Terminal(shell, HOME=str(folder)) as terminal:
            terminal.press(f"{begin}; PS1='set'; PS1=$PS1'> '\r")
            terminal.until("set>")
            terminal.press(f"{typed}\t")
            terminal.until(whole)


def test_the_themes_that_are_offered_are_those_that_there_are() -> None:
    from bntui.tui.themes import THEMES

    assert tuple(THEMES) == OWN_THEMES


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_every_option_that_help_tells_of_is_in_the_script(shell: str, capsys: Capture) -> None:
    script = printed(capsys, "completion", shell)
    for name in NAMES:
        with pytest.raises(SystemExit):
            run([name, "--help"])
        told = capsys.readouterr().out
        for option in re.findall(r"--[a-z][a-z-]+", told.partition("options:")[2]):
            assert re.search(rf"(-l {option[2:]}|{option})\b", script), option


def test_a_shell_that_is_not_known_is_refused(capsys: Capture) -> None:
    assert "choose from" in refused(capsys, "completion", "tcsh")
