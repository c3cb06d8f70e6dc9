"""What is kept of a person around trainings: her places, where she was, what she gives."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.certificates import Certificate
from storage.training_attendance import TrainingAttendance
from storage.training_seats import TrainingSeat
from storage.training_tests import TrainingTestAnswer
from storage.training_uses import TrainingUse
from storage.trainings import TrainingEvent, TrainingPeriod

ERASES = {
    "training_seat": ("reason",),
    "training_period": ("trainer", "trainer_id"),
    "training_event": ("before",),
    # The serial number and the code stay, so that her paper is not taken for a forgery.
    "training_use": ("text",),
    "training_test_answer": ("person_id", "part"),
    "certificate": ("statement", "signature", "reason"),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Trainings she registered for or declined, half days she was in, half days she gives."""
    seats = of_person.rows(session, TrainingSeat, TrainingSeat.person_id == person_id)
    attended = of_person.rows(
        session, TrainingAttendance, TrainingAttendance.person_id == person_id
    )
    given = of_person.rows(session, TrainingPeriod, TrainingPeriod.trainer_id == person_id)
    held = of_person.rows(session, Certificate, Certificate.person_id == person_id)

    def title(row: TrainingSeat | TrainingPeriod) -> str:
        return session.get_one(TrainingEvent, row.event_id).title

    def topic(row: TrainingAttendance) -> str:
        return session.get_one(TrainingPeriod, row.period_id).topic

    def starts_at(row: TrainingAttendance) -> datetime:
        return session.get_one(TrainingPeriod, row.period_id).starts_at

    tested = of_person.rows(session, TrainingTestAnswer, TrainingTestAnswer.person_id == person_id)

    uses = of_person.rows(session, TrainingUse, TrainingUse.person_id == person_id)

    def test_title(row: TrainingTestAnswer | TrainingUse) -> str:
        return session.get_one(TrainingEvent, row.event_id).title

    def certified(row: Certificate) -> str:
        return json.dumps(row.statement, ensure_ascii=False)

    of_half_day: dict[str, Any] = {"topic": topic, "starts_at": starts_at}
    return (
        section("training_seats", seats, "state", "reason", "changed_at", title=title),
        section("training_attendance", attended, "state", "marked_at", **of_half_day),
        section("trainings_given", given, "topic", "trainer", "starts_at", "minutes", title=title),
        section("training_uses", uses, "days", "is_used", "text", "said_at", title=test_title),
        section("training_tests", tested, "part", "chosen", "correct", title=test_title),
        section(
            "certificates",
            held,
            *("serial", "code", "issued_at", "revoked_at", "reason", "signature"),
            statement=certified,
        ),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget why she could not come and her name as a trainer; that she was there stays.

    Her place in what is to come is free by her having gone.
    """
    del now
    reasons = of_person.blank(
        session,
        TrainingSeat,
        TrainingSeat.person_id == person_id,
        TrainingSeat.reason != "",
        reason="",
    )
    given = of_person.blank(
        session,
        TrainingPeriod,
        TrainingPeriod.trainer_id == person_id,
        trainer="",
        trainer_id=None,
    )
    # What stood before a change, to go back to, names trainers too, also of half days that went.
    events = select(TrainingEvent.id).where(col(TrainingEvent.before).is_not(None))
    of_person.blank(session, TrainingEvent, col(TrainingEvent.id).in_(events), before=None)
    tests = of_person.drop(session, TrainingTestAnswer, TrainingTestAnswer.person_id == person_id)
    uses = of_person.blank(
        session,
        TrainingUse,
        TrainingUse.person_id == person_id,
        TrainingUse.text != "",
        text="",
    )
    certified = of_person.blank(
        session,
        Certificate,
        Certificate.person_id == person_id,
        statement={},
        signature="",
        reason="",
    )
    return {
        "training_reasons": reasons,
        "trainings_given": given,
        "certificates": certified,
        "training_tests": tests,
        "training_uses": uses,
    }


def drop_reasons(session: Session, *, before: datetime, limit: int) -> int:
    """Forget why people could not come long ago; that they could not stays. Gives how many."""
    ids = of_person.some(
        session,
        col(TrainingSeat.id),
        TrainingSeat.changed_at < before,
        TrainingSeat.reason != "",
        limit=limit,
    )
    return of_person.blank(session, TrainingSeat, col(TrainingSeat.id).in_(ids), reason="")
