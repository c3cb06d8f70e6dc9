"""What a roster would change, decided from what is there: whose row it is, what differs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from curriculum.people import LEARNER, RIGHTS
from curriculum.roster_changes import changes_of
from curriculum.roster_places import NewUnit, Place, Places
from curriculum.roster_problems import RosterProblem, quoted
from curriculum.roster_rows import NEWCOMER, OURS, SAME, ReadRow
from storage.rosters import CohortSeen, PersonSeen

SOME = 3  # names given as examples in a sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """One row decided: whom it means and what it changes.

    `person_id` is None for somebody new. `number` is hers, "" where one has to be issued. `phone`
    is "" where nothing was written, which changes nothing. `changes` names what differs:
    returned, name, unit, role, cohort, phone, number.
    """

    line: int
    person_id: int | None
    number: str
    name: str
    place: Place
    unit: str
    roles: tuple[str, ...]
    cohort_id: int | None
    cohort: str
    phone: str
    level: str
    changes: tuple[str, ...] = ()
    is_joined: bool = False
    invite_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run. With `problems` nothing may be written, and `entries` are those without any."""

    entries: tuple[Entry, ...]
    new_units: tuple[NewUnit, ...]
    problems: tuple[RosterProblem, ...]
    rows: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many people are new, changed, unchanged, and how many units are new."""
        new = sum(entry.person_id is None for entry in self.entries)
        changed = sum(bool(entry.changes) for entry in self.entries if entry.person_id)
        return {
            "new": new,
            "changed": changed,
            "unchanged": len(self.entries) - new - changed,
            "units": len(self.new_units),
        }

    @property
    def invites(self) -> int:
        """How many people need a link: not joined, and no invite of theirs still runs."""
        return sum(e.invite_until is None and not e.is_joined for e in self.entries)


@dataclass(slots=True)
class Decider:
    """Everything known before the first row is decided.

    `before` are the people that exactly these rows led to when they were imported last.
    """

    places: Places
    cohorts: Sequence[CohortSeen]
    people: Mapping[int, PersonSeen]
    before: Mapping[int, int]
    importer_id: int | None
    today: date
    problems: list[RosterProblem] = field(default_factory=list)
    _by_number: dict[str, PersonSeen] = field(init=False)
    _by_name: dict[tuple[int, str], list[PersonSeen]] = field(init=False)
    _by_phone: dict[str, list[PersonSeen]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_number = {p.number: p for p in self.people.values() if p.number}
        self._by_name, self._by_phone = defaultdict(list), defaultdict(list)
        for person in self.people.values():
            if not self._is_within(person):
                continue
            if person.unit_id is not None:
                self._by_name[person.unit_id, person.name].append(person)
            if person.phone:
                self._by_phone[person.phone].append(person)

    def decide(self, rows: Sequence[ReadRow], places: Mapping[int, Place]) -> list[Entry]:
        """The rows without a problem; the problems of the others are collected."""
        namesakes: dict[tuple[Place, str], list[int]] = defaultdict(list)
        for row in rows:
            if row.line in places:
                namesakes[places[row.line], row.name].append(row.line)
        entries: list[Entry] = []
        claimed: dict[int, int] = {}
        for row in rows:
            place = places.get(row.line)
            if place is None:
                continue
            found = len(self.problems)
            person = self._whose(row, place, namesakes[place, row.name])
            if person is not None:
                other = claimed.setdefault(person.person_id, row.line)
                if other != row.line:
                    self._refuse(row, "name", "person_twice", other=other)
            cohort = self._cohort(row, place, person)
            entry = self._entry(row, place, person, cohort)
            if len(self.problems) == found:
                entries.append(entry)
        return entries

    def _refuse(self, row: ReadRow, column: str, code: str, **facts: str | int) -> None:
        self.problems.append(RosterProblem(row.line, column, code, facts))

    def _is_within(self, person: PersonSeen) -> bool:
        return self.places.is_within(person.unit_path or "/")

    # --- whose row it is

    def _whose(self, row: ReadRow, place: Place, lines: Sequence[int]) -> PersonSeen | None:
        """The person a row means, None for somebody new; what cannot be told is asked."""
        before = self.people.get(self.before.get(row.line, 0))
        if row.number:
            return self._numbered(row, place)
        if before is not None and self._is_within(before):
            return before
        if row.mark == NEWCOMER:
            return None
        return self._by_name_of(row, place, [line for line in lines if line != row.line])

    def _by_name_of(self, row: ReadRow, place: Place, others: Sequence[int]) -> PersonSeen | None:
        """Somebody without a number: `others` are the rows of the same name in the same unit."""
        there = [] if place.below else self._by_name.get((place.unit_id, row.name), [])
        if others:
            self._refuse(row, "name", "person_twice", other=others[0])
            return None
        if row.mark == SAME:
            return self._same(row, there)
        same_phone = [person for person in there if row.phone and person.phone == row.phone]
        if len(same_phone) == 1:
            return same_phone[0]
        if there:
            self._ask(row, there)
        elif row.phone and (owners := self._by_phone.get(row.phone)):
            self._refuse(row, "phone", "phone_of_another", phone=row.phone, known=_known(owners))
        return None

    def _numbered(self, row: ReadRow, place: Place) -> PersonSeen | None:
        person = self._by_number.get(row.number)
        if person is not None and self._is_within(person):
            return person
        if person is not None or row.number.startswith(OURS):
            # Somebody outside her reach and nobody at all are answered alike.
            self._refuse(row, "number", "number_unknown", number=row.number)
            return None
        there = [] if place.below else self._by_name.get((place.unit_id, row.name), [])
        unnumbered = [person for person in there if not person.number]
        if unnumbered:
            self._refuse(row, "number", "number_for_whom", name=row.name, number=row.number)
        return None

    def _same(self, row: ReadRow, there: Sequence[PersonSeen]) -> PersonSeen | None:
        unnumbered = [person for person in there if not person.number]
        for alone in (there, unnumbered):
            if len(alone) == 1:
                return alone[0]
        if there:
            self._ask(row, there)
        else:
            self._refuse(row, "number", "same_not_there", name=row.name, unit=row.unit[-1])
        return None

    def _ask(self, row: ReadRow, there: Sequence[PersonSeen]) -> None:
        facts: dict[str, str] = {"name": row.name, "unit": row.unit[-1]}
        if len(there) == 1 and not there[0].number:
            self._refuse(row, "number", "same_name_unnumbered", **facts)
            return
        code = "same_name" if len(there) == 1 else "same_name_several"
        numbers = [person.number for person in there if person.number]
        self._refuse(row, "number", code, known=" · ".join(numbers[:SOME]) or "—", **facts)

    # --- the cohort

    def _cohort(self, row: ReadRow, place: Place, person: PersonSeen | None) -> CohortSeen | None:
        """Where a learner learns: as written, else where she does, else the only one there is."""
        if LEARNER not in row.roles:
            return None
        path = self.places.path(place)
        usable = [c for c in self.cohorts if self._is_usable(c, path)]
        if row.cohort:
            return self._named_cohort(row, usable)
        mine = {cohort_id for _, cohort_id in person.cohorts} if person else set()
        present = [cohort for cohort in usable if cohort.cohort_id in mine]
        if present:
            return present[0]
        running = [
            cohort
            for cohort in usable
            if not self._has_ended(cohort)
            and (path.startswith(cohort.unit_path) or cohort.unit_path.startswith(path))
        ]
        if len(running) == 1:
            return running[0]
        if running:
            known = " · ".join(cohort.name for cohort in running[:SOME])
            self._refuse(row, "cohort", "cohort_missing", known=known)
        else:
            self._refuse(row, "cohort", "cohort_none")
        return None

    def _is_usable(self, cohort: CohortSeen, path: str) -> bool:
        """One of hers, or one further up that the unit belongs to."""
        return self.places.is_within(cohort.unit_path) or path.startswith(cohort.unit_path)

    def _has_ended(self, cohort: CohortSeen) -> bool:
        return cohort.end_on is not None and cohort.end_on < self.today

    def _named_cohort(self, row: ReadRow, usable: Sequence[CohortSeen]) -> CohortSeen | None:
        named = [cohort for cohort in usable if cohort.name == row.cohort]
        running = [cohort for cohort in named if not self._has_ended(cohort)]
        if len(running) == 1:
            return running[0]
        if running:
            self._refuse(row, "cohort", "cohort_ambiguous", written=quoted(row.cohort))
        elif named:
            self._refuse(row, "cohort", "cohort_ended", written=quoted(row.cohort))
        else:
            self._refuse(row, "cohort", "cohort_unknown", written=quoted(row.cohort))
        return None

    # --- what differs

    def _entry(
        self, row: ReadRow, place: Place, person: PersonSeen | None, cohort: CohortSeen | None
    ) -> Entry:
        path = self.places.path(place)
        changes = changes_of(row, place, path, person, cohort) if person else ()
        if person and person.person_id == self.importer_id and {"role", "unit"} & set(changes):
            may = {role for role in row.roles if role in RIGHTS["import_people"]}
            if not may or "unit" in changes:
                self._refuse(row, "role", "own_row")
        return Entry(
            line=row.line,
            person_id=person.person_id if person else None,
            number=row.number or (person.number if person else None) or "",
            name=row.name,
            place=place,
            unit=self.places.label(place),
            roles=row.roles,
            cohort_id=cohort.cohort_id if cohort else None,
            cohort=cohort.name if cohort else "",
            phone=row.phone or (person.phone if person else None) or "",
            level=row.level,
            changes=changes,
            is_joined=person.is_joined if person else False,
            invite_until=person.invite_until if person else None,
        )


def _known(people: Sequence[PersonSeen]) -> str:
    """Whom a question is about: their numbers, or their names where they have none yet."""
    return " · ".join(person.number or person.name for person in people[:SOME])
