"""我的资料 and 删除资料 in chat: the copy, the explanation, being forgotten, coming back as new."""

import json
from datetime import timedelta

import pytest

from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
WORDS = "怎么跟不愿开门的老人开口说明来意"


async def _copy(play: Play, user: int) -> dict[str, list[dict[str, object]]]:
    """The sections of the copy that was sent last."""
    table, data = play.said(user)[-2:]
    names = [one.json["document"]["file_name"] for one in (table, data)]
    assert names[0].endswith(".xlsx")
    assert names[1].endswith(".json")
    assert table.json["caption"].startswith("您的资料，共 ")
    content = play.world.files.by_id[data.json["document"]["file_id"]].data
    found: dict[str, list[dict[str, object]]] = json.loads(content)["sections"]
    return found


async def test_she_takes_her_copy_and_is_forgotten(morning: Play) -> None:
    """Her words in her copy alone; after 删除我的资料 she is nobody, her hours and counts stay."""
    play = morning
    await play.press(LEARNER, "学完了")
    await play.say(LEARNER, f"/ask {WORDS}")
    await play.press(LEARNER, "匿名")
    await play.say(LEARNER, "隐私说明")
    assert [play.labels(LEARNER)[0], play.labels(LEARNER)[-1]] == ["我的资料", "撤回同意"]
    await play.press(LEARNER, "我的资料")
    mine = await _copy(play, LEARNER)
    assert [row["text"] for row in mine["questions"]] == [WORDS]
    assert [row["minutes"] for row in mine["records"]] == [4]
    for user in (SUPERVISOR, COORDINATOR):
        await play.say(user, "/mydata")
        assert WORDS not in str(await _copy(play, user))

    shown = await play.say(LEARNER, "/forget")
    assert "您的提问：1" in shown
    assert "学时凭它统计" in shown
    assert play.labels(LEARNER) == ["我的资料", "删除我的资料", "不删了"]
    assert (await play.press(LEARNER, "不删了")).startswith("没有删")
    await play.say(LEARNER, "删除资料")
    old = play.with_button(LEARNER, "删除我的资料")
    await play.through(play.running.clock.now() + timedelta(hours=2))
    # An old button only explains again; nobody else's press of it, forged, erases anything.
    play.world.press(
        LEARNER, LEARNER, old.message_id, data=old.button("删除我的资料")["callback_data"]
    )
    await play.settle()
    assert await play.rows("SELECT text FROM question") == [(WORDS,)]
    ((person_id,),) = await play.rows(
        "SELECT person_id FROM chat_account WHERE chat_id = :chat", chat=LEARNER
    )
    await play.press(LEARNER, "删除我的资料")
    said = play.last(LEARNER)
    assert said.startswith("资料已删除")
    assert "您的提问 1" in said
    assert await play.rows("SELECT text, context, state FROM question") == [
        ("（已删除）", None, "declined")
    ]
    assert await play.rows(
        "SELECT name, phone, number, status FROM person WHERE id = :id", id=person_id
    ) == [(f"已删除{person_id}", None, None, "forgotten")]
    assert await play.rows(
        "SELECT person_name, minutes FROM learning_record WHERE person_id = :id", id=person_id
    ) == [(None, 4)]
    assert await play.rows("SELECT id FROM inbox_update WHERE sender = :c", c=LEARNER) == []
    assert await play.rows("SELECT id FROM chat_account WHERE chat_id = :c", c=LEARNER) == []
    await _is_nobody(play, person_id)


async def _is_nobody(play: Play, person_id: int) -> None:
    """A stranger to the bot, in no list, and nothing is sent to her."""
    said = len(play.said(LEARNER))
    await play.through(play.running.clock.now() + timedelta(days=2))
    assert len(play.said(LEARNER)) == said
    await play.say(LEARNER, "今天")
    assert "今天" not in play.labels(LEARNER)
    await play.say(COORDINATOR, "人员")
    assert "已删除" not in play.last(COORDINATOR)
    await play.press(COORDINATOR, "找人")
    assert f"已删除{person_id}" not in await play.say(COORDINATOR, "扎西")
    await play.say(SUPERVISOR, "待答提问")
    assert WORDS not in play.last(SUPERVISOR)
    assert play.bugs == []


async def test_a_coordinator_has_somebody_without_a_chat_forgotten(play: Play) -> None:
    """Named before it is done; an old button explains again; whoever has a chat asks herself."""
    await play.say(COORDINATOR, "人员")
    await play.press(COORDINATOR, "加人")
    for said in ("白玛央金", "鲁朗"):
        await play.say(COORDINATOR, said)
    for label in ("学员", "2026年第一期", "加人"):
        await play.press(COORDINATOR, label)
    await play.say(COORDINATOR, "/forget 扎西")
    await play.press(COORDINATOR, "1 扎西")
    assert play.toast(COORDINATOR).startswith("本人有自己的聊天账号")
    await play.say(COORDINATOR, "/forget 白玛央金")
    shown = await play.press(COORDINATOR, "1 白玛央金")
    assert "白玛央金（鲁朗镇社工站）" in shown
    await play.through(play.running.clock.now() + timedelta(hours=2))
    assert "要删除资料吗" in await play.press(COORDINATOR, "删除资料 白玛央金")
    assert await play.rows("SELECT count(*) FROM person WHERE status = 'forgotten'") == [(0,)]
    # 停用 leads there as well, for whoever never joined.
    await play.say(COORDINATOR, "/people 白玛央金")
    for label in ("1 白玛央金", "停用", "删除资料"):
        await play.press(COORDINATOR, label)
    assert (await play.press(COORDINATOR, "删除资料 白玛央金")).startswith("资料已删除")
    assert await play.rows("SELECT count(*) FROM person WHERE status = 'forgotten'") == [(1,)]
    assert "没有找到" in await play.say(COORDINATOR, "/people 白玛央金")
    # A learner's own /forget has no use for a name.
    assert (await play.say(LEARNER, "/forget 白玛央金")).startswith("删除我的资料")


async def test_on_postgresql_the_copy_is_a_job_and_forgetting_works(on_postgresql: Play) -> None:
    """What is waited for is announced, and the announcement goes when the files are there."""
    play = on_postgresql
    await play.say(LEARNER, f"/ask {WORDS}")
    await play.say(LEARNER, "/mydata")
    await play.settle()
    mine = await _copy(play, LEARNER)
    assert [row["text"] for row in mine["questions"]] == [WORDS]
    await play.say(LEARNER, "/forget")
    assert (await play.press(LEARNER, "删除我的资料")).startswith("资料已删除")
    assert await play.rows("SELECT text, state FROM question") == [("（已删除）", "declined")]
    rows = await play.rows("SELECT actor_id = object_id FROM audit_entry WHERE action = 'forget'")
    assert rows == [(True,)]
    assert play.bugs == []
