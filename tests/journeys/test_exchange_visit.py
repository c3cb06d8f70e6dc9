"""外出参观交流学 from the form to the first morning: 21 people to two places, moved by a day."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal.county import COLLEAGUES, COUNTY, TOWN, colleague_id
from curriculum import joining
from curriculum.people import COORDINATOR as COORDINATOR_ROLE
from curriculum.people import LEARNER as LEARNER_ROLE
from curriculum.people import PRIVACY_VERSION
from storage.people import Membership, Person, RoleGrant, unit_by_name
from tests.bot.test_visit_files import sheet
from tests.journeys.conftest import COORDINATOR, LEARNER, Play

pytestmark = pytest.mark.asyncio
# Nine more with a chat, two without: with the county's own seven that makes eighteen.
MORE, WITHOUT = range(9), ("旺堆", "次仁")
OTHER = 5_200_000
EVE = datetime(2026, 11, 27, 4, tzinfo=UTC)
FIRST_MORNING = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


def more_id(number: int) -> int:
    """The account of one of the many."""
    return 5_100_000 + number


def _enrol(session: Session, *, bot: int, now: datetime) -> None:
    (town,), (county,) = unit_by_name(session, TOWN), unit_by_name(session, COUNTY)
    wanted = [(more_id(n), f"学员{n:02d}", LEARNER_ROLE, town) for n in MORE]
    wanted.append((OTHER, "次旺", COORDINATOR_ROLE, county))
    for chat_id, name, role, unit in wanted:
        invite = joining.make_invite(
            session, role=role, unit=unit, cohort=None, uses=1, created_by=None, now=now
        )
        joining.enrol(
            session,
            token=invite.token,
            bot=bot,
            chat_id=chat_id,
            name=name,
            language="zh",
            privacy_version=PRIVACY_VERSION,
            now=now,
        )
    for name in WITHOUT:
        person = Person(name=name, phone="13955556666", created_at=now)
        session.add(person)
        session.flush()
        of_town = {"person_id": person.id or 0, "unit_id": town.id or 0, "since": now.date()}
        session.add(Membership(**of_town))
        session.add(RoleGrant(role=LEARNER_ROLE, **of_town))
    session.flush()


async def _people(play: Play) -> list[int]:
    """Enrol them; gives the accounts of the sixteen who have one."""
    wuxue, now = play.running.wuxue, play.running.clock.now()
    await wuxue.database.write(_enrol, bot=wuxue.bot.id, now=now)
    for user in (*map(more_id, MORE), OTHER):
        play.world.add_user(user, "某人").started = True
    return [LEARNER, *map(colleague_id, range(6)), *map(more_id, MORE)]


async def _plan(play: Play) -> None:
    """The guided form, step by step, then who travels."""
    await play.say(COORDINATOR, "参观")
    said = await play.press(COORDINATOR, "办参观")
    for text, then in (
        ("赴拉萨山南交流", "去学什么"),
        ("看站点怎么排班", "哪一天出发"),
        ("昨天", "没看懂"),
        ("11月27日", "一共几天"),
        ("两三天", "写数字，1 到 15"),
        ("2", "去哪些地方"),
        ("12月1日 城关区社工站", "第 1 行是 12月1日(周二)"),
        (
            "第1天 10:00 城关区社工站 / 座谈 / 扎西主任 0891-6322222\n第2天 山南市养老院 / 参观",
            "谁主办",
        ),
        (COUNTY, "要带什么"),
    ):
        said = await play.say(COORDINATOR, text)
        assert then in said, said
    said = await play.press(COORDINATOR, "就用常用的")
    assert said.startswith("看一遍再存")
    assert "11月27日(周五)10:00 城关区社工站：座谈（扎西主任 0891-6322222）" in said
    said = await play.press(COORDINATOR, "确定")
    assert "先按“名单”加人" in said
    # Before it is approved nobody has been asked, and no answers are counted.
    assert "名单0人\n还没有文件" in said
    await play.press(COORDINATOR, "报批")
    assert play.toast(COORDINATOR).startswith("名单里还没有人")
    await play.press(COORDINATOR, "名单")
    await play.press(COORDINATOR, "加人")
    await play.press(COORDINATOR, "贴名单")
    # The whole county, and a line of a 接龙 that nobody bears.
    said = await play.say(COORDINATOR, f"{COUNTY}\n1. 某某某")
    assert said.startswith("认出 18 人")
    assert "没有找到：某某某" in said
    assert "批准以前不通知" in said
    assert "新加18人" in await play.press(COORDINATOR, "加进名单")
    await play.press(COORDINATOR, "再加")
    await play.press(COORDINATOR, "加干部")
    await play.say(
        COORDINATOR, "索朗 副局长 民政局 13900001111\n央宗 科长 民政局\n格桑 主任 街道办"
    )
    assert (await play.say(COORDINATOR, "再加一位")).startswith("看一遍")
    said = await play.press(COORDINATOR, "加进名单")
    assert "新加3人" in said
    await play.press(COORDINATOR, "名单")
    await play.press(COORDINATOR, "回到参观")


async def _approve(play: Play) -> None:
    """报批, then another coordinator's yes, after a look at to whom it goes."""
    said = await play.press(COORDINATOR, "报批")
    assert "等另一位协调员批准" in said
    assert "批准" not in play.labels(COORDINATOR)
    assert "参观请批准：赴拉萨山南交流" in await play.say(OTHER, "待办")
    await play.press(OTHER, "1")
    said = await play.press(OTHER, "批准")
    assert "发给16人" in said
    assert "另有5人收不到" in said
    await play.press(OTHER, "确认批准")
    await play.press(OTHER, "撤回")
    await play.press(OTHER, "批准")
    said = await play.press(OTHER, "确认批准")
    assert "还能“撤回”" in said


async def _manage(play: Play) -> None:
    """管理参观 from the list, as a message of its own."""
    await play.say(COORDINATOR, "参观")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "管理参观")


async def _answer(play: Play, everybody: list[int]) -> None:
    """Fifteen press 我去, one cannot; who has no chat is called and answered for."""
    for user in everybody[1:]:
        message = play.with_button(user, "我去")
        data = message.button("我去")["callback_data"]
        play.world.press(user, message.chat_id, message.message_id, data=data)
    await play.settle()
    await play.press(LEARNER, "去不了")
    assert "您说去不了（休假）" in await play.press(LEARNER, "休假")
    await _manage(play)
    await play.press(COORDINATOR, "名单")
    said = await play.press(COORDINATOR, "没回答")
    assert "旺堆" in said
    assert "13955556666" in said
    assert "索朗 副局长 民政局：13900001111" in said
    for name in (*WITHOUT, "索朗", "央宗", "格桑"):
        label = next(one for one in play.labels(COORDINATOR) if one.endswith(name))
        await play.press(COORDINATOR, label)
        await play.press(COORDINATOR, "说去")
        await play.press(COORDINATOR, "名单")
        if name != "格桑":
            await play.press(COORDINATOR, "没回答")
    assert "共21人：去20，不去1，没回答0" in play.last(COORDINATOR)


async def _move(play: Play, one: int) -> None:
    """A day later: read back, told once to who travels, nothing to who does not."""
    await play.press(COORDINATOR, "回到参观")
    await play.press(COORDINATOR, "改安排")
    # Words where buttons are meant bring the buttons again.
    assert (await play.say(COORDINATOR, "晚一天")).startswith("改哪一项")
    await play.press(COORDINATOR, "时间")
    assert (await play.say(COORDINATOR, "晚一天")).startswith("改哪一项")
    await play.press(COORDINATOR, "出发日期")
    said = await play.say(COORDINATOR, "11月28日")
    assert "会通知15人" in said
    await play.press(COORDINATOR, "确定")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    told = [m.text for m in play.said(one) if m.text.startswith("参观有变动")]
    assert len(told) == 1
    assert "11月27日(周五)到11月28日(周六) 改为 11月28日(周六)到11月29日(周日)" in told[0]
    assert not play.last(LEARNER).startswith("参观有变动")
    await play.press(one, "更新日历")
    assert play.said(one)[-1].json["document"]["file_name"] == "visit_1.ics"


async def _late(play: Play, one: int) -> None:
    """On the eve the programme changes: urgent, confirmed by one, the others on the live list."""
    await _manage(play)
    await play.press(COORDINATOR, "改安排")
    await play.press(COORDINATOR, "行程")
    said = await play.press(COORDINATOR, "地方")
    assert "第1天 10:00 城关区社工站 / 座谈 / 扎西主任 0891-6322222" in said
    said = await play.say(COORDINATOR, "第1天 11:00 堆龙德庆社工站 / 座谈\n第2天 山南市养老院")
    assert "会请每个人确认" in said
    await play.press(COORDINATOR, "确定")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(one).startswith("参观有变动，请确认")
    await play.press(one, "知道了")
    await _manage(play)
    said = await play.press(COORDINATOR, "没确认的")
    assert "19人" in said
    await play.press(COORDINATOR, next(x for x in play.labels(COORDINATOR) if x.startswith("1 ")))
    await play.press(COORDINATOR, "已电话告知")
    await play.press(COORDINATOR, "名单")
    assert "变动没确认18人" in play.last(COORDINATOR)


async def _papers(play: Play, one: int) -> None:
    """Roster and programme as files; the participant has the programme too."""
    await play.press(COORDINATOR, "回到参观")
    await play.press(COORDINATOR, "打印")
    for label, ends in (("花名册表格", "xlsx"), ("花名册文档", "docx"), ("行程文档", "docx")):
        await play.press(COORDINATOR, label)
        assert play.said(COORDINATOR)[-1].json["document"]["file_name"].endswith(ends)
    await play.say(one, "参观")
    await play.press(one, "1")
    await play.press(one, "行程单")
    assert play.said(one)[-1].json["document"]["file_name"] == "参观行程单.pdf"


async def test_a_visit_from_the_form_to_the_first_morning(morning: Play) -> None:
    """Approved by another, answered by all, moved, changed late, reminded to the first morning."""
    play = morning
    await play.rest_lessons()
    everybody = await _people(play)
    one = everybody[1]
    await _plan(play)
    await _approve(play)
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert all(play.with_text(user, "请您参加参观交流") for user in everybody)
    await _answer(play, everybody)
    await _move(play, one)
    await play.through(EVE)
    eve = play.with_text(one, "参观明天出发").text
    assert "10:00 城关区社工站" in eve
    assert "要带：身份证、" in eve
    await _late(play, one)
    await _papers(play, one)
    await play.through(FIRST_MORNING)
    day = [m.text for m in play.said(one) if m.text.startswith("今天的参观行程")]
    assert len(day) == 1
    assert "11:00 堆龙德庆社工站：座谈" in day[0]
    assert not [m for m in play.said(LEARNER) if "参观行程" in m.text or "明天出发" in m.text]


async def test_a_visit_from_one_workbook_works_on_postgresql_too(on_postgresql: Play) -> None:
    """The blank one, one with faults that saves nothing, the mended one; papers; the only
    coordinator approves herself, one goes, and it is called off and on again.
    """
    play, first = on_postgresql, colleague_id(0)
    await play.say(COORDINATOR, "参观")
    await play.press(COORDINATOR, "空白表格")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"] == "参观表.xlsx"
    official = ("索朗", "副局长", "民政局", 13900001111)
    wrong = [("没有这人", None, None, None), official]
    play.world.send_file(COORDINATOR, "参观.xlsx", sheet(who=wrong))
    await play.settle()
    assert play.last(COORDINATOR).startswith("参观表还有1处要改")
    assert "第2行“姓名”：您的单位里没有找到“没有这人”" in play.last(COORDINATOR)
    who = [(COLLEAGUES[0], None, None, None), official]
    play.world.send_file(COORDINATOR, "参观.xlsx", sheet(who=who))
    await play.settle()
    assert "名单：社工1人，干部1人" in play.last(COORDINATOR)
    assert "存好以后再报批" in play.last(COORDINATOR)
    assert await play.count("exchange_visit") == 0
    assert "名单2人" in await play.press(COORDINATOR, "确定")
    assert "删掉" not in await play.press(COORDINATOR, "文件")
    await play.press(COORDINATOR, "加文件")
    play.world.send_file(COORDINATOR, "邀请函.docx", b"PK")
    await play.settle()
    assert "1. 邀请函.docx" in play.last(COORDINATOR)
    assert "文件1个" in await play.press(COORDINATOR, "好了")
    await play.press(COORDINATOR, "报批")
    # Nobody else is there to approve it, and nobody else is waited for.
    assert "等批准，按“管理参观”" in await play.press(COORDINATOR, "回到参观")
    await play.press(COORDINATOR, "管理参观")
    await play.press(COORDINATOR, "批准")
    await play.press(COORDINATOR, "确认批准")
    # When the quiet hours end, before the day's lesson.
    await play.through(datetime(2026, 11, 25, 1, 5, tzinfo=UTC))
    assert "您说去" in await play.press(first, "我去")
    await play.press(first, "看文件")
    assert play.said(first)[-1].json["document"]["file_name"] == "邀请函.docx"
    await _manage(play)
    await play.press(COORDINATOR, "取消参观")
    await play.say(COORDINATOR, "大雪封路")
    assert "已取消：大雪封路" in await play.press(COORDINATOR, "取消参观")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "取消了：大雪封路" in play.last(first)
    await play.press(COORDINATOR, "撤销")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "照常去" in play.last(first)
