"""Notices that go out as a line of a lesson: which lesson waits for whom, and what it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update
from sqlalchemy import select as core_select
from sqlmodel import Session

from storage.deliveries import CLAIM_COLUMNS, CLAIMED, SENT, TABLE, WAITING, Claimed


def lessons_ahead(
    session: Session,
    notice_ids: Sequence[int],
    *,
    kind: str,
    in_hand: Sequence[int],
    now: datetime,
    within: timedelta,
) -> dict[int, tuple[int, datetime]]:
    """Of each notice, its reader's next lesson that nothing was sent of yet, and when it is due.

    That is one that waits, or one of those `in_hand`: claimed in this very transaction. A lesson
    that another sender is just claiming is passed over: it would not say the line.
    """
    lesson: Any = TABLE.alias("lesson")
    is_ours = (lesson.c.status == CLAIMED) & lesson.c.id.in_(in_hand)
    statement = (
        core_select(TABLE.c.id, lesson.c.id, lesson.c.due_at)
        .join(lesson, lesson.c.person_id == TABLE.c.person_id)
        .where(
            TABLE.c.id.in_(notice_ids),
            lesson.c.bot == TABLE.c.bot,
            lesson.c.kind == kind,
            lesson.c.due_at.between(now - within, now + within),
            or_(lesson.c.status == WAITING, is_ours),
            lesson.c.parts_sent == 0,
            or_(lesson.c.not_after.is_(None), lesson.c.not_after >= now),
            or_(TABLE.c.not_after.is_(None), TABLE.c.not_after >= lesson.c.due_at),
        )
        .order_by(lesson.c.due_at.desc(), lesson.c.id.desc())
        .with_for_update(of=lesson, skip_locked=True)
    )
    # The earliest comes last, and stands.
    rows = session.connection().execute(statement)
    return {notice: (lesson_id, due_at) for notice, lesson_id, due_at in rows}


def fold(session: Session, into: Mapping[int, tuple[int, datetime]]) -> None:
    """Let claimed notices wait for their lessons; that they wait is no failed attempt."""
    if not into:
        return
    statement = (
        update(TABLE)
        .where(TABLE.c.id == bindparam("notice"))
        .values(
            status=WAITING,
            folded_into=bindparam("lesson"),
            due_at=bindparam("due"),
            lease_until=None,
            claimed_by=None,
            attempts=TABLE.c.attempts - 1,
        )
    )
    session.connection().execute(
        statement,
        [
            {"notice": notice, "lesson": lesson, "due": due}
            for notice, (lesson, due) in into.items()
        ],
    )


def folded(session: Session, lesson_ids: Sequence[int]) -> list[Claimed]:
    """The notices that wait to be said by these lessons, in the order they were owed."""
    statement = (
        core_select(*CLAIM_COLUMNS)
        .where(TABLE.c.folded_into.in_(lesson_ids), TABLE.c.status == WAITING)
        .order_by(TABLE.c.id)
    )
    return [Claimed(*row) for row in session.connection().execute(statement)]


def close(session: Session, notice_ids: Sequence[int], *, at: datetime) -> None:
    """Their lessons said them: they are sent."""
    if notice_ids:
        session.connection().execute(
            update(TABLE)
            .where(TABLE.c.id.in_(notice_ids), TABLE.c.status == WAITING)
            .values(status=SENT, sent_at=at, lease_until=None, error=None)
        )
