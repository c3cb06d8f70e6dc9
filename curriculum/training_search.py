"""Finding somebody to put on a training's list: by name, number or station."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import directory, training_attendance, training_events
from curriculum.errors import NotThere
from curriculum.people import Speaker
from storage import directory as stored
from storage import trainings

MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits the words: (person, name and station) of the first few, and how many there are."""

    people: tuple[tuple[int, str], ...]
    count: int


def find(
    session: Session,
    speaker: Speaker,
    event_id: int,
    period_id: int,
    words: str,
    *,
    now: datetime,
) -> Found:
    """People of the training's unit; for its arranger, or with a half day for who calls its roll.

    Raises NotThere, SearchTooLong and what calling the roll raises.
    """
    if period_id:
        event, _ = training_attendance.to_call(session, speaker, period_id, now=now)
    else:
        found = trainings.event(session, event_id, bot=speaker.bot)
        if found is None or not training_events.arranges(session, speaker, found):
            raise NotThere
        event = found
    looked_for = directory.wanted(directory.searched(words))
    everybody = list(stored.findable(session, [training_events.path_of(session, event)]))
    ids = directory.fitting(everybody, looked_for) if looked_for else []
    by_id = {one.person_id: one for one in everybody}
    shown = [by_id[person_id] for person_id in ids[:MOST_SHOWN]]
    return Found(tuple((one.person_id, f"{one.name} {one.unit_name}") for one in shown), len(ids))
