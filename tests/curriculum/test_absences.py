"""暂停: nothing comes while somebody rests, nothing is lost, and she is welcomed back."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import absences, asked_lesson, catch_up, daily_lesson, todays_lesson, welcome_back
from curriculum.facts import Facts, NotWanted
from curriculum.people_errors import AbsenceNotClear, NotAway
from scheduler import planner
from storage import deliveries, leases
from storage.absences import Absence
from storage.deliveries import Delivery
from storage.engine import Database
from tests import county
from tests.county import BOT
from tests.parts import record_part

# Tuesday evening in Shanghai; lessons begin on Wednesday the 25th.
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> county.County:
    """A county of three learners before their first lesson."""
    pack = county.write_pack(tmp_path / "pack", 6)
    return database.write_now(county.build, pack, now=NOW)


def _day(session: Session, day: date) -> dict[int, str]:
    """Plan a date and send what is due at noon: what became of each learner's daily lesson."""
    noon = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
    midnight = noon - timedelta(hours=12)
    planner.plan_due(session, daily_lesson, bot=BOT, now=midnight, real=midnight)
    claimed = leases.claim(
        session,
        now=noon,
        real=noon,
        lease=timedelta(minutes=1),
        limit=100,
        claimed_by="test",
        bot=BOT,
    )
    for kind in planner.KINDS:
        own = [row for row in claimed if row.kind == kind.KIND]
        for delivery_id, verdict in kind.facts(session, own, now=noon).items():
            if isinstance(verdict, NotWanted):
                deliveries.finish(
                    session, [delivery_id], status="skipped", at=noon, error=verdict.reason
                )
            else:
                assert isinstance(verdict, Facts)
                record_part(
                    session,
                    delivery_id=delivery_id,
                    part=0,
                    chat_id=verdict.chat_id,
                    message_id=delivery_id,
                    poll_id=None,
                    content_version=verdict.content_version,
                    sent_at=noon,
                )
                deliveries.finish(session, [delivery_id], status="sent", at=noon)
    session.flush()
    rows = session.exec(
        select(Delivery).where(
            Delivery.kind == daily_lesson.KIND,
            Delivery.occasion.endswith(day.isoformat()),  # type: ignore[attr-defined]
        )
    )
    return {row.recipient: row.status for row in rows}


def test_no_lesson_is_owed_while_somebody_rests(database: Database, stage: county.County) -> None:
    """The days of a pause bring her nothing; the day she is back brings the cohort's lesson."""
    one, two, _ = stage.learners

    def play(session: Session) -> None:
        absences.pause(session, one, since=WEDNESDAY, back=WEDNESDAY + timedelta(days=2), now=NOW)
        first, second, third = (_day(session, WEDNESDAY + timedelta(days=n)) for n in range(3))
        assert one.person_id not in first
        assert one.person_id not in second
        assert third[one.person_id] == "sent"
        assert first[two.person_id] == second[two.person_id] == "sent"

    database.write_now(play)


def test_a_pause_begun_after_midnight_stops_what_was_planned(
    database: Database, stage: county.County
) -> None:
    """The day was planned whole at midnight; a pause from today on still holds her lesson back."""
    one = stage.learners[0]
    morning = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)

    def play(session: Session) -> None:
        planner.plan_due(session, daily_lesson, bot=BOT, now=morning, real=morning)
        absences.pause(session, one, since=WEDNESDAY, back=None, now=morning)
        assert _day(session, WEDNESDAY)[one.person_id] == "skipped"
        found = todays_lesson.today(session, one, now=morning)
        assert (found.state, found.at) == ("paused", None)

    database.write_now(play)


def test_what_was_missed_is_offered_one_at_a_time_and_comes_while_away(
    database: Database, stage: county.County
) -> None:
    """Catching up is on request, musts first, one lesson each time, even during the pause."""
    one, now = stage.learners[0], NOW + timedelta(days=3)

    def play(session: Session) -> None:
        absences.pause(session, one, since=WEDNESDAY, back=None, now=NOW)
        for number in range(2):
            _day(session, WEDNESDAY + timedelta(days=number))
        waiting = catch_up.waiting(session, one, now=now)
        assert [owed.code for owed in waiting] == ["001", "002"]
        found = catch_up.next_one(session, one, now=now)
        assert found.lesson is not None
        assert (found.lesson.state, found.behind) == ("on_its_way", 1)
        again = catch_up.next_one(session, one, now=now)
        assert again.behind == 1
        rows = session.exec(select(Delivery).where(Delivery.kind == asked_lesson.KIND)).all()
        assert [(row.recipient, row.status) for row in rows] == [(one.person_id, "waiting")]
        (row,) = asked_lesson.facts(
            session,
            leases.claim(
                session,
                now=now,
                real=now,
                lease=timedelta(minutes=1),
                limit=10,
                claimed_by="test",
                bot=BOT,
            ),
            now=now,
        ).values()
        assert isinstance(row, Facts)

    database.write_now(play)


def test_back_again_means_today_not_a_pile(database: Database, stage: county.County) -> None:
    """欢迎回来 offers three lessons at most and says where the others are."""
    one = stage.learners[0]

    def play(session: Session) -> None:
        absences.pause(session, one, since=WEDNESDAY, back=None, now=NOW)
        for day in (25, 26, 27, 30):
            _day(session, date(2026, 11, day))
        _day(session, date(2026, 12, 1))
        back = absences.resume(session, one, now=datetime(2026, 12, 1, 6, tzinfo=UTC))
        assert [owed.code for owed in back.chosen] == ["001", "002", "003"]
        assert (back.behind, back.place, back.whole) == (1, 5, 6)
        with pytest.raises(NotAway):
            absences.resume(session, one, now=datetime(2026, 12, 1, 7, tzinfo=UTC))

    database.write_now(play)


def test_the_welcome_comes_on_the_first_working_day_back_and_only_if_it_still_holds(
    database: Database, stage: county.County
) -> None:
    """Back on Saturday means welcomed on Monday; a pause that was changed says nothing then."""
    one, two, _ = stage.learners
    saturday = date(2026, 11, 28)

    def play(session: Session) -> None:
        for person in (one, two):
            absences.pause(session, person, since=WEDNESDAY, back=saturday, now=NOW)
        absences.pause(session, two, since=WEDNESDAY, back=date(2026, 12, 5), now=NOW)
        rows = session.exec(
            select(Delivery).where(Delivery.kind == welcome_back.KIND).order_by(Delivery.id)  # type: ignore[arg-type]
        ).all()
        assert rows[0].due_at == datetime(2026, 11, 30, 1, 50, tzinfo=UTC)
        monday = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
        claimed = leases.claim(
            session,
            now=monday,
            real=monday,
            lease=timedelta(minutes=1),
            limit=10,
            claimed_by="test",
            bot=BOT,
        )
        verdicts = welcome_back.facts(session, claimed, now=monday)
        assert {row.person_id: type(verdicts[row.id]) for row in claimed if row.id in verdicts} == {
            one.person_id: Facts,
            two.person_id: NotWanted,
        }

    database.write_now(play)


def test_a_second_pause_changes_the_first_and_a_coming_one_can_be_taken_back(
    database: Database, stage: county.County
) -> None:
    """Nobody collects pauses: setting one again moves it, resuming before it begins ends it."""
    one = stage.learners[0]

    def play(session: Session) -> None:
        absences.pause(session, one, since=WEDNESDAY, back=None, now=NOW)
        absences.pause(session, one, since=date(2026, 12, 1), back=date(2026, 12, 8), now=NOW)
        (row,) = session.exec(select(Absence)).all()
        assert (row.since, row.until) == (date(2026, 12, 1), date(2026, 12, 8))
        absences.resume(session, one, now=NOW)
        assert absences.present(session, one, now=NOW) is None
        assert _day(session, WEDNESDAY)[one.person_id] == "sent"

    database.write_now(play)


@pytest.mark.parametrize(
    ("since", "back"),
    [
        (date(2026, 11, 23), None),
        (WEDNESDAY, WEDNESDAY),
        (WEDNESDAY, date(2026, 11, 24)),
        (WEDNESDAY, date(2028, 1, 1)),
        (date(2028, 1, 1), None),
    ],
)
def test_dates_that_make_no_pause_are_refused(
    database: Database, stage: county.County, since: date, back: date | None
) -> None:
    """In the past, back before it begins, longer or further than a year: refused, nothing kept."""
    with pytest.raises(AbsenceNotClear):
        database.write_now(absences.pause, stage.learners[0], since=since, back=back, now=NOW)
    assert database.read_now(lambda session: session.exec(select(Absence)).all()) == []


def test_everybody_away_keeps_the_lesson_for_the_day_somebody_is_back(
    database: Database, stage: county.County
) -> None:
    """A cohort moves on only when somebody received the lesson."""

    def play(session: Session) -> None:
        for one in stage.learners:
            absences.pause(session, one, since=WEDNESDAY, back=date(2026, 11, 26), now=NOW)
        _day(session, WEDNESDAY)
        _day(session, date(2026, 11, 26))
        rows = session.exec(select(Delivery).where(Delivery.kind == daily_lesson.KIND)).all()
        assert len(rows) == 3
        assert {row.content_version for row in rows} == {1}

    database.write_now(play)
