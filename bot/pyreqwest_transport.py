"""Calls to Telegram over pyreqwest: Rust's HTTP client, outside Python's one-thread lock."""

import atexit
import time
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BodyDecodeError,
    DetailedPyreqwestError,
    PoolTimeoutError,
    PyreqwestError,
    TransportError,
)
from pyreqwest.multipart import FormBuilder, PartBuilder
from pyreqwest.proxy import ProxyBuilder

from bot.transport import (
    CONNECT_TIMEOUT_SECONDS,
    CONNECTIONS,
    Broken,
    Form,
    Unreached,
)

# How reqwest's chain of causes says that connecting failed (name, TCP, proxy or TLS).
NO_CONNECTION = "client error (Connect)"
# A call that may wait for ever still ends some day, so that a dead connection is let go.
LONGEST_SECONDS = 3600.0
# A closed client's thread still lets go of Python's objects; an interpreter that ends meanwhile is
# aborted (4 of 113 processes without this pause, none of 200 with it).
CLOSING_SECONDS = 0.05


class PyreqwestTransport:
    """One pyreqwest client."""

    def __init__(self, *, proxy_url: str | None = None) -> None:
        self._proxy_url = proxy_url
        self._client: Client | None = None

    async def open(self) -> None:
        """Build the client; connections are made when they are needed."""
        builder = (
            ClientBuilder()
            .max_connections(CONNECTIONS)
            .pool_max_idle_per_host(CONNECTIONS)
            .connect_timeout(timedelta(seconds=CONNECT_TIMEOUT_SECONDS))
            # Telegram answers where it was asked; a redirect would carry the token elsewhere.
            .follow_redirects(enable=False)
        )
        builder = (
            builder.proxy(ProxyBuilder.all(self._proxy_url))
            if self._proxy_url
            else builder.no_proxy()
        )
        self._client = builder.build()

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()
            # The process pauses once, at its end, and nobody who closes one earlier waits.
            atexit.unregister(_outlive)
            atexit.register(_outlive)

    async def call(
        self, method: str, url: str, body: bytes | Form | None, *, seconds: float | None
    ) -> tuple[int, bytes]:
        """One call; returns status and body."""
        if self._client is None:
            raise RuntimeError("the client is closed")
        request = self._client.request(method, url).timeout(
            timedelta(seconds=LONGEST_SECONDS if seconds is None else seconds)
        )
        if isinstance(body, bytes):
            request = request.header("content-type", "application/json").body_bytes(body)
        elif body is not None:
            request = request.multipart(_form(body))
        try:
            response = await request.build().send()
            return response.status, bytes(await response.bytes())
        except PoolTimeoutError as error:
            raise Unreached(type(error).__name__) from None
        except (TransportError, BodyDecodeError) as error:
            name = type(error).__name__
            raise (Unreached(name) if _never_left(error) else Broken(name)) from None
        except PyreqwestError as error:
            raise ValueError(type(error).__name__) from None


def _outlive() -> None:
    time.sleep(CLOSING_SECONDS)


def _never_left(error: DetailedPyreqwestError) -> bool:
    """Whether no connection was made.

    The exception's class does not tell: a line that drops while the answer is awaited, and an
    answer that does not come, are connection errors here too.
    """
    causes = (error.details or {}).get("causes") or []
    return any(cause["message"] == NO_CONNECTION for cause in causes)


def _form(form: Form) -> FormBuilder:
    # Not percent-encoded: a Chinese file name should arrive as it is.
    made = FormBuilder().percent_encode_noop()
    for name, value in form.fields.items():
        made = made.text(name, value)
    for name, (file_name, content, content_type) in form.files.items():
        part = PartBuilder.from_bytes(content).file_name(file_name).mime(content_type)
        made = made.part(name, part)
    return made
