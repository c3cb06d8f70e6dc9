"""Which dates of a rhythm are planned, merged or skipped: pure decisions, used by every study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from curriculum.rhythm import WorkingCalendar, end_of_quiet, in_quiet_hours, moment_at

PLANNED, MERGED, SKIPPED = "planned", "merged", "skipped"
HELD, MOVED = "held", "moved"
SEND, MERGE, SKIP = "send", "merge", "skip"


@dataclass(frozen=True, slots=True)
class Beat:
    """A cohort's rhythm as planning needs it."""

    cohort_id: int
    bot: int
    unit_path: str
    pace: str
    pack_id: int
    zone: str
    quiet_from: time
    quiet_to: time
    time_of_day: time
    late: str
    skip_after_hours: int
    calendar: WorkingCalendar
    # What only some studies need: weekday, minutes, place ...
    settings: Mapping[str, Any] = field(default_factory=dict)

    def due_at(self, day: date, hour: time | None = None) -> datetime:
        """When a day's message is due, at the cohort's hour or a person's own."""
        return moment_at(day, hour or self.time_of_day, self.zone)

    def hour_on(self, own: time | None, moved_to: datetime | None) -> time | None:
        """The hour somebody is due at on a date that may have been moved; None: the cohort's.

        Her own hour stands, but nobody gets a message before the hour it was moved to: the
        coordinator had a reason to wait, and a later hour of her own was promised to her.
        """
        if moved_to is None:
            return own
        moved = moved_to.astimezone(ZoneInfo(self.zone)).time()
        return max(moved, own) if own is not None else moved

    def not_after(self, day: date, hour: time | None = None) -> datetime | None:
        """Until when it may still go out: so many hours late, and not into the quiet hours."""
        if self.late == SEND:
            return None
        due = self.due_at(day, hour)
        latest = due + timedelta(hours=self.skip_after_hours)
        quiet = moment_at(day, self.quiet_from, self.zone)
        return min(latest, quiet) if due < quiet else latest

    def before(self, day: date, hour: time | None, *, by: timedelta) -> datetime:
        """So long before a day's message, or when quiet hours end where that lies in them."""
        due = self.due_at(day, hour)
        earlier = due - by
        if not self.is_quiet(earlier):
            return earlier
        return min(end_of_quiet(earlier, quiet_to=self.quiet_to, zone=self.zone), due)

    def is_quiet(self, moment: datetime) -> bool:
        """Whether a moment lies in the cohort's quiet hours."""
        return in_quiet_hours(
            moment, quiet_from=self.quiet_from, quiet_to=self.quiet_to, zone=self.zone
        )


@dataclass(frozen=True, slots=True)
class Occasion:
    """One local date of one cohort's rhythm, to be planned."""

    beat: Beat
    local_date: date

    @property
    def name(self) -> str:
        """What deliveries and records call it: it stays when the hour is moved."""
        return f"{self.beat.cohort_id}:{self.local_date.isoformat()}"


def read_name(name: str) -> tuple[int, date]:
    """Cohort id and local date of an occasion's name; ValueError for anything else."""
    cohort, _, day = name.partition(":")
    return int(cohort), date.fromisoformat(day)


def decide(
    beat: Beat,
    dates: Sequence[date],
    *,
    now: datetime,
    moved: Mapping[date, datetime | None] | None = None,
) -> list[tuple[date, str]]:
    """What becomes of each date between the watermark and today, in order.

    Today is planned unless it is too late for it. Of earlier dates, which were missed while
    nothing ran: `send` plans all, `merge` lets the next planned date take their place, `skip`
    skips those past their time. Nobody is flooded, and each date is accounted for. `moved` says
    when a date goes out instead of at the rhythm's hour.
    """
    verdicts = []
    for place, day in enumerate(dates):
        limit = beat.not_after(day, beat.hour_on(None, (moved or {}).get(day)))
        if limit is None or now <= limit:
            verdict = PLANNED
        elif beat.late == MERGE and place < len(dates) - 1:
            verdict = MERGED
        else:
            verdict = SKIPPED
        verdicts.append((day, verdict))
    return verdicts
