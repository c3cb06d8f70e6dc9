"""What people are told of records and actions: what there is to open, never what it says."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_held_groups import held as held_group
from curriculum.supervision_held_groups import unwritten as unwritten_groups
from curriculum.supervision_words import (
    ACTION,
    RECORD,
    TAKE_BACK,
    UNWRITTEN,
    UNWRITTEN_AFTER,
    UNWRITTEN_WITHIN,
    Now,
    Told,
)
from storage import gatherings as names
from storage import supervision_bookings as bookings
from storage import supervision_due_records as due
from storage import supervision_records as stored
from storage.supervision_bookings import BOOKED
from storage.supervision_records import DRAFT, OPEN, SEALED, SupervisionRecord

# How the word of a session with several is called, which has an id of its own.
OF_GROUP = "group:"
# Within so many days of an action's date it is worth a word.
NUDGED_WITHIN = timedelta(days=14)


def word_name(record: SupervisionRecord) -> str:
    """What the word of its last change is called: one that was changed again is not said."""
    return f"{record.id}:{record.version}"


def owe_word(
    session: Session, record: SupervisionRecord, actor_id: int | None, *, now: datetime
) -> None:
    """Tell whoever else is in a record how it stands, a minute from now."""
    people = stored.people_of(session, [record.id or 0])[record.id or 0]
    concerned = {record.written_by, *(one.person_id for one in people)} - {actor_id}
    for person_id in sorted(concerned):
        words.owe(
            session,
            RECORD,
            person_id,
            bot=record.bot,
            occasion=word_name(record),
            subject_id=record.id,
            urgency=FOLDABLE,
            due_at=now + TAKE_BACK,
            now=now,
        )


def _record(at: Now) -> Facts | NotWanted:
    record = stored.record(at.session, at.row.subject_id or 0)
    if record is None or word_name(record) != at.row.occasion:
        return NotWanted("record_changed")
    people = stored.people_of(at.session, [record.id or 0])[record.id or 0]
    own = next((one for one in people if one.person_id == at.reader.person_id), None)
    is_writer = record.written_by == at.reader.person_id
    if own is None and not is_writer:
        return NotWanted("record_changed")
    others = (one.person_id for one in people if one.person_id != at.reader.person_id)
    other = next(others, record.written_by) if is_writer else record.written_by
    return at.facts(
        record_id=record.id or 0,
        what=_what(record, is_writer=is_writer),
        number=record.number,
        occurred_on=record.occurred_on,
        form=record.form,
        other=names.names_of(at.session, [other]).get(other, ""),
        has_comment=any(one.returned_at is not None for one in people),
        one_sided=record.is_one_sided,
        waited=_waited(record),
    )


def _waited(record: SupervisionRecord) -> int:
    """For how many days a sealed record waited for whoever did not confirm it."""
    if record.submitted_at is None or record.sealed_at is None:
        return 0
    return (record.sealed_at - record.submitted_at).days


def _what(record: SupervisionRecord, *, is_writer: bool) -> str:
    """What the reader is told of its state: the writer of a draft has it back, or had."""
    if record.state == SEALED:
        return "sealed"
    if record.state == DRAFT:
        return "returned" if is_writer else "taken_back"
    return "kept" if is_writer else "waiting"


def owe_unwritten(session: Session, *, bot: int, now: datetime) -> int:
    """Remind each supervisor once of a session that was held and has no record."""
    since, until = now - UNWRITTEN_WITHIN, now - UNWRITTEN_AFTER
    found = due.unwritten(session, bot=bot, since=since, until=until, kind=UNWRITTEN)
    of_groups = sum(
        words.owe(
            session,
            UNWRITTEN,
            supervisor_id,
            bot=bot,
            occasion=f"{OF_GROUP}{group_id}",
            subject_id=group_id,
            urgency=FOLDABLE,
            due_at=now,
            now=now,
        )
        for group_id, supervisor_id in unwritten_groups(session, bot=bot, since=since, until=until)
    )
    return of_groups + sum(
        words.owe(
            session,
            UNWRITTEN,
            booking.supervisor_id,
            bot=bot,
            occasion=str(booking.id),
            subject_id=booking.id,
            urgency=FOLDABLE,
            due_at=now,
            now=now,
        )
        for booking in found
    )


def _unwritten(at: Now) -> Facts | NotWanted:
    if at.row.occasion.startswith(OF_GROUP):
        return _unwritten_group(at)
    booking = bookings.booking(at.session, at.row.subject_id or 0)
    if booking is None or booking.state != BOOKED:
        return NotWanted("booking_changed")
    if stored.of_booking(at.session, [booking.id or 0]):
        return NotWanted("has_record")
    return at.facts(
        pair_id=booking.pair_id,
        booking_id=booking.id or 0,
        starts_at=booking.starts_at,
        other=names.names_of(at.session, [booking.worker_id]).get(booking.worker_id, ""),
    )


def _unwritten_group(at: Now) -> Facts | NotWanted:
    try:
        met = held_group(at.session, at.reader, at.row.subject_id or 0, now=at.now)
    except (ChangedMeanwhile, NotThere):
        return NotWanted("booking_changed")
    if met.record_id is not None:
        return NotWanted("has_record")
    return at.facts(group_id=met.group_id, starts_at=met.starts_at, other="", count=len(met.people))


def owe_actions(session: Session, *, bot: int, now: datetime) -> int:
    """Tell owners of what is due today, once for each date; a pause lets it wait."""
    today = local_date(now, ZONE)
    added = 0
    for row in due.due_actions(session, bot=bot, on=today, since=today - NUDGED_WITHIN):
        row.told_due_on = row.due_on
        session.add(row)
        added += words.owe(
            session,
            ACTION,
            row.owner_id,
            bot=bot,
            occasion=f"{row.id}:{row.due_on.isoformat()}",
            subject_id=row.id,
            urgency=FOLDABLE,
            due_at=now,
            now=now,
        )
    session.flush()
    return added


def _action(at: Now) -> Facts | NotWanted:
    row = stored.action(at.session, at.row.subject_id or 0)
    if row is None or row.state != OPEN or at.row.occasion != f"{row.id}:{row.due_on.isoformat()}":
        return NotWanted("action_changed")
    if row.owner_id != at.reader.person_id:
        return NotWanted("action_changed")
    return at.facts(action_id=row.id or 0, due_on=row.due_on)


# Each has a button to press, which no line of a lesson has.
NOTICES = (Told(RECORD, _record), Told(UNWRITTEN, _unwritten), Told(ACTION, _action))
