"""Pictures and voice of lessons: small files, sent on request, known to Telegram by file_id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint, and_, bindparam, insert
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import prepared
from storage.columns import key, number, points_to
from storage.prepared import insert_ignoring

PICTURE, VOICE = "picture", "voice"


class Media(SQLModel, table=True):
    """One file, stored once however many lessons show it."""

    __tablename__ = "media"

    id: int | None = key()
    sha256: str = Field(unique=True)
    kind: str
    mime: str
    # Bytes, as the button says it: 看图(86 KB).
    size: int
    content: bytes = Field(sa_type=LargeBinary)
    stored_at: datetime


class LessonMedia(SQLModel, table=True):
    """A file's place in one version of a lesson."""

    __tablename__ = "lesson_media"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: int | None = key()
    version_id: int = points_to("lesson_version.id")
    position: int
    media_id: int = points_to("media.id")
    # zh, bo or en: a reading in Tibetan is offered beside any text; None suits every language.
    language: str | None = None
    caption: str


class MediaFile(SQLModel, table=True):
    """What one bot's Telegram calls a file that was sent once, so that it is not sent again."""

    __tablename__ = "media_file"
    __table_args__ = (UniqueConstraint("media_id", "bot"),)

    id: int | None = key()
    media_id: int = points_to("media.id")
    bot: int = number()
    file_id: str


TABLE: Any = Media.__table__  # type: ignore[attr-defined]
PLACES: Any = LessonMedia.__table__  # type: ignore[attr-defined]
KNOWN: Any = MediaFile.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file at its place in a version of a lesson; `size` in bytes."""

    id: int
    media_id: int
    kind: str
    size: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What sending an attached file needs; `file_id` is None until this bot has sent it once.

    `size` in bytes.
    """

    id: int
    version_id: int
    media_id: int
    kind: str
    size: int
    caption: str
    file_id: str | None


_ATTACHED: Any = (
    core_select(
        col(LessonMedia.version_id),
        col(LessonMedia.id),
        col(LessonMedia.media_id),
        col(Media.kind),
        col(Media.size),
        col(LessonMedia.language),
    )
    .select_from(LessonMedia)
    .join(Media, col(Media.id) == col(LessonMedia.media_id))
    .where(col(LessonMedia.version_id).in_(bindparam("version_ids", expanding=True)))
    .order_by(col(LessonMedia.position))
)


def attached(session: Session, version_ids: Collection[int]) -> dict[int, tuple[Attached, ...]]:
    """The files of these versions by version id, in the author's order, in one query."""
    rows = prepared.run(session, _ATTACHED, version_ids=list(version_ids))
    by_version: dict[int, list[Attached]] = {}
    for version_id, *facts in rows:
        by_version.setdefault(version_id, []).append(Attached(*facts))
    return {version_id: tuple(files) for version_id, files in by_version.items()}


def store(session: Session, files: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Keep files that are not kept yet, by their sha256; returns the id of each by sha256."""
    if files:
        statement = insert_ignoring(session, TABLE).on_conflict_do_nothing()
        session.connection().execute(statement, list(files))
    digests = {file["sha256"] for file in files}
    rows = session.exec(select(Media.sha256, Media.id).where(col(Media.sha256).in_(digests)))
    return {digest: media_id or 0 for digest, media_id in rows}


def place(session: Session, places: Sequence[Mapping[str, Any]]) -> None:
    """Attach files to versions of lessons: rows of lesson_media."""
    if places:
        session.connection().execute(insert(PLACES), list(places))


def found(session: Session, attached_id: int, *, bot: int) -> Found | None:
    """An attached file, and what this bot's Telegram calls it, in one query."""
    statement = (
        core_select(
            col(LessonMedia.id),
            col(LessonMedia.version_id),
            col(LessonMedia.media_id),
            col(Media.kind),
            col(Media.size),
            col(LessonMedia.caption),
            col(MediaFile.file_id),
        )
        .select_from(LessonMedia)
        .join(Media, col(Media.id) == LessonMedia.media_id)
        .outerjoin(
            MediaFile,
            and_(col(MediaFile.media_id) == Media.id, col(MediaFile.bot) == bot),
        )
        .where(col(LessonMedia.id) == attached_id)
    )
    row: Any = session.connection().execute(statement).first()
    return Found(*row) if row else None


def content_of(session: Session, media_id: int) -> bytes:
    """A file's bytes; the only query that reads them."""
    return session.exec(select(Media.content).where(Media.id == media_id)).one()


def remember(session: Session, *, media_id: int, bot: int, file_id: str) -> None:
    """Note what a bot's Telegram calls a file, over whatever it called it before."""
    statement = insert_ignoring(session, KNOWN).values(media_id=media_id, bot=bot, file_id=file_id)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["media_id", "bot"], set_={"file_id": file_id}
        )
    )
