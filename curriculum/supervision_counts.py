"""What a coordinator sees of supervision: dates, minutes, modes, who met, how it was confirmed.

Never a word of what was said. A session counts once, however many workers were in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from curriculum.people import Speaker
from curriculum.records import Period
from storage import supervision_held as stored
from storage.supervision_held import CountedRow
from storage.supervision_records import SEALED

BOTH, ONE_SIDED, NOT_YET = "both", "one_sided", "not_yet"


@dataclass(frozen=True, slots=True)
class Held:
    """A session that was held; `actions` are how many it brought, by state."""

    record_id: int
    form: str
    number: int | None
    occurred_on: date
    minutes: int
    mode: str
    functions: tuple[str, ...]
    confirmed: str
    supervisor: str
    workers: tuple[str, ...]
    units: tuple[str, ...]
    actions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a span: sessions by mode, form and confirmation; people, minutes, actions.

    `units` and `supervisors` are (name, sessions), the most sessions first.
    """

    sessions: int
    minutes: int
    modes: Mapping[str, int]
    forms: Mapping[str, int]
    confirmed: Mapping[str, int]
    supervisors: tuple[tuple[str, int], ...]
    supervisees: int
    units: tuple[tuple[str, int], ...]
    actions: Mapping[str, int]


def held(session: Session, speaker: Speaker, period: Period) -> list[Held]:
    """The sessions of a span of workers she looks after, by date; raises NotThere."""
    return _sessions(session, _rows(session, speaker, period))


def _rows(session: Session, speaker: Speaker, period: Period) -> list[CountedRow]:
    speaker.require("assign_supervision")
    return list(
        stored.counted(
            session,
            speaker.reach("assign_supervision"),
            bot=speaker.bot,
            since=period.since,
            until=period.until,
        )
    )


def _sessions(session: Session, rows: Sequence[CountedRow]) -> list[Held]:
    by_record: dict[int, list[CountedRow]] = {}
    for row in rows:
        by_record.setdefault(row.record_id, []).append(row)
    actions = stored.action_states(session, list(by_record))
    return [
        Held(
            record_id,
            one.form,
            one.number,
            one.occurred_on,
            one.minutes,
            one.mode,
            tuple(one.functions),
            _confirmed(one),
            one.supervisor,
            tuple(row.person for row in of_record),
            tuple(dict.fromkeys(row.unit_name for row in of_record)),
            actions.get(record_id, {}),
        )
        for record_id, of_record in by_record.items()
        for one in of_record[:1]
    ]


def _confirmed(row: CountedRow) -> str:
    if row.state != SEALED:
        return NOT_YET
    return ONE_SIDED if row.is_one_sided else BOTH


def counts(session: Session, speaker: Speaker, period: Period) -> Counts:
    """The figures of a span of workers she looks after; raises NotThere."""
    rows = _rows(session, speaker, period)
    found = _sessions(session, rows)
    of_people = Counter(one.supervisor_id for one in _firsts(rows) if one.supervisor_id)
    called = {row.supervisor_id: row.supervisor for row in rows}
    return Counts(
        sessions=len(found),
        minutes=sum(one.minutes for one in found),
        modes=Counter(one.mode for one in found),
        forms=Counter(one.form for one in found),
        confirmed=Counter(one.confirmed for one in found),
        supervisors=tuple((called[one], count) for one, count in of_people.most_common()),
        supervisees=len({row.person_id for row in rows}),
        units=tuple(Counter(unit for one in found for unit in one.units).most_common()),
        actions=sum((Counter(one.actions) for one in found), Counter[str]()),
    )


def _firsts(rows: Iterable[CountedRow]) -> Iterable[CountedRow]:
    """One row of each record."""
    return {row.record_id: row for row in rows}.values()
