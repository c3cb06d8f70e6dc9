"""Lesson packs: a good one is read whole, a broken one is refused with every reason and line."""

from datetime import date
from pathlib import Path

import pytest

from curriculum.lesson_pack import (
    CheckQuestion,
    LessonPack,
    PackRefused,
    Problem,
    read_pack,
    read_pack_bytes,
)
from curriculum.rich_text import from_markdown
from tests.curriculum.broken_packs import (
    BO,
    BREAKS,
    ONE,
    SETTINGS,
    Break,
    Files,
    good_pack,
    swap,
    write_folder,
    zipped,
)


def read(files: Files) -> LessonPack:
    return read_pack_bytes(zipped(files), "pack.zip")


def problems_of(files: Files) -> list[tuple[str, str, int]]:
    with pytest.raises(PackRefused) as refused:
        read(files)
    return [(problem.code, problem.path, problem.line) for problem in refused.value.problems]


def hashes(files: Files) -> list[str]:
    return [lesson.content_hash for lesson in read(files).lessons]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.code}-{broken.line}")
def test_each_break_is_named_with_its_file_and_line(broken: Break) -> None:
    """One mistake gives exactly one problem, at the place where the author must mend it."""
    assert problems_of(broken.files()) == [(broken.code, broken.path, broken.line)]


def test_a_good_pack_is_read_whole(tmp_path: Path) -> None:
    """Settings, shared facts and every language arrive as plain values, in teaching order."""
    pack = read_pack(write_folder(tmp_path / "starter", good_pack()))
    assert (pack.code, pack.title, pack.version) == ("starter", "入门课", "1")
    assert [(module.code, module.after) for module in pack.modules] == [
        ("M1", ()),
        ("M2", ("M1",)),
    ]
    assert [(lesson.code, lesson.position) for lesson in pack.lessons] == [
        ("001", 0),
        ("002", 1),
        ("003", 2),
    ]
    first, _, third = pack.lessons
    assert (first.minutes, first.status, first.reviewed_by) == (4, "reviewed", "卓玛")
    assert (first.valid_from, first.valid_to) == (date(2026, 1, 1), date(2027, 12, 31))
    assert third.prerequisites == ("001", "002")
    assert set(first.texts) == {"zh", "bo"}
    chinese = first.texts["zh"]
    assert chinese.body == from_markdown("**先**说明来意。")
    assert chinese.question == CheckQuestion(
        "进门前先做什么？", ("说明来意", "直接进门", "先拍照片"), 0, "先说清楚，再进门。"
    )
    assert first.texts["bo"].reviewed_by == "བཀྲ་ཤིས།"


def test_folder_and_zip_give_the_same_pack(tmp_path: Path) -> None:
    """It makes no difference how a pack arrives."""
    folder = read_pack(write_folder(tmp_path / "pack", good_pack()))
    archive = tmp_path / "pack.zip"
    archive.write_bytes(zipped(good_pack()))
    assert read_pack(archive) == folder == read(good_pack())


def test_all_problems_come_at_once_in_file_and_line_order() -> None:
    """An author mends everything in one go."""
    files = good_pack()
    swap(ONE, "minutes: 4", "minutes: 40")(files)
    swap(ONE, "**先**", "![x](y.png)")(files)
    swap("002.zh.md", "module: M1", "module: M8")(files)
    swap(SETTINGS, 'after = ["M1"]', 'after = ["M7"]')(files)
    assert problems_of(files) == [
        ("module_unknown", "002.zh.md", 5),
        ("number_too_large", ONE, 6),
        ("picture_in_text", ONE, 25),
        ("after_unknown", SETTINGS, 14),
    ]


def test_a_broken_lesson_does_not_accuse_its_neighbours() -> None:
    """Lessons that build on a broken one are not reported as building on nothing."""
    files = good_pack()
    swap(ONE, "title: 入户之前", "title:")(files)
    assert problems_of(files) == [("value_empty", ONE, 3)]


def test_without_an_order_lessons_stand_by_code() -> None:
    """The order is optional."""
    files = good_pack()
    swap(SETTINGS, 'order = ["001", "002", "003"]\n', "")(files)
    assert [lesson.code for lesson in read(files).lessons] == ["001", "002", "003"]


@pytest.mark.parametrize(
    ("lesson", "translation", "languages"),
    [
        ("reviewed", None, {"zh", "bo"}),
        ("reviewed", "reviewed", {"zh", "bo"}),
        ("published", "draft", {"zh"}),
        ("reviewed", "withdrawn", {"zh"}),
        ("draft", "draft", {"zh", "bo"}),
    ],
)
def test_an_unfinished_translation_is_not_shown(
    lesson: str, translation: str | None, languages: set[str]
) -> None:
    """Once a lesson is further than a draft, its unfinished translations fall back to Chinese."""
    files = good_pack()
    swap(ONE, "status: reviewed", f"status: {lesson}")(files)
    if translation:
        swap(BO, "reviewed_by: བཀྲ་ཤིས།", f"reviewed_by: བཀྲ་ཤིས།\nstatus: {translation}")(files)
    assert set(read(files).lessons[0].texts) == languages


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (ONE, "入户之前", "入户以前"),
        (ONE, "Before a visit", "Before visiting"),
        (ONE, "minutes: 4", "minutes: 5"),
        (ONE, "再征得同意", "再得到同意"),
        (ONE, "职业道德指引", "守则"),
        (ONE, "2027-12-31", "2028-12-31"),
        (ONE, "**先**", "先"),
        (ONE, "拍照片", "拍照"),
        (ONE, "先说清楚，", "说清楚，"),
        (BO, "**སྔོན་ལ་** བཤད", "བཤད"),
    ],
)
def test_the_hash_changes_with_all_that_a_learner_sees(path: str, old: str, new: str) -> None:
    """Each visible fact counts, and only the lesson it stands in."""
    files = good_pack()
    swap(path, old, new)(files)
    before, after = hashes(good_pack()), hashes(files)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, True]


def test_the_right_answer_counts_for_the_hash() -> None:
    """A corrected key is a change of content, because answers are judged by it."""
    files = good_pack()
    swap(ONE, "answer: 1", "answer: 2")(files)
    swap(BO, "answer: 1", "answer: 2")(files)
    assert hashes(files)[0] != hashes(good_pack())[0]


def test_the_hash_is_blind_to_how_files_are_written() -> None:
    """Line ends, a byte order mark, file order, reviewing and publishing change no hash."""
    files = dict(reversed(good_pack().items()))
    swap("002.zh.md", "reviewed_by: 卓玛", "reviewed_by: 扎西")(files)
    swap("002.zh.md", "status: reviewed", "status: published")(files)
    files[ONE] = b"\xef\xbb\xbf" + files[ONE].replace(b"\n", b"\r\n") + b"\r\n\r\n"
    assert hashes(files) == hashes(good_pack())


@pytest.mark.parametrize(
    ("question", "fits"),
    [
        (CheckQuestion("问" * 300, ("选" * 100, "乙"), 0, "释\n\n" + "释" * 197), True),
        (CheckQuestion("问" * 301, ("甲", "乙"), 0, "释"), False),
        (CheckQuestion("问", ("选" * 101, "乙"), 0, "释"), False),
        (CheckQuestion("问", ("甲", "乙"), 0, "释" * 201), False),
        (CheckQuestion("问", ("甲", "乙"), 0, "释\n\n\n释"), False),
    ],
)
def test_a_question_beyond_telegrams_quiz_is_known_as_such(
    question: CheckQuestion, fits: bool
) -> None:
    """Longer questions are allowed in a pack; the bot must know to use buttons for them."""
    assert question.fits_quiz is fits


@pytest.mark.parametrize(
    "body",
    [
        "见[网页](https://a.example/x_(y)) 和 [电话](tel:110)",
        "`![不是图](a.png)` 与 [不是](这里 链接",
        "```\n![不是图](a.png)\n```",
        "\\[不是\\](a.pdf) 也没事",
        "- [x] 做完了\n- [ ] 还没做（备注）",
    ],
)
def test_good_links_and_shown_marks_are_left_alone(body: str) -> None:
    """Only real pictures and links that cannot be opened are refused."""
    files = good_pack()
    swap(ONE, "**先**说明来意。", body)(files)
    assert len(read(files).lessons) == 3


def test_codes_may_be_written_without_quotes() -> None:
    """`code: 001` is the code 001 and not the number one."""
    files = good_pack()
    swap(ONE, 'code: "001"', "code: 001")(files)
    assert read(files).lessons[0].code == "001"


def test_a_missing_pack_is_a_refusal(tmp_path: Path) -> None:
    """A wrong path is answered, not raised as a bug."""
    with pytest.raises(PackRefused) as refused:
        read_pack(tmp_path / "none.zip")
    assert refused.value.problems == (Problem("none.zip", 0, "pack_not_found"),)
