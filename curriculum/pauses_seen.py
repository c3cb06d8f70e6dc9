"""A pause as whoever looks after the person sees it: from when, until when, and nothing else."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from storage import absences
from storage.absences import Absence


@dataclass(frozen=True, slots=True)
class PauseSeen:
    """A pause that stands or comes; `last` day away, None while it is open.

    `mark` is what a change of it is made on.
    """

    since: date
    last: date | None
    has_begun: bool
    mark: str


# What a change is made on where there is no pause.
NO_PAUSE = "0"


def mark(absence: Absence | None) -> str:
    """A pause and its dates, short enough for a button."""
    if absence is None:
        return NO_PAUSE
    until = f"{absence.until:%Y%m%d}" if absence.until else "open"
    return f"{absence.id}.{absence.since:%Y%m%d}.{until}"


def seen(session: Session, person_id: int, *, today: date) -> PauseSeen | None:
    """The pause a person is in, or her next one."""
    absence = absences.present_or_coming(session, person_id, on=today)
    if absence is None:
        return None
    last = absence.until - timedelta(days=1) if absence.until else None
    return PauseSeen(absence.since, last, absence.since <= today, mark(absence))
