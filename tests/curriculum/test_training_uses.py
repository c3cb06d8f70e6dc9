"""用上了没有: asked 30 and 60 days after of who was there; what she says is hers alone."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import training_attendance, training_data, training_seats, training_uses
from curriculum.errors import NotThere
from storage.engine import Database
from tests.county import BOT, build, write_pack
from tests.curriculum.trainings import announced, coordinator

END = datetime.fromisoformat("2026-12-22T10:00:00+00:00")
# Nine in the morning, Shanghai time, 30 days after the last day.
ASKED = datetime.fromisoformat("2027-01-21T01:00:00+00:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_it_is_asked_twice_and_kept_for_her(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Each time once, to who was there; the sentence goes when she is forgotten."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=2)
    who, absent = county.learners
    event = database.write_now(lambda session: announced(session, county, now=start))
    database.write_now(training_seats.register, who, event.event_id, now=start)
    database.write_now(
        training_attendance.tick,
        coordinator(county),
        event.periods[3].period_id,
        who.person_id,
        now=END,
    )

    def owe(now: datetime) -> int:
        return database.write_now(training_uses.owe, bot=BOT, now=now)

    def note(speaker: Any, days: int, now: datetime, **said: Any) -> None:
        database.write_now(
            training_uses.note, speaker, event.event_id, days, **{"is_used": True, **said}, now=now
        )

    def rows(session: Session) -> list[Any]:
        query = text("SELECT days, is_used, text FROM training_use ORDER BY days")
        return [(row[0], bool(row[1]), row[2]) for row in session.connection().execute(query)]

    assert database.read_now(training_uses.next_asked, bot=BOT, now=END) == ASKED
    moments = (ASKED - MINUTE, ASKED, ASKED + DAY, ASKED + 30 * DAY, ASKED + 31 * DAY)
    assert [owe(moment) for moment in moments] == [0, 1, 0, 1, 0]
    note(who, 30, ASKED)
    note(who, 30, ASKED + MINUTE, text="家访前先列了提纲")
    note(who, 60, ASKED + 30 * DAY, is_used=False)
    for speaker, days, now in (
        (absent, 30, ASKED),
        (who, 45, ASKED),
        (who, 60, ASKED),
        (who, 30, ASKED + 31 * DAY),
    ):
        with pytest.raises(NotThere):
            note(speaker, days, now)
    assert database.read_now(rows) == [(30, True, "家访前先列了提纲"), (60, False, "")]
    database.write_now(training_data.erase, who.person_id, now=ASKED)
    assert database.read_now(rows) == [(30, True, ""), (60, False, "")]
