"""Write the sweeps that the library's lessons open, as they come with the program: scenarios/kept.

    python docs/kept_sweeps.py [--all] [NAME ...]

Those whose file is there already are left alone, without --all; files that belong to no lesson any more are removed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from own_tree import require_own_tree

from bntui.scenario.model.pictures import BeatSweep
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf import library
from bntui.session.keep import sweeps
from bntui.session.session import Session
from bntui.session.survey.situation import Situation
from bntui.session.survey.sweeping import complete, plan_of, sweep
from bntui.session.survey.swept import Plan, Sweep
from bntui.session.teach.verdicts import take_beat


@dataclass(frozen=True, slots=True)
class Opened:
    """A sweep that a beat of a lesson opens: from where, which, and under what key it is kept."""

    lesson: str
    beat: int
    situation: Situation
    plan: Plan
    key: str

    @property
    def path(self) -> Path:
        """The file that it comes with the program in."""
        return sweeps.folder() / sweeps.shipped_name(self.lesson, self.beat, self.key)

    def computed(self) -> Sweep:
        """All of it, anew."""
        return complete(sweep(self.situation, self.plan))


def opened(name: str, loaded: Loaded) -> Iterator[Opened]:
    """The sweeps that a lesson opens, played from its first beat, every question answered rightly."""
    last = max((number for number, beat in enumerate(loaded.scenario.lesson, 1) if isinstance(beat.picture, BeatSweep)), default=0)
    session = Session(loaded)
    for number in range(1, last + 1):
        take_beat(session, number)
        picture = session.lesson.beats[number - 1].picture
        if isinstance(picture, BeatSweep):
            situation = session.situation()
            plan = plan_of(situation, picture)
            key = sweeps.key_of(situation, plan)
            if key is not None:
                yield Opened(name, number, situation, plan, key)


def main() -> None:
    """Write what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons of the library; left out: all of them")
    parser.add_argument("--all", action="store_true", help="those that are there already too")
    options = parser.parse_args()
    require_own_tree(parser)
    folder = sweeps.folder()
    folder.mkdir(exist_ok=True)
    for name in options.names or library.names():
        wanted = list(opened(name, read_file(library.find(name))))
        for each in wanted:
            if options.all or not each.path.exists():
                each.path.write_text(sweeps.written(each.key, each.computed()), encoding="utf-8")
                print(f"{each.path.name}: {each.path.stat().st_size:,} bytes")
        for path in set(folder.glob(f"{name}-*.json")) - {each.path for each in wanted}:
            if path.name.removeprefix(f"{name}-").count("-") == 1:  # another lesson's name may begin with this one's
                path.unlink()
                print(f"{path.name}: removed")
    for path in folder.glob("*.json"):
        if path.stem.rsplit("-", 2)[0] not in library.names():
            path.unlink()
            print(f"{path.name}: removed")


if __name__ == "__main__":
    main()
