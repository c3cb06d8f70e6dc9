"""Pictures and voice of lessons: stored at import, offered by size, opened by whoever may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.pack_media import PICTURE, VOICE, PackMedia, is_for
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import media, open_lessons
from storage.lessons import LessonContent

__all__ = ["PICTURE", "VOICE", "Offer", "Opened", "attach", "offers", "open_", "remember"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A picture or recording that comes on request; `size` in bytes.

    `number` counts within its kind from 1, and is None where there is only one.
    """

    id: int
    kind: str
    size: int
    number: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture or recording for somebody who may see it.

    Either `file_id`, what this bot's Telegram knows it by, or `content`, its bytes; `size` in
    bytes.
    """

    media_id: int
    kind: str
    size: int
    caption: str
    file_id: str | None
    content: bytes | None


def attach(session: Session, new: Mapping[int, tuple[PackMedia, ...]], *, now: datetime) -> None:
    """Store what new versions of lessons show, by version id; equal files are kept once."""
    files = {
        file.digest: {
            "sha256": file.digest,
            "kind": file.kind,
            "mime": file.mime,
            "size": len(file.content),
            "content": file.content,
            "stored_at": now,
        }
        for shown in new.values()
        for file in shown
    }
    if not files:
        return
    ids = media.store(session, list(files.values()))
    media.place(
        session,
        [
            {
                "version_id": version_id,
                "position": position,
                "media_id": ids[file.digest],
                "language": file.language,
                "caption": file.caption,
            }
            for version_id, shown in new.items()
            for position, file in enumerate(shown)
        ],
    )


def offers(content: LessonContent) -> tuple[Offer, ...]:
    """What comes on request under a lesson in this language, in the author's order."""
    shown = [each for each in content.media if is_for(each.kind, each.language, content.language)]
    alike = {kind: [each.id for each in shown if each.kind == kind] for kind in (PICTURE, VOICE)}
    return tuple(
        Offer(
            each.id,
            each.kind,
            each.size,
            alike[each.kind].index(each.id) + 1 if len(alike[each.kind]) > 1 else None,
        )
        for each in shown
    )


def open_(
    session: Session, speaker: Speaker, *, attached_id: int, afresh: bool = False, now: datetime
) -> Opened:
    """A picture or recording of a lesson that is open to her; raises NotThere.

    `afresh` gives its bytes even where Telegram should know it, because it did not.
    """
    found = media.found(session, attached_id, bot=speaker.bot)
    if found is None or not open_lessons.is_open(
        session, found.version_id, person_id=speaker.person_id, on=local_date(now, ZONE)
    ):
        raise NotThere
    file_id = None if afresh else found.file_id
    return Opened(
        media_id=found.media_id,
        kind=found.kind,
        size=found.size,
        caption=found.caption,
        file_id=file_id,
        content=None if file_id else media.content_of(session, found.media_id),
    )


def remember(session: Session, *, media_id: int, bot: int, file_id: str) -> None:
    """Note what Telegram calls a file now, so that it is not sent over the network again."""
    media.remember(session, media_id=media_id, bot=bot, file_id=file_id)
