"""What is owed around a visit and to whom: invitations, reminders, words about one's own place."""

from datetime import datetime, time, timedelta

from sqlmodel import Session

from curriculum import visit_pages
from curriculum.event_words import invitation_name
from curriculum.facts import FOLDABLE, TIMED, URGENT
from curriculum.people import ZONE
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK
from curriculum.visit_pages import ends_at, plans, starts_at
from storage import deliveries, owing
from storage import visit_people as people
from storage import visits as stored
from storage.visits import APPROVED, COMING, INVITED, ExchangeVisit, VisitPerson

KIND = visit_pages.KIND
AHEAD, DAY, CHANGED = "visit_ahead", "visit_day", "visit_changed"
PLACE, VERDICT = "visit_place", "visit_verdict"
# What became of somebody's own place, and of a proposal.
ADDED, TAKEN_OFF = "added", "taken_off"
AGREED, REFUSED, REOPENED = "approved", "refused", "reopened"
# A reminder of some days before comes when the quiet hours end.
HOUR = time(9)
EVE = 1
# Nearer than this a change is urgent (EXPERIENCE section 1).
NEAR = timedelta(hours=24)
SEND = "send"
# Whom a visit and its changes concern.
CONCERNED = (INVITED, COMING)


def invite(session: Session, visit: ExchangeVisit, *, now: datetime) -> int:
    """Owe the invitation to everybody on the list who has a chat; gives how many."""
    return owing.owe_people(
        session,
        visit,
        people.on_list(visit.id or 0, *CONCERNED),
        kind=KIND,
        occasion=invitation_name(visit),
        urgency=_urgency(session, visit, now=now),
        due_at=now + TAKE_BACK,
        not_after=ends_at(visit),
        now=now,
    )


def _urgency(session: Session, visit: ExchangeVisit, *, now: datetime) -> str:
    return URGENT if starts_at(visit, plans(session, visit)) - now < NEAR else FOLDABLE


def tell_place(
    session: Session, visit: ExchangeVisit, line: VisitPerson, what: str, *, now: datetime
) -> None:
    """Tell one person that she was added or taken off; before the approval nobody hears of it."""
    if visit.state != APPROVED or line.person_id is None:
        return
    deliveries.add(
        session,
        bot=visit.bot,
        kind=PLACE,
        occasion=f"{visit.id}:{line.version}:{what}",
        recipient=line.person_id,
        person_id=line.person_id,
        subject_id=visit.id,
        urgency=_urgency(session, visit, now=now),
        due_at=now + TAKE_BACK,
        not_after=ends_at(visit),
        created_at=now,
    )


def tell_verdict(session: Session, visit: ExchangeVisit, what: str, *, now: datetime) -> None:
    """Tell whoever proposed a visit what became of it."""
    if visit.proposed_by is None:
        return
    deliveries.add(
        session,
        bot=visit.bot,
        kind=VERDICT,
        occasion=f"{visit.id}:{visit.version}:{what}",
        recipient=visit.proposed_by,
        person_id=visit.proposed_by,
        subject_id=visit.id,
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=ends_at(visit),
        created_at=now,
    )


def reminders(visit: ExchangeVisit) -> list[tuple[int, datetime]]:
    """(days before the first day, when it is due) of each reminder, the earliest first.

    0 is the first day's own morning, -1 that of the second, to the last day of the journey.
    """
    days = sorted({int(day) for day in visit.reminders["days"]}, reverse=True)
    morning = time.fromisoformat(visit.reminders["hour"])
    length = (visit.ends_on - visit.starts_on).days
    first = visit.starts_on
    ahead = [(day, moment_at(first - timedelta(days=day), HOUR, ZONE)) for day in days]
    mornings = [
        (-day, moment_at(first + timedelta(days=day), morning, ZONE)) for day in range(length + 1)
    ]
    return [*ahead, *mornings]


def last_due(visit: ExchangeVisit, *, now: datetime) -> int | None:
    """Which reminder was due last; None before the first."""
    due = [day for day, due_at in reminders(visit) if due_at <= now]
    return due[-1] if due else None


def next_reminder(session: Session, *, bot: int, now: datetime) -> datetime | None:
    """When the next reminder of any visit is due."""
    ahead = [
        due_at
        for visit in stored.open_visits(session, bot=bot, on=local_date(now, ZONE))
        for _, due_at in reminders(visit)
        if due_at > now
    ]
    return min(ahead, default=None)


def owe_ahead(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the reminders of this minute to who travels; gives how many rows were added."""
    added = 0
    for found in stored.open_visits(session, bot=bot, on=local_date(now, ZONE)):
        if not _is_due(found, last_due(found, now=now)):
            continue
        visit = stored.visit(session, found.id or 0, bot=bot, lock=True)
        due = last_due(visit, now=now) if visit is not None else None
        if visit is not None and visit.state == APPROVED and due is not None:
            added += _remind(session, visit, due, now=now) if _is_due(visit, due) else 0
    return added


def _is_due(visit: ExchangeVisit, due: int | None) -> bool:
    return due is not None and (visit.reminded is None or due < visit.reminded)


def _remind(session: Session, visit: ExchangeVisit, day: int, *, now: datetime) -> int:
    """Owe one reminder, unless it is too late for it."""
    visit.reminded = day
    session.add(visit)
    session.flush()
    due_at = dict(reminders(visit))[day]
    # The programme of a day is of no use when the day is over.
    limit = moment_at(visit.starts_on - timedelta(days=min(day, 0) - 1), time(), ZONE)
    if day > 0:
        limit = starts_at(visit, plans(session, visit))
        if visit.reminders["late"] != SEND:
            late = timedelta(hours=int(visit.reminders["skip_after_hours"]))
            limit = min(limit, due_at + late)
    if now > max(limit, due_at):
        return 0
    return owing.owe_people(
        session,
        visit,
        people.on_list(visit.id or 0, COMING),
        kind=AHEAD if day > EVE else DAY,
        occasion=f"{visit.id}:{visit.moves}:{day}",
        urgency=FOLDABLE if day > 0 else TIMED,
        due_at=due_at,
        not_after=max(limit, due_at),
        now=now,
    )
