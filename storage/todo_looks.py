"""On which working day what waits for people was last looked for: once is enough."""

from datetime import date
from typing import Any

from sqlmodel import Field, Session, SQLModel

from storage.columns import BIG
from storage.prepared import insert_ignoring


class TodoLook(SQLModel, table=True):
    """One row per bot: the last day whose morning's message was owed, or found not needed."""

    __tablename__ = "todo_look"

    bot: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    looked_on: date


TABLE: Any = TodoLook.__table__  # type: ignore[attr-defined]


def is_done(session: Session, *, bot: int, day: date) -> bool:
    """Whether a day was looked at already."""
    found = session.connection().execute(
        TABLE.select().with_only_columns(TABLE.c.looked_on).where(TABLE.c.bot == bot)
    )
    looked_on = found.scalar_one_or_none()
    return looked_on is not None and looked_on >= day


def note(session: Session, *, bot: int, day: date) -> None:
    """Note that a day was looked at."""
    insert = insert_ignoring(session, TABLE).values(bot=bot, looked_on=day)
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["bot"], set_={"looked_on": day})
    )
