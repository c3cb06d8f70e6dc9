"""每年线下培训学 from the announcement to attendance: 40 places, 6 who wait, a day on paper."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, TOWN, colleague_id
from curriculum import joining
from curriculum.people import LEARNER as LEARNER_ROLE
from curriculum.people import PRIVACY_VERSION
from storage.people import unit_by_name
from tests.bot.test_training_files import TOP, sheet
from tests.journeys.conftest import COORDINATOR, LEARNER, STRANGER, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
MORNING = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FIRST_HALF = datetime(2026, 12, 21, 1, 30, tzinfo=UTC)
# With the county's own seven that makes 46 who are invited.
MORE = range(39)
NAMES = tuple(f"学员{number:02d}" for number in MORE)


def more_id(number: int) -> int:
    """The account of one of the many."""
    return 5_100_000 + number


def _enrol(session: Session, *, bot: int, now: datetime) -> None:
    (town,) = unit_by_name(session, TOWN)
    for number in MORE:
        invite = joining.make_invite(
            session,
            role=LEARNER_ROLE,
            unit=town,
            cohort=None,
            uses=1,
            created_by=None,
            now=now,
        )
        joining.enrol(
            session,
            token=invite.token,
            bot=bot,
            chat_id=more_id(number),
            name=NAMES[number],
            language="zh",
            privacy_version=PRIVACY_VERSION,
            now=now,
        )


async def _many(play: Play) -> None:
    """Thirty-nine more learners with phones of their own."""
    now = play.running.clock.now()
    bot = play.running.wuxue.bot.id
    await play.running.wuxue.database.write(_enrol, bot=bot, now=now)
    for number in MORE:
        play.world.add_user(more_id(number), NAMES[number]).started = True


async def _plan(play: Play, places: str = "40") -> str:
    """The guided form, step by step; gives what it said last."""
    await play.say(COORDINATOR, "培训")
    said = await play.press(COORDINATOR, "办培训")
    assert said.startswith("培训叫什么")
    for text, then in (
        ("社工实务培训", "哪一天开始"),
        ("12月21日", "一共几天"),
        ("2天", "每天几点到几点"),
        ("9点半-12:30 15:00-18:00", "每个半天讲什么"),
        ("只有一行", "要 4 行"),
        ("接案与预估 / 德吉\n个案会谈 / 外请老师\n小组工作\n社区资源", "在哪里"),
        ("林芝市民政局三楼", "多少名额"),
        (places, "报名哪天截止"),
    ):
        said = await play.say(COORDINATOR, text)
        assert said.startswith(then), said
    assert "12月20日(周日)" in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "12月20日(周日)")
    assert "全体社工" in play.labels(COORDINATOR)
    said = await play.say(COORDINATOR, "没有这个站")
    assert said.startswith("没有找到“没有这个站”")
    await play.say(COORDINATOR, f"{COUNTY}、社工")
    said = await play.press(COORDINATOR, COUNTY)
    assert said.startswith("看一遍再存")
    assert "12月21日(周一)09:30 180分钟 接案与预估（德吉）" in said
    return await play.press(COORDINATOR, "确定")


async def _announce(play: Play) -> None:
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "发通知")
    assert "发给46人" in said
    said = await play.press(COORDINATOR, "确认发出")
    assert "还能“撤回”" in said


async def _find_event(play: Play, user: int) -> str:
    """Open the training's page from the list."""
    await play.say(user, "培训")
    return await play.press(user, "1")


async def _press_all(play: Play, users: list[int], label: str) -> None:
    """Everybody presses at once."""
    for user in users:
        message = play.with_button(user, label)
        data = message.button(label)["callback_data"]
        play.world.press(user, message.chat_id, message.message_id, data=data)
    await play.settle()


async def test_a_training_from_the_announcement_to_attendance(morning: Play) -> None:
    """46 press, 40 have places, 6 wait; one moves up; who comes is recorded with what proves it."""
    play = morning
    await _many(play)
    said = await _plan(play)
    assert "还没通知，只有协调员看得到" in said
    await _announce(play)
    await play.press(COORDINATOR, "撤回")
    assert "还没通知" in play.last(COORDINATOR)
    await play.through(MORNING + timedelta(minutes=3))
    assert "线下培训可以报名" not in play.last(LEARNER)
    await play.press(COORDINATOR, "回到培训")
    await _announce(play)
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    everybody = [LEARNER, *map(colleague_id, range(6)), *map(more_id, MORE)]
    assert all(play.with_text(user, "线下培训可以报名") for user in everybody)
    await _press_all(play, everybody, "我要报名")
    states = await play.rows("SELECT state, count(*) FROM training_seat GROUP BY state ORDER BY 1")
    assert states == [("registered", 40), ("waiting", 6)]
    waiting = [user for user in everybody if "您在候补第" in play.last(user)]
    assert len(waiting) == 6
    # One cannot come: whoever waits longest has the place, and hears of it at once.
    await play.press(LEARNER, "去不了")
    assert "名额满了" in await play.press(LEARNER, "下乡走访") or "去不了（下乡走访）" in play.last(
        LEARNER
    )
    moved = [user for user in waiting if play.last(user).startswith("培训有您的位置了")]
    assert len(moved) == 1
    await _look_after(play)
    await _change(play, moved[0])
    await _reminders(play, moved[0])
    await _first_day(play, [user for user in everybody if user not in waiting[1:]], moved[0])


async def _look_after(play: Play) -> None:
    """The coordinator's lists, and how the stations are covered."""
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "报名名单")
    assert "报名40，候补5，不来1" in said
    said = await play.press(COORDINATOR, "不来")
    assert "下乡走访" in said
    await play.press(COORDINATOR, "回到培训")
    said = await play.press(COORDINATOR, "各站情况")
    assert f"{TOWN}：来" in said
    # Five people in the valley or fewer are not shown alone.
    assert "不到5人的单位不单列" in said
    await play.press(COORDINATOR, "回到培训")


async def _change(play: Play, one: int) -> None:
    """Another place: read back, told once to everybody concerned, undone within ten minutes."""
    await play.press(COORDINATOR, "改安排")
    await play.press(COORDINATOR, "地点和人")
    await play.press(COORDINATOR, "地点")
    said = await play.say(COORDINATOR, "巴宜区会议中心")
    assert "会通知45人" in said
    said = await play.press(COORDINATOR, "确定")
    assert "可以“撤销”" in said
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "- 地点：改到 巴宜区会议中心" in play.last(one).replace("•", "-")
    assert "您的报名还在" in play.last(one)
    await play.press(one, "更新日历")
    assert play.said(one)[-1].json["document"]["file_name"] == "training_1.ics"
    assert not play.last(LEARNER).startswith("线下培训有变动")
    await play.press(COORDINATOR, "撤销")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "林芝市民政局三楼" in play.last(one)


async def _reminders(play: Play, one: int) -> None:
    """A week before, the day before and on the morning, to who comes alone."""
    await play.through(FIRST_HALF - timedelta(minutes=20))
    told = [m.text for m in play.said(one) if m.text.startswith("线下培训快到了")]
    folded = [m.text for m in play.said(one) if "线下培训" in m.text and "每日一学" in m.text]
    assert len(told) + len(folded) == 2
    assert play.last(one).startswith("线下培训今天开始")
    assert not [m for m in play.said(LEARNER) if m.text.startswith("线下培训快到了")]
    # A trainer who is somebody here is reminded too.
    assert play.last(SUPERVISOR).startswith("线下培训今天开始")


async def _token(play: Play, place: int) -> str:
    rows = await play.rows("SELECT token FROM training_period ORDER BY starts_at")
    return f"here-{rows[place][0]}"


async def _first_day(play: Play, coming: list[int], late: int) -> None:
    """The code on the wall, the trainer's list, a walk-in, and the afternoon from paper."""
    first, second = await _token(play, 0), await _token(play, 1)
    early = await play.open(late, second)
    assert early.startswith("还没到签到时间")
    assert "14:30 起可以签" in early
    others = [user for user in coming if user not in (LEARNER, late)][:20]
    for user in others:
        play.world.open_link(user, first)
    await play.settle()
    assert all("已记录：接案与预估 180分钟" in play.last(user) for user in others)
    assert (await play.open(others[0], first)).startswith("您已经签过了")
    # Not on the list: noted, and confirmed by the trainer before it is said to be recorded.
    said = await play.open(LEARNER, first)
    assert said.startswith("记下了，等核实")
    assert "已记录" not in said
    await play.through(FIRST_HALF + timedelta(minutes=40))
    assert (await play.open(late, first)).startswith("记下了，等核实")
    before = len(play.world.sent_log)
    await _find_event(play, SUPERVISOR)
    await play.press(SUPERVISOR, "培训点名")
    said = await play.press(SUPERVISOR, "1")
    assert "到20人，待核实2人，名单41人" in said
    said = await play.press(SUPERVISOR, "点名")
    taps = 0
    while "到41人" not in said:
        said = await play.press(SUPERVISOR, "本页都到")
        taps += 1
    # Forty-one people in seven taps; about two seconds each.
    assert taps <= 7
    assert len(play.world.sent_log) - before < 60
    rows = await play.rows(
        "SELECT evidence, mode, minutes, count(*) FROM learning_record"
        " WHERE study = 'annual_training' GROUP BY evidence, mode, minutes ORDER BY evidence"
    )
    assert rows == [("roll_call", "offline", 180, 21), ("signed_in", "offline", 180, 20)]
    await _afternoon(play, second, late)


async def _afternoon(play: Play, token: str, late: int) -> None:
    """No network: signed on paper, entered the day after; a mistake is taken back by a new row."""
    await play.through(FIRST_HALF + timedelta(days=1, hours=3))
    assert (await play.open(late, token)).startswith("这个半天已经结束")
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "培训点名")
    await play.press(COORDINATOR, "2")
    await play.press(COORDINATOR, "纸质补录")
    names = play.labels(COORDINATOR)
    await play.press(COORDINATOR, names[0])
    await play.press(COORDINATOR, names[1])
    await play.press(COORDINATOR, names[1])
    rows = await play.rows(
        "SELECT evidence, minutes, corrects IS NOT NULL FROM learning_record"
        " WHERE study = 'annual_training' AND title LIKE '%个案会谈' ORDER BY id"
    )
    assert rows == [("on_paper", 180, 0), ("on_paper", 180, 0), ("annulled", 0, 1)]
    # The rest as one pasted list: who is unsure is asked about.
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "贴接龙")
    said = await play.say(COORDINATOR, "1. 学员01\n2. 学员02\n3. 学员03 晚到\n4. 谁也不是的人名")
    assert "认出 3 人" in said or "不确定" in said
    if "不确定" in said:
        said = await play.press(COORDINATOR, "都不是")
    said = await play.press(COORDINATOR, "记到场")
    assert "名单里 3 人" in said
    # Somebody who was not registered came all the same.
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "加人")
    await play.say(COORDINATOR, "学员38")
    button = next(name for name in play.labels(COORDINATOR) if name.startswith("学员38"))
    said = await play.press(COORDINATOR, button)
    assert "已记到场" in said
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "签到码")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"].endswith(".pdf")
    await play.press(COORDINATOR, "签到表")
    names = [message.json["document"]["file_name"] for message in play.said(COORDINATOR)[-2:]]
    assert names == ["签到表_2026-12-21.docx", "签到表_2026-12-21.pdf"]
    await _from_a_sheet(play)


async def _from_a_sheet(play: Play) -> None:
    """The whole day's sheet, filled in on a computer, read back and entered."""
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "电子签到表")
    sent = play.said(COORDINATOR)[-1].json["document"]["file_id"]
    book = load_workbook(io.BytesIO(play.world.files.by_id[sent].data))
    page = book.worksheets[0]
    empty = [line for line in range(4, page.max_row + 1) if not page.cell(line, 5).value]
    for line in empty:
        page.cell(line, 5).value = "到"
    stream = io.BytesIO()
    book.save(stream)
    play.world.send_file(COORDINATOR, "签到.xlsx", stream.getvalue())
    await play.settle()
    assert f"个案会谈：{len(empty)}人" in play.last(COORDINATOR)
    said = await play.press(COORDINATOR, "记到场")
    assert said.startswith("记好了")
    rows = await play.rows(
        "SELECT count(*) FROM learning_record WHERE study = 'annual_training'"
        " AND title LIKE '%个案会谈' AND evidence = 'imported'"
    )
    assert rows == [(len(empty) + 3,)]


async def test_papers_and_a_pin_are_taken_while_they_are_asked_for(play: Play) -> None:
    """A stranger's tap finds nothing; a paper goes to who is invited; words are kept as words."""
    await _plan(play, places="2")
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "看文件")
    await play.press(COORDINATOR, "加文件")
    play.world.send_file(COORDINATOR, "通知.docx", b"PK\x03\x04 a notice")
    await play.settle()
    assert "1. 通知.docx" in play.last(COORDINATOR)
    await play.press(COORDINATOR, "好了")
    await play.press(COORDINATOR, "看文件")
    await play.press(COORDINATOR, "加位置")
    play.world.send_location(COORDINATOR, 29.65, 94.36)
    await play.settle()
    assert "看位置" in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "看位置")
    assert play.said(COORDINATOR)[-1].json["location"]["latitude"] == 29.65
    # Before it is announced nobody else sees it, whatever she presses.
    play.world.forge_callback(LEARNER, LEARNER, 1, "training:1")
    play.world.forge_callback(LEARNER, LEARNER, 1, "training_manage:1")
    await play.settle()
    assert all("没有找到" in toast.text for toast in play.world.toasts(LEARNER)[-2:])
    await play.open(STRANGER, "here-forged")
    assert "只对受邀请的人开放" in play.last(STRANGER)


async def test_a_training_is_planned_from_one_sheet(play: Play) -> None:
    """The blank sheet, one with faults that saves nothing, the mended one read back, then saved."""
    await play.say(COORDINATOR, "培训")
    await play.press(COORDINATOR, "空白表格")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"] == "培训表.xlsx"
    top = TOP | {"请谁": "没有这个站"}
    play.world.send_file(COORDINATOR, "培训.xlsx", sheet(top))
    await play.settle()
    assert play.last(COORDINATOR).startswith("培训表还有1处要改")
    assert "第5行“请谁”：没有找到“没有这个站”" in play.last(COORDINATOR)
    play.world.send_file(COORDINATOR, "培训.xlsx", sheet(TOP | {"请谁": f"{TOWN}、督导者"}))
    await play.settle()
    assert play.last(COORDINATOR).startswith("看一遍再存")
    assert await play.count("training_event") == 0
    said = await play.press(COORDINATOR, "确定")
    assert "12月21日(周一)15:00 个案会谈" in said
    assert await play.count("training_event") == 1


async def test_a_training_works_on_postgresql_too(on_postgresql: Play) -> None:
    """Planned, announced, registered for with one place, moved up, signed in by the wall's code."""
    play, first_colleague = on_postgresql, colleague_id(0)
    await _plan(play, places="1")
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "发通知")
    await play.press(COORDINATOR, "确认发出")
    # When the quiet hours end, before the day's lesson.
    await play.through(MORNING - timedelta(minutes=55))
    await _press_all(play, [LEARNER], "我要报名")
    assert "您已报名" in play.last(LEARNER)
    await _press_all(play, [first_colleague], "我要报名")
    assert "您在候补第1位" in play.last(first_colleague)
    await play.press(LEARNER, "去不了")
    await play.press(LEARNER, "不说原因")
    assert play.last(first_colleague).startswith("培训有您的位置了")
    await play.through(FIRST_HALF)
    said = await play.open(first_colleague, await _token(play, 0))
    assert "已记录：接案与预估 180分钟" in said
    assert await play.rows(
        "SELECT evidence, mode FROM learning_record WHERE study = 'annual_training'"
    ) == [("signed_in", "offline")]
