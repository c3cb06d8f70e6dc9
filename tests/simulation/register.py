"""What should happen, kept apart from the code under test: who is owed what, from which hour."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
QUIET_FROM, QUIET_TO = time(21, 30), time(9, 0)


def moment(day: date, hour: time) -> datetime:
    """When clocks in China show an hour on a day."""
    return datetime.combine(day, hour, tzinfo=ZONE).astimezone(UTC)


def local(at: datetime) -> datetime:
    """A moment on the clocks in China."""
    return at.astimezone(ZONE)


def is_quiet(at: datetime) -> bool:
    """Whether people sleep."""
    clock = local(at).time()
    return clock >= QUIET_FROM or clock < QUIET_TO


@dataclass(slots=True)
class Learner:
    """One person as the register knows her."""

    person_id: int
    chat_id: int
    since: date
    until: date | None = None
    # From when on which hour was hers; None: the cohort's.
    hours: list[tuple[datetime, time | None]] = field(default_factory=list)
    away: tuple[date, date | None] | None = None
    ever_away: list[tuple[date, date | None]] = field(default_factory=list)

    def is_owed(self, day: date) -> bool:
        """Whether a day planned now is for her."""
        is_member = self.since <= day and (self.until is None or self.until > day)
        return is_member and not _covers(self.away, day)

    def was_ever_away(self, first: date, last: date) -> bool:
        """Whether a pause of hers, though perhaps taken back, touched these days."""
        return any(
            since <= last and (until is None or until > first) for since, until in self.ever_away
        )

    def own_hour(self) -> time | None:
        """Her own hour now."""
        return self.hours[-1][1] if self.hours else None

    def own_hours_between(self, first: datetime, last: datetime) -> set[time | None]:
        """The hours that were hers at any moment of a span."""
        standing: time | None = None
        found: set[time | None] = set()
        for since, hour in self.hours:
            if since <= first:
                standing = hour
            elif since <= last:
                found.add(hour)
        return found | {standing}


def _covers(span: tuple[date, date | None] | None, day: date) -> bool:
    return span is not None and span[0] <= day and (span[1] is None or span[1] > day)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The cohort's rhythm: its hour and what becomes of a missed day."""

    hour: time
    late: str
    skip_after_hours: int

    def not_after(self, day: date, hour: time) -> datetime | None:
        """Until when a day's lesson may still begin to go out."""
        if self.late == "send":
            return None
        due = moment(day, hour)
        latest = due + timedelta(hours=self.skip_after_hours)
        quiet = moment(day, QUIET_FROM)
        return min(latest, quiet) if due < quiet else latest


@dataclass(slots=True)
class Day:
    """One working day of the cohort: how it stands, and to whom it was owed when planned."""

    planned_at: datetime | None = None
    verdict: str | None = None
    owed_to: set[int] = field(default_factory=set)
    is_held: bool = False
    # From when on which hour it was moved to; None: not moved.
    moves: list[tuple[datetime, time | None]] = field(default_factory=list)

    def moved_to(self) -> time | None:
        """The hour it is moved to now."""
        return self.moves[-1][1] if self.moves else None

    def moves_between(self, first: datetime, last: datetime) -> set[time | None]:
        """The hours it was moved to at any moment of a span."""
        standing: time | None = None
        found: set[time | None] = set()
        for since, hour in self.moves:
            if since <= first:
                standing = hour
            elif since <= last:
                found.add(hour)
        return found | {standing}


@dataclass(slots=True)
class Register:
    """The cohort as it should be."""

    rhythm: Rhythm
    watermark: date
    learners: dict[int, Learner] = field(default_factory=dict)
    days: dict[date, Day] = field(default_factory=dict)

    def day(self, day: date) -> Day:
        """A day's page, made when first asked for."""
        return self.days.setdefault(day, Day())

    def watermark_moved(self, to: date, *, now: datetime) -> None:
        """The planner says that it is done up to `to`: note what must be there because of that."""
        first = self.watermark + timedelta(days=1)
        missed = [
            day
            for day in (first + timedelta(days=n) for n in range((to - first).days + 1))
            if chinese_calendar.is_workday(day)
        ]
        for place, date_ in enumerate(missed):
            page = self.day(date_)
            page.planned_at = now
            page.verdict = self._verdict(date_, page, is_last=place == len(missed) - 1, now=now)
            if page.verdict == "planned" and not page.is_held:
                self.owe(date_)
        self.watermark = max(self.watermark, to)

    def _verdict(self, day: date, page: Day, *, is_last: bool, now: datetime) -> str:
        limit = self.rhythm.not_after(day, page.moved_to() or self.rhythm.hour)
        if limit is None or now <= limit:
            return "planned"
        return "merged" if self.rhythm.late == "merge" and not is_last else "skipped"

    def owe(self, day: date) -> None:
        """Everybody for whom this day is now."""
        self.day(day).owed_to |= {
            learner.person_id for learner in self.learners.values() if learner.is_owed(day)
        }

    def earliest(self, learner: Learner, day: date, at: datetime) -> datetime:
        """Before when she cannot rightly have had a day's lesson that reached her at `at`.

        A claim lasts a moment: an hour changed within the last minute may not have counted yet.
        """
        first = at - timedelta(seconds=70)
        hours = [
            max(moved, own) if moved and own else moved or own or self.rhythm.hour
            for own in learner.own_hours_between(first, at)
            for moved in self.day(day).moves_between(first, at)
        ]
        return moment(day, min(hours))
