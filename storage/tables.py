"""Every table in one place, for Alembic and the schema test; no queries here."""

from sqlmodel import SQLModel

from storage import (
    audit,
    calendar_days,
    cohorts,
    deliveries,
    drafts,
    inbox,
    lessons,
    people,
    questions,
    records,
)

TABLE_MODULES = (
    people,
    cohorts,
    calendar_days,
    lessons,
    deliveries,
    inbox,
    drafts,
    questions,
    records,
    audit,
)
METADATA = SQLModel.metadata
