"""The installation's mark: a number that only grows, by which a restored database is known."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import BIG, number
from storage.deliveries import Delivery


class InstallationMark(SQLModel, table=True):
    """How far one bot's database has come; the same stands in a file outside of it.

    `incarnation` is drawn anew whenever a database is restored, `number` grows with every mark.
    """

    __tablename__ = "installation_mark"

    bot: int = Field(sa_type=BIG, primary_key=True)
    incarnation: str
    number: int = number()
    marked_at: datetime


def of(session: Session, *, bot: int) -> InstallationMark | None:
    """The mark as the database has it; its row is nobody else's until this transaction ends."""
    return session.exec(
        select(InstallationMark).where(InstallationMark.bot == bot).with_for_update()
    ).first()


def last_sign(session: Session, *, bot: int) -> datetime | None:
    """When anything was last owed with this bot: how far a database without a mark had come."""
    return session.exec(select(func.max(col(Delivery.created_at))).where(Delivery.bot == bot)).one()
