"""Every table in one place, for Alembic and the schema test; no queries here."""

from sqlmodel import SQLModel

from storage import (
    absences,
    attention,
    audit,
    calendar_days,
    code_tries,
    cohorts,
    deliveries,
    drafts,
    gatherings,
    holds,
    inbox,
    lesson_terms,
    lessons,
    marks,
    media,
    people,
    questions,
    recall,
    records,
    send_budget,
    used_lessons,
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
    absences,
    code_tries,
    recall,
    lesson_terms,
    media,
    send_budget,
    marks,
    holds,
    attention,
    gatherings,
    used_lessons,
)
METADATA = SQLModel.metadata
