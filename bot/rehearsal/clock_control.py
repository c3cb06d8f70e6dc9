"""What the rehearsal page needs of a clock it can move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from bot.rehearsal.refusal import ActError

Move = Literal["next", "hour", "day", "week"]
MOVES: tuple[str, ...] = get_args(Move)


class ClockControl(Protocol):
    """A clock of business time moved by hand or played faster.

    `describe` answers {"now": ISO-8601 UTC, "zone": IANA name, "speed": business seconds per real
    second (0 for real time as it is), "playing": bool, "next": {"at": ISO-8601 or None, "what":
    {"zh", "en"}}, "today": {"kind": "work" or "off", "name": {"zh", "en"} or None},
    "at_work": {"zh", "en"} or None, what the bot is long at}.
    """

    async def move(self, what: Move) -> None:
        """Jump to the next due item, or ahead by an hour, a day or a week."""

    async def play(self, speed: float | None = None, *, playing: bool | None = None) -> None:
        """Set the speed and start or hold the clock; None leaves that as it is."""

    async def describe(self) -> dict[str, Any]:
        """The clock as the page shows it."""


class FollowedClock:
    """Shows a clock that moves by itself and cannot be moved from the page."""

    def __init__(self, now: Callable[[], datetime], zone: str = "Asia/Shanghai") -> None:
        self._now = now
        self._zone = zone

    async def move(self, what: Move) -> None:  # noqa: ARG002 - every move is refused alike
        """Refuse."""
        raise self._refusal()

    async def play(
        self,
        speed: float | None = None,  # noqa: ARG002 - refused alike
        *,
        playing: bool | None = None,  # noqa: ARG002 - refused alike
    ) -> None:
        """Refuse."""
        raise self._refusal()

    async def describe(self) -> dict[str, Any]:
        """Business time, with nothing to announce."""
        return {
            "now": self._now().isoformat(),
            "zone": self._zone,
            "speed": 0,
            "playing": True,
            "next": {"at": None, "what": {"zh": "", "en": ""}},
            "today": {"kind": "work", "name": None},
            "at_work": None,
        }

    def _refusal(self) -> ActError:
        return ActError("这里的时钟不能拨动。", "This clock cannot be moved.")
