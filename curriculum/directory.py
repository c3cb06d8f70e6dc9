"""Who is where, for those who look after them: lists, one person, a supervisor's workers.

Per person: enrolled, reachable, hours, attendance where it was asked. Never an answer, right or
wrong, recall, a question or why somebody rests (EXPERIENCE section 9).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import deputy_pages, pauses_seen
from curriculum.clean_text import clean
from curriculum.deputy_pages import AwaySeen
from curriculum.errors import NotThere, SearchTooLong
from curriculum.pauses_seen import PauseSeen
from curriculum.people import ADMINISTRATOR, LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import directory as stored
from storage import records
from storage.deputies import TAKEN_OVER
from storage.directory import Findable, GrantRow, PersonRow
from storage.people import Unit
from storage.units import ACTIVE

PAGE = 6
WORDS_LIMIT = 60
# Fewer digits than that end too many telephone numbers.
PHONE_DIGITS = 3
# The evidence that somebody was there; a lesson read alone has none of these.
ATTENDED = ("signed_in", "roll_call", "on_paper")
REACHABLE, NOT_JOINED, UNREACHABLE, LEFT = "reachable", "not_joined", "unreachable", "left"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whether a person can be reached: a state of this module, and since when she cannot."""

    state: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in a list; `roles` are codes."""

    person_id: int
    name: str
    unit_name: str
    roles: tuple[str, ...]
    contact: Contact


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of people, counted from 0; `words` is what was searched for, "" for all."""

    lines: tuple[PersonLine, ...]
    page: int
    pages: int
    count: int
    words: str
    unit_id: int | None = None
    unit_name: str | None = None


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role and where it reaches."""

    grant_id: int
    role: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything a coordinator sees of one person; minutes of this month and this year.

    `attended` counts gatherings of this year where presence was taken down.
    """

    person_id: int
    name: str
    number: str | None
    unit_id: int
    unit_name: str
    roles: tuple[RoleHeld, ...]
    cohorts: tuple[str, ...]
    since: date
    contact: Contact
    minutes_month: int
    minutes_year: int
    attended: int
    is_changeable: bool
    pause: PauseSeen | None = None
    away: AwaySeen | None = None
    # Whether whoever looks at it can set or end her being away.
    may_set_away: bool = False

    @property
    def learns(self) -> bool:
        """Whether lessons are sent to her, which she can rest from."""
        return any(held.role == LEARNER for held in self.roles)


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """What a supervisor sees of a worker, and no more; minutes of this month and this year."""

    name: str
    unit_name: str
    contact: Contact
    minutes_month: int
    minutes_year: int


@dataclass(frozen=True, slots=True)
class WorkersPage:
    """One page of a supervisor's workers, counted from 0."""

    lines: tuple[WorkerLine, ...]
    page: int
    pages: int
    count: int


def page_of(count: int, page: int, *, size: int = PAGE) -> tuple[int, int]:
    """(the page that exists nearest to the one asked for, how many there are)."""
    pages = max(1, -(-count // size))
    return min(max(0, page), pages - 1), pages


def folded(text: str) -> str:
    """A text as it is compared: one width, one case."""
    return unicodedata.normalize("NFKC", text).casefold()


def wanted(written: str) -> list[str]:
    """The words to look for, without the Tibetan marks that end a syllable or a sentence."""
    words = (word.strip("་།༌") for word in folded(clean(written)).split())
    return [word for word in words if word]


def fitting(everybody: Iterable[Findable], words: Sequence[str]) -> list[int]:
    """Whose name, number or station holds every word, or whose telephone number ends with it."""
    stations: dict[str, str] = {}
    found = []
    for person in everybody:
        if person.unit_name not in stations:
            stations[person.unit_name] = folded(person.unit_name)
        texts = (folded(person.name), folded(person.number or ""), stations[person.unit_name])
        if all(
            any(word in text for text in texts) or _ends_phone(person.phone, word) for word in words
        ):
            found.append(person.person_id)
    return found


def _ends_phone(phone: str | None, word: str) -> bool:
    if not phone or not word.isdecimal() or len(word) < PHONE_DIGITS:
        return False
    return "".join(filter(str.isdecimal, phone)).endswith(word)


def searched(written: str) -> str:
    """What was typed to search for, on one line; raises SearchTooLong."""
    words = " ".join(clean(written).split())
    if len(words) > WORDS_LIMIT:
        raise SearchTooLong(limit=WORDS_LIMIT)
    return words


def contact(row: PersonRow) -> Contact:
    """Whether this person can be reached."""
    if row.status != ACTIVE:
        return Contact(LEFT)
    if not row.is_linked:
        return Contact(NOT_JOINED)
    return Contact(REACHABLE) if row.is_reachable else Contact(UNREACHABLE, row.unreachable_since)


def people(
    session: Session,
    speaker: Speaker,
    *,
    words: str = "",
    unit_id: int | None = None,
    page: int = 0,
    now: datetime,
) -> PeoplePage:
    """One page of the people she looks after, all or those who fit every word.

    Those who left are found by their name only, so that they can come back. Raises NotThere,
    SearchTooLong.
    """
    speaker.require("manage_people")
    words, today = searched(words), local_date(now, ZONE)
    paths, unit_name = speaker.reach("manage_people"), None
    if unit_id is not None:
        unit = session.get(Unit, unit_id)
        if unit is None:
            raise NotThere
        speaker.require("manage_people", unit_path=unit.path)
        paths, unit_name = (unit.path,), unit.name_zh
    if looked_for := wanted(words):
        found = fitting(stored.findable(session, paths), looked_for)
        count = len(found)
        page, pages = page_of(count, page)
        ids = found[page * PAGE : (page + 1) * PAGE]
    else:
        count = stored.count_people(session, paths, role=None, on=today)
        page, pages = page_of(count, page)
        ids = stored.people_in(session, paths, role=None, on=today, limit=PAGE, offset=page * PAGE)
    lines = _lines(session, ids, bot=speaker.bot, today=today)
    return PeoplePage(lines, page, pages, count, words, unit_id, unit_name)


def _lines(
    session: Session, ids: Sequence[int], *, bot: int, today: date
) -> tuple[PersonLine, ...]:
    held: dict[int, dict[str, None]] = {}
    for grant in stored.grants_of(session, ids, on=today):
        held.setdefault(grant.person_id, {})[grant.role] = None
    return tuple(
        PersonLine(
            row.person_id,
            row.name,
            row.unit_name,
            tuple(held.get(row.person_id, ())),
            contact(row),
        )
        for row in stored.rows_of(session, ids, bot=bot)
    )


def row_within_reach(session: Session, speaker: Speaker, person_id: int) -> PersonRow:
    """A person she looks after; raises NotThere."""
    rows = stored.rows_of(session, [person_id], bot=speaker.bot)
    if not rows:
        raise NotThere
    speaker.require("manage_people", unit_path=rows[0].unit_path)
    return rows[0]


def may_change(speaker: Speaker, grants: Sequence[GrantRow]) -> bool:
    """Whether none of these roles reaches further than her own.

    Otherwise the coordinator of a station could let somebody else into her superior's place.
    """
    return all(
        speaker.may("manage_people", unit_path=grant.unit_path)
        and (grant.role != ADMINISTRATOR or is_administrator(speaker, grant.unit_path))
        for grant in grants
    )


def is_administrator(speaker: Speaker, unit_path: str) -> bool:
    """Whether she is an administrator of a unit."""
    return any(
        g.role == ADMINISTRATOR and unit_path.startswith(g.unit_path) for g in speaker.grants
    )


def person(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> PersonPage:
    """One person as a coordinator sees her; raises NotThere."""
    row, today = row_within_reach(session, speaker, person_id), local_date(now, ZONE)
    grants = stored.grants_of(session, [person_id], on=today)
    month, year, attended = _minutes(session, [person_id], today=today).get(person_id, (0, 0, 0))
    return PersonPage(
        person_id=person_id,
        name=row.name,
        number=row.number,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        roles=tuple(RoleHeld(g.grant_id, g.role, g.unit_name) for g in grants),
        cohorts=tuple(c.name for _, c in stored_cohorts.cohorts_of(session, person_id)),
        since=row.since,
        contact=contact(row),
        minutes_month=month,
        minutes_year=year,
        attended=attended,
        is_changeable=may_change(speaker, grants),
        pause=pauses_seen.seen(session, person_id, today=today),
        away=deputy_pages.seen_of(session, person_id, today=today),
        may_set_away=person_id != speaker.person_id and _may_agree(speaker, grants),
    )


def _may_agree(speaker: Speaker, grants: Sequence[GrantRow]) -> bool:
    """Whether every role of these that a deputy takes over is hers to agree on."""
    paths = [grant.unit_path for grant in grants if grant.role in TAKEN_OVER]
    agrees = deputy_pages.AGREES
    return bool(paths) and all(speaker.may(agrees, unit_path=path) for path in paths)


def _minutes(
    session: Session, ids: Sequence[int], *, today: date
) -> dict[int, tuple[int, int, int]]:
    return records.minutes_of(
        session,
        ids,
        month=today.replace(day=1),
        year=today.replace(month=1, day=1),
        attended=ATTENDED,
    )


def workers(session: Session, speaker: Speaker, *, page: int = 0, now: datetime) -> WorkersPage:
    """One page of the learners of a supervisor's units; raises NotThere."""
    speaker.require("see_workers")
    paths, today = speaker.reach("see_workers"), local_date(now, ZONE)
    count = stored.count_people(session, paths, role=LEARNER, on=today)
    page, pages = page_of(count, page)
    ids = stored.people_in(session, paths, role=LEARNER, on=today, limit=PAGE, offset=page * PAGE)
    minutes = _minutes(session, ids, today=today)
    lines = tuple(
        WorkerLine(
            row.name, row.unit_name, contact(row), *minutes.get(row.person_id, (0, 0, 0))[:2]
        )
        for row in stored.rows_of(session, ids, bot=speaker.bot)
    )
    return WorkersPage(lines, page, pages, count)
