"""What is kept of a person in records of supervision: her copy, and what is erased with her."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from curriculum.personal_data import Counts, Row, Section
from curriculum.supervision_texts import CASE, REFLECTION, TEXTS, opened, words_of
from storage import of_person
from storage.sealed import NoteKey
from storage.supervision_records import (
    DROPPED,
    INDIVIDUAL,
    OPEN,
    SupervisionAction,
    SupervisionAddition,
    SupervisionRecord,
    SupervisionRecordPerson,
)

ERASES: dict[str, tuple[str, ...]] = {
    "supervision_record": ("sealed",),
    "supervision_record_person": ("sealed",),
    "supervision_addition": ("sealed",),
    "supervision_action": ("sealed",),
}


def personal_data(session: Session, person_id: int, *, note_key: NoteKey) -> tuple[Section, ...]:
    """The records she is in, on either side, and her own words about them."""
    records: list[Row] = []
    own = {row.record_id: row for row in _named(session, person_id)}
    for record in of_person.rows(session, SupervisionRecord, _hers(person_id)):
        texts = opened(record, note_key)
        named = own.get(record.id or 0)
        records.append(
            {
                "form": record.form,
                "record_number": record.number,
                "occurred_on": record.occurred_on,
                "minutes": record.counted_minutes,
                "mode": record.mode,
                "functions": "、".join(record.functions),
                "state": record.state,
                **{name: texts.get(name, "") for name in (*TEXTS, CASE)},
                REFLECTION: opened(named, note_key).get(REFLECTION, "") if named else "",
            }
        )
    return (
        Section("supervision_records", tuple(records)),
        Section("supervision_actions", tuple(_actions(session, person_id, note_key))),
        Section("supervision_additions", tuple(_additions(session, person_id, note_key))),
    )


def _actions(session: Session, person_id: int, note_key: NoteKey) -> list[Row]:
    rows = of_person.rows(session, SupervisionAction, SupervisionAction.owner_id == person_id)
    return [
        {"due_on": row.due_on, "state": row.state, "words": words_of(row, note_key)} for row in rows
    ]


def _additions(session: Session, person_id: int, note_key: NoteKey) -> list[Row]:
    rows = of_person.rows(session, SupervisionAddition, SupervisionAddition.written_by == person_id)
    return [
        {"added_at": row.added_at, "minutes": row.minutes, "words": words_of(row, note_key)}
        for row in rows
    ]


def _named(session: Session, person_id: int) -> list[SupervisionRecordPerson]:
    return of_person.rows(
        session, SupervisionRecordPerson, SupervisionRecordPerson.person_id == person_id
    )


def _with(person_id: int) -> Any:
    named = select(SupervisionRecordPerson.record_id).where(
        SupervisionRecordPerson.person_id == person_id
    )
    return col(SupervisionRecord.id).in_(named)


def _hers(person_id: int) -> Any:
    return or_(
        SupervisionRecord.supervisor_id == person_id,
        SupervisionRecord.written_by == person_id,
        _with(person_id),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Erase what she wrote, and what was written of the two of them alone; gives how many of each.

    That a session was held stays, so that what was counted stays counted. A group's record is its
    writer's.
    """
    del now
    alone = (SupervisionRecord.form == INDIVIDUAL) & _with(person_id)
    is_hers = or_(SupervisionRecord.written_by == person_id, alone)
    of_the_pair = col(SupervisionAction.record_id).in_(select(SupervisionRecord.id).where(alone))
    owned = SupervisionAction.owner_id == person_id
    records = of_person.blank(session, SupervisionRecord, is_hers, sealed=None)
    of_person.blank(
        session,
        SupervisionRecordPerson,
        SupervisionRecordPerson.person_id == person_id,
        sealed=None,
    )
    added = SupervisionAddition.written_by == person_id
    of_person.blank(session, SupervisionAddition, added, sealed=None)
    # What nobody can read any more nobody is reminded of.
    theirs = or_(owned, of_the_pair)
    is_open = SupervisionAction.state == OPEN
    of_person.blank(session, SupervisionAction, theirs, is_open, state=DROPPED)
    actions = of_person.blank(session, SupervisionAction, theirs, sealed=None)
    return {"supervision_records": records, "supervision_actions": actions}
