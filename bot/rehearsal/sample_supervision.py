"""Sample pairs of the supervisor with her workers, and the times at which she can be booked.

What they have recorded of earlier sessions goes behind `_pairs`, which gives the pairs for it.
"""

from datetime import datetime

from sqlmodel import Session

from bot.rehearsal.sample_people import (
    COLLEAGUE_IDS,
    COORDINATOR,
    SUPERVISOR,
    WORKER,
    speaker,
)
from curriculum import supervision_pairs, supervision_times
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_pairs import DEFAULT_MONTHS, EITHER
from curriculum.supervision_times import Terms
from storage.signatures import Signer
from storage.supervision_pairs import SupervisionPair

TIMES = "每周三 14:00-17:00\n每周五 9:00-11:00"
PLACE = "中心一楼谈话室"
# Who is accompanied besides the second worker of the page, by place among the colleagues.
ACCOMPANIED = (0, 1, 2)


def set_up(session: Session, *, bot: int, signer: Signer, now: datetime) -> None:
    """A supervisor with four workers and two free afternoons a week."""
    del signer
    teacher = speaker(session, SUPERVISOR, bot=bot, now=now)
    spans = supervision_times.read_spans(TIMES, today=local_date(now, ZONE))
    supervision_times.add(session, teacher, spans, now=now)
    supervision_times.set_terms(session, teacher, Terms(place=PLACE), now=now)
    _pairs(session, bot=bot, now=now)


def _pairs(session: Session, *, bot: int, now: datetime) -> list[SupervisionPair]:
    """Paired by the coordinator some time ago, so nobody is told of it now."""
    chief = speaker(session, COORDINATOR, bot=bot, now=now)
    teacher = speaker(session, SUPERVISOR, bot=bot, now=now)
    accounts = (WORKER, *(COLLEAGUE_IDS[place] for place in ACCOMPANIED))
    workers = [speaker(session, one, bot=bot, now=now) for one in accounts]
    return [
        supervision_pairs.assign(
            session,
            chief,
            worker_id=worker.person_id,
            supervisor_id=teacher.person_id,
            every_months=DEFAULT_MONTHS,
            mode=EITHER,
            last_day=None,
            now=now,
            is_told=False,
        )
        for worker in workers
    ]
