"""Changing people: their roles, cohort, station and name.

Every change names what it was made on, so that of two made at once the second is refused; every
change is authorised again here and written to the audit trail with ids only.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import units
from curriculum.directory import is_administrator, may_change
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import (
    ADMINISTRATOR,
    LEARNER,
    RIGHTS,
    ROLES,
    ZONE,
    Speaker,
    usable_name,
)
from curriculum.people_errors import LastAdministrator, OwnRole
from curriculum.rhythm import local_date
from storage import audit
from storage import directory as stored
from storage import staffing as changes
from storage import units as stored_units
from storage.cohorts import CohortMember
from storage.directory import GrantRow
from storage.people import Membership, Person, RoleGrant, Unit
from storage.units import ACTIVE


@dataclass(frozen=True, slots=True)
class Scope:
    """A unit in which a role may be given."""

    unit_id: int
    unit_name: str


@dataclass(frozen=True, slots=True)
class Target:
    """A person about to be changed, locked, with where she works or worked last."""

    person: Person
    membership: Membership
    unit: Unit
    grants: list[GrantRow]
    today: date


def person_to_change(
    session: Session, speaker: Speaker, person_id: int, *, now: datetime, status: str = ACTIVE
) -> Target:
    """The person, locked, whom she may change; raises NotThere, or ChangedMeanwhile by status."""
    person = changes.locked_person(session, person_id)
    membership = changes.newest_membership(session, person_id)
    if person is None or membership is None:
        raise NotThere
    unit, today = session.get_one(Unit, membership.unit_id), local_date(now, ZONE)
    speaker.require("manage_people", unit_path=unit.path)
    held = stored.grants_of(session, [person_id], on=today)
    if not may_change(speaker, held):
        raise NotThere
    if person.status != status:
        raise ChangedMeanwhile
    return Target(person, membership, unit, held, today)


def write_down(
    session: Session,
    speaker: Speaker,
    action: str,
    person_id: int,
    *,
    now: datetime,
    **facts: object,
) -> None:
    """Keep in the audit trail what she did to a person: ids and codes only."""
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="person",
        object_id=person_id,
        **facts,
    )


def grantable(speaker: Speaker, unit_path: str) -> tuple[str, ...]:
    """The roles she may give in a unit: only an administrator makes administrators."""
    if not speaker.may("manage_people", unit_path=unit_path):
        return ()
    if is_administrator(speaker, unit_path):
        return ROLES
    return tuple(role for role in ROLES if role != ADMINISTRATOR)


def _givable(session: Session, speaker: Speaker, target: Target) -> list[tuple[str, Unit]]:
    """Every (role, unit) she may still give: in the person's station and the units above it.

    A learner learns where she works; only the roles of those who look after others reach further.
    Nobody gives herself a role that she only stands in for.
    """
    if target.person.id == speaker.person_id:
        speaker = speaker.herself()
    held = {(g.role, g.unit_id) for g in target.grants}
    return [
        (role, unit)
        for unit in stored_units.with_those_above(session, target.unit.path)
        for role in grantable(speaker, unit.path)
        if (role, unit.id) not in held and (role != LEARNER or unit.id == target.unit.id)
    ]


def scopes(
    session: Session, speaker: Speaker, person_id: int, role: str, *, now: datetime
) -> list[Scope]:
    """The units in which she may still give a person this role, the nearest first."""
    target = person_to_change(session, speaker, person_id, now=now)
    givable = _givable(session, speaker, target)
    return [Scope(unit.id or 0, unit.name_zh) for given, unit in givable if given == role]


def roles_for(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> list[str]:
    """The roles she may still give a person somewhere, in the order of ROLES."""
    target = person_to_change(session, speaker, person_id, now=now)
    given = {role for role, _ in _givable(session, speaker, target)}
    return [role for role in ROLES if role in given]


def grant_role(
    session: Session, speaker: Speaker, person_id: int, *, role: str, unit_id: int, now: datetime
) -> None:
    """Give a person a role in her station or a unit above it, from today.

    Raises ChangedMeanwhile when she holds it already.
    """
    target = person_to_change(session, speaker, person_id, now=now)
    if (role, unit_id) in {(g.role, g.unit_id) for g in target.grants}:
        raise ChangedMeanwhile
    if (role, unit_id) not in {(r, u.id) for r, u in _givable(session, speaker, target)}:
        raise NotThere
    session.add(RoleGrant(person_id=person_id, unit_id=unit_id, role=role, since=target.today))
    write_down(session, speaker, "grant_role", person_id, now=now, role=role, unit=unit_id)


def end_role(
    session: Session, speaker: Speaker, person_id: int, *, grant_id: int, now: datetime
) -> None:
    """End one role of a person at once; whoever is no learner any more leaves her cohorts too.

    Raises ChangedMeanwhile when it has ended; OwnRole, LastAdministrator where somebody must stay.
    """
    target = person_to_change(session, speaker, person_id, now=now)
    grant = session.get(RoleGrant, grant_id, populate_existing=True)
    if grant is None or grant.person_id != person_id:
        raise NotThere
    if grant.until is not None:
        raise ChangedMeanwhile
    require_others(session, speaker, target, ending={grant_id})
    changes.close(session, grant, on=target.today)
    if grant.role == LEARNER and not _learns(target, without=grant_id):
        for place in changes.open_places(session, person_id):
            changes.close(session, place, on=target.today)
    write_down(
        session, speaker, "end_role", person_id, now=now, role=grant.role, unit=grant.unit_id
    )


def _learns(target: Target, *, without: int | None = None) -> bool:
    """Whether she holds a learner's role, leaving one grant aside."""
    return any(g.role == LEARNER and g.grant_id != without for g in target.grants)


def require_others(session: Session, speaker: Speaker, target: Target, *, ending: set[int]) -> None:
    """Somebody must be left who can look after the people."""
    person_id = target.person.id or 0
    managing = [g for g in target.grants if g.role in RIGHTS["manage_people"]]
    stays = [g for g in managing if g.grant_id not in ending]
    if person_id == speaker.person_id and managing and not stays:
        raise OwnRole
    if any(g.role == ADMINISTRATOR and g.grant_id in ending for g in target.grants):
        left = {grant for grant, _ in changes.administrators(session)} - ending
        if not left:
            raise LastAdministrator


def choosable_cohorts(
    session: Session, speaker: Speaker, person_id: int, *, now: datetime
) -> tuple[list[tuple[int, str]], int]:
    """The running cohorts a person may learn in, newest first, and the id of her present place.

    The place's id is 0 where she has none; it is what `change_cohort` is made on.
    """
    target = person_to_change(session, speaker, person_id, now=now)
    places = changes.open_places(session, person_id)
    learns_in = {place.cohort_id for place in places}
    running = _cohorts_for(session, speaker, target)
    free = [(cohort_id, name) for cohort_id, name in running if cohort_id not in learns_in]
    return free, (places[-1].id or 0) if places else 0


def _cohorts_for(session: Session, speaker: Speaker, target: Target) -> list[tuple[int, str]]:
    """The running cohorts near a learner; nobody else is sent lessons."""
    if not _learns(target):
        return []
    return stored.running_cohorts(session, target.unit.path, bot=speaker.bot, on=target.today)


def change_cohort(
    session: Session,
    speaker: Speaker,
    person_id: int,
    *,
    place_id: int,
    cohort_id: int | None,
    now: datetime,
) -> None:
    """Let a person learn in another cohort from today, or (None) in none; her own hour stays."""
    target = person_to_change(session, speaker, person_id, now=now)
    places = changes.open_places(session, person_id)
    if ((places[-1].id or 0) if places else 0) != place_id:
        raise ChangedMeanwhile
    running = _cohorts_for(session, speaker, target)
    if cohort_id is not None and cohort_id not in dict(running):
        raise NotThere
    for place in places:
        if place.cohort_id != cohort_id:
            changes.close(session, place, on=target.today)
    if cohort_id is not None and cohort_id not in {place.cohort_id for place in places}:
        session.add(
            CohortMember(
                cohort_id=cohort_id,
                person_id=person_id,
                since=target.today,
                own_time=places[-1].own_time if places else None,
            )
        )
    write_down(
        session,
        speaker,
        "change_cohort",
        person_id,
        now=now,
        old=[place.cohort_id for place in places],
        new=cohort_id,
    )


def where_from(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> int:
    """The membership a move is made on; raises NotThere."""
    return person_to_change(session, speaker, person_id, now=now).membership.id or 0


def move(
    session: Session,
    speaker: Speaker,
    person_id: int,
    *,
    membership_id: int,
    unit_id: int,
    now: datetime,
) -> None:
    """Let a person work in another unit from today; what she learned before stays with the old.

    Her learner's role goes with her; other roles stay where they were given. Raises
    ChangedMeanwhile when she works elsewhere already.
    """
    target = person_to_change(session, speaker, person_id, now=now)
    unit = units.open_unit(session, speaker, unit_id, now=now)
    if target.membership.id != membership_id or target.unit.id == unit.id:
        raise ChangedMeanwhile
    today = target.today
    changes.close(session, target.membership, on=today)
    session.add(Membership(person_id=person_id, unit_id=unit_id, since=today))
    learns_here = (LEARNER, unit_id) in {(g.role, g.unit_id) for g in target.grants}
    for grant in target.grants:
        if grant.role == LEARNER and grant.unit_id == target.unit.id:
            changes.close(session, session.get_one(RoleGrant, grant.grant_id), on=today)
            if not learns_here:
                session.add(
                    RoleGrant(person_id=person_id, unit_id=unit_id, role=LEARNER, since=today)
                )
    write_down(session, speaker, "move", person_id, now=now, old=target.unit.id, new=unit_id)


def name_of(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> str:
    """The name a change of name is made on; raises NotThere."""
    return person_to_change(session, speaker, person_id, now=now).person.name


def rename(
    session: Session, speaker: Speaker, person_id: int, *, old: str, new: str, now: datetime
) -> None:
    """Give a person another name; raises NameNotUsable, ChangedMeanwhile."""
    target, name = person_to_change(session, speaker, person_id, now=now), usable_name(new)
    if target.person.name != old:
        raise ChangedMeanwhile
    target.person.name = name
    session.add(target.person)
    write_down(session, speaker, "rename", person_id, now=now)
