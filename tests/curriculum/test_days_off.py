"""A pasted holiday notice: read as offices write it, what it touches, booked sessions asked."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from curriculum import days_off, supervision_holidays, working_days
from curriculum import supervision_booking as booking
from curriculum.errors import (
    CalendarUndoTooLate,
    ChangedMeanwhile,
    NoticeNotUnderstood,
    NoticeTooLong,
    NotThere,
)
from curriculum.facts import Facts
from curriculum.holiday_notices import read_notice
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
