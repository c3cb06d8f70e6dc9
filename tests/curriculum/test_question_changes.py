"""Questions into lessons: the right lesson, shown before writing, nothing else touched."""

import difflib
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curriculum.clean_text import clean
from curriculum.drafted_questions import Reading
from curriculum.front_matter import split_front_matter
from curriculum.lesson_pack import read_pack
from curriculum.lesson_problems import Problem
from curriculum.pack_schema import QuestionFacts
from curriculum.question_changes import Plan, plan, read_texts, write
from curriculum.question_files import read_questions
from curriculum.question_writing import with_question
from tests.county import read_once, write_pack
from tests.curriculum.broken_packs import BO, ONE, good_pack, write_folder

STARTER = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
LESSON = """---
# 课号
code: "001"
title:   入户之前   # 留两个空格
basis: [甲, '乙']
reviewed_by: null
question: # 题
  # 换一个情境
  text: >
    先做什么？
  # 先想错的
  options: # 都像真的
    - 说明来意 # 对的
    # 太急
    - 直接进门
    - 先拍照片
  # 从 1 数
  answer: 1 # 第一个
  explanation: |
    先说清楚，
    再进门。
# 审过了吗
status: draft
---
正文: {=不是题}
---
"""


def question_of(text: str) -> QuestionFacts:
    problems: list[Problem] = []
    head = split_front_matter("001.zh.md", clean(text), problems)
    assert head is not None, problems
    assert not problems
    return QuestionFacts.model_validate(head.values["question"])


def changed_lines(before: str, after: str) -> list[str]:
    """Lines taken out or put in, with their sign."""
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    # A remark moves with the end of what it stands beside.
    return [re.sub(" +#", " #", line) for line in compared if line[0] in "+-"]


def planned(folder: Path, text: str, **wishes: str) -> tuple[Reading, Plan]:
    reading = read_questions(text.encode(), "q.gift")
    return reading, plan(reading, read_texts(folder), **wishes)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_questions_own_values_change(newline: str, mark: str) -> None:
    """Comments, quotes, spacing, order, line ends and the body stay byte for byte."""
    before = mark + LESSON.replace("\n", newline)
    after = with_question(
        before, asks="几点去？", options=("早上", "晚上", "都行"), answer=1, explanation="因为。"
    )
    assert sorted(changed_lines(before, after)) == sorted(
        [
            "-   text: >",
            "-     先做什么？",
            '+   text: "几点去？"',
            "-     - 说明来意 # 对的",
            "+     - 早上 # 对的",
            "-     - 直接进门",
            "+     - 晚上",
            "-     - 先拍照片",
            "+     - 都行",
            "-   answer: 1 # 第一个",
            "+   answer: 2 # 第一个",
            "-   explanation: |",
            "-     先说清楚，",
            "-     再进门。",
            '+   explanation: "因为。"',
        ]
    )
    assert after.count(newline) == before.count(newline) - 3


def test_without_an_explanation_the_lesson_keeps_its_own() -> None:
    """Aiken brings none, and nothing is lost."""
    after = with_question(LESSON, asks="问", options=("甲", "乙"), answer=0, explanation=None)
    assert question_of(after).explanation == question_of(LESSON).explanation


@pytest.mark.parametrize("count", [2, 3, 4, 10])
def test_no_comment_is_lost_when_the_options_grow_or_shrink(count: int) -> None:
    """A remark stays beside an option or moves before what follows them."""
    after = with_question(
        LESSON,
        asks="问",
        options=[f"选项{n}" for n in range(count)],
        answer=0,
        explanation="因",
    )
    for remark in ("都像真的", "先想错的", "太急", "从 1 数", "第一个", "审过了吗", "换一个情境"):
        assert remark in after, remark
    assert after.index("从 1 数") > after.index(f"选项{count - 1}")
    assert len(question_of(after).options) == count


def test_a_lesson_without_a_question_gets_one() -> None:
    """Written behind what there is."""
    bare = '---\ncode: "001" # 课号\n---\n正文\n'
    after = with_question(bare, asks="问", options=("甲", "乙"), answer=1, explanation="因")
    assert after.startswith('---\ncode: "001" # 课号\nquestion:\n')
    assert question_of(after).answer == 2
    assert after.endswith("---\n正文\n")


@pytest.mark.parametrize(
    "options",
    ["  options: [甲, 乙]\n", "  options:\n  - 甲\n  - 乙\n", "  options:\n    - 甲\n    - 乙\n"],
)
def test_the_options_keep_the_form_they_were_written_in(options: str) -> None:
    """In brackets, beside their key, or set in."""
    before = f"---\nquestion:\n  text: 问\n{options}  answer: 1\n  explanation: 因\n---\n文"
    after = with_question(before, asks="问", options=("丙", "乙"), answer=0, explanation="因")
    assert after == before.replace("甲", "丙")


line = st.text(min_size=1, max_size=60).map(lambda text: " ".join(clean(text).split()))
said = line.filter(bool)


@settings(deadline=None)
@given(
    asks=st.lists(said, min_size=1, max_size=3).map("\n".join),
    options=st.lists(said, min_size=2, max_size=10),
    explanation=said,
    answer=st.integers(0, 9),
)
# A sign that joins the letter before it, at the start of a line: there it must not join the n of
# the \\n that it is written behind.
@example("门\n\u0301口", ["甲", "乙"], "因", 0)
@example("门\n\u0324\u0301口", ["\\\u0301n\u0324", "'\\n\u0324"], "\u0338=", 0)
def test_whatever_is_asked_is_read_back_from_the_file(
    asks: str, options: list[str], explanation: str, answer: int
) -> None:
    """Signs that mean something in YAML are only signs; what follows the question stays."""
    right = answer % len(options)
    after = with_question(LESSON, asks=asks, options=options, answer=right, explanation=explanation)
    question = question_of(after)
    assert (question.text, question.options) == (asks, options)
    assert (question.answer, question.explanation) == (right + 1, explanation)
    assert after.endswith(LESSON[LESSON.index("# 审过了吗") :])
    assert after.startswith(LESSON[: LESSON.index("question:")])


def test_a_question_goes_to_the_lesson_its_title_names(tmp_path: Path) -> None:
    """The others stay, and the pack that is read afterwards holds the new question."""
    write_pack(tmp_path, 3)
    text = "::002 门口:: 问 {=对 ~错 ####因}\n\n::003:: 选哪一个 {~甲 =乙 ~丙 ####因为是乙}"
    reading, found = planned(tmp_path, text)
    assert not reading.problems
    assert [change.lesson for change in found.changes] == ["002"]
    assert (found.unchanged, found.refused, found.left) == (1, (), ())
    before = read_pack(tmp_path)
    write(tmp_path, found.changes)
    after = read_pack(tmp_path)
    assert after.lessons[1].texts["zh"].question.options == ("对", "错")
    assert [a == b for a, b in zip(before.lessons, after.lessons, strict=True)] == [
        True,
        False,
        True,
    ]
    assert planned(tmp_path, text)[1].changes == ()


def test_a_pack_with_pictures_gets_its_question_and_keeps_the_rest(tmp_path: Path) -> None:
    """The starter pack itself, with a picture beside its lessons: one file changes, no other."""
    folder = tmp_path / "pack"
    shutil.copytree(STARTER, folder)
    reading, found = planned(folder, f"::021:: 问 {ASK}")
    assert not reading.problems
    write(folder, found.changes)
    changed = {
        path.name
        for path in folder.iterdir()
        if path.read_bytes() != (STARTER / path.name).read_bytes()
    }
    assert changed == {"021.zh.md"}
    before, after = read_once(STARTER).lessons, read_pack(folder).lessons
    assert [new.code for old, new in zip(before, after, strict=True) if old != new] == ["021"]


def test_questions_without_a_code_go_by_order_around_the_named_ones(tmp_path: Path) -> None:
    """--from names the first lesson; a lesson named by a title is not given another."""
    write_pack(tmp_path, 4)
    text = "\n\n".join(
        ["一 {=对 ~错 ####因}", "::003:: 三 {=对 ~错 ####因}", "二 {=对 ~错 ####因}"]
    )
    reading, found = planned(tmp_path, text, start="002")
    assert not reading.problems
    assert {change.lesson: change.new.text for change in found.changes} == {
        "002": "一",
        "003": "三",
        "004": "二",
    }


def _matching_problems() -> list[Problem]:
    """Every problem and note that matching can give, each from a case of its own."""
    found = []
    for text, wishes, _, _ in MISMATCHES:
        reading = read_questions(text.encode(), "q.gift")
        plan(reading, FILES, **wishes)
        found += reading.problems + reading.notes
    return found


FILES = {
    "001.zh.md": LESSON,
    "002.zh.md": '---\ncode: "002"\n---\n正文',
    "003.zh.md": "没有文件头",
}
ASK = "{=对 ~错 ####因}"
MISMATCHES: list[tuple[str, dict[str, str], str, int]] = [
    (f"问 {ASK}", {}, "lesson_unnamed", 1),
    (f"::009:: 问 {ASK}", {}, "lesson_unknown", 1),
    (f"::001:: 问 {ASK}", {"language": "bo"}, "lesson_unknown", 1),
    (f"问 {ASK}", {"start": "009"}, "lesson_unknown", 0),
    (f"::001:: 问 {ASK}\n\n::001:: 再问 {ASK}", {}, "lesson_twice", 3),
    (f"问 {ASK}\n\n再问 {ASK}", {"start": "002"}, "lessons_used_up", 3),
    ("::002:: 问 {=对 ~错}", {}, "explanation_missing", 1),
    ("::001:: 问 {=对 ~错}", {}, "explanation_kept", 1),
]
MATCHING_PROBLEMS = _matching_problems()


@pytest.mark.parametrize(("text", "wishes", "code", "line_number"), MISMATCHES)
def test_a_question_that_fits_no_lesson_is_named(
    text: str, wishes: dict[str, str], code: str, line_number: int
) -> None:
    """By the line of the question file, or the lesson file that cannot be read."""
    reading = read_questions(text.encode(), "q.gift")
    plan(reading, FILES, **wishes)
    named = [(problem.code, problem.line) for problem in reading.problems + reading.notes]
    assert (code, line_number) in named
    assert ("lesson_file_unclear", 0) in named or wishes.get("language")


def test_a_translation_left_behind_is_told_and_a_misfit_one_refused(tmp_path: Path) -> None:
    """A Chinese question with fewer options may go in; a Tibetan one that differs may not."""
    folder = write_folder(tmp_path / "pack", good_pack())
    two = "::001:: 问 {=对 ~错 ####因}"
    _, found = planned(folder, two)
    assert [(p.path, p.code) for p in found.left] == [(BO, "options_differ")]
    assert not found.refused
    _, misfit = planned(folder, two, language="bo")
    assert [(p.path, p.code) for p in misfit.refused] == [(BO, "options_differ")]
    write(folder, found.changes)
    _, fits = planned(folder, two, language="bo")
    assert (fits.refused, fits.left) == ((), ())
    write(folder, fits.changes)
    lesson = read_pack(folder).lessons[0]
    assert {len(text.question.options) for text in lesson.texts.values()} == {2}
    assert (folder / ONE).read_text(encoding="utf-8").startswith("---\ncode:")


@pytest.mark.parametrize("newline", ["\r", "\u2028"])
def test_line_ends_of_old_editors_are_no_obstacle(tmp_path: Path, newline: str) -> None:
    """What the pack's reader copes with, the question can be put into."""
    write_pack(tmp_path, 1)
    lesson = tmp_path / "001.zh.md"
    lesson.write_bytes(lesson.read_text(encoding="utf-8").replace("\n", newline).encode())
    _, found = planned(tmp_path, f"::001:: 问 {ASK}")
    write(tmp_path, found.changes)
    assert read_pack(tmp_path).lessons[0].texts["zh"].question.text == "问"


def test_writing_leaves_nothing_beside_the_lessons_and_keeps_their_rights(tmp_path: Path) -> None:
    """No file of our own remains, and a file only its owner may read stays so."""
    write_pack(tmp_path, 2)
    (tmp_path / "001.zh.md").chmod(0o600)
    names = sorted(path.name for path in tmp_path.iterdir())
    _, found = planned(tmp_path, f"::001:: 问 {ASK}")
    write(tmp_path, found.changes)
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert (tmp_path / "001.zh.md").stat().st_mode & 0o777 == 0o600
