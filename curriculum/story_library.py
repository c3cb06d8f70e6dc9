"""The library of stories: read within each one's consent, searched, rated, offered to who asks."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.directory import folded, page_of, wanted
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.stories import note
from curriculum.story_errors import StoryTextNotUsable
from curriculum.story_texts import StoryView, view
from storage import stories as stored
from storage import story_library as shelves
from storage import story_people, story_reviews
from storage.people import Unit
from storage.questions import Question
from storage.sealed import NoteKey
from storage.story_library import Reader
from storage.story_reviews import StoryRating

PAGE = 6
STARS = 5
WORDS_LIMIT = 200
# What is compared with a question, the newest; more than a county writes in years.
COMPARED = 500
OFFERED = 3
# From this share of a question's rare character pairs on, a story may have to do with it.
LIKE_FROM = 0.25
# Names of other people's ratings would show through an average of fewer.
RATINGS_SHOWN_FROM = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A story in a list."""

    story_id: int
    title: str
    author: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of stories, counted from 0; `words` is what was searched for, "" for all."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    count: int
    words: str
    is_writing: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """What readers gave a story; `mean` is None below three, `words` are the author's alone."""

    count: int
    mean: float | None
    words: tuple[str, ...]


def reader_of(session: Session, speaker: Speaker) -> Reader:
    """Who is looking, as the library's condition needs it."""
    unit = session.get(Unit, speaker.unit_id) if speaker.unit_id else None
    return Reader(
        person_id=speaker.person_id,
        bot=speaker.bot,
        unit_path=unit.path if unit else "",
        cohort_ids=story_people.cohort_ids_of(session, speaker.person_id, bot=speaker.bot),
        reach=speaker.reach("review_stories"),
    )


def shelf(session: Session, speaker: Speaker, *, words: str = "", page: int = 0) -> Shelf:
    """A page of what she may read, newest first, every word of the search in it."""
    speaker.require("share_story")
    reader, words = reader_of(session, speaker), clean(words).strip()[:60]
    looked_for = wanted(words)
    rows, count = shelves.library(
        session, reader, words=looked_for, limit=PAGE, offset=max(0, page) * PAGE
    )
    page, pages = page_of(count, page)
    if not rows and count:
        rows, _ = shelves.library(session, reader, words=looked_for, limit=PAGE, offset=page * PAGE)
    writing = stored.of_author(session, speaker.person_id, bot=speaker.bot, states=stored.WRITABLE)
    return Shelf(
        lines=tuple(
            Line(story.id or 0, (story.parts or {}).get("title", ""), name) for story, name in rows
        ),
        page=page,
        pages=pages,
        count=count,
        words=words,
        is_writing=bool(writing),
    )


def one(session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey) -> StoryView:
    """A story of the library; NotThere where it is not, or not within its consent."""
    story = shelves.one_readable(session, reader_of(session, speaker), story_id)
    if story is None:
        raise NotThere
    return view(session, story, speaker, note_key)


def usable_words(written: str) -> str:
    """What a reader tells the author; raises StoryTextNotUsable."""
    text = clean(written).strip()
    if not 1 <= len(text) <= WORDS_LIMIT:
        raise StoryTextNotUsable(limit=WORDS_LIMIT, length=len(text))
    return text


def rate(
    session: Session,
    speaker: Speaker,
    story_id: int,
    *,
    stars: int,
    words: str,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Give a story one to five, and words that its author alone reads; the last ones stand."""
    story = shelves.one_readable(session, reader_of(session, speaker), story_id)
    if story is None or story.author_id == speaker.person_id or not 1 <= stars <= STARS:
        raise NotThere
    row = story_reviews.rating_by(session, story_id, speaker.person_id) or StoryRating(
        story_id=story_id, rater_id=speaker.person_id, stars=stars, rated_at=now
    )
    row.stars, row.rated_at = stars, now
    session.add(row)
    session.flush()
    row.sealed = (
        note_key.seal(usable_words(words), about=f"story_rating:{row.id}") if words else None
    )
    session.add(row)
    note(session, story, speaker, "rate_story", now)


def rated(session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey) -> Rated:
    """What readers gave a story of hers, without who; raises NotThere for anybody else's."""
    story = session.get(stored.Story, story_id)
    if story is None or story.author_id != speaker.person_id:
        raise NotThere
    rows = story_reviews.ratings_of(session, story_id)
    mean = sum(row.stars for row in rows) / len(rows) if len(rows) >= RATINGS_SHOWN_FROM else None
    words = tuple(
        note_key.open(row.sealed, about=f"story_rating:{row.id}") for row in rows if row.sealed
    )
    return Rated(len(rows), mean, words)


def like(session: Session, text: str, speaker: Speaker) -> list[Line]:
    """The stories within her consent that may have to do with what she asks, nearest first.

    Pairs of characters, the rarer the heavier: the library is small, and the asker waits.
    """
    if not speaker.may("share_story"):
        return []
    known = shelves.texts(session, reader_of(session, speaker), limit=COMPARED)
    pairs = {story_id: _pairs(words) for story_id, _, _, words in known}
    common = Counter(pair for found in pairs.values() for pair in found)
    asked = {pair: math.log(1 + len(known) / (1 + common[pair])) for pair in _pairs(folded(text))}
    whole = sum(asked.values())
    if not whole:
        return []
    near = sorted(
        (
            (-sum(asked[pair] for pair in asked.keys() & pairs[story_id]) / whole, story_id)
            for story_id, *_ in known
        ),
    )
    by_id = {story_id: Line(story_id, title, author) for story_id, title, author, _ in known}
    return [by_id[story_id] for points, story_id in near if -points >= LIKE_FROM][:OFFERED]


def like_question(session: Session, question_id: int, speaker: Speaker) -> list[Line]:
    """`like` for a question of hers; nothing for anybody else's."""
    question = session.get(Question, question_id)
    if question is None or question.asker_id != speaker.person_id:
        return []
    return like(session, question.text, speaker)


def _pairs(text: str) -> set[str]:
    """Two characters in a row, within what punctuation and blanks set apart."""
    kept = "".join(char if char.isalnum() else " " for char in text)
    return {word[i : i + 2] for word in kept.split() for i in range(len(word) - 1)}
