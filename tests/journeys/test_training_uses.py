"""Thirty days after a training: was it of use, in one tap and one sentence, for herself alone."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.rehearsal.county import PHONES
from bot.rehearsal.samples import set_samples
from storage.trainings import TrainingEvent
from tests.journeys.conftest import Play

pytestmark = pytest.mark.asyncio
WORKER = PHONES[1].user_id


def _ended(session: Session, at: datetime) -> None:
    event = session.exec(select(TrainingEvent).order_by(col(TrainingEvent.starts_at))).first()
    assert event is not None
    event.starts_at, event.ends_at = at - timedelta(days=1), at
    session.add(event)


async def test_what_was_learnt_is_put_to_use(play: Play) -> None:
    """One tap, one sentence without the number in it; whose it is reads nobody else."""
    await set_samples(play.running)
    now = play.running.clock.now()
    await play.running.wuxue.database.write(_ended, now - timedelta(days=29, hours=4))
    await play.through(now + timedelta(hours=13))
    assert "只有您自己看得到" in play.with_text(WORKER, "培训学的用上了吗").text
    await play.press(WORKER, "用上了")
    await play.say(WORKER, "家访前列了提纲，13988887777")
    await play.press(WORKER, play.labels(WORKER)[0])
    rows = await play.rows("SELECT days, is_used, text FROM training_use")
    assert rows[0][:2] == (30, 1)
    assert "列了提纲" in rows[0][2]
    assert "13988887777" not in rows[0][2]
