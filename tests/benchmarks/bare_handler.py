"""The least that handling an update can do with SQLModel: select, write, commit, nothing else.

Four selects, an update and an insert in one transaction: the peer of our real handlers, measured
in the same run, since machines differ by more than any change of ours.
"""

from datetime import datetime
from time import perf_counter

from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, select

from storage.engine import make_engine

UPDATES = 500
FIRST_CHAT = 10**9


class Base(SQLModel, registry=registry()):
    """Tables apart from the product's own."""


class BarePerson(Base, table=True):
    """Whose chat it is."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    chat: int = Field(index=True)


class BareLesson(Base, table=True):
    """What she got."""

    id: int | None = Field(default=None, primary_key=True)
    title: str


class BareDelivery(Base, table=True):
    """That she got it."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(index=True)
    lesson_id: int
    status: str


class BareRecord(Base, table=True):
    """That she learned it."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(index=True)
    lesson_id: int
    recorded_at: datetime


def handled_a_second(url: str, *, now: datetime) -> float:
    """How many such updates a second one thread gets through on an empty database of its own."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(BareLesson(id=1, title="每日一学"))
        for number in range(1, UPDATES + 1):
            session.add(BarePerson(id=number, name="学员", chat=FIRST_CHAT + number))
            session.add(BareDelivery(id=number, person_id=number, lesson_id=1, status="sent"))
        session.commit()
    began = perf_counter()
    for number in range(1, UPDATES + 1):
        with Session(engine) as session:
            _handle(session, FIRST_CHAT + number, now)
    rate = UPDATES / (perf_counter() - began)
    engine.dispose()
    return rate


def _handle(session: Session, chat: int, now: datetime) -> None:
    person = session.exec(select(BarePerson).where(BarePerson.chat == chat)).one()
    delivery = session.exec(select(BareDelivery).where(BareDelivery.person_id == person.id)).one()
    lesson = session.exec(select(BareLesson).where(BareLesson.id == delivery.lesson_id)).one()
    known = select(BareRecord).where(
        BareRecord.person_id == person.id, BareRecord.lesson_id == lesson.id
    )
    assert session.exec(known).first() is None
    delivery.status = "learned"
    session.add(delivery)
    session.add(BareRecord(person_id=person.id or 0, lesson_id=lesson.id or 0, recorded_at=now))
    session.commit()
