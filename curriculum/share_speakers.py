"""Who speaks at a quarterly share: told and taken back, seen by all, and 这次不行 of a speaker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.gatherings import QUARTERLY
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK, UNDO
from curriculum.stories import note, to_change
from curriculum.story_words import ABLE, EVE, SPEAKER, UNABLE
from storage import deliveries, deputies, rooms, rounds, story_calls
from storage import share_speakers as stored
from storage import stories as stored_stories
from storage.columns import LARGEST_ID
from storage.gatherings import Gathering
from storage.stories import APPROVED, Story
from storage.story_calls import OPEN, StoryCall


@dataclass(frozen=True, slots=True)
class Place:
    """A speaker's place in a programme, as she left it or took it again; counted from 1."""

    story_id: int
    version: int
    position: int
    minutes: int
    starts_at: datetime


def shown(session: Session, found: Gathering, *, now: datetime) -> tuple[tuple[int, str, int], ...]:
    """The speakers of a share as (place, name, minutes), in order, once they were told.

    The whole programme, whichever of its rooms is asked for; nothing for other studies.
    """
    if found.kind != QUARTERLY:
        return ()
    ids = [room.id or 0 for room in rooms.of_session(session, found)]
    slots = stored.told_of(session, ids, kind=story_words.KIND, word=SPEAKER, now=now)
    return tuple((slot.position, slot.name, slot.minutes) for slot in slots)


def presented(session: Session, call: StoryCall) -> list[Story]:
    """The stories of a call that are told at its session, in order."""
    rows = stored_stories.of_call(session, call.id or 0, states=(APPROVED,))
    return [story for story, _ in rows if story.position is not None]


def renumber(session: Session, ordered: Sequence[Story]) -> None:
    """Let stories be told in this order, the first in place 1."""
    for place, story in enumerate(ordered, start=1):
        if story.position != place:
            story.position = place
            session.add(story)


def take_back(session: Session, call: StoryCall) -> int:
    """撤回: the speakers not told yet hear nothing, nor the day before; gives how many."""
    ids = [story.id or 0 for story in presented(session, call)]
    return stored.take_back(session, ids, kind=story_words.KIND, word=SPEAKER, later=EVE)


def decline(session: Session, speaker: Speaker, story_id: int, *, now: datetime) -> Place:
    """这次不行 of a speaker: her place is open, and who coordinates hears of it in a minute.

    Raises NotThere, and ChangedMeanwhile where she is not to speak, or it began.
    """
    story, call = _own(session, speaker, story_id, version=None, now=now)
    ordered = presented(session, call)
    if story.position is None:
        raise ChangedMeanwhile
    left, story.position = story.position, None
    session.add(story)
    renumber(session, [other for other in ordered if other is not story])
    note(session, story, speaker, "decline_to_speak", now)
    near = rounds.coordinators_near(
        session, call.cohort_id, bot=story.bot, on=local_date(now, ZONE)
    )
    acting = deputies.who_acts(session, near, on=local_date(now, ZONE))
    for person_id in acting:
        mark = str(story.version)
        story_words.owe(session, story, UNABLE, person_id, at=now + TAKE_BACK, now=now, mark=mark)
    return _place(story, call, left)


def speak_after_all(
    session: Session, speaker: Speaker, story_id: int, *, version: int, place: int, now: datetime
) -> Place:
    """撤销 within ten minutes: her place is hers again; whoever was told hears of that too.

    Raises NotThere, ChangedMeanwhile, UndoTooLate.
    """
    story, call = _own(session, speaker, story_id, version=version, now=now)
    if story.position is not None:
        raise ChangedMeanwhile
    if now - story.updated_at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    ordered = presented(session, call)
    ordered.insert(max(0, place - 1), story)
    renumber(session, ordered)
    name = f"{UNABLE}:{story.id}:{story.version}"
    told = deliveries.told(session, kind=story_words.KIND, occasion=name)
    note(session, story, speaker, "speak_after_all", now)
    for person_id in told:
        mark = str(story.version)
        story_words.owe(session, story, ABLE, person_id, at=now, now=now, mark=mark)
    return _place(story, call, story.position or 0)


def _own(
    session: Session, speaker: Speaker, story_id: int, *, version: int | None, now: datetime
) -> tuple[Story, StoryCall]:
    """Her approved story and its open call, locked; the call first, as in arranging it."""
    seen = stored_stories.of_ids(session, [story_id]) if story_id < LARGEST_ID else {}
    if story_id not in seen:
        raise NotThere
    call = story_calls.locked(session, seen[story_id].call_id or 0)
    story = to_change(session, speaker, story_id, version=version, states=(APPROVED,))
    if call is None or call.state != OPEN or call.starts_at <= now:
        raise ChangedMeanwhile
    return story, call


def _place(story: Story, call: StoryCall, position: int) -> Place:
    return Place(story.id or 0, story.version, position, story.minutes or 0, call.starts_at)
