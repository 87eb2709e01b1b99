"""Whatever stands in the state folder: a sentence or nothing, never a traceback, and nothing that does not end."""

import copy
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session.journals import cut_off, kept, often
from session.published import published, told
from session.worlds import BATCHES, SLOW_CHAIN, do, session

from bntui.scenario.text.wording import harmless
from bntui.session.keep import holding, preferences, private, processes, storage, sweeps
from bntui.session.keep.kept import found, kept_sessions
from bntui.session.keep.resuming import resume
from bntui.session.keep.storage import Damaged
from bntui.session.look.face import Face
from bntui.session.survey import sweeping
from bntui.session.survey.swept import Sweep
from bntui.session.teach import completion, notes
from bntui.views.pages.sessions import listed, still_open
from bntui.views.pages.speaker import gone_text, several_text, speaker_text

NOW = 1.8e9
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([-(10**30), 10**9, 2**63, 10**400, 1e308, float("nan"), float("inf"), "\x1b]0;x\x07", "1e999", "NaN", "=", "../.."]),
    st.sampled_from([[], {}, [[]], {"": None}, [[[[[[1]]]]]], ["a"] * 300, {"step": 10**12}, {"goto": 10**12}, {"back": -1}]),
)
RAW = st.one_of(
    st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(max_size=60),
    st.sampled_from([b"", b"\0" * 50, b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"\xef\xbb\xbf{}", b'"\\ud800"']),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    if way:
        yield way
    items = value.items() if isinstance(value, dict) else enumerate(value[:20]) if isinstance(value, list | tuple) else ()
    for key, inner in items:
        yield from places(inner, (*way, key))


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """A document in which something else stands in some places, or nothing."""
    document = copy.deepcopy(document)
    for way in draw(st.lists(st.sampled_from(list(places(document))), min_size=1, max_size=3)):
        inner = document
        try:
            for key in way[:-1]:
                inner = inner[key]
            if draw(st.booleans()) and isinstance(inner, dict):
                del inner[way[-1]]
            else:
                inner[way[-1]] = copy.deepcopy(draw(ODD))
        except (KeyError, TypeError, IndexError):  # what was there is no more
            continue
    return document


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """So many examples in a plain run, and eight times as many in CI."""
    return settings(
        max_examples=examples * (8 if os.environ.get("BNTUI_SKIP_NOTHING") else 1),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "state" / "bntui"


def assert_a_sentence(text: str) -> None:
    """One line that does nothing to a terminal."""
    assert harmless(text) == text


def put(path: Path, content: bytes) -> None:
    """Let a file hold this."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


GOOD_NOTES = json.loads(json.dumps(asdict(told("A title", session="1a2b3c4d", opened_at=NOW))))


@fuzzed(10)
@given(st.one_of(RAW, spoilt(GOOD_NOTES).map(lambda value: json.dumps(value).encode())))
def test_notes(state: Path, content: bytes) -> None:
    put(published(state.parent.parent / "x", told("t")), content)
    for each in notes.running():
        for width in (20, 80):
            text = speaker_text(each, NOW, width)
            assert harmless(text, lines=True) == text
            speaker_text(each, NOW, width, 12)
            gone_text(each, width)
        several_text([each], NOW, 80)
        notes.followed(each, [each])


@fuzzed(25)
@given(st.one_of(RAW, spoilt({"relu-net": {"right": 1, "questions": 3}, "b": {"right": 0, "questions": 0}}).map(lambda v: json.dumps(v).encode())))
def test_what_was_completed(state: Path, content: bytes) -> None:
    put(state / "completed.json", content)
    for name, went in completion.completed().items():
        assert isinstance(name, str)
        assert isinstance(went.right, int)


@fuzzed(25)
@given(st.one_of(RAW, spoilt({"process": asdict(processes.this()), "since": NOW}).map(lambda value: json.dumps(value).encode())))
def test_the_note_beside_a_journal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    path.touch(mode=0o600)
    put(path.with_suffix(".open"), content)
    descriptor = os.open(path, os.O_RDWR)
    assert holding.hold(descriptor)
    try:
        holder = holding.holder(path)
        assert holder is not None
        assert_a_sentence(still_open(holder, NOW))
    finally:
        os.close(descriptor)


@fuzzed(25)
@given(st.one_of(RAW, st.text(st.sampled_from("theme:face fps mouse\n#\t 1e9-é"), max_size=60).map(str.encode)))
def test_preferences(state: Path, content: bytes) -> None:
    put(preferences.file(), content)
    _, sentence = preferences.remembered()
    assert_a_sentence(sentence or "")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The records of a good journal with all that a journal may have."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        often(monkeypatch)
        at = kept(BATCHES, tmp_path_factory.mktemp("good"))
        do(at, {"step": 3}).keep()
        at.face = Face("loss", True, "all", 1, 2, (1e-3, 1e2), 20)
        do(at, {"set": {"batch_norm": True}}, {"twin": {}}, {"focus": {"layer": "h1"}}, {"back": 1}, {"step": 4}).keep()
        found = [dict(record) for record in storage.read(cut_off(at)).records]
    assert all(any(kind in record for record in found) for kind in ("checkpoint", "face"))
    return [{key: value for key, value in record.items() if key != "sum"} for record in found]


def journal_of(given: list[Any]) -> bytes:
    """Records as a journal whose sums are right."""
    total, lines = 0, []
    for record in given:
        text = storage.serialized(record)
        total = zlib.crc32(text, total)
        lines.append(text[:-1] + b', "sum": "' + f"{total:08x}".encode() + b'"}\n')
    return b"".join(lines)


def assert_sentence_or_session(path: Path) -> None:
    """It is listed or not, and gone on with or refused in one line."""
    sessions = list(kept_sessions(path.parent))
    for line in listed(sessions, NOW, 80) if sessions else []:
        assert_a_sentence(line)
    for one in sessions:
        assert found(sessions, one.name) == one
    refused, session = "", None
    try:
        session, _ = resume(path)
    except Damaged as error:
        refused = str(error)
    assert_a_sentence(refused)
    if session is not None and session.recorder is not None:
        session.observe()
        session.recorder.close(session)


@fuzzed(15)
@given(st.data())
def test_journals_whose_sums_are_right(tmp_path: Path, records: list[dict[str, Any]], data: st.DataObject) -> None:
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    put(path, journal_of([each for each in data.draw(spoilt(records)) if isinstance(each, dict)]))
    assert_sentence_or_session(path)


@fuzzed(15)
@given(st.data())
def test_journals_of_any_bytes(tmp_path: Path, records: list[dict[str, Any]], data: st.DataObject) -> None:
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    good = journal_of(records)
    begin, end = sorted((data.draw(st.integers(0, len(good))), data.draw(st.integers(0, len(good)))))
    put(path, good[:begin] + data.draw(RAW) + good[end:])
    assert_sentence_or_session(path)


@pytest.fixture(scope="module")
def made() -> tuple[Sweep, Sweep]:
    """A small sweep before it was run, and when it was."""
    situation = session(SLOW_CHAIN + "\nsweep: {from: 1e-2, to: 10, count: 3, steps: 4, seeds: 1}\n").situation()
    results = list(sweeping.sweep(situation, sweeping.plan_for(situation), None, 1))
    return results[0], results[-1]


@fuzzed(15)
@given(st.data())
def test_kept_sweeps(made: tuple[Sweep, Sweep], data: st.DataObject) -> None:
    unknown, done = made
    good = json.loads(sweeps.written("0" * 64, done))
    text = data.draw(st.one_of(RAW.map(lambda raw: raw.decode("utf-8", "replace")), spoilt(good).map(json.dumps)))
    filled = sweeps._filled(unknown, "0" * 64, text)
    assert filled is None or filled.finished


KINDS = ["pipe", "device", "folder", "nowhere", "loop", "elsewhere", "huge", "another's"]


def stands_in(path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put something else than a small file of one's own in a file's place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "nowhere":
            path.symlink_to(path.with_name("nowhere"))
        case "loop":
            path.symlink_to(path)
        case "elsewhere":
            path.with_name("other").write_text("{}")
            path.symlink_to(path.with_name("other"))
        case "huge":
            with path.open("wb") as file:
                file.truncate(10**12)
        case _:
            path.write_text("{}")
            owner = path.stat().st_uid
            monkeypatch.setattr(private.os, "getuid", lambda: owner + 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders on Windows")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_of_ones_own_is_neither_read_nor_waited_for(state: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    me = processes.this()
    journal = state / "sessions" / "20260101-000000-aaaaaaaa.jsonl"
    note = state / "notes" / f"{me.number}-{me.host}.json"
    for path in (journal, journal.with_suffix(".open"), note, state / "completed.json"):
        stands_in(path, kind, monkeypatch)
    assert notes.running() == []
    assert completion.completed() == {}
    assert list(kept_sessions(state / "sessions")) == []
    with pytest.raises((Damaged, OSError)):
        resume(journal)


def test_a_journal_that_asks_for_steps_without_end_is_refused(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    put(path, journal_of([records[0], *[{"do": {"step": 10**7}, "at": 3}] * 2]))
    with pytest.raises(Damaged, match="it asks for more than 10,000,000 steps"):
        resume(path)
