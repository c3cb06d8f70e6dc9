"""Which chat a person speaks from: linking one, ending one, the last word to an old one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from curriculum.facts import URGENT, Facts, NotWanted, Verdict
from curriculum.joining_errors import ChatTaken
from curriculum.people import ACTIVE
from storage import audit, deliveries, drafts, people
from storage.deliveries import Claimed
from storage.ended_accounts import ended
from storage.people import ChatAccount, Person

# What an old chat is told when its owner went on in another account.
KIND = "account_moved"


def is_somebody_elses(session: Session, person_id: int, *, bot: int, chat_id: int) -> bool:
    """Whether this chat belongs to another person who is active here."""
    here = people.open_account(session, bot=bot, chat_id=chat_id)
    if here is None or here.person_id == person_id:
        return False
    return session.get_one(Person, here.person_id).status == ACTIVE


def link(session: Session, person_id: int, *, bot: int, chat_id: int, now: datetime) -> None:
    """Make this private chat the person's only one; raises ChatTaken for somebody else's.

    Her old chat ends in the same transaction and is told; what waits for her follows her, since a
    delivery finds her chat at the moment of sending.
    """
    if is_somebody_elses(session, person_id, bot=bot, chat_id=chat_id):
        raise ChatTaken
    here = people.open_account(session, bot=bot, chat_id=chat_id)
    if here is not None and here.person_id == person_id:
        here.reachable, here.unreachable_since, here.unreachable_reason = True, None, None
        session.add(here)
        return
    if here is not None:  # of somebody who has left
        end(session, here, actor_id=person_id, now=now)
    old = people.account_of(session, bot=bot, person_id=person_id)
    if old is not None:
        end(session, old, actor_id=person_id, now=now)
        _owe_last_word(session, old, now=now)
    # Both indexes allow one open account, so the old ones must be gone first.
    session.flush()
    session.add(ChatAccount(person_id=person_id, bot=bot, chat_id=chat_id, linked_at=now))
    session.flush()


def end(session: Session, account: ChatAccount, *, actor_id: int, now: datetime) -> None:
    """Cut a chat off: nothing is taken from it any more, and its half-filled forms are gone."""
    account.ended_at = now
    session.add(account)
    drafts.drop_all(session, bot=account.bot, chat_id=account.chat_id)
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="end_account",
        object_kind="chat_account",
        object_id=account.id,
    )


def _owe_last_word(session: Session, old: ChatAccount, *, now: datetime) -> None:
    """Through the outbox, so that a crash or a bad network after the commit cannot lose it."""
    deliveries.add(
        session,
        bot=old.bot,
        kind=KIND,
        occasion=f"account:{old.id}",
        recipient=old.person_id,
        person_id=old.person_id,
        subject_id=old.id,
        urgency=URGENT,
        due_at=now,
        created_at=now,
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:  # noqa: ARG001  every kind is asked with the time
    """Each last word goes to the ended chat, unless somebody is enrolled there again."""
    accounts = ended(session, [row.subject_id or 0 for row in claimed])
    verdicts: dict[int, Verdict] = {}
    for row in claimed:
        old = accounts.get(row.subject_id or 0)
        if old is None or old.is_in_use:
            verdicts[row.id] = NotWanted("chat_in_use")
        else:
            verdicts[row.id] = Facts(KIND, old.chat_id, old.language, KIND, None)
    return verdicts
