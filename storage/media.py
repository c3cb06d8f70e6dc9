"""Pictures and voice of lessons: small files, sent on request, known to Telegram by file_id."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import key, number, points_to

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
