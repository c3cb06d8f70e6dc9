"""Which lesson answers a question."""

import numpy as np
import pytest

from curriculum import lesson_match
from curriculum.lesson_match import LessonIndex, Passage, index, match

LESSONS = (
    Passage(1, "低保申请要交哪些材料", "申请书、户口本、身份证、收入证明。材料不全时一次告知。"),
    Passage(2, "入户走访前的准备", "先打电话约时间，两人同行，带工作证，看天气和路况。"),
    Passage(3, "遇到家庭暴力怎么办", "先看有没有危险，有危险先报警；再按规定强制报告。"),
    Passage(4, "个案记录怎么写", "写事实，不写猜测；当天写完；锁在柜子里。"),
    Passage(4, "ཟིན་ཐོ་འབྲི་སྟངས།", "དོན་དངོས་འབྲི་དགོས། ཉིན་དེ་རང་ལ་འབྲི་དགོས།"),
)


@pytest.fixture(scope="module")
def known() -> LessonIndex:
    return index(LESSONS)


@pytest.mark.parametrize(
    ("question", "lesson"),
    [
        ("吃低保要准备啥材料", 1),
        ("下村入户之前要带什么", 2),
        ("男的打老婆，我该不该报警", 3),
        ("个案记录什么时候写完", 4),
        ("ཟིན་ཐོ་ཇི་ལྟར་འབྲི་དགོས།", 4),
    ],
)
def test_the_lesson_that_answers_comes_first(
    known: LessonIndex, question: str, lesson: int
) -> None:
    """In the asker's words, and in Tibetan by syllables; each lesson once."""
    found = match(question, known)
    assert found.answers[0].lesson_id == lesson
    assert found.is_covered
    assert len({answer.lesson_id for answer in found.answers}) == len(found.answers) == 3


def test_what_no_lesson_says_is_not_covered(known: LessonIndex) -> None:
    """Below the floor no lesson covers the question, and that is a finding of its own."""
    assert not match("kwxz", known).is_covered
    assert not match("ཁ་ས་གངས་བབས་སོང་།", known).is_covered


def test_without_the_model_words_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the second model is missing, characters alone and in pairs still find the lesson."""
    monkeypatch.setattr(lesson_match, "second_model", lambda: None)
    words = index(LESSONS)
    found = match("低保要交哪些材料", words)
    assert found.answers[0].lesson_id == 1
    assert found.answers[0].meaning == 0
    assert found.is_covered


def test_the_words_are_a_share_of_the_question(known: LessonIndex) -> None:
    """A question a lesson says wholly scores towards 1, one it says nothing of scores 0."""
    said = lesson_match._words("低保申请要交哪些材料", known)
    assert said[0] == said.max()
    assert 0.3 < said[0] <= 1
    assert np.all(lesson_match._words("kwxz", known) == 0)
