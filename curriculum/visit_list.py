"""The list of exchange visits that concern somebody, paged and searched."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import SearchTooLong
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_pages import phase_of, plans, starts_at
from curriculum.visit_words import StopPlan
from storage import visits as stored
from storage.visits import ExchangeVisit

# Beside the numbers there is one more button.
PAGE, WORDS_LIMIT = 5, 40


@dataclass(frozen=True, slots=True)
class Line:
    """One visit on a list; `mine` is how the reader stands."""

    visit_id: int
    title: str
    starts_on: date
    state: str
    phase: str
    mine: str | None


@dataclass(frozen=True, slots=True)
class VisitsPage:
    """One page of the visits that concern somebody, the coming ones first; `words` searched for."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    count: int
    words: str
    can_arrange: bool


def listed(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> VisitsPage:
    """One page of the visits she arranges or travels with; `words` in title or places.

    Raises SearchTooLong.
    """
    wanted = _folded(words)
    if len(wanted) > WORDS_LIMIT:
        raise SearchTooLong(limit=WORDS_LIMIT)
    reach = speaker.reach("run_visit")
    hers = stored.joined_by(session, speaker.person_id, bot=speaker.bot)
    arranged = stored.arranged_by(session, reach, bot=speaker.bot)
    found = {visit.id or 0: visit for visit in (*arranged, *hers)}
    rows = [(visit, plans(session, visit)) for visit in found.values()]
    rows = [(visit, stops) for visit, stops in rows if _fits(visit, stops, wanted)]
    today = local_date(now, ZONE)
    coming = sorted((r for r in rows if r[0].ends_on >= today), key=lambda r: r[0].starts_on)
    past = sorted((r for r in rows if r[0].ends_on < today), key=lambda r: r[0].starts_on)
    ordered = [*coming, *reversed(past)]
    pages = max(1, -(-len(ordered) // PAGE))
    page = min(page, pages - 1)
    states = {}
    for visit in hers:
        line = stored.line_of(session, visit.id or 0, speaker.person_id)
        states[visit.id] = line.state if line is not None else None
    shown = tuple(
        Line(
            visit.id or 0,
            visit.title,
            visit.starts_on,
            visit.state,
            phase_of(visit, starts_at(visit, stops), now=now),
            states.get(visit.id),
        )
        for visit, stops in ordered[page * PAGE : (page + 1) * PAGE]
    )
    return VisitsPage(shown, page, pages, len(ordered), words.strip(), bool(reach))


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).strip().casefold()


def _fits(visit: ExchangeVisit, stops: Sequence[StopPlan], wanted: str) -> bool:
    texts = (visit.title, visit.organiser, *(one.destination for one in stops))
    return any(wanted in _folded(text) for text in texts)
