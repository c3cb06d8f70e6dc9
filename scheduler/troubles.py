"""What is logged of a database in trouble: its own words, never the rows it was about."""

from sqlalchemy.exc import OperationalError, SQLAlchemyError


def in_short(error: SQLAlchemyError) -> dict[str, str]:
    """The kind of trouble, and what the database said where that holds nothing of anybody."""
    said = str(error.orig).splitlines()[0] if isinstance(error, OperationalError) else ""
    return {"error": type(error).__name__, "reason": said}
