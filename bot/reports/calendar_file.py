"""A meeting as a calendar file (.ics) that phones and offices understand: set, moved, cancelled.

RFC 5545 and 5546: an entry is known by its UID for ever, a later word of it by a higher SEQUENCE;
METHOD:PUBLISH sets it, METHOD:CANCEL takes it back. Times are written in UTC, which every calendar
shows in its owner's zone, so that no zone's rules have to travel with the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vGeo, vText

PRODUCT = "-//wuxue//wuxue//ZH"
# Calendars ring by themselves; ours ring once, as long before as our own last reminder.
RING_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be seen in the calendar; `sequence` grows with every word of it, from 0 on.

    `uid` is made of our own ids, never of a name: calendars send it on. `said_at` is when this word
    was given. `geo` is latitude and longitude in degrees.
    """

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    said_at: datetime
    place: str = ""
    link: str = ""
    note: str = ""
    geo: tuple[float, float] | None = None


def calendar(entries: Sequence[Entry], *, cancelled: bool = False) -> bytes:
    """The file, for one entry or several alike; ValueError for an entry that ends before it starts.

    What is cancelled needs no more than its times and its uid, but older calendars show the title.
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "CANCEL" if cancelled else "PUBLISH")
    for entry in entries:
        made.add_component(_event(entry, cancelled=cancelled))
    return bytes(made.to_ical())


def _event(entry: Entry, *, cancelled: bool) -> Event:
    if entry.ends_at <= entry.starts_at:
        raise ValueError(entry.uid)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.said_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if entry.place:
        event.add("location", vText(entry.place))
    if entry.geo is not None:
        event.add("geo", vGeo(entry.geo))
    if entry.link:
        event.add("url", entry.link)
    if entry.note:
        event.add("description", entry.note)
    if not cancelled:
        event.add_component(_alarm(entry.title))
    return event


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -RING_BEFORE)
    alarm.add("description", title)
    return alarm
