"""A scenario whose text was found valid once is had without reading it again, and is the same; nothing else is ever had."""

import base64
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from paced import mostly_slow
from session.worlds import CHAIN

from bntui.scenario.reading import describing, memory
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep import compiled, shelf


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of one's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bntui" / "scenarios"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read as documents."""
    read: list[str] = []
    parse = describing.parse

    def counted(text: str):
        read.append(text)
        return parse(text)

    monkeypatch.setattr(describing, "parse", counted)
    return read


def same(one: Loaded, other: Loaded) -> bool:
    """Whether two are the same in all that a session is made of."""
    arrays = [(loaded.problem.inputs.tobytes(), loaded.problem.targets.tobytes()) for loaded in (one, other)]
    theirs = [
        (each.scenario, each.scenario.mapping(), each.origin, each.source, each.folder, each.path, each.files, each.problem.architecture)
        for each in (one, other)
    ]
    return theirs[0] == theirs[1] and arrays[0] == arrays[1]


@pytest.mark.parametrize("name", mostly_slow(library.names()))
def test_every_scenario_of_the_library_is_the_same_the_second_time(name: str, cache: Path, reads: list[str]) -> None:
    path = library.find(name)
    first = compiled.read(path)
    reads.clear()
    assert same(compiled.read(path), first)
    assert bool(reads) == first.scenario.data.reads_files  # what its table says may have changed


def test_another_text_another_program_and_other_memory_are_read(
    chain: str, cache: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(chain)
    compiled.read(path)
    reads.clear()
    compiled.read(path)
    assert not reads
    path.write_text(CHAIN.replace("title: Goodfellow's chain", "title: Another"), encoding="utf-8")
    assert compiled.read(path).scenario.title == "Another"
    assert len(reads) == 1
    monkeypatch.setattr(memory, "_allowed", memory.DEFAULT + 1)
    compiled.read(path)
    assert len(reads) == 2
    monkeypatch.setattr(compiled, "code", lambda: "another")
    compiled.read(path)
    assert len(reads) == 3


def test_a_text_with_a_mistake_is_told_of_each_time(chain: str, cache: Path) -> None:
    path = Path(chain)
    path.write_text(CHAIN + "\nnothing: 1\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ScenarioError, match="unknown key 'nothing'"):
            compiled.read(path)
    assert not cache.exists()


class Bad:
    """What a scenario is not."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("made",)


def _signed(content: bytes) -> str:
    told = base64.b64encode(content).decode()
    return f"{hashlib.sha256(told.encode()).hexdigest()}\n{told}"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-8],
        lambda text: text.replace("\n", ""),
        lambda text: text[:70] + ("A" if text[70] != "A" else "B") + text[71:],
        lambda text: _signed(b""),
        lambda text: _signed(b"cos\nsystem\n."),
        lambda text: _signed(pickle.dumps(Bad())),
        lambda text: _signed(pickle.dumps({"title": "no scenario"})),
        lambda text: _signed(pickle.dumps(shelf.MOST_KEPT)),
        lambda text: _signed(base64.b64decode(text.partition("\n")[2])[:-100]),
    ],
)
def test_what_is_no_scenario_is_not_run_and_the_text_is_read(
    chain: str, cache: Path, damage: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = compiled.read(Path(chain))
    (kept,) = cache.iterdir()
    good = kept.read_text(encoding="utf-8")
    kept.write_text(damage(good), encoding="utf-8")
    assert same(compiled.read(Path(chain)), first)
    assert kept.read_text(encoding="utf-8") == good
    assert not (tmp_path / "made").exists()


def test_without_a_cache_folder_the_text_is_read(chain: str, cache: Path) -> None:
    cache.parent.parent.write_text("no folder", encoding="utf-8")
    for _ in range(2):
        assert same(compiled.read(Path(chain)), read_file(Path(chain)))


def test_of_many_scenarios_those_opened_last_are_kept(chain: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MOST_KEPT", 3)
    for number in range(5):
        Path(chain).write_text(f"{CHAIN}\n# {number}\n", encoding="utf-8")
        compiled.read(Path(chain))
    assert len(list(cache.iterdir())) == 3
