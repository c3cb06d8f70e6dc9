"""What is kept of a person around supervision: whom she accompanied, who accompanied her."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_

from curriculum.people import ZONE
from curriculum.personal_data import Counts, Section, section
from curriculum.rhythm import local_date
from curriculum.supervision_endings import call_off
from curriculum.supervision_group_words import owe_all
from storage import of_person, supervision_groups
from storage.supervision_bookings import (
    BOOKED,
    SupervisionBooking,
    SupervisionProposal,
    release_group,
)
from storage.supervision_groups import CANCELLED, DECLINED, SupervisionGroup, SupervisionSeat
from storage.supervision_handovers import SupervisionHandover
from storage.supervision_pairs import SupervisionPair
from storage.supervision_times import SupervisionTerms, SupervisionTime
from storage.supervision_trips import SupervisionTrip
from storage.supervision_wishes import SupervisionWish

ERASES: dict[str, tuple[str, ...]] = {
    "supervision_terms": ("supervisor_id", "place"),
    "supervision_time": ("supervisor_id", "kind", "place"),
    "supervision_booking": ("place",),
    "supervision_proposal": ("place",),
    "supervision_group": ("place",),
    "supervision_trip": ("place",),
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
        *_of_many(session, person_id),
    )


def _of_many(session: Session, person_id: int) -> tuple[Section, ...]:
    """What she asked for, sessions with several, her journeys, what she said of a handover."""
    pairs = [row.id for row in of_person.rows(session, SupervisionPair, _hers(person_id))]
    return (
        section(
            "supervision_wishes",
            of_person.rows(session, SupervisionWish, SupervisionWish.worker_id == person_id),
            *("asked_at", "ended_at"),
        ),
        section(
            "supervision_groups",
            of_person.rows(session, SupervisionGroup, SupervisionGroup.supervisor_id == person_id),
            *("starts_at", "minutes", "mode", "place", "state", "created_at"),
        ),
        section(
            "supervision_seats",
            of_person.rows(session, SupervisionSeat, SupervisionSeat.worker_id == person_id),
            *("state", "answered_at"),
        ),
        section(
            "supervision_trips",
            of_person.rows(session, SupervisionTrip, SupervisionTrip.supervisor_id == person_id),
            *("first_day", "last_day", "place", "state", "changed_at"),
        ),
        section(
            "supervision_handovers",
            of_person.rows(
                session, SupervisionHandover, col(SupervisionHandover.from_pair_id).in_(pairs)
            ),
            *("on_day", "state"),
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
    _leave_groups(session, person_id, now=now)
    led = SupervisionGroup.supervisor_id == person_id
    of_person.blank(session, SupervisionGroup, led, place="", before=None)
    gone = SupervisionTrip.supervisor_id == person_id
    of_person.blank(session, SupervisionTrip, gone, place="")
    of_person.drop(session, SupervisionWish, SupervisionWish.worker_id == person_id)
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


def _leave_groups(session: Session, person_id: int, *, now: datetime) -> None:
    """Cancel the sessions with several that she would lead, and give her place in others free."""
    for group in supervision_groups.ahead_of(session, person_id, since=now):
        release_group(session, group.id or 0)
        group.state, group.before = CANCELLED, None
        group.version += 1
        group.changed_at = now
        session.add(group)
        session.flush()
        seats = supervision_groups.seats(session, group.id or 0)
        owe_all(session, group, [s.worker_id for s in seats if s.state != DECLINED], now=now)
    for group, seat in supervision_groups.ahead_of_worker(session, person_id, now=now):
        release_group(session, group.id or 0, person_id=person_id)
        seat.state, seat.answered_at = DECLINED, now
        session.add(seat)
    session.flush()


def _hers(person_id: int) -> Any:
    return or_(SupervisionPair.supervisor_id == person_id, SupervisionPair.worker_id == person_id)
