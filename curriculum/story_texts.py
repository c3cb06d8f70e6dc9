"""What a story says and how it is shown: its parts, their limits, sealed and opened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.people import Speaker
from curriculum.story_errors import StoryTextNotUsable, StoryTitleNotUsable
from storage import stories as stored
from storage import story_calls, story_lessons, story_reviews
from storage.people import Person, Unit
from storage.sealed import NoteKey
from storage.stories import Story

TITLE, WHOLE = "title", "whole"
# 背景, 做法, 成效, 反思, 可推广点.
PARTS = ("background", "practice", "result", "reflection", "transfer")
WRITTEN = (TITLE, *PARTS)
# A title of signs alone would name nothing.
LETTERS_IN_TITLE = 2
LIMITS = {TITLE: 20, WHOLE: 3000} | dict.fromkeys(PARTS, 600)
COHORT, COUNTY, REGION, BRIEFING = "cohort", "county", "region", "briefing"
SCOPES = (COHORT, COUNTY, REGION, BRIEFING)
PICTURE, DOCUMENT, VOICE = "picture", "document", "voice"


@dataclass(frozen=True, slots=True)
class FileLine:
    """What lies beside a story; `size` is bytes."""

    file_id: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as its author or a reviewer sees it; `missing` names what is still to be written.

    `comments` are what reviewers wrote of the round before; `closes_on` the call's last day.
    """

    story_id: int
    version: int
    state: str
    author: str
    unit: str
    texts: Mapping[str, str]
    files: tuple[FileLine, ...]
    scope: str
    may_become_lesson: bool
    is_mine: bool
    is_sorted: bool
    closes_on: date | None
    comments: tuple[str, ...]
    missing: tuple[str, ...]
    tags: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None
    # Its author alone sees whether she is asked to let it become a lesson.
    is_asked_for_lesson: bool = False

    @property
    def title(self) -> str:
        """What it is called, "" before it has a name."""
        return self.texts.get(TITLE, "")

    @property
    def can_be_handed_in(self) -> bool:
        """Whether a reviewer can do something with it."""
        has_voice = any(file.kind == VOICE for file in self.files)
        return not self.missing or bool(self.texts.get(WHOLE)) or has_voice


def reach_of(scope: str) -> str:
    """The scope by how far colleagues read it: a briefing tells leaders besides."""
    return REGION if scope == BRIEFING else scope


def usable(part: str, written: str) -> str:
    """A part as it is kept, within its limit; raises StoryTextNotUsable, StoryTitleNotUsable."""
    text = clean(written).strip()
    if part == TITLE:
        text = " ".join(text.split())
    # As Telegram counts, so that a page never grows beyond what one message holds.
    length = len(text.encode("utf-16-le")) // 2
    if not 1 <= length <= LIMITS[part]:
        raise StoryTextNotUsable(limit=LIMITS[part], length=length)
    if part == TITLE and sum(sign.isalnum() for sign in text) < LETTERS_IN_TITLE:
        raise StoryTitleNotUsable
    return text


def texts_of(story: Story, note_key: NoteKey) -> dict[str, str]:
    """A story's texts, opened where they are sealed."""
    if story.parts is not None:
        return dict(story.parts)
    if story.sealed is None:
        return {}
    opened: dict[str, str] = json.loads(note_key.open(story.sealed, about=f"story:{story.id}"))
    return opened


def seal(story: Story, texts: Mapping[str, str], note_key: NoteKey) -> None:
    """Keep a story's texts so that nobody reads them in the database."""
    written = json.dumps(dict(texts), ensure_ascii=False)
    story.sealed = note_key.seal(written, about=f"story:{story.id}")
    story.parts, story.search_text = None, ""


def view(session: Session, story: Story, speaker: Speaker, note_key: NoteKey) -> StoryView:
    """A story as plain values."""
    texts, story_id = texts_of(story, note_key), story.id or 0
    call = story_calls.call_of(session, story.call_id)
    unit = session.get(Unit, story.unit_id) if story.unit_id else None
    reviews = story_reviews.reviews_of(session, story_id, of_round=story.round)
    return StoryView(
        story_id=story_id,
        version=story.version,
        state=story.state,
        author=session.get_one(Person, story.author_id).name,
        unit=unit.name_zh if unit else "",
        texts=texts,
        files=tuple(
            FileLine(file.file_id, file.kind, file.size)
            for file in stored.files_of(session, story_id)
        ),
        scope=story.scope,
        may_become_lesson=story.may_become_lesson,
        is_mine=story.author_id == speaker.person_id,
        is_sorted=story.is_sorted,
        closes_on=call.closes_on if call and call.state == story_calls.OPEN else None,
        comments=tuple(
            note_key.open(row.sealed, about=f"story_review:{row.id}")
            for row in reviews
            if row.sealed is not None
        ),
        missing=missing_in(texts),
        tags=tuple(stored.tags_of(session, story_id)),
        withdrawn_at=story.withdrawn_at,
        is_asked_for_lesson=_is_asked(session, story, speaker),
    )


def _is_asked(session: Session, story: Story, speaker: Speaker) -> bool:
    if story.author_id != speaker.person_id or story.state != stored.APPROVED:
        return False
    row = story_lessons.of_story(session, story.id or 0)
    return row is not None and row.state == story_lessons.ASKED


def missing_in(texts: Mapping[str, str]) -> tuple[str, ...]:
    """The title and parts that have no words yet, in the order they are asked for."""
    return tuple(part for part in WRITTEN if not texts.get(part))
