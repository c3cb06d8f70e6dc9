"""How far a training covers the units it is for: counts only, small units together."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import directory, training_events
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.people import unit_names
from storage.training_seats import DECLINED, REGISTERED, WAITING

PAGE = 8
# Smaller units are counted together (EXPERIENCE section 9).
SHOWN_FROM = 5


@dataclass(frozen=True, slots=True)
class UnitLine:
    """How far a unit is covered; `unit` "" for the small ones together."""

    unit: str
    invited: int
    registered: int
    waiting: int
    declined: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A training's coverage by unit; small ones are in the last line, or left out where they are
    too few together (`hidden`).
    """

    event_id: int
    title: str
    lines: tuple[UnitLine, ...]
    page: int
    pages: int
    hidden: bool
    units: int
    covered: int
    words: str


def coverage(
    session: Session,
    speaker: Speaker,
    event_id: int,
    *,
    words: str = "",
    page: int = 0,
    now: datetime,
) -> Coverage:
    """How many of each unit come, for whoever arranges it; units under five only together.

    With `words` the units whose name holds each of them. Raises NotThere, SearchTooLong.
    """
    words = directory.searched(words)
    event = stored.event(session, event_id, bot=speaker.bot)
    if event is None or not training_events.arranges(session, speaker, event):
        raise NotThere
    names = {unit_id: name for unit_id, (_, name) in unit_names(session).items()}
    states = {
        one.person_id: one.state
        for one in seats.seated(session, event_id, [REGISTERED, WAITING, DECLINED])
    }
    by_unit: dict[int | None, list[str | None]] = {}
    for person_id, unit_id in people.invited(session, event, on=local_date(now, ZONE)):
        by_unit.setdefault(unit_id, []).append(states.get(person_id))
    large, small = [], []
    for unit_id, found in by_unit.items():
        if unit_id is not None and len(found) >= SHOWN_FROM:
            large.append(_unit_line(names.get(unit_id, ""), found))
        else:
            small += found
    large.sort(key=lambda one: one.unit)
    is_shown = len(small) >= SHOWN_FROM
    lines = [*large, *([_unit_line("", small)] if is_shown else [])]
    lines = [
        one
        for one in lines
        if all(word in directory.folded(one.unit) for word in directory.wanted(words))
    ]
    pages = max(1, -(-len(lines) // PAGE))
    page = min(page, pages - 1)
    return Coverage(
        event_id=event_id,
        title=event.title,
        lines=tuple(lines[page * PAGE : (page + 1) * PAGE]),
        page=page,
        pages=pages,
        hidden=bool(small) and not is_shown,
        units=len(by_unit),
        covered=sum(REGISTERED in found for found in by_unit.values()),
        words=words,
    )


def _unit_line(unit: str, found: list[str | None]) -> UnitLine:
    return UnitLine(
        unit,
        len(found),
        found.count(REGISTERED),
        found.count(WAITING),
        found.count(DECLINED),
    )
