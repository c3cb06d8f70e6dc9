"""Brings updates to the bot: by long polling or by calling its webhook."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp

from bot.rehearsal.refusal import bad_request, conflict
from bot.rehearsal.strict import Parameters
from bot.rehearsal.world import World

PARAMETERS: dict[str, frozenset[str]] = {
    "getUpdates": frozenset({"offset", "limit", "timeout", "allowed_updates"}),
    "setWebhook": frozenset(
        {
            "url",
            "max_connections",
            "allowed_updates",
            "ip_address",
            "drop_pending_updates",
            "secret_token",
        }
    ),
    "deleteWebhook": frozenset({"drop_pending_updates"}),
    "getWebhookInfo": frozenset(),
}
MAX_TIMEOUT = 50
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])[:/]")


class Delivery:
    """One bot's way of getting its updates; `polled` is set while a getUpdates call waits."""

    def __init__(self, world: World, *, retry_seconds: float = 1.0) -> None:
        self.world = world
        self.retry_seconds = retry_seconds
        self.webhook_url = ""
        self._secret = ""
        self._max_connections = 40
        self._last_error: tuple[int, str] | None = None
        self._sender: asyncio.Task[None] | None = None
        self._poll: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()
        self.polled = asyncio.Event()
        self._stopping = False
        world.updates.arrived.append(self._arrived.set)

    async def stop(self) -> None:
        """End a waiting poll with an empty answer, and the webhook's sender."""
        self._stopping = True
        self._arrived.set()
        await self._stop_sender()
        self.world.updates.arrived.remove(self._arrived.set)

    async def call(self, method: str, params: Parameters) -> Any:
        """Carry out one of the methods in PARAMETERS. Raises Refusal."""
        params.known(method, PARAMETERS[method])
        if method == "getUpdates":
            return await self._get_updates(params)
        if method == "setWebhook":
            return await self._set_webhook(params)
        if method == "deleteWebhook":
            await self._stop_sender()
            self.webhook_url = ""
            self._drop(params)
            return True
        return self._webhook_info()

    # --- long polling

    async def _get_updates(self, params: Parameters) -> list[Any]:
        if self.webhook_url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete"
                " the webhook first"
            )
        updates = self.world.updates
        self._allow(params)
        updates.confirm(params.integer("offset", 0))
        limit = min(max(params.integer("limit", 100), 1), 100)
        timeout = min(max(params.integer("timeout", 0), 0), MAX_TIMEOUT)
        loop = asyncio.get_running_loop()
        self._end_poll()
        mine = self._poll = loop.create_future()
        deadline = loop.time() + timeout
        self.world.close_due_polls()
        try:
            while not updates.waiting and not self._stopping and loop.time() < deadline:
                await self._wait(mine, deadline - loop.time())
                if mine.done():
                    raise conflict(
                        "terminated by other getUpdates request; make sure that only one bot"
                        " instance is running"
                    )
            return updates.batch(limit)
        finally:
            mine.cancel()
            if self._poll is mine:
                self.polled.clear()

    async def _wait(self, mine: asyncio.Future[None], seconds: float) -> None:
        """Until an update arrives, this poll is replaced, or the time is over."""
        self._arrived.clear()
        self.polled.set()
        arrival: asyncio.Future[Any] = asyncio.ensure_future(self._arrived.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {arrival, mine}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()

    def _end_poll(self) -> None:
        """Let the poll that waits, if one does, end with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _allow(self, params: Parameters) -> None:
        """Absent keeps what was set before; an empty list goes back to the default."""
        kinds = params.json("allowed_updates")
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad_request("expected an Array of String as allowed_updates")
        self.world.updates.allow(kinds)

    # --- webhook

    async def _set_webhook(self, params: Parameters) -> bool:
        url, secret = params.text("url"), params.text("secret_token")
        # As with Telegram's own server run locally, plain http is good for loopback.
        if url and not (url.startswith("https://") or _LOOPBACK.match(url)):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = params.integer("max_connections", 40)
        self._allow(params)
        await self._stop_sender()
        self._drop(params)
        self.webhook_url, self._secret, self._last_error = url, secret, None
        self._max_connections = min(max(connections, 1), 100)
        if url:
            self._end_poll()
            self._sender = asyncio.create_task(self._send_all())
        return True

    def _drop(self, params: Parameters) -> None:
        if params.boolean("drop_pending_updates"):
            self.world.updates.waiting.clear()

    def _webhook_info(self) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": self.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates.waiting),
        }
        if self.webhook_url:
            info["max_connections"] = self._max_connections
        if self._last_error is not None:
            info["last_error_date"], info["last_error_message"] = self._last_error
        if self.world.updates.allowed is not None:
            info["allowed_updates"] = sorted(self.world.updates.allowed)
        return info

    async def _stop_sender(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
            self._sender = None

    async def _send_all(self) -> None:
        """POST each update in order; one not taken with 2xx is sent again, later ones wait."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        updates = self.world.updates
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                self._arrived.clear()
                while updates.waiting:
                    update = updates.waiting[0]
                    if await self._send_one(session, update.json):
                        updates.confirm(update.update_id + 1)
                    else:
                        await asyncio.sleep(self.retry_seconds)
                await self._arrived.wait()

    async def _send_one(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        try:
            async with session.post(self.webhook_url, json=update) as answer:
                if 200 <= answer.status < 300:
                    return True
                reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"Connection failed: {type(error).__name__}"
        self._last_error = (self.world.unix(), reason)
        return False


def is_delivery_method(name: str) -> str | None:
    """The method's name in Telegram's spelling when `Delivery` carries it out."""
    for known in PARAMETERS:
        if known.lower() == name.lower():
            return known
    return None
