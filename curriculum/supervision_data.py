"""What is kept of a person around supervision: whom she accompanied, who accompanied her."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, or_

from curriculum.people import ZONE
from curriculum.personal_data import Counts, Section, section
from curriculum.rhythm import local_date
from curriculum.supervision_endings import call_off
from storage import of_person
from storage.supervision_bookings import (
    BOOKED,
    SupervisionBooking,
    SupervisionProposal,
)
from storage.supervision_pairs import SupervisionPair
from storage.supervision_times import SupervisionTerms, SupervisionTime

ERASES: dict[str, tuple[str, ...]] = {
    "supervision_terms": ("supervisor_id", "place"),
    "supervision_time": ("supervisor_id", "kind", "place"),
    "supervision_booking": ("place",),
    "supervision_proposal": ("place",),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Her pairs, on either side; the other's name is the other's."""
    pairs = of_person.rows(session, SupervisionPair, _hers(person_id))

    def accompanies(row: SupervisionPair) -> bool:
        return row.supervisor_id == person_id

    def place(row: SupervisionBooking) -> str:
        # What the other wrote is the other's.
        return row.place if row.supervisor_id == person_id else ""

    return (
        section(
            "supervision_pairs",
            pairs,
            "since",
            "until",
            "every_months",
            "change_asked_at",
            accompanies=accompanies,
        ),
        section(
            "supervision_sessions",
            of_person.rows(
                session,
                SupervisionBooking,
                or_(
                    SupervisionBooking.supervisor_id == person_id,
                    SupervisionBooking.worker_id == person_id,
                ),
            ),
            *("starts_at", "minutes", "mode", "state", "created_at"),
            place=place,
        ),
        section(
            "supervision_proposals",
            of_person.rows(
                session, SupervisionProposal, SupervisionProposal.proposed_by == person_id
            ),
            *("mode", "place", "state", "asked_at"),
        ),
        section(
            "supervision_times",
            of_person.rows(session, SupervisionTime, SupervisionTime.supervisor_id == person_id),
            *("kind", "weekday", "day", "last_day", "starts", "ends", "place"),
        ),
        section(
            "supervision_terms",
            of_person.rows(session, SupervisionTerms, SupervisionTerms.supervisor_id == person_id),
            *("minutes", "buffer_minutes", "notice_hours", "hours_per_month", "place"),
        ),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """End her pairs and cancel what they had booked; the other is told of that.

    That there were such pairs and sessions stays, so that what was counted stays counted.
    """
    today = local_date(now, ZONE)
    ended = 0
    for pair in of_person.rows(session, SupervisionPair, _hers(person_id)):
        if pair.ended_at is None:
            pair.until, pair.ended_at = max(pair.since, today), now
            ended += 1
        pair.change_asked_at = None
        session.add(pair)
    session.flush()
    booked = _cancel(session, person_id, now=now)
    # A place is what a supervisor wrote: where her link is, or where she goes.
    hers = SupervisionBooking.supervisor_id == person_id
    of_person.blank(session, SupervisionBooking, hers, place="", before=None)
    proposed = SupervisionProposal.proposed_by == person_id
    of_person.blank(session, SupervisionProposal, proposed, place="")
    mine = SupervisionTime.supervisor_id == person_id
    times = of_person.drop(session, SupervisionTime, mine)
    of_person.drop(session, SupervisionTerms, SupervisionTerms.supervisor_id == person_id)
    return {
        "supervision_pairs": ended,
        "supervision_sessions": booked,
        "supervision_times": times,
    }


def _cancel(session: Session, person_id: int, *, now: datetime) -> int:
    """Cancel every session of hers that is to come; gives how many."""
    ahead = of_person.rows(
        session,
        SupervisionBooking,
        or_(
            SupervisionBooking.supervisor_id == person_id,
            SupervisionBooking.worker_id == person_id,
        ),
        SupervisionBooking.state == BOOKED,
        SupervisionBooking.starts_at > now,
    )
    for booking in ahead:
        call_off(session, booking, actor_id=person_id, now=now)
    return len(ahead)


def _hers(person_id: int) -> Any:
    return or_(SupervisionPair.supervisor_id == person_id, SupervisionPair.worker_id == person_id)
