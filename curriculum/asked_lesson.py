"""A lesson outside the day's order: from the library, caught up on, or a must for newcomers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from curriculum import daily_lesson, lessons, library, records
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import deliveries, lesson_requests, people
from storage import lesson_deliveries as owed
from storage import lessons as stored_lessons
from storage.deliveries import Claimed, Delivery
from storage.lessons import Lesson

KIND = daily_lesson.ASKED
IS_ASKED_FOR_AT_NIGHT = daily_lesson.IS_ASKED_FOR_AT_NIGHT


@dataclass(frozen=True, slots=True)
class AskedLesson:
    """What asking for a lesson led to.

    `state`: on_its_way (owed now, sent in a moment), here (it was sent before; `values` are its
    content), to_read (for staff who learn nothing here: the content, and nothing to record).
    """

    state: str
    values: Mapping[str, Any] | None = None
    is_learned: bool = False
    is_answered: bool = False


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """As for the daily lesson, but a pause does not hold back what was asked for."""
    return daily_lesson.facts(session, claimed, now=now)


def ask(session: Session, speaker: Speaker, *, lesson_id: int, now: datetime) -> AskedLesson:
    """A lesson on request: the one she has, else owed to her now; NotThere outside her packs."""
    lesson = session.get(Lesson, lesson_id)
    today = local_date(now, ZONE)
    if lesson is None or not _is_open(lesson, today):
        raise NotThere
    for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id):
        if cohort.bot == speaker.bot and _is_hers(session, speaker, cohort, lesson):
            return _for_learner(session, speaker, cohort, lesson, now=now)
    if lesson.pack_id not in {pack.pack_id for pack in library.readable_packs(session, speaker)}:
        raise NotThere
    return _to_read(session, speaker, lesson)


def _is_open(lesson: Lesson, today: date) -> bool:
    return not lesson.is_withdrawn and (lesson.valid_to is None or lesson.valid_to >= today)


def _is_hers(
    session: Session, speaker: Speaker, cohort: stored_cohorts.Cohort, lesson: Lesson
) -> bool:
    """Whether a lesson is of the cohort's pack, or of an earlier one she was to learn from."""
    return cohort.pack_id == lesson.pack_id or lesson_requests.was_given(
        session,
        person_id=speaker.person_id,
        cohort_id=cohort.id or 0,
        lesson_id=lesson.id or 0,
        kinds=daily_lesson.KINDS,
    )


def _for_learner(
    session: Session,
    speaker: Speaker,
    cohort: stored_cohorts.Cohort,
    lesson: Lesson,
    *,
    now: datetime,
) -> AskedLesson:
    sent = lesson_requests.received(
        session,
        person_id=speaker.person_id,
        lesson_id=lesson.id or 0,
        kinds=daily_lesson.KINDS,
    )
    if sent is not None and sent.content_version == lesson.current_version_id:
        return _here(session, speaker, sent)
    # A lesson that was changed since is a new one to her, with an occasion of its own.
    version = f":{lesson.current_version_id}" if sent is not None else ""
    occasion = f"{cohort.id}:lesson:{lesson.id}{version}"
    waiting = owed.delivery_to(
        session, kinds=(KIND,), occasion=occasion, person_id=speaker.person_id
    )
    if waiting is not None:
        if waiting.status != deliveries.CLAIMED:
            owed.reopen(session, waiting, due_at=now)
        return AskedLesson("on_its_way")
    deliveries.add(
        session,
        bot=speaker.bot,
        kind=KIND,
        occasion=occasion,
        recipient=speaker.person_id,
        person_id=speaker.person_id,
        cohort_id=cohort.id,
        subject_id=lesson.id,
        urgency=FOLDABLE,
        due_at=now,
        not_after=None,
        created_at=now,
    )
    return AskedLesson("on_its_way")


def _here(session: Session, speaker: Speaker, delivery: Delivery) -> AskedLesson:
    standing = records.standing(
        session,
        person_id=speaker.person_id,
        study=daily_lesson.KIND,
        occasion=delivery.occasion,
    )
    answer = stored_lessons.answer_to(
        session, person_id=speaker.person_id, delivery_id=delivery.id or 0
    )
    return AskedLesson(
        "here",
        values=daily_lesson.values_sent(session, delivery) | {"is_asked": True, "is_must": False},
        is_learned=standing is not None,
        is_answered=answer is not None,
    )


def _to_read(session: Session, speaker: Speaker, lesson: Lesson) -> AskedLesson:
    version_id = lesson.current_version_id or 0
    contents = stored_lessons.contents(session, {version_id})
    reader = session.get_one(people.Person, speaker.person_id)
    content = lessons.for_reader(contents, version_id, reader.content_language)
    if content is None:
        raise NotThere
    values = daily_lesson.lesson_values(content, occasion="", is_asked=True)
    return AskedLesson("to_read", values=values)
