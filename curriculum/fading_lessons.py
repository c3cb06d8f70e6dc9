"""Which lessons somebody may want to go over: titles alone, for the brief of her supervision.

It says no answer, no number and nothing of what she remembers well (EXPERIENCE section 9).
"""

from datetime import datetime

from sqlmodel import Session

from curriculum import memory
from curriculum.memory import Memory
from storage import recall as stored
from storage.recall import RecallCard

# Of what is less likely remembered than this a title is named.
FADING = 0.7


def titles(session: Session, person_id: int, *, limit: int, now: datetime) -> tuple[str, ...]:
    """The Chinese titles of at most so many lessons, the least remembered first."""
    weak = sorted(
        (strength, lesson_id, title)
        for lesson_id, title, card in stored.cards(session, person_id)
        if (strength := memory.retrievability(_memory(card), at=now)) < FADING
    )
    return tuple(title for _, _, title in weak[:limit])


def _memory(card: RecallCard) -> Memory:
    return Memory(card.state, card.stability, card.difficulty, card.due_at, card.last_review_at)
