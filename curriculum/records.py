"""The learning ledger: what counts as learned, by which evidence, and who may read it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from curriculum.errors import NotThere, PeriodNotUnderstood
from curriculum.people import Speaker
from curriculum.people_errors import UnitNotFound
from storage import people, records
from storage.people import Unit

# What proves a record (EXPERIENCE section 9), weakest first; every figure can be split by it.
EVIDENCE = (
    "delivered",
    "self_stated_after_restore",
    "self_stated",
    "answered",
    "made_up",
    "signed_in",
    "roll_call",
    "on_paper",
    "imported",
)
ONLINE, OFFLINE = "online", "offline"
# Whether minutes count toward 72/90 hours of continuing education is decided by a rule with a
# version; until one exists every daily lesson is pending (DESIGN section 7).
CLAIMABLE, RULE_VERSION = "pending", "none"
# At most this many lessons of one local day carry minutes (EXPERIENCE section 9).
LESSONS_WITH_MINUTES_A_DAY = 3
# Before anything was recorded anywhere.
EVER = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One line of the ledger as a coordinator reads it; codes, not words: the caller words them.

    `study`, `mode`, `evidence` and `claimable` hold the codes listed in this module.
    `minutes` are minutes, never 学时. `occurred_on` is the local date of the occasion.
    `person_name` is the name the record was made under.
    """

    record_id: int
    occurred_on: date
    unit_path: str
    person_name: str
    person_number: str | None
    study: str
    title: str
    minutes: int
    mode: str
    evidence: str
    claimable: str
    recorded_at: datetime
    recorded_by: str | None
    corrects: int | None


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates, both included."""

    since: date
    until: date

    @property
    def is_all_time(self) -> bool:
        """Whether it begins before anything was recorded, so that its first day says nothing."""
        return self.since == EVER


@dataclass(frozen=True, slots=True)
class Scope:
    """A unit whose records, with everything under it, somebody may read."""

    unit_id: int
    unit_path: str
    unit_name: str


def write_down(
    session: Session,
    *,
    person_id: int,
    unit_id: int | None,
    study: str,
    occasion: str,
    occurred_on: date,
    title: str,
    source_id: int | None,
    minutes: int,
    mode: str,
    evidence: str,
    recorded_by: int | None,
    now: datetime,
) -> int | None:
    """Record that a person learned; returns the minutes written, None when nothing changed.

    Once per person and occasion. Stronger evidence later becomes a correcting row, weaker or
    equal evidence changes nothing. The row keeps the name as it stands now, a correction that of
    the row it replaces (EXPERIENCE section 5: old records keep the old name).
    """
    named: dict[str, Any] = {"person_id": person_id, "study": study, "occasion": occasion}
    is_any, with_minutes = records.look(session, **named, occurred_on=occurred_on)
    standing = records.first(session, **named) if is_any else None
    if standing and EVIDENCE.index(evidence) <= EVIDENCE.index(standing.evidence):
        return None
    if standing:
        minutes, occurred_on, unit_id = standing.minutes, standing.occurred_on, standing.unit_id
    elif study == "daily_lesson" and with_minutes >= LESSONS_WITH_MINUTES_A_DAY:
        minutes = 0
    is_written = records.append(
        session,
        person_id=person_id,
        person_name=standing.person_name if standing else None,
        unit_id=unit_id,
        study=study,
        occasion=occasion,
        occurred_on=occurred_on,
        title=title,
        source_id=source_id,
        minutes=minutes,
        mode=mode,
        evidence=evidence,
        claimable=CLAIMABLE,
        rule_version=RULE_VERSION,
        recorded_by=recorded_by,
        recorded_at=now,
        corrects=standing.id if standing else None,
    )
    return minutes if is_written else None


def settle(
    session: Session,
    *,
    person_id: int,
    unit_id: int | None,
    study: str,
    occasion: str,
    occurred_on: date,
    title: str,
    source_id: int | None,
    minutes: int,
    evidence: str | None,
    recorded_by: int | None,
    now: datetime,
    mode: str = ONLINE,
) -> bool:
    """Let the ledger say this of a person and a session; True when that is news.

    Unlike `write_down` it also corrects downwards: whoever called the roll may have been wrong.
    `evidence` None takes back what stands: a correcting row that no figure counts.
    """
    standing = records.first(session, person_id=person_id, study=study, occasion=occasion)
    if evidence is None:
        minutes, evidence = 0, records.ANNULLED
        if standing is None:
            return False
    if standing and (standing.minutes, standing.evidence) == (minutes, evidence):
        return False
    return records.append(
        session,
        person_id=person_id,
        person_name=standing.person_name if standing else None,
        unit_id=standing.unit_id if standing else unit_id,
        study=study,
        occasion=occasion,
        occurred_on=occurred_on,
        title=title,
        source_id=source_id,
        minutes=minutes,
        mode=mode,
        evidence=evidence,
        claimable=CLAIMABLE,
        rule_version=RULE_VERSION,
        recorded_by=recorded_by,
        recorded_at=now,
        corrects=standing.id if standing else None,
    )


def standing(
    session: Session, *, person_id: int, study: str, occasion: str
) -> tuple[int, str] | None:
    """What stands in the ledger for a person and occasion: (minutes, evidence), or None."""
    row = records.first(session, person_id=person_id, study=study, occasion=occasion)
    return (row.minutes, row.evidence) if row else None


def scope_for(session: Session, speaker: Speaker, unit_name: str | None) -> Scope:
    """The unit whose records a coordinator asks for; her own topmost one when none is named.

    Raises NotThere when she may read no records, UnitNotFound for a name that is not exactly one
    unit within her reach (a unit outside looks like one that does not exist).
    """
    speaker.require("read_records")
    reach = sorted(
        {
            grant.unit_path
            for grant in speaker.grants
            if speaker.may("read_records", unit_path=grant.unit_path)
        },
        key=len,
    )
    if unit_name is None:
        return _scope(session.get_one(Unit, int(reach[0].strip("/").split("/")[-1])))
    found = [
        unit
        for unit in people.unit_by_name(session, unit_name)
        if speaker.may("read_records", unit_path=unit.path)
    ]
    if len(found) != 1:
        raise UnitNotFound(name=unit_name)
    return _scope(found[0])


def scope_of(session: Session, speaker: Speaker, unit_id: int) -> Scope:
    """A unit whose records somebody asked for; raises NotThere if she may no longer read them."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotThere
    speaker.require("read_records", unit_path=unit.path)
    return _scope(unit)


def _scope(unit: Unit) -> Scope:
    return Scope(unit.id or 0, unit.path, unit.name_zh)


def rows(session: Session, scope: Scope, period: Period) -> Iterator[RecordRow]:
    """Stream the records in force of a scope and period; the same query serves screen and file."""
    names = people.unit_names(session)
    for record, name, person_number, recorder in records.in_force(
        session, unit_path=scope.unit_path, since=period.since, until=period.until
    ):
        yield RecordRow(
            record_id=record.id or 0,
            occurred_on=record.occurred_on,
            unit_path=_named_path(names, record.unit_id),
            person_name=name,
            person_number=person_number,
            study=record.study,
            title=record.title,
            minutes=record.minutes,
            mode=record.mode,
            evidence=record.evidence,
            claimable=record.claimable,
            recorded_at=record.recorded_at,
            recorded_by=recorder,
            corrects=record.corrects,
        )


def _named_path(names: dict[int, tuple[str, str]], unit_id: int | None) -> str:
    if unit_id is None:
        return ""
    ids = (int(part) for part in names[unit_id][0].split("/") if part)
    return " / ".join(names[i][1] for i in ids)


def count(session: Session, scope: Scope, period: Period) -> int:
    """How many rows `rows` will yield."""
    return records.count_in_force(
        session, unit_path=scope.unit_path, since=period.since, until=period.until
    )


def own_totals(session: Session, person_id: int) -> dict[str, tuple[int, int]]:
    """A person's own (times, minutes) per study."""
    return {
        study: (times, minutes)
        for study, times, minutes in records.totals(session, person_id=person_id)
    }


def _month(first: date) -> Period:
    return Period(first, first + relativedelta(months=1, days=-1))


def read_period(written: str, *, today: date) -> Period:
    """A period as people write it: 本月, 上月, 本季度, 今年, 全部, 2026-11, 2026, or two dates.

    Two dates stand like 2026-11-01..2026-11-30; English words work too; nothing means this month.
    """
    word = written.strip().lower()
    if word != "本年":
        word = word.replace("年", "-").replace("月", "").rstrip("-")
    first = today.replace(day=1)
    quarter = first.replace(month=first.month - (first.month - 1) % 3)
    named = {
        "": _month(first),
        "本": _month(first),
        "this month": _month(first),
        "month": _month(first),
        "上": _month(first - relativedelta(months=1)),
        "last month": _month(first - relativedelta(months=1)),
        "本季度": Period(quarter, quarter + relativedelta(months=3, days=-1)),
        "quarter": Period(quarter, quarter + relativedelta(months=3, days=-1)),
        "今": Period(date(today.year, 1, 1), date(today.year, 12, 31)),
        "本年": Period(date(today.year, 1, 1), date(today.year, 12, 31)),
        "去": Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "year": Period(date(today.year, 1, 1), date(today.year, 12, 31)),
        "全部": Period(EVER, today + timedelta(days=1)),
        "all": Period(EVER, today + timedelta(days=1)),
    }
    if word in named:
        return named[word]
    try:
        return _dated(word)
    except ValueError as error:
        raise PeriodNotUnderstood(written=written[:40]) from error


def _dated(word: str) -> Period:
    if match := re.fullmatch(
        r"(\d{4}-\d{1,2}-\d{1,2})\s*(?:\.\.|至|到|~)\s*(\d{4}-\d{1,2}-\d{1,2})", word
    ):
        since, until = (date(*map(int, part.split("-"))) for part in match.groups())
        if until < since:
            raise ValueError(word)
        return Period(since, until)
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})", word):
        return _month(date(int(match[1]), int(match[2]), 1))
    if match := re.fullmatch(r"(\d{4})", word):
        return Period(date(int(match[1]), 1, 1), date(int(match[1]), 12, 31))
    raise ValueError(word)
