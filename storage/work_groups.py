"""Which Telegram group receives which cohort's lessons: linking, moving, ending a link."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage.cohorts import Cohort, WorkGroup
from storage.prepared import insert_ignoring

WORK_GROUP: Any = WorkGroup.__table__  # type: ignore[attr-defined]


def open_group(session: Session, *, bot: int, chat_id: int, lock: bool = False) -> WorkGroup | None:
    """The link of this chat; with `lock`, nobody else's until this transaction ends."""
    statement = select(WorkGroup).where(
        WorkGroup.bot == bot, WorkGroup.chat_id == chat_id, col(WorkGroup.ended_at).is_(None)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def add_group(
    session: Session,
    *,
    cohort_id: int,
    bot: int,
    chat_id: int,
    title: str,
    language: str,
    now: datetime,
) -> bool:
    """Link a chat; False when somebody else has linked it at this moment."""
    statement = insert_ignoring(session, WORK_GROUP).values(
        cohort_id=cohort_id,
        bot=bot,
        chat_id=chat_id,
        title=title,
        language=language,
        reachable=True,
        linked_at=now,
    )
    return bool(session.connection().execute(statement.on_conflict_do_nothing()).rowcount)


def groups_of(session: Session, cohort_ids: Sequence[int]) -> list[tuple[WorkGroup, str]]:
    """The linked groups of these cohorts, each with its cohort's name, oldest first."""
    return list(
        session.exec(
            select(WorkGroup, Cohort.name)
            .join(Cohort, col(Cohort.id) == WorkGroup.cohort_id)
            .where(col(WorkGroup.cohort_id).in_(cohort_ids), col(WorkGroup.ended_at).is_(None))
            .order_by(col(WorkGroup.id))
        )
    )
