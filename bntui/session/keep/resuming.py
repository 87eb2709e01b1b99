"""A session from its journal: at the same step with the same bits, whatever ended it."""

from __future__ import annotations

import zlib
from array import array
from base64 import b64decode
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from bntui.maths import memory
from bntui.scenario.data.extents import Table, Tables
from bntui.scenario.model.actions import AnyAction, Step, parse_action
from bntui.scenario.model.sources import MOST_NUMBERS
from bntui.scenario.reading.loading import read_text
from bntui.scenario.text.wording import harmless
from bntui.session.keep import holding, kept, processes, storage
from bntui.session.keep.journal import FORMAT, Journal, next_digest
from bntui.session.keep.storage import Damaged, Record, Store
from bntui.session.look.face import face_of
from bntui.session.run.branches import Piece
from bntui.session.run.checkpoints import Frame, digest
from bntui.session.run.log import Entry
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

OTHER_MACHINE = (
    "This machine's results differ in the last digits from those of the machine that wrote the session, from step {step} on."
)
TORN = "The end of this session was never written whole, as after a loss of power: it goes on at step {step}."

MOST_STEPS = 10**7  # that are made again: hours of them
SECONDS_TO_END = 8.0  # for a process that was asked to end; by itself it gives up sooner


def resume(path: Path) -> tuple[Session, str | None]:
    """The session of a journal, which goes on being written; and a sentence where something is to be said of it.

    Raises Damaged with a sentence where the journal cannot be used; it is kept then. Raises OSError.
    """
    return _resumed(path, Store.take(path), f"the session {kept.name_of(path)} is open in another window")


def take_over(path: Path) -> tuple[Session, str | None]:
    """As `resume`, but whoever has the session open is asked to end, and waited for; what was done there is kept.

    A process on another machine cannot be asked: where it still runs it notices, and keeps nothing any more.

    Raises Damaged with a sentence also where that process cannot be asked or does not end.
    """
    name, holder = kept.name_of(path), holding.holder(path)
    if holder is None:
        return resume(path)
    if holder.process is not None and holder.is_elsewhere:
        held = f"process {holder.process.number} on {holder.process.host} has the session {name} open; end it there first"
        return _resumed(path, Store.take(path, from_elsewhere=True), held)
    if holder.process is None or holder.process == processes.this():
        raise Damaged(f"the session {name} is open, but no other process of yours is seen that has it open")
    processes.ask_to_end(holder.process)
    store = Store.take(path, SECONDS_TO_END)
    return _resumed(path, store, f"process {holder.process.number} was asked to end, but still has the session {name} open")


def _resumed(path: Path, store: Store | None, held: str) -> tuple[Session, str | None]:
    if store is None:
        raise Damaged(held)
    try:
        content = storage.read(path)
        replay = _replayed(path, content.records)
        store.continue_after(content)
    except BaseException:
        store.close()
        raise
    journal = Journal(path.parent, store)
    journal.resumed(replay.session)
    if replay.cut_off is not None:
        journal.note(replay.session, replay.cut_off)
    replay.session.recorder = journal
    return replay.session, replay.sentence or (TORN.format(step=replay.session.history.step) if content.has_hole else None)


def _replayed(path: Path, records: tuple[Record, ...]) -> Repetition:
    if not records:
        raise Damaged(f"the journal {path.name} is empty; it is kept as it is")
    found = records[0].get("journal")
    if found != FORMAT:
        raise Damaged(
            f"the journal {path.name} was written by another version of bntui "
            f"(format {found}, this one reads {FORMAT}); it is kept as it is"
        )
    try:
        header = records[0]
        tables = Tables(table_of(header["table"]), table_of(header["held_out_table"]))
        folder = None if header["folder"] is None else Path(header["folder"])  # where the file is that may be saved anew
        loaded = read_text(header["source"], header["origin"], folder, header["settings"], tables)
        course = header.get("course")  # a journal that an older program began has none
        replay = Repetition(Session(loaded if course is None else replace(loaded, course=Path(course))))
        for _ in replay.take(records[1:]):
            pass
        replay.session.observe()  # what a checkpoint says of the past is looked at first here
    except Exception as error:  # its sums are right, but anybody can add up: it may say anything
        reason = harmless(str(error)).partition("\n")[0]
        raise Damaged(f"the journal {path.name} cannot be repeated ({reason}); it is kept as it is") from error
    return replay


class Repetition:
    """Repeats the records of a journal in a fresh session; over steps that a checkpoint proves it leaps.

    `cut_off` is the action that was under way at the end, as far as it had come: what is done from now on comes after it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sentence: str | None = None
        self.cut_off: Entry | None = None
        self._due = 0

    def take(self, records: Iterable[Record]) -> Generator[None, None, None]:
        """Repeat the records; yields after each step that has to be made again."""
        self.session.history.repeats_journal = True
        under_way: Record | None = None
        for record in records:
            if "under_way" in record:
                yield from self._catch_up()
                under_way = record
            elif "do" in record:
                under_way = None
                action = parse_action(record["do"])
                if isinstance(action, Step):
                    self._due += action.count
                    if self._due > MOST_STEPS:
                        raise Refusal(f"it asks for more than {MOST_STEPS:,} steps that no checkpoint proves")
                else:
                    yield from self._catch_up()
                    yield from self._perform(action, record.get("cut"))
            elif "face" in record:
                self.session.face = face_of(record["face"])
            elif "checkpoint" in record:
                yield from self._checked(record["checkpoint"])
        yield from self._catch_up()
        if under_way is not None:
            self.cut_off = Entry(parse_action(under_way["under_way"]), under_way["cut"])
            yield from self._perform(self.cut_off.action, self.cut_off.cut)
        self.session.history.repeats_journal = False

    def _catch_up(self) -> Generator[None, None, None]:
        while self._due:
            count, self._due = self._due, 0
            yield from self._perform(Step(count=count), None)

    def _perform(self, action: AnyAction, cut: int | None) -> Generator[None, None, None]:
        """Take an action as far as it was taken then."""
        history = self.session.history
        begun = history.changes
        with closing(self.session.perform(action)) as work:
            while cut is None or history.changes - begun < cut:
                try:
                    next(work)
                except StopIteration:
                    return
                yield

    def _checked(self, found: Record) -> Generator[None, None, None]:
        """Leap to a checkpoint where that is possible, else make the steps again and compare."""
        history = self.session.history
        number, length = found["place"]
        leap = "numbers" in found and history.leads_to(number, length, self._due)
        if leap:
            moment = Frame.of(history.moment).unpacked(found["step"], b64decode(found["numbers"]))
            pieces = [None if found[name] is None else _piece(found[name]) for name in ("trail", "twin_trail")]
            history.leap(moment, pieces[0], pieces[1], found["leaders"], found["jumps"], found["jumping"])
            self.session.leapt(self._due)
            self._due = 0
            alike = found["next"] == next_digest(moment, self.session.experiment.repeated)
        else:
            yield from self._catch_up()
            alike = history.place != (number, length) or digest(history.moment) == found["digest"]
        if not alike and self.sentence is None:
            self.sentence = OTHER_MACHINE.format(step=found["step"])


def _piece(found: Record) -> Piece:
    return Piece(**(found | {"low": b64decode(found["low"]), "high": b64decode(found["high"])}))


def table_of(found: Record | None) -> Table | None:
    """The data of a CSV file from a record. Raises KeyError, TypeError, ValueError or zlib.error where it is none."""
    if found is None:
        return None
    numbers: dict[str, Any] = {name: array("d", _unpacked(found[name])) for name in ("inputs", "targets")}
    labels = None if found["labels"] is None else tuple(found["labels"])
    return Table(**(found | numbers | {"columns": tuple(found["columns"]), "labels": labels}))


def _unpacked(text: str) -> bytes:
    """The numbers of a table. Raises ValueError where they are more than any scenario has."""
    unpacking, most = zlib.decompressobj(), MOST_NUMBERS * memory.NUMBER
    numbers = unpacking.decompress(b64decode(text), most + 1)
    if len(numbers) > most:
        raise ValueError("its table is too large")
    return numbers
