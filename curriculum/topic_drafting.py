"""What a topic's draft is made from, and its keeping; curriculum.topic_grouping makes it.

`pool` reads, `topic_grouping.drafted` computes for seconds on plain values, `keep` stores: no
transaction is open while the models work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from curriculum import matchers
from curriculum.matchers import Followed
from curriculum.rhythm import local_date
from curriculum.topic_rules import closes_at
from storage import audit, lesson_vectors, topic_pool, topics
from storage.topic_pool import Pooled, Taught
from storage.topics import DRAFT, DUE, ThemeQuestion, TopicTheme


@dataclass(frozen=True, slots=True)
class Pool:
    """All that a draft is made from, as plain values; `matcher` is what was learnt, if anything."""

    topic_id: int
    today: date
    questions: tuple[Pooled, ...]
    lessons: tuple[Taught, ...]
    matcher: Followed | None = None


@dataclass(frozen=True, slots=True)
class DraftTheme:
    """A theme as it is stored; `gaps` are representatives that no lesson answers."""

    title: str
    language: str
    members: tuple[int, ...]
    representatives: tuple[int, ...]
    lessons: tuple[Taught, ...]
    gaps: tuple[int, ...]
    # The place of the Chinese theme that a Tibetan one seems to be about.
    goes_with: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Themes, the heaviest first, and the number of each question's group.

    `read` are rows of lessons that had to be made for it, by text id, so that they are kept.
    `matcher_id` is the training that was followed.
    """

    themes: tuple[DraftTheme, ...]
    groups: Mapping[int, int]
    read: Mapping[int, bytes] = field(default_factory=dict)
    matcher_id: int | None = None


def waiting(session: Session, *, bot: int, now: datetime) -> list[int]:
    """The topics whose pool has closed and that have no draft yet."""
    return [
        one.topic.id or 0
        for one in topics.in_states(session, (DUE,), bot=bot)
        if closes_at(one.topic.closes_on, one.cohort.zone) <= now
    ]


def pool(session: Session, topic_id: int, *, now: datetime) -> Pool | None:
    """What the draft of a topic is made from; None where it was made meanwhile."""
    found = topics.standing(session, topic_id)
    if found is None or found.topic.state != DUE:
        return None
    topic, cohort = found.topic, found.cohort
    asked = topic_pool.pool(
        session,
        cohort_id=topic.cohort_id,
        unit_path=found.unit_path,
        before=closes_at(topic.closes_on, cohort.zone),
    )
    taught = topic_pool.taught(session, cohort.pack_id)
    matcher = matchers.followed(session, bot=topic.bot)
    return Pool(topic_id, local_date(now, cohort.zone), tuple(asked), tuple(taught), matcher)


def keep(session: Session, found: Pool, draft: Draft, *, now: datetime) -> bool:
    """Store a draft; False where somebody else stored one first."""
    lesson_vectors.keep(session, draft.read)
    standing = topics.standing(session, found.topic_id, lock=True)
    if standing is None or standing.topic.state != DUE:
        return False
    topic = standing.topic
    rows = []
    for position, one in enumerate(draft.themes):
        row = TopicTheme(
            topic_id=found.topic_id,
            position=position,
            title=one.title,
            language=one.language,
            is_hidden=False,
            is_gone=False,
            representatives=list(one.representatives),
            lessons=[
                {
                    "id": lesson.lesson_id,
                    "code": lesson.code,
                    "title": lesson.title,
                    "key_point": lesson.key_point,
                }
                for lesson in one.lessons
            ],
            gaps=list(one.gaps),
        )
        session.add(row)
        rows.append(row)
    session.flush()
    for row, one in zip(rows, draft.themes, strict=True):
        row.goes_with = rows[one.goes_with].id if one.goes_with is not None else None
        session.add_all(
            ThemeQuestion(
                topic_id=found.topic_id,
                question_id=member,
                theme_id=row.id or 0,
                grouped=draft.groups[member],
            )
            for member in one.members
        )
    topic.state, topic.version, topic.made_at = DRAFT, 1, now
    topic.matcher_id = draft.matcher_id
    session.add(topic)
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="draft_topic",
        object_kind="topic",
        object_id=topic.id,
        questions=len(found.questions),
        themes=len(rows),
        matcher=draft.matcher_id,
    )
    topic_pool.take(session, [one.id for one in found.questions], topic_id=found.topic_id)
    return True
