"""What a worker says to a record: her reflection, 确认, or that something is to be changed."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words
from curriculum.clean_text import clean
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.supervision_errors import RecordTextTooLong, SupervisionUndoTooLate
from curriculum.supervision_record_view import readable
from curriculum.supervision_record_words import owe_word, word_name
from curriculum.supervision_records import write_down
from curriculum.supervision_submitting import back_to_draft, to_waiting
from curriculum.supervision_texts import COMMENT, REFLECTION, opened, seal
from curriculum.supervision_words import RECORD, UNDO
from storage.sealed import NoteKey
from storage.supervision_records import (
    DRAFT,
    SEALED,
    WAITING,
    SupervisionRecord,
    SupervisionRecordPerson,
)

LIMIT = 200


def usable(written: str) -> str:
    """Her words as they are kept; raises RecordTextTooLong, also for none."""
    words = clean(written).strip()
    if not 1 <= len(words) <= LIMIT:
        raise RecordTextTooLong(limit=LIMIT)
    return words


def _own(
    session: Session, speaker: Speaker, record_id: int
) -> tuple[SupervisionRecord, SupervisionRecordPerson]:
    """A record in which she is accompanied, held; raises NotThere."""
    record, people = readable(session, speaker, record_id, lock=True)
    own = next((one for one in people if one.person_id == speaker.person_id), None)
    if own is None:
        raise NotThere
    return record, own


def confirm(
    session: Session, speaker: Speaker, record_id: int, *, seen: int, now: datetime
) -> None:
    """确认; it is sealed once nobody can take that back. Raises NotThere, ChangedMeanwhile."""
    record, own = _own(session, speaker, record_id)
    if record.state != WAITING or record.version != seen or own.confirmed_at is not None:
        raise ChangedMeanwhile
    own.confirmed_at = now
    session.add(own)
    write_down(session, speaker, "confirm_supervision_record", record, now=now)


def reflect(
    session: Session,
    speaker: Speaker,
    record_id: int,
    words: str,
    *,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """写反思 until it is sealed; later ones are additions. Raises NotThere, ChangedMeanwhile."""
    record, own = _own(session, speaker, record_id)
    if record.state == SEALED:
        raise ChangedMeanwhile
    seal(own, opened(own, note_key) | {REFLECTION: usable(words)}, note_key)
    session.add(own)
    write_down(session, speaker, "reflect_supervision", record, now=now)


def send_back(
    session: Session,
    speaker: Speaker,
    record_id: int,
    words: str,
    *,
    seen: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """要改: its writer has it back with her comment. Raises NotThere, ChangedMeanwhile."""
    record, own = _own(session, speaker, record_id)
    if record.state != WAITING or record.version != seen or record.written_by == own.person_id:
        raise ChangedMeanwhile
    back_to_draft(session, record, note_key=note_key)
    seal(own, opened(own, note_key) | {COMMENT: usable(words)}, note_key)
    own.confirmed_at, own.returned_at = None, now
    session.add(own)
    record.version += 1
    record.changed_at = now
    write_down(session, speaker, "return_supervision_record", record, now=now)
    owe_word(session, record, speaker.person_id, now=now)


def take_back(
    session: Session,
    speaker: Speaker,
    record_id: int,
    *,
    seen: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """撤销 of her 确认 or 要改, for ten minutes and while nobody has changed it since.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    record, own = _own(session, speaker, record_id)
    at = own.confirmed_at or own.returned_at
    if at is None or record.version != seen or record.state == SEALED:
        raise ChangedMeanwhile
    if now - at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO // timedelta(minutes=1))
    if record.state == WAITING:
        own.confirmed_at = None
    elif record.state == DRAFT and record.changed_at == own.returned_at:
        own.returned_at = None
        seal(own, opened(own, note_key) | {COMMENT: ""}, note_key)
        was_told = supervision_words.is_told(session, RECORD, word_name(record))
        to_waiting(session, speaker, record, note_key=note_key, now=now)
        record.version += 1
        record.changed_at = now
        if was_told:
            owe_word(session, record, speaker.person_id, now=now)
    else:
        raise ChangedMeanwhile
    session.add(own)
    write_down(session, speaker, "undo_supervision_answer", record, now=now)
