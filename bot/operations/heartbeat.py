"""A ping to a watcher elsewhere after each tick: a dead bot cannot say that it is dead."""

import asyncio

import aiohttp
import structlog

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 5.0


class Heartbeat:
    """Pings one address, never two times at once; a ping that fails is logged and forgotten."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ping: asyncio.Task[None] | None = None

    def beat(self) -> None:
        """A tick worked: ping beside it, so that a slow watcher holds nothing up."""
        if self._url and (self._ping is None or self._ping.done()):
            self._ping = asyncio.create_task(self._send())

    async def stop(self) -> None:
        """Let a ping under way go."""
        if self._ping is not None:
            self._ping.cancel()
            await asyncio.gather(self._ping, return_exceptions=True)

    async def settled(self) -> None:
        """Return when no ping is under way."""
        if self._ping is not None:
            await asyncio.wait({self._ping})

    async def _send(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._url) as response,
            ):
                if response.status >= 400:
                    log.warning("heartbeat_refused", status=response.status)
        # The address is a secret of its own, so no error's message goes into the log.
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("heartbeat_failed", error=type(error).__name__)
