"""Updates in: stored before they are confirmed, in order per sender, none lost, none twice."""

import asyncio
import os
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from structlog.testing import capture_logs
from telegram import Update
from telegram.ext import ExtBot

from bot.in_hand import IN_HAND
from bot.inbox import Inbox
from bot.polling import PollingEnded
from bot.raw_updates import sender_of
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from bot.rehearsal.world_state import BOT_ID
from bot.telegram_request import NotConnected, TelegramRequest
from scheduler.clock import SystemClock
from storage import inbox as stored
from storage.engine import Database
from storage.sealed import NoteKey

pytestmark = pytest.mark.asyncio
SENDERS = (11, 12, 13)
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
ROWS = "SELECT update_id, status, payload IS NOT NULL, error FROM inbox_update ORDER BY update_id"
Process = Callable[[Update], Awaitable[None]]


class Hasty(SystemClock):
    """A clock whose pauses are over at once, so that back-off needs no waiting."""

    async def sleep(self, seconds: float) -> None:
        """Hardly wait."""
        await asyncio.sleep(0.005)


class Full(Database):
    """A database whose disk is full for the next `failing` writes, and whose looks can be held."""

    failing = 0
    may_go_on: asyncio.Event | None = None
    has_looked: asyncio.Event

    async def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Read; when held, the answer to a look into the inbox grows old before it is given."""
        found = await super().read(fn, *args, **kwargs)
        if fn is stored.waiting and self.may_go_on is not None:
            self.has_looked.set()
            await self.may_go_on.wait()
        return found

    async def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Fail or write."""
        if self.failing:
            self.failing -= 1
            raise OSError(28, "No space left on device")
        return await super().write(fn, *args, **kwargs)


class Post:
    """A world, its server, one database, and inboxes to receive with."""

    def __init__(self, server: RehearsalServer, database: Full) -> None:
        self.server = server
        self.world = server.world
        self.database = database
        self.key = NoteKey(os.urandom(32))
        self.clock: Hasty = Hasty()

    @asynccontextmanager
    async def inbox(self, process: Process, *, token: str = "") -> AsyncIterator[Inbox]:
        """An inbox with its own bot; leaving it only lets go of the connections."""
        request, polling = TelegramRequest(), TelegramRequest()
        bot: ExtBot[None] = ExtBot(
            token or self.world.token,
            base_url=self.server.base_url,
            request=request,
            get_updates_request=polling,
        )
        async with request, polling:
            yield Inbox(
                bot, self.database, self.clock, self.key, process, bot_id=BOT_ID, request=polling
            )

    @asynccontextmanager
    async def receiving(self, process: Process) -> AsyncIterator[Inbox]:
        """An inbox that runs; leaving it is a kill: nothing is drained."""
        async with self.inbox(process) as inbox:
            running = asyncio.create_task(inbox.run())
            yield inbox
            for task in (running, *inbox._workers):
                task.cancel()
            await asyncio.gather(running, *inbox._workers, return_exceptions=True)

    async def rows(self, query: str = ROWS) -> list[Any]:
        """Rows of the inbox."""
        found: list[Any] = await self.database.read(
            lambda session: [tuple(row) for row in session.connection().execute(text(query))]
        )
        return found

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let everything else run until something is so."""
        async with asyncio.timeout(10):
            while not condition():
                await self.rows("SELECT 1")

    async def all_done(self) -> None:
        """Until nothing waits at Telegram and every stored row has been looked at."""
        async with asyncio.timeout(10):
            # In this order: what Telegram has no more of was stored before.
            while self.world.updates.waiting or (
                "waiting" in [row[1] for row in await self.rows()]
            ):
                await self.rows("SELECT 1")


@pytest_asyncio.fixture
async def post(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Post]:
    """Three people who may write, and nothing received yet."""
    world = World(lambda: NOW)
    for sender in SENDERS:
        world.add_user(sender, f"人{sender}")
    shutil.copy(sqlite_template, tmp_path / "inbox.sqlite")
    database = Full(f"sqlite:///{tmp_path / 'inbox.sqlite'}")
    async with RehearsalServer(world) as server:
        yield Post(server, database)
    database.close()


async def _nothing(update: Update) -> None:
    """Take it."""


async def test_an_update_is_stored_before_telegram_forgets_it(post: Post) -> None:
    """While its handler still works, the row is there, sealed, and only then confirmed."""
    go_on = asyncio.Event()

    async def slow(update: Update) -> None:
        await go_on.wait()

    post.world.say(11, "一句私密的话")
    async with post.receiving(slow) as inbox:
        await post.until(lambda: not post.world.updates.waiting)
        ((_, status, is_kept, _),) = await post.rows()
        assert (status, is_kept) == ("waiting", 1)
        ((payload,),) = await post.rows("SELECT payload FROM inbox_update")
        assert "私密".encode() not in payload
        go_on.set()
        await inbox.idle()
    assert [(row[1], row[2]) for row in await post.rows()] == [("done", 0)]


async def test_what_cannot_be_stored_is_not_confirmed(post: Post) -> None:
    """With a full disk receiving ends loudly, and Telegram still has the update."""
    post.world.say(11, "你好")
    async with post.inbox(_nothing) as inbox:
        post.database.failing = 1
        with pytest.raises(OSError, match="No space left"):
            await inbox.run()
    assert [item.json["message"]["text"] for item in post.world.updates.waiting] == ["你好"]
    assert await post.rows() == []


async def test_a_kill_between_storing_and_processing_loses_nothing(post: Post) -> None:
    """The next start processes what the last one left, in order, without Telegram's help."""

    async def never(update: Update) -> None:
        await asyncio.Event().wait()

    for word in ("一", "二", "三"):
        post.world.say(11, word)
    async with post.receiving(never):
        await post.until(lambda: not post.world.updates.waiting)
    seen: list[str] = []

    async def note(update: Update) -> None:
        assert update.message is not None
        seen.append(update.message.text or "")

    async with post.receiving(note):
        await post.all_done()
    assert seen == ["一", "二", "三"]


async def test_a_batch_that_comes_again_is_processed_once(post: Post) -> None:
    """Telegram's answer is lost on the way, so the same updates are given again."""
    seen: list[int] = []

    async def note(update: Update) -> None:
        seen.append(update.update_id)

    async with post.receiving(note) as inbox:
        post.world.say(11, "一")
        await post.until(lambda: bool(seen))
        await inbox.idle()
        await inbox._take([{"update_id": seen[0], "message": {"from": {"id": 11}}}])
        await inbox.idle()
    assert len(seen) == 1


async def test_what_was_finished_while_we_looked_is_not_done_again(post: Post) -> None:
    """A look that began before a row was done still shows it waiting; it must not run twice."""
    finish, seen = asyncio.Event(), []

    async def note(update: Update) -> None:
        seen.append(update.update_id)
        await finish.wait()

    async with post.receiving(note) as inbox:
        post.world.say(11, "一")
        await post.until(lambda: bool(seen))
        post.database.has_looked = asyncio.Event()
        post.database.may_go_on = asyncio.Event()
        await post.database.has_looked.wait()
        finish.set()
        await inbox.idle()
        post.database.may_go_on.set()
        post.database.may_go_on = None
        await inbox._dispatch()
        await inbox.idle()
    assert len(seen) == 1


async def test_each_senders_order_is_kept_while_others_overtake(post: Post) -> None:
    """Forty messages of three people, handled at uneven speed: nobody's own are swapped."""
    seen: dict[int, list[int]] = defaultdict(list)

    async def uneven(update: Update) -> None:
        assert update.effective_user is not None
        assert update.message is not None
        number = int(update.message.text or "0")
        for _ in range(number % 4):
            await post.rows("SELECT 1")
        seen[update.effective_user.id].append(number)

    async with post.receiving(uneven):
        for number in range(40):
            for sender in SENDERS:
                post.world.say(sender, str(number))
        await post.all_done()
    assert dict(seen) == {sender: list(range(40)) for sender in SENDERS}


async def test_one_slow_sender_holds_up_nobody_else(post: Post) -> None:
    """While one person's update takes long, the others are answered."""
    go_on, seen = asyncio.Event(), []

    async def one_slow(update: Update) -> None:
        assert update.effective_user is not None
        if update.effective_user.id == 11:
            await go_on.wait()
        seen.append(update.effective_user.id)

    async with post.receiving(one_slow) as inbox:
        for sender in (11, 11, 12, 13):
            post.world.say(sender, "在吗")
        await post.until(lambda: sorted(seen) == [12, 13])
        go_on.set()
        await post.until(lambda: len(seen) == 4)
        await inbox.idle()


@pytest.mark.parametrize(
    "body",
    [
        {"message": {"message_id": 1}},
        {"message": {"from": {"id": "x"}, "date": "gestern"}},
        {"message": "words"},
        {"callback_query": {"id": 5, "from": None}},
        {"poll_answer": {"user": {"id": 11}}},
        {"poll_answer": {"poll_id": "1", "option_ids": "x", "user": [1]}},
    ],
)
async def test_an_update_nobody_can_read_is_passed_over(post: Post, body: dict[str, Any]) -> None:
    """It never stops receiving: kept sealed and reported, or of no interest."""
    seen: list[str] = []

    async def note(update: Update) -> None:
        if update.message is not None:
            seen.append(update.message.text or "")

    with capture_logs() as logged:
        async with post.receiving(note):
            post.world.updates.add_raw(body, NOW)
            post.world.say(11, "后面的一句")
            await post.all_done()
    assert seen[-1] == "后面的一句"
    first, last = await post.rows()
    assert last[1:3] == ("done", 0)
    if first[1] == "unparsable":
        assert first[2] == 1  # kept, so that somebody can see what it was
        assert "update_not_parsable" in {entry["event"] for entry in logged}
    else:
        assert first[1:3] == ("done", 0)


async def test_a_broken_message_is_kept_sealed_and_reported(post: Post) -> None:
    """The log names the row, never what stood in it."""
    with capture_logs() as logged:
        async with post.receiving(_nothing):
            post.world.updates.add_raw({"message": {"message_id": 1, "text": "私密的话"}}, NOW)
            await post.all_done()
    assert [row[1:3] for row in await post.rows()] == [("unparsable", 1)]
    (reported,) = [entry for entry in logged if entry["event"] == "update_not_parsable"]
    assert set(reported) == {"event", "log_level", "row", "error"}
    ((payload,),) = await post.rows("SELECT payload FROM inbox_update")
    assert "私密".encode() not in payload


async def test_what_was_sealed_with_another_key_is_kept_and_passed_over(post: Post) -> None:
    """After a lost key the old rows stop nothing and stay for whoever finds it."""

    async def never(update: Update) -> None:
        await asyncio.Event().wait()

    post.world.say(11, "旧的")
    async with post.receiving(never):
        await post.until(lambda: not post.world.updates.waiting)
    post.key = NoteKey(os.urandom(32))
    seen: list[str] = []

    async def note(update: Update) -> None:
        assert update.message is not None
        seen.append(update.message.text or "")

    with capture_logs():
        async with post.receiving(note):
            post.world.say(11, "新的")
            await post.all_done()
    assert seen == ["新的"]
    assert [row[1:] for row in await post.rows()] == [
        ("unparsable", 1, "WrongKey"),
        ("done", 0, None),
    ]


async def test_an_update_put_off_comes_again(post: Post) -> None:
    """What asks to be looked at later is, and its text is kept until then."""
    attempts: list[int] = []

    async def put_off_twice(update: Update) -> None:
        in_hand = IN_HAND.get()
        assert in_hand is not None
        attempts.append(in_hand.attempts)
        if in_hand.attempts < 2:
            in_hand.postponed = datetime.resolution

    async with post.receiving(put_off_twice):
        post.world.say(11, "早到的一句")
        await post.all_done()
    assert attempts == [0, 1, 2]


async def test_a_row_that_cannot_be_closed_does_not_stop_its_sender(post: Post) -> None:
    """The disk was full for a moment after the handler: later messages of hers are still taken."""
    seen: list[str] = []

    async def note(update: Update) -> None:
        assert update.message is not None
        seen.append(update.message.text or "")
        if seen == ["一"]:
            post.database.failing = 1

    with capture_logs() as logged:
        async with post.receiving(note):
            post.world.say(11, "一")
            await post.until(lambda: "一" in seen)
            post.world.say(11, "二")
            await post.all_done()
    assert set(seen) == {"一", "二"}
    assert [row[1:3] for row in await post.rows()] == [("done", 0)] * 2
    assert "update_not_closed" in {entry["event"] for entry in logged}


@pytest.mark.parametrize("kind", ["502", "500", "429", "act_then_drop"])
async def test_a_bad_network_is_waited_out(post: Post, kind: Any) -> None:
    """Polling goes on after whatever the network does, and nothing is lost or doubled."""
    seen: list[int] = []

    async def note(update: Update) -> None:
        seen.append(update.update_id)

    post.world.say(11, "一")
    post.world.say(12, "二")
    post.server.misbehaviour.order(kind, 4, method="getUpdates", retry_after=0)
    with capture_logs():
        async with post.receiving(note):
            await post.all_done()
    assert len(seen) == len(set(seen)) == 2


async def test_a_token_telegram_refuses_ends_receiving(post: Post) -> None:
    """After three refusals the process is told, instead of looking alive for ever."""
    with capture_logs():
        async with post.inbox(_nothing, token=f"{BOT_ID}:AAwrong") as inbox:
            with pytest.raises(PollingEnded):
                await inbox.run()


async def test_a_webhook_left_behind_is_taken_away(post: Post) -> None:
    """Whoever used a webhook before would get nothing by polling."""
    post.server.delivery.webhook_url = "https://example.org/hook"
    post.world.say(11, "你好")
    async with post.receiving(_nothing):
        await post.all_done()
    assert post.server.delivery.webhook_url == ""


@pytest.mark.parametrize(
    ("payload", "sender"),
    [
        ({"message": {"from": {"id": 5}, "chat": {"id": -1}}}, 5),
        ({"message": {"chat": {"id": -1}}}, -1),
        ({"callback_query": {"from": {"id": 6}}}, 6),
        ({"my_chat_member": {"from": {"id": 7}}}, 7),
        ({"poll_answer": {"user": {"id": 8}}}, 8),
        ({"poll_answer": {"voter_chat": {"id": -9}}}, -9),
        ({"message": None}, 0),
        ({"message": {"from": {"id": "5"}}}, 0),
        ({"something_new": {"from": {"id": 5}}}, 0),
    ],
)
async def test_the_sender_is_found_in_every_kind_of_update(
    payload: dict[str, Any], sender: int
) -> None:
    """Order is kept by whoever acted, wherever the update names her."""
    assert sender_of(payload) == sender


class Racing(Hasty):
    """A clock on which two hundred seconds pass in each of the machine's, and in pauses."""

    def __init__(self) -> None:
        super().__init__()
        self._began = super().real()

    def real(self) -> datetime:
        """Machine time, fast."""
        return self._began + (super().real() - self._began) * 200

    async def sleep(self, seconds: float) -> None:
        """Wait as long as that takes on this clock."""
        await asyncio.sleep(seconds / 200)


async def test_polling_that_falls_silent_is_begun_anew(post: Post) -> None:
    """After 90 s without any answer the call is given up, another is made, and all goes on."""
    post.clock = Racing()
    seen: list[int] = []

    async def note(update: Update) -> None:
        seen.append(update.update_id)

    post.server.misbehaviour.order("silence", method="getUpdates")
    with capture_logs() as logged:
        async with post.receiving(note) as inbox:
            post.world.say(11, "一")
            assert inbox.last_poll_at is None
            await post.all_done()
            assert inbox.last_poll_at is not None
    assert len(seen) == 1
    assert "polling_restarted" in [entry["event"] for entry in logged]


class Swallowing(TelegramRequest):
    """Tells of a cancelled call as an error, as a client may whose answer came that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The call, and its end in other words."""
        self.asked.set()
        try:
            return await super().do_request(*args, **kwargs)
        except asyncio.CancelledError:
            raise NotConnected("cancelled") from None


async def test_receiving_ends_when_it_is_told_to_though_a_call_hides_it(post: Post) -> None:
    """Nobody waits for the long poll that would come after it."""
    async with post.inbox(_nothing) as inbox, Swallowing() as polling:
        assert inbox._polling
        inbox._polling._request = polling
        running = asyncio.create_task(inbox.run())
        await polling.asked.wait()
        running.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(running, return_exceptions=True)


async def test_a_long_pause_that_telegram_asks_for_is_no_silence(post: Post) -> None:
    """Coming back before the time would only make it longer."""
    post.clock = Racing()
    post.server.misbehaviour.order("429", method="getUpdates", retry_after=200)
    with capture_logs() as logged:
        async with post.receiving(_nothing) as inbox:
            post.world.say(11, "一")
            await post.all_done()
            assert inbox.last_poll_at is not None
    assert "polling_restarted" not in [entry["event"] for entry in logged]


@pytest.mark.parametrize(
    "body",
    [
        {"message": {"from": {"id": 10**30}, "text": "x"}},
        {"message": {"from": {"id": 11}, "text": "\ud83d"}},
        {"message": {"from": {"id": 11}, "text": "\x00"}},
        {"update_id": 10**30},
        {"update_id": "5"},
    ],
)
async def test_a_shape_that_no_table_holds_does_not_end_receiving(
    post: Post, body: dict[str, Any]
) -> None:
    """A number beyond 64 bits, half a character: the next update is processed as ever."""
    seen: list[str] = []

    async def note(update: Update) -> None:
        if update.message is not None:
            seen.append(update.message.text or "")

    with capture_logs():
        async with post.receiving(note):
            post.world.updates.add_raw(body, NOW)
            post.world.say(11, "后面的一句")
            await post.all_done()
    assert seen[-1] == "后面的一句"
