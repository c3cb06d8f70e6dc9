"""Importing a roster: a dry run that names every problem, then everything or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from curriculum import invites
from curriculum.invites import PersonalInvite, Wanted
from curriculum.people import RIGHTS, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.roster_check import Decider, Entry, Plan
from curriculum.roster_places import Place, Places
from curriculum.roster_problems import RosterProblem, RosterRefused, in_order
from curriculum.roster_rows import OURS, RosterRow, digest, read_rows
from curriculum.roster_writing import Writer
from storage import audit, rosters

# Why somebody on a returned sheet has no new link.
JOINED, RUNNING, SENT = "joined", "running", "sent"


@dataclass(frozen=True, slots=True)
class Reach:
    """For whom a roster may speak: everything under these unit paths, with this bot.

    `person_id` is the importer, None on the command line.
    """

    person_id: int | None
    paths: tuple[str, ...]
    bot: int


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """A line of the sheet that goes back.

    `is_new` or `changes` say what was done; `invitation` is JOINED, RUNNING (until `until`) or
    SENT, and then `token` and `code` are there, shown this once.
    """

    line: int
    number: str
    name: str
    unit: str
    roles: tuple[str, ...]
    cohort: str
    phone: str
    is_new: bool
    changes: tuple[str, ...]
    invitation: str
    token: str = ""
    code: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: people in the order of the file, and the counts of its plan."""

    people: tuple[ImportedPerson, ...]
    counts: Mapping[str, int]
    new_units: tuple[str, ...]

    @property
    def invited(self) -> tuple[ImportedPerson, ...]:
        """Those with a new link and code."""
        return tuple(person for person in self.people if person.invitation == SENT)


class RosterChanged(Exception):
    """Since the dry run the database changed what this roster would do; `plan` is how it is now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("look at the dry run again")


def reach_of(speaker: Speaker) -> Reach:
    """What a coordinator or administrator may import for; raises NotThere for everybody else."""
    speaker.require("import_people")
    paths = {g.unit_path for g in speaker.grants if g.role in RIGHTS["import_people"]}
    return Reach(speaker.person_id, tuple(sorted(paths)), speaker.bot)


def everywhere(bot: int) -> Reach:
    """The command line's reach."""
    return Reach(None, ("/",), bot)


def places_to_write(
    session: Session, reach: Reach, *, now: datetime
) -> tuple[list[str], list[str]]:
    """The units and the running cohorts that a roster may name, as they can be written."""
    places = Places(rosters.units(session), reach.paths)
    today = local_date(now, ZONE)
    names = [
        cohort.name
        for cohort in rosters.cohorts(session, bot=reach.bot)
        if (cohort.end_on is None or cohort.end_on >= today)
        and (
            places.is_within(cohort.unit_path)
            or any(own.startswith(cohort.unit_path) for own in reach.paths)
        )
    ]
    return places.labels(), names


def check(
    session: Session,
    reach: Reach,
    rows: Sequence[RosterRow],
    *,
    unreadable: Sequence[RosterProblem] = (),
    now: datetime,
) -> Plan:
    """The dry run: what the rows would change, and every problem. Changes nothing.

    `unreadable` are the problems of rows that could not even be read and are not in `rows`.
    """
    if unreadable and not rows:
        return Plan((), (), in_order(unreadable))
    plan, _ = _decide(session, reach, rows, now=now)
    return replace(plan, problems=in_order([*unreadable, *plan.problems]))


def _decide(
    session: Session, reach: Reach, rows: Sequence[RosterRow], *, now: datetime
) -> tuple[Plan, Decider | None]:
    read, problems = read_rows(rows)
    if not read:
        return Plan((), (), in_order(problems)), None
    mark = digest(rows)
    places = Places(rosters.units(session), reach.paths)
    settled, new_units, wrong = places.settle(read)
    before = _before(session, rows, mark)
    decider = Decider(
        places=places,
        cohorts=rosters.cohorts(session, bot=reach.bot),
        people=rosters.people(
            session,
            bot=reach.bot,
            now=now,
            numbers={row.number for row in read if row.number},
            phones={row.phone for row in read if row.phone},
            unit_ids={place.unit_id for place in settled.values()},
            person_ids=set(before.values()),
        ),
        before=before,
        importer_id=reach.person_id,
        today=local_date(now, ZONE),
    )
    entries = decider.decide(read, settled)
    found = in_order([*problems, *wrong, *decider.problems])
    return Plan(tuple(entries), tuple(new_units), found, mark), decider


def _before(session: Session, rows: Sequence[RosterRow], mark: str) -> dict[int, int]:
    """Whom each row meant when exactly these rows were imported before: known, not guessed."""
    people = rosters.imported_before(session, mark)
    if len(people) != len(rows):
        return {}
    return {row.line: person_id for row, person_id in zip(rows, people, strict=True)}


def import_roster(
    session: Session,
    reach: Reach,
    rows: Sequence[RosterRow],
    *,
    resend: bool = False,
    expected: Mapping[str, int] | None = None,
    now: datetime,
) -> Imported:
    """Write a roster in the caller's transaction: people, units, roles, cohorts, invites.

    Whoever has not joined and has no running invite gets a link and a code; with `resend`
    everybody who has not joined does, and her earlier one ends. `expected` are the counts that
    were shown. Raises RosterRefused, or RosterChanged when the counts are others by now.
    """
    rosters.take_turns(session)
    plan, decider = _decide(session, reach, rows, now=now)
    if plan.problems or decider is None:
        raise RosterRefused(plan.problems)
    if expected is not None and dict(expected) != plan.counts:
        raise RosterChanged(plan)
    writer = Writer(session, reach.person_id, decider.people, now)
    units = writer.add_units(plan.new_units)
    missing = sum(not entry.number for entry in plan.entries)
    numbers = iter(next_numbers(session, missing) if missing else ())
    numbered = [entry.number or next(numbers) for entry in plan.entries]
    people = writer.write(plan.entries, numbered, units)
    invites = _invite(session, reach, plan.entries, people, units, resend=resend, now=now)
    if plan.counts["new"] or plan.counts["changed"] or plan.new_units or invites:
        audit.add(
            session,
            at=now,
            actor_id=reach.person_id,
            action=rosters.IMPORTED,
            object_kind="roster",
            object_id=None,
            rows=plan.rows,
            people=people,
            invited=len(invites),
            **plan.counts,
        )
    lines = [
        _line(entry, number, invites.get(person_id))
        for entry, number, person_id in zip(plan.entries, numbered, people, strict=True)
    ]
    return Imported(tuple(lines), plan.counts, tuple(unit.label for unit in plan.new_units))


def _invite(
    session: Session,
    reach: Reach,
    entries: Sequence[Entry],
    people: Sequence[int],
    units: Mapping[Place, int],
    *,
    resend: bool,
    now: datetime,
) -> dict[int, PersonalInvite]:
    """New links for whoever needs one, by person."""
    wanted = [
        Wanted(person_id, entry.roles[0], units[entry.place], entry.cohort_id)
        for entry, person_id in zip(entries, people, strict=True)
        if not entry.is_joined and (resend or entry.invite_until is None)
    ]
    made = invites.invite_people(session, wanted, created_by=reach.person_id, now=now)
    return {invite.person_id: invite for invite in made}


def _line(entry: Entry, number: str, invite: PersonalInvite | None) -> ImportedPerson:
    invitation = SENT if invite else JOINED if entry.is_joined else RUNNING
    return ImportedPerson(
        line=entry.line,
        number=number,
        name=entry.name,
        unit=entry.unit,
        roles=entry.roles,
        cohort=entry.cohort,
        phone=entry.phone,
        is_new=entry.person_id is None,
        changes=entry.changes,
        invitation=invitation,
        token=invite.token if invite else "",
        code=invite.code if invite else "",
        until=invite.expires_at if invite else entry.invite_until,
    )


def next_numbers(session: Session, count: int) -> list[str]:
    """The next person numbers (W-000124, ...), issued in the caller's transaction.

    Nobody else issues any until it ends. The caller stores them in Person.number.
    """
    rosters.take_turns(session)
    last = rosters.highest_number(session, OURS)
    return [f"{OURS}{last + step:06d}" for step in range(1, count + 1)]
