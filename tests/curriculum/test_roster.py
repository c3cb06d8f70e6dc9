"""A roster is taken whole or not at all, and every mistake in it is named by row and column."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select

from curriculum import roster
from curriculum.people import COORDINATOR, LEARNER, OBSERVER, SUPERVISOR
from curriculum.roster import RosterChanged
from curriculum.roster_problems import RosterRefused
from storage import rosters
from storage.audit import AuditEntry
from tests.county import County
from tests.curriculum.roster_office import (  # noqa: F401  pytest finds fixtures by their names
    MISTAKES,
    Office,
    county,
    office,
    reach,
    surroundings,
)
from tests.rosters import OTHER, five_hundred, person, read


def test_every_kind_of_mistake_is_named_by_row_and_column_and_nothing_is_written(
    office: Office, county: County, start: datetime
) -> None:
    """Thirty-three mistakes among good rows: each at its row, in its column, and no other."""
    office.database.write_now(surroundings, county, start)
    rows, expected = [], []
    for mistake in MISTAKES:
        rows += [person(f"好人{len(rows)}"), mistake.row]
        expected.append((len(rows) + 1, mistake.column, mistake.code))
    before = office.counted()
    assert office.found(*rows) == expected
    assert len({code for _, _, code in expected}) >= 20
    with pytest.raises(RosterRefused):
        office.take(*rows)
    assert office.counted() == before


def test_rows_that_contradict_each_other_are_named_with_the_other_row(office: Office) -> None:
    """A phone, a number or a person twice: the problem says which other row is meant."""
    rows = (
        person("甲", phone="13900000001"),
        person("乙", phone="139-0000-0001"),
        person("丙", number="LZ-1"),
        person("丁", number="ｌｚ-１"),
        person("戊"),
        person("戊", phone="13900000005"),
    )
    found = office.check(*rows).problems
    assert [(p.line, p.code, p.facts["other"]) for p in found] == [
        (3, "phone_twice", 2),
        (5, "number_twice", 4),
        (6, "person_twice", 7),
        (7, "person_twice", 6),
    ]
    assert office.found(person("戊", number="新人"), person("戊", number="新人")) == []


def test_a_whole_centre_is_imported_and_importing_it_again_changes_nothing(
    office: Office,
) -> None:
    """Broken, corrected, imported; then the same file and the returned sheet change nothing."""
    rows = five_hundred()
    broken = [*rows]
    for place, mistake in enumerate(MISTAKES[:10]):
        broken[place * 40 + 7] = mistake.row
    assert {line for line, _, _ in office.found(*broken)} >= {9, 49, 89}
    plan = office.check(*rows)
    assert plan.counts == {"new": 500, "changed": 0, "unchanged": 0, "units": 60}
    first = office.take(*rows, expected=plan.counts)
    assert len(first.invited) == 500
    assert len({p.number for p in first.people}) == len({p.code for p in first.people}) == 500
    before = office.counted()
    again = office.take(*rows)
    sheet = office.take(*(_as_returned(person) for person in first.people))
    for imported in (again, sheet):
        assert imported.counts == {"new": 0, "changed": 0, "unchanged": 500, "units": 0}
        assert {p.invitation for p in imported.people} == {"running"}
    assert office.counted() == before


def _as_returned(line: roster.ImportedPerson) -> tuple[Any, ...]:
    words = {LEARNER: "学员", SUPERVISOR: "督导者", COORDINATOR: "协调员", OBSERVER: "观察员"}
    role = "、".join(words[role] for role in line.roles)
    return (line.unit, line.name, role, line.cohort, line.phone, line.number, "")


def test_a_thousand_broken_rows_are_refused_within_five_seconds(
    office: Office, county: County, start: datetime
) -> None:
    """Every row wrong: all are named; it takes a tenth of a second where nothing else runs."""
    office.database.write_now(surroundings, county, start)
    rows = [MISTAKES[number % len(MISTAKES)].row for number in range(1000)]
    began = time.perf_counter()
    found = office.found(*rows)
    assert time.perf_counter() - began < 5
    assert {line for line, _, _ in found} == set(range(2, 1002))


def test_a_roster_is_checked_again_when_it_is_taken(office: Office) -> None:
    """What was shown no longer holds: refused and shown anew, nothing written."""
    shown = office.check(person("扎西"), person("尼玛"))
    office.take(person("扎西", phone="13900000001"))
    with pytest.raises(RosterRefused):
        office.take(person("扎西"), person("尼玛"), expected=shown.counts)
    shown = office.check(person("扎西", phone="13900000001"), person("尼玛"))
    office.take(person("尼玛", phone="13900000002"))
    before = office.counted()
    with pytest.raises(RosterChanged) as changed:
        office.take(
            person("扎西", phone="13900000001"),
            person("尼玛", phone="13900000002"),
            expected=shown.counts,
        )
    assert changed.value.plan.counts["unchanged"] == 2
    assert office.counted() == before


@pytest.mark.asyncio
async def test_two_imports_at_once_go_one_after_the_other(office: Office) -> None:
    """The second sees what the first wrote: it is asked, and no number is issued twice."""
    rows = read([person("扎西"), person("尼玛")]).rows
    others = read([person("扎西"), person("达瓦", unit=OTHER)]).rows

    def take(given: Any) -> Any:
        return office.database.write(roster.import_roster, office.reach, given, now=office.now)

    done = await asyncio.gather(take(rows), take(others), return_exceptions=True)
    assert sorted(type(each) for each in done if isinstance(each, Exception)) == [RosterRefused]
    assert await office.database.read(rosters.highest_number, "W-") == 2


def test_what_was_done_is_in_the_audit_trail_without_names(office: Office, county: County) -> None:
    """Each person added or changed, and the import as a whole, by whom; ids and codes only."""
    (tashi,) = office.take(person("扎西", unit="林芝市/新站")).people
    office.take(person("扎西顿珠", unit="林芝市/新站", number=tashi.number))
    entries = office.database.read_now(
        lambda session: session.exec(
            select(AuditEntry).where(AuditEntry.actor_id == office.reach.person_id)
        ).all()
    )
    acts = [entry.action for entry in entries]
    for act in ("add_unit", "add_person", "invite_person", "change_person"):
        assert act in acts
    assert acts.count("import_people") == 2
    written = str([entry.facts for entry in entries])
    assert not any(name in written for name in ("扎西", "新站", tashi.number))
