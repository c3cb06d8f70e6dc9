"""A coordinator with rosters to import, her county, and every kind of broken row."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, func, select

from curriculum import roster
from curriculum.roster import Imported, Reach
from curriculum.roster_check import Plan
from storage.audit import AuditEntry
from storage.cohorts import Cohort, CohortMember
from storage.engine import Database
from storage.people import (
    Invite,
    Membership,
    Person,
    RoleGrant,
    Unit,
    add_unit,
)
from tests.county import County, build, join, write_pack
from tests.rosters import person, read

TABLES = (Unit, Person, Membership, RoleGrant, CohortMember, Invite, AuditEntry)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Two stations, one cohort, a learner 学员1 without a number, a coordinator of all."""
    return database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=1)


@pytest.fixture
def reach(county: County) -> Reach:
    """What the county's coordinator may import for."""
    assert county.coordinator is not None
    return roster.reach_of(county.coordinator)


@dataclass
class Office:
    """Somebody who imports rosters into a database."""

    database: Database
    reach: Reach
    now: datetime

    def check(self, *rows: tuple[Any, ...]) -> Plan:
        """A dry run."""
        file = read(rows)
        return self.database.read_now(
            roster.check, self.reach, file.rows, unreadable=file.problems, now=self.now
        )

    def take(self, *rows: tuple[Any, ...], **wishes: Any) -> Imported:
        """An import."""
        return self.database.write_now(
            roster.import_roster, self.reach, read(rows).rows, now=self.now, **wishes
        )

    def found(self, *rows: tuple[Any, ...]) -> list[tuple[int, str, str]]:
        """The problems of a dry run as row, column, code."""
        return [(p.line, p.column, p.code) for p in self.check(*rows).problems]

    def counted(self) -> list[int]:
        """How many rows each table has."""
        return self.database.read_now(
            lambda session: [
                session.exec(select(func.count()).select_from(table)).one() for table in TABLES
            ]
        )


@pytest.fixture
def office(database: Database, reach: Reach, start: datetime) -> Office:
    """The coordinator at her desk."""
    return Office(database, reach, start)


@dataclass(frozen=True)
class Mistake:
    """One broken row, where it is named and by which code."""

    code: str
    column: str
    row: tuple[Any, ...]
    facts: dict[str, Any] = field(default_factory=dict)


# Each stands in a row of its own in the roster of the test below.
MISTAKES = [
    Mistake("unit_missing", "unit", person("甲", unit="")),
    Mistake("unit_too_long", "unit", person("甲", unit="站" * 61)),
    Mistake("unit_unknown", "unit", person("甲", unit="拉萨市社工站")),
    Mistake("unit_unknown", "unit", person("甲", unit="邻县社工站")),
    Mistake("unit_ambiguous", "unit", person("甲", unit="重名站")),
    Mistake("unit_parent_unknown", "unit", person("甲", unit="没有的县/新站")),
    Mistake("unit_parent_unknown", "unit", person("甲", unit="林芝市/新县/新站")),
    Mistake("level_unknown", "level", person("甲", unit="林芝市/级别站", level="宇宙")),
    Mistake("level_too_high", "level", person("甲", unit="林芝市/高站", level="自治区")),
    Mistake("level_differs", "level", person("级别不同", level="社区点")),
    Mistake("name_missing", "name", person("")),
    Mistake("name_not_usable", "name", person("名" * 41)),
    Mistake("name_not_usable", "name", person("12345")),
    Mistake("role_missing", "role", person("乙", role="")),
    Mistake("role_unknown", "role", person("乙", role="所长")),
    Mistake("role_administrator", "role", person("乙", role="管理员")),
    Mistake("cohort_not_learner", "cohort", person("乙", role="督导者")),
    Mistake("cohort_unknown", "cohort", person("丙", cohort="没有这个班")),
    Mistake("cohort_unknown", "cohort", person("丁", cohort="邻县班")),
    Mistake("cohort_ended", "cohort", person("戊", cohort="去年的班")),
    Mistake("cohort_missing", "cohort", person("己", cohort="")),
    Mistake("phone_malformed", "phone", person("庚", phone="1391234567")),
    Mistake("phone_shortened", "phone", person("庚", phone="1.38E+10")),
    Mistake("number_malformed", "number", person("庚", number="甲乙丙")),
    Mistake("number_unknown", "number", person("辛", number="W-999999")),
    Mistake("number_unknown", "number", person("壬", number="N-7")),
    Mistake("same_name_unnumbered", "number", person("学员1")),
    Mistake("same_not_there", "number", person("癸", number="同一人")),
    Mistake("cell_formula", "phone", person("子", phone="=A1")),
    Mistake("cell_is_date", "name", person(datetime(2026, 1, 2))),  # noqa: DTZ001
    Mistake("cell_not_text", "name", person(True)),
    Mistake("cell_number_long", "phone", person("丑", phone=1.38e20)),
    Mistake("cell_error", "cohort", person("寅", cohort="#REF!")),
]


def surroundings(session: Session, county: County, now: datetime) -> None:
    """A neighbouring county with a cohort and somebody numbered, a station's name used twice."""
    neighbour = add_unit(session, name_zh="邻县", level="county_centre", parent=None)
    add_unit(session, name_zh="邻县社工站", level="township_station", parent=neighbour)
    for parent in (county.station, county.other_station):
        add_unit(session, name_zh="重名站", level="point", parent=parent)
    for name, unit, end_on in (
        ("邻县班", neighbour, None),
        ("去年的班", county.top, date(2025, 12, 31)),
        ("二期", county.top, None),
    ):
        like = county.cohort.model_dump(exclude={"id", "name", "unit_id", "end_on"})
        session.add(
            Cohort(**like, name=name, unit_id=(neighbour.id and unit.id) or 0, end_on=end_on)
        )
    stranger = join(session, county, chat_id=950, name="邻人", now=now, unit=neighbour)
    session.get_one(Person, stranger.person_id).number = "N-7"
