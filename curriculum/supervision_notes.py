"""Notes of a pair: shared by the two, the supervisor's alone, the worker's alone.

Each is its author's to write anew, to make shared and to delete; it lies sealed in the database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import ChangedMeanwhile, NotThere, TextTooLong
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.supervision_errors import SupervisionUndoTooLate
from curriculum.supervision_readers import Reader, earlier, reader_of
from curriculum.supervision_words import UNDO
from storage import audit, supervision_bookings
from storage import gatherings as names
from storage import supervision_notes as stored
from storage.sealed import NoteKey
from storage.supervision_notes import SHARED, SUPERVISOR, WORKER, SupervisionNote

__all__ = ["SHARED", "SUPERVISOR", "WORKER"]
NOTE_LIMIT = 1000
PAGE = 4
# A note written within a day of a session is of that session.
OF_SESSION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Note:
    """A note as one of its readers sees it; `author` is who wrote it.

    `may_undo` is whether making it shared can still be taken back, `may_share` whether its author
    can make it shared.
    """

    note_id: int
    pair_id: int
    kind: str
    text: str
    is_own: bool
    author: str
    written_at: datetime
    edited_at: datetime | None
    version: int
    may_share: bool
    may_undo: bool


@dataclass(frozen=True, slots=True)
class NotesPage:
    """One page of a pair's notes, counted from 0, as somebody reads them.

    `reader` is her side: supervisor, worker or successor. `consent` is what the worker said about
    her next supervisor, None before she did; `asks` whether there is something to ask her.
    """

    pair_id: int
    reader: str
    other: str
    is_over: bool
    lines: tuple[Note, ...]
    page: int
    pages: int
    count: int
    consent: bool | None
    asks: bool
    has_earlier: bool


def readable(written: str) -> str:
    """A note as it is kept, its lines as they are; raises QuestionEmpty, TextTooLong."""
    words = clean(written).strip()
    if not words:
        raise QuestionEmpty
    if len(words) > NOTE_LIMIT:
        raise TextTooLong(limit=NOTE_LIMIT, length=len(words))
    return words


def page(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    number: int = 0,
    *,
    note_key: NoteKey,
    now: datetime,
) -> NotesPage:
    """One page of what she reads of a pair's notes; raises NotThere."""
    reader = reader_of(session, speaker, pair_id, now=now)
    count = stored.count(session, pair_id, kinds=reader.kinds, author_id=reader.author_id)
    pages = max(1, -(-count // PAGE))
    number = min(max(0, number), pages - 1)
    rows = stored.notes(
        session,
        pair_id,
        kinds=reader.kinds,
        author_id=reader.author_id,
        limit=PAGE,
        offset=number * PAGE,
    )
    pair = reader.pair
    other = pair.supervisor_id if reader.side != SUPERVISOR else pair.worker_id
    given = stored.consent(session, pair_id)
    asks = reader.side == WORKER and reader.is_over
    return NotesPage(
        pair_id=pair_id,
        reader=reader.side,
        other=names.names_of(session, [other]).get(other, ""),
        is_over=reader.is_over,
        lines=tuple(_seen(session, reader, row, note_key, now=now) for row in rows),
        page=number,
        pages=pages,
        count=count,
        consent=given.is_given if given is not None else None,
        asks=asks and stored.count(session, pair_id, kinds=(SHARED,)) > 0,
        has_earlier=not reader.is_over and bool(earlier(session, speaker, now=now)),
    )


def _seen(
    session: Session, reader: Reader, row: SupervisionNote, note_key: NoteKey, *, now: datetime
) -> Note:
    is_own = row.author_id == reader.author_id
    may_undo = is_own and row.shared_at is not None and now - row.shared_at <= UNDO
    return Note(
        note_id=row.id or 0,
        pair_id=row.pair_id,
        kind=row.kind,
        text=note_key.open(row.sealed, about=_about(row)),
        is_own=is_own,
        author=names.names_of(session, [row.author_id]).get(row.author_id, ""),
        written_at=row.created_at,
        edited_at=row.edited_at,
        version=row.version,
        may_share=is_own and row.kind != SHARED and not reader.is_over,
        may_undo=may_undo,
    )


def _about(row: SupervisionNote) -> str:
    return f"supervision_note:{row.id}"


def one(
    session: Session, speaker: Speaker, note_id: int, *, note_key: NoteKey, now: datetime
) -> Note:
    """A note she reads; raises NotThere."""
    row = stored.note(session, note_id)
    if row is None or row.deleted_at is not None:
        raise NotThere
    reader = reader_of(session, speaker, row.pair_id, now=now)
    if not reader.reads(row):
        raise NotThere
    return _seen(session, reader, row, note_key, now=now)


def may_write(session: Session, speaker: Speaker, pair_id: int, *, now: datetime) -> None:
    """Raise NotThere for whoever is not one of the two of a pair that stands."""
    reader = reader_of(session, speaker, pair_id, now=now)
    if reader.is_over:
        raise NotThere


def write(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    text: str,
    *,
    is_shared: bool,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """Keep a note of hers, for both or for herself alone; gives its id.

    Raises NotThere, QuestionEmpty, TextTooLong.
    """
    may_write(session, speaker, pair_id, now=now)
    reader = reader_of(session, speaker, pair_id, now=now)
    newest = supervision_bookings.newest(session, [pair_id]).get(pair_id)
    is_of_session = newest is not None and newest.starts_at <= now <= newest.starts_at + OF_SESSION
    row = SupervisionNote(
        bot=speaker.bot,
        pair_id=pair_id,
        author_id=speaker.person_id,
        kind=SHARED if is_shared else reader.side,
        booking_id=newest.id if newest is not None and is_of_session else None,
        sealed=b"",
        version=1,
        created_at=now,
    )
    session.add(row)
    session.flush()
    row.sealed = note_key.seal(readable(text), about=_about(row))
    _changed(session, speaker, row, "write_supervision_note", now=now)
    return row.id or 0


def _to_change(
    session: Session, speaker: Speaker, note_id: int, *, seen: int, now: datetime
) -> tuple[Reader, SupervisionNote]:
    """A note of her own as she saw it, locked; raises NotThere, ChangedMeanwhile."""
    row = stored.note(session, note_id, lock=True)
    if row is None or row.author_id != speaker.person_id:
        raise NotThere
    reader = reader_of(session, speaker, row.pair_id, now=now)
    if row.version != seen:
        raise ChangedMeanwhile
    return reader, row


def edit(
    session: Session,
    speaker: Speaker,
    note_id: int,
    text: str,
    *,
    seen: int,
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Write a note of hers anew; raises NotThere, ChangedMeanwhile, QuestionEmpty, TextTooLong."""
    _, row = _to_change(session, speaker, note_id, seen=seen, now=now)
    if row.deleted_at is not None:
        raise NotThere
    row.sealed = note_key.seal(readable(text), about=_about(row))
    row.edited_at = now
    row.version += 1
    _changed(session, speaker, row, "edit_supervision_note", now=now)


def share(
    session: Session, speaker: Speaker, note_id: int, *, seen: int, now: datetime
) -> SupervisionNote:
    """设为共同: the other reads a note that was hers alone; raises NotThere, ChangedMeanwhile.

    What is shared becomes private again only by 撤销, within ten minutes.
    """
    reader, row = _to_change(session, speaker, note_id, seen=seen, now=now)
    if reader.is_over or row.deleted_at is not None or row.kind == SHARED:
        raise NotThere
    row.kind, row.shared_at = SHARED, now
    row.version += 1
    _changed(session, speaker, row, "share_supervision_note", now=now)
    return row


def drop(
    session: Session, speaker: Speaker, note_id: int, *, seen: int, now: datetime
) -> SupervisionNote:
    """删掉笔记: nobody reads it any more; it is gone for good ten minutes later.

    Raises NotThere, ChangedMeanwhile.
    """
    _, row = _to_change(session, speaker, note_id, seen=seen, now=now)
    if row.deleted_at is not None:
        raise NotThere
    row.deleted_at = now
    row.version += 1
    _changed(session, speaker, row, "drop_supervision_note", now=now)
    return row


def take_back(
    session: Session, speaker: Speaker, note_id: int, *, seen: int, now: datetime
) -> SupervisionNote:
    """撤销 of her deleting a note, or of making it shared, for ten minutes.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    reader, row = _to_change(session, speaker, note_id, seen=seen, now=now)
    done_at = row.deleted_at or row.shared_at
    if done_at is None:
        raise NotThere
    if now - done_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    if row.deleted_at is not None:
        row.deleted_at = None
    else:
        row.kind, row.shared_at = reader.side, None
    row.version += 1
    _changed(session, speaker, row, "undo_supervision_note", now=now)
    return row


def _changed(
    session: Session, speaker: Speaker, row: SupervisionNote, action: str, *, now: datetime
) -> None:
    session.add(row)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_note",
        object_id=row.id,
        pair=row.pair_id,
        kind=row.kind,
    )


def empty_deleted(session: Session, *, bot: int, now: datetime) -> int:
    """Let the deleted notes go for which 撤销 is over; how many there were."""
    return stored.drop_deleted(session, bot=bot, before=now - UNDO)
