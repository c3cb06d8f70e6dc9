"""What becomes of a question, told to whoever waits: each once, and only what still holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum.facts import FOLDABLE, TIMED, Facts, NotWanted, Verdict
from storage import deliveries, questions, responders
from storage.deliveries import Claimed
from storage.questions import ANSWERED, DECLINED, URGENT, Question, QuestionAnswer

KIND = "question_news"
# What may have become of it: the first part of the occasion's name, then which answer or act.
ANSWER, REFUSAL, TAKEN_BACK = "answered", "declined", "taken_back"


def tell(
    session: Session,
    question: Question,
    what: str,
    mark: int,
    people: Iterable[int],
    *,
    bot: int,
    now: datetime,
) -> int:
    """Owe the news to these people, each once for this mark; returns how many were added."""
    # Nobody is rung up by an answer that could wait; an urgent one she is waiting for.
    urgency = TIMED if question.urgency == URGENT else FOLDABLE
    return sum(
        deliveries.add(
            session,
            bot=bot,
            kind=KIND,
            occasion=f"{what}:{question.id}:{mark}",
            recipient=person_id,
            person_id=person_id,
            subject_id=question.id,
            urgency=urgency,
            due_at=now,
            created_at=now,
        )
        for person_id in people
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each of the few claimed ones says, if it is still so at the moment of sending."""
    del now
    return {row.id: _verdict(session, row) for row in claimed}


def _verdict(session: Session, row: Claimed) -> Verdict:
    found = questions.find(session, row.subject_id or 0)
    if found is None:
        return NotWanted("not_wanted")
    what, _, mark = row.occasion.split(":")
    said = _said(session, found[0], what, int(mark))
    if said is None:
        return NotWanted("not_wanted")
    to = responders.reachable(session, [row.person_id or 0], bot=row.bot)
    if not to:
        return NotWanted("unreachable")
    is_own = found[0].asker_id == row.person_id
    return Facts(
        KIND,
        to[0].chat_id,
        to[0].language,
        f"{KIND}/{row.occasion}/{is_own}",
        None,
        {"what": what, "question": found[0].text, "is_own": is_own, **said},
    )


def _said(session: Session, question: Question, what: str, mark: int) -> Mapping[str, Any] | None:
    """What the news says, or None where it is no longer so."""
    answer = session.get(QuestionAnswer, mark) if what != REFUSAL else None
    if what == REFUSAL:
        return {"reason": question.reason or ""} if question.state == DECLINED else None
    if what == TAKEN_BACK:
        return {}
    if answer is None or answer.withdrawn_at is not None or question.state != ANSWERED:
        return None
    return {"answer": answer.text, "answer_id": answer.id}
