"""Quiet hours, looked at where deliveries are claimed: every kind keeps them, knowing nothing."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import datetime, time, timedelta

import pytest
from sqlmodel import Session, select

from curriculum import daily_lesson, todays_lesson
from curriculum.facts import FOLDABLE, TIMED, URGENT
from storage.cohorts import Cohort
from storage.deliveries import Delivery
from storage.engine import Database
from tests.scheduler.test_attention import (  # noqa: F401  pytest finds fixtures by their names
    MONDAY,
    Town,
    local,
    story,
    town,
)

NIGHT, MORNING = local(MONDAY, 22), local(MONDAY + timedelta(days=1), 9)


def _due(town: Town, kind: str) -> list[tuple[str, datetime]]:
    return [(row.status, row.due_at) for row in town.rows(kind)]


@pytest.mark.asyncio
@pytest.mark.parametrize("urgency", [TIMED, FOLDABLE])
async def test_a_kind_that_knows_nothing_of_nights_waits_for_the_morning(
    town: Town, urgency: str
) -> None:
    """Whatever its urgency, learner or not, and although it is due at that very hour."""
    for who in (town.learner, town.coordinator):
        town.owe("topic_note", who, NIGHT, urgency=urgency)
    await town.at(NIGHT)
    assert not town.channel.sent
    assert _due(town, "topic_note") == [("waiting", MORNING)] * 2
    await town.at(MORNING)
    assert [status for status, _ in _due(town, "topic_note")] == ["sent", "sent"]


@pytest.mark.asyncio
async def test_what_is_urgent_goes_at_any_hour(town: Town) -> None:
    """Danger and a moved event do not wait."""
    town.owe("topic_note", town.learner, NIGHT, urgency=URGENT)
    await town.at(NIGHT)
    assert town.channel.to(town.learner.chat_id) == [("topic_note", False)]


@pytest.mark.asyncio
async def test_a_notice_without_a_cohort_has_its_readers_quiet_hours(
    town: Town, database: Database
) -> None:
    """A learner's are her cohort's; whoever learns in none has those of everybody."""

    def begin_later(session: Session) -> None:
        cohort = session.exec(select(Cohort)).one()
        cohort.quiet_from = time(22, 30)
        session.add(cohort)

    database.write_now(begin_later)
    for who in (town.learner, town.coordinator):
        town.owe("topic_note", who, NIGHT, urgency=TIMED)
    await town.at(NIGHT)
    assert [s.chat_id for s in town.channel.sent] == [town.learner.chat_id]


@pytest.mark.asyncio
async def test_a_lesson_asked_for_just_now_goes_and_one_that_is_late_waits(
    town: Town, database: Database
) -> None:
    """Both at night: hers by 今天, the other's held up all day without a time limit."""
    await town.at(local(MONDAY, 0))

    def let_wait(session: Session) -> None:
        for row in session.exec(select(Delivery)):
            row.not_after = None
            if row.person_id == town.learner.person_id:
                row.status, row.error = "skipped", "unreachable"
            session.add(row)

    database.write_now(let_wait)
    asked = database.write_now(todays_lesson.today, town.learner, now=NIGHT)
    assert asked.state == "on_its_way"
    await town.at(NIGHT)
    assert {s.chat_id for s in town.channel.sent} == {town.learner.chat_id}
    assert sorted(_due(town, daily_lesson.KIND)) == [("sent", NIGHT), ("waiting", MORNING)]


@pytest.mark.asyncio
async def test_a_notice_claimed_by_day_is_not_sent_by_night(town: Town) -> None:
    """Its turn came after quiet hours had begun: it is asked for again, and waits."""
    evening = local(MONDAY, 21, 29) + timedelta(seconds=59)
    for who in (town.learner, town.coordinator):
        town.owe("topic_note", who, evening, urgency=TIMED)
    send = town.channel.send

    async def night_falls(chat_id: int, part: object) -> object:
        town.clock.business = evening + timedelta(seconds=2)
        return await send(chat_id, part)  # type: ignore[arg-type]

    town.channel.send = night_falls  # type: ignore[method-assign,assignment]
    await town.at(evening)
    await town.postman.tick()
    assert len(town.channel.sent) == 1
    assert sorted(_due(town, "topic_note")) == [("sent", evening), ("waiting", MORNING)]
