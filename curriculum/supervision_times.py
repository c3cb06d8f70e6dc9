"""A supervisor's free times: written as people write them, kept, and the terms of booking her."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import DateNotUnderstood, HourNotUnderstood, NotThere, TooManyLines
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import FreeTimeNotUnderstood, NotOnQuarter, PlaceTooLong
from curriculum.written_times import date_first, read_date, read_span
from storage import audit
from storage import supervision_times as stored
from storage.supervision_times import SupervisionTime

WEEKLY, EXTRA, OFF, TRAVEL = "weekly", "extra", "off", "travel"
WEEKDAYS = "一二三四五六日"
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# 周三, 每周三, 周一、周三; 下周三 and 这周三 are dates.
EACH_WEEK = re.compile(
    r"每?个?(?:周|星期|礼拜)(?P<days>[一二三四五六日天](?:\s*[、,，和]?\s*(?:周|星期|礼拜)?[一二三四五六日天])*)"
)
NONE_THEN = re.compile(r"(?:都|全天|整天|一天)*\s*(?:停|不行|没空|休息|请假|不约|不在|off)\s*$")
GOES_TO = re.compile(r"(?:去|到访|在)\s*(?P<place>\D.*)$")
RUNS_ON = re.compile(r"^\s*(?:到|至|[-~—–～]+)\s*(?P<last>.+)$")
MOST_LINES, PLACE_LIMIT = 12, 200
QUARTER = 15
MINUTES, BUFFERS, NOTICES = (45, 60, 90), (0, 15, 30), (24, 48, 72)
HOURS_A_MONTH = (4, 8, 16)


@dataclass(frozen=True, slots=True)
class Span:
    """Some hours that can be booked, or cannot; a date or a weekday (Monday is 1)."""

    kind: str
    weekday: int | None = None
    day: date | None = None
    last_day: date | None = None
    starts: time | None = None
    ends: time | None = None
    place: str = ""
    time_id: int = 0

    @property
    def day_name(self) -> str:
        """The weekday's name."""
        return DAY_NAMES[(self.weekday or 1) - 1]

    @property
    def hours(self) -> str:
        """14:00-17:00, "" for a whole day."""
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}" if self.starts and self.ends else ""


@dataclass(frozen=True, slots=True)
class Terms:
    """How she may be booked; minutes, hours of notice, hours a month (None: no limit), place."""

    minutes: int = 60
    buffer_minutes: int = 15
    notice_hours: int = 24
    hours_per_month: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class TimesPage:
    """A supervisor's times, one page of them, counted from 0, and her terms."""

    spans: tuple[Span, ...]
    terms: Terms
    page: int
    pages: int


def read_spans(written: str, *, today: date) -> list[Span]:
    """One or several a line; raises FreeTimeNotUnderstood naming it, NotOnQuarter, TooManyLines."""
    lines = [line for line in re.split(r"[\n;；]+", clean(written)) if line.strip()]
    if not lines:
        raise FreeTimeNotUnderstood(line="")
    if len(lines) > MOST_LINES:
        raise TooManyLines(limit=MOST_LINES)
    return [span for line in lines for span in _read_line(line.strip(), today=today)]


def _read_line(line: str, *, today: date) -> list[Span]:
    """周三14:00-17:00; 12月5日 9点到11点; 12月7日到9日 不约; 12月10日 10:00-16:00 去鲁朗."""
    text = unicodedata.normalize("NFKC", line).strip()
    try:
        if found := EACH_WEEK.match(text):
            starts, ends = _hours(text[found.end() :])
            numbers = dict.fromkeys(re.findall(f"[{WEEKDAYS}天]", found["days"]))
            days = [WEEKDAYS.index(day.replace("天", "日")) + 1 for day in numbers]
            return [Span(WEEKLY, weekday=day, starts=starts, ends=ends) for day in days]
        day, rest = date_first(text, today=today)
        if off := NONE_THEN.search(rest):
            return [_off(day, rest[: off.start()].strip())]
        if goes := GOES_TO.search(rest):
            starts, ends = _hours(rest[: goes.start()])
            # As it was written: the rest has its characters made plain.
            place = text[-len(goes["place"]) :].strip()
            return [Span(TRAVEL, day=day, starts=starts, ends=ends, place=usable_place(place))]
        starts, ends = _hours(rest)
        return [Span(EXTRA, day=day, starts=starts, ends=ends)]
    except (DateNotUnderstood, HourNotUnderstood) as error:
        raise FreeTimeNotUnderstood(line=line[:40]) from error


def _off(day: date, between: str) -> Span:
    """A day off, some hours of it, or days that run on to another one."""
    if not between:
        return Span(OFF, day=day)
    runs_on = RUNS_ON.match(between)
    if runs_on is None:
        starts, ends = _hours(between)
        return Span(OFF, day=day, starts=starts, ends=ends)
    last = read_date(runs_on["last"].strip(), today=day)
    if last - day > timedelta(days=366):
        raise DateNotUnderstood
    return Span(OFF, day=day, last_day=last)


def _hours(written: str) -> tuple[time, time]:
    starts, ends = read_span(written.strip(" ,，的:：有空可以"))
    on_quarter(starts)
    on_quarter(ends)
    return starts, ends


def on_quarter(hour: time) -> time:
    """An hour as sessions begin: on a quarter; raises NotOnQuarter."""
    if hour.minute % QUARTER:
        raise NotOnQuarter
    return hour


def usable_place(written: str) -> str:
    """A place or a link on one line; raises PlaceTooLong."""
    place = " ".join(clean(written).split())
    if len(place) > PLACE_LIMIT:
        raise PlaceTooLong(limit=PLACE_LIMIT)
    return place


def page(session: Session, speaker: Speaker, number: int = 0, *, now: datetime) -> TimesPage:
    """One page of her times from today on; raises NotThere."""
    speaker.require("supervise")
    spans = spans_of(session, speaker.person_id, on=local_date(now, ZONE))
    pages = max(1, -(-len(spans) // PAGE))
    number = min(max(0, number), pages - 1)
    shown = tuple(spans[number * PAGE : (number + 1) * PAGE])
    return TimesPage(shown, terms_of(session, speaker.person_id), number, pages)


# Each has a button to take it away; two places are for adding and for the terms.
PAGE = 4


def spans_of(session: Session, supervisor_id: int, *, on: date) -> list[Span]:
    """A supervisor's times on a date and later."""
    return [_span(row) for row in stored.times(session, supervisor_id, on=on)]


def _span(row: SupervisionTime) -> Span:
    return Span(
        row.kind,
        row.weekday,
        row.day,
        row.last_day,
        row.starts,
        row.ends,
        row.place,
        row.id or 0,
    )


def terms_of(session: Session, supervisor_id: int) -> Terms:
    """A supervisor's terms, the usual ones before she said anything."""
    row = stored.terms(session, supervisor_id)
    if row is None:
        return Terms()
    return Terms(row.minutes, row.buffer_minutes, row.notice_hours, row.hours_per_month, row.place)


def add(session: Session, speaker: Speaker, spans: list[Span], *, now: datetime) -> None:
    """Keep what she wrote, each time once; raises NotThere."""
    speaker.require("supervise")
    today = local_date(now, ZONE)
    known = {_as_written(span) for span in spans_of(session, speaker.person_id, on=today)}
    for span in spans:
        if _as_written(span) in known:
            continue
        known.add(_as_written(span))
        session.add(
            SupervisionTime(
                bot=speaker.bot,
                supervisor_id=speaker.person_id,
                kind=span.kind,
                weekday=span.weekday,
                day=span.day,
                last_day=span.last_day,
                starts=span.starts,
                ends=span.ends,
                place=span.place,
                created_at=now,
            )
        )
        _write_down(session, speaker, "add_supervision_time", span, now=now)
    session.flush()


def _as_written(span: Span) -> tuple[object, ...]:
    return (span.kind, span.weekday, span.day, span.last_day, span.starts, span.ends, span.place)


def drop(session: Session, speaker: Speaker, time_id: int, *, now: datetime) -> None:
    """Take one of her times away; what is booked stays. Raises NotThere."""
    row = stored.time_of(session, time_id)
    if row is None or row.supervisor_id != speaker.person_id:
        raise NotThere
    span = _span(row)
    stored.drop(session, row)
    _write_down(session, speaker, "drop_supervision_time", span, now=now)


def set_terms(session: Session, speaker: Speaker, terms: Terms, *, now: datetime) -> None:
    """Agree to other terms; sessions that are booked stay as they are. Raises NotThere."""
    speaker.require("supervise")
    offered = (
        terms.minutes in MINUTES
        and terms.buffer_minutes in BUFFERS
        and terms.notice_hours in NOTICES
        and (terms.hours_per_month is None or terms.hours_per_month in HOURS_A_MONTH)
    )
    if not offered:
        raise NotThere
    stored.set_terms(
        session,
        speaker.person_id,
        bot=speaker.bot,
        minutes=terms.minutes,
        buffer_minutes=terms.buffer_minutes,
        notice_hours=terms.notice_hours,
        hours_per_month=terms.hours_per_month,
        place=usable_place(terms.place),
        changed_at=now,
    )
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="set_supervision_terms",
        object_kind="person",
        object_id=speaker.person_id,
        minutes=terms.minutes,
        buffer=terms.buffer_minutes,
        notice=terms.notice_hours,
        hours=terms.hours_per_month,
    )


def _write_down(
    session: Session, speaker: Speaker, action: str, span: Span, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="person",
        object_id=speaker.person_id,
        kind=span.kind,
        weekday=span.weekday,
        day=span.day.isoformat() if span.day else None,
        last_day=span.last_day.isoformat() if span.last_day else None,
        hours=span.hours,
    )
