"""Who accompanies whom: the dated relation of a supervisor and a worker."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Index, func, or_, text
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from storage import absences
from storage.columns import key, number, partial_index, points_to
from storage.people import Membership, Person, RoleGrant, Unit
from storage.units import ACTIVE, within

OPEN = text("ended_at IS NULL")


class SupervisionPair(SQLModel, table=True):
    """One worker and her supervisor, from a day until a day.

    `until` is the first day on which it holds no more, set ahead for a supervisor from outside;
    `ended_at` is when somebody ended it by hand. `last_on` is the local date of their newest
    session, held or booked, `due_on` the one by which the next should be, `told_due_on` that of
    which both were told. `changed_by` did
    what `version` counts last.
    """

    __tablename__ = "supervision_pair"
    __table_args__ = (
        partial_index(
            "uq_supervision_pair", "bot", "supervisor_id", "worker_id", where=OPEN, unique=True
        ),
        Index("ix_supervision_pair_due", "bot", "due_on"),
    )

    id: int | None = key()
    bot: int = number()
    supervisor_id: int = points_to("person.id", index=True)
    worker_id: int = points_to("person.id", index=True)
    since: date
    until: date | None = None
    ended_at: datetime | None = None
    every_months: int
    mode: str
    last_on: date | None = None
    due_on: date
    told_due_on: date | None = None
    change_asked_at: datetime | None = None
    version: int
    changed_by: int = points_to("person.id")
    changed_at: datetime
    created_at: datetime

    @property
    def last_day(self) -> date | None:
        """The last local date on which it holds, None for one without an end."""
        return self.until - timedelta(days=1) if self.until is not None else None


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair with both names and where the worker works now."""

    pair_id: int
    supervisor_id: int
    supervisor: str
    worker_id: int
    worker: str
    unit_name: str
    unit_path: str
    since: date
    until: date | None
    ended_at: datetime | None
    every_months: int
    mode: str
    due_on: date
    change_asked_at: datetime | None
    version: int
    changed_by: int
    changed_at: datetime

    @property
    def last_day(self) -> date | None:
        """The last local date on which it holds, None for one without an end."""
        return self.until - timedelta(days=1) if self.until is not None else None


def pair(session: Session, pair_id: int, *, lock: bool = False) -> SupervisionPair | None:
    """A pair; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionPair).where(SupervisionPair.id == pair_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def has_any(session: Session, *, bot: int) -> bool:
    """Whether anybody was ever paired."""
    found = core_select(col(SupervisionPair.id)).where(col(SupervisionPair.bot) == bot).limit(1)
    return session.connection().scalar(found) is not None


def open_between(
    session: Session, *, bot: int, supervisor_id: int, worker_id: int
) -> SupervisionPair | None:
    """The pair of these two that nobody ended by hand."""
    return session.exec(
        select(SupervisionPair).where(
            SupervisionPair.bot == bot,
            SupervisionPair.supervisor_id == supervisor_id,
            SupervisionPair.worker_id == worker_id,
            col(SupervisionPair.ended_at).is_(None),
        )
    ).first()


def standing(on: date) -> list[Any]:
    """The conditions that a pair holds on a date or will hold from a later one on."""
    return [
        col(SupervisionPair.ended_at).is_(None),
        or_(col(SupervisionPair.until).is_(None), col(SupervisionPair.until) > on),
    ]


SUPERVISOR: Any = aliased(Person)
WORKER: Any = aliased(Person)


def rows_where(*where: Any) -> Any:
    """The query of pairs that fit, as PairRow has them; SUPERVISOR and WORKER are the two."""
    made: Any = SupervisionPair
    columns: list[Any] = [
        made.id,
        made.supervisor_id,
        SUPERVISOR.name,
        made.worker_id,
        WORKER.name,
        func.coalesce(Unit.name_zh, ""),
        func.coalesce(Unit.path, ""),
        *(getattr(made, name) for name in list(PairRow.__dataclass_fields__)[7:]),
    ]
    return (
        core_select(*columns)
        .select_from(SupervisionPair)
        .join(SUPERVISOR, SUPERVISOR.id == made.supervisor_id)
        .join(WORKER, WORKER.id == made.worker_id)
        .outerjoin(
            Membership,
            (col(Membership.person_id) == made.worker_id) & col(Membership.until).is_(None),
        )
        .outerjoin(Unit, col(Unit.id) == Membership.unit_id)
        .where(*where)
    )


def row(session: Session, pair_id: int, *, bot: int) -> PairRow | None:
    """One pair with its names, ended or not."""
    found = session.connection().execute(
        rows_where(col(SupervisionPair.id) == pair_id, col(SupervisionPair.bot) == bot)
    )
    first = found.first()
    return PairRow(*first) if first else None


def of_person(
    session: Session, person_id: int, *, bot: int, on: date, as_supervisor: bool
) -> list[PairRow]:
    """Somebody's pairs that hold, as the one or the other; the next due first."""
    mine = SupervisionPair.supervisor_id if as_supervisor else SupervisionPair.worker_id
    statement = rows_where(
        col(mine) == person_id,
        col(SupervisionPair.bot) == bot,
        *standing(on),
        SUPERVISOR.status == ACTIVE,
        WORKER.status == ACTIVE,
    ).order_by(col(SupervisionPair.due_on), col(SupervisionPair.id))
    return [PairRow(*found) for found in session.connection().execute(statement)]


def under(session: Session, paths: Sequence[str], *, bot: int, on: date) -> Iterator[PairRow]:
    """The pairs whose worker works in these units or under them; who asked for another first.

    Streamed: matching folds widths and cases that the two databases fold differently.
    """
    statement = rows_where(
        col(SupervisionPair.bot) == bot,
        within(paths),
        *standing(on),
        WORKER.status == ACTIVE,
    ).order_by(
        col(SupervisionPair.change_asked_at).is_(None),
        col(SupervisionPair.due_on),
        col(SupervisionPair.id),
    )
    for found in session.connection().execute(statement):
        yield PairRow(*found)


def supervisors_over(session: Session, unit_path: str, *, on: date) -> list[tuple[int, str]]:
    """The active supervisors of a unit and of what it belongs to: (id, name), by name."""
    ids = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(
        select(col(Person.id), col(Person.name))
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            RoleGrant.role == "supervisor",
            col(RoleGrant.unit_id).in_(ids),
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            Person.status == ACTIVE,
        )
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    return [(person_id or 0, name) for person_id, name in rows]


def absent_among(session: Session, person_ids: Collection[int], *, on: date) -> set[int]:
    """Which of these people rest on a date."""
    people: Any = col(Person.id)
    found = session.exec(
        select(people).where(people.in_(person_ids), absences.absent_on(people, on))
    )
    return set(found)


def locked_people(session: Session, person_ids: Collection[int]) -> None:
    """Let whoever changes something of the same people wait, always in the same order."""
    session.exec(
        select(col(Person.id))
        .where(col(Person.id).in_(person_ids))
        .order_by(col(Person.id))
        .with_for_update(key_share=True)
    ).all()


def due_untold(session: Session, *, bot: int, by: date, on: date) -> list[SupervisionPair]:
    """The pairs of two who are there, are due by a date and were not told of that yet."""
    gone = core_select(col(Person.id)).where(
        col(Person.id).in_([col(SupervisionPair.supervisor_id), col(SupervisionPair.worker_id)]),
        col(Person.status) != ACTIVE,
    )
    statement = select(SupervisionPair).where(
        ~gone.correlate(SupervisionPair).exists(),
        SupervisionPair.bot == bot,
        SupervisionPair.due_on <= by,
        or_(
            col(SupervisionPair.told_due_on).is_(None),
            col(SupervisionPair.told_due_on) != col(SupervisionPair.due_on),
        ),
        SupervisionPair.since <= on,
        *standing(on),
    )
    return list(session.exec(statement.order_by(col(SupervisionPair.id))))


def paths_with_role(session: Session, role: str, *, on: date) -> list[str]:
    """The units in which somebody holds a role on a date."""
    rows = session.exec(
        select(Unit.path)
        .join(RoleGrant, col(RoleGrant.unit_id) == Unit.id)
        .where(
            RoleGrant.role == role,
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
        )
        .distinct()
    )
    return list(rows)


def supervisors_near(session: Session, unit_path: str, *, on: date) -> list[tuple[int, str]]:
    """The active supervisors of a unit, of those above it and of those under it: (id, name)."""
    above = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(
        select(col(Person.id), col(Person.name))
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(
            RoleGrant.role == "supervisor",
            or_(col(Unit.id).in_(above), within([unit_path])),
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            Person.status == ACTIVE,
        )
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    return [(person_id or 0, name) for person_id, name in rows]


def supervisor_names(session: Session, unit_path: str, *, on: date) -> list[str]:
    """The names of the supervisors near a unit."""
    return list(dict.fromkeys(name for _, name in supervisors_near(session, unit_path, on=on)))
