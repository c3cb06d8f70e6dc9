"""Units of one's own part of the tree: counted, named, opened under one another, closed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.directory import PAGE, folded, page_of
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import INVISIBLE, NAME_LIMIT, ZONE, Speaker
from curriculum.people_errors import UnitNameNotUsable, UnitNameTaken, UnitNotEmpty, UnitNotFound
from curriculum.rhythm import local_date
from storage import audit, records
from storage import units as stored
from storage.people import Unit, add_unit
from storage.units import UnitRow

# From the widest to the narrowest; a unit stands under a wider one.
LEVELS = ("region", "prefecture", "county_centre", "township_station", "point")
# Learning figures of fewer people than that would be figures about somebody.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with everything under it counted."""

    unit_id: int
    name: str
    level: str
    people: int
    reachable: int


@dataclass(frozen=True, slots=True)
class UnitsPage:
    """A unit and one page of what stands directly under it; `unit` is None above the topmost."""

    unit: UnitLine | None
    parent_id: int | None
    lines: tuple[UnitLine, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One unit; `minutes_month` is None where fewer than five people stand
    behind it."""

    unit: UnitLine
    parent_id: int | None
    children: int
    minutes_month: int | None
    may_close: bool


def _unit(session: Session, speaker: Speaker, unit_id: int, *, today: date) -> UnitRow:
    rows = stored.units_by_id(session, [unit_id], bot=speaker.bot, on=today)
    if not rows:
        raise NotThere
    speaker.require("manage_people", unit_path=rows[0].path)
    return rows[0]


def _unit_line(row: UnitRow) -> UnitLine:
    return UnitLine(row.unit_id, row.name, row.level, row.people, row.reachable)


def units(
    session: Session, speaker: Speaker, unit_id: int | None, *, page: int = 0, now: datetime
) -> UnitsPage:
    """A unit and what stands directly under it; with None her own topmost. Raises NotThere."""
    speaker.require("manage_people")
    today, roots = local_date(now, ZONE), _roots(speaker)
    if unit_id is None and len(roots) == 1:
        unit_id = roots[0]
    if unit_id is None:
        page, pages = page_of(len(roots), page)
        ids, unit, parent_id = roots[page * PAGE : (page + 1) * PAGE], None, None
    else:
        row = _unit(session, speaker, unit_id, today=today)
        page, pages = page_of(stored.count_children(session, unit_id, on=today), page)
        ids = stored.children_of(session, unit_id, on=today, limit=PAGE, offset=page * PAGE)
        unit, parent_id = _unit_line(row), _parent(speaker, row)
    rows = stored.units_by_id(session, ids, bot=speaker.bot, on=today)
    return UnitsPage(unit, parent_id, tuple(map(_unit_line, rows)), page, pages)


def _roots(speaker: Speaker) -> list[int]:
    return [int(path.strip("/").split("/")[-1]) for path in speaker.reach("manage_people")]


def _parent(speaker: Speaker, row: UnitRow) -> int | None:
    """The unit above, where she reaches that far."""
    return None if row.unit_id in _roots(speaker) else row.parent_id


def unit(session: Session, speaker: Speaker, unit_id: int, *, now: datetime) -> UnitPage:
    """One unit with its figures, kept back where they would be about somebody; raises NotThere."""
    today = local_date(now, ZONE)
    row = _unit(session, speaker, unit_id, today=today)
    children = stored.count_children(session, unit_id, on=today)
    minutes = None
    if row.people >= FEWEST:
        minutes = records.unit_minutes(session, unit_path=row.path, since=today.replace(day=1))
    may_close = row.people == 0 and row.unit_id not in _roots(speaker)
    return UnitPage(_unit_line(row), _parent(speaker, row), children, minutes, may_close)


def named(session: Session, speaker: Speaker, written: str, *, now: datetime) -> tuple[int, str]:
    """The one open unit she looks after that is called so, or whose name holds it: (id, name).

    Raises UnitNotFound for none or several; what lies outside her reach is not there.
    """
    speaker.require("manage_people")
    wanted = folded(clean(written)).strip().strip("་།༌")
    reach = stored.open_units(session, speaker.reach("manage_people"), on=local_date(now, ZONE))
    same = [(i, name) for i, _, name in reach if folded(name) == wanted]
    found = same or [(i, name) for i, _, name in reach if wanted and wanted in folded(name)]
    if len(found) != 1:
        raise UnitNotFound(name=written.strip()[:NAME_LIMIT])
    return found[0]


def near(
    session: Session, speaker: Speaker, unit_id: int | None, *, now: datetime
) -> list[tuple[int, str]]:
    """Up to six open units she looks after, those beside a unit first: (id, name)."""
    speaker.require("manage_people")
    reach = stored.open_units(session, speaker.reach("manage_people"), on=local_date(now, ZONE))
    beside = next((path for i, path, _ in reach if i == unit_id), "/")
    parent = beside.rstrip("/").rpartition("/")[0] + "/"
    others = [row for row in reach if row[0] != unit_id]
    others.sort(key=lambda row: not row[1].startswith(parent))
    return [(i, name) for i, _, name in others[:PAGE]]


def open_unit(session: Session, speaker: Speaker, unit_id: int, *, now: datetime) -> Unit:
    """A unit she may change, locked until the end of the transaction; raises NotThere."""
    unit = stored.locked_unit(session, unit_id)
    if unit is None or (unit.active_to and unit.active_to <= local_date(now, ZONE)):
        raise NotThere
    speaker.require("manage_people", unit_path=unit.path)
    return unit


def usable_unit_name(written: str) -> str:
    """A unit's name as it should stand: one line; raises UnitNameNotUsable."""
    name = " ".join(INVISIBLE.sub("", clean(written)).split())
    if not 1 <= len(name) <= NAME_LIMIT or not any(map(str.isalnum, name)):
        raise UnitNameNotUsable(limit=NAME_LIMIT)
    return name


def rename(
    session: Session, speaker: Speaker, unit_id: int, *, old: str, new: str, now: datetime
) -> None:
    """Give a unit another name; raises ChangedMeanwhile when it is not called `old` any more."""
    unit, name = open_unit(session, speaker, unit_id, now=now), usable_unit_name(new)
    if unit.name_zh != old:
        raise ChangedMeanwhile
    if name == old:
        return
    _require_free(session, unit.parent_id, name, now=now)
    unit.name_zh = name
    session.add(unit)
    _audit(session, speaker, "rename_unit", unit_id, now=now)


def add(
    session: Session, speaker: Speaker, *, parent_id: int, level: str, name: str, now: datetime
) -> int:
    """Open a unit under another; returns its id. Raises NotThere, UnitNameTaken."""
    parent, name = open_unit(session, speaker, parent_id, now=now), usable_unit_name(name)
    if level not in levels_under(parent.level):
        raise NotThere
    _require_free(session, parent.id, name, now=now)
    unit = add_unit(session, name_zh=name, level=level, parent=parent)
    unit.active_from = local_date(now, ZONE)
    _audit(session, speaker, "add_unit", unit.id or 0, now=now, parent=parent_id, level=level)
    return unit.id or 0


def levels_under(level: str) -> tuple[str, ...]:
    """What may stand under a unit of a level; points may hold points."""
    place = LEVELS.index(level) if level in LEVELS else 0
    return LEVELS[place + 1 :] or LEVELS[-1:]


def close(session: Session, speaker: Speaker, unit_id: int, *, now: datetime) -> int | None:
    """Close a unit and what is under it, where nobody works any more; returns its parent's id.

    Raises UnitNotEmpty; NotThere for her own topmost unit, on which her own rights stand.
    """
    unit = open_unit(session, speaker, unit_id, now=now)
    if unit_id in _roots(speaker):
        raise NotThere
    count = stored.people_under(session, unit.path)
    if count:
        raise UnitNotEmpty(count=count)
    stored.close_units(session, unit.path, on=local_date(now, ZONE))
    _audit(session, speaker, "close_unit", unit_id, now=now)
    return unit.parent_id


def _require_free(session: Session, parent_id: int | None, name: str, *, now: datetime) -> None:
    on = local_date(now, ZONE)
    if stored.sibling_named(session, parent_id=parent_id, name=name, on=on):
        raise UnitNameTaken(name=name)


def _audit(
    session: Session, speaker: Speaker, action: str, unit_id: int, *, now: datetime, **facts: object
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
