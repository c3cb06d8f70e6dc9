"""The starter pack that comes with the product: sixty drafts, ready to be reviewed."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from curriculum.lesson_files import BODY_LIMITS, visible_length
from curriculum.lesson_pack import Lesson, LessonPack, LessonText, read_pack_bytes
from curriculum.rich_text import fits
from tests.county import read_once
from tests.curriculum.broken_packs import zipped

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "curriculum" / "packs" / "starter_zh"
REVIEW = ROOT / "docs" / "lesson_review.md"
WRITING = ROOT / "docs" / "writing_a_lesson.md"

POLICY = ("040", "041", "042", "043", "044", "045", "046")
TIBETAN = ("001", "007", "011")
# EXPERIENCE, words and buttons.
FORBIDDEN = re.compile("打卡|未完成|落后|逾期|警告|[！!]")
# 亲 is refused as an address (亲, 亲们, 亲爱的); 父亲, 亲戚 and a list entry 亲： stay.
ADDRESS = re.compile(r"亲(?=们|爱的)|(?<![父母双至])亲(?=[，,、。~～？?）)」”\s]|$)")
ADDED_TO_MESSAGE = 200  # UTF-16 units the daily_lesson template adds at most, title included
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def pack() -> LessonPack:
    """Read once; PackRefused fails every test, and names what is wrong."""
    return read_once(STARTER)


def chinese(lesson: Lesson) -> LessonText:
    return lesson.texts["zh"]


def seen_by_a_learner(text: LessonText) -> list[str]:
    question = text.question
    return [
        text.title,
        text.key_point,
        text.body.text,
        question.text,
        *question.options,
        question.explanation,
    ]


def review_rows() -> list[list[str]]:
    """The cells of each lesson's row in docs/lesson_review.md; a star may follow the code."""
    lines = REVIEW.read_text(encoding="utf-8").splitlines()
    tables = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    rows = [[cell.strip() for cell in row] for row in tables]
    return [row for row in rows if re.fullmatch(r"\d{3}( ★)?", row[0])]


def test_it_holds_sixty_chinese_lessons_with_english_titles(pack: LessonPack) -> None:
    """The promised sixty, each readable in Chinese and listed in English."""
    assert sorted(lesson.code for lesson in pack.lessons) == [
        f"{number:03d}" for number in range(1, 61)
    ]
    assert [lesson.code for lesson in pack.lessons if "zh" not in lesson.texts] == []
    assert [lesson.code for lesson in pack.lessons if not lesson.title_en] == []


def test_three_lessons_have_a_tibetan_trial(pack: LessonPack) -> None:
    """The Tibetan texts are three, and each says in Chinese that it is a trial translation."""
    in_tibetan = [lesson for lesson in pack.lessons if "bo" in lesson.texts]
    assert tuple(sorted(lesson.code for lesson in in_tibetan)) == TIBETAN
    for lesson in in_tibetan:
        assert lesson.texts["bo"].body.text.startswith("藏文试译，须由母语审读")


def test_every_lesson_is_one_message(pack: LessonPack) -> None:
    """A lesson with what the template adds to it goes out whole, in every language."""
    for lesson in pack.lessons:
        for language, text in lesson.texts.items():
            room = 4_096 - ADDED_TO_MESSAGE - len(text.title)
            assert fits(text.body, limit=room), (lesson.code, language)


def test_its_pictures_are_light_and_said_in_words(pack: LessonPack) -> None:
    """What comes with the product costs a thin network at most 60 KB and has a plain caption."""
    shown = {lesson.code: lesson.media for lesson in pack.lessons if lesson.media}
    assert set(shown) == {"021"}
    for media in shown.values():
        for each in media:
            assert len(each.content) <= 60 * 1024
            assert not FORBIDDEN.search(each.caption)


def test_every_question_fits_a_native_quiz(pack: LessonPack) -> None:
    """No learner falls back to buttons because an author wrote too much."""
    assert [
        (lesson.code, language)
        for lesson in pack.lessons
        for language, text in lesson.texts.items()
        if not text.question.fits_quiz
    ] == []


def test_bodies_keep_to_their_length(pack: LessonPack) -> None:
    """600 visible Chinese characters at most, and the first twelve lessons not under 300."""
    lengths = {lesson.code: visible_length(chinese(lesson).body.text) for lesson in pack.lessons}
    assert BODY_LIMITS["zh"] == 600
    assert {code: length for code, length in lengths.items() if length > 600} == {}
    first = [lesson.code for lesson in pack.lessons[:12]]
    assert {code: lengths[code] for code in first if lengths[code] < 300} == {}


def test_a_lesson_takes_three_to_five_minutes(pack: LessonPack) -> None:
    """每日一学 is three to five minutes, and that is what the records will say."""
    assert {
        lesson.code: lesson.minutes for lesson in pack.lessons if lesson.minutes not in (3, 4, 5)
    } == {}


def test_each_body_has_a_bold_point_a_line_to_say_and_a_thing_to_do(pack: LessonPack) -> None:
    """Learners never see `key_point`, so the body has a bold one, a quoted line, a small deed."""
    for lesson in pack.lessons:
        kinds = {entity.type for entity in chinese(lesson).body.entities}
        assert {"bold", "blockquote"} <= kinds, lesson.code
        assert "今天的一件小事：" in chinese(lesson).body.text, lesson.code


@pytest.mark.parametrize(
    ("words", "is_refused"),
    [
        ("亲，您好", True),
        ("亲们看过来", True),
        ("亲爱的同事", True),
        ("您好亲", True),
        ("她的父亲，在家", False),
        ("告诉亲戚", False),
        ("有没有亲友，有", False),
    ],
)
def test_an_address_is_told_from_a_relative(words: str, is_refused: bool) -> None:
    """亲 is refused where it addresses the reader, not in words for family."""
    assert bool(ADDRESS.search(words)) is is_refused


def test_no_forbidden_words(pack: LessonPack) -> None:
    """Nothing presses, shames or shouts, in text, question or title."""
    found = [
        (lesson.code, match[0])
        for lesson in pack.lessons
        for text in lesson.texts.values()
        for words in seen_by_a_learner(text)
        for match in (FORBIDDEN.search(words), ADDRESS.search(words))
        if match
    ]
    assert found == []


def test_every_basis_says_something(pack: LessonPack) -> None:
    """A reviewer finds for each lesson what it rests on."""
    for lesson in pack.lessons:
        assert lesson.basis, lesson.code
        assert all(visible_length(entry) >= 8 for entry in lesson.basis), lesson.code


def test_all_are_drafts_until_somebody_signs(pack: LessonPack) -> None:
    """The product ships no lesson that claims a review nobody did, and the pack says so."""
    for lesson in pack.lessons:
        assert (lesson.status, lesson.reviewed_by) == ("draft", None), lesson.code
        assert [text.reviewed_by for text in lesson.texts.values() if text.reviewed_by] == []
    assert pack.note is not None
    assert "须由持证社会工作者审核后方可使用" in pack.note


def test_policy_lessons_end(pack: LessonPack) -> None:
    """What rests on changing policy is not sent for ever; what does not has no end."""
    ends = {lesson.code: lesson.valid_to for lesson in pack.lessons if lesson.valid_to}
    assert ends == dict.fromkeys(POLICY, date(2027, 6, 30))


def test_prerequisites_come_earlier(pack: LessonPack) -> None:
    """Nobody meets a lesson before what it builds on."""
    places = {lesson.code: lesson.position for lesson in pack.lessons}
    assert [
        (lesson.code, needed)
        for lesson in pack.lessons
        for needed in lesson.prerequisites
        if places[needed] >= lesson.position
    ] == []


def test_modules_begin_in_the_order_they_state(pack: LessonPack) -> None:
    """A module's first lesson comes after the first lesson of each module it follows."""
    begins: dict[str, int] = {}
    for lesson in pack.lessons:
        begins.setdefault(lesson.module, lesson.position)
    assert set(begins) == {module.code for module in pack.modules}
    assert [
        (module.code, earlier)
        for module in pack.modules
        for earlier in module.after
        if begins[earlier] >= begins[module.code]
    ] == []


def test_the_right_answer_moves_about(pack: LessonPack) -> None:
    """Guessing one position, or the longest option, does not beat reading."""
    places = Counter(chinese(lesson).question.answer for lesson in pack.lessons)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) <= len(pack.lessons) * 0.4
    longest = [
        lesson.code
        for lesson in pack.lessons
        for question in [chinese(lesson).question]
        if len(question.options[question.answer])
        > max(len(o) for n, o in enumerate(question.options) if n != question.answer)
    ]
    assert len(longest) <= len(pack.lessons) * 0.4, longest


def test_options_stay_alike_in_length(pack: LessonPack) -> None:
    """No option gives itself away by being more than twice as long as another."""
    uneven = {}
    for lesson in pack.lessons:
        lengths = [len(option) for option in chinese(lesson).question.options]
        if max(lengths) > 2 * min(lengths):
            uneven[lesson.code] = lengths
    assert uneven == {}


def test_the_review_names_every_lesson_once_in_teaching_order(pack: LessonPack) -> None:
    """The reviewer's table is complete, and its titles and points are those of the lessons."""
    assert [(row[0][:3], row[1], row[2]) for row in review_rows()] == [
        (lesson.code, chinese(lesson).title, chinese(lesson).key_point) for lesson in pack.lessons
    ]


def test_the_review_says_what_to_check_and_by_whom_and_leaves_room_to_sign() -> None:
    """Each row has its basis, its check, its people, and an empty cell to sign."""
    for code, _, _, basis, check, people, signed in review_rows():
        assert all([basis, check]), code
        assert people.split("；")[0] == "持证社工", code
        assert signed == "", code


def test_the_review_sends_each_kind_of_lesson_to_those_who_know(pack: LessonPack) -> None:
    """Policy goes to civil affairs, a Tibetan text to a native speaker, first aid to health."""
    people = {row[0][:3]: row[5] for row in review_rows()}
    for code in POLICY:
        assert "当地民政" in people[code], code
    for code in TIBETAN:
        assert "藏语母语者" in people[code], code
    for lesson in pack.lessons:
        basis = "".join(lesson.basis)
        for named, asked in [("卫生", "当地卫生"), ("消防", "当地消防"), ("交警", "当地交警")]:
            if re.search(f"当地[^，。；]*{named}[^，。；]*核对", basis):
                assert asked in people[lesson.code], (lesson.code, asked)


def test_the_template_of_the_writing_guide_is_a_lesson() -> None:
    """What an author copies from docs/writing_a_lesson.md passes the check as it stands."""
    blocks = [match[1] for match in FENCED.finditer(WRITING.read_text(encoding="utf-8"))]
    settings = [block for block in blocks if block.startswith("code = ")]
    lessons = [block for block in blocks if block.startswith("---\n")]
    assert (len(settings), len(lessons)) == (1, 1)
    files = {"pack.toml": settings[0].encode(), "001.zh.md": lessons[0].encode()}
    (lesson,) = read_pack_bytes(zipped(files), "my_lessons.zip").lessons
    assert chinese(lesson).question.fits_quiz
    assert not any(
        FORBIDDEN.search(words) or ADDRESS.search(words)
        for words in seen_by_a_learner(chinese(lesson))
    )
