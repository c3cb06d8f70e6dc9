"""Which unit a row means, which are made, and whom an importer may reach."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import datetime

import pytest
from sqlmodel import Session

from curriculum import roster
from curriculum.errors import NotThere
from curriculum.people import COORDINATOR
from storage.people import unit_by_name
from tests.county import BOT, County, join
from tests.curriculum.roster_office import (  # noqa: F401  pytest finds fixtures by their names
    Office,
    county,
    office,
    reach,
    surroundings,
)
from tests.rosters import OTHER, STATION, person


def test_nobody_outside_the_importers_reach_can_be_named_or_taken(
    office: Office, county: County, start: datetime
) -> None:
    """A station's coordinator and a number elsewhere: answered like a number nobody has."""
    (tashi,) = office.take(person("扎西", unit=OTHER)).people
    speaker = office.database.write_now(
        join, county, chat_id=960, name="次珍", role=COORDINATOR, unit=county.station, now=start
    )
    hers = Office(office.database, roster.reach_of(speaker), start)
    assert hers.found(person("扎西", number=tashi.number)) == [(2, "number", "number_unknown")]
    assert hers.found(person("扎西", number="W-777777")) == [(2, "number", "number_unknown")]
    assert hers.found(person("尼玛", unit=OTHER)) == [(2, "unit", "unit_unknown")]
    assert hers.found(person("尼玛", unit=f"{OTHER}/新点")) == [(2, "unit", "unit_parent_unknown")]
    assert hers.check(person("尼玛", unit=f"林芝市/{STATION}/新点")).counts["units"] == 1
    learner = county.learners[0]
    with pytest.raises(NotThere):
        roster.reach_of(learner)


def test_new_units_stand_under_the_parent_that_is_named(office: Office, county: County) -> None:
    """Parents first, levels by the column or by what lies beside; one unit for several rows."""
    rows = (
        person("甲", unit="林芝市/米林县/派镇站"),
        person("乙", unit="林芝市/米林县", level="区县"),
        person("丙", unit="派镇站"),
        person("丁", unit=f"{STATION}/新村"),
        person("戊", unit="林芝市/新站"),
    )
    plan = office.check(*rows)
    assert [(unit.label, unit.level) for unit in plan.new_units] == [
        ("林芝市/米林县", "county_centre"),
        (f"林芝市/{STATION}/新村", "point"),
        ("林芝市/新站", "township_station"),
        ("林芝市/米林县/派镇站", "township_station"),
    ]
    office.take(*rows)

    def tree(session: Session) -> bool:
        (paizhen,), (milin,) = unit_by_name(session, "派镇站"), unit_by_name(session, "米林县")
        return paizhen.parent_id == milin.id and paizhen.path == f"{milin.path}{paizhen.id}/"

    assert office.database.read_now(tree)
    assert office.check(*rows).counts == {"new": 0, "changed": 0, "unchanged": 5, "units": 0}


def test_a_path_with_a_level_left_out_is_asked(office: Office, county: County) -> None:
    """Written in full it is the one that is there; with a level it is another, new one."""
    village = f"林芝市/{STATION}/新村"
    office.take(person("甲", unit=village))
    assert office.found(person("乙", unit="林芝市/新村")) == [(2, "unit", "unit_path_unclear")]
    assert office.check(person("乙", unit=village)).counts["units"] == 0
    plan = office.check(
        person("乙", unit="林芝市/新村", level="社区"), person("丙", unit="林芝市/新村")
    )
    assert [unit.label for unit in plan.new_units] == ["林芝市/新村"]


def test_the_command_line_reaches_everywhere(
    office: Office, county: County, start: datetime
) -> None:
    """Without a coordinator behind it an import may name every unit of the tree."""
    office.database.write_now(surroundings, county, start)
    whole = Office(office.database, roster.everywhere(BOT), start)
    row = person("甲", unit="邻县社工站", cohort="邻县班")
    assert office.found(row) == [(2, "unit", "unit_unknown")]
    assert whole.take(row).people[0].unit == "邻县/邻县社工站"


def test_units_and_cohorts_to_write_are_those_within_reach(
    office: Office, county: County, start: datetime
) -> None:
    """The blank sheet lists what its reader may write, and nothing else."""
    office.database.write_now(surroundings, county, start)
    units, cohorts = office.database.read_now(roster.places_to_write, office.reach, now=start)
    assert f"林芝市/{STATION}/重名站" in units
    assert not any("邻县" in unit for unit in units)
    assert cohorts == ["一期", "二期"]
