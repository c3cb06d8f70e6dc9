"""What is kept of a person in private text of supervision: her copy, its erasure, its days."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from curriculum.people import ZONE
from curriculum.personal_data import Counts, Row, Section
from curriculum.rhythm import local_date
from storage import of_person
from storage.sealed import NoteKey
from storage.supervision_notes import (
    SHARED,
    SupervisionAgenda,
    SupervisionConsent,
    SupervisionNote,
    SupervisionSentence,
)
from storage.supervision_pairs import SupervisionPair
from storage.used_lessons import UsedLesson

ERASES: dict[str, tuple[str, ...]] = {
    "supervision_note": ("author_id", "sealed"),
    "supervision_agenda": ("worker_id", "sealed"),
}


def personal_data(session: Session, person_id: int, *, note_key: NoteKey) -> tuple[Section, ...]:
    """The notes she wrote and those shared with her, and what she wanted to talk about."""
    shared_with_her = and_(
        col(SupervisionNote.kind) == SHARED,
        col(SupervisionNote.pair_id).in_(_shared_with(person_id)),
    )
    notes = of_person.rows(
        session,
        SupervisionNote,
        or_(SupervisionNote.author_id == person_id, shared_with_her),
        col(SupervisionNote.deleted_at).is_(None),
    )
    agendas = of_person.rows(session, SupervisionAgenda, SupervisionAgenda.worker_id == person_id)
    brought = of_person.rows(
        session, SupervisionSentence, col(SupervisionSentence.used_id).in_(_used_by(person_id))
    )
    consents = of_person.rows(
        session, SupervisionConsent, col(SupervisionConsent.pair_id).in_(_accompanying(person_id))
    )
    return (
        Section("supervision_notes", tuple(_note(row, person_id, note_key) for row in notes)),
        Section("supervision_agendas", tuple(_agenda(row, note_key) for row in agendas)),
        Section("supervision_sentences", tuple({"brought_at": row.brought_at} for row in brought)),
        Section(
            "supervision_consents",
            tuple({"is_given": row.is_given, "answered_at": row.answered_at} for row in consents),
        ),
    )


def _note(row: SupervisionNote, person_id: int, note_key: NoteKey) -> Row:
    return {
        "kind": row.kind,
        "is_own": row.author_id == person_id,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "note_words": note_key.open(row.sealed, about=f"supervision_note:{row.id}"),
    }


def _agenda(row: SupervisionAgenda, note_key: NoteKey) -> Row:
    said = json.loads(note_key.open(row.sealed, about=f"supervision_agenda:{row.id}"))
    return {
        "written_at": row.written_at,
        "words": said.get("text", ""),
        "has_voice": bool(said.get("voice")),
    }


def _shared_with(person_id: int) -> Any:
    """The pairs whose shared notes she reads whoever wrote them, by the rule of their readers.

    Of a pair that ends on a date a supervisor's copy holds her own alone: nobody says what day it
    is here, and she must not get what is not hers to read any more.
    """
    accompanies = and_(
        col(SupervisionPair.supervisor_id) == person_id,
        col(SupervisionPair.ended_at).is_(None),
        col(SupervisionPair.until).is_(None),
    )
    return select(SupervisionPair.id).where(
        or_(SupervisionPair.worker_id == person_id, accompanies)
    )


def _accompanying(person_id: int) -> Any:
    return select(SupervisionPair.id).where(SupervisionPair.worker_id == person_id)


def _used_by(person_id: int) -> Any:
    return select(UsedLesson.id).where(UsedLesson.person_id == person_id)


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Erase what she wrote, and what was written about her where she was accompanied."""
    del now
    about_her = col(SupervisionNote.pair_id).in_(_accompanying(person_id))
    notes = of_person.drop(
        session, SupervisionNote, or_(SupervisionNote.author_id == person_id, about_her)
    )
    agendas = of_person.drop(session, SupervisionAgenda, SupervisionAgenda.worker_id == person_id)
    of_person.drop(
        session, SupervisionSentence, col(SupervisionSentence.used_id).in_(_used_by(person_id))
    )
    of_person.drop(
        session, SupervisionConsent, col(SupervisionConsent.pair_id).in_(_accompanying(person_id))
    )
    return {"supervision_notes": notes, "supervision_agendas": agendas}


def drop_old(session: Session, *, before: datetime, limit: int) -> int:
    """Forget the private text of pairs that were over before a moment; how many texts there were.

    What a worker wanted to talk about goes so long after it was written, whatever becomes of them.
    """
    day = local_date(before, ZONE)
    over = select(SupervisionPair.id).where(
        or_(
            col(SupervisionPair.ended_at) < before,
            col(SupervisionPair.until) < day - timedelta(days=1),
        )
    )
    notes = of_person.some(
        session, col(SupervisionNote.id), col(SupervisionNote.pair_id).in_(over), limit=limit
    )
    gone = of_person.drop(session, SupervisionNote, col(SupervisionNote.id).in_(notes))
    if gone < limit:
        agendas = of_person.some(
            session,
            col(SupervisionAgenda.id),
            or_(
                col(SupervisionAgenda.pair_id).in_(over),
                col(SupervisionAgenda.written_at) < before,
            ),
            limit=limit - gone,
        )
        gone += of_person.drop(session, SupervisionAgenda, col(SupervisionAgenda.id).in_(agendas))
    return gone
