"""What goes wrong while sending stays small: one delivery, one reason, nobody else held up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from curriculum import daily_lesson
from curriculum.facts import Verdict
from scheduler.channel import ChannelError
from scheduler.refusals import IN_DOUBT, MAX_ATTEMPTS
from scheduler.turns import LEASE
from storage import deliveries
from storage.deliveries import Claimed
from storage.engine import Database
from tests.county import BOT, build, write_pack
from tests.scheduler.test_postman import TEN, Post


@pytest.fixture
def post(sqlite_database: Database, tmp_path: Path, start: datetime) -> Post:
    """Three learners owed a lesson at ten."""
    county = sqlite_database.write_now(build, write_pack(tmp_path / "pack", 2), now=start)
    return Post(sqlite_database, county)


@pytest.mark.asyncio
async def test_a_bug_in_the_channel_costs_only_its_own_delivery(post: Post) -> None:
    """Whatever is raised while sending, the rest of the batch is sent and marked."""

    def refuse(chat: int, _body: str) -> ChannelError | None:
        if chat == 101:
            raise ValueError("a bug")
        return None

    post.channel.refuse = refuse
    await post.postman.tick()
    assert post.statuses() == [("sent", None, 2), ("waiting", "not_sent", 0), ("sent", None, 2)]
    post.channel.refuse = lambda _chat, _body: None
    assert await post.postman.tick() == 0, "it may have arrived, so it waits for a lease's length"
    post.clock.machine += IN_DOUBT + timedelta(seconds=1)
    assert await post.postman.tick() == 1


@pytest.mark.asyncio
async def test_what_never_succeeds_is_given_up_after_eight_attempts(post: Post) -> None:
    """A delivery that fails each time ends as failed, where staff see it."""
    post.channel.refuse = lambda chat, _body: ChannelError("unknown") if chat == 101 else None
    for _ in range(MAX_ATTEMPTS + 2):
        await post.postman.tick()
        post.clock.machine += timedelta(minutes=2)
    assert post.statuses()[1] == ("failed", "unknown", 0)


@pytest.mark.asyncio
@pytest.mark.parametrize("trouble", ["not_connected", "gateway"])
async def test_a_network_that_is_down_gives_nothing_up(post: Post, trouble: str) -> None:
    """Neither says anything about a message: however often tried, it goes out at last."""
    post.channel.refuse = lambda _chat, _body: ChannelError(trouble)
    for _ in range(MAX_ATTEMPTS + 2):
        await post.postman.tick()
        post.clock.machine += timedelta(minutes=2)
    assert [status for status, _, _ in post.statuses()] == ["waiting"] * 3
    post.channel.refuse = lambda _chat, _body: None
    await post.postman.tick()
    assert [status for status, _, _ in post.statuses()] == ["sent"] * 3


@pytest.mark.asyncio
async def test_a_chat_that_only_says_it_moved_is_not_followed_for_ever(post: Post) -> None:
    """Eight times is enough for a new id that leads nowhere."""
    post.channel.refuse = lambda chat, _body: (
        ChannelError("moved", moved_to=-100) if chat == 101 else None
    )
    for _ in range(MAX_ATTEMPTS + 2):
        await post.postman.tick()
        post.clock.machine += timedelta(minutes=2)
    assert post.statuses()[1] == ("failed", "moved", 0)


@pytest.mark.asyncio
async def test_facts_that_break_for_one_person_stop_nobody(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row the study cannot read fails alone; the others are asked again one by one and sent."""
    asked = daily_lesson.facts

    def breaking(
        session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        if any(row.person_id == post.county.learners[1].person_id for row in claimed):
            raise KeyError("options")
        return asked(session, claimed, now=now)

    monkeypatch.setattr(daily_lesson, "facts", breaking)
    await post.postman.tick()
    assert post.statuses() == [("sent", None, 2), ("failed", "no_facts", 0), ("sent", None, 2)]


@pytest.mark.asyncio
async def test_a_kind_nobody_knows_is_set_aside_with_its_reason(post: Post) -> None:
    """A row left by a study that is gone is skipped, not tried for ever."""
    post.database.write_now(
        deliveries.add,
        bot=BOT,
        kind="carrier_pigeon",
        occasion="1",
        recipient=1,
        person_id=post.county.learners[0].person_id,
        urgency="timed",
        due_at=TEN,
        created_at=TEN,
    )
    await post.postman.tick()
    assert post.statuses()[3] == ("skipped", "unknown_kind", 0)
    assert len(post.channel.sent) == 6


@pytest.mark.asyncio
async def test_whose_lease_ran_out_while_waiting_leaves_the_row_to_the_next(post: Post) -> None:
    """A long 429 outlasts the lease: nothing is sent on a row that another process may hold."""
    until = post.clock.machine + 2 * LEASE
    refusals = iter([ChannelError("too_many_requests", retry_at=until)])
    post.channel.refuse = lambda _chat, _body: next(refusals, None)
    assert await post.postman.tick() == 0
    assert post.clock.machine >= until
    assert post.channel.sent == []
    assert [status for status, _, _ in post.statuses()] == ["waiting", "claimed", "claimed"]
    post.clock.machine += timedelta(seconds=1)
    assert await post.postman.tick() == 3
    assert len(post.channel.sent) == 6


@pytest.mark.asyncio
async def test_stopping_takes_nothing_new(post: Post) -> None:
    """After `stop` a tick claims nothing, and `drain` returns at once when nothing is under way."""
    post.postman.stop()
    assert await post.postman.tick() == 0
    await post.postman.drain()
    assert post.channel.sent == []
