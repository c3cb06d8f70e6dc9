"""A restored database, lived through: staff are told and choose, learners enter lessons again."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import Session, select

from bot.rehearsal.rehearse import DATABASE
from curriculum import holds
from scheduler.planner import STUDIES
from storage.cohorts import Cohort
from storage.engine import Database
from tests.journeys.conftest import COORDINATOR, FIRST_LESSON, LEARNER, START, Play, playing

DAY = timedelta(days=1)
NOON = FIRST_LESSON + DAY + timedelta(hours=2)


def _put_back(backup: Path, path: Path) -> None:
    """As `wuxue db restore` does it, at noon of the second day."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(backup, path)
    database = Database(f"sqlite:///{path}")

    def hold(session: Session) -> bool:
        bot = session.exec(select(Cohort.bot)).one()
        return holds.begin(session, STUDIES, bot=bot, last_seen_at=START, now=NOON)

    assert database.write_now(hold)
    database.close()


@pytest_asyncio.fixture
async def restored(folder: Path, county: Path) -> AsyncIterator[Play]:
    """Two mornings were taught and learned; then Tuesday evening's backup was put back."""
    async with playing(folder) as before:
        await before.through(FIRST_LESSON)
        await before.press(LEARNER, "学完了")
        await before.through(NOON)
    _put_back(county / DATABASE, folder / DATABASE)
    async with playing(folder) as after:
        yield after


@pytest.mark.asyncio
async def test_staff_choose_and_learners_enter_again_what_they_learned(restored: Play) -> None:
    """Nothing goes out; 不发 ends it; each learner hears once, silently, and enters with a tap."""
    play = restored
    count = len(play.said(LEARNER))
    await play.through(NOON + timedelta(hours=1))
    assert len(play.said(LEARNER)) == count
    assert play.last(COORDINATOR).startswith("数据库恢复过，先停发")
    # Replies still work.
    assert (await play.say(LEARNER, "我的")) != ""
    said = await play.press(COORDINATOR, "恢复后补发")
    assert "11月24日(周二)22:00到11月26日(周四)12:00可能缺记录" in said
    assert "2天没有记录" in said
    assert "可能已经发过" in await play.press(COORDINATOR, "1")
    assert (await play.press(COORDINATOR, "上一步")).startswith("恢复后补发")
    await play.press(COORDINATOR, "1")
    assert "没有停发" in await play.press(COORDINATOR, "不发")
    await play.settle()
    word = play.said(LEARNER)[-1]
    assert (word.text.split("\n")[0], word.silent) == ("可能缺记录", True)
    assert (await play.press(LEARNER, "补记")).startswith("补记学过的课")
    first, second = play.labels(LEARNER)
    assert (first[:2], second[:2]) == ("1 ", "2 ")
    await play.press(LEARNER, first)
    assert play.toast(LEARNER).startswith("已记录：每日一学")
    assert play.labels(LEARNER) == [second]
    assert await play.rows("SELECT evidence FROM learning_record") == [
        ("self_stated_after_restore",)
    ]
    # The next morning goes on behind the lessons that were taught already.
    await play.through(FIRST_LESSON + 2 * DAY)
    assert "第3课" in play.lesson(LEARNER).text


@pytest.mark.asyncio
async def test_a_second_tap_and_an_old_list_change_nothing(restored: Play) -> None:
    """Two coordinators at once, a forged button, a line chosen already: a calm word, no bug."""
    play = restored
    await play.say(COORDINATOR, "停发")
    message = play.with_button(COORDINATOR, "1")
    (line,) = [b["callback_data"] for b in message.buttons if b["text"] == "1"]
    kind, cohort = line.split(":")[1:]
    for data in (
        f"settle:often:{kind}:{cohort}",
        f"settle:merge:notices:{cohort}",
        "settle:send:x:y",
        "held_line:nothing:0",
        "enter:1:1:someday",
        "span:99",
    ):
        play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
        await play.settle()
        assert "没有找到" in play.toast(COORDINATOR)
    for _ in range(2):
        play.world.forge_callback(
            COORDINATOR, COORDINATOR, message.message_id, f"settle:merge:{kind}:{cohort}"
        )
        await play.settle()
    assert "没有找到" in play.toast(COORDINATOR)
    assert await play.count("hold_choice") == 1
    assert "没有停发" in await play.say(COORDINATOR, "恢复后补发")


@pytest.mark.asyncio
async def test_whoever_was_forgotten_does_not_come_back(folder: Path, county: Path) -> None:
    """Before anything goes out she is forgotten again; the coordinator reads how many."""
    async with playing(folder) as before:
        await before.say(LEARNER, "/forget")
        await before.press(LEARNER, "删除我的资料")
        await before.through(NOON)
    _put_back(county / DATABASE, folder / DATABASE)
    async with playing(folder) as play:
        count = len(play.said(LEARNER))
        await play.through(NOON + timedelta(minutes=1))
        assert "1人早已删除资料，已再删一次" in play.last(COORDINATOR)
        assert await play.rows("SELECT count(*) FROM person WHERE status = 'forgotten'") == [(1,)]
        assert await play.rows("SELECT id FROM chat_account WHERE chat_id = :c", c=LEARNER) == []
        await play.press(COORDINATOR, "恢复后补发")
        await play.press(COORDINATOR, "1")
        await play.press(COORDINATOR, "补发")
        await play.through(NOON + DAY)
        assert len(play.said(LEARNER)) == count


@pytest.mark.asyncio
async def test_a_learner_has_no_such_list(play: Play) -> None:
    """Typing its name brings the same word as anything that is not hers."""
    assert "没有找到" in await play.say(LEARNER, "停发")
    assert "没有停发" in await play.say(COORDINATOR, "停发")


@pytest.mark.asyncio
async def test_whoever_blocked_the_bot_stops_nobody_from_hearing(
    folder: Path, county: Path
) -> None:
    """A coordinator who cannot be reached is marked so; the bot works on, and asks her no more."""
    async with playing(folder) as before:
        await before.through(NOON)
        before.world.block(COORDINATOR)
    _put_back(county / DATABASE, folder / DATABASE)
    async with playing(folder) as play:
        await play.through(NOON + timedelta(minutes=1))
        reachable = "SELECT reachable FROM chat_account WHERE chat_id = :chat"
        assert [bool(r[0]) for r in await play.rows(reachable, chat=COORDINATOR)] == [False]
        assert await play.count("hold_word") == 0
        assert (await play.say(LEARNER, "我的")) != ""
