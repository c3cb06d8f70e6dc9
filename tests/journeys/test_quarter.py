"""A quarter of the online studies, played fast from chat: what was promised, counted."""

from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.rehearsal.rehearse import enrol_phones
from bot.rehearsal.stored import StoredMessage
from scheduler.attention import MOST_A_DAY, MOST_A_WEEK
from tests.county import write_pack
from tests.journeys.conftest import COORDINATOR, GROUP, SUPERVISOR, Play, playing
from tests.journeys.quarter import (
    ASKED,
    CANCELLED,
    LAST,
    LEARNERS,
    LEAVER,
    MOVED,
    START,
    WRITTEN,
    Quarter,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = time(21, 30), time(9, 0)
# Who asked or wished for what each answered theme is about, and whether she was told of it.
WAITED = """
SELECT DISTINCT t.id, a.chat_id FROM topic_theme t
JOIN theme_answer ta ON ta.theme_id = t.id
JOIN theme_question tq ON tq.theme_id = t.id
JOIN question q ON q.id = tq.question_id
LEFT JOIN question_vote v ON v.question_id = q.id
JOIN chat_account a ON a.person_id = q.asker_id OR a.person_id = v.person_id
WHERE NOT t.is_hidden AND NOT t.is_gone
"""
TOLD = """
SELECT d.subject_id, a.chat_id FROM delivery d JOIN chat_account a ON a.person_id = d.person_id
WHERE d.kind = 'topic_answer' AND d.status = 'sent'
"""
IN_LEDGER = """
SELECT g.id, a.chat_id FROM learning_record r
JOIN chat_account a ON a.person_id = r.person_id
JOIN gathering g ON g.kind = r.study AND g.local_date = r.occurred_on
WHERE r.evidence = 'signed_in' AND r.study <> 'daily_lesson'
"""
CALL = """
SELECT a.chat_id FROM delivery d JOIN chat_account a ON a.person_id = d.person_id
WHERE d.kind = 'quarterly_share' AND d.status = 'sent'
"""
DIGESTS = """
SELECT a.chat_id FROM delivery d JOIN chat_account a ON a.person_id = d.person_id
WHERE d.kind = 'story_word' AND d.occasion LIKE 'digest:%' AND d.status = 'sent'
"""
SENT = """
SELECT s.chat_id, s.message_id, d.urgency FROM sent_message s JOIN delivery d
ON d.id = s.delivery_id WHERE d.person_id IS NOT NULL
"""


async def _begin(play: Play) -> None:
    """The coordinator begins the weekly study and the monthly topic."""
    await enrol_phones(play.running)
    await play.say(COORDINATOR, "共学")
    for label in ("开始共学", "周五", "15:00", "60分钟", "在工作群里", "换一天", "确认"):
        await play.press(COORDINATOR, label)
    await play.say(COORDINATOR, "专题")
    for label in ("专题设置", "办专题"):
        await play.press(COORDINATOR, label)


@pytest.mark.asyncio
async def test_a_quarter_keeps_its_promises(tmp_path: Path) -> None:
    """Answers for all who asked or wished, every session in the ledger, every word once, quietly,
    and nobody named who wished not to be."""
    pack = write_pack(tmp_path / "pack", 64)
    async with playing(tmp_path / "county", pack=pack, start=START) as play:
        await _begin(play)
        quarter = Quarter(play)
        await quarter.live()
        await _every_topic_answered_all(play)
        await _sessions_are_in_the_ledger(play, quarter)
        _minutes_reached_everybody(play, quarter)
        _changes_were_told_once(play)
        await _the_share_reached_everybody(play, quarter)
        await _nobody_was_disturbed(play)
        _the_anonymous_stayed_so(play)


async def _every_topic_answered_all(play: Play) -> None:
    """Who asked or wished has each answer once; who left in between has none."""
    topics = await play.rows("SELECT month, state FROM topic ORDER BY month")
    assert topics == [(f"2026-{month}-01", "answered") for month in range(10, LAST.month + 1)]
    waited, told = await play.rows(WAITED), Counter(await play.rows(TOLD))
    missing = set(waited) - set(told)
    assert {chat for _, chat in missing} == {LEAVER}, missing
    assert set(told) - set(waited) == set()
    assert set(told.values()) == {1}
    # One was urgent and answered at once; one that another asked was wished for as well.
    asked = [key for key in ASKED if key <= (LAST.month, LAST.day)]
    assert len(waited) >= len(asked)
    for user in LEARNERS:
        heard = [m for m in play.said(user) if m.text.startswith("您等的答复")]
        assert len(heard) == sum(chat == user for _, chat in told), user
    ((asked_at, answered_at),) = await play.rows(
        "SELECT q.asked_at, a.answered_at FROM question q JOIN question_answer a"
        " ON a.question_id = q.id WHERE q.urgency = 'urgent'"
    )
    assert (_moment(answered_at) - _moment(asked_at)).days < 3


async def _sessions_are_in_the_ledger(play: Play, quarter: Quarter) -> None:
    """Each tap in time is one row; what was cancelled or replaced has none."""
    assert sorted(await play.rows(IN_LEDGER)) == sorted(quarter.came)
    held = await play.rows(
        "SELECT kind, count(*) FROM gathering WHERE state = 'planned' AND starts_at < :last"
        " GROUP BY kind ORDER BY kind",
        last=LAST.replace(tzinfo=None).isoformat(" "),
    )
    topics = LAST.month - START.month
    counted = {
        "monthly_topic": topics,
        "quarterly_share": len(quarter.shares),
        "weekly_study": len(quarter.minuted),
    }
    assert dict(held) == {kind: count for kind, count in counted.items() if count}
    # A topic's or a share's week has no session of its own, and one was cancelled.
    assert len(quarter.minuted) >= 3 * topics - 1


def _minutes_reached_everybody(play: Play, quarter: Quarter) -> None:
    """Once each, whoever was absent included."""
    for gathering_id in quarter.minuted:
        words = f"第{gathering_id}次共学的要点"
        for user in LEARNERS:
            seen = [m for m in play.said(user) if words in m.text]
            assert len(seen) == 1 or (user == LEAVER and not seen), (gathering_id, user)


async def _the_share_reached_everybody(play: Play, quarter: Quarter) -> None:
    """Once in a whole quarter: who stayed heard the call, who missed the session has the digest."""
    assert len(quarter.shares) == (LAST.month == 12)
    if not quarter.shares:
        return
    stayed = set(LEARNERS) - {LEAVER}
    called = Counter(chat for (chat,) in await play.rows(CALL))
    assert {chat: called[chat] for chat in stayed} == dict.fromkeys(stayed, 1)
    assert called[LEAVER] == 0
    (share,) = quarter.shares
    came = {chat for gathering, chat in quarter.came if gathering == share}
    digests = Counter(chat for (chat,) in await play.rows(DIGESTS))
    assert digests == Counter(stayed - came)
    titles = [title for _, title in WRITTEN.values()]
    stories = await play.rows("SELECT state, count(*) FROM story GROUP BY state")
    assert stories == [("approved", len(titles))]
    for chat in stayed:
        # A message of its own, or a line of the next lesson.
        read = [m.text for m in play.said(chat) if "分享会的摘要" in m.text]
        read += [m.text for m in play.said(chat) if all(title in m.text for title in titles)]
        assert len(read) == (chat not in came), (chat, read)


def _changes_were_told_once(play: Play) -> None:
    """A cancelled session: told, and no reminder; a moved one: told, and reminded at its hour."""
    for user in LEARNERS:
        said = play.said(user)
        told = ("10月23日(周五)15:00不办", "10月23日(周五)15:00这一次取消了")
        cancelled = [m for m in said if any(words in m.text for words in told)]
        # She left before it was cancelled.
        assert len(cancelled) == (user != LEAVER), [m.text for m in cancelled]
        cards = [m for m in said if _is_card(m) and m.at.astimezone(SHANGHAI).date() == CANCELLED]
        assert cards == []
        moved = [m for m in said if "改到 10月16日(周五)16:00" in m.text]
        assert len(moved) == 1, [m.text for m in moved]
        (card,) = [m for m in said if _is_card(m) and m.at.astimezone(SHANGHAI).date() == MOVED]
        assert card.at.astimezone(SHANGHAI).time() == time(15, 0)


def _is_card(message: StoredMessage) -> bool:
    return "每周共学" in message.text.split("\n")[0] and message.text[2] == ":"


async def _nobody_was_disturbed(play: Play) -> None:
    """Three sounds a day, twelve a week, none at night that is not urgent."""
    days: Counter[tuple[int, object]] = Counter()
    weeks: Counter[tuple[int, object]] = Counter()
    for chat, message_id, urgency in await play.rows(SENT):
        message = play.world.message(chat, message_id)
        if message is None or message.silent:
            continue
        at = message.at.astimezone(SHANGHAI)
        days[chat, at.date()] += 1
        weeks[chat, at.isocalendar()[:2]] += 1
        assert urgency == "urgent" or QUIET[1] <= at.time() < QUIET[0], (chat, at)
    assert len(days) > 50
    assert max(days.values()) <= MOST_A_DAY
    assert max(weeks.values()) <= MOST_A_WEEK


def _the_anonymous_stayed_so(play: Play) -> None:
    """Wherever such a question is read by another, nobody who hid her name stands beside it."""
    names = {LEARNERS[0]: "扎西", LEARNERS[1]: "次仁"}
    hidden = [(LEARNERS[who], text) for who, text, press in ASKED.values() if press == "匿名"]
    assert {user for user, _ in hidden} == set(names)
    for asker, text in hidden:
        for chat in (*LEARNERS, SUPERVISOR, COORDINATOR, GROUP):
            if chat != asker:
                seen = [m.text for m in play.said(chat) if text[:10] in m.text]
                assert not [one for one in seen if names[asker] in one], (chat, text)


def _moment(stored: object) -> datetime:
    moment = datetime.fromisoformat(str(stored))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
