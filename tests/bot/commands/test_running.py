"""`wuxue run` and `wuxue rehearse` as processes: starting, waiting for a network, ending."""

import asyncio
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.rehearsal.misbehaviour import Fault
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from scheduler.clock import SystemClock
from storage import inbox, schema
from storage.engine import Database
from storage.sealed import NoteKey, new_secret
from tests.bot.commands.conftest import Wuxue
from tests.bot.commands.processes import PATIENCE_SECONDS, Machine, machine, until
from tests.bot.commands.test_database import copies, make_old, revision_of

ENDINGS = [signal.SIGINT, signal.SIGTERM]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RehearsalServer]:
    """Telegram's stand-in in this process, at the machine's own time."""
    async with RehearsalServer(World(SystemClock().now)) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `wuxue init` was run before such a server; to be copied, not used."""
    folder = tmp_path_factory.mktemp("initialised")
    async with (
        RehearsalServer(World(SystemClock().now)) as before,
        machine(folder, WUXUE_TELEGRAM__API_BASE_URL=before.base_url) as made,
    ):
        out = await made.done("init", "--token", before.token, "--unit", "中心")
        assert f"https://t.me/{before.world.bot['username']}?start=" in out
    return folder


@pytest_asyncio.fixture
async def here(
    initialised: Path, tmp_path: Path, server: RehearsalServer
) -> AsyncIterator[Machine]:
    """A machine on which `wuxue init` was run before that server."""
    shutil.copytree(initialised, tmp_path, dirs_exist_ok=True)
    config = tmp_path / "config.toml"
    text = config.read_text(encoding="utf-8")
    text, count = re.subn(r"^token = .*$", f'token = "{server.token}"', text, flags=re.MULTILINE)
    assert count == 1
    config.write_text(text, encoding="utf-8")
    async with machine(tmp_path, WUXUE_TELEGRAM__API_BASE_URL=server.base_url) as made:
        yield made


@pytest.mark.asyncio
@pytest.mark.parametrize("ending", ENDINGS)
async def test_run_works_until_it_is_told_to_stop(here: Machine, ending: int) -> None:
    """Ctrl-C and SIGTERM end it within 5 s, with code 0 and no traceback."""
    here.is_cold = True
    running = await here.start("run")
    await running.said("@wuxue_rehearsal_bot 已开始工作")
    ended = await running.end(ending)
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert "已停止" in ended.out


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["getMe", "sendMessage"])
async def test_run_ends_in_time_while_telegram_is_silent(
    here: Machine, server: RehearsalServer, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """A call that hangs, at the start or under a reply, does not hold up the end."""
    hangs, strike = asyncio.Event(), server.misbehaviour.strike

    def struck(called: str, chat_id: int | None) -> Fault | None:
        fault = strike(called, chat_id)
        if fault is not None:
            hangs.set()
        return fault

    monkeypatch.setattr(server.misbehaviour, "strike", struck)
    server.misbehaviour.order("silence", method=method)
    server.world.add_user(5_000_001, "卓玛")
    server.world.open_link(5_000_001)
    running = await here.start("run")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await hangs.wait()
    ended = await running.end()
    assert ended.code == 0
    assert "Traceback" not in ended.err


@pytest.mark.asyncio
async def test_a_second_run_on_the_same_file_is_refused(here: Machine) -> None:
    """Two bots would answer everybody twice."""
    running = await here.start("run")
    await running.said("已开始工作")
    second = await here.wuxue("run")
    assert second.code == 1
    assert "已经有一个 wuxue 在用" in second.err
    assert (await running.end()).code == 0


@pytest.mark.parametrize("role", ["receive", "deliver"])
@pytest.mark.usefixtures("installed")
def test_on_sqlite_one_process_does_everything(wuxue: Wuxue, role: str) -> None:
    """A part of the work needs PostgreSQL, and a sentence says so."""
    refused = wuxue("run", "--role", role)
    assert refused.exit_code == 1
    assert f"--role {role} 要用 PostgreSQL" in refused.stderr


@pytest.mark.asyncio
async def test_a_wrong_token_ends_with_a_sentence(here: Machine) -> None:
    """Waiting would not cure it."""
    here.environment["WUXUE_TELEGRAM__TOKEN"] = "7000000001:" + "A" * 35
    refused = await here.wuxue("run")
    assert refused.code == 1
    assert "不认这个令牌" in refused.err
    assert "Traceback" not in refused.err
    assert "A" * 35 not in refused.err + refused.out


@pytest.mark.asyncio
async def test_run_keeps_trying_until_there_is_a_network(
    here: Machine, server: RehearsalServer
) -> None:
    """A station with a thin network needs nobody to start the bot again."""
    port = free_port()
    here.environment["WUXUE_TELEGRAM__API_BASE_URL"] = f"http://127.0.0.1:{port}/bot"
    running = await here.start("run")
    await running.said("1 秒后再试", "2 秒后再试")
    world = World(SystemClock().now)
    world.token = server.token
    later = RehearsalServer(world)
    await later.start(port=port)
    try:
        await running.said("已开始工作")
        world.add_user(5_000_001, "卓玛")
        world.open_link(5_000_001)
        await until(world, lambda: world.last_message(5_000_001).from_bot)
        assert (await running.end()).code == 0
    finally:
        await later.stop()


@pytest.mark.asyncio
@pytest.mark.parametrize("ending", ENDINGS)
async def test_waiting_for_a_network_can_be_stopped(here: Machine, ending: int) -> None:
    """Ctrl-C works during the pauses too."""
    here.environment["WUXUE_TELEGRAM__API_BASE_URL"] = "http://127.0.0.1:9/bot"
    running = await here.start("run")
    await running.said("1 秒后再试")
    ended = await running.end(ending)
    assert ended.code == 0
    assert "Traceback" not in ended.err


@pytest.mark.asyncio
async def test_run_upgrades_an_older_file_after_a_copy(here: Machine) -> None:
    """A new release starts on the old database by itself, and the way back is kept."""
    file = here.folder / "data" / "wuxue.sqlite"
    make_old(file)
    running = await here.start("run")
    await running.said("升级前先留了一份", "已开始工作")
    assert (await running.end()).code == 0
    (copy,) = copies(file)
    assert revision_of(copy) == "0002"
    assert revision_of(file) == schema.head()


@pytest.mark.asyncio
async def test_a_lost_note_key_is_said_before_anything_runs(here: Machine) -> None:
    """Its texts could not be read; the sentence says to put the backup back."""
    (here.folder / "data" / "note.key").write_text("damaged", encoding="ascii")
    refused = await here.wuxue("run")
    assert refused.code == 1
    assert "备份" in refused.err
    (here.folder / "data" / "note.key").unlink()
    refused = await here.wuxue("run")
    assert refused.code == 1
    assert "wuxue init" in refused.err


@pytest.mark.asyncio
async def test_a_wrong_note_key_is_said_before_anything_is_taken(
    here: Machine, server: RehearsalServer
) -> None:
    """Telegram keeps what was sent to it; whoever has lost the key for good says so and begins."""
    database = Database(f"sqlite:///{here.folder / 'data' / 'wuxue.sqlite'}")
    note_key, bot = NoteKey(new_secret()), int(server.token.partition(":")[0])
    now = SystemClock().now()
    database.write_now(inbox.store, [(1, 1, "话")], bot=bot, note_key=note_key, now=now)
    database.close()
    server.world.add_user(5_000_001, "卓玛")
    server.world.open_link(5_000_001)
    refused = await here.wuxue("run")
    assert refused.code == 1
    assert "没有开始：有 1 条私密文字" in refused.err
    assert server.world.updates.waiting
    begun = await here.start("run", "--lost-key")
    await begun.said("已开始工作")
    await until(server.world, lambda: server.world.last_message(5_000_001).from_bot)
    assert (await begun.end()).code == 0


@pytest.mark.asyncio
async def test_rehearse_is_ended_by_ctrl_c_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Within 5 s, code 0, no traceback; a second one in the same folder is refused meanwhile."""
    async with machine(tmp_path) as made:
        first = await made.start("rehearse", "--port", "0")
        await first.said("http://127.0.0.1:", "--fresh 重新开始")
        second = await made.wuxue("rehearse", "--port", "0")
        assert second.code == 1
        assert "已经有一个排练在进行" in second.err
        ended = await first.end(signal.SIGINT)
        assert ended.code == 0
        assert "Traceback" not in ended.err
        phones = tmp_path / "data" / "rehearsal" / "phones.pickle"
        assert phones.exists()
        again = await made.start("rehearse", "--port", "0")
        await again.said("--fresh 重新开始")
        assert (await again.end(signal.SIGTERM)).code == 0
        assert phones.exists()


@pytest.mark.asyncio
async def test_a_taken_port_is_said_and_costs_nothing(tmp_path: Path) -> None:
    """The sentence names --port, and an earlier rehearsal's phones are still there."""
    left = tmp_path / "data" / "rehearsal"
    left.mkdir(parents=True)
    (left / "phones.pickle").write_bytes(b"kept")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with machine(tmp_path) as made:
            refused = await made.wuxue("rehearse", "--port", str(taken.getsockname()[1]))
    assert refused.code == 1
    assert "--port" in refused.err
    assert (left / "phones.pickle").read_bytes() == b"kept"


@pytest.mark.asyncio
async def test_whoever_watches_sees_it_well_and_is_told_each_minute(
    here: Machine, server: RehearsalServer
) -> None:
    """/healthz, /metrics and the heartbeat of a real process; all closed when it ends."""
    pinged = asyncio.Event()

    async def ping(_: web.Request) -> web.Response:
        pinged.set()
        return web.Response()

    app = web.Application()
    app.router.add_get("/ping", ping)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = free_port()
    here.environment["WUXUE_OPERATIONS__LISTEN"] = f"127.0.0.1:{port}"
    here.environment["WUXUE_OPERATIONS__HEARTBEAT_URL"] = (
        f"http://127.0.0.1:{runner.addresses[0][1]}/ping"
    )
    try:
        running = await here.start("run")
        await running.said("已开始工作")
        server.world.add_user(5_000_001, "卓玛")
        server.world.open_link(5_000_001)
        await until(server.world, lambda: server.world.last_message(5_000_001).from_bot)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/healthz") as health:
                assert (health.status, (await health.json())["problems"]) == (200, [])
            async with session.get("/metrics") as metrics:
                page = await metrics.text()
        assert 'wuxue_last_tick_timestamp_seconds{job="housekeeping"}' in page
        assert "wuxue_queue_deliveries" in page
        assert server.token not in page
        async with asyncio.timeout(PATIENCE_SECONDS):
            await pinged.wait()
        ended = await running.end()
        assert (ended.code, "Traceback" in ended.err) == (0, False)
        with pytest.raises(OSError, match=str(port)):
            await asyncio.open_connection("127.0.0.1", port)
    finally:
        await runner.cleanup()


@pytest.mark.asyncio
async def test_a_taken_monitoring_address_is_said(here: Machine) -> None:
    """Whoever relies on it must not believe that it is there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        here.environment["WUXUE_OPERATIONS__LISTEN"] = address
        refused = await here.wuxue("run")
    assert refused.code == 1
    assert address in refused.err
    assert "listen" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.asyncio
async def test_whoever_watches_sees_that_telegram_cannot_be_reached(here: Machine) -> None:
    """503 with the reason while it keeps trying, since nothing is received or sent."""
    port = free_port()
    here.environment["WUXUE_OPERATIONS__LISTEN"] = f"127.0.0.1:{port}"
    here.environment["WUXUE_TELEGRAM__API_BASE_URL"] = "http://127.0.0.1:9/bot"
    running = await here.start("run")
    await running.said("1 秒后再试")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as health,
    ):
        problems = (await health.json())["problems"]
        assert (health.status, problems) == (503, ["ticks_stopped", "polling_stopped"])
    assert (await running.end()).code == 0
