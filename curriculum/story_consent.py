"""An author's hold on her story: taking it out of the library at once, her copy, her erasure."""

from datetime import datetime

from sqlmodel import Session, col

from curriculum.directory import folded
from curriculum.errors import UndoTooLate
from curriculum.people import Speaker
from curriculum.personal_data import Counts, Row, Section
from curriculum.second_thoughts import UNDO
from curriculum.stories import clear, note, to_change
from curriculum.story_texts import WHOLE, WRITTEN, StoryView, seal, texts_of, view
from storage import of_person, story_lessons, story_reviews
from storage import stories as stored
from storage.sealed import NoteKey
from storage.stories import (
    APPROVED,
    DECLINED,
    DRAFT,
    NOMINATED,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    WRITABLE,
    Story,
)

# What `erase` empties, by table.
ERASES = {
    "story": ("sealed", "parts", "search_text"),
    "story_file": ("file_id",),
    "story_tag": ("tag",),
    "story_review": ("sealed",),
    "story_rating": ("sealed",),
}


def withdraw(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> StoryView:
    """Take back consent in one step: nobody but its author sees it from now on.

    It leaves the session's programme and the lessons too. `restore` undoes it for ten minutes.
    """
    states = (SUBMITTED, RETURNED, APPROVED)
    story = to_change(session, speaker, story_id, version=None, states=states)
    seal(story, texts_of(story, note_key), note_key)
    story.state, story.withdrawn_at, story.position = WITHDRAWN, now, None
    story_lessons.rest(session, story_id)
    note(session, story, speaker, "withdraw_story", now)
    return view(session, story, speaker, note_key)


def restore(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> StoryView:
    """Undo a withdrawal of the last ten minutes; raises UndoTooLate."""
    story = to_change(session, speaker, story_id, version=None, states=(WITHDRAWN,))
    if story.withdrawn_at is None or now - story.withdrawn_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    if story.approved_at is not None:
        publish(session, story, note_key)
        story_lessons.teach_again(session, story_id)
    else:
        story.state = SUBMITTED
    story.withdrawn_at = None
    note(session, story, speaker, "undo_withdraw_story", now)
    return view(session, story, speaker, note_key)


def rewrite(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> StoryView:
    """改一改 on one that was taken back: hers to write in again, and to be read again."""
    story = to_change(session, speaker, story_id, version=None, states=(WITHDRAWN,))
    story.state, story.approved_at, story.withdrawn_at = DRAFT, None, None
    note(session, story, speaker, "rewrite_story", now)
    return view(session, story, speaker, note_key)


def publish(session: Session, story: Story, note_key: NoteKey) -> None:
    """Put an approved story's texts where they can be searched."""
    texts = texts_of(story, note_key)
    texts.pop("whole", None)
    story.state, story.parts, story.sealed = APPROVED, texts, None
    story.search_text = folded("\n".join(texts.values()))
    session.add(story)


def personal_data(session: Session, person_id: int, *, note_key: NoteKey) -> tuple[Section, ...]:
    """Her stories, and what she wrote about those of others."""
    stories: list[Row] = [
        {
            "state": story.state,
            "scope": story.scope,
            **dict.fromkeys((*WRITTEN, WHOLE), ""),
            **texts_of(story, note_key),
            "tags": "、".join(stored.tags_of(session, story.id or 0)),
            "files": len(stored.files_of(session, story.id or 0)),
            "written_at": story.created_at,
        }
        for story in stored.ever_of(session, person_id)
    ]
    reviews: list[Row] = [
        {
            "verdict": row.verdict,
            "words": _opened(row.sealed, f"story_review:{row.id}", note_key),
            "reviewed_at": row.reviewed_at,
        }
        for row in story_reviews.reviews_by(session, person_id)
    ]
    ratings: list[Row] = [
        {
            "stars": row.stars,
            "words": _opened(row.sealed, f"story_rating:{row.id}", note_key),
            "rated_at": row.rated_at,
        }
        for row in story_reviews.ratings_by(session, person_id)
    ]
    return (
        Section("stories", tuple(stories)),
        Section("story_reviews", tuple(reviews)),
        Section("story_ratings", tuple(ratings)),
    )


def _opened(sealed: bytes | None, about: str, note_key: NoteKey) -> str:
    return note_key.open(sealed, about=about) if sealed is not None else ""


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget her stories' words and files, and her words about others; gives how many of each.

    What she proposed and its author has not taken up goes too. That a story was handed in or
    shared stays, because figures already reported count it.
    """
    stories = stored.ever_of(session, person_id)
    proposed = of_person.rows(
        session, Story, Story.nominated_by == person_id, Story.state == NOMINATED
    )
    for story in {story.id: story for story in (*stories, *proposed)}.values():
        _empty(session, story, now=now)
    words = story_reviews.blank_words_by(session, person_id)
    session.flush()
    return {"stories": len(stories), "story_words": words}


def drop_drafts(session: Session, *, before: datetime, limit: int) -> int:
    """Forget stories that nobody has written on or handed in again for long; gives how many."""
    states = (*WRITABLE, WITHDRAWN)
    ids = of_person.some(
        session,
        col(Story.id),
        Story.updated_at < before,
        col(Story.state).in_(states),
        limit=limit,
    )
    old = of_person.rows(session, Story, col(Story.id).in_(ids))
    for story in old:
        _empty(session, story, now=story.updated_at)
    session.flush()
    return len(old)


def _empty(session: Session, story: Story, *, now: datetime) -> None:
    story_lessons.rest(session, story.id or 0)
    clear(session, story, DECLINED)
    story.position, story.updated_at = None, now
    story.version += 1
    session.add(story)
