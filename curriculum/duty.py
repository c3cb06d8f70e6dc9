"""A unit's emergency contacts and duty list: who is called, and who is told, in danger."""

from dataclasses import dataclass
from datetime import datetime

import regex  # type: ignore[import-untyped]
from sqlmodel import Session

from curriculum import directory
from curriculum.clean_text import clean
from curriculum.duty_errors import ContactNotClear
from curriculum.errors import NotThere, PersonNotClear
from curriculum.people import COORDINATOR, SUPERVISOR, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import audit, deputies, responders
from storage import duty as stored
from storage.people import Unit

RIGHT = "set_duty"
# Everybody knows these two; they stand wherever a unit has none of its own, and beside those.
POLICE, AMBULANCE = "110", "120"
ON_DUTY_AT_LEAST, ON_DUTY_AT_MOST, CONTACTS_AT_MOST, NAME_LIMIT = 2, 8, 6, 20
# One contact a line: what it is called, then its number, or the other way round.
_NUMBER = regex.compile(r"\+?\d[\d\s()-]{1,18}\d")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody of a duty list, and whether the bot reaches her.

    `deputy` is who is called in her place while she is away, "" where nobody is.
    """

    person_id: int
    name: str
    is_reachable: bool
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class DutyPage:
    """A unit's own contacts and duty list; what is empty is taken from the unit above."""

    unit_id: int
    unit_name: str
    contacts: tuple[Contact, ...]
    on_duty: tuple[OnDuty, ...]
    lacks_contacts: bool
    lacks_duty: bool


@dataclass(frozen=True, slots=True)
class Lack:
    """What a unit with everything above it still lacks for a moment of danger."""

    unit_id: int
    unit_name: str
    contacts: bool
    on_duty: int


def contacts_of(session: Session, unit_id: int | None) -> tuple[Contact, ...]:
    """Whom somebody of this unit calls: the nearest unit's contacts; none where nobody set any."""
    unit = session.get(Unit, unit_id) if unit_id else None
    rows = stored.contacts(session, unit.path) if unit else []
    return tuple(Contact(row.name, row.phone) for row in rows)


def page(session: Session, speaker: Speaker, unit_id: int | None, *, now: datetime) -> DutyPage:
    """A unit's page, of her own topmost for None; raises NotThere."""
    unit = _unit(session, speaker, unit_id)
    here = unit.id or 0
    own, ids = stored.own_contacts(session, here), stored.own_duty(session, here)
    reached = {one.person_id for one in responders.reachable(session, ids, bot=speaker.bot)}
    away = deputies.away_among(session, ids, on=local_date(now, ZONE))
    names = responders.names(session, {*ids, *(one for one in away.values() if one is not None)})
    lack = _lack(session, unit, bot=speaker.bot)
    return DutyPage(
        here,
        unit.name_zh,
        tuple(Contact(row.name, row.phone) for row in own),
        tuple(
            OnDuty(i, names.get(i, ""), i in reached, names.get(away.get(i) or 0, "")) for i in ids
        ),
        lacks_contacts=not lack.contacts,
        lacks_duty=lack.on_duty < ON_DUTY_AT_LEAST,
    )


def read_contacts(written: str) -> list[tuple[str, str]]:
    """Contacts as they are pasted, one a line: (name, number); raises ContactNotClear."""
    rows = []
    for line in clean(written).splitlines():
        if not line.strip():
            continue
        found = _NUMBER.search(line) or regex.search(r"\b\d{3,5}\b", line)
        name = line.replace(found.group(), " ").strip(" 　:：,，、-") if found else ""
        if found is None or not 1 <= len(name) <= NAME_LIMIT:
            raise ContactNotClear(line=line.strip()[:NAME_LIMIT])
        rows.append((name, " ".join(found.group().split())))
    if not 1 <= len(rows) <= CONTACTS_AT_MOST:
        raise ContactNotClear(line="")
    return rows


def set_contacts(
    session: Session, speaker: Speaker, unit_id: int, written: str, *, now: datetime
) -> None:
    """Replace a unit's contacts; raises NotThere, ContactNotClear."""
    rows = read_contacts(written)
    unit = _unit(session, speaker, unit_id)
    stored.set_contacts(session, unit.id or 0, rows)
    _write_down(session, speaker, "set_contacts", unit_id, now=now, count=len(rows))


def candidates(
    session: Session, speaker: Speaker, unit_id: int, *, now: datetime
) -> list[tuple[int, str]]:
    """Who may be put on a unit's list by a button: its supervisors and coordinators, six at most.

    Anybody else of her people can be named.
    """
    unit = _unit(session, speaker, unit_id)
    on = set(stored.own_duty(session, unit_id))
    found = responders.of_unit(
        session,
        unit.path,
        roles=[SUPERVISOR, COORDINATOR],
        bot=speaker.bot,
        on=local_date(now, ZONE),
    )
    return [(one.person_id, one.name) for one in found if one.person_id not in on][:6]


def named(session: Session, speaker: Speaker, written: str, *, now: datetime) -> int:
    """The one person of hers whom these words mean; raises PersonNotClear for none or several."""
    found = directory.people(session, speaker, words=written, now=now)
    if found.count != 1:
        raise PersonNotClear(count=found.count)
    return found.lines[0].person_id


def put_on(
    session: Session, speaker: Speaker, unit_id: int, person_id: int, *, now: datetime
) -> None:
    """Put somebody whom she may see at the end of a unit's duty list; twice changes nothing."""
    unit = _unit(session, speaker, unit_id)
    on = stored.own_duty(session, unit_id)
    if person_id in on:
        return
    known = {who for who, _ in candidates(session, speaker, unit_id, now=now)}
    if person_id not in known:
        directory.person(session, speaker, person_id, now=now)
    if len(on) >= ON_DUTY_AT_MOST:
        raise NotThere
    stored.put_on_duty(session, unit.id or 0, person_id)
    _write_down(session, speaker, "put_on_duty", unit_id, now=now, person=person_id)


def take_off(
    session: Session, speaker: Speaker, unit_id: int, person_id: int, *, now: datetime
) -> None:
    """Take somebody off a unit's duty list."""
    _unit(session, speaker, unit_id)
    if stored.take_off_duty(session, unit_id, person_id):
        _write_down(session, speaker, "take_off_duty", unit_id, now=now, person=person_id)


def lacking(session: Session, speaker: Speaker) -> list[Lack]:
    """Which of her topmost units are not ready for danger; none for whoever cannot change it."""
    if not speaker.may(RIGHT):
        return []
    tops = [int(path.strip("/").rpartition("/")[2]) for path in speaker.reach(RIGHT)]
    units = [session.get_one(Unit, unit_id) for unit_id in tops]
    return _not_ready(session, units, bot=speaker.bot)


def lacking_anywhere(session: Session, *, bot: int | None = None) -> list[Lack]:
    """The units of cohorts that are not ready for danger."""
    rows = [session.get_one(Unit, unit_id) for unit_id in stored.units_with_cohorts(session)]
    return _not_ready(session, rows, bot=bot)


def is_needed(session: Session) -> bool:
    """Whether anybody learns here yet."""
    return bool(stored.units_with_cohorts(session))


def _not_ready(session: Session, units: list[Unit], *, bot: int | None) -> list[Lack]:
    found = [_lack(session, unit, bot=bot) for unit in units]
    return [lack for lack in found if not lack.contacts or lack.on_duty < ON_DUTY_AT_LEAST]


def _lack(session: Session, unit: Unit, *, bot: int | None) -> Lack:
    ids = stored.duty(session, unit.path)
    if bot is not None:
        ids = [one.person_id for one in responders.reachable(session, ids, bot=bot)]
    contacts = bool(stored.contacts(session, unit.path))
    return Lack(unit.id or 0, unit.name_zh, contacts, len(ids))


def _unit(session: Session, speaker: Speaker, unit_id: int | None) -> Unit:
    speaker.require(RIGHT)
    if unit_id is None:
        unit_id = int(speaker.reach(RIGHT)[0].strip("/").rpartition("/")[2])
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotThere
    speaker.require(RIGHT, unit_path=unit.path)
    return unit


def _write_down(
    session: Session, speaker: Speaker, action: str, unit_id: int, *, now: datetime, **facts: int
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="unit",
        object_id=unit_id,
        **facts,
    )
