"""Deputies proposed to coordinators: which wait for a word, and who was asked for it when."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from storage.deliveries import Delivery
from storage.deputies import PROPOSED, Deputy


def waiting(session: Session, *, bot: int, before: datetime, on: date) -> list[Deputy]:
    """Proposals made before a moment, whose absence is not over, locked, the oldest first."""
    return list(
        session.exec(
            select(Deputy)
            .where(
                Deputy.bot == bot,
                Deputy.state == PROPOSED,
                col(Deputy.changed_at) <= before,
                col(Deputy.until) > on,
                col(Deputy.until) > col(Deputy.since),
            )
            .order_by(col(Deputy.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def asked(session: Session, row: Deputy, *, kind: str) -> dict[int, datetime]:
    """Who was asked to agree to one, each with when last; whom it is about are left out."""
    rows = session.exec(
        select(Delivery.recipient, Delivery.created_at)
        .where(
            Delivery.kind == kind,
            Delivery.subject_id == row.id,
            col(Delivery.recipient).not_in([row.person_id, row.deputy_id or 0]),
        )
        .order_by(col(Delivery.created_at))
    )
    return dict(rows.all())


def was_owed(session: Session, *, kind: str, occasion: str) -> bool:
    """Whether a word of this occasion was owed to anybody."""
    found = session.exec(
        select(Delivery.id).where(Delivery.kind == kind, Delivery.occasion == occasion).limit(1)
    )
    return found.first() is not None
