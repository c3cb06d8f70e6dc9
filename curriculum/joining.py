"""Joining by an invite: links, typed codes, what they lead to, becoming a person with a role."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from curriculum.errors import AlreadyEnrolled, ConsentNeeded, InviteNotValid
from curriculum.people import LEARNER, PRIVACY_VERSION, ROLES, ZONE, Speaker, usable_name, who
from curriculum.rhythm import local_date
from storage import audit, people
from storage import cohorts as stored_cohorts
from storage.cohorts import CohortMember as Member
from storage.people import ChatAccount, Consent, Invite, Membership, Person, RoleGrant, Unit

TOKEN_BYTES = 16
INVITE_LIFETIME = timedelta(days=14)
# Without 0 O 1 I L, which look alike in print.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invite leads to, as shown before anybody agrees to anything."""

    invite_id: int
    role: str
    unit_name: str
    cohort_name: str | None


@dataclass(frozen=True, slots=True)
class NewInvite:
    """An invite just made; the token is shown once and only its hash is kept."""

    token: str
    role: str
    unit_name: str
    cohort_name: str | None
    expires_at: datetime
    uses: int


@dataclass(frozen=True, slots=True)
class PersonalInvite:
    """One person's own way in: a link's token and a code to type, each shown once."""

    person_id: int
    token: str
    code: str
    expires_at: datetime


def hash_token(token: str) -> str:
    """What is stored of an invite's token; 128 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_invite(
    session: Session,
    *,
    role: str,
    unit: Unit,
    cohort: stored_cohorts.Cohort | None,
    uses: int,
    created_by: int | None,
    now: datetime,
    lifetime: timedelta = INVITE_LIFETIME,
) -> NewInvite:
    """A deep-link token for one role in one unit; ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(role)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invite = Invite(
        token_hash=hash_token(token),
        role=role,
        unit_id=unit.id or 0,
        cohort_id=cohort.id if cohort else None,
        uses_left=uses,
        expires_at=now + lifetime,
        created_by=created_by,
        created_at=now,
    )
    session.add(invite)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=created_by,
        action="invite",
        object_kind="invite",
        object_id=invite.id,
        role=role,
        unit=unit.id,
    )
    return NewInvite(
        token, role, unit.name_zh, cohort.name if cohort else None, invite.expires_at, uses
    )


def invite_person(
    session: Session,
    *,
    person_id: int,
    role: str,
    unit_id: int,
    cohort_id: int | None,
    created_by: int | None,
    now: datetime,
) -> PersonalInvite:
    """One person's own link and code (14 days); any earlier one of hers ends at once."""
    session.execute(
        update(Invite)
        .where(col(Invite.person_id) == person_id, col(Invite.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    invite = Invite(
        token_hash=hash_token(token),
        code_hash=hash_token(code),
        role=role,
        unit_id=unit_id,
        cohort_id=cohort_id,
        person_id=person_id,
        uses_left=1,
        expires_at=now + INVITE_LIFETIME,
        created_by=created_by,
        created_at=now,
    )
    session.add(invite)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=created_by,
        action="invite_person",
        object_kind="person",
        object_id=person_id,
        role=role,
        unit=unit_id,
    )
    return PersonalInvite(person_id, token, code, invite.expires_at)


def _valid_invite(session: Session, token: str, *, now: datetime) -> Invite:
    invite = people.invite_by_hash(session, hash_token(token))
    if invite is None or invite.revoked_at or invite.uses_left < 1 or invite.expires_at <= now:
        raise InviteNotValid
    return invite


def open_invite(
    session: Session, *, token: str, bot: int, chat_id: int, now: datetime
) -> Invitation:
    """What a link invites to; raises InviteNotValid, or AlreadyEnrolled for a role already held."""
    invite = _valid_invite(session, token, now=now)
    speaker = who(session, bot=bot, chat_id=chat_id, now=now)
    if speaker and any(
        grant.role == invite.role and grant.unit_id == invite.unit_id for grant in speaker.grants
    ):
        raise AlreadyEnrolled(name=speaker.name)
    unit = session.get_one(Unit, invite.unit_id)
    cohort = session.get(stored_cohorts.Cohort, invite.cohort_id) if invite.cohort_id else None
    return Invitation(invite.id or 0, invite.role, unit.name_zh, cohort.name if cohort else None)


def enrol(
    session: Session,
    *,
    token: str,
    bot: int,
    chat_id: int,
    name: str,
    language: str,
    privacy_version: str,
    now: datetime,
) -> Speaker:
    """Turn an invite and a consent into a person with a role, a unit and a place in the cohort.

    A second role for somebody already here keeps her person and adds the role. The invite loses
    one use in the same transaction, so two people cannot share the last one.
    """
    if privacy_version != PRIVACY_VERSION:
        raise ConsentNeeded
    invite = _valid_invite(session, token, now=now)
    if not people.use_invite(session, invite.id or 0):
        raise InviteNotValid
    today = local_date(now, ZONE)
    account = people.open_account(session, bot=bot, chat_id=chat_id)
    if account is None:
        person = Person(name=usable_name(name), language=language, created_at=now)
        session.add(person)
        session.flush()
        person_id = person.id or 0
        session.add(ChatAccount(person_id=person_id, bot=bot, chat_id=chat_id, linked_at=now))
        session.add(Membership(person_id=person_id, unit_id=invite.unit_id, since=today))
    else:
        person_id = account.person_id
    session.add(
        Consent(person_id=person_id, version=privacy_version, language=language, given_at=now)
    )
    _take_up(session, invite, person_id, today=today)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=person_id,
        action="enrol",
        object_kind="invite",
        object_id=invite.id,
        role=invite.role,
        unit=invite.unit_id,
    )
    speaker = who(session, bot=bot, chat_id=chat_id, now=now)
    if speaker is None:  # a deactivated person's chat: she is told what a stranger is told
        raise InviteNotValid
    return speaker


def _take_up(session: Session, invite: Invite, person_id: int, *, today: date) -> None:
    """Grant the invite's role and, for a learner, her place in its cohort."""
    held = {(g.role, g.unit_id) for g in people.grants(session, person_id, on=today)}
    if (invite.role, invite.unit_id) not in held:
        session.add(
            RoleGrant(person_id=person_id, unit_id=invite.unit_id, role=invite.role, since=today)
        )
    learns_in = {cohort.id for _, cohort in stored_cohorts.cohorts_of(session, person_id)}
    if invite.role == LEARNER and invite.cohort_id and invite.cohort_id not in learns_in:
        session.add(Member(cohort_id=invite.cohort_id, person_id=person_id, since=today))
