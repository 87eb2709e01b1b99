"""Notes of lessons as running sessions publish them."""

import json
import time
from dataclasses import asdict
from pathlib import Path

from bntui.session.keep import private, processes
from bntui.session.keep.processes import Process
from bntui.session.teach.notes import BeatNotes, Notes


def told(title: str, process: Process | None = None, session: str | None = None, opened_at: float = 0.0) -> Notes:
    """Notes of a lesson that runs in a process, this one if no other is given."""
    now = BeatNotes(say="Look.", note="Ask the **class**.", question="Why?", choices=("a", "b"), answer=2, wrong={"1": "It *grows*."})
    began = opened_at or time.time() - 75
    following, words = BeatNotes(say="And then.", note="Slowly."), tuple(f"Words of {number}." for number in range(1, 10))
    here = process or processes.this()
    return Notes(title, 3, 9, True, 1, 4, began, time.time() - 5, now, following, here, session, minutes=8, left=5, words=words)


def published(file: Path, notes_of_it: Notes) -> Path:
    """The file in which another process shows its notes."""
    process = notes_of_it.process
    path = file.parent / "state" / "bntui" / "notes" / f"{process.number}-{process.host}.json"
    private.write(path, json.dumps(asdict(notes_of_it)))
    return path
