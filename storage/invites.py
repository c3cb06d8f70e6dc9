"""Personal invites: found by their typed code, ended all at once."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.people import Invite


def invite_by_code(session: Session, code_hash: str) -> Invite | None:
    """The invite whose typed code hashes to this."""
    return session.exec(select(Invite).where(Invite.code_hash == code_hash)).first()


def revoke_invites(session: Session, person_id: int, *, at: datetime) -> None:
    """End every invite made out to one person."""
    session.connection().execute(
        update(Invite)
        .where(col(Invite.person_id) == person_id, col(Invite.revoked_at).is_(None))
        .values(revoked_at=at)
    )
