"""今天: where a person's lesson of the day is, and owing it when it passed her by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import cohorts, occasions, recall, records
from curriculum.daily_lesson import KIND, KINDS, dates, values_sent
from curriculum.facts import FOLDABLE
from curriculum.occasions import Beat, Occasion
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at, next_working_day
from storage import absences, deliveries, owing
from storage import cohorts as stored_cohorts
from storage import lesson_deliveries as owed
from storage import lessons as stored_lessons
from storage import schedule as stored_schedule
from storage.cohorts import CohortMember
from storage.deliveries import Delivery

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Today:
    """What 今天 answers.

    `state`: paused (she rests; `at` is when she is back, None while it is open), no_cohort
    (nothing to learn here), off (a day off), none_today (a working day that brought none, for
    instance the evening before the first), coming (later today), on_its_way (asked for, sent in a
    moment), here (sent; `values` are its content). `at`: when the next one comes, for off,
    none_today and coming. `name`: what the day off is called. `may_recall`: the question is
    answered and an earlier lesson may be asked today.
    """

    state: str
    at: datetime | None = None
    name: str | None = None
    values: Mapping[str, Any] | None = None
    is_learned: bool = False
    is_answered: bool = False
    may_recall: bool = False


def today(session: Session, speaker: Speaker, *, now: datetime) -> Today:
    """Today's lesson for a person: where it is, or, if it passed her by, owed to her now."""
    day = local_date(now, ZONE)
    away = absences.present_or_coming(session, speaker.person_id, on=day)
    if away is not None and away.since <= day:
        return Today("paused", at=moment_at(away.until, NOON, ZONE) if away.until else None)
    for member, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        beat = cohorts.beat_of(session, cohort, kind=KIND)
        if beat is not None and cohort.bot == speaker.bot:
            if local_date(now, beat.zone) < cohort.start_on:
                return next_for(session, speaker, now=now)
            return _today(session, speaker, beat, member, now=now)
    return Today("no_cohort")


def _today(
    session: Session,
    speaker: Speaker,
    beat: Beat,
    member: CohortMember,
    *,
    now: datetime,
) -> Today:
    day = local_date(now, beat.zone)
    occasion = Occasion(beat, day)
    delivery = owed.delivery_to(
        session, kinds=KINDS, occasion=occasion.name, person_id=speaker.person_id
    )
    if delivery is not None and delivery.parts_sent > 0:
        return _here(session, speaker, delivery, now=now)
    if delivery is not None and delivery.status in (deliveries.WAITING, deliveries.CLAIMED):
        is_ahead = delivery.due_at > now
        return Today("coming", at=delivery.due_at) if is_ahead else Today("on_its_way")
    if not dates(beat, day, day):
        name = beat.calendar.name_of(day)
        return Today("off", at=_following(session, beat, day, member), name=name)
    at = _due_on(session, beat, day, member)
    if at is not None and at > now:
        _owe(session, speaker, occasion, member, due_at=None, now=now)
        return Today("coming", at=at)
    if at is not None and delivery is not None:
        owed.reopen(session, delivery, due_at=now)
    elif at is None or not _owe(session, speaker, occasion, member, due_at=now, now=now):
        return Today("none_today", at=_following(session, beat, day, member))
    return Today("on_its_way")


def _due_on(session: Session, beat: Beat, day: date, member: CohortMember) -> datetime | None:
    """When a working day's lesson comes to her; None when a coordinator holds it."""
    standing = owed.occasion_on(session, kind=KIND, cohort_id=beat.cohort_id, local_date=day)
    if standing is not None and standing.state == occasions.HELD:
        return None
    moved_to = standing.moved_to if standing else None
    return beat.due_at(day, beat.hour_on(member.own_time, moved_to))


def _following(session: Session, beat: Beat, day: date, member: CohortMember) -> datetime:
    """When the next lesson after a day comes to her, past the days a coordinator holds."""
    changed = stored_schedule.occasions_of(
        session,
        kind=KIND,
        cohort_ids=[beat.cohort_id],
        since=day + timedelta(days=1),
        until=day + timedelta(days=366),
    )
    following = next_working_day(day, beat.calendar)
    while (row := changed.get((beat.cohort_id, following))) and row.state == occasions.HELD:
        following = next_working_day(following, beat.calendar)
    return beat.due_at(following, beat.hour_on(member.own_time, row.moved_to if row else None))


def next_for(session: Session, speaker: Speaker, *, now: datetime) -> Today:
    """When a person's next lesson comes: for the week shown after enrolment.

    Whoever joins in the morning is owed that day's lesson too, at its hour: the day was planned
    at midnight without her.
    """
    for member, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        beat = cohorts.beat_of(session, cohort, kind=KIND)
        if beat is None or cohort.bot != speaker.bot:
            continue
        day = max(local_date(now, beat.zone), cohort.start_on)
        at = _due_on(session, beat, day, member) if dates(beat, day, day) else None
        if at is not None and at > now:
            _owe(session, speaker, Occasion(beat, day), member, due_at=None, now=now)
            return Today("coming", at=at)
        return Today("coming", at=_following(session, beat, day, member))
    return Today("no_cohort")


def _owe(
    session: Session,
    speaker: Speaker,
    occasion: Occasion,
    member: CohortMember,
    *,
    due_at: datetime | None,
    now: datetime,
) -> bool:
    """She came after the day was planned: the day's lesson is owed to her alone.

    Due at `due_at`, or at its hour (hers or the cohort's) when None. False for a day on which the
    cohort has no lesson, or none yet.
    """
    beat, day = occasion.beat, occasion.local_date
    planned = owed.occasion_on(session, kind=KIND, cohort_id=beat.cohort_id, local_date=day)
    if planned is None or planned.state != occasions.PLANNED:
        return False
    hour, due = member.own_time, beat.hour_on(member.own_time, planned.moved_to)
    owing.owe_members(
        session,
        cohort_id=beat.cohort_id,
        pack_id=beat.pack_id,
        bot=beat.bot,
        kind=KIND,
        occasion=occasion.name,
        day=day,
        own_time=hour,
        lesson_id=planned.lesson_id,
        urgency=FOLDABLE,
        due_at=due_at or beat.due_at(day, due),
        # What she asks for herself is never too late.
        not_after=None if due_at else beat.not_after(day, due),
        now=now,
        person_id=speaker.person_id,
    )
    return True


def _here(session: Session, speaker: Speaker, delivery: Delivery, *, now: datetime) -> Today:
    answer = stored_lessons.answer_to(
        session, person_id=speaker.person_id, delivery_id=delivery.id or 0
    )
    standing = records.standing(
        session, person_id=speaker.person_id, study=KIND, occasion=delivery.occasion
    )
    return Today(
        "here",
        values=values_sent(session, delivery),
        is_learned=standing is not None,
        is_answered=answer is not None,
        may_recall=answer is not None and recall.may_ask(session, speaker, now=now),
    )
