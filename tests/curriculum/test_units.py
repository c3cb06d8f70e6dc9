"""Units: counted with what is under them, named, opened and closed within one's reach."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from curriculum import people, records, staffing, units
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.people_errors import UnitNameNotUsable, UnitNameTaken, UnitNotEmpty, UnitNotFound
from storage.engine import Database
from storage.people import Unit, add_unit
from tests.county import BOT, join
from tests.curriculum.centre import Centre, at_once, audited, found


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _add(
    database: Database,
    speaker: Speaker,
    parent_id: int,
    now: datetime,
    *,
    name: str = "巴果绕村",
    level: str = "point",
) -> int:
    return database.write_now(
        units.add, speaker, parent_id=parent_id, level=level, name=name, now=now
    )


def test_people_are_counted_with_everything_under_a_unit(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Active people, each once; reachable are those with a chat that works."""
    chat_id = centre.county.learners[0].chat_id
    database.write_now(
        people.set_reachable, bot=BOT, chat_id=chat_id, reachable=False, reason="x", now=start
    )
    page = database.read_now(units.units, centre.coordinator, None, now=start)
    assert page.unit is not None
    assert (page.unit.name, page.unit.people, page.unit.reachable) == ("林芝市", 9, 8)
    assert page.parent_id is None
    assert [(line.name, line.people, line.reachable) for line in page.lines] == [
        ("八一镇社工站", 3, 2),
        ("鲁朗镇社工站", 1, 1),
    ]


def test_a_large_tree_comes_six_units_at_a_time(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Pages of what stands directly under a unit; past the end is the last."""
    for number in range(11):
        _add(database, centre.coordinator, centre.station, start, name=f"{number}村")
    pages = [
        database.read_now(units.units, centre.coordinator, centre.station, page=page, now=start)
        for page in (0, 1, 7)
    ]
    assert [[line.name for line in page.lines] for page in pages] == [
        [f"{number}村" for number in range(6)],
        [f"{number}村" for number in range(6, 11)],
        [f"{number}村" for number in range(6, 11)],
    ]
    assert {page.pages for page in pages} == {2}
    assert pages[0].parent_id == centre.top


def test_a_station_coordinator_begins_at_her_station(
    database: Database, centre: Centre, start: datetime
) -> None:
    """What is above or beside her is not there."""
    page = database.read_now(units.units, centre.of_station, None, now=start)
    assert page.unit is not None
    assert (page.unit.unit_id, page.parent_id) == (centre.station, None)
    for unit_id in (centre.top, centre.other_station, 999):
        for act in (units.units, units.unit):
            with pytest.raises(NotThere):
                database.read_now(act, centre.of_station, unit_id, now=start)


def test_fewer_than_five_people_show_no_learning_figures(
    database: Database, centre: Centre, start: datetime
) -> None:
    """They are rolled up into the unit above, where there are enough."""
    database.write_now(
        records.write_down,
        person_id=centre.learner,
        unit_id=centre.station,
        study="daily_lesson",
        occasion="daily_lesson/1/2026-11-24",
        occurred_on=date(2026, 11, 24),
        title="课",
        source_id=None,
        minutes=5,
        mode=records.ONLINE,
        evidence="answered",
        recorded_by=None,
        now=start,
    )

    def minutes(unit_id: int) -> int | None:
        return database.read_now(units.unit, centre.coordinator, unit_id, now=start).minutes_month

    assert (minutes(centre.station), minutes(centre.top)) == (None, 5)
    for number in range(2):
        database.write_now(
            join, centre.county, chat_id=700 + number, name=f"新人{number}", now=start
        )
    assert minutes(centre.station) == 5


@pytest.mark.parametrize("who", ["supervisor", "observer", "learner", "of_station"])
def test_whoever_may_not_changes_no_unit(
    database: Database, centre: Centre, start: datetime, who: str
) -> None:
    """Seeing, renaming, adding, closing: as if there were no such unit."""
    speaker = centre.county.learners[0] if who == "learner" else getattr(centre, who)
    unit_id = centre.other_station
    before = audited(database, 1)[0].id
    for act in (
        lambda: database.read_now(units.unit, speaker, unit_id, now=start),
        lambda: database.write_now(
            units.rename, speaker, unit_id, old="鲁朗镇社工站", new="新站", now=start
        ),
        lambda: _add(database, speaker, unit_id, start),
        lambda: database.write_now(units.close, speaker, unit_id, now=start),
    ):
        with pytest.raises(NotThere):
            act()
    assert audited(database, 1)[0].id == before


def test_a_unit_is_renamed_on_what_was_shown(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Of two at once one hears of the other; a sibling's name is taken; no name is none."""
    outcomes = at_once(
        *(
            lambda speaker=speaker, name=name: database.write_now(
                units.rename, speaker, centre.station, old="八一镇社工站", new=name, now=start
            )
            for speaker, name in ((centre.coordinator, "新站"), (centre.colleague, "另一站"))
        )
    )
    assert outcomes == ["changed_meanwhile", "done"]
    name = database.read_now(lambda s: s.get_one(Unit, centre.station).name_zh)
    for new, refusal in (
        ("鲁朗镇社工站", UnitNameTaken),
        ("", UnitNameNotUsable),
        ("字" * 41, UnitNameNotUsable),
        ("——", UnitNameNotUsable),
    ):
        with pytest.raises(refusal):
            database.write_now(
                units.rename, centre.coordinator, centre.station, old=name, new=new, now=start
            )
    with pytest.raises(ChangedMeanwhile):
        database.write_now(
            units.rename,
            centre.coordinator,
            centre.station,
            old="八一镇社工站",
            new="第三站",
            now=start,
        )


def test_a_unit_opens_under_a_wider_one_only(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Levels go down the tree; what is opened is within reach of whoever is above."""
    unit_id = _add(database, centre.of_station, centre.station, start)
    shown = database.read_now(units.unit, centre.coordinator, unit_id, now=start)
    assert (shown.unit.name, shown.unit.level, shown.parent_id) == (
        "巴果绕村",
        "point",
        centre.station,
    )
    for level in ("prefecture", "township_station", "kingdom"):
        with pytest.raises(NotThere):
            _add(database, centre.coordinator, centre.station, start, name="乙", level=level)
    with pytest.raises(UnitNameTaken):
        _add(database, centre.coordinator, centre.station, start)


def test_a_unit_with_people_stays_open_and_none_is_deleted(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Closing hides it and what is under it from now on; its row stays for the records."""
    with pytest.raises(UnitNotEmpty):
        database.write_now(units.close, centre.coordinator, centre.station, now=start)
    unit_id = _add(database, centre.coordinator, centre.station, start)
    below = _add(database, centre.coordinator, unit_id, start, name="村小组")
    assert database.write_now(units.close, centre.coordinator, unit_id, now=start) == (
        centre.station
    )
    for closed in (unit_id, below):
        with pytest.raises(NotThere):
            database.read_now(units.unit, centre.coordinator, closed, now=start)
    page = database.read_now(units.units, centre.coordinator, centre.station, now=start)
    assert page.lines == ()
    assert database.read_now(lambda s: s.get(Unit, unit_id)) is not None
    with pytest.raises(NotThere):
        database.write_now(units.close, centre.coordinator, centre.top, now=start)


def test_nobody_moves_into_a_unit_that_is_just_being_closed(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Either she is in and it stays open, or it is closed and she stays where she was."""
    unit_id = _add(database, centre.coordinator, centre.station, start)
    old = database.read_now(staffing.where_from, centre.coordinator, centre.learner, now=start)
    outcomes = at_once(
        lambda: database.write_now(
            staffing.move,
            centre.coordinator,
            centre.learner,
            membership_id=old,
            unit_id=unit_id,
            now=start,
        ),
        lambda: database.write_now(units.close, centre.colleague, unit_id, now=start),
    )
    assert outcomes in (["done", "not_there"], ["done", "unit_not_empty"])


def test_a_unit_is_meant_by_its_name_or_a_part_that_only_it_has(
    database: Database, centre: Centre, start: datetime
) -> None:
    """The whole name wins; two that fit, none, or one outside her reach are not guessed."""

    def named(speaker: Speaker, written: str) -> int:
        return database.read_now(units.named, speaker, written, now=start)[0]

    assert named(centre.coordinator, " 鲁朗 ") == centre.other_station
    assert named(centre.coordinator, "林芝市") == centre.top

    def longer(session: Session) -> None:
        add_unit(session, name_zh="林芝市分站", level="point", parent=centre.county.top)

    database.write_now(longer)
    assert named(centre.coordinator, "林芝市") == centre.top
    for speaker, written in (
        (centre.coordinator, "社工站"),
        (centre.coordinator, "拉萨"),
        (centre.coordinator, ""),
        (centre.of_station, "鲁朗镇社工站"),
    ):
        with pytest.raises(UnitNotFound):
            named(speaker, written)


def test_units_beside_the_present_one_are_offered_first(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Six at most, never the present one, never one outside her reach."""
    for number in range(8):
        _add(database, centre.coordinator, centre.station, start, name=f"{number}村")
    near = database.read_now(units.near, centre.coordinator, centre.other_station, now=start)
    assert len(near) == 6
    assert centre.other_station not in dict(near)
    only = database.read_now(units.near, centre.of_station, None, now=start)
    assert centre.top not in dict(only)
