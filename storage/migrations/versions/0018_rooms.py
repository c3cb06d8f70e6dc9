"""Rooms of a large session, who sits in which; which change of one people are told of.

And the day on which what waits for people was last looked for.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _anew_on_sqlite()
    else:
        _altered_on_postgresql()
    op.create_table(
        "gathering_seat",
        sa.Column("gathering_id", BIG, sa.ForeignKey("gathering.id"), primary_key=True),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
    )
    op.create_table(
        "todo_look",
        sa.Column("bot", BIG, primary_key=True, autoincrement=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
    )


def _altered_on_postgresql() -> None:
    op.add_column("gathering", sa.Column("room", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "gathering", sa.Column("change", sa.Integer(), nullable=False, server_default="1")
    )
    op.execute("UPDATE gathering SET change = version")
    op.drop_constraint("gathering_kind_cohort_id_local_date_key", "gathering", type_="unique")
    op.create_unique_constraint(None, "gathering", ["kind", "cohort_id", "local_date", "room"])


def _anew_on_sqlite() -> None:
    """SQLite drops no constraint, and no table that others point to.

    So those that point to it are made anew as well, while the old one stands under another name.
    """
    for name in ("ix_gathering_cohort_id", "ix_gathering_start"):
        op.drop_index(name, "gathering")
    op.rename_table("gathering", "gathering_before")
    _gathering()
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("gathering")]
    kept = [name for name in columns if name not in ("room", "change")]
    _copy("gathering_before", "gathering", kept, room="0", change="version")
    _attendance()
    _points_of_minutes()
    _swaps()
    op.drop_table("gathering_before")


def _copy(old: str, new: str, columns: Sequence[str], **fixed: str) -> None:
    into, out_of = ", ".join([*columns, *fixed]), ", ".join([*columns, *fixed.values()])
    op.execute(f"INSERT INTO {new} ({into}) SELECT {out_of} FROM {old}")  # noqa: S608  our names


def _replace(name: str, *parts: "sa.Column[int] | sa.schema.SchemaItem", index: str) -> None:
    """Make a table anew with what it holds, so that it points to the new one."""
    made = op.create_table(f"{name}_anew", *parts)
    _copy(name, f"{name}_anew", [column.name for column in made.columns])
    op.drop_table(name)
    op.rename_table(f"{name}_anew", name)
    op.create_index(f"ix_{name}_{index}", name, [index])


def _gathering() -> None:
    op.create_table(
        "gathering",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("cohort_id", "cohort.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("agenda", DOCUMENT, nullable=False),
        sa.Column("opens_before", sa.Integer(), nullable=False),
        sa.Column("closes_after", sa.Integer(), nullable=False),
        _points("facilitator_id", "person.id", nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("owed_on", sa.Date(), nullable=True),
        _points("created_by", "person.id", nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("kind", "cohort_id", "local_date", "room"),
    )
    op.create_index("ix_gathering_cohort_id", "gathering", ["cohort_id"])
    op.create_index("ix_gathering_start", "gathering", ["bot", "starts_at"])


def _attendance() -> None:
    _replace(
        "attendance",
        _key(),
        _points("gathering_id", "gathering.id"),
        _points("person_id", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _points("marked_by", "person.id", nullable=True),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.UniqueConstraint("gathering_id", "person_id"),
        index="person_id",
    )


def _points_of_minutes() -> None:
    _replace(
        "gathering_point",
        _key(),
        _points("gathering_id", "gathering.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        _points("question_id", "question.id", nullable=True),
        _points("written_by", "person.id"),
        sa.Column("written_at", MOMENT, nullable=False),
        index="gathering_id",
    )


def _swaps() -> None:
    _replace(
        "facilitator_swap",
        _key(),
        _points("gathering_id", "gathering.id"),
        _points("other_id", "gathering.id"),
        _points("asked_by", "person.id"),
        _points("asked_of", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        index="gathering_id",
    )
