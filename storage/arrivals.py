"""What became of what was owed: tallies, who missed it, who cannot be reached."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, false, func, or_, update
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.absences import Absence
from storage.cohorts import Cohort, CohortMember, WorkGroup
from storage.deliveries import CLAIMED, EXPIRED, FAILED, SENT, SKIPPED, WAITING, Delivery
from storage.lessons import Lesson
from storage.people import ChatAccount, Membership, Person, Unit
from storage.schedule import HELD

DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of an occasion stand alike."""

    occasion: str
    is_group: bool
    status: str
    error: str | None
    number: int


@dataclass(frozen=True, slots=True)
class AsItWas:
    """A row before it was reopened, so that it can be put back."""

    id: int
    status: str
    error: str | None
    due_at: datetime
    not_after: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class UnreachablePerson:
    """Somebody whose chat cannot be written to, and how to call her."""

    name: str
    unit_name: str
    phone: str | None
    since: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class UnreachableGroup:
    """A linked work group that cannot be written to."""

    title: str
    cohort_name: str
    since: datetime | None
    reason: str | None


def tallies(session: Session, *, kind: str, occasions: Sequence[str]) -> list[Tally]:
    """The rows of these occasions by people or groups, status and reason, in one query."""
    is_group = DELIVERY.c.group_id.is_not(None)
    columns = (DELIVERY.c.occasion, is_group, DELIVERY.c.status, DELIVERY.c.error)
    rows = session.connection().execute(
        core_select(*columns, func.count())
        .where(DELIVERY.c.kind == kind, DELIVERY.c.occasion.in_(occasions))
        .group_by(*columns)
    )
    return [Tally(name, bool(group), status, error, n) for name, group, status, error, n in rows]


def _may_receive(bot: int, on: date) -> Any:
    """Per row: a member who is here, reachable and not resting; or a linked, reachable group."""
    member = exists().where(
        col(CohortMember.person_id) == Delivery.person_id,
        col(CohortMember.cohort_id) == Delivery.cohort_id,
        col(CohortMember.until).is_(None),
        col(Person.id) == Delivery.person_id,
        col(Person.status) == "active",
        col(ChatAccount.person_id) == Delivery.person_id,
        col(ChatAccount.bot) == bot,
        col(ChatAccount.ended_at).is_(None),
        col(ChatAccount.reachable).is_(True),
    )
    rests = exists().where(
        col(Absence.person_id) == Delivery.person_id,
        col(Absence.since) <= on,
        or_(col(Absence.until).is_(None), col(Absence.until) > on),
    )
    group = exists().where(
        col(WorkGroup.id) == Delivery.group_id,
        col(WorkGroup.ended_at).is_(None),
        col(WorkGroup.reachable).is_(True),
    )
    return or_(and_(member, ~rests), group)


def missed(
    session: Session, *, kind: str, occasion: str, bot: int, on: date, lock: bool = False
) -> list[tuple[AsItWas, bool]]:
    """The rows of an occasion that did not arrive and could now, each with whether it is a group's.

    Not: what a coordinator held, what was withdrawn, and whoever got the same lesson since.
    """
    later = aliased(Delivery)
    got_it_since = exists().where(
        col(later.kind) == kind,
        col(later.recipient) == Delivery.recipient,
        col(later.subject_id) == Delivery.subject_id,
        col(later.id) != Delivery.id,
        col(later.due_at) >= Delivery.due_at,
        col(later.status).in_((SENT, WAITING, CLAIMED)),
    )
    statement = (
        select(Delivery)
        .join(Lesson, col(Lesson.id) == Delivery.subject_id)
        .where(
            Delivery.kind == kind,
            Delivery.occasion == occasion,
            col(Delivery.status).in_((FAILED, EXPIRED, SKIPPED)),
            func.coalesce(Delivery.error, "") != HELD,
            col(Lesson.is_withdrawn).is_(False),
            _may_receive(bot, on),
            ~got_it_since,
        )
        .order_by(col(Delivery.id))
    )
    if lock:
        statement = statement.with_for_update(of=Delivery)
    return [
        (
            AsItWas(row.id or 0, row.status, row.error, row.due_at, row.not_after, row.attempts),
            row.group_id is not None,
        )
        for row in session.exec(statement.execution_options(populate_existing=True))
    ]


def reopen(
    session: Session, ids: Sequence[int], *, due_at: datetime, not_after: datetime | None
) -> None:
    """Owe these rows again; parts that arrived are not repeated."""
    session.connection().execute(
        update(DELIVERY)
        .where(DELIVERY.c.id.in_(ids))
        .values(
            status=WAITING,
            error=None,
            lease_until=None,
            attempts=0,
            due_at=due_at,
            not_after=not_after,
        )
    )


def put_back(session: Session, rows: Sequence[AsItWas], *, due_at: datetime) -> list[int]:
    """Undo `reopen` for what still waits since then; returns the ids of those rows."""
    still = set(
        session.connection()
        .execute(
            core_select(DELIVERY.c.id)
            .where(
                DELIVERY.c.id.in_([row.id for row in rows]),
                DELIVERY.c.status == WAITING,
                DELIVERY.c.due_at == due_at,
            )
            # What the postman takes at this moment is his; what we hold here he passes over.
            .with_for_update(skip_locked=True)
        )
        .scalars()
    )
    values = [{f"was_{k}": v for k, v in asdict(row).items()} for row in rows if row.id in still]
    if values:
        names = ("status", "error", "due_at", "not_after", "attempts")
        session.connection().execute(
            update(DELIVERY)
            .where(DELIVERY.c.id == bindparam("was_id"))
            .values({name: bindparam(f"was_{name}") for name in names}),
            values,
        )
    return sorted(still)


def _under(paths: Sequence[str]) -> Any:
    return or_(false(), *(col(Unit.path).startswith(path) for path in paths))


def unreachable_people(
    session: Session, paths: Sequence[str], *, bot: int, limit: int, offset: int = 0
) -> list[UnreachablePerson]:
    """People of these units who cannot be reached, the longest first."""
    columns: list[Any] = [
        Person.name,
        Unit.name_zh,
        Person.phone,
        ChatAccount.unreachable_since,
        ChatAccount.unreachable_reason,
    ]
    rows = session.connection().execute(
        _of_people(core_select(*columns), paths, bot)
        .order_by(col(ChatAccount.unreachable_since), col(Person.id))
        .limit(limit)
        .offset(offset)
    )
    return [UnreachablePerson(*row) for row in rows]


def count_unreachable(session: Session, paths: Sequence[str], *, bot: int) -> int:
    """How many people of these units cannot be reached."""
    return int(session.exec(_of_people(select(func.count(col(Person.id))), paths, bot)).one())


def _of_people(statement: Any, paths: Sequence[str], bot: int) -> Any:
    return (
        statement.select_from(Person)
        .join(ChatAccount, col(ChatAccount.person_id) == Person.id)
        .join(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            Person.status == "active",
            ChatAccount.bot == bot,
            col(ChatAccount.ended_at).is_(None),
            col(ChatAccount.reachable).is_(False),
            _under(paths),
        )
    )


def unreachable_groups(
    session: Session, paths: Sequence[str], *, bot: int
) -> list[UnreachableGroup]:
    """The linked work groups of these units' cohorts that cannot be written to."""
    rows = session.exec(
        select(
            WorkGroup.title,
            Cohort.name,
            WorkGroup.unreachable_since,
            WorkGroup.unreachable_reason,
        )
        .join(Cohort, col(Cohort.id) == WorkGroup.cohort_id)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
        .where(
            WorkGroup.bot == bot,
            col(WorkGroup.ended_at).is_(None),
            col(WorkGroup.reachable).is_(False),
            _under(paths),
        )
        .order_by(col(WorkGroup.id))
    )
    return [UnreachableGroup(*row) for row in rows]
