"""Joining by an invite: what it leads to, becoming a person with a role, coming back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import chat_accounts
from curriculum.invites import (
    CODE_LENGTH,
    CODE_LETTERS,
    INVITE_LIFETIME,
    NewInvite,
    PersonalInvite,
    hash_token,
    invite_again,
    invite_person,
    make_invite,
    new_code,
)
from curriculum.joining_errors import AlreadyEnrolled, ChatTaken, ConsentNeeded, InviteNotValid
from curriculum.people import (
    ACTIVE,
    LEARNER,
    PRIVACY_VERSION,
    ZONE,
    Speaker,
    usable_name,
    who,
)
from curriculum.rhythm import local_date
from storage import audit, invites, people
from storage import cohorts as stored_cohorts
from storage.cohorts import CohortMember as Member
from storage.people import ChatAccount, Consent, Invite, Membership, Person, RoleGrant, Unit

# Making invites has its own module; whoever lets people in finds both here.
__all__ = [
    "CODE_LENGTH",
    "CODE_LETTERS",
    "INVITE_LIFETIME",
    "Invitation",
    "NewInvite",
    "PersonalInvite",
    "decline",
    "enrol",
    "find_invite",
    "hash_token",
    "invitation_of",
    "invite_again",
    "invite_person",
    "make_invite",
    "move_account",
    "new_code",
    "open_invite",
]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invite leads to, as shown before anybody agrees to anything."""

    invite_id: int
    role: str
    unit_name: str
    cohort_name: str | None
    # Of a personal invite, for whoever is not enrolled in this chat yet.
    person_name: str = ""
    # She is enrolled in another account, which would end.
    is_move: bool = False


def find_invite(session: Session, written: str, *, now: datetime) -> Invite | None:
    """The invite of a link's token or of a typed code, if it may still be used."""
    hashed = hash_token(written)
    invite = people.invite_by_hash(session, hashed) or invites.invite_by_code(session, hashed)
    if invite is None or invite.revoked_at or invite.uses_left < 1 or invite.expires_at <= now:
        return None
    return invite


def open_invite(
    session: Session, *, token: str, bot: int, chat_id: int, now: datetime
) -> Invitation:
    """What a link invites to.

    Raises InviteNotValid, AlreadyEnrolled for a role already held, and ChatTaken where a personal
    invite is opened in somebody else's chat.
    """
    # Only tokens: typed codes are few enough to guess and go through `typed_codes.open_code`.
    is_link = people.invite_by_hash(session, hash_token(token)) is not None
    invite = find_invite(session, token, now=now) if is_link else None
    if invite is None:
        raise InviteNotValid
    return invitation_of(session, invite, bot=bot, chat_id=chat_id, now=now)


def invitation_of(
    session: Session, invite: Invite, *, bot: int, chat_id: int, now: datetime
) -> Invitation:
    """What a usable invite leads to from this chat; raises as `open_invite` does."""
    speaker = who(session, bot=bot, chat_id=chat_id, now=now)
    is_leavers = speaker is None and people.open_account(session, bot=bot, chat_id=chat_id)
    if is_leavers and invite.person_id is None:
        # Whoever left comes back by an invite of her own, never by a link many have.
        raise InviteNotValid
    is_hers = speaker is not None and invite.person_id in (None, speaker.person_id)
    if speaker is not None and not is_hers:
        raise ChatTaken
    if speaker is not None and any(
        grant.role == invite.role and grant.unit_id == invite.unit_id
        for grant in speaker.herself().grants
    ):
        raise AlreadyEnrolled(name=speaker.name)
    unit = session.get_one(Unit, invite.unit_id)
    cohort = session.get(stored_cohorts.Cohort, invite.cohort_id) if invite.cohort_id else None
    name, unit_name, is_move = "", unit.name_zh, False
    if invite.person_id is not None:
        person = session.get_one(Person, invite.person_id)
        elsewhere = people.account_of(session, bot=bot, person_id=invite.person_id)
        own_unit = people.unit_of(session, invite.person_id)
        name, unit_name = person.name, own_unit.name_zh if own_unit else unit.name_zh
        is_move = person.status == ACTIVE and elsewhere is not None and speaker is None
    return Invitation(
        invite.id or 0,
        invite.role,
        unit_name,
        cohort.name if cohort else None,
        name if speaker is None else "",
        is_move,
    )


def decline(session: Session, *, token: str, now: datetime) -> None:
    """Whoever opened a personal invite is somebody else: the invite stays, the trail says so."""
    invite = find_invite(session, token, now=now)
    if invite is not None:
        audit.add(
            session,
            at=now,
            actor_id=None,
            action="decline_invite",
            object_kind="invite",
            object_id=invite.id,
        )


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
    present_version: str = PRIVACY_VERSION,
) -> Speaker:
    """Turn an invite and a consent into a person with a role, a unit and a place in the cohort.

    `token` is a link's token or a typed code. A personal invite leads to the person it was made
    for, whose name on the roster stands; whoever had left is active again. A second role for
    somebody already here keeps her person and adds the role. The invite loses one use in the
    same transaction, so two people cannot share the last one.
    """
    if privacy_version != present_version:
        raise ConsentNeeded
    invite = _use(session, token, now=now)
    today = local_date(now, ZONE)
    if invite.person_id is not None:
        person_id = _come_to_own(session, invite, bot=bot, chat_id=chat_id, now=now)
        session.get_one(Person, person_id).language = language
    elif account := people.open_account(session, bot=bot, chat_id=chat_id):
        person_id = account.person_id
    else:
        person = Person(name=usable_name(name), language=language, created_at=now)
        session.add(person)
        session.flush()
        person_id = person.id or 0
        session.add(ChatAccount(person_id=person_id, bot=bot, chat_id=chat_id, linked_at=now))
        session.add(Membership(person_id=person_id, unit_id=invite.unit_id, since=today))
    session.add(
        Consent(person_id=person_id, version=privacy_version, language=language, given_at=now)
    )
    _take_up(session, invite, person_id, today=today)
    _note(session, invite, person_id, "enrol", now=now)
    return _present(session, bot=bot, chat_id=chat_id, version=present_version, now=now)


def move_account(
    session: Session,
    *,
    token: str,
    bot: int,
    chat_id: int,
    now: datetime,
    present_version: str = PRIVACY_VERSION,
) -> Speaker:
    """A personal invite opened in another account by somebody enrolled: she goes on here.

    Her consent goes with her; the old chat ends at once and is told.
    """
    invite = _use(session, token, now=now)
    if invite.person_id is None:
        raise InviteNotValid
    person_id = _come_to_own(session, invite, bot=bot, chat_id=chat_id, now=now)
    _take_up(session, invite, person_id, today=local_date(now, ZONE))
    _note(session, invite, person_id, "move_account", now=now)
    return _present(session, bot=bot, chat_id=chat_id, version=present_version, now=now)


def _use(session: Session, token: str, *, now: datetime) -> Invite:
    """Take one use of a valid invite; raises InviteNotValid, also for whoever comes second."""
    invite = find_invite(session, token, now=now)
    if invite is None or not people.use_invite(session, invite.id or 0):
        raise InviteNotValid
    return invite


def _come_to_own(session: Session, invite: Invite, *, bot: int, chat_id: int, now: datetime) -> int:
    """Link this chat to the invited person, active and with a place to work; returns her id."""
    person = session.get_one(Person, invite.person_id, with_for_update={"key_share": True})
    person_id = person.id or 0
    if person.status != ACTIVE:
        person.status = ACTIVE
        _note(session, invite, person_id, "come_back", now=now)
    chat_accounts.link(session, person_id, bot=bot, chat_id=chat_id, now=now)
    if people.unit_of(session, person_id) is None:
        today = local_date(now, ZONE)
        session.add(Membership(person_id=person_id, unit_id=invite.unit_id, since=today))
    return person_id


def _take_up(session: Session, invite: Invite, person_id: int, *, today: date) -> None:
    """Grant what is missing of the invite's role and, for a learner, of her place in its cohort."""
    if not people.holds(session, person_id, role=invite.role, unit_id=invite.unit_id):
        session.add(
            RoleGrant(person_id=person_id, unit_id=invite.unit_id, role=invite.role, since=today)
        )
    learns_in = {cohort.id for _, cohort in stored_cohorts.cohorts_of(session, person_id)}
    if invite.role == LEARNER and invite.cohort_id and invite.cohort_id not in learns_in:
        session.add(Member(cohort_id=invite.cohort_id, person_id=person_id, since=today))


def _note(session: Session, invite: Invite, person_id: int, action: str, *, now: datetime) -> None:
    audit.add(
        session,
        at=now,
        actor_id=person_id,
        action=action,
        object_kind="invite",
        object_id=invite.id,
        role=invite.role,
        unit=invite.unit_id,
    )


def _present(session: Session, *, bot: int, chat_id: int, version: str, now: datetime) -> Speaker:
    session.flush()
    speaker = who(session, bot=bot, chat_id=chat_id, now=now, privacy_version=version)
    if speaker is None:  # a deactivated person's chat: she is told what a stranger is told
        raise InviteNotValid
    return speaker
