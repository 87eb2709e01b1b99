"""The sweeps that come with the program: each lesson that opens one finds it, and computed anew it says the same."""

import sys
from types import ModuleType

import experiment
import kept_sweeps
import numpy as np
import pytest
from kept_sweeps import Opened, opened

import bntui
from bntui.scenario.model.pictures import BeatSweep
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.keep import private, sweeps
from bntui.session.survey.sweeping import sweep
from bntui.session.survey.swept import Side, Sweep

ALIKE = 0.9  # share of the runs that end on the same side of ½B: where descent is chaotic the last digits decide
WITH_SWEEP = [
    name
    for name in library.names()
    if any(isinstance(beat.picture, BeatSweep) for beat in read_file(library.find(name)).scenario.lesson)
]


def kept_of(each: Opened) -> Sweep:
    unknown = next(sweep(each.situation, each.plan))
    found = sweeps.shipped(each.key, unknown)
    assert found is not None, f"beat {each.beat} of {each.lesson}: python docs/kept_sweeps.py writes its sweep"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_SWEEP)
def test_a_lessons_sweep_comes_with_the_program_and_is_what_is_computed_anew(name: str) -> None:
    for each in opened(name, read_file(library.find(name))):
        kept, anew = kept_of(each), each.computed()
        rates = np.log(kept.rates)
        spacing = rates[1] - rates[0]
        for old, new in zip(kept.sides, anew.sides, strict=True):
            assert old.label == new.label
            trains = [side.ends < side.threshold for side in (old, new)]
            assert np.mean(trains[0] == trains[1]) >= ALIKE, (each.beat, old.label)
            assert_near(kept, old, new, spacing)


def assert_near(sweep: Sweep, old: Side, new: Side, spacing: float) -> None:
    """The largest rate that trains is the same within a rate of the sweep."""
    before, after = sweep.largest(old), sweep.largest(new)
    assert bool(before) == bool(after), old.label
    if before:
        assert abs(np.log(before / after)) < 1.5 * spacing, (old.label, before, after)


@pytest.mark.parametrize(("program", "arguments"), [(kept_sweeps, []), (experiment, ["--write", "chain"])])
def test_what_is_written_into_the_tree_is_written_by_its_own_program(
    program: ModuleType, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bntui, "__file__", "/elsewhere/bntui/__init__.py")
    monkeypatch.setattr(sys, "argv", ["program", *arguments])
    with pytest.raises(SystemExit):
        program.main()
    assert "this would write what /elsewhere/bntui says; run it with PYTHONPATH=" in capsys.readouterr().err


def test_every_kept_sweep_is_small_and_of_a_lesson() -> None:
    for path in sweeps.folder().glob("*"):
        assert path.stat().st_size < private.LARGEST / 4, path.name
        assert path.stem.rsplit("-", 2)[0] in WITH_SWEEP, path.name
