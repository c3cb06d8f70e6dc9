"""Words to both of a pair: how they are owed, and the one that it has begun or has ended."""

from datetime import datetime

from sqlmodel import Session

from curriculum import supervision_words
from curriculum.facts import FOLDABLE, Facts, NotWanted
from curriculum.supervision_words import PAIR, TAKE_BACK, Now, Told
from storage import supervision_pairs as stored
from storage.supervision_pairs import SupervisionPair

BEGUN, ENDED = "begun", "ended"


def occasion_of(pair: SupervisionPair) -> str:
    """What the words about a pair, as it stands now, are called."""
    return f"{pair.id}:{pair.version}"


def owe(session: Session, kind: str, pair: SupervisionPair, *, now: datetime) -> None:
    """Tell both how it stands, a minute from now, in a word of this kind."""
    for person_id in (pair.supervisor_id, pair.worker_id):
        supervision_words.owe(
            session,
            kind,
            person_id,
            bot=pair.bot,
            occasion=occasion_of(pair),
            subject_id=pair.id,
            urgency=FOLDABLE,
            due_at=now + TAKE_BACK,
            now=now,
        )


def verdict(at: Now) -> Facts | NotWanted:
    """A word about a pair as it stands now, unless it was changed since the word was owed."""
    pair = stored.pair(at.session, at.row.subject_id or 0)
    row = stored.row(at.session, at.row.subject_id or 0, bot=at.row.bot)
    if pair is None or row is None or occasion_of(pair) != at.row.occasion:
        return NotWanted("pair_changed")
    accompanies = pair.supervisor_id == at.reader.person_id
    return at.facts(
        pair_id=row.pair_id,
        state=BEGUN if pair.ended_at is None else ENDED,
        other=row.worker if accompanies else row.supervisor,
        accompanies=accompanies,
        every_months=row.every_months,
        last_day=row.last_day,
    )


NOTICES = (Told(PAIR, verdict),)
