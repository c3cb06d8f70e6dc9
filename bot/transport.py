"""What a client of HTTP takes and gives here, whichever library is behind it."""

from dataclasses import dataclass
from typing import Protocol

CONNECTIONS = 256
CONNECT_TIMEOUT_SECONDS = 10.0


class Broken(Exception):
    """A transport's word for a call that may have arrived: it broke or fell silent on the way."""


class Unreached(Exception):
    """A transport's word for a call that reached nobody."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files (name -> file name, content, type) of a multipart call."""

    fields: dict[str, str]
    files: dict[str, tuple[str, bytes, str]]


class Transport(Protocol):
    """One HTTP client with kept connections."""

    async def open(self) -> None:
        """Make ready in the running loop."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...

    async def call(
        self, method: str, url: str, body: bytes | Form | None, *, seconds: float | None
    ) -> tuple[int, bytes]:
        """One call; raises Unreached, Broken, or ValueError for what is no answer."""
        ...
