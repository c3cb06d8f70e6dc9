"""How a person on a roster differs from the person we have: what ends, what begins."""

from collections.abc import Sequence

from curriculum.people import ADMINISTRATOR
from curriculum.roster_places import Place
from curriculum.roster_rows import ReadRow
from storage.rosters import CohortSeen, PersonSeen

ACTIVE = "active"


def changes_of(
    row: ReadRow, place: Place, path: str, person: PersonSeen, cohort: CohortSeen | None
) -> tuple[str, ...]:
    """What differs, of: returned, name, unit, role, cohort, phone, number (she has none yet).

    `path` is the path of the place's unit. Cells left empty differ from nothing.
    """
    moved = is_moved(person, place)
    ends, begins = role_changes(person, row.roles, path, moved=moved)
    leaves, joins = cohort_changes(person, cohort.cohort_id if cohort else None)
    differs = {
        "returned": person.status != ACTIVE,
        "name": person.name != row.name,
        "unit": moved,
        "role": bool(ends or begins) and not (moved and _same_roles(person, row.roles)),
        "cohort": bool(leaves or joins),
        "phone": bool(row.phone) and person.phone != row.phone,
        "number": not person.number,
    }
    return tuple(name for name, is_different in differs.items() if is_different)


def is_moved(person: PersonSeen, place: Place) -> bool:
    """Whether she works elsewhere now, or nowhere."""
    return person.membership_id is None or Place(person.unit_id or 0) != place


def role_changes(
    person: PersonSeen, roles: Sequence[str], path: str, *, moved: bool
) -> tuple[list[int], list[str]]:
    """The grants that end and the roles that begin in her unit of this path.

    A role she holds further up reaches here and stays; who leaves a unit leaves her roles there.
    Administrators are never made or unmade by a roster.
    """
    here = [g for g in person.grants if g[2] == person.unit_id and g[1] != ADMINISTRATOR]
    ends = [grant_id for grant_id, role, _, _ in here if moved or role not in roles]
    held = {
        role
        for grant_id, role, _, unit_path in person.grants
        if grant_id not in ends and path.startswith(unit_path)
    }
    return ends, [role for role in roles if role not in held]


def cohort_changes(person: PersonSeen, cohort_id: int | None) -> tuple[list[int], list[int]]:
    """The places in cohorts that end, and the cohort that begins (one or none)."""
    if cohort_id in {each for _, each in person.cohorts}:
        return [], []
    return [member_id for member_id, _ in person.cohorts], [cohort_id] if cohort_id else []


def _same_roles(person: PersonSeen, roles: Sequence[str]) -> bool:
    return {grant[1] for grant in person.grants} - {ADMINISTRATOR} == set(roles)
