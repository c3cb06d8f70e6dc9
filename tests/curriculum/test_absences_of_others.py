"""A pause set for somebody: by whom, on what was shown, told to her once, written down."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from curriculum import absences, absences_of_others, directory
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from curriculum.pauses_seen import NO_PAUSE, PauseSeen
from curriculum.people import Speaker
from curriculum.people_errors import AbsenceNotClear, NotAway
from storage.absences import Absence
from storage.deliveries import Delivery
from storage.engine import Database
from tests.curriculum.centre import Centre, at_once, audited, found
from tests.curriculum.outbox import Outbox

# Wednesday at noon, outside the quiet hours.
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
TODAY, BACK = date(2026, 11, 25), date(2026, 12, 2)


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _pause(database: Database, by: Speaker, person_id: int, **wishes: Any) -> None:
    wished: dict[str, Any] = {"mark": NO_PAUSE, "since": TODAY, "back": BACK, "now": NOON} | wishes
    database.write_now(absences_of_others.pause, by, person_id, **wished)


def _seen(database: Database, centre: Centre) -> PauseSeen | None:
    page = database.read_now(directory.person, centre.coordinator, centre.learner, now=NOON)
    return page.pause


def _told(database: Database, *, now: datetime) -> list[Verdict]:
    """What becomes of everything that is due to be told by now."""
    return Outbox(database).ask(now, kinds=[absences_of_others.KIND])


def test_a_coordinator_sets_a_pause_and_sees_only_until_when(
    database: Database, centre: Centre
) -> None:
    """The page gains the dates of the pause; the trail says who set it for whom."""
    assert _seen(database, centre) is None
    _pause(database, centre.coordinator, centre.learner)
    pause = _seen(database, centre)
    assert pause is not None
    assert (pause.since, pause.last, pause.has_begun) == (TODAY, date(2026, 12, 1), True)
    (entry,) = audited(database, 1)
    assert (entry.actor_id, entry.action, entry.object_id) == (
        centre.coordinator.person_id,
        "pause",
        centre.learner,
    )
    absence = database.read_now(lambda session: session.exec(select(Absence)).one())
    assert absence.set_by == centre.coordinator.person_id


def test_nobody_else_can(database: Database, centre: Centre) -> None:
    """A colleague's station, a supervisor, an observer, a learner: nothing there to be paused."""
    elsewhere = centre.county.learners[2].person_id
    for by, person_id in (
        (centre.of_station, elsewhere),
        (centre.supervisor, centre.learner),
        (centre.observer, centre.learner),
        (centre.county.learners[1], centre.learner),
        (centre.of_station, centre.coordinator.person_id),
        # A colleague who is no learner has nothing to rest from.
        (centre.coordinator, centre.colleague.person_id),
    ):
        with pytest.raises(NotThere):
            _pause(database, by, person_id)
        with pytest.raises(NotThere):
            database.write_now(absences_of_others.resume, by, person_id, mark=NO_PAUSE, now=NOON)
        with pytest.raises(NotThere):
            database.read_now(absences_of_others.made_on, by, person_id, now=NOON)
    assert database.read_now(lambda session: session.exec(select(Absence)).all()) == []


def test_what_changed_meanwhile_is_not_overwritten(database: Database, centre: Centre) -> None:
    """A pause she set herself since the form was opened stands, and so does one ended since."""
    learner = centre.county.learners[0]
    database.write_now(absences.pause, learner, since=TODAY, back=None, now=NOON)
    with pytest.raises(ChangedMeanwhile):
        _pause(database, centre.coordinator, centre.learner)
    pause = _seen(database, centre)
    assert pause is not None
    assert pause.last is None
    database.write_now(absences.resume, learner, now=NOON)
    with pytest.raises(ChangedMeanwhile):
        database.write_now(
            absences_of_others.resume, centre.coordinator, centre.learner, mark=pause.mark, now=NOON
        )
    with pytest.raises(NotAway):
        database.write_now(
            absences_of_others.resume, centre.coordinator, centre.learner, mark=NO_PAUSE, now=NOON
        )


def test_of_two_who_pause_her_at_once_one_does(database: Database, centre: Centre) -> None:
    """Never two pauses of one person, whoever presses together."""
    acts = [
        lambda by=by: _pause(database, by, centre.learner)
        for by in (centre.coordinator, centre.colleague)
    ]
    assert at_once(*acts) == ["changed_meanwhile", "done"]
    assert len(database.read_now(lambda session: session.exec(select(Absence)).all())) == 1


@pytest.mark.parametrize(
    ("since", "back"),
    [
        (TODAY - timedelta(days=1), BACK),
        (TODAY, TODAY),
        (TODAY, TODAY + timedelta(days=400)),
        (TODAY + timedelta(days=400), None),
    ],
)
def test_dates_that_cannot_be_are_refused(
    database: Database, centre: Centre, since: date, back: date | None
) -> None:
    """Past, in the wrong order, or further than a year: nothing is stored and nobody told."""
    with pytest.raises(AbsenceNotClear):
        _pause(database, centre.coordinator, centre.learner, since=since, back=back)
    assert _seen(database, centre) is None
    assert _told(database, now=NOON) == []


def test_she_is_told_once_in_her_own_language(database: Database, centre: Centre) -> None:
    """One message with the dates; ending it tells her 欢迎回来 instead."""
    _pause(database, centre.coordinator, centre.learner)
    (told,) = _told(database, now=NOON)
    assert isinstance(told, Facts)
    assert (told.chat_id, told.language) == (100, "zh")
    assert told.values["away"].back == BACK
    assert _told(database, now=NOON) == []
    pause = _seen(database, centre)
    assert pause is not None
    database.write_now(
        absences_of_others.resume, centre.coordinator, centre.learner, mark=pause.mark, now=NOON
    )
    assert _seen(database, centre) is None
    (told,) = _told(database, now=NOON)
    assert isinstance(told, Facts)
    assert "back" in told.values


def test_at_night_she_is_told_in_the_morning_and_only_what_still_holds(
    database: Database, centre: Centre
) -> None:
    """Quiet hours hold; of a pause set, changed and ended before nine only the end is told."""
    _pause(database, centre.coordinator, centre.learner, now=NIGHT)
    assert _told(database, now=NIGHT) == [NotNow(MORNING)]
    pause = _seen(database, centre)
    assert pause is not None
    later = NIGHT + timedelta(minutes=1)
    _pause(database, centre.coordinator, centre.learner, mark=pause.mark, back=None, now=later)
    told = _told(database, now=MORNING)
    assert [verdict for verdict in told if isinstance(verdict, NotWanted)] == [
        NotWanted("pause_changed")
    ]
    (kept,) = (verdict for verdict in told if isinstance(verdict, Facts))
    assert kept.values["away"].back is None


def test_a_word_that_was_held_up_until_night_waits_again(
    database: Database, centre: Centre
) -> None:
    """After a day without the bot nobody is rung at midnight."""
    _pause(database, centre.coordinator, centre.learner)
    assert _told(database, now=NIGHT) == [NotNow(MORNING)]


def test_whoever_rests_by_her_own_hand_is_not_told(database: Database, centre: Centre) -> None:
    """No word for a coordinator who learns too and pauses herself, and none without a chat."""

    def unlink(session: Session) -> None:
        from storage.people import ChatAccount

        account = session.exec(
            select(ChatAccount).where(ChatAccount.person_id == centre.learner)
        ).one()
        account.ended_at = NOON
        session.add(account)

    database.write_now(unlink)
    _pause(database, centre.coordinator, centre.learner)
    rows = database.read_now(
        lambda session: session.exec(
            select(Delivery).where(Delivery.kind == absences_of_others.KIND)
        ).all()
    )
    assert rows == []
    assert _seen(database, centre) is not None
