"""A centre in which somebody supervises: pairs, free times, and what is done about them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from curriculum import supervision_booking as booking
from curriculum import supervision_free as free
from curriculum import supervision_lists as lists
from curriculum import supervision_pairs as pairs
from curriculum import supervision_times as times
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage.engine import Database
from storage.supervision_bookings import SupervisionBooking
from storage.supervision_pairs import PairRow, SupervisionPair
from tests.curriculum.centre import Centre, found

# From the evening on which tests begin to ten in the morning, when words go out.
MORNING = timedelta(hours=12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Office:
    """A centre's supervision, at a moment that a test moves."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        self.centre: Centre = database.write_now(found, folder, now=start)
        self.now = start + MORNING
        self.worker = self.centre.county.learners[0]
        self.supervisor = self.centre.supervisor

    def assign(self, **changes: Any) -> SupervisionPair:
        """Pair the first worker with the supervisor, by the coordinator."""
        wished: dict[str, Any] = {
            "worker_id": self.worker.person_id,
            "supervisor_id": self.supervisor.person_id,
            "every_months": 3,
            "mode": pairs.EITHER,
            "last_day": None,
            "now": self.now,
        }
        return self.database.write_now(pairs.assign, self.centre.coordinator, **(wished | changes))

    def do(self, act: Callable[..., Any], who: Speaker, *args: Any, **more: Any) -> Any:
        """Do something now."""
        return self.database.write_now(act, who, *args, now=self.now, **more)

    def row(self, pair_id: int | None) -> PairRow:
        """A pair as the coordinator sees it."""
        return self.database.read_now(lists.pair_of, self.centre.coordinator, pair_id or 0)

    def publish(self, written: str, **terms: Any) -> None:
        """The supervisor says when she is free."""
        spans = times.read_spans(written, today=local_date(self.now, ZONE))
        self.do(times.add, self.supervisor, spans)
        if terms:
            self.do(times.set_terms, self.supervisor, times.Terms(**terms))

    def free(self, pair_id: int | None, who: Speaker | None = None) -> list[datetime]:
        """What could be booked now."""
        slots = self.database.read_now(
            free.free_slots, who or self.worker, pair_id or 0, now=self.now
        )
        return [slot.starts_at for slot in slots]

    def book(self, pair: SupervisionPair, starts_at: datetime) -> SupervisionBooking:
        """The worker books."""
        made: SupervisionBooking = self.do(booking.book, self.worker, pair.id, starts_at)
        return made

    def rows(self, query: Any) -> list[Any]:
        """Rows of the database."""

        def read(session: Session) -> list[Any]:
            return [tuple(row) for row in session.connection().execute(query)]

        return self.database.read_now(read)
