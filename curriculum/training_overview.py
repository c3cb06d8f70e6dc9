"""The list of trainings that concern somebody, paged and searched."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import directory
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_events import RUN, phase_of
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.trainings import TrainingEvent

# Beside the numbers of the list there is one more button.
LISTED = 5
# How long a training that is over stays on the list of whoever was invited.
SHOWN_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Line:
    """One training on a list; `seat` is hers."""

    event_id: int
    title: str
    starts_at: datetime
    state: str
    phase: str
    seat: str | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page of the trainings that concern somebody, the coming ones first."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    can_arrange: bool
    words: str


def listed(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> EventsPage:
    """One page of the trainings she arranges, is invited to, comes to or gives a part of.

    With `words` those whose title or place holds each of them; raises SearchTooLong.
    """
    words = directory.searched(words)
    found = [
        event
        for event in _concerning(session, speaker, now=now)
        if all(
            word in directory.folded(f"{event.title} {event.place}")
            for word in directory.wanted(words)
        )
    ]
    coming = [event for event in found if event.ends_at > now]
    past = sorted(
        (event for event in found if event.ends_at <= now),
        key=lambda event: event.starts_at,
        reverse=True,
    )
    ordered = [*sorted(coming, key=lambda event: event.starts_at), *past]
    pages = max(1, -(-len(ordered) // LISTED))
    page = min(page, pages - 1)
    hers = {seat.event_id: seat.state for seat in seats.seats_of(session, speaker.person_id)}
    lines = tuple(
        Line(
            event.id or 0,
            event.title,
            event.starts_at,
            event.state,
            phase_of(event, now=now),
            hers.get(event.id or 0),
        )
        for event in ordered[page * LISTED : (page + 1) * LISTED]
    )
    return EventsPage(lines, page, pages, speaker.may(RUN), words)


def _concerning(session: Session, speaker: Speaker, *, now: datetime) -> list[TrainingEvent]:
    today = local_date(now, ZONE)
    found = {
        event.id: event
        for event in stored.arranged_by(session, speaker.reach(RUN), bot=speaker.bot)
    }
    seated = {seat.event_id for seat in seats.seats_of(session, speaker.person_id)}
    given = stored.given_by(session, speaker.person_id)
    for event in stored.recent(session, bot=speaker.bot, since=now - SHOWN_FOR):
        if event.id in found:
            continue
        is_hers = event.id in seated or event.id in given
        if is_hers or people.is_for(session, event, speaker.person_id, on=today):
            found[event.id] = event
    return list(found.values())
