"""A record as somebody in it sees it: the writer, the supervisor, each worker; nobody else does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_actions_written import Named
from curriculum.supervision_record_form import NEEDED
from curriculum.supervision_texts import (
    ACTIONS,
    ADVICE,
    CASE,
    COMMENT,
    NEXT_ON,
    REFLECTION,
    TEXTS,
    opened,
    words_of,
)
from curriculum.supervision_words import CONFIRM_WITHIN, UNDO
from storage import gatherings as names
from storage import supervision_records as stored
from storage.sealed import NoteKey
from storage.supervision_records import (
    DRAFT,
    OPEN,
    SEALED,
    SUPERVISOR,
    WAITING,
    WORKER,
    SupervisionAddition,
    SupervisionRecord,
    SupervisionRecordPerson,
)

UNREAD = "unread"
SUBMITTED, CONFIRMED, RETURNED, ADDED = "submit", "confirm", "return", "add"


@dataclass(frozen=True, slots=True)
class ActionLine:
    """Something to be done, as its record says it; `action_id` is 0 before it is handed on."""

    action_id: int
    owner: str
    person_id: int
    name: str
    due_on: date
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A worker of a record, with her own words as far as the reader may see them."""

    person_id: int
    name: str
    confirmed_at: datetime | None
    returned_at: datetime | None
    reflection: str
    comment: str


@dataclass(frozen=True, slots=True)
class AdditionLine:
    """What was added after sealing, when and by whom; `minutes` where it corrects them."""

    addition_id: int
    name: str
    is_mine: bool
    added_at: datetime
    minutes: int | None
    text: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its reader sees it.

    `missing` are the fields it still needs, `unread` what was written in a field and not
    understood. `undo` is what the reader did last and can still take back, "" for nothing.
    `seals_on` is the day on which it is sealed without everybody's word.
    """

    record_id: int
    version: int
    form: str
    number: int | None
    state: str
    is_one_sided: bool
    pair_id: int | None
    occurred_on: date
    minutes: int
    counted_minutes: int
    mode: str
    functions: tuple[str, ...]
    texts: Mapping[str, str]
    next_on: date | None
    case: str
    unread: Mapping[str, str]
    actions: tuple[ActionLine, ...]
    people: tuple[PersonLine, ...]
    supervisor: str
    writer: str
    is_writer: bool
    is_worker: bool
    may_confirm: bool
    missing: tuple[str, ...]
    additions: tuple[AdditionLine, ...]
    seals_on: date | None
    undo: str
    language: str


def readable(
    session: Session, speaker: Speaker, record_id: int, *, lock: bool = False
) -> tuple[SupervisionRecord, list[SupervisionRecordPerson]]:
    """A record that somebody is in, and its workers; raises NotThere.

    A draft is its writer's alone, and the worker's who gave it back until it is written in.
    A deputy never stands in for either side.
    """
    record = stored.record(session, record_id, lock=lock)
    if record is None or record.bot != speaker.bot or speaker.deputy_id is not None:
        raise NotThere
    people = stored.people_of(session, [record_id])[record_id]
    if speaker.person_id == record.written_by:
        return record, people
    concerned = {record.supervisor_id, *(one.person_id for one in people)}
    if record.state == DRAFT and _returned_by(record, people, speaker) is None:
        raise NotThere
    if speaker.person_id not in concerned:
        raise NotThere
    return record, people


def _returned_by(
    record: SupervisionRecord, people: list[SupervisionRecordPerson], speaker: Speaker
) -> SupervisionRecordPerson | None:
    own = (one for one in people if one.person_id == speaker.person_id)
    return next((one for one in own if one.returned_at == record.changed_at), None)


def named_people(
    session: Session, record: SupervisionRecord, people: list[SupervisionRecordPerson]
) -> list[Named]:
    """Whoever of a record can have something to do, the workers first."""
    ids = [one.person_id for one in people]
    known = names.names_of(session, [*ids, *filter(None, [record.supervisor_id])])
    found = [Named(person_id, known.get(person_id, ""), WORKER) for person_id in ids]
    if record.supervisor_id is not None:
        name = known.get(record.supervisor_id, "")
        found.append(Named(record.supervisor_id, name, SUPERVISOR))
    return found


def view(
    session: Session,
    speaker: Speaker,
    record_id: int,
    *,
    note_key: NoteKey,
    now: datetime,
    confirm_within: timedelta = CONFIRM_WITHIN,
) -> RecordView:
    """A record as she sees it now; raises NotThere."""
    record, people = readable(session, speaker, record_id)
    content = opened(record, note_key)
    persons = named_people(session, record, people)
    known = {one.person_id: one.name for one in persons}
    if record.written_by not in known:
        known |= names.names_of(session, [record.written_by])
    additions = stored.additions_of(session, record_id)
    if any(one.written_by not in known for one in additions):
        known |= names.names_of(session, [one.written_by for one in additions])
    actions = actions_in(session, record, content, known, note_key)
    unread = content.get(UNREAD, {})
    next_on = content.get(NEXT_ON)
    own = next((one for one in people if one.person_id == speaker.person_id), None)
    is_waiting = record.state == WAITING
    seals_at = record.submitted_at + confirm_within if record.submitted_at else None
    return RecordView(
        record_id=record_id,
        version=record.version,
        form=record.form,
        number=record.number,
        state=record.state,
        is_one_sided=record.is_one_sided,
        pair_id=record.pair_id or (own.pair_id if own else None),
        occurred_on=record.occurred_on,
        minutes=record.minutes,
        counted_minutes=record.counted_minutes,
        mode=record.mode,
        functions=tuple(record.functions),
        texts={name: content.get(name, "") for name in TEXTS},
        next_on=date.fromisoformat(next_on) if next_on else None,
        case=content.get(CASE, ""),
        unread=unread,
        actions=actions,
        people=tuple(_person(speaker, record, one, known, note_key) for one in people),
        supervisor=known.get(record.supervisor_id or 0, ""),
        writer=known.get(record.written_by, ""),
        is_writer=record.written_by == speaker.person_id,
        is_worker=own is not None,
        may_confirm=is_waiting and own is not None and own.confirmed_at is None,
        missing=_missing(content, actions, unread),
        additions=tuple(_addition(speaker, one, known, note_key) for one in additions),
        seals_on=local_date(seals_at, ZONE) if seals_at and is_waiting else None,
        undo=_undo(speaker, record, people, additions, now=now),
        language=speaker.language,
    )


def _missing(
    content: Mapping[str, Any], actions: tuple[ActionLine, ...], unread: Mapping[str, str]
) -> tuple[str, ...]:
    """What a record needs and has not; date, minutes and mode are there from the beginning."""
    empty = {ADVICE: not content.get(ADVICE), ACTIONS: not actions}
    return tuple(name for name in NEEDED if empty.get(name) or name in unread)


def actions_in(
    session: Session,
    record: SupervisionRecord,
    content: Mapping[str, Any],
    known: Mapping[int, str],
    note_key: NoteKey,
) -> tuple[ActionLine, ...]:
    """What a record says is to be done, each as it stands by now."""
    written = content.get(ACTIONS, [])
    rows = stored.actions_of(session, [one["id"] for one in written if one.get("id")])
    found = []
    for one in written:
        line = ActionLine(
            one.get("id", 0),
            one["owner"],
            one["person"],
            known.get(one["person"], ""),
            date.fromisoformat(one["due"]),
            one["text"],
            "done" if one.get("done") else OPEN,
        )
        row = rows.get(line.action_id)
        if row is not None and record.state != DRAFT:
            line = replace(
                line, due_on=row.due_on, state=row.state, text=words_of(row, note_key) or line.text
            )
        found.append(line)
    return tuple(found)


def _person(
    speaker: Speaker,
    record: SupervisionRecord,
    one: SupervisionRecordPerson,
    known: Mapping[int, str],
    note_key: NoteKey,
) -> PersonLine:
    """A worker; what she wrote is seen by her and by whoever writes or supervises."""
    is_seen = speaker.person_id in (one.person_id, record.written_by, record.supervisor_id)
    said = opened(one, note_key) if is_seen else {}
    return PersonLine(
        one.person_id,
        known.get(one.person_id, ""),
        one.confirmed_at,
        one.returned_at,
        said.get(REFLECTION, ""),
        said.get(COMMENT, ""),
    )


def _addition(
    speaker: Speaker, one: SupervisionAddition, known: Mapping[int, str], note_key: NoteKey
) -> AdditionLine:
    return AdditionLine(
        one.id or 0,
        known.get(one.written_by, ""),
        one.written_by == speaker.person_id,
        one.added_at,
        one.minutes,
        words_of(one, note_key),
    )


def _undo(
    speaker: Speaker,
    record: SupervisionRecord,
    people: list[SupervisionRecordPerson],
    additions: list[SupervisionAddition],
    *,
    now: datetime,
) -> str:
    """What she did last and can take back still."""

    def is_fresh(at: datetime | None) -> bool:
        return at is not None and now - at <= UNDO

    own = next((one for one in people if one.person_id == speaker.person_id), None)
    is_writer = record.written_by == speaker.person_id
    others = [one for one in people if one.person_id != record.written_by]
    if record.state == SEALED:
        last = additions[-1] if additions else None
        is_hers = last is not None and last.written_by == speaker.person_id
        return ADDED if last is not None and is_hers and is_fresh(last.added_at) else ""
    if record.state == WAITING:
        if is_writer and is_fresh(record.submitted_at):
            return "" if any(one.confirmed_at for one in others) else SUBMITTED
        return CONFIRMED if own is not None and is_fresh(own.confirmed_at) else ""
    is_hers = own is not None and own.returned_at == record.changed_at
    return RETURNED if own is not None and is_hers and is_fresh(own.returned_at) else ""
