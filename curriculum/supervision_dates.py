"""When a pair met last and should meet next, by what is booked and what was written down."""

from sqlmodel import Session

from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_pairs import due_of
from storage import supervision_bookings, supervision_records
from storage.supervision_pairs import SupervisionPair


def refresh(session: Session, pair: SupervisionPair) -> None:
    """Set both dates of a pair whose sessions or records have just changed."""
    session.flush()
    pair_id = pair.id or 0
    last = supervision_bookings.last_start(session, pair_id)
    booked = local_date(last, ZONE) if last else None
    written = supervision_records.newest_of_pair(session, pair_id)
    pair.last_on = max((day for day in (booked, written) if day is not None), default=None)
    pair.due_on = due_of(pair)
    session.add(pair)
