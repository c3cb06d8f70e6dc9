"""Writes a checked roster: units, people, where they work, what they are, where they learn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.roster_changes import ACTIVE, cohort_changes, is_moved, role_changes
from curriculum.roster_check import Entry
from curriculum.roster_places import NewUnit, Place
from storage import audit, rosters
from storage.cohorts import CohortMember
from storage.people import Membership, RoleGrant, Unit, add_unit
from storage.rosters import PersonSeen


class _Units(dict[Place, int]):
    """A place's unit id; one that was there is its own."""

    def __missing__(self, place: Place) -> int:
        return place.unit_id


@dataclass(slots=True)
class Writer:
    """One import: on whose behalf, when, and whom the rows were compared with."""

    session: Session
    actor_id: int | None
    seen: Mapping[int, PersonSeen]
    now: datetime

    @property
    def today(self) -> date:
        """The local date of everything this import begins or ends."""
        return local_date(self.now, ZONE)

    def add_units(self, new: Sequence[NewUnit]) -> Mapping[Place, int]:
        """Make the new units, parents first; returns each place's unit id."""
        made = _Units()
        for unit in new:
            above = Place(unit.place.unit_id, unit.place.below[:-1])
            parent = self.session.get_one(Unit, made[above])
            stored = add_unit(self.session, name_zh=unit.name, level=unit.level, parent=parent)
            made[unit.place] = stored.id or 0
            audit.add(
                self.session,
                at=self.now,
                actor_id=self.actor_id,
                action="add_unit",
                object_kind="unit",
                object_id=stored.id,
                under=parent.id,
                level=unit.level,
            )
        return made

    def write(
        self, entries: Sequence[Entry], numbers: Sequence[str], units: Mapping[Place, int]
    ) -> list[int]:
        """Write every row; returns the people's ids in the order of the entries."""
        rows = list(zip(entries, numbers, strict=True))
        new = [(entry, number) for entry, number in rows if entry.person_id is None]
        ids = rosters.add_people(
            self.session,
            [(number, entry.name, entry.phone or None) for entry, number in new],
            now=self.now,
        )
        added = {entry.line: person_id for (entry, _), person_id in zip(new, ids, strict=True)}
        self._begin([entry for entry, _ in new], added, units)
        self._change([(entry, number) for entry, number in rows if entry.changes], units)
        return [added.get(entry.line) or entry.person_id or 0 for entry in entries]

    def _begin(
        self, entries: Sequence[Entry], added: Mapping[int, int], units: Mapping[Place, int]
    ) -> None:
        """Everybody new: where she works, what she is, where she learns."""
        rows = [(added[entry.line], units[entry.place], entry) for entry in entries]
        rosters.add_spans(
            self.session,
            memberships=[(person_id, unit_id) for person_id, unit_id, _ in rows],
            grants=[(i, unit_id, role) for i, unit_id, entry in rows for role in entry.roles],
            members=[(i, e.cohort_id, None) for i, _, e in rows if e.cohort_id is not None],
            since=self.today,
        )
        self._note(
            "add_person",
            [(i, {"roles": list(entry.roles), "unit": unit}) for i, unit, entry in rows],
        )

    def _change(self, rows: Sequence[tuple[Entry, str]], units: Mapping[Place, int]) -> None:
        """End what ended before anything begins: an open span may stand there only once."""
        places: list[int] = []
        grants: list[int] = []
        members: list[int] = []
        begin_places: list[tuple[int, int]] = []
        begin_grants: list[tuple[int, int, str]] = []
        begin_members: list[tuple[int, int, time | None]] = []
        paths = {unit.unit_id: unit.path for unit in rosters.units(self.session)} if rows else {}
        for entry, _ in rows:
            was, unit_id = self.seen[entry.person_id or 0], units[entry.place]
            moved = is_moved(was, entry.place)
            ends, roles = role_changes(was, entry.roles, paths[entry.place.unit_id], moved=moved)
            leaves, joins = cohort_changes(was, entry.cohort_id)
            grants += ends
            members += leaves
            begin_grants += [(was.person_id, unit_id, role) for role in roles]
            begin_members += [(was.person_id, cohort_id, was.own_time) for cohort_id in joins]
            if moved:
                places += [was.membership_id] if was.membership_id is not None else []
                begin_places.append((was.person_id, unit_id))
        for table, ended in ((Membership, places), (RoleGrant, grants), (CohortMember, members)):
            rosters.close(self.session, table, ended, on=self.today)
        rosters.add_spans(
            self.session,
            memberships=begin_places,
            grants=begin_grants,
            members=begin_members,
            since=self.today,
        )
        self._rewrite(rows, units)

    def _rewrite(self, rows: Sequence[tuple[Entry, str]], units: Mapping[Place, int]) -> None:
        """What stands on the person herself, and where a running invite of hers leads."""
        rosters.rewrite_people(
            self.session,
            [
                (entry.person_id or 0, number, entry.name, entry.phone or None)
                for entry, number in rows
            ],
            status=ACTIVE,
        )
        for entry, _ in rows:
            if entry.invite_until is not None:
                rosters.redirect_invites(
                    self.session,
                    entry.person_id or 0,
                    role=entry.roles[0],
                    unit_id=units[entry.place],
                    cohort_id=entry.cohort_id,
                    now=self.now,
                )
        self._note(
            "change_person",
            [
                (
                    entry.person_id,
                    {
                        "changes": list(entry.changes),
                        "unit": units[entry.place],
                        "unit_before": self.seen[entry.person_id or 0].unit_id,
                    },
                )
                for entry, _ in rows
            ],
        )

    def _note(self, action: str, people: Sequence[tuple[int | None, Mapping[str, object]]]) -> None:
        audit.add_many(
            self.session,
            at=self.now,
            actor_id=self.actor_id,
            action=action,
            object_kind="person",
            objects=people,
        )
