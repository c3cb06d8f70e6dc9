"""Cohorts: who learns what together, by which beat, and in which work group."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import UniqueConstraint, bindparam
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import prepared
from storage.columns import DOCUMENT, key, number, partial_index, points_to
from storage.people import OPEN_ACCOUNT, OPEN_SPAN, Unit


class Cohort(SQLModel, table=True):
    """People who learn one pack together; pace is "together" or "own"."""

    __tablename__ = "cohort"

    id: int | None = key()
    unit_id: int = points_to("unit.id", index=True)
    bot: int = number()
    pack_id: int = points_to("lesson_pack.id", index=True)
    name: str
    pace: str
    zone: str
    quiet_from: time
    quiet_to: time
    # ISO weekday numbers that count as working when no calendar row says otherwise.
    working_weekdays: list[int] = Field(sa_type=DOCUMENT)
    start_on: date
    end_on: date | None = None
    created_at: datetime


class Rhythm(SQLModel, table=True):
    """One study's beat in one cohort, and the last local date already planned for it."""

    __tablename__ = "rhythm"
    __table_args__ = (UniqueConstraint("cohort_id", "kind"),)

    id: int | None = key()
    cohort_id: int = points_to("cohort.id", index=True)
    kind: str
    is_on: bool
    time_of_day: time
    late: str
    skip_after_hours: int
    # What only some studies need: weekday, minutes, reminder days ...
    settings: dict[str, Any] = Field(sa_type=DOCUMENT)
    watermark: date


class CohortMember(SQLModel, table=True):
    """A person's place in a cohort, dated; own_time overrides the cohort's hour."""

    __tablename__ = "cohort_member"
    __table_args__ = (
        partial_index("uq_cohort_member", "cohort_id", "person_id", where=OPEN_SPAN, unique=True),
    )

    id: int | None = key()
    cohort_id: int = points_to("cohort.id", index=True)
    person_id: int = points_to("person.id", index=True)
    since: date
    until: date | None = None
    own_time: time | None = None


class WorkGroup(SQLModel, table=True):
    """A Telegram group that receives its cohort's lesson text."""

    __tablename__ = "work_group"
    __table_args__ = (
        partial_index("uq_work_group_chat", "bot", "chat_id", where=OPEN_ACCOUNT, unique=True),
    )

    id: int | None = key()
    cohort_id: int = points_to("cohort.id", index=True)
    bot: int = number()
    chat_id: int = number()
    title: str
    language: str = "zh"
    reachable: bool = True
    unreachable_since: datetime | None = None
    unreachable_reason: str | None = None
    linked_at: datetime
    ended_at: datetime | None = None


COHORT: Any = Cohort.__table__  # type: ignore[attr-defined]
MEMBER: Any = CohortMember.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is disturbed, in local time; may cross midnight."""

    zone: str
    quiet_from: time
    quiet_to: time


QUIET = tuple(COHORT.c[name] for name in QuietHours.__dataclass_fields__)


def quiet_hours(session: Session, cohort_ids: Collection[int]) -> dict[int, QuietHours]:
    """The quiet hours of each of these cohorts; no query for none."""
    if not cohort_ids:
        return {}
    statement = core_select(COHORT.c.id, *QUIET).where(COHORT.c.id.in_(cohort_ids))
    return {row[0]: QuietHours(*row[1:]) for row in session.connection().execute(statement)}


def quiet_hours_of(
    session: Session, person_ids: Collection[int], *, bot: int
) -> dict[int, QuietHours]:
    """The quiet hours of the cohort each person learns in, of the oldest if of several."""
    if not person_ids:
        return {}
    statement = (
        core_select(MEMBER.c.person_id, *QUIET)
        .join(COHORT, COHORT.c.id == MEMBER.c.cohort_id)
        .where(MEMBER.c.person_id.in_(person_ids), MEMBER.c.until.is_(None), COHORT.c.bot == bot)
        .order_by(MEMBER.c.id.desc())
    )
    # The oldest comes last, and stands.
    return {row[0]: QuietHours(*row[1:]) for row in session.connection().execute(statement)}


# Built once: the planner asks for every study each minute.
_RHYTHMS: Any = (
    select(Rhythm, Cohort, Unit.path)
    .join(Cohort, col(Cohort.id) == Rhythm.cohort_id)
    .join(Unit, col(Unit.id) == Cohort.unit_id)
    .where(
        Rhythm.kind == bindparam("kind"),
        col(Rhythm.is_on).is_(True),
        Cohort.bot == bindparam("bot"),
    )
    .order_by(col(Rhythm.id))
)


def rhythms(session: Session, *, kind: str, bot: int) -> list[tuple[Rhythm, Cohort, str]]:
    """Every running rhythm of a kind with its cohort and the cohort's unit path."""
    rows = session.exec(_RHYTHMS, params={"kind": kind, "bot": bot})
    return [(rhythm, cohort, path) for rhythm, cohort, path in rows]


def cohorts_of(session: Session, person_id: int) -> list[tuple[CohortMember, Cohort]]:
    """The cohorts a person learns in now, oldest first."""
    return list(
        session.exec(
            select(CohortMember, Cohort)
            .join(Cohort, col(Cohort.id) == CohortMember.cohort_id)
            .where(CohortMember.person_id == person_id, col(CohortMember.until).is_(None))
            .order_by(col(CohortMember.id))
        )
    )


_ZONE: Any = (
    select(Cohort.zone)
    .join(CohortMember, col(CohortMember.cohort_id) == col(Cohort.id))
    .where(
        CohortMember.person_id == bindparam("person_id"),
        Cohort.bot == bindparam("bot"),
        col(CohortMember.until).is_(None),
    )
    .order_by(col(CohortMember.id))
    .limit(1)
)


def zone_of(session: Session, person_id: int, *, bot: int) -> str | None:
    """The zone of the first cohort a person learns in with a bot; None where there is none."""
    found: str | None = prepared.run(session, _ZONE, person_id=person_id, bot=bot).scalar()
    return found


def latest_cohort(session: Session, person_id: int) -> Cohort | None:
    """The cohort a person learns in, or learnt in last."""
    return session.exec(
        select(Cohort)
        .join(CohortMember, col(CohortMember.cohort_id) == Cohort.id)
        .where(CohortMember.person_id == person_id)
        .order_by(
            col(CohortMember.until).is_not(None),
            col(CohortMember.until).desc(),
            col(CohortMember.id),
        )
        .limit(1)
    ).first()


def work_group(session: Session, *, bot: int, chat_id: int) -> WorkGroup | None:
    """The linked work group of this chat."""
    return session.exec(
        select(WorkGroup).where(
            WorkGroup.bot == bot, WorkGroup.chat_id == chat_id, col(WorkGroup.ended_at).is_(None)
        )
    ).first()


def rhythm_of(session: Session, *, cohort_id: int, kind: str) -> Rhythm | None:
    """A cohort's rhythm of a kind."""
    return session.exec(
        select(Rhythm).where(Rhythm.cohort_id == cohort_id, Rhythm.kind == kind)
    ).first()


def rhythms_of(session: Session, cohort_ids: Sequence[int], kind: str) -> dict[int, Rhythm]:
    """The running rhythms of a kind of these cohorts, by cohort."""
    rows = session.exec(
        select(Rhythm).where(
            col(Rhythm.cohort_id).in_(cohort_ids), Rhythm.kind == kind, col(Rhythm.is_on).is_(True)
        )
    )
    return {row.cohort_id: row for row in rows}


def cohort_by_name(session: Session, name: str) -> Cohort | None:
    """The cohort of this name."""
    return session.exec(select(Cohort).where(Cohort.name == name)).first()
