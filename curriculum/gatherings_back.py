"""Gatherings that take place after all: a cancelling taken back, a series or a day that is back."""

from datetime import datetime

from sqlmodel import Session

from curriculum import gathering_words as words
from curriculum.gathering_errors import AlreadyTold, OccasionChanged
from curriculum.gatherings import to_arrange, write_down
from curriculum.people import Speaker
from storage import deliveries, rooms
from storage.gatherings import CANCELLED, PLANNED, Gathering


def revive(session: Session, found: Gathering, *, starts_at: datetime, now: datetime) -> None:
    """Let a session take place after all that went with its series, now that this begins again."""
    for room in rooms.of_session(session, found):
        room.moves += 1
        room.owed_on = None
        _plan(session, room, starts_at=starts_at, reason="")
        write_down(session, "revive_gathering", room, actor_id=None, now=now)


def bring_back(
    session: Session, speaker: Speaker, gathering_id: int, *, seen: int, now: datetime
) -> Gathering:
    """撤销 of a cancelling, while nobody was told of it; AlreadyTold once somebody was."""
    found = to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    if found.state != CANCELLED:
        raise OccasionChanged
    if any(words.is_change_told(session, room) for room in rooms.of_session(session, found)):
        raise AlreadyTold
    _stand(session, speaker, found, starts_at=found.starts_at, now=now)
    return found


def put_back(
    session: Session, speaker: Speaker, gathering_id: int, *, starts_at: datetime, now: datetime
) -> Gathering:
    """Let a session that was left out for days off take place after all, its turn and rooms kept.

    Whoever heard that it is off hears once that it takes place. Raises as `to_arrange`, and
    OccasionChanged where it is not cancelled.
    """
    found = to_arrange(session, speaker, gathering_id, seen=None, now=now)
    if found.state != CANCELLED:
        raise OccasionChanged
    _stand(session, speaker, found, starts_at=starts_at, now=now)
    return found


def _stand(
    session: Session, speaker: Speaker, found: Gathering, *, starts_at: datetime, now: datetime
) -> None:
    for room in rooms.of_session(session, found):
        was_told = words.is_change_told(session, room)
        was_at, was_name = room.starts_at, words.occasion(room)
        room.moves += starts_at != was_at
        is_said = was_told and starts_at == was_at
        _plan(session, room, starts_at=starts_at, reason=words.STANDS if is_said else "")
        write_down(session, "bring_back_gathering", room, actor_id=speaker.person_id, now=now)
        words.update_cards(session, room, was_name, now=now)
        _want_again(session, room)
        if starts_at != was_at:
            words.tell_moved(session, room, was_at=was_at, is_told=was_told, now=now)
        elif was_told:
            words.tell(session, room, words.zone_of(session, room), was_at=was_at, now=now)


def _plan(session: Session, room: Gathering, *, starts_at: datetime, reason: str) -> None:
    room.state, room.reason, room.starts_at = PLANNED, reason, starts_at
    words.changed(room)
    session.add(room)
    session.flush()


def _want_again(session: Session, room: Gathering) -> None:
    """What was to be told of it while it was cancelled is to be told again."""
    for kind in (words.AHEAD, words.CARD, words.ASK, words.KIT, words.FALLBACK, words.NUDGE):
        of_it = {"kind": kind, "cohort_id": room.cohort_id, "subject_id": room.id}
        deliveries.want_again(session, where=of_it, error=words.CALLED_OFF)
