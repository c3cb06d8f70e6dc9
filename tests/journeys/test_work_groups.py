"""/link: typed in a group, asked in private, one sentence in the group; removed and back again."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.handlers.work_groups import ON_A_PAGE
from curriculum.people import COORDINATOR as COORDINATOR_ROLE
from storage.cohorts import Cohort
from storage.people import RoleGrant, Unit
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
)

DAY = timedelta(days=1)
NEW = -500_000_077
NOT_THERE = "没有找到，或者您看不到它"
LINKS = "SELECT chat_id, cohort_id FROM work_group WHERE ended_at IS NULL ORDER BY id"


async def in_group(play: Play, user: int, text: str, chat: int = NEW) -> None:
    """Type something in a group."""
    play.world.say(user, text, chat_id=chat)
    await play.settle()


@pytest.fixture
def new_group(play: Play) -> int:
    """A group with the bot in it that nothing is linked to."""
    members = [COORDINATOR, LEARNER, SUPERVISOR, STRANGER]
    play.world.add_group(NEW, "新来的群", members)
    return NEW


async def add_cohorts(play: Play, number: int) -> None:
    """More cohorts of the county."""

    def run(session: Session) -> None:
        first = session.get_one(Cohort, 1)
        for place in range(number):
            copied = first.model_dump(exclude={"id", "name"})
            session.add(Cohort(**copied, name=f"第{place + 2}班"))

    await play.running.wuxue.database.write(run)


@pytest.mark.asyncio
async def test_a_group_is_linked_in_private_and_hears_one_sentence(
    play: Play, new_group: int
) -> None:
    """/link in the group: the question comes in private; 连上, and the lesson arrives there."""
    await in_group(play, COORDINATOR, "/link")
    assert play.last(COORDINATOR).startswith("把群连到班组\n\n“新来的群”连到哪个班组？")
    assert play.labels(COORDINATOR) == ["1", "取消"]
    assert play.said(NEW) == []
    assert "把“新来的群”连到 2026年第一期？" in await play.press(COORDINATOR, "1")
    assert play.said(NEW) == []
    assert await play.press(COORDINATOR, "连上") == "已连上\n\n“新来的群”接收 2026年第一期 的课。"
    assert [message.text for message in play.said(NEW)] == ["已连上，每天的课会发到这里"]
    await play.through(FIRST_LESSON)
    assert play.lesson(NEW).at == FIRST_LESSON
    assert play.lesson(NEW).text == play.lesson(GROUP).text


@pytest.mark.asyncio
async def test_the_bots_own_name_behind_the_command_is_heard_and_another_bots_is_not(
    play: Play, new_group: int
) -> None:
    """/link@us is for us, /link@other_bot is not."""
    before = len(play.said(COORDINATOR))
    await in_group(play, COORDINATOR, "/link@some_other_bot")
    assert len(play.said(COORDINATOR)) == before
    await in_group(play, COORDINATOR, f"/link@{play.world.bot['username']}")
    assert "新来的群" in play.last(COORDINATOR)


@pytest.mark.asyncio
async def test_cancelled_leaves_everything_as_it_was(play: Play, new_group: int) -> None:
    """取消 at either step links nothing and says nothing in the group."""
    before = await play.rows(LINKS)
    await in_group(play, COORDINATOR, "/link")
    assert "已取消" in await play.press(COORDINATOR, "取消")
    await in_group(play, COORDINATOR, "/link")
    await play.press(COORDINATOR, "1")
    assert "已取消" in await play.press(COORDINATOR, "取消")
    assert await play.rows(LINKS) == before
    assert play.said(NEW) == []


@pytest.mark.asyncio
async def test_whoever_may_not_link_hears_so_in_private_and_a_stranger_nothing(
    play: Play, new_group: int
) -> None:
    """The group hears nothing in either case."""
    for user in (LEARNER, SUPERVISOR):
        await in_group(play, user, "/link")
        assert "连群请找协调员" in play.last(user)
    before = len(play.said(STRANGER))
    await in_group(play, STRANGER, "/link")
    assert len(play.said(STRANGER)) == before
    assert play.said(NEW) == []


@pytest.mark.asyncio
async def test_in_a_group_the_bot_answers_nothing_else(play: Play, new_group: int) -> None:
    """Commands, words, mentions and questions in a group are left alone, in public and private."""
    before = {user: len(play.said(user)) for user in (COORDINATOR, LEARNER, STRANGER)}
    name = play.world.bot["username"]
    for user in before:
        for text in (
            "/today",
            "/start",
            "/help",
            "/schedule",
            "/delivery",
            "今天",
            f"@{name} 在吗",
        ):
            await in_group(play, user, text)
    assert play.said(NEW) == []
    assert {user: len(play.said(user)) for user in before} == before
    assert await play.count("question") == 0


@pytest.mark.asyncio
async def test_a_group_linked_elsewhere_is_moved_only_after_asking(play: Play) -> None:
    """/link in the linked group says where it is linked; another cohort takes it over."""
    await add_cohorts(play, 1)
    await in_group(play, COORDINATOR, "/link", GROUP)
    assert "“巴宜区社工群”现在接收 2026年第一期 的课。改连到哪个班组？" in play.last(COORDINATOR)
    asked = await play.press(COORDINATOR, "2")
    assert "它不再接收 2026年第一期 的课。" in asked
    await play.press(COORDINATOR, "连上")
    assert await play.rows(LINKS) == [(GROUP, 2)]
    assert await play.rows("SELECT count(*) FROM work_group") == [(2,)]


@pytest.mark.asyncio
async def test_many_cohorts_are_paged(play: Play, new_group: int) -> None:
    """Six numbers a page; the second page links just as well."""
    await add_cohorts(play, ON_A_PAGE + 1)
    await in_group(play, COORDINATOR, "/link")
    assert play.labels(COORDINATOR) == ["1", "2", "3", "4", "5", "6", "下一页", "取消"]
    await play.press(COORDINATOR, "下一页")
    assert play.labels(COORDINATOR) == ["1", "2", "上一页", "取消"]
    assert "第8班" in await play.press(COORDINATOR, "2")


@pytest.mark.asyncio
async def test_the_right_is_checked_again_when_she_confirms(play: Play, new_group: int) -> None:
    """Out of the group, or no coordinator any more, the button she still has does nothing."""
    await in_group(play, COORDINATOR, "/link")
    await play.press(COORDINATOR, "1")
    play.world.leave_group(COORDINATOR, NEW)
    before = await play.rows(LINKS)
    await play.press(COORDINATOR, "连上")
    assert "看不到您和机器人都在这个群里" in play.toast(COORDINATOR)
    play.world.join_group(COORDINATOR, NEW)
    await play.running.wuxue.database.write(_take_role_away)
    await play.press(COORDINATOR, "连上")
    assert NOT_THERE in play.toast(COORDINATOR)
    assert await play.rows(LINKS) == before
    assert play.said(NEW) == []


def _take_role_away(session: Session) -> None:
    for grant in session.exec(select(RoleGrant).where(RoleGrant.role == COORDINATOR_ROLE)):
        grant.until = grant.since


@pytest.mark.asyncio
async def test_a_group_she_is_not_in_cannot_be_linked_by_a_made_up_button(play: Play) -> None:
    """A chat she does not belong to, one the bot is not in, a private chat, none at all."""
    play.world.add_group(-61, "别人的群", [LEARNER])
    play.world.add_group(-62, "没有机器人的群", [COORDINATOR])
    play.world.kick_bot(COORDINATOR, -62)
    await play.settle()
    before = await play.rows(LINKS)
    await play.say(COORDINATOR, "工作群")
    message = play.said(COORDINATOR)[-1]
    for chat in (-61, -62, -63, LEARNER, COORDINATOR):
        for data in (f"link_page:{chat}:0", f"link_to:{chat}:1", f"link:{chat}:1:0"):
            play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
            await play.settle()
            assert "看不到您和机器人都在这个群里" in play.toast(COORDINATOR), data
    for data in ("link:x:1:0", "link_to:1", "link:-61:99999999999999999999:0", "work_group:x"):
        play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
        await play.settle()
        assert NOT_THERE in play.toast(COORDINATOR), data
    for data in (f"link:{GROUP}:1:0", f"link_to:{GROUP}:1", "work_groups:0", "unlink:1"):
        play.world.forge_callback(LEARNER, LEARNER, 1, data)
        await play.settle()
        assert NOT_THERE in play.toast(LEARNER), data
    assert await play.rows(LINKS) == before


@pytest.mark.asyncio
async def test_a_group_of_another_unit_is_not_taken_over(play: Play) -> None:
    """It receives the lessons of a cohort above her unit: she is told whom to ask, in private."""

    def raise_cohort(session: Session) -> None:
        cohort, unit = session.get_one(Cohort, 1), session.get_one(Unit, 1)
        cohort.unit_id = unit.id or 0

    await play.running.wuxue.database.write(raise_cohort)
    await in_group(play, COORDINATOR, "/link", GROUP)
    assert "这个群已经接收别的单位的课" in play.last(COORDINATOR)
    assert play.said(GROUP) == []


@pytest.mark.asyncio
async def test_groups_are_reached_from_more_and_unlinked(play: Play) -> None:
    """更多, 工作群: the list, one group, 断开这个群; nothing arrives there any more."""
    await play.say(COORDINATOR, "更多")
    await play.press(COORDINATOR, "人和单位")
    said = await play.press(COORDINATOR, "工作群")
    assert "1　巴宜区社工群：2026年第一期" in said
    assert "在群里打 /link" in said
    await play.press(COORDINATOR, "1")
    assert play.labels(COORDINATOR) == ["断开这个群", "上一步"]
    assert "已断开" in await play.press(COORDINATOR, "断开这个群")
    assert "还没有连上的群" in await play.press(COORDINATOR, "工作群")
    await play.through(FIRST_LESSON)
    assert play.said(GROUP) == []
    assert (await play.say(COORDINATOR, "/link")).startswith("工作群")


@pytest.mark.asyncio
async def test_removed_and_brought_back(play: Play) -> None:
    """Removed from the group: seen in 送达情况 and 工作群; back again, lessons arrive again."""
    play.world.kick_bot(COORDINATOR, GROUP)
    await play.settle()
    await play.through(FIRST_LESSON)
    await play.say(COORDINATOR, "送达情况")
    called = await play.press(COORDINATOR, "联系不上")
    assert "工作群“巴宜区社工群”（2026年第一期），11月24日(周二)22:00起，机器人不在群里了" in called
    assert "（发不进去）" in await play.say(COORDINATOR, "工作群")
    play.world.add_bot(COORDINATOR, GROUP)
    await play.settle()
    await play.through(FIRST_LESSON + DAY)
    assert play.lesson(GROUP).at == FIRST_LESSON + DAY
    assert "（发不进去）" not in await play.say(COORDINATOR, "工作群")


@pytest.mark.asyncio
async def test_an_upgraded_group_keeps_its_link(play: Play) -> None:
    """The new id is known at once: /link there shows the link, and lessons go on."""
    new = play.world.migrate_group(GROUP)
    await play.settle()
    assert await play.rows(LINKS) == [(new, 1)]
    await in_group(play, COORDINATOR, "/link", new)
    assert "现在接收 2026年第一期 的课" in play.last(COORDINATOR)
    await play.through(FIRST_LESSON)
    assert play.lesson(new).at == FIRST_LESSON


@pytest.mark.asyncio
async def test_a_group_that_lets_the_bot_say_nothing_is_linked_and_she_is_told(
    play: Play, new_group: int
) -> None:
    """The one sentence could not be said: linked all the same, and the reason is shown."""
    await in_group(play, COORDINATOR, "/link")
    await play.press(COORDINATOR, "1")
    play.running.server.misbehaviour.order("403", method="sendMessage", chat_id=NEW)
    assert "机器人现在不能在群里发言" in await play.press(COORDINATOR, "连上")
    assert (NEW, 1) in await play.rows(LINKS)
