"""During and after an exchange visit: logs, what was brought home, who was there, the summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, LARGEST_ID, key, points_to
from storage.people import ChatAccount
from storage.visits import APPROVED, ExchangeVisit, VisitPerson

TEXT, PICTURE, VOICE = "text", "picture", "voice"
# Who may read it: its author alone, or who travelled with her and whoever arranges the visit.
OWN, FELLOWS = "own", "fellows"
# Whether the summary may hold it: not, without her name, with it.
NO, UNNAMED, NAMED = "no", "unnamed", "named"


class VisitLog(SQLModel, table=True):
    """One entry of a log: words, or a picture or recording with words about it."""

    __tablename__ = "visit_log"

    id: int | None = key()
    visit_id: int = points_to("exchange_visit.id", index=True)
    # Whose it is; a line of the list, since an official has no person.
    line_id: int = points_to("visit_person.id", index=True)
    # The local date it tells of, whenever it was written.
    day: date
    kind: str
    text: str
    # Telegram's own name of the file, "" for words alone, and of the others that came with it as
    # one album; `size` in bytes of all of them, `seconds` of a recording.
    file_id: str = ""
    more_files: list[str] = Field(default_factory=list, sa_type=DOCUMENT)
    size: int = 0
    seconds: int = 0
    sharing: str
    summary: str
    # Who wrote it down for somebody without a chat.
    entered_by: int | None = points_to("person.id", optional=True)
    written_at: datetime
    # What it said before the last change and when that was, for 撤销.
    before: str | None = None
    changed_at: datetime | None = None
    # Gone for everybody, her too; kept a little so that it can be taken back.
    dropped_at: datetime | None = None


class VisitReturn(SQLModel, table=True):
    """What somebody brought home, in three parts or told at once, and what became of it."""

    __tablename__ = "visit_return"

    id: int | None = key()
    visit_id: int = points_to("exchange_visit.id", index=True)
    line_id: int = points_to("visit_person.id", unique=True)
    # {"saw", "use", "first_step"} or {"whole"}; a part that was not written is not in it.
    parts: dict[str, str] = Field(sa_type=DOCUMENT)
    sharing: str
    summary: str
    version: int = 0
    updated_at: datetime
    # Whether the first step was made, as she said it 30 days later.
    step: str = ""
    step_text: str = ""
    step_shared: bool = False
    step_at: datetime | None = None


class VisitDayMark(SQLModel, table=True):
    """That somebody was or was not there on a day, where that is not what her line says."""

    __tablename__ = "visit_day_mark"

    line_id: int = points_to("visit_person.id", primary=True)
    day: date = Field(primary_key=True)
    is_there: bool
    marked_by: int | None = points_to("person.id", optional=True)
    marked_at: datetime


class VisitReport(SQLModel, table=True):
    """How far the time after a visit has got: what was asked, the roll, the summary."""

    __tablename__ = "visit_report"

    visit_id: int = points_to("exchange_visit.id", primary=True)
    # The last evening the log was asked for; when the two questions of later were sent.
    log_on: date | None = None
    return_at: datetime | None = None
    check_at: datetime | None = None
    # {local date: minutes}, as the ledger holds them; the roll stands when it is confirmed.
    minutes: dict[str, int] = Field(default_factory=dict, sa_type=DOCUMENT)
    evidence: str = ""
    confirmed_by: int | None = points_to("person.id", optional=True)
    confirmed_at: datetime | None = None
    # When the summary was last taken out to be edited; as it came back, kept by Telegram.
    fetched_at: datetime | None = None
    file_id: str = ""
    file_by: int | None = points_to("person.id", optional=True)
    file_at: datetime | None = None
    # When words that it may hold were last taken back.
    taken_back_at: datetime | None = None
    round: int = 0
    published_by: int | None = points_to("person.id", optional=True)
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry with whose it is."""

    log: VisitLog
    person_id: int | None
    name: str


def entry(session: Session, log_id: int, *, lock: bool = False) -> Entry | None:
    """An entry that was not dropped, or was so lately that it can be taken back."""
    if log_id >= LARGEST_ID:
        return None
    statement = (
        select(VisitLog, VisitPerson.person_id, VisitPerson.name)
        .join(VisitPerson, col(VisitPerson.id) == VisitLog.line_id)
        .where(VisitLog.id == log_id)
    )
    if lock:
        statement = statement.with_for_update(of=VisitLog).execution_options(populate_existing=True)
    row = session.exec(statement).first()
    return Entry(*row) if row else None


def _seen_by(line_id: int | None) -> Any:
    hers = col(VisitLog.line_id) == line_id
    return and_(col(VisitLog.dropped_at).is_(None), or_(hers, col(VisitLog.sharing) == FELLOWS))


def entries(session: Session, visit_id: int, *, reader: int | None) -> list[Entry]:
    """What the line `reader` (None: nobody's own) may read of a visit.

    The day that comes last stands first; on a day the last written first.
    """
    rows = session.exec(
        select(VisitLog, VisitPerson.person_id, VisitPerson.name)
        .join(VisitPerson, col(VisitPerson.id) == VisitLog.line_id)
        .where(VisitLog.visit_id == visit_id, _seen_by(reader))
        .order_by(col(VisitLog.day).desc(), col(VisitLog.id).desc())
    )
    return [Entry(*row) for row in rows]


def count_seen(session: Session, visit_id: int, *, reader: int | None) -> int:
    """How many those are."""
    statement = select(func.count(col(VisitLog.id))).where(
        VisitLog.visit_id == visit_id, _seen_by(reader)
    )
    return int(session.exec(statement).one())


def count_of(session: Session, line_id: int, day: date | None = None) -> int:
    """How many entries somebody has, of one day or of all."""
    statement = select(func.count(col(VisitLog.id))).where(
        VisitLog.line_id == line_id, col(VisitLog.dropped_at).is_(None)
    )
    if day is not None:
        statement = statement.where(VisitLog.day == day)
    return int(session.exec(statement).one())


def wrote_on(session: Session, visit_id: int, day: date) -> set[int]:
    """The lines that have an entry of a day already."""
    rows = session.exec(
        select(VisitLog.line_id).where(
            VisitLog.visit_id == visit_id,
            VisitLog.day == day,
            col(VisitLog.dropped_at).is_(None),
        )
    )
    return set(rows)


def for_summary(session: Session, visit_id: int) -> list[Entry]:
    """The entries that the summary may hold, in the order of the journey."""
    rows = session.exec(
        select(VisitLog, VisitPerson.person_id, VisitPerson.name)
        .join(VisitPerson, col(VisitPerson.id) == VisitLog.line_id)
        .where(
            VisitLog.visit_id == visit_id,
            col(VisitLog.summary).in_((NAMED, UNNAMED)),
            VisitLog.sharing == FELLOWS,
            col(VisitLog.dropped_at).is_(None),
        )
        .order_by(col(VisitLog.day), col(VisitLog.id))
    )
    return [Entry(*row) for row in rows]


def brought(session: Session, line_id: int, *, lock: bool = False) -> VisitReturn | None:
    """What the line of somebody brought home."""
    statement = select(VisitReturn).where(VisitReturn.line_id == line_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def brought_by_id(session: Session, return_id: int) -> tuple[VisitReturn, VisitPerson] | None:
    """What was brought home, with whose it is."""
    if return_id >= LARGEST_ID:
        return None
    row = session.exec(
        select(VisitReturn, VisitPerson)
        .join(VisitPerson, col(VisitPerson.id) == VisitReturn.line_id)
        .where(VisitReturn.id == return_id)
    ).first()
    return (row[0], row[1]) if row else None


def all_brought(session: Session, visit_id: int) -> list[tuple[VisitReturn, VisitPerson]]:
    """Everything that was brought home from a visit, in the order of the list."""
    rows = session.exec(
        select(VisitReturn, VisitPerson)
        .join(VisitPerson, col(VisitPerson.id) == VisitReturn.line_id)
        .where(VisitReturn.visit_id == visit_id)
        .order_by(col(VisitPerson.id))
    )
    return [(row[0], row[1]) for row in rows]


def report(session: Session, visit_id: int, *, lock: bool = False) -> VisitReport | None:
    """How far the time after a visit has got; None before anything was asked."""
    statement = select(VisitReport).where(VisitReport.visit_id == visit_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def reports(session: Session, visit_ids: Sequence[int]) -> dict[int, VisitReport]:
    """The same for several visits."""
    rows = session.exec(select(VisitReport).where(col(VisitReport.visit_id).in_(visit_ids)))
    return {row.visit_id: row for row in rows}


def marks(session: Session, visit_ids: Sequence[int]) -> dict[tuple[int, date], bool]:
    """Who was or was not there where her line says otherwise, by (line, day)."""
    rows = session.exec(
        select(VisitDayMark)
        .join(VisitPerson, col(VisitPerson.id) == VisitDayMark.line_id)
        .where(col(VisitPerson.visit_id).in_(visit_ids))
    )
    return {(row.line_id, row.day): row.is_there for row in rows}


def mark(
    session: Session, line_id: int, day: date, *, is_there: bool, by: int, now: datetime
) -> None:
    """Note that somebody was or was not there on a day."""
    row = session.get(VisitDayMark, (line_id, day)) or VisitDayMark(
        line_id=line_id, day=day, is_there=is_there, marked_at=now
    )
    row.is_there, row.marked_by, row.marked_at = is_there, by, now
    session.add(row)
    session.flush()


def with_chat(session: Session, person_ids: Sequence[int], *, bot: int) -> set[int]:
    """Those of these people who have a chat with the bot."""
    rows = session.exec(
        select(ChatAccount.person_id).where(
            col(ChatAccount.person_id).in_(person_ids),
            ChatAccount.bot == bot,
            col(ChatAccount.ended_at).is_(None),
        )
    )
    return {person_id for person_id in rows if person_id is not None}


def lately(session: Session, *, bot: int, since: date, until: date) -> list[ExchangeVisit]:
    """The approved visits that began by `until` and were not over before `since`."""
    return list(
        session.exec(
            select(ExchangeVisit)
            .where(
                ExchangeVisit.bot == bot,
                ExchangeVisit.state == APPROVED,
                ExchangeVisit.starts_on <= until,
                ExchangeVisit.ends_on >= since,
            )
            .order_by(col(ExchangeVisit.id))
        )
    )
