"""Makes the stand-in fail on purpose, in the ways Telegram and networks really fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from bot.rehearsal.refusal import Refusal, forbidden, too_many_requests

Kind = Literal["429", "403", "500", "502", "silence", "act_then_drop"]
KINDS: tuple[str, ...] = get_args(Kind)

HTML_500 = (
    "<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n"
    "<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)
HTML_502 = HTML_500.replace("500 Internal Server Error", "502 Bad Gateway")


@dataclass(slots=True)
class Fault:
    """One order to fail.

    `silence` holds the connection open until the client gives up and carries nothing out;
    `act_then_drop` carries the call out and then closes the connection without an answer.
    """

    kind: Kind
    calls: int | None
    until: float | None
    method: str | None
    chat_id: int | None
    retry_after: int

    def refusal(self) -> Refusal | None:
        """The Bot API answer of this fault, None when it is not an answer of that kind."""
        if self.kind == "429":
            return too_many_requests(self.retry_after)
        if self.kind == "403":
            return forbidden("bot was blocked by the user")
        return None


class Misbehaviour:
    """The faults ordered and not yet used up, oldest first.

    `real` gives machine seconds that only rise; an order for some seconds ends by it. An order
    without `seconds` counts calls and leaves getUpdates alone unless it names it, since polling
    would use it up; an order with `seconds` strikes every call, getUpdates included.
    """

    def __init__(self, real: Callable[[], float]) -> None:
        self._real = real
        self.faults: list[Fault] = []
        self.struck: list[tuple[str, str]] = []

    def order(
        self,
        kind: Kind,
        calls: int = 1,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        retry_after: int = 1,
        seconds: float | None = None,
    ) -> None:
        """Fail the next `calls` calls (of one method, of one chat), or all for `seconds`."""
        if kind not in KINDS:
            raise ValueError(f"unknown misbehaviour {kind!r}, expected one of {', '.join(KINDS)}")
        until = None if seconds is None else self._real() + seconds
        count = calls if seconds is None else None
        self.faults.append(Fault(kind, count, until, method, chat_id, retry_after))

    def clear(self) -> None:
        """Behave again."""
        self.faults.clear()

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that hits this call, used up by one; noted in `struck`."""
        for fault in list(self.faults):
            if fault.until is not None and self._real() >= fault.until:
                self.faults.remove(fault)
                continue
            if fault.method is not None and fault.method.lower() != method.lower():
                continue
            if fault.method is None and fault.until is None and method.lower() == "getupdates":
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            if fault.calls is not None:
                fault.calls -= 1
                if fault.calls <= 0:
                    self.faults.remove(fault)
            self.struck.append((fault.kind, method))
            return fault
        return None
