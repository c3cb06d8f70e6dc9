"""Column types that every table shares, alike on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, TextClause
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

# SQLite counts rows only in a column declared exactly INTEGER; PostgreSQL needs 64 bits.
BIG = BigInteger().with_variant(Integer(), "sqlite")
# What 64 bits hold; a forged number beyond it would be an error of the database.
LARGEST_ID = 2**63 - 1
# The same text on both; jsonb on PostgreSQL so that it can be searched later.
DOCUMENT = JSON().with_variant(JSONB(), "postgresql")


def key() -> Any:
    """The 64-bit primary key of a table; None until the row is stored."""
    return Field(default=None, sa_column=Column("id", BIG, primary_key=True, autoincrement=True))


def points_to(
    target: str,
    *,
    optional: bool = False,
    index: bool = False,
    unique: bool = False,
    primary: bool = False,
) -> Any:
    """A 64-bit foreign key to `target` ("table.column"); `primary` where it is part of the key."""
    # A Column object belongs to one table, so each call makes its own through sa_column_kwargs.
    default: Any = None if optional else ...
    return Field(
        default=default,
        sa_type=BIG,
        sa_column_args=[ForeignKey(target)],
        nullable=optional,
        index=index,
        unique=unique,
        primary_key=primary,
    )


def number(*, optional: bool = False, index: bool = False) -> Any:
    """A 64-bit whole number that Telegram gives us (chat, user, bot or update id)."""
    return Field(default=None if optional else ..., sa_type=BIG, nullable=optional, index=index)


def partial_index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index over those rows alone that fit a condition; SQLAlchemy names it per database."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
