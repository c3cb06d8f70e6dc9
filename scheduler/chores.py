"""What each minute owes besides the dates of rhythms: one chore for each kind of event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from curriculum import (
    annual_training,
    deputy_proposals,
    exchange_visit,
    facilitators,
    gathering_words,
    rooms,
    supervision_due,
    supervision_endings,
    supervision_followed,
    supervision_handover_due,
    supervision_holidays,
    supervision_notes,
    supervision_sealing,
    training_feedback,
    training_tests,
    training_uses,
    visit_asks,
    visit_log,
    visit_log_data,
    visit_owing,
)
from curriculum.supervision_words import CONFIRM_WITHIN
from storage import holds, trainings, visits

# How many dropped entries of visits' logs go in one minute.
DROPPED_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Chore:
    """What one kind of event owes by itself; `owe(session, bot=, now=)` gives how many rows."""

    name: str
    owe: Callable[..., int]


def do(session: Session, chore: Chore, *, bot: int, now: datetime) -> int:
    """Do a chore of this minute, unless all is held or another process is at it; gives how many."""
    if not holds.may_begin(session, chore.name, bot=bot):
        return 0
    return chore.owe(session, bot=bot, now=now)


def _gatherings(session: Session, *, bot: int, now: datetime) -> int:
    """Owe what belongs to today's and tomorrow's gatherings.

    The turn of a facilitator who cannot be there any more goes on to the next, and who joined
    since a session was split into rooms has a seat in one before she is reminded of it. Whoever
    stands in for a facilitator or a coordinator by now is owed the kit too; a deputy whom nobody
    agreed to is proposed to the next.
    """
    rooms.seat_late_joiners(session, bot=bot, now=now)
    passed = facilitators.pass_over_absent(session, bot=bot, now=now)
    facilitators.owe_to_deputies(session, bot=bot, now=now)
    deputy_proposals.move_on(session, bot=bot, now=now)
    return passed + gathering_words.owe_ahead(session, bot=bot, now=now)


def _supervision(
    session: Session, *, bot: int, now: datetime, confirm_within: timedelta = CONFIRM_WITHIN
) -> int:
    """Owe what supervision owes by itself, call off what nobody can hold.

    A record that nobody confirmed `confirm_within` of being handed on is sealed.
    """
    if not supervision_sealing.is_in_use(session, bot=bot):
        return 0
    due = supervision_due.owe(session, bot=bot, now=now)
    due += supervision_sealing.keep_up(session, bot=bot, now=now, confirm_within=confirm_within)
    due += supervision_endings.call_off_orphans(session, bot=bot, now=now)
    due += supervision_handover_due.owe(session, bot=bot, now=now)
    supervision_followed.carry_actions(session, bot=bot, now=now)
    due += supervision_holidays.tell_open(session, bot=bot, now=now)
    supervision_notes.empty_deleted(session, bot=bot, now=now)
    return due


def _trainings(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the invitations and reminders of offline trainings, and what is asked around them."""
    if not trainings.has_any(session, bot=bot):
        return 0
    ahead = annual_training.owe_ahead(session, bot=bot, now=now)
    asked = training_tests.owe(session, bot=bot, now=now)
    asked += training_uses.owe(session, bot=bot, now=now)
    return ahead + asked + training_feedback.owe_after(session, bot=bot, now=now)


def _visits(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the reminders of exchange visits, and what is asked during and after them.

    What was dropped from a log, and can be taken back no more, goes for good.
    """
    if not visits.has_any(session, bot=bot):
        return 0
    visit_log_data.drop_undone(session, before=now - visit_log.UNDO, limit=DROPPED_AT_ONCE)
    asked = visit_asks.owe(session, bot=bot, now=now)
    return asked + visit_owing.owe_ahead(session, bot=bot, now=now)


GATHERINGS = Chore("gatherings", _gatherings)
SUPERVISION = Chore("supervision", _supervision)
TRAININGS = Chore(annual_training.KIND, _trainings)
VISITS = Chore(exchange_visit.KIND, _visits)


def all_of(confirm_within: timedelta = CONFIRM_WITHIN) -> tuple[Chore, ...]:
    """Every chore of an installation, in the order they are done."""
    supervision = Chore(SUPERVISION.name, partial(_supervision, confirm_within=confirm_within))
    return GATHERINGS, supervision, TRAININGS, VISITS


def next_due(session: Session, *, bot: int, now: datetime) -> tuple[datetime, str] | None:
    """When something of an offline training or a visit is due next, and its kind."""
    found = (
        (annual_training.next_reminder(session, bot=bot, now=now), annual_training.AHEAD),
        (training_feedback.next_asked(session, bot=bot, now=now), training_feedback.KIND),
        (training_tests.next_asked(session, bot=bot, now=now), training_tests.KIND),
        (training_uses.next_asked(session, bot=bot, now=now), training_uses.KIND),
        visit_asks.next_asked(session, bot=bot, now=now) or (None, visit_asks.LOG),
        (visit_owing.next_reminder(session, bot=bot, now=now), visit_owing.DAY),
    )
    return min(((at, kind) for at, kind in found if at is not None), default=None)
