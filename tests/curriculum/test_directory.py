"""Who sees whom: lists, searches, one person's page, a supervisor's workers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import Session

from curriculum import directory, people, records
from curriculum.directory import Contact, PersonLine, PersonPage, WorkerLine
from curriculum.errors import NotThere, SearchTooLong
from curriculum.pauses_seen import PauseSeen
from curriculum.people import COORDINATOR, LEARNER, OBSERVER, SUPERVISOR, Speaker
from storage import people as people_stored
from storage.cohorts import CohortMember
from storage.engine import Database
from storage.people import Membership, Person, RoleGrant
from tests.county import BOT, County, build, join, write_pack

TIBETAN = "བསོད་ནམས་སྒྲོལ་མ།"


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Two learners of one station, one of the other, a coordinator of both."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=2)
    county.learners.append(
        database.write_now(
            join, county, chat_id=300, name=TIBETAN, unit=county.other_station, now=start
        )
    )
    return county


def _coordinator(county: County) -> Speaker:
    assert county.coordinator is not None
    return county.coordinator


def _names(database: Database, speaker: Speaker, words: str, now: datetime, **more: Any) -> Any:
    found = database.read_now(directory.people, speaker, words=words, now=now, **more)
    return [line.name for line in found.lines]


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    engine = database._read_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _crowd(session: Session, county: County, count: int, now: datetime) -> None:
    """Many learners at once, without a chat."""
    for number in range(count):
        person = Person(name=f"同事{number}", number=f"N-{number}", created_at=now)
        session.add(person)
        session.flush()
        since, person_id, unit_id = date(2026, 1, 1), person.id or 0, county.station.id or 0
        session.add(Membership(person_id=person_id, unit_id=unit_id, since=since))
        session.add(RoleGrant(person_id=person_id, unit_id=unit_id, role=LEARNER, since=since))
        session.add(CohortMember(cohort_id=county.cohort.id, person_id=person_id, since=since))


def test_a_page_holds_nothing_but_what_a_coordinator_may_see() -> None:
    """Enrolled, reachable, hours, attendance: no answer, recall or question (section 9).

    Of a pause she sees from when until when, and neither a reason nor who set it; of a colleague
    who is away from looking after others also who stands in.
    """
    assert {field.name for field in fields(PersonPage)} == {
        "person_id",
        "name",
        "number",
        "unit_id",
        "unit_name",
        "roles",
        "cohorts",
        "since",
        "contact",
        "minutes_month",
        "minutes_year",
        "attended",
        "is_changeable",
        "pause",
        "away",
        "may_set_away",
    }
    assert {field.name for field in fields(PauseSeen)} == {"since", "last", "has_begun", "mark"}
    assert {field.name for field in fields(PersonLine)} == {
        "person_id",
        "name",
        "unit_name",
        "roles",
        "contact",
    }
    assert {field.name for field in fields(WorkerLine)} == {
        "name",
        "unit_name",
        "contact",
        "minutes_month",
        "minutes_year",
    }
    assert {field.name for field in fields(Contact)} == {"state", "since"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["协调员", "学员1", "学员2", TIBETAN]),
        ("学员1", ["学员1"]),
        ("员1", ["学员1"]),
        ("学员１", ["学员1"]),  # full width
        ("八一镇", ["学员1", "学员2"]),
        ("学员 鲁朗", []),
        ("员 八一", ["学员1", "学员2"]),
        ("བསོད་ནམས", [TIBETAN]),
        ("བསོད་ནམས་", [TIBETAN]),
        ("སྒྲོལ་མ", [TIBETAN]),
        ("w-000007", ["学员2"]),
        ("4567", ["学员2"]),
        ("67", []),
        ("1390", []),
        ("%", []),
        ("_", []),
        ("没有这个人", []),
    ],
)
def test_people_are_found_by_a_part_of_what_is_known(
    database: Database, county: County, start: datetime, words: str, found: list[str]
) -> None:
    """Name, station, number, a phone's last digits; every word must fit; width does not matter."""

    def fill(session: Session) -> None:
        person = session.get_one(Person, county.learners[1].person_id)
        person.number, person.phone = "W-000007", "139 0000 4567"

    database.write_now(fill)
    assert _names(database, _coordinator(county), words, start) == found


def test_a_unit_lists_its_own_people_only(
    database: Database, county: County, start: datetime
) -> None:
    """人员 under a unit: those who work in it and under it."""
    speaker = _coordinator(county)
    assert _names(database, speaker, "", start, unit_id=county.other_station.id) == [TIBETAN]
    assert len(_names(database, speaker, "", start, unit_id=county.top.id)) == 4
    with pytest.raises(NotThere):
        database.read_now(directory.people, speaker, unit_id=999, now=start)


def test_lists_come_six_at_a_time_with_the_same_number_of_queries(
    database: Database, county: County, start: datetime
) -> None:
    """A page of six among hundreds costs what a page of one costs; past the end is the last."""
    speaker = _coordinator(county)
    with _counted(database) as few:
        database.read_now(directory.people, speaker, words=TIBETAN, now=start)
        database.read_now(directory.people, speaker, now=start)
    database.write_now(_crowd, county, 60, start)
    with _counted(database) as many:
        database.read_now(directory.people, speaker, words="同事", now=start)
        page = database.read_now(directory.people, speaker, now=start)
    assert len(many) == len(few)
    assert (len(page.lines), page.pages, page.count) == (6, 11, 64)
    last = database.read_now(directory.people, speaker, page=10**9, now=start)
    assert (last.page, len(last.lines)) == (10, 4)
    seen = {
        line.person_id
        for number in range(11)
        for line in database.read_now(directory.people, speaker, page=number, now=start).lines
    }
    assert len(seen) == 64


def test_too_much_to_search_for_is_refused_not_cut(
    database: Database, county: County, start: datetime
) -> None:
    """A whole Tibetan name fits; a paragraph does not."""
    assert _names(database, _coordinator(county), f"{TIBETAN} 鲁朗镇社工站", start) == [TIBETAN]
    with pytest.raises(SearchTooLong):
        database.read_now(directory.people, _coordinator(county), words="字" * 61, now=start)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(max_size=70))
def test_no_words_break_a_search(sqlite_county: Callable[[str], Any], words: str) -> None:
    """Whatever is typed, people are found or not, or it is too long."""
    try:
        found = sqlite_county(words)
    except SearchTooLong:
        return
    assert found.count >= len(found.lines)


@pytest.fixture
def sqlite_county(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> Callable[[str], Any]:
    """Search a small county."""
    county = sqlite_database.write_now(
        build, write_pack(tmp_path / "pack", 1), now=start, learners=2
    )
    speaker = _coordinator(county)
    return lambda words: sqlite_database.read_now(directory.people, speaker, words=words, now=start)


def test_whoever_left_is_found_by_name_but_not_listed(
    database: Database, county: County, start: datetime
) -> None:
    """So that the same person can come back."""

    def leave(session: Session) -> None:
        session.get_one(Person, county.learners[0].person_id).status = "left"

    database.write_now(leave)
    speaker = _coordinator(county)
    assert "学员1" not in _names(database, speaker, "", start)
    found = database.read_now(directory.people, speaker, words="学员", now=start)
    assert [(line.name, line.contact.state) for line in found.lines] == [
        ("学员2", "reachable"),
        ("学员1", "left"),
    ]


def test_contact_says_joined_or_not_or_since_when_unreachable(
    database: Database, county: County, start: datetime
) -> None:
    """可联系, 未加入, 联系不上 since when; an ended chat counts as not joined."""
    gone, ended = county.learners[0], county.learners[1]
    later = start + timedelta(hours=1)
    database.write_now(
        people.set_reachable,
        bot=BOT,
        chat_id=gone.chat_id,
        reachable=False,
        reason="blocked",
        now=later,
    )

    def end(session: Session) -> None:
        account = people_stored.account_of(session, bot=BOT, person_id=ended.person_id)
        assert account is not None
        account.ended_at = start

    database.write_now(end)
    found = database.read_now(directory.people, _coordinator(county), words="学员", now=start)
    assert [line.contact for line in found.lines] == [
        Contact("unreachable", later),
        Contact("not_joined"),
    ]


def _record(
    session: Session, county: County, who: int, on: date, minutes: int, evidence: str
) -> None:
    records.write_down(
        session,
        person_id=county.learners[who].person_id,
        unit_id=county.station.id,
        study="weekly_study",
        occasion=f"weekly_study/1/{on}",
        occurred_on=on,
        title="共学",
        source_id=None,
        minutes=minutes,
        mode=records.ONLINE,
        evidence=evidence,
        recorded_by=None,
        now=datetime.fromisoformat(f"{on}T12:00:00+00:00"),
    )


def test_hours_are_those_in_force_of_this_month_and_this_year(
    database: Database, county: County, start: datetime
) -> None:
    """Minutes from the ledger; a correction counts once; presence where it was taken down."""
    for on, minutes, evidence in (
        (date(2025, 12, 31), 1000, "answered"),
        (date(2026, 3, 1), 60, "roll_call"),
        (date(2026, 11, 1), 5, "self_stated"),
        (date(2026, 11, 1), 5, "answered"),  # corrects the one before
        (date(2026, 11, 20), 30, "signed_in"),
    ):
        database.write_now(_record, county, 0, on, minutes, evidence)
    page = database.read_now(
        directory.person, _coordinator(county), county.learners[0].person_id, now=start
    )
    assert (page.minutes_month, page.minutes_year, page.attended) == (35, 95, 2)
    other = database.read_now(
        directory.person, _coordinator(county), county.learners[1].person_id, now=start
    )
    assert (other.minutes_month, other.minutes_year, other.attended) == (0, 0, 0)


def test_a_page_shows_station_role_cohort_and_since_when(
    database: Database, county: County, start: datetime
) -> None:
    """What a coordinator needs to know to look after her."""
    page = database.read_now(
        directory.person, _coordinator(county), county.learners[0].person_id, now=start
    )
    assert (page.unit_name, page.since, page.cohorts) == (
        "八一镇社工站",
        date(2026, 11, 24),
        ("一期",),
    )
    assert [(held.role, held.unit_name) for held in page.roles] == [("learner", "八一镇社工站")]
    assert page.is_changeable


def test_a_station_coordinator_cannot_reach_sideways_or_change_her_superior(
    database: Database, county: County, start: datetime
) -> None:
    """Another station looks like none; who has duties above hers is shown but not changed."""
    speaker = database.write_now(
        join,
        county,
        chat_id=910,
        name="站长",
        role=COORDINATOR,
        unit=county.station,
        now=start,
    )
    boss = county.learners[1].person_id

    def promote(session: Session) -> None:
        session.add(
            RoleGrant(person_id=boss, unit_id=county.top.id, role=COORDINATOR, since=start.date())
        )

    database.write_now(promote)
    assert _names(database, speaker, "", start) == ["学员1", "学员2", "站长"]
    assert _names(database, speaker, "སྒྲོལ", start) == []
    with pytest.raises(NotThere):
        database.read_now(directory.person, speaker, county.learners[2].person_id, now=start)
    assert not database.read_now(directory.person, speaker, boss, now=start).is_changeable


def test_a_supervisor_sees_the_learners_of_her_tree_and_no_page(
    database: Database, county: County, start: datetime
) -> None:
    """Names, stations, contact and hours of those who learn there; no person opens."""
    speaker = database.write_now(
        join,
        county,
        chat_id=920,
        name="督导",
        role=SUPERVISOR,
        unit=county.station,
        now=start,
    )
    database.write_now(_record, county, 1, date(2026, 11, 2), 45, "answered")
    found = database.read_now(directory.workers, speaker, now=start)
    assert [(w.name, w.minutes_month, w.contact.state) for w in found.lines] == [
        ("学员1", 0, "reachable"),
        ("学员2", 45, "reachable"),
    ]
    for act, arguments in ((directory.people, ()), (directory.person, (1,))):
        with pytest.raises(NotThere):
            database.read_now(act, speaker, *arguments, now=start)


@pytest.mark.parametrize("role", [LEARNER, OBSERVER])
def test_learner_and_observer_see_nobody(
    database: Database, county: County, start: datetime, role: str
) -> None:
    """Neither list nor page nor workers."""
    speaker = database.write_now(
        join, county, chat_id=930, name="旁人", role=role, unit=county.top, now=start
    )
    for act, arguments in (
        (directory.people, ()),
        (directory.person, (speaker.person_id,)),
        (directory.workers, ()),
    ):
        with pytest.raises(NotThere):
            database.read_now(act, speaker, *arguments, now=start)
