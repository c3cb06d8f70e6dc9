"""What a pair could book: the supervisor's free sessions that nothing of either stands in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import working_days
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_errors import SlotTaken
from curriculum.supervision_pairs import IN_PERSON, ONLINE
from curriculum.supervision_slots import HORIZON, SECONDS, Slot, Taken, free
from curriculum.supervision_times import Terms, spans_of, terms_of
from storage import of_person
from storage import supervision_bookings as stored
from storage import supervision_pairs as stored_pairs
from storage.absences import Absence
from storage.directory import rows_of
from storage.supervision_groups import SupervisionGroup
from storage.supervision_pairs import SupervisionPair

_MIDNIGHT = datetime.min.time()


def pair_for(
    session: Session, speaker: Speaker, pair_id: int, *, now: datetime, lock: bool = False
) -> SupervisionPair:
    """A pair of hers that stands; with `lock` both people are held. Raises NotThere."""
    pair = stored_pairs.pair(session, pair_id)
    if pair is None or speaker.person_id not in (pair.supervisor_id, pair.worker_id):
        raise NotThere
    if lock:
        stored_pairs.locked_people(session, [pair.supervisor_id, pair.worker_id])
        session.refresh(pair)
    today = local_date(now, ZONE)
    if pair.ended_at is not None or (pair.until is not None and pair.until <= today):
        raise NotThere
    return pair


def free_slots(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    *,
    now: datetime,
    on: date | None = None,
) -> list[Slot]:
    """The sessions a pair could book, in order, of one local date where it is named; NotThere."""
    return _free(session, pair_for(session, speaker, pair_id, now=now), now=now, on=on)


def _free(
    session: Session, pair: SupervisionPair, *, now: datetime, on: date | None = None
) -> list[Slot]:
    today = max(local_date(now, ZONE), pair.since)
    last = local_date(now, ZONE) + HORIZON
    if pair.last_day is not None:
        last = min(last, pair.last_day)
    first, last = (on, min(on, last)) if on is not None else (today, last)
    if first > last or first < today:
        return []
    terms = terms_of(session, pair.supervisor_id)
    taken = _taken(
        session,
        pair.supervisor_id,
        [pair.worker_id],
        first,
        last,
        counts=terms.hours_per_month is not None,
    )
    whose = (pair.bot, pair.supervisor_id)
    slots = _slots(session, whose, terms, taken, (first, last), now=now)
    return [slot for slot in slots if not (slot.is_visit and pair.mode == ONLINE)]


def free_for(
    session: Session,
    group: SupervisionGroup,
    workers: Sequence[int],
    *,
    first: date,
    last: date,
    now: datetime,
) -> list[Slot]:
    """When a session with several could begin instead, from one local date to another, in order.

    Her own hours in which nothing of anybody in it stands; days on which she travels are left out.
    """
    terms = replace(
        terms_of(session, group.supervisor_id),
        minutes=group.minutes,
        buffer_minutes=group.buffer_minutes,
    )
    if first > last:
        return []
    taken = _taken(
        session,
        group.supervisor_id,
        workers,
        first,
        last,
        counts=terms.hours_per_month is not None,
        but=group,
    )
    whose = (group.bot, group.supervisor_id)
    slots = _slots(session, whose, terms, taken, (first, last), now=now)
    return [slot for slot in slots if not slot.is_visit and slot.starts_at != group.starts_at]


def _slots(
    session: Session,
    whose: tuple[int, int],
    terms: Terms,
    taken: Taken,
    dates: tuple[date, date],
    *,
    now: datetime,
) -> list[Slot]:
    """The free sessions of a supervisor, named with her bot, from one local date to another."""
    (bot, supervisor_id), (first, last) = whose, dates
    supervisor = rows_of(session, [supervisor_id], bot=bot)
    calendar = working_days.calendar_of(
        session,
        unit_path=supervisor[0].unit_path if supervisor else "/",
        working_weekdays=[1, 2, 3, 4, 5],
    )
    return free(
        spans_of(session, supervisor_id, on=first),
        terms,
        taken,
        now=now,
        first=first,
        last=last,
        calendar=calendar,
        zone=ZONE,
    )


def _taken(
    session: Session,
    supervisor_id: int,
    workers: Sequence[int],
    first: date,
    last: date,
    *,
    counts: bool,
    but: SupervisionGroup | None = None,
) -> Taken:
    """What stands in the way of anybody, one session with several left out.

    With `counts` her minutes of the months concerned.
    """
    minutes: dict[tuple[int, int], int] = defaultdict(int)
    if counts:
        whole = [
            moment_at(day, _MIDNIGHT, ZONE)
            for day in (first.replace(day=1), last + timedelta(days=32))
        ]
        for one in stored.held(session, [supervisor_id], since=whole[0], until=whole[1]):
            day = local_date(one.starts_at, ZONE)
            minutes[day.year, day.month] += one.minutes
        if but is not None:
            day = local_date(but.starts_at, ZONE)
            minutes[day.year, day.month] -= but.minutes
    span = [
        int(moment_at(day, _MIDNIGHT, ZONE).timestamp()) // SECONDS
        for day in (first, last + timedelta(days=1))
    ]
    quarters: set[int] = set()
    for person_id in (supervisor_id, *workers):
        quarters |= stored.taken(
            session, person_id, first=span[0], last=span[1], but_group=but.id if but else None
        )
    away = of_person.rows(session, Absence, Absence.person_id == supervisor_id)
    return Taken(quarters, minutes, tuple((one.since, one.until) for one in away))


def slot_at(session: Session, pair: SupervisionPair, starts_at: datetime, *, now: datetime) -> Slot:
    """The free session that begins at a moment; raises SlotTaken where there is none."""
    day = local_date(starts_at, ZONE)
    for slot in _free(session, pair, now=now, on=day):
        if slot.starts_at == starts_at:
            return slot
    raise SlotTaken


def where(pair: SupervisionPair, slot: Slot) -> tuple[str, str]:
    """How and where one meets in a free session."""
    if slot.is_visit:
        return IN_PERSON, slot.place
    return (IN_PERSON, "") if pair.mode == IN_PERSON else (ONLINE, slot.place)
