"""日程: what lies ahead, and what holding or moving a date does to it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from curriculum import cohorts, rearranging, schedule, todays_lesson
from curriculum.errors import HourNotUnderstood, NotThere
from curriculum.gathering_errors import (
    HourNotPossible,
    OccasionBegun,
    OccasionChanged,
    OccasionPassed,
)
from curriculum.people import COORDINATOR
from curriculum.schedule import USUAL, DayOff, Detail, Entry
from curriculum.written_times import read_hour
from scheduler import planner
from storage.absences import Absence
from storage.audit import AuditEntry
from storage.calendar_days import CalendarDay
from storage.cohorts import CohortMember, WorkGroup
from storage.deliveries import Delivery, Occasion
from storage.engine import Database, open_session
from tests.county import BOT, County, build, join, write_pack
from tests.curriculum.test_daily_lesson import ZONE, a_day, at, lessons_of, plan, send

WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (25, 26, 27))


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Three learners who learn together, six lessons, a coordinator."""
    return database.write_now(build, write_pack(tmp_path / "pack", 6), now=start)


def name_of(county: County, day: date) -> str:
    """What deliveries call a day of the cohort."""
    return f"{county.cohort.id}:{day.isoformat()}"


def change(
    database: Database,
    county: County,
    act: Any,
    day: date,
    now: datetime,
    *,
    seen: str = USUAL,
    **more: Any,
) -> Detail:
    """Hold, move or let go a date as the coordinator."""
    found: Detail = database.write_now(
        act, county.coordinator, name_of(county, day), seen=seen, now=now, **more
    )
    return found


def waiting(database: Database) -> dict[int, tuple[str, str, str | None]]:
    """Per person: status, local hour and error of her newest row."""

    def read(session: Session) -> dict[int, tuple[str, str, str | None]]:
        rows = session.exec(select(Delivery).order_by(Delivery.id))  # type: ignore[arg-type]
        return {
            row.recipient: (
                row.status,
                f"{row.due_at.astimezone(ZoneInfo(ZONE)):%H:%M}",
                row.error,
            )
            for row in rows
        }

    return database.read_now(read)


def own_hour(database: Database, person_id: int, hour: time) -> None:
    """Let a member receive at an hour of her own."""

    def run(session: Session) -> None:
        member = session.exec(select(CohortMember).where(CohortMember.person_id == person_id)).one()
        member.own_time = hour
        session.add(member)

    database.write_now(run)


def add_group(database: Database, county: County, now: datetime) -> None:
    """Link a work group to the cohort."""
    database.write_now(
        lambda session: session.add(
            WorkGroup(
                cohort_id=county.cohort.id, bot=BOT, chat_id=-5, title="一期群", linked_at=now
            )
        )
    )


# --- looking ahead


def test_two_weeks_ahead_name_days_off_and_count_whom_each_is_for(
    database: Database, county: County, start: datetime
) -> None:
    """Working days with hour, cohort, people and groups; the days between them are days off."""
    add_group(database, county, start)

    def holiday(session: Session) -> None:
        session.add(
            CalendarDay(
                day=FRIDAY, unit_id=county.top.id, kind="off", name="工布新年", source="通知"
            )
        )

    database.write_now(holiday)
    lines = database.read_now(schedule.coming, county.coordinator, now=start)
    shown = [
        line.name if isinstance(line, DayOff) else (line.day.day, line.people, line.groups)
        for line in lines[:6]
    ]
    assert shown == [(25, 3, 1), (26, 3, 1), "工布新年", None, None, (30, 3, 1)]
    entries = [line for line in lines if isinstance(line, Entry)]
    assert [entry.due_at for entry in entries] == sorted(entry.due_at for entry in entries)
    assert {entry.cohort_name for entry in entries} == {"一期"}
    assert max(entry.day for entry in entries) == date(2026, 12, 8)


def test_whoever_rests_is_not_counted(database: Database, county: County, start: datetime) -> None:
    """A learner on leave is not among those a date is for."""
    database.write_now(
        lambda session: session.add(
            Absence(person_id=county.learners[0].person_id, since=start.date(), set_at=start)
        )
    )
    first = database.read_now(schedule.coming, county.coordinator, now=start)[0]
    assert isinstance(first, Entry)
    assert first.people == 2


def test_past_the_official_calendar_a_day_is_provisional(
    database: Database, tmp_path: Path
) -> None:
    """2027 is not published yet: the usual weekdays count, and it says so."""
    december = at(date(2026, 12, 28), 12)
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=december)
    lines = database.read_now(schedule.coming, county.coordinator, now=december)
    by_year = {line.day.year: line.is_provisional for line in lines if isinstance(line, Entry)}
    assert by_year == {2026: False, 2027: True}


@pytest.mark.parametrize("received", [True, False])
def test_the_preview_is_the_lesson_the_planner_then_sends(
    database: Database, county: County, received: bool
) -> None:
    """What is shown for a date is what arrives, past a held day and one that reached nobody."""
    tuesday = at(date(2026, 11, 24), 22)
    change(database, county, rearranging.hold, THURSDAY, tuesday)
    plan(database, at(WEDNESDAY, 0, 1))
    if received:
        send(database, at(WEDNESDAY))
    now = at(WEDNESDAY, 21)
    plan(database, now)
    monday = FRIDAY + timedelta(days=3)
    promised = {}
    for day in (FRIDAY, monday):
        detail = database.read_now(
            schedule.detail, county.coordinator, name_of(county, day), now=now
        )
        assert detail.values is not None
        promised[day] = detail.values["number"]
    for day in (THURSDAY, FRIDAY, monday):
        a_day(database, day)
    got = lessons_of(database, county.learners[0].person_id)
    assert [code.lstrip("0") for code in got[-2:]] == [promised[FRIDAY], promised[monday]]
    assert got == (["001", "002", "003"] if received else ["001", "002"])


def test_where_each_goes_at_her_own_pace_no_one_lesson_is_shown(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Each member gets her own next lesson, so there is none to show for all."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, pace=cohorts.OWN)
    detail = database.read_now(
        schedule.detail, county.coordinator, name_of(county, WEDNESDAY), now=start
    )
    assert detail.values is None
    assert not detail.entry.is_together


# --- holding


@pytest.mark.parametrize("pace", [cohorts.TOGETHER, cohorts.OWN])
def test_a_held_date_brings_nothing_and_its_lesson_comes_next(
    database: Database, tmp_path: Path, start: datetime, pace: str
) -> None:
    """Held ahead of its midnight: no row is owed, and the next working day brings the lesson."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, pace=pace)
    held = change(database, county, rearranging.hold, THURSDAY, start)
    assert held.entry.is_held
    a_day(database, WEDNESDAY)
    assert plan(database, at(THURSDAY, 0, 1)) == 0
    a_day(database, FRIDAY)
    assert lessons_of(database, county.learners[0].person_id) == ["001", "002"]


@pytest.mark.parametrize("pace", [cohorts.TOGETHER, cohorts.OWN])
def test_holding_a_planned_day_takes_its_rows_off_the_way_and_undo_puts_them_back(
    database: Database, tmp_path: Path, start: datetime, pace: str
) -> None:
    """Rows waiting become skipped with the reason held; 照常发 lets them go at their hour."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, pace=pace)
    plan(database, at(WEDNESDAY, 0, 1))
    change(database, county, rearranging.hold, WEDNESDAY, at(WEDNESDAY, 9))
    assert set(waiting(database).values()) == {("skipped", "10:00", "held")}
    back = change(
        database, county, rearranging.as_usual, WEDNESDAY, at(WEDNESDAY, 9, 30), seen="held"
    )
    assert back.entry.mark == USUAL
    assert set(waiting(database).values()) == {("waiting", "10:00", None)}
    assert len(send(database, at(WEDNESDAY))) == 3


def test_undoing_a_hold_after_midnight_plans_the_day_now(
    database: Database, county: County, start: datetime
) -> None:
    """The planner passed the held day at midnight; letting it go owes everyone her row."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    assert plan(database, at(WEDNESDAY, 0, 1)) == 0
    change(database, county, rearranging.as_usual, WEDNESDAY, at(WEDNESDAY, 9), seen="held")
    assert len(send(database, at(WEDNESDAY))) == 3
    a_day(database, THURSDAY)
    assert lessons_of(database, county.learners[0].person_id) == ["001", "002"]


def test_undoing_a_hold_before_midnight_leaves_the_day_to_the_planner(
    database: Database, county: County, start: datetime
) -> None:
    """Held and let go on the evening before: the day is planned whole, once."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    change(database, county, rearranging.as_usual, WEDNESDAY, start, seen="held")
    assert waiting(database) == {}
    assert plan(database, at(WEDNESDAY, 0, 1)) == 3
    assert plan(database, at(WEDNESDAY, 0, 2)) == 0


def test_nothing_is_held_that_somebody_has_already(database: Database, county: County) -> None:
    """One learner received at an hour of her own: the others get theirs too."""
    own_hour(database, county.learners[0].person_id, time(9, 0))
    plan(database, at(WEDNESDAY, 0, 1))
    send(database, at(WEDNESDAY, 9))
    with pytest.raises(OccasionBegun):
        change(database, county, rearranging.hold, WEDNESDAY, at(WEDNESDAY, 9, 30))
    assert len(send(database, at(WEDNESDAY))) == 2


def test_today_says_that_a_held_day_brings_none_and_when_the_next_comes(
    database: Database, county: County, start: datetime
) -> None:
    """Asking for a held day's lesson does not fetch it, before its hour or after."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    change(database, county, rearranging.hold, THURSDAY, start)
    plan(database, at(WEDNESDAY, 0, 1))
    for hour in (8, 11):
        found = database.write_now(todays_lesson.today, county.learners[0], now=at(WEDNESDAY, hour))
        assert (found.state, found.at) == ("none_today", at(FRIDAY))
    assert waiting(database) == {}


def test_a_newcomer_on_a_held_day_is_told_of_the_next(
    database: Database, county: County, start: datetime
) -> None:
    """Her week begins with the first day that is not held."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    late = database.write_now(join, county, chat_id=300, name="新人", now=start)
    found = database.write_now(todays_lesson.next_for, late, now=at(WEDNESDAY, 8))
    assert found.at == at(THURSDAY)


# --- moving


def test_a_moved_date_goes_out_at_its_new_hour_and_keeps_its_name(
    database: Database, county: County, start: datetime
) -> None:
    """Moved ahead of midnight: everybody, and the group, is due at the new hour."""
    add_group(database, county, start)
    change(database, county, rearranging.move, WEDNESDAY, start, hour=time(15, 0))
    assert plan(database, at(WEDNESDAY, 0, 1)) == 4
    assert send(database, at(WEDNESDAY, 14, 59)) == []
    sent = send(database, at(WEDNESDAY, 15))
    assert {row.occasion for row in sent} == {name_of(county, WEDNESDAY)}
    assert len(sent) == 4


def test_an_own_hour_stands_unless_it_is_earlier_than_the_move(
    database: Database, county: County, start: datetime
) -> None:
    """Nobody gets it before the coordinator wants it out, nobody earlier than she asked for."""
    first, second, third = (learner.person_id for learner in county.learners)
    own_hour(database, first, time(9, 30))
    own_hour(database, second, time(18, 0))
    hours = {first: "15:00", second: "18:00", third: "15:00"}
    change(database, county, rearranging.move, WEDNESDAY, start, hour=time(15, 0))
    plan(database, at(WEDNESDAY, 0, 1))
    assert {who: hour for who, (_, hour, _) in waiting(database).items()} == hours
    # The same when the day was planned before it was moved.
    plan(database, at(THURSDAY, 0, 1))
    change(database, county, rearranging.move, THURSDAY, at(THURSDAY, 8), hour=time(15, 0))
    assert {who: hour for who, (_, hour, _) in waiting(database).items()} == hours
    change(database, county, rearranging.as_usual, THURSDAY, at(THURSDAY, 9), seen="1500")
    assert {who: hour for who, (_, hour, _) in waiting(database).items()} == {
        first: "09:30",
        second: "18:00",
        third: "10:00",
    }


def test_moving_a_planned_day_changes_only_what_still_waits(
    database: Database, county: County
) -> None:
    """Who received at an hour of her own keeps that; the others get the new hour."""
    own_hour(database, county.learners[0].person_id, time(9, 0))
    plan(database, at(WEDNESDAY, 0, 1))
    send(database, at(WEDNESDAY, 9))
    change(database, county, rearranging.move, WEDNESDAY, at(WEDNESDAY, 9, 30), hour=time(12, 0))
    statuses = [status for status, _, _ in waiting(database).values()]
    assert statuses == ["sent", "waiting", "waiting"]
    assert send(database, at(WEDNESDAY, 10)) == []
    assert len(send(database, at(WEDNESDAY, 12))) == 2


def test_a_held_date_can_be_let_go_at_another_hour(
    database: Database, county: County, start: datetime
) -> None:
    """改时间 on a held date sends it at the hour chosen."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    plan(database, at(WEDNESDAY, 0, 1))
    moved = change(
        database, county, rearranging.move, WEDNESDAY, at(WEDNESDAY, 8), seen="held", hour=time(12)
    )
    assert (moved.entry.mark, moved.entry.is_held) == ("1200", False)
    assert len(send(database, at(WEDNESDAY, 12))) == 3


@pytest.mark.parametrize("hour", [time(21, 30), time(3, 0), time(8, 59), time(9, 15)])
def test_no_hour_that_passed_or_lies_in_quiet_hours_is_taken(
    database: Database, county: County, hour: time
) -> None:
    """A move into the night or the past is refused and changes nothing."""
    plan(database, at(WEDNESDAY, 0, 1))
    with pytest.raises(HourNotPossible):
        change(database, county, rearranging.move, WEDNESDAY, at(WEDNESDAY, 9, 30), hour=hour)
    assert {hour for _, hour, _ in waiting(database).values()} == {"10:00"}


def test_the_hours_offered_are_ahead_outside_quiet_hours_and_not_the_present_one(
    database: Database, county: County
) -> None:
    """At noon of the day only later hours remain; none is the one it has."""
    moved = change(
        database, county, rearranging.move, THURSDAY, at(WEDNESDAY, 12), hour=time(15, 0)
    )
    assert moved.hours == ("09:00", "12:00", "18:00", "20:00")
    later = database.read_now(
        schedule.detail, county.coordinator, name_of(county, THURSDAY), now=at(THURSDAY, 12, 30)
    )
    assert later.hours == ("18:00", "20:00")


def test_today_tells_the_moved_hour(database: Database, county: County, start: datetime) -> None:
    """今天 on a moved morning says when it comes, planned or asked for by a newcomer."""
    change(database, county, rearranging.move, WEDNESDAY, start, hour=time(15, 0))
    plan(database, at(WEDNESDAY, 0, 1))
    late = database.write_now(join, county, chat_id=300, name="新人", now=at(WEDNESDAY, 11))
    for learner in (county.learners[0], late):
        found = database.write_now(todays_lesson.today, learner, now=at(WEDNESDAY, 11))
        assert (found.state, found.at) == ("coming", at(WEDNESDAY, 15))
    assert len(send(database, at(WEDNESDAY, 15))) == 4


# --- only the future, only hers, one at a time


def test_only_what_lies_ahead_is_changed(database: Database, county: County) -> None:
    """From its hour on, a date is neither held nor moved nor shown as coming."""
    plan(database, at(WEDNESDAY, 0, 1))
    for act, more in (
        (rearranging.hold, {}),
        (rearranging.move, {"hour": time(15, 0)}),
        (rearranging.as_usual, {}),
    ):
        with pytest.raises(OccasionPassed):
            change(database, county, act, WEDNESDAY, at(WEDNESDAY, 10), **more)
    lines = database.read_now(schedule.coming, county.coordinator, now=at(WEDNESDAY, 10))
    assert WEDNESDAY not in {line.day for line in lines}


def test_the_second_of_two_coordinators_is_told(
    database: Database, county: County, start: datetime
) -> None:
    """Who saw the date as usual cannot move what another has held meanwhile."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    for act, more in ((rearranging.hold, {}), (rearranging.move, {"hour": time(15, 0)})):
        with pytest.raises(OccasionChanged):
            change(database, county, act, WEDNESDAY, start, **more)


def test_two_at_the_same_moment_do_not_both_change_it(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """The second waits for the first to commit, then sees that the date has changed."""
    database = postgresql_database
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    name = name_of(county, WEDNESDAY)
    with ThreadPoolExecutor(1) as pool:
        with open_session(database.engine) as session:
            rearranging.hold(session, county.coordinator, name, seen=USUAL, now=start)
            second = pool.submit(
                change, database, county, rearranging.move, WEDNESDAY, start, hour=time(15)
            )
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            session.commit()
        with pytest.raises(OccasionChanged):
            second.result(timeout=5)


def test_planning_waits_for_a_hold_under_way_and_keeps_to_it(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """Held in the very moment of midnight: the planner owes nothing, not half of it."""
    database = postgresql_database
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    midnight = at(WEDNESDAY, 0, 1)
    with ThreadPoolExecutor(1) as pool:
        with open_session(database.engine) as session:
            rearranging.hold(
                session, county.coordinator, name_of(county, WEDNESDAY), seen=USUAL, now=midnight
            )
            planning = pool.submit(plan, database, midnight)
            with pytest.raises(TimeoutError):
                planning.result(timeout=0.3)
            session.commit()
        assert planning.result(timeout=5) == 0


def test_only_a_coordinator_of_the_unit_sees_or_changes_the_schedule(
    database: Database, county: County, start: datetime
) -> None:
    """A learner, and a coordinator of a unit beside, find nothing there."""
    beside = database.write_now(
        join,
        county,
        chat_id=901,
        name="别处的协调员",
        role=COORDINATOR,
        unit=county.other_station,
        now=start,
    )
    assert database.read_now(schedule.coming, beside, now=start) == []
    with pytest.raises(NotThere):
        database.read_now(schedule.coming, county.learners[0], now=start)
    for speaker in (beside, county.learners[0]):
        for act in (rearranging.hold, rearranging.as_usual):
            with pytest.raises(NotThere):
                database.write_now(act, speaker, name_of(county, WEDNESDAY), seen=USUAL, now=start)


@pytest.mark.parametrize(
    "forged", ["", "x", "1", "1:", "999:2026-11-25", "1:2026-11-28", "1:2026-11-24", "1:2026-13-01"]
)
def test_a_date_that_is_none_is_not_there(
    database: Database, county: County, start: datetime, forged: str
) -> None:
    """Forged names, days off and days before the cohort began change nothing."""
    with pytest.raises(NotThere):
        database.write_now(rearranging.hold, county.coordinator, forged, seen=USUAL, now=start)
    assert database.read_now(lambda session: session.exec(select(Occasion)).all()) == []


def test_a_date_past_the_two_weeks_is_not_there(
    database: Database, county: County, start: datetime
) -> None:
    """Only what the schedule shows can be changed."""
    with pytest.raises(NotThere):
        change(database, county, rearranging.hold, date(2026, 12, 9), start)


def test_every_change_is_in_the_audit(database: Database, county: County, start: datetime) -> None:
    """Who held, moved or let go which day, with ids and days only."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    change(database, county, rearranging.move, WEDNESDAY, start, seen="held", hour=time(15))
    change(database, county, rearranging.as_usual, WEDNESDAY, start, seen="1500")

    def read(session: Session) -> list[tuple[str, int | None, int | None, str]]:
        rows = session.exec(select(AuditEntry).where(AuditEntry.object_kind == "cohort"))
        return [(r.action, r.actor_id, r.object_id, r.facts.get("day", "")) for r in rows]

    who = county.coordinator.person_id if county.coordinator else 0
    assert database.read_now(read)[1:] == [
        (action, who, county.cohort.id, "2026-11-25")
        for action in ("hold_occasion", "move_occasion", "occasion_as_usual")
    ]


# --- downtime


@pytest.mark.parametrize("late", ["send", "merge", "skip"])
def test_downtime_keeps_a_held_day_held_and_the_late_policy_for_the_rest(
    database: Database, tmp_path: Path, start: datetime, late: str
) -> None:
    """Down from Tuesday evening to Friday noon, Thursday held: it stays held, nothing is lost."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, late=late)
    change(database, county, rearranging.hold, THURSDAY, start)
    plan(database, at(FRIDAY, 12))
    send(database, at(FRIDAY, 12))
    states = database.read_now(
        lambda session: {row.local_date: row.state for row in session.exec(select(Occasion))}
    )
    missed = {"send": "planned", "merge": "merged", "skip": "skipped"}[late]
    assert states == {WEDNESDAY: missed, THURSDAY: "held", FRIDAY: "planned"}
    got = lessons_of(database, county.learners[0].person_id)
    assert got == (["001", "002"] if late == "send" else ["001"])


def test_downtime_past_the_usual_hour_does_not_skip_a_day_moved_later(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Late is counted from the hour it was moved to, and a missed move is settled by name."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, late="skip")
    change(database, county, rearranging.move, WEDNESDAY, start, hour=time(19, 0))
    change(database, county, rearranging.move, THURSDAY, start, hour=time(15, 0))
    # Ten hours after the usual hour it would be over; after the moved one it is not.
    plan(database, at(WEDNESDAY, 20, 30))
    assert len(send(database, at(WEDNESDAY, 20, 31))) == 3
    plan(database, at(FRIDAY, 9, 30))
    states = database.read_now(
        lambda session: {row.local_date: row.state for row in session.exec(select(Occasion))}
    )
    assert states == {WEDNESDAY: "planned", THURSDAY: "skipped", FRIDAY: "planned"}


def test_what_is_ahead_knows_held_and_moved_days(
    database: Database, county: County, start: datetime
) -> None:
    """`wuxue plan` and the rehearsal's clock leave out a held day and show the moved hour."""
    change(database, county, rearranging.hold, WEDNESDAY, start)
    change(database, county, rearranging.move, THURSDAY, start, hour=time(15, 0))
    coming = database.read_now(planner.ahead, bot=BOT, now=start, days=3)
    assert [item.due_at for item in coming] == [at(THURSDAY, 15), at(FRIDAY)]


# --- reading an hour


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14:30", "14:30"),
        ("9", "09:00"),
        ("９：０５", "09:05"),
        ("14点", "14:00"),
        (" 8.15 ", "08:15"),
    ],
)
def test_an_hour_is_read_as_people_type_it(written: str, read: str) -> None:
    """Full-width, with a dot, with 点, with or without minutes."""
    assert f"{read_hour(written):%H:%M}" == read


@given(st.text(max_size=20))
def test_whatever_is_typed_is_an_hour_or_a_kind_refusal(written: str) -> None:
    """Nothing typed breaks it, and what comes out is an hour of the day."""
    try:
        assert isinstance(read_hour(written), time)
    except HourNotUnderstood:
        assert not written.strip().isdecimal() or int(written) > 23 or len(written.strip()) > 2
