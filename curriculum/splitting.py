"""Splitting a large session into rooms, and merging these back into one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum import facilitators, room_seats
from curriculum import gathering_words as words
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionChanged
from curriculum.rhythm import local_date
from curriculum.rooms import JOINED, SPLIT, seat_all
from storage import audit
from storage import rooms as seating
from storage.cohorts import Cohort
from storage.gatherings import MERGED, PLANNED, Gathering


def preview(session: Session, found: Gathering, count: int, zone: str) -> list[tuple[int, int]]:
    """How a session would be split: of each room how many people, of how many units."""
    units = dict(seating.members(session, found.cohort_id, on=local_date(found.starts_at, zone)))
    rooms = _arranged(session, found, count, zone)
    return [(len(room), len({units[i] for i in room})) for room in rooms]


def _arranged(session: Session, found: Gathering, count: int, zone: str) -> list[list[int]]:
    """Who would sit where; whoever has taken the session on leads the first room."""
    everybody = seating.members(session, found.cohort_id, on=local_date(found.starts_at, zone))
    if not 2 <= count <= min(room_seats.MOST_ROOMS, len(everybody)):
        raise NotThere
    rooms = room_seats.arrange(everybody, count)
    rooms.sort(key=lambda room: found.facilitator_id not in room)
    return rooms


def split(
    session: Session,
    found: Gathering,
    count: int,
    *,
    places: Sequence[str],
    actor_id: int | None,
    is_told: bool,
    is_own: bool,
    now: datetime,
) -> list[Gathering]:
    """Let a session that is still to come meet in rooms; returns them in order.

    `places` gives each its place, or none to leave them all where the session was. Who has said
    something of herself already, an apology, keeps it. Raises NotThere for a number of rooms that
    cannot be, OccasionChanged where it meets in rooms already.
    """
    if found.state != PLANNED or found.room:
        raise OccasionChanged
    zone = words.zone_of(session, found)
    return _open(
        session,
        found,
        _arranged(session, found, count, zone),
        places=places,
        actor_id=actor_id,
        is_told=is_told,
        is_own=is_own,
        now=now,
    )


def split_as_before(
    session: Session, found: Gathering, count: int, *, places: Sequence[str], now: datetime
) -> list[Gathering]:
    """Let a new session of a series meet in the rooms that its last one met in.

    Everybody sits where she sat; one without a seat is a late joiner. Where the rooms were
    another number, or none, they are arranged anew.
    """
    zone = words.zone_of(session, found)
    before = seating.newest(session, found.cohort_id, kind=found.kind, before=found.local_date)
    everybody = dict(
        seating.members(session, found.cohort_id, on=local_date(found.starts_at, zone))
    )
    if len(everybody) < count:
        return [found]
    taken = seating.seats(session, [one.id or 0 for one in before])
    groups = [sorted(taken[one.id or 0] & everybody.keys()) for one in before]
    if len(groups) != count or not all(groups):
        groups = room_seats.arrange(list(everybody.items()), count)
    rooms = _open(
        session,
        found,
        groups,
        places=places,
        actor_id=None,
        is_told=False,
        is_own=False,
        now=now,
    )
    seat_all(session, rooms, zone, now=now)
    return rooms


def _open(
    session: Session,
    lead: Gathering,
    groups: Sequence[Sequence[int]],
    *,
    places: Sequence[str],
    actor_id: int | None,
    is_told: bool,
    is_own: bool,
    now: datetime,
) -> list[Gathering]:
    was_name, was_place = words.occasion(lead), lead.place
    known = seating.merged(session, lead)
    rooms = [lead]
    for number in range(2, len(groups) + 1):
        rooms.append(_room(session, lead, number, known.get(number), actor_id, now=now))
    for number, (room, group) in enumerate(zip(rooms, groups, strict=True), start=1):
        room.room, room.state, room.is_own = number, PLANNED, is_own
        room.place = places[number - 1] if places else was_place
        room.reason = SPLIT
        _changed(session, room)
        seating.seat(session, room.id or 0, group)
    # The place of everybody but the first room's is another one now.
    to = {
        person_id: room.id or 0
        for room, group in zip(rooms, groups, strict=True)
        for person_id in group
    }
    seating.move_attendance(session, of=[lead.id or 0], to=to)
    _write_down(session, "split_gathering", lead, actor_id, now=now, rooms=len(rooms))
    words.update_cards(session, lead, was_name, now=now)
    _sit_with_hers(session, rooms, groups, now=now)
    _announce(session, rooms, is_told=is_told, now=now)
    return rooms


def _announce(
    session: Session, rooms: Sequence[Gathering], *, is_told: bool, now: datetime
) -> None:
    """Give each room without a turn one, and owe what its people are told."""
    lead = rooms[0]
    zone = words.zone_of(session, lead)
    cohort = session.get_one(Cohort, lead.cohort_id)
    for room in rooms:
        if is_told:
            words.tell(session, room, zone, was_at=room.starts_at, now=now)
        if room.facilitator_id is None:
            facilitators.give_turn(session, room, cohort, now=now)
        words.owe(session, room, zone, now=now)
    words.look_again(session, lead, now=now)


def _sit_with_hers(
    session: Session,
    rooms: Sequence[Gathering],
    groups: Sequence[Sequence[int]],
    *,
    now: datetime,
) -> None:
    """Whose turn the session was leads the room that she sits in; one from outside the first."""
    leading, is_confirmed = rooms[0].facilitator_id, rooms[0].is_confirmed
    for room, group in zip(rooms[1:], groups[1:], strict=True):
        if leading in group:
            rooms[0].facilitator_id, rooms[0].is_confirmed = None, False
            session.add(rooms[0])
            facilitators.keep_turn(session, room, leading, is_confirmed=is_confirmed, now=now)


def _room(
    session: Session,
    lead: Gathering,
    number: int,
    known: Gathering | None,
    actor_id: int | None,
    *,
    now: datetime,
) -> Gathering:
    """A room beside the first, made of one that was merged back where there is any."""
    room = known or Gathering(
        bot=lead.bot,
        cohort_id=lead.cohort_id,
        kind=lead.kind,
        local_date=lead.local_date,
        room=number,
        title=lead.title,
        starts_at=lead.starts_at,
        minutes=lead.minutes,
        place=lead.place,
        agenda=lead.agenda,
        opens_before=lead.opens_before,
        closes_after=lead.closes_after,
        is_confirmed=False,
        state=PLANNED,
        reason="",
        moves=0,
        version=0,
        is_own=lead.is_own,
        created_by=actor_id,
        created_at=now,
    )
    room.starts_at, room.minutes, room.agenda = lead.starts_at, lead.minutes, lead.agenda
    room.facilitator_id, room.is_confirmed = None, False
    session.add(room)
    session.flush()
    return room


def merge(
    session: Session,
    found: Gathering,
    *,
    place: str,
    actor_id: int | None,
    is_told: bool,
    is_own: bool,
    now: datetime,
) -> Gathering:
    """Let the rooms of a session that is still to come meet as one again; returns that.

    The first room's facilitator keeps her turn; the others' come again soon. Where nobody was told
    of the rooms yet, nobody is told of this. Raises OccasionChanged where it meets whole.
    """
    rooms = seating.of_session(session, found)
    lead = rooms[0]
    if lead.state != PLANNED or not lead.room:
        raise OccasionChanged
    was_told = any(
        words.is_change_told(session, room) or words.is_said(session, room) for room in rooms
    )
    names = [(room, words.occasion(room)) for room in rooms]
    ids = [room.id or 0 for room in rooms]
    seated = seating.seats(session, ids)
    seating.clear(session, ids)
    for room in rooms:
        room.state = PLANNED if room is lead else MERGED
        room.reason, room.is_own = JOINED, is_own
        _changed(session, room)
    lead.room, lead.place = 0, place
    session.add(lead)
    session.flush()
    everybody = dict.fromkeys(set().union(*seated.values()), lead.id or 0)
    seating.move_attendance(session, of=ids, to=everybody)
    _write_down(session, "merge_gathering", lead, actor_id, now=now, rooms=len(rooms))
    for room, name in names:
        words.update_cards(session, room, name, now=now)
    zone = words.zone_of(session, lead)
    if is_told and was_told:
        words.tell(session, lead, zone, was_at=lead.starts_at, now=now)
    words.owe(session, lead, zone, now=now)
    words.look_again(session, lead, now=now)
    return lead


def _changed(session: Session, room: Gathering) -> None:
    """Another place for its people: its messages go anew, the old ones say so."""
    room.moves += 1
    words.changed(room)
    room.owed_on = None
    session.add(room)
    session.flush()


def _write_down(
    session: Session,
    action: str,
    lead: Gathering,
    actor_id: int | None,
    *,
    now: datetime,
    rooms: int,
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="gathering",
        object_id=lead.id,
        study=lead.kind,
        version=lead.version,
        rooms=rooms,
    )
