"""How many calls a second the benchmarks' own server answers, so that nothing waits for it."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.ground import FastServer, report


class Caller(asyncio.Protocol):
    """Calls again as soon as it is answered, and looks at nothing but the end of the answer."""

    def __init__(self, request: bytes, calls: int, done: asyncio.Future[None]) -> None:
        self._request, self._left, self._done = request, calls, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make the first call."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Make the next call."""
        self._left -= 1
        if self._left:
            self._transport.write(self._request)
        elif not self._done.done():
            self._transport.close()
            self._done.set_result(None)


async def load(port: int, *, connections: int = 100, calls: int = 1000) -> float:
    """Calls a second that came through: half of it may be the callers' own doing."""
    body = b'{"chat_id":1,"text":"x"}'
    request = b"POST /bot1:x/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(connections)]
    began = perf_counter()
    for end in ends:
        await loop.create_connection(
            lambda end=end: Caller(request % (len(body), body), calls, end),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.gather(*ends)
    return connections * calls / (perf_counter() - began)


def main() -> None:
    """One line: what came through, and what the server's own time would allow."""
    with FastServer() as server:
        through = [asyncio.run(load(server.port)) for _ in range(3)]
        seen = server.stats()
    report(
        "fast_server",
        round(seen["calls"] / seen["cpu"]),
        20_000,
        "calls a second of the server's own time",
        peer_name="what it needs so as to hold up nobody",
        came_through=round(max(through)),
    )


if __name__ == "__main__":
    main()
