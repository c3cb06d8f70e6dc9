"""Until when a pair holds, set anew while it stands: earlier, later, or open again.

Supervisors from outside come for a time (EXPERIENCE section 8), and that time is changed.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import SupervisionUndoTooLate
from curriculum.supervision_pair_words import occasion_of, owe, verdict
from curriculum.supervision_pairs import changed, to_change, usable_end
from curriculum.supervision_words import LAST_DAY, UNDO, Told
from storage import audit, supervision_bookings
from storage.supervision_pairs import PairRow

ONE_DAY = timedelta(days=1)
SET, UNDONE = "set_supervision_end", "undo_supervision_end"


def set_last_day(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    day: date | None,
    *,
    seen: int,
    now: datetime,
) -> None:
    """Let a pair hold until `day`, None for no end; both are told in a minute.

    What is booked for later is called off when it cannot be taken back any more. Nothing happens
    where it is that day already. Raises NotThere, ChangedMeanwhile, PairEndNotPossible.
    """
    pair = to_change(session, speaker, pair_id, seen=seen)
    usable_end(day, today=local_date(now, ZONE))
    if day == pair.last_day:
        return
    before = pair.until.isoformat() if pair.until is not None else None
    pair.until = day + ONE_DAY if day is not None else None
    changed(session, speaker, pair, SET, now=now, until=before)
    owe(session, LAST_DAY, pair, now=now)


def take_back(
    session: Session, speaker: Speaker, pair_id: int, *, seen: int, now: datetime
) -> None:
    """撤销, for ten minutes, by whoever set it; who was told already is told again.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    pair = to_change(session, speaker, pair_id, seen=seen)
    entry = audit.last(session, object_kind="supervision_pair", object_id=pair_id, actions=(SET,))
    if pair.changed_by != speaker.person_id or entry is None:
        raise NotThere
    if entry.at != pair.changed_at:
        raise ChangedMeanwhile
    if now - pair.changed_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    was_told = words.is_told(session, LAST_DAY, occasion_of(pair))
    until = entry.facts.get("until")
    pair.until = date.fromisoformat(until) if until else None
    changed(session, speaker, pair, UNDONE, now=now)
    if was_told:
        owe(session, LAST_DAY, pair, now=now)


def booked_beyond(session: Session, row: PairRow, *, now: datetime) -> int:
    """How many sessions of a pair that stands lie after its last day."""
    if row.until is None or row.ended_at is not None:
        return 0
    return sum(
        local_date(booking.starts_at, ZONE) >= row.until
        for booking in supervision_bookings.ahead_of_pair(session, row.pair_id, now=now)
    )


NOTICES = (Told(LAST_DAY, verdict),)
