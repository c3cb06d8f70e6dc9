"""How many updates a second the real inbox and the real handlers get through, in one process.

Learners to whom the day's lesson was sent press 学完了 (taps) or answer its quiz (answers); each
update is stored, opened, handled and committed on its own. The peer is a bare handler with SQLModel
(four selects, an update, an insert and a commit, nothing else), between our rounds in the same run;
beside it stands what the disk and the database commit with nothing else done. The latency is from
Telegram's handing out a tap to our answer to it, at 100 a second, while a broadcast goes on at 30
a second.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import func, select, text, update
from sqlmodel import Session

from bot.app import Wuxue
from bot.commands.running import settle
from curriculum import daily_lesson
from scheduler import planner
from scheduler.clock import MovableClock
from storage import deliveries, inbox
from storage.engine import Database
from tests.benchmarks.bare_handler import handled_a_second
from tests.benchmarks.fast_server import BOT
from tests.benchmarks.ground import (
    FIRST_CHAT,
    TEN,
    UNCAPPED,
    FastServer,
    bot_on,
    databases,
    filled,
    report,
)

# Goals as shares of the bare handler's rate: 500 of 1,048 and 300 of 565 a second, as measured
# when they were set.
GOALS = {"sqlite": 500 / 1048, "postgresql": 300 / 565}
TAPS_A_SECOND, BROADCAST_A_SECOND = 100, 30
LATENCY_LIMIT_SECONDS = 0.1
COMMITS = 500
LOOK_SECONDS = 0.05
LONGEST_SECONDS = 120
# (person, delivery, occasion) of a learner who got the lesson.
Got = tuple[int, int, str]


def as_sent(session: Session) -> None:
    """The planned lesson has arrived everywhere: its text and its quiz."""
    connection = session.connection()
    connection.execute(
        text(
            "UPDATE delivery SET status = 'sent', parts_sent = 2, sent_at = due_at, content_version"
            " = (SELECT current_version_id FROM lesson WHERE lesson.id = delivery.subject_id)"
            " WHERE status = 'waiting'"
        )
    )
    for part, poll in ((0, "NULL"), (1, "'quiz-' || CAST(person_id AS text)")):
        connection.execute(
            text(
                "INSERT INTO sent_message"  # noqa: S608  our own words
                " (delivery_id, part, chat_id, message_id, poll_id, sent_at)"
                f" SELECT id, {part}, {FIRST_CHAT} + person_id, 2 * id + {part}, {poll}, due_at"
                " FROM delivery"
            )
        )


def lessons_sent(session: Session) -> list[Got]:
    """Every learner who got the lesson."""
    table = deliveries.TABLE
    rows = session.connection().execute(
        select(table.c.person_id, table.c.id, table.c.occasion)
        .where(table.c.status == deliveries.SENT)
        .order_by(table.c.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def sender(person: int) -> dict[str, Any]:
    """A user as Telegram shows her."""
    return {"id": FIRST_CHAT + person, "is_bot": False, "first_name": "学员", "language_code": "zh"}


def tap(number: int, person: int, delivery: int, occasion: str) -> dict[str, Any]:
    """She presses 学完了 under her lesson."""
    chat = {"id": FIRST_CHAT + person, "type": "private", "first_name": "学员"}
    bot = {"id": BOT, "is_bot": True, "first_name": "wuxue"}
    message = {"message_id": 2 * delivery, "date": 1795572000, "chat": chat, "from": bot}
    return {
        "update_id": number,
        "callback_query": {
            "id": f"tap-{FIRST_CHAT + person}",
            "from": sender(person),
            "chat_instance": "1",
            "message": message | {"text": "每日一学"},
            "data": f"learned:{occasion}",
        },
    }


def answer(number: int, person: int, _delivery: int, _occasion: str) -> dict[str, Any]:
    """She answers its quiz."""
    vote = {
        "poll_id": f"quiz-{person}",
        "user": sender(person),
        "option_ids": [1],
        "option_persistent_ids": ["1"],
    }
    return {"update_id": number, "poll_answer": vote}


MADE = {"taps": tap, "answers": answer}


def lines(kind: str, first: int, group: list[Got]) -> bytes:
    """Updates of one kind, numbered from `first`, as the server takes them."""
    made = (MADE[kind](first + n, *one) for n, one in enumerate(group))
    return b"\n".join(
        b"%d\t%d\t%s" % (one["update_id"], FIRST_CHAT + person, json.dumps(one).encode())
        for one, (person, _, _) in zip(made, group, strict=True)
    )


def counted(session: Session, query: str) -> int:
    """One number."""
    return int(session.connection().execute(text(query)).scalar_one())


def done(session: Session) -> int:
    """How many updates are processed."""
    table = inbox.TABLE
    found = session.connection().execute(select(func.count()).where(table.c.status == inbox.DONE))
    return int(found.scalar_one())


def commits_a_second(database: Database) -> float:
    """What this disk and this database commit, one small row at a time."""
    table = deliveries.TABLE
    began = perf_counter()
    for number in range(COMMITS):
        small = update(table).where(table.c.id == 1).values(attempts=number)
        database.write_now(lambda session, s=small: session.connection().execute(s))  # type: ignore[misc]
    return COMMITS / (perf_counter() - began)


async def handled(wuxue: Wuxue, server: FastServer, updates: bytes, number: int) -> float:
    """Updates a second from the first one's coming to the last one's commit."""
    before = await wuxue.database.read(done)
    began = perf_counter()
    server.control("updates", updates)
    while (now := await wuxue.database.read(done)) - before < number:
        assert perf_counter() - began < LONGEST_SECONDS, f"{now - before} of {number} processed"
        await asyncio.sleep(LOOK_SECONDS)
    return number / (perf_counter() - began)


async def throughput(
    database: Database,
    server: FastServer,
    folder: Path,
    groups: list[list[Got]],
    apart: Callable[[], str],
) -> dict[str, list[float]]:
    """Rounds of taps and answers in turns, the bare handler and bare commits between them.

    `apart` makes a URL of an empty database.
    """
    rates: dict[str, list[float]] = {"taps": [], "answers": [], "commits": [], "bare": []}
    # A few seconds late: the ticker finds nothing more to send on this day.
    clock, number = MovableClock(TEN, speed=1.0), 1
    wuxue = bot_on(database, server.api, folder, clock=clock, per_second=UNCAPPED)
    await wuxue.start()
    settle()
    for place, group in enumerate(groups):
        kind = ("taps", "answers")[place % 2]
        updates = lines(kind, number, group)
        number += len(group)
        rates[kind].append(await handled(wuxue, server, updates, len(group)))
        await wuxue.idle()
        rates["commits"].append(await asyncio.to_thread(commits_a_second, database))
        rates["bare"].append(await asyncio.to_thread(handled_a_second, apart(), now=TEN))
    await wuxue.stop()
    records = database.read_now(counted, "SELECT count(*) FROM learning_record")
    assert records == number - 1, (records, number)
    return rates


async def latency(
    dialect: str, database: Database, server: FastServer, folder: Path, group: list[Got]
) -> None:
    """One line: taps at 100 a second while the next day's lesson goes out."""
    clock = MovableClock(TEN + timedelta(days=1), speed=1.0)
    # Each tap changes one message too, and replies go first: what is left is the broadcast's.
    cap = TAPS_A_SECOND + BROADCAST_A_SECOND
    wuxue = bot_on(database, server.api, folder, clock=clock, per_second=cap)
    server.forget()
    await wuxue.start()
    settle()
    updates = lines("taps", 1_000_000, group)
    await asyncio.to_thread(server.control, f"updates?{TAPS_A_SECOND}", updates)
    began = perf_counter()
    while len((seen := await asyncio.to_thread(server.stats))["waits"]) < len(group):
        assert perf_counter() - began < LONGEST_SECONDS, f"{len(seen['waits'])} taps answered"
        await asyncio.sleep(1)
    await wuxue.stop()
    percentiles = quantiles(seen["waits"], n=100)
    report(
        f"updates_latency_p99_{dialect}",
        round(percentiles[98], 4),
        LATENCY_LIMIT_SECONDS,
        "seconds",
        peer_name="limit",
        p50=round(percentiles[49], 4),
        taps=len(seen["waits"]),
        broadcast_a_second=round(seen["sent"] / (seen["last"] - seen["first"]), 1),
    )


def measure(
    dialect: str, database: Database, server: FastServer, given: Any, apart: Callable[[], str]
) -> None:
    """Throughput, then latency, each learner only once."""
    sent = database.read_now(lessons_sent)
    turns = 2 * given.rounds + 1
    groups = [sent[first::turns] for first in range(turns)]
    with TemporaryDirectory() as folder:
        rates = asyncio.run(throughput(database, server, Path(folder), groups[:-1], apart))
        for kind in ("taps", "answers"):
            report(
                f"updates_{kind}_{dialect}",
                round(median(rates[kind])),
                round(median(rates["bare"])),
                "updates a second",
                peer_name="bare SQLModel handler",
                goal=round(GOALS[dialect], 3),
                bare_commits=round(median(rates["commits"])),
                rounds=[round(rate) for rate in rates[kind]],
            )
        asyncio.run(latency(dialect, database, server, Path(folder), groups[-1]))


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--updates", type=int, default=1_000, help="a round")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    with databases() as made:
        for dialect in (given.only,) if given.only else ("sqlite", "postgresql"):
            learners = given.updates * (2 * given.rounds + 1)
            database = filled(made.url(dialect), learners=learners)
            database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=TEN, real=TEN)
            database.write_now(as_sent)
            with FastServer() as server:
                measure(dialect, database, server, given, partial(made.url, dialect))
            database.close()


if __name__ == "__main__":
    main()
