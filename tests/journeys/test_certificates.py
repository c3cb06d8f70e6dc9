"""A training's certificates from the last half day to one that a stranger has checked."""

import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, colleague_id
from bot.reports.certificates import signed_of
from curriculum import people, training_plans, training_seats, training_words
from curriculum.training_plans import Plan
from storage.people import unit_by_name
from tests.journeys.conftest import COORDINATOR, LEARNER, STRANGER, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
FIRST_DAY = date(2026, 11, 26)
LAST_HALF = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
COMING = (LEARNER, *map(colleague_id, range(3)))
REMINDERS = {"days": [1], "late": "merge", "skip_after_hours": 10, "certificate_share": 66}
TITLE = "社工实务培训 ལས་བྱེད་སྦྱོང་བརྡར།"


def _arrange(session: Session, *, bot: int, now: datetime) -> None:
    """One day of two half days, announced, four registered."""
    by: dict[str, Any] = {"bot": bot, "now": now}
    chief = people.who(session, chat_id=COORDINATOR, **by)
    (county,) = unit_by_name(session, COUNTY)
    assert chief is not None
    spans = [(time(9, 30), 60), (time(15, 0), 180)]
    topics = (("接案", ""), ("个案", ""))
    plan = Plan(
        unit_id=county.id or 0,
        title=TITLE,
        place="林芝市民政局三楼",
        organiser="林芝市社工指导中心",
        places=40,
        deadline=FIRST_DAY - timedelta(days=1),
        invited={"units": [county.id], "cohorts": [], "roles": ["learner"]},
        periods=tuple(training_words.lay_out(FIRST_DAY, 1, spans, topics)),
    )
    event = training_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
    training_plans.publish(session, chief, event.event_id, seen=event.version, now=now)
    for user in COMING:
        speaker = people.who(session, chat_id=user, **by)
        assert speaker is not None
        training_seats.register(session, speaker, event.event_id, now=now)


def _document(play: Play, user: int) -> tuple[str, bytes]:
    sent = play.said(user)[-1].json["document"]
    return sent["file_name"], play.world.files.by_id[sent["file_id"]].data


async def test_from_the_last_half_day_to_a_checked_certificate(morning: Play) -> None:
    """Called, given, undone, given again; she keeps hers; anybody checks it; one is revoked."""
    play = morning
    now = play.running.clock.now()
    await play.running.wuxue.database.write(_arrange, bot=play.running.wuxue.bot.id, now=now)
    await play.through(now + timedelta(minutes=2))
    await _choose_questions(play)
    await play.through(LAST_HALF - timedelta(hours=6))
    await _take(play, "培训前做几道小题", "培训以后再做一遍")
    await play.through(LAST_HALF + timedelta(hours=1))
    await _call_the_roll(play)
    await play.through(LAST_HALF + timedelta(hours=4))
    assert "请发培训证书" in await play.say(COORDINATOR, "待办")
    await _give(play)
    await _take(play, "培训后再做一遍", "培训前对")
    await _say_what_they_think(play)
    code = await _hers(play)
    await _anybody_checks(play, code)
    await _revoke(play, code)
    await _put_to_use(play)


async def _choose_questions(play: Play) -> None:
    """Two lessons' questions, one of them dropped again."""
    await play.say(COORDINATOR, "培训")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "前后测")
    assert "还没有选题" in said
    for words in ("保密", "同意"):
        await play.press(COORDINATOR, "加题")
        said = await play.say(COORDINATOR, words)
        assert said.startswith("选一课")
        said = await play.press(COORDINATOR, play.labels(COORDINATOR)[0])
    assert "2. " in said
    said = await play.press(COORDINATOR, "去掉2")
    assert "1. " in said
    assert "2. " not in said


async def _take(play: Play, asked: str, done: str) -> None:
    """The one question, in a message of its own; only she reads how it went."""
    message = play.with_text(LEARNER, asked)
    assert "只有您自己看得到" in message.text
    said = await play.press(LEARNER, "做题")
    assert said.startswith("小题 1/1")
    said = await play.press(LEARNER, "A")
    assert said.startswith("做完了")
    assert done in said


async def _call_the_roll(play: Play) -> None:
    """Three of four are there in the afternoon, which is three quarters of the day."""
    await play.say(COORDINATOR, "培训")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "培训点名")
    await play.press(COORDINATOR, "2")
    await play.press(COORDINATOR, "点名")
    for name in play.labels(COORDINATOR)[:3]:
        await play.press(COORDINATOR, name)
    await play.press(COORDINATOR, "这个半天")
    await play.press(COORDINATOR, "培训点名")
    await play.press(COORDINATOR, "回到培训")
    said = await play.press(COORDINATOR, "管理培训")
    assert "证书" not in play.labels(COORDINATOR), said


async def _give(play: Play) -> None:
    await play.say(COORDINATOR, "培训")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "证书")
    assert "可发3，已发0，已撤回0，时数不够0" in said
    said = await play.press(COORDINATOR, "发证书")
    assert said.startswith("发给3人")
    said = await play.press(COORDINATOR, "确认发证书")
    assert "可发0，已发3" in said
    said = await play.press(COORDINATOR, "撤销")
    assert "可发3，已发0" in said
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert not [m for m in play.said(LEARNER) if "证书" in m.text]
    await play.press(COORDINATOR, "发证书")
    await play.press(COORDINATOR, "确认发证书")
    await play.through(play.running.clock.now() + timedelta(minutes=2))


async def _say_what_they_think(play: Play) -> None:
    """Four scores and a sentence in a minute, masked, without a name; nothing is shown yet."""
    assert "不记名" in play.with_text(LEARNER, "培训结束了，说说感受").text
    assert (await play.press(LEARNER, "说说感受")).startswith("内容怎么样（1/5）")
    for score in ("5 很好", "4", "5 很好"):
        await play.press(LEARNER, score)
    assert (await play.press(LEARNER, "3")).startswith("还想说什么")
    said = await play.say(LEARNER, "多些演练，找我 13988887777")
    assert "13988887777" not in said
    await play.press(LEARNER, play.labels(LEARNER)[0])
    assert play.with_text(LEARNER, "收到了，谢谢您")
    rows = await play.rows(
        "SELECT content, organisation, trainer, usefulness, text FROM training_feedback"
    )
    assert rows[0][:4] == (5, 4, 5, 3)
    assert "13988887777" not in rows[0][4]
    await play.press(COORDINATOR, "回到培训")
    said = await play.press(COORDINATOR, "培训评价")
    assert "到过3人，1人答了" in said
    assert "多些演练" not in said
    await play.press(LEARNER, "说说感受")
    assert "您已经答过了" in play.toast(LEARNER) or "您已经答过了" in play.last(LEARNER)


async def _hers(play: Play) -> str:
    """Told without a sound, the file a tap away and under 我的; gives its code."""
    told = {m.chat_id for user in COMING for m in play.said(user) if "证书发给您了" in m.text}
    holders = [user for user in COMING if user in told]
    assert LEARNER in holders
    assert len(holders) == 3
    message = play.with_text(LEARNER, "培训证书发给您了")
    assert message.json.get("disable_notification", True)
    (label,) = [button["text"] for button in message.buttons]
    assert label.startswith("看证书(")
    await play.press(LEARNER, label)
    name, data = _document(play, LEARNER)
    assert name.startswith("证书_2026-")
    size = int(label.removeprefix("看证书(").removesuffix(" KB)"))
    assert abs(len(data) / 1024 - size) < size / 4
    assert size <= 300
    (page,) = PdfReader(io.BytesIO(data)).pages
    assert "到课180分钟，特发此证" in page.extract_text()
    await play.say(LEARNER, "我的")
    said = await play.press(LEARNER, "我的证书")
    assert "1. 社工实务培训" in said
    await play.press(LEARNER, "1")
    again = _document(play, LEARNER)[1]
    assert signed_of(again) == signed_of(data)
    return str(signed_of(data).document["code"])


async def _anybody_checks(play: Play, code: str) -> None:
    """By what is typed, by the code's link, by the file; nobody need be enrolled."""
    data = _document(play, LEARNER)[1]
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


async def _revoke(play: Play, code: str) -> None:
    """撤回: with a reason that she reads; the code says so from then on."""
    ((name,),) = await play.rows(
        "SELECT person.name FROM certificate JOIN person ON person.id = person_id WHERE code = :c",
        c=code,
    )
    await play.say(COORDINATOR, "培训")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "管理培训")
    await play.press(COORDINATOR, "证书")
    label = next(one for one in play.labels(COORDINATOR) if one.endswith(f" {name}"))
    said = await play.press(COORDINATOR, label)
    assert f"验证码：{code}" in said
    assert (await play.press(COORDINATOR, "撤回证书")).startswith("为什么撤回")
    assert (await play.say(COORDINATOR, "登记错了人")).startswith("撤回这张证书")
    said = await play.press(COORDINATOR, "撤回证书")
    assert "撤回：登记错了人" in said
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(LEARNER).startswith("证书已撤回")
    assert "原因：登记错了人" in play.last(LEARNER)
    assert (await play.say(STRANGER, f"/verify {code}")).startswith("证书已撤回")
    # The file that she still has says the same.
    data = next(
        play.world.files.by_id[m.json["document"]["file_id"]].data
        for m in reversed(play.said(LEARNER))
        if "document" in m.json
    )
    play.world.send_file(STRANGER, "证书.pdf", data)
    await play.settle()
    assert play.last(STRANGER).startswith("证书已撤回")
    # Nobody else opens it, whatever she presses.
    play.world.forge_callback(SUPERVISOR, SUPERVISOR, 1, "certificate_file:1")
    play.world.forge_callback(SUPERVISOR, SUPERVISOR, 1, "certificates:1:0")
    await play.settle()
    assert all("没有找到" in toast.text for toast in play.world.toasts(SUPERVISOR)[-2:])
    rows = await play.rows(
        "SELECT action FROM audit_entry WHERE action LIKE '%certificate%' ORDER BY id"
    )
    assert [action for (action,) in rows] == [
        "issue_certificates",
        "undo_certificates",
        "issue_certificates",
        "revoke_certificate",
    ]


async def _put_to_use(play: Play) -> None:
    """Thirty days later: one tap, one sentence without the number in it, hers alone."""
    await play.through(LAST_HALF + timedelta(days=29, hours=19))
    assert "只有您自己看得到" in play.with_text(LEARNER, "培训学的用上了吗").text
    await play.press(LEARNER, "用上了")
    await play.say(LEARNER, "家访前列了提纲，13988887777")
    await play.press(LEARNER, play.labels(LEARNER)[0])
    rows = await play.rows("SELECT days, is_used, text FROM training_use")
    assert rows[0][:2] == (30, 1)
    assert "列了提纲" in rows[0][2]
    assert "13988887777" not in rows[0][2]
