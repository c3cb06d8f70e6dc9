"""A supervisor's free times: as they are written, as they are kept, and what is free by them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from curriculum import supervision_pages as pages
from curriculum import supervision_times as times
from curriculum.errors import NotThere, Refusal, TooManyLines
from curriculum.rhythm import WorkingCalendar
from curriculum.supervision_errors import FreeTimeNotUnderstood, NotOnQuarter, PlaceTooLong
from curriculum.supervision_slots import Taken, free, quarters
from curriculum.supervision_times import EXTRA, OFF, TRAVEL, WEEKLY, Span, Terms
from storage.engine import Database
from tests.curriculum.centre import audited, found
from tests.curriculum.supervising import Office

TODAY = date(2026, 11, 25)
ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
CALENDAR = WorkingCalendar(
    frozenset({1, 2, 3, 4, 5}), {date(2026, 12, 9): (False, "节"), date(2026, 12, 5): (True, "班")}
)


def at(hour: int, minute: int = 0) -> time:
    """An hour."""
    return time(hour, minute)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("周三 14:00-17:00", Span(WEEKLY, weekday=3, starts=at(14), ends=at(17))),
        ("每周三下午2点到5点", Span(WEEKLY, weekday=3, starts=at(14), ends=at(17))),
        ("星期五上午9点半至12点", Span(WEEKLY, weekday=5, starts=at(9, 30), ends=at(12))),
        ("12月6日 9:00-12:00", Span(EXTRA, day=date(2026, 12, 6), starts=at(9), ends=at(12))),
        ("下周三 9点到11点", Span(EXTRA, day=date(2026, 12, 2), starts=at(9), ends=at(11))),
        ("12月5日停", Span(OFF, day=date(2026, 12, 5))),
        ("12月7日到9日 不约", Span(OFF, day=date(2026, 12, 7), last_day=date(2026, 12, 9))),
        (
            "12月5日 下午2点到4点不行",
            Span(OFF, day=date(2026, 12, 5), starts=at(14), ends=at(16)),
        ),
        (
            "12月10日 上午10点到下午4点，在米林县中心",
            Span(TRAVEL, day=date(2026, 12, 10), starts=at(10), ends=at(16), place="米林县中心"),
        ),
    ],
)
def test_times_are_read_as_people_write_them(written: str, meant: Span) -> None:
    """Weekdays, dates, days off, hours off, journeys; parts of the day and Chinese numbers."""
    assert times.read_spans(written, today=TODAY) == [meant]


def test_several_weekdays_and_lines_are_several_times() -> None:
    """周一、周三 in one line; each line by itself."""
    read = times.read_spans("周一、周三 9:00-11:30\n12-5 停", today=TODAY)
    assert [(span.kind, span.weekday) for span in read] == [(WEEKLY, 1), (WEEKLY, 3), (OFF, None)]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("随时都行", FreeTimeNotUnderstood),
        ("周三", FreeTimeNotUnderstood),
        ("周三 17:00-14:00", FreeTimeNotUnderstood),
        ("12月5日", FreeTimeNotUnderstood),
        ("周三 14:10-17:00", NotOnQuarter),
        ("周三 9:00-10:00\n" * 13, TooManyLines),
        ("12-10 9:00-10:00 去" + "远" * 201, PlaceTooLong),
        ("", FreeTimeNotUnderstood),
    ],
)
def test_what_is_no_time_is_refused_by_its_line(written: str, refusal: type[Refusal]) -> None:
    """Nothing is guessed and nothing of it is kept."""
    with pytest.raises(refusal):
        times.read_spans(written, today=TODAY)


def _free(*written: str, terms: Terms | None = None, **more: Any) -> list[str]:
    spans = [span for line in written for span in times.read_spans(line, today=TODAY)]
    taken = more.pop("taken", Taken(frozenset(), {}))
    slots = free(
        spans,
        terms or Terms(),
        taken,
        now=NOW,
        first=TODAY,
        last=more.pop("last", TODAY + timedelta(days=16)),
        calendar=CALENDAR,
        zone=ZONE,
    )
    return [f"{slot.starts_at.astimezone(UTC) + timedelta(hours=8):%m-%d %H:%M}" for slot in slots]


def test_a_window_is_cut_with_the_buffer_between_and_the_notice_before() -> None:
    """Today is too near; 14:00-17:00 gives two sessions of an hour with a quarter between."""
    assert _free("周三 14:00-17:00") == ["12-02 14:00", "12-02 15:15"], "9 December is a holiday"
    assert _free("周四 9:00-10:00", terms=Terms(notice_hours=24)) == [
        "12-03 09:00",
        "12-10 09:00",
    ]
    assert len(_free("周三 14:00-17:00", terms=Terms(buffer_minutes=0))) == 3
    overlapping = ("周三 14:00-16:00", "周三 15:00-17:00")
    assert _free(*overlapping) == _free("周三 14:00-17:00")


def test_days_off_hours_off_and_journeys_take_the_place_of_the_pattern() -> None:
    """A journey's hours are visits and nothing else is offered that day."""
    assert _free("周三 14:00-17:00", "12-2 15:00-17:00 不约") == ["12-02 14:00"]
    assert _free("周三 14:00-17:00", "12-1到12-3 不约") == []
    assert _free("周三 14:00-15:00", "12-2 10:00-11:00 去鲁朗") == ["12-02 10:00"]
    assert _free("12-9 10:00-11:00") == ["12-09 10:00"], "said for that day, holiday or not"


def test_what_is_booked_absence_and_a_full_month_are_not_offered() -> None:
    """A booked quarter also keeps its buffer; the month's hours are counted with what is booked."""
    starts = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)
    booked = frozenset(quarters(starts, 75))
    assert _free("周三 14:00-17:00", taken=Taken(booked, {})) == ["12-02 15:15"]
    beside = frozenset(quarters(starts + timedelta(minutes=60), 15))
    assert _free("周三 14:00-17:00", taken=Taken(beside, {})) == ["12-02 15:15"]
    away = Taken(frozenset(), {}, ((date(2026, 12, 1), None),))
    assert _free("周三 14:00-17:00", taken=away) == []
    full = Taken(frozenset(), {(2026, 12): 200})
    assert _free("周三 14:00-17:00", terms=Terms(hours_per_month=4), taken=full) == []


def test_times_and_terms_are_kept_once_and_are_hers_alone(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """The same time written twice is one; nobody drops another's; each change is in the trail."""
    centre = database.write_now(found, tmp_path, now=start)
    her, spans = centre.supervisor, times.read_spans("周三 14:00-17:00\n12-5 停", today=TODAY)
    for _ in range(2):
        database.write_now(times.add, her, spans, now=start)
    kept = database.read_now(times.page, her, now=start).spans
    assert [span.kind for span in kept] == [WEEKLY, OFF]
    learner = centre.county.learners[0]
    with pytest.raises(NotThere):
        database.write_now(times.add, learner, spans, now=start)
    with pytest.raises(NotThere):
        database.write_now(times.drop, learner, kept[0].time_id, now=start)
    database.write_now(times.drop, her, kept[0].time_id, now=start)
    terms = Terms(45, 0, 48, 8, "https://meeting.example/1")
    database.write_now(times.set_terms, her, terms, now=start)
    with pytest.raises(NotThere):
        database.write_now(times.set_terms, her, Terms(minutes=7), now=start)
    later = start + timedelta(days=30)
    page = database.read_now(times.page, her, now=later)
    assert (page.spans, page.terms) == ((), terms), "a day that is past is not shown"
    actions = [entry.action for entry in audited(database, 2)]
    assert actions == ["drop_supervision_time", "set_supervision_terms"]


def test_a_day_off_says_how_many_sessions_are_booked_on_it(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """They stay booked: people are asked, their sessions are not moved."""
    office = Office(database, tmp_path, start)
    office.publish("周三 14:00-17:00")
    pair = office.assign()
    office.book(pair, office.free(pair.id)[0])

    def booked(written: str) -> int:
        spans = times.read_spans(written, today=TODAY)
        return database.read_now(pages.booked_within, office.supervisor, spans, now=office.now)

    assert (booked("12-1到12-3 不约"), booked("12-3 不约"), booked("12-2 9:00-10:00")) == (1, 0, 0)
