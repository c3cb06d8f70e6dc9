"""A morning's lesson to a crowd, sent by processes that are killed and frozen, and what came of it.

What may be repeated is exact: a sender that was harmed may have sent the next part of each delivery
it held at that moment without having marked it; nothing else may go out twice.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, text, update
from sqlmodel import Session

from scheduler.clock import SystemClock
from storage.cohorts import CohortMember
from storage.deliveries import SENT, Delivery
from storage.engine import Database
from storage.people import ChatAccount, Person
from tests.county import BOT, build, write_pack
from tests.proofs.sender import Order, make_ready, start_sender
from tests.proofs.telegram_record import PATIENCE_SECONDS, Call, TelegramRecord

# Tuesday evening, when everybody joined, and Wednesday just after ten, when a lesson is due.
JOINED = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 2, 5, tzinfo=UTC)
FIRST_CHAT = 1_000_000
PARTS = 2
DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]
STOP_SECONDS, LOOK_SECONDS = 10.0, 0.05

HELD = """
SELECT a.chat_id, d.parts_sent FROM delivery d JOIN chat_account a ON a.person_id = d.person_id
WHERE d.status = 'claimed' AND d.claimed_by LIKE :claimed_by
"""
CHATS = "SELECT d.id, a.chat_id FROM delivery d JOIN chat_account a ON a.person_id = d.person_id"
DUE = "SELECT a.chat_id, d.due_at FROM delivery d JOIN chat_account a ON a.person_id = d.person_id"
STATUSES = "SELECT status, parts_sent, count(*) FROM delivery GROUP BY status, parts_sent"


@dataclass(slots=True)
class Sender:
    """One process, what it is called in the record, and what it held whenever it was harmed."""

    number: int
    process: BaseProcess
    log: Path
    held: set[tuple[int, int]] = field(default_factory=set)
    is_harmed: bool = False

    def marked_late(self) -> list[int]:
        """The deliveries that this process says it wrote down only after their lease."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        said = [json.loads(line) for line in lines if line.startswith("{")]
        late = [one["deliveries"] for one in said if one["event"] == "marked_after_lease"]
        return [delivery for deliveries in late for delivery in deliveries]


@dataclass(slots=True)
class Broadcast:
    """The crowd, the record, and every process there ever was."""

    database: Database
    record: TelegramRecord
    folder: Path
    per_second: float
    learners: int
    is_paced: bool = False
    morning: datetime = MORNING
    ahead: timedelta = timedelta()
    senders: list[Sender] = field(default_factory=list)

    def prepare(self) -> None:
        """Enrol the crowd; business time is about `morning` from now on."""
        pack = write_pack(self.folder / "pack", 1)
        self.database.write_now(_enrol, pack, self.learners)
        # Lateness is the senders' own, not that of what they are forked from.
        make_ready()
        self.ahead = self.morning - SystemClock().real()

    def start(self) -> Sender:
        """One more process."""
        number = len(self.senders)
        log = self.folder / f"sender-{number}.log"
        order = Order(
            url=self.database.url,
            address=self.record.address(number),
            ahead=self.ahead,
            per_second=self.per_second,
            is_paced=self.is_paced,
            log=log,
        )
        sender = Sender(number, start_sender(order), log)
        self.senders.append(sender)
        return sender

    async def kill(self, sender: Sender) -> None:
        """What `kill -9` or a power cut does; what it held may have arrived unmarked."""
        sender.process.kill()
        await asyncio.to_thread(sender.process.join)
        self.note_held(sender)

    async def freeze(self, sender: Sender, seconds: float) -> None:
        """A process that gets no time for a while, as on a machine that swaps or is suspended."""
        os.kill(_pid(sender), signal.SIGSTOP)
        self.note_held(sender)
        await SystemClock().sleep(seconds)
        os.kill(_pid(sender), signal.SIGCONT)

    def note_held(self, sender: Sender) -> None:
        """What this sender's claims stand at."""
        sender.is_harmed = True
        rows = self._rows(HELD, claimed_by=f"{_pid(sender)}-%")
        sender.held |= {(chat_id, parts_sent) for chat_id, parts_sent in rows}

    async def done(self) -> None:
        """Return when everybody has everything and all is marked.

        What a killed sender had sent and not marked is everybody's already, and waits for its
        lease to end.
        """
        await self.record.reached(different=self.learners * PARTS)
        clock = SystemClock()
        until = clock.real() + timedelta(seconds=PATIENCE_SECONDS)
        while self._rows(STATUSES) != [(SENT, PARTS, self.learners)] and clock.real() < until:
            await clock.sleep(LOOK_SECONDS)
        for sender in self.senders:
            if sender.process.is_alive():
                sender.process.terminate()
                await asyncio.to_thread(sender.process.join, STOP_SECONDS)
                assert sender.process.exitcode == 0, sender.log.read_text()
        chats = dict(self._rows(CHATS))
        for sender in self.senders:
            late = [chats[delivery] for delivery in sender.marked_late()]
            sender.held |= {(chat, part) for chat in late for part in range(PARTS)}

    def leave(self) -> None:
        """End whatever still runs, frozen or not."""
        for sender in self.senders:
            sender.process.kill()
            sender.process.join()

    def repeated(self) -> list[Call]:
        """Every accepted call that another one of the same part came after."""
        last: dict[tuple[int, int], Call] = {}
        early = []
        for call in self.record.calls:
            if call.key in last:
                early.append(last[call.key])
            last[call.key] = call
        return early

    def repeats_per_harm(self) -> list[int]:
        """For each harmed process, how much of what it had sent was sent again."""
        counts = Counter(call.sender for call in self.repeated())
        return [counts[sender.number] for sender in self.senders if sender.is_harmed]

    def problems(self) -> list[str]:
        """What was promised and not kept, nothing where all is well."""
        found = []
        chats = range(FIRST_CHAT, FIRST_CHAT + self.learners)
        expected = {(chat, part) for chat in chats for part in range(PARTS)}
        if lost := expected - set(self.record.copies):
            found.append(f"lost: {sorted(lost)[:5]} and {len(lost)} in all")
        if strange := set(self.record.copies) - expected:
            found.append(f"sent to nobody's order: {sorted(strange)[:5]}")
        statuses = self._rows(STATUSES)
        if statuses != [(SENT, PARTS, self.learners)]:
            found.append(f"the outbox says {statuses}")
        # One of several copies is due anyway; each other one was in the hands of a harmed sender.
        entitled = Counter(
            call.key for call in self.record.calls if call.key not in self.senders[call.sender].held
        )
        if twice := [key for key, copies in entitled.items() if copies > 1]:
            found.append(f"repeated though nobody held it: {twice[:5]} and {len(twice)} in all")
        if self.database.is_sqlite and self._rows("PRAGMA integrity_check") != [("ok",)]:
            found.append("the file is damaged")
        return found

    def lateness(self) -> dict[int, float]:
        """Seconds between each chat's lesson being due and its first arrival."""
        arrived: dict[int, datetime] = {}
        for call in self.record.calls:
            if call.part == 0:
                arrived.setdefault(call.chat_id, call.at + self.ahead)
        due: list[tuple[int, Any]] = self._rows(DUE)
        return {chat: (arrived[chat] - due_at).total_seconds() for chat, due_at in due}

    def spread_out(self, *, first: datetime, gap: timedelta) -> None:
        """Make the deliveries due one after the other, so that each has a lateness of its own."""

        def change(session: Session) -> None:
            ids = session.connection().scalars(text("SELECT id FROM delivery ORDER BY id")).all()
            session.connection().execute(
                update(DELIVERY).where(DELIVERY.c.id == bindparam("which")),
                [{"which": i, "due_at": first + gap * n} for n, i in enumerate(ids)],
            )

        self.database.write_now(change)

    def owed(self) -> int:
        """How many deliveries are planned."""
        return int(self._rows("SELECT count(*) FROM delivery")[0][0])

    def _rows(self, query: str, **values: Any) -> list[Any]:
        def read(session: Session) -> list[Any]:
            return [tuple(row) for row in session.connection().execute(text(query), values)]

        return self.database.read_now(read)


@asynccontextmanager
async def broadcasting(broadcast: Broadcast) -> AsyncIterator[Broadcast]:
    """A broadcast whose processes end with the test."""
    broadcast.prepare()
    try:
        yield broadcast
    finally:
        broadcast.leave()


def _pid(sender: Sender) -> int:
    pid = sender.process.pid
    assert pid is not None
    return pid


def _enrol(session: Session, pack: Any, learners: int) -> None:
    """The county of the tests, with a crowd of learners added in four statements."""
    county = build(session, pack, now=JOINED, learners=0, late="send")
    connection = session.connection()
    people = insert(Person).returning(Person.id)  # type: ignore[arg-type]
    names = [{"name": f"学员{n}", "created_at": JOINED} for n in range(learners)]
    ids = list(connection.scalars(people, names))
    accounts = [
        {"person_id": person, "bot": BOT, "chat_id": FIRST_CHAT + n, "linked_at": JOINED}
        for n, person in enumerate(ids)
    ]
    members = [
        {"cohort_id": county.cohort.id, "person_id": person, "since": JOINED.date()}
        for person in ids
    ]
    connection.execute(insert(ChatAccount), accounts)
    connection.execute(insert(CohortMember), members)
