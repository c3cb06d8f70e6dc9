"""The matcher a bot follows: what it is learnt from, when it is learnt again, what is kept of it.

`material` reads, `matcher_training.learnt` computes on plain values, `keep` stores: no transaction
is open while numbers are worked on.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from storage import audit, one_at_a_time, theme_matchers
from storage.theme_matchers import Said, ThemeMatcher

if TYPE_CHECKING:
    # A process that only asks which matcher is followed loads no numbers.
    from curriculum.theme_matcher import Matcher

# A label is one question that somebody took elsewhere. Some thirty terms are spoken of in a month,
# and a weight needs about ten observations (Peduzzi and others 1996).
LABELS_FROM = 300
# Followed only if it orders held-out pairs so much better, and chance would do so once in a hundred
# times: it is asked anew each week, and the grouping should not change for little.
BETTER_BY, CHANCE = 0.01, 0.01
# Labels come by a few topics a month.
AGAIN_AFTER = timedelta(days=7)
# What is read at once is bounded: 60 topics of 120 questions are 13 MB of rows, and five times as
# much while they are worked on.
MOST_TOPICS, MOST_QUESTIONS = 60, 120
TOGETHER, APART = "together", "apart"

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """Weights as they were stored, and the training they come from."""

    matcher_id: int
    models: str
    weights: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edited:
    """An approved topic that was edited: where each question stood in the end, what was said.

    `moved` are the two sides of each merge and split as it still holds, `taken` the questions that
    were taken elsewhere by them.
    """

    topic_id: int
    month: date
    themes: Mapping[int, int]
    moved: tuple[tuple[Ids, Ids], ...]
    taken: Ids


@dataclass(frozen=True, slots=True)
class Material:
    """All that is learnt from, as plain values; `taught_by` is a digest of it."""

    topics: tuple[Edited, ...]
    said: Mapping[int, Said]
    models: str
    taught_by: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A matcher, what it was learnt from, and how it did on topics of months it had not seen.

    Scores are the share of pairs of a question (one of its theme, one of another) in the right
    order, averaged over topics; `chance` is how often luck does as well.
    """

    matcher: "Matcher"
    labels: int
    topics: int
    months: int
    untaught_score: float
    score: float
    chance: float

    @property
    def is_better(self) -> bool:
        """Whether it is to be followed."""
        return self.score - self.untaught_score >= BETTER_BY and self.chance <= CHANCE


def followed(session: Session, *, bot: int) -> Followed | None:
    """What the newest training says, where it was found better than nothing learnt."""
    row = theme_matchers.newest(session, bot=bot)
    if row is None or not row.is_followed:
        return None
    return Followed(row.id or 0, row.models, row.weights)


def material(session: Session, *, bot: int, now: datetime) -> Material | None:
    """What is to be learnt from now; None within a week of the last time, of too little,
    and of what was learnt before.

    A question that was emptied for a person has no row any more, and teaches nothing from then on.
    """
    last = theme_matchers.newest(session, bot=bot)
    if last is not None and now - last.made_at < AGAIN_AFTER:
        return None
    months = theme_matchers.edited(session, bot=bot, limit=MOST_TOPICS)
    topics = _edited(session, months)
    if sum(len(one.taken) for one in topics) < LABELS_FROM:
        return None
    models = _models()
    taught_by = _digest(topics, models)
    if last is not None and last.taught_by == taught_by:
        return None
    chosen = [question for topic in topics for question in topic.themes]
    return Material(tuple(topics), theme_matchers.said(session, chosen), models, taught_by)


def keep(session: Session, found: Material, made: Trained, *, bot: int, now: datetime) -> bool:
    """Store a training; False where another process stored one first."""
    if not one_at_a_time.is_mine(session, f"{bot}:matcher"):
        return False
    last = theme_matchers.newest(session, bot=bot)
    if last is not None and now - last.made_at < AGAIN_AFTER:
        return False
    row = ThemeMatcher(
        bot=bot,
        made_at=now,
        models=found.models,
        taught_by=found.taught_by,
        weights=made.matcher.numbers,
        labels=made.labels,
        topics=made.topics,
        months=made.months,
        untaught_score=made.untaught_score,
        score=made.score,
        chance=made.chance,
        is_followed=made.is_better,
    )
    session.add(row)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="train_matcher",
        object_kind="theme_matcher",
        object_id=row.id,
        labels=made.labels,
        followed=made.is_better,
    )
    return True


def _edited(session: Session, months: Mapping[int, date]) -> list[Edited]:
    stood: dict[int, dict[int, int]] = {topic_id: {} for topic_id in months}
    for place in theme_matchers.places(session, list(months)):
        stood[place.topic_id][place.question_id] = place.theme_id
    said: dict[int, list[dict[str, Any]]] = {topic_id: [] for topic_id in months}
    for topic_id, label in theme_matchers.labels(session, list(months)):
        said[topic_id].append(label)
    made = (edited(one, months[one], stood[one], said[one]) for one in sorted(months))
    return [topic for topic in made if topic.taken]


def edited(
    topic_id: int, month: date, stood: Mapping[int, int], labels: Sequence[Mapping[str, Any]]
) -> Edited:
    """A topic of which the labels are read as they hold in the end: a later one has the last word.

    Of a large topic the questions that were moved come first, then the earliest.
    """
    moved, taken = [], set[int]()
    for label in labels:
        for kind in (TOGETHER, APART):
            sides = _sides(label.get(kind), stood)
            if sides and _holds(sides, stood, is_together=kind == TOGETHER):
                moved.append(sides)
                taken |= set(sides[1] if len(sides[1]) < len(sides[0]) else sides[0])
    first = sorted(stood, key=lambda question: (question not in taken, question))
    kept = {question: stood[question] for question in sorted(first[:MOST_QUESTIONS])}
    return Edited(topic_id, month, kept, tuple(moved), tuple(sorted(taken & kept.keys())))


def _sides(written: object, stood: Mapping[int, int]) -> tuple[Ids, Ids] | None:
    """Both sides of a label, as far as their questions can be read; None where one is empty."""
    if not isinstance(written, list) or len(written) != 2:
        return None
    one, other = (tuple(question for question in side if question in stood) for side in written)
    return (one, other) if one and other else None


def _holds(sides: tuple[Ids, Ids], stood: Mapping[int, int], *, is_together: bool) -> bool:
    one, other = ({stood[question] for question in side} for side in sides)
    return bool(one & other) == is_together


def _models() -> str:
    # Loads numbers; until there is enough to learn from nobody needs them.
    from curriculum.likeness import models

    return models()


def _digest(topics: Sequence[Edited], models: str) -> str:
    told = [[one.topic_id, sorted(one.themes.items()), one.moved] for one in topics]
    return hashlib.sha256(json.dumps([models, told]).encode()).hexdigest()[:32]
