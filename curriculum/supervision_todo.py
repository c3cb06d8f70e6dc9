"""What supervision asks of somebody today: a coordinator's late pairs and wishes, her own sessions.

Of a late pair a coordinator sees that it is late and nothing else.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.people import COORDINATOR, ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_record_words import UNWRITTEN_AFTER, UNWRITTEN_WITHIN
from curriculum.todo_items import SOON, TODAY, WHEN_POSSIBLE, Item
from storage import gatherings as names
from storage import supervision_bookings, supervision_due_records, supervision_pairs
from storage.supervision_pairs import PairRow

LATE, WISH, SESSION = "late_supervision", "other_supervisor", "supervision_today"
UNWRITTEN = "supervision_unwritten"


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The lines of supervision that wait for somebody."""
    return [*_sessions(session, speaker, now=now), *_pairs(session, speaker, now=now)]


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
    ]
    begun = supervision_due_records.unwritten_of(
        session,
        speaker.person_id,
        bot=speaker.bot,
        since=now - UNWRITTEN_WITHIN,
        until=now - UNWRITTEN_AFTER,
    )
    if begun:
        found.append(Item(UNWRITTEN, "sup_unwritten", "0", SOON, "", None, len(begun)))
    return found


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
    paths = supervision_pairs.paths_with_role(session, COORDINATOR, on=today)
    mine = {grant.unit_path for grant in speaker.grants if grant.role == COORDINATOR}
    rows = [row for row in rows if _nearest(row, paths) in mine]
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


def _nearest(row: PairRow, paths: list[str]) -> str:
    """The unit with a coordinator that is nearest above a worker."""
    above = [path for path in paths if row.unit_path.startswith(path)]
    return max(above, key=len, default="")
