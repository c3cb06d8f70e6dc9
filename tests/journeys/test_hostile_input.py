"""Hostile input: a clear message or silence, nothing written, and the bot goes on."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rehearsal.refusal import ActError
from tests.journeys.conftest import COORDINATOR, FIRST_LESSON, LEARNER, NEWCOMER, STRANGER, Play

TABLES = ("learning_record", "answer", "question", "person", "role_grant")


async def _counts(play: Play) -> list[int]:
    return [await play.count(table) for table in TABLES]


async def _still_works(play: Play) -> None:
    assert "每日一学" in await play.say(LEARNER, "今天")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "words",
    [
        "\x00",
        "\x00今天\x00",
        "\u202e天今",
        "\u2066\u2069",
        "A" * 4096,
        "问" * 4096,
        "/ask " + "问" * 4000,
        "/start " + "x" * 64,
        "/records ../../etc/passwd",
        "/records =cmd|'/c calc'!A0",
        "<b>&lt;</b> **_`[",
        "{{ 7*7 }}{% raw %}",
        "འ\u0f71\u0f72" * 500,
        "👨‍👩‍👧‍👦" * 300,
        "/today@another_bot",
        "/nothing",
        "/",
    ],
)
async def test_whatever_is_typed_changes_nothing_unasked(morning: Play, words: str) -> None:
    """NUL bytes, marks that turn text round, endless messages, markup: nobody is harmed."""
    before = await _counts(morning)
    for user in (LEARNER, COORDINATOR, STRANGER):
        with suppress(ActError):  # a phone would not send an empty text
            await morning.say(user, words)
    assert await _counts(morning) == before
    await _still_works(morning)


FORGED = [
    "",
    ":",
    "learned",
    "learned:",
    "learned:x",
    "learned:1:2026-11-25:9",
    "learned:999:2026-11-25",
    "learned:-1:2026-11-25",
    "learned:1:9999-99-99",
    "option",
    "option:0",
    "option:x:1:2026-11-25",
    "option:-1:1:2026-11-25",
    "option:99:1:2026-11-25",
    "option:²:1:2026-11-25",
    "show_question",
    "form:enrolment:1:yes",
    "form:question:0:yes",
    "form:nothing:1:yes",
    "form::::",
    "open:records",
    "open:nothing",
    "records:xlsx:month",
    "records:exe:month",
    "records:xlsx:" + "x" * 40,
    "ask:1:2026-11-25",
    "ask:" + "9" * 50,
    "unknown:1",
    "\x00",
    "学完了",
    "learned:" + "9" * 50,
]


@pytest.mark.asyncio
async def test_forged_buttons_find_nothing(morning: Play) -> None:
    """Every verb with missing, extra, huge or others' ids: an answer, and nothing written."""
    before = await _counts(morning)
    for user in (LEARNER, STRANGER):
        message = morning.said(user)[-1].message_id if morning.said(user) else 1
        for data in FORGED:
            if data.startswith(("learned:1:2026-11-25", "option:0:1")):
                continue
            if not 1 <= len(data.encode()) <= 64:
                continue
            if not morning.said(user):
                continue
            morning.world.forge_callback(user, user, message, data)
            await morning.settle()
    assert await _counts(morning) == before
    assert morning.bugs == []
    await _still_works(morning)


@pytest.mark.asyncio
async def test_a_button_pressed_by_somebody_else_is_her_own_or_nothing(morning: Play) -> None:
    """A coordinator who presses a learner's 学完了 gets no record, and neither does the learner."""
    data = morning.with_button(LEARNER, "学完了").button("学完了")["callback_data"]
    message = morning.said(COORDINATOR)[-1].message_id
    morning.world.forge_callback(COORDINATOR, COORDINATOR, message, data)
    await morning.settle()
    assert await morning.count("learning_record") == 0


SHAPES: list[dict[str, Any]] = [
    {},
    {"message": None},
    {"message": []},
    {"message": {"text": 5}},
    {"message": {"chat": "x", "text": "今天"}},
    {"callback_query": {"id": 1}},
    {"poll_answer": {}},
    {"poll_answer": {"poll_id": "x", "user": {"id": LEARNER}, "option_ids": [99]}},
    {"my_chat_member": {"chat": {}}},
    {"edited_message": {"message_id": 1}},
    {"channel_post": {"text": "x"}},
    {"something_new": {"a": 1}},
]


@pytest.mark.asyncio
@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
async def test_an_update_nobody_can_read_stops_nothing(
    morning: Play, shape: dict[str, Any]
) -> None:
    """It is kept sealed or passed over, and the next one is answered."""
    morning.world.updates.add_raw(shape, morning.running.clock.now())
    await _still_works(morning)


@pytest.mark.asyncio
async def test_a_file_a_voice_and_a_picture_are_declined_kindly(morning: Play) -> None:
    """Nothing takes them yet; it says so, and nothing is kept of them."""
    morning.world.send_file(LEARNER, "../../evil.zip", b"PK\x03\x04", "x")
    await morning.settle()
    assert "现在只收文字" in morning.last(LEARNER)
    morning.world.send_voice(LEARNER, b"OggS")
    await morning.settle()
    assert "现在只收文字" in morning.last(LEARNER)


@pytest.mark.asyncio
async def test_a_stranger_hears_one_friendly_sentence_and_nothing_else(play: Play) -> None:
    """Whoever was not invited sees no menu, no lesson, no names."""
    for words in ("/start", "/today", "今天", "/records", "/help", "你好"):
        said = await play.open(STRANGER) if words == "/start" else await play.say(STRANGER, words)
        assert "只对受邀请的人开放" in said
    assert "邀请链接用不了了" in await play.open(STRANGER, "AAAAAAAAAAAAAAAAAAAAAA")
    assert play.world.people[STRANGER] is not None
    assert await play.rows("SELECT count(*) FROM chat_account WHERE chat_id = :c", c=STRANGER) == [
        (0,)
    ]


WORDS = st.sampled_from(
    [
        "今天",
        "我的",
        "更多",
        "提问",
        "帮助",
        "/records",
        "/ask 怎么办",
        "随便说一句",
        "/start",
        "取消",
        "\u202e",
        "是",
    ]
)


@pytest.mark.asyncio
async def test_three_hundred_random_acts_leave_nobody_stuck(morning: Play) -> None:
    """Whatever people press and type in any order, nothing breaks and everybody is answered."""
    chosen: list[tuple[str, int, str]] = []

    @settings(
        max_examples=1,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["say", "press", "vote", "raw"]), st.integers(0, 10**6), WORDS
            ),
            min_size=300,
            max_size=300,
        )
    )
    def choose(acts: list[tuple[str, int, str]]) -> None:
        chosen.extend(acts)

    choose()
    users = (LEARNER, COORDINATOR, NEWCOMER)
    for what, number, words in chosen:
        user = users[number % len(users)]
        messages = morning.said(user)
        if what == "say" and (messages or words == "/start"):
            morning.world.say(user, words)
        elif what == "press" and messages:
            message = messages[number % len(messages)]
            keys = [key for key in message.buttons if key.get("callback_data")]
            if keys:
                morning.world.press(
                    user, user, message.message_id, data=keys[number % len(keys)]["callback_data"]
                )
        elif what == "vote":
            polls = [m for m in messages if m.poll is not None and not m.poll.closed]
            if polls and user not in polls[-1].poll.votes:  # type: ignore[union-attr]
                morning.world.vote(user, polls[-1].json["poll"]["id"], [number % 3])
        elif what == "raw":
            morning.world.updates.add_raw(SHAPES[number % len(SHAPES)], morning.running.clock.now())
    await morning.settle()
    assert morning.bugs == []
    assert await morning.rows(
        "SELECT count(*) FROM inbox_update WHERE status IN ('waiting', 'failed')"
    ) == [(0,)]
    await morning.through(FIRST_LESSON)
    await _still_works(morning)
