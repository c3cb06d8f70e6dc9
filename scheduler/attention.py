"""How often somebody may still hear us: what is beyond that goes out without a sound."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from curriculum import daily_lesson
from curriculum.facts import FOLDABLE, URGENT
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from scheduler.channel import Part
from storage import attention
from storage.attention import Heard
from storage.deliveries import Claimed
from storage.sent_messages import Arrived

# EXPERIENCE section 1, per person: sounding messages in a local day and an ISO week.
MOST_A_DAY, MOST_A_WEEK = 3, 12
# A lesson is what a notice is folded into, so it sounds though it is itself foldable.
LESSONS = daily_lesson.KINDS


def left_for(session: Session, rows: Sequence[Claimed], *, now: datetime) -> dict[int, int]:
    """How many more messages may sound at each of these deliveries' persons, in one query."""
    person_ids = {
        row.person_id for row in rows if row.person_id is not None and not _is_silent(row)
    }
    heard = attention.heard(session, person_ids, day=local_date(now, ZONE))
    return {person_id: _left(heard.get(person_id)) for person_id in person_ids}


def _left(heard: Heard | None) -> int:
    if heard is None:
        return MOST_A_DAY
    return max(0, min(MOST_A_DAY - heard.on_day, MOST_A_WEEK - heard.in_week))


def _is_silent(row: Claimed) -> bool:
    """A foldable notice that found no lesson to be folded into."""
    return row.urgency == FOLDABLE and row.kind not in LESSONS


def note(session: Session, arrived: Sequence[Arrived], *, now: datetime) -> None:
    """Count what sounded."""
    ids = [one.delivery_id for one in arrived if one.sounded]
    attention.note(session, ids, day=local_date(now, ZONE))


class Sounds:
    """What may still sound at whom, among those whose deliveries this sender has in hand.

    Two for one person may be in hand at once, so the second asks what the first left of it.
    """

    def __init__(self) -> None:
        self._left: dict[int, int] = {}
        self._in_hand: dict[int, int] = {}

    def take_up(self, row: Claimed, left: Mapping[int, int]) -> None:
        """A delivery sets out; `left` is what was read when it was claimed."""
        if row.person_id is None:
            return
        self._in_hand[row.person_id] = self._in_hand.get(row.person_id, 0) + 1
        if row.person_id in left:
            self._left.setdefault(row.person_id, left[row.person_id])

    def let_go(self, row: Claimed) -> None:
        """A delivery is done with; with the last one of a person the database knows it all."""
        if row.person_id is None:
            return
        self._in_hand[row.person_id] -= 1
        if not self._in_hand[row.person_id]:
            del self._in_hand[row.person_id]
            self._left.pop(row.person_id, None)

    def as_it_goes(self, row: Claimed, part: Part) -> Part:
        """The part as it may go out now, with its sound or without."""
        if part.silent or row.person_id is None:
            return part
        left = self._left.get(row.person_id, 0)
        if row.urgency != URGENT and (_is_silent(row) or left <= 0):
            return replace(part, silent=True)
        self._left[row.person_id] = left - 1
        return part
