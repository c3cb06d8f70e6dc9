"""The sample month in a database: its questions, asked by people of a county's two stations."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from storage.cohorts import CohortMember
from storage.people import Membership, Person
from storage.questions import Question
from tests.county import BOT, County

QUESTIONS = Path(__file__).parent / "data" / "sample_month" / "questions.jsonl"
FIRST_DAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def rows() -> list[dict[str, Any]]:
    """The questions as they stand in the file."""
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


def load(session: Session, county: County, *, until_day: int = 28) -> dict[int, dict[str, Any]]:
    """Store the questions of the first days; returns each one's row of the file by its id."""
    people: dict[int, int] = {}
    stored: dict[int, dict[str, Any]] = {}
    for row in rows():
        if row["day"] > until_day:
            continue
        asker = row["asker"]
        unit = county.station if asker % 2 else county.other_station
        if asker not in people:
            person = Person(name=f"同事{asker}", created_at=FIRST_DAY)
            session.add(person)
            session.flush()
            people[asker] = person.id or 0
            session.add(
                Membership(person_id=people[asker], unit_id=unit.id or 0, since=FIRST_DAY.date())
            )
            session.add(
                CohortMember(
                    cohort_id=county.cohort.id or 0,
                    person_id=people[asker],
                    since=FIRST_DAY.date(),
                )
            )
        question = Question(
            asker_id=people[asker],
            unit_id=unit.id,
            text=row["text"],
            context=row["context"],
            anonymous=row["anonymous"],
            bot=BOT,
            asked_at=FIRST_DAY + timedelta(days=row["day"] - 1),
        )
        session.add(question)
        session.flush()
        stored[question.id or 0] = row
    return stored
