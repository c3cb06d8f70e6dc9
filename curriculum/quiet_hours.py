"""Quiet hours: what waits for the morning, whatever kind it is and whoever it goes to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlmodel import Session

from curriculum.facts import URGENT
from curriculum.people import ZONE
from curriculum.rhythm import end_of_quiet, in_quiet_hours, start_of_quiet
from storage import cohorts
from storage.cohorts import QuietHours
from storage.deliveries import Claimed

# EXPERIENCE section 1: for whoever looks after learners and learns in no cohort herself.
WITHOUT_COHORT = QuietHours(ZONE, time(21, 30), time(9))


@dataclass(frozen=True, slots=True)
class Nights:
    """By delivery: until when it waits, or from when on it must be asked for again.

    One that stands in neither may go at any hour.
    """

    wait_until: dict[int, datetime] = field(default_factory=dict)
    good_until: dict[int, datetime] = field(default_factory=dict)


def look(
    session: Session, rows: Sequence[Claimed], *, asked_for: Collection[str], now: datetime
) -> Nights:
    """What quiet hours mean for these deliveries: all wait but the urgent.

    A delivery has the quiet hours of its cohort, else of the one its reader learns in. `asked_for`
    are the kinds that no rhythm owes at night: what is due then was asked for just now, and goes.
    Two queries at most, one where all belong to cohorts.
    """
    nights = Nights()
    rows = [row for row in rows if row.urgency != URGENT]
    if not rows:
        return nights
    # The same for a whole batch, so it is worked out once.
    borders: dict[QuietHours, tuple[bool, datetime]] = {}
    for row, quiet in zip(rows, _hours(session, rows), strict=True):
        if quiet not in borders:
            borders[quiet] = _border(quiet, now)
        is_night, border = borders[quiet]
        if not is_night:
            nights.good_until[row.id] = border
        elif row.kind not in asked_for or not _is_in(quiet, row.due_at):
            nights.wait_until[row.id] = border
    return nights


def _border(quiet: QuietHours, now: datetime) -> tuple[bool, datetime]:
    """Whether it is night, and when that changes next."""
    if _is_in(quiet, now):
        return True, end_of_quiet(now, quiet_to=quiet.quiet_to, zone=quiet.zone)
    return False, start_of_quiet(now, quiet_from=quiet.quiet_from, zone=quiet.zone)


def _is_in(quiet: QuietHours, moment: datetime) -> bool:
    return in_quiet_hours(
        moment, quiet_from=quiet.quiet_from, quiet_to=quiet.quiet_to, zone=quiet.zone
    )


def _hours(session: Session, rows: Sequence[Claimed]) -> list[QuietHours]:
    of_cohort = cohorts.quiet_hours(session, {row.cohort_id for row in rows if row.cohort_id})
    alone = {row.person_id for row in rows if not row.cohort_id and row.person_id}
    of_person = cohorts.quiet_hours_of(session, alone, bot=rows[0].bot)
    return [
        of_cohort.get(row.cohort_id or 0) or of_person.get(row.person_id or 0) or WITHOUT_COHORT
        for row in rows
    ]
