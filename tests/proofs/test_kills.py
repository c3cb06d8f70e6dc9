"""Proof 1: `kill -9` in the middle of a broadcast loses nothing and repeats only what was in hand.

The short form makes three kills on SQLite and three of one of two senders on PostgreSQL;
WUXUE_PROVE=1 the full numbers. A seed decides when and whom.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from scheduler.clock import SystemClock
from storage.engine import Database
from tests.proofs.broadcast import Broadcast, broadcasting
from tests.proofs.passed import once_passed, tell
from tests.proofs.telegram_record import telegram_record
from tests.proving import IS_LONG

# Between two kills a sender gets through about so many calls at most, and then so many seconds.
A_MOMENT_SECONDS = 0.03
MOST_REPEATED_PER_KILL = 2


@dataclass(frozen=True)
class Harm:
    """How a broadcast is harmed: `step` is the most calls between two kills."""

    database: str
    senders: int
    per_second: float
    kills: int
    learners: int
    step: int
    seed: int

    def __str__(self) -> str:
        return f"{self.database}-{self.senders}-{self.per_second:g}-{self.kills}-{self.seed}"


SHORT = (
    Harm("sqlite", 1, 100, kills=3, learners=60, step=20, seed=1),
    Harm("postgresql", 2, 100, kills=3, learners=60, step=20, seed=1),
)
# At Telegram's rate fifty kills each, flat out two hundred, ten and twenty at a time, so that a
# seed that fails is soon seen again.
VARIANTS = (("sqlite", 1), ("postgresql", 1), ("postgresql", 2))
LONG = (
    *(
        Harm(database, senders, 30, kills=10, learners=120, step=16, seed=seed)
        for database, senders in VARIANTS
        for seed in range(5)
    ),
    *(
        Harm(database, senders, 100_000, kills=20, learners=2500, step=160, seed=seed)
        for database, senders in VARIANTS
        for seed in range(10)
    ),
)


@pytest.mark.timeout(600 if IS_LONG else 120)
@pytest.mark.parametrize("harm", LONG if IS_LONG else SHORT, ids=str)
@pytest.mark.asyncio
async def test_killed_senders_lose_nothing_and_repeat_only_what_they_held(
    harm: Harm, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody gets everything; what comes twice was claimed and unmarked when its sender died."""
    with once_passed(request, f"kills {harm}"):
        database: Database = request.getfixturevalue(f"{harm.database}_database")
        async with telegram_record() as record:
            plan = Broadcast(database, record, tmp_path, harm.per_second, harm.learners)
            async with broadcasting(plan) as broadcast:
                await kill_through(broadcast, harm)
                await broadcast.done()
                assert broadcast.problems() == []
                repeats = broadcast.repeats_per_harm()
                tell(capsys, harm=str(harm), repeated=sum(repeats), most=max(repeats))
                if harm.per_second <= 30:
                    assert sum(repeats) <= MOST_REPEATED_PER_KILL * len(repeats)


async def kill_through(broadcast: Broadcast, harm: Harm) -> None:
    """Kill one sender after the other at seeded moments and start another in its place."""
    chance = Random(harm.seed)  # noqa: S311  a test's dice
    running = [broadcast.start() for _ in range(harm.senders)]
    for kill in range(harm.kills):
        reached = len(broadcast.record.calls) + chance.randint(1, harm.step)
        await broadcast.record.reached(calls=reached)
        await SystemClock().sleep(chance.random() * A_MOMENT_SECONDS)
        place = chance.randrange(harm.senders)
        assert broadcast.record.different < harm.learners * 2, f"all was sent before kill {kill}"
        await broadcast.kill(running[place])
        running[place] = broadcast.start()
