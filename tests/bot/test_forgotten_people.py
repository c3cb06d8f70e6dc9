"""The list of who was forgotten: a backup brings nobody back, and nobody is taken for another."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select, update

from bot import personal_data
from bot.forgotten_people import ForgottenPeople
from storage.audit import AuditEntry
from storage.engine import Database
from storage.people import FORGOTTEN, Person
from tests.county import County, build, write_pack
from tests.scheduler.test_postman import HandDrivenClock

pytestmark = pytest.mark.asyncio


def _put_back(session: Session, person_id: int, made_at: datetime) -> None:
    """Her row as an older backup has it."""
    session.connection().execute(
        update(Person)
        .where(col(Person.id) == person_id)
        .values(name="学员1", status="active", created_at=made_at)
    )


def _status(database: Database, person_id: int) -> tuple[str, str]:
    person = database.read_now(lambda session: session.get_one(Person, person_id))
    return person.name, person.status


async def test_whoever_a_backup_brings_back_is_forgotten_again(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Once, counted, with a row in the trail; the file holds a number and a moment, no name."""
    county: County = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    me, clock = county.learners[0].person_id, HandDrivenClock(start)
    file = tmp_path / "keys" / "forgotten-people.txt"
    first = ForgottenPeople(database, clock, file)
    await first.begin()
    assert not file.exists()
    database.write_now(personal_data.forget, county.learners[0], now=start)
    await first.keep()
    written = file.read_text(encoding="utf-8")
    assert written.splitlines()[-1] == f"{me} {start.isoformat()}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    # A line that a crash cut off, and one by hand: passed over.
    file.write_text(written + "7 2026-1", encoding="utf-8")

    database.write_now(_put_back, me, start)
    again = ForgottenPeople(database, clock, file)
    await again.begin()
    assert again.again == 1
    assert _status(database, me) == (f"已删除{me}", FORGOTTEN)
    actors = select(AuditEntry.actor_id).where(AuditEntry.action == "forget_again")
    assert database.read_now(lambda session: session.exec(actors).all()) == [None]
    other = ForgottenPeople(database, clock, file)
    await other.begin()
    assert other.again == 0

    database.write_now(personal_data.forget, county.learners[1], now=start)
    await other.keep()
    assert file.read_text(encoding="utf-8").splitlines()[-2:] == [
        "7 2026-1",
        f"{county.learners[1].person_id} {start.isoformat()}",
    ]


async def test_another_person_of_the_same_number_stays(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """After a restore numbers are given again; whose row was made at another moment is not she."""
    county: County = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    me, file = county.learners[0].person_id, tmp_path / "forgotten-people.txt"
    file.write_text(f"{me} 2026-01-01T00:00:00+00:00\n", encoding="utf-8")
    listed = ForgottenPeople(database, HandDrivenClock(start), file)
    await listed.begin()
    assert listed.again == 0
    assert _status(database, me) == ("学员1", "active")


async def test_what_another_machine_forgot_is_listed_here_within_the_hour(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """The database tells it; without a place for the file nothing is lost but the list."""
    county: County = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    clock, file = HandDrivenClock(start), tmp_path / "forgotten-people.txt"
    here, nowhere = ForgottenPeople(database, clock, file), ForgottenPeople(database, clock, None)
    for one in (here, nowhere):
        await one.begin()
    database.write_now(personal_data.forget, county.learners[0], now=start)
    await here.run()
    assert not file.exists()
    clock.machine += timedelta(hours=1)
    for one in (here, nowhere):
        await one.run()
    assert str(county.learners[0].person_id) in file.read_text(encoding="utf-8")
