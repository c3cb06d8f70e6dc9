"""需要与可用: how many hours of supervision three months need, and how many there are.

Needed is what is booked, and what will be due by each pair's frequency; available is what each
supervisor has stated (EXPERIENCE section 8: shown before anyone is called late).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col

from curriculum.errors import NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.supervision_pairs import months_on
from curriculum.supervision_times import Terms
from storage import of_person, supervision_bookings
from storage import supervision_pairs as stored
from storage import supervision_reach as reach_of
from storage import supervision_times as stored_times
from storage.absences import Absence
from storage.supervision_pairs import PairRow

MONTHS = 3
# Beside their numbers there are three more buttons.
PAGE = 3
RIGHT = "assign_supervision"
_MIDNIGHT = datetime.min.time()
Spans = Sequence[tuple[date, date | None]]


@dataclass(frozen=True, slots=True)
class Month:
    """One month: minutes needed, and minutes available, None where no limit was stated."""

    first: date
    needed: int
    available: int | None

    @property
    def lacking(self) -> int:
        """The minutes that are too few."""
        return max(0, self.needed - self.available) if self.available is not None else 0

    @property
    def words(self) -> str:
        """Hours needed of hours available: 3/4, or 3 where no limit was stated."""
        needed = hours(self.needed)
        return needed if self.available is None else f"{needed}/{hours(self.available)}"


@dataclass(frozen=True, slots=True)
class Load:
    """One supervisor's three months; `due` are the pairs with the dates that are still to book."""

    supervisor_id: int
    name: str
    pairs: int
    minutes: int
    months: tuple[Month, ...]
    due: tuple[tuple[PairRow, tuple[date, ...]], ...] = ()

    @property
    def short(self) -> Month | None:
        """The first month that needs more than there is."""
        return next((month for month in self.months if month.lacking), None)

    @property
    def spare(self) -> int | None:
        """The minutes left over the three months, None without a limit."""
        if any(month.available is None for month in self.months):
            return None
        return sum((month.available or 0) - month.needed for month in self.months)


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """What the workers of one unit need; `waiting` have nobody."""

    unit_name: str
    pairs: int
    waiting: int
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class CapacityPage:
    """One page of supervisors or of units, counted from 0, and the sum of all pages.

    `lacks_limit` is how many supervisors have stated no hours.
    """

    by_unit: bool
    lines: tuple[Load | UnitLoad, ...]
    total: tuple[Month, ...]
    lacks_limit: int
    page: int
    pages: int
    count: int
    words: str = ""


def hours(minutes: int) -> str:
    """Minutes as hours, to a tenth: 90 is 1.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def first_days(today: date) -> list[date]:
    """The first day of this month, of the next two, and of the one after them."""
    first = today.replace(day=1)
    return [months_on(first, n) for n in range(MONTHS + 1)]


def due_dates(pair: PairRow, *, today: date, until: date, away: Spans = ()) -> list[date]:
    """When a pair should still meet before a date, by its frequency; what is late, today.

    A date on which one of the two rests is left out.
    """
    found, day, turn = [], max(pair.due_on, pair.since, today), 0
    begin = day
    while day < until and (pair.until is None or day < pair.until):
        if not any(since <= day and (back is None or day < back) for since, back in away):
            found.append(day)
        turn += 1
        day = months_on(begin, turn * pair.every_months)
    return found


def by_month(minutes: Iterable[tuple[date, int]], firsts: Sequence[date]) -> list[int]:
    """Minutes on dates, summed by the months that begin with `firsts`, the last left out."""
    sums = [0] * (len(firsts) - 1)
    for day, length in minutes:
        for place in range(len(sums)):
            if firsts[place] <= day < firsts[place + 1]:
                sums[place] += length
    return sums


class Ground:
    """What the pairs of some supervisors need, read once."""

    def __init__(
        self, session: Session, supervisors: Mapping[int, str], *, bot: int, now: datetime
    ) -> None:
        self.today = local_date(now, ZONE)
        self.firsts = first_days(self.today)
        self.names = supervisors
        self.rows = reach_of.of_supervisors(session, list(supervisors), bot=bot, on=self.today)
        self._terms = {
            who: Terms(row.minutes, row.buffer_minutes, row.notice_hours, row.hours_per_month)
            for who, row in stored_times.terms_of_all(session, list(supervisors)).items()
        }
        self._of: dict[int, list[PairRow]] = defaultdict(list)
        for row in self.rows:
            self._of[row.supervisor_id].append(row)
        held = supervision_bookings.held(
            session,
            list(supervisors),
            since=moment_at(self.firsts[0], _MIDNIGHT, ZONE),
            until=moment_at(self.firsts[-1], _MIDNIGHT, ZONE),
        )
        self._held: dict[int, list[supervision_bookings.Held]] = defaultdict(list)
        self._held_of_pair: dict[int, list[supervision_bookings.Held]] = defaultdict(list)
        for one in held:
            self._held[one.supervisor_id].append(one)
            if one.pair_id is not None:
                self._held_of_pair[one.pair_id].append(one)
        self._away: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
        people = {who for row in self.rows for who in (row.supervisor_id, row.worker_id)}
        for rest in of_person.rows(session, Absence, col(Absence.person_id).in_(people)):
            self._away[rest.person_id].append((rest.since, rest.until))

    def terms(self, supervisor_id: int) -> Terms:
        """What a supervisor agreed to, or the usual."""
        return self._terms.get(supervisor_id, Terms())

    def due(self, pair: PairRow) -> list[date]:
        """When a pair should still meet within these months."""
        away = [*self._away[pair.worker_id], *self._away[pair.supervisor_id]]
        return due_dates(pair, today=self.today, until=self.firsts[-1], away=away)

    def load(self, supervisor_id: int) -> Load:
        """One supervisor's months."""
        terms = self.terms(supervisor_id)
        due = [(row, tuple(self.due(row))) for row in self._of[supervisor_id]]
        minutes = [(day, terms.minutes) for _, dates in due for day in dates]
        minutes += _minutes(self._held[supervisor_id])
        most = None if terms.hours_per_month is None else terms.hours_per_month * 60
        return Load(
            supervisor_id,
            self.names[supervisor_id],
            len(due),
            terms.minutes,
            self._months(minutes, most),
            tuple(due),
        )

    def of_unit(self, rows: Sequence[PairRow], waiting: int) -> UnitLoad:
        """What the pairs of one unit need; a unit has no hours of its own."""
        minutes = [
            (day, self.terms(row.supervisor_id).minutes) for row in rows for day in self.due(row)
        ]
        for row in rows:
            minutes += _minutes(self._held_of_pair[row.pair_id])
        return UnitLoad(rows[0].unit_name, len(rows), waiting, self._months(minutes, None))

    def _months(self, minutes: Iterable[tuple[date, int]], most: int | None) -> tuple[Month, ...]:
        sums = by_month(minutes, self.firsts)
        return tuple(
            Month(first, needed, most) for first, needed in zip(self.firsts, sums, strict=False)
        )


def _minutes(held: Iterable[supervision_bookings.Held]) -> list[tuple[date, int]]:
    return [(local_date(one.starts_at, ZONE), one.minutes) for one in held]


def near(session: Session, speaker: Speaker, *, now: datetime) -> dict[int, str]:
    """The supervisors of the people she looks after, by id: by role, or by a pair; NotThere."""
    speaker.require(RIGHT)
    today, reach = local_date(now, ZONE), speaker.reach(RIGHT)
    found = {
        who: name
        for path in reach
        for who, name in stored.supervisors_near(session, path, on=today)
    }
    for row in stored.under(session, reach, bot=speaker.bot, on=today):
        found.setdefault(row.supervisor_id, row.supervisor)
    return found


def ground(session: Session, speaker: Speaker, *, now: datetime) -> Ground:
    """What the supervisors near her need; raises NotThere."""
    return Ground(session, near(session, speaker, now=now), bot=speaker.bot, now=now)


def loads(session: Session, speaker: Speaker, *, now: datetime) -> list[Load]:
    """Every supervisor near her, whoever lacks most first; raises NotThere."""
    found = ground(session, speaker, now=now)
    every = [found.load(who) for who in found.names]
    return sorted(
        every,
        key=lambda load: (-sum(m.lacking for m in load.months), load.name, load.supervisor_id),
    )


def load_of(session: Session, speaker: Speaker, supervisor_id: int, *, now: datetime) -> Load:
    """One supervisor near her; raises NotThere."""
    names = near(session, speaker, now=now)
    if supervisor_id not in names:
        raise NotThere
    wanted = {supervisor_id: names[supervisor_id]}
    return Ground(session, wanted, bot=speaker.bot, now=now).load(supervisor_id)


def page(
    session: Session,
    speaker: Speaker,
    *,
    by_unit: bool = False,
    words: str = "",
    page: int = 0,
    now: datetime,
) -> CapacityPage:
    """需要与可用 of the people she looks after, by supervisor or by unit; the sums are of all.

    `words` in the name of one of them. Raises NotThere, SearchTooLong.
    """
    every = loads(session, speaker, now=now)
    lines: Sequence[Load | UnitLoad] = every
    if by_unit:
        lines = _units(session, speaker, now=now)
    found = sought(lines, words, _names, page=page, size=PAGE)
    return CapacityPage(
        by_unit,
        found.lines,
        total(every, local_date(now, ZONE)),
        sum(load.spare is None for load in every),
        found.page,
        found.pages,
        found.count,
        found.words,
    )


def _names(one: Load | UnitLoad) -> tuple[str]:
    return (one.unit_name if isinstance(one, UnitLoad) else one.name,)


def total(every: Sequence[Load], today: date) -> tuple[Month, ...]:
    """The sum of supervisors, months without a limit counted as needed only."""
    return tuple(
        Month(
            first,
            sum(load.months[place].needed for load in every),
            sum(load.months[place].available or 0 for load in every),
        )
        for place, first in enumerate(first_days(today)[:-1])
    )


def _units(session: Session, speaker: Speaker, *, now: datetime) -> list[UnitLoad]:
    """The units under her that have a pair or somebody without one, by name."""
    found, today, reach = (
        ground(session, speaker, now=now),
        local_date(now, ZONE),
        speaker.reach(RIGHT),
    )
    rows: dict[str, list[PairRow]] = defaultdict(list)
    names: dict[str, str] = {}
    for row in stored.under(session, reach, bot=speaker.bot, on=today):
        rows[row.unit_path].append(row)
        names[row.unit_path] = row.unit_name
    waiting: dict[str, int] = defaultdict(int)
    for one in reach_of.unaccompanied(session, reach, bot=speaker.bot, on=today):
        waiting[one.unit_path] += 1
        names[one.unit_path] = one.unit_name
    made = [
        found.of_unit(rows[path], waiting[path])
        if rows[path]
        else UnitLoad(name, 0, waiting[path], tuple(Month(d, 0, None) for d in found.firsts[:-1]))
        for path, name in names.items()
    ]
    return sorted(made, key=lambda unit: unit.unit_name)
