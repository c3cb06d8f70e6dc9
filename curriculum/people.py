"""Who is speaking and what she may do; joining by invite, leaving, being reachable."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import regex  # type: ignore[import-untyped]
from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import (
    AlreadyEnrolled,
    ConsentNeeded,
    InviteNotValid,
    NameNotUsable,
    NotThere,
)
from curriculum.rhythm import local_date
from storage import audit, people
from storage import cohorts as stored_cohorts
from storage.cohorts import CohortMember as Member
from storage.people import ChatAccount, Consent, Grant, Invite, Membership, Person, RoleGrant, Unit

LEARNER, SUPERVISOR, COORDINATOR, ADMINISTRATOR, OBSERVER = (
    "learner",
    "supervisor",
    "coordinator",
    "administrator",
    "observer",
)
ROLES = (LEARNER, SUPERVISOR, COORDINATOR, ADMINISTRATOR, OBSERVER)
# Which roles may do what within their unit; everything a role is not named for is refused.
RIGHTS: dict[str, frozenset[str]] = {
    "learn": frozenset({LEARNER}),
    "ask": frozenset({LEARNER, SUPERVISOR, COORDINATOR}),
    "read_records": frozenset({COORDINATOR}),
    "invite": frozenset({COORDINATOR, ADMINISTRATOR}),
}
# The privacy notice people agree to; a new wording gets a new version and is asked again.
PRIVACY_VERSION = "2026-11"
NAME_LIMIT = 40
# Marks nobody sees (direction marks, joiners, fillers): two names must not differ by them alone.
INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
TOKEN_BYTES = 16
INVITE_LIFETIME = timedelta(days=14)
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Speaker:
    """The enrolled person behind a private chat."""

    person_id: int
    name: str
    language: str
    bot: int
    chat_id: int
    unit_id: int | None
    unit_name: str
    grants: tuple[Grant, ...]

    def may(self, action: str, *, unit_path: str | None = None) -> bool:
        """Whether a role of hers allows an action, in a unit when one is named."""
        return any(
            grant.role in RIGHTS[action]
            and (unit_path is None or unit_path.startswith(grant.unit_path))
            for grant in self.grants
        )

    def require(self, action: str, *, unit_path: str | None = None) -> None:
        """Raise NotThere, which looks the same as "does not exist", when she may not."""
        if not self.may(action, unit_path=unit_path):
            raise NotThere


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


def who(session: Session, *, bot: int, chat_id: int, now: datetime) -> Speaker | None:
    """The person enrolled in this private chat, or None for a stranger."""
    account = people.open_account(session, bot=bot, chat_id=chat_id)
    if account is None:
        return None
    person = session.get_one(Person, account.person_id)
    if person.status != "active":
        return None
    unit = people.unit_of(session, account.person_id)
    return Speaker(
        person_id=account.person_id,
        name=person.name,
        language=person.language,
        bot=bot,
        chat_id=chat_id,
        unit_id=unit.id if unit else None,
        unit_name=unit.name_zh if unit else "",
        grants=tuple(people.grants(session, account.person_id, on=local_date(now, ZONE))),
    )


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


def usable_name(written: str) -> str:
    """A name as it should stand on records: one line, 1 to 40 characters; raises NameNotUsable.

    Never split into surname and given name: many Tibetan names have no surname.
    """
    name = " ".join(INVISIBLE.sub("", clean(written)).split())
    if not 1 <= len(name) <= NAME_LIMIT or not re.search(r"[^\W\d_]", name):
        raise NameNotUsable(limit=NAME_LIMIT)
    return name


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


def move_chat(session: Session, *, bot: int, old: int, new: int) -> None:
    """A group became a supergroup with a new id: everything goes there from now on."""
    group = stored_cohorts.work_group(session, bot=bot, chat_id=old)
    if group is not None:
        group.chat_id = new
        session.add(group)


def set_reachable(
    session: Session, *, bot: int, chat_id: int, reachable: bool, reason: str | None, now: datetime
) -> bool:
    """Note that a chat cannot be reached, or can be again; True when that is news."""
    chat = people.open_account(session, bot=bot, chat_id=chat_id) or stored_cohorts.work_group(
        session, bot=bot, chat_id=chat_id
    )
    if chat is None or chat.reachable == reachable:
        return False
    chat.reachable = reachable
    chat.unreachable_since = None if reachable else now
    chat.unreachable_reason = None if reachable else reason
    session.add(chat)
    return True
