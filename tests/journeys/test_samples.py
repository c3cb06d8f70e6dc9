"""What a newcomer finds in the page besides lessons: trainings, supervision, visits."""

import pytest

from bot.rehearsal.county import PHONES
from bot.rehearsal.samples import set_samples
from tests.journeys.conftest import COORDINATOR, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
WORKER = PHONES[1].user_id
OF_THE_COMING_SESSION = ("supervision_ahead", "supervision_booking", "supervision_card")


def _rows(play: Play, chat: int) -> list[list[str]]:
    """The labels of the newest message's buttons, row by row."""
    return [[key["text"] for key in row] for row in play.said(chat)[-1].inline_keyboard or []]


async def test_a_newcomer_finds_some_of_every_study(play: Play) -> None:
    """One training to register for and one with certificates; times to book; each of it once."""
    await set_samples(play.running)
    await set_samples(play.running)
    assert await play.count("training_event") == 2
    said = await play.say(COORDINATOR, "培训")
    assert "社工实务培训（可以报名）" in said
    said = await play.press(COORDINATOR, "1")
    assert "已报4人" in said
    await play.press(COORDINATOR, "全部培训")
    await play.press(COORDINATOR, "2")
    await play.press(COORDINATOR, "管理培训")
    said = await play.press(COORDINATOR, "证书")
    assert "已发6" in said
    await play.press(COORDINATOR, "回到培训")
    said = await play.press(COORDINATOR, "培训评价")
    assert "演练很有用" in said
    await play.say(WORKER, "我的")
    said = await play.press(WORKER, "我的证书")
    assert "接案与个案工作培训" in said
    assert "卓玛" not in await play.say(SUPERVISOR, "督导")
    assert await play.count("supervision_pair") == 4
    # What happened before is not announced now; what is coming is.
    kinds = {kind for (kind,) in await play.rows("SELECT DISTINCT kind FROM delivery")}
    assert kinds == {"annual_training", "exchange_visit", *OF_THE_COMING_SESSION}
    assert await play.rows(
        "SELECT study, sum(minutes) FROM learning_record GROUP BY study ORDER BY study"
    ) == [("annual_training", 4680), ("exchange_visit", 4320), ("supervision", 210)]


async def test_a_newcomer_finds_one_batch_at_home_and_one_about_to_leave(play: Play) -> None:
    """Answers are waited for; of the one at home there are roll, log, what was brought, counts."""
    await set_samples(play.running)
    said = await play.say(COORDINATOR, "参观")
    assert "赴山南参观交流" in said
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "管理参观")
    said = await play.press(COORDINATOR, "名单")
    assert "共9人：去2，不去1，没回答6" in said
    await play.say(COORDINATOR, "参观")
    await play.press(COORDINATOR, "2")
    said = await play.press(COORDINATOR, "参观日志")
    said = await play.press(COORDINATOR, "看日志")
    assert "值班表贴在门口" in said
    assert await play.rows("SELECT count(*) FROM delivery WHERE kind = 'visit_return'") == [(0,)]


async def test_a_newcomer_finds_what_supervision_leaves_behind(play: Play) -> None:
    """Records of both kinds, an action due soon, a note, a booked session, a queue, figures."""
    await set_samples(play.running)
    said = await play.say(WORKER, "督导")
    assert "已约：11月27日(周五)09:00" in said
    assert sum(map(len, _rows(play, WORKER))) <= 6 + 2
    said = await play.press(WORKER, "看简报")
    # What was not booked but written down is the last session too.
    assert "10月29日(周四)以来" in said
    assert "，进行中" in said
    await play.press(WORKER, "上一步")
    said = await play.press(WORKER, "看行动")
    assert "11月27日(周五)" in said
    assert "和同事一起家访一次" in said
    await play.press(WORKER, "回到这一对")
    assert "看看三句话够不够" in await play.press(WORKER, "看笔记")
    await play.press(WORKER, "上一步")
    said = await play.press(WORKER, "督导记录")
    assert "10月29日(周四) 第2次，60分钟，已存档" in said
    assert "8月20日(周四) 第1次，60分钟，一方确认" in said
    assert "督导记录" in await play.press(WORKER, "1")
    assert _rows(play, WORKER)[-1] == ["督导记录", "回到这一对"]
    # Of all her pairs a list says whose each record is.
    said = await play.say(SUPERVISOR, "督导")
    assert "扎西（鲁朗镇社工站），已约11月27日(周五)09:00" in said
    await play.press(SUPERVISOR, "更多")
    said = await play.press(SUPERVISOR, "督导记录")
    assert "1. 10月29日(周四) 第2次，60分钟，扎西，已存档" in said
    assert "次仁，已存档" in said
    await play.say(COORDINATOR, "督导")
    assert max(map(len, _rows(play, COORDINATOR))) <= 3
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "找结对")
    said = await play.say(COORDINATOR, "扎西")
    assert "找“扎西”" in said
    said = await play.press(COORDINATOR, "回到督导")
    assert "督导结对（4对）" in said
    await play.press(COORDINATOR, "更多")
    said = await play.press(COORDINATOR, "督导统计")
    assert "共2次，150分钟；线上1次，线下1次" in said
    said = await play.press(COORDINATOR, "今年")
    assert "双方确认2次，一方确认1次" in said
    assert "行动：进行中1件，做完2件" in said
    await play.press(COORDINATOR, "回到督导")
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "时间够吗")
    said = await play.press(COORDINATOR, "等督导的")
    assert "1. 尼玛" in said
