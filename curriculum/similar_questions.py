"""这个可能有用 and 大家问答: what of other people's questions somebody may read, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from curriculum.answer_feedback import root_of
from curriculum.errors import NotThere
from curriculum.people import Speaker
from storage import answers_given, question_vectors, questions
from storage.question_vectors import Row
from storage.questions import ANSWERED, Question

SHOWN = 3
ON_A_PAGE = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """An earlier question somebody may read: with its answer, or one that waits like hers."""

    question_id: int
    text: str
    answer: str
    has_voted: bool


@dataclass(frozen=True, slots=True)
class OffersPage:
    """One page of answered questions, counted from 0."""

    lines: tuple[Offer, ...]
    page: int
    pages: int
    count: int


def rows_since(session: Session, after: int, *, bot: int) -> list[Row]:
    """What `likely_questions.Likely.find` takes."""
    return list(question_vectors.since(session, after, bot=bot))


def keep(session: Session, made: Mapping[int, bytes]) -> None:
    """Keep the rows that were made, so that no process makes them again."""
    for question_id, row in made.items():
        question_vectors.keep(session, question_id, row)


def offers(session: Session, speaker: Speaker, similar: Sequence[int]) -> tuple[Offer, ...]:
    """Those of similar questions that she may read, answered ones first, three at most."""
    found = questions.offered(
        session, similar, root=root_of(session, speaker), reader=speaker.person_id
    )
    ordered = [found[i] for i in similar if i in found]
    ordered.sort(key=lambda question: question.state != ANSWERED)
    return _offers(session, speaker, ordered[:SHOWN])


def _offers(session: Session, speaker: Speaker, rows: Sequence[Question]) -> tuple[Offer, ...]:
    ids = [row.id or 0 for row in rows]
    given = questions.answers_of(session, ids)
    voted = questions.voted(session, ids, speaker.person_id)
    return tuple(
        Offer(
            row.id or 0,
            row.text,
            given[row.id or 0].text if row.state == ANSWERED and row.id in given else "",
            row.id in voted,
        )
        for row in rows
    )


def read(session: Session, speaker: Speaker, question_id: int) -> Offer:
    """One question with its answer, as everybody under the same top unit may read it."""
    speaker.require("ask")
    found = questions.offered(
        session, [question_id], root=root_of(session, speaker), reader=speaker.person_id
    )
    if question_id not in found:
        raise NotThere
    return _offers(session, speaker, [found[question_id]])[0]


def answered(session: Session, speaker: Speaker, *, page: int) -> OffersPage:
    """大家的问答: one page of answered questions, the last answered first; never who asked."""
    speaker.require("ask")
    paths = [root_of(session, speaker)]
    count = answers_given.count_answered(session, paths)
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(page, pages - 1)
    rows = answers_given.answered(session, paths, limit=ON_A_PAGE, offset=page * ON_A_PAGE)
    lines = [
        Offer(question.id or 0, question.text, answer.text, has_voted=False)
        for question, answer in rows
    ]
    return OffersPage(tuple(lines), page, pages, count)
