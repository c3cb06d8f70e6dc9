"""Who asked for supervision and has nobody yet: 我想要督导, seen by her coordinator alone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text, update
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number, partial_index, points_to

OPEN = text("ended_at IS NULL")


class SupervisionWish(SQLModel, table=True):
    """One worker's wish; `ended_by` is herself, or whoever gave her a supervisor."""

    __tablename__ = "supervision_wish"
    __table_args__ = (
        partial_index("uq_supervision_wish", "bot", "worker_id", where=OPEN, unique=True),
    )

    id: int | None = key()
    bot: int = number()
    worker_id: int = points_to("person.id", index=True)
    asked_at: datetime
    ended_at: datetime | None = None
    ended_by: int | None = points_to("person.id", optional=True)


def open_wish(session: Session, *, bot: int, worker_id: int) -> SupervisionWish | None:
    """A worker's wish that is neither taken back nor met."""
    return session.exec(
        select(SupervisionWish).where(
            SupervisionWish.bot == bot,
            SupervisionWish.worker_id == worker_id,
            col(SupervisionWish.ended_at).is_(None),
        )
    ).first()


def asked_at(session: Session, worker_ids: Collection[int], *, bot: int) -> dict[int, datetime]:
    """When each of these workers who still wishes it asked."""
    rows = session.exec(
        select(SupervisionWish).where(
            SupervisionWish.bot == bot,
            col(SupervisionWish.worker_id).in_(worker_ids),
            col(SupervisionWish.ended_at).is_(None),
        )
    )
    return {row.worker_id: row.asked_at for row in rows}


def end(session: Session, *, bot: int, worker_id: int, by: int, now: datetime) -> None:
    """Whatever she wished is met, or taken back."""
    wish = open_wish(session, bot=bot, worker_id=worker_id)
    if wish is not None:
        wish.ended_at, wish.ended_by = now, by
        session.add(wish)
        session.flush()


def reopen(session: Session, *, bot: int, worker_id: int, ended_at: datetime) -> None:
    """What met her wish at a moment was undone, unless she asked anew since."""
    if open_wish(session, bot=bot, worker_id=worker_id) is not None:
        return
    session.flush()
    session.connection().execute(
        update(SupervisionWish)
        .where(
            col(SupervisionWish.bot) == bot,
            col(SupervisionWish.worker_id) == worker_id,
            col(SupervisionWish.ended_at) == ended_at,
        )
        .values(ended_at=None, ended_by=None)
    )
    session.expire_all()
