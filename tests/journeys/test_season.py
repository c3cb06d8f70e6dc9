"""A season in small: each working day's lesson once, and a check that can fail."""

from pathlib import Path

import pytest

from bot.config import Config
from bot.rehearsal import season


@pytest.mark.asyncio
async def test_a_month_with_make_up_days_brings_each_lesson_once(tmp_path: Path) -> None:
    """Answering, skipping, blocking and coming back: nobody is left out, nobody gets it twice."""
    found = await season.play(Config(), None, days_long=49, learners=6, seed=3, folder=tmp_path)
    assert found.wrong == ()
    assert (found.make_up_days, found.working_days, found.days_off) == (2, 31, 18)
    assert found.lessons_arrived == found.lessons_due > 100
    assert found.records == found.acts > 50
    assert found.lessons_due + found.away == 6 * found.working_days


@pytest.mark.asyncio
async def test_a_lesson_sent_twice_would_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The season's own check fails when the server's log holds one lesson more."""
    counted = season._arrivals

    def one_more(running, zone):  # type: ignore[no-untyped-def]
        arrived = counted(running, zone)
        key = next(key for key in arrived if key[0] >= season.FIRST_ACCOUNT)
        arrived[key] += 1
        return arrived

    monkeypatch.setattr(season, "_arrivals", one_more)
    found = await season.play(Config(), None, days_long=2, learners=1, seed=1, folder=tmp_path)
    assert len(found.wrong) == 1
    assert "2 lessons, not 1" in found.wrong[0]
