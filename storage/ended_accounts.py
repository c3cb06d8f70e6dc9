"""Chat accounts that were ended: where the last word to each of them goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.people import ChatAccount, Person


@dataclass(frozen=True, slots=True)
class EndedAccount:
    """A chat that was cut off; `is_in_use` when it belongs to somebody again."""

    account_id: int
    chat_id: int
    language: str
    is_in_use: bool


def ended(session: Session, account_ids: Sequence[int]) -> dict[int, EndedAccount]:
    """The named accounts by id, in one query."""
    present = aliased(ChatAccount)
    statement = (
        select(ChatAccount.id, ChatAccount.chat_id, Person.language, present.id)
        .join(Person, col(Person.id) == ChatAccount.person_id)
        .outerjoin(
            present,
            and_(
                col(present.bot) == ChatAccount.bot,
                col(present.chat_id) == ChatAccount.chat_id,
                col(present.ended_at).is_(None),
            ),
        )
        .where(col(ChatAccount.id).in_(account_ids))
    )
    return {
        account_id: EndedAccount(account_id, chat_id, language, in_use is not None)
        for account_id, chat_id, language, in_use in session.exec(statement)
        if account_id is not None
    }
