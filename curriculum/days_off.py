"""节假日: a pasted notice, shown with what it touches, kept for a unit and all under it, undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import cohorts
from curriculum.calendar_errors import CalendarUndoTooLate
from curriculum.errors import NotThere
from curriculum.holiday_notices import NoticeDay
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import UNDO
from storage import audit
from storage import calendar_days as stored
from storage import gatherings as stored_gatherings
from storage import schedule as stored_schedule
from storage.audit import AuditEntry
from storage.calendar_days import CalendarDay
from storage.gatherings import PLANNED

RIGHT, LESSON, WEEKLY = "schedule", "daily_lesson", "weekly_study"
SAVED, UNDONE, SOURCE = "save_holiday_notice", "undo_holiday_notice", "notice"
_MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a notice touches: lessons and weekly sessions follow by rule, others stay."""

    lessons: int
    weekly: int
    others: int


def units_of(speaker: Speaker) -> list[tuple[int, str]]:
    """The topmost units whose calendar she sets, each with its path; raises NotThere."""
    speaker.require(RIGHT)
    return [(int(path.strip("/").rpartition("/")[2]), path) for path in speaker.reach(RIGHT)]


def effects(
    session: Session, speaker: Speaker, notice: Sequence[NoticeDay], *, now: datetime
) -> Effects:
    """How many lessons and sessions of her cohorts lie on what the notice changes; NotThere."""
    units_of(speaker)
    within = [
        (cohort, path)
        for cohort, path, _ in stored_schedule.cohorts_under(
            session, speaker.reach(RIGHT), bot=speaker.bot
        )
    ]
    lessons = 0
    for beat, cohort in cohorts.beats_of(session, within, kind=LESSON):
        for one in notice:
            is_within = cohort.start_on <= one.day and (
                cohort.end_on is None or one.day <= cohort.end_on
            )
            lessons += is_within and beat.calendar.is_working(one.day) != one.is_worked
    off = {one.day for one in notice if not one.is_worked}
    ids = [cohort.id or 0 for cohort, _ in within]
    weekly = others = 0
    if off and ids:
        since = moment_at(min(off), _MIDNIGHT, ZONE)
        until = moment_at(max(off) + timedelta(days=1), _MIDNIGHT, ZONE)
        for found in stored_gatherings.of_cohorts(
            session, ids, since=since, until=until, states=(PLANNED,)
        ):
            if local_date(found.starts_at, ZONE) in off and found.starts_at > now:
                weekly += found.kind == WEEKLY
                others += found.kind != WEEKLY
    return Effects(lessons, weekly, others)


def save(session: Session, speaker: Speaker, notice: Sequence[NoticeDay], *, now: datetime) -> int:
    """Keep a notice for her units and all under them; gives what `take_back` is called with.

    A nearer unit's own word goes on to count there. Raises NotThere.
    """
    before: dict[str, str | None] = {}
    for unit_id, _ in units_of(speaker):
        known = stored.of_unit(session, unit_id, [one.day for one in notice])
        for one in notice:
            kind = "work" if one.is_worked else "off"
            row = known.get(one.day)
            before[f"{unit_id}:{one.day.isoformat()}"] = row.kind if row else None
            if row is None:
                row = CalendarDay(
                    day=one.day, unit_id=unit_id, kind=kind, name=one.name, source=SOURCE
                )
            row.kind, row.name, row.source = kind, one.name or row.name, SOURCE
            row.confirmed_by = speaker.person_id
            session.add(row)
    entry = audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=SAVED,
        object_kind="calendar",
        object_id=None,
        before=before,
    )
    session.flush()
    return entry.id or 0


def take_back(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> list[date]:
    """撤销 of a notice for ten minutes by whoever saved it; the days it gave back.

    Raises NotThere, CalendarUndoTooLate.
    """
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action != SAVED or entry.actor_id != speaker.person_id:
        raise NotThere
    if now - entry.at > UNDO:
        raise CalendarUndoTooLate(minutes=UNDO.seconds // 60)
    units = {unit_id for unit_id, _ in units_of(speaker)}
    days = []
    for named, kind in entry.facts["before"].items():
        unit_id, day = int(named.partition(":")[0]), date.fromisoformat(named.partition(":")[2])
        row = stored.of_unit(session, unit_id, [day]).get(day) if unit_id in units else None
        if row is None:
            continue
        days.append(day)
        if kind is None:
            session.delete(row)
        else:
            row.kind = kind
            session.add(row)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=UNDONE,
        object_kind="calendar",
        object_id=None,
        days=[day.isoformat() for day in days],
    )
    return sorted(set(days))


def saved_at(session: Session, speaker: Speaker, entry_id: int) -> datetime:
    """When a notice of hers was saved; raises NotThere."""
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action != SAVED or entry.actor_id != speaker.person_id:
        raise NotThere
    return entry.at


def coming(session: Session, speaker: Speaker, *, now: datetime) -> list[tuple[date, bool, str]]:
    """The special days of the next year of her topmost unit: (day, is worked, name); NotThere."""
    _, path = units_of(speaker)[0]
    today = local_date(now, ZONE)
    rows = stored.calendar_days(session, path)
    return [
        (day, rows[day].kind == "work", rows[day].name)
        for day in sorted(rows)
        if today < day <= today + timedelta(days=366)
    ]
