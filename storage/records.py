"""The learning ledger: append-only, corrected by new rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Index, and_, bindparam, case, exists, text
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage import prepared
from storage.columns import key, number, partial_index, points_to
from storage.people import Person, Unit


class LearningRecord(SQLModel, table=True):
    """What one person learned on one occasion, how long, and what proves it.

    The database itself refuses UPDATE and DELETE (a trigger); `corrects` names the row that this
    one replaces, and each row is replaced at most once.
    """

    __tablename__ = "learning_record"
    __table_args__ = (
        partial_index(
            "uq_learning_record_first",
            "person_id",
            "study",
            "occasion",
            where=text("corrects IS NULL"),
            unique=True,
        ),
        Index("ix_learning_record_unit", "unit_id", "occurred_on"),
        Index("ix_learning_record_person", "person_id", "study", "occurred_on"),
    )

    id: int | None = key()
    person_id: int = points_to("person.id")
    # The name at the time; NULL in rows from before names were kept, which read the present one.
    person_name: str | None = None
    # The unit at the time; a move later does not change it.
    unit_id: int | None = points_to("unit.id", optional=True)
    study: str
    occasion: str
    # The local date of the occasion.
    occurred_on: date = Field(index=True)
    title: str
    # What was learned, by study: a lesson version's id for the daily lesson.
    source_id: int | None = number(optional=True)
    minutes: int
    mode: str
    evidence: str
    claimable: str
    rule_version: str
    recorded_by: int | None = points_to("person.id", optional=True)
    recorded_at: datetime
    corrects: int | None = points_to("learning_record.id", optional=True, unique=True)


# The evidence of a correcting row that takes a record back; no query counts such a row.
ANNULLED = "annulled"

TABLE: Any = LearningRecord.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Standing:
    """The row in force for a person and occasion."""

    id: int
    person_name: str | None
    unit_id: int | None
    occurred_on: date
    minutes: int
    evidence: str


@dataclass(frozen=True, slots=True)
class OfOccasion:
    """A row in force with the names around it; `unit` is hers at the time, "" for none."""

    person_id: int
    name: str
    number: str
    unit: str
    source_id: int
    occurred_on: date
    title: str
    minutes: int
    evidence: str
    recorded_by: str
    recorded_at: datetime
    record_id: int


_FIRST: Any = (
    core_select(
        TABLE.c.id,
        TABLE.c.person_name,
        TABLE.c.unit_id,
        TABLE.c.occurred_on,
        TABLE.c.minutes,
        TABLE.c.evidence,
    )
    .where(
        TABLE.c.person_id == bindparam("person_id"),
        TABLE.c.study == bindparam("study"),
        TABLE.c.occasion == bindparam("occasion"),
    )
    .order_by(TABLE.c.id.desc())
    .limit(1)
)
# What a row corrects is looked at inside the sum: as a condition SQLite would take the index of
# corrections for it and read the whole ledger. The first row has an index of its own, which holds
# where nothing is corrected.
_WITH_MINUTES: Any = (
    core_select(func.sum(case((and_(TABLE.c.minutes > 0, TABLE.c.corrects.is_(None)), 1), else_=0)))
    .where(
        TABLE.c.person_id == bindparam("person_id"),
        TABLE.c.study == bindparam("study"),
        TABLE.c.occurred_on == bindparam("occurred_on"),
    )
    .scalar_subquery()
)
_IS_ANY: Any = exists().where(
    TABLE.c.person_id == bindparam("person_id"),
    TABLE.c.study == bindparam("study"),
    TABLE.c.occasion == bindparam("occasion"),
    text("corrects IS NULL"),
)
_ANY: Any = core_select(_IS_ANY)
_LOOKED: Any = core_select(_IS_ANY, func.coalesce(_WITH_MINUTES, 0))
_NAME_NOW = select(Person.name).where(Person.id == bindparam("named_id")).scalar_subquery()


@cache
def _appending(dialect: str) -> Any:
    name: Any = func.coalesce(bindparam("kept_name"), _NAME_NOW)
    return prepared.inserting(TABLE, dialect).values(person_name=name).on_conflict_do_nothing()


def look(
    session: Session, *, person_id: int, study: str, occasion: str, occurred_on: date
) -> tuple[bool, int]:
    """Whether a person has a row for an occasion, and how many of a date carry minutes already."""
    row = prepared.run(
        session,
        _LOOKED,
        person_id=person_id,
        study=study,
        occasion=occasion,
        occurred_on=occurred_on,
    ).one()
    return bool(row[0]), int(row[1])


def first(session: Session, *, person_id: int, study: str, occasion: str) -> Standing | None:
    """The row in force for a person and occasion: the end of its chain of corrections."""
    named = {"person_id": person_id, "study": study, "occasion": occasion}
    if not prepared.run(session, _ANY, **named).scalar_one():
        return None
    return Standing(*prepared.run(session, _FIRST, **named).one())


def append(session: Session, *, person_name: str | None, **values: Any) -> bool:
    """Add a row unless this person already has one for the occasion (or the correction exists).

    Without `person_name` the row keeps the name as it stands now.
    """
    statement = _appending(session.get_bind().dialect.name)
    named = {"kept_name": person_name, "named_id": values["person_id"]}
    return bool(prepared.run(session, statement, **named, **values).rowcount)


def stands(*where: Any) -> Any:
    """What holds for a row in force (no other row corrects it), and whatever else is asked."""
    correction = aliased(LearningRecord)
    is_corrected = exists().where(col(correction.corrects) == col(LearningRecord.id))
    return and_(~is_corrected, col(LearningRecord.evidence) != ANNULLED, *where)


def _of_unit(unit_path: str, since: date, until: date) -> Any:
    return stands(
        col(Unit.path).startswith(unit_path, autoescape=True),
        col(LearningRecord.occurred_on) >= since,
        col(LearningRecord.occurred_on) <= until,
    )


def in_force(
    session: Session, *, unit_path: str, since: date, until: date
) -> Iterator[tuple[LearningRecord, str, str | None, str | None]]:
    """Stream the rows in force of a unit and everything under it, both dates included.

    Yields (record, name of the person as it stood then, her number, name of who recorded it), by
    date and person, a batch at a time so that memory stays flat.
    """
    recorder = aliased(Person)
    statement = (
        select(
            LearningRecord,
            func.coalesce(LearningRecord.person_name, Person.name),
            Person.number,
            col(recorder.name),
        )
        .join(Person, col(Person.id) == LearningRecord.person_id)
        .join(Unit, col(Unit.id) == LearningRecord.unit_id)
        .outerjoin(recorder, col(recorder.id) == LearningRecord.recorded_by)
        .where(_of_unit(unit_path, since, until))
        .order_by(
            col(LearningRecord.occurred_on), col(LearningRecord.person_id), col(LearningRecord.id)
        )
        .execution_options(yield_per=1000)
    )
    for record, name, number_of, recorder_name in session.exec(statement):
        session.expunge(record)
        yield record, name, number_of, recorder_name


def of_occasions(session: Session, *, study: str, occasions: Sequence[str]) -> Iterator[OfOccasion]:
    """Stream the rows in force of some occasions, those of one person beside each other.

    By unit and person, a batch at a time so that memory stays flat.
    """
    recorder = aliased(Person)
    unit_name: Any = func.coalesce(Unit.name_zh, "")
    columns: list[Any] = [
        col(LearningRecord.person_id),
        func.coalesce(LearningRecord.person_name, Person.name),
        func.coalesce(Person.number, ""),
        unit_name,
        func.coalesce(LearningRecord.source_id, 0),
        col(LearningRecord.occurred_on),
        col(LearningRecord.title),
        col(LearningRecord.minutes),
        col(LearningRecord.evidence),
        func.coalesce(recorder.name, ""),
        col(LearningRecord.recorded_at),
        col(LearningRecord.id),
    ]
    statement = (
        core_select(*columns)
        .join(Person, col(Person.id) == LearningRecord.person_id)
        .outerjoin(Unit, col(Unit.id) == LearningRecord.unit_id)
        .outerjoin(recorder, col(recorder.id) == LearningRecord.recorded_by)
        .where(
            stands(col(LearningRecord.study) == study, col(LearningRecord.occasion).in_(occasions))
        )
        .order_by(
            unit_name,
            col(LearningRecord.person_id),
            col(LearningRecord.occurred_on),
            col(LearningRecord.source_id),
        )
        .execution_options(yield_per=1000)
    )
    for row in session.connection().execute(statement):
        yield OfOccasion(*row)


def totals(session: Session, *, person_id: int) -> list[tuple[str, int, int]]:
    """A person's own sums: (study, rows, minutes) over the rows in force."""
    rows = session.exec(
        select(LearningRecord.study, func.count(), func.sum(LearningRecord.minutes))
        .where(stands(col(LearningRecord.person_id) == person_id))
        .group_by(LearningRecord.study)
    )
    return [(study, int(count), int(minutes or 0)) for study, count, minutes in rows]


def minutes_of(
    session: Session,
    person_ids: Sequence[int],
    *,
    month: date,
    year: date,
    attended: Sequence[str],
) -> dict[int, tuple[int, int, int]]:
    """Per person (minutes since `month`, minutes since `year`, times attended since `year`).

    `attended` are the evidences that prove presence; over the rows in force, in one query.
    """
    recent = case((col(LearningRecord.occurred_on) >= month, col(LearningRecord.minutes)), else_=0)
    present = case((col(LearningRecord.evidence).in_(attended), 1), else_=0)
    rows = session.exec(
        select(
            LearningRecord.person_id,
            func.sum(recent),
            func.sum(LearningRecord.minutes),
            func.sum(present),
        )
        .where(
            stands(
                col(LearningRecord.person_id).in_(person_ids),
                col(LearningRecord.occurred_on) >= year,
            )
        )
        .group_by(col(LearningRecord.person_id))
    )
    return {person_id: (int(m), int(y), int(times)) for person_id, m, y, times in rows}


def unit_minutes(session: Session, *, unit_path: str, since: date) -> int:
    """The minutes in force of a unit and everything under it since a date."""
    total = session.exec(
        select(func.sum(LearningRecord.minutes))
        .join(Unit, col(Unit.id) == LearningRecord.unit_id)
        .where(_of_unit(unit_path, since, date.max))
    ).one()
    return int(total or 0)


def count_in_force(session: Session, *, unit_path: str, since: date, until: date) -> int:
    """How many rows `in_force` will yield, for a progress bar."""
    return int(
        session.exec(
            select(func.count())
            .select_from(LearningRecord)
            .join(Unit, col(Unit.id) == LearningRecord.unit_id)
            .where(_of_unit(unit_path, since, until))
        ).one()
    )
