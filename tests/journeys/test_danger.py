"""Words that read like danger: contacts at once, an alert without them, moving on, taken."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    LEARNER,
    SUPERVISOR,
    Play,
    county,
    folder,
    play,
)

pytestmark = pytest.mark.asyncio
DANGER = "隔壁的孩子现在正在被他爸爸打，怎么办？"
# In the middle of the quiet hours.
NIGHT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


async def _set_up(play: Play) -> None:
    """The coordinator sets a number, the supervisor and herself on duty."""
    assert "先显示 110、120" in await play.say(COORDINATOR, "/duty")
    assert "没看懂" in await _with(play, "改电话", "派出所没有电话")
    assert "派出所：0894-5822110" in await play.say(COORDINATOR, "派出所 0894-5822110")
    await play.press(COORDINATOR, "加值班人")
    assert "值班 1：德吉" in await play.press(COORDINATOR, "德吉")
    await play.press(COORDINATOR, "加值班人")
    assert "值班 2：央金" in await play.press(COORDINATOR, "央金")


async def _with(play: Play, label: str, words: str) -> str:
    await play.press(COORDINATOR, label)
    return await play.say(COORDINATOR, words)


async def test_danger_is_answered_at_once_and_somebody_takes_it(play: Play) -> None:
    """At night too; the alert has unit and time, the name only after 请联系我, never the words."""
    await play.say(COORDINATOR, "日程")
    assert "还没有紧急电话，值班人不到两位" in play.last(COORDINATOR)
    await _set_up(play)
    assert "还没有紧急电话" not in await play.say(COORDINATOR, "日程")
    await play.through(NIGHT)
    shown = await play.say(LEARNER, DANGER)
    assert shown.startswith("先保证人的安全")
    assert "派出所：0894-5822110" in shown
    assert "报警 110，急救 120" in shown
    assert "没人回也不等于没事" in shown
    assert play.labels(LEARNER) == ["正在发生", "只是学习问题"]
    # Pressed twice at once it is one alert.
    pressed = play.with_button(LEARNER, "正在发生")
    data = pressed.button("正在发生")["callback_data"]
    for _ in range(2):
        play.world.press(LEARNER, LEARNER, pressed.message_id, data=data)
    await play.settle()
    assert play.last(LEARNER).startswith("已提醒值班同事")
    alert = play.last(SUPERVISOR)
    assert alert.startswith("有紧急情况，请看")
    assert "鲁朗镇社工站，11月25日(周三)02:00" in alert
    assert "扎西" not in alert
    assert await play.count("danger_alert") == 1
    assert "有紧急情况" not in play.last(COORDINATOR)
    await play.through(NIGHT + timedelta(minutes=16))
    assert play.last(COORDINATOR).startswith("有紧急情况，请看")
    await play.press(LEARNER, "请联系我")
    assert "扎西请您联系" in play.last(SUPERVISOR)
    assert "扎西请您联系" in play.last(COORDINATOR)
    assert "请联系扎西" in await play.press(SUPERVISOR, "我来处理")
    assert play.last(LEARNER).startswith("值班同事接手了")
    await play.press(COORDINATOR, "我来处理")
    assert play.toast(COORDINATOR) == "德吉已经在处理了，谢谢您。"
    await play.through(NIGHT + timedelta(hours=2))
    for user in (SUPERVISOR, COORDINATOR):
        texts = [message.text for message in play.said(user)]
        assert not [text for text in texts if DANGER in text]
        assert len([text for text in texts if text.startswith("有紧急情况")]) <= 2
    assert await play.count("question") == 0
    rows = await play.rows("SELECT action FROM audit_entry WHERE object_kind = 'danger_alert'")
    assert [row[0] for row in rows] == ["raise_alert", "call_me", "take_alert"]


async def test_a_question_about_it_goes_on_as_a_question(play: Play) -> None:
    """只是学习问题 keeps it as asked and alerts nobody; without contacts 110 and 120 are shown."""
    await play.say(LEARNER, "提问")
    shown = await play.say(LEARNER, DANGER)
    assert "报警 110，急救 120" in shown
    assert (await play.press(LEARNER, "只是学习问题")).startswith("已收到您的提问")
    assert await play.rows("SELECT text FROM question") == [(DANGER,)]
    assert await play.count("danger_alert") == 0


async def test_words_in_danger_can_be_kept_as_a_question_afterwards(play: Play) -> None:
    """After 正在发生 the words are still hers to keep; who is on no list but looks after the unit
    is told where the list is empty."""
    await play.say(LEARNER, f"/ask {DANGER}")
    await play.press(LEARNER, "正在发生")
    assert play.last(SUPERVISOR).startswith("有紧急情况")
    assert (await play.press(LEARNER, "存为提问")).startswith("已收到您的提问")
    assert await play.count("danger_alert") == 1


async def test_words_that_were_looked_for_as_a_lesson_are_answered_too(play: Play) -> None:
    """存为提问 under a search that found nothing leads to the numbers first."""
    await play.say(LEARNER, "找课")
    await play.say(LEARNER, DANGER)
    assert (await play.press(LEARNER, "存为提问")).startswith("先保证人的安全")
    assert await play.count("question") == 0
    assert (await play.press(LEARNER, "只是学习问题")).startswith("已收到您的提问")


async def test_the_situation_and_an_answer_are_read_for_danger_too(play: Play) -> None:
    """补一句 and a direct answer lead to the same private reply, and keep the words afterwards."""
    await play.say(LEARNER, "/ask 入户时怎么开口")
    await play.press(LEARNER, "补一句")
    assert (await play.say(LEARNER, DANGER)).startswith("先保证人的安全")
    assert await play.rows("SELECT context FROM question") == [(None,)]
    await play.press(LEARNER, "正在发生")
    assert play.last(SUPERVISOR).startswith("有紧急情况")
    assert (await play.press(LEARNER, "接着保存")).startswith("已收到您的提问")
    assert await play.rows("SELECT context FROM question") == [(DANGER,)]
    assert await play.count("danger_alert") == 1
    await play.say(SUPERVISOR, "待答提问")
    await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "答复")
    assert (await play.say(SUPERVISOR, DANGER)).startswith("先保证人的安全")
    assert await play.count("question_answer") == 0
    assert "答复已发出" in await play.press(SUPERVISOR, "只是学习问题")
    assert await play.count("question_answer") == 1


async def test_only_those_told_may_take_an_alert(play: Play) -> None:
    """A forged 我来处理 or 请联系我 finds nothing, and duty lists are a coordinator's."""
    await play.say(LEARNER, f"/ask {DANGER}")
    await play.press(LEARNER, "正在发生")
    refusal = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"
    message = play.said(COORDINATOR)[-1].message_id
    for user, data in (
        (COORDINATOR, "take_alert:1"),
        (COORDINATOR, "call_me:1"),
        (LEARNER, "take_alert:1"),
        (SUPERVISOR, "duty:1"),
        (LEARNER, "off_duty:1:1"),
        (SUPERVISOR, "duty_contacts:1"),
    ):
        play.world.forge_callback(user, user, message, data)
        await play.settle()
        assert play.toast(user) == refusal, (user, data)
    assert await play.say(LEARNER, "/duty") == refusal


async def test_what_no_sign_names_is_kept_and_the_numbers_are_shown(play: Play) -> None:
    """A question near to danger in meaning is stored, then the numbers come; one tap alerts."""
    await play.say(LEARNER, "/ask 低保申请要交哪些材料")
    await play.settle()
    assert "若有人正处在危险中" not in [message.text[:9] for message in play.said(LEARNER)]
    await play.say(LEARNER, "/ask 婴儿一天没喝奶了，他妈妈盯着墙，叫她也不理")
    await play.settle()
    assert await play.count("question") == 2
    assert await play.count("danger_alert") == 0
    shown = play.with_button(LEARNER, "正在发生")
    assert shown.text.startswith("若有人正处在危险中")
    assert "报警 110，急救 120" in shown.text
    assert "盯着墙" not in shown.text
    await play.press(LEARNER, "正在发生")
    assert await play.count("danger_alert") == 1
    assert play.last(SUPERVISOR).startswith("有紧急情况")
    assert "盯着墙" not in play.last(SUPERVISOR)
