"""A supervision session in calendars, of a pair or with several: set, moved, cancelled."""

from datetime import datetime, timedelta

from bot.reports.calendar_file import Entry, calendar
from curriculum.supervision_group_words import GroupView
from curriculum.supervision_notices import View


def pair_file(found: View, title: str) -> bytes:
    """A session of a pair as it stands; one that is not held any more leaves the calendar."""
    return _file(
        f"supervision-{found.booking_id}@wuxue",
        found.change,
        found,
        title,
        said_at=found.changed_at,
        cancelled=found.state != "booked",
    )


def group_file(found: GroupView, title: str) -> bytes:
    """A session with several as its reader has it; who said that she cannot come has it no more.

    Her own answer is no change of the session, so that it counts by when she gave it.
    """
    return _file(
        f"supervision-group-{found.group_id}@wuxue",
        found.version,
        found,
        title,
        said_at=found.said_at,
        cancelled=found.state != "planned" or found.answer == "declined",
    )


def _file(
    uid: str,
    change: int,
    found: View | GroupView,
    title: str,
    *,
    said_at: datetime,
    cancelled: bool,
) -> bytes:
    """The file; `change` counts from 1 on. A place that is a link is one to press."""
    is_link = found.place.startswith(("https://", "http://"))
    entry = Entry(
        uid=uid,
        sequence=change - 1,
        title=title,
        starts_at=found.starts_at,
        ends_at=found.starts_at + timedelta(minutes=found.minutes),
        said_at=said_at,
        place="" if is_link else found.place,
        link=found.place if is_link else "",
    )
    return calendar([entry], cancelled=cancelled)
