"""每日一学: who gets which lesson when, and what answering it is worth."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from curriculum import daily_lesson, lesson_answers, lessons, people, todays_lesson
from curriculum.errors import NotThere
from curriculum.facts import NotNow
from curriculum.rhythm import moment_at
from scheduler import planner
from storage import deliveries
from storage.cohorts import CohortMember, Rhythm
from storage.deliveries import Claimed, Delivery, Occasion, SentMessage
from storage.engine import Database
from storage.lessons import Answer, Lesson, LessonVersion
from storage.records import LearningRecord
from tests.county import BOT, County, build, join, write_pack
from tests.curriculum.outbox import Outbox

ZONE = "Asia/Shanghai"
WEDNESDAY = date(2026, 11, 25)
THURSDAY = date(2026, 11, 26)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in Lhasa's clock."""
    return moment_at(day, time(hour, minute), ZONE)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Three learners who learn together, four lessons."""
    return database.write_now(build, write_pack(tmp_path / "pack"), now=start)


def plan(database: Database, now: datetime) -> int:
    """Let the planner catch up at a moment."""
    return database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=now, real=now)


def send(database: Database, now: datetime) -> list[Claimed]:
    """Claim what is due and mark what is wanted as sent, both parts."""
    return Outbox(database).send(now)


def lessons_of(database: Database, person_id: int) -> list[str]:
    """The codes of the lessons a person received, in order."""

    def read(session: Session) -> list[str]:
        return list(
            session.exec(
                select(Lesson.code)
                .join(Delivery, Delivery.subject_id == Lesson.id)  # type: ignore[arg-type]
                .where(Delivery.person_id == person_id, Delivery.status == "sent")
                .order_by(Delivery.due_at)  # type: ignore[arg-type]
            )
        )

    return database.read_now(read)


def a_day(database: Database, day: date) -> None:
    """Plan at midnight, send at ten."""
    plan(database, at(day, 0, 1))
    send(database, at(day))


def test_a_day_is_planned_whole_at_midnight_and_once(database: Database, county: County) -> None:
    """Every learner has her row from midnight on, due at ten; planning again adds nothing."""
    assert plan(database, at(WEDNESDAY, 0, 1)) == 3
    assert plan(database, at(WEDNESDAY, 0, 2)) == 0
    assert send(database, at(WEDNESDAY, 9, 59)) == []
    assert len(send(database, at(WEDNESDAY))) == 3


def test_the_watermark_moves_with_the_rows_or_not_at_all(
    database: Database, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When planning breaks in the middle, neither rows nor watermark are kept."""

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(daily_lesson.owing, "owe_groups", broken)
    with pytest.raises(RuntimeError):
        plan(database, at(WEDNESDAY, 0, 1))
    assert database.read_now(lambda session: session.exec(select(Delivery)).all()) == []
    assert database.read_now(lambda session: session.exec(select(Rhythm)).one()).watermark == date(
        2026, 11, 24
    )


def test_days_off_are_quiet_and_make_up_days_are_not(database: Database, tmp_path: Path) -> None:
    """The national holiday brings nothing; the Saturday that makes up for it brings a lesson."""
    begin = at(date(2026, 9, 29))
    county = database.write_now(
        build, write_pack(tmp_path / "pack", 20), now=begin, learners=1, start_on=date(2026, 9, 30)
    )
    received = []
    for number in range(12):
        day = date(2026, 9, 30) + timedelta(days=number)
        before = len(lessons_of(database, county.learners[0].person_id))
        a_day(database, day)
        if len(lessons_of(database, county.learners[0].person_id)) > before:
            received.append(f"{day:%m-%d}")
    assert received == ["09-30", "10-08", "10-09", "10-10"]


def test_together_everyone_has_the_same_lesson_also_who_comes_late(
    database: Database, county: County
) -> None:
    """Whoever joins on the third day learns the third lesson with the others."""
    for day in (WEDNESDAY, WEDNESDAY + timedelta(days=1)):
        a_day(database, day)
    late = database.write_now(
        join, county, chat_id=300, name="新来的", now=at(WEDNESDAY + timedelta(days=1), 12)
    )
    a_day(database, WEDNESDAY + timedelta(days=2))
    assert lessons_of(database, late.person_id) == ["003"]
    assert lessons_of(database, county.learners[0].person_id) == ["001", "002", "003"]


def test_at_her_own_pace_each_begins_with_the_first(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """In such a cohort a late joiner starts at lesson one, and who missed one gets it next."""
    county = database.write_now(
        build, write_pack(tmp_path / "pack"), now=start, learners=1, pace="own"
    )
    a_day(database, WEDNESDAY)
    late = database.write_now(join, county, chat_id=300, name="新来的", now=at(WEDNESDAY, 12))
    first = county.learners[0]
    database.write_now(
        people.set_reachable,
        bot=BOT,
        chat_id=first.chat_id,
        reachable=False,
        reason="blocked",
        now=at(WEDNESDAY, 13),
    )
    a_day(database, date(2026, 11, 26))
    database.write_now(
        people.set_reachable,
        bot=BOT,
        chat_id=first.chat_id,
        reachable=True,
        reason=None,
        now=at(date(2026, 11, 26), 13),
    )
    a_day(database, date(2026, 11, 27))
    assert lessons_of(database, late.person_id) == ["001", "002"]
    assert lessons_of(database, first.person_id) == ["001", "002"]


def test_a_lesson_that_reached_nobody_is_the_next_days_lesson(
    database: Database, county: County
) -> None:
    """After a day on which nothing ran, the cohort goes on where it stopped."""
    a_day(database, WEDNESDAY)
    plan(database, at(date(2026, 11, 26), 0, 1))
    a_day(database, date(2026, 11, 27))
    assert lessons_of(database, county.learners[0].person_id) == ["001", "002"]
    statuses = database.read_now(
        lambda session: session.exec(
            select(Delivery.status).where(Delivery.occasion == f"{county.cohort.id}:2026-11-26")
        ).all()
    )
    assert statuses == ["expired"] * 3


def test_missed_days_are_kept_where_a_coordinator_sees_them(
    database: Database, county: County
) -> None:
    """Three days of silence bring one lesson, and the others stand there as merged."""
    plan(database, at(date(2026, 11, 27), 9))
    states = database.read_now(
        lambda session: [
            (row.local_date.day, row.state)
            for row in session.exec(select(Occasion).order_by(Occasion.local_date))
        ]
    )  # type: ignore[arg-type]
    assert states == [(25, "merged"), (26, "merged"), (27, "planned")]


def test_after_the_last_lesson_a_new_round_begins(database: Database, county: County) -> None:
    """The morning is never silent because the pack has ended."""
    day, days = WEDNESDAY, 0
    while days < 5:
        before = len(lessons_of(database, county.learners[0].person_id))
        a_day(database, day)
        days += len(lessons_of(database, county.learners[0].person_id)) - before
        day += timedelta(days=1)
    assert lessons_of(database, county.learners[0].person_id) == ["001", "002", "003", "004", "001"]


def test_her_own_hour_is_hers(database: Database, county: County) -> None:
    """One learner at two in the afternoon, the others at ten, planned in the same minute."""
    mine = county.learners[0].person_id
    database.write_now(
        lambda session: setattr(
            session.exec(select(CohortMember).where(CohortMember.person_id == mine)).one(),
            "own_time",
            time(14),
        )
    )
    assert plan(database, at(WEDNESDAY, 0, 1)) == 3
    assert len(send(database, at(WEDNESDAY))) == 2
    assert [row.person_id for row in send(database, at(WEDNESDAY, 14))] == [mine]


def test_whether_a_lesson_is_wanted_is_asked_again_at_sending(
    database: Database, county: County
) -> None:
    """Left, unreachable, withdrawn: it does not go out, and the reason is kept."""
    plan(database, at(WEDNESDAY, 0, 1))
    first, second, third = county.learners

    def change(session: Session) -> None:
        session.exec(
            select(CohortMember).where(CohortMember.person_id == first.person_id)
        ).one().until = WEDNESDAY
        people.set_reachable(
            session,
            bot=BOT,
            chat_id=second.chat_id,
            reachable=False,
            reason="blocked",
            now=at(WEDNESDAY, 1),
        )

    database.write_now(change)
    send(database, at(WEDNESDAY))
    reasons = database.read_now(
        lambda session: {
            row.person_id: (row.status, row.error) for row in session.exec(select(Delivery))
        }
    )
    assert reasons == {
        first.person_id: ("skipped", "left"),
        second.person_id: ("skipped", "unreachable"),
        third.person_id: ("sent", None),
    }


def test_what_became_late_waits_for_the_end_of_quiet_hours(
    database: Database, tmp_path: Path, start: datetime, outbox: Outbox
) -> None:
    """With "send" nothing expires, but nobody is woken at eleven at night for it."""
    database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=1, late="send")
    plan(database, at(WEDNESDAY, 0, 1))
    assert outbox.ask(at(WEDNESDAY, 23)) == [NotNow(at(date(2026, 11, 26), 9))]


def rows(database: Database) -> list[LearningRecord]:
    """The whole ledger."""
    return database.read_now(
        lambda session: list(session.exec(select(LearningRecord).order_by(LearningRecord.id)))
    )  # type: ignore[arg-type]


def test_pressing_twice_writes_once(database: Database, county: County) -> None:
    """学完了 gives one row of the lesson's minutes, self-stated, however often it is pressed."""
    a_day(database, WEDNESDAY)
    learner, occasion = county.learners[0], f"{county.cohort.id}:2026-11-25"
    results = [
        database.write_now(
            lesson_answers.learned, learner, occasion=occasion, chosen=None, now=at(WEDNESDAY, 11)
        )
        for _ in range(2)
    ]
    assert [result.is_new for result in results] == [True, False]
    (row,) = rows(database)
    assert (row.minutes, row.evidence, row.mode, row.claimable, row.occurred_on) == (
        5,
        "self_stated",
        "online",
        "pending",
        WEDNESDAY,
    )
    assert row.unit_id == county.station.id


def test_an_answer_after_learned_strengthens_the_evidence_by_a_new_row(
    database: Database, county: County
) -> None:
    """The ledger only grows: the answer corrects the self-statement, the minutes stay."""
    a_day(database, WEDNESDAY)
    learner, occasion = county.learners[0], f"{county.cohort.id}:2026-11-25"
    for chosen in (None, 0, 1):
        result = database.write_now(
            lesson_answers.learned, learner, occasion=occasion, chosen=chosen, now=at(WEDNESDAY, 11)
        )
    first, second = rows(database)
    assert (second.corrects, second.evidence, second.minutes) == (first.id, "answered", 5)
    assert result.chosen == 0, "the first answer counts"
    answers = database.read_now(lambda session: session.exec(select(Answer)).all())
    assert [(answer.chosen, answer.correct) for answer in answers] == [(0, False)]


def test_only_three_lessons_a_day_carry_minutes(database: Database, county: County) -> None:
    """Four lessons learned on one Saturday: the fourth is recorded with no minutes."""
    days = [date(2026, 11, day) for day in (25, 26, 27, 30)]
    for day in days:
        a_day(database, day)
    for day in days:
        database.write_now(
            lesson_answers.learned,
            county.learners[0],
            occasion=f"{county.cohort.id}:{day}",
            chosen=None,
            now=at(days[-1], 12),
        )
    assert [row.minutes for row in rows(database)] == [5, 5, 5, 0]


@pytest.mark.parametrize("occasion", ["", "x", "1:2026-11-26", "999:2026-11-25", "1:2026-11-25:7"])
def test_what_was_not_sent_to_her_does_not_exist(
    database: Database, county: County, occasion: str
) -> None:
    """A forged button finds nothing and writes nothing."""
    a_day(database, WEDNESDAY)
    with pytest.raises(NotThere):
        database.write_now(
            lesson_answers.learned,
            county.learners[0],
            occasion=occasion,
            chosen=None,
            now=at(WEDNESDAY),
        )
    for chosen in (-1, 3, 99):
        with pytest.raises(NotThere):
            database.write_now(
                lesson_answers.learned,
                county.learners[0],
                occasion=f"{county.cohort.id}:2026-11-25",
                chosen=chosen,
                now=at(WEDNESDAY),
            )
    assert rows(database) == []


def test_a_quiz_is_answered_by_its_own_reader_only(database: Database, county: County) -> None:
    """Somebody else's poll does not exist; one we do not know yet is no error."""
    a_day(database, WEDNESDAY)
    mine, hers, _ = county.learners
    poll = database.read_now(
        lambda session: session.exec(
            select(Delivery).where(Delivery.person_id == mine.person_id)
        ).one()
    ).id
    assert (
        database.write_now(
            lesson_answers.answered_poll, mine, poll_id="unknown", chosen=0, now=at(WEDNESDAY)
        )
        is None
    )
    with pytest.raises(NotThere):
        database.write_now(
            lesson_answers.answered_poll, hers, poll_id=f"poll-{poll}", chosen=0, now=at(WEDNESDAY)
        )
    result = database.write_now(
        lesson_answers.answered_poll, mine, poll_id=f"poll-{poll}", chosen=1, now=at(WEDNESDAY)
    )
    assert result is not None
    assert (result.chosen, result.answer, result.evidence) == (1, 1, "answered")


def test_an_answer_to_no_known_quiz_goes_to_the_one_lesson_in_doubt(
    database: Database, county: County
) -> None:
    """One lesson without its poll, with as many options: that one; none or two: nobody guesses."""
    mine = county.learners[0]

    def answered(chosen: int) -> lesson_answers.Learned | None:
        return database.write_now(
            lesson_answers.answered_poll_in_doubt, mine, bot=BOT, chosen=chosen, now=at(THURSDAY)
        )

    def lose(days: int) -> None:
        """Forget the polls of the last days' lessons, and that their sending ended."""

        def run(session: Session) -> None:
            rows = session.exec(
                select(Delivery)
                .where(Delivery.person_id == mine.person_id)
                .order_by(col(Delivery.due_at).desc())
                .limit(days)
            ).all()
            for row in rows:
                row.status, row.parts_sent = deliveries.WAITING, 1
                quizzes = select(SentMessage).where(
                    SentMessage.delivery_id == row.id, col(SentMessage.poll_id).is_not(None)
                )
                for message in session.exec(quizzes).all():
                    session.delete(message)

        database.write_now(run)

    a_day(database, WEDNESDAY)
    a_day(database, THURSDAY)
    assert answered(1) is None
    lose(2)
    assert answered(1) is None
    for row in send(database, at(THURSDAY, 11)):
        assert row.person_id == mine.person_id
    assert answered(1) is None
    lose(1)
    assert answered(3) is None
    result = answered(1)
    assert result is not None
    assert (result.occasion, result.evidence) == (f"{county.cohort.id}:2026-11-26", "answered")


def test_an_answered_lesson_keeps_the_version_it_was_answered_on(
    database: Database, county: County, tmp_path: Path
) -> None:
    """A new wording is a new version; yesterday's answer still points to yesterday's."""
    a_day(database, WEDNESDAY)
    occasion = f"{county.cohort.id}:2026-11-25"
    database.write_now(
        lesson_answers.learned,
        county.learners[0],
        occasion=occasion,
        chosen=1,
        now=at(WEDNESDAY, 11),
    )
    changed = write_pack(tmp_path / "pack", changed={"001": "新的正文。"})
    result = database.write_now(lessons.import_pack, changed, now=at(WEDNESDAY, 12))
    assert result.changed == ("001",)

    def versions(session: Session) -> tuple[int, int | None]:
        answer = session.exec(select(Answer)).one()
        return session.get_one(LessonVersion, answer.version_id).number, session.exec(
            select(Lesson).where(Lesson.code == "001")
        ).one().current_version_id

    number, current = database.read_now(versions)
    assert number == 1
    assert database.read_now(lambda session: session.get_one(LessonVersion, current)).number == 2
    shown = database.write_now(todays_lesson.today, county.learners[0], now=at(WEDNESDAY, 13))
    assert shown.values is not None
    assert shown.values["body"].text == "正文 001。"


def test_today_says_where_the_lesson_is(database: Database, county: County) -> None:
    """Before its hour it is coming, after it is here, on a day off the next one is named."""
    learner = county.learners[0]
    plan(database, at(WEDNESDAY, 0, 1))
    coming = database.write_now(todays_lesson.today, learner, now=at(WEDNESDAY, 8))
    assert (coming.state, coming.at) == ("coming", at(WEDNESDAY))
    send(database, at(WEDNESDAY))
    here = database.write_now(todays_lesson.today, learner, now=at(WEDNESDAY, 12))
    assert (here.state, here.is_learned, here.is_answered) == ("here", False, False)
    off = database.write_now(todays_lesson.today, learner, now=at(date(2026, 11, 28), 12))
    assert (off.state, off.at) == ("off", at(date(2026, 11, 30)))
    outsider = replace(learner, person_id=county.coordinator.person_id if county.coordinator else 0)
    assert database.write_now(todays_lesson.today, outsider, now=at(WEDNESDAY)).state == "no_cohort"


def test_a_lesson_that_passed_her_by_is_owed_when_she_asks(
    database: Database, county: County
) -> None:
    """Who joined at noon, or was away at ten, gets today's lesson at once, even in the evening."""
    plan(database, at(WEDNESDAY, 0, 1))
    away = county.learners[0]
    database.write_now(
        people.set_reachable,
        bot=BOT,
        chat_id=away.chat_id,
        reachable=False,
        reason="blocked",
        now=at(WEDNESDAY, 1),
    )
    send(database, at(WEDNESDAY))
    database.write_now(
        people.set_reachable,
        bot=BOT,
        chat_id=away.chat_id,
        reachable=True,
        reason=None,
        now=at(WEDNESDAY, 22),
    )
    late = database.write_now(join, county, chat_id=300, name="新来的", now=at(WEDNESDAY, 12))
    for who in (away, late):
        assert (
            database.write_now(todays_lesson.today, who, now=at(WEDNESDAY, 22)).state
            == "on_its_way"
        )
    assert {row.person_id for row in send(database, at(WEDNESDAY, 22))} == {
        away.person_id,
        late.person_id,
    }
    assert lessons_of(database, late.person_id) == ["001"]
