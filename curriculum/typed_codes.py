"""Typed codes: reading one however it was written, and slowing down whoever guesses."""

import re
import unicodedata
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.invites import CODE_LENGTH, CODE_LETTERS
from curriculum.joining import Invitation, find_invite, invitation_of
from curriculum.joining_errors import CodeNotReadable, CodeNotValid, TooManyCodes
from curriculum.people import INVISIBLE
from storage import code_tries

TRIES = 5
TRIES_COUNT_FOR = timedelta(hours=24)
# A code with the spaces and hyphens people put in; longer text is no code and is not looked at.
LONGEST_WRITTEN = 64
BETWEEN = re.compile(r"[\s\u2010-\u2015\u2212-]+")
CODE = re.compile(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}")
NEARLY_A_CODE = re.compile(rf"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{{{CODE_LENGTH - 2},{CODE_LENGTH + 2}}}")


def read(written: str) -> str | None:
    """The code somebody wrote, as it was made; None for text of another shape.

    Letter case, spaces, hyphens and full-width forms do not matter. Raises CodeNotReadable for
    what is nearly a code: a letter too many, or an O for a 0.
    """
    if len(written) > LONGEST_WRITTEN:
        return None
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", written))
    code = BETWEEN.sub("", plain)
    if not code.isascii():
        return None
    code = code.upper()
    if CODE.fullmatch(code):
        return code
    if NEARLY_A_CODE.fullmatch(code):
        raise CodeNotReadable(length=CODE_LENGTH)
    return None


def open_code(
    session: Session, *, code: str, bot: int, chat_id: int, now: datetime
) -> Invitation | CodeNotValid | TooManyCodes:
    """What a typed code (as `read` gives it) invites to.

    A wrong one is remembered, so its refusal is returned for the caller to raise after the
    commit. Raises TooManyCodes once the tries are used up, for a right code too, or the limit
    would tell a guesser that she has found one; and what `invitation_of` raises.
    """
    tried = code_tries.since(session, bot=bot, chat_id=chat_id, moment=now - TRIES_COUNT_FOR)
    if len(tried) >= TRIES:
        raise TooManyCodes(at=tried[-TRIES] + TRIES_COUNT_FOR)
    invite = find_invite(session, code, now=now)
    if invite is not None:
        return invitation_of(session, invite, bot=bot, chat_id=chat_id, now=now)
    code_tries.forget(session, bot=bot, until=now - TRIES_COUNT_FOR)
    code_tries.add(session, bot=bot, chat_id=chat_id, now=now)
    if len(tried) + 1 >= TRIES:
        return TooManyCodes(at=(*tried, now)[-TRIES] + TRIES_COUNT_FOR)
    return CodeNotValid(left=TRIES - len(tried) - 1)
