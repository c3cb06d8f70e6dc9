"""What is kept of a person during and after exchange visits: her log, what she brought home."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.visit_logs import NO, VisitDayMark, VisitLog, VisitReport, VisitReturn
from storage.visits import ExchangeVisit, VisitPerson

ERASES = {
    "visit_log": ("text", "file_id", "more_files", "before"),
    "visit_return": ("parts", "step_text"),
    # The edited summary repeats her words; it is made anew from what is left.
    "visit_report": ("file_id",),
}


def _lines(session: Session, person_id: int) -> list[int]:
    found = session.exec(select(VisitPerson.id).where(VisitPerson.person_id == person_id))
    return [line_id or 0 for line_id in found]


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Her entries, hers written down by others too; what she brought home; days she was marked."""
    lines = _lines(session, person_id)
    logs = of_person.rows(session, VisitLog, col(VisitLog.line_id).in_(lines))
    brought = of_person.rows(session, VisitReturn, col(VisitReturn.line_id).in_(lines))
    marks = of_person.rows(session, VisitDayMark, col(VisitDayMark.line_id).in_(lines))

    def title(row: VisitLog | VisitReturn) -> str:
        return session.get_one(ExchangeVisit, row.visit_id).title

    def part(name: str) -> Callable[[VisitReturn], str]:
        return lambda row: row.parts.get(name, "")

    parts: dict[str, Any] = {name: part(name) for name in ("saw", "use", "first_step", "whole")}
    return (
        section(
            "visit_logs",
            logs,
            *("day", "kind", "text", "sharing", "summary", "written_at"),
            title=title,
        ),
        section(
            "visit_returns",
            brought,
            *("sharing", "summary", "updated_at", "step", "step_text", "step_shared", "step_at"),
            title=title,
            **parts,
        ),
        section("visit_days", marks, "day", "is_there", "marked_at"),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Her words and files go, and the edited summaries that may hold them; her days stay.

    A summary is written anew from the words of those who are left.
    """
    lines = _lines(session, person_id)
    kept = col(VisitLog.line_id).in_(lines), col(VisitLog.summary) != NO
    allowed = {row.visit_id for row in of_person.rows(session, VisitLog, *kept)}
    told = col(VisitReturn.line_id).in_(lines), col(VisitReturn.summary) != NO
    allowed |= {row.visit_id for row in of_person.rows(session, VisitReturn, *told)}
    entries = of_person.blank(
        session,
        VisitLog,
        col(VisitLog.line_id).in_(lines),
        text="",
        file_id="",
        more_files=[],
        before=None,
        summary=NO,
        dropped_at=now,
    )
    brought = of_person.blank(
        session,
        VisitReturn,
        col(VisitReturn.line_id).in_(lines),
        parts={},
        summary=NO,
        step_text="",
        step_shared=False,
    )
    of_person.blank(
        session,
        VisitReport,
        col(VisitReport.visit_id).in_(allowed),
        file_id="",
        taken_back_at=now,
    )
    return {"visit_logs": entries, "visit_returns": brought}


def drop_sentences(session: Session, *, before: datetime, limit: int) -> int:
    """Forget how first steps went, said long ago; that they were made stays. Gives how many."""
    ids = of_person.some(
        session,
        col(VisitReturn.id),
        VisitReturn.step_text != "",
        col(VisitReturn.step_at) < before,
        limit=limit,
    )
    return of_person.blank(
        session, VisitReturn, col(VisitReturn.id).in_(ids), step_text="", step_shared=False
    )


def drop_undone(session: Session, *, before: datetime, limit: int) -> int:
    """Forget what nobody can take back any more: dropped entries, words that were changed."""
    dropped = of_person.some(
        session, col(VisitLog.id), col(VisitLog.dropped_at) < before, limit=limit
    )
    gone = of_person.drop(session, VisitLog, col(VisitLog.id).in_(dropped)) if dropped else 0
    changed = of_person.some(
        session,
        col(VisitLog.id),
        col(VisitLog.changed_at) < before,
        col(VisitLog.before).is_not(None),
        limit=limit,
    )
    if changed:
        gone += of_person.blank(session, VisitLog, col(VisitLog.id).in_(changed), before=None)
    return gone
