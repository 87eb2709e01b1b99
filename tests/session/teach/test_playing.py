"""A lesson played without a screen: values, places, verdicts, and what is written of them."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from session.worlds import SLOW_CHAIN

from bntui.scenario.reading.loading import read_file, read_text
from bntui.session.teach.verdicts import Checked, Verdict, as_junit, check_record, checked, play, sentences, status

LESSON = """\
lesson:
  - do: {step: 3}
    expect:
      step: {is: 3}
      loss: {above: 1e6}
  - ask: {question: "q", choices: [a, b], answer: 2}
    do: {set: {batch_norm: true}}
    expect: {gradient.a.gamma: {below: 1.0}, gradient.a.weight: {about: 0, within: 1e-3}, factor.a.norm.scale: {above: 0}}
"""


def verdicts(lesson: str = LESSON) -> list[Verdict]:
    return list(play(read_text(SLOW_CHAIN + lesson, "test.yaml", None)))


def test_every_expectation_has_its_value_place_and_verdict() -> None:
    text = SLOW_CHAIN + LESSON
    step, loss, *others = verdicts()
    assert (step.beat, step.quantity, step.expected, step.found, step.held) == (1, "step", "exactly 3", "3", True)
    assert text.splitlines()[step.line - 1][step.column - 1 :].startswith("step:")
    assert text.splitlines()[loss.line - 1][loss.column - 1 :].startswith("loss:")
    assert not loss.held
    assert [(each.beat, each.held) for each in others] == [(2, True)] * 3


def test_a_quantity_that_does_not_exist_now_has_no_value() -> None:
    lesson = "lesson: [{expect: {gradient.a.gamma: {is: null}, factor.a.norm.scale: {above: 0}}}]"
    missing, wanted = verdicts(lesson)
    assert (missing.held, missing.found) == (True, "nothing")
    assert (wanted.held, wanted.found) == (False, "nothing")


def test_a_refused_action_fails_at_its_place() -> None:
    (refused,) = verdicts("lesson:\n  - do: {set: {weights: {a.bias: 1.0}}}\n")
    assert not refused.held
    assert str(refused).startswith("an action was refused: there is no parameter 'a.bias'")
    assert refused.line == len(SLOW_CHAIN.splitlines()) + 2


def test_an_expectation_reads_the_whole_batch_wherever_the_lesson_looks() -> None:
    (whole,) = verdicts("lesson: [{expect: {gain.b: {about: 0.9, within: 1e-9}}}]")
    (looking,) = verdicts("lesson: [{do: {focus: {sample: 1}}, expect: {gain.b: {about: 0.9, within: 1e-9}}}]")
    assert whole.found == looking.found


def written(folder: Path, lesson: str) -> str:
    path = folder / "one.yaml"
    path.write_text(SLOW_CHAIN + lesson, encoding="utf-8")
    return str(path)


def played(file: str) -> Checked:
    """A file whose lesson has been played."""
    return replace(checked(file), verdicts=tuple(play(read_file(file))))


def test_a_failed_expectation_is_1_and_an_invalid_file_wins_with_2(tmp_path: Path) -> None:
    failed = played(written(tmp_path, LESSON))
    assert failed.status == 1
    assert checked(written(tmp_path, LESSON)).status == 0
    invalid = checked(str(tmp_path / "none.yaml"))
    assert invalid.status == 2
    assert status([failed, invalid]) == 2
    assert status([invalid, Checked("given up", cut=True)]) == 130
    assert status([]) == 0


def test_the_sentences_name_file_and_line(tmp_path: Path) -> None:
    file = written(tmp_path, LESSON)
    lines = list(sentences(played(file)))
    line = len(SLOW_CHAIN.splitlines()) + 4
    assert lines[0] == f"{file}:{line}: beat 1: step exactly 3: yes, it is 3"
    assert "loss above 1e+06: no, it is" in lines[1]
    assert lines[-1] == f"{file}: 1 of 5 expectations failed"


def test_the_json_says_everything(tmp_path: Path) -> None:
    told = check_record([played(written(tmp_path, LESSON))])
    assert told["status"] == 1
    (file,) = told["files"]
    assert file["valid"]
    assert [each["held"] for each in file["expectations"]] == [True, False, True, True, True]
    assert file["expectations"][1]["expected"] == "above 1e+06"


def test_the_junit_xml_has_a_case_for_each_expectation_and_escapes_what_it_names() -> None:
    bad = Verdict(1, 3, 4, "loss", "above 1", "0.5", held=False)
    suites = ElementTree.fromstring(as_junit([Checked("a<b>&.yaml", (), (bad,)), Checked("c", ("c:1:1: wrong",))]))
    first, second = suites.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), first.get("errors")) == ("2", "1", "0")
    assert first.get("name") == "a<b>&.yaml"
    assert first.findall("testcase")[1].find("failure") is not None
    assert second.get("errors") == "1"
