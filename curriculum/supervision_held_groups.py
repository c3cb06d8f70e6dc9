"""Sessions with several workers that were held: which of them are written down, and how to begin.

A record names no session it is of; it is known by its people and by a date within a week of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_lists as lists
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_words import UNWRITTEN_WITHIN
from storage import gatherings as names
from storage import supervision_due_records as due
from storage import supervision_groups as stored
from storage.supervision_groups import DECLINED, PLANNED, SupervisionGroup

# From its day on a record is of a session for so long: those that meet weekly keep apart.
RECORDED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """A session with several that has begun: who said no to it is not among its people.

    `people` are names by id, of those she accompanies still; `record_id` is None where nothing
    is written of it.
    """

    group_id: int
    starts_at: datetime
    minutes: int
    mode: str
    people: dict[int, str]
    record_id: int | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """When several were to meet, and who."""

    group_id: int
    supervisor_id: int
    day: date
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Written:
    """What a record of several says of when, and who."""

    record_id: int
    supervisor_id: int
    day: date
    people: frozenset[int]


def matched(meetings: Sequence[Meeting], records: Sequence[Written]) -> dict[int, int]:
    """The record of each session that has one, by id: one that shares people, the nearest date.

    Every record is of one session at most; the earlier session has it.
    """
    left, found = list(records), {}
    for meeting in sorted(meetings, key=lambda one: (one.day, one.group_id)):
        fitting = [
            one
            for one in left
            if one.supervisor_id == meeting.supervisor_id
            and meeting.day <= one.day < meeting.day + RECORDED_WITHIN
            and one.people & meeting.people
        ]
        if fitting:
            nearest = min(
                fitting,
                key=lambda one: (one.day, -len(one.people & meeting.people), one.record_id),
            )
            found[meeting.group_id] = nearest.record_id
            left.remove(nearest)
    return found


def _records_of(session: Session, groups: Sequence[SupervisionGroup]) -> dict[int, int]:
    """`matched` of these sessions: whoever said no may have come, so all it invited count."""
    if not groups:
        return {}
    invited = stored.invited_to(session, [one.id or 0 for one in groups])
    meetings = [
        Meeting(
            one.id or 0,
            one.supervisor_id,
            local_date(one.starts_at, ZONE),
            frozenset(invited.get(one.id or 0, ())),
        )
        for one in groups
    ]
    rows = due.group_records(
        session,
        {one.supervisor_id for one in groups},
        bot=groups[0].bot,
        since=min(one.day for one in meetings),
    )
    return matched(meetings, [Written(*row) for row in rows])


def _unwritten(
    session: Session,
    *,
    bot: int,
    since: datetime,
    until: datetime,
    supervisor_id: int | None = None,
) -> list[SupervisionGroup]:
    begun = stored.begun(session, bot=bot, since=since, until=until, supervisor_id=supervisor_id)
    written = _records_of(session, begun)
    return [one for one in begun if one.id not in written]


def unwritten(
    session: Session, *, bot: int, since: datetime, until: datetime
) -> list[tuple[int, int]]:
    """Sessions that began in a span and of which nothing is written: (session, supervisor)."""
    found = _unwritten(session, bot=bot, since=since, until=until)
    return [(one.id or 0, one.supervisor_id) for one in found]


def unwritten_of(
    session: Session, speaker: Speaker, *, until: datetime, now: datetime
) -> list[tuple[int, datetime, int]]:
    """Her sessions of the last two weeks of which nothing is written: id, beginning, how many."""
    found = _unwritten(
        session,
        bot=speaker.bot,
        since=now - UNWRITTEN_WITHIN,
        until=until,
        supervisor_id=speaker.person_id,
    )
    return [(one.id or 0, one.starts_at, len(_there(session, one.id or 0))) for one in found]


def _there(session: Session, group_id: int) -> list[int]:
    seats = stored.seats(session, group_id)
    return [seat.worker_id for seat in seats if seat.state != DECLINED]


def held(session: Session, speaker: Speaker, group_id: int, *, now: datetime) -> HeldGroup:
    """A session of hers that has begun; raises NotThere, ChangedMeanwhile."""
    found = stored.group(session, group_id)
    if found is None or found.supervisor_id != speaker.person_id or speaker.deputy_id is not None:
        raise NotThere
    if found.state != PLANNED or found.starts_at > now:
        raise ChangedMeanwhile
    hers = {row.worker_id for row in lists.accompanied(session, speaker, now=now)}
    there = [person_id for person_id in _there(session, group_id) if person_id in hers]
    known = names.names_of(session, there)
    near = stored.begun(
        session,
        bot=found.bot,
        since=found.starts_at - RECORDED_WITHIN,
        until=found.starts_at + RECORDED_WITHIN,
        supervisor_id=speaker.person_id,
    )
    return HeldGroup(
        group_id,
        found.starts_at,
        found.minutes,
        found.mode,
        {person_id: known.get(person_id, "") for person_id in there},
        _records_of(session, near).get(group_id),
    )
