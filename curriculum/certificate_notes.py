"""What somebody is told of her certificate: that it is there, or that it counts no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.certificates import Statement
from curriculum.event_words import said
from curriculum.facts import FOLDABLE, NotWanted, Verdict
from curriculum.second_thoughts import TAKE_BACK
from storage import certificates as stored
from storage import deliveries
from storage import training_people as people
from storage.addressees import Addressee
from storage.certificates import Certificate
from storage.deliveries import Claimed
from storage.trainings import TrainingEvent

KIND = "training_certificate"
THERE, UNDONE, REVOKED, RESTORED = "there", "undone", "revoked", "restored"


@dataclass(frozen=True, slots=True)
class Brief:
    """What a message says of a certificate; `what` is there, undone, revoked or restored."""

    certificate_id: int
    what: str
    title: str
    starts_on: date
    serial: str
    size: int
    reason: str


def _what(row: Certificate) -> str:
    if row.revoked_at is None:
        return THERE
    return REVOKED if row.reason else UNDONE


def tell(session: Session, event: TrainingEvent, row: Certificate, *, now: datetime) -> None:
    """Owe its holder a word on how it stands now; that one is undone only where she heard of it."""
    what = _what(row)
    if what == UNDONE and not stored.heard(session, KIND, [_name(row, THERE)]):
        return
    deliveries.add(
        session,
        bot=event.bot,
        kind=KIND,
        occasion=_name(row, what),
        recipient=row.person_id,
        person_id=row.person_id,
        subject_id=event.id,
        urgency=FOLDABLE,
        due_at=now if what == UNDONE else now + TAKE_BACK,
        not_after=None,
        created_at=now,
    )


def tell_restored(
    session: Session, event: TrainingEvent, row: Certificate, *, revoked_at: datetime, now: datetime
) -> None:
    """Owe her the word that it counts again, where she knows it revoked or never heard of it."""
    was = _name(row, REVOKED, at=revoked_at)
    there = _name(row, THERE)
    heard = stored.heard(session, KIND, [was, there])
    waits = deliveries.has_any(session, kind=KIND, occasion=there, statuses=(deliveries.WAITING,))
    if was not in heard and (there in heard or waits):
        return
    deliveries.add(
        session,
        bot=event.bot,
        kind=KIND,
        occasion=_name(row, RESTORED, at=revoked_at),
        recipient=row.person_id,
        person_id=row.person_id,
        subject_id=event.id,
        urgency=FOLDABLE,
        due_at=now,
        not_after=None,
        created_at=now,
    )


def _name(row: Certificate, what: str, *, at: datetime | None = None) -> str:
    """What a word is called; one that is revoked twice is told of twice."""
    moment = at or (row.revoked_at if what == REVOKED else None)
    return f"{row.id}:{what}" + (f":{int(moment.timestamp())}" if moment is not None else "")


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed word says, while it is still so; a fixed number of queries."""
    del now
    to = people.addressees(session, [row.id for row in claimed])
    rows = stored.of_ids(session, [int(row.occasion.split(":")[0]) for row in claimed])
    return {row.id: _verdict(row, to.get(row.id), rows) for row in claimed}


def _verdict(claimed: Claimed, one: Addressee | None, rows: dict[int, Certificate]) -> Verdict:
    number, what, *_ = claimed.occasion.split(":")
    row = rows.get(int(number))
    if one is None or not one.is_active or row is None or not row.statement:
        return NotWanted("left")
    if one.chat_id is None or not one.is_reachable:
        return NotWanted("unreachable")
    stands = _what(row)
    is_so = stands == THERE if what == RESTORED else claimed.occasion == _name(row, stands)
    if not is_so:
        return NotWanted("not_wanted")
    statement = Statement.read(row.statement)
    brief = Brief(
        row.id or 0,
        what,
        statement.title,
        statement.starts_on,
        statement.serial,
        row.size,
        row.reason,
    )
    return said(KIND, one, f"{row.id}/{what}", certificate=brief)
