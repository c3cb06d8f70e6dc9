"""Being forgotten: who may ask for it, whose time is over, and the rows in the audit trail."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from curriculum.errors import NotThere
from curriculum.people import ADMINISTRATOR, ZONE, Speaker
from curriculum.people_errors import HasOwnChat, LastAdministrator
from curriculum.rhythm import local_date
from curriculum.staffing import person_to_change, require_others
from storage import audit, staffing
from storage.audit import AuditEntry
from storage.directory import LEFT
from storage.people import FORGOTTEN, Membership, Person

# The act by which somebody whom a backup brought back is forgotten once more.
AGAIN = "forget_again"


def begin(session: Session, speaker: Speaker) -> None:
    """Hold the row of whoever wishes to be forgotten; raises LastAdministrator, NotThere."""
    person = staffing.locked_person(session, speaker.person_id)
    if person is None or person.status == FORGOTTEN:
        raise NotThere
    if any(grant.role == ADMINISTRATOR for grant in speaker.grants):
        others = {who for _, who in staffing.administrators(session)} - {speaker.person_id}
        if not others:
            raise LastAdministrator


def begin_for(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> str:
    """Hold the row of somebody for whom a coordinator asks; gives her name.

    Only for whoever has no chat to ask in, and only within the coordinator's reach. Raises
    NotThere, HasOwnChat, LastAdministrator.
    """
    person = staffing.locked_person(session, person_id)
    if person is None or person.status == FORGOTTEN:
        raise NotThere
    target = person_to_change(session, speaker, person_id, now=now, status=person.status)
    if staffing.has_chat(session, person_id):
        raise HasOwnChat
    require_others(session, speaker, target, ending={g.grant_id for g in target.grants})
    return target.person.name


def forgotten(session: Session) -> dict[int, datetime]:
    """Everybody who was forgotten: her number, and when her row was made."""
    rows = session.exec(select(Person.id, Person.created_at).where(Person.status == FORGOTTEN))
    return {person_id or 0: made_at for person_id, made_at in rows}


def is_back(session: Session, person_id: int, made_at: datetime) -> bool:
    """Whether the person whose row was made then is there again, unforgotten; holds her row."""
    found = session.exec(
        select(Person.id).where(
            Person.id == person_id, Person.created_at == made_at, Person.status != FORGOTTEN
        )
    ).first()
    if found is None:
        return False
    # Another process that begins at the same moment may have been faster.
    person = staffing.locked_person(session, person_id)
    return person is not None and person.status != FORGOTTEN


def forgotten_again(session: Session, *, since: datetime) -> int:
    """How many a restored database had brought back, since a moment."""
    statement = select(func.count()).select_from(AuditEntry)
    again = statement.where(AuditEntry.action == AGAIN, col(AuditEntry.at) >= since)
    return session.exec(again).one()


def note(
    session: Session,
    person_id: int,
    *,
    actor_id: int | None,
    erased: Mapping[str, int],
    now: datetime,
    action: str = "forget",
) -> None:
    """Write down that somebody was forgotten: by herself, for her, or her time being over."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="person",
        object_id=person_id,
        **erased,
    )


def note_retention(session: Session, kind: str, *, rows: int, now: datetime) -> None:
    """Write down that what had been kept long enough was forgotten: which kind, how many rows."""
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="end_retention",
        object_kind=kind,
        object_id=None,
        rows=rows,
    )


def left_before(session: Session, *, before: datetime, limit: int) -> list[int]:
    """People who left, and nowhere belonged since a moment: at most so many, the first ones."""
    day = local_date(before, ZONE)
    later = select(Membership.id).where(
        col(Membership.person_id) == col(Person.id),
        (col(Membership.until).is_(None)) | (col(Membership.until) >= day),
    )
    statement = (
        select(Person.id)
        .where(Person.status == LEFT, ~later.exists())
        .order_by(col(Person.id))
        .limit(limit)
    )
    return [person_id or 0 for person_id in session.exec(statement)]
