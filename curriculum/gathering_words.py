"""Who is told of a gathering, and when: what is owed ahead of it, and what a change owes."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.facts import FOLDABLE, TIMED, URGENT
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK
from storage import deliveries
from storage import gathering_people as people
from storage import gatherings as stored
from storage.cohorts import Cohort
from storage.gatherings import PLANNED, Gathering

# The kinds of messages: the line the day before, the one message edited through its life, the
# word that something changed, and the edit of a message that stands already.
AHEAD, CARD, CHANGED, UPDATE = (
    "gathering_ahead",
    "gathering",
    "gathering_changed",
    "gathering_update",
)
# What facilitators are told; each says itself when its hour has come, so a move lets it look again.
ASK, KIT, FALLBACK, NUDGE = (
    "facilitator_ask",
    "facilitator_kit",
    "facilitator_missing",
    "minutes_due",
)
# Why a message about a gathering that was cancelled is not wanted.
CALLED_OFF = "cancelled"
# The reason of a session that takes place after all, at the time it had.
STANDS = "stands"
REMINDED_BEFORE = timedelta(hours=1)
# Nearer than this a change is urgent (EXPERIENCE section 1).
NEAR = timedelta(hours=24)


def occasion(found: Gathering) -> str:
    """What its messages are called: another name each time it is moved, so that they go anew."""
    return f"{found.id}:{found.moves}"


def zone_of(session: Session, found: Gathering) -> str:
    """The zone of a gathering's cohort."""
    return session.get_one(Cohort, found.cohort_id).zone


def owe_ahead(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the messages of whatever begins today or tomorrow; returns how many were added.

    Safe to call at any time and often: once a local day is enough for each, so that whoever
    joined meanwhile is told too.
    """
    added = 0
    for found, zone in stored.starting(session, bot=bot, since=now, until=now + timedelta(days=2)):
        added += owe(session, found, zone, now=now)
    return added


def owe(session: Session, found: Gathering, zone: str, *, now: datetime) -> int:
    """Owe a gathering's line and reminder once its local day is at most one away."""
    today, day = local_date(now, zone), local_date(found.starts_at, zone)
    if found.state != PLANNED or (day - today).days > 1 or found.owed_on == today:
        return 0
    found.owed_on = today
    session.add(found)
    session.flush()
    closes = found.starts_at + timedelta(minutes=found.closes_after)
    added = people.owe_members(
        session,
        found,
        kind=CARD,
        occasion=occasion(found),
        day=day,
        urgency=TIMED,
        due_at=max(now, found.starts_at - REMINDED_BEFORE),
        not_after=closes,
        now=now,
    )
    if found.facilitator_id is not None:
        _owe_facilitator(session, found, found.facilitator_id, not_after=closes, now=now)
    if today < day:
        added += people.owe_members(
            session,
            found,
            kind=AHEAD,
            occasion=occasion(found),
            day=day,
            urgency=FOLDABLE,
            due_at=now,
            not_after=found.starts_at - REMINDED_BEFORE,
            now=now,
        )
    return added


def _owe_facilitator(
    session: Session, found: Gathering, person_id: int, *, not_after: datetime, now: datetime
) -> None:
    """A facilitator from outside the cohort is reminded too."""
    deliveries.add(
        session,
        bot=found.bot,
        kind=CARD,
        occasion=occasion(found),
        recipient=person_id,
        person_id=person_id,
        cohort_id=found.cohort_id,
        subject_id=found.id,
        urgency=TIMED,
        due_at=max(now, found.starts_at - REMINDED_BEFORE),
        not_after=not_after,
        created_at=now,
    )


def is_said(session: Session, found: Gathering) -> bool:
    """Whether anybody was told of it by line or reminder."""
    return any(
        deliveries.has_any(
            session, kind=kind, occasion=occasion(found), statuses=(deliveries.SENT,)
        )
        for kind in (AHEAD, CARD)
    )


def is_change_told(session: Session, found: Gathering) -> bool:
    """Whether anybody was told of its last change, or is being told just now."""
    return deliveries.has_any(
        session,
        kind=CHANGED,
        occasion=changed_name(found),
        statuses=(deliveries.SENT, deliveries.CLAIMED),
    )


def changed_name(found: Gathering) -> str:
    """A change is told under its version: one that was changed again is not told of twice."""
    return f"{found.id}:{found.change}"


def changed(found: Gathering) -> None:
    """Note a change that people are told of; what was to be told before is not any more."""
    found.version += 1
    found.change = found.version


def tell(session: Session, found: Gathering, zone: str, *, was_at: datetime, now: datetime) -> None:
    """Owe the word of a change, urgent within a day of either time; else it can be a line.

    One moved so near that its reminder is due at once needs no other word: the reminder says it.
    But who heard that it is off has had her reminder.
    """
    is_near = found.starts_at - REMINDED_BEFORE <= now
    if found.state == PLANNED and is_near and found.reason != STANDS:
        return
    is_near = min(was_at, found.starts_at) - now < NEAR
    people.owe_members(
        session,
        found,
        kind=CHANGED,
        occasion=changed_name(found),
        day=local_date(now, zone),
        urgency=URGENT if is_near else FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=max(was_at, found.starts_at),
        now=now,
    )


def tell_moved(
    session: Session, found: Gathering, *, was_at: datetime, is_told: bool, now: datetime
) -> None:
    """Owe the word of another time or place, unless another says it, and its reminders anew."""
    zone = zone_of(session, found)
    if is_told:
        tell(session, found, zone, was_at=was_at, now=now)
    found.owed_on = None
    owe(session, found, zone, now=now)
    look_again(session, found, now=now)


def update_cards(session: Session, found: Gathering, name: str, *, now: datetime) -> None:
    """Owe everybody whose message stands in the chat an edit of it."""
    for person_id in people.card_messages(session, kind=CARD, occasion=name):
        update_card(session, found, person_id, name, now=now)


def update_everybody(session: Session, found: Gathering, *, now: datetime) -> int:
    """Owe everybody who is here today an edit, or the message itself; returns how many.

    The facilitator too, where she is from outside the cohort.
    """
    name = occasion(found)
    added = people.owe_members(
        session,
        found,
        kind=UPDATE,
        occasion=f"{name}:{found.version}-{now.timestamp():.6f}",
        day=local_date(now, zone_of(session, found)),
        urgency=FOLDABLE,
        due_at=now,
        not_after=None,
        now=now,
    )
    if found.facilitator_id is not None:
        added += update_card(session, found, found.facilitator_id, name, now=now)
    return added


def update_card(
    session: Session, found: Gathering, person_id: int, name: str, *, now: datetime
) -> bool:
    """Owe one person an edit of her message, or the message where she never had it."""
    return deliveries.add(
        session,
        bot=found.bot,
        kind=UPDATE,
        occasion=f"{name}:{found.version}-{now.timestamp():.6f}",
        recipient=person_id,
        person_id=person_id,
        cohort_id=found.cohort_id,
        subject_id=found.id,
        urgency=FOLDABLE,
        due_at=now,
        created_at=now,
    )


def update_card_if_sent(
    session: Session, found: Gathering, person_id: int, *, now: datetime
) -> None:
    """Owe one person an edit of her message where it stands in her chat already."""
    if person_id in people.card_messages(session, kind=CARD, occasion=occasion(found)):
        update_card(session, found, person_id, occasion(found), now=now)


def look_again(session: Session, found: Gathering, *, now: datetime) -> None:
    """Let what facilitators are to be told look again when its hour is: the session was moved."""
    for kind in (ASK, KIT, FALLBACK, NUDGE):
        of_it = {"kind": kind, "cohort_id": found.cohort_id, "subject_id": found.id}
        deliveries.redue(session, where=of_it, due_at=now, not_after=None)
