"""A pasted text longer than one message is one text again, and nothing of it is lost."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import json

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.split_texts import FULL, Part, goes_on, joined, read_part, run_of, units
from storage.inbox import InboxUpdate, Waiting
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    LEARNER,
    START,
    Play,
    county,
    folder,
    play,
)

FULL_TEXT = "长" * FULL


def _part(row_id: int, text: str, sent_at: int = 0) -> Part:
    return Part(row_id, row_id, sent_at, text)


@pytest.mark.parametrize(
    ("text", "behind", "apart", "is_one"),
    [
        (FULL_TEXT, "尾", 0, True),
        ("长" * 3600, "尾" * 500, 5, True),
        # What fits into one message was never split.
        ("长" * 3600, "尾" * 400, 1, False),
        ("长" * 3000, "尾" * 3000, 0, False),
        (FULL_TEXT, "尾", 6, False),
        (FULL_TEXT, "尾", -1, False),
    ],
)
def test_a_full_message_goes_on_in_the_one_at_once_behind(
    text: str, behind: str, apart: int, *, is_one: bool
) -> None:
    """Only what cannot have fitted, and within seconds; anything else is a message of its own."""
    assert goes_on(_part(1, text), _part(2, behind, apart)) is is_one


def test_each_part_finds_the_whole_run_and_no_other() -> None:
    """From whichever of three parts it is looked for; what is no text lies between two texts."""
    parts = [_part(1, "早"), _part(2, FULL_TEXT), _part(3, FULL_TEXT, 1), _part(4, "尾", 2)]
    for row_id in (2, 3, 4):
        assert [part.row_id for part in run_of(parts, row_id)] == [2, 3, 4]
    assert [part.row_id for part in run_of([parts[1], None, parts[3]], 2)] == [2]
    assert run_of(parts, 9) == []
    assert units("😀" * 3) == 6


def test_parts_join_where_they_were_cut() -> None:
    """A full message was cut anywhere, a shorter one at the end of a line, which comes back."""
    assert joined([_part(1, FULL_TEXT), _part(2, "尾")]) == f"{FULL_TEXT}尾"
    assert joined([_part(1, "1. 卓玛"), _part(2, "2. 扎西")]) == "1. 卓玛\n2. 扎西"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "[]",
        json.dumps({"callback_query": {}}),
        json.dumps({"message": {"chat": {"type": "private"}, "message_id": 1, "date": 1}}),
        json.dumps({"message": {"chat": {"type": "group"}, "text": "好"}}),
    ],
)
def test_what_is_no_private_text_is_no_part(payload: str | None) -> None:
    """A tap, a file, a group's message or an unreadable row is never joined to a text."""
    assert read_part(Waiting(1, 1, 1, 0, START, payload)) is None


def _let_time_pass(session: Session) -> None:
    session.exec(update(InboxUpdate).values(not_before=START))


@pytest.mark.asyncio
async def test_a_paste_of_two_messages_is_read_as_one(play: Play) -> None:
    """Refused or taken as a whole; its first part waits for the next, and for nothing in vain."""
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "讲经验")
    await play.press(LEARNER, "一次说完")
    assert "1 到 3000 个字，您写了 5000 个" in await play.say(LEARNER, "长" * 5000)
    assert any(m.text == "已收到2段，合在一起了" for m in play.said(LEARNER))
    assert await play.rows("SELECT count(*) FROM inbox_update WHERE status != 'done'") == [(0,)]
    before = play.last(LEARNER)

    # Where the rest is late the first part is put off; with it, it is one text.
    assert await play.say(LEARNER, FULL_TEXT) == before
    waiting = "SELECT attempts FROM inbox_update WHERE status = 'waiting'"
    assert await play.rows(waiting) == [(1,)]
    assert "您写了 4098 个" in await play.say(LEARNER, "尾巴")
    assert await play.rows(waiting) == []

    # Where nothing comes it is a text by itself.
    await play.say(LEARNER, FULL_TEXT)
    await play.running.wuxue.database.write(_let_time_pass)
    await play.running.wuxue.inbox.keep([])
    await play.settle()
    assert "您写了 4096 个" in play.last(LEARNER)
    assert (await play.say(LEARNER, "他请同村的人一起入户")).startswith("我的经验")
    assert play.bugs == []
