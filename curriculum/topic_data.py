"""What is kept of a person in the monthly topics: what she wrote there, and what quotes her."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from curriculum.personal_data import REMOVED, Counts, Row, Section, section, sentences, without_in
from curriculum.topic_history import UNDO
from storage import of_person
from storage.questions import Question
from storage.topics import (
    ANSWERED,
    LAPSED,
    ThemeAnswer,
    ThemeFeedback,
    ThemeQuestion,
    Topic,
    TopicEdit,
    TopicTheme,
)

ERASES = {
    "topic": ("texts",),
    "topic_theme": ("title",),
    "topic_edit": ("before",),
    "theme_answer": ("text",),
}

# How a topic stood, where that was forgotten.
NOTHING: dict[str, Any] = {"themes": {}, "places": {}, "texts": {}}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """The topics she led, her changes with the words they brought, her answers, what she said."""
    led = of_person.rows(
        session, Topic, or_(Topic.trainer_id == person_id, Topic.approved_by == person_id)
    )
    edits = of_person.rows(session, TopicEdit, TopicEdit.actor_id == person_id)
    answers = of_person.rows(session, ThemeAnswer, ThemeAnswer.answered_by == person_id)
    said = of_person.rows(session, ThemeFeedback, ThemeFeedback.person_id == person_id)
    words: list[Row] = [
        {"topic_id": topic_id, "text": text}
        for topic_id in sorted({edit.topic_id for edit in edits})
        for text in _written(session, topic_id, person_id)
    ]
    return (
        section("topics_led", led, "id", "month", "starts_at", "state", "approved_at"),
        section("topic_edits", edits, "topic_id", "kind", "at", "undone_at"),
        Section("topic_words", tuple(words)),
        section("theme_answers", answers, "theme_id", "text", "answered_at"),
        section("theme_feedback", said, "theme_id", "helped", "said_at"),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget what she wrote into topics, and her questions where a topic repeats their words.

    Before the questions are emptied. A paragraph of hers gives way to the one the bot words, and
    a session she was to lead from now on is led by nobody yet.
    """
    of_person.blank(
        session, Topic, Topic.trainer_id == person_id, Topic.starts_at > now, trainer_id=None
    )
    asked = of_person.rows(session, Question, Question.asker_id == person_id)
    edits = of_person.rows(session, TopicEdit, TopicEdit.actor_id == person_id)
    own = [text for one in asked for text in (one.text, one.context or "") if text]
    touched = {edit.topic_id for edit in edits} | _topics_of(session, [q.id or 0 for q in asked])
    words = 0
    for topic_id in sorted(touched):
        hers = _written(session, topic_id, person_id)
        words += len(hers)
        _clean(session, topic_id, hers, sentences([*own, *hers]), own)
    answers = of_person.blank(
        session, ThemeAnswer, ThemeAnswer.answered_by == person_id, text=REMOVED
    )
    return {"topic_words": words, "theme_answers": answers}


def drop_arrangements(session: Session, *, before: datetime, limit: int) -> int:
    """Forget how finished topics stood before each change of long ago; that it was made stays."""
    finished = select(Topic.id).where(col(Topic.state).in_((ANSWERED, LAPSED)))
    found = [
        edit.id or 0
        for edit in of_person.rows(
            session, TopicEdit, TopicEdit.at < before, col(TopicEdit.topic_id).in_(finished)
        )
        if edit.before.get("places")
    ][:limit]
    return of_person.blank(session, TopicEdit, col(TopicEdit.id).in_(found), before=NOTHING)


def _topics_of(session: Session, question_ids: Sequence[int]) -> set[int]:
    statement = select(ThemeQuestion.topic_id).where(
        col(ThemeQuestion.question_id).in_(question_ids)
    )
    return set(session.exec(statement))


def _states(session: Session, topic_id: int) -> Iterator[tuple[TopicEdit, set[str], set[str]]]:
    """Each change of a topic with its words (paragraphs and titles) before and after it."""
    topic = session.get_one(Topic, topic_id)
    themes = of_person.rows(session, TopicTheme, TopicTheme.topic_id == topic_id)
    present = {*topic.texts.values(), *(theme.title for theme in themes)}
    edits = of_person.rows(session, TopicEdit, TopicEdit.topic_id == topic_id)
    stood = [_words(edit.before) for edit in edits] + [present]
    yield from zip(edits, stood[:-1], stood[1:], strict=True)


def _words(before: dict[str, Any]) -> set[str]:
    titles = {theme["title"] for theme in before.get("themes", {}).values()}
    return titles | set(before.get("texts", {}).values())


def _written(session: Session, topic_id: int, person_id: int) -> list[str]:
    """The paragraphs and titles that came by her changes, but for what she only put back."""
    brought = (
        after - before
        for edit, before, after in _states(session, topic_id)
        if edit.actor_id == person_id and edit.kind != UNDO
    )
    return sorted(set().union(*brought))


def _clean(
    session: Session, topic_id: int, hers: Sequence[str], quoted: Sequence[str], own: Sequence[str]
) -> None:
    """Take her words out of a topic, its themes, and how it stood before each change."""
    topic = session.get_one(Topic, topic_id)
    topic.texts = _texts(topic.texts, hers, quoted)
    session.add(topic)
    for theme in of_person.rows(session, TopicTheme, TopicTheme.topic_id == topic_id):
        theme.title = _title(theme.title, hers, own)
        session.add(theme)
    for edit in of_person.rows(session, TopicEdit, TopicEdit.topic_id == topic_id):
        before = dict(edit.before)
        before["texts"] = _texts(before.get("texts", {}), hers, quoted)
        before["themes"] = {
            key: theme | {"title": _title(theme["title"], hers, own)}
            for key, theme in before.get("themes", {}).items()
        }
        edit.before = before
        session.add(edit)
    for answer in of_person.rows(
        session,
        ThemeAnswer,
        col(ThemeAnswer.theme_id).in_(select(TopicTheme.id).where(TopicTheme.topic_id == topic_id)),
    ):
        answer.text = without_in(answer.text, quoted)
        session.add(answer)
    session.flush()


def _texts(texts: dict[str, str], hers: Sequence[str], quoted: Sequence[str]) -> dict[str, str]:
    return without_in({key: text for key, text in texts.items() if text not in hers}, quoted)


def _title(title: str, hers: Sequence[str], own: Sequence[str]) -> str:
    """A theme without keywords bears the beginning of a question as its title."""
    begins = any(" ".join(text.split()).startswith(title) for text in own) if title else False
    return REMOVED if begins or title in hers else title
