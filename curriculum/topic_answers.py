"""What the session answered, theme by theme: told once to each who asked or wished for it.

An answer waits some minutes before it is told, so that it can still be put right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import people, topics
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, Facts, NotWanted, Verdict
from curriculum.people import Speaker
from curriculum.topic_errors import AnswerTold
from curriculum.topic_session import starts_at
from curriculum.topic_themes import usable_text
from storage import audit, deliveries, topic_people, topic_pool
from storage import people as stored_people
from storage import questions as stored_questions
from storage import topics as stored
from storage.deliveries import Claimed
from storage.questions import GROUPED, QuestionAnswer
from storage.topics import ANSWERED, HELD, Standing, ThemeAnswer, ThemeFeedback, TopicTheme

KIND = "topic_answer"
TOLD_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as somebody reads it; `own` are her own questions, in her words."""

    theme_id: int
    title: str
    text: str
    own: tuple[str, ...]


def answer(session: Session, speaker: Speaker, theme_id: int, text: str, *, now: datetime) -> int:
    """Keep what the session answered; returns how many will be told.

    Raises NotThere (before the session too), TopicTextNotUsable, AnswerTold.
    """
    standing = topics.to_answer(session, speaker, theme_id)
    theme = session.get_one(TopicTheme, theme_id)
    if theme.is_gone or theme.is_hidden or starts_at(session, standing.topic) > now:
        raise NotThere
    words = usable_text(text)
    kept = session.get(ThemeAnswer, theme_id)
    if kept is not None and kept.tells_at <= now:
        raise AnswerTold
    was = kept.text if kept is not None else None
    if kept is None:
        kept = ThemeAnswer(
            theme_id=theme_id,
            text=words,
            answered_by=speaker.person_id,
            answered_at=now,
            tells_at=now + TOLD_AFTER,
        )
    kept.text, kept.answered_by, kept.answered_at = words, speaker.person_id, now
    session.add(kept)
    question_ids = topic_pool.in_theme(session, theme_id)
    _close(session, question_ids, kept, was=was, now=now)
    told = _owe(session, standing, kept, question_ids, now=now)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="answer_theme",
        object_kind="topic_theme",
        object_id=theme_id,
        told=told,
    )
    _finish(session, standing)
    return told


def _close(
    session: Session,
    question_ids: Sequence[int],
    kept: ThemeAnswer,
    *,
    was: str | None,
    now: datetime,
) -> None:
    """Each question of the theme is answered, and its answer can be found again.

    One that a supervisor answered by itself meanwhile keeps that answer; `was` is ours before.
    """
    standing = stored_questions.answers_of(session, question_ids)
    for question_id, question in topic_pool.questions(session, question_ids).items():
        old = standing.get(question_id)
        if question.state == GROUPED:
            question.state = stored_questions.ANSWERED
            session.add(question)
        elif old is None or old.text != was or question.state != stored_questions.ANSWERED:
            continue
        if old is not None:
            old.withdrawn_at = now
            session.add(old)
        session.add(
            QuestionAnswer(
                question_id=question_id,
                text=kept.text,
                answered_by=kept.answered_by,
                answered_at=now,
            )
        )
    session.flush()


def _owe(
    session: Session,
    standing: Standing,
    kept: ThemeAnswer,
    question_ids: Sequence[int],
    *,
    now: datetime,
) -> int:
    """Everybody who asked or wished for the answer, once; returns how many they are."""
    askers = {q.asker_id for q in topic_pool.questions(session, question_ids).values()}
    wishing = {one for many in topic_pool.voters(session, question_ids).values() for one in many}
    for person_id in sorted(askers | wishing):
        deliveries.add(
            session,
            bot=standing.topic.bot,
            kind=KIND,
            occasion=_occasion(kept),
            recipient=person_id,
            person_id=person_id,
            cohort_id=standing.topic.cohort_id,
            subject_id=kept.theme_id,
            urgency=FOLDABLE,
            due_at=kept.tells_at,
            created_at=now,
        )
    return len(askers | wishing)


def _occasion(kept: ThemeAnswer) -> str:
    """One answer's, however often it is put right; another one after it was taken back."""
    return f"theme:{kept.theme_id}:{kept.tells_at.timestamp():.0f}"


def take_back(session: Session, speaker: Speaker, theme_id: int, *, now: datetime) -> None:
    """撤回 of an answer before anybody is told; raises NotThere, AnswerTold."""
    standing = topics.to_answer(session, speaker, theme_id)
    kept = session.get(ThemeAnswer, theme_id)
    if kept is None:
        raise NotThere
    if kept.tells_at <= now:
        raise AnswerTold
    question_ids = topic_pool.in_theme(session, theme_id)
    questions = topic_pool.questions(session, question_ids)
    for question_id, one in stored_questions.answers_of(session, question_ids).items():
        if one.text == kept.text:
            one.withdrawn_at = now
            questions[question_id].state = GROUPED
            session.add_all((one, questions[question_id]))
    session.delete(kept)
    if standing.topic.state == ANSWERED:
        standing.topic.state = HELD
        session.add(standing.topic)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="take_back_theme_answer",
        object_kind="topic_theme",
        object_id=theme_id,
    )


def _finish(session: Session, standing: Standing) -> None:
    """A topic all of whose themes are answered is answered."""
    shown = [t for t in stored.themes(session, standing.topic.id or 0) if not t.is_hidden]
    answered = stored.answers(session, [theme.id or 0 for theme in shown])
    if all(theme.id in answered for theme in shown):
        standing.topic.state = ANSWERED
        session.add(standing.topic)


def say_helped(
    session: Session, speaker: Speaker, theme_id: int, *, helped: bool, now: datetime
) -> Told:
    """有帮助 or 还没有 under an answer; "not yet" returns her questions to the pool.

    Raises NotThere for whoever was not told this answer.
    """
    theme = session.get(TopicTheme, theme_id)
    kept = session.get(ThemeAnswer, theme_id)
    if theme is None or kept is None:
        raise NotThere
    told = topic_people.were_told(session, kind=KIND, occasion=_occasion(kept))
    if speaker.person_id not in told:
        raise NotThere
    said = session.get(ThemeFeedback, (theme_id, speaker.person_id))
    said = said or ThemeFeedback(
        theme_id=theme_id, person_id=speaker.person_id, helped=helped, said_at=now
    )
    said.helped, said.said_at = helped, now
    session.add(said)
    mine = _hers(session, theme_id, speaker.person_id)
    if not helped:
        for one in stored_questions.answers_of(session, mine).values():
            if one.text == kept.text:
                one.withdrawn_at = now
                session.add(one)
        topic_pool.give_back(session, mine, states=(stored_questions.ANSWERED,))
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="theme_helped" if helped else "theme_not_yet",
        object_kind="topic_theme",
        object_id=theme_id,
        returned=0 if helped else len(mine),
    )
    return Told(theme_id, theme.title, kept.text, _own_words(session, theme_id, speaker.person_id))


def _own_words(session: Session, theme_id: int, person_id: int) -> tuple[str, ...]:
    """Her own questions of a theme, for her eyes only."""
    ids = topic_pool.in_theme(session, theme_id)
    questions = topic_pool.questions(session, ids)
    return tuple(questions[i].text for i in ids if questions[i].asker_id == person_id)


def _hers(session: Session, theme_id: int, person_id: int) -> list[int]:
    """The questions of a theme that somebody asked, else those she wished to be answered."""
    ids = topic_pool.in_theme(session, theme_id)
    asked = [i for i, q in topic_pool.questions(session, ids).items() if q.asker_id == person_id]
    voters = topic_pool.voters(session, ids)
    return asked or [i for i in ids if person_id in voters.get(i, ())]


def line(facts: Facts) -> Mapping[str, Any] | None:
    """An answer has buttons and stays a message of its own."""
    del facts
    return None


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed answer says to its reader; few are told at once."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, row: Claimed, *, now: datetime) -> Verdict:
    theme_id, person_id = row.subject_id or 0, row.person_id or 0
    theme, kept = session.get(TopicTheme, theme_id), session.get(ThemeAnswer, theme_id)
    if theme is None or kept is None or row.occasion != _occasion(kept):
        return NotWanted("withdrawn")
    account = stored_people.account_of(session, bot=row.bot, person_id=person_id)
    if account is None or not account.reachable:
        return NotWanted("unreachable")
    reader = people.who(session, bot=row.bot, chat_id=account.chat_id, now=now)
    if reader is None:
        return NotWanted("left")
    own = _own_words(session, theme_id, person_id)
    return Facts(
        KIND,
        account.chat_id,
        reader.language,
        f"{KIND}/{row.id}",
        None,
        {"told": Told(theme_id, theme.title, kept.text, own)},
    )
