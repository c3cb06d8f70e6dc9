"""A topic's page as plain values: who it matters to, the questions, lessons, a case, the gaps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import regex  # type: ignore[import-untyped]
from sqlmodel import Session

from curriculum.danger import danger
from curriculum.topic_quotes import Quoting, asks
from storage import gatherings, topic_pool, topics
from storage.people import Person
from storage.questions import Question
from storage.topics import (
    ANSWERED,
    APPROVED,
    HELD,
    Standing,
    ThemeAnswer,
    ThemeQuestion,
    Topic,
    TopicTheme,
)

# In these states everybody of the cohort may read a topic.
PUBLISHED = (APPROVED, HELD, ANSWERED)
# So many wordings are quoted of a theme; the others are counted.
QUOTED = 8
# A case tells what happened: somebody, in more than a line.
CASE_FROM, CASE_TO = 50, 260
_SOMEBODY = regex.compile(r"[一有这那][个位户家]|老人|孩子|服务对象|奶奶|爷爷|大姐|邻居|[他她]")
# What can be changed as text, in the order of the page; each theme has every one of them.
PARTS = ("why", "questions", "lessons", "points", "case")


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson that speaks of a theme."""

    lesson_id: int
    number: str
    title: str
    key_point: str


@dataclass(frozen=True, slots=True)
class ThemePage:
    """One theme. `questions` are quotes, one of each group, most asked first.

    Counts are of people and units, never shown as numbers below five. `answer` is what the session
    said, None before it.
    """

    theme_id: int
    number: int
    title: str
    is_hidden: bool
    askers: int
    voters: int
    units: int
    questions: tuple[str, ...]
    others: int
    count: int
    lessons: tuple[LessonLine, ...]
    gaps: tuple[str, ...]
    case: str | None
    goes_with: str | None
    answer: str | None
    # False where most of it reads like remarks, not questions.
    asks: bool = True
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One topic with the themes that are shown to its reader, in order."""

    topic_id: int
    version: int
    state: str
    month: date
    cohort_id: int
    cohort: str
    starts_at: datetime
    minutes: int
    due_on: date
    trainer: str | None
    questions: int
    askers: int
    units: int
    themes: tuple[ThemePage, ...]
    texts: Mapping[str, str]
    # Whether the draft was grouped as earlier merges and splits teach.
    is_taught: bool = False

    def theme(self, theme_id: int) -> ThemePage | None:
        """A theme of the page."""
        return next((one for one in self.themes if one.theme_id == theme_id), None)

    @property
    def shown(self) -> tuple[ThemePage, ...]:
        """The themes that are not hidden."""
        return tuple(one for one in self.themes if not one.is_hidden)


def of(session: Session, standing: Standing, *, with_hidden: bool = False) -> TopicPage:
    """The page of a topic; hidden themes only for whoever edits it. Five queries."""
    topic = standing.topic
    topic_id = topic.id or 0
    rows = [one for one in topics.themes(session, topic_id) if with_hidden or not one.is_hidden]
    places = topics.places(session, topic_id)
    questions = topic_pool.questions(session, [place.question_id for place in places])
    voters = topic_pool.voters(session, list(questions))
    answers = topics.answers(session, [row.id or 0 for row in rows])
    quoting = Quoting(*topic_pool.names_near(session, standing.unit_path))
    titles = {row.id: row.title for row in rows}
    numbers = _numbers(rows)
    made = tuple(
        _theme(
            row,
            [place for place in places if place.theme_id == row.id],
            questions,
            number=numbers[row.id or 0],
            voters=voters,
            quoting=quoting,
            goes_with=titles.get(row.goes_with),
            answer=answers.get(row.id or 0),
        )
        for row in rows
    )
    trainer = session.get(Person, topic.trainer_id) if topic.trainer_id else None
    kept = {row.id for row in rows}
    asked = [questions[place.question_id] for place in places if place.theme_id in kept]
    return TopicPage(
        topic_id=topic_id,
        version=topic.version,
        state=topic.state,
        month=topic.month,
        cohort_id=topic.cohort_id,
        cohort=standing.cohort.name,
        starts_at=_starts_at(session, topic),
        minutes=topic.minutes,
        due_on=topic.due_on,
        trainer=trainer.name if trainer else None,
        questions=len(asked),
        askers=len({question.asker_id for question in asked}),
        units=len({question.unit_id for question in asked} - {None}),
        themes=made,
        texts=dict(topic.texts),
        is_taught=topic.matcher_id is not None,
    )


def _starts_at(session: Session, topic: Topic) -> datetime:
    """By its gathering, which may have been moved since."""
    found = gatherings.gathering(session, topic.gathering_id) if topic.gathering_id else None
    return found.starts_at if found else topic.starts_at


def _numbers(rows: Sequence[TopicTheme]) -> dict[int, int]:
    """Numbers as they are read: hidden themes have none (0) and take none."""
    numbers, last = {}, 0
    for row in rows:
        last += not row.is_hidden
        numbers[row.id or 0] = 0 if row.is_hidden else last
    return numbers


def _theme(
    row: TopicTheme,
    places: Sequence[ThemeQuestion],
    questions: Mapping[int, Question],
    *,
    number: int,
    voters: Mapping[int, list[int]],
    quoting: Quoting,
    goes_with: str | None,
    answer: ThemeAnswer | None,
) -> ThemePage:
    asked = [questions[place.question_id] for place in places]
    groups = len({place.grouped for place in places})
    chosen = _one_of_each(row, places, questions)
    askers = {question.asker_id for question in asked}
    wishing = {person for question in asked for person in voters.get(question.id or 0, ())}
    gaps = [questions[one] for one in row.gaps if one in questions]
    here = {place.question_id for place in places}
    return ThemePage(
        theme_id=row.id or 0,
        number=number,
        title=row.title,
        is_hidden=row.is_hidden,
        askers=len(askers),
        voters=len(wishing - askers),
        units=len({question.unit_id for question in asked} - {None}),
        questions=tuple(quoting.shortened(question.text) for question in chosen),
        others=max(0, groups - len(chosen)),
        count=len(asked),
        lessons=tuple(
            LessonLine(one["id"], one["code"].lstrip("0"), one["title"], one["key_point"])
            for one in row.lessons
        ),
        gaps=tuple(
            quoting.shortened(one.text) for one in gaps if one.id in here and not danger(one.text)
        ),
        case=_case(asked, quoting),
        goes_with=goes_with,
        answer=answer.text if answer else None,
        language=row.language,
        asks=2 * sum(asks(question.text) for question in asked) >= len(asked),
    )


def _one_of_each(
    row: TopicTheme, places: Sequence[ThemeQuestion], questions: Mapping[int, Question]
) -> list[Question]:
    """One question of each group, eight at most: representatives first, then what is most asked.

    What reads like danger was answered otherwise and is nobody's to discuss.
    """
    size = Counter(place.grouped for place in places)
    group = {place.question_id: place.grouped for place in places}
    order = [one for one in row.representatives if one in group]
    order += sorted(group, key=lambda one: (-size[group[one]], one))
    # What asks nothing comes last.
    order.sort(key=lambda one: not asks(questions[one].text))
    chosen: dict[int, Question] = {}
    for question_id in order:
        if len(chosen) == QUOTED:
            break
        question = questions[question_id]
        if group[question_id] not in chosen and not danger(_whole(question)):
            chosen[group[question_id]] = question
    return list(chosen.values())


def _whole(question: Question) -> str:
    return f"{question.text} {question.context or ''}".strip()


def _case(asked: Sequence[Question], quoting: Quoting) -> str | None:
    """The fullest account in the theme, with nobody to be known by it; None where there is none.

    Never of an anonymous question, whose asker the group might know by what happened, and never
    of one that speaks of danger.
    """
    for question in sorted(asked, key=lambda one: (-len(_whole(one)), one.id or 0)):
        whole = _whole(question)
        if question.anonymous or not CASE_FROM <= len(whole) <= CASE_TO:
            continue
        # Where the guard found something, too much of the person shows through the rest.
        is_clean = quoting.quoted(whole) == " ".join(whole.split())
        if is_clean and _SOMEBODY.search(whole) and not danger(whole):
            parts = [one for one in (question.context, question.text) if one]
            return " ".join(quoting.without_identity(part) for part in parts)
    return None
