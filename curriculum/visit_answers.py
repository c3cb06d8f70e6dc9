"""What each of a batch says, what was written down for her, and the lists of who still waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.list_words import sought
from curriculum.people import Speaker
from curriculum.visit_errors import VisitBegun
from curriculum.visit_pages import (
    VisitView,
    ends_at,
    plans,
    starts_at,
    to_arrange,
    view,
    waited_for,
    write_down,
)
from curriculum.visit_people import line_to_arrange, require_ahead, set_state
from storage import visit_people as lines
from storage import visits as stored
from storage.visit_people import Listed
from storage.visits import (
    APPROVED,
    CANCELLED,
    COMING,
    INVITED,
    LISTED,
    NOT_COMING,
    ExchangeVisit,
    VisitPerson,
)

# Why somebody cannot come; a code, never words.
REASONS = ("field_visit", "other_meeting", "on_leave", "unsaid")
PAGE = 6
# The lists by name: everybody, by answer, and who has not confirmed a late change.
ALL, UNCONFIRMED = "all", "unconfirmed"
LISTS = (ALL, INVITED, COMING, NOT_COMING, UNCONFIRMED)
ANSWERS = (COMING, NOT_COMING)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a batch's list, all or who fits the `words`; `counts` by the name of a list."""

    visit_id: int
    title: str
    name: str
    lines: tuple[Listed, ...]
    page: int
    pages: int
    counts: dict[str, int]
    state: str
    can_change: bool
    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One person of a batch in the hands of whoever arranges it."""

    visit_id: int
    title: str
    line: Listed
    is_approved: bool
    is_waited_for: bool
    can_change: bool


def answer(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    state: str,
    *,
    reason: str = "",
    now: datetime,
) -> VisitView:
    """我去, 去不了 with one of REASONS; changed as often as she likes until the journey begins.

    Raises NotThere, VisitBegun.
    """
    visit, line = _hers(session, speaker, visit_id)
    if state not in ANSWERS or (state == NOT_COMING and reason not in REASONS):
        raise NotThere
    if starts_at(visit, plans(session, visit)) <= now:
        raise VisitBegun
    if (line.state, line.reason) != (state, reason):
        set_state(session, visit, line, state, actor_id=speaker.person_id, now=now, reason=reason)
    return view(session, speaker, visit, now=now)


def confirm(
    session: Session, speaker: Speaker, visit_id: int, change: int, *, now: datetime
) -> VisitView:
    """知道了: she has read this change; an older word of it confirms nothing newer. NotThere."""
    visit, line = _hers(session, speaker, visit_id, also_cancelled=True)
    _confirm(session, visit, line, min(change, visit.change), actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def _confirm(
    session: Session,
    visit: ExchangeVisit,
    line: VisitPerson,
    change: int,
    *,
    actor_id: int,
    now: datetime,
) -> None:
    if line.confirmed >= change:
        return
    line.confirmed = change
    session.add(line)
    session.flush()
    write_down(
        session,
        visit,
        "confirm_visit_change",
        actor_id=actor_id,
        now=now,
        line=line.id,
        change=change,
    )


def _hers(
    session: Session, speaker: Speaker, visit_id: int, *, also_cancelled: bool = False
) -> tuple[ExchangeVisit, VisitPerson]:
    """An approved visit on whose list she stands, locked, and her line."""
    visit = stored.visit(session, visit_id, bot=speaker.bot, lock=True)
    line = stored.line_of(session, visit_id, speaker.person_id) if visit is not None else None
    wanted = (APPROVED, CANCELLED) if also_cancelled else (APPROVED,)
    if visit is None or line is None or visit.state not in wanted or line.state not in LISTED:
        raise NotThere
    return visit, line


def card(session: Session, speaker: Speaker, visit_id: int, line_id: int, *, now: datetime) -> Card:
    """One person of the list, for whoever arranges the visit; raises NotThere."""
    visit, _, shown = line_to_arrange(session, speaker, visit_id, line_id, lock=False)
    return Card(
        visit_id=visit_id,
        title=visit.title,
        line=shown,
        is_approved=visit.state == APPROVED,
        is_waited_for=bool(waited_for(visit, [shown])),
        can_change=visit.state != CANCELLED and ends_at(visit) > now,
    )


def answer_for(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, state: str, *, now: datetime
) -> Card:
    """Write down what somebody said by telephone or in person. NotThere, VisitBegun."""
    visit, line, _ = line_to_arrange(session, speaker, visit_id, line_id, lock=True)
    require_ahead(visit, now=now)
    if state not in ANSWERS:
        raise NotThere
    if line.state != state:
        reason = "unsaid" if state == NOT_COMING else ""
        set_state(session, visit, line, state, actor_id=speaker.person_id, now=now, reason=reason)
    return card(session, speaker, visit_id, line_id, now=now)


def confirm_for(
    session: Session, speaker: Speaker, visit_id: int, line_id: int, *, now: datetime
) -> Card:
    """Somebody was called about a late change and knows it now. NotThere."""
    visit, line, _ = line_to_arrange(session, speaker, visit_id, line_id, lock=True)
    _confirm(session, visit, line, visit.change, actor_id=speaker.person_id, now=now)
    return card(session, speaker, visit_id, line_id, now=now)


def listed(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    name: str,
    *,
    words: str = "",
    page: int = 0,
    now: datetime,
) -> ListPage:
    """One page of one of LISTS, for whoever arranges the visit; raises NotThere, SearchTooLong.

    `words` in name, post, unit or telephone number.
    """
    visit = to_arrange(session, speaker, visit_id, lock=False)
    if name not in LISTS:
        raise NotThere
    everybody = lines.listed(session, visit)
    waited = waited_for(visit, everybody)
    by_name = {
        ALL: everybody,
        UNCONFIRMED: waited,
        **{state: [one for one in everybody if one.state == state] for state in LISTED},
    }
    shown = sought(
        by_name[name],
        words,
        lambda one: (one.name, one.post, one.unit_name, one.phone or ""),
        page=page,
        size=PAGE,
    )
    return ListPage(
        visit_id=visit_id,
        title=visit.title,
        name=name,
        lines=shown.lines,
        page=shown.page,
        pages=shown.pages,
        counts={key: len(rows) for key, rows in by_name.items()},
        state=visit.state,
        can_change=visit.state != CANCELLED and ends_at(visit) > now,
        count=shown.count,
        words=shown.words,
    )


def everybody(session: Session, speaker: Speaker, visit_id: int) -> list[Listed]:
    """The whole list for a roster, for whoever arranges the visit; raises NotThere."""
    return lines.listed(session, to_arrange(session, speaker, visit_id, lock=False))
