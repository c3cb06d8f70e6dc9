"""What travellers are asked: the log each evening, what they brought home, whether it began.

Every question comes once and without a sound; whoever has answered already is not asked.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from curriculum import working_days
from curriculum.event_words import said, subjects, verdicts
from curriculum.facts import FOLDABLE, NotWanted, Verdict
from curriculum.people import ZONE
from curriculum.quiet_hours import WITHOUT_COHORT
from curriculum.rhythm import local_date, moment_at, next_working_day, start_of_quiet
from curriculum.visit_access import days_of, days_there, report_of
from storage import cohorts, deliveries
from storage import visit_logs as logs
from storage import visit_people as lines
from storage import visits as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.people import Unit
from storage.visits import APPROVED, COMING, ExchangeVisit

LOG, RETURN, CHECK = "visit_log", "visit_return", "visit_followup"
# The log is planned from noon on and asked for in the evening, well before quiet hours begin.
PLANNED_FROM, EVENING = time(12), time(20)
BEFORE_QUIET = timedelta(minutes=30)
HOUR = time(9, 30)
CHECK_DAYS = 30
# What was due while the bot was stopped is asked for so long.
RETURN_FOR, CHECK_FOR = timedelta(days=10), timedelta(days=7)
# A visit that was over this long ago is not looked at.
LONGEST = timedelta(days=CHECK_DAYS + 10)


def home_on(session: Session, visit: ExchangeVisit) -> date:
    """The first working day after a journey, by the calendar of the unit whose visit it is."""
    path = session.get_one(Unit, visit.unit_id).path
    calendar = working_days.calendar_of(session, unit_path=path, working_weekdays=[1, 2, 3, 4, 5])
    return next_working_day(visit.ends_on, calendar)


def return_at(session: Session, visit: ExchangeVisit) -> datetime:
    """When it is asked what was brought home."""
    return moment_at(home_on(session, visit), HOUR, ZONE)


def check_at(visit: ExchangeVisit) -> datetime:
    """When the first step is asked after."""
    return moment_at(visit.ends_on + timedelta(days=CHECK_DAYS), HOUR, ZONE)


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe every question that is due; gives how many rows were added."""
    today, added = local_date(now, ZONE), 0
    for found in logs.lately(session, bot=bot, since=today - LONGEST, until=today):
        for is_due, ask in ((_log_due, _ask_log), (_return_due, _ask_return), (_check_due, _ask)):
            if not is_due(session, found, now=now):
                continue
            visit = stored.visit(session, found.id or 0, bot=bot, lock=True)
            # Another process may have asked while this one waited.
            if visit is not None and visit.state == APPROVED and is_due(session, visit, now=now):
                added += ask(session, visit, now=now)
    return added


def next_asked(session: Session, *, bot: int, now: datetime) -> tuple[datetime, str] | None:
    """When anything is asked next, and its kind."""
    ahead: list[tuple[datetime, str]] = []
    today = local_date(now, ZONE)
    for visit in logs.lately(session, bot=bot, since=today - LONGEST, until=today):
        evenings = [(moment_at(day, EVENING, ZONE), LOG) for day in days_of(visit)]
        ahead += [
            (at, kind)
            for at, kind in (
                *evenings,
                (return_at(session, visit), RETURN),
                (check_at(visit), CHECK),
            )
            if now < at
        ]
    return min(ahead, default=None)


def _log_due(session: Session, visit: ExchangeVisit, *, now: datetime) -> bool:
    today = local_date(now, ZONE)
    if not visit.starts_on <= today <= visit.ends_on:
        return False
    report = logs.report(session, visit.id or 0)
    was_asked = report is not None and report.log_on is not None and report.log_on >= today
    return not was_asked and moment_at(today, PLANNED_FROM, ZONE) <= now


def _return_due(session: Session, visit: ExchangeVisit, *, now: datetime) -> bool:
    report = logs.report(session, visit.id or 0)
    if visit.ends_on >= local_date(now, ZONE) or (report and report.return_at is not None):
        return False
    at = return_at(session, visit)
    return at <= now < at + RETURN_FOR


def _check_due(session: Session, visit: ExchangeVisit, *, now: datetime) -> bool:
    at = check_at(visit)
    if not at <= now < at + CHECK_FOR:
        return False
    report = logs.report(session, visit.id or 0)
    return report is None or report.check_at is None


def _ask_log(session: Session, visit: ExchangeVisit, *, now: datetime) -> int:
    """Each at her own moment: the evening, or half an hour before her quiet hours."""
    today = local_date(now, ZONE)
    report = report_of(session, visit.id or 0, lock=True)
    report.log_on = today
    session.add(report)
    there = [one for one, days in _going(session, visit).items() if today in days]
    quiet = cohorts.quiet_hours_of(session, there, bot=visit.bot)
    added = 0
    for person_id in there:
        hours = quiet.get(person_id, WITHOUT_COHORT)
        noon = moment_at(today, PLANNED_FROM, ZONE)
        night = start_of_quiet(noon, quiet_from=hours.quiet_from, zone=hours.zone)
        due = min(moment_at(today, EVENING, ZONE), night - BEFORE_QUIET)
        if due <= noon or night <= now:
            # Her quiet hours leave no evening: the button is there at any time.
            continue
        occasion = f"{visit.id}:{today.isoformat()}"
        added += _add(session, visit, LOG, occasion, person_id, due=due, last=night, now=now)
    return added


def _ask_return(session: Session, visit: ExchangeVisit, *, now: datetime) -> int:
    report = report_of(session, visit.id or 0, lock=True)
    report.return_at = now
    session.add(report)
    last = return_at(session, visit) + RETURN_FOR
    people = [one for one, days in _going(session, visit).items() if days]
    return sum(
        _add(session, visit, RETURN, str(visit.id), one, due=now, last=last, now=now)
        for one in people
    )


def _ask(session: Session, visit: ExchangeVisit, *, now: datetime) -> int:
    report = report_of(session, visit.id or 0, lock=True)
    report.check_at = now
    session.add(report)
    last = check_at(visit) + CHECK_FOR
    people = [one for one, days in _going(session, visit).items() if days]
    return sum(
        _add(session, visit, CHECK, str(visit.id), one, due=now, last=last, now=now)
        for one in people
    )


def _going(session: Session, visit: ExchangeVisit) -> dict[int, tuple[date, ...]]:
    """The days of each person with a chat who said that she comes, or was there, by person."""
    there = days_there(session, visit, expected=(COMING,))
    people = stored.people(session, visit.id or 0)
    known = [one.person_id for one in people if one.person_id is not None]
    reached = logs.with_chat(session, known, bot=visit.bot)
    return {one.person_id: there.get(one.id or 0, ()) for one in people if one.person_id in reached}


def _add(
    session: Session,
    visit: ExchangeVisit,
    kind: str,
    occasion: str,
    person_id: int,
    *,
    due: datetime,
    last: datetime,
    now: datetime,
) -> int:
    return int(
        deliveries.add(
            session,
            bot=visit.bot,
            kind=kind,
            occasion=occasion,
            recipient=person_id,
            person_id=person_id,
            subject_id=visit.id,
            urgency=FOLDABLE,
            due_at=due,
            not_after=last,
            created_at=now,
        )
    )


def notice(kind: str, values: Callable[..., dict[str, Any] | str]) -> Any:
    """A kind of word about a visit; `values` gives what it says of one, or why it is not wanted."""

    def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
        del now
        to = lines.addressees(session, [row.id for row in claimed])
        listed = {delivery_id: one for delivery_id, one in to.items() if one.line_id is not None}
        visits = stored.of_ids(session, subjects(claimed))

        def judge(row: Claimed, one: Addressee, visit: ExchangeVisit) -> Verdict:
            if visit.state != APPROVED:
                return NotWanted("visit_cancelled")
            found = values(session, row, one, visit)
            if isinstance(found, str):
                return NotWanted(found)
            key = f"{visit.id}/{visit.version}/{row.occasion}/{sorted(found.items())}"
            return said(kind, one, key, visit_id=visit.id, title=visit.title, **found)

        return verdicts(claimed, listed, visits, judge)

    return SimpleNamespace(KIND=kind, facts=facts)


def _log_values(
    session: Session, row: Claimed, one: Addressee, visit: ExchangeVisit
) -> dict[str, Any] | str:
    """The day, unless she wrote of it already or was not there after all."""
    day = date.fromisoformat(row.occasion.partition(":")[2])
    if day not in days_there(session, visit, expected=(COMING,)).get(one.line_id or 0, ()):
        return "left"
    if logs.count_of(session, one.line_id or 0, day):
        return "not_wanted"
    return {"day": day}


def _return_values(
    session: Session, row: Claimed, one: Addressee, visit: ExchangeVisit
) -> dict[str, Any] | str:
    del row, visit
    return "not_wanted" if logs.brought(session, one.line_id or 0) else {}


def _check_values(
    session: Session, row: Claimed, one: Addressee, visit: ExchangeVisit
) -> dict[str, Any] | str:
    """Her own first step, where she wrote one."""
    del row, visit
    brought = logs.brought(session, one.line_id or 0)
    if brought is not None and brought.step:
        return "not_wanted"
    return {"step": brought.parts.get("first_step", "") if brought is not None else ""}


NOTICES: tuple[Any, ...] = (
    notice(LOG, _log_values),
    notice(RETURN, _return_values),
    notice(CHECK, _check_values),
)
