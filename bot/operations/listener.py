"""/metrics and /healthz over HTTP, for the machine's own monitoring."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.operations.health import Health
from bot.operations.metrics import CONTENT_TYPE

STOP_SECONDS = 0.5


class CannotListen(Exception):
    """The address for monitoring cannot be used; the message says why, in the system's words."""


class Listener:
    """Serves two pages at one address; nothing in them names a person or the token."""

    def __init__(
        self, listen: str, *, page: Callable[[], Awaitable[bytes]], health: Callable[[], Health]
    ) -> None:
        self._listen = listen
        self._page = page
        self._health = health
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen, unless it does already or no address was given. Raises CannotListen."""
        if not self._listen or self._runner is not None:
            return
        app = web.Application(client_max_size=1024)
        app.add_routes([web.get("/metrics", self._metrics), web.get("/healthz", self._healthz)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        host, _, port = self._listen.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            await runner.cleanup()
            raise CannotListen(error.strerror or type(error).__name__) from error
        self._runner = runner
        self.port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._page(), headers={"Content-Type": CONTENT_TYPE})

    async def _healthz(self, _: web.Request) -> web.Response:
        health = self._health()
        return web.json_response(health.as_json(), status=200 if health.is_well else 503)
