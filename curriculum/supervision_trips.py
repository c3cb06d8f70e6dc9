"""整程改为线上: every session in person of a supervisor's journey moves online in one act.

A journey is the days in a row on which she meets in person or said that she travels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import Sought, day_texts, sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_booking import as_it_stands, note_change, settle
from curriculum.supervision_errors import NoTrip, SupervisionUndoTooLate
from curriculum.supervision_notices import word_name
from curriculum.supervision_pairs import IN_PERSON, ONLINE
from curriculum.supervision_times import TRAVEL, spans_of, terms_of, usable_place
from curriculum.supervision_words import BOOKING, UNDO, is_told
from storage import audit
from storage import gatherings as names
from storage import supervision_bookings as booked
from storage import supervision_pairs as stored_pairs
from storage import supervision_trips as stored
from storage.supervision_bookings import BOOKED, SupervisionBooking
from storage.supervision_trips import ONLINE_NOW, UNDONE, SupervisionTrip, SupervisionTripChange


@dataclass(frozen=True, slots=True)
class Journey:
    """Days in a row on which she meets in person, or travels; the sessions in person of them."""

    first: date
    last: date
    sessions: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One session that moved online: who, when, and whether she has seen it."""

    other: str
    starts_at: datetime
    seen: bool
    stands: bool


@dataclass(frozen=True, slots=True)
class TripPage:
    """A journey that moved online; `place` is the link, "" before one was given."""

    trip_id: int
    first: date
    last: date
    place: str
    is_undone: bool
    changes: tuple[Changed, ...]
    changed_at: datetime

    def may_undo(self, now: datetime) -> bool:
        """Whether it can still be taken back."""
        return not self.is_undone and now - self.changed_at <= UNDO


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in a row, as the first and the last of each."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def journeys(session: Session, speaker: Speaker, *, now: datetime) -> list[Journey]:
    """Her journeys to come with somebody to meet in person, in order; raises NotThere."""
    speaker.require("supervise")
    today = local_date(now, ZONE)
    ahead = stored.in_person_ahead(session, speaker.person_id, now=now, mode=IN_PERSON)
    travels = [
        span
        for span in spans_of(session, speaker.person_id, on=today)
        if span.kind == TRAVEL and span.day is not None
    ]
    met = [local_date(one.starts_at, ZONE) for one in ahead]
    found = []
    for first, last in runs([*met, *(span.day for span in travels if span.day)]):
        count = sum(first <= day <= last for day in met)
        places = [one.place for one, day in zip(ahead, met, strict=True) if first <= day <= last]
        places += [span.place for span in travels if span.day and first <= span.day <= last]
        if count:
            shown = tuple(dict.fromkeys(place for place in places if place))
            found.append(Journey(first, last, count, shown))
    return found


def journeys_page(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> Sought[Journey]:
    """One page of them, `words` in a place or a day; raises NotThere, SearchTooLong."""
    return sought(
        journeys(session, speaker, now=now),
        words,
        lambda one: (*one.places, *day_texts(one.first), *day_texts(one.last)),
        page=page,
    )


def to_online(session: Session, speaker: Speaker, day: date, *, now: datetime) -> int:
    """改为线上 for the whole journey that a day is part of; gives the trip's id.

    Each worker is told once what changed, urgently within a day. Raises NotThere; NoTrip where
    nothing in person is left of it. What is booked meanwhile waits, and goes along.
    """
    speaker.require("supervise")
    # Whoever books with her waits here; then what she has is read anew.
    stored_pairs.locked_people(session, [speaker.person_id])
    every = journeys(session, speaker, now=now)
    journey = next((one for one in every if one.first <= day <= one.last), None)
    if journey is None:
        raise NoTrip
    place = terms_of(session, speaker.person_id).place
    trip = SupervisionTrip(
        bot=speaker.bot,
        supervisor_id=speaker.person_id,
        first_day=journey.first,
        last_day=journey.last,
        place=place,
        state=ONLINE_NOW,
        changed_at=now,
    )
    session.add(trip)
    session.flush()
    for booking in _of_journey(session, speaker, journey, now=now):
        before = as_it_stands(booking)
        booking.mode, booking.place = ONLINE, place
        _changed(session, speaker, booking, before, "supervision_online", now=now)
        session.add(
            SupervisionTripChange(
                trip_id=trip.id or 0, booking_id=booking.id or 0, version=booking.version
            )
        )
    _write_down(session, speaker, trip, "supervision_trip_online", now=now)
    return trip.id or 0


def _of_journey(
    session: Session, speaker: Speaker, journey: Journey, *, now: datetime
) -> list[SupervisionBooking]:
    ahead = stored.in_person_ahead(session, speaker.person_id, now=now, mode=IN_PERSON)
    chosen = [
        one for one in ahead if journey.first <= local_date(one.starts_at, ZONE) <= journey.last
    ]
    return _held(session, [one.id or 0 for one in chosen])


def _held(session: Session, booking_ids: Sequence[int]) -> list[SupervisionBooking]:
    """These sessions as they stand, once their supervisor is held.

    Whoever changes one of them holds both people, so that nothing happens to them meanwhile.
    """
    found = [booked.booking(session, one, lock=True) for one in booking_ids]
    return [one for one in found if one is not None and one.state == BOOKED]


def _changed(
    session: Session,
    speaker: Speaker,
    booking: SupervisionBooking,
    before: dict[str, object] | None,
    action: str,
    *,
    now: datetime,
    is_told: bool = True,
) -> None:
    pair = stored_pairs.pair(session, booking.pair_id, lock=True)
    if pair is None:
        raise NotThere
    note_change(booking, speaker, before, now=now)
    settle(
        session,
        speaker,
        pair,
        booking,
        action,
        was_at=booking.starts_at,
        now=now,
        is_told=is_told,
    )


def set_link(
    session: Session, speaker: Speaker, trip_id: int, written: str, *, now: datetime
) -> None:
    """The link of a journey that moved online, for all its sessions; they hear it with the change,
    or once more where they have been told. Raises NotThere, PlaceTooLong.
    """
    trip, place = _own(session, speaker, trip_id), usable_place(written)
    if trip.state != ONLINE_NOW:
        raise NotThere
    trip.place = place
    session.add(trip)
    for change, booking in _standing(session, trip):
        before = booking.before
        booking.place = place
        _changed(session, speaker, booking, before, "supervision_link", now=now)
        change.version, change.seen_at = booking.version, None
        session.add(change)
    _write_down(session, speaker, trip, "supervision_trip_link", now=now)


def _own(session: Session, speaker: Speaker, trip_id: int) -> SupervisionTrip:
    trip = stored.trip(session, trip_id)
    if trip is None or trip.supervisor_id != speaker.person_id:
        raise NotThere
    stored_pairs.locked_people(session, [speaker.person_id])
    session.refresh(trip)
    return trip


def _standing(
    session: Session, trip: SupervisionTrip
) -> list[tuple[SupervisionTripChange, SupervisionBooking]]:
    """The sessions of a journey that nobody has changed since."""
    changes = {one.booking_id: one for one in stored.changes(session, trip.id or 0)}
    rows = _held(session, list(changes))
    return [
        (changes[row.id or 0], row) for row in rows if changes[row.id or 0].version == row.version
    ]


def take_back(session: Session, speaker: Speaker, trip_id: int, *, now: datetime) -> int:
    """撤销 of a whole journey, for ten minutes; how many sessions are in person again.

    What was changed since stays as it is. Raises NotThere, SupervisionUndoTooLate.
    """
    trip = _own(session, speaker, trip_id)
    if trip.state != ONLINE_NOW:
        raise NotThere
    if now - trip.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    undone = 0
    for _, booking in _standing(session, trip):
        before = booking.before or {}
        was_told = is_told(session, BOOKING, word_name(booking))
        booking.mode, booking.place = before["mode"], before["place"]
        _changed(
            session, speaker, booking, None, "undo_supervision_online", now=now, is_told=was_told
        )
        undone += 1
    trip.state = UNDONE
    session.add(trip)
    _write_down(session, speaker, trip, "undo_supervision_trip", now=now)
    return undone


def seen(
    session: Session, speaker: Speaker, booking_id: int, *, version: int, now: datetime
) -> None:
    """知道了 of the worker of a session that moved online; raises NotThere."""
    booking = booked.booking(session, booking_id)
    change = stored.change_of(session, booking_id, version=version)
    if booking is None or change is None or booking.worker_id != speaker.person_id:
        raise NotThere
    if change.seen_at is not None:
        return
    change.seen_at = now
    session.add(change)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="seen_supervision_online",
        object_kind="supervision_booking",
        object_id=booking_id,
    )


def page(session: Session, speaker: Speaker, trip_id: int) -> TripPage:
    """A journey that moved online, as its supervisor sees it; raises NotThere."""
    trip = stored.trip(session, trip_id)
    if trip is None or trip.supervisor_id != speaker.person_id:
        raise NotThere
    changes = stored.changes(session, trip_id)
    rows = {one.booking_id: booked.booking(session, one.booking_id) for one in changes}
    known = names.names_of(session, [row.worker_id for row in rows.values() if row])
    return TripPage(
        trip_id,
        trip.first_day,
        trip.last_day,
        trip.place,
        trip.state == UNDONE,
        tuple(
            Changed(
                known.get(row.worker_id, ""),
                row.starts_at,
                change.seen_at is not None,
                row.state == BOOKED and row.mode == ONLINE,
            )
            for change in changes
            if (row := rows[change.booking_id]) is not None
        ),
        trip.changed_at,
    )


def _write_down(
    session: Session, speaker: Speaker, trip: SupervisionTrip, action: str, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_trip",
        object_id=trip.id,
        first=trip.first_day.isoformat(),
        last=trip.last_day.isoformat(),
    )
    session.flush()
