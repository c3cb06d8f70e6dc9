"""When a pair should meet: both are told two weeks before its date, unless either rests.

A session that is booked moves that date on, so nobody with a date ahead is told. The coordinator
sees only that one is late, in 今日待办.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import supervision_words as words
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_words import DUE, Now, Told
from storage import gatherings as names
from storage import supervision_pairs as stored
from storage.supervision_pairs import SupervisionPair

TOLD_BEFORE = timedelta(days=14)


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe both of every pair that is soon due the word of it, once; how many rows were added.

    A supervisor hears of all of them in one word. Who rests is told when she is back. Cheap when
    nothing is due.
    """
    today = local_date(now, ZONE)
    due = stored.due_untold(session, bot=bot, by=today + TOLD_BEFORE, on=today)
    if not due:
        return 0
    people = {person for pair in due for person in (pair.supervisor_id, pair.worker_id)}
    absent = stored.absent_among(session, people, on=today)
    told: dict[tuple[int, str], int | None] = {}
    firsts: dict[int, SupervisionPair] = {}
    for pair in due:
        if {pair.supervisor_id, pair.worker_id} & absent:
            continue
        pair.told_due_on = pair.due_on
        session.add(pair)
        told[pair.worker_id, _occasion(pair)] = pair.id
        first = firsts.setdefault(pair.supervisor_id, pair)
        told[pair.supervisor_id, f"{today.isoformat()}:{first.id}"] = None
    added = 0
    for (person_id, occasion), pair_id in told.items():
        added += words.owe(
            session,
            DUE,
            person_id,
            bot=bot,
            occasion=occasion,
            subject_id=pair_id,
            urgency=FOLDABLE,
            due_at=now,
            now=now,
        )
    session.flush()
    return added


def _occasion(pair: SupervisionPair) -> str:
    return f"{pair.id}:{pair.due_on.isoformat()}"


def holds(pair: SupervisionPair, *, on: date) -> bool:
    """Whether a pair stands on a date."""
    return pair.ended_at is None and (pair.until is None or pair.until > on)


def _verdict(at: Now) -> Facts | NotWanted:
    """What a worker hears of her pair, and a supervisor of all of hers that are due."""
    if at.row.subject_id is None:
        return _of_supervisor(at)
    pair, today = stored.pair(at.session, at.row.subject_id or 0), local_date(at.now, ZONE)
    if pair is None or not holds(pair, on=today) or _occasion(pair) != at.row.occasion:
        return NotWanted("pair_changed")
    other = names.names_of(at.session, [pair.supervisor_id]).get(pair.supervisor_id, "")
    return at.facts(pair_id=pair.id or 0, due_on=pair.due_on, others=(other,), accompanies=False)


def _of_supervisor(at: Now) -> Facts | NotWanted:
    today = local_date(at.now, ZONE)
    rows = [
        row
        for row in stored.of_person(
            at.session, at.reader.person_id, bot=at.row.bot, on=today, as_supervisor=True
        )
        if row.due_on <= today + TOLD_BEFORE
    ]
    absent = stored.absent_among(at.session, [row.worker_id for row in rows], on=today)
    rows = [row for row in rows if row.worker_id not in absent]
    if not rows:
        return NotWanted("pair_changed")
    others = tuple(row.worker for row in rows)
    pair_id = rows[0].pair_id if len(rows) == 1 else 0
    return at.facts(pair_id=pair_id, due_on=rows[0].due_on, others=others, accompanies=True)


NOTICES = (Told(DUE, _verdict),)
