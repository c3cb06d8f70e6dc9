"""A fortnight with recall: asked only on request, never above the day's measure, seen by nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.rehearsal.county import PHONES, enrol_by_chat
from storage.absences import Absence
from storage.engine import Database
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    NEWCOMER,
    SUPERVISOR,
    Play,
    playing,
)
from tests.proving import on_both_in_the_long_run

DAY = timedelta(days=1)
EVENING = timedelta(hours=9)
BY_DAY = "SELECT asked_on, count(*) FROM recall_ask GROUP BY asked_on ORDER BY asked_on"


async def press_until_enough(play: Play, user: int) -> int:
    """Press 再来一题 and answer until no question comes; returns how many came."""
    for count in range(9):
        if not (await play.say(user, "复习")).startswith("复习一题"):
            return count
        await play.press(user, "A")
    return 9


@pytest.mark.asyncio
async def test_two_weeks_bring_two_questions_a_day_and_only_on_request(play: Play) -> None:
    """Pressing as often as she likes she gets two a day; not pressing she gets none at all."""
    for number in range(14):
        await play.through(FIRST_LESSON + number * DAY + EVENING)
        if number > 0:
            assert await press_until_enough(play, LEARNER) == (1 if number == 1 else 2)
    asked = await play.rows(BY_DAY)
    assert [count for _, count in asked] == [1] + [2] * 12
    assert not any("复习一题" in m.text for m in play.said(NEWCOMER))
    for chat in (GROUP, SUPERVISOR, COORDINATOR):
        assert not any("复习" in m.text for m in play.said(chat))


@pytest.mark.asyncio
async def test_recall_adds_no_minutes_and_no_sound(play: Play) -> None:
    """What stands under 我的 and in the coordinator's sheet is what the lessons brought."""
    await play.through(FIRST_LESSON + 2 * DAY)
    await play.press(LEARNER, "学完了")
    mine = await play.say(LEARNER, "我的")
    sounding = [m.message_id for m in play.said(LEARNER) if not m.silent]
    await play.vote(LEARNER, 0)
    before = await play.rows("SELECT count(*), sum(minutes) FROM learning_record")
    await play.press(LEARNER, "再来一题")
    await play.press(LEARNER, "B")
    assert await play.rows("SELECT count(*), sum(minutes) FROM learning_record") == before
    assert [m.message_id for m in play.said(LEARNER) if not m.silent] == sounding
    assert (await play.say(LEARNER, "我的")) == mine


@pytest.mark.asyncio
async def test_a_question_from_last_week_answered_today_is_taken(play: Play) -> None:
    """She finds it in the chat days later, presses, and sees whether she was right."""
    await play.through(FIRST_LESSON + DAY)
    await play.say(LEARNER, "复习")
    old = play.said(LEARNER)[-1]
    await play.through(FIRST_LESSON + 8 * DAY)
    play.world.press(LEARNER, LEARNER, old.message_id, data=old.button("A")["callback_data"])
    await play.settle()
    shown = next(m for m in play.said(LEARNER) if m.message_id == old.message_id)
    assert "出自第1课《" in shown.text
    ((reviewed,),) = await play.rows("SELECT last_review_at FROM recall_card")
    assert str(reviewed).startswith("2026-12-03")


@pytest.mark.asyncio
async def test_back_from_a_pause_there_is_a_choice_and_no_pile(play: Play) -> None:
    """After forty days away nothing waits; in the first week at most five a day, then two."""
    await play.through(FIRST_LESSON + 9 * DAY)
    ((person_id,),) = await play.rows(
        "SELECT person_id FROM chat_account WHERE chat_id = :chat", chat=LEARNER
    )
    back = FIRST_LESSON + 20 * DAY

    def rest(session: Session) -> None:
        session.add(
            Absence(
                person_id=person_id,
                since=(FIRST_LESSON + 10 * DAY).date(),
                until=back.date(),
                set_at=FIRST_LESSON,
            )
        )

    await play.running.wuxue.database.write(rest)
    before = len([m for m in play.said(LEARNER) if "复习" in m.text])
    await play.through(back)
    assert len([m for m in play.said(LEARNER) if "复习" in m.text]) == before
    assert await press_until_enough(play, LEARNER) == 5
    await play.through(back + 7 * DAY)
    assert await press_until_enough(play, LEARNER) == 2


@on_both_in_the_long_run
@pytest.mark.asyncio
async def test_recall_is_the_same_on_postgresql(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """A lesson learned one day, asked the next, answered: with PostgreSQL behind the same bot."""
    async with playing(tmp_path, database_url=postgresql_database.url) as play:
        newcomer = PHONES[0]
        token = play.running.links.tokens[newcomer.phone_id]
        await enrol_by_chat(play.world, play.settle, newcomer, token)
        await play.through(FIRST_LESSON)
        await play.vote(NEWCOMER, 0)
        await play.through(FIRST_LESSON + DAY)
        await play.vote(NEWCOMER, 0)
        await play.press(NEWCOMER, "再来一题")
        answered = await play.press(NEWCOMER, "A")
        assert "出自第1课《" in answered
        assert await play.count("recall_card") == 2
        ((predicted, correct),) = await play.rows("SELECT predicted, correct FROM recall_ask")
        assert 0 < predicted < 1
        assert isinstance(correct, bool)
