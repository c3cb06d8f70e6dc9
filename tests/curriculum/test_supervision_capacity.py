"""Hours needed against hours there are, the queue, and who is given to whom from it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from curriculum import supervision_capacity as capacity
from curriculum import supervision_pairs as pairs
from curriculum import supervision_queue as queue
from curriculum import supervision_todo
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.supervision_capacity import due_dates
from storage.engine import Database
from storage.supervision_pairs import PairRow
from tests.bot.test_render import PAIR
from tests.county import join
from tests.curriculum.centre import at_once, audited
from tests.curriculum.supervising import DAY, MINUTE, Office


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor who is free on Wednesday afternoons, four hours a month."""
    made = Office(database, tmp_path, start)
    made.publish("周三 14:00-17:00", hours_per_month=4)
    return made


def _second(office: Office) -> Any:
    """Another supervisor of the whole prefecture, who has stated nothing."""

    def add(session: Session) -> Any:
        county = office.centre.county
        return join(
            session,
            county,
            chat_id=906,
            name="央金",
            role="supervisor",
            unit=county.top,
            now=office.now,
        )

    return office.database.write_now(add)


def _row(**changes: Any) -> PairRow:
    values = {name: getattr(PAIR, name) for name in PairRow.__dataclass_fields__}
    return PairRow(**(values | changes))


def test_a_pair_is_due_by_its_frequency_until_it_ends() -> None:
    """What is late is due today; a rest of either leaves its date out; the end of a month holds."""
    today, until = date(2026, 11, 25), date(2027, 2, 1)
    row = _row(due_on=date(2026, 10, 1), since=date(2026, 1, 1), every_months=1, until=None)
    assert due_dates(row, today=today, until=until) == [
        today,
        date(2026, 12, 25),
        date(2027, 1, 25),
    ]
    ends = _row(due_on=date(2026, 12, 31), since=today, every_months=1, until=date(2027, 1, 10))
    assert due_dates(ends, today=today, until=until) == [date(2026, 12, 31)]
    away = [(date(2026, 12, 1), date(2027, 1, 1))]
    assert due_dates(row, today=today, until=until, away=away) == [today, date(2027, 1, 25)]


def test_need_stands_against_hours_before_anybody_is_late(office: Office) -> None:
    """Three monthly pairs need three hours a month of four; booked ones count where they are."""
    coordinator, learners = office.centre.coordinator, office.centre.county.learners
    made = [office.assign(worker_id=one.person_id, every_months=1) for one in learners]
    second = _second(office)
    found = office.database.read_now(capacity.page, coordinator, now=office.now)
    months = {line.name: [(m.needed, m.available) for m in line.months] for line in found.lines}
    assert months == {
        "督导": [(0, 240), (180, 240), (180, 240)],
        "央金": [(0, None), (0, None), (0, None)],
    }
    assert (found.lacks_limit, [m.needed for m in found.total]) == (1, [0, 180, 180])
    office.book(made[0], datetime(2026, 12, 2, 6, tzinfo=UTC))
    load = office.database.read_now(
        capacity.load_of, coordinator, office.supervisor.person_id, now=office.now
    )
    assert [m.needed for m in load.months] == [0, 180, 180], "booked in December, next in January"
    assert (load.spare, load.short) == (720 - 360, None)
    units = office.database.read_now(capacity.page, coordinator, by_unit=True, now=office.now)
    assert [(u.unit_name, u.pairs, u.waiting, u.months[1].needed) for u in units.lines] == [
        ("八一镇社工站", 2, 0, 120),
        ("鲁朗镇社工站", 1, 0, 60),
    ]
    # The coordinator of a station sees who serves it, and nobody else may look.
    of_station = office.database.read_now(capacity.page, office.centre.of_station, now=office.now)
    assert {line.supervisor_id for line in of_station.lines} == {
        office.supervisor.person_id,
        second.person_id,
    }
    for who in (office.worker, office.supervisor, office.centre.administrator):
        with pytest.raises(NotThere):
            office.database.read_now(capacity.page, who, now=office.now)
        with pytest.raises(NotThere):
            office.database.read_now(queue.queue, who, now=office.now)


def test_the_queue_is_who_asked_then_who_is_new_then_who_waited_longest(office: Office) -> None:
    """Asking is private and can be taken back; a late pair stands with those who wait."""
    first, second, third = office.centre.county.learners
    coordinator = office.centre.coordinator
    old = office.assign(worker_id=third.person_id)
    office.now += 120 * DAY
    office.do(queue.wish, second, wants=True)
    office.do(queue.wish, second, wants=True)

    def new(session: Session) -> Any:
        county = office.centre.county
        return join(session, county, chat_id=301, name="新来的", now=office.now - 5 * DAY)

    newcomer = office.database.write_now(new)
    found = office.database.read_now(queue.queue, coordinator, now=office.now)
    assert [(one.name, one.reason, one.pair_id) for one in found.lines] == [
        (second.name, "asked", None),
        (newcomer.name, "new", None),
        (first.name, "waited", None),
        (third.name, "late", old.id),
    ]
    lines = office.database.read_now(
        supervision_todo.items, office.centre.of_station, now=office.now
    )
    assert ("supervision_wish", 1) in [(one.kind, one.count) for one in lines]
    office.do(queue.wish, second, wants=False)
    assert audited(office.database, 1)[0].action == "take_back_supervision_wish"
    found = office.database.read_now(queue.queue, coordinator, now=office.now)
    assert [one.reason for one in found.lines] == ["new", "waited", "waited", "late"]
    # Who has a supervisor asks for another instead; who is none of hers is not there.
    with pytest.raises(NotThere):
        office.do(queue.wish, third, wants=True)
    with pytest.raises(NotThere):
        office.do(queue.wish, coordinator, wants=True)
    with pytest.raises(NotThere):
        office.database.read_now(
            queue.card, office.centre.of_station, third.person_id, now=office.now
        )


def test_whoever_has_hours_left_is_offered_first_and_one_of_two_assigns(office: Office) -> None:
    """The wish is met by that, and stands again where it is undone; two at once give one pair."""
    worker, coordinator = office.worker, office.centre.coordinator
    second = _second(office)
    office.do(queue.wish, worker, wants=True)
    card = office.database.read_now(queue.card, coordinator, worker.person_id, now=office.now)
    assert [(one.name, one.spare, one.fits) for one in card.suggestions] == [
        ("督导", 720, True),
        ("央金", None, True),
    ]
    assert card.waiting.reason == "asked"

    def to(supervisor: Any, who: Any) -> Any:
        return lambda: office.do(queue.assign, who, worker.person_id, supervisor.person_id)

    acts = (to(office.supervisor, coordinator), to(second, office.centre.colleague))
    assert at_once(*acts) == ["changed_meanwhile", "done"]
    assert office.database.read_now(queue.own_wish, worker) is None
    (pair,) = office.rows(_pairs())
    by = coordinator if pair[1] == coordinator.person_id else office.centre.colleague
    office.now += MINUTE
    office.do(pairs.take_back, by, pair[0], seen=1)
    assert office.database.read_now(queue.own_wish, worker) is not None
    office.do(queue.assign, coordinator, worker.person_id, second.person_id)
    with pytest.raises(ChangedMeanwhile):
        office.do(queue.assign, coordinator, worker.person_id, second.person_id)


def _pairs() -> Any:
    from sqlalchemy import text

    return text("SELECT id, changed_by FROM supervision_pair WHERE ended_at IS NULL")
