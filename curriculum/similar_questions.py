"""这个可能有用 and 大家问答: what of other people's questions somebody may read, and how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from curriculum.answer_feedback import root_of
from curriculum.errors import NotThere
from curriculum.people import Speaker
from storage import answers_given, question_vectors, questions
from storage.question_vectors import Row
from storage.questions import ANSWERED, Question

if TYPE_CHECKING:
    # What compares questions is loaded when two are to be compared.
    from curriculum.question_shelf import Similar

SHOWN = 3
# Within so little of the nearest one nobody can say which is nearer: there an answer comes first.
# What is as near as SURE asks the same anyway, so among such an answer may lie farther behind.
AS_NEAR, SURE, AS_NEAR_SURE = 0.05, 0.65, 0.1
# What is so much farther than the nearest one is about something else.
TOO_FAR = 0.2
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


def offers(session: Session, speaker: Speaker, similar: "Sequence[Similar]") -> tuple[Offer, ...]:
    """Those of similar questions that she may read, the most alike first, three at most."""
    found = questions.offered(
        session,
        [one.question_id for one in similar],
        root=root_of(session, speaker),
        reader=speaker.person_id,
    )
    readable = [one for one in similar if one.question_id in found]
    answered = {number for number, row in found.items() if row.state == ANSWERED}
    return _offers(session, speaker, [found[one] for one in in_order(readable, answered)])


def in_order(similar: "Sequence[Similar]", answered: Collection[int]) -> list[int]:
    """Which of similar questions are worth showing, as ids in the order to show them in.

    An answer helps more than a question that waits, but only among such as are equally near: an
    unlike question before the like one makes the whole list look like chance.
    """
    nearest = max((one.nearness for one in similar), default=0.0)
    near = [one for one in similar if one.nearness >= nearest - TOO_FAR]

    def rank(one: "Similar") -> tuple[bool, bool, float, int]:
        margin = AS_NEAR_SURE if one.nearness >= SURE else AS_NEAR
        is_behind = one.nearness < nearest - margin
        waits = not is_behind and one.question_id not in answered
        return is_behind, waits, -one.nearness, one.question_id

    return [one.question_id for one in sorted(near, key=rank)[:SHOWN]]


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
