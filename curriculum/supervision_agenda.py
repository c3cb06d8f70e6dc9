"""您想聊什么: what a worker wants to talk about in the next session, and sentences she brings.

It is asked three days before, can be changed until the session begins, and is read in its brief.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.clean_text import clean
from curriculum.errors import NotThere, TextTooLong
from curriculum.facts import Facts, NotWanted
from curriculum.people import ZONE, Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.rhythm import local_date
from curriculum.supervision_free import pair_for
from curriculum.supervision_notices import reminder
from curriculum.supervision_words import AGENDA, Now, Told
from storage import audit, supervision_bookings, used_lessons
from storage import supervision_notes as stored
from storage import supervision_pairs as stored_pairs
from storage.columns import LARGEST_ID
from storage.sealed import NoteKey
from storage.supervision_notes import SupervisionAgenda, SupervisionSentence
from storage.supervision_pairs import SupervisionPair
from storage.used_lessons import UsedLesson

AGENDA_LIMIT = 500
# A session is being held, or just was, for so long: its brief still shows what it was about.
STILL_OPEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Agenda:
    """What she wants to talk about, in words, spoken, or both; `text` is "" where only spoken."""

    text: str
    has_voice: bool


@dataclass(frozen=True, slots=True)
class Span:
    """What belongs to a session: written after `since` and until `until`; None is no bound."""

    since: datetime | None
    until: datetime | None


def span(starts: list[datetime], *, now: datetime) -> Span:
    """What belongs to a pair's next session, or to the one just held, by when sessions begin.

    `starts` are those that stand, the newest first.
    """
    if not starts:
        return Span(None, None)
    newest, *before = starts
    if newest > now - STILL_OPEN:
        return Span(before[0] if before else None, newest)
    return Span(newest, None)


def span_ahead(starts: list[datetime], *, now: datetime) -> Span:
    """What belongs to the session that has not begun yet, whether it is arranged or not."""
    begun = [start for start in starts if start <= now]
    return Span(begun[0] if begun else None, None)


def readable(written: str) -> str:
    """What she wants to talk about, its lines as they are; raises QuestionEmpty, TextTooLong."""
    said = clean(written).strip()
    if not said:
        raise QuestionEmpty
    if len(said) > AGENDA_LIMIT:
        raise TextTooLong(limit=AGENDA_LIMIT, length=len(said))
    return said


def of_pair(session: Session, pair_id: int, within: Span, *, note_key: NoteKey) -> Agenda:
    """What was written for a session; empty where nothing was."""
    row = stored.agenda(session, pair_id, since=within.since, until=within.until)
    said = _opened(row, note_key) if row is not None else {}
    return Agenda(said.get("text", ""), bool(said.get("voice")))


def _opened(row: SupervisionAgenda, note_key: NoteKey) -> dict[str, str]:
    found: dict[str, str] = json.loads(note_key.open(row.sealed, about=_about(row)))
    return found


def _about(row: SupervisionAgenda) -> str:
    return f"supervision_agenda:{row.id}"


def own(
    session: Session, speaker: Speaker, pair_id: int, *, note_key: NoteKey, now: datetime
) -> Agenda:
    """What the worker of a pair has written for the session to come; raises NotThere."""
    _own_pair(session, speaker, pair_id, now=now)
    within = span_ahead(stored.starts_of(session, pair_id), now=now)
    return of_pair(session, pair_id, within, note_key=note_key)


def _own_pair(
    session: Session, speaker: Speaker, pair_id: int, *, now: datetime
) -> SupervisionPair:
    """A pair that stands in which she is accompanied; raises NotThere."""
    pair = pair_for(session, speaker, pair_id, now=now)
    if pair.worker_id != speaker.person_id or speaker.deputy_id is not None:
        raise NotThere
    return pair


def write(
    session: Session,
    speaker: Speaker,
    pair_id: int,
    *,
    text: str = "",
    voice: str = "",
    note_key: NoteKey,
    now: datetime,
) -> None:
    """Keep what she wants to talk about, in place of what she wrote for the same session.

    `voice` is Telegram's name of a recording. Raises NotThere, QuestionEmpty, TextTooLong.
    """
    _own_pair(session, speaker, pair_id, now=now)
    said = {"text": readable(text) if text or not voice else "", "voice": voice}
    row = _ahead(session, pair_id, now=now) or SupervisionAgenda(
        pair_id=pair_id, worker_id=speaker.person_id, sealed=b"", written_at=now
    )
    session.add(row)
    session.flush()
    row.sealed = note_key.seal(json.dumps(said, ensure_ascii=False), about=_about(row))
    row.written_at = now
    session.add(row)
    _write_down(session, speaker, "write_supervision_agenda", pair_id, now=now)


def _ahead(session: Session, pair_id: int, *, now: datetime) -> SupervisionAgenda | None:
    within = span_ahead(stored.starts_of(session, pair_id), now=now)
    return stored.agenda(session, pair_id, since=within.since, until=within.until)


def clear(session: Session, speaker: Speaker, pair_id: int, *, now: datetime) -> None:
    """不聊了: take back what she wrote for the session to come; raises NotThere."""
    _own_pair(session, speaker, pair_id, now=now)
    row = _ahead(session, pair_id, now=now)
    if row is None:
        raise NotThere
    session.delete(row)
    _write_down(session, speaker, "clear_supervision_agenda", pair_id, now=now)


def voice_of(
    session: Session, speaker: Speaker, pair_id: int, *, note_key: NoteKey, now: datetime
) -> str:
    """Telegram's name of the recording that a brief speaks of, for the two; raises NotThere."""
    pair_for(session, speaker, pair_id, now=now)
    if speaker.deputy_id is not None:
        raise NotThere
    within = span(stored.starts_of(session, pair_id), now=now)
    row = stored.agenda(session, pair_id, since=within.since, until=within.until)
    voice = _opened(row, note_key).get("voice") if row is not None else None
    if not voice:
        raise NotThere
    return voice


def sentences(session: Session, pair_id: int, within: Span) -> tuple[str, ...]:
    """The sentences on lessons put to use that are brought to a session."""
    found = stored.sentences(session, pair_id, since=within.since, until=within.until)
    return tuple(said for _, said in found)


def bringing(
    session: Session, speaker: Speaker, used_id: int, *, now: datetime
) -> tuple[bool, bool]:
    """(whether she can bring a sentence of hers to a supervisor, whether it is brought)."""
    used = _own_sentence(session, speaker, used_id)
    row = stored.sentence(session, used_id)
    is_brought = row is not None and row.brought_at >= used.said_at
    return bool(_pairs(session, speaker, now=now)), is_brought


def _own_sentence(session: Session, speaker: Speaker, used_id: int) -> UsedLesson:
    used = used_lessons.by_id(session, used_id) if used_id < LARGEST_ID else None
    if used is None or used.person_id != speaker.person_id or not used.text:
        raise NotThere
    return used


def _pairs(session: Session, speaker: Speaker, *, now: datetime) -> list[int]:
    """The pairs in which she is accompanied, the next due first."""
    if speaker.deputy_id is not None:
        return []
    rows = stored_pairs.of_person(
        session,
        speaker.person_id,
        bot=speaker.bot,
        on=local_date(now, ZONE),
        as_supervisor=False,
    )
    return [row.pair_id for row in rows]


def bring(session: Session, speaker: Speaker, used_id: int, *, now: datetime) -> None:
    """带给督导: a sentence of hers is read in the next brief; raises NotThere without a pair.

    Whoever has two supervisors brings it where the next session is due first.
    """
    _own_sentence(session, speaker, used_id)
    pairs = _pairs(session, speaker, now=now)
    if not pairs:
        raise NotThere
    stored.bring(session, used_id, pairs[0], now=now)
    _write_down(session, speaker, "bring_used", pairs[0], now=now)


def keep(session: Session, speaker: Speaker, used_id: int, *, now: datetime) -> None:
    """不带了: the sentence is hers alone again; raises NotThere."""
    _own_sentence(session, speaker, used_id)
    row: SupervisionSentence | None = stored.sentence(session, used_id)
    if row is None:
        raise NotThere
    pair_id = row.pair_id
    session.delete(row)
    _write_down(session, speaker, "keep_used_from_supervision", pair_id, now=now)


def _write_down(
    session: Session, speaker: Speaker, action: str, pair_id: int, *, now: datetime
) -> None:
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="supervision_pair",
        object_id=pair_id,
    )


def _verdict(at: Now) -> Facts | NotWanted:
    """Asked of the worker while she has said nothing yet."""
    found = reminder(at)
    booking = supervision_bookings.booking(at.session, at.row.subject_id or 0)
    if isinstance(found, NotWanted) or booking is None:
        return found
    if booking.worker_id != at.reader.person_id:
        return NotWanted("not_hers")
    if _ahead(at.session, booking.pair_id, now=at.now) is not None:
        return NotWanted("said_already")
    return found


NOTICES = (Told(AGENDA, _verdict, words.as_line),)
