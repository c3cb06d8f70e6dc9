"""What stands on the shelf: the lessons of a pack, and which of them a person has learned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.cohorts import Cohort
from storage.deliveries import Delivery
from storage.lessons import Lesson, LessonPack, LessonText, LessonVersion
from storage.people import Unit
from storage.records import LearningRecord


@dataclass(frozen=True, slots=True)
class ShelfPack:
    """A pack by its names; `modules` as `LessonPack.modules` holds them."""

    pack_id: int
    code: str
    title: str
    title_en: str | None
    modules: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class ShelfLesson:
    """A lesson of a pack as it stands on the shelf; `prerequisites` are lesson codes."""

    lesson_id: int
    pack_id: int
    code: str
    position: int
    module: str
    title: str
    title_en: str | None
    minutes: int
    prerequisites: Sequence[str]


SHELF_COLUMNS: tuple[Any, ...] = (
    col(Lesson.id).label("lesson_id"),
    Lesson.pack_id,
    Lesson.code,
    Lesson.position,
    LessonVersion.module,
    LessonVersion.title,
    LessonVersion.title_en,
    LessonVersion.minutes,
    LessonVersion.prerequisites,
)


def is_readable(on: date) -> Any:
    """Not withdrawn, and valid on a date."""
    return and_(
        col(Lesson.is_withdrawn).is_(False),
        or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= on),
        or_(col(Lesson.valid_from).is_(None), col(Lesson.valid_from) <= on),
    )


def packs(session: Session, pack_ids: Collection[int]) -> list[ShelfPack]:
    """These packs, oldest first."""
    rows = session.exec(
        select(LessonPack).where(col(LessonPack.id).in_(pack_ids)).order_by(col(LessonPack.id))
    )
    return [
        ShelfPack(pack.id or 0, pack.code, pack.title, pack.title_en, pack.modules) for pack in rows
    ]


def packs_around(session: Session, *, bot: int, unit_paths: Collection[str]) -> set[int]:
    """The packs of cohorts that belong to these units, to units under them or above them.

    Above as well: a station's learners sit in their county's cohort.
    """
    near = [
        or_(
            col(Unit.path).startswith(path, autoescape=True),
            literal(path).startswith(col(Unit.path)),
        )
        for path in unit_paths
    ]
    if not near:
        return set()
    rows = session.exec(
        select(Cohort.pack_id)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
        .where(Cohort.bot == bot, or_(*near))
        .distinct()
    )
    return set(rows)


def lessons_of(session: Session, pack_id: int, *, on: date) -> list[ShelfLesson]:
    """A pack's readable lessons in teaching order."""
    rows = session.connection().execute(
        core_select(*SHELF_COLUMNS)
        .join(LessonVersion, col(LessonVersion.id) == Lesson.current_version_id)
        .where(col(Lesson.pack_id) == pack_id, is_readable(on))
        .order_by(col(Lesson.position), col(Lesson.id))
    )
    return [ShelfLesson(**row) for row in rows.mappings()]


def key_points(session: Session, lesson_id: int) -> dict[str, tuple[str, str]]:
    """A lesson's title and key point by language, of its current version."""
    rows = session.exec(
        select(LessonText.language, LessonText.title, LessonText.key_point)
        .join(Lesson, col(Lesson.current_version_id) == LessonText.version_id)
        .where(Lesson.id == lesson_id)
    )
    return {language: (title, key_point) for language, title, key_point in rows}


def learned(
    session: Session, *, person_id: int, study: str, weaker_than_learned: str
) -> dict[int, datetime]:
    """The lessons a person has learned, whichever version, and when she last did.

    A record whose evidence is `weaker_than_learned` says only that a lesson was sent.
    """
    rows = session.exec(
        select(LessonVersion.lesson_id, func.max(LearningRecord.recorded_at))
        .join(LessonVersion, col(LessonVersion.id) == LearningRecord.source_id)
        .where(
            LearningRecord.person_id == person_id,
            LearningRecord.study == study,
            LearningRecord.evidence != weaker_than_learned,
        )
        .group_by(col(LessonVersion.lesson_id))
    )
    return dict(rows.all())


def last_opened(
    session: Session, *, person_id: int, kind: str, pack_id: int
) -> tuple[int, datetime] | None:
    """The lesson of a pack that she last asked to read, and when."""
    row = session.exec(
        select(Lesson.id, Delivery.created_at)
        .join(Lesson, col(Lesson.id) == Delivery.subject_id)
        .where(Delivery.person_id == person_id, Delivery.kind == kind, Lesson.pack_id == pack_id)
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc())
        .limit(1)
    ).first()
    return (row[0] or 0, row[1]) if row else None
