"""What is told of a session to those who follow it, as data: what its files hold, and how they are read with suspicion."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from bntui.records import dataclass
from bntui.scenario.model.actions import Shown, Twin, parse_action
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.parts import Invalid, Limits
from bntui.scenario.model.pictures import BeatSweep
from bntui.scenario.model.validating import validated
from bntui.scenario.text.wording import harmless_throughout
from bntui.session.keep.processes import Process
from bntui.session.look.face import Folding
from bntui.session.run.branches import BUCKETS, Branch, Piece
from bntui.session.run.mirror import BranchNews

FORMAT = 3
MOST_STEP = 10**12

Whole = Annotated[int, Limits(strict=True, ge=0, le=MOST_STEP)]
Place = tuple[Whole, Whole]
Names = Annotated[tuple[str, ...], Limits(max_length=100)]


class Unreadable(ValueError):
    """What is shared is nothing that can be followed."""


@dataclass(frozen=True, slots=True)
class LessonTold:
    """How far the lesson has come, as the speaker's screen shows it; `beat` is what it shows of the beat at hand.

    `page` of `pages` is the page that is open; `changed` is the place before the beat, None where the beat changed nothing.
    """

    number: Whole
    beats: Annotated[int, Limits(strict=True, ge=1, le=1000)]
    questions: Whole
    right: Whole
    answer: Annotated[int, Limits(strict=True, ge=1, le=9)] | None
    sentence: str
    following: str
    completes: bool
    beat: dict[str, Any]
    lit: Names
    changed: Place | None
    page: Whole
    pages: Whole


@dataclass(frozen=True, slots=True)
class SweepTold:
    """The sweep over the speaker's screen: what was asked for, and the key of what came of it, which has a file of its own."""

    key: Annotated[str, Limits(max_length=100)]
    picture: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Present:
    """Where a session stands now, and where its speaker looks.

    `token` tells the tree of one session from another's, `tree` is the file that has it and `size` how many bytes of it belong
    to this. `place` is the cursor's, `ahead` are the branches that are walked from there. `acts` counts what has been done beside
    steps and looks, `numbers` how often the file with those of moments has been written. `session` is the name under which it
    is kept, None while it is not; `opened_at` is Unix time. `over` is what stands over the screen, "" where nothing does.
    """

    format: int
    process: Process
    session: str | None
    title: str
    opened_at: Annotated[float, Limits(allow_inf_nan=False)]
    token: str
    tree: str
    size: Whole
    place: Place
    ahead: Annotated[tuple[Whole, ...], Limits(max_length=100_000)]
    acts: Whole
    numbers: Whole
    layer: str
    sample: Whole | None
    units: Annotated[tuple[tuple[str, Whole], ...], Limits(max_length=256)]
    view: Shown
    quantity: str
    action: str | None
    running: bool
    speed: Whole
    folding: Folding
    formula: bool
    over: str
    sweep: SweepTold | None
    lesson: LessonTold | None


@dataclass(frozen=True, slots=True)
class MomentsTold:
    """The numbers of some moments of a session, by their places: the cursor's, and those that are looked back at from there.

    `number` is how often they have been told: the present that belongs to them has the same.
    """

    token: str
    number: Whole
    moments: Annotated[tuple[tuple[Whole, Whole, str], ...], Limits(max_length=8)]

    def unpacked(self) -> dict[tuple[int, int], bytes]:
        """The numbers by place. Raises ValueError."""
        return {(branch, offset): b64decode(numbers) for branch, offset, numbers in self.moments}


@dataclass(frozen=True, slots=True)
class _PieceTold:
    stride: Annotated[int, Limits(strict=True, ge=1, le=2**40)]
    count: Whole
    first: Annotated[int, Limits(strict=True, ge=0, le=BUCKETS)]
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class _BranchTold:
    number: Whole
    parent: Whole | None
    at: Whole
    action: dict[str, Any] | None
    first_step: Whole
    future: Whole
    continued: bool
    length: Whole
    trail: _PieceTold
    twin_trail: _PieceTold | None
    leaders: Annotated[tuple[tuple[Whole, str], ...], Limits(max_length=1024)]
    jumps: Annotated[tuple[tuple[Whole, str], ...], Limits(max_length=256)]
    last_loss: float | None
    beside: dict[str, Any] | None


def written(told: Present | MomentsTold) -> bytes:
    """What is told, as a file's content."""
    return json.dumps(asdict(told), ensure_ascii=False).encode("utf-8", "replace")


def line(record: Mapping[str, Any]) -> bytes:
    """A record as a line of a tree's file."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def branch_record(branch: Branch, steps: int, twins: int, leader: int, jump: int) -> dict[str, Any]:
    """What is new of a branch since it had so many steps in its trails, and since the steps of its last leader and jump."""
    return {
        "number": branch.number,
        "parent": None if branch.parent is None else branch.parent.number,
        "at": branch.at,
        "action": None if branch.action is None else branch.action.mapping(),
        "first_step": branch.first_step,
        "future": branch.future,
        "continued": branch.continued,
        "length": branch.length,
        "trail": _piece(branch.trail.since(steps)),
        "twin_trail": _piece(branch.twin_trail.since(twins)) if branch.twin_trail.count else None,
        "leaders": [each for each in branch.leaders if each[0] > leader],
        "jumps": [each for each in branch.jumps.marks if each[0] > jump],
        "last_loss": branch.jumps.last,
        "beside": None if branch.beside is None else branch.beside.mapping(),
    }


def read_present(content: bytes) -> Present:
    """Where a session stands. Raises Unreadable."""
    told = _parsed(content)
    if isinstance(told, dict) and told.get("format", FORMAT) != FORMAT:  # what it holds may be another thing there
        raise Unreadable("it is shared by another version of bntui, whose files this one does not read")
    present: Present = _validated(Present, told)
    return present


def read_process(content: bytes) -> Process:
    """The process that shares a session, without reading anything else of it. Raises Unreadable."""
    present = _parsed(content)
    told = present.get("process") if isinstance(present, dict) and present.get("format") == FORMAT else None
    if not isinstance(told, dict) or told.keys() != {"number", "started", "host"}:
        raise Unreadable("it says of no process that it shares it")
    number, started, host = told["number"], told["started"], told["host"]
    if type(number) is not int or not isinstance(started, str) or not isinstance(host, str):
        raise Unreadable("what it says of its process is no process")
    return Process(number, started, host)


def read_moments(content: bytes) -> MomentsTold:
    """The numbers of moments. Raises Unreadable."""
    moments: MomentsTold = _validated(MomentsTold, _parsed(content))
    return moments


def read_lines(content: bytes) -> list[dict[str, Any]]:
    """The records of a stretch of a tree's file. Raises Unreadable."""
    records = [_parsed(each) for each in content.splitlines()]
    if not all(isinstance(each, dict) for each in records):
        raise Unreadable("a line of it is no record")
    return records


def read_branch(record: Mapping[str, Any]) -> BranchNews:
    """What is new of a branch. Raises Unreadable."""
    told: _BranchTold = _validated(_BranchTold, record)
    try:
        action = None if told.action is None else parse_action(told.action)
        trail = _read_piece(told.trail)
        twins = None if told.twin_trail is None else _read_piece(told.twin_trail)
        beside = None if told.beside is None else parse_action(told.beside)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if action is not None and action.changes not in ("network", "lesson"):
        raise Unreadable(f"no branch begins with {action.key}")
    if beside is not None and not isinstance(beside, Twin):
        raise Unreadable("what a twin differs in is no twin")
    news = told.number, told.parent, told.at, action, told.first_step, told.future, told.continued, told.length
    return BranchNews(*news, trail, twins, told.leaders, told.jumps, told.last_loss, beside)


def read_beat(mapping: Mapping[str, Any]) -> LessonBeat:
    """The beat that is shown. Raises ValueError."""
    return validated(LessonBeat, mapping) if mapping else LessonBeat()


def read_picture(mapping: Mapping[str, Any]) -> BeatSweep:
    """What was asked for of a sweep. Raises ValueError."""
    return validated(BeatSweep, mapping)


def _piece(piece: Piece) -> dict[str, Any]:
    return asdict(piece) | {"low": b64encode(piece.low).decode(), "high": b64encode(piece.high).decode()}


def _read_piece(told: _PieceTold) -> Piece:
    low, high = b64decode(told.low), b64decode(told.high)
    if len(low) != len(high) or len(low) % 8 or len(low) > 8 * BUCKETS or told.stride & (told.stride - 1):
        raise ValueError("a trail has no such length")
    return Piece(told.stride, told.count, told.first, low, high)


def _parsed(content: bytes) -> Any:
    try:
        return harmless_throughout(json.loads(content.decode("utf-8")))
    except (ValueError, RecursionError):
        raise Unreadable("a file of it is no JSON") from None


def _validated(kind: type[Any], value: Any) -> Any:
    try:
        return validated(kind, value)
    except Invalid as error:
        first = error.findings[0]
        raise Unreadable(": ".join([*map(str, first.path), first.message]).splitlines()[0]) from None
    except RecursionError:
        raise Unreadable("a file of it is no JSON") from None
