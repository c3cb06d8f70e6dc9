"""Leaving and coming back: access ends at once, the person and her records stay."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlmodel import Session

from curriculum import units
from curriculum.errors import NotThere, UndoTooLate
from curriculum.joining import PersonalInvite, invite_person
from curriculum.people import LEARNER, Speaker
from curriculum.people_errors import OwnRole
from curriculum.second_thoughts import UNDO
from curriculum.staffing import Target, person_to_change, require_others, write_down
from storage import directory as stored
from storage import staffing as changes
from storage.cohorts import CohortMember
from storage.directory import LEFT
from storage.people import Membership, RoleGrant
from storage.staffing import Ended
from storage.units import ACTIVE


@dataclass(frozen=True, slots=True)
class Invited:
    """An invite made anew, and whose."""

    name: str
    unit_name: str
    invite: PersonalInvite


def deactivate(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> str:
    """End a person's access at once; her records stay. Returns her name.

    Her place, roles, cohorts, chats and invites are closed and what waits for her is not sent;
    `take_back` undoes it for ten minutes. Raises OwnRole for herself, LastAdministrator.
    """
    target = person_to_change(session, speaker, person_id, now=now)
    if person_id == speaker.person_id:
        raise OwnRole
    require_others(session, speaker, target, ending={g.grant_id for g in target.grants})
    target.person.status = LEFT
    session.add(target.person)
    session.flush()
    ended = changes.end_all(session, person_id, on=target.today, now=now)
    write_down(session, speaker, "deactivate", person_id, now=now, **asdict(ended))
    return target.person.name


def take_back(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> None:
    """Undo a leaving of the last ten minutes, by whoever did it; raises UndoTooLate."""
    target = person_to_change(session, speaker, person_id, now=now, status=LEFT)
    entry = changes.last_act(session, action="deactivate", person_id=person_id)
    if entry is None or entry.actor_id != speaker.person_id:
        raise NotThere
    if now - entry.at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    target.person.status = ACTIVE
    session.add(target.person)
    session.flush()
    # A deputy's act says besides for whom it was done.
    ended = Ended(**{field.name: entry.facts[field.name] for field in fields(Ended)})
    changes.take_back(session, person_id, ended, left_at=entry.at, now=now)
    write_down(session, speaker, "undo_deactivate", person_id, now=now)


def invite_again(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> Invited:
    """A new link and code for a person; earlier ones end. Raises NotThere."""
    target = person_to_change(session, speaker, person_id, now=now)
    first = next(iter(target.grants), None)
    return _invite(
        session,
        speaker,
        target,
        role=first.role if first else LEARNER,
        unit_id=first.unit_id if first else target.unit.id or 0,
        now=now,
    )


def _invite(
    session: Session, speaker: Speaker, target: Target, *, role: str, unit_id: int, now: datetime
) -> Invited:
    person_id = target.person.id or 0
    places = changes.open_places(session, person_id)
    invite = invite_person(
        session,
        person_id=person_id,
        role=role,
        unit_id=unit_id,
        cohort_id=places[-1].cohort_id if places and role == LEARNER else None,
        created_by=speaker.person_id,
        now=now,
    )
    return Invited(target.person.name, target.unit.name_zh, invite)


def bring_back(session: Session, speaker: Speaker, person_id: int, *, now: datetime) -> Invited:
    """Let somebody who left come back: the same person and records, as a learner, by a new invite.

    She takes her old place again while the station and the cohort still exist; other roles are
    given anew.
    """
    target = person_to_change(session, speaker, person_id, now=now, status=LEFT)
    unit = units.open_unit(session, speaker, target.unit.id or 0, now=now)
    target.person.status = ACTIVE
    session.add(target.person)
    session.add(Membership(person_id=person_id, unit_id=unit.id or 0, since=target.today))
    session.add(
        RoleGrant(person_id=person_id, unit_id=unit.id or 0, role=LEARNER, since=target.today)
    )
    cohort_id = stored.last_cohort(session, person_id)
    running = dict(stored.running_cohorts(session, unit.path, bot=speaker.bot, on=target.today))
    if cohort_id in running:
        session.add(CohortMember(cohort_id=cohort_id, person_id=person_id, since=target.today))
    session.flush()
    write_down(session, speaker, "bring_back", person_id, now=now, unit=unit.id, cohort=cohort_id)
    return _invite(session, speaker, target, role=LEARNER, unit_id=unit.id or 0, now=now)
