"""Lesson packs, lessons with their versions and languages, and the answers given to them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, bindparam, text
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import media, prepared
from storage.columns import DOCUMENT, key, number, partial_index, points_to
from storage.media import Attached


class LessonPack(SQLModel, table=True):
    """A set of lessons as imported; content lives in its lessons' versions."""

    __tablename__ = "lesson_pack"

    id: int | None = key()
    code: str = Field(unique=True)
    title: str
    title_en: str | None = None
    version: str
    imported_at: datetime
    # pack.toml's modules in its order: code, title, title_en, after; NULL until imported once more.
    modules: list[dict[str, Any]] | None = Field(default=None, sa_type=DOCUMENT, nullable=True)


class Lesson(SQLModel, table=True):
    """A lesson's place in its pack; a withdrawn one keeps its place, so that others find theirs."""

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("pack_id", "code"),
        Index("ix_lesson_place", "pack_id", "position"),
    )

    id: int | None = key()
    pack_id: int = points_to("lesson_pack.id")
    code: str
    position: int
    is_withdrawn: bool = False
    # 必学: whoever joins late gets it before anything else (EXPERIENCE section 5).
    is_essential: bool = False
    # Copied from the current version so that planning needs one table.
    valid_from: date | None = None
    valid_to: date | None = None
    current_version_id: int | None = number(optional=True)


class LessonVersion(SQLModel, table=True):
    """A lesson's content as it stood from one import on.

    The content never changes afterwards; who has reviewed it and where it belongs may.
    """

    __tablename__ = "lesson_version"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    id: int | None = key()
    lesson_id: int = points_to("lesson.id")
    number: int
    content_hash: str
    title: str
    title_en: str | None = None
    module: str
    minutes: int
    prerequisites: list[str] = Field(sa_type=DOCUMENT)
    basis: list[str] = Field(sa_type=DOCUMENT)
    valid_from: date | None = None
    valid_to: date | None = None
    reviewed_by: str | None = None
    status: str
    imported_at: datetime


class LessonText(SQLModel, table=True):
    """One language of a version: text plus entities, ready to send, and the check question."""

    __tablename__ = "lesson_text"
    __table_args__ = (UniqueConstraint("version_id", "language"),)

    id: int | None = key()
    version_id: int = points_to("lesson_version.id")
    language: str
    title: str
    key_point: str
    body: dict[str, Any] = Field(sa_type=DOCUMENT)
    body_markdown: str
    question: dict[str, Any] = Field(sa_type=DOCUMENT)


class Answer(SQLModel, table=True):
    """A first answer to a lesson's check question, kept with the version it was given on."""

    __tablename__ = "answer"
    __table_args__ = (
        partial_index(
            "uq_answer_delivery",
            "person_id",
            "delivery_id",
            where=text("delivery_id IS NOT NULL"),
            unique=True,
        ),
        Index("ix_answer_delivery", "delivery_id"),
    )

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    delivery_id: int | None = points_to("delivery.id", optional=True)
    version_id: int = points_to("lesson_version.id", index=True)
    chosen: int
    correct: bool
    answered_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class LessonContent:
    """A version in one language, as it is taught."""

    lesson_id: int
    version_id: int
    code: str
    module: str
    minutes: int
    status: str
    language: str
    title: str
    key_point: str
    body: dict[str, Any]
    question: dict[str, Any]
    media: tuple[Attached, ...] = ()


# In the order of LessonContent's fields.
_CONTENTS: Any = (
    core_select(
        col(LessonVersion.lesson_id),
        col(LessonVersion.id).label("version_id"),
        col(Lesson.code),
        col(LessonVersion.module),
        col(LessonVersion.minutes),
        col(LessonVersion.status),
        col(LessonText.language),
        col(LessonText.title),
        col(LessonText.key_point),
        col(LessonText.body),
        col(LessonText.question),
    )
    .join(LessonText, col(LessonText.version_id) == col(LessonVersion.id))
    .join(Lesson, col(Lesson.id) == col(LessonVersion.lesson_id))
    .where(col(LessonVersion.id).in_(bindparam("version_ids", expanding=True)))
)


def contents(session: Session, version_ids: set[int]) -> dict[tuple[int, str], LessonContent]:
    """Every language of these versions, by (version id, language), in two queries."""
    attached = media.attached(session, version_ids)
    rows = prepared.run(session, _CONTENTS, version_ids=list(version_ids))
    contents = (
        LessonContent(**row, media=attached.get(row["version_id"], ())) for row in rows.mappings()
    )
    return {(content.version_id, content.language): content for content in contents}


def pack_by_code(session: Session, code: str) -> LessonPack | None:
    """The imported pack of this code."""
    return session.exec(select(LessonPack).where(LessonPack.code == code)).first()


def lessons_of(session: Session, pack_id: int) -> dict[str, Lesson]:
    """A pack's lessons by code."""
    return {
        lesson.code: lesson
        for lesson in session.exec(select(Lesson).where(Lesson.pack_id == pack_id))
    }


def answer_to(session: Session, *, person_id: int, delivery_id: int) -> Answer | None:
    """The first answer a person gave to a delivery's question."""
    return session.exec(
        select(Answer).where(Answer.person_id == person_id, Answer.delivery_id == delivery_id)
    ).first()
