"""When a handover should be settled: supervisors and coordinators are told 60 and 14 days ahead."""

from collections import defaultdict
from datetime import date, datetime

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_handover import AHEAD, RIGHT, Ending, endings
from curriculum.supervision_words import Now, Told
from storage import deputies, topic_people

HANDOVER_DUE = "supervision_handover_due"
STAGES = (14, AHEAD.days)


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe the word of whatever has nobody yet, once at each stage; how many rows were added."""
    today = local_date(now, ZONE)
    found: dict[tuple[int, date], list[Ending]] = defaultdict(list)
    for one in endings(session, bot=bot, now=now):
        if not one.successor:
            found[one.pair.supervisor_id, one.end].append(one)
    added = 0
    for (supervisor_id, end), rows in found.items():
        stage = next(days for days in STAGES if (end - today).days <= days)
        concerned = {supervisor_id}
        for path in {one.pair.unit_path for one in rows}:
            levels = topic_people.coordinators(session, path, bot=bot, on=today)
            if levels:
                concerned |= set(deputies.who_acts(session, levels[0], on=today))
        for person_id in sorted(concerned):
            added += words.owe(
                session,
                HANDOVER_DUE,
                person_id,
                bot=bot,
                occasion=f"{supervisor_id}:{end.isoformat()}:{stage}",
                subject_id=supervisor_id,
                urgency=FOLDABLE,
                due_at=now,
                now=now,
            )
    return added


def _verdict(at: Now) -> Facts | NotWanted:
    supervisor_id, end, _ = at.row.occasion.split(":")
    is_own = at.reader.person_id == int(supervisor_id)
    reach = at.reader.reach(RIGHT)
    rows = [
        one
        for one in endings(at.session, bot=at.row.bot, now=at.now, supervisor_id=int(supervisor_id))
        if not one.successor
        and one.end.isoformat() == end
        and (is_own or any(one.pair.unit_path.startswith(path) for path in reach))
    ]
    if not rows:
        return NotWanted("settled")
    return at.facts(
        supervisor_id=int(supervisor_id),
        supervisor=rows[0].pair.supervisor,
        is_own=is_own,
        last_day=rows[0].last_day,
        count=len(rows),
    )


NOTICES = (Told(HANDOVER_DUE, _verdict),)
