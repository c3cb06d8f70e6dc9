"""Which lesson of a week somebody put to use, in her own words if she likes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import key, points_to
from storage.deliveries import SENT, Delivery
from storage.lessons import Lesson, LessonText
from storage.prepared import insert_ignoring


class UsedLesson(SQLModel, table=True):
    """One person's answer of one week; `lesson_id` is None where there was no occasion yet.

    The sentence is hers alone until she shares it with her cohort's next session.
    """

    __tablename__ = "used_lesson"
    __table_args__ = (UniqueConstraint("person_id", "week"),)

    id: int | None = key()
    person_id: int = points_to("person.id")
    cohort_id: int = points_to("cohort.id", index=True)
    # The Monday of the week.
    week: date
    lesson_id: int | None = points_to("lesson.id", optional=True)
    text: str
    is_shared: bool = Field(default=False)
    said_at: datetime


TABLE: Any = UsedLesson.__table__  # type: ignore[attr-defined]


def received(
    session: Session, person_id: int, *, kind: str, since: datetime
) -> list[tuple[int, str, str]]:
    """The lessons of a kind that reached somebody since a moment: (id, code, Chinese title)."""
    rows = session.execute(
        core_select(col(Lesson.id), col(Lesson.code), col(LessonText.title))
        .select_from(Delivery)
        .join(Lesson, col(Lesson.id) == col(Delivery.subject_id))
        .join(LessonText, col(LessonText.version_id) == col(Lesson.current_version_id))
        .where(
            col(Delivery.person_id) == person_id,
            col(Delivery.kind) == kind,
            col(Delivery.status) == SENT,
            col(Delivery.due_at) >= since,
            col(LessonText.language) == "zh",
        )
        .order_by(col(Delivery.due_at))
    )
    return list(dict.fromkeys((row[0], row[1], row[2]) for row in rows))


def by_id(session: Session, used_id: int) -> UsedLesson | None:
    """One answer."""
    return session.get(UsedLesson, used_id)


def note(
    session: Session,
    person_id: int,
    week: date,
    *,
    cohort_id: int,
    lesson_id: int | None,
    text: str,
    now: datetime,
) -> int:
    """Keep what somebody says of a week, in place of what she said before; gives its id."""
    values: dict[str, Any] = {
        "cohort_id": cohort_id,
        "lesson_id": lesson_id,
        "text": text,
        "is_shared": False,
        "said_at": now,
    }
    insert = insert_ignoring(session, TABLE).values(person_id=person_id, week=week, **values)
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["person_id", "week"], set_=values)
    )
    session.expire_all()
    statement = select(UsedLesson.id).where(
        UsedLesson.person_id == person_id, UsedLesson.week == week
    )
    return session.exec(statement).one() or 0


def shared(session: Session, cohort_id: int, *, since: date, limit: int) -> list[str]:
    """The sentences that were shared with a cohort's sessions since a week, the newest first."""
    return list(
        session.exec(
            select(UsedLesson.text)
            .where(
                UsedLesson.cohort_id == cohort_id,
                UsedLesson.week >= since,
                col(UsedLesson.is_shared).is_(True),
            )
            .order_by(col(UsedLesson.said_at).desc(), col(UsedLesson.id).desc())
            .limit(limit)
        )
    )


def count(session: Session, person_id: int) -> int:
    """How many lessons somebody has put to use, each once."""
    statement = select(func.count(func.distinct(UsedLesson.lesson_id))).where(
        UsedLesson.person_id == person_id
    )
    return int(session.exec(statement).one())
