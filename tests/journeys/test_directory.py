"""人员, 单位 and 我的学员 from end to end: found, changed, and nothing beyond her reach."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from bot.rehearsal.county import COUNTY, TOWN, VALLEY
from storage.people import RoleGrant, Unit, add_unit
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
)

pytestmark = pytest.mark.asyncio
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"


async def _id(play: Play, name: str) -> int:
    ((person_id,),) = await play.rows("SELECT id FROM person WHERE name = :n", n=name)
    return int(person_id)


async def _page(play: Play, name: str) -> str:
    """Open a person's page by searching for her."""
    await play.say(COORDINATOR, f"/people {name}")
    return await play.press(COORDINATOR, f"1 {name}")


async def _forge(play: Play, user: int, data: str) -> str:
    """Press a button that was never shown; returns the words that flash up, "" for none."""
    message = play.said(user)[-1]
    before = len(play.world.toasts(user))
    play.world.forge_callback(user, user, message.message_id, data)
    await play.settle()
    toasts = play.world.toasts(user)
    return toasts[-1].text if len(toasts) > before else ""


async def test_a_coordinator_finds_turns_pages_and_looks_at_one_person(morning: Play) -> None:
    """From 更多 to a list of six with pages, by a part of a name to one, and to her page."""
    await morning.vote(LEARNER, 0)
    await morning.say(COORDINATOR, "更多")
    await morning.press(COORDINATOR, "人和单位")
    said = await morning.press(COORDINATOR, "人员")
    assert said.startswith("人员 · 共9人")
    assert "第1页，共2页" in said
    assert morning.labels(COORDINATOR)[-3:] == ["下一页", "找人", "加人"]
    assert "第2页，共2页" in await morning.press(COORDINATOR, "下一页")
    assert morning.labels(COORDINATOR)[-3:] == ["上一页", "找人", "加人"]
    assert "找谁" in await morning.press(COORDINATOR, "找人")
    said = await morning.say(COORDINATOR, "扎西")
    assert "1. 扎西 · 鲁朗镇社工站 · 学员 · 可联系" in said
    page = await morning.press(COORDINATOR, "1 扎西")
    assert "站点：鲁朗镇社工站，2026年11月24日(周二)起" in page
    assert "班组：2026年第一期" in page
    assert "学习：本月4分钟，今年4分钟" in page
    assert morning.labels(COORDINATOR) == [
        "改角色",
        "换班组",
        "换站点",
        "改姓名",
        "重新邀请",
        "停用",
        "暂停学习",
        "回到人员",
    ]


async def test_whoever_blocked_the_bot_is_shown_with_the_moment(play: Play) -> None:
    """联系不上 since when, in the list and on her page."""
    play.world.block(LEARNER)
    await play.through(FIRST_LESSON)
    assert "联系不上（11月2" in await play.say(COORDINATOR, "/people 扎西")
    assert "联系不上（11月2" in await play.press(COORDINATOR, "1 扎西")


async def test_moving_renaming_and_another_cohort(morning: Play) -> None:
    """Each change is on the page at once; what was recorded keeps the old unit and name."""
    await morning.vote(LEARNER, 0)
    await _page(morning, "扎西")
    assert "换到哪个站点" in await morning.press(COORDINATOR, "换站点")
    assert TOWN in morning.labels(COORDINATOR)
    assert "没有找到“拉萨市”" in await morning.say(COORDINATOR, "拉萨市")
    assert f"站点：{TOWN}，2026年11月25日(周三)起" in await morning.say(COORDINATOR, "八一镇")
    assert await morning.rows(
        "SELECT u.name_zh FROM learning_record r JOIN unit u ON u.id = r.unit_id"
    ) == [(VALLEY,)]
    assert "以前的学习记录还用原来的姓名" in await morning.press(COORDINATOR, "改姓名")
    assert "记录上的姓名写一行" in await morning.say(COORDINATOR, "😀")
    assert "扎西罗布" in await morning.say(COORDINATOR, "扎西罗布")
    assert "没有别的班组" in await morning.press(COORDINATOR, "换班组")
    assert "班组：没有" in await morning.press(COORDINATOR, "不进班组")
    assert morning.toast(COORDINATOR) == "已改好"
    await morning.press(COORDINATOR, "换班组")
    assert "班组：2026年第一期" in await morning.press(COORDINATOR, "2026年第一期")
    assert await morning.count("draft") == 0
    await morning.say(COORDINATOR, "/records csv 本月")
    sheet = morning.said(COORDINATOR)[-1].json["document"]["file_id"]
    written = morning.world.files.by_id[sheet].data.decode("utf-8-sig")
    assert ",扎西," in written
    assert "扎西罗布" not in written


async def test_a_role_is_given_and_ended(play: Play) -> None:
    """加角色 asks which and how far; the new supervisor sees 我的学员 at once, and then no more."""
    await _page(play, "扎西")
    await play.press(COORDINATOR, "改角色")
    await play.press(COORDINATOR, "加角色")
    assert play.labels(COORDINATOR)[:4] == ["督导者", "协调员", "观察员", "回到这个人"]
    await play.press(COORDINATOR, "督导者")
    await play.press(COORDINATOR, COUNTY)
    assert f"结束 督导者 · {COUNTY}" in play.labels(COORDINATOR)
    assert "我的学员 · 共7人" in await play.say(LEARNER, "我的学员")
    await play.press(COORDINATOR, f"结束 督导者 · {COUNTY}")
    assert await play.say(LEARNER, "我的学员") == NOT_THERE


async def test_deactivating_asks_once_ends_access_and_can_be_taken_back(play: Play) -> None:
    """Named before it happens; she is a stranger at ten; within ten minutes all is as before."""
    await _page(play, "扎西")
    asked = await play.press(COORDINATOR, "停用")
    assert "扎西" in asked
    assert play.labels(COORDINATOR) == ["停用 扎西", "回到这个人"]
    assert "已停用" in await play.press(COORDINATOR, "停用 扎西")
    assert "只对受邀请的人开放" in await play.say(LEARNER, "今天")
    assert "可联系" in await play.press(COORDINATOR, "撤销")
    assert play.toast(COORDINATOR) == "已撤销，和原来一样"
    assert "下一课 11月25日(周三)10:00" in await play.say(LEARNER, "今天")
    await play.through(FIRST_LESSON)
    assert play.lesson(LEARNER).at == FIRST_LESSON


async def test_whoever_left_gets_no_lesson_and_comes_back_as_herself(play: Play) -> None:
    """After ten minutes 撤销 is over; 请回来 gives a link, and person and number stay."""
    before = await play.count("person")
    await _page(play, "扎西")
    await play.press(COORDINATOR, "停用")
    await play.press(COORDINATOR, "停用 扎西")
    await play.through(FIRST_LESSON)
    assert not any(m.text.startswith("每日一学") for m in play.said(LEARNER))
    await play.press(COORDINATOR, "撤销")
    assert "过了 10 分钟" in play.toast(COORDINATOR)
    assert "已停用" in await _page(play, "扎西")
    assert play.labels(COORDINATOR) == ["请回来", "删除资料", "回到人员"]
    invite = await play.press(COORDINATOR, "请回来")
    assert invite.startswith("五学+的个人邀请")
    assert "start=" in invite
    assert await play.count("person") == before
    assert "未加入" in await play.say(COORDINATOR, "/people 扎西")


async def test_adding_somebody_step_by_step_gives_a_link_and_a_code(play: Play) -> None:
    """Name, station by its name, role, cohort, a check; then one message to be forwarded."""
    await play.say(COORDINATOR, "人员")
    assert "加一个人" in await play.press(COORDINATOR, "加人")
    assert "在哪个单位" in await play.say(COORDINATOR, "扎西")
    assert "什么角色" in await play.say(COORDINATOR, "鲁朗")
    assert "管理员" not in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "学员")
    check = await play.press(COORDINATOR, "2026年第一期")
    assert "已经有同名的人" in check
    await play.press(COORDINATOR, "上一步")
    await play.press(COORDINATOR, "2026年第一期")
    invite = await play.press(COORDINATOR, "加人")
    assert "编号 W-000001" in play.said(COORDINATOR)[-2].text
    ((token_hash, code_hash),) = await play.rows(
        "SELECT token_hash, code_hash FROM invite WHERE person_id IS NOT NULL"
    )
    assert token_hash not in invite
    assert code_hash not in invite
    assert await play.count("draft") == 0
    said = await play.say(COORDINATOR, "/people W-000001")
    assert "1. 扎西 · 鲁朗镇社工站 · 学员 · 未加入" in said
    await play.press(COORDINATOR, "1 扎西")
    assert await play.press(COORDINATOR, "重新邀请") != invite
    assert await play.rows(
        "SELECT count(*) FROM invite WHERE person_id IS NOT NULL AND revoked_at IS NULL"
    ) == [(1,)]


async def test_units_are_counted_opened_renamed_and_closed(play: Play) -> None:
    """The tree from her topmost unit down; a unit with people stays open."""
    said = await play.say(COORDINATOR, "单位")
    assert f"{COUNTY}：9人，可联系9人" in said
    await play.press(COORDINATOR, f"1 {TOWN}")
    assert "不到五个人" in play.last(COORDINATOR)
    assert "停用单位" not in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "加下级")
    assert "它叫什么" in await play.press(COORDINATOR, "村居点")
    page = await play.say(COORDINATOR, "巴果绕村")
    assert "巴果绕村（村居点）" in page
    await play.press(COORDINATOR, "改名称")
    assert "巴果绕社区（村居点）" in await play.say(COORDINATOR, "巴果绕社区")
    await play.press(COORDINATOR, "上级单位")
    assert "直属下级：1个" in play.last(COORDINATOR)
    await play.press(COORDINATOR, "加下级")
    await play.press(COORDINATOR, "村居点")
    assert "已经有叫“巴果绕社区”的单位" in await play.say(COORDINATOR, "巴果绕社区")
    await play.press(COORDINATOR, "取消")
    await play.say(COORDINATOR, "单位")
    await play.press(COORDINATOR, f"1 {TOWN}")
    await play.press(COORDINATOR, "下级单位")
    await play.press(COORDINATOR, "1 巴果绕社区")
    await play.press(COORDINATOR, "停用单位")
    assert "下面没有别的单位" in await play.press(COORDINATOR, "停用 巴果绕社区")
    assert "人员 · 共" in await play.say(COORDINATOR, f"/people {TOWN}")


async def test_a_supervisor_sees_reachability_and_hours_and_may_change_nothing(
    morning: Play,
) -> None:
    """我的学员 from 更多 and by either word: names, stations, contact, minutes; no person opens."""
    await morning.vote(LEARNER, 1)
    await morning.say(SUPERVISOR, "更多")
    said = await morning.press(SUPERVISOR, "我的学员")
    assert said.startswith("我的学员 · 共7人")
    assert "只有本人知道" in said
    assert morning.labels(SUPERVISOR) == ["下一页"]
    second = await morning.press(SUPERVISOR, "下一页")
    assert "扎西 · 鲁朗镇社工站 · 可联系 · 本月4分钟，今年4分钟" in said + second
    assert morning.labels(SUPERVISOR) == ["上一页"]
    assert (await morning.say(SUPERVISOR, "人员")).startswith("我的学员")


async def _elsewhere(play: Play) -> int:
    def add(session: Session) -> int:
        top = session.get_one(Unit, 1)
        unit = add_unit(session, name_zh="察隅县社工站", level="county_centre", parent=top)
        return unit.id or 0

    return await play.running.wuxue.database.write(add)


def _become(session: Session, person_id: int, role: str) -> None:
    session.exec(update(RoleGrant).where(col(RoleGrant.person_id) == person_id).values(role=role))


async def _verbs(play: Play) -> list[str]:
    """What every button of this study carries, aimed at 扎西 and at her station."""
    person, colleague = await _id(play, "扎西"), await _id(play, "央金")
    ((unit,),) = await play.rows("SELECT id FROM unit WHERE name_zh = :n", n=VALLEY)
    ((grant,),) = await play.rows(
        "SELECT id FROM role_grant WHERE person_id = :p AND until IS NULL", p=person
    )
    ((place,),) = await play.rows(
        "SELECT id FROM cohort_member WHERE person_id = :p AND until IS NULL", p=person
    )
    return [
        "people:0:",
        f"people_of:{unit}:0",
        f"person:{person}",
        f"person:{colleague}",
        "find_people:0",
        f"add_person:{unit}",
        f"roles:{person}",
        f"end_role:{person}:{grant}",
        f"new_role:{person}",
        f"role_where:{person}:coordinator",
        f"give_role:{person}:coordinator:{unit}",
        f"cohorts:{person}",
        f"cohort:{person}:{place}:0",
        f"move:{person}",
        f"rename:{person}",
        f"leave:{person}",
        f"left:{person}",
        f"undo_left:{person}",
        f"invite_again:{person}",
        f"bring_back:{person}",
        "units:0:0",
        f"units:{unit}:0",
        f"unit:{unit}",
        f"close_unit:{unit}",
        f"unit_closed:{unit}",
        f"rename_unit:{unit}",
        f"add_unit:{unit}",
    ]


async def _state(play: Play) -> list[Any]:
    tables = ("person", "role_grant", "cohort_member", "membership", "unit", "invite", "draft")
    return [await play.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608


@pytest.mark.parametrize("user", [LEARNER, SUPERVISOR, STRANGER])
async def test_forged_buttons_change_nothing_for_whoever_may_not(play: Play, user: int) -> None:
    """Roles times acts: no button of a coordinator does anything in another's hand."""
    await play.open(user)
    before = await _state(play)
    for data in await _verbs(play):
        said = await _forge(play, user, data)
        assert said == NOT_THERE or "只对受邀请的人开放" in said, data
    assert await _state(play) == before


@pytest.mark.parametrize("role", ["observer", "learner"])
async def test_observer_and_learner_see_nothing_of_it(play: Play, role: str) -> None:
    """No button under 更多, and the words lead nowhere."""
    await play.running.wuxue.database.write(_become, await _id(play, "扎西"), role)
    await play.say(LEARNER, "更多")
    assert not {"人员", "我的学员", "单位"} & set(play.labels(LEARNER))
    for words in ("人员", "/people", "/people 扎西", "单位", "/units", "我的学员"):
        assert await play.say(LEARNER, words) == NOT_THERE


async def test_a_coordinator_reaches_nothing_outside_her_unit(play: Play) -> None:
    """Another county's unit and people look like none, by button and by name."""
    unit = await _elsewhere(play)
    person = await _id(play, "扎西")
    before = await _state(play)
    for data in (
        f"unit:{unit}",
        f"units:{unit}:0",
        f"people_of:{unit}:0",
        f"add_person:{unit}",
        f"rename_unit:{unit}",
        f"add_unit:{unit}",
        f"unit_closed:{unit}",
        f"give_role:{person}:coordinator:{unit}",
        f"give_role:{person}:coordinator:1",
        f"give_role:{person}:administrator:2",
        "unit:1",
        "person:999999",
        "person:99999999999999999999999",
        "person:-1",
        "person:x",
        "end_role:1",
        f"cohort:{person}:0",
        "people:x:",
        "left:",
    ):
        assert await _forge(play, COORDINATOR, data) == NOT_THERE, data
    assert await _state(play) == before
    await _page(play, "扎西")
    await play.press(COORDINATOR, "换站点")
    assert "没有找到“察隅县社工站”" in await play.say(COORDINATOR, "察隅县社工站")


async def test_nobody_takes_her_own_last_role_away(play: Play) -> None:
    """A coordinator hears kindly that a colleague has to do it."""
    await _page(play, "央金")
    await play.press(COORDINATOR, "改角色")
    await play.press(COORDINATOR, f"结束 协调员 · {COUNTY}")
    assert "自己的最后一个管理角色" in play.toast(COORDINATOR)
    await play.press(COORDINATOR, "回到这个人")
    await play.press(COORDINATOR, "停用")
    await play.press(COORDINATOR, "停用 央金")
    assert "自己的最后一个管理角色" in play.toast(COORDINATOR)
    assert (await play.say(COORDINATOR, "人员")).startswith("人员 · 共9人")


async def test_the_audit_trail_names_nobody(play: Play) -> None:
    """Every change leaves ids and codes, never a name."""
    await _page(play, "扎西")
    await play.press(COORDINATOR, "改姓名")
    await play.say(COORDINATOR, "扎西罗布")
    await play.press(COORDINATOR, "停用")
    await play.press(COORDINATOR, "停用 扎西罗布")
    rows = await play.rows("SELECT action, facts FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert [action for action, _ in rows] == ["deactivate", "rename"]
    assert "扎西" not in str(rows)


async def test_a_new_role_changes_the_menu_and_leaving_takes_it_away(play: Play) -> None:
    """What stands beside her text field is what she may do now."""

    before = [c["command"] for c in play.world.commands_for(LEARNER, LEARNER)]
    await play.say(COORDINATOR, "/people 扎西")
    await play.press(COORDINATOR, "1 扎西")
    await play.press(COORDINATOR, "停用")
    await play.press(COORDINATOR, "停用 扎西")
    assert [c["command"] for c in play.world.commands_for(LEARNER, LEARNER)] == [
        "help",
        "language",
        "privacy",
    ]
    await play.press(COORDINATOR, "撤销")
    assert [c["command"] for c in play.world.commands_for(LEARNER, LEARNER)] == before
