"""The session's programme: who speaks in which order and how long; afterwards its digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import share_call, story_words
from curriculum.attendance import PRESENT
from curriculum.errors import ChangedMeanwhile, NotThere, ShareNotOver
from curriculum.facts import FOLDABLE
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.stories import note
from storage import audit, deliveries, gathering_people, story_calls
from storage import gatherings as stored_gatherings
from storage import stories as stored
from storage.cohorts import Cohort
from storage.people import Unit
from storage.stories import APPROVED, Story
from storage.story_calls import HELD, OPEN, StoryCall

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


@dataclass(frozen=True, slots=True)
class Shared:
    """A story as the digest tells it; `texts` by part."""

    story_id: int
    title: str
    author: str
    unit: str
    texts: dict[str, str]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What was shared in a session: `present` people came, `told` absentees get it."""

    cohort: str
    starts_at: datetime
    minutes: int
    present: int
    told: int
    stories: tuple[Shared, ...]


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
        slots=tuple(_slot(session, story, name) for story, name in _approved(session, call)),
    )


def _approved(session: Session, call: StoryCall) -> list[tuple[Story, str]]:
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
    presented = [s for s, _ in _approved(session, locked) if s.position is not None]
    return story, presented


def _renumber(session: Session, ordered: Sequence[Story]) -> None:
    for place, story in enumerate(ordered, start=1):
        if story.position != place:
            story.position = place
            session.add(story)


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
        _renumber(session, ordered)
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
        _renumber(session, [other for other in ordered if other is not story])
    else:
        story.minutes = minutes
        story.position = story.position or len(ordered) + 1
    note(session, story, speaker, "time_story", now)


def tell_speakers(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> int:
    """通知讲者: each hears her place and minutes, and again the day before; gives how many."""
    share_call.cohort_of(session, speaker, cohort_id)
    call = story_calls.standing(session, cohort_id)
    if call is None or call.state != OPEN or call.starts_at <= now:
        raise ChangedMeanwhile
    presented = [s for s, _ in _approved(session, call) if s.position is not None]
    for story in presented:
        story_words.owe_speaker(session, story, call, now=now)
    _write_down(session, speaker, "tell_speakers", call, now=now, count=len(presented))
    return len(presented)


def digest(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> Digest:
    """The digest after the session: who was not there gets it, the speakers' stories count.

    Called again it gives the same and tells nobody twice. Raises ShareNotOver before its end.
    """
    cohort = share_call.cohort_of(session, speaker, cohort_id)
    newest = story_calls.standing(session, cohort_id)
    call = story_calls.locked(session, newest.id or 0) if newest is not None else None
    if call is None:
        raise NotThere
    ends_at = call.starts_at + timedelta(minutes=call.minutes)
    if now < ends_at:
        raise ShareNotOver(at=ends_at)
    shared = [(s, name) for s, name in _approved(session, call) if s.position is not None]
    if call.digest_at is None:
        call.state, call.digest_at = HELD, now
        call.version += 1
        session.add(call)
        for story, _ in shared:
            story.presented_at = story.presented_at or call.starts_at
            session.add(story)
        session.flush()
        _write_down(session, speaker, "send_digest", call, now=now, count=len(shared))
    present, absent = _attendance(session, call, cohort)
    for person_id in absent:
        _owe_digest(session, call, cohort, person_id, now=now)
    return Digest(
        cohort=cohort.name,
        starts_at=call.starts_at,
        minutes=call.minutes,
        present=present,
        told=len(absent),
        stories=tuple(_shared(session, story, name) for story, name in shared),
    )


def _attendance(session: Session, call: StoryCall, cohort: Cohort) -> tuple[int, list[int]]:
    """How many came, and who of the cohort did not."""
    held = stored_gatherings.gathering(session, call.gathering_id or 0)
    if held is None:
        return 0, []
    roster = gathering_people.roster(session, held, on=local_date(held.starts_at, cohort.zone))
    absent = [line.person_id for line in roster if line.state not in PRESENT]
    return len(roster) - len(absent), absent


def _owe_digest(
    session: Session, call: StoryCall, cohort: Cohort, person_id: int, *, now: datetime
) -> None:
    deliveries.add(
        session,
        bot=cohort.bot,
        kind=story_words.KIND,
        occasion=f"{story_words.DIGEST}:{call.id}",
        recipient=person_id,
        person_id=person_id,
        cohort_id=call.cohort_id,
        subject_id=call.id,
        urgency=FOLDABLE,
        due_at=now + share_call.TAKE_BACK,
        created_at=now,
    )


def _shared(session: Session, story: Story, author: str) -> Shared:
    texts = dict(story.parts or {})
    unit = session.get(Unit, story.unit_id) if story.unit_id else None
    return Shared(
        story_id=story.id or 0,
        title=texts.pop("title", ""),
        author=author,
        unit=unit.name_zh if unit else "",
        texts=texts,
        tags=tuple(stored.tags_of(session, story.id or 0)),
    )


def _write_down(
    session: Session, speaker: Speaker, action: str, call: StoryCall, *, now: datetime, **facts: int
) -> None:
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


def read_digest(session: Session, speaker: Speaker, call_id: int) -> Digest:
    """看摘要 for whoever learns in the cohort, or runs its share; raises NotThere."""
    call = story_calls.call_of(session, call_id)
    if call is None or call.digest_at is None:
        raise NotThere
    cohort = session.get_one(Cohort, call.cohort_id)
    runs = speaker.may("run_share", unit_path=session.get_one(Unit, cohort.unit_id).path)
    is_member = cohort.id in stored.cohort_ids_of(session, speaker.person_id, bot=speaker.bot)
    if not (runs or is_member) or cohort.bot != speaker.bot:
        raise NotThere
    shared = [(s, name) for s, name in _approved(session, call) if s.presented_at is not None]
    present, absent = _attendance(session, call, cohort)
    return Digest(
        cohort=cohort.name,
        starts_at=call.starts_at,
        minutes=call.minutes,
        present=present,
        told=len(absent),
        stories=tuple(_shared(session, story, name) for story, name in shared),
    )
