"""Who can stand in for somebody who is away, and what that would come to before it is saved.

Whoever holds a fitting role of every unit concerned can simply be named. Anybody else who looks
after people in the same tree is proposed to the coordinators; learners and observers are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum.deputy_errors import AwayNotClear, DeputyNotFound, NobodyToAgree
from curriculum.errors import NotThere
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import deputies as stored
from storage import duty, responders, topic_people
from storage.deputies import Candidate
from storage.people import Person

RIGHT = "name_deputy"
LONGEST = timedelta(days=183)
# Buttons of one step; anybody else is named by typing (EXPERIENCE section 2).
SHOWN = 5


@dataclass(frozen=True, slots=True)
class DutyList:
    """A duty list she is on, and how many others are called there."""

    unit_name: str
    others: int


@dataclass(frozen=True, slots=True)
class Plan:
    """An absence as it is read back before it is saved: first and last day, the day of return.

    `deputy` is "" where nobody stands in; then `next_up` are the coordinators whom approvals go
    to. `asked` are those who are asked to agree to a deputy who does not fit by her roles. `of` is
    whoever is away where another sets it, else "".
    """

    since: date
    last: date
    back: date
    deputy: str
    asked: tuple[str, ...]
    next_up: tuple[str, ...]
    duty: tuple[DutyList, ...]
    also_for: tuple[str, ...]
    of: str = ""


def require_dates(since: date, back: date, *, today: date) -> None:
    """Raise AwayNotClear for dates that are past, in the wrong order, or half a year away."""
    if since < today or since > today + LONGEST or not since < back <= since + LONGEST:
        raise AwayNotClear


def taken_over(session: Session, speaker: Speaker, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """The (role, unit path) that a deputy of hers takes over; NotThere where it is none."""
    roles = stored.roles_taken_over(session, speaker.person_id, on=local_date(now, ZONE))
    if not roles:
        raise NotThere
    return tuple(roles)


def fitting(
    session: Session, speaker: Speaker, *, since: date, back: date, now: datetime
) -> list[tuple[int, str]]:
    """The nearest people whom she can simply name, as (id, name); a few, all others by typing."""
    roles = taken_over(session, speaker, now=now)
    rows = _rows(session, speaker, roles, since=since, back=back, now=now)
    found = [one for one in rows if _fits(rows, one.person_id, roles)]
    found.sort(key=lambda one: (_distance(one.unit_path, roles), one.person_id))
    names = {one.person_id: one.name for one in found}
    return list(names.items())[:SHOWN]


def named(
    session: Session, speaker: Speaker, written: str, *, since: date, back: date, now: datetime
) -> int:
    """The one person whom a typed name means, fitting or not.

    Raises DeputyNotFound, and NobodyToAgree at once rather than when it is saved.
    """
    roles = taken_over(session, speaker, now=now)
    rows = _rows(session, speaker, roles, since=since, back=back, now=now, name=written.strip())
    ids = {one.person_id for one in rows}
    if len(ids) != 1:
        raise DeputyNotFound(count=len(ids))
    deputy_id = ids.pop()
    needs_agreement(session, speaker, deputy_id, since=since, back=back, now=now)
    return deputy_id


def needs_agreement(
    session: Session,
    speaker: Speaker,
    deputy_id: int,
    *,
    since: date,
    back: date,
    now: datetime,
) -> list[int]:
    """Whom a deputy has to be proposed to; none where she fits or her own word is enough.

    A coordinator gives out the roles of her unit herself, so where no other can be asked her word
    will do. Raises NobodyToAgree, and NotThere for somebody who cannot stand in then.
    """
    roles = taken_over(session, speaker, now=now)
    rows = _rows(session, speaker, roles, since=since, back=back, now=now)
    if deputy_id not in {one.person_id for one in rows}:
        raise NotThere
    if _fits(rows, deputy_id, roles):
        return []
    without = {speaker.person_id, deputy_id}
    asked = next_up(session, speaker.person_id, without, bot=speaker.bot, now=now)
    if not asked and COORDINATOR not in {role for role, _ in roles}:
        raise NobodyToAgree
    return asked


def next_up(
    session: Session, person_id: int, without: set[int], *, bot: int, now: datetime
) -> list[int]:
    """The nearest coordinators of somebody's units, or who stands in for one, but for these."""
    on = local_date(now, ZONE)
    path = shared_unit(session, person_id, on=on)
    for level in topic_people.coordinators(session, path, bot=bot, on=on):
        others = [one for one in level if one not in without]
        acting = [one for one in stored.who_acts(session, others, on=on) if one not in without]
        if acting:
            return acting
    return []


def shared_unit(session: Session, person_id: int, *, on: date) -> str:
    """The path of the unit that all she looks after lies in or under."""
    return _above_all(stored.roles_taken_over(session, person_id, on=on))


def _above_all(roles: Sequence[tuple[str, str]]) -> str:
    """The unit that all of these lie in or under: whoever coordinates it can agree to each."""
    paths = [path.strip("/").split("/") for _, path in roles]
    shared = [parts[0] for parts in zip(*paths, strict=False) if len(set(parts)) == 1]
    return f"/{'/'.join(shared)}/" if shared else ""


def plan(
    session: Session,
    speaker: Speaker,
    *,
    since: date,
    back: date,
    deputy_id: int | None,
    now: datetime,
) -> Plan:
    """What an absence would come to; raises AwayNotClear, and as `needs_agreement`."""
    today = local_date(now, ZONE)
    require_dates(since, back, today=today)
    asked: list[int] = []
    if deputy_id is not None:
        asked = needs_agreement(session, speaker, deputy_id, since=since, back=back, now=now)
    own_id, following = speaker.person_id, list[int]()
    if not deputy_id:
        following = next_up(session, own_id, {own_id}, bot=speaker.bot, now=now)
    standing = stored.overlapping(session, speaker.person_id, since=since, until=back)
    names = responders.names(session, {*asked, *following, *(one.person_id for one in standing)})
    return Plan(
        since=since,
        last=back - timedelta(days=1),
        back=back,
        deputy=session.get_one(Person, deputy_id).name if deputy_id is not None else "",
        asked=tuple(names[one] for one in asked),
        next_up=tuple(names[one] for one in following),
        duty=duty_lists(session, speaker.person_id, bot=speaker.bot),
        also_for=tuple(names[one.person_id] for one in standing),
    )


def duty_lists(session: Session, person_id: int, *, bot: int) -> tuple[DutyList, ...]:
    """The duty lists somebody is on, with how many others of each can be reached."""
    found = []
    for unit in duty.units_of(session, person_id):
        others = [one for one in duty.duty(session, unit.path) if one != person_id]
        reached = responders.reachable(session, others, bot=bot)
        found.append(DutyList(unit.name_zh, len(reached)))
    return tuple(found)


def _rows(
    session: Session,
    speaker: Speaker,
    roles: tuple[tuple[str, str], ...],
    *,
    since: date,
    back: date,
    now: datetime,
    name: str = "",
) -> list[Candidate]:
    rows = stored.candidates(
        session,
        f"/{roles[0][1].strip('/').split('/')[0]}/",
        bot=speaker.bot,
        on=local_date(now, ZONE),
        since=since,
        until=back,
        name=name,
    )
    return [one for one in rows if one.person_id != speaker.person_id]


def _fits(rows: list[Candidate], person_id: int, roles: tuple[tuple[str, str], ...]) -> bool:
    """Whether somebody holds a role that fits each of these."""
    own = [one for one in rows if one.person_id == person_id]
    return all(any(_covers(one, role, path) for one in own) for role, path in roles)


def _covers(one: Candidate, role: str, path: str) -> bool:
    """A coordinator for a coordinator, also of a unit below, whose roles are given out above.

    For a supervisor a supervisor or coordinator of the unit or one above: she gives out no roles.
    """
    if role == COORDINATOR:
        related = path.startswith(one.unit_path) or one.unit_path.startswith(path)
        return one.role == COORDINATOR and related
    return one.role in (SUPERVISOR, COORDINATOR) and path.startswith(one.unit_path)


def _distance(path: str, roles: tuple[tuple[str, str], ...]) -> tuple[bool, int]:
    """How far a unit is from hers: the same one, those above, those below."""
    own = _above_all(roles)
    return path.startswith(own) and path != own, abs(len(path) - len(own))
