"""Keeping the terms of lessons in step with their current versions, so that search finds them."""

from collections.abc import Iterator

from sqlmodel import Session

from curriculum.lesson_terms import text_terms
from storage import lesson_terms, lesson_vectors
from storage.lesson_terms import Unindexed

# The English title stands at the lesson itself; it is found with the Chinese text.
WITH_ENGLISH_TITLE = "zh"


def refresh(session: Session, *, anew: bool = False) -> int:
    """Index every current text that has no terms, drop those of older versions.

    `anew` builds all of them again, for when a release reads texts differently; the rows of a
    sentence model go then too, and the next topic makes them. Returns how many
    texts were indexed; lessons withdrawn keep their terms, since they may come back unchanged.
    """
    if anew:
        lesson_terms.drop_all(session)
        lesson_vectors.drop_all(session)
    else:
        lesson_terms.drop_outdated(session)
        lesson_vectors.drop_outdated(session)
    texts = list(lesson_terms.unindexed(session))
    lesson_terms.add(session, _rows(texts))
    return len(texts)


def _rows(texts: list[Unindexed]) -> Iterator[tuple[str, int, int]]:
    for text in texts:
        english = text.title_en if text.language == WITH_ENGLISH_TITLE else None
        terms = text_terms(
            code=text.code,
            titles=(text.title, english) if english else (text.title,),
            key_point=text.key_point,
            body=text.body,
        )
        yield from ((term, text.text_id, weight) for term, weight in terms.items())
