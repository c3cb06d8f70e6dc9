"""Receiving lessons, pressing 再来一题 and answering, as the recall tests do it."""

from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session, select

from curriculum import daily_lesson, lesson_answers, recall
from curriculum.people import Speaker
from curriculum.recall import Answered, Asked
from curriculum.rhythm import moment_at
from storage.deliveries import Delivery
from storage.engine import Database
from storage.lessons import Lesson
from tests.county import BOT, County

ZONE = "Asia/Shanghai"
# Lessons come on these working days, one each.
FIRST = date(2026, 11, 25)
DAYS = [FIRST, date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
RIGHT, WRONG = 1, 0


def at(day: date, hour: int = 11, minute: int = 0) -> datetime:
    """A moment in Lhasa's clock."""
    return moment_at(day, time(hour, minute), ZONE)


def receive(
    database: Database, county: County, days: list[date], *, lesson: str | None = None
) -> None:
    """Every learner gets a lesson on each of these days, in the pack's order (or this one)."""

    def run(session: Session) -> None:
        codes = {row.code: row for row in session.exec(select(Lesson))}
        for learner in county.learners:
            for day in days:
                row = codes[lesson or f"{DAYS.index(day) + 1:03d}"]
                session.add(
                    Delivery(
                        bot=BOT,
                        kind=daily_lesson.KIND,
                        occasion=f"{county.cohort.id}:{day}",
                        recipient=learner.person_id,
                        person_id=learner.person_id,
                        cohort_id=county.cohort.id,
                        subject_id=row.id,
                        content_version=row.current_version_id,
                        urgency="foldable",
                        due_at=at(day, 10),
                        status="sent",
                        parts_sent=2,
                        created_at=at(day, 0),
                        sent_at=at(day, 10),
                    )
                )

    database.write_now(run)


def learn(
    database: Database, county: County, day: date, chosen: int | None, *, by: int = 0
) -> lesson_answers.Learned:
    """Answer a day's check question on its day, or press 学完了 (None)."""
    return database.write_now(
        lesson_answers.learned,
        county.learners[by],
        occasion=f"{county.cohort.id}:{day}",
        chosen=chosen,
        now=at(day),
    )


def ask(database: Database, who: Speaker, now: datetime) -> Asked:
    """Press 再来一题."""
    return database.write_now(recall.ask, who, now=now)


def answer(database: Database, who: Speaker, ask_id: int, chosen: int, now: datetime) -> Answered:
    """Press an option."""
    return database.write_now(recall.answer, who, ask_id=ask_id, chosen=chosen, now=now)


def rows(database: Database, table: type[Any]) -> list[Any]:
    """A whole table."""
    return database.read_now(lambda session: list(session.exec(select(table).order_by(table.id))))
