"""What a sender has in hand between two turns: deliveries on their way, and marks to be made."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from curriculum.facts import Facts
from scheduler.turns import Outcome
from storage.deliveries import Claimed
from storage.sent_messages import Arrived


class LeaseEnded(Exception):
    """A delivery's turn came after its lease."""


class Stopping(Exception):
    """The postman stops, and this delivery had not been sent."""


class AskAgain(Exception):
    """Its turn came when quiet hours had begun: whether it is wanted now has to be asked again."""


@dataclass(slots=True)
class InHand:
    """One claimed delivery on its way."""

    row: Claimed
    facts: Facts
    lease_until: datetime
    # When quiet hours begin for it (business time); None for what goes at any hour.
    good_until: datetime | None = None
    # Whether its first part still waits for a slot: what counts as room in the next batch.
    is_unsent: bool = True

    def require_good(self, *, now: datetime, real: datetime) -> None:
        """Raises LeaseEnded or AskAgain where its turn came too late."""
        if real >= self.lease_until:
            # The wait was long, or this process slept: another may hold this delivery by now.
            raise LeaseEnded
        if self.good_until is not None and now >= self.good_until:
            raise AskAgain


@dataclass(slots=True)
class Marks:
    """What the next turn writes down, and who waits for it."""

    arrived: list[tuple[Arrived, asyncio.Future[None]]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.arrived or self.outcomes)

    def after_lease(self, in_hand: Mapping[int, InHand], *, real: datetime) -> list[int]:
        """The deliveries whose arrival was written down too late to hold other processes off.

        `real` is the machine time after the commit. Only a process that had no time for longer than
        a lease (a machine that swaps, a database that hung) has any; they may have gone out twice.
        """
        return [
            arrived.delivery_id
            for arrived, _ in self.arrived
            if (one := in_hand.get(arrived.delivery_id)) is not None and real >= one.lease_until
        ]
