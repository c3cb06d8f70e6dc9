"""Who speaks at a quarterly share: what everybody sees of it on the session's message."""

from datetime import datetime

from sqlmodel import Session

from curriculum import story_words
from curriculum.gatherings import QUARTERLY
from storage import rooms
from storage import share_speakers as stored
from storage.gatherings import Gathering


def shown(session: Session, found: Gathering, *, now: datetime) -> tuple[tuple[int, str, int], ...]:
    """The speakers of a share as (place, name, minutes), in order, once they were told.

    The whole programme, whichever of its rooms is asked for; nothing for other studies.
    """
    if found.kind != QUARTERLY:
        return ()
    ids = [room.id or 0 for room in rooms.of_session(session, found)]
    slots = stored.told_of(session, ids, kind=story_words.KIND, word=story_words.SPEAKER, now=now)
    return tuple((slot.position, slot.name, slot.minutes) for slot in slots)
