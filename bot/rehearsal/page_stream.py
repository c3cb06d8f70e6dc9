"""Server-sent events for the rehearsal page: what happens on each phone, as it happens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.rehearsal.phones import Phone, Phones, is_shown
from bot.rehearsal.stored import Event
from bot.rehearsal.world import World

HEARTBEAT_SECONDS = 15
MAX_BEHIND = 1_000


class PageStream:
    """Every open page gets its own queue. A page that falls 1,000 events behind is cut off; it
    connects again and reads the whole state, so the bot never waits for it."""

    def __init__(self, world: World, phones: Phones) -> None:
        self.world = world
        self.phones = phones
        self._pages: set[asyncio.Queue[str | None]] = set()
        world.listeners.append(self._on_event)

    def stop(self) -> None:
        """End every stream."""
        self.world.listeners.remove(self._on_event)
        for queue in self._pages:
            self._cut(queue)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """GET /rehearsal/events."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue: asyncio.Queue[str | None] = asyncio.Queue(MAX_BEHIND)
        self._pages.add(queue)
        try:
            await response.prepare(request)
            await response.write(b": open\n\n")
            while True:
                try:
                    data = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if data is None:
                    return response
                await response.write(f"data: {data}\n\n".encode())
        except ConnectionError:
            return response
        finally:
            self._pages.discard(queue)

    def send(self, event: dict[str, Any]) -> None:
        """Send one event to every open page."""
        if not self._pages:
            return
        data = json.dumps(event)
        for queue in self._pages:
            try:
                queue.put_nowait(data)
            except asyncio.QueueFull:
                self._cut(queue)

    def send_phone(self, phone: Phone) -> None:
        """Tell the pages that a phone's keyboard, standing or invitation changed."""
        self.send({"type": "phone", "phone": self.phones.json(phone, messages=False)})

    @staticmethod
    def _cut(queue: asyncio.Queue[str | None]) -> None:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def _on_event(self, event: Event) -> None:
        if not self._pages:
            return
        for phone in self.phones.in_chat(event.chat_id):
            self._for_phone(event, phone)

    def _for_phone(self, event: Event, phone: Phone) -> None:
        message = event.message
        if event.kind == "chat":
            self.send_phone(phone)
        elif event.kind == "typing":
            self.send({"type": "typing", "phone": phone.phone_id})
        elif event.kind == "toast" and event.toast is not None:
            if event.user_id == phone.user_id:
                toast = {"text": event.toast.text, "alert": event.toast.alert}
                self.send({"type": "toast", "phone": phone.phone_id, **toast})
        elif message is not None and event.kind == "deleted":
            self.send({"type": "deleted", "phone": phone.phone_id, "id": message.message_id})
        elif message is not None and is_shown(message):
            shown = self.phones.message_json(phone, message)
            self.send({"type": event.kind, "phone": phone.phone_id, "message": shown})
