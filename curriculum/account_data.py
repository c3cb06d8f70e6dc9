"""What is kept of a person herself: who she is, her chats, places, roles, pauses, messages."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from curriculum.people import ZONE
from curriculum.personal_data import Counts, Section, section
from curriculum.rhythm import local_date
from storage import consents, of_person, staffing
from storage.absences import Absence
from storage.attention import Attention
from storage.audit import AuditEntry
from storage.code_tries import CodeTry
from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery, SentMessage
from storage.drafts import Draft
from storage.holds import HoldWord
from storage.inbox import WAITING, InboxUpdate
from storage.people import (
    FORGOTTEN,
    ChatAccount,
    Consent,
    Invite,
    Membership,
    Person,
    RoleGrant,
    Unit,
)
from storage.topics import TopicMessage

ERASES = {
    "person": ("name", "number", "phone"),
    "chat_account": ("chat_id", "unreachable_reason", "person_id"),
    "invite": ("token_hash", "code_hash", "person_id"),
    "draft": ("chat_id", "answers", "person_id"),
    "code_try": ("chat_id",),
    "inbox_update": ("sender", "payload", "error"),
    "sent_message": ("chat_id", "poll_id", "lines"),
    "topic_message": ("chat_id",),
    "absence": ("person_id",),
    "attention": ("person_id",),
    "hold_word": ("person_id",),
}
# Whose update it was, where nobody may know any more.
NOBODY = 0


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Her row and everything that hangs on it; of messages when and of which kind, no text."""

    def of(table: type, where: object) -> list[object]:
        return list(of_person.rows(session, table, where))

    def unit(row: Any) -> str:
        return session.get_one(Unit, row.unit_id).name_zh

    return (
        section(
            "person",
            of(Person, Person.id == person_id),
            *("id", "number", "name", "phone", "language", "status", "created_at"),
        ),
        section(
            "accounts",
            of(ChatAccount, ChatAccount.person_id == person_id),
            *("chat_id", "reachable", "linked_at", "ended_at"),
        ),
        section(
            "memberships",
            of(Membership, Membership.person_id == person_id),
            *("since", "until"),
            unit=unit,
        ),
        section(
            "roles",
            of(RoleGrant, RoleGrant.person_id == person_id),
            *("role", "since", "until"),
            unit=unit,
        ),
        section(
            "cohorts",
            of(CohortMember, CohortMember.person_id == person_id),
            *("since", "until"),
            cohort=lambda row: session.get_one(Cohort, row.cohort_id).name,
        ),
        section(
            "consents",
            of(Consent, Consent.person_id == person_id),
            *("version", "given_at", "withdrawn_at"),
        ),
        section("invites", of(Invite, Invite.person_id == person_id), "created_at", "expires_at"),
        section("absences", of(Absence, Absence.person_id == person_id), "since", "until"),
        section(
            "messages",
            of(Delivery, Delivery.person_id == person_id),
            *("kind", "due_at", "sent_at", "status"),
        ),
        section(
            "acts", of(AuditEntry, AuditEntry.actor_id == person_id), "at", "action", "object_kind"
        ),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """End her access and forget who she is; her row stays under a name that tells nothing.

    What was counted by it stays counted, and none of it leads to her any more.
    """
    staffing.end_all(session, person_id, on=local_date(now, ZONE), now=now)
    consents.withdraw(session, person_id, at=now)
    chats = _own_chats(session, person_id)
    sent = Delivery.person_id == person_id
    owed = [row.id or 0 for row in of_person.rows(session, Delivery, sent)]
    for start in range(0, len(owed), 500):
        ids = owed[start : start + 500]
        of_person.drop(session, SentMessage, col(SentMessage.delivery_id).in_(ids))
    for by_chat in (SentMessage, Draft, CodeTry, TopicMessage):
        of_person.drop(session, by_chat, col(by_chat.chat_id).in_(chats))
    for by_person in (Draft, Absence, Attention, HoldWord, Invite, ChatAccount):
        of_person.drop(session, by_person, col(by_person.person_id) == person_id)
    forget_sender(session, chats)
    person = session.get_one(Person, person_id)
    person.name, person.number, person.phone = pseudonym(person_id), None, None
    person.status = FORGOTTEN
    session.add(person)
    session.flush()
    return {"accounts": len(chats)}


def count(session: Session, person_id: int) -> int:
    """How many messages she got and acts she did."""
    return of_person.count(session, Delivery, Delivery.person_id == person_id) + of_person.count(
        session, AuditEntry, AuditEntry.actor_id == person_id
    )


def pseudonym(person_id: int) -> str:
    """What stands where a forgotten person's name was: rows of one person stay together."""
    return f"已删除{person_id}"


def forget_sender(session: Session, chats: list[int]) -> None:
    """Take whose they were off the updates from these chats that are done."""
    of_person.blank(
        session,
        InboxUpdate,
        col(InboxUpdate.sender).in_(chats),
        InboxUpdate.status != WAITING,
        sender=NOBODY,
        payload=None,
        error=None,
    )


def drop_absences(session: Session, *, before: datetime, limit: int) -> int:
    """Forget pauses that were over before a moment; gives how many."""
    day = local_date(before, ZONE)
    ids = of_person.some(session, col(Absence.id), col(Absence.until) < day, limit=limit)
    return of_person.drop(session, Absence, col(Absence.id).in_(ids))


def drop_accounts(session: Session, *, before: datetime, limit: int) -> int:
    """Forget chats that were cut off before a moment; gives how many."""
    ids = of_person.some(
        session, col(ChatAccount.id), col(ChatAccount.ended_at) < before, limit=limit
    )
    return of_person.drop(session, ChatAccount, col(ChatAccount.id).in_(ids))


def _own_chats(session: Session, person_id: int) -> list[int]:
    """The chats that are or were hers and are nobody else's by now."""
    hers = of_person.rows(session, ChatAccount, ChatAccount.person_id == person_id)
    chats = {account.chat_id for account in hers}
    others = of_person.rows(
        session,
        ChatAccount,
        col(ChatAccount.chat_id).in_(chats),
        ChatAccount.person_id != person_id,
        col(ChatAccount.ended_at).is_(None),
    )
    return sorted(chats - {account.chat_id for account in others})
