"""Agreeing to the privacy notice again after it changed, and taking consent back."""

from datetime import datetime

from sqlmodel import Session

from curriculum import chat_accounts
from curriculum.joining_errors import ConsentNeeded
from curriculum.people import Speaker
from storage import audit, consents, people
from storage.people import Consent


def agree(
    session: Session, speaker: Speaker, *, version: str, present_version: str, now: datetime
) -> None:
    """Write down that she agreed to the notice she was shown.

    Raises ConsentNeeded when that is not the present one; a second press changes nothing.
    """
    if consents.stands(session, speaker.person_id, version=present_version):
        return
    if version != present_version:
        raise ConsentNeeded
    session.add(
        Consent(
            person_id=speaker.person_id,
            version=version,
            language=speaker.language,
            given_at=now,
        )
    )
    _note(session, speaker, "consent", now=now, version=version)


def withdraw(session: Session, speaker: Speaker, *, now: datetime) -> None:
    """Take consent back: the chat ends at once, so nothing more is sent to it or taken from it.

    She stays on the roster, and what was recorded stays, because her hours are proved by it. A
    new personal invite leads her back to the same person.
    """
    consents.withdraw(session, speaker.person_id, at=now)
    _note(session, speaker, "withdraw_consent", now=now)
    account = people.open_account(session, bot=speaker.bot, chat_id=speaker.chat_id)
    if account is not None:
        chat_accounts.end(session, account, actor_id=speaker.person_id, now=now)


def _note(session: Session, speaker: Speaker, action: str, *, now: datetime, **facts: str) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="person",
        object_id=speaker.person_id,
        **facts,
    )
