"""Lets only this machine's own page in, and reads what it sends.

The Host must be this machine's own name, and a request that a browser marks as coming from
another site is refused, so no page of the web can drive the rehearsal.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.rehearsal.phones import Phone
from bot.rehearsal.refusal import ActError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = dict[str, Any]

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def not_understood() -> ActError:
    """The answer to a request of the wrong shape."""
    return ActError("没有看懂这个请求。", "This request was not understood.")


def guarded(handler: Handler) -> Handler:
    """Refuse strangers, and answer refusals as {"ok": false, "error": {"zh", "en"}}."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not _from_here(request):
            return refused(403, ActError("只能从本机打开。", "Only this machine may open this."))
        try:
            return await handler(request)
        except ActError as error:
            return refused(400, error)
        except web.HTTPRequestEntityTooLarge:
            return refused(413, ActError("文件太大。", "This file is too big."))

    return answer


def _from_here(request: web.Request) -> bool:
    try:
        host = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    if host not in LOCAL_NAMES:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return False
    if request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}:
        return True
    # A link elsewhere may open the page; nothing it carries acts, and nobody else can read it.
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def refused(status: int, error: ActError) -> web.Response:
    """A refusal as the page reads it."""
    body = {"ok": False, "error": {"zh": error.zh, "en": error.en}}
    return web.json_response(body, status=status)


async def read_body(request: web.Request) -> Body:
    """The JSON object of a request."""
    # A form of another site cannot send this type without asking first.
    if request.content_type != "application/json":
        raise not_understood()
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise not_understood() from None
    if not isinstance(body, dict):
        raise not_understood()
    return body


def actor(phone: Phone, body: Body) -> int:
    """Whoever holds the phone; on a group's phone possibly another member."""
    if phone.kind == "group" and body.get("as") is not None:
        return integer_in(body, "as")
    return phone.user_id


def is_speed(value: Any) -> bool:
    """Whether this is a number of business seconds per real second."""
    return type(value) in {int, float} and 0 <= value <= 10_000_000


def integer_in(body: Body, name: str) -> int:
    """A whole number the request must carry."""
    value = body.get(name)
    if type(value) is not int:
        raise not_understood()
    return value


def number_in(text: str) -> int:
    """A whole number written in a form field."""
    try:
        return int(text)
    except ValueError:
        raise not_understood() from None


def text_in(body: Body, name: str) -> str:
    """A text the request must carry."""
    value = body.get(name)
    if not isinstance(value, str):
        raise not_understood()
    return value
