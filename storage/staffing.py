"""Changes to people that hold only where nobody changed the same thing meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from storage.audit import AuditEntry
from storage.cohorts import CohortMember
from storage.deliveries import SKIPPED, WAITING, Delivery
from storage.people import ChatAccount, Invite, Membership, Person, RoleGrant
from storage.units import ACTIVE

LEFT_REASON = "left"


@dataclass(frozen=True, slots=True)
class Ended:
    """The ids of everything that a leaving closed, so that it can be taken back whole."""

    memberships: list[int]
    grants: list[int]
    places: list[int]
    accounts: list[int]
    deliveries: list[int]


def locked_person(session: Session, person_id: int) -> Person | None:
    """A person's row; on PostgreSQL a second change of the same person waits here."""
    return session.exec(
        select(Person)
        .where(Person.id == person_id)
        # Rows that only point to her, an audit entry of hers for one, may go on being written.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def newest_membership(session: Session, person_id: int) -> Membership | None:
    """Where a person works now, or worked last."""
    return session.exec(
        select(Membership)
        .where(Membership.person_id == person_id)
        .order_by(col(Membership.id).desc())
        .limit(1)
    ).first()


def has_chat(session: Session, person_id: int) -> bool:
    """Whether a person is enrolled in a private chat, with whichever bot."""
    found = session.exec(
        select(ChatAccount.id).where(
            ChatAccount.person_id == person_id, col(ChatAccount.ended_at).is_(None)
        )
    )
    return found.first() is not None


def open_places(session: Session, person_id: int) -> list[CohortMember]:
    """A person's places in cohorts, oldest first."""
    return list(
        session.exec(
            select(CohortMember)
            .where(CohortMember.person_id == person_id, col(CohortMember.until).is_(None))
            .order_by(col(CohortMember.id))
        )
    )


def close(session: Session, row: Membership | RoleGrant | CohortMember, *, on: date) -> None:
    """End a dated row, and say so to the database before the next one is opened."""
    row.until = on
    session.add(row)
    session.flush()


def administrators(session: Session) -> set[tuple[int, int]]:
    """The (grant, person) of every open administrator's role of active people, locked."""
    rows = session.exec(
        select(RoleGrant, Person)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(
            RoleGrant.role == "administrator",
            col(RoleGrant.until).is_(None),
            Person.status == ACTIVE,
        )
        # In one order for everybody: two who lock them crosswise would wait for each other.
        .order_by(col(RoleGrant.id))
        .with_for_update(of=RoleGrant)
    )
    return {(grant.id or 0, grant.person_id) for grant, _ in rows}


def _end(session: Session, table: Any, person_id: int, open_where: Any, **values: Any) -> list[int]:
    statement = (
        update(table)
        .where(col(table.person_id) == person_id, open_where)
        .values(**values)
        .returning(col(table.id))
        .execution_options(synchronize_session=False)
    )
    return sorted(row[0] for row in session.connection().execute(statement))


def end_all(session: Session, person_id: int, *, on: date, now: datetime) -> Ended:
    """Close a person's place, roles, cohorts, chats and invites; waiting messages stay unsent."""
    _end(session, Invite, person_id, col(Invite.revoked_at).is_(None), revoked_at=now)
    return Ended(
        memberships=_end(session, Membership, person_id, col(Membership.until).is_(None), until=on),
        grants=_end(session, RoleGrant, person_id, col(RoleGrant.until).is_(None), until=on),
        places=_end(session, CohortMember, person_id, col(CohortMember.until).is_(None), until=on),
        accounts=_end(
            session, ChatAccount, person_id, col(ChatAccount.ended_at).is_(None), ended_at=now
        ),
        deliveries=_end(
            session,
            Delivery,
            person_id,
            col(Delivery.status) == WAITING,
            status=SKIPPED,
            error=LEFT_REASON,
            lease_until=None,
        ),
    )


def _reopen(session: Session, table: Any, ids: Sequence[int], **values: Any) -> None:
    session.connection().execute(
        update(table)
        .where(col(table.id).in_(ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def take_back(
    session: Session, person_id: int, ended: Ended, *, left_at: datetime, now: datetime
) -> None:
    """Open again exactly what a leaving closed; messages that fell due meanwhile go out."""
    _reopen(session, Membership, ended.memberships, until=None)
    _reopen(session, RoleGrant, ended.grants, until=None)
    _reopen(session, CohortMember, ended.places, until=None)
    _reopen(session, ChatAccount, _free_accounts(session, ended.accounts), ended_at=None)
    statement = (
        update(Delivery)
        .where(
            col(Delivery.person_id) == person_id,
            col(Delivery.status) == SKIPPED,
            col(Delivery.error) == LEFT_REASON,
            or_(
                col(Delivery.id).in_(ended.deliveries),
                # One that was in the postman's hands was let go by him, not by us.
                col(Delivery.due_at).between(left_at, now),
            ),
        )
        .values(status=WAITING, error=None)
        .execution_options(synchronize_session=False)
    )
    session.connection().execute(statement)
    session.expire_all()


def _free_accounts(session: Session, ids: Sequence[int]) -> list[int]:
    """Those of these chats that nobody else has taken in the meantime."""
    rows = session.exec(select(ChatAccount).where(col(ChatAccount.id).in_(ids)))
    free = []
    for account in rows:
        taken = session.exec(
            select(ChatAccount.id).where(
                ChatAccount.bot == account.bot,
                ChatAccount.chat_id == account.chat_id,
                col(ChatAccount.ended_at).is_(None),
            )
        ).first()
        if taken is None:
            free.append(account.id or 0)
    return free


def last_act(session: Session, *, action: str, person_id: int) -> AuditEntry | None:
    """The newest audit entry of an act upon a person."""
    return session.exec(
        select(AuditEntry)
        .where(
            AuditEntry.action == action,
            AuditEntry.object_kind == "person",
            AuditEntry.object_id == person_id,
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(1)
    ).first()
