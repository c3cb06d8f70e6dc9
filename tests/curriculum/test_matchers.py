"""What a coordinator's merges and splits teach: nothing by chance, and nothing of what is gone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlmodel import Session, select

from bot.matcher_upkeep import MatcherUpkeep
from curriculum import (
    likeness,
    matcher_training,
    matchers,
    question_data,
    theme_matcher,
    topic_drafting,
    topic_history,
    topic_themes,
)
from curriculum.matchers import Trained
from storage import theme_matchers
from storage import topics as stored
from storage.audit import AuditEntry
from storage.engine import Database
from storage.holds import Hold
from storage.question_vectors import QuestionVector
from storage.questions import Question
from storage.theme_matchers import ThemeMatcher
from storage.topics import APPROVED, DRAFT, DUE, ThemeQuestion, Topic, TopicTheme
from tests.county import BOT, County, build, write_pack
from tests.kept import kept
from tests.scheduler.test_postman import HandDrivenClock

START = datetime(2026, 1, 5, 2, tzinfo=UTC)
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)
# Whom a question is about, and what it asks: she sorts by the first, the models see the second.
WHO = ("独居老人", "残疾人")
ASKS = ("建档", "转介")
TOPICS = 7
EACH = 96


@dataclass
class Year:
    """Drafts of seven months, as the models sorted them, and who may change them."""

    county: County
    topic_ids: list[int]


def _year(session: Session, folder: Path) -> Year:
    county = build(session, write_pack(folder), now=START)
    assert county.coordinator is not None
    return Year(county, [_draft(session, county, number) for number in range(TOPICS)])


def _draft(session: Session, county: County, number: int) -> int:
    """A month's draft: themes by what is asked, in each as many about each of the people."""
    month = date(2026, 1 + number, 1)
    topic = Topic(
        bot=BOT, cohort_id=county.cohort.id or 0, month=month, closes_on=month, due_on=month,
        starts_at=START, minutes=60, state=DRAFT, version=1, texts={},
    )  # fmt: skip
    session.add(topic)
    session.flush()
    random = np.random.default_rng(number)
    meant = np.random.default_rng(99).standard_normal((len(ASKS), theme_matcher.WHOLE))
    for asks, words in enumerate(ASKS):
        theme = TopicTheme(
            topic_id=topic.id or 0, position=asks, title=words, language="zh", is_hidden=False,
            is_gone=False, representatives=[], lessons=[], gaps=[],
        )  # fmt: skip
        asked = [
            Question(
                asker_id=county.learners[place % 3].person_id,
                unit_id=county.station.id,
                text=f"{WHO[place % len(WHO)]}的{words}怎么做，第{place}问",
                bot=BOT,
                asked_at=START,
            )
            for place in range(EACH // len(ASKS))
        ]
        session.add_all([theme, *asked])
        session.flush()
        for question in asked:
            vector = meant[asks] + 1.5 * random.standard_normal(theme_matcher.WHOLE)
            _place(session, theme, question.id or 0, vector)
    session.flush()
    return topic.id or 0


def _place(session: Session, theme: TopicTheme, question_id: int, vector: Any) -> None:
    parts = np.split(vector, [likeness.FIRST_WIDTH])
    row = np.concatenate([part / np.linalg.norm(part) for part in parts]).astype(np.float16)
    session.add(QuestionVector(question_id=question_id, vector=row.tobytes()))
    session.add(
        ThemeQuestion(
            topic_id=theme.topic_id,
            question_id=question_id,
            theme_id=theme.id or 0,
            grouped=question_id,
        )
    )


@pytest.fixture
def year(database: Database, tmp_path: Path) -> Year:
    """Seven drafted months, unchanged."""

    def fill(session: Session) -> Year:
        return kept(session, "a year of drafts", lambda: _year(session, tmp_path / "pack"))

    return database.write_now(fill)  # type: ignore[no-any-return]


# Which of the people a question is sorted by.
Sort = Callable[[int, str], int]


def _by_person(_: int, text: str) -> int:
    return next(n for n, who in enumerate(WHO) if who in text)


def _by_chance(question_id: int, _: str) -> int:
    return int(np.random.default_rng(question_id).integers(len(WHO)))


def _rearrange(session: Session, year: Year, topic_id: int, sort: Sort) -> None:
    """Split each theme until each holds what belongs to one person, and approve."""
    topic = session.get_one(Topic, topic_id)
    themes = [theme.id or 0 for theme in stored.themes(session, topic_id)]
    words = {
        one.question_id: session.get_one(Question, one.question_id).text
        for one in stored.places(session, topic_id)
    }
    for own, theme_id in enumerate(themes):
        for other, into_id in enumerate(themes):
            moved = [
                place.question_id
                for place in stored.places(session, topic_id)
                if place.theme_id == theme_id
                and own != other
                and sort(place.question_id, words[place.question_id]) == other
            ]
            if moved:
                topic_themes.split(
                    session,
                    year.county.coordinator,  # type: ignore[arg-type]
                    theme_id,
                    moved,
                    title=None,
                    into_id=into_id,
                    version=topic.version,
                    now=START,
                )
    topic.state = APPROVED
    session.add(topic)


def _learn(session: Session, now: datetime = NOW) -> Trained | None:
    """What the nightly chore does, in one transaction."""
    found = matchers.material(session, bot=BOT, now=now)
    made = matcher_training.learnt(found) if found else None
    if found and made:
        assert matchers.keep(session, found, made, bot=BOT, now=now)
        # A second process that learnt the same finds it kept.
        assert not matchers.keep(session, found, made, bot=BOT, now=now)
    return made


def test_her_way_of_sorting_is_learnt_and_followed(database: Database, year: Year) -> None:
    """She sorts by whom it is about, the models by what is asked: months not seen are sorted her
    way much better, the same labels teach the same, and the next draft says what it followed.

    Whoever is forgotten teaches nothing any more a week later.
    """

    def fill(session: Session) -> Trained | None:
        for topic_id in year.topic_ids:
            _rearrange(session, year, topic_id, _by_person)
        return _learn(session)

    made = database.write_now(fill)
    assert made is not None
    assert made.is_better
    assert made.score > made.untaught_score + 0.2
    assert (made.topics, made.months) == (TOPICS, TOPICS)
    assert made.labels >= matchers.LABELS_FROM
    counts = made.matcher.terms
    assert min(counts[who] for who in WHO) > 5 * max(counts.get(asks, 0) for asks in ASKS)

    def again(session: Session) -> None:
        row = session.exec(select(ThemeMatcher)).one()
        assert row.is_followed
        assert (row.labels, row.score, row.models) == (made.labels, made.score, likeness.models())
        # Within a week nothing is asked; later the same labels are not learnt twice.
        assert matchers.material(session, bot=BOT, now=NOW + timedelta(days=6)) is None
        assert matchers.material(session, bot=BOT, now=NOW + timedelta(days=8)) is None
        known = matchers.followed(session, bot=BOT)
        assert known is not None
        assert theme_matcher.of_numbers(known.weights) == made.matcher
        acts = session.exec(select(AuditEntry).where(AuditEntry.action == "train_matcher")).all()
        assert [act.facts for act in acts] == [{"labels": made.labels, "followed": True}]
        session.delete(row)
        session.flush()
        assert _learn(session) == made
        topic = session.get_one(Topic, year.topic_ids[0])
        topic.state = DUE
        pool = topic_drafting.pool(session, year.topic_ids[0], now=NOW)
        assert pool is not None
        assert pool.matcher is not None
        draft = topic_drafting.Draft((), {}, matcher_id=pool.matcher.matcher_id)
        assert topic_drafting.keep(session, pool, draft, now=NOW)
        assert topic.matcher_id == pool.matcher.matcher_id

    def forget(session: Session) -> None:
        asker = year.county.learners[0].person_id
        hers = session.exec(select(Question.id).where(Question.asker_id == asker)).all()
        question_data.erase(session, asker, now=NOW)
        stood = {
            topic_id: theme_matchers.places(session, [topic_id]) for topic_id in year.topic_ids
        }
        assert not {one.question_id for places in stood.values() for one in places} & set(hers)
        # So much was hers that too little is left.
        assert matchers.material(session, bot=BOT, now=NOW + timedelta(days=8)) is None

    database.write_now(again)
    database.write_now(forget)


@pytest.mark.asyncio
async def test_a_night_learns_once_and_never_while_all_is_held(
    database: Database, year: Year
) -> None:
    """From four in the morning, beside the other chores; a restored database teaches nothing."""
    clock = HandDrivenClock(datetime(2026, 12, 1, 19, 59, tzinfo=UTC))
    chore = MatcherUpkeep(database, clock, bot=BOT, zone="Asia/Shanghai")

    async def night(hours: int) -> int:
        clock.business += timedelta(hours=hours)
        await chore.run()
        await chore.run()
        await chore.idle()
        return len(database.read_now(lambda session: session.exec(select(ThemeMatcher)).all()))

    def fill(session: Session) -> None:
        for topic_id in year.topic_ids:
            _rearrange(session, year, topic_id, _by_person)

        session.add(Hold(bot=BOT, since=NOW, last_seen_at=NOW))

    database.write_now(fill)
    assert await night(0) == await night(1) == 0
    database.write_now(lambda session: session.delete(session.exec(select(Hold)).one()))
    assert await night(0) == 0
    assert await night(24) == 1
    assert await night(24) == 1


def test_what_says_nothing_is_not_followed(database: Database, year: Year) -> None:
    """Questions moved by chance, as many as need be: learnt, kept with its figures, unused."""

    def act(session: Session) -> Trained | None:
        for topic_id in year.topic_ids:
            _rearrange(session, year, topic_id, _by_chance)
        made = _learn(session)
        assert matchers.followed(session, bot=BOT) is None
        assert not session.exec(select(ThemeMatcher)).one().is_followed
        return made

    made = database.write_now(act)
    assert made is not None
    assert made.labels >= matchers.LABELS_FROM
    assert not made.is_better


def test_too_few_unapproved_and_undone_changes_teach_nothing(
    database: Database, year: Year
) -> None:
    """Below three hundred labels nothing is learnt; a draft's and those taken back are none."""

    def act(session: Session) -> None:
        for topic_id in year.topic_ids:
            _rearrange(session, year, topic_id, _by_person)
        topics = [session.get_one(Topic, topic_id) for topic_id in year.topic_ids]
        for topic in topics[:1]:
            topic.state = DRAFT
        session.flush()
        assert _learn(session) is None
        for topic in topics[:1]:
            while stored.last_edit(session, topic.id or 0) is not None:
                topic_history.undo(
                    session,
                    year.county.coordinator,  # type: ignore[arg-type]
                    topic.id or 0,
                    version=topic.version,
                    now=START,
                )
            topic.state = APPROVED
        session.flush()
        assert _learn(session) is None
        assert session.exec(select(ThemeMatcher)).all() == []

    database.write_now(act)


def test_a_later_change_has_the_last_word_and_bad_labels_none() -> None:
    """Merged, then split again: the merge says nothing; neither does what no form ever wrote."""
    stood = {1: 10, 2: 10, 3: 11, 4: 11}
    labels: list[dict[str, Any]] = [
        {"together": [[1, 2], [3, 4]]},
        {"apart": [[3, 4], [1, 2]], "together": [[9], [3, 4]]},
        {"apart": "x", "together": [[1]]},
        {},
    ]
    found = matchers.edited(5, date(2026, 1, 1), stood, labels)
    assert found.moved == (((3, 4), (1, 2)),)
    assert found.taken == (3, 4)
    assert found.themes == stood


def test_a_score_counts_pairs_in_order_and_luck_is_told_from_gain() -> None:
    """1 where themes lie apart, a half where nothing tells them; seven gains of seven are no luck,
    six of seven with one as large a loss may be.
    """
    themes = np.repeat([0, 1, 2], 4)
    apart = np.eye(3, 8, dtype=np.float32)[themes]
    assert matcher_training.order_score(themes, apart) == 1
    assert matcher_training.order_score(themes, np.ones((12, 8), np.float32)) == 0.5
    assert matcher_training.order_score(np.zeros(12, np.int64), apart) == 0.5
    assert matcher_training.chance_of(np.full(7, 0.02)) < matchers.CHANCE
    assert matcher_training.chance_of(np.array([0.02] * 6 + [-0.02])) > matchers.CHANCE
    assert matcher_training.chance_of(np.zeros(7)) == 1
