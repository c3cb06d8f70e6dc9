"""Being forgotten: who may ask for it, whose time is over, and the rows in the audit trail."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from curriculum.errors import HasOwnChat, LastAdministrator, NotThere
from curriculum.people import ADMINISTRATOR, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.staffing import person_to_change, require_others
from storage import audit, staffing
from storage.directory import LEFT
from storage.people import FORGOTTEN, Membership, Person


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


def note(
    session: Session,
    person_id: int,
    *,
    actor_id: int | None,
    erased: Mapping[str, int],
    now: datetime,
) -> None:
    """Write down that somebody was forgotten: by herself, for her, or her time being over."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="forget",
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
