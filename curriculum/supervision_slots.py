"""Which moments of a supervisor are free: pure decisions from her times, terms and bookings."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from curriculum.rhythm import WorkingCalendar, days, moment_at
from curriculum.supervision_times import EXTRA, OFF, QUARTER, TRAVEL, WEEKLY, Span, Terms

# So far ahead a session can be booked.
HORIZON = timedelta(days=92)
SECONDS = QUARTER * 60


@dataclass(frozen=True, slots=True)
class Slot:
    """A session that could be booked; `place` and `is_visit` where it is on a journey."""

    starts_at: datetime
    local_date: date
    place: str
    is_visit: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in the way: quarters of hers, days she rests, minutes booked by month."""

    quarters: AbstractSet[int]
    minutes: Mapping[tuple[int, int], int]
    absent: Sequence[tuple[date, date | None]] = ()

    def is_absent(self, day: date) -> bool:
        """Whether she rests on a date; a rest runs until its first day back, None while open."""
        return any(since <= day and (back is None or day < back) for since, back in self.absent)


def quarters(starts_at: datetime, minutes: int) -> range:
    """The quarters of an hour that so many minutes from a moment touch, counted from 1970."""
    first = int(starts_at.timestamp()) // SECONDS
    return range(first, first + -(-minutes // QUARTER))


def free(
    spans: Sequence[Span],
    terms: Terms,
    taken: Taken,
    *,
    now: datetime,
    first: date,
    last: date,
    calendar: WorkingCalendar,
    zone: str,
) -> list[Slot]:
    """The free sessions from one local date to another, in order.

    A window is cut into sessions with the buffer between them. A journey takes the place of that
    day's other hours; a holiday those of its weekday; a full month has none.
    """
    most = None if terms.hours_per_month is None else terms.hours_per_month * 60
    earliest = now + timedelta(hours=terms.notice_hours)
    found: dict[datetime, Slot] = {}
    for day in days(first, last):
        booked = taken.minutes.get((day.year, day.month), 0)
        if taken.is_absent(day) or (most is not None and booked + terms.minutes > most):
            continue
        off = [span for span in spans if span.kind == OFF and _covers(span, day)]
        if any(span.starts is None for span in off):
            continue
        for window in _windows(spans, day, calendar):
            for hour in _cut(window, terms):
                starts_at = moment_at(day, hour, zone)
                if (
                    starts_at >= earliest
                    and not any(_meets(span, hour, terms.minutes) for span in off)
                    and taken.quarters.isdisjoint(
                        quarters(starts_at, terms.minutes + terms.buffer_minutes)
                    )
                ):
                    is_visit = window.kind == TRAVEL
                    place = window.place if is_visit else terms.place
                    found.setdefault(starts_at, Slot(starts_at, day, place, is_visit))
    return [found[starts_at] for starts_at in sorted(found)]


def _covers(span: Span, day: date) -> bool:
    return span.day is not None and span.day <= day <= (span.last_day or span.day)


def _windows(spans: Sequence[Span], day: date, calendar: WorkingCalendar) -> list[Span]:
    journeys = [span for span in spans if span.kind == TRAVEL and span.day == day]
    if journeys:
        return _joined(journeys)
    is_holiday = calendar.name_of(day) is not None and not calendar.is_working(day)
    return _joined(
        [
            span
            for span in spans
            if (span.kind == EXTRA and span.day == day)
            or (span.kind == WEEKLY and span.weekday == day.isoweekday() and not is_holiday)
        ]
    )


def _joined(windows: Sequence[Span]) -> list[Span]:
    """Hours that touch or overlap as one window, or the sessions cut from them would overlap."""
    found: list[Span] = []
    for window in sorted(windows, key=lambda one: one.starts or time.min):
        last = found[-1] if found else None
        if (
            last
            and last.place == window.place
            and (window.starts or time.min) <= (last.ends or time.min)
        ):
            found[-1] = replace(last, ends=max(last.ends or time.min, window.ends or time.min))
        else:
            found.append(window)
    return found


def _minute(hour: time) -> int:
    return hour.hour * 60 + hour.minute


def _cut(window: Span, terms: Terms) -> Iterator[time]:
    if window.starts is None or window.ends is None:
        return
    at = _minute(window.starts)
    while at + terms.minutes <= _minute(window.ends):
        yield time(at // 60, at % 60)
        at += terms.minutes + terms.buffer_minutes


def _meets(off: Span, hour: time, minutes: int) -> bool:
    if off.starts is None or off.ends is None:
        return True
    begins = _minute(hour)
    return begins < _minute(off.ends) and _minute(off.starts) < begins + minutes
