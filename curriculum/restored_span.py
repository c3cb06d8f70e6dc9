"""可能缺记录: after a restore a learner is told of the span and enters again what she learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from curriculum import records
from curriculum.daily_lesson import KIND as DAILY_LESSON
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from storage import restored_spans as stored
from storage.columns import LARGEST_ID
from storage.deliveries import Claimed
from storage.holds import Hold
from storage.restored_spans import Reader, SpanLesson

KIND = "restored_span"
EVIDENCE = "self_stated_after_restore"


@dataclass(frozen=True, slots=True)
class Span:
    """The days that may lack records, and the lessons of them that are not in her ledger."""

    hold_id: int
    since: date
    until: date
    lessons: tuple[SpanLesson, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """One lesson entered again; `minutes` None when it stood in the ledger already."""

    title: str
    minutes: int | None
    span: Span


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:  # noqa: ARG001  every kind is asked with the time
    """What each claimed word says, in two queries for any number of them."""
    to = stored.readers(session, [row.id for row in claimed])
    spans = {
        hold_id: session.get_one(Hold, hold_id) for hold_id in {r.hold_id for r in to.values()}
    }
    return {row.id: _verdict(to.get(row.id), spans) for row in claimed}


def _verdict(to: Reader | None, spans: dict[int, Hold]) -> Verdict:
    if to is None or not to.is_reachable:
        return NotWanted("unreachable")
    if not to.is_active:
        return NotWanted("left")
    since, until = _days(spans[to.hold_id])
    return Facts(
        kind=KIND,
        chat_id=to.chat_id,
        language=to.language,
        content_key=f"{KIND}/{to.hold_id}",
        content_version=None,
        values={"hold_id": to.hold_id, "since": since, "until": until},
    )


def _days(hold: Hold) -> tuple[date, date]:
    return local_date(hold.last_seen_at, ZONE), local_date(hold.since, ZONE)


def tell(session: Session, hold: Hold, *, now: datetime) -> int:
    """Owe the word to every learner who may lack a record; returns how many rows were added."""
    return stored.owe_span_word(
        session,
        hold,
        kind=KIND,
        study=DAILY_LESSON,
        since=moment_at(_days(hold)[0], time(), ZONE),
        urgency=FOLDABLE,
        now=now,
    )


def span(session: Session, speaker: Speaker, hold_id: int) -> Span:
    """What she may enter again; NotThere for a hold that is not over, or of another bot."""
    speaker.require("learn")
    hold = session.get(Hold, hold_id) if hold_id < LARGEST_ID else None
    if hold is None or hold.bot != speaker.bot or hold.ended_at is None:
        raise NotThere
    since, until = _days(hold)
    lessons = stored.span_lessons(
        session,
        hold,
        person_id=speaker.person_id,
        study=DAILY_LESSON,
        since=moment_at(since, time(), ZONE),
    )
    return Span(hold_id, since, until, tuple(lessons))


def enter(
    session: Session,
    speaker: Speaker,
    *,
    hold_id: int,
    cohort_id: int,
    day: date,
    now: datetime,
) -> Entered:
    """Record one lesson of the span on her own word; a second press changes nothing.

    The minutes are the lesson's own, on the date it was for. Raises NotThere for a lesson that is
    not of the span or not hers.
    """
    open_to_her = span(session, speaker, hold_id)
    name = f"{cohort_id}:{day.isoformat()}"
    lesson = next((one for one in open_to_her.lessons if one.occasion == name), None)
    if lesson is None:
        if records.standing(
            session, person_id=speaker.person_id, study=DAILY_LESSON, occasion=name
        ):
            return Entered("", None, open_to_her)
        raise NotThere
    minutes = records.write_down(
        session,
        person_id=speaker.person_id,
        unit_id=speaker.unit_id,
        study=DAILY_LESSON,
        occasion=name,
        occurred_on=day,
        title=lesson.title,
        source_id=lesson.version_id,
        minutes=lesson.minutes,
        mode=records.ONLINE,
        evidence=EVIDENCE,
        recorded_by=None,
        now=now,
    )
    left = tuple(one for one in open_to_her.lessons if one is not lesson)
    return Entered(lesson.title, minutes, Span(hold_id, open_to_her.since, open_to_her.until, left))
