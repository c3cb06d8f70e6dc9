"""A large cohort's weekly session in rooms, from the coordinator's offer to the minutes of each."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.rehearsal.county import TOWN, VALLEY
from curriculum import joining
from curriculum.people import LEARNER as LEARNER_ROLE
from curriculum.people import PRIVACY_VERSION
from storage.cohorts import Cohort
from storage.people import Unit
from tests.journeys.conftest import COORDINATOR, LEARNER, START, SUPERVISOR, Play

ASKED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LINKS = ("https://meeting.example/1", "https://meeting.example/2")
MANY = 25


def _newcomer(number: int) -> int:
    return 5_020_000 + number


def _enrol(session: Session, now: datetime) -> None:
    """Twenty-five more colleagues, of both stations in turn."""
    cohort = session.exec(select(Cohort)).one()
    units = {unit.name_zh: unit for unit in session.exec(select(Unit))}
    for number in range(MANY):
        invite = joining.make_invite(
            session,
            role=LEARNER_ROLE,
            unit=units[VALLEY if number % 2 else TOWN],
            cohort=cohort,
            uses=1,
            created_by=None,
            now=now,
        )
        joining.enrol(
            session,
            token=invite.token,
            bot=cohort.bot,
            chat_id=_newcomer(number),
            name=f"同事{number + 1}",
            language="zh",
            privacy_version=PRIVACY_VERSION,
            now=now,
        )


async def _grow(play: Play) -> None:
    await play.running.wuxue.database.write(_enrol, START)
    for number in range(MANY):
        play.world.add_user(_newcomer(number), f"同事{number + 1}")
        play.world.open_link(_newcomer(number))
    await play.settle()


async def _facilitator(play: Play, room: int) -> int:
    """The chat of whoever leads a room of the first session."""
    rows = await play.rows(
        "SELECT a.chat_id FROM gathering g JOIN chat_account a ON a.person_id = g.facilitator_id"
        " WHERE g.room = :room AND g.local_date = '2026-11-27'",
        room=room,
    )
    return int(rows[0][0])


def _card(play: Play, user: int) -> str:
    """The one message of the session, as it reads now."""
    return next(m.text for m in reversed(play.said(user)) if m.text.startswith("15:00 每周共学"))


@pytest.mark.asyncio
async def test_a_large_cohort_meets_in_rooms(play: Play) -> None:
    """Split from chat, each in her room by one message; every room its roll and its minutes."""
    await play.say(COORDINATOR, "共学")
    for label in ("开始共学", "周五", "15:00", "60分钟", "在工作群里", "换一天", "确认"):
        await play.press(COORDINATOR, label)
    await play.press(COORDINATOR, "1")
    assert "分组" not in play.labels(COORDINATOR), "seven people fit into one room"
    await _grow(play)
    await play.say(COORDINATOR, "共学")
    assert "人多，可以分组" in await play.press(COORDINATOR, "1")
    assert "32人，一组不超过30人的话，分2组" in await play.press(COORDINATOR, "分组")
    await play.press(COORDINATOR, "2组")
    assert "共2行" in await play.press(COORDINATOR, "以后都这样")
    assert "要 2 行链接，这里有 1 行" in await play.say(COORDINATOR, LINKS[0])
    checked = await play.say(COORDINATOR, "\n".join(LINKS))
    assert "第1组　16人，1个单位" in checked
    assert "会告诉 32 人一次" in checked
    assert "一分钟后通知大家" in await play.press(COORDINATOR, "确认")
    assert play.labels(COORDINATOR) == ["1", "2", "合在一起", "回到共学"]

    # Joined again within the minute: nobody hears of it.
    said = len(play.said(LEARNER))
    await play.press(COORDINATOR, "合在一起")
    await play.press(COORDINATOR, "只改这次")
    assert "分2组" not in await play.press(COORDINATOR, "合在一起")
    await play.through(START + 5 * MINUTE)
    assert len(play.said(LEARNER)) == said
    await play.press(COORDINATOR, "分组")
    await play.press(COORDINATOR, "2组")
    await play.press(COORDINATOR, "只改这次")
    await play.say(COORDINATOR, "\n".join(LINKS))
    await play.press(COORDINATOR, "确认")
    await play.through(ASKED)
    assert "每周共学分组 11月27日(周五)15:00 第" in play.lesson(LEARNER).text
    leaders = [await _facilitator(play, room) for room in (1, 2)]
    for room, leader in enumerate(leaders, start=1):
        assert f"第{room}组。可以吗" in play.with_button(leader, "我来主持").text
        await play.press(leader, "我来主持")

    await _change_a_seat(play, leaders)
    await play.through(FRIDAY - HOUR)
    for room, leader in enumerate(leaders, start=1):
        card = play.with_button(leader, "我来了").text
        assert card.startswith(f"15:00 每周共学 第{room}组")
        assert LINKS[room - 1] in card
        assert LINKS[2 - room] not in card
    await play.through(FRIDAY)
    assert "已记录：每周共学 60分钟" in await play.press(LEARNER, "我来了")
    rolls = [await play.press(leader, "点名") for leader in leaders]
    assert [f"第{room}组：在" in roll for room, roll in enumerate(rolls, start=1)] == [True, True]
    # The buttons of another room's roll are not hers.
    ids = [row[0] for row in await play.rows("SELECT id FROM gathering WHERE room > 0 ORDER BY 1")]
    message = play.said(leaders[0])[-1].message_id
    for carried in (f"roll:{ids[-1]}", f"minutes:{ids[-1]}", f"rooms:{ids[0]}", f"room:{ids[0]}"):
        play.world.forge_callback(leaders[0], leaders[0], message, carried)
        await play.settle()
        assert "没有找到" in play.toast(leaders[0]), carried
    for who in (SUPERVISOR, LEARNER):
        for carried in (f"split:{ids[0]}", f"join:{ids[0]}", f"room_link:{ids[0]}"):
            play.world.forge_callback(who, who, play.said(who)[-1].message_id, carried)
            await play.settle()
            assert "没有找到" in play.toast(who), carried

    await play.through(FRIDAY + HOUR)
    await play.press(leaders[1], "写纪要")
    await play.say(leaders[1], "第二组说到先听")
    await play.press(leaders[1], "没有")
    await play.press(leaders[1], "没有")
    assert "发给 16 人" in await play.press(leaders[1], "发给大家")
    assert "第二组说到先听" in _card(play, leaders[1])
    assert "第二组说到先听" not in _card(play, leaders[0])
    await play.say(COORDINATOR, "共学")
    await play.press(COORDINATOR, "1")
    overview = await play.press(COORDINATOR, "看分组")
    assert "2　0/16人，纪要已发" in overview or "2　1/16人，纪要已发" in overview
    assert "共学第1组" in await play.press(COORDINATOR, "1")
    assert play.labels(COORDINATOR) == ["点名", "写纪要", "回到分组"]
    assert play.bugs == []


async def _change_a_seat(play: Play, leaders: list[int]) -> None:
    """换组 of one learner from chat: she and both facilitators hear of it, and of its undoing."""
    ((room, gathering_id, name),) = await play.rows(
        "SELECT g.room, g.id, p.name FROM gathering_seat s"
        " JOIN gathering g ON g.id = s.gathering_id"
        " JOIN person p ON p.id = s.person_id JOIN chat_account a ON a.person_id = p.id"
        " WHERE a.chat_id = :chat AND g.local_date = '2026-11-27'",
        chat=LEARNER,
    )
    assert LEARNER not in leaders
    await play.say(COORDINATOR, "共学")
    for label in ("1", "看分组", str(room), "换组"):
        await play.press(COORDINATOR, label)
    while name not in play.labels(COORDINATOR):
        await play.press(COORDINATOR, "下一页")
    await play.press(COORDINATOR, name)
    others = len(play.said(_newcomer(1)))
    assert f"第{room}组到第{3 - room}组" in await play.press(COORDINATOR, f"第{3 - room}组")
    await play.through(play.running.clock.now() + 2 * MINUTE)
    assert f"您换到第{3 - room}组" in play.with_text(LEARNER, "换组").text
    for leader in leaders:
        assert f"从第{room}组换到第{3 - room}组" in play.with_text(leader, "换组").text
    assert "已撤销换组" in await play.press(COORDINATOR, "撤销")
    await play.through(play.running.clock.now() + 2 * MINUTE)
    assert f"您换到第{room}组" in play.with_text(LEARNER, "换组").text
    if _newcomer(1) not in leaders:
        assert len(play.said(_newcomer(1))) == others
    seats = await play.rows(
        "SELECT g.id FROM gathering_seat s JOIN gathering g ON g.id = s.gathering_id"
        " JOIN person p ON p.id = s.person_id"
        " WHERE p.name = :name AND g.local_date = '2026-11-27'",
        name=name,
    )
    assert seats == [(gathering_id,)]
