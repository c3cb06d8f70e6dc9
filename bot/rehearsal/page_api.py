"""The JSON interface of the rehearsal page: phones to act with, a clock to move, faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from aiohttp import web

from bot.rehearsal.clock_control import MOVES, ClockControl, Move
from bot.rehearsal.misbehaviour import KINDS, Kind, Misbehaviour
from bot.rehearsal.multipart import read_parts
from bot.rehearsal.page_guard import (
    Body,
    Handler,
    actor,
    guarded,
    integer_in,
    is_speed,
    not_understood,
    number_in,
    read_body,
    refused,
    text_in,
)
from bot.rehearsal.page_stream import PageStream
from bot.rehearsal.phones import Phone, Phones
from bot.rehearsal.refusal import ActError
from bot.rehearsal.world import World


class PageApi:
    """The routes of the page."""

    def __init__(
        self,
        world: World,
        phones: Phones,
        clock: ClockControl,
        misbehaviour: Misbehaviour,
        page_folder: Path,
    ) -> None:
        self.world = world
        self.phones = phones
        self.clock = clock
        self.misbehaviour = misbehaviour
        self.page_folder = page_folder
        self.stream = PageStream(world, phones)

    def routes(self) -> list[web.AbstractRouteDef]:
        """What the server has to add to its router."""
        acts: dict[str, Callable[[Phone, Body], None]] = {
            "text": self.text,
            "press": self.press,
            "vote": self.vote,
            "start": self.start,
            "block": self.block,
        }
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/", self.index),
            ("GET", "/page/{file:.+}", self.page_file),
            ("GET", "/rehearsal/state", self.state),
            ("GET", "/rehearsal/events", self.stream.answer),
            ("GET", "/rehearsal/files/{file_id}/{name:.*}", self.download),
            ("POST", "/rehearsal/clock", self.move_clock),
            ("POST", "/rehearsal/misbehave", self.misbehave),
            ("POST", "/rehearsal/phones/{id}/file", self.file),
        ]
        for name, act in acts.items():
            table.append(("POST", f"/rehearsal/phones/{{id}}/{name}", self._acting(act)))
        return [web.route(method, path, guarded(handler)) for method, path, handler in table]

    # --- reading

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """GET /."""
        return self._page_file("index.html")

    async def page_file(self, request: web.Request) -> web.StreamResponse:
        """GET /page/<file>."""
        return self._page_file(request.match_info["file"])

    def _page_file(self, name: str) -> web.StreamResponse:
        folder = self.page_folder.resolve()
        path = (folder / name.replace("\0", "")).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return refused(404, ActError("没有这个文件。", "There is no such file."))
        headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "frame-ancestors 'none'",
        }
        return web.FileResponse(path, headers=headers)

    async def state(self, _request: web.Request) -> web.StreamResponse:
        """GET /rehearsal/state."""
        self.world.close_due_polls()
        self.phones.follow_migration()
        body = {
            "clock": await self.clock.describe(),
            "phones": [self.phones.json(phone) for phone in self.phones.by_id.values()],
            "bot": {
                "name": self.world.bot["first_name"],
                "username": self.world.bot["username"],
            },
            "languages": ["zh", "en"],
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """GET /rehearsal/files/{file_id}/{name}: pictures and voices in place, the rest saved."""
        file = self.world.files.by_id.get(request.match_info["file_id"])
        if file is None:
            return refused(404, ActError("没有这个文件。", "There is no such file."))
        shown = file.path.startswith(("photos/", "voice/"))
        disposition = "inline" if shown else "attachment"
        headers = {
            "Content-Type": file.mime,
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.data, headers=headers)

    # --- acting with a phone

    def _acting(self, act: Callable[[Phone, Body], None]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            phone = self._phone(request)
            if phone is None:
                return refused(404, ActError("没有这部手机。", "There is no such phone."))
            act(phone, await read_body(request))
            return web.json_response({"ok": True})

        return answer

    def _phone(self, request: web.Request) -> Phone | None:
        self.phones.follow_migration()
        return self.phones.by_id.get(request.match_info["id"])

    def text(self, phone: Phone, body: Body) -> None:
        """Send a text."""
        reply_to = None if body.get("reply_to") is None else integer_in(body, "reply_to")
        self.world.say(
            actor(phone, body), text_in(body, "text"), chat_id=phone.chat_id, reply_to=reply_to
        )

    def press(self, phone: Phone, body: Body) -> None:
        """Press an inline button."""
        self.world.press(
            actor(phone, body),
            phone.chat_id,
            integer_in(body, "message_id"),
            row=integer_in(body, "row"),
            column=integer_in(body, "column"),
        )

    def vote(self, phone: Phone, body: Body) -> None:
        """Vote in the poll of a message."""
        message = self.world.message(phone.chat_id, integer_in(body, "message_id"))
        options = body.get("options")
        if not isinstance(options, list) or any(type(item) is not int for item in options):
            raise not_understood()
        if message is None or message.poll is None:
            raise ActError("这个投票已经不在了。", "This poll is gone.")
        self.world.vote(actor(phone, body), message.poll.poll_id, options)

    def start(self, phone: Phone, body: Body) -> None:
        """Open the bot's link and press Start, always in the person's own chat with it."""
        payload = text_in(body, "payload") if body.get("payload") else ""
        user_id = actor(phone, body)
        self.world.open_link(user_id, payload)
        for other in self.phones.in_chat(user_id):
            self.phones.link_used(other, payload)
            self.stream.send_phone(other)

    def block(self, phone: Phone, body: Body) -> None:
        """Block the bot or let it write again."""
        if not isinstance(body.get("blocked"), bool):
            raise not_understood()
        if body["blocked"]:
            self.world.block(actor(phone, body))
        else:
            self.world.unblock(actor(phone, body))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Send a file: a picture as a photo, a recording as a voice message, else a document."""
        phone = self._phone(request)
        if phone is None:
            return refused(404, ActError("没有这部手机。", "There is no such phone."))
        try:
            parts = {part.name: part for part in await read_parts(request)}
        except ValueError:
            raise not_understood() from None
        if "file" not in parts or not parts["file"].file_name:
            raise not_understood()
        file, caption = parts["file"], parts["caption"].text if "caption" in parts else ""
        kind = {"image/png": "photo", "image/jpeg": "photo"}.get(file.mime, "document")
        if file.mime.startswith(("audio/ogg", "audio/webm")):
            kind = "voice"
        fields: Body = {}
        if "as" in parts:
            fields["as"] = number_in(parts["as"].text)
        self.world.send_file(
            actor(phone, fields),
            file.file_name or "",
            file.data,
            caption,
            chat_id=phone.chat_id,
            kind=kind,
        )
        return web.json_response({"ok": True})

    # --- the stage

    async def move_clock(self, request: web.Request) -> web.StreamResponse:
        """Move or play the clock; answers it as it then stands."""
        body = await read_body(request)
        speed, playing = body.get("speed"), body.get("playing")
        if body.get("move") in MOVES:
            await self.clock.move(cast("Move", body["move"]))
        elif is_speed(speed):
            await self.clock.play(speed, playing=playing if isinstance(playing, bool) else None)
        elif isinstance(playing, bool):
            await self.clock.play(playing=playing)
        else:
            raise not_understood()
        return web.json_response(await self.announce_clock())

    async def announce_clock(self) -> dict[str, Any]:
        """Send the clock to every open page, and return it."""
        described = await self.clock.describe()
        self.stream.send({"type": "clock", "clock": described})
        return described

    async def misbehave(self, request: web.Request) -> web.StreamResponse:
        """Order faults for the next calls, or none."""
        body = await read_body(request)
        kind = body.get("kind")
        if kind == "none":
            self.misbehaviour.clear()
        elif kind in KINDS:
            calls = integer_in(body, "calls") if "calls" in body else 1
            retry_after = integer_in(body, "retry_after") if "retry_after" in body else 1
            if calls < 1 or retry_after < 1:
                raise not_understood()
            self.misbehaviour.order(cast("Kind", kind), calls, retry_after=retry_after)
        else:
            raise not_understood()
        return web.json_response({"ok": True})
