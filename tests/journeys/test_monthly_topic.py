"""A month's topic, played: from questions to the answers, by learners and coordinators."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rehearsal.county import colleague_id
from bot.rehearsal.rehearse import enrol_phones
from bot.reports.docx_text import read, written
from storage.engine import Database
from tests.county import write_pack
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play, playing
from tests.proving import on_both_in_the_long_run

pytestmark = pytest.mark.asyncio
OTHER = colleague_id(3)
DAY = timedelta(days=1)
# Tuesday 2026-11-10, ten in the morning in Shanghai; the pool closes a week later at midnight.
START = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
CLOSED = datetime(2026, 11, 17, 16, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 18, 1, 5, tzinfo=UTC)
SESSION = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
ANSWERED = SESSION + timedelta(minutes=95)
SETTINGS = {
    "weekday": "thursday",
    "minutes": 90,
    "pool_closes_working_days": 7,
    "approval_working_days": 3,
}


@pytest_asyncio.fixture
async def month(tmp_path: Path) -> AsyncIterator[Play]:
    """The county with four short lessons, on the tenth, the topic switched on."""
    pack = write_pack(tmp_path / "pack")
    async with playing(tmp_path / "county", pack=pack, start=START) as play:
        await enrol_phones(play.running)
        yield play


async def switch_on(month: Play) -> None:
    """办专题 from chat; settings that do not follow each other are refused and asked again."""
    await month.say(COORDINATOR, "专题")
    assert "现在不办专题" in await month.press(COORDINATOR, "专题设置")
    assert "每月办专题" in await month.press(COORDINATOR, "办专题")
    await month.press(COORDINATOR, "改时间")
    await month.press(COORDINATOR, "周四")
    for answer in ("15:00", "4", "3"):
        await month.say(COORDINATOR, answer)
    assert "至少5个工作日" in month.last(COORDINATOR)
    ((is_on, settings),) = await month.rows(
        "SELECT is_on, settings FROM rhythm WHERE kind = 'monthly_topic'"
    )
    assert (bool(is_on), json.loads(settings)) == (True, SETTINGS)


async def ask(play: Play, user: int, text: str) -> None:
    await play.say(user, f"/ask {text}")


async def test_from_questions_to_answers(month: Play) -> None:
    """What learners asked is drafted, edited, approved, held, answered, and told to each once."""
    await switch_on(month)
    await ask(month, LEARNER, "挖虫草挣的钱算不算低保的家庭收入？")
    await ask(month, colleague_id(0), "挖虫草挣的钱算不算低保家庭的收入")
    await ask(month, colleague_id(1), "入户的时候狗很凶怎么办")
    await ask(month, colleague_id(2), "服务对象送我一只羊，能不能收")
    await month.through(CLOSED)
    assert await month.rows("SELECT state, version FROM topic") == [("draft", 1)]
    # 今日待办 comes once that morning and leads to the draft; nobody else has it or sees it.
    await month.through(MORNING)
    assert len([m for m in month.said(COORDINATOR) if m.text.startswith("今日待办")]) == 1
    assert not [m for m in month.said(SUPERVISOR) if m.text.startswith("今日待办")]
    assert "专题请定稿：2026年第一期，11月23日(周一)前" in await month.say(COORDINATOR, "/todo")
    assert "还没有专题" in await month.say(LEARNER, "专题")
    topic = await month.press(COORDINATOR, "1")
    assert topic.startswith("11月专题")
    assert "1. 低保，几位" in topic
    stale = month.with_button(COORDINATOR, "安排")
    # 改名, 上移, 不讲, each on the version it was shown in.
    await month.press(COORDINATOR, "2")
    await month.press(COORDINATOR, "改名")
    assert "入户遇到狗" in await month.say(COORDINATOR, "入户遇到狗")
    old_key = month.with_button(COORDINATOR, "不讲").button("不讲")["callback_data"]
    assert "已改好" in (await month.press(COORDINATOR, "上移"), month.toast(COORDINATOR))[1]
    month.world.forge_callback(COORDINATOR, COORDINATOR, stale.message_id, old_key)
    await month.settle()
    assert "刚才有同事改过" in month.toast(COORDINATOR)
    assert "1. 入户遇到狗" in month.last(COORDINATOR)
    # 并入, taken back with 撤销; then 不讲 for the third.
    await month.press(COORDINATOR, "3")
    await month.press(COORDINATOR, "并入")
    await month.say(COORDINATOR, "第一个")
    assert await month.rows("SELECT count(*) FROM topic_theme WHERE is_gone") == [(1,)]
    # What was just edited can be undone where it stands.
    assert month.labels(COORDINATOR)[-3:] == ["撤销", "看提问", "回到专题"]
    await month.press(COORDINATOR, "撤销")
    assert await month.rows("SELECT count(*) FROM topic_theme WHERE is_gone") == [(0,)]
    await month.press(COORDINATOR, "3")
    await month.press(COORDINATOR, "不讲")
    await reply_to_the_case(month)
    await change_the_document(month)
    await approve(month)
    await hold_and_answer(month)
    await look_back(month)


async def reply_to_the_case(month: Play) -> None:
    """A reply to a paragraph changes it; the guard stands before it; several are one text."""
    await month.press(COORDINATOR, "回到专题")
    await month.press(COORDINATOR, "2")
    await month.press(COORDINATOR, "看全文")
    assert month.labels(COORDINATOR) == ["回到专题"]
    case = next(m for m in reversed(month.said(COORDINATOR)) if m.text.startswith("案例"))

    async def reply(words: str) -> str:
        month.world.say(COORDINATOR, words, reply_to=case.message_id)
        await month.settle()
        return month.last(COORDINATOR)

    # Another message before the guard was answered, and one after it, go on with the first.
    assert "〔电话〕" in await reply("一户人家的电话是13800000000，挖虫草。")
    assert "〔电话〕，挖虫草。\n孩子留在家里。" in await reply("孩子留在家里。")
    await month.press(COORDINATOR, "用隐去后的")
    assert month.last(COORDINATOR).startswith("这一段已改好")
    assert month.labels(COORDINATOR) == ["撤销", "回到专题"]
    assert "接在您刚才那条后面" in await reply("老师先去看了。")
    ((texts,),) = await month.rows("SELECT texts FROM topic")
    (kept,) = (text for text in json.loads(texts).values() if "挖虫草" in text)
    assert kept.endswith("〔电话〕，挖虫草。\n孩子留在家里。\n老师先去看了。")
    assert "13800000000" not in texts
    assert await month.count("draft") == 0
    # What Telegram cut in two is refused as a whole, and nothing of it is taken for a question.
    said = len(month.said(COORDINATOR))
    await reply("长" * 5000)
    assert [m.text for m in month.said(COORDINATOR)[said:]] == [
        "已收到2段，合在一起了",
        "内容要有 1 到 1500 个字。刚才写的没有存，请再发一次。",
    ]
    assert await month.count("draft") == 0


async def change_the_document(month: Play) -> None:
    """文档 goes out, one part of it comes back changed; changed again on a stale one, refused."""
    await month.say(COORDINATOR, "专题")
    await month.press(COORDINATOR, "1")
    await month.press(COORDINATOR, "安排")
    await month.press(COORDINATOR, "文档")
    sent = next(m for m in reversed(month.said(COORDINATOR)) if "document" in m.json)
    sections = read(month.world.files.by_id[sent.json["document"]["file_id"]].data)

    def with_points(words: str) -> bytes:
        return written(
            "11月专题",
            [
                replace(one, text=words) if one.key and one.heading == "讨论" else one
                for one in sections
            ],
        )

    month.world.send_file(COORDINATOR, "改好.docx", with_points("先说说各站的做法"))
    await month.settle()
    assert "改了2段" in month.last(COORDINATOR)
    month.world.send_file(COORDINATOR, "改好.docx", with_points("另一种说法"))
    await month.settle()
    said = [m.text for m in month.said(COORDINATOR)[-2:]]
    assert "刚才有同事改过" in said[0]
    assert said[1].startswith("11月专题")
    ((texts,),) = await month.rows("SELECT texts FROM topic")
    assert "另一种说法" not in json.loads(texts).values()
    assert "先说说各站的做法" in json.loads(texts).values()
    month.world.send_file(COORDINATOR, "别的.docx", b"nothing")
    await month.settle()
    assert "不是我们的专题文档" in month.last(COORDINATOR)


async def look_back(month: Play) -> None:
    """写成课稿 is a lesson file; 季度图 a picture for one, a kind word for the other."""
    await month.say(COORDINATOR, "专题")
    await month.press(COORDINATOR, "1")
    await month.press(COORDINATOR, "2")
    await month.press(COORDINATOR, "写成课稿")
    sent = next(m for m in reversed(month.said(COORDINATOR)) if "document" in m.json)
    assert sent.json["document"]["file_name"].endswith(".zh.md")
    await month.say(COORDINATOR, "专题")
    await month.press(COORDINATOR, "季度图")
    assert "photo" in month.said(COORDINATOR)[-1].json
    await month.say(SUPERVISOR, "专题")
    await month.press(SUPERVISOR, "季度图")
    assert month.last(SUPERVISOR).startswith("可以问候一下的站点")


async def approve(month: Play) -> None:
    """A trainer, then 定稿, asked twice; the hidden theme's question is back in the pool."""
    await month.say(COORDINATOR, "专题")
    await month.press(COORDINATOR, "1")
    await month.press(COORDINATOR, "安排")
    await month.press(COORDINATOR, "定讲师")
    plan = await month.press(COORDINATOR, "德吉")
    assert "讲师：德吉" in plan
    asked = await month.press(COORDINATOR, "定稿")
    assert "讲2个主题" in asked
    assert await month.count("gathering") == 0
    await month.press(COORDINATOR, "定稿并通知")
    assert await month.rows("SELECT kind, state FROM gathering") == [("monthly_topic", "planned")]
    states = await month.rows("SELECT state, count(*) FROM question GROUP BY state ORDER BY state")
    assert states == [("grouped", 3), ("new", 1)]
    # Now everybody of the cohort can read it, and nobody can change it.
    assert "已定稿" in await month.say(LEARNER, "专题")
    await month.press(LEARNER, "1")
    assert month.labels(LEARNER) == ["1", "2", "文档"]
    await month.press(LEARNER, "2")
    assert month.labels(LEARNER) == ["看全文", "回到专题"]
    await month.press(LEARNER, "看全文")
    assert month.labels(LEARNER) == ["回到专题"]
    assert "已定稿" in await month.press(LEARNER, "回到专题")


async def _propose_what_helped(month: Play) -> None:
    """Whoever led the session says whose practice the answer was; the colleague gets the draft."""
    await month.say(SUPERVISOR, "专题")
    await month.press(SUPERVISOR, month.labels(SUPERVISOR)[0])
    await month.press(SUPERVISOR, "2")
    assert "按家庭人均算" not in await month.press(SUPERVISOR, "推荐经验")
    await month.say(SUPERVISOR, "扎西")
    shown = await month.press(SUPERVISOR, "扎西 · 鲁朗镇社工站")
    assert "按家庭人均算。" in shown
    assert "已推荐给本人" in await month.press(SUPERVISOR, "就用这段")
    assert await month.rows("SELECT kind FROM story_source") == [("theme",)]


async def hold_and_answer(month: Play) -> None:
    """After the session the trainer enters an answer, read for danger and for private details;
    each asker gets it once, and says of it."""
    await month.through(SESSION + timedelta(minutes=2))
    await month.press(OTHER, "我来了")
    ledger = "SELECT study, minutes, evidence FROM learning_record WHERE study <> 'daily_lesson'"
    assert await month.rows(ledger) == [("monthly_topic", 90, "signed_in")]
    await month.through(ANSWERED)
    assert await month.rows("SELECT state FROM topic") == [("held",)]
    listed = await month.say(SUPERVISOR, "/todo")
    # The one that was taken out of the topic was promised for today all the same.
    assert "1. 待答提问：1个，最早的11月26日(周四)前" in listed
    assert "2. 专题请写答复：2026年第一期，还有2个主题" in listed
    await month.press(SUPERVISOR, "2")
    await month.press(SUPERVISOR, "2")
    await month.press(SUPERVISOR, "写答复")
    written = "按家庭人均算。隔壁的孩子现在正在被他爸爸打，电话13800000000。"
    assert (await month.say(SUPERVISOR, written)).startswith("先保证人的安全")
    assert "〔电话〕" in await month.press(SUPERVISOR, "只是学习问题")
    await month.press(SUPERVISOR, "用隐去后的")
    ((kept,),) = await month.rows("SELECT text FROM theme_answer")
    assert "13800000000" not in kept
    assert await month.rows("SELECT count(*) FROM question WHERE state = 'answered'") == [(2,)]
    before = len(month.said(LEARNER))
    await month.through(ANSWERED + timedelta(minutes=15))
    told = [m for m in month.said(LEARNER)[before:] if m.text.startswith("您等的答复")]
    assert len(told) == 1
    assert "您问过：挖虫草挣的钱" in told[0].text
    assert "挖虫草挣的钱算不算低保家庭的收入" not in told[0].text
    assert "不能再改" in (await month.press(SUPERVISOR, "写答复"), month.toast(SUPERVISOR))[1]
    assert "推荐经验" not in month.labels(SUPERVISOR)
    assert "已记下：有帮助" in await month.press(LEARNER, "有帮助")
    await _propose_what_helped(month)
    await month.press(LEARNER, "还没有")
    assert month.with_text(LEARNER, "下个月再讲")
    assert await month.rows("SELECT count(*) FROM question WHERE state = 'new'") == [(2,)]
    rows = await month.rows("SELECT helped FROM theme_feedback")
    assert [bool(helped) for (helped,) in rows] == [False]
    # A link of the page opens its lesson.
    before = len(month.said(LEARNER))
    ((lesson_id,),) = await month.rows("SELECT min(id) FROM lesson")
    await month.open(LEARNER, f"lesson-{lesson_id}")
    assert any("正文 001" in m.text for m in month.said(LEARNER)[before:])
    # A second look sends nothing again.
    await month.through(ANSWERED + DAY)
    assert len([m for m in month.said(LEARNER) if m.text.startswith("您等的答复")]) == 1
    # Who was not there has the page the next morning, whoever led it has not.
    absent = [m.text for m in month.said(LEARNER) if "您没能参加" in m.text]
    assert len(absent) == 1
    assert not [m for m in month.said(SUPERVISOR) if "您没能参加" in m.text]
    assert not [m for m in month.said(OTHER) if "您没能参加" in m.text]


@on_both_in_the_long_run
async def test_a_topic_on_postgresql(tmp_path: Path, postgresql_database: Database) -> None:
    """Drafted, approved, held and answered; who asked has the answer once."""
    pack = write_pack(tmp_path / "pack")
    wishes = {"pack": pack, "start": START, "database_url": postgresql_database.url}
    async with playing(tmp_path, **wishes) as month:
        await enrol_phones(month.running)
        await month.say(COORDINATOR, "专题")
        await month.press(COORDINATOR, "专题设置")
        await month.press(COORDINATOR, "办专题")
        await ask(month, LEARNER, "挖虫草挣的钱算不算低保的家庭收入？")
        await month.through(MORNING)
        assert "专题请定稿" in await month.say(COORDINATOR, "/todo")
        await month.press(COORDINATOR, "1")
        for label in ("安排", "定讲师", "德吉", "定稿", "定稿并通知"):
            await month.press(COORDINATOR, label)
        await month.through(SESSION + timedelta(minutes=2))
        await month.press(OTHER, "我来了")
        await month.through(ANSWERED)
        await month.say(SUPERVISOR, "/todo")
        for label in ("1", "1", "写答复"):
            await month.press(SUPERVISOR, label)
        await month.say(SUPERVISOR, "按家庭人均算，挖虫草的收入要算进去。")
        assert await month.rows("SELECT state FROM topic") == [("answered",)]
        assert await month.rows("SELECT state FROM question") == [("answered",)]
        await month.through(ANSWERED + timedelta(minutes=15))
        told = [m for m in month.said(LEARNER) if m.text.startswith("您等的答复")]
        assert ["您问过：挖虫草挣的钱" in one.text for one in told] == [True]
        ledger = "SELECT evidence FROM learning_record WHERE study = 'monthly_topic'"
        assert await month.rows(ledger) == [("signed_in",)]
