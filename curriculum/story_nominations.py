"""推荐经验: a worker's practice proposed to her as a draft that she agrees to, changes or refuses.

Nothing of it reaches a reviewer unless she agrees. Her no is private and holds for that source:
whoever proposes it again hears only that it was proposed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import story_sources, story_words
from curriculum.errors import NotThere, UndoTooLate
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import UNDO
from curriculum.stories import clear, create, note
from curriculum.story_errors import StoryProposed
from curriculum.story_sources import Source
from curriculum.story_texts import WHOLE, usable
from storage import people, story_people
from storage import stories as stored
from storage import story_sources as sources
from storage.people import Person
from storage.sealed import NoteKey
from storage.stories import DECLINED, NOMINATED, Story


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft that was given to somebody."""

    story_id: int
    name: str


def workers_named(
    session: Session, speaker: Speaker, words: str, *, now: datetime
) -> list[tuple[int, str, str]]:
    """Whom she may propose by this name: (person, name, station), at most six."""
    speaker.require("nominate_story")
    return story_people.workers_named(
        session,
        speaker.reach("nominate_story"),
        words,
        but=speaker.person_id,
        on=local_date(now, ZONE),
    )


def usable_whole(written: str) -> str:
    """A story told at once, as it is kept; raises StoryTextNotUsable."""
    return usable(WHOLE, written)


def nominate(
    session: Session,
    speaker: Speaker,
    person_id: int,
    words: str,
    *,
    source: tuple[str, int] | None = None,
    note_key: NoteKey,
    now: datetime,
) -> Proposed:
    """Give a worker a draft to agree to, change or refuse.

    `source` is one of story_sources.FROM with what it reads, of an answer its question. Raises
    NotThere, and StoryProposed where she was given one from this source before.
    """
    unit, person = people.unit_of(session, person_id), session.get(Person, person_id)
    if unit is None or person is None or person.status != "active":
        raise NotThere
    speaker.require("nominate_story", unit_path=unit.path)
    began = _source(session, speaker, source)
    if began is not None and began.person_id not in (0, person_id):
        raise NotThere
    texts = {WHOLE: usable_whole(words)}
    story = create(session, speaker, person_id, texts, note_key=note_key, now=now)
    if began is not None and not sources.claim(
        session, person_id, began.kind, began.source_id, story_id=story.id or 0
    ):
        raise StoryProposed
    story_words.owe(session, story, story_words.NOMINATED, person_id, at=now, now=now)
    return Proposed(story.id or 0, person.name)


def _source(session: Session, speaker: Speaker, source: tuple[str, int] | None) -> Source | None:
    """What it begins from, read again, so that she may still see it."""
    if source is None:
        return None
    kind, source_id = source
    if kind not in story_sources.FROM:
        raise NotThere
    return story_sources.FROM[kind](session, speaker, source_id)


def take_back(session: Session, speaker: Speaker, story_id: int, *, now: datetime) -> None:
    """撤销 within ten minutes: the draft goes, unless its author made it hers meanwhile.

    Whether she agreed, wrote or refused is not told, and the source stays used up, so that a
    second try tells nothing either. Raises NotThere, UndoTooLate.
    """
    story = stored.locked(session, story_id)
    if story is None or story.nominated_by != speaker.person_id or story.bot != speaker.bot:
        raise NotThere
    if now - story.created_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    if story.state == NOMINATED:
        _take_away(session, story, speaker, now=now)


def _take_away(session: Session, story: Story, speaker: Speaker, *, now: datetime) -> None:
    clear(session, story, DECLINED)
    note(session, story, speaker, "undo_nominate_story", now)
