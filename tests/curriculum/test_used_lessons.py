"""这周哪一课用上了: when it is asked, whose answer it is, and who may read it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from curriculum import daily_lesson, used_lessons
from curriculum.errors import NotThere, TextTooLong
from scheduler import planner
from storage import used_lessons as stored
from storage.engine import Database
from tests.county import BOT
from tests.curriculum.centre import found
from tests.curriculum.outbox import Outbox

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC).date()


def test_it_is_asked_on_the_last_working_day_of_a_week(database: Database, tmp_path: Path) -> None:
    """Friday as a rule; the day before a holiday that ends the week; a Saturday that is worked."""
    centre = database.write_now(found, tmp_path, now=TUESDAY)
    cohort = centre.county.cohort.id
    asked = {
        day: database.read_now(used_lessons.is_asked_on, f"{cohort}:{day}")
        for day in ("2026-11-26", "2026-11-27", "2026-10-09", "2026-10-10", "2026-09-24")
    }
    assert asked == {
        "2026-11-26": False,
        "2026-11-27": True,
        # A make-up Saturday follows.
        "2026-10-09": False,
        "2026-10-10": True,
        # Mid-autumn is a Friday off.
        "2026-09-24": True,
    }
    for forged in ("", "x", "999:2026-11-27", "1:asked:3"):
        assert not database.read_now(used_lessons.is_asked_on, forged)


def test_an_answer_is_the_learners_own_until_she_shares_it(
    database: Database, tmp_path: Path
) -> None:
    """One a week, the last one stands; nobody else can share it."""
    centre = database.write_now(found, tmp_path, now=TUESDAY)
    learner, other = centre.county.learners[:2]
    planned = {"bot": BOT, "now": FRIDAY, "real": FRIDAY}
    database.write_now(planner.plan_due, daily_lesson, **planned)
    Outbox(database).send(FRIDAY)
    (choice,) = database.read_now(used_lessons.choices, learner, now=FRIDAY)
    with pytest.raises(NotThere):
        database.write_now(used_lessons.note, learner, 999, "", now=FRIDAY)
    with pytest.raises(NotThere):
        database.write_now(used_lessons.note, centre.coordinator, None, "", now=FRIDAY)
    with pytest.raises(TextTooLong):
        used_lessons.readable("长" * 201)
    for lesson_id, text in ((None, ""), (choice.lesson_id, "先听")):
        used_id = database.write_now(used_lessons.note, learner, lesson_id, text, now=FRIDAY)
    assert database.read_now(stored.count, learner.person_id) == 1
    cohort = centre.county.cohort.id or 0
    for shares, speaker, seen in (
        (True, other, []),
        (True, learner, ["先听"]),
        (False, learner, []),
    ):
        if speaker is other:
            with pytest.raises(NotThere):
                database.write_now(used_lessons.share, other, used_id, is_shared=shares, now=FRIDAY)
        else:
            database.write_now(used_lessons.share, learner, used_id, is_shared=shares, now=FRIDAY)
        assert database.read_now(stored.shared, cohort, since=MONDAY, limit=3) == seen
