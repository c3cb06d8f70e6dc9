"""Offline trainings: planning, announcing, places and the waiting list, changes told once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    annual_training,
    training_changes,
    training_coverage,
    training_events,
    training_overview,
    training_plans,
    training_search,
    training_seats,
)
from curriculum.errors import ChangedMeanwhile, NothingToUndo, NotThere
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.people import Speaker
from curriculum.training_errors import (
    NobodyInvited,
    TrainingClosed,
    TrainingDates,
    TrainingHeard,
    TrainingInvited,
    TrainingPlaces,
)
from storage.engine import Database
from tests.county import County
from tests.curriculum import events
from tests.curriculum.events import county_of, mark_sent
from tests.curriculum.trainings import announced, coordinator, draft

MINUTE = timedelta(minutes=1)


def owed(database: Database, kind: str) -> list[tuple[int, str, str]]:
    """(person, occasion, status) of every delivery of a kind."""

    def rows(session: Session) -> list[Any]:
        statement = (
            "SELECT person_id, occasion, status FROM delivery WHERE kind = :kind ORDER BY id"
        )
        return [tuple(r) for r in session.connection().execute(text(statement), {"kind": kind})]

    return database.read_now(rows)


def verdicts(database: Database, kind: str, *, now: datetime) -> dict[int, Verdict]:
    """What each waiting delivery of a kind would say now, by person."""
    notices = (annual_training, *annual_training.NOTICES)
    return events.verdicts(database, notices, kind, now=now)


def seats(database: Database, county: County, event_id: int, now: datetime) -> list[str | None]:
    """How each learner stands."""
    return [
        database.read_now(training_events.read, learner, event_id, now=now).seat
        for learner in county.learners
    ]


def test_a_draft_is_seen_by_nobody_else_and_announced_only_after_a_look(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Announcing says to how many, waits a minute, and can be taken back unheard in that minute."""
    county = county_of(database, tmp_path, start)
    chief, learner = coordinator(county), county.learners[0]
    event_id = database.write_now(draft, county, now=start).event_id
    with pytest.raises(NotThere):
        database.read_now(training_events.read, learner, event_id, now=start)
    with pytest.raises(NotThere):
        database.write_now(training_plans.publish, learner, event_id, seen=1, now=start)
    found = database.write_now(training_plans.preview, chief, event_id, now=start)
    assert found.people == 3
    mark = found.event.version
    out = database.write_now(training_plans.publish, chief, event_id, seen=mark, now=start)
    assert (out.state, out.can_take_back) == ("published", True)
    with pytest.raises(ChangedMeanwhile):
        database.write_now(training_plans.publish, chief, event_id, seen=mark, now=start)
    assert len(owed(database, "annual_training")) == 3
    assert all(
        isinstance(v, Facts) for v in verdicts(database, "annual_training", now=start).values()
    )
    database.write_now(training_plans.take_back, chief, event_id, now=start + MINUTE / 2)
    gone = verdicts(database, "annual_training", now=start + MINUTE)
    assert all(isinstance(v, NotWanted) for v in gone.values())
    again = database.read_now(training_events.read, chief, event_id, now=start)
    database.write_now(
        training_plans.publish, chief, event_id, seen=again.version, now=start + MINUTE
    )
    assert len(owed(database, "annual_training")) == 6
    with pytest.raises(TrainingHeard):
        database.write_now(training_plans.take_back, chief, event_id, now=start + 3 * MINUTE)


def test_dates_follow_one_another(database: Database, tmp_path: Path, start: datetime) -> None:
    """Registration ends on a day from today on, before the first day."""
    county = county_of(database, tmp_path, start)
    for deadline in (date(2026, 12, 21), date(2026, 11, 23)):
        with pytest.raises(TrainingDates):
            database.write_now(draft, county, now=start, deadline=deadline)


def test_whom_it_is_for_is_read_from_names(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Units, cohorts and roles within reach, by name; what is none of these is named."""
    county = county_of(database, tmp_path, start)
    chief, top = coordinator(county), county.top.id or 0

    def read(written: str) -> Any:
        return database.read_now(training_plans.read_invited, chief, top, written, now=start)

    assert read("八一镇社工站、一期，督导者") == {
        "units": [county.station.id],
        "cohorts": [county.cohort.id],
        "roles": ["supervisor"],
    }
    assert read("社工 ; 协调员") == {
        "units": [top],
        "cohorts": [],
        "roles": ["learner", "coordinator"],
    }
    for written in ("", "别处的站"):
        with pytest.raises(TrainingInvited):
            read(written)


def test_places_go_in_the_order_of_asking_and_the_list_moves_up_by_itself(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Who is moved up is told at once; who cannot come says why with one of four reasons."""
    county = county_of(database, tmp_path, start)
    event_id = database.write_now(announced, county, now=start).event_id
    first, second, third = county.learners
    for learner in (first, second, third, third):
        found = database.write_now(training_seats.register, learner, event_id, now=start)
    assert (found.seat, found.ahead, found.free) == ("waiting", 1, 0)
    # Who has answered is not invited any more.
    gone = verdicts(database, "annual_training", now=start + MINUTE)
    assert all(isinstance(v, NotWanted) for v in gone.values())
    found = database.write_now(
        training_seats.decline, first, event_id, reason="field_visit", now=start
    )
    assert (found.seat, found.seat_reason) == ("declined", "field_visit")
    assert seats(database, county, event_id, start) == ["declined", "registered", "registered"]
    (told,) = verdicts(database, "training_seat", now=start).items()
    assert told[0] == third.person_id
    assert isinstance(told[1], Facts)
    assert told[1].values["what"] == "moved_up"
    with pytest.raises(NotThere):
        database.write_now(training_seats.decline, second, event_id, reason="forged", now=start)
    late = datetime.fromisoformat("2026-12-15T02:00:00+00:00")
    with pytest.raises(TrainingClosed):
        database.write_now(training_seats.register, first, event_id, now=late)
    # After the deadline a place that gets free still goes on.
    database.write_now(
        training_changes.change,
        coordinator(county),
        event_id,
        "places",
        "3",
        seen=found.version,
        now=late,
    )
    assert seats(database, county, event_id, late) == ["declined", "registered", "registered"]


def test_two_who_press_at_once_never_share_the_last_place(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Eight at once for three places: three come, five wait, each with a number of her own."""
    county = county_of(database, tmp_path, start, learners=8)
    event_id = database.write_now(announced, county, now=start, places=3).event_id

    def press(learner: Speaker) -> None:
        database.write_now(training_seats.register, learner, event_id, now=start)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, county.learners))
    found = seats(database, county, event_id, start)
    assert (found.count("registered"), found.count("waiting")) == (3, 5)

    def leave(learner: Speaker) -> None:
        database.write_now(
            training_seats.decline, learner, event_id, reason="unsaid", now=start + MINUTE
        )

    going = [one for one, seat in zip(county.learners, found, strict=True) if seat == "registered"]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(leave, going))
    after = seats(database, county, event_id, start)
    assert (after.count("registered"), after.count("waiting")) == (3, 2)
    assert len(owed(database, "training_seat")) == 3


def test_a_change_is_told_once_and_says_all_that_changed(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Two changes before anybody heard are one word; what is back where it was is none."""
    county = county_of(database, tmp_path, start)
    chief = coordinator(county)
    found = database.write_now(announced, county, now=start)
    mark_sent(database, "annual_training")
    database.write_now(training_seats.register, county.learners[0], found.event_id, now=start)
    database.write_now(
        training_seats.decline, county.learners[1], found.event_id, reason="unsaid", now=start
    )

    def change(field: str, value: str, minutes: int = 0) -> Any:
        now = start + minutes * MINUTE
        seen = database.read_now(training_events.read, chief, found.event_id, now=now).version
        return database.write_now(
            training_changes.change, chief, found.event_id, field, value, seen=seen, now=now
        )

    change("place", "八一镇会议室")
    changed = change("first_day", "2026-12-23")
    assert changed.deadline == date(2026, 12, 14)
    assert changed.moves == 2
    said = verdicts(database, "training_changed", now=start + MINUTE)
    heard = {person for person, v in said.items() if isinstance(v, Facts)}
    # One comes, one said nothing yet; who declined is left in peace.
    asked = {learner.person_id for learner in (county.learners[0], county.learners[2])}
    assert heard == asked
    last = next(v for v in said.values() if isinstance(v, Facts))
    assert [field for field, _, _ in last.values["changes"]] == ["when", "place"]
    with pytest.raises(ChangedMeanwhile):
        database.write_now(
            training_changes.change, chief, found.event_id, "place", "别处", seen=1, now=start
        )
    # Before anybody heard, going back leaves only the other change to be told.
    undone = database.write_now(training_changes.undo, chief, found.event_id, now=start + MINUTE)
    assert undone.starts_at == found.starts_at
    said = verdicts(database, "training_changed", now=start + MINUTE)
    fields = {
        tuple(f for f, _, _ in v.values["changes"]) for v in said.values() if isinstance(v, Facts)
    }
    assert fields == {("place",)}
    with pytest.raises(NothingToUndo):
        database.write_now(training_changes.undo, chief, found.event_id, now=start + MINUTE)


def test_a_cancelling_is_told_with_its_reason_and_can_be_undone_for_ten_minutes(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Whoever heard that it is off hears that it is on again; who registered keeps the place."""
    county = county_of(database, tmp_path, start)
    chief = coordinator(county)
    found = database.write_now(announced, county, now=start)
    mark_sent(database, "annual_training")
    database.write_now(training_seats.register, county.learners[0], found.event_id, now=start)
    off = database.write_now(
        training_changes.cancel,
        chief,
        found.event_id,
        reason="大雪封路",
        seen=found.version,
        now=start,
    )
    assert (off.state, off.reason, off.can_undo) == ("cancelled", "大雪封路", True)
    mark_sent(database, "training_changed")
    on = database.write_now(training_changes.undo, chief, found.event_id, now=start + 5 * MINUTE)
    assert (on.state, on.taken) == ("published", 1)
    said = verdicts(database, "training_changed", now=start + 6 * MINUTE)
    assert len(said) == 3
    assert {v.values["changes"] for v in said.values() if isinstance(v, Facts)} == {
        (("state", "cancelled", "published"),)
    }


def test_places_are_never_fewer_than_who_comes(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """More places move the waiting list up at once."""
    county = county_of(database, tmp_path, start)
    chief = coordinator(county)
    found = database.write_now(announced, county, now=start)
    for learner in county.learners:
        database.write_now(training_seats.register, learner, found.event_id, now=start)

    def places(count: str) -> Any:
        seen = database.read_now(training_events.read, chief, found.event_id, now=start).version
        return database.write_now(
            training_changes.change, chief, found.event_id, "places", count, seen=seen, now=start
        )

    with pytest.raises(TrainingPlaces):
        places("1")
    assert places("3").taken == 3
    assert owed(database, "training_changed") == []


def test_reminders_come_to_who_comes_each_once(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Seven days and one day before, and on the morning; what was past when announced is not."""
    county = county_of(database, tmp_path, start)
    bot = coordinator(county).bot
    found = database.write_now(announced, county, now=start)
    database.write_now(training_seats.register, county.learners[1], found.event_id, now=start)

    def tick(moment: str) -> int:
        now = datetime.fromisoformat(moment)
        return database.write_now(annual_training.owe_ahead, bot=bot, now=now)

    assert tick("2026-11-24T14:05:00+00:00") == 0
    assert tick("2026-12-14T00:30:00+00:00") == 0
    # The first learner gives a half day, so she is reminded too.
    assert tick("2026-12-14T01:00:00+00:00") == 2
    assert tick("2026-12-14T01:01:00+00:00") == 0
    assert tick("2026-12-20T02:00:00+00:00") == 2
    # A bot that was down over the morning says nothing when it is over.
    assert tick("2026-12-21T00:00:00+00:00") == 2
    assert [occasion.split(":")[2] for _, occasion, _ in owed(database, "training_ahead")] == [
        *("7", "7", "1", "1", "0", "0")
    ]
    line = annual_training.ahead_line
    said = verdicts(
        database, "training_ahead", now=datetime.fromisoformat("2026-12-20T02:00:00+00:00")
    )
    assert all(isinstance(v, Facts) and line(v) for v in said.values())


def test_who_rests_from_learning_is_invited_all_the_same(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A pause stops lessons, not trainings (EXPERIENCE section 5)."""
    county = county_of(database, tmp_path, start)
    person = county.learners[0].person_id
    database.write_now(
        lambda session: (
            session.connection().execute(
                text(
                    "INSERT INTO absence (person_id, since, set_at) VALUES"
                    " (:person, '2026-11-20', '2026-11-20 00:00:00+00:00')"
                ),
                {"person": person},
            )
            and None
        )
    )
    database.write_now(announced, county, now=start)
    said = verdicts(database, "annual_training", now=start + MINUTE)
    assert isinstance(said[person], Facts)


def test_coverage_counts_small_units_together_or_not_at_all(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Units under five people are shown only rolled up (EXPERIENCE section 9)."""
    county = county_of(database, tmp_path, start, learners=3)
    chief = coordinator(county)
    event_id = database.write_now(announced, county, now=start).event_id
    found = database.read_now(training_coverage.coverage, chief, event_id, now=start)
    assert (found.lines, found.hidden, found.units, found.covered) == ((), True, 1, 0)
    with pytest.raises(NotThere):
        database.read_now(training_coverage.coverage, county.learners[0], event_id, now=start)


def test_a_coordinator_puts_people_on_the_list_and_takes_them_off(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Both are told to the person; the list says who comes, who waits, who cannot."""
    county = county_of(database, tmp_path, start)
    chief, (first, second, third) = coordinator(county), county.learners
    event_id = database.write_now(announced, county, now=start).event_id
    states = [
        database.write_now(training_seats.add_person, chief, event_id, one.person_id, now=start)
        for one in (first, second, third, third)
    ]
    assert states == ["registered", "registered", "waiting", "waiting"]
    database.write_now(training_seats.take_off, chief, event_id, first.person_id, now=start)
    page = database.read_now(training_seats.listed, chief, event_id, "registered", now=start)
    assert [one.name for one in page.lines] == ["学员2", "学员3"]
    assert page.counts == (2, 0, 1)
    what = {
        v.values["what"]
        for v in verdicts(database, "training_seat", now=start).values()
        if isinstance(v, Facts)
    }
    assert what == {"added", "taken_off", "moved_up"}
    with pytest.raises(NotThere):
        database.write_now(training_seats.add_person, second, event_id, first.person_id, now=start)


def test_whoever_is_invited_later_is_counted_first_and_then_told(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """More people are a message to many too: their number is shown before the change is made."""
    county = county_of(database, tmp_path, start)
    chief, now = coordinator(county), start + 2 * MINUTE
    station = {"units": [county.other_station.id], "cohorts": [], "roles": ["coordinator"]}
    with pytest.raises(NobodyInvited):
        database.write_now(announced, county, now=start, invited=station)
    found = database.write_now(announced, county, now=start)
    mark_sent(database, "annual_training")
    written = "林芝市、社工、协调员"
    proposed = database.read_now(
        training_changes.propose, chief, found.event_id, "invited", written, now=now
    )
    assert proposed.told == 1
    database.write_now(
        training_changes.change,
        chief,
        found.event_id,
        "invited",
        written,
        seen=found.version,
        now=now,
    )
    assert database.write_now(annual_training.owe_ahead, bot=chief.bot, now=now) == 1
    assert owed(database, "annual_training")[-1][0] == chief.person_id
    assert owed(database, "training_changed") == []


def test_every_list_is_searched_by_name_number_or_station(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Those who come, a half day's roll, trainings and units; nobody else looks in them."""
    county = county_of(database, tmp_path, start, learners=9)
    chief, learner = coordinator(county), county.learners[1]
    event = database.write_now(announced, county, now=start, places=8)
    for one in county.learners:
        database.write_now(training_seats.register, one, event.event_id, now=start)

    def look(act: Any, object_id: int, words: str, page: int = 0, now: datetime = start) -> Any:
        return database.read_now(act, chief, object_id, words, page=page, now=now)

    found = look(training_search.on_lists, event.event_id, "学员9")
    assert [(one.name, one.note) for one in found.lines] == [("学员9", "waiting")]
    everybody = look(training_search.on_lists, event.event_id, "学员", 1)
    assert (everybody.count, everybody.pages, len(everybody.lines)) == (9, 2, 3)
    assert look(training_search.on_lists, event.event_id, "谁也不是").count == 0
    assert look(training_search.on_lists, event.event_id, " ").count == 0
    with pytest.raises(NotThere):
        database.read_now(
            training_search.on_lists, learner, event.event_id, "学员", page=0, now=start
        )
    period = event.periods[0]
    on_roll = look(training_search.on_roll, period.period_id, "学员8", now=period.starts_at)
    # Pressed, she is ticked on the page of the whole list where she stands.
    assert [(one.name, one.at_page, one.note) for one in on_roll.lines] == [("学员8", 1, "none")]
    with pytest.raises(NotThere):
        database.read_now(
            training_search.on_roll,
            learner,
            period.period_id,
            "学员",
            page=0,
            now=period.starts_at,
        )
    for words, count in (("社工 实务", 1), ("民政局", 1), ("别的", 0)):
        page = database.read_now(training_overview.listed, chief, words=words, now=start)
        assert len(page.lines) == count
    for words, count in (("鲁朗", 0), ("八一", 1), ("", 1)):
        covered = database.read_now(
            training_coverage.coverage, chief, event.event_id, words=words, now=start
        )
        assert len(covered.lines) == count
