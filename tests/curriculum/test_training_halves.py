"""Half days one by one: added, changed and dropped after the announcement, told once, undone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    training_attendance,
    training_certificates,
    training_changes,
    training_events,
    training_halves,
    training_seats,
)
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.training_errors import (
    TrainingCertified,
    TrainingDates,
    TrainingHalfFar,
    TrainingHalfLast,
    TrainingHalfOverlaps,
    TrainingHalfSigned,
    TrainingHours,
    TrainingUndoTooLate,
)
from curriculum.training_events import EventView
from curriculum.training_words import PeriodPlan
from storage.engine import Database
from storage.signatures import Signer
from storage.trainings import TrainingPeriod
from tests.county import County, build, write_pack
from tests.curriculum.events import mark_sent
from tests.curriculum.test_trainings import verdicts
from tests.curriculum.trainings import announced, coordinator

MINUTE = timedelta(minutes=1)
# The training lies on 21 and 22 December, 9:30 and 15:00; this is its first evening.
EVENING = datetime.fromisoformat("2026-12-21T12:00:00+00:00")


class Planned:
    """A training of four half days that is announced; the first learner gives the first."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database, self.start = database, start
        self.county: County = database.write_now(
            build, write_pack(folder / "pack", 1), now=start, learners=3
        )
        self.chief = coordinator(self.county)
        self.event = database.write_now(
            lambda session: announced(session, self.county, now=start, places=3)
        )
        self.event_id = self.event.event_id
        for learner in self.county.learners[1:]:
            database.write_now(training_seats.register, learner, self.event_id, now=start)
        # Nobody but who comes or gives a half day is concerned then.
        mark_sent(database, "annual_training")
        database.write_now(
            training_seats.decline,
            self.county.learners[0],
            self.event_id,
            reason="unsaid",
            now=start,
        )

    def seen(self, now: datetime) -> EventView:
        """The training as its coordinator sees it."""
        return self.database.read_now(training_events.read, self.chief, self.event_id, now=now)

    def reads(self, now: datetime) -> list[str]:
        """Its half days: when, how long, what about."""
        return [
            f"{one.starts_at:%d %H:%M} {one.minutes} {one.topic}" for one in self.seen(now).periods
        ]

    def time(self, written: str, period_id: int = 0, *, now: datetime | None = None) -> Any:
        """What a written time is read as."""
        return self.database.read_now(
            training_halves.read_time,
            self.chief,
            self.event_id,
            period_id,
            written,
            now=now or self.start,
        )

    def add(self, written: str, topic: str = "演练", *, now: datetime | None = None) -> EventView:
        """加半天."""
        now = now or self.start
        starts_at, minutes = self.time(written, now=now)
        return self.database.write_now(
            training_halves.add,
            self.chief,
            self.event_id,
            PeriodPlan(starts_at, minutes, topic, ""),
            seen=self.seen(now).version,
            now=now,
        )

    def change(
        self, place: int, field: str, *, now: datetime | None = None, **values: Any
    ) -> EventView:
        """改时间, 改主题, 改讲师 of the half day at a place."""
        now = now or self.start
        found = self.seen(now)
        one = found.periods[place]
        plan = PeriodPlan(one.starts_at, one.minutes, one.topic, one.trainer)
        return self.database.write_now(
            training_halves.change,
            self.chief,
            one.period_id,
            field,
            replace(plan, **values),
            seen=found.version,
            now=now,
        )

    def drop(
        self, place: int, *, by: Speaker | None = None, now: datetime | None = None
    ) -> EventView:
        """删半天."""
        now = now or self.start
        found = self.seen(now)
        return self.database.write_now(
            training_halves.drop,
            by or self.chief,
            found.periods[place].period_id,
            seen=found.version,
            now=now,
        )

    def undo(self, now: datetime) -> EventView:
        """撤销."""
        return self.database.write_now(training_changes.undo, self.chief, self.event_id, now=now)

    def told(self, now: datetime) -> dict[int, list[str]]:
        """What of the programme each would be told, by place among the learners."""
        said = verdicts(self.database, "training_changed", now=now)
        people = [learner.person_id for learner in self.county.learners]
        return {
            people.index(person): [
                f"{half.what} {half.topic}"
                for field, _, halves in verdict.values["changes"]
                if field == "programme"
                for half in halves
            ]
            for person, verdict in said.items()
            if isinstance(verdict, Facts)
        }

    def tick(self, place: int, learner: int, *, now: datetime = EVENING) -> None:
        """A tap on the list of a half day."""
        self.database.write_now(
            training_attendance.tick,
            self.chief,
            self.seen(EVENING).periods[place].period_id,
            self.county.learners[learner].person_id,
            now=now,
        )

    def ledger(self) -> list[tuple[str, int, bool]]:
        """(evidence, minutes, whether it corrects another) of every row."""

        def rows(session: Session) -> list[Any]:
            statement = (
                "SELECT evidence, minutes, corrects IS NOT NULL FROM learning_record ORDER BY id"
            )
            return [tuple(row) for row in session.connection().execute(text(statement))]

        return [
            (evidence, minutes, bool(is_new))
            for evidence, minutes, is_new in self.database.read_now(rows)
        ]


@pytest.fixture
def planned(database: Database, tmp_path: Path, start: datetime) -> Planned:
    """On either database."""
    return Planned(database, tmp_path, start)


def test_a_half_day_is_added_changed_and_dropped_and_told_as_one(planned: Planned) -> None:
    """Who comes and who gives a half day hear once of all that changed; undoing takes one step."""
    start = planned.start
    added = planned.add("12月22日 19点到21点")
    assert planned.reads(start)[-1] == "22 11:00 120 演练"
    assert (added.can_undo, added.moves, added.ends_at) == (
        True,
        1,
        datetime.fromisoformat("2026-12-22T13:00:00+00:00"),
    )
    # The first learner declined, but gives a half day.
    assert planned.told(start + MINUTE) == {place: ["added 演练"] for place in range(3)}
    planned.change(1, "topic", topic="个案会谈")
    planned.change(2, "trainer", trainer="学员3")
    planned.drop(0)
    said = ["dropped 接案", "reworded 个案会谈", "reworded 小组", "added 演练"]
    assert planned.told(start + MINUTE) == dict.fromkeys(range(3), said)
    # Undoing brings the half day back with the code that hangs on the wall.
    tokens = {one.period_id for one in planned.event.periods}
    back = planned.undo(start + 9 * MINUTE)
    assert tokens <= {one.period_id for one in back.periods}
    assert len(back.periods) == 5
    assert planned.told(start + 10 * MINUTE)[0] == said[1:]
    mark_sent(planned.database, "training_changed")
    planned.drop(4)
    planned.undo(start + MINUTE)
    assert planned.told(start + 2 * MINUTE) == {}
    moved = planned.change(1, "time", starts_at=planned.time("14点到17点", _id(planned, 1))[0])
    assert f"{moved.periods[1].starts_at:%d %H:%M}" == "21 06:00"
    mark_sent(planned.database, "training_changed")
    with pytest.raises(TrainingUndoTooLate):
        planned.undo(start + 11 * MINUTE)


def _id(planned: Planned, place: int) -> int:
    return planned.seen(planned.start).periods[place].period_id


def test_a_half_day_lies_where_it_can(planned: Planned) -> None:
    """Beside the others, near them, after the deadline, one at least; nobody else moves it."""
    for written in ("12月21日 10点到11点", "12月21日 9:00-18:00"):
        with pytest.raises((TrainingHalfOverlaps, TrainingHours)):
            planned.time(written)
    with pytest.raises(TrainingHalfFar):
        planned.time("12月29日 9:00-11:00")
    planned.database.write_now(
        training_changes.change,
        planned.chief,
        planned.event_id,
        "deadline",
        "2026-12-20",
        seen=planned.event.version,
        now=planned.start,
    )
    with pytest.raises(TrainingDates):
        planned.time("12月19日 9:00-11:00")
    for written in ("后天", "9点", "12月22日", "17:00-14:00", "12月22日 19:00-19:05"):
        with pytest.raises(TrainingHours):
            planned.time(written, _id(planned, 0))
    # Its own hours are no hindrance to itself.
    planned.time("9:00-12:00", _id(planned, 0))
    for stranger in planned.county.learners:
        with pytest.raises(NotThere):
            planned.drop(0, by=stranger)
    with pytest.raises(ChangedMeanwhile):
        planned.database.write_now(
            training_halves.drop, planned.chief, _id(planned, 0), seen=99, now=planned.start
        )
    for _ in range(3):
        planned.drop(0)
    with pytest.raises(TrainingHalfLast):
        planned.drop(0)


def test_where_people_signed_in_the_ledger_is_corrected_or_nothing_moves(
    planned: Planned,
) -> None:
    """Other minutes become correcting rows, also when undone; time and half day stay."""
    planned.tick(1, 1)
    planned.tick(1, 2)
    for act in (lambda: planned.drop(1, now=EVENING), lambda: _later(planned)):
        with pytest.raises(TrainingHalfSigned):
            act()
    planned.change(1, "time", minutes=120, now=EVENING)
    assert planned.ledger() == [("roll_call", 180, False)] * 2 + [("roll_call", 120, True)] * 2
    planned.change(1, "topic", topic="个案会谈", now=EVENING)
    assert len(planned.ledger()) == 4
    undone = planned.undo(EVENING + MINUTE)
    assert undone.periods[1].topic == "个案"
    planned.change(1, "time", minutes=90, now=EVENING + MINUTE)
    planned.undo(EVENING + 2 * MINUTE)
    assert [minutes for _, minutes, _ in planned.ledger()] == [180, 180, 120, 120, 90, 90, 120, 120]
    # Who was ticked by mistake is taken out first; then the half day goes, and the ledger says so.
    planned.tick(1, 1)
    planned.tick(1, 2)
    assert planned.ledger()[-2:] == [("annulled", 0, True)] * 2
    planned.drop(1, now=EVENING)
    assert len(planned.undo(EVENING + MINUTE).periods) == 4


def _later(planned: Planned) -> Any:
    at = planned.seen(EVENING).periods[1].starts_at + timedelta(hours=1)
    return planned.change(1, "time", starts_at=at, now=EVENING)


def test_a_training_under_way_can_still_be_changed_until_certificates_say_its_hours(
    planned: Planned,
) -> None:
    """An evening more; undone unless somebody signed in; with certificates out it stays."""
    begun = planned.add("12月21日 20:30-21:30", now=EVENING)
    assert begun.can_undo
    planned.undo(EVENING + MINUTE)
    assert len(planned.reads(EVENING)) == 4
    planned.add("12月21日 20:30-21:30", now=EVENING)
    planned.database.write_now(_sign_in, planned, now=EVENING + 5 * MINUTE)
    with pytest.raises(TrainingHalfSigned):
        planned.undo(EVENING + 6 * MINUTE)
    over = planned.event.ends_at + MINUTE
    for place in (0, 1, 3, 4):
        planned.tick(place, 2, now=over)
    planned.database.write_now(
        training_certificates.issue,
        planned.chief,
        planned.event_id,
        seen=1,
        size=1,
        signer=Signer(b"c" * 32),
        now=over,
    )
    with pytest.raises(TrainingCertified):
        planned.drop(3, now=over)
    found = planned.database.read_now(training_halves.half, planned.chief, _id(planned, 0))
    assert not found.can_change


def _sign_in(session: Session, planned: Planned, *, now: datetime) -> None:
    periods = planned.seen(now).periods
    period = session.get_one(TrainingPeriod, periods[2].period_id)
    training_attendance.sign_in(session, planned.county.learners[2], period.token, now=now)
