"""Certificates as they were signed, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, LARGEST_ID, key, number, partial_index, points_to
from storage.deliveries import CLAIMED, SENT, Delivery

STANDING = text("revoked_at IS NULL")


class Certificate(SQLModel, table=True):
    """One certificate of one person for one training; only one of them stands at a time.

    `statement` is what was signed, word for word; it is emptied where the person is forgotten, and
    the serial number and the code stay so that the paper is not taken for a forgery.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        partial_index(
            "uq_certificate_standing", "event_id", "person_id", where=STANDING, unique=True
        ),
    )

    id: int | None = key()
    bot: int = number()
    event_id: int = points_to("training_event.id", index=True)
    person_id: int = points_to("person.id", index=True)
    # Printed: a year and a running number. Typed: ten letters that nobody can guess.
    serial: str | None = Field(default=None, unique=True)
    code: str = Field(unique=True)
    statement: dict[str, Any] = Field(sa_type=DOCUMENT)
    signature: str
    # About how many bytes its PDF has.
    size: int
    issued_by: int | None = points_to("person.id", optional=True)
    issued_at: datetime
    revoked_at: datetime | None = None
    revoked_by: int | None = points_to("person.id", optional=True)
    # Empty where all that were issued were undone at once.
    reason: str = ""


def by_code(session: Session, code: str, *, bot: int) -> Certificate | None:
    """The certificate a code belongs to."""
    return session.exec(
        select(Certificate).where(Certificate.code == code, Certificate.bot == bot)
    ).first()


def of_event(session: Session, event_id: int) -> list[Certificate]:
    """A training's certificates in the order of their numbers."""
    return list(
        session.exec(
            select(Certificate)
            .where(Certificate.event_id == event_id)
            .order_by(col(Certificate.id))
        )
    )


def by_id(session: Session, certificate_id: int, *, bot: int) -> Certificate | None:
    """A certificate of this bot."""
    if certificate_id >= LARGEST_ID:
        return None
    return session.exec(
        select(Certificate).where(Certificate.id == certificate_id, Certificate.bot == bot)
    ).first()


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, Certificate]:
    """Certificates by id."""
    rows = session.exec(select(Certificate).where(col(Certificate.id).in_(ids)))
    return {row.id or 0: row for row in rows}


def of_person(session: Session, person_id: int) -> list[Certificate]:
    """Everything a person was given, the newest first; what was undone at once is none."""
    return list(
        session.exec(
            select(Certificate)
            .where(
                Certificate.person_id == person_id,
                (col(Certificate.revoked_at).is_(None)) | (Certificate.reason != ""),
            )
            .order_by(col(Certificate.id).desc())
        )
    )


def heard(session: Session, kind: str, occasions: Sequence[str]) -> set[str]:
    """Those of these occasions whose message has gone out, or is going just now."""
    rows = session.exec(
        select(Delivery.occasion).where(
            Delivery.kind == kind,
            col(Delivery.occasion).in_(occasions),
            col(Delivery.status).in_((SENT, CLAIMED)),
        )
    )
    return set(rows)
