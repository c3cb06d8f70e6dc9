"""Hostile input: a clear message or silence, nothing written, and the bot goes on."""

import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import reactions
from bot.rehearsal.refusal import ActError
from tests.journeys.conftest import (
    COORDINATOR,
    GROUP,
    LEARNER,
    NEWCOMER,
    STRANGER,
    SUPERVISOR,
    Play,
)
from tests.proving import IS_LONG

APART = 4
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
async def test_a_file_is_declined_kindly_and_a_voice_waits_for_words(morning: Play) -> None:
    """Nothing takes a file; a voice without its written sentence is no question."""
    morning.world.send_file(LEARNER, "../../evil.zip", b"PK\x03\x04", "x")
    await morning.settle()
    assert "现在只收文字" in morning.last(LEARNER)
    morning.world.send_voice(LEARNER, b"OggS")
    await morning.settle()
    assert morning.last(LEARNER).startswith("给录音写一句话")
    await morning.press(LEARNER, "取消")
    assert await morning.count("question") == await morning.count("draft") == 0


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


MORE: dict[str, dict[str, Any]] = {
    "edited": {"text": "今天", "edit_date": 1},
    "forwarded": {
        "text": "转来的一句",
        "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "某人"},
    },
    "contact": {"contact": {"phone_number": "+8613800000000", "first_name": "卓玛"}},
    "location": {"location": {"latitude": 29.6, "longitude": 94.4}},
    "sticker": {
        "sticker": {
            "file_id": "x",
            "file_unique_id": "x",
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        }
    },
    "command in a caption": {"caption": "/ask 怎么办", "photo": []},
}


def _as_message(play: Play, content: dict[str, Any], user: int = LEARNER) -> dict[str, Any]:
    return {
        "message_id": 9_000,
        "date": int(play.running.clock.now().timestamp()),
        "chat": {"id": user, "type": "private", "first_name": "x"},
        "from": {"id": user, "is_bot": False, "first_name": "x"},
        **content,
    }


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", MORE)
@pytest.mark.parametrize("update", ["message", "edited_message"])
async def test_every_kind_of_message_is_answered_or_passed_over(
    morning: Play, update: str, kind: str
) -> None:
    """Forwards, contacts, places, stickers, edits: no trace of them, and the bot goes on."""
    before = await _counts(morning)
    said = len(morning.said(LEARNER))
    body = {update: _as_message(morning, MORE[kind])}
    morning.world.updates.add_raw(body, morning.running.clock.now())
    await morning.settle()
    assert await _counts(morning) == before
    if update == "edited_message":
        assert len(morning.said(LEARNER)) == said
    await _still_works(morning)


@pytest.mark.asyncio
async def test_a_channel_and_a_group_get_no_answer(morning: Play) -> None:
    """The bot speaks only in private and where a lesson is due."""
    post = _as_message(morning, {"text": "/today"}) | {"chat": {"id": -77, "type": "channel"}}
    morning.world.updates.add_raw({"channel_post": post}, morning.running.clock.now())
    for words in ("/today", "/start", "/records", "/ask 怎么办"):
        morning.world.say(COORDINATOR, words, chat_id=GROUP)
    await morning.settle()
    assert len(morning.said(GROUP)) == 1
    assert await morning.count("question") == 0


@pytest.mark.asyncio
async def test_every_registered_verb_withstands_forged_ids(morning: Play) -> None:
    """Read from what the bot reacts to, so that a new button is attacked as soon as it exists."""
    verbs = sorted(reactions.verbs())
    assert {"learned", "option", "form", "records"} <= set(verbs)
    before = await _counts(morning)
    message = morning.said(LEARNER)[-1].message_id
    tails = (
        "",
        "0",
        "-1",
        "9" * 40,
        "x",
        ":",
        "::::",
        "²",
        "../..",
        "a:b:c:d:e",
        "daily_lesson/9/x",
    )
    for place, verb in enumerate(verbs):
        # Every verb meets some of them, every one of them many verbs; all meet all when proving.
        for tail in tails if IS_LONG else tails[place % APART :: APART]:
            morning.world.forge_callback(LEARNER, LEARNER, message, f"{verb}:{tail}")
    await morning.settle()
    answered = {toast.query_id for toast in morning.world.toasts(LEARNER)}
    assert answered
    assert await _counts(morning) == before
    await _still_works(morning)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "from", "chat", "text", "date", "message", "user", "data", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = ("message", "callback_query", "poll_answer", "my_chat_member", "edited_message", "unknown")


def _random_shapes() -> list[dict[str, Any]]:
    """One hundred updates that Telegram would never send."""
    shapes: list[dict[str, Any]] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(st.dictionaries(st.sampled_from(KINDS), JSON, min_size=1, max_size=2))
    def collect(shape: dict[str, Any]) -> None:
        shapes.append(shape)

    collect()
    return shapes


@pytest.mark.asyncio
async def test_a_hundred_random_shapes_stop_nothing(morning: Play) -> None:
    """No shape is a bug of ours, and none keeps anybody waiting."""
    shapes = _random_shapes()
    assert len({str(shape) for shape in shapes}) > 50
    for shape in shapes:
        morning.world.updates.add_raw(shape, morning.running.clock.now())
    await morning.settle()
    waiting = "SELECT count(*) FROM inbox_update WHERE status = 'waiting'"
    assert await morning.rows(waiting) == [(0,)]
    await _still_works(morning)


WORDS = (
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
)


@pytest.mark.asyncio
async def test_three_hundred_random_acts_leave_nobody_stuck(morning: Play) -> None:
    """Whatever people press and type in any order, nothing breaks and everybody is answered."""
    chance = random.Random(20261124)  # noqa: S311  acts, no secrets
    users = (LEARNER, COORDINATOR, SUPERVISOR, NEWCOMER)
    morning.world.open_link(NEWCOMER, morning.running.links.tokens["learner-1"])
    for number in range(300):
        _act(morning, chance, chance.choice(users))
        if number % 10 == 0:  # some acts travel together, some one after the other
            await morning.settle()
    await morning.settle()
    assert await morning.rows(
        "SELECT count(*) FROM inbox_update WHERE status IN ('waiting', 'failed')"
    ) == [(0,)]
    assert (
        await morning.rows(
            "SELECT person_id FROM learning_record WHERE corrects IS NULL"
            " GROUP BY person_id, occasion HAVING count(*) > 1"
        )
        == []
    )
    for user in users:
        said = len(morning.said(user))
        await morning.say(user, "今天")
        assert len(morning.said(user)) > said


def _act(play: Play, chance: random.Random, user: int) -> None:
    """One thing a person does: types, presses any button of any age, votes, or sends nonsense."""
    messages = play.said(user)
    what = chance.choice(("say", "press", "press", "vote", "raw"))
    if what == "say":
        play.world.say(user, chance.choice(WORDS))
    elif what == "press" and messages:
        message = chance.choice(messages)
        keys = [key for key in message.buttons if "callback_data" in key]
        if keys:
            data = chance.choice(keys)["callback_data"]
            play.world.press(user, user, message.message_id, data=data)
    elif what == "vote":
        polls = [m for m in messages if m.poll is not None and user not in m.poll.votes]
        if polls:
            options = len(polls[-1].json["poll"]["options"])
            play.world.vote(user, polls[-1].json["poll"]["id"], [chance.randrange(options)])
    elif what == "raw":
        play.world.updates.add_raw(chance.choice(SHAPES), play.running.clock.now())
