"""What goes along from one pair to the next: open actions always, shared notes if she lets them."""

from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.supervision_handover import write_down
from storage import supervision_handovers as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_handovers import PLANNED


def answer_notes(
    session: Session, speaker: Speaker, handover_id: int, *, agrees: bool, now: datetime
) -> bool:
    """Whether the next one may read the shared notes, as the worker says; hers to change.

    Raises NotThere.
    """
    handover = stored.handover(session, handover_id, lock=True)
    old = stored_pairs.pair(session, handover.from_pair_id) if handover else None
    if handover is None or old is None or old.worker_id != speaker.person_id:
        raise NotThere
    if handover.state != PLANNED:
        raise ChangedMeanwhile
    handover.shares_notes, handover.answered_at = agrees, now
    session.add(handover)
    action = "share_supervision_notes" if agrees else "keep_supervision_notes"
    write_down(session, speaker, handover, action, now=now)
    return agrees


def came_from(session: Session, pair_id: int, *, on: date) -> int | None:
    """The pair that this one follows since its day, so that open actions go on with it."""
    handover = stored.planned_to(session, pair_id)
    return handover.from_pair_id if handover and handover.on_day <= on else None


def notes_of(session: Session, pair_id: int, *, on: date) -> int | None:
    """The pair whose shared notes the supervisor of this one may read too: the worker lets her."""
    handover = stored.planned_to(session, pair_id)
    if handover is None or not handover.shares_notes or handover.on_day > on:
        return None
    return handover.from_pair_id
