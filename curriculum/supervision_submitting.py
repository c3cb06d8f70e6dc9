"""Handing a record on to its workers, and taking that back: its actions stand from then on."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import supervision_dates, supervision_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.supervision_errors import RecordNotWhole, SupervisionUndoTooLate
from curriculum.supervision_record_view import UNREAD, readable, view
from curriculum.supervision_record_words import owe_word, word_name
from curriculum.supervision_records import own_draft, write_down
from curriculum.supervision_texts import ACTIONS, opened, seal, seal_words
from curriculum.supervision_words import RECORD, UNDO
from storage import supervision_bookings, supervision_pairs
from storage import supervision_records as stored
from storage.sealed import NoteKey
from storage.supervision_bookings import BOOKED, HELD
from storage.supervision_records import (
    DONE,
    DRAFT,
    OPEN,
    WAITING,
    SupervisionAction,
    SupervisionRecord,
)


def submit(
    session: Session,
    speaker: Speaker,
    record_id: int,
    *,
    seen: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """提交: the workers are given it to confirm; its actions stand from now on.

    Raises NotThere, ChangedMeanwhile, RecordNotWhole.
    """
    record = own_draft(session, speaker, record_id)
    if record.version != seen:
        raise ChangedMeanwhile
    if view(session, speaker, record_id, note_key=note_key, now=now).missing:
        raise RecordNotWhole
    record.number = record.number or stored.next_number(session, record)
    record.submitted_at = now
    to_waiting(session, speaker, record, note_key=note_key, now=now)
    record.version += 1
    record.changed_at = now
    for one in stored.people_of(session, [record_id])[record_id]:
        # Whoever writes for her peers has said so by writing.
        one.confirmed_at = now if one.person_id == speaker.person_id else None
        one.returned_at = None
        session.add(one)
    write_down(session, speaker, "submit_supervision_record", record, now=now)
    owe_word(session, record, speaker.person_id, now=now)


def to_waiting(
    session: Session,
    speaker: Speaker,
    record: SupervisionRecord,
    *,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Let a record wait for its workers: its session was held, its actions stand."""
    _hold(session, record, is_held=True)
    record.state = WAITING
    content = opened(record, note_key)
    content[UNREAD] = {}
    content[ACTIONS] = [
        _stand(session, speaker, record, one, note_key=note_key, now=now)
        for one in content.get(ACTIONS, [])
    ]
    seal(record, content, note_key)
    session.add(record)
    _refresh(session, record.id or 0)


def _hold(session: Session, record: SupervisionRecord, *, is_held: bool) -> None:
    """Let its booked session count as held, or as booked again; raises ChangedMeanwhile."""
    if record.booking_id is None:
        return
    booking = supervision_bookings.booking(session, record.booking_id, lock=True)
    if booking is None or booking.state not in (BOOKED, HELD):
        raise ChangedMeanwhile
    booking.state = HELD if is_held else BOOKED
    booking.version += 1
    session.add(booking)
    session.flush()


def _refresh(session: Session, record_id: int) -> None:
    """The next dates of every pair that a record names."""
    for one in stored.people_of(session, [record_id])[record_id]:
        pair = supervision_pairs.pair(session, one.pair_id, lock=True) if one.pair_id else None
        if pair is not None:
            supervision_dates.refresh(session, pair)
    session.flush()


def _stand(
    session: Session,
    speaker: Speaker,
    record: SupervisionRecord,
    one: dict[str, Any],
    *,
    note_key: NoteKey,
    now: datetime,
) -> dict[str, Any]:
    """Let one action of a record stand: a new one, or one of last time as it is written now."""
    due_on, state = date.fromisoformat(one["due"]), DONE if one.get("done") else OPEN
    row = stored.action(session, one["id"], lock=True) if one.get("id") else None
    if row is None:
        row = SupervisionAction(
            bot=record.bot,
            record_id=record.id or 0,
            pair_id=_pair_of(session, record, one["person"]),
            owner=one["owner"],
            owner_id=one["person"],
            due_on=due_on,
            state=state,
            version=1,
            changed_by=speaker.person_id,
            changed_at=now,
            created_at=now,
        )
        session.add(row)
        session.flush()
        seal_words(row, one["text"], note_key)
    elif (row.due_on, row.state) != (due_on, state) and row.state == OPEN:
        row.before = {"due_on": row.due_on.isoformat(), "state": row.state}
        row.due_on, row.state = due_on, state
        row.version += 1
        row.changed_by, row.changed_at = speaker.person_id, now
    session.add(row)
    session.flush()
    return {**one, "id": row.id}


def _pair_of(session: Session, record: SupervisionRecord, person_id: int) -> int | None:
    if record.pair_id is not None:
        return record.pair_id
    people = stored.people_of(session, [record.id or 0])[record.id or 0]
    return next((one.pair_id for one in people if one.person_id == person_id), None)


def take_back(
    session: Session,
    speaker: Speaker,
    record_id: int,
    *,
    seen: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """撤销 of handing it on, for ten minutes and while nobody has confirmed it.

    Who was told already is told again. Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    record, people = readable(session, speaker, record_id, lock=True)
    if record.written_by != speaker.person_id:
        raise NotThere
    others = [one for one in people if one.person_id != speaker.person_id]
    if record.state != WAITING or record.version != seen or any(o.confirmed_at for o in others):
        raise ChangedMeanwhile
    if record.submitted_at is None or now - record.submitted_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO // timedelta(minutes=1))
    was_told = supervision_words.is_told(session, RECORD, word_name(record))
    back_to_draft(session, record, note_key=note_key)
    record.version += 1
    record.changed_at = now
    write_down(session, speaker, "undo_submit_supervision_record", record, now=now)
    if was_told:
        owe_word(session, record, speaker.person_id, now=now)


def back_to_draft(session: Session, record: SupervisionRecord, *, note_key: NoteKey) -> None:
    """Let a record be written in again; what it alone wanted done is not wanted yet."""
    _hold(session, record, is_held=False)
    content = opened(record, note_key)
    for one in content.get(ACTIONS, []):
        row = stored.action(session, one["id"], lock=True) if one.get("id") else None
        if row is None:
            continue
        if row.record_id == record.id and row.state == OPEN and row.version == 1:
            session.delete(row)
            one["id"] = 0
        elif row.changed_at == record.submitted_at and row.before is not None:
            row.due_on, row.state = date.fromisoformat(row.before["due_on"]), row.before["state"]
            row.before = None
            row.version += 1
            session.add(row)
    seal(record, content, note_key)
    record.state = DRAFT
    session.add(record)
    _refresh(session, record.id or 0)
