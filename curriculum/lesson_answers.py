"""What becomes of a lesson in a learner's hands: 学完了, an answer, the record they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import recall, records
from curriculum.daily_lesson import KIND, KINDS, content_of, values_sent
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import deliveries
from storage import lesson_deliveries as owed
from storage import lessons as stored_lessons
from storage.deliveries import Delivery
from storage.lessons import Answer, LessonContent
from storage.quizzes_in_doubt import in_doubt

SELF_STATED, ANSWERED = "self_stated", "answered"


@dataclass(frozen=True, slots=True)
class Learned:
    """What answering or 学完了 led to, for the words that say so.

    `minutes` is what stands in the ledger; `is_new` is False for a second press.
    `messages` are the (chat, message) pairs of the lesson's parts, to be edited. `may_recall`:
    the question is answered and an earlier lesson may be asked today.
    """

    title: str
    occasion: str
    minutes: int
    is_new: bool
    evidence: str
    chosen: int | None
    answer: int
    options: tuple[str, ...]
    explanation: str
    messages: tuple[tuple[int, int], ...]
    values: Mapping[str, Any]
    may_recall: bool = False


def learned(
    session: Session,
    speaker: Speaker,
    *,
    occasion: str,
    chosen: int | None,
    now: datetime,
    source: str = "telegram",
) -> Learned:
    """学完了 (chosen is None) or an answer to the check question, in one transaction.

    Writes the first answer and the ledger row once, however often it is pressed; an answer after
    学完了 strengthens the evidence. Raises NotThere for anything that was not sent to her.
    """
    delivery = owed.delivery_to(
        session, kinds=KINDS, occasion=occasion, person_id=speaker.person_id
    )
    if delivery is None or delivery.id is None or delivery.parts_sent == 0:
        raise NotThere
    content = content_of(session, delivery)
    answer = _first_answer(session, speaker, delivery, content, chosen, source=source, now=now)
    written = records.write_down(
        session,
        person_id=speaker.person_id,
        unit_id=speaker.unit_id,
        study=KIND,
        occasion=occasion,
        occurred_on=local_date(now, _cohort(session, delivery).zone),
        title=content.title,
        source_id=content.version_id,
        minutes=content.minutes,
        mode=records.ONLINE,
        evidence=SELF_STATED if chosen is None else ANSWERED,
        recorded_by=None,
        now=now,
    )
    minutes, evidence = records.standing(
        session, person_id=speaker.person_id, study=KIND, occasion=occasion
    ) or (0, "")
    return Learned(
        title=content.title,
        occasion=occasion,
        minutes=minutes,
        is_new=written is not None,
        evidence=evidence,
        chosen=answer.chosen if answer else None,
        answer=content.question["answer"],
        options=tuple(content.question["options"]),
        explanation=content.question["explanation"],
        values=values_sent(session, delivery),
        # What was sent to an account she has left since is not touched any more.
        messages=tuple(
            (chat_id, message_id)
            for chat_id, message_id in owed.messages(session, delivery.id)
            if chat_id == speaker.chat_id
        ),
        may_recall=answer is not None and recall.may_ask(session, speaker, now=now),
    )


def values_of(session: Session, speaker: Speaker, *, occasion: str) -> dict[str, Any]:
    """The content of a lesson that was sent to her; NotThere for any other."""
    delivery = owed.delivery_to(
        session, kinds=KINDS, occasion=occasion, person_id=speaker.person_id
    )
    if delivery is None or delivery.parts_sent == 0:
        raise NotThere
    return values_sent(session, delivery)


def _first_answer(
    session: Session,
    speaker: Speaker,
    delivery: Delivery,
    content: LessonContent,
    chosen: int | None,
    *,
    source: str,
    now: datetime,
) -> Answer | None:
    """The answer that counts: the one given before, else this one, kept with its version."""
    if chosen is not None and not 0 <= chosen < len(content.question["options"]):
        raise NotThere
    given = stored_lessons.answer_to(
        session, person_id=speaker.person_id, delivery_id=delivery.id or 0
    )
    if given is not None or chosen is None:
        return given
    answer = Answer(
        person_id=speaker.person_id,
        delivery_id=delivery.id,
        version_id=content.version_id,
        chosen=chosen,
        correct=chosen == content.question["answer"],
        answered_at=now,
        source=source,
    )
    session.add(answer)
    recall.remember(
        session,
        person_id=speaker.person_id,
        lesson_id=content.lesson_id,
        version_id=content.version_id,
        correct=answer.correct,
        now=now,
    )
    return answer


def answered_poll(
    session: Session, speaker: Speaker, *, poll_id: str, chosen: int, now: datetime
) -> Learned | None:
    """An answer to a native quiz; None while the poll is not known (its send may be in flight)."""
    delivery = deliveries.by_poll(session, poll_id)
    if delivery is None:
        return None
    if delivery.person_id != speaker.person_id or delivery.kind not in KINDS:
        raise NotThere
    return learned(session, speaker, occasion=delivery.occasion, chosen=chosen, now=now)


def answered_poll_in_doubt(
    session: Session, speaker: Speaker, *, bot: int, chosen: int, now: datetime
) -> Learned | None:
    """An answer to a quiz that nobody knows: to her one lesson whose quiz may be the one.

    A crash may have hidden the sending from us for good. None where no lesson of hers, or more
    than one, has a quiz in doubt with so many options.
    """
    fitting = [
        delivery
        for delivery in in_doubt(session, bot=bot, kinds=KINDS, person_id=speaker.person_id)
        if chosen < len(content_of(session, delivery).question["options"])
    ]
    if len(fitting) != 1:
        return None
    return learned(session, speaker, occasion=fitting[0].occasion, chosen=chosen, now=now)


def lesson_of(session: Session, speaker: Speaker, occasion: str) -> int | None:
    """The lesson a question was asked under, if it was sent to whoever asks; else None."""
    delivery = owed.delivery_to(
        session, kinds=KINDS, occasion=occasion, person_id=speaker.person_id
    )
    return delivery.subject_id if delivery else None


def _cohort(session: Session, delivery: Delivery) -> stored_cohorts.Cohort:
    return session.get_one(stored_cohorts.Cohort, delivery.cohort_id)
