"""Who has to do with the log of an exchange visit: who travelled, who arranges it, its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import event_access
from curriculum.clean_text import clean
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import days as days_between
from curriculum.rhythm import local_date
from curriculum.visit_log_errors import VisitWordsNotUsable
from storage import audit
from storage import visit_logs as logs
from storage import visits as stored
from storage.visit_logs import VisitReport
from storage.visits import APPROVED, COMING, INVITED, ExchangeVisit, VisitPerson

RUN = "run_visit"
STUDY = "exchange_visit"
# Who is taken to travel until the roll says otherwise: not whoever said that she cannot.
EXPECTED = (COMING, INVITED)
# How many of a list stand on one page.
PAGE = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a visit; `line` None where she only arranges it."""

    visit: ExchangeVisit
    line: VisitPerson | None
    is_arranger: bool

    @property
    def visit_id(self) -> int:
        """The visit's id."""
        return self.visit.id or 0

    @property
    def line_id(self) -> int | None:
        """Her line on the list, if she has one."""
        return self.line.id if self.line is not None else None


def standing(session: Session, speaker: Speaker, visit_id: int, *, lock: bool = False) -> Standing:
    """A visit that takes place and that she travels with or arranges; raises NotThere."""
    visit = stored.visit(session, visit_id, bot=speaker.bot, lock=lock)
    if visit is None or visit.state != APPROVED:
        raise NotThere
    line = stored.line_of(session, visit_id, speaker.person_id)
    if line is not None and not _travels(session, line):
        line = None
    is_arranger = arranges(session, speaker, visit)
    if line is None and not is_arranger:
        raise NotThere
    return Standing(visit, line, is_arranger)


def _travels(session: Session, line: VisitPerson) -> bool:
    """Whether she said that she comes, or was there although she had not."""
    if line.state in EXPECTED:
        return True
    marks = logs.marks(session, [line.visit_id])
    return any(there for (line_id, _), there in marks.items() if line_id == line.id)


def arranges(session: Session, speaker: Speaker, visit: ExchangeVisit) -> bool:
    """Whether she coordinates the unit whose visit it is."""
    return event_access.arranges(session, speaker, visit, RUN)


def fellow(session: Session, speaker: Speaker, visit_id: int) -> tuple[ExchangeVisit, VisitPerson]:
    """A visit she travels with, and her line; raises NotThere."""
    found = standing(session, speaker, visit_id)
    if found.line is None:
        raise NotThere
    return found.visit, found.line


def arranged(
    session: Session, speaker: Speaker, visit_id: int, *, lock: bool = False
) -> ExchangeVisit:
    """A visit she arranges; raises NotThere."""
    found = standing(session, speaker, visit_id, lock=lock)
    if not found.is_arranger:
        raise NotThere
    return found.visit


def days_of(visit: ExchangeVisit) -> list[date]:
    """The local dates of a journey."""
    return list(days_between(visit.starts_on, visit.ends_on))


def days_so_far(visit: ExchangeVisit, *, now: datetime) -> list[date]:
    """Those that have begun."""
    today = local_date(now, ZONE)
    return [day for day in days_of(visit) if day <= today]


def days_there(
    session: Session, visit: ExchangeVisit, *, expected: Sequence[str] = EXPECTED
) -> dict[int, tuple[date, ...]]:
    """On which days each line of the list was there, by line; nobody is left out.

    Who stands in a state of `expected` is taken to be there where nothing else is noted, until
    the roll is confirmed: from then on what is noted is all there is.
    """
    marks, days = logs.marks(session, [visit.id or 0]), days_of(visit)
    report = logs.report(session, visit.id or 0)
    if report is not None and report.confirmed_at is not None:
        expected = ()
    return {
        line.id or 0: tuple(
            day for day in days if marks.get((line.id or 0, day), line.state in expected)
        )
        for line in stored.people(session, visit.id or 0)
    }


def report_of(session: Session, visit_id: int, *, lock: bool = False) -> VisitReport:
    """How far the time after a visit has got, begun where nothing was noted yet."""
    found = logs.report(session, visit_id, lock=lock)
    if found is None:
        found = VisitReport(visit_id=visit_id)
        session.add(found)
        session.flush()
    return found


def usable(written: str, limit: int) -> str:
    """Words as they are kept, 1 to `limit` as Telegram counts; raises VisitWordsNotUsable."""
    text = clean(written).strip()
    length = len(text.encode("utf-16-le")) // 2
    if not 1 <= length <= limit:
        raise VisitWordsNotUsable(limit=limit, length=length)
    return text


def write_down(
    session: Session,
    visit_id: int,
    action: str,
    *,
    actor_id: int | None,
    now: datetime,
    **facts: int | str | None,
) -> None:
    """An entry of the audit trail about a visit: ids, codes and counts only."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="visit",
        object_id=visit_id,
        **facts,
    )
