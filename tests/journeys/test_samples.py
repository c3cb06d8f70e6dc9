"""What a newcomer finds in the page besides lessons: trainings, a supervisor, visits."""

import pytest

from bot.rehearsal.county import PHONES
from bot.rehearsal.samples import set_samples
from tests.journeys.conftest import COORDINATOR, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
WORKER = PHONES[1].user_id


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
    assert await play.rows("SELECT DISTINCT kind FROM delivery ORDER BY kind") == [
        ("annual_training",),
        ("exchange_visit",),
    ]
    assert await play.rows("SELECT study, sum(minutes) FROM learning_record GROUP BY 1") == [
        ("annual_training", 4680),
        ("exchange_visit", 4320),
    ]


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
