"""Whether somebody has put a training to use, asked twice, with an example if she likes."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from storage.columns import points_to


class TrainingUse(SQLModel, table=True):
    """One person's answer `days` after a training; the example is hers alone."""

    __tablename__ = "training_use"

    event_id: int = points_to("training_event.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    days: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    is_used: bool
    text: str
    said_at: datetime


def of(session: Session, event_id: int, person_id: int, days: int) -> TrainingUse | None:
    """What somebody said so many days after."""
    return session.get(TrainingUse, (event_id, person_id, days))
