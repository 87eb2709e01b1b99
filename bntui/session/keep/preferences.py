"""What a person would otherwise type at each start: the theme, the face, the frames a second, and who has the mouse.

They stand in a small file of the user's configuration, one `name: value` a line, and in environment variables, which count more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_config_path

from bntui.records import dataclass
from bntui.scenario.text.files import CannotRead, read_text_file
from bntui.scenario.text.wording import harmless, shown, unknown
from bntui.session.keep import private

MOST_BYTES = 1_000_000
THEME, FRAMES = "dark", 20.0  # where nothing is preferred
FEWEST_FRAMES, MOST_FRAMES = 1, 120  # a second
FACES = {"ascii": True, "unicode": False}
MOUSE = {"on": True, "off": False}
LINE = re.compile(r"\s*([^:#\s]+)\s*:\s*(.*?)\s*(?:(?:^|\s)#.*)?")


class Unusable(ValueError):
    """A preference that cannot be used or kept; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is preferred; None where nothing is. `frames` is frames a second at most."""

    theme: str | None = None
    ascii: bool | None = None
    frames: float | None = None
    mouse: bool | None = None

    def over(self, others: Preferences) -> Preferences:
        """These, and where there is none the others'."""
        return replace(others, **self.given)

    @property
    def given(self) -> dict[str, Any]:
        """Those that there are, by name."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in every.items() if value is not None}


class Written(NamedTuple):
    """How a preference is written: its word in the file, its variable, and both ways between its text and its value."""

    word: str
    variable: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def read_frames(text: str) -> float:
    """Frames a second. Raises Unusable."""
    number = float(text) if text.replace(".", "", 1).isdecimal() and text.isascii() else 0.0
    if not FEWEST_FRAMES <= number <= MOST_FRAMES:
        raise Unusable(f"{shown(text)} is not a number from {FEWEST_FRAMES} to {MOST_FRAMES}")
    return number


def _in_words(words: Mapping[str, bool]) -> tuple[Callable[[str], bool], Callable[[bool], str]]:
    """Both ways between a value and its word."""

    def read(text: str) -> bool:
        if text not in words:
            raise Unusable(unknown(text, words))
        return words[text]

    return read, {value: word for word, value in words.items()}.__getitem__


def _read_theme(text: str) -> str:
    if not text:
        raise Unusable("there is no theme without a name")
    return text


WRITTEN = {
    "theme": Written("theme", "BNTUI_THEME", _read_theme),
    "ascii": Written("face", "BNTUI_FACE", *_in_words(FACES)),
    "frames": Written("fps", "BNTUI_FPS", read_frames, lambda frames: f"{frames:g}"),
    "mouse": Written("mouse", "BNTUI_MOUSE", *_in_words(MOUSE)),
}
NAMES = {written.word: name for name, written in WRITTEN.items()}


def file() -> Path:
    """Where they stand."""
    return Path(user_config_path("bntui", appauthor=False)) / "preferences"


def read() -> Preferences:
    """Those of the file, none where there is no file. Raises Unusable, with the line that is wrong."""
    path, found = file(), {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        matched = LINE.fullmatch(line)
        name = matched and NAMES.get(matched[1])
        if not (matched and name):
            what = unknown(matched[1], NAMES) if matched else f"found {shown(line.strip())}; a line is such as theme: light"
            raise Unusable(f"{shown_path(path)} is not used: line {number}: {what}")
        try:
            found[name] = WRITTEN[name].read(matched[2])
        except Unusable as error:
            raise Unusable(f"{shown_path(path)} is not used: line {number}: {matched[1]}: {error}") from None
    return Preferences(**found)


def of_environment(environment: Mapping[str, str]) -> Preferences:
    """Those of the environment; an empty variable is none. Raises Unusable."""
    found: dict[str, Any] = {}
    for name, written in WRITTEN.items():
        if text := environment.get(written.variable, ""):
            try:
                found[name] = written.read(text)
            except Unusable as error:
                raise Unusable(f"the environment variable {written.variable}: {error}") from None
    return Preferences(**found)


def remembered() -> tuple[Preferences, str | None]:
    """Those of the file; where that cannot be used none, and a sentence."""
    try:
        return read(), None
    except Unusable as error:
        return Preferences(), str(error)


def remember(wanted: Preferences) -> Path:
    """Put these into the file, all else in it stays; where it is. Raises Unusable."""
    read()  # what would not be used is not added to
    path = file()
    lines = _lines(path)
    for name, value in wanted.given.items():
        line = f"{WRITTEN[name].word}: {WRITTEN[name].write(value)}"
        places = [place for place, old in enumerate(lines) if (matched := LINE.fullmatch(old)) and NAMES.get(matched[1]) == name]
        place = places[-1] if places else len(lines)  # of several the last one counts
        lines[place : place + 1] = [line]
    try:
        private.write(path.resolve(), "".join(f"{line}\n" for line in lines), lasting=True)  # a link goes on leading to it
    except OSError as error:
        raise Unusable(f"{shown_path(path)} cannot be written: {error.strerror or error}") from None
    return path


def shown_path(path: Path) -> str:
    """A path as it is named in a sentence, from the home directory on."""
    home = os.path.expanduser("~")
    return harmless(f"~{os.sep}{path.relative_to(home)}" if path.is_relative_to(home) else str(path))


def _lines(path: Path) -> list[str]:
    """The lines of the file, none where there is no file. Raises Unusable."""
    if not private.answers(path):
        raise Unusable(f"{shown_path(path)} is not used: {private.NO_ANSWER}")
    if not os.path.lexists(path):
        return []
    try:
        text = read_text_file(path, MOST_BYTES)
        if path.stat().st_uid not in (os.geteuid(), 0):
            raise CannotRead("this file belongs to somebody else")
    except (CannotRead, OSError) as error:
        raise Unusable(f"{shown_path(path)} is not used: {error}") from None
    return text.splitlines()
