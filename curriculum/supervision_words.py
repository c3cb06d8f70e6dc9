"""How the two of a pair are told: who reads it at the moment of sending, how a word is owed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import people, second_thoughts
from curriculum.errors import NotThere
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.people import Speaker
from storage import deliveries, supervision_pairs
from storage import people as stored_people
from storage.deliveries import Claimed
from storage.supervision_pairs import SupervisionPair

PAIR, DUE, PROPOSAL = "supervision_pair_word", "supervision_due", "supervision_proposal"
# Until when a pair holds was set anew.
LAST_DAY = "supervision_until"
# Of a session: what was changed, the line the day before, the message an hour before.
BOOKING, AHEAD, CARD = "supervision_booking", "supervision_ahead", "supervision_card"
# Of a record: how it stands; that one is still to be written; the day of an action.
RECORD, UNWRITTEN, ACTION = "supervision_record", "supervision_unwritten", "supervision_action"
# 您想聊什么, asked of the worker.
AGENDA = "supervision_agenda"
# A session is likely to have been held when nobody has said otherwise by so long after it began.
UNWRITTEN_AFTER, UNWRITTEN_WITHIN = timedelta(hours=20), timedelta(days=14)
# So long after an act its word goes out; taken back before, nobody hears of it.
TAKE_BACK = second_thoughts.TAKE_BACK
# And so long it can be taken back at all.
UNDO = second_thoughts.UNDO
# After so long without her word a record is sealed as one side's (EXPERIENCE section 8), unless
# [supervision] of config.toml says otherwise.
CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Now:
    """What one word is judged by."""

    session: Session
    row: Claimed
    reader: Speaker
    now: datetime

    def facts(self, **values: Any) -> Facts:
        """The word as it is said now."""
        return Facts(
            kind=self.row.kind,
            chat_id=self.reader.chat_id,
            language=self.reader.language,
            content_key=f"{self.row.id}/{self.now.isoformat()}",
            content_version=None,
            values=values,
        )


@dataclass(eq=False)
class Told:
    """One kind of word, as the postman asks for it; `line` where it can be one of a lesson's."""

    KIND: str
    verdict: Callable[[Now], Verdict]
    line: Callable[[Facts], Mapping[str, Any] | None] | None = None

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """What each claimed word says; a day has few of them, so each is asked for by itself."""
        return {row.id: self._one(session, row, now=now) for row in claimed}

    def _one(self, session: Session, row: Claimed, *, now: datetime) -> Verdict:
        account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
        if account is None or not account.reachable:
            return NotWanted("unreachable")
        reader = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
        if reader is None:
            return NotWanted("left")
        return self.verdict(Now(session, row, reader, now))


def as_line(facts: Facts) -> Mapping[str, Any]:
    """A word of which a lesson's line says the same."""
    return facts.values


def owe(
    session: Session,
    kind: str,
    person_id: int,
    *,
    bot: int,
    occasion: str,
    subject_id: int | None,
    urgency: str,
    due_at: datetime,
    now: datetime,
    not_after: datetime | None = None,
) -> bool:
    """Owe somebody a word, once for its occasion."""
    return deliveries.add(
        session,
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=person_id,
        person_id=person_id,
        subject_id=subject_id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after,
        created_at=now,
    )


def pair_with(session: Session, person_id: int, pair_id: int) -> SupervisionPair:
    """A pair that somebody is in, ended or not; raises NotThere."""
    pair = supervision_pairs.pair(session, pair_id)
    if pair is None or person_id not in (pair.supervisor_id, pair.worker_id):
        raise NotThere
    return pair


def is_told(session: Session, kind: str, occasion: str) -> bool:
    """Whether anybody was told of something, or is being told just now."""
    return deliveries.has_any(
        session, kind=kind, occasion=occasion, statuses=(deliveries.SENT, deliveries.CLAIMED)
    )
