"""The people of a batch: put on its list, taken off it, what each says, who still has to be called.

Officials who are no learners, and people without a chat, stand on the list like everybody else:
whoever arranges the visit writes down what they said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import chain_list, directory, visit_owing
from curriculum.chain_list import Matched
from curriculum.errors import NotThere
from curriculum.event_access import path_of
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK, UNDO
from curriculum.visit_errors import VisitBegun, VisitHeard, VisitTooMany, VisitUndoTooLate
from curriculum.visit_pages import ends_at, to_arrange, write_down
from curriculum.visit_words import Official
from storage import deliveries, units
from storage import directory as stored_directory
from storage import visit_people as lines
from storage import visits as stored
from storage.visit_people import Listed
from storage.visits import (
    CANCELLED,
    INVITED,
    LISTED,
    NOT_COMING,
    WITHDRAWN,
    ExchangeVisit,
    VisitPerson,
)

MOST = 200
MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits the words: (person, name and station) of the first few, and how many there are."""

    people: tuple[tuple[int, str], ...]
    count: int


def find(session: Session, speaker: Speaker, visit_id: int, words: str, *, now: datetime) -> Found:
    """People of the visit's unit by name, number or station; NotThere, SearchTooLong."""
    visit = to_arrange(session, speaker, visit_id, lock=False)
    require_ahead(visit, now=now)
    looked_for = directory.wanted(directory.searched(words))
    everybody = list(stored_directory.findable(session, [path_of(session, visit)]))
    ids = directory.fitting(everybody, looked_for) if looked_for else []
    by_id = {one.person_id: one for one in everybody}
    there = lines.homes(session, ids, path_of(session, visit))
    shown = [by_id[person_id] for person_id in ids if person_id in there]
    few = tuple((one.person_id, f"{one.name} {one.unit_name}") for one in shown[:MOST_SHOWN])
    return Found(few, len(shown))


def match(
    session: Session, speaker: Speaker, visit_id: int, text: str, *, now: datetime
) -> Matched:
    """Whom pasted names mean; a line that is a unit's or a cohort's name means all its learners.

    Raises NotThere, NoNumbers, VisitBegun.
    """
    visit = to_arrange(session, speaker, visit_id, lock=False)
    require_ahead(visit, now=now)
    return match_in(session, path_of(session, visit), text, bot=visit.bot, now=now)


def match_in(session: Session, path: str, text: str, *, bot: int, now: datetime) -> Matched:
    """`match` among the people of a unit; raises NoNumbers."""
    today = local_date(now, ZONE)
    known = {name: own for _, own, name in units.open_units(session, [path], on=today)}
    cohorts = lines.cohorts_named(session, path, bot=bot)
    groups: list[int] = []
    rest: list[str] = []
    for line in text.splitlines():
        name = " ".join(line.split())
        if name in known:
            groups += lines.learners_of_unit(session, known[name], on=today)
        elif name in cohorts:
            groups += lines.members_of_cohort(session, cohorts[name], on=today)
        else:
            rest.append(line)
    if groups and not any(line.strip() for line in rest):
        return Matched(tuple(dict.fromkeys(groups)), (), ())
    found = chain_list.match("\n".join(rest), lines.roster(session, [path]))
    sure = tuple(dict.fromkeys((*groups, *found.sure)))
    return Matched(sure, found.unsure, found.unknown, found.away)


def add(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    person_ids: Sequence[int],
    *,
    now: datetime,
) -> int:
    """Put people of the unit on the list; gives how many were not on it yet.

    After the approval each of them is told, a minute from now. Raises NotThere, VisitBegun,
    VisitTooMany.
    """
    visit = to_arrange(session, speaker, visit_id)
    require_ahead(visit, now=now)
    there = lines.homes(session, person_ids, path_of(session, visit))
    fresh = []
    for person_id in dict.fromkeys(person_ids):
        if person_id not in there:
            continue
        found = stored.line_of(session, visit_id, person_id)
        if found is not None and found.state in LISTED:
            continue
        fresh.append((person_id, found))
    _require_room(session, visit, len(fresh))
    for person_id, found in fresh:
        name, unit_name = there[person_id]
        line = found or VisitPerson(
            visit_id=visit_id,
            person_id=person_id,
            name=name,
            unit_name=unit_name,
            state=INVITED,
            version=0,
            changed_at=now,
        )
        line.name, line.unit_name = name, unit_name
        # Whoever comes new has seen no earlier change, and is told how it stands now.
        line.confirmed = visit.change
        set_state(session, visit, line, INVITED, actor_id=speaker.person_id, now=now)
        visit_owing.tell_place(session, visit, line, visit_owing.ADDED, now=now)
    return len(fresh)


def add_officials(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    officials: Sequence[Official],
    *,
    now: datetime,
) -> int:
    """Put people who are no learners on the list; the same name of the same unit is once.

    Raises NotThere, VisitBegun, VisitTooMany.
    """
    visit = to_arrange(session, speaker, visit_id)
    require_ahead(visit, now=now)
    known = {
        (one.name, one.unit_name)
        for one in stored.people(session, visit_id)
        if one.person_id is None
    }
    fresh = {
        (one.name, one.unit_name): one
        for one in officials
        if (one.name, one.unit_name) not in known
    }
    _require_room(session, visit, len(fresh))
    for one in fresh.values():
        line = VisitPerson(
            visit_id=visit_id,
            name=one.name,
            post=one.post,
            unit_name=one.unit_name,
            phone=one.phone,
            state=INVITED,
            confirmed=visit.change,
            version=0,
            changed_at=now,
        )
        set_state(session, visit, line, INVITED, actor_id=speaker.person_id, now=now)
    return len(fresh)


def take_back_added(
    session: Session, speaker: Speaker, visit_id: int, at: datetime, *, now: datetime
) -> int:
    """撤回 within the minute: whom she put on the list at that moment is off it, unheard.

    Gives how many; whoever was answered for since stays. Raises NotThere, VisitHeard.
    """
    visit = to_arrange(session, speaker, visit_id)
    if now - at >= TAKE_BACK:
        raise VisitHeard
    found = [
        line
        for line in stored.people(session, visit_id, [INVITED])
        if line.changed_at == at and line.changed_by == speaker.person_id
    ]
    for line in found:
        set_state(session, visit, line, WITHDRAWN, actor_id=speaker.person_id, now=now)
    return len(found)


def put_back(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, state: str, *, now: datetime
) -> None:
    """撤销 within ten minutes: somebody taken off stands on the list again as she did (`state`).

    Only where she heard that she is off it is she told. NotThere, VisitUndoTooLate, VisitBegun.
    """
    visit = to_arrange(session, speaker, visit_id)
    line = stored.line(session, line_id)
    is_off = line is not None and line.visit_id == visit_id and line.state == WITHDRAWN
    if line is None or not is_off or state not in LISTED:
        raise NotThere
    require_ahead(visit, now=now)
    if now - line.changed_at >= UNDO:
        raise VisitUndoTooLate
    heard = deliveries.has_any(
        session,
        kind=visit_owing.PLACE,
        occasion=f"{visit_id}:{line.version}:{visit_owing.TAKEN_OFF}",
        statuses=(deliveries.SENT, deliveries.CLAIMED),
    )
    reason = "unsaid" if state == NOT_COMING else ""
    set_state(session, visit, line, state, actor_id=speaker.person_id, now=now, reason=reason)
    if heard:
        visit_owing.tell_place(session, visit, line, visit_owing.ADDED, now=now)


def _require_room(session: Session, visit: ExchangeVisit, count: int) -> None:
    if len(stored.people(session, visit.id or 0)) + count > MOST:
        raise VisitTooMany(limit=MOST)


def require_ahead(visit: ExchangeVisit, *, now: datetime) -> None:
    """People join and leave a batch to the end of its last day, but not one that is called off."""
    if visit.state == CANCELLED:
        raise NotThere
    if ends_at(visit) <= now:
        raise VisitBegun


def set_state(
    session: Session,
    visit: ExchangeVisit,
    line: VisitPerson,
    state: str,
    *,
    actor_id: int,
    now: datetime,
    reason: str = "",
) -> None:
    line.state, line.reason, line.version = state, reason, line.version + 1
    line.changed_by, line.changed_at = actor_id, now
    session.add(line)
    session.flush()
    write_down(
        session,
        visit,
        f"visit_{state}",
        actor_id=actor_id,
        now=now,
        line=line.id,
        person=line.person_id,
    )


def line_to_arrange(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, *, lock: bool
) -> tuple[ExchangeVisit, VisitPerson, Listed]:
    visit = to_arrange(session, speaker, visit_id, lock=lock)
    line = stored.line(session, line_id)
    if line is None or line.visit_id != visit_id:
        raise NotThere
    shown = [one for one in lines.listed(session, visit) if one.line_id == line_id]
    if not shown:
        raise NotThere
    return visit, line, shown[0]


def take_off(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, *, now: datetime
) -> str:
    """Take somebody off the list, who is told where messages reach her; gives her name.

    Raises NotThere, VisitBegun.
    """
    visit, line, shown = line_to_arrange(session, speaker, visit_id, line_id, lock=True)
    require_ahead(visit, now=now)
    set_state(session, visit, line, WITHDRAWN, actor_id=speaker.person_id, now=now)
    visit_owing.tell_place(session, visit, line, visit_owing.TAKEN_OFF, now=now)
    return shown.name
