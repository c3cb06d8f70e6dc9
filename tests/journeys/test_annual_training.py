"""每年线下培训学 from the announcement to certificates: 40 places, 6 who wait, a day on paper."""

import io
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, TOWN, colleague_id
from bot.reports.certificates import signed_of
from curriculum import joining
from curriculum.people import LEARNER as LEARNER_ROLE
from curriculum.people import PRIVACY_VERSION
from storage.people import unit_by_name
from tests.bot.test_training_files import TOP, sheet
from tests.journeys.conftest import COORDINATOR, LEARNER, STRANGER, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
MORNING = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
# A Friday, two days on: half past nine in Shanghai.
FIRST_HALF = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
OVER = datetime(2026, 11, 28, 10, 40, tzinfo=UTC)
# With the county's own seven that makes 46 who are invited.
MORE = range(39)
NAMES = tuple(f"学员{number:02d}" for number in MORE)
TITLE = "社工实务培训 ལས་བྱེད་སྦྱོང་བརྡར།"


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
        (TITLE, "哪一天开始"),
        ("11月27日", "一共几天"),
        ("2天", "每天几点到几点"),
        ("9点半-12:30 15:00-18:00", "每个半天讲什么"),
        ("只有一行", "要 4 行"),
        ("接案与预估 / 德吉\n个案会谈 / 外请老师\n小组工作\n社区资源", "在哪里"),
        ("林芝市民政局三楼", "多少名额"),
        (places, "报名哪天截止"),
    ):
        said = await play.say(COORDINATOR, text)
        assert said.startswith(then), said
    assert "11月26日(周四)" in play.labels(COORDINATOR)
    await play.press(COORDINATOR, "11月26日(周四)")
    assert "全体社工" in play.labels(COORDINATOR)
    said = await play.say(COORDINATOR, "没有这个站")
    assert said.startswith("没有找到“没有这个站”")
    await play.say(COORDINATOR, f"{COUNTY}、社工")
    said = await play.press(COORDINATOR, COUNTY)
    assert said.startswith("看一遍再存")
    assert "11月27日(周五)09:30 180分钟 接案与预估（德吉）" in said
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


async def test_a_training_from_the_announcement_to_the_certificate(morning: Play) -> None:
    """46 press, 40 have places, 6 wait, two cancel; a code, a roll, paper, a sheet; tests,
    feedback, certificates that anybody can check, and one file of all of it."""
    play = morning
    await play.rest_lessons()
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
    # Two cannot come: whoever waits longest has the place, and hears of it at once.
    gone = [user for user in everybody if user not in waiting][:2]
    for user in gone:
        await play.press(user, "去不了")
        await play.press(user, "下乡走访")
        assert "您说去不了（下乡走访）" in play.last(user)
    moved = [user for user in waiting if play.last(user).startswith("培训有您的位置了")]
    assert len(moved) == 2
    coming = [user for user in everybody if user not in gone and user not in waiting] + moved
    await _look_after(play)
    await _change(play, coming[0], gone[0])
    await _choose_a_question(play)
    await _reminders(play, coming[0], gone[0])
    await _first_day(play, coming, gone[0])
    await _afternoon(play, coming[0])
    await _take(play, coming[0], "培训后再做一遍", "培训前对")
    await _say_what_they_think(play, coming[0])
    short = await _second_day_from_a_sheet(play)
    given = await _give(play, short)
    code = await _hers(play, coming[0], given)
    await _anybody_checks(play, coming[0], code)
    await _revoke_and_undo(play, coming[0], code)
    await _one_file(play, given)


async def _look_after(play: Play) -> None:
    """The coordinator's lists, finding somebody, and how the stations are covered."""
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "报名名单")
    assert "报名40，候补4，不来2" in said
    said = await play.press(COORDINATOR, "不来")
    assert "下乡走访" in said
    await play.press(COORDINATOR, "报名名单")
    await play.press(COORDINATOR, "找人")
    said = await play.say(COORDINATOR, "学员0")
    assert said.startswith("找到10人（1/2页）")
    assert (await play.press(COORDINATOR, "下一页")).startswith("找到10人（2/2页）")
    await play.press(COORDINATOR, "报名名单")
    await play.press(COORDINATOR, "回到培训")
    said = await play.press(COORDINATOR, "各站情况")
    assert f"{TOWN}：来" in said
    # Five people in the valley or fewer are not shown alone.
    assert "不到5人的单位不单列" in said
    await play.press(COORDINATOR, "回到培训")


async def _change(play: Play, one: int, other: int) -> None:
    """Another place, another half day: read back, told once to who is concerned, undone."""
    await play.press(COORDINATOR, "改安排")
    await play.press(COORDINATOR, "地点和人")
    await play.press(COORDINATOR, "地点")
    said = await play.say(COORDINATOR, "巴宜区会议中心")
    assert "会通知44人" in said
    said = await play.press(COORDINATOR, "确定")
    assert "可以“撤销”" in said
    await play.press(COORDINATOR, "半天安排")
    await play.press(COORDINATOR, "3")
    await play.press(COORDINATOR, "改时间")
    assert (await play.say(COORDINATOR, "15点到18点")).startswith("和“社区资源”的时间重叠了")
    said = await play.say(COORDINATOR, "9点到12点")
    assert "11月28日(周六)09:00-12:00" in said
    await play.press(COORDINATOR, "确定")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "地点：改到 巴宜区会议中心" in play.last(one)
    assert "改时间：小组工作，11月28日(周六)09:00，180分钟" in play.last(one)
    assert "您的报名还在" in play.last(one)
    await play.press(one, "更新日历")
    assert play.said(one)[-1].json["document"]["file_name"] == "training_1.ics"
    assert not play.last(other).startswith("线下培训有变动")
    await play.press(COORDINATOR, "撤销")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "改时间：小组工作，11月28日(周六)09:30" in play.last(one)


async def _choose_a_question(play: Play) -> None:
    """Two lessons' questions, one of them dropped again."""
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    # For the ten minutes of 撤销 the test waits.
    if "前后测" not in play.labels(COORDINATOR):
        await play.through(play.running.clock.now() + timedelta(minutes=11))
        await play.press(COORDINATOR, "回到培训")
        await play.press(COORDINATOR, "管理培训")
    assert "还没有选题" in await play.press(COORDINATOR, "前后测")
    for words in ("保密", "同意"):
        await play.press(COORDINATOR, "加题")
        assert (await play.say(COORDINATOR, words)).startswith("选一课")
        said = await play.press(COORDINATOR, play.labels(COORDINATOR)[0])
    assert "2. " in said
    assert "2. " not in await play.press(COORDINATOR, "去掉2")


async def _take(play: Play, user: int, asked: str, done: str) -> None:
    """The one question, in a message of its own; only she reads how it went."""
    message = play.with_text(user, asked)
    assert "只有您自己看得到" in message.text
    assert (await play.press(user, "做题")).startswith("小题 1/1")
    said = await play.press(user, "A")
    assert said.startswith("做完了")
    assert done in said


async def _reminders(play: Play, one: int, other: int) -> None:
    """The day before and on the morning, to who comes alone; the test on the eve."""
    await play.through(FIRST_HALF - timedelta(hours=12))
    await _take(play, one, "培训前做几道小题", "培训以后再做一遍")
    await play.through(FIRST_HALF - timedelta(minutes=20))
    told = [m.text for m in play.said(one) if m.text.startswith("线下培训快到了")]
    folded = [m.text for m in play.said(one) if "线下培训" in m.text and "每日一学" in m.text]
    assert len(told) + len(folded) == 1
    assert play.last(one).startswith("线下培训今天开始")
    assert not [m for m in play.said(other) if m.text.startswith("线下培训快到了")]
    # A trainer who is somebody here is reminded too.
    assert play.last(SUPERVISOR).startswith("线下培训今天开始")


async def _token(play: Play, place: int) -> str:
    rows = await play.rows("SELECT token FROM training_period ORDER BY starts_at")
    return f"here-{rows[place][0]}"


async def _first_day(play: Play, coming: list[int], walked_in: int) -> None:
    """The code on the wall, then the trainer's list: forty-one people in a few taps."""
    first, second = await _token(play, 0), await _token(play, 1)
    late = coming[-1]
    early = await play.open(late, second)
    assert early.startswith("还没到签到时间")
    assert "14:30 起可以签" in early
    others = coming[:20]
    for user in others:
        play.world.open_link(user, first)
    await play.settle()
    assert all("已记录：接案与预估 180分钟" in play.last(user) for user in others)
    assert (await play.open(others[0], first)).startswith("您已经签过了")
    # Not on the list: noted, and confirmed by the trainer before it is said to be recorded.
    said = await play.open(walked_in, first)
    assert said.startswith("记下了，等核实")
    assert "已记录" not in said
    await play.through(FIRST_HALF + timedelta(minutes=40))
    assert (await play.open(late, first)).startswith("记下了，等核实")
    await _find_event(play, SUPERVISOR)
    await play.press(SUPERVISOR, "培训点名")
    said = await play.press(SUPERVISOR, "1")
    assert "到20人，待核实2人，名单41人" in said
    said = await play.press(SUPERVISOR, "点名")
    taps = 5
    while "到41人" not in said:
        said = await play.press(SUPERVISOR, "本页都到")
        taps += 1
    # From the word 培训 to the last name: a dozen taps, some two seconds each.
    assert taps <= 12
    rows = await play.rows(
        "SELECT evidence, mode, minutes, count(*) FROM learning_record"
        " WHERE study = 'annual_training' GROUP BY evidence, mode, minutes ORDER BY evidence"
    )
    assert rows == [("roll_call", "offline", 180, 21), ("signed_in", "offline", 180, 20)]


async def _afternoon(play: Play, one: int) -> None:
    """Signed on paper, entered the day after; a mistake is taken back by a new row."""
    await play.through(OVER)
    assert (await play.open(one, await _token(play, 1))).startswith("这个半天已经结束")
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
    said = await play.say(COORDINATOR, "1. 学员11\n2. 学员12\n3. 学员13 晚到\n4. 谁也不是的人名")
    assert "认出 3 人" in said or "不确定" in said
    if "不确定" in said:
        said = await play.press(COORDINATOR, "都不是")
    assert "名单里 3 人" in await play.press(COORDINATOR, "记到场")
    # One who was overlooked is found among the names and ticked where she stands.
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "找人")
    await play.say(COORDINATOR, "学员14")
    said = await play.press(COORDINATOR, play.labels(COORDINATOR)[0])
    assert "学员14" in said
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "签到码")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"].endswith(".pdf")
    await play.press(COORDINATOR, "签到表")
    names = [message.json["document"]["file_name"] for message in play.said(COORDINATOR)[-2:]]
    assert names == ["签到表_2026-11-27.docx", "签到表_2026-11-27.pdf"]


async def _say_what_they_think(play: Play, user: int) -> None:
    """Four scores and a sentence in a minute, masked, without a name; nothing is shown yet."""
    assert "不记名" in play.with_text(user, "培训结束了，说说感受").text
    assert (await play.press(user, "说说感受")).startswith("内容怎么样（1/5）")
    # A number typed counts as the button with it.
    assert (await play.say(user, "5")).startswith("组织怎么样（2/5）")
    for score in ("4", "5 很好"):
        await play.press(user, score)
    assert (await play.press(user, "3")).startswith("还想说什么")
    said = await play.say(user, "多些演练，找我 13988887777")
    assert "13988887777" not in said
    await play.press(user, play.labels(user)[0])
    kept = play.with_text(user, "收到了，谢谢您")
    assert kept.button("看安排")
    rows = await play.rows(
        "SELECT content, organisation, trainer, usefulness, text FROM training_feedback"
    )
    assert rows[0][:4] == (5, 4, 5, 3)
    assert "13988887777" not in rows[0][4]
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "培训评价")
    assert "1人答了" in said
    assert "多些演练" not in said
    await play.press(user, "说说感受")
    assert "您已经答过了" in play.toast(user) or "您已经答过了" in play.last(user)


async def _second_day_from_a_sheet(play: Play) -> str:
    """A day without network: signed on paper, typed into a sheet, read back and entered.

    Gives who was there on the first morning alone.
    """
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "电子签到表")
    sent = play.said(COORDINATOR)[-1].json["document"]["file_id"]
    book = load_workbook(io.BytesIO(play.world.files.by_id[sent].data))
    page = book.worksheets[0]
    absent = next(
        line for line in range(4, page.max_row + 1) if str(page.cell(line, 2).value) == "学员20"
    )
    for line in range(4, page.max_row + 1):
        for column in (5, 6, 7):
            if line != absent and not page.cell(line, column).value:
                page.cell(line, column).value = "到"
    stream = io.BytesIO()
    book.save(stream)
    play.world.send_file(COORDINATOR, "签到.xlsx", stream.getvalue())
    await play.settle()
    assert "小组工作：40人" in play.last(COORDINATOR)
    assert (await play.press(COORDINATOR, "记到场")).startswith("记好了")
    rows = await play.rows(
        "SELECT count(*) FROM learning_record WHERE study = 'annual_training'"
        " AND title LIKE '%社区资源' AND evidence = 'imported'"
    )
    assert rows == [(40,)]
    return "学员20"


async def _give(play: Play, short: str) -> int:
    """To all who were there long enough, undone, given again; gives how many."""
    assert "请发培训证书" in await play.say(COORDINATOR, "待办")
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "证书")
    assert "可发40，已发0，已撤回0，时数不够1" in said
    await play.press(COORDINATOR, "找人")
    assert "时数不够" in await play.say(COORDINATOR, short)
    await play.press(COORDINATOR, "证书")
    assert (await play.press(COORDINATOR, "发证书")).startswith("发给40人")
    assert "可发0，已发40" in await play.press(COORDINATOR, "确认发证书")
    assert "可发40，已发0" in await play.press(COORDINATOR, "撤销")
    await play.press(COORDINATOR, "发证书")
    await play.press(COORDINATOR, "确认发证书")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    return 40


def _document(play: Play, user: int) -> tuple[str, bytes]:
    sent = play.said(user)[-1].json["document"]
    return sent["file_name"], play.world.files.by_id[sent["file_id"]].data


async def _hers(play: Play, user: int, given: int) -> str:
    """Told without a sound, the file a tap away and under 我的; gives its code."""
    told = await play.rows(
        "SELECT count(*) FROM delivery WHERE kind = 'training_certificate' AND status = 'sent'"
    )
    assert told == [(given,)]
    message = play.with_text(user, "培训证书发给您了")
    assert message.json.get("disable_notification", True)
    (label,) = [button["text"] for button in message.buttons]
    await play.press(user, label)
    name, data = _document(play, user)
    assert name.startswith("证书_2026-")
    size = int(label.removeprefix("看证书(").removesuffix(" KB)"))
    assert abs(len(data) / 1024 - size) < size / 4
    assert size <= 300
    (page,) = PdfReader(io.BytesIO(data)).pages
    assert "到课720分钟，特发此证" in page.extract_text()
    await play.say(user, "我的")
    assert "1. 社工实务培训" in await play.press(user, "我的证书")
    await play.press(user, "1")
    assert signed_of(_document(play, user)[1]) == signed_of(data)
    return str(signed_of(data).document["code"])


async def _anybody_checks(play: Play, holder: int, code: str) -> None:
    """By what is typed, by the code's link, by the file; nobody need be enrolled."""
    data = _document(play, holder)[1]
    said = await play.say(STRANGER, f"/verify {code[:5].lower()} {code[5:]}")
    assert said.startswith("证书有效")
    assert "社工实务培训" in said
    assert (await play.open(STRANGER, f"v_{code}")).startswith("证书有效")
    assert (await play.say(STRANGER, "/verify 2222222222")).startswith("没有查到这张证书")
    assert (await play.say(STRANGER, "/verify")).startswith("查证书真伪")
    for user, caption in ((STRANGER, "/verify"), (SUPERVISOR, "")):
        play.world.send_file(user, "证书.pdf", data, caption)
        await play.settle()
        assert play.last(user).startswith("证书有效")
    play.world.send_file(STRANGER, "别的.pdf", b"%PDF-1.7 nothing", "/verify")
    await play.settle()
    assert play.last(STRANGER).startswith("没有查到这张证书")
    assert "照片和扫描件查不了" in play.last(STRANGER)
    # Any other file of somebody who is not enrolled is answered as ever.
    play.world.send_file(STRANGER, "别的.pdf", b"%PDF-1.7 nothing")
    await play.settle()
    assert "只对受邀请的人开放" in play.last(STRANGER)


async def _revoke_and_undo(play: Play, holder: int, code: str) -> None:
    """撤回 with a reason that she reads; 撤销, and the same code counts again."""
    ((name,),) = await play.rows(
        "SELECT person.name FROM certificate JOIN person ON person.id = person_id WHERE code = :c",
        c=code,
    )
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "证书")
    # For the ten minutes of 撤销 all of them could be undone; then one is found by her name.
    await play.through(play.running.clock.now() + timedelta(minutes=11))
    await play.press(COORDINATOR, "回到培训")
    await play.press(COORDINATOR, "证书")
    await play.press(COORDINATOR, "找人")
    await play.say(COORDINATOR, name)
    label = next(one for one in play.labels(COORDINATOR) if one.endswith(f" {name}"))
    said = await play.press(COORDINATOR, label)
    assert f"验证码：{code}" in said
    assert (await play.press(COORDINATOR, "撤回证书")).startswith("为什么撤回")
    assert (await play.say(COORDINATOR, "登记错了人")).startswith("撤回这张证书")
    said = await play.press(COORDINATOR, "撤回证书")
    assert "撤回：登记错了人" in said
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "原因：登记错了人" in play.with_text(holder, "证书已撤回").text
    assert (await play.say(STRANGER, f"/verify {code}")).startswith("证书已撤回")
    said = await play.press(COORDINATOR, "撤销")
    assert "撤回" not in said
    assert (await play.say(STRANGER, f"/verify {code}")).startswith("证书有效")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "照常有效" in play.with_text(holder, "证书有效").text
    # Nobody else opens it, whatever she presses.
    for forged in ("certificate_file:1", "certificates:1:0", "training_archive:1"):
        play.world.forge_callback(SUPERVISOR, SUPERVISOR, 1, forged)
    await play.settle()
    assert all("没有找到" in toast.text for toast in play.world.toasts(SUPERVISOR)[-3:])


async def _one_file(play: Play, given: int) -> None:
    """培训档案: said to be under way, then there, with what the ledger and the rolls say."""
    await _find_event(play, COORDINATOR)
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "培训档案")
    assert not [m for m in play.said(COORDINATOR) if m.text.startswith("正在整理档案")], said
    name, data = _document(play, COORDINATOR)
    assert name.startswith("培训档案_社工实务培训")
    assert f"证书{given}张" in play.said(COORDINATOR)[-1].json["caption"]
    with ZipFile(io.BytesIO(data)) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert sum(one.startswith("6_证书/") for one in names) == given
        assert sum(one.startswith("3_签到表/") for one in names) == 8
        assert {"目录.docx", "1_通知.pdf", "2_花名册.xlsx", "5_培训评价.docx"} <= set(names)
        book = load_workbook(io.BytesIO(zipped.read("4_学时台账.xlsx")))
        minutes = [row[-1].value for row in book.worksheets[0].iter_rows(min_row=2)]
        rows = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows(min_row=2)]
    ((total, count),) = await play.rows(
        "SELECT sum(minutes), count(*) FROM learning_record AS one WHERE study = 'annual_training'"
        " AND evidence <> 'annulled'"
        " AND NOT EXISTS (SELECT 1 FROM learning_record WHERE corrects = one.id)"
    )
    assert (sum(minutes), len(rows)) == (total, count)
    taken = await play.rows("SELECT facts FROM audit_entry WHERE action = 'take_training_file'")
    assert len(taken) == 1


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
