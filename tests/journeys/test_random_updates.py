"""Thousands of random updates: no bug, nobody stuck, nothing kept in memory."""

import random
import resource
from typing import Any

import pytest

from bot import reactions
from tests.journeys.conftest import COORDINATOR, GROUP, LEARNER, STRANGER, SUPERVISOR, Play
from tests.proving import IS_LONG

COUNT = 100_000 if IS_LONG else 2_000
BATCH = 250
SEED = 20261124
FIRST_ID = 800_000_000
# The share that no parser can read; the rest is well formed and reaches the handlers.
SHAPELESS = 0.9
# How much the process may grow after the first quarter, with the stand-in's memory in it.
MOST_GROWTH_MB = 40
USERS = (LEARNER, SUPERVISOR, COORDINATOR, STRANGER)
KINDS = ("message", "callback_query", "poll_answer", "my_chat_member", "edited_message", "unknown")
KEYS = (
    "id", "from", "chat", "text", "date", "message", "user", "data", "type", "poll_id",
    "option_ids", "message_id", "new_chat_member", "old_chat_member", "entities", "first_name",
)  # fmt: skip
TEXTS = (
    "", " ", "今天", "/start", "/ask", "/start " + "A" * 64, "x" * 4096, "\x00", "\ud83d",
    "\u202e今天",
    "学" * 2000, "🏔️" * 300, "=1+1", "<b>x</b>", "{{ 7 * 7 }}", "'; DROP TABLE person; --", "1",
    "%s%n", "卓玛", "/records@other_bot", "／ask 怎么办", "11月27日(周五)15:00", "ཀུན་མཁྱེན།",
)  # fmt: skip
NUMBERS = (0, 1, -1, 5, 2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), 10**30, LEARNER, GROUP)


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Any JSON that Telegram would never send."""
    kind = chance.randrange(5 if depth > 3 else 7)
    if kind < 5:
        plain = (None, True, False, chance.random(), *NUMBERS, *TEXTS)
        return chance.choice(plain)
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    keys = chance.sample(KEYS, chance.randrange(5))
    return {key: anything(chance, depth + 1) for key in keys}


def person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "x"}


def message(chance: random.Random, user: int) -> dict[str, Any]:
    """A well-formed message of wild words."""
    chat_id = chance.choice((user, user, user, GROUP))
    words = chance.choice(TEXTS)
    said = {
        "message_id": chance.randrange(1, 10**6),
        "date": 1_795_000_000,
        "chat": {"id": chat_id, "type": "private" if chat_id == user else "supergroup"},
        "from": person(user),
    }
    if words.startswith("/"):
        said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(words.split()[0])}]
    return said | {"text": words}


def update(chance: random.Random, verbs: list[str]) -> dict[str, Any]:
    """One update: of a random shape, or well formed with forged contents."""
    user = chance.choice(USERS)
    what = chance.randrange(5, 10)
    if chance.random() < SHAPELESS:
        return {chance.choice(KINDS): anything(chance) for _ in range(chance.randrange(1, 3))}
    if what == 5:
        return {"message": message(chance, user)}
    if what < 8:
        tail = ":".join(str(chance.choice((*NUMBERS, "x", "", "a/b"))) for _ in range(2))
        pressed = {
            "id": str(chance.randrange(10**15)),
            "from": person(user),
            "chat_instance": "1",
            "data": f"{chance.choice(verbs)}:{tail}",
        }
        return {"callback_query": pressed | {"message": message(chance, user)}}
    if what == 8:
        options = [chance.choice((0, 1, 9, -1))]
        answer = {"poll_id": str(chance.randrange(100)), "user": person(user)}
        return {"poll_answer": answer | {"option_ids": options}}
    status = {"user": {"id": 7, "is_bot": True, "first_name": "b"}}
    states = [{"status": chance.choice(("member", "left", "nobody"))} | status for _ in range(2)]
    change = {
        "chat": {"id": user, "type": "private"},
        "from": person(user),
        "date": 1_795_000_000,
        "old_chat_member": states[0],
        "new_chat_member": states[1],
    }
    return {"my_chat_member": change}


def forget_the_past(play: Play) -> None:
    """The stand-in remembers every message for its page; here that would be all the growth."""
    play.world.sent_log.clear()
    for chat in play.world.chats.values():
        for message_id in list(chat.messages)[:-20]:
            del chat.messages[message_id]
    for user in play.world.people.values():
        user.toasts.clear()
    play.logged.clear()


def megabytes() -> float:
    """The most this process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.asyncio
@pytest.mark.timeout(1800 if IS_LONG else 120)
async def test_random_updates_are_no_bug_leave_nobody_stuck_and_nothing_behind(
    morning: Play,
) -> None:
    """Most of random shapes, the rest well formed and forged; 100,000 in the long form."""
    chance = random.Random(SEED)  # noqa: S311  shapes, no secrets
    verbs = sorted(reactions.verbs())
    inbox = morning.running.wuxue.inbox
    began_with = 0.0
    for first in range(0, COUNT, BATCH):
        batch = [
            {"update_id": FIRST_ID + first + number, **update(chance, verbs)}
            for number in range(BATCH)
        ]
        await inbox._take(batch)
        await inbox.idle()
        assert morning.bugs == [], f"seed {SEED}, updates {first} to {first + BATCH}"
        forget_the_past(morning)
        if first <= COUNT // 4:
            began_with = megabytes()
    assert megabytes() - began_with < MOST_GROWTH_MB
    assert (inbox._queues, inbox._in_hand, inbox._workers) == ({}, set(), set())
    states = dict(await morning.rows("SELECT status, count(*) FROM inbox_update GROUP BY 1"))
    # An answer to a quiz nobody knows is put off; nothing else waits, and nothing failed.
    late = "SELECT count(*) FROM inbox_update WHERE status = 'waiting' AND attempts = 0"
    assert await morning.rows(late) == [(0,)]
    assert "failed" not in states
    assert states["done"] > COUNT // 20
    for user in (LEARNER, SUPERVISOR, COORDINATOR):
        said = len(morning.said(user))
        await morning.say(user, "更多")
        assert len(morning.said(user)) > said
