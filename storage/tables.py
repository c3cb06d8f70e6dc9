"""Every table in one place, for Alembic and the schema test; no queries here."""

from sqlmodel import SQLModel

from storage import audit, deliveries, drafts, inbox, lessons, people, questions, records

TABLE_MODULES = (people, lessons, deliveries, inbox, drafts, questions, records, audit)
METADATA = SQLModel.metadata
