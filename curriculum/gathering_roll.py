"""A pasted list for a gathering's roll: matched, asked about where unsure, then entered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, chain_list, gatherings
from curriculum.chain_list import Matched
from curriculum.errors import NotThere, TooEarly
from curriculum.people import Speaker
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage import schedule as stored_schedule
from storage.gatherings import PLANNED, SKIPPED

# The session a list is for: the last one that has opened within a week.
BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entered:
    """How many a list named, of how many that was news, and who is on the roster."""

    named: int
    fresh: int
    on_roster: int


def latest(session: Session, speaker: Speaker, *, now: datetime) -> int:
    """The session whose roll she can call now, the last to begin; NotThere where there is none."""
    within = stored_schedule.cohorts_under(
        session, list(speaker.reach("schedule")), bot=speaker.bot
    )
    ids = {cohort.id or 0 for cohort, _, _ in within} | {
        cohort.id or 0 for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id)
    }
    rows = stored.of_cohorts(
        session, ids, since=now - BACK, until=now + BACK, states=(PLANNED, SKIPPED)
    )
    # Of the rooms of one session her own, for who leads one; else the first.
    rows.sort(key=lambda one: (one.starts_at, one.facilitator_id == speaker.person_id, -one.room))
    for found in reversed(rows):
        if attendance.opens_at(found) <= now and gatherings.leads(session, speaker, found):
            return found.id or 0
    if hers := [found for found in rows if gatherings.leads(session, speaker, found)]:
        raise TooEarly(at=attendance.opens_at(hers[0]))
    raise NotThere


def match(
    session: Session, speaker: Speaker, gathering_id: int, text: str, *, now: datetime
) -> Matched:
    """Match a pasted list to the roster. Raises NoNumbers, and as `attendance.roll`."""
    called = attendance.roll(session, speaker, gathering_id, now=now)
    return chain_list.match(text, called.lines)


def enter(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    person_ids: list[int],
    *,
    now: datetime,
) -> Entered:
    """Enter who the list names; raises as `attendance.roll`."""
    called = attendance.roll(session, speaker, gathering_id, now=now)
    fresh = attendance.import_present(session, speaker, gathering_id, person_ids, now=now)
    return Entered(len(person_ids), fresh, len(called.lines))
