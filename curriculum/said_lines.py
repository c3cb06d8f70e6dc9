"""The lines of notices that a message said: what they are about may have changed since."""

from collections.abc import Collection

from sqlmodel import Session

from curriculum.rich_text import RichText
from storage import sent_messages


def under(
    session: Session, messages: Collection[tuple[int, int]], *, bot: int
) -> dict[tuple[int, int], tuple[RichText, ...]]:
    """Of these (chat, message) pairs, those that said lines, with them word for word."""
    said = sent_messages.lines(session, messages, bot=bot)
    return {
        message: tuple(RichText.from_json(line) for line in lines)
        for message, lines in said.items()
    }
