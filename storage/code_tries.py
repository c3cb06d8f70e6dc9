"""Wrong typed codes per chat: a guesser gets five."""

from datetime import datetime

from sqlalchemy import Index, delete
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number


class CodeTry(SQLModel, table=True):
    """One code that fitted no invite, typed in one chat."""

    __tablename__ = "code_try"
    __table_args__ = (Index("ix_code_try_chat", "bot", "chat_id", "tried_at"),)

    id: int | None = key()
    bot: int = number()
    chat_id: int = number()
    tried_at: datetime


def since(session: Session, *, bot: int, chat_id: int, moment: datetime) -> list[datetime]:
    """When a chat typed wrong codes after a moment, oldest first."""
    statement = (
        select(CodeTry.tried_at)
        .where(CodeTry.bot == bot, CodeTry.chat_id == chat_id, CodeTry.tried_at > moment)
        .order_by(col(CodeTry.tried_at))
    )
    return list(session.exec(statement))


def add(session: Session, *, bot: int, chat_id: int, now: datetime) -> None:
    """Remember one wrong code."""
    session.add(CodeTry(bot=bot, chat_id=chat_id, tried_at=now))


def forget(session: Session, *, bot: int, until: datetime) -> None:
    """Forget tries that count no longer: they name chats of people who are nobody here."""
    session.exec(delete(CodeTry).where(col(CodeTry.bot) == bot, col(CodeTry.tried_at) <= until))
