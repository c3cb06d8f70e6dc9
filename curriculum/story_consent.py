"""An author's hold on her story: taking it out of the library at once, her copy, her erasure."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.directory import folded
from curriculum.errors import UndoTooLate
from curriculum.people import Speaker
from curriculum.stories import clear, note, to_change
from curriculum.story_texts import StoryView, seal, texts_of, view
from storage import stories as stored
from storage.people import Person
from storage.sealed import NoteKey
from storage.stories import APPROVED, DECLINED, DRAFT, RETURNED, SUBMITTED, WITHDRAWN, Story

UNDO = timedelta(minutes=10)


def withdraw(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> StoryView:
    """Take back consent in one step: nobody but its author sees it from now on.

    It leaves the session's programme too. `restore` undoes it for ten minutes.
    """
    states = (SUBMITTED, RETURNED, APPROVED)
    story = to_change(session, speaker, story_id, version=None, states=states)
    seal(story, texts_of(story, note_key), note_key)
    story.state, story.withdrawn_at, story.position = WITHDRAWN, now, None
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


def personal_data(session: Session, person: Person, *, note_key: NoteKey) -> dict[str, Any]:
    """What is kept of her here: her stories, and what she wrote about those of others."""
    person_id = person.id or 0
    return {
        "stories": [
            {
                "state": story.state,
                "scope": story.scope,
                "texts": texts_of(story, note_key),
                "files": len(stored.files_of(session, story.id or 0)),
                "written_at": story.created_at.isoformat(),
            }
            for story in stored.ever_of(session, person_id)
        ],
        "reviews": [
            note_key.open(row.sealed, about=f"story_review:{row.id}")
            for row in stored.reviews_by(session, person_id)
            if row.sealed is not None
        ],
        "ratings": [
            {
                "stars": row.stars,
                "words": note_key.open(row.sealed, about=f"story_rating:{row.id}")
                if row.sealed is not None
                else "",
            }
            for row in stored.ratings_by(session, person_id)
        ],
    }


def erase(session: Session, person: Person, *, now: datetime) -> dict[str, int]:
    """Forget her stories' words and files, and her words about others; gives how many of each.

    That a story was handed in or shared stays, because figures already reported count it.
    """
    person_id = person.id or 0
    stories = stored.ever_of(session, person_id)
    for story in stories:
        clear(session, story, DECLINED)
        story.position, story.updated_at = None, now
        story.version += 1
        session.add(story)
    words = stored.blank_words_by(session, person_id)
    session.flush()
    return {"stories": len(stories), "words": words}
