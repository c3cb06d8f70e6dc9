"""A lesson as a picture: phone-wide, small, in both scripts, and never taken for markup."""

import io
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.reports.lesson_picture import (
    MOST_BYTES,
    WIDTH,
    PictureText,
    PictureTooLarge,
    lesson_picture,
    of_lesson,
    pieces,
)
from curriculum.lesson_files import BODY_LIMITS, visible_length
from curriculum.lesson_pack import CheckQuestion, Lesson
from curriculum.rich_text import from_markdown, plain
from tests.county import read_once
from tests.proving import IS_LONG

STARTER = Path(__file__).parents[3] / "curriculum" / "packs" / "starter_zh"
LESSONS = {lesson.code: lesson for lesson in read_once(STARTER).lessons}
# Every sixth every day, all in the long form.
SOME = list(LESSONS)[:: 1 if IS_LONG else 6]
IN_BOTH = [code for code in LESSONS if "bo" in LESSONS[code].texts][:: 1 if IS_LONG else 3]


def drawn(lesson: Lesson, *languages: str) -> tuple[Image.Image, int]:
    """The picture and its size in bytes."""
    data = lesson_picture(of_lesson(lesson.texts, languages), heading=lesson.code)
    return Image.open(io.BytesIO(data)), len(data)


@pytest.mark.parametrize("code", SOME)
def test_every_lesson_fits_a_phone_and_a_thin_network(code: str) -> None:
    """720 dots wide and under 150 KB, in each of its languages."""
    for language in LESSONS[code].texts:
        picture, size = drawn(LESSONS[code], language)
        assert picture.width == WIDTH
        assert size <= MOST_BYTES


@pytest.mark.parametrize("code", IN_BOTH)
def test_tibetan_and_chinese_fit_one_picture_below_one_another(code: str) -> None:
    """Who reads both gets one picture, as tall as the two together."""
    both, size = drawn(LESSONS[code], "bo", "zh")
    heights = sum(drawn(LESSONS[code], language)[0].height for language in ("bo", "zh"))
    assert both.width == WIDTH
    assert size <= MOST_BYTES
    assert abs(both.height - heights) < heights / 10


def test_ink_stays_dark_when_colours_are_saved() -> None:
    """Fewer colours must not turn words to grey: the darkest dot is the layout's ink."""
    for languages in (("zh",), ("bo", "zh")):
        picture, _ = drawn(LESSONS["001"], *languages)
        darkest = min(sum(colour) for _, colour in picture.convert("RGB").getcolors() or [])
        assert darkest == 34 + 48 + 42


def test_a_body_becomes_paragraphs_quotes_and_preformatted_text() -> None:
    """Each kind is a piece of its own; styles stay with their words, list items hang."""
    body = from_markdown(
        "先**说**明。\n\n- 一\n- 二\n\n> 引[话](https://a.cn)\n\n```\na  b\n\nc\n```"
    )
    text, points, quote, table = pieces(body)
    assert (text["kind"], points["kind"], quote["kind"], table["kind"]) == (
        "text",
        "text",
        "quote",
        "pre",
    )
    assert [(run["text"], run["styles"]) for run in text["lines"][0]["runs"]] == [
        ("先", []),
        ("说", ["bold"]),
        ("明。", []),
    ]
    assert [line["indent"] > 0 for line in points["lines"]] == [True, True]
    assert "text_link" in quote["lines"][0]["runs"][1]["styles"]
    assert ["".join(run["text"] for run in line["runs"]) for line in table["lines"]] == [
        "a  b",
        "",
        "c",
    ]


@given(markdown=st.text(max_size=200))
def test_no_word_of_a_body_is_lost_on_the_way_to_the_picture(markdown: str) -> None:
    """Whatever an author writes: the pieces together are the body without its blank lines."""
    body = from_markdown(markdown)
    lines = [
        "".join(run["text"] for run in line["runs"])
        for piece in pieces(body)
        for line in piece["lines"]
    ]
    kept = [line for line in body.text.split("\n") if line.strip()]
    assert [line for line in lines if line.strip()] == kept


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=st.text(min_size=1, max_size=80))
def test_what_looks_like_markup_is_drawn_as_written(text: str) -> None:
    """Typesetting signs, quotes, backslashes: nothing an author writes can break the picture."""
    question = CheckQuestion(text, (text, "#panic()"), 0, "")
    said = [PictureText("zh", f"#{text}", plain(f"$ {text} *b* <a> @r"), question)]
    assert lesson_picture(said, heading=text).startswith(b"\x89PNG")


def test_a_question_is_left_out_for_a_group() -> None:
    """Without a question the picture is shorter, and everything else stays."""
    lesson = LESSONS["002"].texts["zh"]
    with_it, without = (
        Image.open(
            io.BytesIO(
                lesson_picture(
                    [PictureText("zh", lesson.title, lesson.body, question)], heading="002"
                )
            )
        )
        for question in (lesson.question, None)
    )
    assert without.height < with_it.height - 100
    top = (0, 0, WIDTH, without.height - 60)
    assert with_it.crop(top).convert("RGB").tobytes() == without.crop(top).convert("RGB").tobytes()


def longest(language: str) -> PictureText:
    """A lesson as long as a pack may hold it in this language, with a question of usual length."""
    text = LESSONS["001"].texts[language]
    body = text.body.text
    while visible_length(body) < BODY_LIMITS[language]:
        body += f"\n\n{text.body.text}"
    counts = accumulate(visible_length(character) for character in body)
    fitting = sum(count <= BODY_LIMITS[language] for count in counts)
    return PictureText(language, text.title, plain(body[:fitting]), text.question)


@pytest.mark.parametrize("languages", [("zh",), ("bo",), ("bo", "zh")])
def test_the_longest_lesson_a_pack_may_hold_still_fits(languages: tuple[str, ...]) -> None:
    """600 Chinese and 2,400 Tibetan characters, alone and together."""
    data = lesson_picture([longest(language) for language in languages], heading="001")
    assert len(data) <= MOST_BYTES


def test_a_text_far_too_long_for_one_picture_is_refused_and_not_cut() -> None:
    """Nothing is silently left out."""
    body = plain("社会工作者职业道德指引，" * 700)
    with pytest.raises(PictureTooLarge):
        lesson_picture([PictureText("zh", "长", body)], heading="")
