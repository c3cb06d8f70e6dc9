"""A question from asking to its answer: two learners, a supervisor, a coordinator."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import timedelta

import pytest

from bot.rehearsal.county import colleague_id
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    NEWCOMER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    on_postgresql,
    play,
)
from tests.media_files import opus

pytestmark = pytest.mark.asyncio
SECOND = colleague_id(0)
WORDS = "怎么跟不愿开门的老人说上第一句话？"
ANSWER = "先找他信得过的邻居一起去，站在门口问一声好就走，第二次再说来意。"
STATE = "SELECT state FROM question ORDER BY id"


async def test_a_question_is_answered_and_everybody_who_waits_hears_it_once(
    morning: Play,
) -> None:
    """Asked under a lesson, with a sentence of context, answered by a supervisor, not enough yet,
    answered again by a coordinator, taken back, answered at last."""
    play = morning
    await play.press(LEARNER, "提问")
    assert "最晚12月9日(周三)有答复" in await play.say(LEARNER, WORDS)
    assert play.labels(LEARNER) == ["匿名", "急用3天内", "补一句"]
    await play.press(LEARNER, "补一句")
    assert "补一句" not in await play.say(LEARNER, "独居，耳背，子女在外地")
    await play.press(LEARNER, "急用3天内")
    assert "最晚11月30日(周一)有答复，由督导者直接答" in play.last(LEARNER)
    # An urgent one is a supervisor's turn at once; the message tells nothing of it.
    assert play.last(SUPERVISOR).startswith("有一个急用的提问")
    assert WORDS not in play.last(SUPERVISOR)
    shown = await play.press(SUPERVISOR, "打开")
    assert WORDS in shown
    assert "独居，耳背" in shown
    # Whoever asked may still hide her name; after ten minutes it can be read.
    assert "扎西" not in shown
    await play.through(FIRST_LESSON + timedelta(minutes=11))
    await play.press(SUPERVISOR, "待答提问")
    assert "扎西" in await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "答复")
    assert "答复已发出" in await play.say(SUPERVISOR, ANSWER)
    told = play.last(LEARNER)
    assert told.startswith("您的提问有答复了")
    assert ANSWER in told
    assert await play.rows(STATE) == [("answered",)]
    await play.press(LEARNER, "有帮助")
    await play.press(LEARNER, "还没有")
    assert play.toast(LEARNER) == "已记下，会再答一次"
    assert await play.rows(STATE) == [("new",)]
    # Back in the pool with what was said before; now the coordinator answers, and takes it back.
    await play.say(COORDINATOR, "待答提问")
    assert ANSWER in await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "答复")
    await play.say(COORDINATOR, "先别去。")
    assert "先别去。" in play.last(LEARNER)
    assert "已撤销" in await play.press(COORDINATOR, "撤销")
    assert play.last(LEARNER).startswith("更正：刚才的先不算")
    assert play.said(LEARNER)[-2].text.startswith("这条已撤回")
    assert not [message for message in play.said(LEARNER) if "先别去。" in message.text]
    assert await play.rows(STATE) == [("new",)]
    # A refusal needs a reason, and is told too.
    await play.press(COORDINATOR, "待答提问")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "不采用")
    await play.say(COORDINATOR, "这个请直接问民政办。")
    assert play.last(LEARNER).startswith("关于您的提问")
    await play.say(LEARNER, "我的提问")
    assert "请直接问民政办" in await play.press(LEARNER, "1")
    # Nobody heard anything twice, and what was taken back is not there any more.
    texts = [message.text for message in play.said(LEARNER)]
    assert len([text for text in texts if text.startswith("您的提问有答复了")]) == 1
    assert len([text for text in texts if text.startswith("关于您的提问")]) == 1


async def test_what_was_taken_to_supervision_is_read_by_supervisors_alone(play: Play) -> None:
    """The coordinator who sent it there sees it no more; the supervisor does; nobody was told."""
    await play.say(LEARNER, f"/ask {WORDS}")
    before = len(play.said(LEARNER))
    await play.say(COORDINATOR, "/questions")
    await play.press(COORDINATOR, "1")
    assert "已转给督导" in await play.press(COORDINATOR, "转给督导")
    assert "现在没有等着答的提问" in await play.press(COORDINATOR, "待答提问")
    assert "怎么跟不愿" in await play.say(SUPERVISOR, "待答提问")
    assert len(play.said(LEARNER)) == before
    await play.say(LEARNER, "我的提问")
    assert "会在督导时和您谈" in await play.press(LEARNER, "1")


async def test_only_who_may_answer_sees_what_waits(play: Play) -> None:
    """A learner gets the same refusal for the list, a question and a forged answer."""
    await play.say(LEARNER, f"/ask {WORDS}")
    refusal = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"
    assert await play.say(SECOND, "/questions") == refusal
    for data in (
        "waiting:0",
        "waiting_one:1:0",
        "answer_question:1",
        "decline_question:1",
        "to_supervision:1",
        "undo_question:1",
        "own_question:1:0",
        "set_question:1:be_anonymous",
        "question_context:1",
        "helped:1:helped",
    ):
        play.world.forge_callback(SECOND, SECOND, play.said(SECOND)[-1].message_id, data)
        await play.settle()
        assert play.toast(SECOND) == refusal, data
    assert await play.rows(STATE) == [("new",)]


async def test_who_asks_the_same_is_shown_the_earlier_one_and_gets_its_answer(
    morning: Play,
) -> None:
    """Asked anonymously; 我也想问 counts once and brings the answer; a third reads it at once; and
    nobody anywhere reads who asked."""
    play = morning
    await play.say(LEARNER, f"/ask {WORDS}")
    await play.press(LEARNER, "匿名")
    assert "别人看不到是谁问的" in play.last(LEARNER)
    await play.say(SECOND, "/ask 老人不愿意开门，第一句话怎么说？")
    offered = play.last(SECOND)
    assert offered.startswith("这个可能有用")
    assert WORDS in offered
    await play.press(SECOND, "1 我也想问")
    assert play.toast(SECOND) == "已记下，有答复会告诉您"
    await play.press(SECOND, "1 我也想问")
    assert play.toast(SECOND) == "之前已经记下了"
    assert await play.count("question_vote") == 1
    await play.through(FIRST_LESSON + timedelta(minutes=30))
    listed = await play.say(SUPERVISOR, "待答提问")
    assert "（匿名，最晚12月9日(周三)，几位也想问）" in listed
    assert "匿名，11月25日(周三)" in await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "答复")
    await play.say(SUPERVISOR, ANSWER)
    assert play.last(LEARNER).startswith("您的提问有答复了")
    assert play.last(SECOND).startswith("您也想问的有答复了")
    await play.press(SECOND, "有帮助")
    assert await play.rows(
        "SELECT person_id <> asker_id, helped FROM answer_feedback, question WHERE question.id = 1"
    ) == [(1, 1)]
    third = colleague_id(1)
    await play.say(third, "/ask 独居老人不开门，第一句说什么好？")
    assert "（有答复）" in play.last(third)
    assert ANSWER in await play.press(third, "1 看答复")
    assert WORDS[:10] in await play.press(third, "大家问答")
    await play.say(COORDINATOR, "大家问答")
    assert ANSWER in await play.press(COORDINATOR, "1")
    assert ANSWER in await play.press(COORDINATOR, "推荐经验")
    assert (await play.press(COORDINATOR, "就用这段")).startswith("已推荐给本人")
    assert play.last(SUPERVISOR).startswith("有人推荐了您的经验")
    assert ANSWER in await play.press(SUPERVISOR, "看一看")
    for user in (SECOND, SUPERVISOR, COORDINATOR, third):
        assert not [m for m in play.said(user) if "扎西" in m.text]


async def test_a_reply_to_a_lesson_is_a_question_about_it(morning: Play) -> None:
    """Even while nothing was pressed; a reply to anything else is no such thing."""
    play = morning
    lesson = play.lesson(LEARNER)
    play.world.say(LEARNER, WORDS, reply_to=lesson.message_id)
    await play.settle()
    assert play.last(LEARNER).startswith("已收到您的提问")
    assert await play.rows("SELECT text, lesson_id IS NOT NULL FROM question") == [(WORDS, 1)]
    play.world.say(LEARNER, "谢谢", reply_to=play.said(LEARNER)[-1].message_id)
    await play.settle()
    assert play.last(LEARNER).startswith("您是想提问吗")


async def test_a_question_in_the_group_is_taken_up_in_private(morning: Play) -> None:
    """Named, by command, or in reply to the group's lesson; the group hears not a word."""
    play = morning
    before = len(play.said(GROUP))
    name = play.world.bot["username"]
    private = f"@{name} 老人的电话13889041234打不通怎么办"
    play.world.say(LEARNER, private, chat_id=GROUP)
    await play.settle()
    assert play.last(LEARNER).startswith("您是想提问吗")
    assert "〔电话〕" in await play.press(LEARNER, "存为提问")
    assert "群里的那条，请您自己删掉" in await play.press(LEARNER, "用隐去后的")
    lesson = next(m for m in play.said(GROUP) if m.text.startswith("每日一学"))
    play.world.say(LEARNER, WORDS, chat_id=GROUP, reply_to=lesson.message_id)
    await play.settle()
    await play.press(LEARNER, "存为提问")
    assert await play.rows("SELECT text, lesson_id IS NOT NULL FROM question ORDER BY id") == [
        ("老人的电话〔电话〕打不通怎么办", 0),
        (WORDS, 1),
    ]
    # Danger is answered in private as well, and a stranger not at all.
    play.world.say(LEARNER, f"@{name} 隔壁的孩子现在正在被他爸爸打", chat_id=GROUP)
    await play.settle()
    assert play.last(LEARNER).startswith("先保证人的安全")
    play.world.say(NEWCOMER, f"@{name} {WORDS}", chat_id=GROUP)
    await play.settle()
    assert play.said(NEWCOMER) == []
    assert len(play.said(GROUP)) == before


async def test_a_spoken_question_is_kept_with_a_written_sentence(morning: Play) -> None:
    """The supervisor reads it and may hear it; once it is anonymous nobody hears it."""
    play = morning
    play.world.send_voice(LEARNER, opus(1))
    await play.settle()
    assert play.last(LEARNER).startswith("给录音写一句话")
    assert (await play.say(LEARNER, WORDS)).startswith("已收到您的提问")
    await play.say(SUPERVISOR, "待答提问")
    await play.press(SUPERVISOR, "1")
    assert "听录音" in play.labels(SUPERVISOR)
    await play.press(SUPERVISOR, "听录音")
    assert "voice" in play.said(SUPERVISOR)[-1].json
    await play.press(LEARNER, "匿名")
    opened = play.with_button(SUPERVISOR, "听录音")
    data = opened.button("听录音")["callback_data"]
    play.world.press(SUPERVISOR, SUPERVISOR, opened.message_id, data=data)
    await play.settle()
    assert play.toast(SUPERVISOR).startswith("没有找到")


async def test_a_question_is_answered_on_postgresql(on_postgresql: Play) -> None:
    """The same there: asked, urgent, somebody's turn, answered, told, taken back, told."""
    play = on_postgresql
    await play.through(FIRST_LESSON)
    await play.say(LEARNER, f"/ask {WORDS}")
    await play.press(LEARNER, "急用3天内")
    assert WORDS in await play.press(SUPERVISOR, "打开")
    await play.press(SUPERVISOR, "答复")
    await play.say(SUPERVISOR, ANSWER)
    assert ANSWER in play.last(LEARNER)
    await play.press(SUPERVISOR, "撤销")
    assert play.last(LEARNER).startswith("更正：刚才的先不算")
    await play.say(LEARNER, "/ask 隔壁的孩子现在正在被他爸爸打")
    await play.press(LEARNER, "正在发生")
    assert play.last(SUPERVISOR).startswith("有紧急情况")
    await play.press(SUPERVISOR, "我来处理")
    assert play.last(LEARNER).startswith("值班同事接手了")
