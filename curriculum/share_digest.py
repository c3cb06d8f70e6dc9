"""The session's digest: what was shared, who was not there and gets it, which stories count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import share_call, story_words
from curriculum.attendance import PRESENT
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK
from curriculum.share_programme import approved, write_down
from curriculum.story_errors import ShareNotOver
from storage import deliveries, gathering_people, story_calls, story_people
from storage import gatherings as stored_gatherings
from storage import rooms as seating
from storage import stories as stored
from storage.cohorts import Cohort
from storage.people import Unit
from storage.stories import Story
from storage.story_calls import HELD, StoryCall


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


def digest(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> Digest:
    """The digest after the session: who was not there gets it, the speakers' stories count.

    Called again it gives the same and tells nobody twice. Raises ShareNotOver before its end.
    """
    cohort, call = _over(session, speaker, cohort_id, now=now, lock=True)
    shared = _told_stories(session, call)
    if call.digest_at is None:
        call.state, call.digest_at = HELD, now
        call.version += 1
        session.add(call)
        for story, _ in shared:
            story.presented_at = story.presented_at or call.starts_at
            session.add(story)
        session.flush()
        write_down(session, speaker, "send_digest", call, now=now, count=len(shared))
    present, absent = _attendance(session, call, cohort)
    for person_id in absent:
        _owe_digest(session, call, cohort, person_id, now=now)
    return _made(session, call, cohort, shared, present=present, told=len(absent))


def preview(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> Digest:
    """What `digest` would send, and to how many; nothing goes out yet. Raises as it does."""
    cohort, call = _over(session, speaker, cohort_id, now=now)
    present, absent = _attendance(session, call, cohort)
    shared = _told_stories(session, call)
    return _made(session, call, cohort, shared, present=present, told=len(absent))


def _over(
    session: Session, speaker: Speaker, cohort_id: int, *, now: datetime, lock: bool = False
) -> tuple[Cohort, StoryCall]:
    """A cohort's call whose session is over; raises NotThere, ShareNotOver."""
    cohort = share_call.cohort_of(session, speaker, cohort_id)
    call = story_calls.standing(session, cohort_id)
    if call is not None and lock:
        call = story_calls.locked(session, call.id or 0)
    if call is None:
        raise NotThere
    ends_at = call.starts_at + timedelta(minutes=call.minutes)
    if now < ends_at:
        raise ShareNotOver(at=ends_at)
    return cohort, call


def _told_stories(session: Session, call: StoryCall) -> list[tuple[Story, str]]:
    return [(s, name) for s, name in approved(session, call) if s.position is not None]


def _made(
    session: Session,
    call: StoryCall,
    cohort: Cohort,
    shared: Sequence[tuple[Story, str]],
    *,
    present: int,
    told: int,
) -> Digest:
    return Digest(
        cohort=cohort.name,
        starts_at=call.starts_at,
        minutes=call.minutes,
        present=present,
        told=told,
        stories=tuple(_shared(session, story, name) for story, name in shared),
    )


def _attendance(session: Session, call: StoryCall, cohort: Cohort) -> tuple[int, list[int]]:
    """How many came, and who of the cohort did not."""
    held = stored_gatherings.gathering(session, call.gathering_id or 0)
    if held is None:
        return 0, []
    day = local_date(held.starts_at, cohort.zone)
    roster = [
        line
        for room in seating.of_session(session, held)
        for line in gathering_people.roster(session, room, on=day)
    ]
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
        due_at=now + TAKE_BACK,
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


def read_digest(session: Session, speaker: Speaker, call_id: int) -> Digest:
    """看摘要 for whoever learns in the cohort, or runs its share; raises NotThere."""
    call = story_calls.call_of(session, call_id)
    if call is None or call.digest_at is None:
        raise NotThere
    cohort = session.get_one(Cohort, call.cohort_id)
    runs = speaker.may("run_share", unit_path=session.get_one(Unit, cohort.unit_id).path)
    is_member = cohort.id in story_people.cohort_ids_of(session, speaker.person_id, bot=speaker.bot)
    if not (runs or is_member) or cohort.bot != speaker.bot:
        raise NotThere
    shared = [(s, name) for s, name in approved(session, call) if s.presented_at is not None]
    present, absent = _attendance(session, call, cohort)
    return _made(session, call, cohort, shared, present=present, told=len(absent))
