"""How long a day of a visit counts is read from its programme, proposed where that is silent."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from curriculum import visit_minutes, visit_roll
from curriculum.visit_words import StopPlan
from storage.engine import Database
from tests.county import build, write_pack
from tests.curriculum.visited import FIRST, LAST, travelling

DAY = date(2026, 12, 21)
# Noon of the last day.
NOON = datetime.fromisoformat("2026-11-27T04:00:00+00:00")


def _stop(at: time | None, programme: str = "座谈", place: str = "甲站") -> StopPlan:
    return StopPlan(place, DAY, at, programme, "", "")


@pytest.mark.parametrize(
    ("stops", "minutes"),
    [
        # The length stands with each place.
        ([_stop(time(10), "座谈（至12:00）"), _stop(time(14), "参观（至16:30）")], 270),
        ([_stop(None, "10:00-12:00看值班，下午2点到5点座谈")], 300),
        ([_stop(time(10), "座谈90分钟"), _stop(time(15), "一个半小时讨论")], 180),
        ([_stop(None, "参观两小时")], 120),
        ([_stop(None, "座谈1.5小时"), _stop(None, "半小时交流")], 120),
        ([_stop(time(10), "talk, 90 min"), _stop(time(14), "2 hours of practice")], 210),
        ([_stop(None, "全天跟岗")], 360),
        ([_stop(None, "座谈", place="上午 甲站")], 180),
        ([_stop(None, "上午座谈"), _stop(None, "下午参观")], 360),
        ([_stop(None, "上午半天座谈")], 180),
        ([_stop(time(9), "座谈，12点结束")], 180),
        # A place lasts until the next begins, without noon; what ends the day is no place.
        ([_stop(time(9, 30)), _stop(time(11)), _stop(time(12), "午餐")], 150),
        ([_stop(time(9, 30)), _stop(time(15), "座谈（至17:00）")], 330),
        ([_stop(time(8), "集合出发"), _stop(time(10)), _stop(time(13), "返程")], 180),
        # Two groups at two places at once spend that time once.
        ([_stop(None, "10:00-12:00 一组"), _stop(None, "10:00-12:00 二组", place="乙站")], 120),
        # From noon on is half a day.
        ([_stop(time(15))], 180),
        ([_stop(time(8), "乘车前往"), _stop(time(14)), _stop(time(16))], 180),
        # What is not said is not guessed.
        ([_stop(time(10))], None),
        ([_stop(None)], None),
        ([_stop(time(10), "座谈90分钟"), _stop(time(15))], None),
        ([_stop(time(10), "座谈（车程2小时）")], None),
        ([_stop(time(8), "出发"), _stop(time(17), "入住")], None),
        ([_stop(None, "座谈20分钟")], None),
        ([_stop(None, "8:00-22:00")], 720),
        ([], None),
    ],
)
def test_a_day_counts_what_its_programme_says(stops: list[StopPlan], minutes: int | None) -> None:
    """Spans, lengths, ends and half days; travel, meals and rest are nobody's learning."""
    found = visit_minutes.by_programme(stops)
    assert found == ({} if minutes is None else {DAY: minutes})


def test_the_roll_proposes_what_the_programme_says_until_it_is_settled(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Shown before it is counted, changed by whoever calls the roll, and kept once confirmed."""
    pack = write_pack(tmp_path / "pack", 1)
    county = database.write_now(build, pack, now=start, learners=2)
    chief = county.coordinator
    assert chief is not None

    def prepare(session: Any) -> int:
        visit = travelling(session, county, now=start)
        session.connection().execute(
            text("UPDATE visit_stop SET programme = '座谈（至11:30）' WHERE place = 1")
        )
        return visit.id or 0

    visit_id = database.write_now(prepare)

    def shown() -> tuple[list[int], set[date]]:
        page = database.read_now(visit_roll.roll, chief, visit_id, now=NOON)
        return [minutes for _, minutes in page.days], set(page.by_programme)

    def counted() -> list[int]:
        query = "SELECT minutes FROM learning_record WHERE person_id = :one ORDER BY occurred_on"
        values = {"one": county.learners[0].person_id}
        return database.read_now(
            lambda session: list(session.connection().execute(text(query), values).scalars())
        )

    assert shown() == ([90, 360, 360], {FIRST})
    database.write_now(visit_roll.set_minutes, chief, visit_id, LAST, 240, now=NOON)
    assert shown() == ([90, 360, 240], {FIRST})
    assert counted() == []
    database.write_now(visit_roll.confirm, chief, visit_id, evidence="roll_call", now=NOON)
    assert shown() == ([90, 360, 240], set())
    assert counted() == [90, 360, 240]
    database.write_now(visit_roll.set_minutes, chief, visit_id, FIRST, 120, now=NOON)
    assert shown() == ([120, 360, 240], set())
