"""What a roster is compared with: units, cohorts, people as they stand, in a few queries."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, insert, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.audit import AuditEntry
from storage.cohorts import Cohort, CohortMember
from storage.people import ChatAccount, Invite, Membership, Person, RoleGrant, Unit

IMPORTED = "import_people"
# SQLite takes 32,766 values in one statement.
AT_ONCE = 10_000
# Any number that nothing else locks by: imports on PostgreSQL go one after the other.
IMPORT_LOCK = 7_001


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit as the tree has it."""

    unit_id: int
    path: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class CohortSeen:
    """A cohort of this bot with its unit's path."""

    cohort_id: int
    name: str
    unit_path: str
    end_on: date | None


@dataclass(slots=True)
class PersonSeen:
    """A person as she stands: `unit_id` is where she works now or worked last.

    `grants` are (id, role, unit id, unit path), `cohorts` (id of the place, cohort id), both
    open ones only; `invite_until` is when her running invite ends, `own_time` her own lesson hour.
    """

    person_id: int
    number: str | None
    name: str
    phone: str | None
    status: str
    unit_id: int | None = None
    unit_path: str = ""
    membership_id: int | None = None
    grants: list[tuple[int, str, int, str]] = field(default_factory=list)
    cohorts: list[tuple[int, int]] = field(default_factory=list)
    is_joined: bool = False
    invite_until: datetime | None = None
    own_time: time | None = None


def _of(*columns: Any) -> Any:
    """A statement for more columns than the typed `select` knows."""
    return sa_select(*columns)


def take_turns(session: Session) -> None:
    """Let one import or issue of numbers finish before the next begins (SQLite always does)."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK}
        )


def units(session: Session) -> list[UnitSeen]:
    """Every unit; a region has some thousands."""
    rows = session.exec(select(Unit.id, Unit.path, Unit.name_zh, Unit.level).order_by(Unit.path))
    return [UnitSeen(i or 0, path, name, level) for i, path, name, level in rows]


def cohorts(session: Session, *, bot: int) -> list[CohortSeen]:
    """Every cohort of a bot."""
    rows = session.connection().execute(
        _of(Cohort.id, Cohort.name, Unit.path, Cohort.end_on)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
        .where(Cohort.bot == bot)
        .order_by(col(Cohort.id))
    )
    return [CohortSeen(*row) for row in rows]


def _parts(values: Collection[Any]) -> Iterator[list[Any]]:
    given = list(values)
    for start in range(0, len(given), AT_ONCE):
        yield given[start : start + AT_ONCE]


def people(
    session: Session,
    *,
    bot: int,
    now: datetime,
    numbers: Collection[str],
    phones: Collection[str],
    unit_ids: Collection[int],
    person_ids: Collection[int],
) -> dict[int, PersonSeen]:
    """Whoever has one of these numbers or phones, works or worked in these units, or is named."""
    wanted = set(person_ids)
    for column, values in ((col(Person.number), numbers), (col(Person.phone), phones)):
        for part in _parts(values):
            wanted |= {i for i in session.exec(select(Person.id).where(column.in_(part))) if i}
    for part in _parts(unit_ids):
        wanted |= set(
            session.exec(select(Membership.person_id).where(col(Membership.unit_id).in_(part)))
        )
    found: dict[int, PersonSeen] = {}
    for part in _parts(wanted):
        found |= _people(session, part, bot=bot, now=now)
    return found


def _people(
    session: Session, ids: Sequence[int], *, bot: int, now: datetime
) -> dict[int, PersonSeen]:
    columns = (Person.id, Person.number, Person.name, Person.phone, Person.status)
    rows = session.connection().execute(_of(*columns).where(col(Person.id).in_(ids)))
    seen = {row[0]: PersonSeen(*row) for row in rows}
    _add_units(session, ids, seen)
    _add_grants(session, ids, seen)
    _add_cohorts(session, ids, seen, bot=bot)
    for person_id in session.exec(
        select(ChatAccount.person_id).where(
            col(ChatAccount.person_id).in_(ids),
            ChatAccount.bot == bot,
            col(ChatAccount.ended_at).is_(None),
        )
    ):
        seen[person_id].is_joined = True
    for invited_id, until in session.exec(
        select(Invite.person_id, func.max(Invite.expires_at))
        .where(col(Invite.person_id).in_(ids), *_running(now))
        .group_by(col(Invite.person_id))
    ):
        if invited_id is not None:
            seen[invited_id].invite_until = until
    return seen


def _add_grants(session: Session, ids: Sequence[int], seen: dict[int, PersonSeen]) -> None:
    columns = (RoleGrant.person_id, RoleGrant.id, RoleGrant.role, RoleGrant.unit_id, Unit.path)
    statement = (
        _of(*columns)
        .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
        .where(col(RoleGrant.person_id).in_(ids), col(RoleGrant.until).is_(None))
        .order_by(col(RoleGrant.id))
    )
    for person_id, *grant in session.connection().execute(statement):
        seen[person_id].grants.append((grant[0], grant[1], grant[2], grant[3]))


def _add_cohorts(
    session: Session, ids: Sequence[int], seen: dict[int, PersonSeen], *, bot: int
) -> None:
    statement = (
        _of(CohortMember.person_id, CohortMember.id, CohortMember.cohort_id, CohortMember.own_time)
        .join(Cohort, col(Cohort.id) == col(CohortMember.cohort_id))
        .where(
            col(CohortMember.person_id).in_(ids),
            col(CohortMember.until).is_(None),
            Cohort.bot == bot,
        )
        .order_by(col(CohortMember.id))
    )
    for person_id, member_id, cohort_id, own_time in session.connection().execute(statement):
        seen[person_id].cohorts.append((member_id, cohort_id))
        seen[person_id].own_time = own_time or seen[person_id].own_time


def _running(now: datetime) -> tuple[Any, ...]:
    return (
        col(Invite.revoked_at).is_(None),
        col(Invite.uses_left) > 0,
        col(Invite.expires_at) > now,
    )


def _add_units(session: Session, ids: Sequence[int], seen: dict[int, PersonSeen]) -> None:
    """Where each works now, or worked last."""
    columns = (Membership.person_id, Membership.id, Unit.id, Unit.path, Membership.until)
    rows = session.connection().execute(
        _of(*columns)
        .join(Unit, col(Unit.id) == col(Membership.unit_id))
        .where(col(Membership.person_id).in_(ids))
        .order_by(col(Membership.since), col(Membership.id))
    )
    for person_id, membership_id, unit_id, path, until in rows:
        person = seen[person_id]
        if until is not None and person.membership_id is not None:
            continue
        person.unit_id, person.unit_path = unit_id, path
        person.membership_id = membership_id if until is None else None


def imported_before(session: Session, digest: str) -> list[int]:
    """The people that exactly these rows led to when they were imported last, in their order."""
    facts = session.exec(
        select(AuditEntry.facts)
        .where(
            AuditEntry.action == IMPORTED,
            col(AuditEntry.facts)["rows"].as_string() == digest,
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(1)
    ).first()
    return list(facts["people"]) if facts else []


def highest_number(session: Session, prefix: str) -> int:
    """The highest number issued so far, 0 before the first."""
    rows = session.exec(select(Person.number).where(col(Person.number).startswith(prefix)))
    tails = (number[len(prefix) :] for number in rows if number)
    return max((int(tail) for tail in tails if tail.isascii() and tail.isdecimal()), default=0)


def add_people(
    session: Session, people: Sequence[tuple[str, str, str | None]], *, now: datetime
) -> list[int]:
    """Store people as (number, name, phone); returns their ids in the same order."""
    if not people:
        return []
    new = [Person(number=n, name=name, phone=p, created_at=now) for n, name, p in people]
    statement = insert(Person).returning(col(Person.id), sort_by_parameter_order=True)
    return list(session.scalars(statement, [each.model_dump(exclude={"id"}) for each in new]))


def add_spans(
    session: Session,
    *,
    memberships: Sequence[tuple[int, int]],
    grants: Sequence[tuple[int, int, str]],
    members: Sequence[tuple[int, int, time | None]],
    since: date,
) -> None:
    """Begin spans: (person, unit), (person, unit, role), (person, cohort, own hour)."""
    tables: tuple[tuple[Any, tuple[str, ...], Sequence[tuple[Any, ...]]], ...] = (
        (Membership, ("person_id", "unit_id"), memberships),
        (RoleGrant, ("person_id", "unit_id", "role"), grants),
        (CohortMember, ("person_id", "cohort_id", "own_time"), members),
    )
    for table, names, rows in tables:
        if rows:
            session.execute(
                insert(table),
                [dict(zip(names, row, strict=True), since=since) for row in rows],
            )


def rewrite_people(
    session: Session, people: Sequence[tuple[int, str, str, str | None]], *, status: str
) -> None:
    """Write what stands on people themselves: (id, number, name, phone)."""
    if people:
        session.execute(
            update(Person),
            [
                {"id": i, "number": number, "name": name, "phone": phone, "status": status}
                for i, number, name, phone in people
            ],
        )


def close(
    session: Session,
    table: type[Membership] | type[RoleGrant] | type[CohortMember],
    ids: Collection[int],
    *,
    on: date,
) -> None:
    """End these spans on a date."""
    for part in _parts(ids):
        session.execute(
            update(table)
            .where(col(table.id).in_(part))
            .values(until=on)
            .execution_options(synchronize_session=False)
        )


def redirect_invites(
    session: Session,
    person_id: int,
    *,
    role: str,
    unit_id: int,
    cohort_id: int | None,
    now: datetime,
) -> None:
    """Let a running invite lead to where its person stands now."""
    session.execute(
        update(Invite)
        .where(col(Invite.person_id) == person_id, *_running(now))
        .values(role=role, unit_id=unit_id, cohort_id=cohort_id)
        .execution_options(synchronize_session=False)
    )
