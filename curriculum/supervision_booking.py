"""Booking a session of a pair, moving and cancelling it, noting that it was missed, undoing that.

Everything a session needs is decided while both people's rows are held, and the quarters of an
hour it takes are unique in the database: two who press at the same moment never both have it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import supervision_dates, supervision_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import (
    AlreadyBooked,
    MomentNotPossible,
    SlotTaken,
    SupervisionUndoTooLate,
)
from curriculum.supervision_free import pair_for, slot_at, where
from curriculum.supervision_notices import owe_reminders, owe_word, word_name
from curriculum.supervision_slots import HORIZON, quarters
from curriculum.supervision_times import QUARTER, terms_of
from curriculum.supervision_words import BOOKING, UNDO
from storage import audit
from storage import supervision_bookings as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_bookings import BOOKED, CANCELLED, MISSED, SupervisionBooking
from storage.supervision_pairs import SupervisionPair

# So long after a session it can be said that it was missed.
MISSED_WITHIN = timedelta(days=14)


def book(
    session: Session, speaker: Speaker, pair_id: int, starts_at: datetime, *, now: datetime
) -> SupervisionBooking:
    """The worker of a pair takes one of the free sessions; her supervisor is told.

    Raises NotThere, AlreadyBooked, SlotTaken.
    """
    pair = pair_for(session, speaker, pair_id, now=now, lock=True)
    if pair.worker_id != speaker.person_id:
        raise NotThere
    slot = slot_at(session, pair, starts_at, now=now)
    mode, place = where(pair, slot)
    return make(session, speaker, pair, starts_at, mode=mode, place=place, now=now)


def make(
    session: Session,
    speaker: Speaker,
    pair: SupervisionPair,
    starts_at: datetime,
    *,
    mode: str,
    place: str,
    now: datetime,
) -> SupervisionBooking:
    """Book a session of a pair whose people are held; the other is told.

    Raises AlreadyBooked, SlotTaken.
    """
    ahead = stored.ahead_of_pair(session, pair.id or 0, now=now)
    if ahead:
        raise AlreadyBooked(at=ahead[0].starts_at)
    terms = terms_of(session, pair.supervisor_id)
    made = SupervisionBooking(
        bot=pair.bot,
        pair_id=pair.id or 0,
        supervisor_id=pair.supervisor_id,
        worker_id=pair.worker_id,
        starts_at=starts_at,
        minutes=terms.minutes,
        buffer_minutes=terms.buffer_minutes,
        mode=mode,
        place=place,
        state=BOOKED,
        moves=0,
        version=1,
        change=1,
        changed_by=speaker.person_id,
        changed_at=now,
        created_at=now,
    )
    session.add(made)
    session.flush()
    take_quarters(session, made)
    settle(session, speaker, pair, made, "book_supervision", was_at=starts_at, now=now)
    return made


def take_quarters(session: Session, booking: SupervisionBooking) -> None:
    """Take its quarters, the supervisor's rest afterwards included; raises SlotTaken."""
    whole = booking.minutes + booking.buffer_minutes
    wanted = {
        booking.supervisor_id: quarters(booking.starts_at, whole),
        booking.worker_id: quarters(booking.starts_at, booking.minutes),
    }
    if not stored.take(session, booking.id or 0, wanted):
        raise SlotTaken


def to_change(
    session: Session, speaker: Speaker, booking_id: int, *, seen: int
) -> tuple[SupervisionPair, SupervisionBooking]:
    """A session of hers as she saw it, both people held; raises NotThere, ChangedMeanwhile."""
    booking = stored.booking(session, booking_id)
    if booking is None or speaker.person_id not in (booking.supervisor_id, booking.worker_id):
        raise NotThere
    stored_pairs.locked_people(session, [booking.supervisor_id, booking.worker_id])
    session.refresh(booking)
    pair = stored_pairs.pair(session, booking.pair_id, lock=True)
    if pair is None:
        raise NotThere
    if booking.version != seen:
        raise ChangedMeanwhile
    return pair, booking


def move(
    session: Session,
    speaker: Speaker,
    booking_id: int,
    starts_at: datetime,
    *,
    seen: int,
    now: datetime,
) -> SupervisionBooking:
    """Let a session that has not begun begin at another time; the other is told once.

    A worker takes a free one, a supervisor any moment at which both are free. Raises NotThere,
    ChangedMeanwhile, SlotTaken, MomentNotPossible.
    """
    pair, booking = to_change(session, speaker, booking_id, seen=seen)
    if booking.state != BOOKED or booking.starts_at <= now:
        raise ChangedMeanwhile
    pair_for(session, speaker, booking.pair_id, now=now)
    before, was_at = as_it_stands(booking), booking.starts_at
    stored.release(session, booking_id)
    if speaker.person_id == booking.worker_id:
        booking.mode, booking.place = where(pair, slot_at(session, pair, starts_at, now=now))
    else:
        within(pair, possible_moment(starts_at, now=now))
    booking.starts_at = starts_at
    booking.moves += 1
    take_quarters(session, booking)
    note_change(booking, speaker, before, now=now)
    settle(session, speaker, pair, booking, "move_supervision", was_at=was_at, now=now)
    return booking


def possible_moment(starts_at: datetime, *, now: datetime) -> datetime:
    """A moment a supervisor may name: on a quarter, ahead, within the horizon."""
    is_ahead = now < starts_at <= now + HORIZON
    if not is_ahead or int(starts_at.timestamp()) % (QUARTER * 60):
        raise MomentNotPossible
    return starts_at


def within(pair: SupervisionPair, starts_at: datetime) -> datetime:
    """A moment on a day on which the pair holds; raises MomentNotPossible."""
    day = local_date(starts_at, ZONE)
    if day < pair.since or (pair.until is not None and day >= pair.until):
        raise MomentNotPossible
    return starts_at


def cancel(
    session: Session, speaker: Speaker, booking_id: int, *, seen: int, now: datetime
) -> SupervisionBooking:
    """取消督导 by either; the other is told. Raises NotThere, ChangedMeanwhile."""
    pair, booking = to_change(session, speaker, booking_id, seen=seen)
    if booking.state != BOOKED or booking.starts_at <= now:
        raise ChangedMeanwhile
    before = as_it_stands(booking)
    stored.release(session, booking_id)
    booking.state = CANCELLED
    note_change(booking, speaker, before, now=now)
    was_at = booking.starts_at
    settle(session, speaker, pair, booking, "cancel_supervision", was_at=was_at, now=now)
    return booking


def miss(
    session: Session, speaker: Speaker, booking_id: int, *, seen: int, now: datetime
) -> SupervisionBooking:
    """没见成: a session that began did not take place, as either says; the other is told.

    Raises NotThere, ChangedMeanwhile before it began or two weeks after it.
    """
    pair, booking = to_change(session, speaker, booking_id, seen=seen)
    if booking.state != BOOKED or not booking.starts_at <= now <= booking.starts_at + MISSED_WITHIN:
        raise ChangedMeanwhile
    before = as_it_stands(booking)
    booking.state = MISSED
    note_change(booking, speaker, before, now=now)
    # What is over is no news within a day of it.
    settle(session, speaker, pair, booking, "miss_supervision", was_at=None, now=now)
    return booking


def take_back(
    session: Session, speaker: Speaker, booking_id: int, *, seen: int, now: datetime
) -> SupervisionBooking:
    """撤销 of her last change, for ten minutes; who was told of it already is told again.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate, SlotTaken where its old time is gone.
    """
    pair, booking = to_change(session, speaker, booking_id, seen=seen)
    if booking.changed_by != speaker.person_id:
        raise NotThere
    if now - booking.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    was_told = supervision_words.is_told(session, BOOKING, word_name(booking))
    before, was_at = booking.before, booking.starts_at
    stored.release(session, booking_id)
    if before is None:
        if booking.state == CANCELLED:
            raise ChangedMeanwhile
        booking.state = CANCELLED
    else:
        booking.starts_at = datetime.fromisoformat(before["starts_at"])
        booking.mode, booking.place = before["mode"], before["place"]
        booking.state = before["state"]
        booking.moves += 1
        if booking.state == BOOKED:
            take_quarters(session, booking)
    note_change(booking, speaker, None, now=now)
    settle(
        session,
        speaker,
        pair,
        booking,
        "undo_supervision_booking",
        was_at=was_at if was_told else None,
        now=now,
        is_told=was_told,
    )
    return booking


def as_it_stands(booking: SupervisionBooking) -> dict[str, Any]:
    """What of a session is needed to put it back."""
    return {
        "starts_at": booking.starts_at.isoformat(),
        "mode": booking.mode,
        "place": booking.place,
        "state": booking.state,
    }


def note_change(
    booking: SupervisionBooking,
    speaker: Speaker,
    before: dict[str, Any] | None,
    *,
    now: datetime,
) -> None:
    """Note that somebody has changed a session, and how it stood before that."""
    booking.before = before
    booking.version += 1
    booking.change = booking.version
    booking.changed_by, booking.changed_at = speaker.person_id, now


def settle(
    session: Session,
    speaker: Speaker,
    pair: SupervisionPair,
    booking: SupervisionBooking,
    action: str,
    *,
    was_at: datetime | None,
    now: datetime,
    is_told: bool = True,
) -> None:
    """What every change brings: the pair's next date, the trail, words and reminders."""
    session.add(booking)
    session.flush()
    supervision_dates.refresh(session, pair)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_booking",
        object_id=booking.id,
        pair=booking.pair_id,
        starts_at=booking.starts_at.isoformat(),
        mode=booking.mode,
        state=booking.state,
    )
    session.flush()
    if is_told:
        owe_word(session, booking, was_at=was_at, now=now)
    if booking.state == BOOKED:
        owe_reminders(session, booking, now=now)
