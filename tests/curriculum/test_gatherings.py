"""Gatherings of any study: who is told of what, once, and who is not."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from curriculum import attendance, gathering_words, gatherings, gatherings_back, staffing
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, URGENT
from curriculum.gathering_errors import AlreadyTold, OccasionChanged, OccasionPassed
from curriculum.gathering_words import AHEAD, CARD, CHANGED
from storage.deliveries import SENT, SKIPPED, Delivery
from storage.engine import Database
from storage.gatherings import CANCELLED, PLANNED, REPLACED, Gathering
from tests.county import BOT
from tests.curriculum.centre import Centre, found
from tests.curriculum.outbox import Outbox

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
STARTS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Play:
    """A centre with one session announced for Friday at three."""

    def __init__(self, database: Database, centre: Centre) -> None:
        self.database, self.centre = database, centre
        self.outbox = Outbox(database)
        self.id = self.announce()

    def announce(self, kind: str = "weekly_study", starts_at: datetime = STARTS) -> int:
        return self.database.write_now(
            gatherings.announce,
            self.centre.coordinator,
            kind=kind,
            cohort_id=self.centre.county.cohort.id or 0,
            title="每周共学",
            starts_at=starts_at,
            minutes=60,
            place="",
            now=TUESDAY,
        )

    def pass_by(self, now: datetime) -> None:
        """What the ticker does at a moment."""
        self.database.write_now(gathering_words.owe_ahead, bot=BOT, now=now)
        self.outbox.send(now)

    def gathering(self, gathering_id: int | None = None) -> Gathering:
        return self.database.read_now(
            lambda session: session.get_one(Gathering, gathering_id or self.id)
        )

    def told(self, kind: str, status: str = SENT) -> list[Delivery]:
        def read(session: Session) -> list[Delivery]:
            return list(
                session.exec(
                    select(Delivery)
                    .where(Delivery.kind == kind, Delivery.status == status)
                    .order_by(col(Delivery.id))
                )
            )

        return self.database.read_now(read)

    def move(self, starts_at: datetime, now: datetime) -> None:
        self.database.write_now(
            gatherings.rearrange,
            self.centre.coordinator,
            self.id,
            starts_at=starts_at,
            reason="weather",
            seen=None,
            now=now,
        )

    def cancel(self, now: datetime) -> None:
        self.database.write_now(
            attendance.call_off,
            self.centre.coordinator,
            self.id,
            reason="weather",
            seen=self.gathering().version,
            now=now,
        )


@pytest.fixture
def play(database: Database, tmp_path: Path) -> Play:
    """Three learners, a coordinator and a session."""
    return Play(database, database.write_now(found, tmp_path, now=TUESDAY))


def test_a_session_is_announced_once_by_who_may(play: Play) -> None:
    """The same call gives the same session; a learner finds none to announce to."""
    assert play.announce() == play.id
    with pytest.raises(NotThere):
        play.database.write_now(
            gatherings.announce,
            play.centre.county.learners[0],
            kind="weekly_study",
            cohort_id=play.centre.county.cohort.id or 0,
            title="",
            starts_at=STARTS,
            minutes=60,
            place="",
            now=TUESDAY,
        )
    with pytest.raises(OccasionPassed):
        play.announce("monthly_topic", TUESDAY - HOUR)


def test_everybody_is_told_the_day_before_and_an_hour_before_and_who_left_is_not(
    play: Play,
) -> None:
    """One line and one reminder each, in time; who left between them gets no reminder."""
    play.pass_by(TUESDAY)
    assert play.told(AHEAD) == []
    play.pass_by(THURSDAY)
    play.pass_by(THURSDAY)
    assert len(play.told(AHEAD)) == 3
    coordinator, learner = play.centre.coordinator, play.centre.learner
    _, place = play.database.read_now(
        staffing.choosable_cohorts, coordinator, learner, now=THURSDAY
    )
    play.database.write_now(
        staffing.change_cohort,
        coordinator,
        learner,
        place_id=place,
        cohort_id=None,
        now=THURSDAY + HOUR,
    )
    play.pass_by(STARTS - HOUR - MINUTE)
    assert play.told(CARD) == []
    play.pass_by(STARTS - HOUR)
    assert len(play.told(CARD)) == 2
    assert play.centre.learner not in {row.person_id for row in play.told(CARD)}


def test_a_session_cancelled_five_minutes_before_its_reminder_brings_none(play: Play) -> None:
    """One urgent word each, a minute later, and no reminder."""
    play.pass_by(THURSDAY)
    play.cancel(STARTS - HOUR - 5 * MINUTE)
    play.pass_by(STARTS - HOUR - 4 * MINUTE)
    play.pass_by(STARTS - HOUR)
    play.pass_by(STARTS)
    assert play.told(CARD) == []
    words = play.told(CHANGED)
    assert [row.urgency for row in words] == [URGENT] * 3
    assert play.gathering().state == CANCELLED


def test_a_moved_session_brings_one_message(play: Play) -> None:
    """Moved twice within a minute: one word, of the last time; the reminder comes at its hour."""
    play.pass_by(THURSDAY)
    later = STARTS + timedelta(days=3)
    play.move(STARTS + HOUR, THURSDAY + HOUR)
    play.move(later, THURSDAY + HOUR + MINUTE / 2)
    play.pass_by(THURSDAY + HOUR + 2 * MINUTE)
    assert len(play.told(CHANGED)) == 3
    assert {row.error for row in play.told(CHANGED, SKIPPED)} == {"changed_again"}
    play.pass_by(STARTS - HOUR)
    assert play.told(CARD) == []
    play.pass_by(later - HOUR)
    assert len(play.told(CARD)) == 3


def test_one_moved_to_within_the_hour_is_told_by_its_reminder_alone(play: Play) -> None:
    """The reminder says it; there is no other word."""
    play.pass_by(THURSDAY)
    now = STARTS - 3 * HOUR
    play.move(now + HOUR / 2, now)
    play.pass_by(now + MINUTE)
    assert (len(play.told(CARD)), len(play.told(CHANGED))) == (3, 0)


def test_a_change_far_ahead_can_be_a_line_of_a_lesson(play: Play) -> None:
    """Nearer than a day it is urgent, before that it folds."""
    play.move(STARTS + timedelta(days=4), TUESDAY)
    play.pass_by(TUESDAY + 2 * MINUTE)
    assert {row.urgency for row in play.told(CHANGED)} == {FOLDABLE}


def test_cancelling_can_be_taken_back_until_somebody_was_told(play: Play) -> None:
    """Within a minute nobody hears of it; afterwards it stays cancelled."""
    play.cancel(TUESDAY)
    play.database.write_now(
        gatherings_back.bring_back,
        play.centre.coordinator,
        play.id,
        seen=play.gathering().version,
        now=TUESDAY + MINUTE / 2,
    )
    play.pass_by(TUESDAY + 2 * MINUTE)
    assert (play.told(CHANGED), play.gathering().state) == ([], PLANNED)
    play.cancel(TUESDAY + HOUR)
    play.pass_by(TUESDAY + HOUR + 2 * MINUTE)
    with pytest.raises(AlreadyTold):
        play.database.write_now(
            gatherings_back.bring_back,
            play.centre.coordinator,
            play.id,
            seen=play.gathering().version,
            now=TUESDAY + 2 * HOUR,
        )


def test_two_coordinators_do_not_overwrite_each_other(play: Play) -> None:
    """Whoever changes an older state than the present one is told so."""
    seen = play.gathering().version
    play.move(STARTS + HOUR, TUESDAY)
    with pytest.raises(OccasionChanged):
        play.database.write_now(
            gatherings.cancel,
            play.centre.colleague,
            play.id,
            reason="weather",
            seen=seen,
            now=TUESDAY,
        )
    with pytest.raises(NotThere):
        play.database.write_now(
            gatherings.cancel,
            play.centre.of_station,
            play.id,
            reason="weather",
            seen=None,
            now=TUESDAY,
        )


def test_a_monthly_session_takes_the_weekly_ones_place(play: Play) -> None:
    """In its own week only, and whoever was told nothing hears nothing."""
    other = play.announce(starts_at=STARTS + timedelta(days=7))
    play.announce("monthly_topic", STARTS - timedelta(days=1))
    assert play.gathering().state == REPLACED
    assert play.gathering(other).state == PLANNED
    play.pass_by(STARTS - HOUR)
    assert play.told(CHANGED) == []
    assert play.gathering().local_date == date(2026, 11, 27)
