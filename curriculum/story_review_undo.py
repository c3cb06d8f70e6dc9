"""A reviewer's word on a story taken back, for ten minutes.

Its author hears of approval and advice only after these; of what was sorted after one, so that she
is told to wait where that is taken back later.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.people import Speaker
from curriculum.second_thoughts import UNDO
from curriculum.stories import note
from curriculum.story_texts import seal, texts_of
from storage import share_speakers, story_lessons, story_reviews
from storage import stories as stored
from storage.people import Unit
from storage.sealed import NoteKey
from storage.stories import APPROVED, RETURNED, SUBMITTED, Story
from storage.story_reviews import APPROVES, SORTS, StoryReview


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was undone: a verdict, and her words to the author where she had written some.

    `is_heard` is whether its author knew of it, and is told now that it was undone.
    """

    story_id: int
    verdict: str
    words: str
    is_heard: bool


def take_back(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> TakenBack:
    """Undo her 通过, 提建议 or 请作者看 of the last ten minutes; it waits for reviewers again.

    An approval can be undone also when the other reviewer agreed meanwhile. Raises NotThere where
    she said nothing of this round, UndoTooLate, ChangedMeanwhile once its author went on writing,
    or it was taken up as a speech or a lesson.
    """
    story = stored.locked(session, story_id)
    unit = session.get(Unit, story.unit_id) if story is not None and story.unit_id else None
    if story is None or unit is None or story.bot != speaker.bot:
        raise NotThere
    speaker.require("review_stories", unit_path=unit.path)
    reviews = story_reviews.reviews_of(session, story_id, of_round=story.round)
    row = next((row for row in reviews if row.reviewer_id == speaker.person_id), None)
    if row is None:
        raise NotThere
    if now - row.reviewed_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    if not _stands(session, story, row, now=now):
        raise ChangedMeanwhile
    words = note_key.open(row.sealed, about=f"story_review:{row.id}") if row.sealed else ""
    if story.state == APPROVED:
        seal(story, texts_of(story, note_key), note_key)
        story.approved_at, story.position, story.minutes = None, None, None
    story.state = SUBMITTED
    session.delete(row)
    unsaid = {
        word: share_speakers.take_back(
            session, [story_id], kind=story_words.KIND, word=word, later=word
        )
        for word in (story_words.RETURNED, story_words.APPROVED, story_words.SORTED)
    }
    is_heard = row.verdict == SORTS and not unsaid[story_words.SORTED]
    note(session, story, speaker, "undo_review_story", now)
    if is_heard:
        story_words.owe_sorted(session, story, is_so=False, now=now)
    return TakenBack(story_id, row.verdict, words, is_heard)


def _stands(session: Session, story: Story, row: StoryReview, *, now: datetime) -> bool:
    """Whether nothing has come of her word yet but what undoing it undoes too."""
    if row.verdict != APPROVES:
        # Whatever its author does with it changes the time of its last change.
        return story.state == RETURNED and story.updated_at == row.reviewed_at
    if story.state != APPROVED:
        return story.state == SUBMITTED
    return not (
        story.presented_at is not None
        or story_lessons.of_story(session, story.id or 0) is not None
        or share_speakers.was_told(
            session, story.id or 0, kind=story_words.KIND, word=story_words.SPEAKER, now=now
        )
    )
