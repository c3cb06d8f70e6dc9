"""A topic's page as people read it: Markdown, parts, a picture, and the draft of a lesson."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.render import LANGUAGES, Renderer
from bot.reports import topics_picture
from bot.topic_lesson import lesson_file
from bot.topic_pages import whole
from bot.wordings import WORDINGS
from curriculum.lesson_pack import read_pack
from curriculum.topic_page import LessonLine, ThemePage, TopicPage
from curriculum.topic_quarter import Asked, Quarter

THEME = ThemePage(
    theme_id=7,
    number=1,
    title="低保、收入",
    is_hidden=False,
    askers=12,
    voters=3,
    units=2,
    questions=("挖虫草的钱*算不算*收入 [看这里](https://example.org)", "# 材料交到哪里"),
    others=4,
    count=20,
    lessons=(LessonLine(41, "41", "谁能申请低保", "先听难处，再对是哪一类。"),),
    gaps=("低保一个月多少钱",),
    case="一位老人说，儿子挣的钱不给他。",
    goes_with=None,
    answer="按家庭人均算。挖虫草的收入要算进去，请先问清一季挣多少。",
)
PAGE = TopicPage(
    topic_id=1,
    version=2,
    state="held",
    month=date(2026, 11, 1),
    cohort_id=1,
    cohort="一期",
    starts_at=datetime(2026, 11, 26, 7, tzinfo=UTC),
    minutes=90,
    due_on=date(2026, 11, 23),
    trainer="德吉",
    questions=20,
    askers=30,
    units=2,
    themes=(THEME,),
    texts={"7.points": "先说*自己*\n- 再说别人"},
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Words for tests."""
    return Renderer(zone="Asia/Shanghai", wordings=WORDINGS, bot_username="wuxue_bot")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_stands_in_the_page_and_nothing_written_is_markup(
    renderer: Renderer, language: str
) -> None:
    """Questions, lessons with links, gaps, case, answer; stars and links of askers are words."""
    page = whole(renderer, language, PAGE)
    for words in ("低保一个月多少钱", "儿子挣的钱", "按家庭人均算", "先听难处"):
        assert words in page
    assert "https://t.me/wuxue_bot?start=lesson-41" in page
    assert r"\*算不算\*" in page
    assert r"\[看这里\]" in page
    assert r"\# 材料" in page
    assert "先说\\*自己\\*\n\\- 再说别人" in page
    assert page.count("## ") >= 7


@pytest.mark.parametrize(("language", "words"), [("zh", "几位也想知道"), ("en", "a few more")])
def test_a_count_below_five_is_not_said(renderer: Renderer, language: str, words: str) -> None:
    """Three wished to know too, from two stations: both only some."""
    page = whole(renderer, language, PAGE)
    assert words in page
    assert "几个站点" in page or "a few stations" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tibetan_theme_claims_no_lesson_and_no_gap(renderer: Renderer, language: str) -> None:
    """Nothing is said of lessons that nobody could compare with it."""
    tibetan = replace(THEME, language="bo", lessons=(), gaps=())
    page = whole(renderer, language, replace(PAGE, themes=(tibetan,)))
    assert "请讲师看看哪一课合适" in page or "please see which one fits" in page
    assert "还没有讲过" not in page
    assert "No lesson has spoken" not in page


def test_the_picture_says_no_count_below_five(renderer: Renderer) -> None:
    """Neither by a number nor by the length of its bar."""
    months = (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1))
    quarter = Quarter(months, (Asked("低保", (12, 1, 4)), Asked("入户", (0, 3, 2))), ())
    facts = topics_picture.facts(renderer, "zh", quarter)
    cells = [cell for row in facts["subjects"] for cell in row["cells"]]  # type: ignore[attr-defined]
    assert [cell["words"] for cell in cells] == ["12", "几", "几", "", "几", "几"]
    assert len({cell["share"] for cell in cells if cell["words"] == "几"}) == 1


def test_an_answer_becomes_a_lesson_that_a_pack_takes(tmp_path: Path) -> None:
    """A draft whose check question has the answer in it and places to be completed."""
    (tmp_path / "pack.toml").write_text(
        'code = "local"\ntitle = "本地"\nversion = "1"\n'
        '[[modules]]\ncode = "LOCAL"\ntitle = "一"\n',
        encoding="utf-8",
    )
    (tmp_path / "T007.zh.md").write_text(lesson_file(PAGE, THEME), encoding="utf-8")
    (lesson,) = read_pack(tmp_path).lessons
    question = lesson.texts["zh"].question
    assert lesson.status == "draft"
    assert question.options[question.answer] == "按家庭人均算。"
    assert "请先问清一季挣多少" in lesson.texts["zh"].body.text
