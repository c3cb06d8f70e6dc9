"""Group supervision: one session of a supervisor with several of her workers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, key, number, points_to

PLANNED, CANCELLED = "planned", "cancelled"
INVITED, COMING, DECLINED = "invited", "coming", "declined"


class SupervisionGroup(SQLModel, table=True):
    """A session with several workers.

    `before` is how it stood before the last change, None where it was made by that; without a
    state in it the change is one that is not taken back. In it is `known_at` too, when it was to
    begin as the invited had last heard. `version` counts the changes.
    """

    __tablename__ = "supervision_group"
    __table_args__ = (Index("ix_supervision_group_start", "bot", "starts_at"),)

    id: int | None = key()
    bot: int = number()
    supervisor_id: int = points_to("person.id", index=True)
    starts_at: datetime
    minutes: int
    buffer_minutes: int
    mode: str
    place: str
    state: str
    moves: int
    version: int
    changed_by: int = points_to("person.id")
    changed_at: datetime
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    created_at: datetime


class SupervisionSeat(SQLModel, table=True):
    """One worker's place in a session with several; `pair_id` is her pair with the supervisor."""

    __tablename__ = "supervision_seat"

    group_id: int = points_to("supervision_group.id", primary=True)
    worker_id: int = points_to("person.id", primary=True)
    pair_id: int = points_to("supervision_pair.id", index=True)
    state: str
    answered_at: datetime | None = None


def group(session: Session, group_id: int, *, lock: bool = False) -> SupervisionGroup | None:
    """A session with several; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionGroup).where(SupervisionGroup.id == group_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def seats(session: Session, group_id: int) -> list[SupervisionSeat]:
    """Who was invited to it."""
    rows = session.exec(
        select(SupervisionSeat)
        .where(SupervisionSeat.group_id == group_id)
        .order_by(col(SupervisionSeat.worker_id))
    )
    return list(rows)


def invited_to(session: Session, group_ids: Collection[int]) -> dict[int, list[int]]:
    """Who was invited to each of these, whatever she answered."""
    rows = session.exec(
        select(SupervisionSeat.group_id, SupervisionSeat.worker_id).where(
            col(SupervisionSeat.group_id).in_(group_ids)
        )
    )
    found: dict[int, list[int]] = {}
    for group_id, worker_id in rows:
        found.setdefault(group_id, []).append(worker_id)
    return found


def ahead_of(session: Session, supervisor_id: int, *, since: datetime) -> list[SupervisionGroup]:
    """A supervisor's sessions with several that stand and begin from a moment on, in order."""
    rows = session.exec(
        select(SupervisionGroup)
        .where(
            SupervisionGroup.supervisor_id == supervisor_id,
            SupervisionGroup.state == PLANNED,
            SupervisionGroup.starts_at >= since,
        )
        .order_by(col(SupervisionGroup.starts_at), col(SupervisionGroup.id))
    )
    return list(rows)


def ahead_of_worker(
    session: Session, worker_id: int, *, now: datetime
) -> list[tuple[SupervisionGroup, SupervisionSeat]]:
    """What a worker is invited to and did not decline, still to begin, in order."""
    rows = session.exec(
        select(SupervisionGroup, SupervisionSeat)
        .join(SupervisionSeat, col(SupervisionSeat.group_id) == SupervisionGroup.id)
        .where(
            SupervisionSeat.worker_id == worker_id,
            SupervisionSeat.state != DECLINED,
            SupervisionGroup.state == PLANNED,
            SupervisionGroup.starts_at > now,
        )
        .order_by(col(SupervisionGroup.starts_at), col(SupervisionGroup.id))
    )
    return [(found, seat) for found, seat in rows]


def begun(
    session: Session,
    *,
    bot: int,
    since: datetime,
    until: datetime,
    supervisor_id: int | None = None,
) -> list[SupervisionGroup]:
    """Sessions with several that stand and began in a span, of one supervisor where named."""
    statement = select(SupervisionGroup).where(
        SupervisionGroup.bot == bot,
        SupervisionGroup.state == PLANNED,
        SupervisionGroup.starts_at >= since,
        SupervisionGroup.starts_at < until,
    )
    if supervisor_id is not None:
        statement = statement.where(SupervisionGroup.supervisor_id == supervisor_id)
    rows = session.exec(
        statement.order_by(col(SupervisionGroup.starts_at), col(SupervisionGroup.id))
    )
    return list(rows)


def minutes_of(
    session: Session, supervisor_ids: Collection[int], *, since: datetime, until: datetime
) -> list[tuple[int, datetime, int]]:
    """Whose sessions with several of a span stand, when each begins and how long it is."""
    made: Any = SupervisionGroup
    rows = session.connection().execute(
        core_select(made.supervisor_id, made.starts_at, made.minutes).where(
            made.supervisor_id.in_(supervisor_ids),
            made.state == PLANNED,
            made.starts_at >= since,
            made.starts_at < until,
        )
    )
    return [(whose, starts_at, minutes) for whose, starts_at, minutes in rows]


def newest_of_pairs(session: Session, pair_ids: Sequence[int]) -> dict[int, datetime]:
    """When the last session with several of each of these pairs begins that she did not decline."""
    rows = session.exec(
        select(SupervisionSeat.pair_id, SupervisionGroup.starts_at)
        .join(SupervisionGroup, col(SupervisionGroup.id) == SupervisionSeat.group_id)
        .where(
            col(SupervisionSeat.pair_id).in_(pair_ids),
            SupervisionSeat.state != DECLINED,
            SupervisionGroup.state == PLANNED,
        )
        .order_by(col(SupervisionGroup.starts_at))
    )
    return dict(rows.all())
