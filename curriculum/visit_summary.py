"""参观学习总结: built from a batch and the words people allowed, edited in Word, published.

Nobody's words stand in it longer than she lets them: what is taken back makes an edited summary
stale, and from then on the one built anew counts.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import arranged, days_there, report_of, standing, write_down
from curriculum.visit_asks import notice
from curriculum.visit_counts import Traveller, travellers
from curriculum.visit_log_errors import (
    VisitNotOver,
    VisitSummaryNotRead,
    VisitSummaryStale,
    VisitUndoTooLate,
)
from curriculum.visit_return import PARTS, WHOLE
from storage import deliveries
from storage import visit_logs as logs
from storage import visits as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.visit_logs import FELLOWS, NAMED, NO, VisitReport
from storage.visits import ExchangeVisit

KIND = "visit_summary"
FILE_BYTES = 5_000_000
# Nobody hears of it before this; what was heard can be taken back for so long.
TAKE_BACK, UNDO = timedelta(seconds=60), timedelta(minutes=10)
ASKED_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the programme."""

    day: date
    at: time | None
    destination: str
    programme: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words that the summary may hold; `author` is "" where she is not to be named."""

    author: str
    text: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the summary says; `brought` by part, in the order of the list."""

    visit_id: int
    title: str
    number: int | None
    organiser: str
    aims: str
    starts_on: date
    ends_on: date
    stops: tuple[Stop, ...]
    people: tuple[Traveller, ...]
    entries: tuple[Said, ...]
    brought: dict[str, tuple[Said, ...]]
    is_confirmed: bool

    @property
    def destinations(self) -> tuple[str, ...]:
        """Where it went to, each place once."""
        return tuple(dict.fromkeys(stop.destination for stop in self.stops))

    @property
    def officials(self) -> int:
        """How many who are no social workers."""
        return sum(one.is_official for one in self.people)


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """How a batch's summary stands for whoever arranges it; `people` would be told of it."""

    visit_id: int
    title: str
    entries: int
    brought: int
    is_confirmed: bool
    is_edited: bool
    is_stale: bool
    people: int
    version: int
    published_at: datetime | None
    can_take_back: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """The summary in force: Telegram's name of the edited one, or what to build it from."""

    visit_id: int
    title: str
    file_id: str
    summary: Summary


def build(session: Session, visit: ExchangeVisit) -> Summary:
    """What the summary says as everything stands now, of words only those that were allowed."""
    visit_id, report = visit.id or 0, logs.report(session, visit.id or 0)
    brought: dict[str, list[Said]] = {part: [] for part in (*PARTS, WHOLE)}
    for row, line in logs.all_brought(session, visit_id):
        if row.summary == NO or row.sharing != FELLOWS:
            continue
        author = line.name if row.summary == NAMED else ""
        for part, text in row.parts.items():
            brought[part].append(Said(author, text))
    return Summary(
        visit_id=visit_id,
        title=visit.title,
        number=visit.number,
        organiser=visit.organiser,
        aims=visit.aims,
        starts_on=visit.starts_on,
        ends_on=visit.ends_on,
        stops=tuple(
            Stop(stop.day, stop.at, stop.destination, stop.programme)
            for stop in stored.stops(session, visit_id)
        ),
        people=travellers(session, visit),
        entries=tuple(
            Said(one.name if one.log.summary == NAMED else "", one.log.text, one.log.day)
            for one in logs.for_summary(session, visit_id)
        ),
        brought={part: tuple(said) for part, said in brought.items()},
        is_confirmed=report is not None and report.confirmed_at is not None,
    )


def page(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> SummaryPage:
    """How the summary stands; raises NotThere, VisitNotOver before the last day is over."""
    return _page(session, _over(session, speaker, visit_id, now=now), now=now)


def _over(
    session: Session, speaker: Speaker, visit_id: int, *, now: datetime, lock: bool = False
) -> ExchangeVisit:
    visit = arranged(session, speaker, visit_id, lock=lock)
    if local_date(now, ZONE) < visit.ends_on:
        raise VisitNotOver(day=visit.ends_on)
    return visit


def _page(session: Session, visit: ExchangeVisit, *, now: datetime) -> SummaryPage:
    summary = build(session, visit)
    report = logs.report(session, visit.id or 0)
    published = report.published_at if report else None
    since = now - published if published else None
    return SummaryPage(
        visit_id=visit.id or 0,
        title=visit.title,
        entries=len(summary.entries),
        brought=max(
            [len(said) for part, said in summary.brought.items() if part != WHOLE], default=0
        )
        + len(summary.brought[WHOLE]),
        is_confirmed=summary.is_confirmed,
        is_edited=report is not None and bool(report.file_id),
        is_stale=report is not None and _is_stale(report),
        people=len(_to_tell(session, visit)),
        version=report.round if report else 0,
        published_at=published,
        can_take_back=since is not None and since < TAKE_BACK,
        can_undo=since is not None and TAKE_BACK <= since < UNDO,
    )


def _is_stale(report: VisitReport) -> bool:
    """Whether somebody took words back since the edited summary was taken in."""
    if not report.file_id or report.file_at is None or report.taken_back_at is None:
        return False
    return report.taken_back_at >= report.file_at


def _to_tell(session: Session, visit: ExchangeVisit) -> list[int]:
    """Who was there, and has a chat."""
    there = days_there(session, visit)
    known = [
        line.person_id
        for line in stored.people(session, visit.id or 0)
        if line.person_id is not None and there[line.id or 0]
    ]
    reached = logs.with_chat(session, known, bot=visit.bot)
    return [person_id for person_id in known if person_id in reached]


def fetch(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> Summary:
    """The summary built anew, to be looked at or edited; raises NotThere, VisitNotOver."""
    visit = _over(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    report.fetched_at = now
    session.add(report)
    write_down(session, visit_id, "fetch_visit_summary", actor_id=speaker.person_id, now=now)
    return build(session, visit)


def keep(
    session: Session, speaker: Speaker, visit_id: int, file_id: str, *, now: datetime
) -> SummaryPage:
    """The summary as it came back edited, in place of the built one.

    Raises NotThere, VisitNotOver, and VisitSummaryStale where words were taken back since it was
    last fetched: they may stand in it.
    """
    visit = _over(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    back, fetched = report.taken_back_at, report.fetched_at
    if back is not None and (fetched is None or back >= fetched):
        raise VisitSummaryStale
    report.file_id, report.file_by, report.file_at = file_id, speaker.person_id, now
    session.add(report)
    session.flush()
    write_down(session, visit_id, "keep_visit_summary", actor_id=speaker.person_id, now=now)
    return _page(session, visit, now=now)


def drop_edited(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> SummaryPage:
    """用系统的: the built summary counts again; raises NotThere, VisitNotOver."""
    visit = _over(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    report.file_id, report.file_by, report.file_at = "", None, None
    session.add(report)
    session.flush()
    write_down(session, visit_id, "drop_visit_summary", actor_id=speaker.person_id, now=now)
    return _page(session, visit, now=now)


def publish(
    session: Session, speaker: Speaker, visit_id: int, *, seen: int, now: datetime
) -> SummaryPage:
    """发给同行: everybody who was there hears of it a minute later.

    Raises NotThere, VisitNotOver, ChangedMeanwhile, VisitSummaryStale.
    """
    visit = _over(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    if report.published_at is not None or report.round != seen:
        raise ChangedMeanwhile
    if _is_stale(report):
        raise VisitSummaryStale
    report.round += 1
    report.published_at, report.published_by = now, speaker.person_id
    session.add(report)
    session.flush()
    for person_id in _to_tell(session, visit):
        deliveries.add(
            session,
            bot=visit.bot,
            kind=KIND,
            occasion=f"{visit_id}:{report.round}",
            recipient=person_id,
            person_id=person_id,
            subject_id=visit_id,
            urgency=FOLDABLE,
            due_at=now + TAKE_BACK,
            not_after=now + ASKED_FOR,
            created_at=now,
        )
    write_down(session, visit_id, "publish_visit_summary", actor_id=speaker.person_id, now=now)
    return _page(session, visit, now=now)


def take_back(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> SummaryPage:
    """撤回, 撤销 within ten minutes: nobody hears of it, and nobody who did can open it.

    Raises NotThere, VisitUndoTooLate.
    """
    visit = _over(session, speaker, visit_id, now=now, lock=True)
    report = report_of(session, visit_id, lock=True)
    if report.published_at is None or now - report.published_at >= UNDO:
        raise VisitUndoTooLate(minutes=UNDO.seconds // 60)
    # Under another number of round whatever still waits is not wanted any more.
    report.published_at, report.published_by = None, None
    report.round += 1
    session.add(report)
    session.flush()
    write_down(session, visit_id, "undo_visit_summary", actor_id=speaker.person_id, now=now)
    return _page(session, visit, now=now)


def paper(session: Session, speaker: Speaker, visit_id: int) -> Paper:
    """The published summary, for who travelled or arranges it; raises NotThere."""
    visit = standing(session, speaker, visit_id).visit
    report = logs.report(session, visit_id)
    if report is None or report.published_at is None:
        raise NotThere
    return _in_force(session, visit, report)


def in_force(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> Paper:
    """The summary as it would go out now, for who arranges the visit; NotThere, VisitNotOver."""
    visit = _over(session, speaker, visit_id, now=now)
    return _in_force(session, visit, logs.report(session, visit_id))


def _in_force(session: Session, visit: ExchangeVisit, report: VisitReport | None) -> Paper:
    """The edited document unless words of it were taken back, else what to build it from."""
    file_id = report.file_id if report is not None and not _is_stale(report) else ""
    return Paper(visit.id or 0, visit.title, file_id, build(session, visit))


def check_size(size: int) -> None:
    """Raise VisitSummaryNotRead for a document that is larger than any summary."""
    if size > FILE_BYTES:
        raise VisitSummaryNotRead


def _told(
    session: Session, row: Claimed, one: Addressee, visit: ExchangeVisit
) -> dict[str, Any] | str:
    """Nothing besides the visit, while it stands published as it was when this was owed."""
    del one
    report = logs.report(session, visit.id or 0)
    is_out = report is not None and report.published_at is not None
    if report is None or not is_out or row.occasion != f"{visit.id}:{report.round}":
        return "not_wanted"
    return {}


NOTICE = notice(KIND, _told)
