"""Writing down a session that was held: begun from what is known, then filled in.

Actions of last time that are still open stand in the next record from the beginning.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.records import OFFLINE, ONLINE
from curriculum.rhythm import local_date
from curriculum.supervision_actions_written import Written
from curriculum.supervision_pairs import IN_PERSON
from curriculum.supervision_record_form import (
    DATE,
    FUNCTIONS,
    MINUTES,
    MODE,
    Filled,
    read_field,
    read_form,
)
from curriculum.supervision_record_view import UNREAD, named_people, readable
from curriculum.supervision_texts import ACTIONS, CASE, NEXT_ON, opened, seal, words_of
from curriculum.supervision_times import terms_of
from curriculum.supervision_words import pair_with
from storage import audit, supervision_bookings, supervision_pairs
from storage import supervision_records as stored
from storage.sealed import NoteKey
from storage.supervision_bookings import BOOKED
from storage.supervision_pairs import SupervisionPair
from storage.supervision_records import (
    DRAFT,
    INDIVIDUAL,
    SupervisionAction,
    SupervisionRecord,
    SupervisionRecordPerson,
)

PLAIN = (DATE, MINUTES, MODE, FUNCTIONS)


def begin(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    booking_id: int | None,
    *,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """写记录 of a session of hers, booked or not; what she has begun or written is hers. Its id.

    Raises NotThere, and ChangedMeanwhile for a session that was missed or is to come.
    """
    pair = pair_with(session, speaker.person_id, pair_id)
    if pair.supervisor_id != speaker.person_id:
        raise NotThere
    supervision_pairs.pair(session, pair_id, lock=True)
    old = stored.draft_of(
        session, speaker.person_id, pair_id=pair_id, booking_id=booking_id, form=INDIVIDUAL
    )
    written = stored.of_booking(session, [booking_id]) if booking_id is not None else {}
    old = old or next(iter(written.values()), None)
    if old is not None and old.written_by == speaker.person_id:
        return old.id or 0
    known = _from_booking(session, pair, booking_id, now=now)
    record = SupervisionRecord(
        bot=pair.bot,
        form=INDIVIDUAL,
        pair_id=pair_id,
        supervisor_id=speaker.person_id,
        booking_id=booking_id,
        written_by=speaker.person_id,
        **known,
        **_empty(now),
    )
    last = stored.of_pair(session, pair_id)
    if last:
        record.functions = list(last[0].functions)
    content: dict[str, Any] = {
        ACTIONS: [_carried(row, note_key) for row in stored.actions_of_pair(session, pair_id)]
    }
    if last and last[0].form == INDIVIDUAL:
        content[CASE] = opened(last[0], note_key).get(CASE, "")
    add(session, speaker, record, {pair.worker_id: pair_id}, content, note_key=note_key, now=now)
    return record.id or 0


def _empty(now: datetime) -> dict[str, Any]:
    return {
        "functions": [],
        "state": DRAFT,
        "version": 1,
        "changed_at": now,
        "created_at": now,
    }


def _from_booking(
    session: Session, pair: SupervisionPair, booking_id: int | None, *, now: datetime
) -> dict[str, Any]:
    """Date, minutes and mode as they were booked, or as the pair usually meets."""
    if booking_id is None:
        minutes = terms_of(session, pair.supervisor_id).minutes
        mode, day = pair.mode, local_date(now, ZONE)
    else:
        booking = supervision_bookings.booking(session, booking_id, lock=True)
        if booking is None or booking.pair_id != pair.id:
            raise NotThere
        if booking.state != BOOKED or booking.starts_at > now:
            raise ChangedMeanwhile
        minutes, mode = booking.minutes, booking.mode
        day = local_date(booking.starts_at, ZONE)
    return {
        "occurred_on": day,
        "minutes": minutes,
        "counted_minutes": minutes,
        "mode": OFFLINE if mode == IN_PERSON else ONLINE,
    }


def _carried(row: SupervisionAction, note_key: NoteKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner": row.owner,
        "person": row.owner_id,
        "due": row.due_on.isoformat(),
        "text": words_of(row, note_key),
    }


def add(
    session: Session,
    speaker: Speaker,
    record: SupervisionRecord,
    workers: Mapping[int, int | None],
    content: Mapping[str, Any],
    *,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Keep a new record of these workers, each with the pair she is in."""
    session.add(record)
    session.flush()
    seal(record, content, note_key)
    units = stored.units_of(session, list(workers))
    for person_id, pair_id in workers.items():
        session.add(
            SupervisionRecordPerson(
                record_id=record.id or 0,
                person_id=person_id,
                pair_id=pair_id,
                unit_id=units.get(person_id),
            )
        )
    session.flush()
    write_down(session, speaker, "begin_supervision_record", record, now=now)


def write_down(
    session: Session,
    speaker: Speaker | None,
    action: str,
    record: SupervisionRecord,
    *,
    now: datetime,
) -> None:
    """Keep in the audit trail what was done to a record: ids and codes only."""
    session.add(record)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id if speaker is not None else None,
        action=action,
        object_kind="supervision_record",
        object_id=record.id,
        pair=record.pair_id,
        form=record.form,
        state=record.state,
        version=record.version,
    )


def own_draft(session: Session, speaker: Speaker, record_id: int) -> SupervisionRecord:
    """A record of hers that she can write in, held; raises NotThere, ChangedMeanwhile."""
    record, _ = readable(session, speaker, record_id, lock=True)
    if record.written_by != speaker.person_id:
        raise NotThere
    if record.state != DRAFT:
        raise ChangedMeanwhile
    return record


def save(
    session: Session,
    speaker: Speaker,
    record_id: int,
    filled: Filled,
    *,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Keep what was understood of a form or one field of it, and what was not as it was written.

    Raises NotThere, ChangedMeanwhile.
    """
    record = own_draft(session, speaker, record_id)
    content = opened(record, note_key)
    unread = {**content.get(UNREAD, {}), **filled.unread}
    for code, value in filled.fields.items():
        unread.pop(code, None)
        if code == ACTIONS:
            content[code] = _merged(content.get(code, []), value or [])
        elif code == NEXT_ON:
            content[code] = value.isoformat() if value else None
        elif code not in PLAIN:
            content[code] = value
    content[UNREAD] = unread
    record.occurred_on = filled.fields.get(DATE) or record.occurred_on
    record.minutes = record.counted_minutes = filled.fields.get(MINUTES) or record.minutes
    record.mode = filled.fields.get(MODE) or record.mode
    if FUNCTIONS in filled.fields:
        record.functions = list(filled.fields[FUNCTIONS] or [])
    seal(record, content, note_key)
    record.version += 1
    record.changed_at = now
    session.add(record)
    session.flush()


def understood(
    session: Session, speaker: Speaker, record_id: int, written: str, code: str, *, now: datetime
) -> Filled:
    """What a message says: of one field, with its refusal, or of the whole form where `code` is "".

    Raises NotThere.
    """
    record, rows = readable(session, speaker, record_id)
    people = named_people(session, record, rows)
    known: dict[str, Any] = {
        "held_on": record.occurred_on,
        "today": local_date(now, ZONE),
        "others": record.form != INDIVIDUAL,
    }
    if not code:
        return read_form(written, people, **known)
    return Filled({code: read_field(code, written, people, **known)})


def save_written(
    session: Session,
    speaker: Speaker,
    record_id: int,
    written: str,
    code: str,
    *,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """`save` of what a message says."""
    filled = understood(session, speaker, record_id, written, code, now=now)
    save(session, speaker, record_id, filled, note_key=note_key, now=now)


def _merged(old: Sequence[Mapping[str, Any]], written: Sequence[Written]) -> list[dict[str, Any]]:
    """Actions as they were written now; one of last time is known by its owner and words."""
    ids = {(one["person"], _key(one["text"])): one["id"] for one in old if one.get("id")}
    return [
        {
            "owner": one.owner,
            "person": one.person_id,
            "due": one.due_on.isoformat(),
            "text": one.text,
            "done": one.is_done,
            "id": ids.pop((one.person_id, _key(one.text)), 0),
        }
        for one in written
    ]


def _key(text: str) -> str:
    return "".join(text.split()).casefold()


def drop(session: Session, speaker: Speaker, record_id: int, *, now: datetime) -> int | None:
    """删掉草稿 that nobody was given; gives its pair. Raises NotThere, ChangedMeanwhile."""
    record = own_draft(session, speaker, record_id)
    if record.submitted_at is not None:
        raise ChangedMeanwhile
    pair_id = record.pair_id
    write_down(session, speaker, "drop_supervision_record", record, now=now)
    stored.drop_record(session, record)
    return pair_id
