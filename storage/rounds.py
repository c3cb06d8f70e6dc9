"""Rounds through a pack: what reached a cohort before, how far the end is, who hears of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage import deputies, prepared
from storage.cohorts import Cohort
from storage.deliveries import SENT, Delivery, Occasion
from storage.lesson_deliveries import teachable
from storage.lessons import Lesson
from storage.people import ChatAccount, Person, RoleGrant, Unit

_TAUGHT_ON: Any = core_select(
    col(Occasion.cohort_id), col(Occasion.lesson_id), col(Occasion.local_date)
).where(
    col(Occasion.kind) == bindparam("kind"),
    col(Occasion.cohort_id).in_(bindparam("cohort_ids", expanding=True)),
    col(Occasion.lesson_id).in_(bindparam("lesson_ids", expanding=True)),
)


def taught_on(
    session: Session, *, kind: str, cohort_ids: Sequence[int], lesson_ids: Sequence[int]
) -> list[tuple[int, int, date]]:
    """Every (cohort, lesson, date) on which these cohorts were to be taught one of these lessons.

    Where each goes at her own pace a date has no one lesson, so there is none here.
    """
    rows = prepared.run(
        session, _TAUGHT_ON, kind=kind, cohort_ids=list(cohort_ids), lesson_ids=list(lesson_ids)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def reached(session: Session, *, kind: str, occasions: Sequence[str]) -> set[str]:
    """Those of these occasions that anybody received."""
    return set(
        session.exec(
            select(col(Delivery.occasion))
            .where(
                Delivery.kind == kind,
                col(Delivery.occasion).in_(occasions),
                Delivery.status == SENT,
            )
            .distinct()
        )
    )


def still_ahead(session: Session, lesson: Lesson, *, on: date) -> tuple[int, int | None]:
    """How many lessons of its pack come behind a lesson, and the id of the last of them."""
    behind: Any = and_(teachable(lesson.pack_id, on), col(Lesson.position) > lesson.position)
    count = session.exec(select(func.count(col(Lesson.id))).where(behind)).one()
    last = session.exec(
        select(Lesson.id).where(behind).order_by(col(Lesson.position).desc()).limit(1)
    ).first()
    return int(count), last


def is_first(session: Session, lesson: Lesson, *, on: date) -> bool:
    """Whether no lesson of its pack comes before a lesson."""
    before: Any = and_(teachable(lesson.pack_id, on), col(Lesson.position) < lesson.position)
    return session.exec(select(Lesson.id).where(before).limit(1)).first() is None


def times_taught(session: Session, *, cohort_id: int, lesson_id: int, before: date) -> int:
    """On how many dates a cohort was to be taught a lesson."""
    return int(
        session.exec(
            select(func.count(col(Occasion.id))).where(
                Occasion.cohort_id == cohort_id,
                Occasion.lesson_id == lesson_id,
                Occasion.local_date < before,
            )
        ).one()
    )


def latest_lesson(session: Session, *, cohort_id: int, pack_id: int, until: date) -> Lesson | None:
    """The lesson of a pack that a cohort was taught last, up to a date."""
    return session.exec(
        select(Lesson)
        .join(Occasion, col(Occasion.lesson_id) == col(Lesson.id))
        .where(
            Occasion.cohort_id == cohort_id,
            Lesson.pack_id == pack_id,
            Occasion.local_date <= until,
        )
        .order_by(col(Occasion.local_date).desc())
        .limit(1)
    ).first()


def coordinators_near(session: Session, cohort_id: int, *, bot: int, on: date) -> list[int]:
    """The coordinators with a chat of a cohort's unit, else of the nearest unit above with one.

    Somebody who is away counts as there while a deputy stands in, else not at all; whom to tell
    instead of her says storage.deputies.who_acts.
    """
    path = session.exec(
        select(Unit.path)
        .join(Cohort, col(Cohort.unit_id) == col(Unit.id))
        .where(Cohort.id == cohort_id)
    ).one()
    rows = session.exec(
        select(Person.id, Unit.path)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(Person.id),
                col(ChatAccount.bot) == bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            col(Unit.id).in_([int(part) for part in path.split("/") if part]),
            RoleGrant.role == "coordinator",
            RoleGrant.since <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            Person.status == "active",
            ~deputies.is_unattended(col(Person.id), on),
        )
        .order_by(col(Person.id))
    ).all()
    nearest = max((len(unit_path) for _, unit_path in rows), default=0)
    return [person_id or 0 for person_id, unit_path in rows if len(unit_path) == nearest]
