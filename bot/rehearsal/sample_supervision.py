"""Sample pairs of the supervisor with her workers, times to book, and a worker who asks for one."""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.rehearsal import sample_sessions
from bot.rehearsal.sample_people import (
    COLLEAGUE_IDS,
    COORDINATOR,
    SUPERVISOR,
    WORKER,
    speaker,
)
from bot.rehearsal.sample_sessions import Two
from curriculum import supervision_pairs, supervision_queue, supervision_times
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_pairs import DEFAULT_MONTHS, EITHER
from curriculum.supervision_times import Terms
from storage.sealed import NoteKey

TIMES = "每周三 14:00-17:00\n每周五 9:00-11:00"
PLACE = "语音通话"
# Who is accompanied besides the second worker of the page, by place among the colleagues.
ACCOMPANIED = (0, 1, 2)
# Of the pairs so many have met before; those have held so long.
MET, HELD_FOR = 2, timedelta(days=120)
# Who has nobody and asks for it.
ASKING = 3


def set_up(session: Session, *, bot: int, note_key: NoteKey, now: datetime) -> None:
    """A supervisor with four workers, two of whom she has met, and two free spans a week."""
    teacher = speaker(session, SUPERVISOR, bot=bot, now=now)
    spans = supervision_times.read_spans(TIMES, today=local_date(now, ZONE))
    supervision_times.add(session, teacher, spans, now=now)
    supervision_times.set_terms(session, teacher, Terms(place=PLACE), now=now)
    first, visited, *_ = _pairs(session, teacher, now=now)
    sample_sessions.set_up(session, first, visited, note_key=note_key, now=now)
    asking = speaker(session, COLLEAGUE_IDS[ASKING], bot=bot, now=now)
    supervision_queue.wish(session, asking, wants=True, now=now)


def _pairs(session: Session, teacher: Speaker, *, now: datetime) -> list[Two]:
    """Paired by the coordinator some time ago, so nobody is told of it now."""
    chief = speaker(session, COORDINATOR, bot=teacher.bot, now=now)
    accounts = (WORKER, *(COLLEAGUE_IDS[place] for place in ACCOMPANIED))
    workers = [speaker(session, one, bot=teacher.bot, now=now) for one in accounts]
    found = []
    for place, worker in enumerate(workers):
        pair = supervision_pairs.assign(
            session,
            chief,
            worker_id=worker.person_id,
            supervisor_id=teacher.person_id,
            every_months=DEFAULT_MONTHS,
            mode=EITHER,
            last_day=None,
            now=now,
            since=local_date(now - HELD_FOR, ZONE) if place < MET else None,
            is_told=False,
        )
        found.append(Two(pair.id or 0, teacher, worker))
    return found
