"""Who speaks at a quarterly share: what its speakers are told of, and what was taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from storage.deliveries import SKIPPED, TABLE, WAITING, Delivery
from storage.people import Person
from storage.stories import APPROVED, Story
from storage.story_calls import StoryCall

# Why a word that was taken back did not go.
TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Slot:
    """One speaker of a programme: her place, counted from 1, her name, her minutes."""

    position: int
    name: str
    minutes: int


def told_of(
    session: Session, gathering_ids: Collection[int], *, kind: str, word: str, now: datetime
) -> list[Slot]:
    """The programme of the session that one of these is, in order; empty before it was told.

    It was told once a delivery of this kind, whose occasion begins with the word, came due to one
    of its speakers and was not taken back.
    """
    rows = session.exec(
        select(Story.id, Story.position, Person.name, Story.minutes)
        .join(StoryCall, col(StoryCall.id) == col(Story.call_id))
        .join(Person, col(Person.id) == col(Story.author_id))
        .where(
            col(StoryCall.gathering_id).in_(gathering_ids),
            Story.state == APPROVED,
            col(Story.position).is_not(None),
        )
        .order_by(col(Story.position))
    ).all()
    is_told = (
        rows
        and session.exec(
            select(Delivery.id)
            .where(
                Delivery.kind == kind,
                col(Delivery.subject_id).in_([story_id for story_id, *_ in rows]),
                col(Delivery.occasion).startswith(f"{word}:"),
                Delivery.due_at <= now,
                or_(col(Delivery.error).is_(None), col(Delivery.error) != TAKEN_BACK),
            )
            .limit(1)
        ).first()
    )
    if not is_told:
        return []
    return [Slot(position or 0, name, minutes or 0) for _, position, name, minutes in rows]


def was_told(session: Session, story_id: int, *, kind: str, word: str, now: datetime) -> bool:
    """Whether this word about a story came due and was not taken back."""
    found = session.exec(
        select(Delivery.id)
        .where(
            Delivery.kind == kind,
            Delivery.subject_id == story_id,
            col(Delivery.occasion).startswith(f"{word}:"),
            Delivery.due_at <= now,
            or_(col(Delivery.error).is_(None), col(Delivery.error) != TAKEN_BACK),
        )
        .limit(1)
    ).first()
    return found is not None


def take_back(
    session: Session, story_ids: Collection[int], *, kind: str, word: str, later: str
) -> int:
    """Let words about these stories that still wait not go, nor the later ones of each.

    An occasion begins with what is said, `word` or `later`; the rest of the two is the same.
    Returns how many were taken back of the first.
    """
    taken = session.connection().execute(
        _skipping(kind)
        .where(TABLE.c.subject_id.in_(story_ids), TABLE.c.occasion.startswith(f"{word}:"))
        .returning(TABLE.c.occasion)
    )
    occasions = list(taken.scalars())
    names = [later + occasion.removeprefix(word) for occasion in occasions]
    session.connection().execute(_skipping(kind).where(TABLE.c.occasion.in_(names)))
    return len(occasions)


def _skipping(kind: str) -> Any:
    return (
        update(TABLE)
        .where(TABLE.c.kind == kind, TABLE.c.status == WAITING, TABLE.c.parts_sent == 0)
        .values(status=SKIPPED, error=TAKEN_BACK, folded_into=None, lease_until=None)
    )


def owe_again(session: Session, *, kind: str, occasion: str, due_at: datetime) -> None:
    """Put back on its way a word that was taken back."""
    session.connection().execute(
        update(TABLE)
        .where(
            TABLE.c.kind == kind,
            TABLE.c.occasion == occasion,
            TABLE.c.status == SKIPPED,
            TABLE.c.error == TAKEN_BACK,
        )
        .values(status=WAITING, error=None, due_at=due_at)
    )
