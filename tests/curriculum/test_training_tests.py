"""A training's test: chosen before, asked before and after, the gain hers, the mean from five."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    training_attendance,
    training_data,
    training_seats,
    training_test_plans,
    training_tests,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_errors import TrainingTestClosed, TrainingTestSettled, TrainingTestTooLong
from curriculum.training_tests import AFTER, BEFORE, Asked
from storage.engine import Database
from tests.county import BOT, County, build, write_pack
from tests.curriculum.trainings import announced, coordinator

EVE = datetime.fromisoformat("2026-12-20T09:00:00+00:00")
BEGIN = datetime.fromisoformat("2026-12-21T01:30:00+00:00")
END = datetime.fromisoformat("2026-12-22T10:00:00+00:00")
CLOSED = END + timedelta(days=8)
HOUR = timedelta(hours=1)


class Sitting:
    """A training for six with a test of two questions."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database, self.start = database, start
        pack = write_pack(folder / "pack", 12)
        self.county: County = database.write_now(build, pack, now=start, learners=6)
        self.chief = coordinator(self.county)
        self.event = database.write_now(
            lambda session: announced(session, self.county, now=start, places=6)
        )
        for learner in self.county.learners:
            database.write_now(training_seats.register, learner, self.event.event_id, now=start)
        self.lessons = self.ids("SELECT id FROM lesson ORDER BY position")
        for lesson_id in self.lessons[:2]:
            self.add(lesson_id)

    def ids(self, query: str) -> list[Any]:
        """The first column of some rows."""

        def read(session: Session) -> list[Any]:
            return [row[0] for row in session.connection().execute(text(query))]

        return self.database.read_now(read)

    def add(self, lesson_id: int, *, by: Speaker | None = None, now: datetime | None = None) -> int:
        """加题; gives how many there are."""
        found = self.database.write_now(
            training_test_plans.add,
            by or self.chief,
            self.event.event_id,
            lesson_id,
            now=now or self.start,
        )
        return len(found.questions)

    def plan(self, now: datetime) -> training_test_plans.Plan:
        """前后测."""
        return self.database.read_now(
            training_test_plans.plan, self.chief, self.event.event_id, now=now
        )

    def come(self) -> None:
        """All of them are there in the last half day."""
        for learner in self.county.learners:
            self.database.write_now(
                training_attendance.tick,
                self.chief,
                self.event.periods[3].period_id,
                learner.person_id,
                now=END,
            )

    def take(self, who: Speaker, part: str, rights: tuple[bool, ...], now: datetime) -> Asked:
        """Answer so many questions, right or wrong; gives what came next."""
        found = self.ask(who, part, now)
        for is_right in rights:
            assert found.question is not None
            correct = found.question["answer"]
            wrong = (correct + 1) % len(found.question["options"])
            found = self.database.write_now(
                training_tests.answer,
                who,
                self.event.event_id,
                part,
                found.version_id or 0,
                chosen=correct if is_right else wrong,
                now=now,
            )
        return found

    def ask(self, who: Speaker, part: str, now: datetime) -> Asked:
        """做题."""
        return self.database.read_now(training_tests.ask, who, self.event.event_id, part, now=now)

    def owe(self, now: datetime) -> int:
        """The ticker's job."""
        return self.database.write_now(training_tests.owe, bot=BOT, now=now)


@pytest.fixture
def sitting(database: Database, tmp_path: Path, start: datetime) -> Sitting:
    """A training with a test, on either database."""
    return Sitting(database, tmp_path, start)


def test_up_to_ten_questions_are_chosen_until_the_evening_before(sitting: Sitting) -> None:
    """Twice is once; an eleventh, somebody else's hand, and a late change are refused."""
    assert sitting.add(sitting.lessons[0]) == 2
    for lesson_id in sitting.lessons[2:10]:
        sitting.add(lesson_id)
    with pytest.raises(TrainingTestTooLong):
        sitting.add(sitting.lessons[10])
    with pytest.raises(NotThere):
        sitting.add(sitting.lessons[10], by=sitting.county.learners[0])
    (first, *_) = sitting.plan(sitting.start).questions
    found = sitting.database.write_now(
        training_test_plans.drop,
        sitting.chief,
        sitting.event.event_id,
        first.version_id,
        now=sitting.start,
    )
    assert (len(found.questions), found.can_change) == (9, True)
    assert not sitting.plan(EVE).can_change
    with pytest.raises(TrainingTestSettled):
        sitting.add(sitting.lessons[10], now=EVE)


def test_it_is_sent_on_the_evening_before_and_after_the_last_half_day(sitting: Sitting) -> None:
    """Before to who registered, after to who was there; each once."""
    assert sitting.owe(EVE - HOUR) == 0
    assert [sitting.owe(EVE), sitting.owe(EVE + HOUR), sitting.owe(BEGIN)] == [6, 0, 0]
    sitting.come()
    later = END + HOUR
    assert [sitting.owe(END), sitting.owe(later), sitting.owe(later)] == [0, 6, 0]
    asked = sitting.database.read_now(training_tests.next_asked, bot=BOT, now=EVE - HOUR)
    assert asked == EVE


def test_the_first_answer_counts_and_she_alone_sees_her_gain(sitting: Sitting) -> None:
    """One right before, two after; the first half day's late minutes close the first part."""
    who = sitting.county.learners[0]
    found = sitting.take(who, BEFORE, (True,), EVE)
    assert (found.place, found.places) == (2, 2)
    found = sitting.take(who, BEFORE, (False,), EVE)
    assert (found.question, found.right, found.before) == (None, 1, None)
    with pytest.raises(TrainingTestClosed):
        sitting.ask(who, BEFORE, BEGIN + HOUR)
    with pytest.raises(NotThere):
        sitting.ask(who, AFTER, END + HOUR)
    sitting.come()
    found = sitting.take(who, AFTER, (True, True), END + HOUR)
    assert (found.before, found.right, found.places) == (1, 2, 2)
    with pytest.raises(TrainingTestSettled):
        sitting.add(sitting.lessons[5])


def test_a_forged_answer_finds_nothing(sitting: Sitting) -> None:
    """A question that is not asked, an option that it does not have, a part that is none."""
    who = sitting.county.learners[0]
    (version_id, *_) = (one.version_id for one in sitting.plan(EVE).questions)
    other = max(sitting.ids("SELECT id FROM lesson_version"))
    for part, asked, chosen in (
        (BEFORE, other, 0),
        (BEFORE, version_id, 99),
        ("between", version_id, 0),
    ):
        with pytest.raises(NotThere):
            sitting.database.write_now(
                training_tests.answer,
                who,
                sitting.event.event_id,
                part,
                asked,
                chosen=chosen,
                now=EVE,
            )


def test_the_means_are_of_who_took_both_from_five_up_once_closed(sitting: Sitting) -> None:
    """Four are too few; the fifth makes them seen, but not before the week is over."""
    learners = sitting.county.learners
    for learner in learners[:5]:
        sitting.take(learner, BEFORE, (True, False), EVE)
    sitting.take(learners[5], BEFORE, (True,), EVE)
    sitting.come()
    for learner in (*learners[:4], learners[5]):
        sitting.take(learner, AFTER, (True, True), END + HOUR)
    assert sitting.plan(CLOSED).before is None
    sitting.take(learners[4], AFTER, (False, False), END + HOUR)
    assert sitting.plan(END + 2 * HOUR).after is None
    found = sitting.plan(CLOSED)
    assert (found.took_both, found.before, found.after) == (5, 1.0, 1.6)


def test_forgetting_takes_what_she_chose(sitting: Sitting) -> None:
    """Nothing else is made of it, so nothing of it stays."""
    who = sitting.county.learners[0]
    sitting.take(who, BEFORE, (True, False), EVE)
    counts = sitting.database.write_now(training_data.erase, who.person_id, now=EVE)
    assert counts["training_tests"] == 2
    assert sitting.ids("SELECT count(*) FROM training_test_answer") == [0]
