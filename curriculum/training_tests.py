"""The same few questions before and after a training; how much somebody gained only she sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.annual_training import brief, looked_up
from curriculum.errors import NotThere
from curriculum.event_words import said, verdicts
from curriculum.facts import FOLDABLE, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_errors import TrainingTestClosed
from curriculum.training_events import PRESENT
from curriculum.training_feedback import asked_at, closes_at
from storage import lessons, owing, training_attendance, trainings
from storage import training_people as people
from storage import training_seats as seats
from storage import training_tests as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.training_seats import REGISTERED
from storage.training_tests import TrainingTestAnswer
from storage.trainings import PUBLISHED, TrainingEvent

KIND = "training_test"
BEFORE, AFTER = "before", "after"
# Asked on the day before; taken until the first half day is well under way.
EVE = time(17)
LATE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where somebody stands in a part: the next question, or None with how many were right.

    `before` is how many were right in the first part, where she took all of it.
    """

    event_id: int
    part: str
    title: str
    version_id: int | None
    question: Mapping[str, Any] | None
    place: int
    places: int
    right: int
    before: int | None


def span(event: TrainingEvent, part: str) -> tuple[datetime, datetime]:
    """From when until when a part is asked."""
    if part == AFTER:
        return asked_at(event), closes_at(event)
    eve = local_date(event.starts_at, ZONE) - timedelta(days=1)
    return moment_at(eve, EVE, ZONE), event.starts_at + LATE


def _part_at(event: TrainingEvent, now: datetime) -> str | None:
    """Which part is open."""
    for part in (BEFORE, AFTER):
        since, until = span(event, part)
        if since <= now < until:
            return part
    return None


def words_of(session: Session, versions: Sequence[int]) -> dict[int, lessons.LessonContent]:
    """The Chinese words of lessons by version, else those of another language."""
    found: dict[int, lessons.LessonContent] = {}
    for (version_id, language), content in lessons.contents(session, set(versions)).items():
        if language == "zh" or version_id not in found:
            found[version_id] = content
    return found


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe a part that is open to everybody concerned; gives how many rows were added."""
    added, today = 0, local_date(now, ZONE)
    for found in trainings.recent(session, bot=bot, since=now - timedelta(days=10)):
        if found.state != PUBLISHED or not _is_to_be_owed(found, today, now=now):
            continue
        event = trainings.event(session, found.id or 0, bot=bot, lock=True)
        part = _part_at(event, now) if event is not None else None
        if event is None or event.state != PUBLISHED or part is None:
            continue
        event_id = event.id or 0
        event.test_on = today
        session.add(event)
        session.flush()
        if not stored.questions(session, event_id):
            continue
        condition = (
            people.stands(event_id, REGISTERED)
            if part == BEFORE
            else training_attendance.was_in(event_id, PRESENT)
        )
        added += owing.owe_people(
            session,
            event,
            condition,
            kind=KIND,
            occasion=f"{event_id}:{part}",
            urgency=FOLDABLE,
            due_at=now,
            not_after=span(event, part)[1],
            now=now,
        )
    return added


def _is_to_be_owed(event: TrainingEvent, today: date, *, now: datetime) -> bool:
    """The first part once; the second each day, for who is entered from paper after the day."""
    part = _part_at(event, now)
    if part == BEFORE:
        return event.test_on is None
    return part == AFTER and event.test_on != today


def next_asked(session: Session, *, bot: int, now: datetime) -> datetime | None:
    """When a part of any training's test is asked next."""
    ahead = [
        since
        for event in trainings.recent(session, bot=bot, since=now - timedelta(days=1))
        for since in (span(event, part)[0] for part in (BEFORE, AFTER))
        if event.state == PUBLISHED and since > now and stored.questions(session, event.id or 0)
    ]
    return min(ahead, default=None)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed part says, while it is open and she has not answered all of it."""
    to, events = looked_up(session, claimed)
    counts = {event_id: len(stored.questions(session, event_id)) for event_id in events}
    taken = {event_id: stored.right_by_person(session, event_id) for event_id in events}

    def judge(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        part, count = row.occasion.split(":")[1], counts[event.id or 0]
        answered, _ = taken[event.id or 0].get((one.person_id, part), (0, 0))
        is_over = event.state != PUBLISHED or now >= span(event, part)[1]
        if is_over or answered >= count or (part == BEFORE and one.state != REGISTERED):
            return NotWanted("not_wanted")
        key = f"{event.id}/{event.version}/{part}/{count}"
        return said(KIND, one, key, event=brief(event), part=part, count=count)

    return verdicts(claimed, to, events, judge)


def ask(session: Session, speaker: Speaker, event_id: int, part: str, *, now: datetime) -> Asked:
    """Her next question of a part, or how it went; raises NotThere, TrainingTestClosed."""
    return _asked(session, speaker, _hers(session, speaker, event_id, part, now=now), part)


def answer(
    session: Session,
    speaker: Speaker,
    event_id: int,
    part: str,
    version_id: int,
    *,
    chosen: int,
    now: datetime,
) -> Asked:
    """Take her answer, the first one only, and give what comes next; raises as `ask`."""
    event = _hers(session, speaker, event_id, part, now=now)
    content = words_of(session, [version_id]).get(version_id)
    is_asked = version_id in {row.version_id for row in stored.questions(session, event_id)}
    if content is None or not is_asked or not 0 <= chosen < len(content.question["options"]):
        raise NotThere
    if version_id not in stored.answers(session, event_id, speaker.person_id, part):
        session.add(
            TrainingTestAnswer(
                event_id=event_id,
                person_id=speaker.person_id,
                part=part,
                version_id=version_id,
                chosen=chosen,
                correct=chosen == content.question["answer"],
            )
        )
        session.flush()
    return _asked(session, speaker, event, part)


def _hers(
    session: Session, speaker: Speaker, event_id: int, part: str, *, now: datetime
) -> TrainingEvent:
    """A training whose part she may answer now: who comes before it, who was there after it."""
    event = trainings.event(session, event_id, bot=speaker.bot)
    if event is None or event.state != PUBLISHED or part not in (BEFORE, AFTER):
        raise NotThere
    seat = seats.seat(session, event_id, speaker.person_id)
    states = training_attendance.states_of(session, event_id, speaker.person_id)
    was_there = bool(set(states.values()) & set(PRESENT))
    comes = seat is not None and seat.state == REGISTERED
    if not (was_there if part == AFTER else comes or was_there):
        raise NotThere
    since, until = span(event, part)
    if not since <= now < until:
        raise TrainingTestClosed
    return event


def _asked(session: Session, speaker: Speaker, event: TrainingEvent, part: str) -> Asked:
    event_id = event.id or 0
    versions = [row.version_id for row in stored.questions(session, event_id)]
    given = stored.answers(session, event_id, speaker.person_id, part)
    left = [version_id for version_id in versions if version_id not in given]
    words = words_of(session, left[:1])
    content = words.get(left[0]) if left else None
    before = stored.answers(session, event_id, speaker.person_id, BEFORE)
    has_both = part == AFTER and len(before) == len(versions)
    return Asked(
        event_id=event_id,
        part=part,
        title=event.title,
        version_id=left[0] if content is not None else None,
        question=content.question if content is not None else None,
        place=len(versions) - len(left) + 1,
        places=len(versions),
        right=sum(given.values()),
        before=sum(before.values()) if has_both else None,
    )
