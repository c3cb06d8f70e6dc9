"""Who did what to which object: append-only, and sealed into a hash chain."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, text
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import prepared
from storage.columns import BIG, DOCUMENT, key, number, points_to

# In an act's facts: whom she stood in for who did it, having no right of her own to it; and whose
# deputy she was where her own right would have done.
FOR, ALSO_FOR = "for", "also_for"
ACTING = "acting"


class AuditEntry(SQLModel, table=True):
    """One act; `facts` holds ids and codes, never a name or a text. Triggers refuse changes."""

    __tablename__ = "audit_entry"

    id: int | None = key()
    at: datetime
    actor_id: int | None = points_to("person.id", optional=True, index=True)
    action: str
    object_kind: str
    object_id: int | None = number(optional=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=DOCUMENT)


class AuditSeal(SQLModel, table=True):
    """The chain: `digest` covers the seal before it and every entry up to `up_to_id`."""

    __tablename__ = "audit_seal"

    up_to_id: int = Field(sa_type=BIG, primary_key=True)
    digest: str
    sealed_at: datetime


def add(
    session: Session,
    *,
    at: datetime,
    actor_id: int | None,
    action: str,
    object_kind: str,
    object_id: int | None,
    **facts: Any,
) -> AuditEntry:
    """Write down one act in the transaction that does it; its id is known once flushed."""
    entry = AuditEntry(
        at=at,
        actor_id=actor_id,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        facts=facts | _for_whom(session, actor_id),
    )
    session.add(entry)
    return entry


def note_acting(session: Session, actor_id: int, acting: Mapping[str, int]) -> None:
    """Add to each act of somebody in this session what `acting` holds when it is written down."""
    session.info.setdefault(ACTING, {})[actor_id] = acting


def _for_whom(session: Session, actor_id: int | None) -> dict[str, int]:
    acting: Mapping[str, int] = session.info.get(ACTING, {}).get(actor_id, {})
    return {FOR: acting[FOR]} if FOR in acting else dict(acting)


def add_many(
    session: Session,
    *,
    at: datetime,
    actor_id: int | None,
    action: str,
    object_kind: str,
    objects: Sequence[tuple[int | None, Mapping[str, Any]]],
) -> None:
    """`add` for the same act on many objects, each with its own facts, in one statement."""
    if objects:
        session.execute(
            insert(AuditEntry),
            [
                {
                    "at": at,
                    "actor_id": actor_id,
                    "action": action,
                    "object_kind": object_kind,
                    "object_id": object_id,
                    "facts": dict(facts) | _for_whom(session, actor_id),
                }
                for object_id, facts in objects
            ],
        )


def last(
    session: Session, *, object_kind: str, object_id: int, actions: Sequence[str]
) -> AuditEntry | None:
    """The newest of these acts upon an object."""
    return session.exec(
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == object_kind,
            AuditEntry.object_id == object_id,
            col(AuditEntry.action).in_(actions),
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(1)
    ).first()


def of_actors(
    session: Session, actor_ids: Sequence[int], *, since: datetime, until: datetime
) -> list[AuditEntry]:
    """What these people did in a span, the first act first."""
    return list(
        session.exec(
            select(AuditEntry)
            .where(
                col(AuditEntry.actor_id).in_(actor_ids),
                col(AuditEntry.at) >= since,
                col(AuditEntry.at) < until,
            )
            .order_by(col(AuditEntry.id))
        )
    )


_UNSEALED = (
    core_select(col(AuditEntry.id))
    .where(
        col(AuditEntry.id)
        > core_select(func.coalesce(func.max(col(AuditSeal.up_to_id)), 0)).scalar_subquery()
    )
    .limit(1)
)


def _last_seal(session: Session) -> AuditSeal | None:
    return session.exec(select(AuditSeal).order_by(col(AuditSeal.up_to_id).desc()).limit(1)).first()


def _digest(session: Session, previous: str, *, after: int, up_to: int | None) -> tuple[str, int]:
    digest = hashlib.sha256(previous.encode())
    last = after
    statement = select(AuditEntry).where(col(AuditEntry.id) > after).order_by(col(AuditEntry.id))
    if up_to is not None:
        statement = statement.where(col(AuditEntry.id) <= up_to)
    for entry in session.exec(statement.execution_options(yield_per=1000)):
        last = entry.id or last
        digest.update(
            json.dumps(
                [
                    entry.id,
                    # PostgreSQL gives moments in the zone of its connection.
                    entry.at.astimezone(UTC).isoformat(),
                    entry.actor_id,
                    entry.action,
                    entry.object_kind,
                    entry.object_id,
                    entry.facts,
                ],
                ensure_ascii=False,
                sort_keys=True,
            ).encode()
        )
    return digest.hexdigest(), last


def seal(session: Session, *, at: datetime) -> int:
    """Chain every entry not yet sealed; returns how many id steps the seal moved.

    Belongs in a transaction of its own: on PostgreSQL it waits for every act under way, since one
    that began earlier may commit a lower id later, and the seal would then seem broken.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE audit_entry IN SHARE ROW EXCLUSIVE MODE"))
    # Most minutes nothing was done, and then two numbers tell.
    if prepared.run(session, _UNSEALED).first() is None:
        return 0
    before = _last_seal(session)
    after = before.up_to_id if before else 0
    digest, last = _digest(session, before.digest if before else "", after=after, up_to=None)
    if last == after:
        return 0
    session.add(AuditSeal(up_to_id=last, digest=digest, sealed_at=at))
    return last - after


def first_broken_seal(session: Session) -> int | None:
    """The `up_to_id` of the first seal whose entries no longer give its digest, or None."""
    previous, after = "", 0
    for mark in session.exec(select(AuditSeal).order_by(col(AuditSeal.up_to_id))):
        digest, _ = _digest(session, previous, after=after, up_to=mark.up_to_id)
        if digest != mark.digest:
            return mark.up_to_id
        previous, after = mark.digest, mark.up_to_id
    return None
