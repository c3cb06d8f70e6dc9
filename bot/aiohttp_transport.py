"""Calls to Telegram over aiohttp: where pyreqwest has no build, and what it is measured against."""

from typing import Any

import aiohttp

from bot.transport import (
    CONNECT_TIMEOUT_SECONDS,
    CONNECTIONS,
    Broken,
    Form,
    Unreached,
)

JSON = {"Content-Type": "application/json"}


class AiohttpTransport:
    """One aiohttp session."""

    def __init__(self, *, proxy_url: str | None = None) -> None:
        self._proxy_url = proxy_url
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session in the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300)
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, url: str, body: bytes | Form | None, *, seconds: float | None
    ) -> tuple[int, bytes]:
        """One call; returns status and body."""
        if self._session is None:
            raise RuntimeError("the session is closed")
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT_SECONDS)
        try:
            async with self._session.request(
                method,
                url,
                data=_form(body) if isinstance(body, Form) else body,
                headers=JSON if isinstance(body, bytes) else None,
                timeout=timeout,
                proxy=self._proxy_url,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreached(type(error).__name__) from None
        except (TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise Broken(type(error).__name__) from None
        except aiohttp.ClientError as error:
            raise ValueError(type(error).__name__) from None


def _form(form: Form) -> Any:
    # Not percent-encoded: a Chinese file name should arrive as it is.
    made = aiohttp.FormData(quote_fields=False)
    for name, value in form.fields.items():
        made.add_field(name, value)
    for name, (file_name, content, content_type) in form.files.items():
        made.add_field(name, content, filename=file_name, content_type=content_type)
    return made
