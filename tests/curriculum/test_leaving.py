"""Leaving ends access at once, can be taken back for ten minutes, and coming back is the same."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import daily_lesson, directory, leaving
from curriculum.cohorts import beats
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.facts import NotWanted
from curriculum.occasions import Occasion
from curriculum.people import who
from storage import leases
from storage.deliveries import Delivery
from storage.engine import Database
from storage.people import ChatAccount, Invite, Membership
from tests.county import BOT, join
from tests.curriculum.centre import Centre, audited, found

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _owe_lesson(session: Session, now: datetime) -> None:
    """Plan the first lesson of everybody."""
    for beat, _, cohort in beats(session, kind="daily_lesson", bot=BOT):
        daily_lesson.plan(session, Occasion(beat, cohort.start_on), now=now)


def _lessons(session: Session, person_id: int) -> list[tuple[str, str | None]]:
    rows = session.exec(
        select(Delivery).where(Delivery.person_id == person_id).order_by(col(Delivery.id))
    )
    return [(row.status, row.error) for row in rows]


def _page(database: Database, centre: Centre, now: datetime) -> Any:
    return database.read_now(directory.person, centre.coordinator, centre.learner, now=now)


def test_leaving_ends_access_lessons_and_invites_at_once(
    database: Database, centre: Centre, start: datetime
) -> None:
    """She is a stranger, what waits is skipped as left, her open invite is worth nothing."""
    database.write_now(_owe_lesson, start)
    database.write_now(leaving.invite_again, centre.coordinator, centre.learner, now=start)
    name = database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    assert name == "学员1"
    chat_id = centre.county.learners[0].chat_id
    assert database.read_now(who, bot=BOT, chat_id=chat_id, now=start) is None
    assert database.read_now(_lessons, centre.learner) == [("skipped", "left")]
    other = centre.county.learners[1].person_id
    assert database.read_now(_lessons, other) == [("waiting", None)]
    open_ones = database.read_now(
        lambda session: session.exec(
            select(Invite).where(
                Invite.person_id == centre.learner, col(Invite.revoked_at).is_(None)
            )
        ).all()
    )
    assert open_ones == []
    page = _page(database, centre, start)
    assert (page.contact.state, page.roles, page.cohorts) == ("left", (), ())


def test_a_lesson_in_the_postmans_hands_is_not_sent_either(
    database: Database, centre: Centre, start: datetime
) -> None:
    """The permission is asked again at the moment of sending."""
    database.write_now(_owe_lesson, start)
    later = start + timedelta(hours=13)

    def claim(session: Session) -> list[Any]:
        return leases.claim(
            session,
            now=later,
            real=later,
            lease=MINUTE,
            limit=50,
            claimed_by="test",
            bot=BOT,
        )

    claimed = [c for c in database.write_now(claim) if c.person_id == centre.learner]
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=later)
    (verdict,) = database.read_now(daily_lesson.facts, claimed, now=later).values()
    assert isinstance(verdict, NotWanted)
    assert verdict.reason == "left"


def test_taking_back_restores_all_of_it(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Roles, cohort, station, chat and the waiting lesson are as they were."""
    database.write_now(_owe_lesson, start)
    before = _page(database, centre, start)
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    database.write_now(
        leaving.take_back, centre.coordinator, centre.learner, now=start + 10 * MINUTE
    )
    assert _page(database, centre, start) == before
    chat_id = centre.county.learners[0].chat_id
    assert database.read_now(who, bot=BOT, chat_id=chat_id, now=start) is not None
    assert database.read_now(_lessons, centre.learner) == [("waiting", None)]
    with pytest.raises(ChangedMeanwhile):
        database.write_now(
            leaving.take_back, centre.coordinator, centre.learner, now=start + 10 * MINUTE
        )
    assert [entry.action for entry in audited(database, 2)] == ["deactivate", "undo_deactivate"]


def test_taking_back_is_for_ten_minutes_and_for_whoever_did_it(
    database: Database, centre: Centre, start: datetime
) -> None:
    """A colleague cannot undo what she did not do; later it is too late."""
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    with pytest.raises(NotThere):
        database.write_now(leaving.take_back, centre.colleague, centre.learner, now=start)
    with pytest.raises(UndoTooLate):
        database.write_now(
            leaving.take_back,
            centre.coordinator,
            centre.learner,
            now=start + 10 * MINUTE + timedelta(seconds=1),
        )


def test_a_chat_taken_by_somebody_else_meanwhile_stays_with_her(
    database: Database, centre: Centre, start: datetime
) -> None:
    """One phone, two people: taking back gives the person back, not somebody's chat."""
    chat_id = centre.county.learners[0].chat_id
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    database.write_now(join, centre.county, chat_id=chat_id, name="新人", now=start)
    database.write_now(leaving.take_back, centre.coordinator, centre.learner, now=start)
    speaker = database.read_now(who, bot=BOT, chat_id=chat_id, now=start)
    assert speaker is not None
    assert speaker.name == "新人"
    assert _page(database, centre, start).contact.state == "not_joined"


def test_coming_back_is_the_same_person_as_a_learner(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Person, station and cohort are hers again from today; the gap stays in the dates."""
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    invited = database.write_now(
        leaving.bring_back, centre.colleague, centre.learner, now=start + 30 * DAY
    )
    assert (invited.name, invited.unit_name) == ("学员1", "八一镇社工站")
    assert len(invited.invite.code) == 8
    page = _page(database, centre, start + 30 * DAY)
    assert [held.role for held in page.roles] == ["learner"]
    assert (page.cohorts, page.contact.state) == (("一期",), "not_joined")
    spans = database.read_now(
        lambda session: [
            (row.since, row.until)
            for row in session.exec(
                select(Membership)
                .where(Membership.person_id == centre.learner)
                .order_by(col(Membership.id))
            )
        ]
    )
    today = (start + 30 * DAY).date()
    assert spans == [(start.date(), start.date()), (today, None)]


def test_inviting_again_ends_the_earlier_invite(
    database: Database, centre: Centre, start: datetime
) -> None:
    """One open link and code per person; both differ from the earlier ones."""
    first, second = (
        database.write_now(
            leaving.invite_again, centre.coordinator, centre.learner, now=start
        ).invite
        for _ in range(2)
    )
    assert first.token != second.token
    assert first.code != second.code
    revoked = database.read_now(
        lambda session: [
            invite.revoked_at is not None
            for invite in session.exec(
                select(Invite).where(Invite.person_id == centre.learner).order_by(col(Invite.id))
            )
        ]
    )
    assert revoked == [True, False]


def test_an_ended_chat_can_be_used_by_a_colleague(
    database: Database, centre: Centre, start: datetime
) -> None:
    """Whoever gets the phone after her joins as herself."""
    chat_id = centre.county.learners[0].chat_id
    database.write_now(leaving.deactivate, centre.coordinator, centre.learner, now=start)
    speaker = database.write_now(join, centre.county, chat_id=chat_id, name="新人", now=start)
    assert speaker.person_id != centre.learner
    accounts = database.read_now(
        lambda session: session.exec(
            select(ChatAccount).where(ChatAccount.chat_id == chat_id)
        ).all()
    )
    assert sorted(a.ended_at is None for a in accounts) == [False, True]


@pytest.mark.parametrize("fn", [leaving.bring_back, leaving.take_back])
def test_who_has_not_left_cannot_come_back(
    database: Database, centre: Centre, start: datetime, fn: Any
) -> None:
    """The second of two hears that it was done."""
    with pytest.raises(ChangedMeanwhile):
        database.write_now(fn, centre.coordinator, centre.learner, now=start)
