"""What recall keeps of a person: how well she remembers, and what she was asked."""

from datetime import datetime

from sqlmodel import Session

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.lessons import LessonVersion
from storage.recall import RecallAsk, RecallCard

ERASES = {"recall_card": ("person_id",), "recall_ask": ("person_id",)}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Her cards as they stand, and every question with her answer."""

    def title(row: RecallCard | RecallAsk) -> str:
        return session.get_one(LessonVersion, row.version_id).title

    cards = of_person.rows(session, RecallCard, RecallCard.person_id == person_id)
    asks = of_person.rows(session, RecallAsk, RecallAsk.person_id == person_id)
    return (
        section("recall_cards", cards, "stability", "difficulty", "last_review_at", title=title),
        section("recall_asks", asks, "asked_at", "chosen", "correct", "answered_at", title=title),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget all of it: nobody else ever counts it."""
    del now
    of_person.drop(session, RecallCard, RecallCard.person_id == person_id)
    return {"recall_asks": of_person.drop(session, RecallAsk, RecallAsk.person_id == person_id)}
