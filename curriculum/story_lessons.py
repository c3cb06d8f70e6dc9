"""本地经验课: an approved story as a lesson's draft, once its author was asked and agreed.

A coordinator asks; the draft is hers to finish and import like any other. The import tells which
lesson it became, and the author hears the number once it is taught as reviewed. Taking the story
back takes the lesson out of the mornings as well.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.people import Speaker
from curriculum.second_thoughts import UNDO
from curriculum.story_library import reader_of
from curriculum.story_texts import COHORT, StoryView, view
from storage import audit, story_library
from storage import stories as stored
from storage import story_lessons as lessons
from storage.lessons import Lesson
from storage.people import Unit
from storage.sealed import NoteKey
from storage.stories import APPROVED, Story
from storage.story_lessons import AGREED, ASKED, REFUSED, StoryLesson

# As what a lesson is taught without being called a draft.
FINISHED = ("reviewed", "published")


@dataclass(frozen=True, slots=True)
class Draft:
    """A story whose author agreed, and the mark by which the import knows it again."""

    story: StoryView
    mark: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A lesson as a pack holds it; `mark` is the story it says it came from."""

    lesson: Lesson
    mark: str
    status: str


def may_ask(speaker: Speaker, story: StoryView) -> bool:
    """Whether a lesson may be made of it: a pack reaches further than one cohort."""
    is_open = story.state == APPROVED and story.may_become_lesson and story.scope != COHORT
    return is_open and speaker.may("run_share")


def _to_make(session: Session, speaker: Speaker, story_id: int) -> Story:
    """A story that she may make a lesson of, held; raises NotThere."""
    readable = story_library.one_readable(session, reader_of(session, speaker), story_id)
    story = stored.locked(session, story_id) if readable is not None else None
    unit = session.get(Unit, story.unit_id) if story is not None and story.unit_id else None
    if story is None or unit is None or story.state != APPROVED:
        raise NotThere
    speaker.require("run_share", unit_path=unit.path)
    if not story.may_become_lesson or story.scope == COHORT:
        raise NotThere
    return story


def ask(
    session: Session, speaker: Speaker, story_id: int, *, note_key: NoteKey, now: datetime
) -> Draft | None:
    """The draft where its author agreed; else None, and she is asked if she was not before.

    A no is hers: whoever asks again hears the same as whoever waits. Raises NotThere.
    """
    story = _to_make(session, speaker, story_id)
    row = lessons.of_story(session, story_id, lock=True)
    if row is None:
        row = StoryLesson(story_id=story_id, state=ASKED, asked_by=speaker.person_id, asked_at=now)
        if story.author_id == speaker.person_id:
            row.state, row.answered_at = AGREED, now - UNDO
        session.add(row)
        _note(session, speaker, story_id, "ask_story_lesson", now)
        if row.state == ASKED:
            _owe_asking(session, story, row, now=now)
    if row.state != AGREED or now - (row.answered_at or now) < UNDO:
        return None
    return Draft(view(session, story, speaker, note_key), mark_of(story))


def _owe_asking(session: Session, story: Story, row: StoryLesson, *, now: datetime) -> None:
    what = story_words.LESSON_ASKED
    mark = _moment(row.asked_at)
    story_words.owe(session, story, what, story.author_id, at=now, now=now, mark=mark)


def _moment(at: datetime) -> str:
    return f"{at.timestamp():.0f}"


def take_back(session: Session, speaker: Speaker, story_id: int, *, now: datetime) -> None:
    """撤销 of the asking, for ten minutes; what its author answered meanwhile stands untold.

    Raises NotThere, UndoTooLate.
    """
    row = lessons.of_story(session, story_id, lock=True)
    if row is None or row.asked_by != speaker.person_id:
        raise NotThere
    if now - row.asked_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    if row.state == ASKED:
        session.delete(row)
        _note(session, speaker, story_id, "undo_ask_story_lesson", now)


def answer(
    session: Session, speaker: Speaker, story_id: int, *, agrees: bool, now: datetime
) -> None:
    """同意 or 不用了 by its author; whoever asked hears a yes, ten minutes later, and no no.

    Raises NotThere, ChangedMeanwhile where she answered before.
    """
    story, row = _hers(session, speaker, story_id)
    if row.state != ASKED or story.state != APPROVED:
        raise ChangedMeanwhile
    row.state, row.answered_at = AGREED if agrees else REFUSED, now
    session.add(row)
    _note(session, speaker, story_id, f"{row.state}_story_lesson", now)
    if agrees:
        what, mark = story_words.LESSON_AGREED, _moment(now)
        story_words.owe(session, story, what, row.asked_by, at=now + UNDO, now=now, mark=mark)


def unanswer(session: Session, speaker: Speaker, story_id: int, *, now: datetime) -> None:
    """撤销 of her answer, for ten minutes; raises NotThere, UndoTooLate."""
    _, row = _hers(session, speaker, story_id)
    if row.state == ASKED:
        return
    if row.answered_at is None or now - row.answered_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    row.state, row.answered_at = ASKED, None
    session.add(row)
    _note(session, speaker, story_id, "undo_answer_story_lesson", now)


def _hers(session: Session, speaker: Speaker, story_id: int) -> tuple[Story, StoryLesson]:
    story = session.get(Story, story_id)
    row = lessons.of_story(session, story_id, lock=True)
    if story is None or row is None or story.author_id != speaker.person_id:
        raise NotThere
    return story, row


def _note(session: Session, speaker: Speaker, story_id: int, action: str, now: datetime) -> None:
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="story",
        object_id=story_id,
    )


def mark_of(story: Story) -> str:
    """A story's name in a lesson's head; another installation's story of that number has another.

    "7-1a2b3c4d": its id, and the beginning of a digest of what never changes of it.
    """
    told = f"{story.id}:{story.author_id}:{_moment(story.created_at)}"
    return f"{story.id}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def link(session: Session, imported: Iterable[Imported], *, now: datetime) -> None:
    """Keep which lessons of an imported pack are whose stories, and tell their authors once.

    A lesson whose author never agreed, or took her story back, is not taught.
    """
    for one in imported:
        story = session.get(Story, int(one.mark.partition("-")[0]))
        if story is None or mark_of(story) != one.mark:
            # Another installation's; its author is not known here.
            continue
        row = lessons.of_story(session, story.id or 0, lock=True)
        if row is None or row.state != AGREED or story.state != APPROVED:
            one.lesson.is_withdrawn = True
            session.add(one.lesson)
            if row is None or row.state != AGREED:
                continue
        row.lesson_id = one.lesson.id
        session.add(row)
        if one.status in FINISHED and not one.lesson.is_withdrawn:
            what = story_words.LESSON
            story_words.owe(session, story, what, story.author_id, at=now, now=now, mark="once")
    session.flush()
