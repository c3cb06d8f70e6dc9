"""The send budget: how much passes in a second, by one process and by several together."""

import asyncio
from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from scheduler.pace import ChatPace
from scheduler.rate import BROADCAST, REPLY, SendBudget, SharedSlots, behind
from storage import one_at_a_time, send_budget
from storage.engine import Database
from tests.scheduler.test_postman import TEN, HandDrivenClock

BOT = 7


class LateClock(HandDrivenClock):
    """Wakes up some milliseconds late each time, as machines do."""

    def __init__(self, moment: datetime, late: timedelta) -> None:
        super().__init__(moment)
        self.late = late

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + self.late.total_seconds())


def worst_second(times: list[datetime]) -> int:
    """The most that lies in any window of one second."""
    ordered = sorted(times)
    return max(
        bisect_left(ordered, at + timedelta(seconds=1)) - place for place, at in enumerate(ordered)
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("rate", [30, 1000])
@pytest.mark.parametrize("late_ms", [0, 1, 5])
async def test_a_second_holds_no_more_than_the_rate_and_a_little(rate: int, late_ms: int) -> None:
    """Late wake-ups cost no rate, and no second holds more than max(2, 2 %) above it."""
    clock = LateClock(TEN, timedelta(milliseconds=late_ms))
    budget = SendBudget(clock, per_second=rate)
    served: list[datetime] = []

    async def take() -> None:
        await budget.slot(BROADCAST)
        served.append(clock.machine)

    await asyncio.gather(*(take() for _ in range(3 * rate)))
    assert worst_second(served) <= rate + max(2, rate // 50)
    took = (max(served) - min(served)).total_seconds()
    assert took <= 3 / 0.98


@pytest.mark.asyncio
async def test_processes_share_one_row_of_slots(postgresql_database: Database) -> None:
    """Two budgets over one row serve what one would, and a 429 of one holds back both."""
    clocks = [HandDrivenClock(TEN) for _ in range(2)]
    budgets = [
        SendBudget(
            clock,
            per_second=100,
            shared=SharedSlots(postgresql_database, clock, bot=BOT, per_second=100),
        )
        for clock in clocks
    ]
    served: list[datetime] = []

    async def take(place: int, lane: str) -> None:
        await budgets[place].slot(lane)
        served.append(clocks[place].machine)

    await asyncio.gather(*(take(n % 2, BROADCAST) for n in range(200)))
    assert worst_second(served) <= 102
    free_at = postgresql_database.read_now(send_budget.free_at, bot=BOT)
    assert free_at is not None
    until = free_at + timedelta(seconds=30)
    budgets[0].push_back(until)
    await asyncio.gather(*budgets[0]._telling)  # the other hears of it with its next block
    served.clear()
    await asyncio.gather(take(0, REPLY), take(1, REPLY))
    assert min(served) >= until


def test_what_may_be_caught_up_on_stays_below_the_tolerance() -> None:
    """One slot at a slow pace, fifteen milliseconds at a fast one."""
    assert [behind(rate).total_seconds() for rate in (30, 1000)] == [
        pytest.approx(1 / 30, abs=1e-5),
        0.015,
    ]


def test_a_pause_that_telegram_asked_for_is_kept_for_the_next_start(database: Database) -> None:
    """The row only moves forward."""
    later = TEN + timedelta(seconds=40)
    for until in (later, TEN):
        database.write_now(send_budget.push_back, bot=BOT, until=until)
    assert database.read_now(send_budget.free_at, bot=BOT) == later


def test_a_chat_is_written_to_once_a_second_and_a_group_once_in_three() -> None:
    """Twenty a minute is Telegram's limit for a group."""
    pace = ChatPace()
    waits = {}
    for chat in (5, -5):
        pace.note(chat, real=TEN)
        waits[chat] = pace.wait(chat, real=TEN)
    assert waits == {5: 1.0, -5: 3.0}
    assert pace.wait(6, real=TEN) == 0.0
    assert pace.wait(5, real=TEN + timedelta(seconds=1)) == 0.0


def test_two_transactions_do_not_do_the_same_work_at_once(postgresql_database: Database) -> None:
    """Whoever comes second leaves it to the first, and may after it has ended."""

    def both(session: Session) -> tuple[bool, bool]:
        first = one_at_a_time.is_mine(session, "planning")
        second = postgresql_database.write_now(one_at_a_time.is_mine, "planning")
        return first, second

    assert postgresql_database.write_now(both) == (True, False)
    assert postgresql_database.write_now(one_at_a_time.is_mine, "planning")


def test_the_databases_clock_can_be_followed(postgresql_database: Database) -> None:
    """Machines whose clocks differ agree on leases."""
    from scheduler.clock import SystemClock

    clock = SystemClock()
    clock.follow(datetime(2031, 1, 1, tzinfo=UTC))
    assert clock.real().year == 2031
    clock.follow(postgresql_database.read_now(send_budget.machine_time))
    assert clock.real().year < 2031


@pytest.mark.asyncio
async def test_a_clock_set_back_makes_nobody_wait() -> None:
    """Neither the budget nor a chat's pace waits until the old time has come again."""
    clock = HandDrivenClock(TEN)
    budget, pace = SendBudget(clock, per_second=10), ChatPace()
    await budget.slot(BROADCAST)
    pace.note(5, real=clock.machine)
    clock.machine -= timedelta(hours=2)
    back = clock.machine
    assert pace.wait(5, real=back) == 0.0
    await budget.slot(BROADCAST)
    await budget.slot(REPLY)
    assert clock.machine - back <= timedelta(seconds=0.3)
    pace.note(5, real=back)
    assert pace.wait(5, real=back) == 1.0
