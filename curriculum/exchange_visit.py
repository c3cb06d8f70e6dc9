"""外出参观交流学: who of a batch is told what and when, and what each message says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from curriculum import visit_pages
from curriculum.facts import FOLDABLE, TIMED, URGENT, Facts, NotWanted, Verdict
from curriculum.people import ZONE
from curriculum.rhythm import local_date, moment_at
from curriculum.visit_pages import TAKE_BACK, ends_at, plans, starts_at
from curriculum.visit_words import StopPlan
from storage import deliveries
from storage import visit_people as people
from storage import visits as stored
from storage.deliveries import Claimed
from storage.visit_people import Addressee
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


@dataclass(frozen=True, slots=True)
class Brief:
    """What a message says of a visit."""

    visit_id: int
    title: str
    aims: str
    starts_on: date
    ends_on: date
    starts_at: datetime
    destinations: tuple[str, ...]
    state: str
    reason: str
    version: int


def brief(visit: ExchangeVisit, stops: Sequence[StopPlan]) -> Brief:
    """A visit for a message about it."""
    return Brief(
        visit.id or 0,
        visit.title,
        visit.aims,
        visit.starts_on,
        visit.ends_on,
        starts_at(visit, stops),
        tuple(dict.fromkeys(one.destination for one in stops)),
        visit.state,
        visit.reason,
        visit.version,
    )


def invitation_name(visit: ExchangeVisit) -> str:
    """What the invitations of one approval are called."""
    return f"{visit.id}:{visit.round}"


def change_name(visit: ExchangeVisit) -> str:
    """What the words of a visit's last change are called."""
    return f"{visit.id}:{visit.change}"


def invite(session: Session, visit: ExchangeVisit, *, now: datetime) -> int:
    """Owe the invitation to everybody on the list who has a chat; gives how many."""
    return people.owe_people(
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
    return people.owe_people(
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


# One claimed delivery's verdict, given its addressee, its visit and the visit's places.
Judge = Callable[[Claimed, Addressee, ExchangeVisit, list[StopPlan]], Verdict]


def _verdicts(session: Session, claimed: Sequence[Claimed], judge: Judge) -> dict[int, Verdict]:
    """Every claimed message judged, in a fixed number of queries for each visit."""
    to = people.addressees(session, [row.id for row in claimed])
    visits = stored.of_ids(session, sorted({row.subject_id or 0 for row in claimed}))
    stops = {visit_id: plans(session, visit) for visit_id, visit in visits.items()}
    found: dict[int, Verdict] = {}
    for row in claimed:
        one, visit = to.get(row.id), visits.get(row.subject_id or 0)
        if one is None or visit is None or not one.is_active:
            found[row.id] = NotWanted("left")
        elif one.chat_id is None or not one.is_reachable:
            found[row.id] = NotWanted("unreachable")
        else:
            found[row.id] = judge(row, one, visit, stops[visit.id or 0])
    return found


def _facts(
    kind: str, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan], key: str, **more: Any
) -> Facts:
    return Facts(
        kind=kind,
        chat_id=one.chat_id or 0,
        language=one.language,
        content_key=f"{kind}/{visit.id}/{visit.version}/{key}",
        content_version=None,
        values={"visit": brief(visit, stops), **more},
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed invitation says; whoever said no, or is off the list, is not asked."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        if visit.state != APPROVED or row.occasion != invitation_name(visit):
            return NotWanted("visit_cancelled")
        if one.state not in CONCERNED or ends_at(visit) <= now:
            return NotWanted("not_wanted")
        return _facts(KIND, one, visit, stops, "")

    return _verdicts(session, claimed, judge)


def ahead_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed reminder says; whoever comes no more is not reminded."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, moves, day = row.occasion.split(":")
        is_on = visit.state == APPROVED and int(moves) == visit.moves and ends_at(visit) > now
        if not is_on or one.state != COMING:
            return NotWanted("not_wanted")
        days = int(day)
        of_day = visit.starts_on - timedelta(days=min(days, 0))
        return _facts(
            row.kind,
            one,
            visit,
            stops,
            day,
            days=days,
            day=of_day,
            places=[stop for stop in stops if stop.day == of_day],
            packing=list(visit.packing) if days == EVE else [],
        )

    return _verdicts(session, claimed, judge)


def changed_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word of a change says: all that changed since people heard last."""
    del now

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        if row.occasion != change_name(visit) or not visit.changes:
            return NotWanted("not_wanted")
        if one.state not in CONCERNED:
            return NotWanted("not_wanted")
        return _facts(
            CHANGED,
            one,
            visit,
            stops,
            str(one.state),
            changes=_read(visit.changes),
            mine=one.state,
            is_urgent=visit.is_urgent,
            change=visit.change,
        )

    return _verdicts(session, claimed, judge)


def place_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word about a person's own place says, while it is still so."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, version, what = row.occasion.split(":")
        is_on = visit.state == APPROVED and ends_at(visit) > now
        if not is_on or int(version) != one.line_version:
            return NotWanted("not_wanted")
        return _facts(PLACE, one, visit, stops, what, what=what)

    return _verdicts(session, claimed, judge)


def verdict_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What became of a proposal, for whoever proposed it, while it is still so."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, version, what = row.occasion.split(":")
        if int(version) != visit.version or ends_at(visit) <= now:
            return NotWanted("not_wanted")
        return _facts(VERDICT, one, visit, stops, what, what=what)

    return _verdicts(session, claimed, judge)


def ahead_line(facts: Facts) -> Mapping[str, Any]:
    """An early reminder as a line of the next lesson."""
    return {"starts_at": facts.values["visit"].starts_at}


def _read(changes: Sequence[Any]) -> tuple[tuple[str, Any, Any], ...]:
    """Changes as they are worded: days as such."""

    def value(field: str, written: str) -> Any:
        if field != "when":
            return written
        return tuple(date.fromisoformat(day) for day in written.split("/"))

    return tuple((field, value(field, was), value(field, now_is)) for field, was, now_is in changes)


# What else is sent around a visit, each of its own kind.
NOTICES: tuple[Any, ...] = (
    SimpleNamespace(KIND=AHEAD, facts=ahead_facts, line=ahead_line),
    SimpleNamespace(KIND=DAY, facts=ahead_facts),
    SimpleNamespace(KIND=CHANGED, facts=changed_facts),
    SimpleNamespace(KIND=PLACE, facts=place_facts),
    SimpleNamespace(KIND=VERDICT, facts=verdict_facts),
)
