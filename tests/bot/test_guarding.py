"""The guard behind free text: what it shows, what is kept of each choice, what leaves the chat."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import timedelta

import pytest

from bot.guarding import look
from curriculum.private_details import Kind
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    LEARNER,
    START,
    Play,
    county,
    folder,
    play,
)

PHONE = "13889041234"
WORDS = f"老人电话{PHONE}一直打不通，怎么办？"
MASKED = "老人电话〔电话〕一直打不通，怎么办？"
TEXTS = "SELECT text FROM question ORDER BY id"


def test_names_that_a_sentence_announces_are_found_too() -> None:
    """The form of a number and the sentence around a name both count; each kind is named once."""
    seen = look(f"案主叫卓玛，电话{PHONE}或13889045678")
    assert seen.kinds == (Kind.PHONE, Kind.NAME)
    assert "卓玛" not in seen.masked
    assert PHONE not in seen.masked


async def _written(play: Play, way: str) -> str:
    """Ask by one of the ways up to where the guard speaks."""
    if way == "/ask":
        return await play.say(LEARNER, f"/ask {WORDS}")
    if way == "typed":
        await play.say(LEARNER, WORDS)
        return await play.press(LEARNER, "存为提问")
    await play.say(LEARNER, "提问")
    return await play.say(LEARNER, WORDS)


@pytest.mark.asyncio
@pytest.mark.parametrize("way", ["/ask", "typed", "button"])
async def test_a_masked_question_leaves_no_trace_of_what_it_hid(play: Play, way: str) -> None:
    """Stored without the number; her own message and our prompts are gone, and she is told."""
    shown = await _written(play, way)
    assert shown.startswith("请看看要不要隐去")
    assert MASKED in shown
    assert PHONE not in shown
    assert play.labels(LEARNER) == ["用隐去后的", "原样保存", "改一改", "取消"]
    assert await play.count("question") == 0
    said = await play.press(LEARNER, "用隐去后的")
    assert "您写的原文已从聊天里删掉。" in said
    assert await play.rows(TEXTS) == [(MASKED,)]
    assert await play.count("draft") == 0
    everything = [message.text for message in play.world.messages(LEARNER)]
    assert not [text for text in everything if PHONE in text or "您想问什么" in text]
    kept = await play.rows("SELECT count(*) FROM inbox_update WHERE payload IS NOT NULL")
    assert kept == [(0,)]


@pytest.mark.asyncio
async def test_she_decides_and_may_change_her_words(play: Play) -> None:
    """原样保存 keeps them; 改一改 asks again, and what was written first leaves the chat too."""
    await _written(play, "/ask")
    said = await play.press(LEARNER, "原样保存")
    assert "删" not in said
    assert await play.rows(TEXTS) == [(WORDS,)]
    assert PHONE in " ".join(message.text for message in play.world.messages(LEARNER))
    await _written(play, "button")
    assert (await play.press(LEARNER, "改一改")).startswith("您想问什么")
    assert "已从聊天里删掉" in await play.say(LEARNER, "老人电话打不通怎么办？")
    assert [row[0] for row in await play.rows(TEXTS)][1:] == ["老人电话打不通怎么办？"]
    assert play.world.messages(LEARNER)[-2].text != WORDS


@pytest.mark.asyncio
async def test_what_telegram_no_longer_deletes_is_said(play: Play) -> None:
    """After 48 hours she is asked to delete it herself; the masked text is kept all the same."""
    await _written(play, "/ask")
    await play.through(START + timedelta(hours=49))
    await play.press(LEARNER, "用隐去后的")
    assert [m for m in play.said(LEARNER) if "请您自己长按删除" in m.text]
    assert await play.rows(TEXTS) == [(MASKED,)]
