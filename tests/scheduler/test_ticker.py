"""The ticker: plans, sends and keeps house at each tick; the clocks it is given."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from scheduler.clock import MovableClock
from scheduler.pace import unhurried
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from scheduler.ticker import UNPARSABLE_KEPT_DAYS, Ticker
from storage import audit, drafts, inbox
from storage.audit import AuditSeal
from storage.drafts import OpenDraft
from storage.engine import Database
from storage.inbox import InboxUpdate
from storage.sealed import NoteKey
from tests.county import BOT, build, write_pack
from tests.scheduler.test_postman import TEN, Channel, HandDrivenClock


def _ticker(database: Database, clock: HandDrivenClock) -> tuple[Ticker, Channel]:
    channel = Channel(clock)
    postman = Postman(
        database, clock, channel, SendBudget(clock, per_second=1000), bot=BOT, pace=unhurried()
    )
    return Ticker(database, clock, postman, bot=BOT), channel


@pytest.mark.asyncio
async def test_one_tick_plans_what_was_missed_and_sends_what_is_due(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """After two silent days one tick brings each learner one lesson, the next nothing."""
    database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    clock = HandDrivenClock(TEN + timedelta(days=2))
    ticker, channel = _ticker(database, clock)
    await ticker.tick()
    await ticker.tick()
    assert sorted(channel.sent) == [
        (chat, body) for chat in (100, 101, 102) for body in ("lesson", "quiz")
    ]


@pytest.mark.asyncio
async def test_starting_catches_up_at_once_and_stopping_ends_the_beat(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """Nobody waits a minute for what was due before the program started."""
    sqlite_database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    clock = HandDrivenClock(TEN)
    ticker, _ = _ticker(sqlite_database, clock)
    await ticker.start()
    ticker.stop()
    assert sqlite_database.read_now(lambda session: session.exec(select(audit.AuditSeal)).all()), (
        "the audit trail is chained at the start as well"
    )
    await ticker.tick()


@pytest.mark.asyncio
async def test_what_has_had_its_time_is_forgotten_each_by_its_own_clock(
    sqlite_database: Database, note_key: NoteKey
) -> None:
    """Forms end in business time; an unreadable update is kept seven days of machine time."""
    database = sqlite_database
    received = datetime(2026, 1, 1, tzinfo=UTC)

    def fill(session: Session) -> None:
        inbox.store(session, [(1, 100, "{}")], bot=BOT, note_key=note_key, now=received)
        inbox.mark_unparsable(session, 1, at=received, error="KeyError")
        drafts.save(
            session,
            OpenDraft("question", "text", {}, 1),
            bot=BOT,
            chat_id=5,
            note_key=note_key,
            now=TEN,
            expires_at=TEN,
        )

    database.write_now(fill)
    clock = HandDrivenClock(TEN)
    clock.machine = received + timedelta(days=UNPARSABLE_KEPT_DAYS)
    ticker, _ = _ticker(database, clock)
    await ticker.tick()
    kept = database.read_now(lambda session: session.exec(select(InboxUpdate)).one())
    assert kept.payload is not None
    assert database.write_now(drafts.drop_expired, now=TEN + timedelta(days=1)) == 0
    clock.machine += timedelta(seconds=1)
    await ticker.tick()
    gone = database.read_now(lambda session: session.exec(select(InboxUpdate)).one())
    assert gone.payload is None


@pytest.mark.asyncio
async def test_each_tick_chains_the_acts_of_the_last_minute(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """After a tick no act is outside the chain, and the chain holds."""
    database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    ticker, _ = _ticker(database, HandDrivenClock(start))
    await ticker.tick()
    await ticker.tick()
    seals = database.read_now(lambda session: session.exec(select(AuditSeal)).all())
    acts = database.read_now(lambda session: session.exec(select(audit.AuditEntry)).all())
    assert [seal.up_to_id for seal in seals] == [acts[-1].id]
    assert database.read_now(audit.first_broken_seal) is None


def test_a_movable_clock_never_goes_back() -> None:
    """A moment in the past is ignored, since what was sent stays sent."""
    clock = MovableClock(TEN)
    clock.move_to(TEN - timedelta(days=1))
    assert clock.now() == TEN
    clock.advance(timedelta(hours=3))
    assert clock.now() == TEN + timedelta(hours=3)
    clock.run_at(60)
    assert clock.now() >= TEN + timedelta(hours=3)
