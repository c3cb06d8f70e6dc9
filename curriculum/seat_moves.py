"""A seat in a room moved by hand, before the session begins, and undone for ten minutes.

Told once, a minute later, to whoever was moved and to those who lead the two rooms; nobody else's
session changes. What was done stands in the audit trail, which says what can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import gathering_words as words
from curriculum import gatherings, people
from curriculum.errors import NotThere, UndoTooLate
from curriculum.facts import FOLDABLE, URGENT, Facts, NotWanted, Verdict
from curriculum.gathering_errors import LeadsRoom, OccasionChanged
from curriculum.people import Speaker
from curriculum.second_thoughts import TAKE_BACK, UNDO
from storage import audit, deliveries, staffing
from storage import gatherings as stored
from storage import people as stored_people
from storage import rooms as seating
from storage.audit import AuditEntry
from storage.deliveries import CLAIMED, SENT, Claimed
from storage.gatherings import PLANNED, Gathering

KIND, ACTION = "seat_moved", "move_seat"
PAGE = 6


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits in a room, one page of (id, name); `rooms` are the others, as (id, number)."""

    gathering_id: int
    room: int
    starts_at: datetime
    count: int
    people: tuple[tuple[int, str], ...]
    page: int
    pages: int
    rooms: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A seat that was moved: whose, between which rooms; `move_id` names it for an undoing."""

    move_id: int
    gathering_id: int
    name: str
    old: int
    new: int


def seated(
    session: Session, speaker: Speaker, gathering_id: int, *, page: int = 0, now: datetime
) -> Seated:
    """One page of a room's people for whoever arranges it.

    Raises NotThere, OccasionPassed, OccasionChanged.
    """
    room, others = _room(session, speaker, gathering_id, now=now)
    sits = sorted(seating.seats(session, [gathering_id])[gathering_id])
    pages = max(1, -(-len(sits) // PAGE))
    page = min(max(0, page), pages - 1)
    names = stored.names_of(session, sits)
    shown = [(one, names.get(one, "")) for one in sits[page * PAGE : (page + 1) * PAGE]]
    rooms = tuple((one.id or 0, one.room) for one in others)
    return Seated(
        gathering_id, room.room, room.starts_at, len(sits), tuple(shown), page, pages, rooms
    )


def name_of(
    session: Session, speaker: Speaker, gathering_id: int, person_id: int, *, now: datetime
) -> str:
    """Whose seat in a room is to be moved; raises as `seated`, and OccasionChanged without one."""
    _room(session, speaker, gathering_id, now=now)
    if person_id not in seating.seats(session, [gathering_id])[gathering_id]:
        raise OccasionChanged
    return stored.names_of(session, [person_id]).get(person_id, "")


def move(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    person_id: int,
    target_id: int,
    *,
    now: datetime,
) -> Moved:
    """Seat somebody in another room of her session.

    An apology goes along. Raises NotThere, OccasionPassed, OccasionChanged where she sits elsewhere
    by now, LeadsRoom for whoever leads the room.
    """
    room, others = _room(session, speaker, gathering_id, now=now)
    target = next((one for one in others if one.id == target_id), None)
    if target is None:
        raise NotThere
    if person_id not in seating.seats(session, [gathering_id])[gathering_id]:
        raise OccasionChanged
    if room.facilitator_id == person_id:
        raise LeadsRoom
    entry = _move(session, room, target, person_id, actor_id=speaker.person_id, now=now)
    _tell(session, room, target, person_id, entry, now=now)
    return _moved(session, room, target, person_id, entry)


def undo(
    session: Session, speaker: Speaker, person_id: int, move_id: int, *, now: datetime
) -> Moved:
    """Take back a move of the last ten minutes, by whoever made it; told only where it was told.

    Raises NotThere, UndoTooLate, OccasionPassed, OccasionChanged where she was moved again.
    """
    entry = staffing.last_act(session, action=ACTION, person_id=person_id)
    if entry is None or entry.id != move_id or entry.actor_id != speaker.person_id:
        raise OccasionChanged
    if "undoes" in entry.facts:
        raise NotThere
    if now - entry.at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    room, others = _room(session, speaker, entry.facts["new"], now=now)
    back = next((one for one in others if one.id == entry.facts["old"]), None)
    if back is None or person_id not in seating.seats(session, [room.id or 0])[room.id or 0]:
        raise OccasionChanged
    was_told = deliveries.has_any(
        session, kind=KIND, occasion=str(move_id), statuses=(SENT, CLAIMED)
    )
    undone = _move(
        session, room, back, person_id, actor_id=speaker.person_id, now=now, undoes=move_id
    )
    if was_told:
        _tell(session, room, back, person_id, undone, now=now)
    return _moved(session, room, back, person_id, undone)


def _room(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> tuple[Gathering, list[Gathering]]:
    """A room that she arranges and that is still to come, locked, and the others of its session."""
    room = gatherings.to_arrange(session, speaker, gathering_id, seen=None, now=now)
    if room.state != PLANNED or not room.room:
        raise OccasionChanged
    return room, [one for one in seating.of_session(session, room) if one.id != gathering_id]


def _move(
    session: Session,
    room: Gathering,
    target: Gathering,
    person_id: int,
    *,
    actor_id: int,
    now: datetime,
    **facts: int,
) -> AuditEntry:
    old, new = room.id or 0, target.id or 0
    seating.unseat(session, old, person_id)
    seating.seat(session, new, [person_id])
    seating.move_attendance(session, of=[old], to={person_id: new})
    entry = audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=ACTION,
        object_kind="person",
        object_id=person_id,
        old=old,
        new=new,
        **facts,
    )
    session.flush()
    # The old room's message says that hers stands below; the new one's comes with its time.
    words.update_card_if_sent(session, room, person_id, now=now)
    if target.starts_at - words.REMINDED_BEFORE <= now:
        words.update_card(session, target, person_id, words.occasion(target), now=now)
    else:
        target.owed_on = None
        words.owe(session, target, words.zone_of(session, target), now=now)
    return entry


def _tell(
    session: Session,
    room: Gathering,
    target: Gathering,
    person_id: int,
    entry: AuditEntry,
    *,
    now: datetime,
) -> None:
    """Owe the word of it, in a minute, to her and to those who lead either room."""
    leading = {one.facilitator_id for one in (room, target) if one.is_confirmed}
    is_near = target.starts_at - now < words.NEAR
    for to in sorted({one for one in leading if one is not None} - {entry.actor_id} | {person_id}):
        deliveries.add(
            session,
            bot=target.bot,
            kind=KIND,
            occasion=str(entry.id),
            recipient=to,
            person_id=to,
            cohort_id=target.cohort_id,
            subject_id=person_id,
            urgency=URGENT if is_near else FOLDABLE,
            due_at=now + TAKE_BACK,
            not_after=target.starts_at,
            created_at=now,
        )


def _moved(
    session: Session, room: Gathering, target: Gathering, person_id: int, entry: AuditEntry
) -> Moved:
    name = stored.names_of(session, [person_id]).get(person_id, "")
    return Moved(entry.id or 0, target.id or 0, name, room.room, target.room)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each of the few claimed ones says; one that was moved again or undone is not wanted."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    person_id = row.subject_id or 0
    entry = staffing.last_act(session, action=ACTION, person_id=person_id)
    if entry is None or str(entry.id) != row.occasion:
        return NotWanted("moved_again")
    room, target = (stored.gathering(session, entry.facts[one]) for one in ("old", "new"))
    if room is None or target is None or target.state != PLANNED or not target.room:
        return NotWanted("cancelled")
    account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    reader = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    if reader is None:
        return NotWanted("left")
    values = {
        "name": stored.names_of(session, [person_id]).get(person_id, ""),
        "is_own": row.person_id == person_id,
        "kind": target.kind,
        "old": room.room,
        "new": target.room,
        "starts_at": target.starts_at,
        "place": target.place,
    }
    return Facts(KIND, account.chat_id, reader.language, f"{KIND}/{row.id}", None, values)
