"""Several receivers, calls repeated and shuffled, a kill in the middle: each update counts once."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bot.app import Wuxue
from bot.config_tables import Webhook
from bot.handlers import similar_questions
from bot.rehearsal.county import PHONES, enrol_by_chat
from bot.rehearsal.misbehaviour import Fault
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from bot.webhook import SECRET_HEADER
from scheduler.clock import SystemClock
from storage.engine import Database
from storage.inbox import InboxUpdate
from storage.questions import Question
from storage.sealed import NoteKey
from tests.bot.commands.processes import machine, until
from tests.bot.test_webhook import SECRET, add_processed, free_port
from tests.county import BOT, County, build, write_pack
from tests.journeys.conftest import FIRST_LESSON, NEWCOMER, playing

RECEIVERS = 4
LEARNERS, QUESTIONS = 6, 8
FIRST_ID = 900_000_000
# How far calls under way at the same time overtake one another.
OVERTAKES = 6
AT_ONCE = 8
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@asynccontextmanager
async def receiver(
    server: RehearsalServer, url: str, note_key: NoteKey, folder: Path
) -> AsyncIterator[tuple[Wuxue, str]]:
    """One process's worth: own pool of connections, own port; the address to call it at."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    database = Database(url)
    wuxue = Wuxue(
        token=server.token,
        api_base_url=server.base_url,
        database=database,
        clock=SystemClock(),
        note_key=note_key,
        zone="Asia/Shanghai",
        messages_per_second=1000,
        temporary_folder=folder,
        delivers=False,
        webhook=Webhook.model_validate({"url": address, "port": port, "secret": SECRET}),
    )
    try:
        await wuxue.start()
        yield wuxue, address
    finally:
        await wuxue.stop()
        database.close()


def calls(county: County, chance: random.Random) -> list[bytes]:
    """Every learner's questions in order, each called one to four times, in a shuffled order."""
    made: list[tuple[float, bytes]] = []
    for number in range(LEARNERS * QUESTIONS):
        chat_id = county.learners[number % LEARNERS].chat_id
        person = {"id": chat_id, "is_bot": False, "first_name": "学员"}
        message = {
            "message_id": 1000 + number,
            "date": int(START.timestamp()),
            "chat": {"id": chat_id, "type": "private"},
            "from": person,
            "text": f"/ask 第{number // LEARNERS}个问题怎么办",
            "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
        }
        body = json.dumps({"update_id": FIRST_ID + number, "message": message}).encode()
        made.append((number + chance.random() * OVERTAKES, body))
        made += [(number + chance.random() * 40, body) for _ in range(chance.randrange(4))]
    return [body for _, body in sorted(made)]


async def deliver(bodies: list[bytes], addresses: list[str], chance: random.Random) -> None:
    """Call the receivers as a proxy does: any of them, several at a time, again until 200."""
    places = asyncio.Semaphore(AT_ONCE)

    async def call(session: aiohttp.ClientSession, body: bytes) -> None:
        async with places, session.post(chance.choice(addresses), data=body) as answer:
            assert answer.status == 200

    async with (
        aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session,
        asyncio.TaskGroup() as group,
    ):
        for body in bodies:
            group.create_task(call(session, body))


def asked(session: Session) -> dict[int, list[str]]:
    """Each asker's questions in the order in which they were stored."""
    found: dict[int, list[str]] = {}
    for question in session.exec(select(Question).order_by(text("id"))):
        found.setdefault(question.asker_id, []).append(question.text)
    return found


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", [1, 2])
async def test_repeated_and_shuffled_calls_to_four_receivers_count_once_and_in_order(
    postgresql_database: Database,
    note_key: NoteKey,
    tmp_path: Path,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each question is stored once, each person's in her order, and each is answered once."""
    # What others asked is a hint that comes beside the answer, and four processes in one would
    # each load the models for it.
    monkeypatch.setattr(similar_questions, "offer_later", lambda *_: None)
    chance = random.Random(seed)  # noqa: S311  an order, no secret
    database = postgresql_database
    pack = write_pack(tmp_path / "pack")
    county = await database.write(build, pack, now=START, learners=LEARNERS)
    world = World(SystemClock().now)
    world.token = f"{BOT}:" + "A" * 35
    world.bot["id"] = BOT
    for learner in county.learners:
        world.add_user(learner.chat_id, "学员").started = True
    await database.write(add_processed, bot=BOT, update_id=FIRST_ID - 1)
    with capture_logs() as logged:
        async with RehearsalServer(world) as server, AsyncExitStack() as stack:
            opened = [
                await stack.enter_async_context(receiver(server, database.url, note_key, tmp_path))
                for _ in range(RECEIVERS)
            ]
            addresses = [address for _, address in opened]
            await deliver(calls(county, chance), addresses, chance)
            async with asyncio.timeout(45):
                while await database.read(_waiting) or len(world.sent_log) < LEARNERS * QUESTIONS:
                    await asyncio.gather(*(wuxue.idle() for wuxue, _ in opened))
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []
    wanted = [f"第{number}个问题怎么办" for number in range(QUESTIONS)]
    found = await database.read(asked)
    assert found == {learner.person_id: wanted for learner in county.learners}
    assert answered(world) == {learner.chat_id: QUESTIONS for learner in county.learners}
    # Each was processed by whoever had its sender; with four at the door, not by one alone.
    assert len(await database.read(_receivers)) > 1


def _waiting(session: Session) -> int:
    rows = session.exec(select(InboxUpdate).where(InboxUpdate.status != "done")).all()
    return len(rows)


def _receivers(session: Session) -> set[str | None]:
    return {row.claimed_by for row in session.exec(select(InboxUpdate))}


@pytest.mark.asyncio
async def test_an_answer_before_its_quiz_is_known_is_not_lost_on_postgresql(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """It waits in nobody's hands, and counts when the quiz is known."""
    async with playing(tmp_path, database_url=postgresql_database.url) as play:
        newcomer = PHONES[0]
        token = play.running.links.tokens[newcomer.phone_id]
        await enrol_by_chat(play.world, play.settle, newcomer, token)
        await play.through(FIRST_LESSON)
        poll_id = play.quiz(NEWCOMER).json["poll"]["id"]
        database = play.running.wuxue.database
        rename = "UPDATE sent_message SET poll_id = '{}' WHERE poll_id = '{}'"
        await database.write(_run, rename.format("hidden", poll_id))
        await play.vote(NEWCOMER, 0)
        state = "SELECT attempts, claimed_by FROM inbox_update WHERE status = 'waiting'"
        assert await play.rows(state) == [(1, None)]
        assert await play.count("learning_record") == 0
        await database.write(_run, rename.format(poll_id, "hidden"))
        await database.write(_run, "UPDATE inbox_update SET not_before = NULL")
        await play.running.wuxue.inbox._dispatch()
        await play.settle()
        assert await play.rows("SELECT evidence FROM learning_record") == [("answered",)]
        assert await play.rows(state) == []


def _run(session: Session, statement: str) -> None:
    session.connection().execute(text(statement))


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_kill_with_ten_updates_in_flight_loses_none(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All ten are confirmed to Telegram, none is answered when the process dies; then all are."""
    people = range(6_000_001, 6_000_011)
    world = World(SystemClock().now)
    for person in people:
        world.add_user(person, "来人")
    own: dict[str, Any] = {}
    if kind == "postgresql":
        own["WUXUE_DATABASE__URL"] = request.getfixturevalue("postgresql_database").url
    async with (
        RehearsalServer(world) as server,
        machine(tmp_path, WUXUE_TELEGRAM__API_BASE_URL=server.base_url, **own) as office,
    ):
        await office.done("init", "--token", server.token, "--unit", "中心")
        running = await office.start("run")
        await running.said("已开始工作")
        all_hang = hanging(server, len(people), monkeypatch)
        for person in people:
            world.open_link(person)
        async with asyncio.timeout(45):
            await all_hang.wait()
            await server.delivery.polled.wait()
        assert not world.updates.waiting
        await running.kill()
        assert answered(world) == {}
        running = await office.start("run")
        await until(world, lambda: set(answered(world)) == set(people))
        assert (await running.end()).code == 0
    assert answered(world) == dict.fromkeys(people, 1)


def hanging(server: RehearsalServer, count: int, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Leave the next `count` messages without an answer; set when all of them hang."""
    misbehaviour, strike = server.misbehaviour, server.misbehaviour.strike
    misbehaviour.order("silence", count, method="sendMessage")
    all_hang = asyncio.Event()

    def struck(called: str, chat_id: int | None) -> Fault | None:
        fault = strike(called, chat_id)
        if len(misbehaviour.struck) == count:
            all_hang.set()
        return fault

    monkeypatch.setattr(misbehaviour, "strike", struck)
    return all_hang


def answered(world: World) -> dict[int | None, int]:
    """How many messages each chat got."""
    return dict(Counter(s.chat_id for s in world.sent_log if s.method == "sendMessage"))
