"""参观点名: who was there on each day of a journey, confirmed by one tap with exceptions.

What is confirmed is written into the ledger of whoever is a learner; officials are counted here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import (
    EXPECTED,
    PAGE,
    arranged,
    days_of,
    days_there,
    report_of,
    write_down,
)
from curriculum.visit_ledger import minutes_of, planned_minutes, settle
from curriculum.visit_log_errors import (
    VisitMinutesNotUsable,
    VisitNotBegun,
    VisitNotOver,
    VisitUndoTooLate,
)
from curriculum.visit_minutes import LEAST, MOST
from storage import visit_logs as logs
from storage import visits as stored
from storage.visits import ExchangeVisit, VisitPerson

ROLL_CALL, ON_PAPER = BY_HAND = ("roll_call", "on_paper")
UNDO = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RollLine:
    """One of the list: on how many days she was there, of how many; official or learner."""

    line_id: int
    name: str
    unit_name: str
    is_official: bool
    days: int
    of: int
    state: str


@dataclass(frozen=True, slots=True)
class RollPage:
    """The roll of a visit, one page of it; `there` counts who was there on any day.

    `days` are the local dates with their minutes, `by_programme` those whose minutes the programme
    says and nobody has settled yet.
    """

    visit_id: int
    title: str
    days: tuple[tuple[date, int], ...]
    by_programme: frozenset[date]
    lines: tuple[RollLine, ...]
    there: int
    officials: int
    everybody: int
    # Who is taken to have been there without ever having said that she comes.
    unanswered: int
    confirmed_at: datetime | None
    evidence: str
    can_confirm: bool
    can_undo: bool
    page: int
    pages: int
    # How many fit the words that were searched for, "" for all.
    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class LineDays:
    """One of the list with each day of the journey."""

    visit_id: int
    line_id: int
    name: str
    days: tuple[tuple[date, bool], ...]


def read_minutes(written: str) -> int:
    """Minutes of a day as they are typed; raises VisitMinutesNotUsable."""
    digits = written.strip().removesuffix("分钟").removesuffix("min").strip()
    if not digits.isdecimal() or not LEAST <= int(digits[:6]) <= MOST:
        raise VisitMinutesNotUsable(least=LEAST, most=MOST)
    return int(digits)


def roll(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    *,
    words: str = "",
    page: int = 0,
    now: datetime,
) -> RollPage:
    """One page of the roll, `words` in name or unit; raises NotThere, VisitNotBegun, SearchTooLong.

    The counts are of everybody.
    """
    visit = to_call(session, speaker, visit_id, now=now)
    report, there = logs.report(session, visit_id), days_there(session, visit)
    people = stored.people(session, visit_id)
    days = minutes_of(session, visit, report)
    # Who said no stands last: on the roll only because she may have come after all.
    people.sort(key=lambda one: (one.state not in EXPECTED, one.id or 0))
    shown = sought(people, words, lambda one: (one.name, one.unit_name), page=page, size=PAGE)
    lines = tuple(
        RollLine(
            one.id or 0,
            one.name,
            one.unit_name,
            one.person_id is None,
            len(there[one.id or 0]),
            len(days),
            one.state,
        )
        for one in shown.lines
    )
    confirmed_at = report.confirmed_at if report else None
    return RollPage(
        visit_id=visit_id,
        title=visit.title,
        days=tuple(days.items()),
        by_programme=frozenset(planned_minutes(session, visit, report)),
        lines=lines,
        there=sum(bool(found) for found in there.values()),
        officials=sum(one.person_id is None and bool(there[one.id or 0]) for one in people),
        everybody=len(people),
        unanswered=sum(one.state == stored.INVITED and bool(there[one.id or 0]) for one in people),
        confirmed_at=confirmed_at,
        evidence=report.evidence if report else "",
        can_confirm=confirmed_at is None and local_date(now, ZONE) >= visit.ends_on,
        can_undo=confirmed_at is not None and now - confirmed_at < UNDO,
        page=shown.page,
        pages=shown.pages,
        count=shown.count,
        words=shown.words,
    )


def to_call(
    session: Session, speaker: Speaker, visit_id: int, *, now: datetime, lock: bool = False
) -> ExchangeVisit:
    """A visit whose roll she may call; raises NotThere, VisitNotBegun."""
    visit = arranged(session, speaker, visit_id, lock=lock)
    if local_date(now, ZONE) < visit.starts_on:
        raise VisitNotBegun(day=visit.starts_on)
    return visit


def _line(session: Session, visit: ExchangeVisit, line_id: int) -> VisitPerson:
    line = stored.line(session, line_id)
    if line is None or line.visit_id != visit.id or line.state not in stored.LISTED:
        raise NotThere
    return line


def days_of_line(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, *, now: datetime
) -> LineDays:
    """Each day of one of the list; raises NotThere, VisitNotBegun."""
    visit = to_call(session, speaker, visit_id, now=now)
    line = _line(session, visit, line_id)
    there = days_there(session, visit)[line_id]
    days = tuple((day, day in there) for day in days_of(visit))
    return LineDays(visit_id, line_id, line.name, days)


def tick(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    line_id: int,
    *,
    day: date | None = None,
    now: datetime,
) -> None:
    """A tap on a name (all days) or on one of her days: there, or not there after all.

    Once the roll is confirmed the ledger follows at once. Raises NotThere, VisitNotBegun.
    """
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    line = _line(session, visit, line_id)
    was = days_there(session, visit)[line_id]
    days = days_of(visit) if day is None else [day]
    if not set(days) <= set(days_of(visit)):
        raise NotThere
    is_there = not was if day is None else day not in was
    for one in days:
        logs.mark(session, line_id, one, is_there=is_there, by=speaker.person_id, now=now)
    report = report_of(session, visit_id, lock=True)
    if report.confirmed_at is not None:
        settle(session, visit, report, [line], by=speaker.person_id, now=now)
    action = "visit_there" if is_there else "visit_absent"
    write_down(
        session, visit_id, action, actor_id=speaker.person_id, now=now, line=line_id, days=len(days)
    )


def set_minutes(
    session: Session, speaker: Speaker, visit_id: int, day: date, minutes: int, *, now: datetime
) -> None:
    """How long a day counts; the ledger follows. Raises NotThere, VisitNotBegun."""
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    if day not in days_of(visit) or not LEAST <= minutes <= MOST:
        raise NotThere
    report = report_of(session, visit_id, lock=True)
    report.minutes = report.minutes | {day.isoformat(): minutes}
    session.add(report)
    session.flush()
    if report.confirmed_at is not None:
        people = stored.people(session, visit_id)
        settle(session, visit, report, people, by=speaker.person_id, now=now)
    write_down(
        session,
        visit_id,
        "set_visit_minutes",
        actor_id=speaker.person_id,
        now=now,
        day=day.isoformat(),
        minutes=minutes,
    )


def confirm(
    session: Session, speaker: Speaker, visit_id: int, *, evidence: str, now: datetime
) -> int:
    """全部确认: the roll as it stands goes into the ledger; gives how many were there.

    Raises NotThere, VisitNotOver before the last day.
    """
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    if evidence not in BY_HAND:
        raise NotThere
    if local_date(now, ZONE) < visit.ends_on:
        raise VisitNotOver(day=visit.ends_on)
    report = report_of(session, visit_id, lock=True)
    if report.confirmed_at is None:
        there, days = days_there(session, visit), days_of(visit)
        for line_id, found in there.items():
            for day in days:
                is_there = day in found
                logs.mark(session, line_id, day, is_there=is_there, by=speaker.person_id, now=now)
        report.confirmed_at, report.confirmed_by = now, speaker.person_id
        report.evidence = evidence
        # What the ledger was told stays as it was, whatever becomes usual later.
        minutes = minutes_of(session, visit, report)
        report.minutes = {day.isoformat(): counted for day, counted in minutes.items()}
        session.add(report)
        session.flush()
        people = stored.people(session, visit_id)
        settle(session, visit, report, people, by=speaker.person_id, now=now)
        write_down(
            session,
            visit_id,
            "confirm_visit_roll",
            actor_id=speaker.person_id,
            now=now,
            evidence=evidence,
        )
    return sum(bool(found) for found in days_there(session, visit).values())


def undo(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> None:
    """撤销 of 全部确认 within ten minutes: the ledger takes it back; the marks stay.

    Raises NotThere, VisitUndoTooLate.
    """
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    if report.confirmed_at is None or now - report.confirmed_at >= UNDO:
        raise VisitUndoTooLate(minutes=UNDO.seconds // 60)
    report.confirmed_at, report.confirmed_by, report.evidence = None, None, ""
    session.add(report)
    people = stored.people(session, visit_id)
    settle(session, visit, report, people, by=speaker.person_id, now=now)
    write_down(session, visit_id, "undo_visit_roll", actor_id=speaker.person_id, now=now)
