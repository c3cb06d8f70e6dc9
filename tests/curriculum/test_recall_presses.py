"""再来一题 pressed in any order, at any hour and by two processes at once: the measure holds."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete

from curriculum import recall
from curriculum.recall import ASKED, OPEN
from curriculum.rhythm import local_date
from storage.engine import Database, open_session
from storage.recall import RecallAsk, RecallCard
from tests.county import County, build, write_pack
from tests.curriculum.recalling import DAYS, RIGHT, WRONG, ZONE, answer, ask, at, receive, rows

PRESSES = st.lists(
    st.one_of(
        st.just(("ask", 0)),
        st.tuples(st.just("answer"), st.integers(0, 2)),
        st.tuples(st.just("old"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=40,
)


def _forget(session: Session) -> None:
    for table in (RecallAsk, RecallCard):
        session.exec(delete(table))


@pytest.fixture
def county(sqlite_database: Database, tmp_path: Path, start: datetime) -> County:
    """One learner with five lessons behind her."""
    found = sqlite_database.write_now(
        build, write_pack(tmp_path / "pack", 5), now=start, learners=1
    )
    receive(sqlite_database, found, DAYS)
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(presses=PRESSES)
def test_no_order_of_presses_brings_more_than_two_a_day(
    sqlite_database: Database, county: County, presses: list[tuple[str, int]]
) -> None:
    """Asking, answering, answering old ones again, waiting hours: asked or answered on a day are
    never more than two questions, one at most is open, and a card's time only goes forward."""
    database, who, now = sqlite_database, county.learners[0], at(date(2026, 12, 5), 1)
    database.write_now(_forget)
    touched: Counter[date] = Counter()
    seen: set[tuple[date, int]] = set()
    last: dict[int, datetime] = {}
    for act, number in presses:
        asks = rows(database, RecallAsk)
        is_open = [row for row in asks if row.chosen is None]
        assert len(is_open) <= 1
        ids: list[int] = []
        if act == "wait":
            now += timedelta(hours=number)
        elif act == "ask":
            asked = ask(database, who, now)
            ids = [asked.ask_id] if asked.state in (ASKED, OPEN) else []
        elif act == "answer" and is_open:
            ids = [is_open[0].id]
            answer(database, who, is_open[0].id, number, now)
        elif act == "old" and asks and asks[0].chosen is not None:
            assert not answer(database, who, asks[0].id, number, now).is_new
        for ask_id in ids:
            day = local_date(now, ZONE)
            touched[day] += (day, ask_id) not in seen
            seen.add((day, ask_id))
        for card in rows(database, RecallCard):
            assert card.last_review_at >= last.get(card.id, card.last_review_at)
            last[card.id] = card.last_review_at
    assert all(count <= 2 for count in touched.values())
    assert all(
        row.predicted is None or 0 <= row.predicted <= 1 for row in rows(database, RecallAsk)
    )


def test_two_presses_at_once_ask_one_question(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """Two processes: the second waits for the first and offers the same question."""
    database = postgresql_database
    county = database.write_now(build, write_pack(tmp_path / "pack", 5), now=start, learners=1)
    receive(database, county, DAYS)
    who, now = county.learners[0], at(date(2026, 12, 5))
    with ThreadPoolExecutor(1) as pool, open_session(database.engine) as session:
        first = recall.ask(session, who, now=now)
        second = pool.submit(database.write_now, recall.ask, who, now=now)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        session.commit()
        assert second.result().ask_id == first.ask_id
    with ThreadPoolExecutor(1) as pool, open_session(database.engine) as session:
        recall.answer(session, who, ask_id=first.ask_id, chosen=RIGHT, now=now)
        press = {"ask_id": first.ask_id, "chosen": WRONG, "now": now}
        late = pool.submit(database.write_now, recall.answer, who, **press)
        with pytest.raises(TimeoutError):
            late.result(timeout=0.2)
        session.commit()
        assert (late.result().is_new, late.result().chosen) == (False, RIGHT)
    assert len(rows(database, RecallAsk)) == len(rows(database, RecallCard)) == 1
