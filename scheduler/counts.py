"""What planning and sending have done since the start, counted plainly for whoever watches."""

from dataclasses import dataclass, field
from datetime import datetime

RETRIED = "retried"
# Upper borders, in seconds, of the classes of lateness; what lies above the last one counts too.
LATENESS_BORDERS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)


@dataclass(slots=True)
class Counts:
    """Counters that only grow, of one process, and when each job of the ticker last worked."""

    # Deliveries by what became of them: sent, failed, retried (handed back for another try).
    deliveries: dict[str, int] = field(default_factory=dict)
    # Sending calls that Telegram refused or that broke, by the channel's code.
    errors: dict[str, int] = field(default_factory=dict)
    # How many sent deliveries were late by how much: one place per border and one above the last.
    late: list[int] = field(default_factory=lambda: [0] * (len(LATENESS_BORDERS) + 1))
    late_seconds: float = 0.0
    # Parts written down only after their lease: another process may have sent them as well.
    after_lease: int = 0
    # Machine time of the last success, by job.
    worked_at: dict[str, datetime] = field(default_factory=dict)

    def closed(self, result: str | None, *, error: str | None = None) -> None:
        """One delivery was closed, or handed back (None) for another try."""
        result = result or RETRIED
        self.deliveries[result] = self.deliveries.get(result, 0) + 1
        if error is not None:
            self.errors[error] = self.errors.get(error, 0) + 1

    def was_late(self, seconds: float) -> None:
        """One delivery went out this long after it was due."""
        late = max(0.0, seconds)
        place = sum(border < late for border in LATENESS_BORDERS)
        self.late[place] += 1
        self.late_seconds += late

    def worked(self, job: str, *, at: datetime) -> None:
        """A job of the ticker came to its end."""
        self.worked_at[job] = at

    @property
    def last_tick(self) -> datetime | None:
        """When the job that has been silent longest last worked; None before any has."""
        return min(self.worked_at.values(), default=None)
