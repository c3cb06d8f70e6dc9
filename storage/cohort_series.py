"""A cohort's rhythm while somebody changes it."""

from sqlmodel import Session, select

from storage.cohorts import Rhythm


def locked(session: Session, *, cohort_id: int, kind: str) -> Rhythm | None:
    """A cohort's rhythm of a kind; nobody else changes it until this transaction ends."""
    return session.exec(
        select(Rhythm)
        .where(Rhythm.cohort_id == cohort_id, Rhythm.kind == kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
