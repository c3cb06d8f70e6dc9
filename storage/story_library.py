"""The library of approved stories: who may read which, found by words and tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_
from sqlmodel import Session, col, select

from storage.people import Person, Unit
from storage.stories import APPROVED, Story, StoryTag


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks into the library: where she works, what she learns in, what she looks after."""

    person_id: int
    bot: int
    unit_path: str
    cohort_ids: tuple[int, ...]
    reach: tuple[str, ...]


def readable(reader: Reader) -> Any:
    """The condition that an approved story is within its consent for a reader."""
    allowed: list[Any] = [col(Story.author_id) == reader.person_id]
    allowed.append(
        (col(Story.scope_path) != "")
        # Her unit lies under the story's scope: the scope is the beginning of her path.
        & (
            func.substr(reader.unit_path, 1, func.length(col(Story.scope_path)))
            == col(Story.scope_path)
        )
    )
    if reader.cohort_ids:
        allowed.append(col(Story.cohort_id).in_(reader.cohort_ids))
    allowed += [
        exists().where(col(Unit.id) == col(Story.unit_id), col(Unit.path).startswith(path))
        for path in reader.reach
    ]
    return (col(Story.bot) == reader.bot) & (col(Story.state) == APPROVED) & or_(*allowed)


def library(
    session: Session, reader: Reader, *, words: Sequence[str], limit: int, offset: int
) -> tuple[list[tuple[Story, str]], int]:
    """A page of what she may read that holds every word, newest first; and how many in all."""
    wanted = [readable(reader)]
    for word in words:
        tagged = exists().where(col(StoryTag.story_id) == col(Story.id), col(StoryTag.tag) == word)
        wanted.append(col(Story.search_text).contains(word, autoescape=True) | tagged)
    count = session.exec(select(func.count(col(Story.id))).where(*wanted)).one()
    rows = session.exec(
        select(Story, Person.name)
        .join(Person, col(Person.id) == col(Story.author_id))
        .where(*wanted)
        .order_by(col(Story.approved_at).desc(), col(Story.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return list(rows), int(count)


def texts(session: Session, reader: Reader, *, limit: int) -> list[tuple[int, str, str, str]]:
    """(id, title, author's name, search text) of the newest stories she may read."""
    rows = session.exec(
        select(Story.id, Story.parts, Person.name, Story.search_text)
        .join(Person, col(Person.id) == col(Story.author_id))
        .where(readable(reader))
        .order_by(col(Story.approved_at).desc())
        .limit(limit)
    )
    return [(i or 0, (parts or {}).get("title", ""), name, text) for i, parts, name, text in rows]


def one_readable(session: Session, reader: Reader, story_id: int) -> Story | None:
    """A story of the library, where she may read it."""
    return session.exec(select(Story).where(Story.id == story_id, readable(reader))).first()
