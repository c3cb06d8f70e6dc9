"""The form of a record as people fill it in: tolerant, and nothing of it is lost."""

from datetime import date

import pytest

from curriculum.errors import Refusal
from curriculum.supervision_actions_written import Named, Written
from curriculum.supervision_record_form import (
    printed,
    read_form,
    read_held_on,
    read_minutes,
)
from curriculum.supervision_texts import ACTIONS, ADVICE, SITUATION

FRIDAY = date(2026, 12, 4)
WORKER, SUPERVISOR = Named(1, "卓玛", "worker"), Named(2, "德吉", "supervisor")
PEOPLE = (WORKER, SUPERVISOR)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def test_a_filled_form_is_read_however_it_is_typed() -> None:
    """Both colons, blanks and other words in names, several lines, actions in any order."""
    filled = read_form(
        "督导记录\n日 期: 昨天\n时长：一个半小时\n【方式】：当面\n功能：教育、支持\n"
        "情况：她说：第一次家访很紧张。\n第二行也是情况\n督导建议:先写提纲\n下一步：\n"
        "1. 卓玛 12月10日前 整理家访记录\n2、督导：下周三发一份范例\n"
        "- 练习开场白（社工，12月8日(周二)）\n4) 12-20 再去一次 已做完\n"
        "社工站的台账 12月9日 补齐\n下次：三月五日",
        PEOPLE,
        held_on=FRIDAY,
        today=FRIDAY,
    )
    assert filled.unread == {}
    assert filled.fields == {
        "date": date(2026, 12, 3),
        "minutes": 90,
        "mode": "offline",
        "functions": ["educational", "supportive"],
        SITUATION: "她说：第一次家访很紧张。\n第二行也是情况",
        ADVICE: "先写提纲",
        ACTIONS: [
            Written("worker", 1, date(2026, 12, 10), "整理家访记录"),
            Written("supervisor", 2, date(2026, 12, 9), "发一份范例"),
            Written("worker", 1, date(2026, 12, 8), "练习开场白"),
            Written("worker", 1, date(2026, 12, 20), "再去一次", is_done=True),
            Written("worker", 1, date(2026, 12, 9), "社工站的台账 补齐"),
        ],
        "next_on": date(2027, 3, 5),
    }


def test_what_is_not_understood_is_handed_back_as_it_was_written() -> None:
    """Beside what was understood; a needed field left empty changes nothing, another empties it."""
    filled = read_form(
        "时长：一会儿\n方式：\n情况：\n建议：多问\n行动：以后再说",
        PEOPLE,
        held_on=FRIDAY,
        today=FRIDAY,
    )
    assert filled.fields == {SITUATION: None, ADVICE: "多问"}
    assert filled.unread == {"minutes": "一会儿", ACTIONS: "以后再说"}


def test_dates_said_by_month_and_year_are_understood() -> None:
    """明年, 下个月, 月底: as supervisors say when something is to be done."""
    filled = read_form(
        "行动：月底前补齐台账\n卓玛 下个月5号 再去一次\n德吉 明年1月8日前发范例\n下次：明年3月2日",
        PEOPLE,
        held_on=FRIDAY,
        today=FRIDAY,
    )
    assert filled.fields == {
        ACTIONS: [
            Written("worker", 1, date(2026, 12, 31), "补齐台账"),
            Written("worker", 1, date(2027, 1, 5), "再去一次"),
            Written("supervisor", 2, date(2027, 1, 8), "发范例"),
        ],
        "next_on": date(2027, 3, 2),
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_printed_form_is_read_as_what_it_says(language: str) -> None:
    """What is prefilled comes back the same, an action of last time past its date too."""
    values = {
        "date": FRIDAY,
        "minutes": "60",
        "mode": "线上" if language == "zh" else "online",
        ADVICE: "先写提纲",
        ACTIONS: ["卓玛 12月1日 整理家访记录", "德吉 1月5日 发范例"],
    }
    filled = read_form(printed(values, language, day=_day), PEOPLE, held_on=FRIDAY, today=FRIDAY)
    assert (filled.fields["date"], filled.fields["minutes"]) == (FRIDAY, 60)
    assert filled.fields["mode"] == "online"
    assert [one.due_on for one in filled.fields[ACTIONS]] == [
        date(2026, 12, 1),
        date(2027, 1, 5),
    ]
    assert filled.unread == {}


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("60", 60), ("1小时", 60), ("半小时", 30), ("1.5小时", 90), ("两小时", 120), ("一小时半", 90)],
)
def test_how_long_it_was(written: str, minutes: int) -> None:
    """As people say it."""
    assert read_minutes(written) == minutes


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("今天", FRIDAY),
        ("周三", date(2026, 12, 2)),
        ("上周三", date(2026, 11, 25)),
        ("12月3日", date(2026, 12, 3)),
        ("12月3日(周四)", date(2026, 12, 3)),
        ("Thu 3 Dec", date(2026, 12, 3)),
        ("2026-11-30", date(2026, 11, 30)),
    ],
)
def test_when_it_was(written: str, day: date) -> None:
    """A session lies behind, so a date without a year is the last such date."""
    assert read_held_on(written, today=FRIDAY) == day


@pytest.mark.parametrize("written", ["明天", "12月5日", "2027-01-01", "很久以前", ""])
def test_a_session_to_come_has_no_record(written: str) -> None:
    """What lies ahead, or is no date, is asked for again."""
    with pytest.raises(Refusal):
        read_held_on(written, today=FRIDAY)
