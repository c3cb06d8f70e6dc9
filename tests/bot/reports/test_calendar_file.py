"""Calendar files are read by another parser than the one that wrote them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus

from bot.reports.calendar_file import Entry, calendar

SHANGHAI = timezone(timedelta(hours=8))
STARTS = datetime(2026, 12, 9, 15, 0, tzinfo=SHANGHAI)
SAID = datetime(2026, 11, 27, 9, 30, tzinfo=SHANGHAI)
# What XML calls characters, without the controls that no calendar may hold.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


def entry(**changed: object) -> Entry:
    facts: dict[str, object] = {
        "uid": "supervision-12@wuxue",
        "sequence": 0,
        "title": "一对一督导",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(minutes=60),
        "said_at": SAID,
        "place": "八一镇社工站, 二楼; 205",
        "note": "བོད་ཡིག\n第二行",
    } | changed
    return Entry(**facts)  # type: ignore[arg-type]


def read(data: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(data.decode())


def test_another_parser_reads_what_we_wrote() -> None:
    """Title, place, note and times come back as they were, in UTC."""
    [event] = read(calendar([entry()])).events
    assert (event.uid, event.sequence) == ("supervision-12@wuxue", 0)
    assert (event.summary, event.location) == ("一对一督导", "八一镇社工站, 二楼; 205")
    assert event.description == "བོད་ཡིག\n第二行"
    assert event.dtstart == STARTS.astimezone(UTC)
    assert event.dtend - event.dtstart == timedelta(hours=1)


def test_a_moved_meeting_keeps_its_uid_and_counts_up() -> None:
    """A calendar replaces the entry it has by one of the same uid and a higher sequence."""
    first = read(calendar([entry()]))
    later = read(calendar([entry(sequence=1, starts_at=STARTS - timedelta(days=1))]))
    assert first.events[0].uid == later.events[0].uid
    assert later.events[0].sequence == 1
    assert later.events[0].dtstart.date() == date(2026, 12, 8)


def test_a_cancelled_meeting_says_so_to_the_calendar() -> None:
    """METHOD:CANCEL with the entry's own uid; it does not ring any more."""
    data = calendar([entry(sequence=2)], cancelled=True)
    read_again = read(data)
    assert read_again.method == "CANCEL"
    assert read_again.events[0].status == EventStatus.CANCELLED
    assert b"VALARM" not in data
    assert b"VALARM" in calendar([entry()])


def test_several_half_days_stand_in_one_file() -> None:
    """A training's periods are entries of their own, each with its uid."""
    days = [
        entry(uid=f"training-3-{n}@wuxue", starts_at=STARTS + timedelta(days=n)) for n in (0, 1)
    ]
    days = [
        entry(uid=one.uid, starts_at=one.starts_at, ends_at=one.starts_at + timedelta(hours=3))
        for one in days
    ]
    assert len(read(calendar(days)).events) == 2


def test_a_place_on_the_map_is_kept() -> None:
    """Latitude and longitude in degrees, for the calendars that show maps."""
    assert b"GEO:29.649;94.361" in calendar([entry(geo=(29.649, 94.361))])


def test_what_ends_before_it_starts_is_refused() -> None:
    """Calendars drop such an entry without a word."""
    with pytest.raises(ValueError, match="supervision-12"):
        calendar([entry(ends_at=STARTS)])


@given(WORDS, WORDS, WORDS)
def test_any_words_survive(title: str, place: str, note: str) -> None:
    """Commas, semicolons, backslashes, long lines and stacked letters come back unharmed."""
    data = calendar([entry(title=title, place=place, note=note)])
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    [event] = read(data).events
    assert (event.summary or "", event.location or "", event.description or "") == (
        title,
        place,
        note,
    )
