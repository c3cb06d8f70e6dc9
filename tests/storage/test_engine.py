"""Database work in threads: in order, whole or not at all, through a restart of the database."""

from threading import Event, get_ident

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.engine import Database
from storage.workers import Workers


def connection_id(session: Session) -> int:
    """PostgreSQL's name for the process that serves this session."""
    return int(session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(session: Session, process: int) -> None:
    """What a restart of the database does to a connection."""
    session.connection().execute(text("SELECT pg_terminate_backend(:p, 5000)"), {"p": process})


def rows(session: Session) -> int:
    """How many rows the little table of these tests has."""
    return int(session.connection().execute(text("SELECT count(*) FROM code_try")).scalar_one())


def add_row(session: Session) -> None:
    """One row, as any write."""
    session.connection().execute(
        text("INSERT INTO code_try (bot, chat_id, tried_at) VALUES (1, 2, CURRENT_TIMESTAMP)")
    )


def test_a_write_whose_connection_was_ended_is_done_once(postgresql_database: Database) -> None:
    """Idle or in the midst of it, a connection that died before the commit costs nothing."""
    database = postgresql_database
    runs = []

    def write(session: Session) -> None:
        add_row(session)
        runs.append(connection_id(session))
        if len(runs) == 1:
            database.write_now(end, runs[0])
        add_row(session)

    before = database.read_now(rows)
    database.write_now(write)
    assert len(runs) == 2
    assert database.read_now(rows) == before + 2


def test_a_write_that_always_loses_its_connection_says_so(postgresql_database: Database) -> None:
    """The second loss is an error, and nothing was kept."""
    database = postgresql_database

    def write(session: Session) -> None:
        add_row(session)
        database.write_now(end, connection_id(session))
        add_row(session)

    before = database.read_now(rows)
    with pytest.raises(DBAPIError):
        database.write_now(write)
    assert database.read_now(rows) == before


def test_work_is_done_in_its_order_and_gives_back_what_it_raised() -> None:
    """One thread, its results and errors each to whoever waits for them."""
    workers, order, threads = Workers(1, name="test"), [], set()

    def work(number: int) -> int:
        order.append(number)
        threads.add(get_ident())
        if number % 7 == 3:
            raise ValueError(number)
        return number * 2

    futures = [workers.submit(work, number) for number in range(50)]
    workers.shutdown()
    assert order == list(range(50))
    assert len(threads) == 1
    for number, future in enumerate(futures):
        if number % 7 == 3:
            assert str(future.exception(0)) == str(number)
        else:
            assert future.result(0) == number * 2
    with pytest.raises(RuntimeError):
        workers.submit(work, 0)


def test_work_nobody_waits_for_any_more_is_not_begun() -> None:
    """Work that is cancelled in the queue is left out, and the next one's is done."""
    workers, gate = Workers(1, name="test"), Event()
    done: list[str] = []
    first = workers.submit(gate.wait, 5)
    dropped = workers.submit(done.append, "dropped")
    last = workers.submit(done.append, "last")
    assert dropped.cancel()
    gate.set()
    assert first.result(5)
    last.result(5)
    workers.shutdown()
    assert done == ["last"]


def test_results_do_not_wait_for_work_that_comes_later() -> None:
    """With nothing more in the queue a result goes back at once."""
    workers = Workers(1, name="test")
    assert [workers.submit(abs, -number).result(5) for number in range(20)] == list(range(20))
    workers.shutdown()
