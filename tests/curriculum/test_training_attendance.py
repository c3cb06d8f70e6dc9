"""Attendance at a training: the code in its time, the list, paper, lists; the ledger says which."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import (
    training_attendance,
    training_events,
    training_list,
    training_search,
    training_seats,
    training_sheets,
    training_todo,
)
from curriculum.errors import NotThere, TooEarly
from curriculum.people import Speaker
from curriculum.training_errors import TrainingBegun, TrainingListClosed
from storage.engine import Database
from tests.county import County, build, join, write_pack
from tests.curriculum.trainings import announced, coordinator, draft

FIRST = datetime.fromisoformat("2026-12-21T01:30:00+00:00")
MINUTE = timedelta(minutes=1)


class Day:
    """The first day of a training of two places, with two registered, one waiting."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        pack = write_pack(folder / "pack", 1)
        self.county: County = database.write_now(build, pack, now=start, learners=3)
        self.event = database.write_now(announced, self.county, now=start)
        for learner in self.county.learners:
            database.write_now(training_seats.register, learner, self.event.event_id, now=start)
        self.first, self.second = self.event.periods[0].period_id, self.event.periods[1].period_id

    def token(self, period_id: int) -> str:
        """What the code of a half day carries."""
        found = self.database.read_now(training_list.half, coordinator(self.county), period_id)
        return found.token

    def scan(self, who: Speaker, minutes: float, token: str | None = None) -> str:
        """Scan the first half day's code so long after its start."""
        found = self.database.write_now(
            training_attendance.sign_in,
            who,
            token or self.token(self.first),
            now=FIRST + minutes * MINUTE,
        )
        return found.outcome

    def tick(self, who: Speaker, person: Speaker, minutes: float = 60, **by: str) -> None:
        """A tap on the list."""
        self.database.write_now(
            training_attendance.tick,
            who,
            self.first,
            person.person_id,
            now=FIRST + minutes * MINUTE,
            **by,
        )

    def ledger(self) -> list[tuple[Any, ...]]:
        """(person's place among the learners, evidence, minutes, mode, is a correction)."""
        ids = [learner.person_id for learner in self.county.learners]

        def rows(session: Session) -> list[tuple[Any, ...]]:
            found = session.connection().execute(
                text(
                    "SELECT person_id, evidence, minutes, mode, corrects IS NOT NULL"
                    " FROM learning_record WHERE study = 'annual_training' ORDER BY id"
                )
            )
            return [(ids.index(row[0]), *row[1:4], bool(row[4])) for row in found]

        return self.database.read_now(rows)


@pytest.fixture
def day(database: Database, tmp_path: Path, start: datetime) -> Day:
    """A training on either database."""
    return Day(database, tmp_path, start)


def test_the_code_counts_in_its_time_and_once(day: Day) -> None:
    """From half an hour before to half an hour after the start; early and twice change nothing."""
    first, second, _ = day.county.learners
    assert day.scan(first, -31) == "early"
    assert day.ledger() == []
    assert [day.scan(first, minutes) for minutes in (-30, 5)] == ["recorded", "before"]
    assert [day.scan(second, minutes) for minutes in (31, 32)] == ["late", "before"]
    assert day.ledger() == [(0, "signed_in", 180, "offline", False)]
    with pytest.raises(NotThere):
        day.scan(first, 0, token="forged")


def test_the_code_after_a_roll_that_missed_her_waits_for_the_trainer(day: Day) -> None:
    """She is told that it is for that, and not that she came late."""
    trainer, second, _ = day.county.learners
    day.tick(trainer, second)
    day.tick(trainer, second)
    assert day.scan(second, 5) == "missed"
    day.tick(trainer, second, 10)
    assert day.ledger()[-1][:3] == (1, "roll_call", 180)


def test_a_code_is_good_for_its_half_day_alone(day: Day) -> None:
    """The morning's code in the afternoon says which half day it was of, and records nothing."""
    first = day.county.learners[0]
    assert day.scan(first, 180) == "over"
    assert day.scan(first, 0, token=day.token(day.second)) == "early"
    assert day.ledger() == []


def test_who_is_not_on_the_list_is_confirmed_before_she_is_recorded(day: Day) -> None:
    """She takes nobody's place; the trainer, who is one of the learners here, confirms her."""
    trainer, _, waiting = day.county.learners
    assert day.scan(waiting, 0) == "unannounced"
    assert day.ledger() == []
    roll = day.database.read_now(training_attendance.roll, trainer, day.first, now=FIRST)
    assert (roll.here, roll.to_confirm, roll.everybody) == (0, 1, 3)
    day.tick(trainer, waiting)
    assert day.ledger() == [(2, "roll_call", 180, "offline", False)]
    page = day.database.read_now(training_events.read, waiting, day.event.event_id, now=FIRST)
    assert (page.seat, page.periods[0].state, page.taken) == ("walk_in", "roll_call", 2)


def test_a_wrong_tap_is_taken_back_by_a_new_row(day: Day) -> None:
    """Nothing in the ledger is changed; what stands is the last row."""
    trainer, second, _ = day.county.learners
    for _ in range(3):
        day.tick(trainer, second)
    assert day.ledger() == [
        (1, "roll_call", 180, "offline", False),
        (1, "annulled", 0, "offline", True),
        (1, "roll_call", 180, "offline", True),
    ]


def test_the_list_is_for_who_gives_the_half_day_and_who_arranges_it(day: Day) -> None:
    """Not before it opens; a trainer has a week, a coordinator any time; others find nothing."""
    trainer, second, _ = day.county.learners
    chief = coordinator(day.county)
    with pytest.raises(NotThere):
        day.tick(second, trainer)
    with pytest.raises(TooEarly):
        day.tick(trainer, second, minutes=-31)
    with pytest.raises(NotThere):
        day.tick(trainer, second, evidence="imported")
    week_later = 8 * 24 * 60
    with pytest.raises(TrainingListClosed):
        day.tick(trainer, second, minutes=week_later)
    day.tick(chief, second, minutes=week_later, evidence="on_paper")
    assert day.ledger() == [(1, "on_paper", 180, "offline", False)]
    afternoon = FIRST + timedelta(hours=6)
    with pytest.raises(NotThere):
        day.database.read_now(training_attendance.roll, trainer, day.second, now=afternoon)


def test_a_page_is_ticked_at_once_and_absent_ones_stay_absent(day: Day) -> None:
    """本页都到 takes whoever nothing speaks against."""
    trainer, second, _ = day.county.learners
    day.tick(trainer, second)
    day.tick(trainer, second)
    fresh = day.database.write_now(
        training_attendance.tick_page, trainer, day.first, page=0, now=FIRST + MINUTE
    )
    assert fresh == 1
    assert [row[:2] for row in day.ledger()] == [
        (1, "roll_call"),
        (1, "annulled"),
        (0, "roll_call"),
    ]


def test_names_from_paper_and_people_found_by_name_are_entered(day: Day, start: datetime) -> None:
    """A pasted list is matched to the list; whoever came unregistered is found among the unit's."""
    chief, now = coordinator(day.county), FIRST + 24 * 60 * MINUTE
    matched = day.database.read_now(
        training_list.match, chief, day.first, "1. 学员1\n2. 学员2 晚到\n3. 路人", now=now
    )
    assert (len(matched.sure), matched.unknown + tuple(one.written for one in matched.unsure)) == (
        2,
        ("路人",),
    )
    assert (
        day.database.write_now(
            training_attendance.enter, chief, day.first, list(matched.sure), now=now
        )
        == 2
    )
    guest = day.database.write_now(
        join, day.county, chat_id=300, name="远客", unit=day.county.other_station, now=start
    )
    found = day.database.read_now(
        training_search.find, chief, day.event.event_id, day.first, "远客", now=now
    )
    assert found.people == ((guest.person_id, "远客 鲁朗镇社工站"),)
    day.database.write_now(
        training_attendance.add_walk_in,
        chief,
        day.first,
        guest.person_id,
        evidence="on_paper",
        now=now,
    )
    evidence = day.database.read_now(
        lambda session: [
            row[0]
            for row in session.connection().execute(
                text(
                    "SELECT evidence FROM learning_record WHERE study = 'annual_training'"
                    " ORDER BY id"
                )
            )
        ]
    )
    assert evidence == ["imported", "imported", "on_paper"]


def test_what_has_begun_is_not_left_or_changed_any_more(day: Day) -> None:
    """Who does not come is simply not ticked."""
    first = day.county.learners[0]
    with pytest.raises(TrainingBegun):
        day.database.write_now(
            training_seats.decline, first, day.event.event_id, reason="unsaid", now=FIRST
        )


def test_the_paper_to_sign_shows_numbers_to_its_coordinator_alone(day: Day) -> None:
    """A trainer's copy leaves the telephone numbers out."""
    trainer, chief = day.county.learners[0], coordinator(day.county)
    day.database.write_now(
        lambda session: (
            session.connection().execute(text("UPDATE person SET phone = '13900000000'")) and None
        )
    )

    def contacts(who: Speaker) -> set[str]:
        sheet = day.database.read_now(training_sheets.sign_in_sheet, who, day.first, now=FIRST)
        assert [one.role for one in sheet.signers] == ["learner", "learner"]
        return {one.contact for one in sheet.signers}

    assert contacts(chief) == {"13900000000"}
    assert contacts(trainer) == {""}


def test_what_waits_to_be_confirmed_is_on_the_list_of_who_can(day: Day) -> None:
    """The trainer's and the coordinator's, until it is; a draft waits for who can announce it."""
    trainer, second, waiting = day.county.learners
    chief = coordinator(day.county)
    day.scan(waiting, 0)

    def items(who: Speaker) -> list[tuple[str, int]]:
        found = day.database.read_now(training_todo.items, who, now=FIRST + MINUTE)
        return [(one.kind, one.count) for one in found]

    assert items(trainer) == items(chief) == [("confirm_training", 1)]
    assert items(second) == []
    day.tick(trainer, waiting)
    assert items(trainer) == items(chief) == []
    day.database.write_now(draft, day.county, now=FIRST, first=(FIRST + timedelta(days=20)).date())
    assert items(chief) == [("announce_training", 0)]
    assert items(trainer) == []


def test_a_half_day_of_which_nobody_is_marked_is_asked_for_once_it_is_over(day: Day) -> None:
    """Its trainer and the coordinator; one line a training, for two weeks, until somebody is."""
    trainer, second, _ = day.county.learners
    chief = coordinator(day.county)

    def items(who: Speaker, now: datetime) -> list[tuple[str, int]]:
        found = day.database.read_now(training_todo.items, who, now=now)
        return [(one.kind, one.count) for one in found]

    over = FIRST + timedelta(hours=4)
    assert items(chief, FIRST + MINUTE) == []
    assert items(trainer, over) == items(chief, over) == [("mark_training", 2)]
    assert items(second, over) == []
    two_weeks_on = FIRST + timedelta(days=15)
    assert items(trainer, two_weeks_on) == []
    day.tick(trainer, second)
    assert items(trainer, over) == []
