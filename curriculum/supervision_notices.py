"""What the two of a pair are told of a session: each change, the day before, an hour before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.facts import FOLDABLE, TIMED, URGENT, Facts, NotWanted
from curriculum.people import ACTIVE, ZONE
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_pairs import IN_PERSON, ONLINE
from curriculum.supervision_words import AGENDA, AHEAD, BOOKING, CARD, TAKE_BACK, Now, Told
from storage import gatherings as names
from storage import supervision_bookings as stored
from storage.people import Person
from storage.supervision_bookings import BOOKED, CANCELLED, MISSED, SupervisionBooking
from storage.supervision_records import actions_of_pair

REMINDED_BEFORE = timedelta(hours=1)
ASKED_BEFORE = timedelta(days=3)
# Nearer than this a change is urgent (EXPERIENCE section 1).
NEAR = timedelta(hours=24)
MADE, MOVED, STANDS, NOW_ONLINE = "made", "moved", "stands", "online"


@dataclass(frozen=True, slots=True)
class View:
    """A session as one of the two sees it; `what` is the last change, `was_at` the time before.

    `other` is the other's name, `accompanies` whether the reader is the supervisor.
    """

    booking_id: int
    pair_id: int
    starts_at: datetime
    minutes: int
    mode: str
    place: str
    state: str
    what: str
    was_at: datetime | None
    other: str
    accompanies: bool
    has_begun: bool
    version: int
    change: int
    changed_at: datetime

    @property
    def wants_answer(self) -> bool:
        """Whether the worker is asked to say 知道了: what was in person is online within a day."""
        is_near = self.starts_at - self.changed_at < NEAR
        return self.what == NOW_ONLINE and is_near and not self.accompanies


def view(session: Session, booking: SupervisionBooking, reader_id: int, *, now: datetime) -> View:
    """A session as somebody in it sees it."""
    accompanies = booking.supervisor_id == reader_id
    other_id = booking.worker_id if accompanies else booking.supervisor_id
    before = booking.before or {}
    return View(
        booking_id=booking.id or 0,
        pair_id=booking.pair_id,
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        mode=booking.mode,
        place=booking.place,
        state=booking.state,
        what=_what(booking),
        was_at=datetime.fromisoformat(before["starts_at"]) if before else None,
        other=names.names_of(session, [other_id]).get(other_id, ""),
        accompanies=accompanies,
        has_begun=booking.starts_at <= now,
        version=booking.version,
        change=booking.change,
        changed_at=booking.changed_at,
    )


def _what(booking: SupervisionBooking) -> str:
    if booking.state in (CANCELLED, MISSED):
        return booking.state
    if booking.before is not None:
        before = booking.before
        is_there = before["starts_at"] == booking.starts_at.isoformat()
        went_online = is_there and (before.get("mode"), booking.mode) == (IN_PERSON, ONLINE)
        return NOW_ONLINE if went_online else MOVED
    return MADE if booking.version == 1 else STANDS


def word_name(booking: SupervisionBooking) -> str:
    """What the word of its last change is called: one that was changed again is not said."""
    return f"{booking.id}:{booking.change}"


def owe_word(
    session: Session, booking: SupervisionBooking, *, was_at: datetime | None, now: datetime
) -> None:
    """Tell the other of the last change, urgently within a day of either time.

    A session moved so near that its reminder is due at once needs no other word.
    """
    starts_at = booking.starts_at
    if booking.state == BOOKED and starts_at - REMINDED_BEFORE <= now < starts_at:
        return
    is_near = was_at is not None and min(was_at, starts_at) - now < NEAR
    other = {booking.supervisor_id, booking.worker_id} - {booking.changed_by}
    for person_id in sorted(other):
        words.owe(
            session,
            BOOKING,
            person_id,
            bot=booking.bot,
            occasion=word_name(booking),
            subject_id=booking.id,
            urgency=URGENT if is_near else FOLDABLE,
            due_at=now + TAKE_BACK,
            now=now,
        )


def _reminder_name(booking: SupervisionBooking) -> str:
    return f"{booking.id}:{booking.moves}"


def owe_reminders(session: Session, booking: SupervisionBooking, *, now: datetime) -> None:
    """Owe both the line of the day before and the message an hour before, anew at each move.

    Three days before the worker is asked what she wants to talk about.
    """
    starts_at = booking.starts_at
    if starts_at <= now:
        return
    soon = starts_at - REMINDED_BEFORE
    eve = local_date(starts_at, ZONE) - timedelta(days=1)
    for person_id in (booking.supervisor_id, booking.worker_id):
        name: dict[str, Any] = {
            "bot": booking.bot,
            "occasion": _reminder_name(booking),
            "subject_id": booking.id,
            "now": now,
        }
        words.owe(
            session,
            CARD,
            person_id,
            urgency=TIMED,
            due_at=max(now, soon),
            not_after=starts_at + timedelta(minutes=booking.minutes),
            **name,
        )
        if eve > local_date(now, ZONE):
            words.owe(
                session,
                AHEAD,
                person_id,
                urgency=FOLDABLE,
                due_at=moment_at(eve, datetime.min.time(), ZONE),
                not_after=soon,
                **name,
            )
        if person_id == booking.worker_id and starts_at - ASKED_BEFORE > now:
            words.owe(
                session,
                AGENDA,
                person_id,
                urgency=FOLDABLE,
                due_at=starts_at - ASKED_BEFORE,
                not_after=soon,
                **name,
            )


def _changed(at: Now) -> Facts | NotWanted:
    booking = stored.booking(at.session, at.row.subject_id or 0)
    if booking is None or word_name(booking) != at.row.occasion:
        return NotWanted("booking_changed")
    return at.facts(view=view(at.session, booking, at.reader.person_id, now=at.now))


def reminder(at: Now) -> Facts | NotWanted:
    """What a word before a session says, unless it was moved or is not held."""
    booking = stored.booking(at.session, at.row.subject_id or 0)
    if booking is None or booking.state != BOOKED or _reminder_name(booking) != at.row.occasion:
        return NotWanted("booking_changed")
    people = (booking.supervisor_id, booking.worker_id)
    if any(at.session.get_one(Person, one).status != ACTIVE for one in people):
        return NotWanted("left")
    return at.facts(
        view=view(at.session, booking, at.reader.person_id, now=at.now),
        actions=len(actions_of_pair(at.session, booking.pair_id)),
    )


NOTICES = (Told(BOOKING, _changed), Told(AHEAD, reminder, words.as_line), Told(CARD, reminder))
