"""Nothing of a lesson lies in the shared folder before the speaker's screen has shown it, and nothing of its notes ever."""

import json
from pathlib import Path

import pytest
from paced import FIRST_LESSONS, mostly_slow
from session.share.room import Room
from session.worlds import do, loaded, shelved

from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.lesson import RETURNED
from bntui.session.session import Session

LESSONS = [name for name in library.names() if read_file(library.find(name)).scenario.lesson]
SECRETIVE = """
version: 1
title: Secretive  # a comment of the author's: COMMENT
network: {layers: [{name: a, units: 1, weight: [[1.1]], bias: false}]}
data: {inputs: [[0.5], [1.0]], targets: [[1.5], [3.0]]}
training: {learning_rate: 0.1}
lesson:
  - {say: FIRST, note: NOTE1, do: {step: 1}, expect: {loss: {below: 1234567}}}
  - {say: ASKS, note: NOTE2, ask: {question: QUESTION, choices: [CHOICE1, CHOICE2], answer: 2, because: BECAUSE, wrong: {"1": WRONG1}}, do: {step: 1}}
  - {note: NOTE3}
  - {ask: {question: PASSED, choices: [CHOICE3, CHOICE4], answer: 1, because: WHY, wrong: {"2": WRONG2}}}
  - {say: LAST}
"""
WORDS = ("COMMENT", "FIRST", "NOTE1", "1234567", "ASKS", "NOTE2", "QUESTION", "CHOICE1", "BECAUSE", "WRONG1", "NOTE3", "PASSED", "WHY", "WRONG2", "LAST")


def shown(room: Room) -> set[str]:
    """The words of the lesson that lie in the folder, and whether an answer does."""
    content = room.bytes()
    return {word for word in WORDS if word.encode() in content} | ({"answer"} if b'"answer": 2' in content else set())


def test_each_word_comes_when_it_is_shown_and_goes_with_its_beat(tmp_path: Path) -> None:
    room = Room(tmp_path, Session(loaded(SECRETIVE)))
    expected = [
        ({"step": 1}, set()),
        ({"beat": 1}, {"FIRST"}),
        ({"beat": 2}, {"ASKS", "QUESTION", "CHOICE1"}),
        ({"answer": 1}, {"ASKS", "QUESTION", "CHOICE1", "BECAUSE", "WRONG1", "answer"}),
        ({"beat": 3}, set()),
        ({"beat": 4}, {"PASSED"}),
        ({"beat": 5}, {"LAST"}),
        ({"beat": 4}, {"PASSED"}),
        ({"back": 1}, {"PASSED"}),
    ]
    for action, words in expected:
        do(room.speaker, action)
        room.pass_on()
        assert shown(room) - {"answer"} == words - {"answer"}
        assert ("answer" in shown(room)) is ("BECAUSE" in words)


def test_the_right_answer_shows_no_reason_against_a_wrong_one(tmp_path: Path) -> None:
    room = Room(tmp_path, Session(loaded(SECRETIVE)))
    do(room.speaker, {"beat": 2}, {"answer": 2})
    room.pass_on()
    assert shown(room) == {"ASKS", "QUESTION", "CHOICE1", "BECAUSE", "answer"}


def test_what_is_said_to_a_speaker_who_had_gone_on_by_themselves_is_not_said_to_students(tmp_path: Path) -> None:
    room = Room(tmp_path, Session(loaded(SECRETIVE)))
    do(room.speaker, {"beat": 1}, {"step": 3}, {"beat": 2})
    assert room.speaker.lesson.sentence == RETURNED
    assert room.pass_on().stand().lesson.sentence == ""  # type: ignore[union-attr]


def secrets(beat: LessonBeat, answered: bool) -> list[str]:
    """What of a beat may not be in the folder."""
    texts = [beat.note or ""]
    if beat.ask is not None and not answered:
        texts += [beat.ask.because, *beat.ask.wrong.values()]
    return [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts if text]


@pytest.mark.parametrize("name", mostly_slow(LESSONS, FIRST_LESSONS[1:2]))
def test_no_lesson_of_the_library_leaks(tmp_path: Path, name: str) -> None:
    room = Room(tmp_path, shelved(name))
    beats = room.speaker.lesson.beats
    for number, beat in enumerate(beats, 1):
        do(room.speaker, {"beat": number})
        room.pass_on()
        content = room.bytes().decode()
        told = "" if beat.say is None else beat.say
        for later in beats[number:]:
            assert all(secret not in content for secret in secrets(later, answered=False))
            assert not later.say or later.say == told or json.dumps(later.say, ensure_ascii=False)[1:-1] not in content
        assert all(secret not in content for secret in secrets(beat, answered=False))
        if room.speaker.lesson.asking:
            do(room.speaker, {"answer": 1})
            room.pass_on()
            assert all(secret not in room.bytes().decode() for secret in secrets(beat, answered=True))
