"""One colleague at a time: numbered, placed, invited, and not taken for somebody else."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import directory, newcomers
from curriculum.errors import NameNotUsable, NotThere
from curriculum.joining import hash_token
from curriculum.newcomers import NewPerson
from curriculum.people import ADMINISTRATOR, LEARNER, SUPERVISOR, Speaker
from storage.engine import Database
from storage.people import Invite, Person
from tests.curriculum.centre import Centre, at_once, audited, found


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _add(
    database: Database,
    centre: Centre,
    now: datetime,
    *,
    speaker: Speaker | None = None,
    name: str = "拉姆",
    role: str = LEARNER,
    unit_id: int | None = None,
    cohort_id: int | None = None,
) -> NewPerson:
    return database.write_now(
        newcomers.add_person,
        speaker or centre.coordinator,
        name=name,
        unit_id=unit_id or centre.station,
        role=role,
        cohort_id=cohort_id,
        now=now,
    )


def test_a_newcomer_has_number_role_cohort_and_a_way_in(
    database: Database, centre: Centre, start: datetime
) -> None:
    """The link and code are shown once; only their hashes are kept."""
    added = _add(database, centre, start, cohort_id=centre.county.cohort.id)
    assert (added.name, added.number, added.unit_name) == ("拉姆", "W-000001", "八一镇社工站")
    page = database.read_now(
        directory.person, centre.coordinator, added.invite.person_id, now=start
    )
    assert [held.role for held in page.roles] == ["learner"]
    assert (page.cohorts, page.contact.state) == (("一期",), "not_joined")
    invite = database.read_now(
        lambda session: session.exec(
            select(Invite).where(Invite.person_id == added.invite.person_id)
        ).one()
    )
    assert invite.token_hash == hash_token(added.invite.token)
    assert invite.code_hash == hash_token(added.invite.code)
    assert [entry.action for entry in audited(database, 2)] == ["add_person", "invite_person"]
    assert "拉姆" not in str([entry.facts for entry in audited(database, 2)])


def test_numbers_go_on_behind_the_highest(
    database: Database, centre: Centre, start: datetime
) -> None:
    """What a roster brought counts; what is no such number does not."""

    def bring(session: Session) -> None:
        for number in ("W-000041", "W-ABC", "W-9", "X-000099", "W-"):
            session.add(Person(name="旧人", number=number, created_at=start))

    database.write_now(bring)
    assert _add(database, centre, start).number == "W-000042"
    database.write_now(lambda s: s.add(Person(name="旧人", number="W-1000000", created_at=start)))
    assert _add(database, centre, start).number == "W-1000001"


def test_two_newcomers_at_once_get_two_numbers(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Whoever is second tries the next one."""
    added: list[NewPerson] = []

    def add(speaker: Speaker) -> None:
        added.append(_add(database, centre, start, speaker=speaker))

    assert at_once(lambda: add(centre.coordinator), lambda: add(centre.colleague)) == [
        "done",
        "done",
    ]
    assert {new.number for new in added} == {"W-000001", "W-000002"}


def test_somebody_of_the_same_name_is_shown_before_adding(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Asked, never guessed: the numbers of those who bear the name in that unit."""
    added = _add(database, centre, start)
    place = database.read_now(
        newcomers.place_for,
        centre.coordinator,
        name=" 拉姆 ",
        unit_id=centre.station,
        now=start,
    )
    assert place.namesakes == (added.number,)
    elsewhere = database.read_now(
        newcomers.place_for,
        centre.coordinator,
        name="拉姆",
        unit_id=centre.other_station,
        now=start,
    )
    assert elsewhere.namesakes == ()


@pytest.mark.parametrize("who", ["supervisor", "observer", "learner", "of_station"])
def test_only_whoever_looks_after_a_unit_adds_to_it(
    database: Database, centre: Centre, start: datetime, who: str
) -> None:
    """A station's coordinator adds to her station and to no other."""
    speaker = centre.county.learners[0] if who == "learner" else getattr(centre, who)
    for act in (
        lambda: _add(database, centre, start, speaker=speaker, unit_id=centre.other_station),
        lambda: database.read_now(
            newcomers.choosable_roles, speaker, centre.other_station, now=start
        ),
        lambda: database.read_now(
            newcomers.choosable_cohorts, speaker, centre.other_station, now=start
        ),
    ):
        with pytest.raises(NotThere):
            act()


def test_what_does_not_fit_is_refused(database: Database, centre: Centre, start: datetime) -> None:
    """No name, a role beyond hers, a cohort for somebody who does not learn."""
    with pytest.raises(NameNotUsable):
        _add(database, centre, start, name="123")
    cohort_id = centre.county.cohort.id
    for role, cohort in ((ADMINISTRATOR, None), (SUPERVISOR, cohort_id), (LEARNER, 999)):
        with pytest.raises(NotThere):
            _add(database, centre, start, role=role, cohort_id=cohort)
    assert ADMINISTRATOR in database.read_now(
        newcomers.choosable_roles, centre.administrator, centre.station, now=start
    )
