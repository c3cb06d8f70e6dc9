"""今天 and the first day: what is promised is owed."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import daily_lesson, lessons, todays_lesson
from curriculum.lesson_pack import read_pack
from curriculum.rhythm import moment_at
from scheduler import planner
from storage.deliveries import Delivery, Occasion
from storage.engine import Database
from storage.lessons import Lesson
from tests.county import BOT, County, build, join, write_pack

WEDNESDAY = date(2026, 11, 25)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in Lhasa's clock."""
    return moment_at(day, time(hour, minute), "Asia/Shanghai")


def plan(database: Database, now: datetime) -> int:
    """Let the planner catch up at a moment."""
    return database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=now, real=now)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """One learner, four lessons, the first on Wednesday."""
    return database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=1)


def _due(session: Session, person_id: int) -> list[tuple[str, datetime, datetime | None]]:
    rows = session.exec(
        select(Lesson.code, Delivery.due_at, Delivery.not_after)
        .join(Delivery, Delivery.subject_id == Lesson.id)  # type: ignore[arg-type]
        .where(Delivery.person_id == person_id)
        .order_by(Delivery.due_at)  # type: ignore[arg-type]
    )
    return list(rows)


@pytest.mark.parametrize("asked", [todays_lesson.next_for, todays_lesson.today])
def test_who_joins_before_the_hour_is_owed_the_lesson_she_is_told_of(
    database: Database, county: County, asked: object
) -> None:
    """Planned at midnight without her, told at eight that it comes at ten: so it does, once."""
    plan(database, at(WEDNESDAY, 0, 1))
    late = database.write_now(join, county, chat_id=300, name="新来的", now=at(WEDNESDAY, 8))
    for _ in range(2):
        told = database.write_now(asked, late, now=at(WEDNESDAY, 8))  # type: ignore[arg-type]
        assert (told.state, told.at) == ("coming", at(WEDNESDAY))
    assert database.read_now(_due, late.person_id) == [("001", at(WEDNESDAY), at(WEDNESDAY, 20))]


def test_before_the_first_day_nothing_is_promised_for_today(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A cohort that begins next Monday has its first lesson then, and owes none before."""
    monday = date(2026, 11, 30)
    county = database.write_now(
        build, write_pack(tmp_path / "pack"), now=start, learners=1, start_on=monday
    )
    plan(database, at(WEDNESDAY, 0, 1))
    for hour in (8, 12):
        told = database.write_now(todays_lesson.today, county.learners[0], now=at(WEDNESDAY, hour))
        assert (told.state, told.at) == ("coming", at(monday))
    assert database.read_now(_due, county.learners[0].person_id) == []


def test_missed_days_at_her_own_pace_bring_different_lessons(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """With "send" two silent days are made up with two lessons, never the same one twice."""
    county = database.write_now(
        build, write_pack(tmp_path / "pack"), now=start, learners=1, pace="own", late="send"
    )
    plan(database, at(WEDNESDAY + timedelta(days=1), 9))
    owed = database.read_now(_due, county.learners[0].person_id)
    assert [(code, due_at) for code, due_at, _ in owed] == [
        ("001", at(WEDNESDAY)),
        ("002", at(WEDNESDAY + timedelta(days=1))),
    ]


def _close_all(session: Session, status: str) -> None:
    for row in session.exec(select(Delivery).where(Delivery.status == "waiting")):
        row.status = status


def test_a_withdrawn_lesson_that_reached_nobody_is_not_made_up_with_an_older_one(
    database: Database, county: County, tmp_path: Path
) -> None:
    """The cohort goes on with the lesson behind it, not with the one before."""
    plan(database, at(WEDNESDAY, 0, 1))
    database.write_now(_close_all, "sent")
    plan(database, at(WEDNESDAY + timedelta(days=1), 0, 1))
    (tmp_path / "pack" / "002.zh.md").unlink()
    database.write_now(
        lessons.import_pack, read_pack(tmp_path / "pack"), now=at(WEDNESDAY + timedelta(days=1), 9)
    )

    database.write_now(_close_all, "expired")
    plan(database, at(WEDNESDAY + timedelta(days=2), 0, 1))
    taught = database.read_now(
        lambda session: [
            session.get_one(Lesson, row.lesson_id).code
            for row in session.exec(select(Occasion).order_by(Occasion.local_date))  # type: ignore[arg-type]
        ]
    )
    assert taught == ["001", "002", "003"]


def test_a_withdrawn_lesson_keeps_its_place_however_often_the_pack_comes_again(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """Re-importing without it moves it no further forward."""
    (tmp_path / "pack" / "003.zh.md").unlink()
    places = []
    for _ in range(3):
        result = database.write_now(lessons.import_pack, read_pack(tmp_path / "pack"), now=start)
        row = database.read_now(
            lambda session: session.exec(select(Lesson).where(Lesson.code == "003")).one()
        )
        places.append((row.position, row.is_withdrawn, result.withdrawn))
    assert places == [(1, True, ("003",)), (1, True, ()), (1, True, ())]


def test_a_lesson_marked_withdrawn_is_told_and_not_taught(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """Withdrawing in the file counts like leaving it out, once."""
    file = tmp_path / "pack" / "001.zh.md"
    file.write_text(
        file.read_text("utf-8").replace("status: draft", "status: withdrawn"), encoding="utf-8"
    )
    told = [
        database.write_now(lessons.import_pack, read_pack(tmp_path / "pack"), now=start).withdrawn
        for _ in range(2)
    ]
    assert told == [("001",), ()]
    plan(database, at(WEDNESDAY, 0, 1))
    owed = database.read_now(_due, county.learners[0].person_id)
    assert [code for code, _, _ in owed] == ["002"]
