"""Sealing records, the hours they bring, dated additions afterwards, what is owed each minute.

A record is sealed once nobody can take a confirmation back, or so many days after it was handed
on: as 一方确认 then, which is counted apart (EXPERIENCE section 8).
"""

import re
import unicodedata
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import records
from curriculum.clean_text import clean
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.supervision_errors import RecordTextTooLong, SupervisionUndoTooLate
from curriculum.supervision_record_form import LIMIT, read_minutes
from curriculum.supervision_record_view import readable
from curriculum.supervision_record_words import (
    owe_actions,
    owe_unwritten,
    owe_word,
)
from curriculum.supervision_records import write_down
from curriculum.supervision_texts import seal_words
from curriculum.supervision_words import CONFIRM_WITHIN, UNDO
from storage import supervision_due_records, supervision_pairs
from storage import supervision_records as stored
from storage.sealed import NoteKey
from storage.supervision_records import (
    SEALED,
    WAITING,
    SupervisionAddition,
    SupervisionRecord,
    SupervisionRecordPerson,
)

STUDY = "supervision"
# What proves a session to the ledger: the worker's own word, or her supervisor's alone.
CONFIRMED, ONE_SIDED = "signed_in", "roll_call"
# A line of an addition that says how long it really was.
_CORRECTION = re.compile(r"\s*(?:更正)?\s*(?:时长|分钟|minutes|duration)\s*[:：]\s*(?P<rest>.+)")


def is_in_use(session: Session, *, bot: int) -> bool:
    """Whether anybody was ever paired, or met as peers: else there is nothing to look after."""
    return supervision_pairs.has_any(session, bot=bot) or stored.has_any(session, bot=bot)


def keep_up(
    session: Session, *, bot: int, now: datetime, confirm_within: timedelta = CONFIRM_WITHIN
) -> int:
    """Seal what is to be sealed, and owe what is due by itself; gives how many rows were added."""
    sealed = settle(session, bot=bot, now=now, confirm_within=confirm_within)
    owed = owe_unwritten(session, bot=bot, now=now)
    return sealed + owed + owe_actions(session, bot=bot, now=now)


def settle(
    session: Session, *, bot: int, now: datetime, confirm_within: timedelta = CONFIRM_WITHIN
) -> int:
    """Seal every record whose time has come; gives how many."""
    found = supervision_due_records.to_settle(
        session, bot=bot, confirmed_before=now - UNDO, submitted_before=now - confirm_within
    )
    for record_id in found:
        record = stored.record(session, record_id, lock=True)
        if record is not None and record.state == WAITING:
            _seal(session, record, now=now)
    return len(found)


def _seal(session: Session, record: SupervisionRecord, *, now: datetime) -> None:
    people = stored.people_of(session, [record.id or 0])[record.id or 0]
    record.is_one_sided = any(one.confirmed_at is None for one in people)
    record.state, record.sealed_at = SEALED, now
    record.version += 1
    record.changed_at = now
    write_down(session, None, "seal_supervision_record", record, now=now)
    _to_ledger(session, record, people, actor_id=record.written_by, now=now)
    owe_word(session, record, None, now=now)


def _to_ledger(
    session: Session,
    record: SupervisionRecord,
    people: list[SupervisionRecordPerson],
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Let the ledger say how long each worker met; no word of what was said."""
    for one in people:
        records.settle(
            session,
            person_id=one.person_id,
            unit_id=one.unit_id,
            study=STUDY,
            occasion=f"record:{record.id}",
            occurred_on=record.occurred_on,
            title=TITLES[record.form],
            source_id=record.id,
            minutes=record.counted_minutes,
            evidence=CONFIRMED if one.confirmed_at is not None else ONE_SIDED,
            recorded_by=actor_id,
            mode=record.mode,
            now=now,
        )


TITLES = {"individual": "一对一督导", "group": "小组督导", "peer": "同辈督导"}


def read_addition(written: str) -> tuple[str, int | None]:
    """What is added, and the minutes where a line of it says how long it really was.

    Raises RecordTextTooLong, RecordMinutesNotClear.
    """
    words = clean(written).strip()
    if not 1 <= len(words) <= LIMIT:
        raise RecordTextTooLong(limit=LIMIT)
    for line in words.split("\n"):
        plain = unicodedata.normalize("NFKC", line).lower()
        if found := _CORRECTION.fullmatch(plain):
            return words, read_minutes(found["rest"])
    return words, None


def add(
    session: Session,
    speaker: Speaker,
    record_id: int,
    written: str,
    *,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """补充 to a sealed record; its writer can correct the minutes, which the ledger follows.

    Raises NotThere, ChangedMeanwhile, RecordTextTooLong, RecordMinutesNotClear.
    """
    record, people = readable(session, speaker, record_id, lock=True)
    if record.state != SEALED:
        raise ChangedMeanwhile
    words, minutes = read_addition(written)
    is_writer = record.written_by == speaker.person_id
    row = SupervisionAddition(
        record_id=record_id,
        written_by=speaker.person_id,
        minutes=minutes if is_writer else None,
        added_at=now,
    )
    session.add(row)
    session.flush()
    seal_words(row, words, note_key)
    session.add(row)
    _count_anew(session, speaker, record, people, now=now)
    record.version += 1
    record.changed_at = now
    write_down(session, speaker, "add_to_supervision_record", record, now=now)
    owe_word(session, record, speaker.person_id, now=now)
    return row.id or 0


def _count_anew(
    session: Session,
    speaker: Speaker,
    record: SupervisionRecord,
    people: list[SupervisionRecordPerson],
    *,
    now: datetime,
) -> None:
    """Let the newest correction count, in the ledger too."""
    session.flush()
    corrected = [one.minutes for one in stored.additions_of(session, record.id or 0) if one.minutes]
    counted = corrected[-1] if corrected else record.minutes
    if counted == record.counted_minutes:
        return
    record.counted_minutes = counted
    session.add(record)
    _to_ledger(session, record, people, actor_id=speaker.person_id, now=now)


def take_back_addition(
    session: Session, speaker: Speaker, record_id: int, *, seen: int, now: datetime
) -> None:
    """撤销 of the last addition, for ten minutes; what it corrected counts as before.

    Raises NotThere, ChangedMeanwhile, SupervisionUndoTooLate.
    """
    record, people = readable(session, speaker, record_id, lock=True)
    additions = stored.additions_of(session, record_id)
    if record.version != seen or not additions:
        raise ChangedMeanwhile
    last = additions[-1]
    if last.written_by != speaker.person_id:
        raise NotThere
    if now - last.added_at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO // timedelta(minutes=1))
    session.delete(last)
    _count_anew(session, speaker, record, people, now=now)
    record.version += 1
    record.changed_at = now
    write_down(session, speaker, "undo_add_to_supervision_record", record, now=now)
