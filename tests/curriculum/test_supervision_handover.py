"""Before a supervisor's last day somebody follows: told in time, dated, kind, and undone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from curriculum import supervision_booking as booking
from curriculum import (
    supervision_endings,
    supervision_followed,
    supervision_handover_due,
    supervision_readers,
    supervision_todo,
)
from curriculum import supervision_free as free
from curriculum import supervision_handover as handovers
from curriculum import supervision_pairs as pairs
from curriculum import supervision_proposals as proposals
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_errors import MomentNotPossible, SuccessorNeeded, SupervisionUndoTooLate
from curriculum.supervision_handover_due import HANDOVER_DUE
from curriculum.supervision_handover_words import HANDOVER
from storage import supervision_pairs as stored
from storage.engine import Database
from storage.people import RoleGrant
from tests.county import BOT, join
from tests.curriculum.centre import at_once
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, MINUTE, Office

LAST = date(2026, 12, 31)


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor from outside until the year's end with two workers, one for good with one."""
    made = Office(database, tmp_path, start)
    first, second, third = made.centre.county.learners
    made.publish("周三 14:00-17:00")
    made.assign(worker_id=first.person_id, last_day=LAST)
    made.assign(worker_id=third.person_id, last_day=LAST)
    made.assign(worker_id=second.person_id, every_months=6)
    return made


def _next(office: Office, name: str = "央金", chat: int = 906) -> Speaker:
    def add(session: Session) -> Speaker:
        county = office.centre.county
        return join(
            session,
            county,
            chat_id=chat,
            name=name,
            role="supervisor",
            unit=county.top,
            now=office.now,
        )

    return office.database.write_now(add)


def _owe(office: Office) -> int:
    return office.database.write_now(supervision_handover_due.owe, bot=BOT, now=office.now)


def _said(outbox: Outbox, now: datetime, kind: str) -> dict[int, Any]:
    said = [one for one in outbox.ask(now, kinds=(kind,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values for one in said}


def test_she_and_the_coordinators_are_told_sixty_and_fourteen_days_ahead(
    office: Office, outbox: Outbox
) -> None:
    """Once at each stage, of her own people; what is settled is no news; a role ends too."""
    outbox.send(office.now + MINUTE)
    assert (_owe(office), _owe(office)) == (4, 0)
    told = _said(outbox, office.now + MINUTE, HANDOVER_DUE)
    centre = office.centre
    assert {chat: (one["count"], one["is_own"]) for chat, one in told.items()} == {
        office.supervisor.chat_id: (2, True),
        centre.coordinator.chat_id: (2, False),
        centre.colleague.chat_id: (2, False),
        centre.of_station.chat_id: (1, False),
    }
    lines = office.database.read_now(supervision_todo.items, centre.of_station, now=office.now)
    assert [(one.kind, one.name, one.due_on, one.count) for one in lines] == [
        ("supervision_handover", "督导", LAST, 1)
    ]
    office.now += 25 * DAY
    assert _owe(office) == 4, "fourteen days ahead once more"
    who = _next(office)
    office.do(
        handovers.choose, centre.coordinator, office.supervisor.person_id, None, who.person_id
    )
    assert _said(outbox, office.now + 5 * MINUTE, HANDOVER_DUE) == {}
    assert _owe(office) == 0

    def leaves(session: Session) -> None:
        grants = session.exec(
            select(RoleGrant).where(
                RoleGrant.person_id == who.person_id, col(RoleGrant.role) == "supervisor"
            )
        )
        for grant in grants:
            grant.until = date(2027, 2, 1)
            session.add(grant)

    office.database.write_now(leaves)
    office.now += 15 * DAY
    assert _owe(office) == 4, "the next one's role ends within sixty days as well"


def test_one_follows_the_other_on_the_day_and_the_worker_says_what_goes_along(
    office: Office, outbox: Outbox
) -> None:
    """Nothing overlaps: the old pair holds to its last day, and the next one begins after it."""
    outbox.send(office.now + MINUTE)
    coordinator, worker, gives = office.centre.coordinator, office.worker, office.supervisor
    with pytest.raises(SuccessorNeeded):
        office.database.read_now(
            handovers.successors, coordinator, gives.person_id, 1, now=office.now
        )
    takes = _next(office)
    offered = office.database.read_now(
        handovers.successors, coordinator, gives.person_id, 1, now=office.now
    )
    assert [one.name for one in offered] == ["央金"]
    assert office.do(handovers.choose, coordinator, gives.person_id, 1, takes.person_id) == 1
    with pytest.raises(ChangedMeanwhile):
        office.do(handovers.choose, coordinator, gives.person_id, 1, takes.person_id)
    told = _said(outbox, office.now + MINUTE, HANDOVER)
    assert {chat: (one["part"], one["takes"]) for chat, one in told.items()} == {
        worker.chat_id: ("worker", "央金"),
        gives.chat_id: ("gives", "央金"),
        takes.chat_id: ("takes", "央金"),
    }
    made = office.rows(text("SELECT from_pair_id, to_pair_id, on_day FROM supervision_handover"))
    assert [(row[0], row[1], str(row[2])) for row in made] == [(1, 4, "2027-01-01")]
    assert (office.row(1).until, office.row(4).since) == (date(2027, 1, 1), date(2027, 1, 1))
    handover_id = told[worker.chat_id]["handover_id"]

    def may_read(after: timedelta) -> bool:
        at = office.now + after
        return office.database.read_now(supervision_readers.may_be_read, takes, 1, now=at)

    begun = datetime(2027, 1, 1, 2, tzinfo=UTC) - office.now
    assert not may_read(begun), "before she said so nothing is shared"
    for who in (gives, takes, coordinator):
        with pytest.raises(NotThere):
            office.do(supervision_followed.answer_notes, who, handover_id, agrees=True)
    office.do(supervision_followed.answer_notes, worker, handover_id, agrees=True)
    assert (may_read(begun - DAY), may_read(begun)) == (False, True)
    office.do(supervision_followed.answer_notes, worker, handover_id, agrees=False)
    assert not may_read(begun)
    # The next one cannot be booked before her first day.
    takes_times = "周三 9:00-11:00"
    office.supervisor = takes
    office.publish(takes_times)
    assert min(office.free(4)).date() == date(2027, 1, 6)
    early = datetime(2026, 12, 30, 1, tzinfo=UTC)
    with pytest.raises(MomentNotPossible):
        office.do(proposals.propose, takes, 4, [early], mode="online", place="")


def test_of_all_at_once_one_undo_and_of_two_coordinators_one(
    office: Office, outbox: Outbox
) -> None:
    """Undone, everything is as it was and those who were told hear it; a reach is kept to."""
    outbox.send(office.now + MINUTE)
    centre, gives = office.centre, office.supervisor.person_id
    takes = _next(office)
    page = office.database.read_now(handovers.page, centre.of_station, gives, now=office.now)
    assert ([one.pair.worker for one in page.endings], page.may_choose) == (["学员1"], True)
    own = office.database.read_now(handovers.page, office.supervisor, gives, now=office.now)
    assert (len(own.endings), own.may_choose, own.open) == (2, False, 2)
    both = replace(
        office.supervisor, grants=(*office.supervisor.grants, *centre.coordinator.grants)
    )
    page = office.database.read_now(handovers.page, both, gives, now=office.now)
    assert (len(page.endings), page.may_choose) == (2, True), "who coordinates too may settle it"
    for who in (office.worker, centre.administrator, takes):
        with pytest.raises(NotThere):
            office.database.read_now(handovers.page, who, gives, now=office.now)
    with pytest.raises(NotThere):
        office.do(handovers.choose, centre.of_station, gives, 2, takes.person_id)

    def by(who: Speaker) -> Any:
        return lambda: office.do(handovers.choose, who, gives, None, takes.person_id)

    assert at_once(by(centre.coordinator), by(centre.colleague)) == ["changed_meanwhile", "done"]
    found = office.database.read_now(handovers.page, centre.coordinator, gives, now=office.now)
    who = centre.coordinator if found.may_undo else centre.colleague
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    assert office.do(handovers.take_back, who, gives) == 2
    assert {row.until for row in (office.row(1), office.row(2))} == {LAST + timedelta(days=1)}
    told = _said(outbox, office.now + MINUTE, HANDOVER)
    assert {one["stands"] for one in told.values()} == {False}
    office.do(handovers.choose, who, gives, None, takes.person_id)
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(handovers.take_back, who, gives)
    # Where what was settled is ended by hand, somebody is needed again.
    office.do(pairs.end, centre.coordinator, 6, seen=1)
    found = office.database.read_now(handovers.page, centre.coordinator, gives, now=office.now)
    assert found.open == 1
    assert office.do(handovers.choose, who, gives, None, takes.person_id) == 1


def test_what_was_booked_beyond_the_last_day_is_called_off(office: Office) -> None:
    """A pair that is over by its date cannot hold what it had booked while it had no end."""
    booked = office.do(_book_late, office.centre.county.learners[1])
    office.database.write_now(_ends, 3, date(2026, 12, 1))
    office.now += 7 * DAY
    called = office.database.write_now(
        supervision_endings.call_off_orphans, bot=BOT, now=office.now
    )
    assert (booked.state, called) == ("booked", 1)


def _book_late(session: Session, who: Speaker, *, now: datetime) -> Any:
    slots = free.free_slots(session, who, 3, now=now)
    return booking.book(session, who, 3, slots[-1].starts_at, now=now)


def _ends(session: Session, pair_id: int, until: date) -> None:
    pair = stored.pair(session, pair_id)
    assert pair is not None
    pair.until = until
    session.add(pair)
