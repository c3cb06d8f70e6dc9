"""Many pairs from one sheet: checked whole before any is made, then made together, or taken back.

Nothing is guessed: a row whose worker or supervisor is not plain is named, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from curriculum import supervision_pairs as pairs
from curriculum.directory import folded
from curriculum.errors import ChangedMeanwhile, DateNotUnderstood, NotThere
from curriculum.people import LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import PairEndNotPossible, SupervisionUndoTooLate
from curriculum.supervision_pairs import DEFAULT_MONTHS, EITHER, FREQUENCIES, MODES
from curriculum.supervision_words import UNDO
from curriculum.written_times import read_date
from storage import audit, directory
from storage import supervision_pairs as stored
from storage.audit import AuditEntry

COLUMNS = ("worker", "number", "unit", "supervisor", "every", "mode", "last_day")
NEEDED = ("worker", "supervisor")
MAX_ROWS = 1_000
IMPORTED = "import_supervision_pairs"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as text, "" where a cell was empty; `every` and `mode` are codes where known."""

    line: int
    worker: str
    supervisor: str
    number: str = ""
    unit: str = ""
    every: str = ""
    mode: str = ""
    last_day: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row (0: with the file), as a code that each language words."""

    line: int
    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair to be made."""

    worker_id: int
    supervisor_id: int
    every_months: int
    mode: str
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sheet would do; `same` are pairs that stand already. With problems nothing is done."""

    entries: tuple[Entry, ...]
    same: int
    problems: tuple[Problem, ...]


class _Refused(Exception):
    def __init__(self, code: str, **facts: str | int) -> None:
        self.code, self.facts = code, facts


def check(session: Session, speaker: Speaker, rows: Sequence[SheetRow], *, now: datetime) -> Plan:
    """What these rows would do; raises NotThere."""
    speaker.require("assign_supervision")
    if not rows or len(rows) > MAX_ROWS:
        code = "too_many_rows" if rows else "no_rows"
        return Plan((), 0, (Problem(0, code, {"limit": MAX_ROWS}),))
    office = _Office(session, speaker, now=now)
    entries: dict[tuple[int, int], Entry] = {}
    lines: dict[tuple[int, int], int] = {}
    problems, same = [], 0
    for row in rows:
        try:
            entry = office.entry(row)
            two = (entry.worker_id, entry.supervisor_id)
            if two in lines:
                raise _Refused("pair_twice", other=lines[two])  # noqa: TRY301
        except _Refused as refused:
            problems.append(Problem(row.line, refused.code, refused.facts))
            continue
        lines[two] = row.line
        if office.stands(entry):
            same += 1
        else:
            entries[two] = entry
    return Plan(tuple(entries.values()), same, tuple(problems))


class _Office:
    """Everybody a sheet may name, read once."""

    def __init__(self, session: Session, speaker: Speaker, *, now: datetime) -> None:
        self._session, self._bot = session, speaker.bot
        self._today = local_date(now, ZONE)
        self._by_name: dict[str, list[directory.Findable]] = defaultdict(list)
        self._by_number: dict[str, directory.Findable] = {}
        people = list(directory.findable(session, speaker.reach("assign_supervision")))
        for person in people:
            self._by_name[folded(person.name)].append(person)
            if person.number:
                self._by_number[folded(person.number)] = person
        self._supervisors: dict[str, list[tuple[int, str]]] = {}

    def entry(self, row: SheetRow) -> Entry:
        worker = self._worker(row)
        every = row.every or str(DEFAULT_MONTHS)
        if every not in {str(months) for months in FREQUENCIES}:
            raise _Refused("every_unknown", written=row.every)
        mode = row.mode or EITHER
        if mode not in MODES:
            raise _Refused("mode_unknown", written=row.mode)
        supervisor_id = self._supervisor(row, worker)
        return Entry(worker.person_id, supervisor_id, int(every), mode, self._last_day(row))

    def _worker(self, row: SheetRow) -> directory.PersonRow:
        if row.number:
            found = [p for p in [self._by_number.get(folded(row.number))] if p is not None]
        else:
            found = self._by_name.get(folded(row.worker), [])
            if row.unit:
                found = [one for one in found if folded(row.unit) in folded(one.unit_name)]
        known = directory.rows_of(self._session, [one.person_id for one in found], bot=self._bot)
        active = [one for one in known if one.status == "active"]
        if len(active) != 1:
            raise _Refused("worker_unknown", written=row.worker, count=len(active))
        worker = active[0]
        grants = directory.grants_of(self._session, [worker.person_id], on=self._today)
        if not any(grant.role == LEARNER for grant in grants):
            raise _Refused("not_a_worker", written=row.worker)
        return worker

    def _supervisor(self, row: SheetRow, worker: directory.PersonRow) -> int:
        path = worker.unit_path
        if path not in self._supervisors:
            self._supervisors[path] = stored.supervisors_over(self._session, path, on=self._today)
        found = [
            person_id
            for person_id, name in self._supervisors[path]
            if folded(name) == folded(row.supervisor) and person_id != worker.person_id
        ]
        if len(found) != 1:
            raise _Refused("supervisor_unknown", written=row.supervisor, count=len(found))
        return found[0]

    def _last_day(self, row: SheetRow) -> date | None:
        if not row.last_day:
            return None
        try:
            day = read_date(row.last_day, today=self._today)
            return pairs.usable_end(day, today=self._today)
        except (DateNotUnderstood, PairEndNotPossible) as error:
            raise _Refused("last_day_unknown", written=row.last_day) from error

    def stands(self, entry: Entry) -> bool:
        old = stored.open_between(
            self._session,
            bot=self._bot,
            supervisor_id=entry.supervisor_id,
            worker_id=entry.worker_id,
        )
        return old is not None and (old.until is None or old.until > self._today)


def import_pairs(
    session: Session,
    speaker: Speaker,
    rows: Sequence[SheetRow],
    *,
    expected: int,
    now: datetime,
) -> int:
    """Make the pairs that were shown and confirmed; both of each are told in a minute.

    Returns what `take_back` is called with. Raises ChangedMeanwhile where the rows would now do
    something else.
    """
    plan = check(session, speaker, rows, now=now)
    if plan.problems or len(plan.entries) != expected:
        raise ChangedMeanwhile
    made = [
        pairs.assign(
            session,
            speaker,
            worker_id=entry.worker_id,
            supervisor_id=entry.supervisor_id,
            every_months=entry.every_months,
            mode=entry.mode,
            last_day=entry.last_day,
            now=now,
        )
        for entry in plan.entries
    ]
    entry = audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=IMPORTED,
        object_kind="supervision_pair",
        object_id=None,
        pairs=[pair.id for pair in made],
    )
    session.flush()
    return entry.id or 0


def take_back(session: Session, speaker: Speaker, entry_id: int, *, now: datetime) -> int:
    """撤销 of a whole sheet, for ten minutes, by whoever sent it; how many pairs it undid.

    A pair that was changed since stays. Raises NotThere, SupervisionUndoTooLate.
    """
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action != IMPORTED or entry.actor_id != speaker.person_id:
        raise NotThere
    if now - entry.at > UNDO:
        raise SupervisionUndoTooLate(minutes=UNDO.seconds // 60)
    undone = 0
    for pair_id in entry.facts["pairs"]:
        pair = stored.pair(session, pair_id)
        if pair is not None and pair.version == 1 and pair.ended_at is None:
            pairs.take_back(session, speaker, pair_id, seen=1, now=now)
            undone += 1
    return undone


def supervisors_within(session: Session, speaker: Speaker, *, now: datetime) -> list[str]:
    """The names that may stand in the supervisors' column; raises NotThere."""
    speaker.require("assign_supervision")
    today = local_date(now, ZONE)
    names = {
        name
        for path in speaker.reach("assign_supervision")
        for name in stored.supervisor_names(session, path, on=today)
    }
    return sorted(names)
