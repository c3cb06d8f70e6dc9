"""Adding one colleague at a time: a person, her number, her role and her way in."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import units
from curriculum.errors import NotThere
from curriculum.joining import PersonalInvite, invite_person
from curriculum.people import LEARNER, ZONE, Speaker, usable_name
from curriculum.rhythm import local_date
from curriculum.roster import next_numbers
from curriculum.staffing import grantable, write_down
from storage import directory as stored
from storage.cohorts import CohortMember
from storage.people import Membership, Person, RoleGrant


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody just added: what to hand her."""

    name: str
    number: str
    unit_name: str
    invite: PersonalInvite


@dataclass(frozen=True, slots=True)
class Place:
    """A unit somebody is to be added to, and the numbers of people of her name who are there."""

    unit_id: int
    unit_name: str
    namesakes: tuple[str, ...]


def place_for(
    session: Session, speaker: Speaker, *, name: str, unit_id: int, now: datetime
) -> Place:
    """Where a newcomer is to work, with those she could be taken for; raises NotThere."""
    unit = units.open_unit(session, speaker, unit_id, now=now)
    same = stored.namesakes(session, name=usable_name(name), unit_id=unit_id)
    return Place(unit_id, unit.name_zh, tuple(same))


def choosable_roles(
    session: Session, speaker: Speaker, unit_id: int, *, now: datetime
) -> tuple[str, ...]:
    """The roles she may give a newcomer in a unit; raises NotThere."""
    return grantable(speaker, units.open_unit(session, speaker, unit_id, now=now).path)


def choosable_cohorts(
    session: Session, speaker: Speaker, unit_id: int, *, now: datetime
) -> list[tuple[int, str]]:
    """The running cohorts of a unit and those above it, newest first; raises NotThere."""
    unit = units.open_unit(session, speaker, unit_id, now=now)
    return stored.running_cohorts(session, unit.path, bot=speaker.bot, on=local_date(now, ZONE))


def add_person(
    session: Session,
    speaker: Speaker,
    *,
    name: str,
    unit_id: int,
    role: str,
    cohort_id: int | None,
    now: datetime,
) -> NewPerson:
    """Add one person with a role, and for a learner a cohort; returns her number and invite."""
    unit = units.open_unit(session, speaker, unit_id, now=now)
    if role not in grantable(speaker, unit.path):
        raise NotThere
    today, name = local_date(now, ZONE), usable_name(name)
    running = dict(stored.running_cohorts(session, unit.path, bot=speaker.bot, on=today))
    if cohort_id is not None and (role != LEARNER or cohort_id not in running):
        raise NotThere
    (number,) = next_numbers(session, 1)
    person = Person(name=name, number=number, created_at=now)
    session.add(person)
    session.flush()
    person_id = person.id or 0
    session.add(Membership(person_id=person_id, unit_id=unit_id, since=today))
    session.add(RoleGrant(person_id=person_id, unit_id=unit_id, role=role, since=today))
    if cohort_id is not None:
        session.add(CohortMember(cohort_id=cohort_id, person_id=person_id, since=today))
    session.flush()
    write_down(
        session,
        speaker,
        "add_person",
        person_id,
        now=now,
        unit=unit_id,
        role=role,
        cohort=cohort_id,
    )
    invite = invite_person(
        session,
        person_id=person_id,
        role=role,
        unit_id=unit_id,
        cohort_id=cohort_id,
        created_by=speaker.person_id,
        now=now,
    )
    return NewPerson(name, number, unit.name_zh, invite)
