"""What a message is about, as plain values: curriculum decides it, bot words it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

URGENT, TIMED, FOLDABLE = "urgent", "timed", "foldable"


@dataclass(frozen=True, slots=True)
class Facts:
    """One message that is still wanted, and where it goes.

    Two deliveries with the same `content_key` and language have the same text, so it is rendered
    and serialised once. `folded` are the deliveries of the notices it says as lines of its own,
    `values["footers"]` their Facts.
    """

    kind: str
    chat_id: int
    language: str
    content_key: str
    content_version: int | None
    values: Mapping[str, Any] = field(default_factory=dict)
    folded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NotNow:
    """Still wanted, but not before `until` (quiet hours, a day off)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NotWanted:
    """No longer wanted; `reason` is what staff see."""

    reason: str


Verdict = Facts | NotNow | NotWanted
