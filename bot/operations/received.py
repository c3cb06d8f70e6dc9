"""What receiving has done since the start, counted plainly for whoever watches."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Received:
    """Counters that only grow, of one process, and when Telegram last answered a poll."""

    # Updates by what became of them: done, failed, postponed, unparsable.
    updates: dict[str, int] = field(default_factory=dict)
    # Machine time. A poll may take half a minute, so the first answer comes well after the start.
    polling_since: datetime | None = None
    last_poll: datetime | None = None

    def processed(self, result: str) -> None:
        """One update was closed or put off."""
        self.updates[result] = self.updates.get(result, 0) + 1
