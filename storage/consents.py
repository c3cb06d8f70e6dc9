"""Consents: which notice a person agreed to and has not taken back."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.people import Consent


def stands(session: Session, person_id: int, *, version: str) -> bool:
    """Whether a person's consent to this version of the notice holds."""
    found = session.exec(
        select(Consent.id).where(
            Consent.person_id == person_id,
            Consent.version == version,
            col(Consent.withdrawn_at).is_(None),
        )
    )
    return found.first() is not None


def withdraw(session: Session, person_id: int, *, at: datetime) -> None:
    """Take back every consent of a person; what was agreed to and when stays as a row."""
    session.connection().execute(
        update(Consent)
        .where(col(Consent.person_id) == person_id, col(Consent.withdrawn_at).is_(None))
        .values(withdrawn_at=at)
    )
