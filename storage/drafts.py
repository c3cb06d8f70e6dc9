"""Forms half filled in: they outlive restarts, and their answers are sealed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, number, points_to
from storage.sealed import NoteKey


class StaleDraft(Exception):
    """The form went on in the meantime (a second tap, another device)."""


class Draft(SQLModel, table=True):
    """One form of one private chat; `answers` is sealed JSON."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("bot", "chat_id", "form"),)

    id: int | None = key()
    bot: int = number()
    chat_id: int = number()
    person_id: int | None = points_to("person.id", optional=True)
    form: str
    step: str
    answers: bytes | None = None
    version: int = 1
    updated_at: datetime
    expires_at: datetime = Field(index=True)


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft as a form works with it."""

    form: str
    step: str
    answers: dict[str, Any]
    version: int


def _about(bot: int, chat_id: int, form: str) -> str:
    return f"draft:{bot}:{chat_id}:{form}"


def current(
    session: Session,
    *,
    bot: int,
    chat_id: int,
    note_key: NoteKey,
    now: datetime,
    form: str | None = None,
) -> OpenDraft | None:
    """The form this chat is in the middle of (or the named one); expired ones are gone."""
    statement = (
        select(Draft)
        .where(Draft.bot == bot, Draft.chat_id == chat_id, col(Draft.expires_at) > now)
        .order_by(col(Draft.updated_at).desc())
        .limit(1)
    )
    row = session.exec(statement if form is None else statement.where(Draft.form == form)).first()
    if row is None:
        return None
    answers = json.loads(note_key.open(row.answers or b"", about=_about(bot, chat_id, row.form)))
    return OpenDraft(row.form, row.step, answers, row.version)


def save(
    session: Session,
    draft: OpenDraft,
    *,
    bot: int,
    chat_id: int,
    note_key: NoteKey,
    now: datetime,
    expires_at: datetime,
    person_id: int | None = None,
) -> OpenDraft:
    """Store a step; raises StaleDraft when the stored version is not the one this was made on."""
    row = session.exec(
        select(Draft)
        .where(Draft.bot == bot, Draft.chat_id == chat_id, Draft.form == draft.form)
        # On PostgreSQL a second tap waits here for the first, and then sees its version.
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        row = Draft(
            bot=bot,
            chat_id=chat_id,
            person_id=person_id,
            form=draft.form,
            step=draft.step,
            version=draft.version,
            updated_at=now,
            expires_at=expires_at,
        )
    elif draft.version != row.version:
        raise StaleDraft
    row.step = draft.step
    row.version += 1
    row.updated_at = now
    row.expires_at = expires_at
    row.answers = note_key.seal(
        json.dumps(draft.answers, ensure_ascii=False), about=_about(bot, chat_id, draft.form)
    )
    session.add(row)
    session.flush()
    return OpenDraft(draft.form, draft.step, draft.answers, row.version)


def note(session: Session, draft: OpenDraft, *, bot: int, chat_id: int, note_key: NoteKey) -> bool:
    """Keep more beside the answers of a step that is shown already; False when it went on."""
    sealed = note_key.seal(
        json.dumps(draft.answers, ensure_ascii=False), about=_about(bot, chat_id, draft.form)
    )
    statement = (
        update(Draft)
        .where(
            col(Draft.bot) == bot,
            col(Draft.chat_id) == chat_id,
            col(Draft.form) == draft.form,
            col(Draft.version) == draft.version,
        )
        .values(answers=sealed)
    )
    return bool(session.exec(statement).rowcount)


def drop(session: Session, *, bot: int, chat_id: int, form: str) -> None:
    """Forget a finished or cancelled form with its answers."""
    session.exec(
        delete(Draft).where(
            col(Draft.bot) == bot, col(Draft.chat_id) == chat_id, col(Draft.form) == form
        )
    )


def drop_all(session: Session, *, bot: int, chat_id: int) -> None:
    """Forget every form of a chat that is cut off."""
    session.exec(delete(Draft).where(col(Draft.bot) == bot, col(Draft.chat_id) == chat_id))


def drop_expired(session: Session, *, now: datetime) -> int:
    """Forget forms nobody came back to."""
    return int(session.exec(delete(Draft).where(col(Draft.expires_at) <= now)).rowcount)
