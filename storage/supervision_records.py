"""Records of supervision: what was held, who confirmed it, what was added, what is to be done.

What was said is sealed everywhere here; a date, minutes, a mode and codes are all that is plain.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, key, number, points_to
from storage.people import Membership

DRAFT, WAITING, SEALED = "draft", "waiting", "sealed"
INDIVIDUAL, GROUP, PEER = "individual", "group", "peer"
OPEN, DONE, DROPPED = "open", "done", "dropped"
SUPERVISOR, WORKER = "supervisor", "worker"


class SupervisionRecord(SQLModel, table=True):
    """One session that was held, as it was written down.

    `pair_id` is None for a group and for peers, `supervisor_id` for peers, whose unit is `unit_id`.
    `number` counts within the pair, the supervisor's groups or the unit's peers, from its first
    submission on. `sealed` holds its texts, for `supervision_record:<id>`. `counted_minutes` are
    those of the newest addition that corrected them. `is_one_sided` is known once it is sealed.
    """

    __tablename__ = "supervision_record"
    __table_args__ = (
        Index("ix_supervision_record_pair", "pair_id", "number"),
        Index("ix_supervision_record_supervisor", "supervisor_id", "occurred_on"),
        Index("ix_supervision_record_state", "bot", "state"),
        Index("ix_supervision_record_day", "bot", "occurred_on"),
    )

    id: int | None = key()
    bot: int = number()
    form: str
    pair_id: int | None = points_to("supervision_pair.id", optional=True)
    supervisor_id: int | None = points_to("person.id", optional=True)
    unit_id: int | None = points_to("unit.id", optional=True, index=True)
    booking_id: int | None = points_to("supervision_booking.id", optional=True, unique=True)
    number: int | None = None
    occurred_on: date
    minutes: int
    counted_minutes: int
    mode: str
    functions: list[Any] = Field(sa_type=DOCUMENT)
    sealed: bytes | None = None
    state: str
    is_one_sided: bool = False
    version: int
    written_by: int = points_to("person.id", index=True)
    changed_at: datetime
    submitted_at: datetime | None = None
    sealed_at: datetime | None = None
    created_at: datetime


class SupervisionRecordPerson(SQLModel, table=True):
    """One worker of a record, where she worked then, and whether she confirmed it.

    `sealed` holds her reflection and what she wants changed, for `supervision_record_person:<id>`.
    """

    __tablename__ = "supervision_record_person"
    __table_args__ = (UniqueConstraint("record_id", "person_id"),)

    id: int | None = key()
    record_id: int = points_to("supervision_record.id")
    person_id: int = points_to("person.id", index=True)
    pair_id: int | None = points_to("supervision_pair.id", optional=True, index=True)
    unit_id: int | None = points_to("unit.id", optional=True, index=True)
    sealed: bytes | None = None
    confirmed_at: datetime | None = None
    returned_at: datetime | None = None


class SupervisionAddition(SQLModel, table=True):
    """What one of the two added to a sealed record; `minutes` where it corrects how long it was.

    `sealed` is for `supervision_addition:<id>`.
    """

    __tablename__ = "supervision_addition"

    id: int | None = key()
    record_id: int = points_to("supervision_record.id", index=True)
    written_by: int = points_to("person.id", index=True)
    minutes: int | None = None
    sealed: bytes | None = None
    added_at: datetime


class SupervisionAction(SQLModel, table=True):
    """What somebody of a record is to do until a date; `owner` says as whom of the two she does it.

    `sealed` holds what, for `supervision_action:<id>`. `told_due_on` is the date she was told of;
    `before` is how it stood before `changed_by` changed it last.
    """

    __tablename__ = "supervision_action"
    __table_args__ = (
        Index("ix_supervision_action_due", "bot", "state", "due_on"),
        Index("ix_supervision_action_pair", "pair_id", "state"),
    )

    id: int | None = key()
    bot: int = number()
    record_id: int = points_to("supervision_record.id", index=True)
    pair_id: int | None = points_to("supervision_pair.id", optional=True)
    owner: str
    owner_id: int = points_to("person.id", index=True)
    due_on: date
    state: str
    sealed: bytes | None = None
    told_due_on: date | None = None
    version: int
    changed_by: int = points_to("person.id")
    changed_at: datetime
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    created_at: datetime


def record(session: Session, record_id: int, *, lock: bool = False) -> SupervisionRecord | None:
    """A record; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionRecord).where(SupervisionRecord.id == record_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def has_any(session: Session, *, bot: int) -> bool:
    """Whether any session was ever written down."""
    found = select(col(SupervisionRecord.id)).where(SupervisionRecord.bot == bot).limit(1)
    return session.exec(found).first() is not None


def people_of(
    session: Session, record_ids: Collection[int]
) -> dict[int, list[SupervisionRecordPerson]]:
    """The workers of each of these records, in the order they were named."""
    rows = session.exec(
        select(SupervisionRecordPerson)
        .where(col(SupervisionRecordPerson.record_id).in_(record_ids))
        .order_by(col(SupervisionRecordPerson.id))
    )
    found: dict[int, list[SupervisionRecordPerson]] = {one: [] for one in record_ids}
    for row in rows:
        found[row.record_id].append(row)
    return found


def of_booking(session: Session, booking_ids: Collection[int]) -> dict[int, SupervisionRecord]:
    """The record of each of these sessions that has one."""
    rows = session.exec(
        select(SupervisionRecord).where(col(SupervisionRecord.booking_id).in_(booking_ids))
    )
    return {row.booking_id or 0: row for row in rows}


def of_pair(
    session: Session, pair_id: int, *, states: Sequence[str] = (WAITING, SEALED)
) -> list[SupervisionRecord]:
    """The records that name a pair, a group's too, in these states; the newest session first."""
    named = select(SupervisionRecordPerson.record_id).where(
        SupervisionRecordPerson.pair_id == pair_id
    )
    rows = session.exec(
        select(SupervisionRecord)
        .where(col(SupervisionRecord.id).in_(named), col(SupervisionRecord.state).in_(states))
        .order_by(col(SupervisionRecord.occurred_on).desc(), col(SupervisionRecord.id).desc())
    )
    return list(rows)


def additions_of(session: Session, record_id: int) -> list[SupervisionAddition]:
    """What was added to a record, in the order it was."""
    rows = session.exec(
        select(SupervisionAddition)
        .where(SupervisionAddition.record_id == record_id)
        .order_by(col(SupervisionAddition.id))
    )
    return list(rows)


def next_number(session: Session, found: SupervisionRecord) -> int:
    """The number a record gets: one more than the last of its pair, its groups or its peers."""
    beside = {
        INDIVIDUAL: col(SupervisionRecord.pair_id) == found.pair_id,
        GROUP: col(SupervisionRecord.supervisor_id) == found.supervisor_id,
        PEER: col(SupervisionRecord.unit_id) == found.unit_id,
    }[found.form]
    last = session.exec(
        select(func.max(SupervisionRecord.number)).where(
            SupervisionRecord.form == found.form, beside
        )
    ).one()
    return int(last or 0) + 1


def action(session: Session, action_id: int, *, lock: bool = False) -> SupervisionAction | None:
    """An action; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionAction).where(SupervisionAction.id == action_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def actions_of_pair(
    session: Session, pair_id: int, *, states: Sequence[str] = (OPEN,)
) -> list[SupervisionAction]:
    """A pair's actions in these states, the first due first."""
    rows = session.exec(
        select(SupervisionAction)
        .where(SupervisionAction.pair_id == pair_id, col(SupervisionAction.state).in_(states))
        .order_by(col(SupervisionAction.due_on), col(SupervisionAction.id))
    )
    return list(rows)


def carry_actions(session: Session, from_pair: int, to_pair: int) -> int:
    """Let the worker's open actions of a pair belong to the one that follows it; how many."""
    actions: Any = SupervisionAction.__table__  # type: ignore[attr-defined]
    changed = session.connection().execute(
        update(actions)
        .where(
            actions.c.pair_id == from_pair,
            actions.c.state == OPEN,
            actions.c.owner == WORKER,
        )
        .values(pair_id=to_pair)
    )
    return int(changed.rowcount)


def actions_of_record(session: Session, record_id: int) -> list[SupervisionAction]:
    """The actions a record brought, whatever became of them."""
    rows = session.exec(
        select(SupervisionAction)
        .where(SupervisionAction.record_id == record_id)
        .order_by(col(SupervisionAction.id))
    )
    return list(rows)


def actions_of(session: Session, action_ids: Collection[int]) -> dict[int, SupervisionAction]:
    """Actions by id."""
    rows = session.exec(select(SupervisionAction).where(col(SupervisionAction.id).in_(action_ids)))
    return {row.id or 0: row for row in rows}


def draft_of(
    session: Session,
    written_by: int,
    *,
    pair_id: int | None,
    booking_id: int | None,
    form: str,
) -> SupervisionRecord | None:
    """What somebody has begun to write of a session, of a pair, or of her groups or peers."""
    return session.exec(
        select(SupervisionRecord).where(
            SupervisionRecord.written_by == written_by,
            SupervisionRecord.state == DRAFT,
            SupervisionRecord.form == form,
            col(SupervisionRecord.submitted_at).is_(None),
            col(SupervisionRecord.pair_id).is_not_distinct_from(pair_id),
            col(SupervisionRecord.booking_id).is_not_distinct_from(booking_id),
        )
    ).first()


def newest_of_pair(session: Session, pair_id: int) -> date | None:
    """The date of a pair's newest session that was written down and handed on."""
    return session.exec(
        select(func.max(SupervisionRecord.occurred_on))
        .join(
            SupervisionRecordPerson,
            col(SupervisionRecordPerson.record_id) == SupervisionRecord.id,
        )
        .where(
            SupervisionRecordPerson.pair_id == pair_id,
            col(SupervisionRecord.state).in_((WAITING, SEALED)),
        )
    ).one()


def units_of(session: Session, person_ids: Collection[int]) -> dict[int, int]:
    """Where these people work now."""
    rows = session.exec(
        select(Membership.person_id, Membership.unit_id).where(
            col(Membership.person_id).in_(person_ids), col(Membership.until).is_(None)
        )
    )
    return dict(rows.all())


def drop_record(session: Session, found: SupervisionRecord) -> None:
    """Forget a record that nobody was given, with what belongs to it."""
    record_id = found.id or 0
    for row in (
        *people_of(session, [record_id])[record_id],
        *actions_of_record(session, record_id),
    ):
        session.delete(row)
    session.flush()
    session.delete(found)
    session.flush()
