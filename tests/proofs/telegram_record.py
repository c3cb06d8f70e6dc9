"""A stand-in for Telegram that accepts everything at once and keeps a record of what it accepted.

Each sender has an address of its own, so the record knows who said what; nothing else of Telegram
is needed here, and the rehearsal's server would be the slowest part of a broadcast flat out.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from scheduler.clock import SystemClock
from tests.county import BOT

TOKEN = f"{BOT}:AAabcdefghijklmnopqrstuvwxyz0123456789"
# A broadcast that stands still for so long will never end.
PATIENCE_SECONDS = 45.0
# Which part of a lesson each method carries.
PART = {"sendMessage": 0, "sendPoll": 1}
ME = {"id": BOT, "is_bot": True, "first_name": "五学", "username": "wuxue_bot"}


@dataclass(frozen=True, slots=True)
class Call:
    """One accepted part: whose, to which chat, when (machine time)."""

    sender: int
    chat_id: int
    part: int
    at: datetime

    @property
    def key(self) -> tuple[int, int]:
        """What may not arrive twice."""
        return self.chat_id, self.part


class TelegramRecord:
    """What was accepted, in order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.copies: Counter[tuple[int, int]] = Counter()
        # The senders that asked who they are: those whose process has come up.
        self.greeted: set[int] = set()
        self.port = 0
        self._clock = SystemClock()
        self._ids = count(1)
        self._news = asyncio.Event()

    def address(self, sender: int) -> str:
        """The base URL that one sender is given."""
        return f"http://127.0.0.1:{self.port}/{sender}/bot"

    @property
    def different(self) -> int:
        """How many different parts were accepted."""
        return len(self.copies)

    async def reached(self, *, calls: int = 0, different: int = 0) -> None:
        """Return when so many calls, or so many different parts, were accepted."""
        while len(self.calls) < calls or len(self.copies) < different:
            self._news.clear()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                stands = f"{len(self.calls)} calls, {len(self.copies)} different parts"
                raise AssertionError(f"the broadcast stands still at {stands}") from None

    def answer(self, path: str, body: bytes) -> bytes:
        """Accept one call; the answer's JSON."""
        sender, _, method = path.strip("/").split("/")
        if method not in PART:
            self.greeted.add(int(sender))
            return json.dumps({"ok": True, "result": ME}).encode()
        chat_id = json.loads(body)["chat_id"]
        call = Call(int(sender), chat_id, PART[method], self._clock.real())
        self.calls.append(call)
        self.copies[call.key] += 1
        self._news.set()
        message_id = next(self._ids)
        poll = b',"poll":{"id":"poll-%d"}' % message_id if call.part else b""
        return (
            b'{"ok":true,"result":{"message_id":%d,"date":0,"chat":{"id":%d,"type":"private"}%s}}'
            % (
                message_id,
                chat_id,
                poll,
            )
        )


class _Connection(asyncio.Protocol):
    """One kept HTTP connection."""

    def __init__(self, record: TelegramRecord, open_now: set[asyncio.Transport]) -> None:
        self._record = record
        self._open = open_now
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (ends := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:ends].decode("latin-1")
            lines = head.lower().split("\r\n")
            lengths = [line.split(":")[1] for line in lines if line.startswith("content-length:")]
            until = ends + 4 + int(lengths[0] if lengths else 0)
            if len(self._received) < until:
                return
            body, self._received = self._received[ends + 4 : until], self._received[until:]
            answer = self._record.answer(head.split(" ", 2)[1], body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(answer), answer)
            )


@asynccontextmanager
async def telegram_record() -> AsyncIterator[TelegramRecord]:
    """A record that is being kept."""
    record, open_now = TelegramRecord(), set[asyncio.Transport]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(record, open_now), "127.0.0.1", 0)
    record.port = server.sockets[0].getsockname()[1]
    try:
        yield record
    finally:
        server.close()
        for transport in open_now:
            transport.abort()
        await server.wait_closed()
