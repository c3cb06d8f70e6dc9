"""Owing a lesson to many at once: INSERT ... SELECT, never a row at a time in Python."""

from datetime import date, datetime, time
from typing import Any, Protocol

from sqlalchemy import CTE, FromClause, Select, and_, func, literal, null, or_
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.absences import absent_on
from storage.cohorts import CohortMember, WorkGroup
from storage.deliveries import CLAIMED, SENT, TABLE, WAITING, Delivery
from storage.lesson_deliveries import teachable
from storage.lessons import Lesson
from storage.people import ChatAccount, Person
from storage.prepared import insert_ignoring
from storage.units import ACTIVE, open_account

NUMBER = TABLE.c.subject_id.type


class Event(Protocol):
    """What people are told of; it is stored already."""

    id: int | None
    bot: int


def new_columns(**values: Any) -> dict[str, Any]:
    """Every column of a new delivery; INSERT ... SELECT knows no Python defaults."""
    fixed = {"status": WAITING, "attempts": 0, "parts_sent": 0}
    return {
        name: value if hasattr(value, "compile") else literal(value, TABLE.c[name].type)
        for name, value in (values | fixed).items()
    }


def owe(session: Session, values: dict[str, Any], source: Select[Any]) -> int:
    """Add the deliveries that a query selects; those that exist already stay as they are."""
    statement = (
        insert_ignoring(session, TABLE)
        .from_select(list(values), source)
        # Named, so that PostgreSQL does not look for each new id in the primary key as well.
        .on_conflict_do_nothing(index_elements=["kind", "occasion", "recipient"])
    )
    connection = session.connection()
    added = int(connection.execute(statement).rowcount)
    if added < 0:
        # Python's sqlite3 counts no rows of a statement that begins with WITH.
        added = int(connection.exec_driver_sql("SELECT changes()").scalar_one())
    return added


def owe_people(
    session: Session,
    event: Event,
    condition: Any,
    *,
    kind: str,
    occasion: str,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe one message about an event to every active person with a chat who fits.

    Gives how many rows were added. Somebody who rests from learning is told too: a training or a
    visit is announced to her all the same.
    """
    values = new_columns(
        bot=event.bot,
        kind=kind,
        occasion=occasion,
        recipient=col(Person.id),
        person_id=col(Person.id),
        subject_id=event.id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    source = (
        core_select(*values.values())
        .select_from(Person)
        .join(ChatAccount, open_account(event.bot, col(Person.id)))
        .where(col(Person.status) == ACTIVE, condition)
    )
    return owe(session, values, source)


def receivers(
    columns: list[Any], *, cohort_id: int, bot: int, day: date, own_time: time | None
) -> Select[Any]:
    """Of each member who receives at this hour on a date: here, active, with a chat, not away."""
    hour = col(CohortMember.own_time)
    return (
        core_select(*columns)
        .select_from(CohortMember)
        .join(Person, col(Person.id) == CohortMember.person_id)
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == CohortMember.person_id,
                col(ChatAccount.bot) == bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            col(CohortMember.cohort_id) == cohort_id,
            col(CohortMember.since) <= day,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > day),
            hour.is_(None) if own_time is None else hour == own_time,
            col(Person.status) == "active",
            ~absent_on(col(CohortMember.person_id), day),
        )
    )


def materialized(query: Select[Any], name: str) -> CTE:
    """A part of a query that is worked out once, before the rest, on both databases."""
    return query.cte(name).prefix_with("MATERIALIZED")


def owe_members(
    session: Session,
    *,
    cohort_id: int,
    pack_id: int,
    bot: int,
    kind: str,
    occasion: str,
    day: date,
    own_time: time | None,
    lesson_id: int | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
    person_id: int | None = None,
) -> int:
    """Owe a lesson to every member (or one) of a cohort who receives at this hour.

    `lesson_id` None means that each gets her own next lesson. A row that exists already stays.
    """
    chosen = receivers(
        [col(CohortMember.person_id).label("person_id")],
        cohort_id=cohort_id,
        bot=bot,
        day=day,
        own_time=own_time,
    )
    if person_id is not None:
        chosen = chosen.where(col(CohortMember.person_id) == person_id)
    member: FromClause
    if lesson_id is None:
        last = _last_received(session, cohort_id, pack_id, kind)
        member = _each_with_her_next(chosen.add_columns(last.label("last")), pack_id, day)
    else:
        member = chosen.add_columns(literal(lesson_id, NUMBER).label("lesson_id")).subquery()
    values = new_columns(
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=member.c.person_id,
        person_id=member.c.person_id,
        cohort_id=cohort_id,
        subject_id=member.c.lesson_id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    # SQLite takes the ON of ON CONFLICT for a join's where no WHERE stands before it.
    source = core_select(*values.values()).where(member.c.person_id.is_not(None))
    return owe(session, values, source)


def _last_received(session: Session, cohort_id: int, pack_id: int, kind: str) -> Any:
    """Per member: the lesson of a pack that she received last in a cohort, or NULL."""
    # Few, and in so many words: a join in their place would be made anew for each member.
    lessons = session.connection().execute(
        core_select(col(Lesson.id)).where(col(Lesson.pack_id) == pack_id)
    )
    done = aliased(Delivery)
    return (
        core_select(col(done.subject_id))
        .where(
            col(done.person_id) == col(CohortMember.person_id),
            col(done.cohort_id) == cohort_id,
            col(done.kind) == kind,
            # In a pack chosen since she begins with its first lesson.
            col(done.subject_id).in_(list(lessons.scalars())),
            # What is on its way counts too: else two missed days would bring the same lesson.
            col(done.status).in_((SENT, WAITING, CLAIMED)),
        )
        .order_by(col(done.due_at).desc())
        .limit(1)
        .correlate(CohortMember)
        .scalar_subquery()
    )


def _each_with_her_next(chosen: Select[Any], pack_id: int, on: date) -> CTE:
    """Members with the lesson behind their `last` one, else the first of a new round.

    They are sorted, so that all are known before the first row is added. Else PostgreSQL, which
    scans a table that was all but empty when it began, would read for each what it added before.
    """
    member, last = materialized(chosen, "chosen"), aliased(Lesson)
    in_order = core_select(col(Lesson.id)).where(teachable(pack_id, on))
    in_order = in_order.order_by(col(Lesson.position)).limit(1)
    ahead = in_order.where(col(Lesson.position) > col(last.position)).correlate(last)
    lesson = func.coalesce(ahead.scalar_subquery(), in_order.scalar_subquery()).label("lesson_id")
    return materialized(
        core_select(member.c.person_id, lesson)
        .select_from(member.outerjoin(last, col(last.id) == member.c.last))
        .order_by(lesson, member.c.person_id),
        "member",
    )


def owe_groups(
    session: Session,
    *,
    cohort_id: int,
    bot: int,
    kind: str,
    occasion: str,
    lesson_id: int | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe a lesson to the work groups linked to a cohort."""
    values = new_columns(
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=-col(WorkGroup.id),
        group_id=col(WorkGroup.id),
        cohort_id=cohort_id,
        subject_id=lesson_id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    source = core_select(*values.values()).where(
        col(WorkGroup.cohort_id) == cohort_id,
        col(WorkGroup.bot) == bot,
        col(WorkGroup.ended_at).is_(None),
    )
    return owe(session, values, source)
