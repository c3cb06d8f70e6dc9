"""A pair as the two in it see it: their next session, and what each can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_booking import MISSED_WITHIN
from curriculum.supervision_lists import Line
from curriculum.supervision_notices import View, view
from curriculum.supervision_slots import HORIZON
from curriculum.supervision_times import OFF, Span
from curriculum.supervision_words import UNDO, pair_with
from storage import supervision_bookings as stored
from storage import supervision_pairs as stored_pairs
from storage import supervision_records as stored_records


@dataclass(frozen=True, slots=True)
class PairPage:
    """A pair, its last day where one is known, and its newest session that stands."""

    pair: Line
    accompanies: bool
    other: str
    last_day: date | None
    session: View | None
    # How much the two have still to do.
    actions: int = 0

    @property
    def is_ahead(self) -> bool:
        """Whether they have a session to come."""
        return self.session is not None and not self.session.has_begun


def page(session: Session, speaker: Speaker, pair_id: int, *, now: datetime) -> PairPage:
    """A pair of hers; a session that is over is shown while it can be said that it was missed.

    Raises NotThere.
    """
    pair_with(session, speaker.person_id, pair_id)
    row = stored_pairs.row(session, pair_id, bot=speaker.bot)
    if row is None:
        raise NotThere
    accompanies = row.supervisor_id == speaker.person_id
    newest = stored.newest(session, [pair_id]).get(pair_id)
    if newest is not None and newest.starts_at < now - MISSED_WITHIN:
        newest = None
    return PairPage(
        row,
        accompanies,
        row.worker if accompanies else row.supervisor,
        row.last_day,
        view(session, newest, speaker.person_id, now=now) if newest else None,
        len(stored_records.actions_of_pair(session, pair_id)),
    )


def session_of(session: Session, speaker: Speaker, booking_id: int, *, now: datetime) -> View:
    """A session of hers, whatever became of it; raises NotThere."""
    found = stored.booking(session, booking_id)
    if found is None or speaker.person_id not in (found.supervisor_id, found.worker_id):
        raise NotThere
    return view(session, found, speaker.person_id, now=now)


def booked_within(
    session: Session, speaker: Speaker, spans: Sequence[Span], *, now: datetime
) -> int:
    """How many of her sessions to come lie on the days off among these times."""
    until = now + HORIZON + timedelta(days=1)
    booked = stored.of_supervisor(session, speaker.person_id, since=now, until=until)
    days = [local_date(one.starts_at, ZONE) for one in booked]
    off = [span for span in spans if span.kind == OFF and span.day is not None]
    return sum(
        any(span.day <= day <= (span.last_day or span.day) for span in off if span.day)
        for day in days
    )


def may_undo(found: View, *, now: datetime) -> bool:
    """Whether its last change can still be taken back."""
    return now - found.changed_at <= UNDO
