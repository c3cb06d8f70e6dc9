"""Two processes on one PostgreSQL: what one has in hand, the other leaves or waits for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from curriculum import records
from storage import audit, deliveries, drafts, leases
from storage.deliveries import Claimed
from storage.drafts import OpenDraft, StaleDraft
from storage.engine import Database, open_session
from storage.people import Person
from storage.sealed import NoteKey
from tests.county import BOT, build, write_pack

LEASE = timedelta(seconds=60)


def _claim(session: Session, now: datetime, *, by: str, limit: int) -> list[Claimed]:
    return leases.claim(
        session, now=now, real=now, lease=LEASE, limit=limit, claimed_by=by, bot=BOT
    )


def _owe(session: Session, folder: Path, now: datetime, count: int) -> None:
    build(session, write_pack(folder, 1), now=now, learners=1)
    for number in range(count):
        deliveries.add(
            session,
            bot=BOT,
            kind="notice",
            occasion=str(number),
            recipient=1,
            person_id=1,
            urgency="timed",
            due_at=now,
            created_at=now,
        )


def test_a_claim_passes_over_rows_another_has_in_hand(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """While one transaction holds its rows, another claims others, and no more than asked."""
    database = postgresql_database
    database.write_now(_owe, tmp_path / "pack", start, 20)
    with open_session(database.engine) as one, open_session(database.engine) as other:
        mine = _claim(one, start, by="one", limit=7)
        hers = _claim(other, start, by="other", limit=7)
        assert [len(mine), len(hers)] == [7, 7]
        assert not {row.id for row in mine} & {row.id for row in hers}
        one.commit()
        other.commit()


def test_a_second_tap_at_the_same_moment_is_stale(
    postgresql_database: Database, note_key: NoteKey, start: datetime
) -> None:
    """Two processes take the same step of a form: one wins, the other is told it has passed."""
    database = postgresql_database
    where = {"bot": BOT, "chat_id": 5, "note_key": note_key, "now": start, "expires_at": start}
    first = database.write_now(drafts.save, OpenDraft("question", "text", {}, 1), **where)
    with ThreadPoolExecutor(1) as pool:
        with open_session(database.engine) as session:
            drafts.save(session, first, **where)
            second = pool.submit(database.write_now, drafts.save, first, **where)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.2)
            session.commit()
        with pytest.raises(StaleDraft):
            second.result()


def _act(session: Session, now: datetime, action: str) -> None:
    audit.add(session, at=now, actor_id=None, action=action, object_kind="invite", object_id=None)
    session.flush()


def test_a_seal_waits_for_acts_that_are_under_way(
    postgresql_database: Database, start: datetime
) -> None:
    """An act with a lower number, committed later, is sealed too, and nothing seems broken."""
    database = postgresql_database
    with ThreadPoolExecutor(1) as pool, open_session(database.engine) as slow:
        _act(slow, start, "slow")
        database.write_now(_act, start, "quick")
        sealing = pool.submit(database.write_now, audit.seal, at=start)
        with pytest.raises(TimeoutError):
            sealing.result(timeout=0.2)
        slow.commit()
        assert sealing.result() == 2
    assert database.read_now(audit.first_broken_seal) is None


def _write_down(session: Session, person_id: int, now: datetime) -> int | None:
    return records.write_down(
        session,
        person_id=person_id,
        unit_id=None,
        study="daily_lesson",
        occasion="1:2026-11-25",
        occurred_on=now.date(),
        title="一课",
        source_id=None,
        minutes=5,
        mode=records.ONLINE,
        evidence="self_stated",
        recorded_by=None,
        now=now,
    )


def test_what_two_processes_record_at_once_is_new_once(
    postgresql_database: Database, start: datetime
) -> None:
    """Only the press that wrote the row is told that it did."""
    database = postgresql_database

    def add(session: Session) -> int:
        person = Person(name="卓玛", created_at=start)
        session.add(person)
        session.flush()
        return person.id or 0

    person_id = database.write_now(add)
    with ThreadPoolExecutor(1) as pool, open_session(database.engine) as session:
        assert _write_down(session, person_id, start) == 5
        second = pool.submit(database.write_now, _write_down, person_id, start)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        session.commit()
        assert second.result() is None
