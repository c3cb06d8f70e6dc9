"""The session's programme: who speaks in which order and how long."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import share_call, share_speakers, story_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.stories import note
from storage import audit, story_calls
from storage import stories as stored
from storage.people import Unit
from storage.stories import APPROVED, Story
from storage.story_calls import OPEN, StoryCall

MINUTES = (10, 15, 20, 30)


@dataclass(frozen=True, slots=True)
class Slot:
    """One approved story of a call; `position` counts from 1, None where it is not presented."""

    story_id: int
    title: str
    author: str
    unit: str
    position: int | None
    minutes: int
    version: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Who speaks, in order, then the stories nobody presents; times in minutes."""

    cohort_id: int
    cohort: str
    mark: int
    starts_at: datetime
    minutes: int
    slots: tuple[Slot, ...]

    @property
    def planned(self) -> int:
        """How long all speakers take."""
        return sum(slot.minutes for slot in self.slots if slot.position is not None)


def programme(session: Session, speaker: Speaker, cohort_id: int) -> Programme:
    """The newest call's programme; raises NotThere where there is none."""
    cohort = share_call.cohort_of(session, speaker, cohort_id)
    call = story_calls.standing(session, cohort_id)
    if call is None:
        raise NotThere
    return Programme(
        cohort_id=cohort_id,
        cohort=cohort.name,
        mark=call.version,
        starts_at=call.starts_at,
        minutes=call.minutes,
        slots=tuple(_slot(session, story, name) for story, name in approved(session, call)),
    )


def approved(session: Session, call: StoryCall) -> list[tuple[Story, str]]:
    """The approved stories of a call with their authors' names, in the order of the programme."""
    return stored.of_call(session, call.id or 0, states=(APPROVED,))


def _slot(session: Session, story: Story, author: str) -> Slot:
    unit = session.get(Unit, story.unit_id) if story.unit_id else None
    return Slot(
        story_id=story.id or 0,
        title=(story.parts or {}).get("title", ""),
        author=author,
        unit=unit.name_zh if unit else "",
        position=story.position,
        minutes=story.minutes or 0,
        version=story.version,
    )


def slot(session: Session, speaker: Speaker, cohort_id: int, story_id: int) -> Slot:
    """One of the programme; raises NotThere."""
    found = [s for s in programme(session, speaker, cohort_id).slots if s.story_id == story_id]
    if not found:
        raise NotThere
    return found[0]


def _to_arrange(
    session: Session, speaker: Speaker, cohort_id: int, story_id: int, *, version: int
) -> tuple[Story, list[Story]]:
    """A story of the open call, locked, and all that are presented, in order."""
    share_call.cohort_of(session, speaker, cohort_id)
    call = story_calls.standing(session, cohort_id)
    locked = story_calls.locked(session, call.id or 0) if call is not None else None
    story = stored.locked(session, story_id)
    if locked is None or story is None or story.call_id != locked.id:
        raise NotThere
    is_changed = story.state != APPROVED or story.version != version
    if locked.state != OPEN or is_changed:
        raise ChangedMeanwhile
    return story, share_speakers.presented(session, locked)


def earlier(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    story_id: int,
    *,
    version: int,
    now: datetime,
) -> None:
    """往前: before whoever speaks before her."""
    story, ordered = _to_arrange(session, speaker, cohort_id, story_id, version=version)
    if story not in ordered:
        raise ChangedMeanwhile
    place = ordered.index(story)
    if place:
        ordered[place - 1], ordered[place] = ordered[place], ordered[place - 1]
        share_speakers.renumber(session, ordered)
    note(session, story, speaker, "order_story", now)


def give_minutes(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    story_id: int,
    *,
    minutes: int,
    version: int,
    now: datetime,
) -> None:
    """How long she speaks: one of MINUTES; 0 takes her out of the programme."""
    story, ordered = _to_arrange(session, speaker, cohort_id, story_id, version=version)
    if minutes not in (0, *MINUTES):
        raise NotThere
    if not minutes:
        story.position = None
        share_speakers.renumber(session, [other for other in ordered if other is not story])
    else:
        story.minutes = minutes
        story.position = story.position or len(ordered) + 1
    note(session, story, speaker, "time_story", now)


def tell_speakers(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> int:
    """通知讲者: in a minute each hears her place, and again the day before; gives how many."""
    call = _to_tell(session, speaker, cohort_id, now=now)
    presented = share_speakers.presented(session, call)
    for story in presented:
        story_words.owe_speaker(session, story, call, now=now)
    write_down(session, speaker, "tell_speakers", call, now=now, count=len(presented))
    return len(presented)


def take_back(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> int:
    """撤回 within the minute: nobody hears of it; gives how many were still to be told."""
    call = _to_tell(session, speaker, cohort_id, now=now)
    count = share_speakers.take_back(session, call)
    if count:
        write_down(session, speaker, "take_back_speakers", call, now=now, count=count)
    return count


def _to_tell(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> StoryCall:
    share_call.cohort_of(session, speaker, cohort_id)
    call = story_calls.standing(session, cohort_id)
    if call is None or call.state != OPEN or call.starts_at <= now:
        raise ChangedMeanwhile
    return call


def write_down(
    session: Session, speaker: Speaker, action: str, call: StoryCall, *, now: datetime, **facts: int
) -> None:
    """An entry of the audit trail about a call: ids and counts only."""
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="story_call",
        object_id=call.id,
        cohort=call.cohort_id,
        **facts,
    )
