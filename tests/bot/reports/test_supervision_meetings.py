"""A session with several in the calendars of those called to it, read by another parser."""

from dataclasses import replace
from datetime import timedelta

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus

from bot.reports.supervision_meetings import group_file, pair_file
from curriculum.supervision_group_words import GroupView
from tests.bot.supervision_facts import VIEW
from tests.bot.supervision_hours_facts import GROUP

TITLE, DAY = "小组督导", timedelta(days=1)


def _read(found: GroupView) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(group_file(found, TITLE).decode())


def test_a_session_with_several_is_replaced_when_it_moves_and_leaves_when_it_is_off() -> None:
    """The same uid for ever; each change of the session a higher sequence; then METHOD:CANCEL."""
    moved = replace(GROUP, version=2, starts_at=GROUP.starts_at + DAY)
    undone = replace(GROUP, version=3, changed_at=GROUP.changed_at + timedelta(minutes=9))
    off = replace(undone, version=4, state="cancelled")
    files = [_read(one) for one in (GROUP, moved, undone, off)]
    events = [one.events[0] for one in files]
    assert {one.uid for one in events} == {"supervision-group-1@wuxue"}
    assert [one.sequence for one in events] == [0, 1, 2, 3]
    assert [one.dtstart for one in events[:3]] == [
        GROUP.starts_at,
        GROUP.starts_at + DAY,
        GROUP.starts_at,
    ]
    assert [one.method for one in files] == ["PUBLISH", "PUBLISH", "PUBLISH", "CANCEL"]
    assert events[3].status == EventStatus.CANCELLED
    assert events[0].dtend - events[0].dtstart == timedelta(minutes=60)
    assert (str(events[0].url), events[0].location) == (GROUP.place, None)


def test_who_cannot_come_has_it_in_her_calendar_no_more() -> None:
    """The session stands, so that her own answer is told apart by when she gave it."""
    later = GROUP.changed_at + timedelta(hours=1)
    declined = _read(replace(GROUP, answer="declined", answered_at=later))
    assert declined.method == "CANCEL"
    assert (declined.events[0].sequence, declined.events[0].dtstamp) == (0, later)
    back = _read(replace(GROUP, answer="coming", answered_at=later + timedelta(hours=1)))
    assert back.method == "PUBLISH"
    assert back.events[0].dtstamp > later


def test_a_file_names_nobody() -> None:
    """Calendars send on what they hold."""
    hers = replace(GROUP, accompanies=True, names=("卓玛", "扎西"), coming=("卓玛",))
    for data in (group_file(hers, TITLE), pair_file(VIEW, "一对一督导")):
        assert not any(name in data.decode() for name in ("卓玛", "扎西", "德吉"))
