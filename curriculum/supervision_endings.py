"""Sessions that nobody can hold any more: their pair is over by then, or one of the two left."""

from datetime import datetime

from sqlmodel import Session

from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_notices import owe_word
from curriculum.supervision_words import UNDO
from storage import audit
from storage import supervision_bookings as stored
from storage.supervision_bookings import CANCELLED, SupervisionBooking


def call_off_orphans(session: Session, *, bot: int, now: datetime) -> int:
    """Cancel what lies ahead of pairs that are over by then and of people who left; how many.

    Not while the ending, or on its day the leaving, can still be taken back. Who can be told is.
    """
    today = local_date(now, ZONE)
    ended = stored.ahead_of_ended(session, bot=bot, now=now, before=now - UNDO, on=today)
    ended += [
        (booking, changed_by)
        for booking, until, changed_by in stored.ahead_of_ending(
            session, bot=bot, now=now, before=now - UNDO
        )
        if until > today and local_date(booking.starts_at, ZONE) >= until
    ]
    for booking, ended_by in ended:
        call_off(session, booking, actor_id=ended_by, now=now)
    left = stored.ahead_of_leavers(session, bot=bot, now=now, on=today)
    for booking, leaver in left:
        call_off(session, booking, actor_id=leaver, now=now)
    return len(ended) + len(left)


def call_off(
    session: Session, booking: SupervisionBooking, *, actor_id: int, now: datetime
) -> None:
    """Cancel a session for good; whoever of the two did not bring it about is told."""
    stored.release(session, booking.id or 0)
    booking.state, booking.before = CANCELLED, None
    booking.version += 1
    booking.change = booking.version
    booking.changed_by, booking.changed_at = actor_id, now
    session.add(booking)
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="call_off_supervision",
        object_kind="supervision_booking",
        object_id=booking.id,
        pair=booking.pair_id,
    )
    session.flush()
    owe_word(session, booking, was_at=booking.starts_at, now=now)
