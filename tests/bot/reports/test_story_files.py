"""Stories as files: the digest reads the same in both, and what people wrote is no markup."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.render import Renderer
from bot.reports.docx_text import read
from bot.reports.story_files import digest_docx, digest_markdown, lesson_draft, lesson_file_name
from bot.wordings import WORDINGS
from curriculum.front_matter import split_front_matter
from curriculum.lesson_pack import read_pack
from curriculum.lesson_problems import Problem
from curriculum.share_digest import Digest, Shared
from curriculum.story_texts import PARTS, StoryView

AT = datetime(2026, 12, 25, 7, 0, tzinfo=UTC)
TEXTS = {part: f"{part}里写了*星号*和_下划线_" for part in PARTS}
DIGEST = Digest(
    cohort="一期",
    starts_at=AT,
    minutes=120,
    present=9,
    told=3,
    stories=(Shared(1, "先听后说", "卓玛", "八一镇社工站", TEXTS, ("探访",)),),
)

STORY = StoryView(
    story_id=7,
    version=1,
    state="approved",
    author="卓玛",
    unit="八一镇社工站",
    texts=TEXTS | {"title": "先听: 后说", "transfer": "先找同村的人。再去。"},
    files=(),
    scope="county",
    may_become_lesson=True,
    is_mine=False,
    is_sorted=False,
    closes_on=None,
    comments=(),
    missing=(),
)


def _renderer() -> Renderer:
    return Renderer(zone="Asia/Shanghai", wordings=WORDINGS)


def test_the_word_file_holds_every_part_of_every_story() -> None:
    """Read back: the session's date and numbers, then each story under its own heading."""
    *_, lead, story = read(digest_docx(DIGEST, _renderer(), "zh"))
    assert lead.heading == "12月25日(周五)15:00"
    assert "9人参加，分享1篇" in lead.text
    assert story.heading == "1. 先听后说"
    assert all(text in story.text for text in TEXTS.values())
    assert "可推广点：" in story.text
    assert "#探访" in story.text


def test_the_markdown_says_the_same_and_escapes_what_people_wrote() -> None:
    """A star in a story stays a star; the same digest gives the same bytes."""
    text = digest_markdown(DIGEST, _renderer(), "zh").decode()
    assert text.startswith("# 分享会摘要\n\n## 12月25日(周五)15:00\n\n")
    assert r"做法：practice里写了\*星号\*和\_下划线\_" in text
    assert text.encode() == digest_markdown(DIGEST, _renderer(), "zh")


def test_a_story_becomes_a_lessons_draft_with_its_head() -> None:
    """Unreviewed, its source named, its key point the first sentence others can use."""
    story = STORY
    written = lesson_draft(story, "7-1a2b3c4d").decode()
    problems: list[Problem] = []
    front = split_front_matter("L007.zh.md", written, problems)
    assert problems == []
    assert front is not None
    head = front.values
    assert (head["title"], head["status"], head["story"]) == ("先听: 后说", "draft", "7-1a2b3c4d")
    assert head["basis"] == ["本地经验：卓玛，八一镇社工站，属经验，待持证社工核对"]
    assert head["key_point"] == "先找同村的人。"
    assert "**先找同村的人。**" in front.body


def test_the_draft_passes_the_check_as_it_is(tmp_path: Path) -> None:
    """Whatever stands in a story, its file is a lesson of a pack, a draft still."""
    texts = TEXTS | {"title": "先听: 后说", "transfer": "先找同村的人。再去。"}
    story = replace(STORY, texts=texts)
    (tmp_path / lesson_file_name(story)).write_bytes(lesson_draft(story, "7-1a2b3c4d"))
    head = 'code = "p"\ntitle = "课"\nversion = "1"\n[[modules]]\ncode = "LOCAL"\ntitle = "本地"\n'
    (tmp_path / "pack.toml").write_text(head, encoding="utf-8")
    (lesson,) = read_pack(tmp_path).lessons
    assert (lesson.code, lesson.story, lesson.status) == ("L007", "7-1a2b3c4d", "draft")
