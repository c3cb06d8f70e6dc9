"""Question files: what can be used is read as it was meant, the rest is named by its line."""

import re
import tomllib
from dataclasses import dataclass
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import LOCALES
from curriculum.clean_text import clean
from curriculum.drafted_questions import FileQuestion
from curriculum.question_files import MAX_FILE, lesson_code, read_questions
from tests.curriculum.test_question_changes import MATCHING_PROBLEMS

GOOD = "::001:: 先做什么？ {=说明来意 ~直接进门 #### 先说清楚。}\n"


@dataclass(frozen=True)
class Break:
    """One mistake: the file, and the problem it must give at its line."""

    code: str
    line: int
    text: str


def gift(answers: str, text: str = "问") -> str:
    """A question on line 3, after a good one."""
    return f"{GOOD}\n{text} {{{answers}}}\n"


AIKEN = "先做什么？\nA. 说明来意\nB. 直接进门\nANSWER: A\n\n"
BREAKS = [
    Break("no_questions", 0, ""),
    Break("no_questions", 0, "// 只有说明\n\n$CATEGORY: 一\n"),
    Break("title_open", 3, f"{GOOD}\n::002 问 {{=对 ~错}}"),
    Break("brace_open", 3, f"{GOOD}\n问 {{=对\n~错\n\n"),
    Break("brace_open", 3, f"{GOOD}\n问 {{=对\n\n下一段"[: len(GOOD) + 8]),
    Break("brace_stray", 3, f"{GOOD}\n问 =对 ~错}}"),
    Break("brace_stray", 4, f"{GOOD}\n问 {{=对 ~错}}\n多 }}"),
    Break("brace_inside", 4, f"{GOOD}\n问 {{=对\n~错 {{}}"),
    Break("questions_together", 4, f"{GOOD}\n问 {{=对 ~错}}\n问 {{=对 ~错}}"),
    Break("answer_without_sign", 3, gift("对 =好 ~错")),
    Break("answer_without_sign", 3, gift("只有一句")),
    Break("right_missing", 3, gift("~甲 ~乙")),
    Break("right_twice", 3, gift("=甲 =乙 ~丙")),
    Break("picture_in_question", 3, gift("=甲 ~乙", "[html]看<img src\\=x>")),
    Break("kind_description", 3, f"{GOOD}\n这是一段说明。\n"),
    Break("kind_essay", 3, gift(" ")),
    Break("kind_numerical", 3, gift("#3:0.5")),
    Break("kind_true_false", 3, gift("TRUE")),
    Break("kind_true_false", 3, gift("F#不对")),
    Break("kind_matching", 3, gift("=甲 -> 一 =乙 -> 二")),
    Break("kind_short_answer", 3, gift("=北京 =Beijing")),
    Break("kind_weighted", 3, gift("~%50%甲 ~%50%乙 ~丙")),
    Break("kind_weighted", 3, gift("=%50%甲 ~乙")),
    Break("text_empty", 3, gift("=甲 ~乙", "::003::")),
    Break("text_too_long", 3, gift("=甲 ~乙", "问" * 301)),
    Break("text_too_long", 3, gift("=甲 ~乙", "😀" * 151)),
    Break("options_too_many", 3, gift("=甲" + "".join(f"~{n}" for n in range(10)))),
    Break("option_empty", 3, gift("=甲 ~ ~乙")),
    Break("option_too_long", 5, f"{GOOD}\n问 {{\n=甲\n~{'乙' * 101}}}"),
    Break("options_alike", 3, gift("=ABC ~ａｂ ｃ ~乙")),
    Break("explanation_too_long", 3, gift(f"=甲 ~乙 ####{'因' * 201}")),
    Break("explanation_too_many_lines", 3, gift("=甲 ~乙 ####一\\n二\\n三\\n四")),
    Break("answer_missing", 6, f"{AIKEN}问\nA. 甲\nB. 乙\n"),
    Break("answer_missing", 6, f"{AIKEN}问\nA. 甲\nB. 乙\n\n再问\nA. 甲\nB. 乙\nANSWER: A"),
    Break("answer_alone", 6, f"{AIKEN}ANSWER: A"),
    Break("answer_unclear", 9, f"{AIKEN}问\nA. 甲\nB. 乙\nANSWER: 第二个"),
    Break("answer_unclear", 9, f"{AIKEN}问\nA. 甲\nB. 乙\nANSWER:"),
    Break("answer_not_option", 9, f"{AIKEN}问\nA. 甲\nB. 乙\nANSWER: C"),
    Break("right_twice", 9, f"{AIKEN}问\nA. 甲\nB. 乙\nANSWER: A, B"),
    Break("options_missing", 6, f"{AIKEN}问\nANSWER: A"),
    Break("options_too_few", 6, f"{AIKEN}问\nA. 甲\nANSWER: A"),
    Break("option_before_text", 6, f"{AIKEN}A. 甲\nB. 乙\nANSWER: A"),
    Break("letter_unexpected", 8, f"{AIKEN}问\nA. 甲\nC. 乙\nANSWER: A"),
    Break("line_after_option", 8, f"{AIKEN}问\nA. 甲\n接着写\nB. 乙\nANSWER: A"),
]
NOTES = [
    Break("feedback_left_out", 3, gift("=甲#对 ~乙#不对 ####因为")),
    Break("penalty_left_out", 3, gift("=%100%甲 ~%-33.33333%乙 ~%0%丙")),
    Break("tags_kept", 3, gift("=甲 ~乙", "<b>问</b>")),
]
# What cannot be written as text: bytes in another encoding, or too many of them.
BYTES = [
    ("encoding_unknown", 2, "一\n题".encode() + "题".encode("gb18030")),
    ("encoding_unknown", 0, b"\xff\xfeabc"),
    ("file_too_large", 0, b"x" * (MAX_FILE + 1)),
]


def read_one(text: str) -> FileQuestion:
    reading = read_questions(text.encode(), "q.gift")
    assert not reading.problems
    (question,) = reading.questions
    return question


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: f"{broken.code}-{broken.line}")
def test_each_mistake_is_named_with_its_line_and_spares_its_neighbours(broken: Break) -> None:
    """One mistake gives one problem at its line; the sound questions of the file are still read."""
    reading = read_questions(broken.text.encode(), "q.txt")
    assert [(problem.code, problem.line) for problem in reading.problems] == [
        (broken.code, broken.line)
    ]
    sound = broken.text.startswith((GOOD, AIKEN))
    assert bool(reading.questions) == sound


@pytest.mark.parametrize("noted", NOTES, ids=lambda noted: noted.code)
def test_what_is_left_out_is_noted_and_does_not_stop(noted: Break) -> None:
    """Nothing is dropped without a word."""
    reading = read_questions(noted.text.encode(), "q.txt")
    assert not reading.problems
    assert [(note.code, note.line) for note in reading.notes] == [(noted.code, noted.line)]
    assert len(reading.questions) == 2


@pytest.mark.parametrize(("code", "line", "data"), BYTES)
def test_a_file_that_cannot_be_read_says_where(code: str, line: int, data: bytes) -> None:
    """An encoding nobody can guess, a file far too large: one problem, no question."""
    reading = read_questions(data, "q.txt")
    assert [(problem.code, problem.line) for problem in reading.problems] == [(code, line)]
    assert not reading.questions


def test_several_mistakes_come_at_once_in_the_order_of_lines() -> None:
    """An author mends everything in one go."""
    text = gift("=甲 =乙 ~丙") + "\n问 {T}\n\n说明\n"
    reading = read_questions(text.encode(), "q.txt")
    assert [(p.code, p.line) for p in reading.problems] == [
        ("right_twice", 3),
        ("kind_true_false", 5),
        ("kind_description", 7),
    ]


def test_gift_is_read_as_moodle_means_it() -> None:
    """Title, comment, category, escapes, feedback as explanation, right answer anywhere."""
    question = read_one(
        "$CATEGORY: $course$/入户\n\n// 第一题\n::012 门口:: 门口，您\\:先说？ {\n"
        "~直接进门\n// 这一个对\n=说明\\=来意\\{一\\}#先说清楚。\n~拍照 }\n"
    )
    assert question == FileQuestion(
        4, "012", "门口，您:先说？", ("直接进门", "说明=来意{一}", "拍照"), 1, "先说清楚。"
    )


def test_moodles_own_export_with_html_becomes_words() -> None:
    """Tags go, paragraphs become lines, entities become signs."""
    question = read_one(
        "::013::[html]<p>先 &lt;问&gt;</p><p>再<b>答</b><br>好吗</p>{\n"
        "\t=[html]<p>对</p>#<p>因为</p>\n\t~<p>错</p>\n}"
    )
    assert (question.text, question.options, question.explanation) == (
        "先 <问>\n再答\n好吗",
        ("对", "错"),
        "因为",
    )


def test_a_gap_in_a_sentence_is_shown_as_a_gap() -> None:
    """Moodle's missing word is a single choice like any other."""
    assert read_one("进门前先 {=敲门 ~拍照}，再说话。").text == "进门前先 ____，再说话。"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_from_any_editor_are_read(ending: str, encoding: str) -> None:
    """Line ends and marks at the beginning make no difference."""
    for text in (GOOD, AIKEN):
        reading = read_questions(text.replace("\n", ending).encode(encoding), "q.txt")
        assert not reading.problems
        assert reading.questions[0].options == ("说明来意", "直接进门")


def test_aiken_takes_chinese_signs_a_code_and_several_lines() -> None:
    """A code alone on the first line, or ::012::, and signs as a Chinese keyboard types them."""
    text = "012\n下雨了。\n您怎么走？\nA、等一等\nB）走\n答案：b\n\n"
    text += "::013:: 问\nA. 甲\nB. 乙\nANSWER: B."
    reading = read_questions(text.encode(), "q.txt")
    assert not reading.problems
    assert reading.questions == [
        FileQuestion(1, "012", "下雨了。\n您怎么走？", ("等一等", "走"), 1, None),
        FileQuestion(8, "013", "问", ("甲", "乙"), 1, None),
    ]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("012", "012"),
        ("012 门口", "012"),
        ("M1-03：门口", "M1-03"),
        ("Visiting a home", None),
        ("", None),
        (None, None),
    ],
)
def test_a_title_begins_with_the_lessons_code_or_has_none(
    title: str | None, code: str | None
) -> None:
    """Words alone are no code."""
    assert lesson_code(title) == code


def escaped(text: str) -> str:
    """As an author, or Moodle, would write it in a GIFT file."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")


def is_plain(text: str) -> bool:
    """No web tags, which are noted, and no format mark, which is taken off."""
    return not re.search(r"</?\w|\[\w+\]", text)


signs = st.one_of(st.sampled_from("\\~=#{}:%[]->/甲乙n$"), st.characters(codec="utf-8"))
lines = st.text(signs, min_size=1, max_size=40).map(lambda text: " ".join(clean(text).split()))
words = lines.filter(lambda text: bool(text) and is_plain(text))
options = words.filter(lambda text: not re.match(r"%-?\d", text))


@given(
    text=st.lists(words, min_size=1, max_size=3).map("\n".join),
    choices=st.lists(options, min_size=2, max_size=5, unique_by=lambda option: option.casefold()),
    answer=st.integers(0, 4),
    explanation=words,
)
def test_whatever_is_written_with_its_signs_escaped_comes_back(
    text: str, choices: list[str], answer: int, explanation: str
) -> None:
    """Escaping and reading are each other's inverse, whatever signs are in the words."""
    right = answer % len(choices)
    inside = "".join(
        f"{'=' if number == right else '~'}{escaped(option)}\n"
        for number, option in enumerate(choices)
    )
    file = f"::001::{escaped(text)} {{\n{inside}####{escaped(explanation)}}}"
    reading = read_questions(file.encode(), "q.gift")
    if {problem.code for problem in reading.problems} == {"options_alike"}:
        return  # alike to a reader, though not to Python
    assert not reading.problems
    (question,) = reading.questions
    assert question.text == text
    assert question.options == tuple(choices)
    assert (question.answer, question.explanation) == (right, explanation)


@given(text=st.text(st.sampled_from("::{}=~#\\\n /AB.)ANSWER:甲1%[html]<p>"), max_size=80))
def test_no_file_breaks_the_reader(text: str) -> None:
    """Any jumble gives questions or problems, each on a line of the file."""
    reading = read_questions(text.encode(), "q.txt")
    assert reading.questions or reading.problems
    last = text.count("\n") + 1
    assert all(0 <= problem.line <= last for problem in reading.problems)


def test_a_file_as_large_as_may_be_is_read_in_a_moment() -> None:
    """Fifty thousand options in one question: one problem, not one per option."""
    text = "问 {=甲" + "\n~乙" * 50_000 + "}"
    reading = read_questions(text.encode(), "q.gift")
    assert [problem.code for problem in reading.problems] == ["options_too_many"]


def wording(language: str) -> dict[str, str]:
    path = LOCALES / language / "question_problems.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_every_problem_has_words_in_both_languages_that_fit_its_facts() -> None:
    """No problem without words, no words without a problem, no placeholder left empty."""
    found = list(MATCHING_PROBLEMS)
    for text in [broken.text.encode() for broken in (*BREAKS, *NOTES)] + [b[2] for b in BYTES]:
        reading = read_questions(text, "q.txt")
        found += reading.problems + reading.notes
    zh, en = wording("zh"), wording("en")
    assert {problem.code for problem in found} == set(zh) == set(en)
    for problem in found:
        for sentences in (zh, en):
            sentence = sentences[problem.code]
            asked = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
            assert asked == set(problem.facts), problem.code
            assert sentence.format(**problem.facts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_words_are_plain(language: str) -> None:
    """A whole sentence without exclamation marks, or the words authors must never see."""
    for code, sentence in wording(language).items():
        assert re.search(r"[。.？?]$", sentence), code
        assert not re.search(r"[!！]|错误|警告|失败|亲，", sentence), code


def test_the_examples_an_author_copies_can_be_read() -> None:
    """The GIFT and the Aiken block of docs/writing_a_lesson.md, as they stand there."""
    page = (LOCALES.parents[1] / "docs" / "writing_a_lesson.md").read_text(encoding="utf-8")
    fenced = [block for block in page.split("```")[1::2] if block.startswith("\n")]
    blocks = [block for block in fenced if "爷爷" in block]
    assert len(blocks) == 2
    for block in blocks:
        reading = read_questions(block.encode(), "q.txt")
        assert not reading.problems + reading.notes
        assert [(question.code, question.answer) for question in reading.questions] == [("001", 1)]
