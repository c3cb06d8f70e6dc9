"""Metrics, health and heartbeat: right figures, silence that is noticed, no secret told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from bot.operations.health import Health, judge
from bot.operations.heartbeat import Heartbeat
from bot.operations.listener import CannotListen, Listener
from bot.operations.metrics import Metrics, Snapshot
from bot.operations.received import Received
from bot.operations.watch import Watch
from scheduler.channel import ChannelError
from scheduler.counts import LATENESS_BORDERS, Counts
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from scheduler.ticker import Ticker
from storage.engine import Database
from storage.queue import Queue
from tests.county import BOT, build, write_pack
from tests.scheduler.test_postman import TEN, Channel, HandDrivenClock

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def figures(page: bytes) -> dict[str, float]:
    """Every sample by name and labels, read as Prometheus reads them."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_nothing_has_ticked_or_polled_yet() -> None:
    """A bot that is still starting is not called well."""
    health = judge(Counts(), Received(), real=AT)
    assert health.problems == ("ticks_stopped", "polling_stopped")
    assert health.as_json() == {
        "ok": False,
        "problems": ["ticks_stopped", "polling_stopped"],
        "last_tick": None,
        "last_poll": None,
    }


@pytest.mark.parametrize(
    ("tick", "poll", "problems"),
    [
        (180, 120, ()),
        (181, 0, ("ticks_stopped",)),
        (0, 121, ("polling_stopped",)),
    ],
)
def test_silence_is_noticed_in_minutes(tick: int, poll: int, problems: tuple[str, ...]) -> None:
    """Ticks within three minutes, an answered poll within two."""
    counts, received = Counts(), Received(last_poll=AT - timedelta(seconds=poll))
    counts.worked("daily_lesson", at=AT - timedelta(seconds=tick))
    counts.worked("housekeeping", at=AT)
    assert judge(counts, received, real=AT).problems == problems


def test_the_first_poll_is_given_time() -> None:
    """Telegram holds it open while nothing happens; the bot is well meanwhile."""
    counts, received = Counts(), Received(polling_since=AT)
    later = AT + timedelta(minutes=2)
    counts.worked("housekeeping", at=later)
    assert judge(counts, received, real=later).is_well
    late = judge(counts, received, real=later + timedelta(seconds=1))
    assert late.problems == ("polling_stopped",)


def test_a_process_is_asked_only_for_what_it_does() -> None:
    """One that receives by webhook does not poll; one that only receives does not tick."""
    assert judge(Counts(), Received(), real=AT, ticks=False, polls=False).is_well


def test_the_page_shows_each_figure_once_and_adds_up() -> None:
    """Queue, results, lateness and moments come out of the counters as they are."""
    counts, received = Counts(), Received(last_poll=AT)
    for late in (-5.0, 0.5, 1.0, 200_000.0):
        counts.was_late(late)
    counts.closed("sent")
    counts.closed(None, error="too_many_requests")
    counts.after_lease = 2
    counts.worked("daily_lesson", at=AT)
    received.processed("done")
    received.processed("done")
    queue = Queue(due=3, later=40, claimed=5, oldest_due_at=AT - timedelta(minutes=2))
    shown = figures(Metrics().page(Snapshot(counts, received, queue, AT)))
    expected = {
        "wuxue_queue_deliveries[('state', 'due')]": 3,
        "wuxue_queue_deliveries[('state', 'later')]": 40,
        "wuxue_queue_deliveries[('state', 'claimed')]": 5,
        "wuxue_queue_oldest_due_seconds[]": 120,
        "wuxue_deliveries_total[('result', 'sent')]": 1,
        "wuxue_deliveries_total[('result', 'retried')]": 1,
        "wuxue_send_errors_total[('error', 'too_many_requests')]": 1,
        "wuxue_marks_after_lease_total[]": 2,
        "wuxue_updates_total[('result', 'done')]": 2,
        "wuxue_last_poll_timestamp_seconds[]": AT.timestamp(),
        "wuxue_last_tick_timestamp_seconds[('job', 'daily_lesson')]": AT.timestamp(),
        "wuxue_delivery_lateness_seconds_bucket[('le', '1.0')]": 3,
        "wuxue_delivery_lateness_seconds_bucket[('le', '86400.0')]": 3,
        "wuxue_delivery_lateness_seconds_bucket[('le', '+Inf')]": 4,
        "wuxue_delivery_lateness_seconds_count[]": 4,
        "wuxue_delivery_lateness_seconds_sum[]": 200_001.5,
    }
    assert {name: shown.get(name) for name in expected} == expected
    assert sum("lateness_seconds_bucket" in name for name in shown) == len(LATENESS_BORDERS) + 1
    assert any(name.startswith("wuxue_build_info") for name in shown)


def test_two_bots_in_one_process_keep_their_figures_apart() -> None:
    """Each has a registry of its own; nothing is global."""
    one, other = Counts(), Counts()
    one.closed("sent")
    empty = Queue(0, 0, 0, None)
    pages = [
        figures(Metrics().page(Snapshot(counts, Received(), empty, AT))) for counts in (one, other)
    ]
    name = "wuxue_deliveries_total[('result', 'sent')]"
    assert [page.get(name) for page in pages] == [1, None]


@pytest.mark.asyncio
async def test_a_morning_is_counted_as_it_went(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """What was sent, refused and put off, how late, and what still waits."""
    database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    clock = HandDrivenClock(TEN + timedelta(seconds=30))
    channel = Channel(clock)
    refusals = {
        101: ChannelError("blocked", permanent=True, unreachable=True),
        102: ChannelError("gateway"),
    }
    channel.refuse = lambda chat, _: refusals.get(chat)
    postman = Postman(database, clock, channel, SendBudget(clock, per_second=1000), bot=BOT)
    ticker = Ticker(database, clock, postman, bot=BOT)
    watch = Watch(
        database,
        clock,
        counts=postman.counts,
        received=Received(),
        bot=BOT,
        zone="Asia/Shanghai",
        polls=False,
    )
    assert not watch.health().is_well
    await ticker.tick()
    assert watch.health().is_well
    shown = figures(await watch.page())
    assert shown["wuxue_deliveries_total[('result', 'sent')]"] == 1
    assert shown["wuxue_deliveries_total[('result', 'failed')]"] == 1
    assert shown["wuxue_deliveries_total[('result', 'retried')]"] == 1
    assert shown["wuxue_send_errors_total[('error', 'gateway')]"] == 1
    assert shown["wuxue_delivery_lateness_seconds_count[]"] == 1
    assert 30 <= shown["wuxue_delivery_lateness_seconds_sum[]"] < 60
    assert shown["wuxue_queue_deliveries[('state', 'due')]"] == 1
    assert shown["wuxue_queue_oldest_due_seconds[]"] >= 30


@pytest.mark.asyncio
async def test_both_pages_are_served_and_nothing_else() -> None:
    """/metrics in Prometheus's format, /healthz 200 or 503 with the reason; others 404."""
    counts, received = Counts(), Received(last_poll=AT)
    queue = Queue(0, 0, 0, None)

    async def page() -> bytes:
        return Metrics().page(Snapshot(counts, received, queue, AT))

    def health() -> Health:
        return judge(counts, received, real=AT)

    listener = Listener("127.0.0.1:0", page=page, health=health)
    await listener.start()
    await listener.start()
    address = f"http://127.0.0.1:{listener.port}"
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{address}/healthz") as ill:
                assert (ill.status, (await ill.json())["problems"]) == (503, ["ticks_stopped"])
            counts.worked("daily_lesson", at=AT)
            async with session.get(f"{address}/healthz") as well:
                assert (well.status, (await well.json())["ok"]) == (200, True)
            async with session.get(f"{address}/metrics") as metrics:
                assert metrics.status == 200
                assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
                assert "wuxue_last_poll_timestamp_seconds[]" in figures(await metrics.read())
            async with session.get(f"{address}/") as other:
                assert other.status == 404
        second = Listener(f"127.0.0.1:{listener.port}", page=page, health=health)
        with pytest.raises(CannotListen):
            await second.start()
        await second.stop()
    finally:
        await listener.stop()


@asynccontextmanager
async def watcher(status: int = 200) -> AsyncIterator[tuple[str, list[str]]]:
    """Somebody who waits for pings: the address, and the paths that were visited."""
    visited: list[str] = []

    async def ping(request: web.Request) -> web.Response:
        visited.append(request.path_qs)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/{rest:.*}", ping)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/secret-of-ours", visited
    finally:
        await runner.cleanup()


@pytest.mark.asyncio
async def test_a_tick_that_worked_is_told_elsewhere(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """One ping for each minute's tick, none while planning fails."""
    sqlite_database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    clock = HandDrivenClock(TEN)
    postman = Postman(
        sqlite_database, clock, Channel(clock), SendBudget(clock, per_second=1000), bot=BOT
    )
    ticker = Ticker(sqlite_database, clock, postman, bot=BOT)
    received = Received(last_poll=clock.real())
    async with watcher() as (url, visited):
        watch = Watch(
            sqlite_database,
            clock,
            counts=postman.counts,
            received=received,
            bot=BOT,
            zone="Asia/Shanghai",
            heartbeat_url=url,
        )
        ticker.chores += watch.chores
        await ticker.tick()
        await watch.heartbeat.settled()
        assert visited == ["/secret-of-ours"]
        received.last_poll = clock.real() - timedelta(minutes=3)
        await ticker.tick()
        await watch.heartbeat.settled()
        await watch.stop()
        assert visited == ["/secret-of-ours"]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [500, None])
async def test_a_ping_that_fails_is_logged_and_no_more(status: int | None) -> None:
    """Neither an answer of 500 nor silence is the bot's trouble; the address is not logged."""
    async with watcher(status or 200) as (url, _):
        heard = url
    with capture_logs() as logged:
        if status is None:
            heartbeat = Heartbeat(heard)  # nobody listens there any more
            heartbeat.beat()
            await heartbeat.settled()
        else:
            async with watcher(status) as (url, visited):
                heartbeat = Heartbeat(url)
                heartbeat.beat()
                heartbeat.beat()
                await heartbeat.settled()
                assert len(visited) == 1
        await heartbeat.stop()
    assert len(logged) == 1
    assert logged[0]["log_level"] == "warning"
    assert "secret" not in str(logged)


@pytest.mark.asyncio
async def test_a_chore_that_fails_stops_neither_the_tick_nor_the_others(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """The learners' morning does not hang on who watches."""
    sqlite_database.write_now(build, write_pack(tmp_path / "pack"), now=start)
    clock = HandDrivenClock(TEN)
    channel = Channel(clock)
    postman = Postman(sqlite_database, clock, channel, SendBudget(clock, per_second=1000), bot=BOT)
    ticker = Ticker(sqlite_database, clock, postman, bot=BOT)
    done: list[str] = []

    async def breaks() -> None:
        raise OSError

    async def works() -> None:
        done.append("worked")

    ticker.chores += [breaks, works]
    with capture_logs() as logged:
        await ticker.tick()
    assert done == ["worked"]
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == ["chore_failed"]
    assert len(channel.sent) == 6
