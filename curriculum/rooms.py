"""Rooms of a large session: which of them is whose, and where a late joiner sits.

Each room is a gathering of its own with its turn, link, roll and minutes; together they are the one
session of their date. The first room is the gathering that was there before.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import room_seats
from curriculum.rhythm import local_date
from storage import audit
from storage import gatherings as stored
from storage import rooms as seating
from storage.gatherings import MERGED, Gathering

# Why everybody is told: a change of its own kind, worded by itself.
SPLIT, JOINED = "rooms", "together"
# Seats of what begins within this are looked after, so that a late joiner is reminded too.
LOOKED_AHEAD = timedelta(days=2)


def standing(session: Session, found: Gathering) -> Gathering:
    """A gathering, or the session that it was merged into."""
    if found.state != MERGED:
        return found
    lead = stored.named(
        session, kind=found.kind, cohort_id=found.cohort_id, local_date=found.local_date
    )
    return lead or found


def hers(session: Session, person_id: int, found: Gathering) -> Gathering:
    """The room that somebody learns in of the session that a gathering is, or was, part of.

    Where she sits, else where a late joiner would go; the gathering itself where its cohort meets
    whole.
    """
    found = standing(session, found)
    if not found.room:
        return found
    rooms = seating.of_session(session, found)
    by_id = {one.id or 0: one for one in rooms}
    sits = seating.room_of(session, person_id, list(by_id))
    return by_id[sits] if sits is not None else _late_room(session, person_id, rooms)


def take_seat(session: Session, person_id: int, found: Gathering, *, now: datetime) -> None:
    """Seat somebody in a room that she came to without having a place in any."""
    rooms = seating.of_session(session, found)
    if found.room and seating.room_of(session, person_id, [one.id or 0 for one in rooms]) is None:
        _seat(session, found, person_id, actor_id=person_id, now=now)


def _seat(
    session: Session, room: Gathering, person_id: int, *, actor_id: int | None, now: datetime
) -> None:
    seating.seat(session, room.id or 0, [person_id])
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="seat_in_room",
        object_kind="gathering",
        object_id=room.id,
        person=person_id,
    )


def _late_room(session: Session, person_id: int, rooms: Sequence[Gathering]) -> Gathering:
    units = dict(seating.members(session, rooms[0].cohort_id, on=rooms[0].local_date))
    taken = seating.seats(session, [one.id or 0 for one in rooms])
    by_number = {one.room: [units.get(i, "") for i in taken[one.id or 0]] for one in rooms}
    number = room_seats.room_for(units.get(person_id, ""), by_number)
    return next(one for one in rooms if one.room == number)


def seat_late_joiners(session: Session, *, bot: int, now: datetime) -> int:
    """Seat whoever joined since a coming session was split; returns how many.

    Once a local day for each session, before its messages are owed.
    """
    added = 0
    soon = stored.starting(session, bot=bot, since=now, until=now + LOOKED_AHEAD)
    for found, zone in soon:
        if found.room == 1 and found.owed_on != local_date(now, zone):
            added += seat_all(session, seating.of_session(session, found), zone, now=now)
    return added


def seat_all(session: Session, rooms: Sequence[Gathering], zone: str, *, now: datetime) -> int:
    """Give a seat to every member without one, in the order of their ids."""
    day = local_date(rooms[0].starts_at, zone)
    units = dict(seating.members(session, rooms[0].cohort_id, on=day))
    taken = seating.seats(session, [one.id or 0 for one in rooms])
    seated = set().union(*taken.values())
    by_number = {one.room: [units.get(i, "") for i in taken[one.id or 0]] for one in rooms}
    numbered = {one.room: one for one in rooms}
    late = sorted(units.keys() - seated)
    for person_id in late:
        number = room_seats.room_for(units[person_id], by_number)
        by_number[number].append(units[person_id])
        _seat(session, numbered[number], person_id, actor_id=None, now=now)
    return len(late)
