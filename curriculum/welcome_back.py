"""欢迎回来: the one message somebody gets on her first working day after a pause."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from curriculum import absences, people
from curriculum.facts import Facts, NotWanted, Verdict
from storage import absences as stored
from storage import people as stored_people
from storage.deliveries import Claimed

KIND = absences.WELCOME


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed welcome says, or that its pause ends on another day by now.

    Few people come back on one day, so each is asked for by herself.
    """
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    absence = session.get(stored.Absence, row.subject_id)
    _, _, back = row.occasion.partition(":")
    if absence is None or str(absence.until) != back or absence.ended_at is not None:
        return NotWanted("pause_changed")
    account = stored_people.account_of(session, bot=row.bot, person_id=row.person_id or 0)
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    speaker = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    if speaker is None:
        return NotWanted("left")
    found = absences.welcome(session, speaker, now=now)
    return Facts(
        kind=KIND,
        chat_id=account.chat_id,
        language=speaker.language,
        content_key=f"{KIND}/{row.id}/{now.isoformat()}",
        content_version=None,
        values={"back": asdict(found) | {"chosen": found.chosen}},
    )
