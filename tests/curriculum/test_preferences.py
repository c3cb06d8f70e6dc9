"""One's own hour and languages."""

import contextlib
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from curriculum import daily_lesson, preferences, rearranging, schedule
from curriculum.errors import HourNotUnderstood, NotThere
from curriculum.people_errors import HourInQuiet
from curriculum.written_times import read_hour
from scheduler import planner
from storage.deliveries import Delivery
from storage.engine import Database
from tests import county
from tests.county import BOT
from tests.curriculum.test_absences import NOW


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> county.County:
    """A county of two learners before their first lesson."""
    pack = county.write_pack(tmp_path / "pack", 3)
    return database.write_now(county.build, pack, now=NOW, learners=2)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("12:30", time(12, 30)),
        ("１２：３０", time(12, 30)),
        ("9.15", time(9, 15)),
        ("19点", time(19)),
        ("下午3点半", time(15, 30)),
        ("晚上 8点", time(20)),
        ("13", time(13)),
        ("中午12点", time(12)),
    ],
)
def test_the_usual_ways_of_writing_an_hour_are_understood(written: str, hour: time) -> None:
    """With or without a part of the day."""
    assert read_hour(written) == hour


@pytest.mark.parametrize("written", ["", "早", "25:00", "12:75", "三"])
def test_what_is_no_hour_is_refused(written: str) -> None:
    """A guess would bring the lesson at the wrong hour."""
    with pytest.raises(HourNotUnderstood):
        read_hour(written)


@given(st.text(max_size=20))
def test_any_text_is_an_hour_or_refused(written: str) -> None:
    """Nothing typed breaks the reader."""
    with contextlib.suppress(HourNotUnderstood):
        assert isinstance(read_hour(written), time)


def test_a_changed_hour_moves_todays_waiting_lesson_and_the_days_after(
    database: Database, stage: county.County
) -> None:
    """Hers alone; the other one's lesson stays where it was, and undoing brings hers back."""
    one, two = stage.learners

    def play(session: Session) -> None:
        midnight = datetime(2026, 11, 24, 16, 5, tzinfo=UTC)
        planner.plan_due(session, daily_lesson, bot=BOT, now=midnight, real=midnight)
        found = preferences.set_own_hour(session, one, hour=time(12, 30), now=midnight)
        assert (found.own, found.shared) == (time(12, 30), time(10))
        next_day = datetime(2026, 11, 25, 16, 5, tzinfo=UTC)
        planner.plan_due(session, daily_lesson, bot=BOT, now=next_day, real=next_day)
        due = {
            (row.recipient, row.due_at)
            for row in session.exec(select(Delivery).execution_options(populate_existing=True))
        }
        assert due == {
            (person.person_id, datetime(2026, 11, day, hour, minute, tzinfo=UTC))
            for day in (25, 26)
            for person, hour, minute in ((one, 4, 30), (two, 2, 0))
        }
        back = preferences.set_own_hour(session, one, hour=None, now=next_day)
        assert (back.own, back.shared) == (None, time(10))

    database.write_now(play)


def test_an_hour_of_her_own_does_not_bring_a_moved_day_forward(
    database: Database, stage: county.County
) -> None:
    """The coordinator had a reason to wait: until then nobody has it, by whatever hour."""
    coordinator, one = stage.coordinator, stage.learners[0]
    midnight = datetime(2026, 11, 24, 16, 5, tzinfo=UTC)
    name = f"{stage.cohort.id}:2026-11-25"

    def play(session: Session) -> list[datetime]:
        assert coordinator is not None
        planner.plan_due(session, daily_lesson, bot=BOT, now=midnight, real=midnight)
        seen = schedule.detail(session, coordinator, name, now=midnight).entry.mark
        rearranging.move(session, coordinator, name, time(15), seen=seen, now=midnight)
        dues = []
        for hour in (time(12, 30), None, time(18)):
            preferences.set_own_hour(session, one, hour=hour, now=midnight)
            rows = session.exec(
                select(Delivery)
                .where(Delivery.recipient == one.person_id)
                .execution_options(populate_existing=True)
            )
            dues.append(rows.one().due_at)
        return dues

    assert [due.hour for due in database.write_now(play)] == [7, 7, 10]


def test_an_hour_in_the_quiet_hours_is_refused(database: Database, stage: county.County) -> None:
    """21:30 to 9:00 nobody is disturbed, not even by her own wish."""
    for hour in (time(22), time(8, 59), time(21, 30)):
        with pytest.raises(HourInQuiet):
            database.write_now(preferences.set_own_hour, stage.learners[0], hour=hour, now=NOW)


def test_who_learns_nothing_has_no_hour(database: Database, stage: county.County) -> None:
    """A coordinator without a cohort is told so rather than given a setting without effect."""
    assert stage.coordinator is not None
    with pytest.raises(NotThere):
        database.read_now(preferences.own_hour, stage.coordinator)


def test_only_languages_there_are_can_be_chosen(database: Database, stage: county.County) -> None:
    """What a button might be forged into changes nothing."""
    one = stage.learners[0]
    database.write_now(preferences.set_languages, one, language="en", content="both")
    for language, content in (("bo", "zh"), ("zh", "fr"), ("", "")):
        with pytest.raises(NotThere):
            database.write_now(preferences.set_languages, one, language=language, content=content)
    assert database.read_now(preferences.languages, one) == ("en", "both")
