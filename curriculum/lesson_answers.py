"""What becomes of a lesson in a learner's hands: 学完了, an answer, the record they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import lessons, recall, records, used_lessons
from curriculum.daily_lesson import (
    ASKED,
    KIND,
    KINDS,
    content_of,
    lesson_values,
    values_of_content,
    values_sent,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.recall import Mind
from curriculum.rhythm import local_date
from curriculum.rich_text import RichText
from storage import given_lessons, kept_contents, sent_messages
from storage import lesson_deliveries as owed
from storage.given_lessons import Given
from storage.lessons import LessonContent
from storage.quizzes_in_doubt import in_doubt

SELF_STATED, ANSWERED = "self_stated", "answered"


@dataclass(frozen=True, slots=True)
class Learned:
    """What answering or 学完了 led to, for the words that say so.

    `minutes` is what stands in the ledger; `is_new` is False for a second press.
    `messages` are the (chat, message) pairs of the lesson's parts, to be edited; `said` the lines
    of notices that some of them said, word for word, as the facts may have changed. `may_recall`:
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
    said: Mapping[tuple[int, int], tuple[RichText, ...]]
    may_recall: bool = False
    # Under the week's last lesson: which one was of use?
    may_say_used: bool = False


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
    given = given_lessons.to_person(
        session, kinds=KINDS, occasion=occasion, person_id=speaker.person_id
    )
    return _learned(session, speaker, given, chosen, now=now, source=source)


def _learned(
    session: Session,
    speaker: Speaker,
    given: Given | None,
    chosen: int | None,
    *,
    now: datetime,
    source: str = "telegram",
) -> Learned:
    if given is None or given.parts_sent == 0:
        raise NotThere
    content = _content(session, given)
    held = None
    if chosen is not None or given.chosen is not None:
        held = recall.mind(session, speaker, now=now, zone=given.zone)
    counted, held = _first_answer(session, given, content, chosen, held, source=source, now=now)
    proof = SELF_STATED if chosen is None else ANSWERED
    minutes, evidence, is_new = _record(session, speaker, given, content, proof, now=now)
    # What was sent to an account she has left since is not touched any more.
    sent = [one for one in given.messages if one.chat_id == speaker.chat_id]
    return Learned(
        title=content.title,
        occasion=given.occasion,
        minutes=minutes,
        is_new=is_new,
        evidence=evidence,
        chosen=counted,
        answer=content.question["answer"],
        options=tuple(content.question["options"]),
        explanation=content.question["explanation"],
        values=_values(session, content, given),
        messages=tuple((one.chat_id, one.message_id) for one in sent),
        said={
            (one.chat_id, one.message_id): tuple(RichText.from_json(line) for line in one.lines)
            for one in sent
            if one.lines
        },
        may_recall=counted is not None and recall.may_ask(session, speaker, now=now, held=held),
        may_say_used=used_lessons.is_asked_on(session, given.occasion),
    )


def _content(session: Session, given: Given) -> LessonContent:
    version_id = given.version_id or 0
    contents = kept_contents.of(session, version_id, given.status or "")
    content = lessons.for_reader(contents, version_id, given.content_language)
    if content is None:
        raise NotThere
    return content


def _values(session: Session, content: LessonContent, given: Given) -> dict[str, Any]:
    if not given.may_be_review:
        is_asked = given.kind == ASKED
        return lesson_values(content, occasion=given.occasion, is_asked=is_asked)
    return values_of_content(
        session, content, kind=given.kind, occasion=given.occasion, lesson_id=given.lesson_id
    )


def _record(
    session: Session,
    speaker: Speaker,
    given: Given,
    content: LessonContent,
    evidence: str,
    *,
    now: datetime,
) -> tuple[int, str, bool]:
    """The ledger's row: (minutes, evidence) as they stand, and whether this changed them."""
    written = records.write_down(
        session,
        person_id=speaker.person_id,
        unit_id=speaker.unit_id,
        study=KIND,
        occasion=given.occasion,
        occurred_on=local_date(now, given.zone),
        title=content.title,
        source_id=content.version_id,
        minutes=content.minutes,
        mode=records.ONLINE,
        evidence=evidence,
        recorded_by=None,
        now=now,
    )
    if written is not None:
        return written, evidence, True
    standing = records.standing(
        session, person_id=speaker.person_id, study=KIND, occasion=given.occasion
    )
    return (*(standing or (0, "")), False)


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
    given: Given,
    content: LessonContent,
    chosen: int | None,
    held: Mind | None,
    *,
    source: str,
    now: datetime,
) -> tuple[int | None, Mind | None]:
    """The answer that counts: the one given before, else this one, kept with its version.

    And what she has in mind after it.
    """
    if chosen is not None and not 0 <= chosen < len(content.question["options"]):
        raise NotThere
    if given.chosen is not None or chosen is None or held is None:
        return given.chosen, held
    correct = chosen == content.question["answer"]
    given_lessons.answer(session, given, chosen=chosen, correct=correct, at=now, source=source)
    held = recall.remember(
        session,
        held,
        lesson_id=content.lesson_id,
        version_id=content.version_id,
        correct=correct,
        now=now,
    )
    return chosen, held


def answered_poll(
    session: Session, speaker: Speaker, *, poll_id: str, chosen: int, now: datetime
) -> Learned | None:
    """An answer to a native quiz; None while the poll is not known (its send may be in flight)."""
    given = given_lessons.by_poll(session, poll_id)
    if given is None:
        return None
    if given.person_id != speaker.person_id or given.kind not in KINDS:
        raise NotThere
    return _learned(session, speaker, given, chosen, now=now)


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


def occasion_of_message(session: Session, chat_id: int, message_id: int) -> str:
    """The occasion of the lesson that a message of a chat brought; "" for any other message."""
    return sent_messages.occasion_at(session, chat_id, message_id, kinds=KINDS) or ""
