"""The lessons of a course as they are listed, kept between runs: only those whose files were saved anew since are read again.

What cannot be read, or is not what it says, is made anew; what cannot be written is not kept, and nothing is said of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from bntui.records import dataclass
from bntui.scenario.shelf import library
from bntui.scenario.shelf.courses import Course
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.files import Stamp, stamp
from bntui.scenario.text.wording import harmless
from bntui.session.keep import private
from bntui.session.keep.aside import Late, within
from bntui.session.keep.compiled import code

FORMAT = 1
ANSWER = 1.0  # seconds in which the cache folder is read or written; what is in it can be made anew
FRESH = 2.0  # seconds after a file was saved in which it may be saved again without a sign of it
MOST_KEPT = 16  # courses in the cache folder
_NAMED = 16  # digits of a sum in a file's name
_TEXTS, _COUNTS = ("name", "title", "summary", "size"), ("minutes", "questions")


@dataclass(frozen=True, slots=True)
class _Shelved:
    """A lesson as it is listed, and what the files looked like that it was read from: its own, then its CSV files."""

    entry: LibraryEntry
    stamps: dict[Path, Stamp]


def entries(course: Course) -> tuple[tuple[LibraryEntry, ...], ...]:
    """The lessons of each part of a course as they are listed; a broken one is told, not raised."""
    kept = None
    with suppress(Late):
        kept = within(ANSWER, partial(_kept, course))
    found = {path: _current((kept or {}).get(path)) or _read(path) for path in course.files}
    if kept is not None and found != kept:
        with suppress(Late):
            within(ANSWER, partial(_keep, course, found))
    return tuple(tuple(found[path].entry for path in part.files) for part in course.parts)


def _current(shelved: _Shelved | None) -> _Shelved | None:
    """What is kept of a lesson, where its files are those that it was read from."""
    return shelved if shelved is not None and all(stamp(path) == saved for path, saved in shelved.stamps.items()) else None


def _read(path: Path) -> _Shelved:
    """A lesson as its file says it now."""
    saved = stamp(path)
    entry = library.entry(path)
    return _Shelved(entry, {path: saved} | {beside: stamp(beside) for beside in entry.beside})


def _keep(course: Course, found: dict[Path, _Shelved]) -> None:
    """Keep what was found out about the lessons of a course; the courses that were looked at longest ago give way."""
    told = [_told(each) for each in found.values() if _is_settled(each)]
    text = json.dumps({"format": FORMAT, "code": code(), "course": str(course.path), "lessons": told}, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > private.LARGEST:
        return
    with suppress(OSError, RuntimeError, UnicodeError):
        private.write_among(_file(course), text, MOST_KEPT)


def _is_settled(shelved: _Shelved) -> bool:
    """Whether its files tell by their stamps when they are saved anew; what a broken one waits for, nobody knows."""
    newest = (time.time() - FRESH) * 1e9
    return shelved.entry.error is None and all(saved is not None and saved[0] < newest for saved in shelved.stamps.values())


def _told(shelved: _Shelved) -> dict[str, Any]:
    entry = shelved.entry
    stamps = {str(path): saved for path, saved in shelved.stamps.items()}
    return {"path": str(entry.path), "stamps": stamps} | {name: getattr(entry, name) for name in (*_TEXTS, *_COUNTS)}


def _kept(course: Course) -> dict[Path, _Shelved]:
    """What is kept of the lessons of a course, by their files; nothing where something else stands in its place."""
    with suppress(OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError):
        text = private.read(_file(course))
        told = {} if text is None else json.loads(text)
        if told and (told["format"], told["code"], told["course"]) == (FORMAT, code(), str(course.path)):
            return {each.entry.path: each for each in map(_shelved, told["lessons"])}
    return {}


def _shelved(told: dict[str, Any]) -> _Shelved:
    """A lesson that was kept. Raises ValueError, TypeError, KeyError or OverflowError where it is none."""
    if any(not isinstance(told[name], str) or harmless(told[name]) != told[name] for name in _TEXTS):
        raise ValueError("texts")
    if any(type(told[name]) is not int for name in _COUNTS):
        raise ValueError("counts")
    path, stamps = Path(told["path"]), {Path(name): _stamp(saved) for name, saved in dict(told["stamps"]).items()}
    if path not in stamps:
        raise ValueError("stamps")
    given = {name: told[name] for name in (*_TEXTS, *_COUNTS)}
    return _Shelved(LibraryEntry(path=path, beside=tuple(other for other in stamps if other != path), **given), stamps)


def _stamp(told: list[int]) -> Stamp:
    saved, size, number = map(int, told)
    return saved, size, number


def _file(course: Course) -> Path:
    """The file of a course in the user's cache folder. Raises OSError or RuntimeError where there is none."""
    name = hashlib.sha256(os.fsencode(course.path)).hexdigest()[:_NAMED]
    return private.cache_folder("courses") / f"{name}.json"
