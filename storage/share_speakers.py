"""Who speaks at a quarterly share, as its programme was told to the speakers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage.deliveries import Delivery
from storage.people import Person
from storage.stories import APPROVED, Story
from storage.story_calls import StoryCall


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

    It was told once a delivery of this kind, whose occasion begins with the word, is due to one
    of its speakers.
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
            )
            .limit(1)
        ).first()
    )
    if not is_told:
        return []
    return [Slot(position or 0, name, minutes or 0) for _, position, name, minutes in rows]
