"""The documents that commands write are as docs/formats.md says: every field is described, and every described field is written."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType
from typing import Any, Literal, get_args, get_origin, is_typeddict

import formats
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, BLOBS, CHAIN, held_over, scenarios
from shell import Capture
from traces import read, strict

import bntui
from bntui.commands.cli import run
from bntui.commands.list import ListDocument
from bntui.scenario.text.formats import Document, as_json, told
from bntui.session.survey.results import GrowthDocument, LandscapeDocument, SweepDocument
from bntui.session.teach.verdicts import CheckDocument
from bntui.session.trace.seeds import SeedsLine
from bntui.session.trace.trace_lines import QuantitiesLine, TraceLine

LINES = (TraceLine, QuantitiesLine, SeedsLine)
Seen = set[tuple[type, str]]

PAGE = Path(formats.__file__).with_suffix(".md")
SHORT = ("--count", "3", "--steps", "3", "--seeds", "2")
EXPLODES = ("--from", "1", "--to", "50")
WITH_TWIN = BLOBS + "lesson: [{do: [{twin: {learning_rate: 1e9}}, {step: 5}]}, {do: {twin: false}}]\n"
SKIPS = BATCHES.replace("units: 2, activation: sigmoid, batch_norm: {placement: after_activation}", "units: 3, skip_from: h1")
FILES = {"TWIN": WITH_TWIN, "SKIPS": SKIPS, "CHAIN": CHAIN}
EVERYTHING = ("--meters", "--full", "--arrays")
COMMANDS: list[tuple[type[Document], tuple[str, ...]]] = [
    (TraceLine, ("trace", "TWIN", "--lesson", *EVERYTHING)),
    (TraceLine, ("trace", "SKIPS", "--steps", "1")),
    (TraceLine, ("trace", "CHAIN", *EVERYTHING, "--set", "network.layers.a.weight=[[1e200]]")),
    (QuantitiesLine, ("trace", "TWIN", "--lesson", "--only", "loss,twin.*,ratio.gain,mode,normalization,learning_rates,batch_norm")),
    (SeedsLine, ("trace", "SKIPS", "--seeds", "3", "--steps", "2", "--meters", "--full")),
    (SeedsLine, ("trace", "SKIPS", "--seeds", "3", "--only", "*", "--set", "training.learning_rate=1e9")),
    (SweepDocument, ("sweep", "deep-relu", "--json", *SHORT)),
    (SweepDocument, ("sweep", "goodfellow-chain", "--json", *SHORT, *EXPLODES, "--over", "training.momentum=0,0.9")),
    (SweepDocument, ("sweep", "goodfellow-chain", "--json", *SHORT, *EXPLODES, "--at", "2", "--group", "a.*")),
    (LandscapeDocument, ("landscape", "goodfellow-chain", "--json")),
    (LandscapeDocument, ("landscape", "goodfellow-chain", "--json", "--at", "9")),
    (GrowthDocument, ("landscape", "deep-relu", "--growth", "--json", "--width", "4", "--depth", "8", "--seeds", "2")),
    (ListDocument, ("list", "--json")),
    (CheckDocument, ("check", "goodfellow-chain", "does-not-exist", "--play", "--json")),
]


def misfits(value: Any, of_type: Any, path: str, seen: Seen) -> list[str]:
    """Where a value is not what its type says; `seen` takes the fields of the documents that were met."""
    origin, arguments = get_origin(of_type), get_args(of_type)
    if is_typeddict(of_type):
        if not isinstance(value, dict):
            return [f"{path}: {value!r}"]
        known = formats.fields(of_type)
        open_one = formats.OPEN.get(of_type)
        others = [name for name in value if name not in known]
        wrong = [f"{path}.{name} is not described" for name in others if open_one is None]
        wrong += [each for name in others if open_one for each in misfits(value[name], open_one[0], f"{path}.{name}", seen)]
        for name, (its_type, _, optional) in known.items():
            if name in value:
                seen.add((of_type, name))
                wrong += misfits(value[name], its_type, f"{path}.{name}", seen)
            elif not optional:
                wrong.append(f"{path}.{name} is missing")
        return wrong
    if origin in (list, tuple):
        if not isinstance(value, list) or (origin is tuple and len(value) != len(arguments)):
            return [f"{path}: {value!r}"]
        return [each for one in value for each in misfits(one, arguments[0], f"{path}[]", seen)]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{path}: {value!r}"]
        return [each for one in value.values() for each in misfits(one, arguments[1], f"{path}.*", seen)]
    if origin is Literal:
        return [] if value in arguments else [f"{path}: {value!r}"]
    if arguments:
        return min((misfits(value, each, path, seen) for each in arguments), key=len)
    kinds: dict[type, tuple[type, ...]] = {float: (float, int), int: (int,), str: (str,), bool: (bool,), NoneType: (NoneType,)}
    fits = isinstance(value, kinds[of_type]) and (of_type is bool) == isinstance(value, bool)
    return [] if fits else [f"{path}: {value!r}"]


def test_the_page_is_up_to_date() -> None:
    assert formats.page() == PAGE.read_text(encoding="utf-8"), "python docs/formats.py > docs/formats.md writes it anew"


def test_the_example_puts_the_chains_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"from `bntui (trace .* -o run\.jsonl)`", formats.page())
    (example,) = re.findall(r"```python\n(.*?)```", formats.page(), re.DOTALL)
    run(command.split())
    exec(example, {})
    told = capsys.readouterr().out.splitlines()
    network = bntui.load("sigmoid-net")
    for step, row in enumerate(told):
        factors = network.chain("h3")
        assert row == f"{step} {' '.join(f'{factor.name} {factor.value:.3g}' for factor in factors)}"
        network.step()
    assert len(told) == 4


@pytest.mark.slow
def test_every_field_that_is_written_is_described_and_every_one_described_is_written(tmp_path: Path, capsys: Capture) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    seen: Seen = set()
    for document, command in COMMANDS:
        run([str(tmp_path / word) if word in FILES else word for word in command])
        out = capsys.readouterr().out
        told = read(out.splitlines(keepends=True)) if document in LINES else [strict(out)]
        assert told
        assert [each for one in told for each in misfits(one, document, document.__name__, seen)] == []
    described = {(part, name) for part in every_part() for name in formats.fields(part)}
    assert seen == described


ANY = (
    (TraceLine, ("trace", "--steps", "4", *EVERYTHING)),
    (QuantitiesLine, ("trace", "--steps", "4", "--only", "*,mode,normalization")),
    (SeedsLine, ("trace", "--steps", "4", "--seeds", "3", "--only", "*")),
    (SweepDocument, ("sweep", "--json", "--count", "2", "--steps", "4", "--from", "0.1", "--to", "1e200")),
    (LandscapeDocument, ("landscape", "--json", "--at", "4")),
)


@pytest.mark.slow
@held_over(40)
@given(scenarios(affine=(True,)), st.sampled_from(ANY), st.sampled_from(["0.1", "1e5", "1e200"]))
def test_whatever_the_scenario_a_document_is_strict_and_as_described(
    text: str, asked: tuple[type[Document], tuple[str, ...]], rate: str
) -> None:
    document, (name, *options) = asked
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        (Path(folder) / "net.yaml").write_text(text, encoding="utf-8")
        status = run([name, f"{folder}/net.yaml", *options, "--set", f"training.learning_rate={rate}"])
    assert status == 0, err.getvalue()
    told = read(out.getvalue().splitlines(keepends=True)) if document in LINES else [strict(out.getvalue())]
    assert [each for one in told for each in misfits(one, document, document.__name__, set())] == []


def every_part() -> set[type]:
    return {*formats.DOCUMENTS, *(part for document in formats.DOCUMENTS for part in formats.below(document))}


@pytest.mark.parametrize(("value", "spelled"), [(1.5, "1.5"), (float("inf"), '"inf"'), (-float("inf"), '"-inf"'), (float("nan"), '"nan"')])
def test_a_number_is_spelled_so_that_it_can_be_read_again(value: float, spelled: str) -> None:
    text = as_json({"a": [{"b": (value,)}]})
    assert text == f'{{"a": [{{"b": [{spelled}]}}]}}'
    assert repr(float(strict(text)["a"][0]["b"][0])) == repr(value) == repr(float(told(value)))
