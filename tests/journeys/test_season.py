"""A season in small: a centre's learners, each lesson once, and a check that can fail."""

import random
from collections import Counter
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest

from bot.config import Config
from bot.rehearsal import season, season_count
from bot.rehearsal.rehearse import STARTER_PACK
from bot.rehearsal.season_crowd import Learner, crowd
from tests.county import read_once
from tests.proving import IS_LONG


@pytest.mark.asyncio
async def test_a_month_with_make_up_days_brings_each_lesson_once(tmp_path: Path) -> None:
    """Paces, hours, pauses, late joiners, blocks, recall: nobody is left out or gets it twice."""
    days, learners = (49, 8) if IS_LONG else (28, 7)
    found = await season.play(
        Config(),
        read_once(STARTER_PACK),
        days_long=days,
        learners=learners,
        seed=59,
        folder=tmp_path,
    )
    assert found.wrong == ()
    counted = (found.make_up_days, found.working_days, found.days_off)
    assert counted == ((2, 31, 18) if IS_LONG else (1, 21, 7))
    assert found.own_pace == (4 if IS_LONG else 3)
    assert found.lessons_arrived == found.lessons_due > 100
    assert found.records == found.acts > 90
    assert found.joined_late > 0
    assert found.pauses > 0
    assert found.rested > 0
    # Whoever joins late enough for a must does so in the long form.
    assert found.musts > 0 or not IS_LONG
    assert found.recalled.asked > 50
    assert 0 < found.recalled.most_a_day <= 5


@pytest.mark.asyncio
async def test_the_same_seed_plays_the_same_season(tmp_path: Path) -> None:
    """What a season found can be found again."""
    summaries = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        found = await season.play(
            Config(),
            read_once(STARTER_PACK),
            days_long=3,
            learners=4,
            seed=5,
            folder=tmp_path / folder,
        )
        summaries.append(season.comparable(found))
    assert summaries[0] == summaries[1]


def _learner() -> Learner:
    return crowd(1, date(2026, 8, 23), [date(2026, 8, 24)], random.Random(1))[0]  # noqa: S311


def _stored(**changes: object) -> season_count.Stored:
    empty: dict[str, object] = {
        "records": Counter(),
        "musts": {},
        "taught_musts": {},
        "daily": {},
        "asks": Counter(),
        "backs": {},
        "failed": [],
        "predictions": [],
    }
    return season_count.Stored(**(empty | changes))  # type: ignore[arg-type]


def test_the_count_finds_what_is_wrong() -> None:
    """A lesson twice, at a wrong hour, at night, a lost record, too much recall: each is named."""
    learner, day = _learner(), date(2026, 8, 24)
    learner.joined, learner.own_hour, learner.hour = True, None, clock_time(10)
    learner.due.add(day)
    user = learner.user_id

    def wrong(hours: list[clock_time], **changes: object) -> str:
        return " | ".join(
            season_count.differences(
                [learner], [day], {(user, day): hours}, _stored(**changes), lessons=60
            )
        )

    assert wrong([clock_time(10)]) == ""
    assert "2 lessons, not 1" in wrong([clock_time(10), clock_time(10)])
    assert "0 lessons, not 1" in wrong([])
    assert "a lesson at 11:00, not 10:00" in wrong([clock_time(11)])
    learner.late_on.add(day)
    assert "a lesson at 22:00" in wrong([clock_time(22)])
    learner.recorded[day] = 1
    assert "0 records, not 1" in wrong([clock_time(10)])
    kept = {"records": Counter({(user, day): 1})}
    assert wrong([clock_time(10)], **kept) == ""
    asks = {"asks": Counter({(user, day): 3})}
    assert "3 recall questions" in wrong([clock_time(10)], **kept, **asks)
    assert wrong([clock_time(10)], **kept, **asks, backs={user: [day]}) == ""
    assert "a must came twice" in wrong(
        [clock_time(10)], **kept, musts={user: [(day, "010"), (day + timedelta(days=1), "010")]}
    )
    assert "delivery 7" in wrong([clock_time(10)], **kept, failed=["delivery 7 failed"])
