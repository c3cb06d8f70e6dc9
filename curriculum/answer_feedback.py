"""有帮助 or 还没有: what whoever waited for an answer says of it, and where that leads."""

from datetime import datetime

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.promises import promised
from storage import answers_given, audit, questions
from storage.questions import ANSWERED, NEW, QuestionAnswer


def say(session: Session, speaker: Speaker, answer_id: int, *, helped: bool, now: datetime) -> None:
    """Keep what she says; "not yet" returns the question to the pool, for the next topic too.

    Raises NotThere unless she waits for this answer, ChangedMeanwhile when it was replaced.
    """
    given = session.get(QuestionAnswer, answer_id)
    found = questions.locked(session, given.question_id) if given else None
    if given is None or found is None:
        raise NotThere
    question, _ = found
    if speaker.person_id not in questions.concerned(session, question):
        raise NotThere
    if given.withdrawn_at is not None:
        raise ChangedMeanwhile
    answers_given.keep_feedback(session, answer_id, speaker.person_id, helped=helped, now=now)
    if not helped and question.state == ANSWERED:
        question.state, question.topic_id = NEW, None
        # The day that was promised for the first answer says nothing of the next.
        again = promised(session, speaker, urgency=question.urgency, now=now)
        question.answer_by = again.answer_by
        session.add(question)
        session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="answer_helped" if helped else "answer_helped_not_yet",
        object_kind="question",
        object_id=question.id,
        answer=answer_id,
    )


def vote(session: Session, speaker: Speaker, question_id: int, *, now: datetime) -> bool:
    """我也想问: she wishes for the answer too; False where she said so before.

    Only for what she may read: open questions of others, and answered ones, under her top unit.
    """
    speaker.require("ask")
    readable = questions.offered(
        session, [question_id], root=root_of(session, speaker), reader=speaker.person_id
    )
    if question_id not in readable or readable[question_id].asker_id == speaker.person_id:
        raise NotThere
    is_new = questions.vote(session, question_id, speaker.person_id, now=now)
    if is_new:
        audit.add(
            session,
            at=now,
            actor_id=speaker.person_id,
            action="vote_question",
            object_kind="question",
            object_id=question_id,
        )
    return is_new


def root_of(session: Session, speaker: Speaker) -> str:
    """The path of the topmost unit above somebody's place; raises NotThere without a place."""
    path = answers_given.unit_path(session, speaker.unit_id or 0)
    if not path:
        raise NotThere
    return f"/{path.split('/')[1]}/"
