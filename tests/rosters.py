"""Rosters for tests: rows as people write them, and the xlsx and csv files that hold them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from bot.roster_files import RosterFile, read_roster

HEAD = ("单位", "姓名", "角色", "班组", "电话", "人员编号", "单位级别")
STATION, OTHER = "八一镇社工站", "鲁朗镇社工站"


def xlsx(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD) -> bytes:
    """A workbook with one sheet of these rows under their heading."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (head, *rows):
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv_text(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD) -> str:
    """The same as CSV."""
    stream = io.StringIO()
    csv.writer(stream).writerows([head, *rows])
    return stream.getvalue()


def read(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD) -> RosterFile:
    """What the reader makes of a workbook of these rows."""
    return read_roster(xlsx(rows, head), "名册.xlsx")


def person(name: str, **cells: Any) -> tuple[Any, ...]:
    """A learner's row at the station; `cells` (unit, role, ...) say what is written instead."""
    written = {
        "unit": STATION,
        "name": name,
        "role": "学员",
        "cohort": "一期",
        "phone": "",
        "number": "",
        "level": "",
    } | cells
    return tuple(written.values())


def five_hundred() -> list[tuple[Any, ...]]:
    """A whole centre: sixty stations, five hundred people, namesakes in different stations."""
    given = [*"扎西 卓玛 次仁 德吉 央金 尼玛".split(), *"达瓦 平措 格桑 拉姆 བསོད་ནམས། 白玛".split()]  # noqa: SIM905
    rows = []
    for number in range(500):
        station = f"林芝市/第{number % 60 + 1}社工站"
        name = f"{given[number % len(given)]}{given[number // 60 % len(given)]}"
        cells = {"unit": station, "phone": f"139{number:08d}"}
        if number % 50 == 0:
            cells |= {"role": "督导者", "cohort": ""}
        rows.append(person(f"{name}{'甲乙丙丁戊己庚辛壬'[number // 60]}", **cells))
    return rows
