"""Changing a group session that is set: another time, not at all, and taking that back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_booking import possible_moment, within
from curriculum.supervision_errors import (
    GroupBusy,
    OldTimeTaken,
    SameMoment,
    SupervisionUndoTooLate,
)
from curriculum.supervision_free import free_for
from curriculum.supervision_group_words import known_at, owe_all, owe_cards
from curriculum.supervision_groups import refuse_busy, settle, take_all
from curriculum.supervision_slots import HORIZON
from curriculum.supervision_words import UNDO
from storage import supervision_bookings as booked
from storage import supervision_groups as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_groups import (
    CANCELLED,
    COMING,
    DECLINED,
    INVITED,
    PLANNED,
    SupervisionGroup,
    SupervisionSeat,
)
from storage.supervision_pairs import SupervisionPair

# So many free times are offered as buttons; any other can be written.
OFFERED = 6


def _hers(session: Session, speaker: Speaker, group_id: int) -> SupervisionGroup:
    """A session of hers; raises NotThere."""
    found = stored.group(session, group_id)
    if found is None or found.supervisor_id != speaker.person_id:
        raise NotThere
    return found


def _to_change(
    session: Session, speaker: Speaker, group_id: int, *, seen: int
) -> tuple[SupervisionGroup, list[SupervisionSeat]]:
    """A session of hers as she saw it, everybody held; NotThere, ChangedMeanwhile."""
    found = _hers(session, speaker, group_id)
    seats = stored.seats(session, group_id)
    workers = [seat.worker_id for seat in seats]
    stored_pairs.locked_people(session, [found.supervisor_id, *workers])
    locked = stored.group(session, group_id, lock=True)
    if locked is None or locked.version != seen:
        raise ChangedMeanwhile
    for seat in seats:
        session.refresh(seat)
    return locked, seats


def _refuse_begun(found: SupervisionGroup, *, now: datetime) -> None:
    if found.state != PLANNED or found.starts_at <= now:
        raise ChangedMeanwhile


def free_moments(
    session: Session, speaker: Speaker, group_id: int, *, now: datetime
) -> list[datetime]:
    """The next free times to which a session of hers could move, at most six; raises NotThere.

    In her own hours, on days on which her pair with everybody in it holds.
    """
    found = _hers(session, speaker, group_id)
    seats = stored.seats(session, group_id)
    pairs = _pairs(session, seats)
    today = local_date(now, ZONE)
    first = max([today, *(pair.since for pair in pairs)])
    last = min([today + HORIZON, *_last_days(pairs)])
    slots = free_for(session, found, _there(seats), first=first, last=last, now=now)
    return [slot.starts_at for slot in slots[:OFFERED]]


def _last_days(pairs: Sequence[SupervisionPair]) -> list[date]:
    return [pair.last_day for pair in pairs if pair.last_day is not None]


def _pairs(session: Session, seats: Sequence[SupervisionSeat]) -> list[SupervisionPair]:
    """The pairs of those who have not said no."""
    found = [stored_pairs.pair(session, seat.pair_id) for seat in seats if seat.state != DECLINED]
    return [pair for pair in found if pair is not None]


def look_at(
    session: Session, speaker: Speaker, group_id: int, starts_at: datetime, *, now: datetime
) -> None:
    """Whether a session of hers could move to a moment, before anything is changed.

    Raises as `move`.
    """
    found, seats = _hers(session, speaker, group_id), stored.seats(session, group_id)
    _refuse_begun(found, now=now)
    _refuse_moment(session, found, seats, starts_at, now=now)
    refuse_busy(session, found, starts_at, _there(seats))


def _refuse_moment(
    session: Session,
    found: SupervisionGroup,
    seats: Sequence[SupervisionSeat],
    starts_at: datetime,
    *,
    now: datetime,
) -> None:
    """Raise MomentNotPossible or SameMoment."""
    if possible_moment(starts_at, now=now) == found.starts_at:
        raise SameMoment(at=found.starts_at)
    for pair in _pairs(session, seats):
        within(pair, starts_at)


def move(
    session: Session,
    speaker: Speaker,
    group_id: int,
    starts_at: datetime,
    *,
    seen: int,
    now: datetime,
) -> SupervisionGroup:
    """改时间; everybody invited is told once and asked anew, who could not come as well.

    Raises NotThere, ChangedMeanwhile, MomentNotPossible, SameMoment; GroupBusy names who has
    something else then.
    """
    found, seats = _to_change(session, speaker, group_id, seen=seen)
    _refuse_begun(found, now=now)
    _refuse_moment(session, found, seats, starts_at, now=now)
    before = _as_it_stands(session, found, seats)
    booked.release_group(session, group_id)
    take_all(session, found, starts_at, _there(seats))
    found.starts_at = starts_at
    found.moves += 1
    for seat in seats:
        # Her yes was to another time; her no may be none any more, but her time is free.
        if seat.state == COMING:
            seat.state = INVITED
            session.add(seat)
    _note(found, speaker, PLANNED, before, now=now)
    settle(session, speaker, found, "move_group_supervision", now=now)
    owe_all(session, found, _askable(session, seats), now=now)
    owe_cards(session, found, _there(seats), now=now)
    return found


def _askable(session: Session, seats: Sequence[SupervisionSeat]) -> list[int]:
    """Everybody invited, but for those whose pair ended since they said no."""
    return [
        seat.worker_id for seat in seats if seat.state != DECLINED or not _has_ended(session, seat)
    ]


def _has_ended(session: Session, seat: SupervisionSeat) -> bool:
    pair = stored_pairs.pair(session, seat.pair_id)
    return pair is None or pair.ended_at is not None


def cancel(
    session: Session, speaker: Speaker, group_id: int, *, seen: int, now: datetime
) -> SupervisionGroup:
    """取消小组; everybody still invited is told. Raises NotThere, ChangedMeanwhile."""
    found, seats = _to_change(session, speaker, group_id, seen=seen)
    _refuse_begun(found, now=now)
    before = _as_it_stands(session, found, seats)
    booked.release_group(session, group_id)
    _note(found, speaker, CANCELLED, before, now=now)
    settle(session, speaker, found, "cancel_group_supervision", now=now)
    owe_all(session, found, _there(seats), now=now)
    return found


def take_back(
    session: Session, speaker: Speaker, group_id: int, *, seen: int, now: datetime
) -> SupervisionGroup:
    """撤销 of setting, moving or cancelling it, for ten minutes; who was told is told again.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate; OldTimeTaken where somebody has
    something else then by now.
    """
    found, seats = _to_change(session, speaker, group_id, seen=seen)
    if now - found.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    before, heard, was_at = found.before, _heard(session, found), found.starts_at
    if found.state == PLANNED and found.version == 1:
        booked.release_group(session, group_id)
        _note(found, speaker, CANCELLED, heard, now=now)
    elif before is not None and "state" in before:
        booked.release_group(session, group_id)
        _put_back(session, found, seats, before)
        _take_back_quarters(session, found, _there(seats))
        _note(found, speaker, PLANNED, heard, now=now)
        owe_cards(session, found, _there(seats), now=now)
    else:
        raise ChangedMeanwhile
    settle(session, speaker, found, "undo_group_supervision", now=now)
    # Who could not come hears of times alone.
    told = _there(seats) if found.starts_at == was_at else _askable(session, seats)
    owe_all(session, found, told, now=now)
    return found


def _take_back_quarters(session: Session, found: SupervisionGroup, workers: Sequence[int]) -> None:
    try:
        take_all(session, found, found.starts_at, workers)
    except GroupBusy as busy:
        raise OldTimeTaken(**busy.facts) from busy


def _put_back(
    session: Session,
    found: SupervisionGroup,
    seats: Sequence[SupervisionSeat],
    before: dict[str, Any],
) -> None:
    """Its time and what everybody had answered to that, as they were.

    Who left meanwhile, or whose pair ended, is not called to it again.
    """
    found.starts_at = datetime.fromisoformat(before.get("starts_at", found.starts_at.isoformat()))
    found.moves += 1
    answers = before.get("seats", {})
    for seat in seats:
        if seat.state != DECLINED or not _has_ended(session, seat):
            seat.state = answers.get(str(seat.worker_id), seat.state)
            session.add(seat)


def _as_it_stands(
    session: Session, found: SupervisionGroup, seats: Sequence[SupervisionSeat]
) -> dict[str, Any]:
    """What is needed to put it back."""
    return _heard(session, found) | {
        "state": found.state,
        "starts_at": found.starts_at.isoformat(),
        "seats": {str(seat.worker_id): seat.state for seat in seats},
    }


def _heard(session: Session, found: SupervisionGroup) -> dict[str, Any]:
    at = known_at(session, found)
    return {"known_at": at.isoformat() if at else None}


def _note(
    group: SupervisionGroup,
    speaker: Speaker,
    state: str,
    before: dict[str, Any],
    *,
    now: datetime,
) -> None:
    group.state, group.before = state, before
    group.version += 1
    group.changed_by, group.changed_at = speaker.person_id, now


def _there(seats: Sequence[SupervisionSeat]) -> list[int]:
    return [seat.worker_id for seat in seats if seat.state != DECLINED]
