"""A session that somebody else conducts, as its followers have it: they see what is done there, and can look around in it."""

from __future__ import annotations

import binascii
import os
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from bntui.records import dataclass
from bntui.scenario.data.extents import Tables
from bntui.scenario.model.actions import AnyAction, Back, Future, GoTo, HistoryPart, LookAt, Shown, Step, Twin, View
from bntui.scenario.model.beats import LessonBeat, Question
from bntui.scenario.model.pictures import Picture
from bntui.scenario.reading.loading import Loaded, read_text
from bntui.scenario.shelf.writing import to_yaml
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.files import Stamp, stamp
from bntui.session.keep import processes
from bntui.session.keep.processes import Process
from bntui.session.keep.resuming import table_of
from bntui.session.keep.saving import way_of
from bntui.session.lesson import Lesson, Work
from bntui.session.look.face import Face
from bntui.session.look.standing import Focus, LessonStanding
from bntui.session.look.tracking import Tracker
from bntui.session.run.checkpoints import Place
from bntui.session.run.mirror import BranchNews, Mirror
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.share import told
from bntui.session.share.behind import Behind
from bntui.session.share.folder import MOMENTS, MOST_LOG, MOST_MOMENTS, MOST_PRESENT, MOST_SWEEP, PRESENT, SWEEP, WISH, Folder
from bntui.session.share.looks import SweepShown
from bntui.session.share.told import LessonTold, Present, Unreadable

PATIENCE = 1.0  # seconds for which numbers are waited for
LOOKING = Back, GoTo, Step, Future, LookAt, View
NOT_YOURS = "You follow {name} and change nothing there; O takes this state over into a session of your own."
THE_SPEAKERS = "{name} goes on from here, and this screen follows."
NO_FURTHER = "That is the last recorded step; {name} goes on from there, = returns."


@dataclass(frozen=True, slots=True)
class News:
    """What has come since the last look: of a session that is another one than before, `loaded` and all of its tree."""

    present: Present
    loaded: Loaded | None
    growth: tuple[BranchNews, ...]
    numbers: dict[Place, bytes]
    sweep: SweepShown | None


def shared(folder: Folder) -> list[Present]:
    """The sessions that are shared in a folder by processes that run, the one that was opened first first."""
    return [each for each in _told(folder) if is_live(folder, each)]


def machines(folder: Folder) -> list[str]:
    """The other machines from which sessions are shared in a folder, or were: nobody here can see whether they go on."""
    return sorted({each.process.host for each in _told(folder) if each.process.is_elsewhere})


def _told(folder: Folder) -> list[Present]:
    """What is told of sessions in a folder, by whatever process and whenever."""
    found = []
    for path in folder.presents():
        with suppress(Unreadable):
            content = folder.read(path, MOST_PRESENT)
            present = None if content is None else told.read_present(content)
            if present is not None and path == folder.file(present.process, path.suffix):
                found.append(present)
    return sorted(found, key=lambda each: each.opened_at)


def is_live(folder: Folder, present: Present) -> bool:
    """Whether the process that shares a session still runs."""
    process = present.process
    return not process.is_elsewhere and (processes.runs(process, folder.owner) or _is_hidden(process.number))


def _is_hidden(process: int) -> bool:
    """Whether a process runs at which the system lets nobody else look (hidepid)."""
    try:
        (processes.PROC / str(process) / "stat").read_bytes()
    except OSError:
        try:
            os.kill(process, 0)
        except PermissionError:
            return True
        except (OSError, OverflowError):
            return False
    return False


def gone_on(ended: Present, sessions: Sequence[Present]) -> Present | None:
    """What has become of a session that ended: the same one in another process, else the only one that there is by now."""
    same = [each for each in sessions if each.session is not None and each.session == ended.session]
    return next(iter(same or (sessions if len(sessions) == 1 else ())), None)


class Subscription:
    """Reads what one process shares, as it changes; may be used from a thread, one call after another."""

    def __init__(self, folder: Folder, process: Process) -> None:
        self.folder, self.process = folder, process
        self._present = folder.file(process, PRESENT)
        self._seen: Stamp | None = None
        self._peeked: Stamp | None = None
        self._patient_until = 0.0
        self._numbers_seen: Stamp | None = None
        self._token, self._tree, self._read = "", "", 0
        self._sweep: SweepShown | None = None

    def wish(self) -> None:
        """Let a session of one's own know that it is followed; it wants to hear that again and again."""
        if self.folder.is_private:
            with suppress(OSError):
                path = self.folder.file(self.process, WISH)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
                os.utime(path)

    @property
    def is_there(self) -> bool:
        """Whether the process shares anything now."""
        return stamp(self._present) is not None

    def peek(self) -> Present | None:
        """Where the session stands, if that was written since the last look; it takes one look at one file where it was not.

        Raises Unreadable with what is wrong, once.
        """
        seen = stamp(self._present)
        if seen in (None, self._seen):
            return None
        content = self.folder.read(self._present, MOST_PRESENT)
        if seen != self._peeked:
            self._peeked, self._patient_until = seen, time.monotonic() + PATIENCE
        try:
            present = None if content is None else told.read_present(content)
        except Unreadable:
            self._seen = seen  # it is tried again when it is another one
            raise
        self._seen = seen if present is None else self._seen
        return present

    def look(self, present: Present) -> News | None:
        """All that is new by where the session stands, as it was just peeked at; None where it stands elsewhere by now.

        That is looked at again in a moment; what stays so was not written to its end, and is read without its numbers. Raises
        Unreadable with what is wrong.
        """
        numbers = self._new_numbers(present)
        if numbers is None and time.monotonic() < self._patient_until:
            return None
        self._seen = self._peeked  # also where the rest cannot be read
        if self.folder.file(present.process, PRESENT) != self._present or os.path.basename(present.tree) != present.tree:
            raise Unreadable("its files are not those of its process")
        loaded, growth = self._grown(present)
        return News(present, loaded, growth, numbers or {}, self._sweep_shown(present))

    def _grown(self, present: Present) -> tuple[Loaded | None, tuple[BranchNews, ...]]:
        """The scenario where it is another one, and what is new of the tree."""
        anew = present.tree != self._tree
        begin = 0 if anew else self._read
        content = self.folder.read(self.folder.path / present.tree, MOST_LOG, begin)
        if content is None or len(content) < present.size - begin:
            raise Unreadable("a file of it is missing")
        lines = told.read_lines(content[: max(present.size - begin, 0)])
        loaded = None
        if anew:
            if not lines:
                raise Unreadable("a file of it is empty")
            header = lines.pop(0)
            if present.token != self._token:
                loaded = _loaded(header, present)
        growth = tuple(map(told.read_branch, lines))
        self._token, self._tree, self._read = present.token, present.tree, max(begin, present.size)
        return loaded, growth

    def _sweep_shown(self, present: Present) -> SweepShown | None:
        """The sweep over the speaker's screen, read once. Raises Unreadable."""
        shown = present.sweep
        if shown is None or (self._sweep is not None and self._sweep.key == shown.key):
            return None if shown is None else self._sweep
        content = self.folder.read(self.folder.file(self.process, SWEEP), MOST_SWEEP)
        if content is None:
            raise Unreadable("its sweep is missing")
        try:
            self._sweep = SweepShown(shown.key, told.read_picture(shown.picture), content.decode())
        except ValueError as error:
            raise Unreadable(str(error).splitlines()[0]) from None
        return self._sweep

    def _new_numbers(self, present: Present) -> dict[Place, bytes] | None:
        """Those that are new; None where they belong to another present, which is about to be written: here they would lack."""
        path = self.folder.file(self.process, MOMENTS)
        seen = stamp(path)
        if seen in (None, self._numbers_seen):
            return {}
        content = self.folder.read(path, MOST_MOMENTS)
        moments = None if content is None else told.read_moments(content)
        if moments is not None and moments.token == present.token and moments.number > present.numbers:
            return None
        self._numbers_seen = seen
        try:
            return moments.unpacked() if moments is not None and moments.token == present.token else {}
        except (ValueError, binascii.Error):
            raise Unreadable("its numbers are none") from None


def _loaded(header: dict[str, Any], present: Present) -> Loaded:
    """The scenario that a tree's file begins with. Raises Unreadable."""
    if header.get("token") != present.token:
        raise Unreadable("its files belong to different sessions")
    try:
        tables = Tables(table_of(header["table"]), table_of(header["held_out_table"]))
        return read_text(header["scenario"], header["origin"], None, (), tables)
    except ScenarioError as error:
        raise Unreadable(str(error.complaints[0])) from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, zlib.error) as error:
        raise Unreadable(f"its scenario cannot be read ({type(error).__name__})") from None


class LessonShown(Lesson):
    """The lesson as it is told: nothing of it is played here."""

    def __init__(self) -> None:
        super().__init__(())
        self._shown: LessonTold | None = None
        self._place: Place | None = None
        self._standing: LessonStanding | None = None

    def show(self, present: Present) -> None:
        """Show what is told of it now. Raises Unreadable."""
        before, self._shown, self._place = self._shown, present.lesson, present.place
        if present.lesson is None:
            self._standing = None
        elif before is None or self._standing is None or before != present.lesson:
            self._standing = _standing(present.lesson, self._standing)

    @property
    def standing(self) -> LessonStanding | None:
        """What is shown of it."""
        return self._standing

    def lit(self, place: Place) -> tuple[str, ...]:
        """What the beat at hand shows, by name, where the speaker stands."""
        return self._shown.lit if self._shown is not None and place == self._place else ()

    def picture(self, place: Place) -> Picture | None:
        """What the beat at hand opens, where the speaker stands."""
        beat = None if self._standing is None else self._standing.beat
        shown = beat is not None and place == self._place and beat.sweep is None  # a sweep is the speaker's, once it is whole
        return beat.picture if beat is not None and shown else None

    def changed_at(self, place: Place) -> Place | None:
        """The place before the beat, where the speaker stands."""
        return self._shown.changed if self._shown is not None and place == self._place else None


def _standing(lesson: LessonTold, before: LessonStanding | None) -> LessonStanding:
    """A lesson of which nothing is known but the beat at hand. Raises Unreadable."""
    if lesson.number > lesson.beats or lesson.questions > lesson.beats:
        raise Unreadable("its lesson has no such beat")
    try:
        shown = told.read_beat(lesson.beat)
    except ValueError as error:
        raise Unreadable(str(error).splitlines()[0]) from None
    ask = shown.ask
    if ask is not None and (lesson.answer is None or lesson.answer > len(ask.choices)):
        raise Unreadable("a question of it has no such answer")
    others = lesson.questions - (ask is not None)
    beats = [UNKNOWN_QUESTION if number <= others else SILENT for number in range(1, lesson.beats + 1)]
    if lesson.number:
        if beats[lesson.number - 1] is UNKNOWN_QUESTION and others < lesson.beats:
            beats[others] = UNKNOWN_QUESTION
        beats[lesson.number - 1] = shown
    known = before.beats if before is not None and before.beats == tuple(beats) else tuple(beats)
    standing = LessonStanding(lesson.number, known, False, lesson.answer, lesson.right, lesson.sentence)
    return replace(standing, following=lesson.following, completes=lesson.completes, followed=True)


SILENT = LessonBeat()
UNKNOWN_QUESTION = LessonBeat(ask=Question(question="", choices=(), answer=0))


class FollowedSession(Session):
    """What a speaker does, repeated by what is told of it; `around` says that its person has left to look around.

    `name` is the speaker's, `present` where the speaker stands and looks now.
    """

    history: Mirror
    lesson: LessonShown

    def __init__(self, loaded: Loaded, present: Present, name: str) -> None:
        super().__init__(loaded)
        self.history = Mirror(self.experiment)
        self.tracker = Tracker(self.history, loaded)
        self.lesson = LessonShown()
        self.present, self.name, self.around = present, name, False
        self.sweep: SweepShown | None = None

    def learn(self, news: News) -> Work:
        """Take over what is new, and go where the speaker stands unless one looks around; yields while the way is replayed.

        Raises Refusal with a sentence where it fits nothing that is known.
        """
        try:
            for each in news.growth:
                self.history.grow(each)
            for place, numbers in news.numbers.items():
                if self.history.knows(place):
                    self.history.remember(place, numbers)
            lesson = news.present.lesson
            if lesson is not None and lesson.changed is not None and not self.history.knows(lesson.changed):
                raise Unreadable(f"there is no place {lesson.changed}")
            self.present, self.sweep = news.present, news.sweep
            if not self.around:
                yield from self.join()
        except (ValueError, OverflowError) as error:
            raise Refusal(f"What {self.name} shares cannot be shown: {error}.") from error

    def join(self) -> Work:
        """Go where the speaker stands, and look there too."""
        now = self.present
        yield from self.history.stand_at(now.place, now.ahead)
        self.lesson.show(now)
        layers = {layer.name: layer.units for layer in self.experiment.architecture.layers}
        if now.layer in layers:
            sample = None if now.sample is None or now.sample >= self.experiment.batches.samples else now.sample
            units = tuple((name, min(unit, layers[name] - 1)) for name, unit in now.units if name in layers)
            self.focus = Focus(now.layer, sample, units)
        self._show(View(name=HistoryPart(history=now.quantity) if now.view == "history" else now.view))
        self.last_action = now.action
        self.around = False

    def _show(self, view: View) -> None:
        with suppress(Refusal):  # a quantity that is unknown here
            self._open(view)

    def perform(self, action: AnyAction) -> Work:
        """Look around; whatever would change the state is refused with a sentence. Raises Refusal."""
        if not isinstance(action, LOOKING):
            raise Refusal(NOT_YOURS.format(name=self.name))
        if isinstance(action, Step | GoTo):
            wanted = action.step if isinstance(action, GoTo) else self.history.step + action.count
            if wanted > self.history.step:
                if self.history.step == self.history.last_step:
                    raise Refusal(NO_FURTHER.format(name=self.name) if self.around else THE_SPEAKERS.format(name=self.name))
                self.around = True
                yield from self.history.ahead_to(wanted)
                self.last_action = Step.key
                return
        self.around = True
        yield from self.take(action)

    @property
    def speakers_step(self) -> int:
        """The step at which the speaker stands."""
        branch, offset = self.present.place
        return self.history.branches[branch].first_step + offset if self.history.knows((branch, offset)) else offset

    def taken_over(self) -> Callable[[], Session]:
        """What makes a session of one's own at this state, on whatever thread; it raises Refusal where the way there is barred.

        It has the scenario without its lesson, and all that led to the state. A twin that walks another path of the session is
        left out: a session of one's own has no such path; `leaves_twin` says so.
        """
        looks = self.focus, self.view, self.quantity, self.face
        way = [action for action in way_of(self.history) if not _walks_elsewhere(action)]
        return partial(_led, self.loaded, way, looks)

    @property
    def leaves_twin(self) -> bool:
        """Whether the twin at hand walks another path, to which no way leads from here alone."""
        twin = self.history.moment.twin
        return twin is not None and twin.difference is not None and _walks_elsewhere(twin.difference)


@dataclass(frozen=True, slots=True)
class Followed:
    """A session that is followed, where more of it comes from, and what is left of the way to where the speaker stands.

    `behind` is how its program stands back behind the speaker's, None where it does not.
    """

    session: FollowedSession
    subscription: Subscription
    rest: Work
    behind: Behind | None = None


def _walks_elsewhere(action: AnyAction) -> bool:
    return isinstance(action, Twin) and action.future is not None


def _led(loaded: Loaded, way: Sequence[AnyAction], looks: tuple[Focus, Shown, str, Face | None]) -> Session:
    own = Session(replace(loaded, source=to_yaml(loaded.scenario)))
    for action in way:
        own.do(action)
    own.focus, own.view, own.quantity, own.face = looks
    return own
