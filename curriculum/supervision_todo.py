"""What supervision asks of somebody today: a coordinator's late pairs and wishes, her own sessions.

Of a late pair a coordinator sees that it is late and nothing else.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_capacity, supervision_handover, supervision_queue
from curriculum.people import COORDINATOR, ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_handover import Ending
from curriculum.supervision_held_groups import unwritten_of as groups_unwritten
from curriculum.supervision_words import UNWRITTEN_AFTER, UNWRITTEN_WITHIN
from curriculum.todo_items import SOON, TODAY, WHEN_POSSIBLE, Item
from storage import gatherings as names
from storage import (
    supervision_bookings,
    supervision_due_records,
    supervision_groups,
    supervision_pairs,
)
from storage.supervision_groups import DECLINED

LATE, WISH, SESSION = "late_supervision", "other_supervisor", "supervision_today"
UNWRITTEN = "supervision_unwritten"
ASKED, SHORT, HANDOVER = "supervision_wish", "supervision_short", "supervision_handover"
GROUP = "group_today"
# From here on a handover that is open stands among what is due soon.
NEAR_DAYS = 14


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The lines of supervision that wait for somebody."""
    return [
        *_sessions(session, speaker, now=now),
        *_pairs(session, speaker, now=now),
        *_queue(session, speaker, now=now),
        *_handovers(session, speaker, now=now),
    ]


def _sessions(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """A supervisor's sessions: today's, and those without a record; no deputy has them."""
    if speaker.deputy_id is not None or not speaker.may("supervise"):
        return []
    today = local_date(now, ZONE)
    midnight = moment_at(today + timedelta(days=1), datetime.min.time(), ZONE)
    booked = supervision_bookings.of_supervisor(
        session, speaker.person_id, since=now, until=midnight
    )
    known = names.names_of(session, [one.worker_id for one in booked])
    found = [
        Item(SESSION, "own_pair", str(one.pair_id), TODAY, known.get(one.worker_id, ""), today)
        for one in booked
    ] + [
        Item(GROUP, "sup_group", str(one.id), TODAY, "", today, _seats(session, one.id or 0))
        for one in supervision_groups.ahead_of(session, speaker.person_id, since=now)
        if one.starts_at < midnight
    ]
    begun = supervision_due_records.unwritten_of(
        session,
        speaker.person_id,
        bot=speaker.bot,
        since=now - UNWRITTEN_WITHIN,
        until=now - UNWRITTEN_AFTER,
    )
    several = groups_unwritten(session, speaker, until=now - UNWRITTEN_AFTER, now=now)
    if begun or several:
        count = len(begun) + len(several)
        found.append(Item(UNWRITTEN, "sup_unwritten", "0", SOON, "", None, count))
    return found


def _seats(session: Session, group_id: int) -> int:
    return sum(seat.state != DECLINED for seat in supervision_groups.seats(session, group_id))


def _pairs(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """One line for all that are late and one for all who wish for another, of her own people."""
    if not speaker.may("assign_supervision"):
        return []
    today = local_date(now, ZONE)
    reach = speaker.reach("assign_supervision")
    rows = [
        row
        for row in supervision_pairs.under(session, reach, bot=speaker.bot, on=today)
        if row.due_on < today or row.change_asked_at is not None
    ]
    if not rows:
        return []
    is_hers = _nearest(session, speaker, today)
    rows = [row for row in rows if is_hers(row.unit_path)]
    people = {person for row in rows for person in (row.supervisor_id, row.worker_id)}
    absent = supervision_pairs.absent_among(session, people, on=today)
    late = [
        row
        for row in rows
        if row.due_on < today and not {row.supervisor_id, row.worker_id} & absent
    ]
    wishes = [row for row in rows if row.change_asked_at is not None]
    found = []
    if wishes:
        found.append(Item(WISH, "pairs", "0:", SOON, "", None, len(wishes)))
    if late:
        found.append(Item(LATE, "pairs", "0:", WHEN_POSSIBLE, "", None, len(late)))
    return found


def _nearest(session: Session, speaker: Speaker, today: date) -> Callable[[str], bool]:
    """Whether she coordinates the unit with a coordinator that is nearest above a unit's path."""
    paths = supervision_pairs.paths_with_role(session, COORDINATOR, on=today)
    mine = {grant.unit_path for grant in speaker.grants if grant.role == COORDINATOR}

    def is_hers(unit_path: str) -> bool:
        above = [path for path in paths if unit_path.startswith(path)]
        return max(above, key=len, default="") in mine

    return is_hers


def _queue(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """Who asked for supervision, and supervisors of hers whose hours do not reach."""
    if not speaker.may("assign_supervision"):
        return []
    is_hers = _nearest(session, speaker, local_date(now, ZONE))
    asked = [
        one
        for one in supervision_queue.waiting(session, speaker, now=now)
        if one.reason == supervision_queue.ASKED and is_hers(one.unit_path)
    ]
    found = []
    if asked:
        found.append(Item(ASKED, "sup_queue", "0", SOON, "", None, len(asked)))
    short = [
        load
        for load in supervision_capacity.loads(session, speaker, now=now)
        if load.short and any(is_hers(row.unit_path) for row, _ in load.due)
    ]
    if short:
        found.append(Item(SHORT, "sup_need", "0:0", WHEN_POSSIBLE, "", None, len(short)))
    return found


def _handovers(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """Supervisors of her people who end within sixty days, while somebody has no next one."""
    if not speaker.may("assign_supervision"):
        return []
    today = local_date(now, ZONE)
    found: dict[int, Ending] = {}
    is_hers = _nearest(session, speaker, today)
    counts: Counter[int] = Counter()
    for one in supervision_handover.endings(session, bot=speaker.bot, now=now):
        if not one.successor and is_hers(one.pair.unit_path):
            counts[one.pair.supervisor_id] += 1
            found.setdefault(one.pair.supervisor_id, one)
    return [
        Item(
            HANDOVER,
            "handovers",
            str(who),
            SOON if (one.end - today).days <= NEAR_DAYS else WHEN_POSSIBLE,
            one.pair.supervisor,
            one.last_day,
            counts[who],
        )
        for who, one in found.items()
    ]
