"""必学 owed to late joiners: what their cohort was taught before they came, one lesson a day."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CTE, String, cast, exists, func, literal, null, or_
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.cohorts import CohortMember
from storage.deliveries import CLAIMED, SENT, WAITING, Delivery, Occasion
from storage.lessons import Lesson
from storage.owing import materialized, new_columns, owe, receivers
from storage.people import ChatAccount


def owe_essentials(
    session: Session,
    *,
    cohort_id: int,
    pack_id: int,
    bot: int,
    kind: str,
    study: str,
    mark: str,
    day: date,
    own_time: time | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe each late joiner who receives at this hour the next must she was not there for.

    She came when she was put into the cohort or, if that was later, when she first opened her
    link. One a day: the first in the pack's order that she was neither sent nor is owed; one that
    could not be sent is owed again another day.
    """
    taught = _taught(cohort_id=cohort_id, pack_id=pack_id, study=study, day=day)
    first = core_select(func.min(taught.c.on), func.min(taught.c.at))
    first_on, first_at = session.connection().execute(first).one()
    if first_on is None:
        return 0
    late = _late_joiners(
        receivers([], cohort_id=cohort_id, bot=bot, day=day, own_time=own_time),
        first_on=first_on,
        first_at=first_at,
    )
    missed = _first_missed(late, taught)
    values = new_columns(
        bot=bot,
        kind=kind,
        occasion=literal(f"{cohort_id}{mark}")
        + cast(missed.c.lesson_id, String)
        + literal(f":{day.isoformat()}"),
        recipient=missed.c.person_id,
        person_id=missed.c.person_id,
        cohort_id=cohort_id,
        subject_id=missed.c.lesson_id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    source = core_select(*values.values()).where(missed.c.lesson_id.is_not(None))
    return owe(session, values, source)


def _taught(*, cohort_id: int, pack_id: int, study: str, day: date) -> CTE:
    """The musts a cohort was taught so far: which, its place, the first date and first moment."""
    columns: list[Any] = [
        col(Lesson.id).label("lesson_id"),
        col(Lesson.position).label("position"),
        func.min(Occasion.local_date).label("on"),
        func.min(Occasion.created_at).label("at"),
    ]
    query = (
        core_select(*columns)
        .join(Occasion, col(Occasion.lesson_id) == col(Lesson.id))
        .where(
            col(Occasion.cohort_id) == cohort_id,
            col(Occasion.kind) == study,
            col(Lesson.pack_id) == pack_id,
            col(Lesson.is_essential).is_(True),
            col(Lesson.is_withdrawn).is_(False),
            or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= day),
        )
        .group_by(col(Lesson.id), col(Lesson.position))
    )
    return materialized(query, "taught")


def _late_joiners(members: Any, *, first_on: date, first_at: datetime) -> CTE:
    """Those who came after the first must: since when in the cohort, and when her link was opened.

    Of everybody else nothing more is asked, and they are nearly all.
    """
    account = aliased(ChatAccount)
    came = (
        core_select(func.min(account.linked_at))
        .where(col(account.person_id) == col(CohortMember.person_id))
        .correlate(CohortMember)
        .scalar_subquery()
    )
    query = members.add_columns(
        col(CohortMember.person_id).label("person_id"),
        col(CohortMember.since).label("since"),
        came.label("came"),
    ).where(
        # Her chat of today is her first one or a later one.
        or_(col(CohortMember.since) > first_on, col(ChatAccount.linked_at) >= first_at)
    )
    return materialized(query, "late")


def _first_missed(late: CTE, taught: CTE) -> CTE:
    """For each of them the first must she was not there for and has no delivery of, or NULL."""
    got = aliased(Delivery)
    has_one = exists().where(
        col(got.person_id) == late.c.person_id,
        col(got.subject_id) == taught.c.lesson_id,
        col(got.status).in_((WAITING, CLAIMED, SENT)),
    )
    missed = (
        core_select(taught.c.lesson_id)
        .where(
            or_(taught.c.on < late.c.since, taught.c.at <= late.c.came),
            ~has_one.correlate(late, taught),
        )
        .order_by(taught.c.position)
        .limit(1)
        .correlate(late)
        .scalar_subquery()
    )
    return materialized(core_select(late.c.person_id, missed.label("lesson_id")), "missed")
