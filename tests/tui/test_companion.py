"""The companion of a lesson without a screen: what it asks, says, writes and watches as the lesson goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from session.worlds import SLOW_CHAIN
from session.worlds import session as session_of
from tui.behind import PATIENCE, Screenless, conducting, settled

from bntui.scenario.reading.loading import read_file
from bntui.session.session import Session
from bntui.session.teach import completion, notes
from bntui.tui.companion import PASSED_OVER, LessonCompanion
from bntui.tui.conductor import Conductor

LESSON = """
lesson:
  - say: "Look."
    do: {step: 2}
  - ask: {question: "Up or down?", choices: [up, down], answer: 2, because: "it falls"}
    do: {step: 3}
  - say: "The last."
"""


class Lesson:
    """A lesson under way: its conductor, its companion, and the screen that there is not."""

    def __init__(self, session: Session) -> None:
        self.session, self.screen = session, Screenless()
        self.companion: LessonCompanion | None = None

    def beside(self, conductor: Conductor) -> LessonCompanion:
        self.conductor = conductor
        self.companion = LessonCompanion(conductor, self.screen, self.screen, self.screen)
        return self.companion

    @property
    def number(self) -> int:
        return self.conductor.session.lesson.number

    async def on(self) -> None:
        """The key n."""
        assert self.companion is not None
        self.companion.next_beat()
        await settled(self.conductor)

    async def back(self) -> None:
        """The key p."""
        assert self.companion is not None
        self.companion.previous_beat()
        await settled(self.conductor)

    async def answer(self, choice: int | None) -> None:
        """What the dialog returns."""
        self.screen.then(choice)
        await settled(self.conductor)


@asynccontextmanager
async def taught(session: Session) -> AsyncIterator[Lesson]:
    """A lesson that has not begun."""
    lesson = Lesson(session)
    async with conducting(session, lambda conductor: lesson.beside(conductor).follow):
        yield lesson
        await asyncio.gather(*lesson.screen.jobs.values())
        assert lesson.companion is not None
        lesson.companion.end()
        assert lesson.screen.desk.settle(PATIENCE)
        assert notes.running() == []


async def test_a_lesson_is_read_asked_answered_and_completed() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        await lesson.on()
        assert (lesson.number, lesson.session.history.step) == (1, 2)
        await lesson.on()
        assert [question.question for question in lesson.screen.asked] == ["Up or down?"]
        await lesson.answer(None)
        assert lesson.session.lesson.asking
        await lesson.on()
        assert len(lesson.screen.asked) == 2
        await lesson.answer(2)
        assert lesson.session.history.step == 5
        await lesson.on()
        await lesson.screen.jobs["completion"]
        assert [(went.right, went.questions) for went in completion.completed().values()] == [(1, 1)]
        await lesson.on()
        assert lesson.screen.said == ["That was the last beat. 1 of 1 question answered rightly. o opens another one."]


async def test_a_question_that_is_passed_over_is_not_asked_again() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        await lesson.on()
        await lesson.on()
        await lesson.answer(PASSED_OVER)
        assert (lesson.number, len(lesson.screen.asked)) == (3, 1)


async def test_whoever_presses_n_while_an_answer_is_played_is_not_asked_again() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        await lesson.on()
        await lesson.on()
        lesson.screen.then(2)
        await lesson.on()
        assert (lesson.number, lesson.session.history.step, len(lesson.screen.asked)) == (2, 5, 1), "the answer is read first"
        await lesson.on()
        assert lesson.number == 3


async def test_whoever_presses_n_in_a_hurry_passes_over_no_question() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        assert lesson.companion is not None
        for _ in range(3):
            lesson.companion.next_beat()
        await settled(lesson.conductor)
        assert (lesson.number, lesson.session.history.step, len(lesson.screen.asked)) == (2, 2, 1)
        await lesson.back()
        assert lesson.number == 1


async def test_a_question_waits_while_something_stands_over_the_screen() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        lesson.screen.in_front = False
        await lesson.on()
        await lesson.on()
        assert lesson.screen.asked == []
        await lesson.on()
        assert len(lesson.screen.asked) == 1


async def test_pages_are_turned_before_beats() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        await lesson.on()
        lesson.screen.pages = 2
        assert lesson.companion is not None
        await lesson.on()
        assert (lesson.number, lesson.companion.page, lesson.screen.painted) == (1, 1, 1)
        await lesson.back()
        assert (lesson.number, lesson.companion.page, lesson.screen.painted) == (1, 0, 2)
        await lesson.back()
        assert (lesson.number, lesson.session.history.step) == (0, 0)


async def test_the_speaker_is_told_of_each_beat_once() -> None:
    async with taught(session_of(SLOW_CHAIN + LESSON)) as lesson:
        await lesson.on()
        desk = lesson.screen.desk
        assert desk.settle(PATIENCE)
        assert [(each.number, each.session) for each in notes.running()] == [(1, "2026-01-01")]
        times = desk.times
        lesson.conductor.look()
        await settled(lesson.conductor)
        assert desk.times == times


async def test_without_a_lesson_that_is_said() -> None:
    async with taught(session_of(SLOW_CHAIN)) as lesson:
        await lesson.on()
        await lesson.back()
        assert lesson.screen.said == ["This scenario has no lesson; o opens another one."] * 2
        assert lesson.screen.desk.times == 0


async def test_a_saved_file_goes_on_at_the_same_beat_and_a_mistake_in_it_is_said(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SLOW_CHAIN + LESSON, encoding="utf-8")
    async with taught(Session(read_file(file))) as lesson:
        assert lesson.companion is not None
        lesson.companion.begin()
        (look,) = lesson.screen.looks
        await lesson.on()
        await look()
        assert lesson.screen.replaced == []

        await asyncio.to_thread(file.write_text, SLOW_CHAIN + LESSON.replace("Look.", "Look again."), encoding="utf-8")
        await look()
        await settled(lesson.conductor)
        assert lesson.screen.replaced == [lesson.conductor.session]
        assert (lesson.number, lesson.conductor.session.history.step) == (1, 2)

        lesson.screen.pages = 0  # no room for the beat
        await asyncio.to_thread(file.write_text, SLOW_CHAIN + "lessn: []\n", encoding="utf-8")
        await look()
        assert "unknown key 'lessn'" in lesson.companion.error
        assert lesson.screen.said == [f"! {lesson.companion.error}"]
        assert len(lesson.screen.replaced) == 1
