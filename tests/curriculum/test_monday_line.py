"""The Monday line: once a week, to administrators alone, and true at the moment it is sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import monday_line, people
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.people import ADMINISTRATOR, COORDINATOR
from storage import leases
from storage import people as stored_people
from storage.deliveries import Claimed, Delivery
from storage.engine import Database
from storage.machine import Disk, Machine
from storage.people import RoleGrant
from storage.queue import Queue
from tests import county
from tests.county import BOT

ZONE = "Asia/Shanghai"
SUNDAY = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 12, 1, tzinfo=UTC)
WELL = Machine(is_sqlite=True, disk=Disk(50_000_000_000, 100_000_000_000), last_backup=TEN)
IDLE = Queue(0, 5, 0, None)


@pytest.fixture
def centre(tmp_path: Path) -> Callable[[Session], county.County]:
    """A county with two administrators at the top (chats 950, 951)."""
    pack = county.write_pack(tmp_path / "pack")

    def build(session: Session) -> county.County:
        built = county.build(session, pack, now=SUNDAY - timedelta(days=1))
        for chat, name in ((950, "管理员甲"), (951, "管理员乙")):
            county.join(
                session,
                built,
                chat_id=chat,
                name=name,
                role=ADMINISTRATOR,
                unit=built.top,
                now=SUNDAY - timedelta(days=1),
            )
        return built

    return build


def owe(session: Session, now: datetime) -> int:
    return monday_line.owe(session, bot=BOT, zone=ZONE, now=now)


def claim(session: Session, now: datetime) -> list[Claimed]:
    return leases.claim(
        session,
        now=now,
        real=now,
        lease=timedelta(minutes=1),
        limit=100,
        claimed_by="test",
        bot=BOT,
    )


def verdicts(session: Session) -> dict[int, Verdict]:
    """What each administrator's chat would be told at ten."""
    found = monday_line.facts(session, claim(session, TEN), now=TEN)
    assert found
    return found


def test_it_is_owed_once_on_a_monday_to_administrators(
    database: Database, centre: Callable[[Session], county.County]
) -> None:
    """Not on Sunday night, not twice, not in the evening; due at ten, gone by eight."""

    def week(session: Session) -> None:
        built = centre(session)
        assert owe(session, SUNDAY) == 0
        assert owe(session, MONDAY) == 2
        assert owe(session, TEN) == 0
        rows = session.exec(select(Delivery)).all()
        assert {(row.occasion, row.due_at, row.not_after) for row in rows} == {
            ("2026-W48", TEN, TEN + timedelta(hours=10))
        }
        assert built.coordinator is not None
        assert built.coordinator.person_id not in {row.person_id for row in rows}
        assert owe(session, EVENING + timedelta(days=7)) == 0
        assert owe(session, TEN + timedelta(days=7)) == 2

    database.write_now(week)


def test_it_says_how_things_stand_when_it_is_sent(
    database: Database, centre: Callable[[Session], county.County]
) -> None:
    """The machine, the queue and the calendar are looked at once for everybody."""

    def week(session: Session) -> None:
        centre(session)
        owe(session, MONDAY)
        found = list(verdicts(session).values())
        assert all(isinstance(verdict, Facts) for verdict in found)
        told = [verdict for verdict in found if isinstance(verdict, Facts)]
        assert {fact.chat_id for fact in told} == {950, 951}
        assert len({fact.content_key for fact in told}) == 1
        line = told[0].values["line"]
        assert line.machine.is_sqlite == (session.get_bind().dialect.name == "sqlite")
        assert line.known_to == 2026
        assert "calendar" in line.needs  # next year's holidays should be known in November
        assert ("backup" in line.needs) == line.machine.is_sqlite

    database.write_now(week)


def test_whoever_is_no_administrator_any_more_is_not_told(
    database: Database, centre: Callable[[Session], county.County]
) -> None:
    """The role is asked again at the moment of sending; so is the chat."""

    def week(session: Session) -> None:
        centre(session)
        owe(session, MONDAY)
        rights = session.exec(
            select(RoleGrant).where(RoleGrant.role == ADMINISTRATOR).order_by(RoleGrant.person_id)  # type: ignore[arg-type]
        ).all()
        rights[0].role = COORDINATOR
        account = stored_people.account_of(session, bot=BOT, person_id=rights[1].person_id)
        assert account is not None
        people.set_reachable(
            session, bot=BOT, chat_id=account.chat_id, reachable=False, reason="blocked", now=TEN
        )
        session.flush()
        found = list(verdicts(session).values())
        assert sorted(v.reason for v in found if isinstance(v, NotWanted)) == [
            "left",
            "unreachable",
        ]

    database.write_now(week)


@pytest.mark.parametrize(
    ("machine", "queue", "known_to", "expected"),
    [
        (WELL, IDLE, 2027, []),
        (WELL, IDLE, 2026, ["calendar"]),
        (WELL, IDLE, None, []),
        (replace(WELL, last_backup=TEN - timedelta(days=9)), IDLE, 2027, ["backup"]),
        (replace(WELL, last_backup=None), IDLE, 2027, ["backup"]),
        (Machine(is_sqlite=False, disk=None, last_backup=None), IDLE, 2027, []),
        (replace(WELL, disk=Disk(999_999_999, 5_000_000_000)), IDLE, 2027, ["disk"]),
        (replace(WELL, disk=Disk(9_000_000_000, 100_000_000_000)), IDLE, 2027, ["disk"]),
        (WELL, Queue(1, 0, 0, TEN - timedelta(minutes=61)), 2027, ["queue"]),
        (WELL, Queue(9000, 0, 5, TEN - timedelta(minutes=59)), 2027, []),
    ],
)
def test_what_needs_a_person(
    machine: Machine, queue: Queue, known_to: int | None, expected: list[str]
) -> None:
    """Only what somebody has to do: a long queue that moves is none of it."""
    assert monday_line.needs(machine, queue, known_to, now=TEN) == expected


def test_next_years_holidays_are_asked_for_from_november_on() -> None:
    """They are published in the autumn."""
    october = datetime(2026, 10, 31, tzinfo=UTC)
    assert not monday_line.lacks_holidays(2026, now=october)
    assert monday_line.lacks_holidays(2025, now=october)
