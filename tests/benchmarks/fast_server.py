"""A Bot API server so fast that no benchmark waits for it: raw asyncio, its own process.

With `--serve` it prints its port and serves until its input ends: what it saw is read at
/control/stats, updates for the bot are put in at /control/updates. server_capacity.py measures it.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from time import perf_counter, process_time

BOT = 7_000_000_009
REQUEST = re.compile(rb"(?:POST|GET) ([^ ]+) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# As JSON, as a form and as multipart: "chat_id":1, chat_id=1, "chat_id"\r\n\r\n1.
CHAT = re.compile(rb'chat_id"?\s*[:=]?\s*"?(-?\d+)')
ARGUMENT = re.compile(rb'[?&"](offset|timeout|limit)"?[=:]"?(-?\d+)')
HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
ME = (
    b'{"ok":true,"result":{"id":%d,"is_bot":true,"first_name":"wuxue","username":"wuxue_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
) % BOT
# The shortest proper Message: whoever turns it into objects has as little to do as possible.
MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"date":1795572000,"chat":{"id":%d,"type":"private",'
    b'"first_name":"x"},"from":{"id":7000000009,"is_bot":true,"first_name":"wuxue"},"text":"x"%s}}'
)
POLL = (
    b',"poll":{"id":"%d","question":"?","options":[],"total_voter_count":0,"is_closed":false,'
    b'"is_anonymous":false,"type":"quiz","allows_multiple_answers":false}'
)
REFUSED = (
    b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d",'
    b'"parameters":{"retry_after":%d}}'
)
TRUE = b'{"ok":true,"result":true}'
SENDING = (b"sendMessage", b"sendPoll")


class World:
    """What was sent, when, and what waits to be received."""

    def __init__(self, *, refuse_one_in: int, retry_after: int, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  a benchmark, no secret
        self._refuse_one_in, self._retry_after = refuse_one_in, retry_after
        self.updates: deque[tuple[int, bytes]] = deque()
        self.coming: deque[tuple[int, bytes]] = deque()
        self.message_id = 0
        self.wake: list[Callable[[], None]] = []
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self.arrivals, self.refused, self.paused = array("d"), 0, 0.0
        self._refusing_until = self._asked_until = 0.0
        self.last_body = b""
        self.released: dict[int, float] = {}
        # When each update's chat was first written to, or its tap answered.
        self.answered: dict[int, float] = {}
        self.cpu_began = process_time()
        self.calls = 0

    def refusal(self, now: float) -> bytes | None:
        """A 429 now and then, and for all that comes before its pause is over."""
        if now >= self._refusing_until:
            if not self._refuse_one_in or self._chance.random() * self._refuse_one_in >= 1:
                return None
            self._refusing_until = now + self._retry_after
        wait = max(1, -int(-(self._refusing_until - now) // 1))
        self.paused += max(0.0, now + wait - max(now, self._asked_until))
        self._asked_until = max(self._asked_until, now + wait)
        self.refused += 1
        return REFUSED % (wait, wait)

    def accept(self, method: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Status and answer of one call."""
        self.calls += 1
        now = perf_counter()
        if method in SENDING:
            refusal = self.refusal(now)
            if refusal is not None:
                return b"429 Too Many Requests", refusal
            self.arrivals.append(now)
            self.last_body = body
            return b"200 OK", self._message(method, body, now)
        if method == b"editMessageText":
            return b"200 OK", self._message(method, body, now)
        if method == b"answerCallbackQuery":
            found = re.search(rb"tap-(\d+)", body)
            if found:
                self.answered.setdefault(int(found[1]), now)
        return b"200 OK", ME if method == b"getMe" else TRUE

    def _message(self, method: bytes, body: bytes, now: float) -> bytes:
        self.message_id += 1
        found = CHAT.search(body)
        chat = int(found[1]) if found else 0
        if chat in self.released:
            self.answered.setdefault(chat, now)
        poll = POLL % self.message_id if method == b"sendPoll" else b""
        return MESSAGE % (self.message_id, chat, poll)

    def stats(self) -> bytes:
        """Everything counted, as JSON; times are of this machine's monotonic clock."""
        arrivals = self.arrivals
        worst = max(
            (n - bisect_left(arrivals, at - 1.0, 0, n) + 1 for n, at in enumerate(arrivals)),
            default=0,
        )
        waits = [
            at - self.released[who] for who, at in self.answered.items() if who in self.released
        ]
        found = {
            "sent": len(arrivals),
            "calls": self.calls,
            "first": arrivals[0] if arrivals else 0.0,
            "last": arrivals[-1] if arrivals else 0.0,
            "worst_second": worst,
            "refused": self.refused,
            "paused": self.paused,
            "cpu": process_time() - self.cpu_began,
            "waits": waits,
            "left": len(self.updates) + len(self.coming),
            "last_body": self.last_body.decode(),
        }
        return json.dumps(found).encode()

    def put(self, body: bytes, per_second: float) -> None:
        """Updates to hand out, one a line (update id, who waits, JSON), at once or at a rate."""
        for line in body.splitlines():
            number, who, update = line.split(b"\t", 2)
            self.coming.append((int(number), who + b"\t" + update))
        self._release(perf_counter(), per_second)

    def _release(self, next_at: float, per_second: float) -> None:
        now = perf_counter()
        while self.coming and (not per_second or next_at <= now):
            number, line = self.coming.popleft()
            who, update = line.split(b"\t", 1)
            self.updates.append((number, update))
            self.released[int(who)] = max(now, next_at) if per_second else now
            next_at += 1 / per_second if per_second else 0.0
        if self.coming:
            loop = asyncio.get_running_loop()
            loop.call_later(max(0.0, next_at - now), self._release, next_at, per_second)
        for wake in self.wake[:]:
            wake()

    def take(self, offset: int, limit: int) -> bytes:
        """What getUpdates gets."""
        while self.updates and self.updates[0][0] < offset:
            self.updates.popleft()
        given = [self.updates[n][1] for n in range(min(limit, len(self.updates)))]
        return b'{"ok":true,"result":[' + b",".join(given) + b"]}"


class Connection(asyncio.Protocol):
    """One kept connection; requests may follow each other without waiting."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        buffer = self._buffer + data if self._buffer else data
        while True:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            found = LENGTH.search(buffer, 0, end + 2)
            total = end + 4 + (int(found[1]) if found else 0)
            if len(buffer) < total:
                break
            request = REQUEST.match(buffer)
            if request is None:
                self._transport.close()
                return
            self._serve(request[1], buffer[end + 4 : total])
            buffer = buffer[total:]
        self._buffer = buffer

    def _serve(self, target: bytes, body: bytes) -> None:
        path, _, query = target.partition(b"?")
        method = path.rsplit(b"/", 1)[1]
        if path.startswith(b"/control/"):
            self._answer(b"200 OK", self._control(method, query, body))
        elif method == b"getUpdates":
            self._poll({k: int(v) for k, v in ARGUMENT.findall(b"&" + query + b"&" + body)})
        else:
            self._answer(*self._world.accept(method, body))

    def _control(self, what: bytes, query: bytes, body: bytes) -> bytes:
        if what == b"stats":
            return self._world.stats()
        if what == b"updates":
            self._world.put(body, float(query or b"0"))
        elif what == b"forget":
            self._world.forget()
        return TRUE

    def _poll(self, given: dict[bytes, int]) -> None:
        world = self._world

        def ready() -> None:
            if world.updates:
                finish()

        def finish() -> None:
            if ready in world.wake:
                world.wake.remove(ready)
                timer.cancel()
                self._answer(b"200 OK", world.take(0, given.get(b"limit", 100)))

        world.take(given.get(b"offset", 0), 0)
        timer = asyncio.get_running_loop().call_later(given.get(b"timeout", 0), finish)
        world.wake.append(ready)
        ready()

    def _answer(self, status: bytes, body: bytes) -> None:
        self._transport.write(HEAD % (status, len(body), body))


async def serve(world: World) -> None:
    """Print the port, serve until the input ends: so it cannot outlive who started it."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Read the wishes, serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--refuse-one-in", type=int, default=0, help="a 429 once in so many sends")
    parser.add_argument("--retry-after", type=int, default=1, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if not given.serve:
        # `make bench` runs every file here, and this one alone has nothing to say.
        return
    asyncio.run(
        serve(
            World(
                refuse_one_in=given.refuse_one_in,
                retry_after=given.retry_after,
                seed=given.seed,
            )
        )
    )


if __name__ == "__main__":
    main()
