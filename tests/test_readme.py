"""The README is true: its scenario loads, its numbers are what the program prints, its keys and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bntui.cli import COMMANDS
from bntui.scenario import library
from bntui.scenario.actions import parse_action
from bntui.scenario.reading import read_file, read_text
from bntui.session.session import Session
from bntui.tui.keys import KEYS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def session(name: str, *actions: dict[str, object]) -> Session:
    opened = Session(read_file(library.find(name)))
    for action in actions:
        opened.do(parse_action(action))
    return opened


def test_the_network_and_the_lesson_below_it_load() -> None:
    network, lesson = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert len(read_text(network + lesson, "README.md", None).scenario.lesson) == 2


@pytest.mark.parametrize("step", [0, 1, 2])
def test_the_explosion_is_as_printed(step: int) -> None:
    (_, loss, gradient) = re.findall(rf"\| ({step}) \| (\S+) \| (\S+) \|", README)[0]
    snapshot = session("goodfellow-chain", {"goto": step}).observe()
    assert snapshot.loss == pytest.approx(float(loss), rel=1e-3)
    assert snapshot.numbers("a").weight_gradient == pytest.approx(float(gradient), rel=1e-3)


def test_the_same_rate_with_bn_is_as_printed() -> None:
    losses = re.search(r"J is (\S+), (\S+) after 5 steps, (\S+) after 20", README)
    assert losses is not None
    chain = session("goodfellow-chain", {"set": {"batch_norm": True}})
    for step, loss in zip((0, 5, 20), losses.groups(), strict=True):
        chain.do(parse_action({"goto": step}))
        assert chain.observe().loss == pytest.approx(float(loss), rel=1e-3)


def test_the_pair_is_as_printed() -> None:
    before, after = map(float, re.findall(r"grows from (\S+) to (\d+)", README)[0])
    doubled = [{"scale": {"layer": "h4", "by": 2}}] * 10
    small = session("deep-relu", {"set": {"batch_norm": True}}).observe()
    large = session("deep-relu", {"set": {"batch_norm": True}}, *doubled).observe()
    assert small.numbers("h4").weight == pytest.approx(before, rel=1e-3)
    assert large.numbers("h4").weight == pytest.approx(after, rel=1e-3)
    assert large.numbers("h4").pair == pytest.approx(small.numbers("h4").pair, rel=1e-4)
    assert large.loss == pytest.approx(small.loss, rel=1e-4)
    assert large.numbers("h7").weight_gradient == pytest.approx(small.numbers("h7").weight_gradient, rel=1e-3)
    without = [session("deep-relu", *actions).observe().loss for actions in ((), doubled)]
    assert without[1] / without[0] == pytest.approx(1e6, rel=0.1)


def test_every_command_and_every_key_that_it_names_exists() -> None:
    for word in re.findall(r"`bntui ([a-z][\w-]+)", README):
        assert word in COMMANDS or word in library.names(), word
    table = README.split("## Keys")[1].split("##")[0]
    known = {shown for key in KEYS for shown in key.shown.split()}
    for key in re.findall(r"^\| (.*?) \|", table, re.MULTILINE):
        assert set(re.findall(r"`(\S+)`", key)) <= known, key
