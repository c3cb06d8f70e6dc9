"""The weekly series: its dates, its changes, and whose turn it is to facilitate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    absences_of_others,
    attendance,
    days_off,
    facilitator_swaps,
    facilitators,
    weekly_changes,
    weekly_series,
    weekly_study,
)
from curriculum.errors import NotThere
from curriculum.facilitator_swaps import SWAP
from curriculum.facts import Facts
from curriculum.gathering_errors import OccasionChanged, OccasionPassed
from curriculum.gathering_words import AHEAD, ASK, CARD, CHANGED, FALLBACK, KIT, NUDGE
from curriculum.holiday_notices import read_notice
from curriculum.occasions import Beat
from curriculum.people import Speaker
from curriculum.rhythm import WorkingCalendar
from curriculum.weekly_calendar import follow_calendar
from curriculum.weekly_study import LEAVE_OUT, Series
from scheduler import chores, planner
from storage.deliveries import SENT, SKIPPED, Delivery
from storage.engine import Database
from storage.gatherings import CANCELLED, PLANNED, Gathering
from storage.gatherings import SKIPPED as MISSED
from tests.county import BOT
from tests.curriculum.centre import Centre, found
from tests.curriculum.outbox import Outbox

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
GOLDEN_WEEK = {date(2026, 10, day): (False, "国庆节") for day in range(1, 8)}


def _dates(weekday: str, on_holidays: str, since: date, until: date) -> list[date]:
    series = Series(weekday=weekday, on_holidays=on_holidays)
    beat = Beat(
        cohort_id=1,
        bot=BOT,
        unit_path="/1/",
        pace="together",
        pack_id=1,
        zone="Asia/Shanghai",
        quiet_from=time(21, 30),
        quiet_to=time(9, 0),
        time_of_day=series.at,
        late="merge",
        skip_after_hours=10,
        calendar=WorkingCalendar(frozenset({1, 2, 3, 4, 5}), GOLDEN_WEEK),
        settings=series.settings,
    )
    return weekly_study.dates(beat, since, until)


def test_a_session_on_a_day_off_moves_within_its_week_or_is_left_out() -> None:
    """The nearest working day of the same week, earlier ones first; none where none is worked."""
    week = date(2026, 9, 28), date(2026, 10, 11)
    assert _dates("friday", "move", *week) == [date(2026, 9, 30), date(2026, 10, 9)]
    assert _dates("wednesday", "move", *week) == [date(2026, 9, 30), date(2026, 10, 8)]
    assert _dates("friday", LEAVE_OUT, *week) == [date(2026, 10, 9)]
    assert _dates("friday", "move", date(2026, 10, 1), date(2026, 10, 4)) == []


def test_an_agenda_fits_the_minutes_there_are() -> None:
    """Its parts add up to the session, whatever its length."""
    for minutes in (30, 45, 60, 90):
        agenda = weekly_study.agenda_of(Series(minutes=minutes))
        assert sum(part for _, part in agenda) == minutes
        assert len(agenda) == 4


class Weekly:
    """A centre whose coordinator begins the series on Tuesday."""

    def __init__(self, database: Database, centre: Centre) -> None:
        self.database, self.centre = database, centre
        self.cohort = centre.county.cohort.id or 0
        self.outbox = Outbox(database)
        self.set(Series(), now=TUESDAY)

    def set(self, series: Series, *, now: datetime, **facts: Any) -> int:
        seen = self.overview(now).mark
        return self.database.write_now(
            weekly_changes.set_series,
            self.centre.coordinator,
            self.cohort,
            series,
            **{"seen": seen, "now": now} | facts,
        )

    def overview(self, now: datetime = TUESDAY) -> weekly_series.Overview:
        return self.database.read_now(
            weekly_series.overview, self.centre.coordinator, self.cohort, now=now
        )

    def do(self, act: Callable[..., Any], speaker: Speaker, *args: Any, now: datetime) -> Any:
        return self.database.write_now(act, speaker, *args, now=now)

    def pass_by(self, now: datetime) -> None:
        """What the ticker does at a moment."""
        plan = planner.plan_due
        self.database.write_now(plan, weekly_study, bot=BOT, now=now, real=now)
        self.database.write_now(chores.do, chores.GATHERINGS, bot=BOT, now=now)
        self.outbox.send(now)

    def sessions(self) -> list[Gathering]:
        def read(session: Session) -> list[Gathering]:
            return list(session.exec(select(Gathering).order_by(col(Gathering.local_date))))

        return self.database.read_now(read)

    def told(self, kind: str, status: str = SENT) -> list[int | None]:
        """Who got this kind of message, in order."""

        def read(session: Session) -> list[int | None]:
            return list(
                session.exec(
                    select(Delivery.person_id)
                    .where(Delivery.kind == kind, Delivery.status == status)
                    .order_by(col(Delivery.id))
                )
            )

        return self.database.read_now(read)


@pytest.fixture
def weekly(database: Database, tmp_path: Path) -> Weekly:
    """Three learners and a series on Fridays at three."""
    return Weekly(database, database.write_now(found, tmp_path, now=TUESDAY))


def test_three_weeks_lie_ahead_and_each_week_is_planned_once(weekly: Weekly) -> None:
    """However often the planner looks, and after weeks of silence nothing is sent late."""
    first = [date(2026, 11, 27), date(2026, 12, 4), date(2026, 12, 11)]
    assert [one.local_date for one in weekly.sessions()] == first
    for hours in (0, 1, 24):
        weekly.pass_by(TUESDAY + hours * HOUR)
    assert len(weekly.sessions()) == 3
    weekly.pass_by(TUESDAY + 5 * WEEK)
    later = weekly.sessions()
    assert {one.local_date.isoformat(): one.state for one in later[3:]} == {
        "2026-12-18": MISSED,
        "2026-12-25": MISSED,
        "2027-01-01": PLANNED,
        "2027-01-08": PLANNED,
        "2027-01-15": PLANNED,
    }
    assert weekly.told(CARD) == weekly.told(AHEAD) == []


def test_a_change_of_the_series_is_followed_and_told_once(weekly: Weekly) -> None:
    """All sessions ahead follow but the one that was moved by itself; each hears one word."""
    own = weekly.sessions()[1]
    weekly.database.write_now(
        weekly_changes.move,
        weekly.centre.coordinator,
        own.id or 0,
        day=date(2026, 12, 2),
        at="10:00",
        is_whole=False,
        reason="weather",
        seen=own.version,
        now=TUESDAY,
    )
    weekly.pass_by(TUESDAY + HOUR)
    assert len(weekly.told(CHANGED)) == 3
    changed = replace(Series(), weekday="thursday", at=time(16, 0), minutes=45)
    assert weekly.set(changed, now=TUESDAY + 2 * HOUR) == 2
    starts = [one.starts_at.isoformat()[:16] for one in weekly.sessions()]
    assert starts == ["2026-11-26T08:00", "2026-12-02T02:00", "2026-12-10T08:00"]
    ahead = weekly.database.read_now(planner.ahead, bot=BOT, now=TUESDAY, days=24)
    mine = [one.due_at.isoformat()[:16] for one in ahead if one.kind == "weekly_study"]
    assert mine == [*starts, "2026-12-17T08:00"]
    weekly.pass_by(TUESDAY + 3 * HOUR)
    assert len(weekly.told(CHANGED)) == 6
    weekly.pass_by(TUESDAY + WEEK)
    assert [one.local_date for one in weekly.sessions()][-1] == date(2026, 12, 17)


def test_the_word_of_a_change_goes_out_though_the_turn_is_taken_on_meanwhile(
    weekly: Weekly,
) -> None:
    """Whose turn it is is another matter than when and where the session is."""
    first, leader = weekly.sessions()[0], weekly.centre.county.learners[0]
    weekly.database.write_now(
        weekly_changes.move,
        weekly.centre.coordinator,
        first.id or 0,
        day=date(2026, 11, 27),
        at="16:00",
        is_whole=False,
        reason="weather",
        seen=first.version,
        now=TUESDAY,
    )
    weekly.do(facilitators.confirm, leader, first.id or 0, now=TUESDAY)
    weekly.pass_by(TUESDAY + HOUR)
    assert len(weekly.told(CHANGED)) == 3


def test_one_session_can_be_moved_with_all_that_follow(weekly: Weekly) -> None:
    """Those before it stay; the series is another from then on."""
    second = weekly.sessions()[1]
    weekly.database.write_now(
        weekly_changes.move,
        weekly.centre.coordinator,
        second.id or 0,
        day=date(2026, 12, 2),
        at="10:00",
        is_whole=True,
        reason="weather",
        seen=second.version,
        now=TUESDAY,
    )
    starts = [one.starts_at.isoformat()[:16] for one in weekly.sessions()]
    assert starts == ["2026-11-27T07:00", "2026-12-02T02:00", "2026-12-09T02:00"]
    assert weekly.overview().series.weekday == "wednesday"


def test_a_series_follows_days_that_are_off_and_goes_back_with_them(weekly: Weekly) -> None:
    """A session on a day off moves within its week, told once; others stay; undone, it is back."""
    weekly.outbox.send(TUESDAY + HOUR)
    coordinator = weekly.centre.coordinator
    before = [one.starts_at for one in weekly.sessions()]
    notice = read_notice("12月4日放假", today=TUESDAY.date())
    touched = weekly.database.read_now(days_off.effects, coordinator, notice, now=TUESDAY)
    assert (touched.lessons, touched.weekly, touched.others) == (1, 1, 0)
    entry = weekly.do(days_off.save, coordinator, notice, now=TUESDAY)
    assert weekly.do(follow_calendar, coordinator, now=TUESDAY) == 1
    moved = [one.starts_at for one in weekly.sessions()]
    assert moved == [before[0], before[1] - DAY, *before[2:]]
    days = weekly.do(days_off.take_back, coordinator, entry, now=TUESDAY + HOUR / 10)
    assert days == [date(2026, 12, 4)]
    assert weekly.do(follow_calendar, coordinator, now=TUESDAY + HOUR / 10) == 1
    assert [one.starts_at for one in weekly.sessions()] == before


def test_a_session_left_out_for_days_off_comes_back_with_them(weekly: Weekly) -> None:
    """The same session with its turn; who heard that it was off hears once that it takes place."""
    coordinator, learners = weekly.centre.coordinator, weekly.centre.county.learners
    second = weekly.sessions()[1]
    weekly.do(facilitators.confirm, learners[1], second.id or 0, now=TUESDAY)
    weekly.outbox.send(TUESDAY)
    before = _standing(weekly)
    notice = read_notice("11月30日至12月4日放假", today=TUESDAY.date())
    for at, heard in ((TUESDAY, []), (TUESDAY + HOUR, ["coming"] * 3)):
        entry = weekly.do(days_off.save, coordinator, notice, now=at)
        assert weekly.do(follow_calendar, coordinator, now=at) == 1
        assert weekly.sessions()[1].state == CANCELLED
        if heard:
            weekly.outbox.send(at + 2 * MINUTE)
            assert len(weekly.told(CHANGED)) == 3
        undone = at + 3 * MINUTE if heard else at + MINUTE / 2
        weekly.do(days_off.take_back, coordinator, entry, now=undone)
        assert weekly.do(follow_calendar, coordinator, now=undone) == 1
        assert _standing(weekly) == before
        assert weekly.do(follow_calendar, coordinator, now=undone) == 0
        said = [
            one
            for one in weekly.outbox.ask(undone + 2 * MINUTE, kinds=(CHANGED,))
            if isinstance(one, Facts)
        ]
        assert [one.values["state"] for one in said] == heard
        assert {one.values["change"] for one in said} <= {"stands"}
    # What was to be told of it in the meantime is told in its time.
    weekly.pass_by(second.starts_at - DAY)
    assert weekly.told(KIT) == [learners[1].person_id]
    weekly.pass_by(second.starts_at - HOUR)
    assert len(weekly.told(CARD)) == 3


def _standing(weekly: Weekly) -> list[tuple[Any, ...]]:
    return [
        (one.id, one.state, one.starts_at, one.facilitator_id, one.is_confirmed)
        for one in weekly.sessions()
    ]


def test_a_week_planned_without_a_session_has_one_once_it_is_worked(weekly: Weekly) -> None:
    """What a coordinator cancelled herself stays cancelled, whatever days are worked."""
    coordinator = weekly.centre.coordinator
    off = read_notice("12月14日至18日放假", today=TUESDAY.date())
    weekly.do(days_off.save, coordinator, off, now=TUESDAY)
    first = weekly.sessions()[0]
    weekly.database.write_now(
        attendance.call_off,
        coordinator,
        first.id or 0,
        reason="weather",
        seen=first.version,
        now=TUESDAY,
    )
    assert weekly.do(follow_calendar, coordinator, now=TUESDAY) == 0
    weekly.pass_by(TUESDAY + 6 * DAY)
    assert [one.local_date.day for one in weekly.sessions()] == [27, 4, 11]
    worked = read_notice("12月17日、18日上班", today=date(2026, 11, 30))
    weekly.do(days_off.save, coordinator, worked, now=TUESDAY + 6 * DAY)
    assert weekly.do(follow_calendar, coordinator, now=TUESDAY + 6 * DAY) == 1
    later = weekly.sessions()
    assert [one.local_date.day for one in later] == [27, 4, 11, 18]
    assert [one.state for one in later] == [CANCELLED, PLANNED, PLANNED, PLANNED]
    assert later[3].facilitator_id is not None


def test_a_series_ends_with_one_word_and_can_begin_again(weekly: Weekly) -> None:
    """What lies ahead is cancelled; a stale look at it changes nothing."""
    assert weekly.set(Series(), is_on=False, now=TUESDAY) == 3
    assert {one.state for one in weekly.sessions()} == {CANCELLED}
    weekly.pass_by(TUESDAY + HOUR)
    assert len(weekly.told(CHANGED)) == 3
    weekly.pass_by(FRIDAY - HOUR)
    assert not weekly.overview().is_on
    with pytest.raises(OccasionChanged):
        weekly.set(Series(), seen="1.friday.1500.60", now=FRIDAY)
    assert weekly.set(Series(at=time(16, 0)), now=FRIDAY - HOUR) == 3
    first = weekly.sessions()[0]
    assert (first.state, first.starts_at) == (PLANNED, FRIDAY + HOUR)
    weekly.pass_by(FRIDAY)
    assert len(weekly.told(CARD)) == 3
    with pytest.raises(NotThere):
        weekly.database.read_now(
            weekly_series.overview, weekly.centre.of_station, weekly.cohort, now=TUESDAY
        )


def test_turns_go_round_and_pass_over_who_is_away(weekly: Weekly) -> None:
    """By place in the cohort, then by who led longest ago; who hands on is followed by the next."""
    leaders = weekly.centre.county.learners
    learners = [one.person_id for one in leaders]
    assert [one.facilitator_id for one in weekly.sessions()] == learners
    first = weekly.sessions()[0].id or 0
    with pytest.raises(NotThere):
        weekly.do(facilitators.hand_on, weekly.centre.supervisor, first, now=TUESDAY)
    with pytest.raises(NotThere):
        weekly.do(facilitators.hand_on, leaders[1], first, now=TUESDAY)
    weekly.do(facilitators.hand_on, leaders[0], first, now=TUESDAY)
    assert weekly.sessions()[0].facilitator_id == learners[1]
    coordinator = weekly.centre.coordinator
    away = absences_of_others.made_on, coordinator, learners[1]
    _, mark = weekly.database.read_now(*away, now=TUESDAY)
    weekly.database.write_now(
        absences_of_others.pause,
        coordinator,
        learners[1],
        mark=mark,
        since=date(2026, 11, 26),
        back=None,
        now=TUESDAY,
    )
    weekly.pass_by(TUESDAY + HOUR)
    assert weekly.sessions()[0].facilitator_id == learners[0]
    weekly.pass_by(TUESDAY + WEEK)
    led = [one.facilitator_id for one in weekly.sessions()]
    assert led == [learners[0], learners[2], learners[2], learners[0]]


def test_the_kit_goes_to_who_said_yes_else_to_the_coordinator(weekly: Weekly) -> None:
    """Asked three days before; at noon of the day before, the kit; two working days on, a nudge."""
    first, leader = weekly.sessions()[0].id or 0, weekly.centre.county.learners[0]
    weekly.pass_by(TUESDAY + HOUR)
    assert weekly.told(ASK) == [leader.person_id]
    weekly.pass_by(FRIDAY - DAY - 4 * HOUR)
    assert (weekly.told(KIT), weekly.told(FALLBACK)) == ([], [])
    weekly.pass_by(FRIDAY - DAY - 3 * HOUR)
    coordinators = {weekly.centre.coordinator.person_id, weekly.centre.colleague.person_id}
    assert (weekly.told(KIT), set(weekly.told(FALLBACK))) == ([], coordinators)
    weekly.do(facilitators.confirm, weekly.centre.coordinator, first, now=FRIDAY - DAY)
    with pytest.raises(OccasionChanged):
        weekly.do(facilitators.confirm, weekly.centre.colleague, first, now=FRIDAY - DAY)
    weekly.pass_by(FRIDAY - DAY + HOUR)
    assert weekly.told(KIT) == [weekly.centre.coordinator.person_id]
    monday = FRIDAY + 3 * DAY
    weekly.pass_by(monday)
    assert weekly.told(NUDGE) == []
    assert not weekly.overview(monday).lines[0].minutes_missing
    weekly.pass_by(monday + DAY)
    weekly.pass_by(monday + 2 * DAY)
    assert weekly.told(NUDGE) == [weekly.centre.coordinator.person_id]
    assert weekly.overview(monday + DAY).lines[0].minutes_missing


def test_the_kit_comes_in_time_for_a_session_that_was_moved_nearer(weekly: Weekly) -> None:
    """Friday's becomes tomorrow's after noon: what was to come on Thursday comes at once."""
    first, leader = weekly.sessions()[0], weekly.centre.county.learners[0]
    weekly.do(facilitators.confirm, leader, first.id or 0, now=TUESDAY)
    weekly.pass_by(TUESDAY)
    weekly.database.write_now(
        weekly_changes.move,
        weekly.centre.coordinator,
        first.id or 0,
        day=date(2026, 11, 25),
        at="16:00",
        is_whole=False,
        reason="weather",
        seen=weekly.sessions()[0].version,
        now=TUESDAY + HOUR,
    )
    weekly.pass_by(TUESDAY + HOUR)
    assert weekly.told(KIT) == [leader.person_id]


def test_two_facilitators_swap_by_agreement(weekly: Weekly) -> None:
    """Asked and accepted, both sessions change hands; declined, nothing does."""
    first, second, third = (one.id or 0 for one in weekly.sessions())
    one, two, three = weekly.centre.county.learners
    weekly.do(facilitator_swaps.ask_swap, one, first, second, now=TUESDAY)
    weekly.do(facilitator_swaps.ask_swap, one, first, third, now=TUESDAY)
    weekly.pass_by(TUESDAY + HOUR)
    assert weekly.told(SWAP) == [two.person_id, three.person_id]
    with pytest.raises(NotThere):
        weekly.database.write_now(
            facilitator_swaps.answer_swap, three, 1, accepts=True, now=TUESDAY + HOUR
        )
    answer = facilitator_swaps.answer_swap
    assert weekly.database.write_now(answer, two, 1, accepts=True, now=TUESDAY + HOUR) == "accepted"
    led = [row.facilitator_id for row in weekly.sessions()]
    assert led == [two.person_id, one.person_id, three.person_id]
    assert [row.is_confirmed for row in weekly.sessions()] == [True, True, False]
    # The first session is somebody else's by now.
    with pytest.raises(OccasionChanged):
        weekly.database.write_now(answer, three, 2, accepts=True, now=TUESDAY + HOUR)
    with pytest.raises(OccasionPassed):
        weekly.do(facilitator_swaps.ask_swap, two, first, third, now=FRIDAY)
    weekly.pass_by(TUESDAY + 2 * HOUR)
    assert weekly.told(SWAP)[2:] == [one.person_id]
    assert weekly.told(ASK, SKIPPED) == []
