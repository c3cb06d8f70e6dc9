"""What is kept of a person around the gatherings: her part in them, apologies, minutes, swaps."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from curriculum.personal_data import REMOVED, Counts, Section, section, sentences, without
from storage import of_person
from storage.gatherings import Attendance, FacilitatorSwap, Gathering, GatheringPoint
from storage.questions import Question

ERASES = {
    "attendance": ("reason",),
    "gathering_point": ("text",),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Where she was or excused herself, what she led, the lines of minutes she wrote, swaps."""
    attended = of_person.rows(session, Attendance, Attendance.person_id == person_id)
    led = of_person.rows(session, Gathering, Gathering.facilitator_id == person_id)
    lines = of_person.rows(session, GatheringPoint, GatheringPoint.written_by == person_id)
    swaps = of_person.rows(
        session,
        FacilitatorSwap,
        or_(FacilitatorSwap.asked_by == person_id, FacilitatorSwap.asked_of == person_id),
    )

    def title(row: Attendance | GatheringPoint | FacilitatorSwap) -> str:
        return session.get_one(Gathering, row.gathering_id).title

    def starts_at(row: Attendance | GatheringPoint | FacilitatorSwap) -> datetime:
        return session.get_one(Gathering, row.gathering_id).starts_at

    where: dict[str, Any] = {"title": title, "starts_at": starts_at}
    return (
        section("attendance", attended, "state", "reason", "marked_at", **where),
        section("gatherings_led", led, "kind", "title", "starts_at", "minutes", "state"),
        section("minutes_written", lines, "kind", "text", "written_at", **where),
        section("swaps", swaps, "state", "asked_at", "answered_at", **where),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget why she was away and what she wrote or asked in minutes; that she was there stays.

    What she was to lead from now on is led by nobody yet. Before the questions are emptied.
    """
    reasons = of_person.blank(
        session,
        Attendance,
        Attendance.person_id == person_id,
        Attendance.reason != "",
        reason="",
    )
    own = list(session.exec(select(Question.text).where(Question.asker_id == person_id)))
    asked = select(Question.id).where(Question.asker_id == person_id)
    written = or_(
        GatheringPoint.written_by == person_id, col(GatheringPoint.question_id).in_(asked)
    )
    lines = of_person.blank(session, GatheringPoint, written, text=REMOVED)
    quoted = sentences(own)
    for line in of_person.rows(session, GatheringPoint, col(GatheringPoint.text).in_(own)):
        line.text = without(line.text, quoted)
        session.add(line)
    of_person.blank(
        session,
        Gathering,
        Gathering.facilitator_id == person_id,
        Gathering.starts_at > now,
        facilitator_id=None,
        is_confirmed=False,
    )
    return {"apologies": reasons, "minutes_written": lines}


def drop_reasons(session: Session, *, before: datetime, limit: int) -> int:
    """Forget why people were away long ago; that they were stays. Gives how many."""
    ids = of_person.some(
        session,
        col(Attendance.id),
        Attendance.marked_at < before,
        Attendance.reason != "",
        limit=limit,
    )
    return of_person.blank(session, Attendance, col(Attendance.id).in_(ids), reason="")
