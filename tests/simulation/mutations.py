"""The same world with one thing done wrong; the judgement must notice each.

They work on what the postman and the planner are given and leave behind, not on how these are
written, so they hold whatever becomes of the code inside.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session

from curriculum.facts import Facts
from scheduler.channel import Channel, Part, Receipt
from storage import deliveries
from storage.cohorts import Rhythm
from storage.deliveries import CLAIMED, SENT
from tests.simulation.process import Process
from tests.simulation.register import local
from tests.simulation.world import World

NEVER = datetime(9000, 1, 1, tzinfo=UTC)


class MarksBeforeSending(World):
    """A delivery is called sent before its parts are: a crash in between loses it."""

    def channel_of(self, process: Process) -> Channel:
        """A channel that marks first."""
        return _MarkingChannel(self, super().channel_of(process))


class _MarkingChannel:
    def __init__(self, world: World, inner: Channel) -> None:
        self._world = world
        self._inner = inner

    def parts(self, facts: Facts) -> Sequence[Part]:
        return self._inner.parts(facts)

    async def send(self, chat_id: int, part: Part) -> Receipt:
        await self._world.database.write(self._mark, chat_id, *part.body.label.split("/"))
        return await self._inner.send(chat_id, part)

    def _mark(self, session: Session, chat_id: int, kind: str, occasion: str) -> None:
        table = deliveries.TABLE
        owner = {x.chat_id: x.person_id for x in self._world.register.learners.values()}
        ids = session.connection().scalars(
            select(table.c.id).where(
                table.c.kind == kind,
                table.c.occasion == occasion,
                table.c.recipient == owner.get(chat_id, 0),
            )
        )
        deliveries.finish(session, list(ids), status=SENT, at=self._world.clock.now())


class NeverRecovers(World):
    """What a dead process had claimed stays claimed for ever."""

    async def before_tick(self, process: Process) -> None:
        """No lease ends."""
        table = deliveries.TABLE
        await self.database.write(
            lambda session: session.connection().execute(
                update(table).where(table.c.status == CLAIMED).values(lease_until=NEVER)
            )
        )


class MovesWatermarkFirst(World):
    """The watermark moves in one transaction, the rows it stands for come in the next."""

    async def before_tick(self, process: Process) -> None:
        """Say that today is planned; plan it only then, unless something happens in between."""
        today = local(self.clock.now()).date()
        before = await self.database.read(_watermark)
        if before < today:
            await self.database.write(_set_watermark, today)
            await self.database.write(_set_watermark, before)


def _watermark(session: Session) -> date:
    return session.get_one(Rhythm, 1).watermark


def _set_watermark(session: Session, to: date) -> None:
    rhythm = session.get_one(Rhythm, 1)
    rhythm.watermark = to
    session.add(rhythm)


class TrustsItsLease(World):
    """A process that stood still goes on sending as if its leases had stood still with it."""

    machines = 2

    def new_process(
        self, *, dies_at_step: int | None, freezes_at_step: Mapping[int, timedelta]
    ) -> Process:
        """One whose clock does not see how long it stood still."""
        return _Unaware(
            self.clock, self.random, dies_at_step=dies_at_step, freezes_at_step=freezes_at_step
        )


class _Unaware(Process):
    def real(self) -> datetime:
        stood_still = sum((span for _, span in self.stood_still), timedelta())
        return super().real() - stood_still


MUTATIONS: tuple[type[World], ...] = (
    MarksBeforeSending,
    NeverRecovers,
    MovesWatermarkFirst,
    TrustsItsLease,
)
