"""Feedback on a training: asked once of who was there, without a name, shown late, from five."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import training_attendance, training_feedback, training_seats
from curriculum.errors import NotThere, TextTooLong
from curriculum.people import Speaker
from curriculum.training_errors import FeedbackClosed, FeedbackGiven
from curriculum.training_feedback import ASPECTS, Results
from storage.engine import Database
from tests.county import BOT, County, build, write_pack
from tests.curriculum.trainings import announced, coordinator

# The last half day ends at six in the evening, Shanghai time.
END = datetime.fromisoformat("2026-12-22T10:00:00+00:00")
HOUR = timedelta(hours=1)
CLOSED = END + timedelta(days=8)
GOOD = dict.fromkeys(ASPECTS, 5)


class Over:
    """A training that is over, where six of seven were."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        pack = write_pack(folder / "pack", 1)
        self.county: County = database.write_now(build, pack, now=start, learners=7)
        self.chief = coordinator(self.county)
        self.event = database.write_now(
            lambda session: announced(session, self.county, now=start, places=7)
        )
        for learner in self.county.learners:
            database.write_now(training_seats.register, learner, self.event.event_id, now=start)
        for learner in self.county.learners[:6]:
            self.was_there(learner)

    def was_there(self, who: Speaker) -> None:
        """Called on the last afternoon, or entered later."""
        self.database.write_now(
            training_attendance.tick,
            self.chief,
            self.event.periods[3].period_id,
            who.person_id,
            now=END,
        )

    def owe(self, now: datetime) -> int:
        """The ticker's job."""
        return self.database.write_now(training_feedback.owe_after, bot=BOT, now=now)

    def answer(
        self,
        who: Speaker,
        scores: dict[str, int] | None = None,
        words: str = "",
        now: datetime = END + HOUR,
    ) -> None:
        """One person's answers."""
        self.database.write_now(
            training_feedback.answer, who, self.event.event_id, scores or GOOD, words, now=now
        )

    def results(self, now: datetime = CLOSED, page: int = 0) -> Results:
        """培训评价."""
        return self.database.read_now(
            training_feedback.results, self.chief, self.event.event_id, page=page, now=now
        )

    def rows(self, query: str) -> list[Any]:
        """Rows of the database."""

        def read(session: Session) -> list[Any]:
            return [tuple(row) for row in session.connection().execute(text(query))]

        return self.database.read_now(read)


@pytest.fixture
def over(database: Database, tmp_path: Path, start: datetime) -> Over:
    """A training that is over, on either database."""
    return Over(database, tmp_path, start)


def test_it_is_asked_of_who_was_there_in_the_evening(over: Over) -> None:
    """Half an hour after the end, once; of who is entered from paper on the day after."""
    assert over.owe(END + timedelta(minutes=29)) == 0
    asked = over.database.read_now(training_feedback.next_asked, bot=BOT, now=END)
    assert asked == END + timedelta(minutes=30)
    assert over.owe(END + timedelta(minutes=30)) == 6
    assert over.owe(END + 2 * HOUR) == 0
    over.was_there(over.county.learners[6])
    assert over.owe(END + 20 * HOUR) == 1
    assert over.owe(CLOSED) == 0


def test_each_answers_once_and_only_who_was_there(over: Over) -> None:
    """A second time, somebody else, an unknown score, and too late are each refused."""
    first, *_, absent = over.county.learners
    over.answer(first)
    with pytest.raises(FeedbackGiven):
        over.answer(first)
    with pytest.raises(NotThere):
        over.answer(absent)
    second = over.county.learners[1]
    for wrong in (GOOD | {"content": 6}, {"content": 5}):
        with pytest.raises(NotThere):
            over.answer(second, wrong)
    with pytest.raises(TextTooLong):
        over.answer(second, words="很" * 301)
    with pytest.raises(FeedbackClosed):
        over.answer(second, now=CLOSED)
    with pytest.raises(NotThere):
        over.database.read_now(training_feedback.results, first, over.event.event_id, now=CLOSED)


def test_figures_are_shown_when_it_is_closed_and_from_five_up(over: Over) -> None:
    """While it is open only how many answered, so that no two looks tell who came in between."""
    for learner in over.county.learners[:4]:
        over.answer(learner, GOOD | {"content": 3}, "多些演练")
    found = over.results()
    assert (found.answered, found.means, found.texts) == (4, None, ())
    over.answer(over.county.learners[4], words="很好")
    found = over.results(now=END + HOUR)
    assert (found.is_open, found.answered, found.means, found.texts) == (True, 5, None, ())
    found = over.results()
    assert found.means == {**dict.fromkeys(ASPECTS, 5.0), "content": 3.4}
    assert sorted(found.texts) == ["多些演练"] * 4 + ["很好"]


def test_nothing_tells_who_said_what(over: Over) -> None:
    """No person, no time, no order: not in the rows, their keys, or the trail of who did what."""
    for place, learner in enumerate(over.county.learners[:6]):
        over.answer(learner, words=f"第{place}句")
    columns = over.rows("SELECT * FROM training_feedback")[0]
    assert len(columns) == 7
    stored = over.rows("SELECT id, text FROM training_feedback ORDER BY id")
    assert {row[1] for row in stored} == {f"第{place}句" for place in range(6)}
    # Keys drawn from so many that none is near another: they count nothing.
    keys = [row[0] for row in stored]
    assert all(later - one > 1_000 for one, later in pairwise(keys))
    assert over.rows("SELECT count(*) FROM audit_entry WHERE action LIKE '%feedback%'") == [(0,)]
    assert over.rows("SELECT count(*) FROM training_feedback_given") == [(6,)]
