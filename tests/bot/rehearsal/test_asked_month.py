"""The sample month in the rehearsal: asked as the clock moves, masked, and each once."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import timedelta
from pathlib import Path

import pytest

from bot.guarding import look
from bot.rehearsal.rehearse import let_colleagues_ask
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    START,
    SUPERVISOR,
    Play,
    county,
    folder,
    play,
)

pytestmark = pytest.mark.asyncio
MONTH = Path(__file__).parents[2] / "data" / "sample_month" / "questions.jsonl"


async def test_a_months_questions_come_as_the_clock_moves(play: Play, tmp_path: Path) -> None:
    """A day brings some, a week many; a second start asks none of them again."""
    await let_colleagues_ask(play.running, MONTH, folder=tmp_path)
    await play.through(START + timedelta(days=1))
    first = await play.count("question")
    assert 1 < first < 60
    month = await let_colleagues_ask(play.running, MONTH, folder=tmp_path)
    assert await month.ask_until(play.running.clock.now()) == 0
    assert await month.ask_until(START + timedelta(days=6)) > 50
    rows = await play.rows("SELECT text, anonymous, urgency FROM question")
    assert not [text for text, _, _ in rows if look(text).kinds]
    assert {bool(anonymous) for _, anonymous, _ in rows} == {True, False}
    assert {urgency for _, _, urgency in rows} == {"urgent", "can_wait"}
    said = await play.say(SUPERVISOR, "待答提问")
    assert f"共 {len(rows)} 个" in said
