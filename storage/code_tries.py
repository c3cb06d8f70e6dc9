"""Wrong typed codes per chat: a guesser gets five."""

from datetime import datetime

from sqlalchemy import Index, func
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


def count_since(session: Session, *, bot: int, chat_id: int, since: datetime) -> int:
    """How many wrong codes a chat typed since a moment."""
    statement = select(func.count(col(CodeTry.id))).where(
        CodeTry.bot == bot, CodeTry.chat_id == chat_id, CodeTry.tried_at >= since
    )
    return int(session.exec(statement).one())


def add(session: Session, *, bot: int, chat_id: int, now: datetime) -> None:
    """Remember one wrong code."""
    session.add(CodeTry(bot=bot, chat_id=chat_id, tried_at=now))
