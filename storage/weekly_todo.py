"""What a weekly study leaves undone: minutes nobody wrote, turns nobody took on, large cohorts."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, or_, select

from storage.cohorts import Cohort, Rhythm
from storage.gatherings import PLANNED, Gathering, GatheringPoint


def unwritten(
    session: Session,
    *,
    kind: str,
    cohort_ids: Collection[int],
    facilitator_id: int,
    since: datetime,
    until: datetime,
) -> list[Gathering]:
    """The gatherings of a span without minutes, of these cohorts or led by somebody, in order."""
    written = (
        select(GatheringPoint.id)
        .where(GatheringPoint.gathering_id == col(Gathering.id))
        .correlate(Gathering)
        .exists()
    )
    return list(
        session.exec(
            select(Gathering)
            .where(
                Gathering.kind == kind,
                or_(
                    col(Gathering.cohort_id).in_(cohort_ids),
                    Gathering.facilitator_id == facilitator_id,
                ),
                Gathering.state == PLANNED,
                Gathering.starts_at >= since,
                Gathering.starts_at < until,
                ~written,
            )
            .order_by(col(Gathering.starts_at), col(Gathering.room))
        )
    )


def series_on(session: Session, *, kind: str, bot: int) -> list[tuple[Rhythm, Cohort]]:
    """Every series of a kind that is on, with its cohort."""
    return list(
        session.exec(
            select(Rhythm, Cohort)
            .join(Cohort, col(Cohort.id) == Rhythm.cohort_id)
            .where(Cohort.bot == bot, Rhythm.kind == kind, col(Rhythm.is_on).is_(True))
            .order_by(col(Rhythm.id))
        )
    )
