"""Telegram's calls to us: the secret compared, the update stored, only then answered 200."""

import hmac
import json

import structlog
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest

from bot.config_tables import Webhook as Settings
from bot.inbox import Inbox
from bot.polling import ALLOWED_UPDATES

log = structlog.get_logger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
# A call under way is a transaction of milliseconds; nobody waits longer for one that hangs.
SHUTDOWN_SECONDS = 1.0


class WebhookRefused(Exception):
    """Telegram does not accept the address; the text is Telegram's reason."""


class PortTaken(Exception):
    """Another program listens there, or this one may not."""


class Webhook:
    """One bot's webhook: plain HTTP behind a proxy that speaks TLS with Telegram.

    Several processes may listen behind one proxy; they share the inbox of one PostgreSQL.
    """

    def __init__(self, settings: Settings, bot: Bot, inbox: Inbox) -> None:
        self._settings = settings
        self._bot = bot
        self._inbox = inbox
        self._secret = settings.secret.get_secret_value()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, then tell Telegram; called again after a TelegramError it only does the rest.

        Raises PortTaken, WebhookRefused, or the TelegramError of a network that is not there.
        """
        if self._runner is None:
            await self._listen()
        try:
            await self._bot.set_webhook(
                self._settings.url, allowed_updates=ALLOWED_UPDATES, secret_token=self._secret
            )
        except BadRequest as error:
            raise WebhookRefused(error.message) from error
        log.info("webhook_set", port=self._settings.port)

    async def stop(self) -> None:
        """Take no more calls. Telegram keeps the address and brings what comes later again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _listen(self) -> None:
        app = web.Application(client_max_size=self._settings.max_body)
        app.router.add_post(self._settings.path, self._called)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.listen, self._settings.port).start()
        except OSError as error:
            await runner.cleanup()
            raise PortTaken(type(error).__name__) from error
        self._runner = runner

    async def _called(self, request: web.Request) -> web.Response:
        """403 for a wrong secret, 413 too large, 400 no update, 503 not stored, 200 stored."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=403)
        body = await request.read()
        try:
            await self._inbox.keep([json.loads(body)])
        except (ValueError, RecursionError) as error:
            # Nothing of it can be kept by a number; Telegram sends no such thing.
            log.warning("not_an_update", error=type(error).__name__)
            return web.Response(status=400)
        except Exception as error:
            log.error("update_not_stored", error=type(error).__name__)  # noqa: TRY400
            return web.Response(status=503)
        return web.Response()
