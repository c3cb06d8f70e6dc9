"""A pasted holiday notice: read as offices write it, what it touches, booked sessions asked."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from curriculum import days_off, supervision_holidays, working_days
from curriculum import supervision_booking as booking
from curriculum import supervision_group_changes as changes
from curriculum import supervision_group_holidays as group_days
from curriculum import supervision_groups as groups
from curriculum.calendar_errors import CalendarUndoTooLate, NoticeNotUnderstood, NoticeTooLong
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.holiday_notices import read_notice
from curriculum.supervision_group_holidays import GROUP_HOLIDAY
from curriculum.supervision_holidays import HOLIDAY, HOLIDAY_OPEN
from storage.engine import Database
from tests.county import BOT
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, MINUTE, Office

TODAY = date(2026, 11, 25)
LOSAR = """关于2027年藏历新年放假的通知
各站点：2027年2月6日（星期六）至12日（星期五）放假，共7天。2月5日（周五）、2月14日（周日）上班。"""
NATIONAL = """一、元旦：1月1日（周五）至3日（周日）放假调休，共3天。12月27日（周日）上班。
二、春节：2月5日（农历腊月廿九、周五）至2月11日放假，2月14日、20日上班。"""
# The Wednesday and the Thursday on which two sessions are booked.
SECOND = datetime(2026, 12, 2, 6, tzinfo=UTC)


def _days(written: str) -> list[tuple[str, str]]:
    found = read_notice(written, today=TODAY)
    return [(f"{one.day:%m%d}" + ("+" if one.is_worked else "-"), one.name) for one in found]


def test_a_notice_is_read_as_offices_write_it() -> None:
    """Runs, lists, brackets, the year of its heading; a day without a year is the next one."""
    losar = _days(LOSAR)
    assert [day for day, _ in losar] == ["0205+", *(f"02{n:02}-" for n in range(6, 13)), "0214+"]
    assert {name for _, name in losar} == {"藏历新年"}
    national = dict(_days(NATIONAL))
    assert list(national) == [
        *("1227+", "0101-", "0102-", "0103-"),
        *(f"02{n:02}-" for n in range(5, 12)),
        *("0214+", "0220+"),
    ]
    assert (national["0101-"], national["0214+"]) == ("元旦", "春节")
    assert _days("12月2日放假一天") == [("1202-", "")]
    for nothing in ("", "大家好", "2026年11月20日放假", "2月30日放假", "12月2日开会"):
        with pytest.raises(NoticeNotUnderstood):
            read_notice(nothing, today=TODAY)
    with pytest.raises(NoticeTooLong):
        read_notice("12月1日至1月20日放假，1月21日至2月20日放假", today=TODAY)


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """Two workers with a session on the second of December."""
    made = Office(database, tmp_path, start)
    made.publish("周三 14:00-17:00")
    for one in made.centre.county.learners[:2]:
        pair = made.assign(worker_id=one.person_id)
        made.do(booking.book, one, pair.id, made.free(pair.id, one)[0])
    return made


def _said(outbox: Outbox, now: datetime, kind: str) -> dict[int, Any]:
    said = [one for one in outbox.ask(now, kinds=(kind,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values for one in said}


def test_booked_sessions_are_asked_and_nothing_is_moved_for_anybody(
    office: Office, outbox: Outbox
) -> None:
    """照常 by both keeps it; where not both say so it stays, and the supervisor hears it."""
    outbox.send(office.now + MINUTE)
    coordinator, supervisor, worker = (
        office.centre.coordinator,
        office.supervisor,
        office.worker,
    )
    second = office.centre.county.learners[1]
    notice = read_notice("12月2日放假", today=TODAY)
    days = {one.day for one in notice}
    touched = office.database.read_now(days_off.effects, coordinator, notice, now=office.now)
    assert (touched.lessons, touched.weekly, touched.others) == (1, 0, 0)
    assert (
        office.database.read_now(supervision_holidays.count, coordinator, days, now=office.now) == 2
    )
    entry = office.do(days_off.save, coordinator, notice)
    assert office.do(supervision_holidays.ask, coordinator, days) == 2
    assert office.do(supervision_holidays.ask, coordinator, days) == 0
    calendar = office.database.read_now(
        working_days.calendar_of, unit_path="/1/2/", working_weekdays=[1, 2, 3, 4, 5]
    )
    assert not calendar.is_working(date(2026, 12, 2))
    asked = [
        one for one in outbox.ask(office.now + MINUTE, kinds=(HOLIDAY,)) if isinstance(one, Facts)
    ]
    assert len(asked) == 4
    first = next(one.values for one in asked if one.chat_id == worker.chat_id)
    assert (first["what"], first["view"].starts_at) == ("asked", SECOND)
    for who in (second, coordinator):
        with pytest.raises(NotThere):
            office.do(supervision_holidays.answer, who, first["holiday_id"])
    office.do(supervision_holidays.answer, worker, first["holiday_id"])
    office.do(supervision_holidays.answer, supervisor, first["holiday_id"])
    kept = _said(outbox, office.now + MINUTE, HOLIDAY)
    assert {chat: one["what"] for chat, one in kept.items()} == {worker.chat_id: "kept"}
    office.now = SECOND - 46 * 60 * MINUTE
    tell = supervision_holidays.tell_open
    told = [office.database.write_now(tell, bot=BOT, now=office.now) for _ in range(2)]
    assert told == [1, 0]
    (open_one,) = _said(outbox, office.now + MINUTE, HOLIDAY_OPEN).values()
    assert (open_one["view"].other, open_one["worker_keeps"]) == (second.name, False)
    with pytest.raises(CalendarUndoTooLate):
        office.do(days_off.take_back, coordinator, entry)
    # It stands as booked; once it was moved it is no question.
    office.do(booking.move, supervisor, 2, SECOND + 2 * DAY, seen=1)
    with pytest.raises(ChangedMeanwhile):
        office.do(supervision_holidays.answer, second, 2)


def test_a_notice_taken_back_asks_nobody_and_gives_the_days_back(
    office: Office, outbox: Outbox
) -> None:
    """Before anybody heard nothing is said; later both hear that it is a working day."""
    outbox.send(office.now + MINUTE)
    coordinator = office.centre.coordinator
    notice = read_notice("12月2日放假", today=TODAY)
    days = {one.day for one in notice}
    for is_told, heard in ((False, set()), (True, {"worked"})):
        entry = office.do(days_off.save, coordinator, notice)
        office.do(supervision_holidays.ask, coordinator, days)
        at = office.now
        if is_told:
            outbox.send(office.now + MINUTE)
        office.now += 2 * MINUTE
        with pytest.raises(NotThere):
            office.do(days_off.take_back, office.centre.colleague, entry)
        assert office.do(days_off.take_back, coordinator, entry) == [date(2026, 12, 2)]
        office.do(supervision_holidays.withdraw, coordinator, at)
        said = [
            one.values["what"]
            for one in outbox.ask(office.now + MINUTE, kinds=(HOLIDAY,))
            if isinstance(one, Facts)
        ]
        assert set(said) == heard
    for who in (office.worker, office.supervisor, office.centre.administrator):
        with pytest.raises(NotThere):
            office.do(days_off.save, who, notice)


@pytest.fixture
def together(database: Database, tmp_path: Path, start: datetime) -> Office:
    """All three workers have a session together on the third of December."""
    made = Office(database, tmp_path, start)
    for one in made.centre.county.learners:
        made.assign(worker_id=one.person_id)
    made.do(groups.set_group, made.supervisor, (1, 2, 3), SECOND + DAY, mode="online", place="")
    return made


def _asked(office: Office, outbox: Outbox, at: datetime) -> list[str]:
    """What the supervisor, and nobody else, is asked or told."""
    said = _said(outbox, at, GROUP_HOLIDAY)
    assert set(said) <= {office.supervisor.chat_id}
    return [one["what"] for one in said.values()]


def test_of_a_group_session_its_supervisor_is_asked_and_nothing_is_moved(
    together: Office, outbox: Outbox
) -> None:
    """Once, whatever else is pasted; unanswered, she hears of it before it; 照常 ends that."""
    office, supervisor = together, together.supervisor
    coordinator, station = office.centre.coordinator, office.centre.of_station
    outbox.send(office.now + 2 * MINUTE)
    days = {date(2026, 12, 3)}
    read = office.database.read_now
    for who in (coordinator, station):
        assert read(group_days.count, who, days, now=office.now) == 1
    assert read(group_days.count, coordinator, {date(2026, 12, 2)}, now=office.now) == 0
    with pytest.raises(NotThere):
        read(group_days.count, office.worker, days, now=office.now)
    assert office.do(group_days.ask, station, days) == 1
    office.now += 2 * MINUTE
    # The county's notice of the same day brings no second question.
    assert office.do(group_days.ask, coordinator, days) == 0
    assert _asked(office, outbox, office.now + MINUTE) == ["asked"]
    outbox.send(office.now + 2 * MINUTE)
    two_days_before = SECOND + DAY - 48 * 60 * MINUTE
    assert _asked(office, outbox, two_days_before) == ["open"]
    office.now = two_days_before + MINUTE
    for who in (office.worker, coordinator):
        with pytest.raises(NotThere):
            office.do(group_days.keep, who, 1, seen=0)
    assert office.do(group_days.keep, supervisor, 1, seen=0).starts_at == SECOND + DAY
    # Moved, it is another question or none.
    office.do(changes.move, supervisor, 1, SECOND + 5 * DAY, seen=1)
    with pytest.raises(ChangedMeanwhile):
        office.do(group_days.keep, supervisor, 1, seen=0)


def test_who_says_that_a_group_session_stands_is_not_reminded_of_the_question(
    together: Office, outbox: Outbox
) -> None:
    """Nor is who moved it; where nobody of hers comes any more, a coordinator asks nothing."""
    office, days = together, {date(2026, 12, 3)}
    outbox.send(office.now + 2 * MINUTE)
    office.do(group_days.ask, office.centre.coordinator, days)
    outbox.send(office.now + MINUTE)
    office.do(group_days.keep, office.supervisor, 1, seen=0)
    assert _asked(office, outbox, SECOND + DAY - 60 * MINUTE) == []
    for one in office.centre.county.learners[:2]:
        office.do(groups.answer, one, 1, comes=False)
    count = group_days.count
    station = office.centre.of_station
    assert office.database.read_now(count, station, days, now=office.now) == 0


def test_a_notice_taken_back_leaves_no_question_about_a_group_session(
    together: Office, outbox: Outbox
) -> None:
    """Before she was asked she hears nothing; later that it is a working day; it can come again."""
    office, coordinator, days = together, together.centre.coordinator, {date(2026, 12, 3)}
    outbox.send(office.now + 2 * MINUTE)
    for heard in ([], ["worked"]):
        at = office.now
        assert office.do(group_days.ask, coordinator, days) == 1
        if heard:
            outbox.send(at + MINUTE)
        office.now += 2 * MINUTE
        office.do(group_days.withdraw, coordinator, at - DAY, days)
        office.do(group_days.withdraw, coordinator, at, days)
        assert _asked(office, outbox, office.now + MINUTE) == heard
        office.now += 3 * MINUTE
        outbox.send(office.now)
    assert _asked(office, outbox, SECOND + DAY - 60 * MINUTE) == []
