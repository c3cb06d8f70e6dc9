"""The postman over a channel held in the hand: order, resuming, refusals, the budget."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from curriculum import daily_lesson
from curriculum.facts import Facts
from scheduler import planner
from scheduler.channel import ChannelError, Part, Receipt
from scheduler.pace import unhurried
from scheduler.postman import Postman, batch_size
from scheduler.rate import BROADCAST, REPLY, SendBudget
from scheduler.refusals import IN_DOUBT
from scheduler.turns import LEASE
from storage import deliveries
from storage.cohorts import WorkGroup
from storage.deliveries import Delivery
from storage.engine import Database
from storage.people import ChatAccount
from tests.county import BOT, County, build, write_pack

TEN = datetime.fromisoformat("2026-11-25T02:00:00+00:00")


class HandDrivenClock:
    """Both times stand still; sleeping moves machine time and lets others run."""

    def __init__(self, moment: datetime) -> None:
        self.business = moment
        self.machine = moment

    def now(self) -> datetime:
        return self.business

    def real(self) -> datetime:
        return self.machine

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # whoever was just served notes the time first
        self.machine += timedelta(seconds=seconds)


class Channel:
    """Takes every part, unless `refuse` raises for a chat and part number."""

    def __init__(self, clock: HandDrivenClock) -> None:
        self.clock = clock
        self.sent: list[tuple[int, str]] = []
        self.at: list[datetime] = []
        self.refuse: Callable[[int, str], ChannelError | None] = lambda _chat, _body: None
        self.unwordable: set[int] = set()

    def parts(self, facts: Facts) -> Sequence[Part]:
        if facts.chat_id in self.unwordable:
            raise KeyError("a template without its value")
        return [Part("lesson", silent=False), Part("quiz", silent=True)]

    async def send(self, chat_id: int, part: Part) -> Receipt:
        error = self.refuse(chat_id, part.body)
        if error is not None:
            raise error
        self.sent.append((chat_id, part.body))
        self.at.append(self.clock.machine)
        return Receipt(
            chat_id, len(self.sent), f"poll-{len(self.sent)}" if part.body == "quiz" else None
        )


class Post:
    """A database with a day planned, and a postman."""

    def __init__(self, database: Database, county: County, per_second: float = 1000) -> None:
        self.database = database
        self.county = county
        self.clock = HandDrivenClock(TEN)
        self.channel = Channel(self.clock)
        self.budget = SendBudget(self.clock, per_second=per_second)
        self.postman = Postman(
            database, self.clock, self.channel, self.budget, bot=BOT, pace=unhurried()
        )
        database.write_now(
            planner.plan_due, daily_lesson, bot=BOT, now=TEN - timedelta(hours=9), real=TEN
        )

    def statuses(self) -> list[tuple[str, str | None, int]]:
        def read(session: Session) -> list[tuple[str, str | None, int]]:
            rows = session.exec(select(Delivery).order_by(Delivery.id))  # type: ignore[arg-type]
            return [(row.status, row.error, row.parts_sent) for row in rows]

        return self.database.read_now(read)


@pytest.fixture
def post(database: Database, tmp_path: Path, start: datetime) -> Post:
    """Three learners owed a lesson at ten."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 2), now=start)
    return Post(database, county)


@pytest.mark.asyncio
async def test_each_gets_the_lesson_then_the_quiz_once(post: Post) -> None:
    """A tick sends everything due, part by part, and a second one nothing."""
    assert await post.postman.tick() == 3
    assert await post.postman.tick() == 0
    for chat in (100, 101, 102):
        assert [body for c, body in post.channel.sent if c == chat] == ["lesson", "quiz"]
    assert post.statuses() == [("sent", None, 2)] * 3


@pytest.mark.asyncio
async def test_what_was_claimed_by_day_is_not_sent_by_night(post: Post) -> None:
    """A pause that Telegram asked for, or a sleep, may last until quiet hours have begun."""
    evening = TEN + timedelta(hours=11, minutes=29, seconds=59)  # 21:29:59 in Tibet
    post.clock.business = evening
    post.database.write_now(
        lambda session: session.connection().execute(update(Delivery).values(not_after=None))
    )

    def night_falls(_chat: int, _body: str) -> None:
        post.clock.business = evening + timedelta(seconds=2)

    post.channel.refuse = night_falls
    await post.postman.tick()
    assert [body for _, body in post.channel.sent] == ["lesson"]
    assert {status for status, _, _ in post.statuses()} == {"waiting"}
    post.clock.business = evening + timedelta(hours=11, minutes=31)
    await post.postman.tick()
    assert [body for chat, body in post.channel.sent if chat == 100] == ["lesson", "quiz"]
    assert post.statuses() == [("sent", None, 2)] * 3


@pytest.mark.asyncio
async def test_two_messages_to_one_chat_go_out_one_after_the_other(post: Post) -> None:
    """A must and the day's lesson due together: each question stays behind its own lesson."""
    learner = post.county.learners[0]

    def ask(session: Session) -> None:
        first = session.exec(select(Delivery.subject_id)).first()
        deliveries.add(
            session,
            bot=BOT,
            kind=daily_lesson.ASKED,
            occasion=f"{post.county.cohort.id}:lesson:{first}",
            recipient=learner.person_id,
            person_id=learner.person_id,
            cohort_id=post.county.cohort.id,
            subject_id=first,
            urgency="foldable",
            due_at=TEN,
            not_after=None,
            created_at=TEN,
        )

    post.database.write_now(ask)
    await post.postman.tick()
    hers = [body for chat, body in post.channel.sent if chat == learner.chat_id]
    assert hers == ["lesson", "quiz", "lesson", "quiz"]


@pytest.mark.asyncio
async def test_after_a_crash_between_parts_only_what_is_missing_is_sent(post: Post) -> None:
    """The lesson arrived, the quiz did not: when the lease ends the quiz alone follows."""
    post.channel.refuse = lambda chat, body: (
        ChannelError("no_answer", in_doubt=True) if (chat, body) == (101, "quiz") else None
    )
    await post.postman.tick()
    post.channel.refuse = lambda _chat, _body: None
    assert await post.postman.tick() == 0, (
        "it may have arrived, so nothing goes before the lease ends"
    )
    post.clock.machine += IN_DOUBT + timedelta(seconds=1)
    assert await post.postman.tick() == 1
    assert [body for c, body in post.channel.sent if c == 101] == ["lesson", "quiz"]


@pytest.mark.asyncio
async def test_what_is_marked_after_its_lease_is_counted(post: Post) -> None:
    """A machine that stood still in the midst of a send knows that another may have repeated it."""
    stands_still = iter([LEASE])

    def wait(_chat: int, _body: str) -> None:
        post.clock.machine += next(stands_still, timedelta())

    post.channel.refuse = wait
    await post.postman.tick()
    assert post.postman.counts.after_lease == 1
    post.clock.machine += LEASE
    await post.postman.tick()
    assert post.postman.counts.after_lease == 1
    assert sorted(post.channel.sent) == sorted(
        (chat, body) for chat in (100, 101, 102) for body in ("lesson", "quiz")
    )


@pytest.mark.asyncio
async def test_a_429_holds_everybody_back_until_it_says(post: Post) -> None:
    """The budget moves for all, and nothing is lost or given up."""
    wait = post.clock.machine + timedelta(seconds=30)
    refusals = iter([ChannelError("too_many_requests", retry_at=wait)])
    post.channel.refuse = lambda _chat, _body: next(refusals, None)
    await post.postman.tick()
    post.clock.machine = max(post.clock.machine, wait + timedelta(seconds=1))
    await post.postman.tick()
    assert len(post.channel.sent) == 6
    assert min(at for at in post.channel.at[1:]) >= wait or post.channel.at[0] < wait
    assert [status for status, _, _ in post.statuses()] == ["sent"] * 3


@pytest.mark.asyncio
async def test_somebody_unreachable_is_marked_and_the_others_are_served(post: Post) -> None:
    """A blocked bot costs one lesson, is seen by staff, and stops nobody else."""
    post.channel.refuse = lambda chat, _body: (
        ChannelError("unreachable", permanent=True, unreachable=True) if chat == 101 else None
    )
    await post.postman.tick()
    assert post.statuses()[1] == ("failed", "unreachable", 0)
    account = post.database.read_now(
        lambda session: session.exec(select(ChatAccount).where(ChatAccount.chat_id == 101)).one()
    )
    assert (account.reachable, account.unreachable_reason) == (False, "unreachable")
    assert {chat for chat, _ in post.channel.sent} == {100, 102}


@pytest.mark.asyncio
async def test_what_telegram_refuses_for_good_is_not_tried_again(post: Post) -> None:
    """A refused message is failed with its reason; a gateway's error is tried again."""
    post.channel.refuse = lambda chat, _body: {
        100: ChannelError("refused", permanent=True),
        101: ChannelError("gateway"),
    }.get(chat)
    await post.postman.tick()
    assert [status for status, _, _ in post.statuses()] == ["failed", "waiting", "sent"]
    post.channel.refuse = lambda _chat, _body: None
    post.clock.machine += timedelta(minutes=2)
    await post.postman.tick()
    assert [status for status, _, _ in post.statuses()] == ["failed", "sent", "sent"]


@pytest.mark.asyncio
async def test_a_message_that_cannot_be_worded_stops_nobody(post: Post) -> None:
    """A broken template fails its own delivery, visibly, and the rest goes out."""
    post.channel.unwordable = {100}
    await post.postman.tick()
    assert post.statuses()[0] == ("failed", "not_worded", 0)
    assert {chat for chat, _ in post.channel.sent} == {101, 102}


@pytest.mark.asyncio
async def test_a_group_that_became_a_supergroup_is_followed(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """The new id is kept, and the lesson goes there."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 2), now=start, learners=0)
    group = WorkGroup(
        cohort_id=county.cohort.id or 0, bot=BOT, chat_id=-5, title="群", linked_at=start
    )
    database.write_now(lambda session: session.add(group))
    post = Post(database, county)
    post.channel.refuse = lambda chat, _body: (
        ChannelError("migrated", moved_to=-1005) if chat == -5 else None
    )
    await post.postman.tick()
    assert [chat for chat, _ in post.channel.sent] == [-1005, -1005]


@pytest.mark.asyncio
async def test_sending_keeps_its_pace_and_replies_go_first(post: Post) -> None:
    """No two sends are closer than the rate allows; a reply goes before the waiting broadcast."""
    clock = HandDrivenClock(TEN)
    budget = SendBudget(clock, per_second=10)
    served: list[tuple[str, datetime]] = []

    async def take(lane: str) -> None:
        await budget.slot(lane)
        served.append((lane, clock.machine))

    broadcast = [asyncio.create_task(take(BROADCAST)) for _ in range(5)]
    await asyncio.sleep(0)
    reply = asyncio.create_task(take(REPLY))
    await asyncio.gather(reply, *broadcast)
    gaps = [after - before for (_, before), (_, after) in pairwise(served)]
    assert min(gaps) >= timedelta(milliseconds=100)
    assert [lane for lane, _ in served].index(REPLY) <= 1


@pytest.mark.asyncio
async def test_whoever_stopped_waiting_costs_nobody_a_slot() -> None:
    """A cancelled sender is passed over."""
    clock = HandDrivenClock(TEN)
    budget = SendBudget(clock, per_second=10)
    await budget.slot(BROADCAST)
    gone = asyncio.create_task(budget.slot(BROADCAST))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await budget.slot(BROADCAST)
    assert clock.machine - TEN <= timedelta(milliseconds=200)


def test_a_batch_is_what_the_rate_allows_in_a_moment() -> None:
    """A crash leaves little in doubt: five at a slow pace, never more than two hundred."""
    assert [batch_size(rate) for rate in (1, 30, 1000, 100_000)] == [5, 5, 50, 200]


def test_the_days_ahead_are_listed_without_days_off(post: Post) -> None:
    """What `wuxue plan` shows is what will go out."""
    coming = post.database.read_now(planner.ahead, bot=BOT, now=TEN, days=7)
    assert [f"{item.local_date:%m-%d}" for item in coming] == [
        "11-26",
        "11-27",
        "11-30",
        "12-01",
        "12-02",
    ]
    assert not any(item.is_provisional for item in coming)
