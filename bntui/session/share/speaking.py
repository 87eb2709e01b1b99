"""What a speaker's session tells those who follow it: its tree as it grows, where it stands, and no more than it has shown."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from bntui.records import dataclass
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.pictures import BeatSweep, Picture
from bntui.scenario.reading.loading import Loaded
from bntui.session.keep import private, processes
from bntui.session.keep.aside import Late, within
from bntui.session.keep.journal import table_record, text_of
from bntui.session.lesson import RETURNED
from bntui.session.look.standing import LessonStanding
from bntui.session.run.checkpoints import Place, packed
from bntui.session.run.history import History
from bntui.session.session import Session
from bntui.session.share import folder as folders
from bntui.session.share import told
from bntui.session.share.folder import LOG, MOMENTS, MOST_LOG, MOST_PRESENT, MOST_SWEEP, PRESENT, SWEEP, WISH, Folder
from bntui.session.share.looks import Looks, SweepShown
from bntui.session.share.told import LessonTold, MomentsTold, Present, SweepTold

MOST_NUMBERS = 4 * 2**20  # bytes of the numbers of moments; of a larger network followers compute the steps by themselves
NUMBERS_PER_SECOND = 500_000  # bytes of them that are written, where they are many
ROLLS_AT = 8 * 2**20  # bytes of a tree's file, after which it is written anew with what is still there
ENDING = 1.0  # seconds for what is being written at the end
WISHED = 15.0  # seconds for which a follower's wish holds


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be written: more of the tree's file, or all of a new one, then moments and a sweep, then the present."""

    loaded: Loaded | None  # of which the first line of a new file tells
    token: str
    tree: str
    growth: tuple[bytes, ...]
    moments: tuple[tuple[int, int, bytes], ...] | None
    sweep: str | None
    present: Present


class Speaking:
    """Tells of one session after another in a folder, each by the same three files of this process.

    `gather` looks at the session and changes nothing outside; `send` writes, and may be called from a thread, one call after
    another. Whoever reads is never waited for.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._process = processes.this()
        self._session: Session | None = None
        self._told: list[tuple[int, int, bool]] = []  # of each branch that was told: its length, future and whether it goes on
        self._trails: list[tuple[int, int, int, int]] = []  # and how far its trails, leaders and jumps were
        self._token, self._tree, self._files = "", "", 0
        self._opened_at = 0.0
        self._size = 0  # of the tree's file, as far as it is written
        self._descriptor = -1
        self._next_moments = 0.0
        self._moments_of: Place | None = None
        self._sweep = ""  # the key of the sweep that was written last
        self._told_apart: Present | None = None  # what was told last, wherever in its branch
        self._acts = 0
        self._numbers = 0  # how often moments were told
        self._at_work = threading.Lock()  # who has it may write

    def is_wished(self) -> bool:
        """Whether somebody follows: in a folder that was made for a class always, in the user's own where one asked lately."""
        if not self.folder.is_private:
            return True
        with suppress(OSError):
            return time.time() - self.folder.file(self._process, WISH).lstat().st_mtime < WISHED
        return False

    def gather(self, session: Session, looks: Looks, name: str | None) -> Sending:
        """What is new since the last time; `name` is that under which the session is kept."""
        if session is not self._session:
            self._begin(session)
        anew = not self._told or self._size > ROLLS_AT
        if anew:
            self._files += 1
            self._tree = self.folder.file(self._process, f".{self._files}{LOG}").name
            self._told, self._trails, self._size = [], [], 0
        growth = tuple(map(told.line, self._growth(session.history)))
        return Sending(
            session.loaded if anew else None,
            self._token,
            self._tree,
            growth,
            self._gather_moments(session),
            self._gather_sweep(looks.sweep),
            self._counted(self._present(session, looks, name)),
        )

    def has_acted(self, session: Session, looks: Looks, name: str | None) -> bool:
        """Whether there is more to be told than steps since the last time."""
        return _apart(self._present(session, looks, name)) != self._told_apart

    def send(self, sending: Sending) -> None:
        """Write it. Raises OSError, and ValueError with a sentence where the scenario is too large to be shared."""
        with self._at_work:
            self._write(sending)

    def begin_anew(self) -> None:
        """Tell all of it the next time: what was written last may not be there."""
        self._told, self._moments_of, self._sweep = [], None, ""

    def end(self) -> None:
        """Take everything away, unless the disk does not answer; what is told after that is told anew."""
        with suppress(Late):
            within(ENDING, self._take_away)

    def _take_away(self) -> None:
        with self._at_work:
            self.begin_anew()
            self._close()
            self.folder.remove(self._process)

    def clear(self) -> None:
        """Take away what processes of this user left in the folder that run no more."""
        for path in self.folder.presents():
            named = folders.process_of(path)
            with suppress(OSError, ValueError):  # others that begin at this moment take it away too
                if named is None or path.lstat().st_uid != os.getuid():
                    continue
                content = self.folder.read(path, MOST_PRESENT)
                if content is None or not processes.runs(told.read_process(content)):
                    self.folder.remove(named)
        for wish in self.folder.path.glob(f"*{WISH}"):  # of somebody who wished on when the session had just ended
            with suppress(OSError):
                if time.time() - wish.lstat().st_mtime > WISHED:
                    private.remove(wish)

    def _write(self, sending: Sending) -> None:
        folder, process = self.folder, self._process
        lines = sending.growth
        if sending.loaded is not None:
            begin = told.line(public_header(sending.loaded, sending.token))
            if len(begin) > MOST_LOG // 2:
                raise ValueError("this scenario is too large to be shared")
            self._close()
            self._descriptor = folder.created(folder.path / sending.tree)
            lines = (begin, *lines)
        content = b"".join(lines)
        while content:
            written = os.write(self._descriptor, content)
            content, self._size = content[written:], self._size + written
        if sending.moments is not None:
            moments = tuple((branch, offset, text_of(numbers)) for branch, offset, numbers in sending.moments)
            folder.write(folder.file(process, MOMENTS), told.written(MomentsTold(sending.token, sending.present.numbers, moments)))
        if sending.sweep is not None:
            folder.write(folder.file(process, SWEEP), sending.sweep.encode())
        present = told.written(replace(sending.present, size=self._size))
        folder.write(folder.file(process, PRESENT), present)
        if sending.loaded is not None:
            self._forget_trees(sending.tree)

    def _begin(self, session: Session) -> None:
        self._session, self._token = session, os.urandom(8).hex()
        self._told, self._trails = [], []
        self._opened_at, self._moments_of, self._next_moments = time.time(), None, 0.0

    def _growth(self, history: History) -> list[dict[str, Any]]:
        """What is new of every branch."""
        found, before = [], self._told
        self._told = [(branch.length, branch.future, branch.continued) for branch in history.branches]
        self._trails += [(0, 0, -1, -1)] * (len(self._told) - len(before))
        for number, (now, known) in enumerate(zip_longest(self._told, before)):
            if now != known:
                branch = history.branches[number]
                found.append(told.branch_record(branch, *self._trails[number]))
                leader = branch.leaders[-1][0] if branch.leaders else -1
                jump = branch.jumps.marks[-1][0] if branch.jumps.marks else -1
                self._trails[number] = branch.trail.count, branch.twin_trail.count, leader, jump
        return found

    def _gather_moments(self, session: Session) -> tuple[tuple[int, int, bytes], ...] | None:
        """The numbers of the moments that a screen shows at the cursor, unless they were told or are too many for now."""
        history, now = session.history, time.monotonic()
        if history.place == self._moments_of or now < self._next_moments:
            return None
        places = history.place, _step_before(history), history.changed_at, session.lesson.changed_at(history.place)
        found, size = [], 0
        for place in dict.fromkeys(places):  # the cursor's first
            moment = None if place is None else history.recalled(place)
            if place is not None and moment is not None and size + moment.nbytes <= MOST_NUMBERS:
                numbers = packed(moment)
                size += len(numbers)
                found.append((*place, numbers))
        self._moments_of, self._next_moments = history.place, now + size / NUMBERS_PER_SECOND
        self._numbers += 1
        return tuple(found)

    def _gather_sweep(self, shown: SweepShown | None) -> str | None:
        """What came of the sweep over the screen, unless it was told."""
        if shown is None or shown.key == self._sweep or len(shown.text.encode()) > MOST_SWEEP:
            return None
        self._sweep = shown.key
        return shown.text

    def _present(self, session: Session, looks: Looks, name: str | None) -> Present:
        history, focus = session.history, session.focus
        return Present(
            format=told.FORMAT,
            process=self._process,
            session=name,
            title=session.loaded.scenario.title,
            opened_at=self._opened_at,
            token=self._token,
            tree=self._tree,
            size=0,
            place=history.place,
            ahead=tuple(branch.number for branch in history.ahead()),
            acts=0,
            numbers=self._numbers,
            layer=focus.layer,
            sample=focus.sample,
            units=focus.units,
            view=session.view,
            quantity=session.quantity,
            action=session.last_action,
            running=looks.running,
            speed=looks.speed,
            folding=looks.folding,
            formula=looks.formula,
            over=looks.over,
            sweep=None if looks.sweep is None else SweepTold(looks.sweep.key, looks.sweep.picture.mapping()),
            lesson=lesson_told(session, looks),
        )

    def _counted(self, present: Present) -> Present:
        """With how many times there was more to be told than steps: of a run not every state need be seen, but that at once."""
        told_apart = _apart(present)
        if told_apart != self._told_apart:
            self._told_apart, self._acts = told_apart, self._acts + 1
        return replace(present, acts=self._acts)

    def _forget_trees(self, but: str) -> None:
        for path in list(self.folder.path.glob(self.folder.file(self._process, f".*{LOG}").name)):
            if path.name != but:
                private.remove(path)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _apart(present: Present) -> Present:
    """What is told beside steps."""
    return replace(present, place=(present.place[0], 0), numbers=0)


def public_header(loaded: Loaded, token: str) -> dict[str, Any]:
    """What is told of a scenario: its network, data and training as they are after all settings, and nothing of its lesson."""
    scenario = {key: value for key, value in loaded.scenario.mapping().items() if key != "lesson"}
    return {
        "format": told.FORMAT,
        "token": token,
        "origin": os.path.basename(loaded.origin),
        "scenario": json.dumps(scenario, ensure_ascii=False),
        "table": table_record(loaded.tables.data),
        "held_out_table": table_record(loaded.tables.held_out),
    }


def lesson_told(session: Session, looks: Looks) -> LessonTold | None:
    """How far the lesson has come, and what the screen shows of its beat."""
    lesson, place = session.lesson, session.history.place
    standing = lesson.standing
    if standing is None:
        return None
    return LessonTold(
        number=standing.number,
        beats=len(standing.beats),
        questions=standing.questions,
        right=standing.right,
        answer=standing.answer,
        sentence="" if standing.sentence == RETURNED else standing.sentence,  # it speaks to whoever has the keys
        following=standing.following,
        completes=standing.completes,
        beat=shown_of(standing, lesson.picture(place)),
        lit=lesson.lit(place),
        changed=lesson.changed_at(place),
        page=looks.page,
        pages=looks.pages,
    )


def shown_of(standing: LessonStanding, picture: Picture | None) -> dict[str, Any]:
    """The beat at hand as far as the screen shows it: no note, no expectation, no answer that has not been given.

    A question that waits, or was passed over, is told in the words of the beat.
    """
    beat = standing.beat
    if beat is None:
        return {}
    found: dict[str, Any] = {}
    words = [] if beat.say is None else [beat.say]
    if beat.ask is not None and standing.answer is not None:
        reasons = {number: why for number, why in beat.ask.wrong.items() if number == str(standing.answer)}
        found["ask"] = {
            "question": beat.ask.question,
            "choices": list(beat.ask.choices),
            "answer": beat.ask.answer,
            "because": beat.ask.because,
            "wrong": reasons,
        }
    elif beat.ask is not None:
        words.append(_asked(beat, standing.asking))
    if words:
        found["say"] = "\n\n".join(words)
    if picture is not None:
        found["sweep" if isinstance(picture, BeatSweep) else "landscape"] = picture.mapping() or True
    return found


def _asked(beat: LessonBeat, waits: bool) -> str:
    assert beat.ask is not None  # whoever calls knows
    choices = [f"{number}. {choice}" for number, choice in enumerate(beat.ask.choices, 1)] if waits else []
    return "\n".join([beat.ask.question, *([""] if choices else []), *choices])


def _step_before(history: History) -> Place | None:
    """The place of the step before the cursor, which charts show faintly."""
    return history.place_at(history.step - 1) if history.step else None

