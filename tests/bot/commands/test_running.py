"""`wuxue run` and `wuxue rehearse` as processes: starting, waiting for a network, ending."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rehearsal.misbehaviour import Fault
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from scheduler.clock import SystemClock
from storage import schema
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


@pytest_asyncio.fixture
async def here(tmp_path: Path, server: RehearsalServer) -> AsyncIterator[Machine]:
    """A machine on which `wuxue init` was run before that server."""
    async with machine(tmp_path, WUXUE_TELEGRAM__API_BASE_URL=server.base_url) as made:
        out = await made.done("init", "--token", server.token, "--unit", "中心")
        assert f"https://t.me/{server.world.bot['username']}?start=" in out
        yield made


@pytest.mark.asyncio
@pytest.mark.parametrize("ending", ENDINGS)
async def test_run_works_until_it_is_told_to_stop(here: Machine, ending: int) -> None:
    """Ctrl-C and SIGTERM end it within 5 s, with code 0 and no traceback."""
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
