"""Days that are off or worked against the weekday rule, for everybody or for one unit."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Index, func, or_, text
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, points_to


class CalendarDay(SQLModel, table=True):
    """A day that is off or worked against the weekday rule; no unit means everybody."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        Index(
            "uq_calendar_day_unit",
            "day",
            "unit_id",
            unique=True,
            sqlite_where=text("unit_id IS NOT NULL"),
            postgresql_where=text("unit_id IS NOT NULL"),
        ),
        Index(
            "uq_calendar_day_national",
            "day",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: int | None = key()
    day: date = Field(index=True)
    unit_id: int | None = points_to("unit.id", optional=True)
    kind: str
    name: str
    source: str
    confirmed_by: int | None = points_to("person.id", optional=True)


def calendar_days(session: Session, unit_path: str) -> dict[date, CalendarDay]:
    """Every special day for a unit: its own rows over its parents', those over national ones."""
    ids = [int(part) for part in unit_path.split("/") if part]
    rows: Sequence[CalendarDay] = session.exec(
        select(CalendarDay).where(
            or_(col(CalendarDay.unit_id).is_(None), col(CalendarDay.unit_id).in_(ids))
        )
    ).all()
    nearness = {unit_id: place for place, unit_id in enumerate(ids)}
    return {
        row.day: row for row in sorted(rows, key=lambda row: nearness.get(row.unit_id or 0, -1))
    }


def national_dates(session: Session) -> list[date]:
    """The dates that have a national row."""
    return list(
        session.exec(select(col(CalendarDay.day)).where(col(CalendarDay.unit_id).is_(None)))
    )


def last_national_year(session: Session) -> int | None:
    """The last year that has national rows, None without any."""
    last = session.exec(
        select(func.max(col(CalendarDay.day))).where(col(CalendarDay.unit_id).is_(None))
    ).one()
    return last.year if last is not None else None


def of_unit(session: Session, unit_id: int, days: Collection[date]) -> dict[date, CalendarDay]:
    """What a unit itself has said of these days."""
    rows = session.exec(
        select(CalendarDay).where(CalendarDay.unit_id == unit_id, col(CalendarDay.day).in_(days))
    )
    return {row.day: row for row in rows}
