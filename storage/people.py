"""Units, people, their roles and chat accounts, the invites they came by."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text, update
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, number, partial_index, points_to

# Of a person: she had herself forgotten. Her rows stay, with nothing that tells who she was.
FORGOTTEN = "forgotten"
OPEN_ACCOUNT = text("ended_at IS NULL")
OPEN_SPAN = text("until IS NULL")


class Unit(SQLModel, table=True):
    """A place in the tree province > prefecture > county centre > township station > point."""

    __tablename__ = "unit"

    id: int | None = key()
    parent_id: int | None = points_to("unit.id", optional=True, index=True)
    # "/1/4/9/": every ancestor's id and one's own, so "everything under" is a prefix search.
    path: str = Field(default="", index=True)
    level: str
    name_zh: str
    name_en: str | None = None
    name_bo: str | None = None
    active_from: date | None = None
    active_to: date | None = None


class Person(SQLModel, table=True):
    """Somebody who learns or works here; the name as it stands on records, never split."""

    __tablename__ = "person"

    id: int | None = key()
    number: str | None = Field(default=None, unique=True)
    name: str
    language: str = "zh"
    content_language: str = "zh"
    phone: str | None = None
    status: str = "active"
    created_at: datetime


class ChatAccount(SQLModel, table=True):
    """One person's private chat with one bot; ended, never deleted, when the account changes."""

    __tablename__ = "chat_account"
    __table_args__ = (
        partial_index("uq_chat_account_chat", "bot", "chat_id", where=OPEN_ACCOUNT, unique=True),
        partial_index(
            "uq_chat_account_person", "bot", "person_id", where=OPEN_ACCOUNT, unique=True
        ),
    )

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    bot: int = number()
    chat_id: int = number()
    reachable: bool = True
    unreachable_since: datetime | None = None
    unreachable_reason: str | None = None
    linked_at: datetime
    ended_at: datetime | None = None


class Membership(SQLModel, table=True):
    """Where a person works, dated: people move stations and records keep the old one."""

    __tablename__ = "membership"
    __table_args__ = (
        partial_index("uq_membership_person", "person_id", where=OPEN_SPAN, unique=True),
    )

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    unit_id: int = points_to("unit.id", index=True)
    since: date
    until: date | None = None


class RoleGrant(SQLModel, table=True):
    """A role held in a unit and everything under it, dated."""

    __tablename__ = "role_grant"
    __table_args__ = (
        partial_index(
            "uq_role_grant", "person_id", "unit_id", "role", where=OPEN_SPAN, unique=True
        ),
    )

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    unit_id: int = points_to("unit.id", index=True)
    role: str
    since: date
    until: date | None = None


class Invite(SQLModel, table=True):
    """A link into one role of one unit; only the hash of its 128-bit token is kept."""

    __tablename__ = "invite"

    id: int | None = key()
    token_hash: str = Field(unique=True)
    # A code short enough to type, for those who cannot follow a link; only its hash is kept.
    code_hash: str | None = Field(default=None, unique=True, index=True)
    role: str
    unit_id: int = points_to("unit.id", index=True)
    cohort_id: int | None = points_to("cohort.id", optional=True)
    person_id: int | None = points_to("person.id", optional=True)
    uses_left: int
    expires_at: datetime
    revoked_at: datetime | None = None
    created_by: int | None = points_to("person.id", optional=True)
    created_at: datetime


class Consent(SQLModel, table=True):
    """Which version of the privacy notice a person agreed to, and when she took it back."""

    __tablename__ = "consent"

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    version: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and the unit it reaches, with the unit's path for "and everything under".

    `instead_of` is whose role it is where she only stands in for somebody who is away.
    """

    role: str
    unit_id: int
    unit_path: str
    instead_of: int | None = None


def open_account(session: Session, *, bot: int, chat_id: int) -> ChatAccount | None:
    """The account that this private chat belongs to now."""
    return session.exec(
        select(ChatAccount).where(
            ChatAccount.bot == bot,
            ChatAccount.chat_id == chat_id,
            col(ChatAccount.ended_at).is_(None),
        )
    ).first()


def account_of(session: Session, *, bot: int, person_id: int) -> ChatAccount | None:
    """A person's present account with this bot."""
    return session.exec(
        select(ChatAccount).where(
            ChatAccount.bot == bot,
            ChatAccount.person_id == person_id,
            col(ChatAccount.ended_at).is_(None),
        )
    ).first()


def latest_chat(session: Session, *, bot: int, person_id: int) -> int | None:
    """The chat of a person's newest account with a bot, open or ended."""
    return session.exec(
        select(ChatAccount.chat_id)
        .where(ChatAccount.bot == bot, ChatAccount.person_id == person_id)
        .order_by(col(ChatAccount.id).desc())
        .limit(1)
    ).first()


def holds(session: Session, person_id: int, *, role: str, unit_id: int) -> bool:
    """Whether a role is granted with no end, from today or from a coming day."""
    found = session.exec(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.unit_id == unit_id,
            col(RoleGrant.until).is_(None),
        )
    )
    return found.first() is not None


def grants_ever(session: Session, person_id: int) -> list[RoleGrant]:
    """Every role a person holds or held: those without an end first, then the last ended."""
    return list(
        session.exec(
            select(RoleGrant)
            .where(RoleGrant.person_id == person_id)
            .order_by(
                col(RoleGrant.until).is_not(None),
                col(RoleGrant.until).desc(),
                col(RoleGrant.id).desc(),
            )
        )
    )


def unit_of(session: Session, person_id: int) -> Unit | None:
    """The unit where a person works now."""
    return session.exec(
        select(Unit)
        .join(Membership, col(Membership.unit_id) == Unit.id)
        .where(Membership.person_id == person_id, col(Membership.until).is_(None))
    ).first()


def add_unit(
    session: Session,
    *,
    name_zh: str,
    level: str,
    parent: Unit | None,
    name_en: str | None = None,
    name_bo: str | None = None,
) -> Unit:
    """Store a unit under its parent; its path needs its own id, so it is written after."""
    unit = Unit(
        parent_id=parent.id if parent else None,
        level=level,
        name_zh=name_zh,
        name_en=name_en,
        name_bo=name_bo,
    )
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.flush()
    return unit


def person_by_number(session: Session, number: str) -> Person | None:
    """The person of this number on the roster."""
    return session.exec(select(Person).where(Person.number == number)).first()


def unit_names(session: Session) -> dict[int, tuple[str, str]]:
    """Every unit's path and Chinese name by id; a region has hundreds, so this fits in memory."""
    return {
        i: (path, name)
        for i, path, name in session.exec(select(Unit.id, Unit.path, Unit.name_zh))
        if i
    }


def unit_by_name(session: Session, name: str) -> list[Unit]:
    """Units of exactly this Chinese name."""
    return list(session.exec(select(Unit).where(Unit.name_zh == name)))


def invite_by_hash(session: Session, token_hash: str) -> Invite | None:
    """The invite whose token hashes to this."""
    return session.exec(select(Invite).where(Invite.token_hash == token_hash)).first()


def use_invite(session: Session, invite_id: int) -> bool:
    """Take one use of an invite; False when somebody took the last one or ended it meanwhile."""
    statement = (
        update(Invite)
        .where(
            col(Invite.id) == invite_id,
            col(Invite.uses_left) > 0,
            col(Invite.revoked_at).is_(None),
        )
        .values(uses_left=Invite.uses_left - 1)
        .execution_options(synchronize_session=False)
    )
    return bool(session.connection().execute(statement).rowcount)
