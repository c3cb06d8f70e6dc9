"""What is told of a handover: to the worker kindly, to both supervisors, once and as it stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_readers
from curriculum import supervision_words as words
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.supervision_words import TAKE_BACK, Now, Told
from storage import gatherings as names
from storage import supervision_handovers as stored
from storage import supervision_pairs as stored_pairs
from storage.supervision_handovers import PLANNED, SupervisionHandover

HANDOVER = "supervision_handover"
WORKER, GIVES, TAKES = "worker", "gives", "takes"


def _name(handover: SupervisionHandover) -> str:
    return f"{handover.id}:{handover.version}"


def is_told(session: Session, handover: SupervisionHandover) -> bool:
    """Whether anybody has heard of it as it stands."""
    return words.is_told(session, HANDOVER, _name(handover))


def owe_words(
    session: Session, handover: SupervisionHandover, people: Iterable[int], *, now: datetime
) -> None:
    """Tell these how it stands, a minute from now."""
    for person_id in people:
        words.owe(
            session,
            HANDOVER,
            person_id,
            bot=handover.bot,
            occasion=_name(handover),
            subject_id=handover.id,
            urgency=FOLDABLE,
            due_at=now + TAKE_BACK,
            now=now,
        )


def _verdict(at: Now) -> Facts | NotWanted:
    handover = stored.handover(at.session, at.row.subject_id or 0)
    if handover is None or _name(handover) != at.row.occasion:
        return NotWanted("handover_changed")
    old = stored_pairs.pair(at.session, handover.from_pair_id)
    made = stored_pairs.pair(at.session, handover.to_pair_id)
    if old is None or made is None:
        return NotWanted("handover_changed")
    parts = {old.worker_id: WORKER, old.supervisor_id: GIVES, made.supervisor_id: TAKES}
    if at.reader.person_id not in parts:
        return NotWanted("handover_changed")
    known = names.names_of(at.session, list(parts))
    return at.facts(
        handover_id=handover.id or 0,
        part=parts[at.reader.person_id],
        stands=handover.state == PLANNED,
        on_day=handover.on_day,
        last_day=handover.on_day - timedelta(days=1),
        worker=known.get(old.worker_id, ""),
        gives=known.get(old.supervisor_id, ""),
        takes=known.get(made.supervisor_id, ""),
        shares=supervision_readers.consent(at.session, handover.from_pair_id),
    )


NOTICES = (Told(HANDOVER, _verdict),)
