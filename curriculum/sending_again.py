"""再发一次: an occasion once more to those whom it did not reach, and taking that back in time."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from curriculum import coming_lesson
from curriculum.arrivals import past_place
from curriculum.cohorts import TOGETHER
from curriculum.daily_lesson import KIND
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rhythm import end_of_quiet, local_date
from curriculum.schedule import Place
from storage import arrivals as stored
from storage import audit
from storage import deliveries as outbox
from storage.arrivals import AsItWas
from storage.audit import AuditEntry
from storage.cohorts import Cohort
from storage.columns import LARGEST_ID
from storage.people import Unit

# From so many people on nothing goes at once: there is a minute to think again.
AT_ONCE = 20
TIME_TO_TAKE_BACK = timedelta(seconds=60)
ACTION = "send_again"


@dataclass(frozen=True, slots=True)
class Again:
    """What sending again would do, or has done.

    `values` are the lesson's as its message will have them, None where each has her own; it goes
    at `due_at`: now, in a minute, or (`is_night`) when the quiet hours end. `entry_id` is what 撤回
    names, None when it went at once or there was nothing to do.
    """

    name: str
    cohort_name: str
    at: datetime
    people: int
    groups: int
    due_at: datetime
    is_night: bool
    waits: bool
    is_together: bool
    values: Mapping[str, Any] | None = None
    entry_id: int | None = None

    @property
    def number(self) -> int:
        """How many messages."""
        return self.people + self.groups


def preview(session: Session, speaker: Speaker, name: str, *, now: datetime) -> Again:
    """How many it would go to, when, and what; nothing is changed."""
    place, standing = past_place(session, speaker, name, now=now)
    again = _again(place, standing, _missed(session, place, now=now), now=now)
    lesson_id = standing.lesson_id
    values = coming_lesson.as_sent(session, lesson_id, occasion=name) if lesson_id else None
    return replace(again, values=values)


def send_again(session: Session, speaker: Speaker, name: str, *, now: datetime) -> Again:
    """Owe it again to members who can be reached now and did not get it.

    Whoever received it is never written to twice; nothing goes out in quiet hours. Over 20
    messages wait a minute. The audit entry holds how each row stood, for 撤回.
    """
    place, standing = past_place(session, speaker, name, now=now)
    missed = _missed(session, place, now=now, lock=True)
    again = _again(place, standing, missed, now=now)
    if not missed:
        return again
    local = again.due_at.astimezone(ZoneInfo(place.beat.zone))
    stored.reopen(
        session,
        [row.id for row, _ in missed],
        due_at=again.due_at,
        not_after=place.beat.not_after(local.date(), local.time()),
    )
    entry = audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=ACTION,
        object_kind="cohort",
        object_id=place.beat.cohort_id,
        day=place.day.isoformat(),
        due_at=again.due_at.isoformat(),
        rows=[_written(row) for row, _ in missed],
    )
    session.flush()
    return replace(again, entry_id=entry.id if again.due_at > now else None)


def take_back(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> int:
    """撤回: what still waits stands again as it stood; returns how many, 0 when all went out.

    Raises NotThere for anything that is no sending again within her reach.
    """
    entry = session.get(AuditEntry, entry_id) if entry_id < LARGEST_ID else None
    if entry is None or entry.action != ACTION:
        raise NotThere
    cohort = session.get_one(Cohort, entry.object_id)
    if cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)
    rows = [_read(written) for written in entry.facts["rows"]]
    due_at = datetime.fromisoformat(entry.facts["due_at"])
    back = stored.put_back(session, rows, due_at=due_at)
    if back:
        audit.add(
            session,
            at=now,
            actor_id=speaker.person_id,
            action="take_back",
            object_kind="cohort",
            object_id=entry.object_id,
            entry=entry_id,
            rows=len(back),
        )
    return len(back)


def _missed(
    session: Session, place: Place, *, now: datetime, lock: bool = False
) -> list[tuple[AsItWas, bool]]:
    return stored.missed(
        session,
        kind=KIND,
        occasion=place.occasion.name,
        bot=place.beat.bot,
        on=local_date(now, place.beat.zone),
        lock=lock,
    )


def _again(
    place: Place,
    standing: outbox.Occasion,
    missed: Sequence[tuple[AsItWas, bool]],
    *,
    now: datetime,
) -> Again:
    beat = place.beat
    groups = sum(is_group for _, is_group in missed)
    due_at = now + TIME_TO_TAKE_BACK if len(missed) > AT_ONCE else now
    is_night = beat.is_quiet(due_at)
    if is_night:
        due_at = end_of_quiet(due_at, quiet_to=beat.quiet_to, zone=beat.zone)
    return Again(
        name=place.occasion.name,
        cohort_name=place.cohort.name,
        at=place.due_at(standing),
        people=len(missed) - groups,
        groups=groups,
        due_at=due_at,
        is_night=is_night,
        waits=due_at > now,
        is_together=beat.pace == TOGETHER,
    )


def _written(row: AsItWas) -> list[Any]:
    """A row's standing as an audit entry can hold it: numbers, codes and moments."""
    return [v.isoformat() if isinstance(v, datetime) else v for v in astuple(row)]


def _read(written: list[Any]) -> AsItWas:
    row_id, status, error, due_at, not_after, attempts = written
    until = datetime.fromisoformat(not_after) if not_after else None
    return AsItWas(row_id, status, error, datetime.fromisoformat(due_at), until, attempts)
