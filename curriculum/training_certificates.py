"""Giving certificates of a training: to all who were there long enough, undoing, revoking one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum import certificates, training_words
from curriculum.certificate_notes import tell, tell_restored
from curriculum.certificates import Facts as Certified
from curriculum.certificates_seen import (
    EARNED,
    TAKEN_BACK,
    Held,
    Line,
    Overview,
    can_restore,
    held,
    lines_of,
    needed_of,
    over,
    shown,
    undoable,
)
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_errors import (
    CertificatesUndoTooLate,
    CertificateUndoTooLate,
    NobodyEarned,
)
from curriculum.training_events import to_arrange, write_down
from storage import certificates as stored
from storage import trainings
from storage.certificates import Certificate
from storage.signatures import Signer
from storage.trainings import TrainingEvent


def issue(
    session: Session,
    speaker: Speaker,
    event_id: int,
    *,
    seen: int,
    size: int,
    signer: Signer,
    now: datetime,
) -> Overview:
    """发证书 to everybody who earned one and holds none: the `seen` that were shown; each is told.

    `size` is about how many bytes such a PDF has. Raises NotThere, CertificatesNotYet,
    NobodyEarned, ChangedMeanwhile where the roll says another number by now.
    """
    event = over(session, speaker, event_id, lock=True, now=now)
    given = stored.of_event(session, event_id)
    total = sum(one.minutes for one in trainings.periods(session, event_id))
    lines = lines_of(session, event, given, needed=needed_of(event, total))
    earned = [line for line in lines if line.state == EARNED]
    if not earned:
        raise NobodyEarned
    if len(earned) != seen:
        raise ChangedMeanwhile
    for line in earned:
        _issue(session, speaker, event, line, size=size, signer=signer, now=now)
    write_down(
        session,
        event,
        "issue_certificates",
        actor_id=speaker.person_id,
        now=now,
        people=len(earned),
    )
    return shown(session, event, page=0, now=now)


def _issue(
    session: Session,
    speaker: Speaker,
    event: TrainingEvent,
    line: Line,
    *,
    size: int,
    signer: Signer,
    now: datetime,
) -> Certificate:
    facts = Certified(
        event_id=event.id or 0,
        person_id=line.person_id,
        name=line.name,
        unit=line.unit_name,
        title=event.title,
        starts_on=local_date(event.starts_at, ZONE),
        ends_on=local_date(event.ends_at, ZONE),
        minutes=line.minutes,
        issuer=event.organiser,
    )
    row = certificates.issue(
        session,
        facts,
        bot=event.bot,
        signer=signer,
        issued_by=speaker.person_id,
        issued_on=local_date(now, ZONE),
        size=size,
        now=now,
    )
    session.flush()
    tell(session, event, row, now=now)
    return row


def issue_again(
    session: Session,
    speaker: Speaker,
    certificate_id: int,
    *,
    signer: Signer,
    now: datetime,
) -> Held:
    """A new certificate for whoever's was revoked: another number, another code; she is told.

    Raises NotThere, NobodyEarned where she was not there long enough.
    """
    row, event = _to_change(session, speaker, certificate_id)
    given = stored.of_event(session, event.id or 0)
    total = sum(one.minutes for one in trainings.periods(session, event.id or 0))
    lines = lines_of(session, event, given, needed=0)
    hers = next((one for one in lines if one.person_id == row.person_id), None)
    if hers is None or hers.certificate_id != row.id or hers.state != TAKEN_BACK:
        raise NotThere
    if hers.minutes < needed_of(event, total):
        raise NobodyEarned
    fresh = _issue(session, speaker, event, hers, size=row.size, signer=signer, now=now)
    _note(session, speaker, event, fresh, "issue_certificate_again", now=now)
    return held(session, speaker, fresh, event)


def undo(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> Overview:
    """撤销 what was issued in the last ten minutes; who heard of it is told. NotThere, too late."""
    event = over(session, speaker, event_id, lock=True, now=now)
    rows = undoable(stored.of_event(session, event_id), now=now)
    if not rows:
        raise CertificatesUndoTooLate
    _take_back(session, speaker, event, rows, reason="", now=now)
    write_down(
        session,
        event,
        "undo_certificates",
        actor_id=speaker.person_id,
        now=now,
        people=len(rows),
    )
    return shown(session, event, page=0, now=now)


def revoke(
    session: Session, speaker: Speaker, certificate_id: int, *, reason: str, now: datetime
) -> Held:
    """撤回证书: one, with a reason that its holder is told. NotThere, TrainingNotClear."""
    reason = training_words.reason(reason)
    row, event = _to_change(session, speaker, certificate_id)
    if row.revoked_at is not None:
        raise NotThere
    _take_back(session, speaker, event, [row], reason=reason, now=now)
    _note(session, speaker, event, row, "revoke_certificate", now=now)
    return held(session, speaker, row, event)


def undo_revoke(session: Session, speaker: Speaker, certificate_id: int, *, now: datetime) -> Held:
    """撤销 a revocation within ten minutes: the same number and code count again.

    Raises NotThere, ChangedMeanwhile where another was given since, CertificateUndoTooLate.
    """
    row, event = _to_change(session, speaker, certificate_id)
    before = held(session, speaker, row, event)
    if not before.may_restore or row.revoked_at is None:
        raise NotThere
    if not can_restore(before, now=now):
        raise CertificateUndoTooLate
    stands = [one for one in stored.of_event(session, row.event_id) if one.revoked_at is None]
    if row.person_id in {one.person_id for one in stands}:
        raise ChangedMeanwhile
    revoked_at = row.revoked_at
    certificates.restore(session, row)
    session.flush()
    tell_restored(session, event, row, revoked_at=revoked_at, now=now)
    _note(session, speaker, event, row, "undo_revoke_certificate", now=now)
    return held(session, speaker, row, event)


def _take_back(
    session: Session,
    speaker: Speaker,
    event: TrainingEvent,
    rows: Sequence[Certificate],
    *,
    reason: str,
    now: datetime,
) -> None:
    for row in rows:
        certificates.revoke(session, row, by=speaker.person_id, reason=reason, now=now)
    session.flush()
    for row in rows:
        tell(session, event, row, now=now)


def _note(
    session: Session,
    speaker: Speaker,
    event: TrainingEvent,
    row: Certificate,
    action: str,
    *,
    now: datetime,
) -> None:
    write_down(
        session,
        event,
        action,
        actor_id=speaker.person_id,
        now=now,
        certificate=row.id,
        person=row.person_id,
    )


def _to_change(
    session: Session, speaker: Speaker, certificate_id: int
) -> tuple[Certificate, TrainingEvent]:
    """A certificate of a training she arranges; the training is locked."""
    row = stored.by_id(session, certificate_id, bot=speaker.bot)
    if row is None:
        raise NotThere
    event = to_arrange(session, speaker, row.event_id)
    session.refresh(row)
    return row, event
