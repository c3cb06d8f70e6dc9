"""Two facilitators who exchange their sessions by agreement: asked, accepted or declined."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import facilitators, gatherings
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionChanged
from curriculum.people import Speaker
from storage import audit, rooms
from storage import gatherings as stored
from storage.gatherings import PLANNED, FacilitatorSwap, Gathering

SWAP = "facilitator_swap"
ASKED, ACCEPTED, DECLINED = "asked", "accepted", "declined"
CHOICES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A gathering that lies ahead and whose it is."""

    gathering_id: int
    kind: str
    starts_at: datetime
    facilitator_id: int
    facilitator: str
    is_confirmed: bool


def swappable(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> list[Turn]:
    """The sessions of others that hers could be exchanged with; raises NotThere."""
    found = facilitators.ahead(session, speaker, gathering_id, now=now)
    if found.facilitator_id != speaker.person_id:
        raise NotThere
    rows = [
        other
        for other in stored.of_cohorts(
            session, [found.cohort_id], since=now, states=(PLANNED,), kind=found.kind
        )
        if other.facilitator_id not in (None, speaker.person_id)
        and _fit(session, speaker.person_id, found, other)
    ]
    names = stored.names_of(session, [other.facilitator_id or 0 for other in rows])
    return [_turn(other, names) for other in rows[:CHOICES_SHOWN]]


def _fit(session: Session, person_id: int, mine: Gathering, other: Gathering) -> bool:
    """Whether each has a place where she would lead: in the room, where it is one."""
    taken = rooms.seats(session, [one.id or 0 for one in (mine, other)])
    return (not other.room or person_id in taken[other.id or 0]) and (
        not mine.room or other.facilitator_id in taken[mine.id or 0]
    )


def _turn(found: Gathering, names: dict[int, str]) -> Turn:
    leading = found.facilitator_id or 0
    return Turn(
        found.id or 0,
        found.kind,
        found.starts_at,
        leading,
        names.get(leading, ""),
        found.is_confirmed,
    )


def ask_swap(
    session: Session, speaker: Speaker, gathering_id: int, other_id: int, *, now: datetime
) -> Turn:
    """Ask somebody to exchange sessions; she is told and answers. NotThere, OccasionPassed."""
    turns = {turn.gathering_id: turn for turn in swappable(session, speaker, gathering_id, now=now)}
    if other_id not in turns:
        raise NotThere
    asked = FacilitatorSwap(
        gathering_id=gathering_id,
        other_id=other_id,
        asked_by=speaker.person_id,
        asked_of=turns[other_id].facilitator_id,
        state=ASKED,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    found = gatherings.read(session, other_id, bot=speaker.bot)
    _write_down_swap(session, asked, "ask_swap", speaker, now=now)
    facilitators.owe(session, found, SWAP, asked.asked_of, occasion=f"{asked.id}:{ASKED}", now=now)
    return turns[other_id]


def answer_swap(
    session: Session, speaker: Speaker, swap_id: int, *, accepts: bool, now: datetime
) -> str:
    """Accept or decline an exchange; both sessions change hands, and the asker hears of it.

    Returns the state. Raises NotThere for who was not asked, OccasionPassed, OccasionChanged when
    either session went to somebody else meanwhile.
    """
    asked = stored.swap(session, swap_id, lock=True)
    if asked is None or asked.asked_of != speaker.person_id:
        raise NotThere
    if asked.state != ASKED:
        raise OccasionChanged
    first = facilitators.ahead(session, speaker, asked.gathering_id, now=now)
    second = facilitators.ahead(session, speaker, asked.other_id, now=now)
    if (first.facilitator_id, second.facilitator_id) != (asked.asked_by, asked.asked_of):
        raise OccasionChanged
    asked.state, asked.answered_at = ACCEPTED if accepts else DECLINED, now
    session.add(asked)
    session.flush()
    _write_down_swap(session, asked, f"swap_{asked.state}", speaker, now=now)
    if accepts:
        for found, person_id in ((first, asked.asked_of), (second, asked.asked_by)):
            facilitators.hand_over(
                session,
                found,
                person_id,
                actor_id=speaker.person_id,
                is_confirmed=True,
                now=now,
            )
    facilitators.owe(
        session, first, SWAP, asked.asked_by, occasion=f"{asked.id}:{asked.state}", now=now
    )
    return asked.state


def _write_down_swap(
    session: Session, asked: FacilitatorSwap, action: str, speaker: Speaker, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="facilitator_swap",
        object_id=asked.id,
        gathering=asked.gathering_id,
        other=asked.other_id,
    )
