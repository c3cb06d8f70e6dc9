"""A gathering's minutes: points, decisions, open questions, for everybody in the cohort."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum import gathering_words, gatherings, questions
from curriculum.clean_text import clean
from curriculum.errors import NotThere, TextTooLong, TooEarly, TooManyLines, UndoTooLate
from curriculum.gathering_errors import MinutesWritten, SessionOver
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.second_thoughts import UNDO
from storage import audit
from storage import gatherings as stored
from storage.gatherings import PLANNED, SKIPPED, Gathering, GatheringPoint

POINT, DECISION, QUESTION = "point", "decision", "question"
KINDS = (POINT, DECISION, QUESTION)
LINE_LIMIT = 200
# More of one kind would not be read on a phone.
MOST_LINES = 6
WRITE, TAKE_BACK = "write_minutes", "take_back_minutes"


def readable(text: str) -> str:
    """One line of minutes as it is stored; raises QuestionEmpty, TextTooLong."""
    words = " ".join(clean(text).split())
    if not words:
        raise QuestionEmpty
    if len(words) > LINE_LIMIT:
        raise TextTooLong(limit=LINE_LIMIT, length=len(words))
    return words


def readable_lines(text: str) -> str:
    """Several lines of one kind as they are stored, one below the other; raises as `readable`."""
    lines = [readable(line) for line in clean(text).splitlines() if line.strip()]
    if not lines:
        raise QuestionEmpty
    if len(lines) > MOST_LINES:
        raise TooManyLines(limit=MOST_LINES)
    return "\n".join(lines)


def to_write(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Gathering:
    """A gathering whose minutes she may write now.

    Raises NotThere for who does not lead it, TooEarly before it begins, MinutesWritten
    where they are written already.
    """
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    if not gatherings.leads(session, speaker, found):
        raise NotThere
    if found.state not in (PLANNED, SKIPPED):
        raise SessionOver
    if now < found.starts_at:
        raise TooEarly(at=found.starts_at)
    if stored.points(session, gathering_id):
        raise MinutesWritten
    return found


def write(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    lines: Mapping[str, Sequence[str]],
    *,
    now: datetime,
) -> int:
    """Store the minutes; open questions go into the pool, and everybody's message shows them.

    Returns how many people they go to. Raises as `to_write` and `readable`.
    """
    found = to_write(session, speaker, gathering_id, now=now)
    written = [(kind, readable(text)) for kind in KINDS for text in lines.get(kind, ())]
    if not written:
        raise QuestionEmpty
    for position, (kind, text) in enumerate(written, start=1):
        asked = questions.add(session, speaker, text, now=now) if kind == QUESTION else None
        session.add(
            GatheringPoint(
                gathering_id=gathering_id,
                kind=kind,
                position=position,
                text=text,
                question_id=asked.question_id if asked else None,
                written_by=speaker.person_id,
                written_at=now,
            )
        )
    return _told(session, speaker, found, WRITE, len(written), now=now)


def take_back(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> dict[str, list[str]]:
    """Undo the minutes within ten minutes: gone from everybody's message, their questions too.

    Returns the lines by kind, to be written again from. Raises NotThere where there are none or
    she does not lead it, UndoTooLate.
    """
    found = gatherings.read(session, gathering_id, bot=speaker.bot, lock=True)
    lines = stored.points(session, gathering_id)
    entry = audit.last(
        session, object_kind="gathering", object_id=gathering_id, actions=(WRITE, TAKE_BACK)
    )
    if not gatherings.leads(session, speaker, found) or not lines or entry is None:
        raise NotThere
    if now - entry.at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    taken: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for line in lines:
        taken[line.kind].append(line.text)
        if line.question_id is not None:
            questions.leave_out(session, speaker, line.question_id, now=now)
        session.delete(line)
    _told(session, speaker, found, TAKE_BACK, len(lines), now=now)
    return taken


def _told(
    session: Session, speaker: Speaker, found: Gathering, action: str, lines: int, *, now: datetime
) -> int:
    """Write it down and let everybody's message say it; returns to how many that goes."""
    found.version += 1
    session.add(found)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="gathering",
        object_id=found.id,
        lines=lines,
    )
    return gathering_words.update_everybody(session, found, now=now)
