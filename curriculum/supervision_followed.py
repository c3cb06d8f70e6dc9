"""What goes along from one pair to the next: open actions always, shared notes if she lets them."""

from datetime import datetime

from sqlmodel import Session

from curriculum import supervision_readers
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import supervision_handovers as stored
from storage import supervision_records


def answer_notes(
    session: Session, speaker: Speaker, handover_id: int, *, agrees: bool, now: datetime
) -> None:
    """Whether the next one may read the shared notes, as the worker says; hers to change.

    The same as what she says on the page of the notes. Raises NotThere.
    """
    handover = stored.handover(session, handover_id)
    if handover is None or handover.bot != speaker.bot:
        raise NotThere
    supervision_readers.set_consent(
        session, speaker, handover.from_pair_id, is_given=agrees, now=now
    )


def carry_actions(session: Session, *, bot: int, now: datetime) -> int:
    """Give what a worker has still to do to the pair that has begun; gives how many there were.

    What her former supervisor has to do stays with that supervisor.
    """
    begun = stored.begun(session, bot=bot, on=local_date(now, ZONE))
    return sum(supervision_records.carry_actions(session, old, new) for old, new in begun)
