"""Whether the bot is alive: the ticker ticks, and Telegram answers its polls."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.operations.received import Received
from scheduler.counts import Counts

TICK_WITHIN = timedelta(minutes=3)
POLL_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong, by code; nothing when all is well. Moments are machine time."""

    problems: tuple[str, ...]
    last_tick: datetime | None
    last_poll: datetime | None

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, object]:
        """For a monitor: {"ok", "problems", "last_tick", "last_poll"}; moments in ISO 8601."""
        moments = {"last_tick": self.last_tick, "last_poll": self.last_poll}
        return {
            "ok": self.is_well,
            "problems": list(self.problems),
            **{name: at.isoformat() if at else None for name, at in moments.items()},
        }


def judge(
    counts: Counts, received: Received, *, real: datetime, ticks: bool = True, polls: bool = True
) -> Health:
    """How things stand; a process that does not tick, or does not poll, is not asked to."""
    problems = []
    if ticks and _is_silent(counts.last_tick, real, TICK_WITHIN):
        problems.append("ticks_stopped")
    if polls and _is_silent(received.last_poll or received.polling_since, real, POLL_WITHIN):
        problems.append("polling_stopped")
    return Health(tuple(problems), counts.last_tick, received.last_poll)


def _is_silent(last: datetime | None, real: datetime, within: timedelta) -> bool:
    return last is None or real - last > within
