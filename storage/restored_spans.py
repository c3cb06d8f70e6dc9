"""Spans a restored database knows nothing of: who may lack which record, and is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery
from storage.holds import Hold, HoldLesson
from storage.lessons import Lesson, LessonVersion
from storage.owing import new_columns, owe
from storage.people import ChatAccount, Person
from storage.prepared import insert_ignoring
from storage.records import LearningRecord

DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the word about a span goes, and whether it may."""

    delivery_id: int
    hold_id: int
    chat_id: int
    language: str
    is_reachable: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class SpanLesson:
    """One lesson of the span as a learner may enter it again; minutes of its present version."""

    cohort_id: int
    local_date: date
    occasion: str
    lesson_id: int
    code: str
    title: str
    version_id: int
    minutes: int


def remember_lessons(
    session: Session, *, hold_id: int, cohort_id: int, lessons: Mapping[date, int]
) -> None:
    """Keep which lesson each date of the span may have brought; the first word stands."""
    if lessons:
        session.connection().execute(
            insert_ignoring(session, HoldLesson.__table__).on_conflict_do_nothing(),  # type: ignore[attr-defined]
            [
                {
                    "hold_id": hold_id,
                    "cohort_id": cohort_id,
                    "local_date": day,
                    "lesson_id": lesson_id,
                }
                for day, lesson_id in lessons.items()
            ],
        )


def owe_span_word(
    session: Session,
    hold: Hold,
    *,
    kind: str,
    study: str,
    since: datetime,
    urgency: str,
    now: datetime,
) -> int:
    """Owe the word about the span to every learner with a chat who may lack a record of it.

    `since` is the beginning of the day the backup was made on: what was sent before the backup
    may have been learned after it.
    """
    columns = new_columns(
        bot=hold.bot,
        kind=kind,
        occasion=str(hold.id),
        recipient=col(CohortMember.person_id),
        person_id=col(CohortMember.person_id),
        cohort_id=func.min(col(CohortMember.cohort_id)),
        subject_id=hold.id,
        urgency=urgency,
        due_at=now,
        created_at=now,
    )
    source = (
        select(*columns.values())
        .select_from(CohortMember)
        .join(Cohort, col(Cohort.id) == col(CohortMember.cohort_id))
        .join(Person, col(Person.id) == col(CohortMember.person_id))
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(CohortMember.person_id),
                col(ChatAccount.bot) == hold.bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            Cohort.bot == hold.bot,
            col(CohortMember.until).is_(None),
            Person.status == "active",
            _may_lack_a_record(hold, study=study, since=since),
        )
        .group_by(col(CohortMember.person_id))
    )
    return owe(session, columns, source)


def _may_lack_a_record(hold: Hold, *, study: str, since: datetime) -> Any:
    """Of a member: her cohort was taught in the span, or she was owed what is not recorded."""
    taught = exists().where(
        col(HoldLesson.hold_id) == hold.id, col(HoldLesson.cohort_id) == col(CohortMember.cohort_id)
    )
    own = exists().where(
        DELIVERY.c.person_id == col(CohortMember.person_id),
        DELIVERY.c.cohort_id == col(CohortMember.cohort_id),
        DELIVERY.c.kind == study,
        DELIVERY.c.due_at >= since,
        DELIVERY.c.due_at <= hold.since,
        ~exists().where(
            col(LearningRecord.person_id) == DELIVERY.c.person_id,
            col(LearningRecord.study) == study,
            col(LearningRecord.occasion) == DELIVERY.c.occasion,
        ),
    )
    return or_(taught, own)


def readers(session: Session, delivery_ids: Sequence[int]) -> dict[int, Reader]:
    """Recipient and permission of each word about a span, in one query."""
    columns: list[Any] = [
        col(Delivery.id),
        Delivery.subject_id,
        ChatAccount.chat_id,
        Person.language,
        ChatAccount.reachable,
        col(Person.status) == "active",
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .join(Person, col(Person.id) == Delivery.person_id)
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == Delivery.person_id,
                col(ChatAccount.bot) == Delivery.bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(col(Delivery.id).in_(delivery_ids))
    )
    return {row[0]: Reader(*row) for row in rows}


def span_lessons(
    session: Session, hold: Hold, *, person_id: int, study: str, since: datetime
) -> list[SpanLesson]:
    """The lessons of the span a person may have had and that are not in her ledger, by date.

    Three queries: what her cohorts were taught, what was owed to her alone, what is recorded.
    """
    columns: list[Any] = [
        Lesson.code,
        LessonVersion.title,
        col(LessonVersion.id),
        LessonVersion.minutes,
    ]
    joined = col(LessonVersion.id) == col(Lesson.current_version_id)
    taught = session.connection().execute(
        core_select(HoldLesson.cohort_id, HoldLesson.local_date, HoldLesson.lesson_id, *columns)  # type: ignore[call-overload]
        .join(Lesson, col(Lesson.id) == HoldLesson.lesson_id)
        .join(LessonVersion, joined)
        .join(CohortMember, col(CohortMember.cohort_id) == HoldLesson.cohort_id)
        .where(
            HoldLesson.hold_id == hold.id,
            CohortMember.person_id == person_id,
            col(CohortMember.until).is_(None),
            col(CohortMember.since) <= HoldLesson.local_date,
        )
    )
    found = {f"{row[0]}:{row[1].isoformat()}": tuple(row) for row in taught}
    own = session.connection().execute(
        core_select(Delivery.occasion, Delivery.cohort_id, Delivery.subject_id, *columns)  # type: ignore[call-overload]
        .join(Lesson, col(Lesson.id) == Delivery.subject_id)
        .join(LessonVersion, joined)
        .where(
            Delivery.person_id == person_id,
            Delivery.kind == study,
            col(Delivery.due_at) >= since,
            col(Delivery.due_at) <= hold.since,
        )
    )
    for occasion, cohort_id, lesson_id, *rest in own:
        day = date.fromisoformat(occasion.partition(":")[2])
        found.setdefault(occasion, (cohort_id, day, lesson_id, *rest))
    recorded = set(
        session.exec(
            select(LearningRecord.occasion).where(
                LearningRecord.person_id == person_id,
                LearningRecord.study == study,
                col(LearningRecord.occasion).in_(list(found)),
            )
        )
    )
    left = [
        SpanLesson(cohort_id, day, occasion, lesson_id, *rest)
        for occasion, (cohort_id, day, lesson_id, *rest) in found.items()
        if occasion not in recorded
    ]
    return sorted(left, key=lambda one: (one.local_date, one.cohort_id))
