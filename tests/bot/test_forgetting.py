"""Forgetting somebody without a chat of her own: who may ask for it, and what is written down."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot import personal_data
from curriculum import directory, leaving, newcomers
from curriculum.errors import NotThere
from curriculum.people import LEARNER
from curriculum.people_errors import HasOwnChat
from storage.engine import Database
from storage.people import FORGOTTEN, Person
from tests.curriculum.centre import Centre, audited, found


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _without_chat(database: Database, centre: Centre, now: datetime) -> int:
    """A learner on the roster who never joined; her id."""
    added = database.write_now(
        newcomers.add_person,
        centre.coordinator,
        name="白玛",
        unit_id=centre.station,
        role=LEARNER,
        cohort_id=None,
        now=now,
    )

    def of_number(session: Session) -> int:
        return session.exec(select(Person.id).where(Person.number == added.number)).one() or 0

    return database.read_now(of_number)


def test_whoever_has_no_chat_is_forgotten_by_her_own_coordinator(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Her name goes, her number stays, the trail names who did it; nobody can do it again."""
    person_id = _without_chat(database, centre, start)
    database.write_now(personal_data.forget_for, centre.of_station, person_id, now=start)
    person = database.read_now(lambda session: session.get_one(Person, person_id))
    assert (person.name, person.number, person.status) == (f"已删除{person_id}", None, FORGOTTEN)
    (entry,) = audited(database, 1)
    assert (entry.action, entry.actor_id, entry.object_id) == (
        "forget",
        centre.of_station.person_id,
        person_id,
    )
    with pytest.raises(NotThere):
        database.write_now(personal_data.forget_for, centre.coordinator, person_id, now=start)
    page = database.read_now(directory.people, centre.coordinator, words="白玛", now=start)
    assert page.count == 0


def test_outside_her_reach_or_with_an_own_chat_nothing_is_erased(
    database: Database, centre: Centre, start: datetime
) -> None:
    """A supervisor, the other station's people, and whoever can ask herself: refused."""
    person_id = _without_chat(database, centre, start)
    with pytest.raises(NotThere):
        database.write_now(personal_data.forget_for, centre.supervisor, person_id, now=start)
    other = centre.county.learners[2].person_id
    with pytest.raises(NotThere):
        database.write_now(personal_data.forget_for, centre.of_station, other, now=start)
    with pytest.raises(HasOwnChat):
        database.write_now(personal_data.forget_for, centre.coordinator, other, now=start)


def test_whoever_left_can_be_forgotten_too(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Her chat ended when she left, so she cannot ask there any more."""
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    database.write_now(personal_data.forget_for, centre.coordinator, centre.learner, now=start)
    person = database.read_now(lambda session: session.get_one(Person, centre.learner))
    assert person.status == FORGOTTEN
