"""A monthly topic's rules: its dates, its draft, changes by two at once, what others may read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from curriculum import (
    gatherings,
    monthly_topic,
    topic_answers,
    topic_drafting,
    topic_history,
    topic_notes,
    topic_page,
    topic_rules,
    topic_session,
    topic_texts,
    topic_themes,
    topic_todo,
    topics,
)
from curriculum.danger import danger
from curriculum.errors import ChangedMeanwhile, NothingToUndo, NotThere
from curriculum.guard import look
from curriculum.people import COORDINATOR, Speaker
from curriculum.rhythm import WorkingCalendar
from curriculum.topic_drafting import Draft, DraftTheme
from curriculum.topic_errors import AnswerTold, TopicDatesTooClose, TopicDayNotPossible, TopicEmpty
from curriculum.topic_page import TopicPage
from curriculum.topic_quotes import Quoting, asks
from scheduler import planner
from storage import deliveries, questions
from storage import topics as stored
from storage.cohorts import Rhythm
from storage.deliveries import Delivery
from storage.engine import Database
from storage.people import Unit
from storage.questions import Question
from storage.topics import Topic, TopicEdit
from tests import sample_month
from tests.county import BOT, County, build, join, write_pack
from tests.kept import kept

START = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
CLOSING_DAY = date(2026, 11, 17)
BEFORE_CLOSING = datetime(2026, 11, 17, 15, 55, tzinfo=UTC)
AFTER_CLOSING = datetime(2026, 11, 17, 16, 5, tzinfo=UTC)
SESSION = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
AGAIN = SESSION + timedelta(minutes=5)
WEEK = WorkingCalendar(frozenset({1, 2, 3, 4, 5}), {})
SETTINGS = {
    "weekday": "thursday",
    "minutes": 90,
    "pool_closes_working_days": 7,
    "approval_working_days": 3,
}


def _county(session: Session, folder: Path) -> County:
    county = build(session, write_pack(folder), now=START, start_on=date(2026, 11, 2))
    session.add(
        Rhythm(
            cohort_id=county.cohort.id or 0,
            kind="monthly_topic",
            is_on=True,
            time_of_day=time(15),
            late="merge",
            skip_after_hours=10,
            settings=SETTINGS,
            watermark=date(2026, 11, 1),
        )
    )
    session.flush()
    return county


def _plan(session: Session, now: datetime) -> None:
    planner.plan_due(session, monthly_topic, bot=BOT, now=now, real=now)


def _by_label(pool: topic_drafting.Pool, rows: dict[int, dict[str, Any]]) -> Draft:
    """A draft as the sample month's own labels have it, so that no model is needed."""
    themes: dict[str, list[int]] = {}
    groups: dict[str, int] = {}
    for one in pool.questions:
        row = rows[one.id]
        themes.setdefault(row["theme"], []).append(one.id)
        groups.setdefault(row["duplicate_group"] or f"alone {one.id}", len(groups))
    return Draft(
        tuple(
            DraftTheme(slug, "zh", tuple(ids), tuple(ids[:5]), pool.lessons[:1], (), None)
            for slug, ids in sorted(themes.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        {one: groups[row["duplicate_group"] or f"alone {one}"] for one, row in rows.items()},
    )


@dataclass
class Month:
    """A drafted topic, what it was made of, and a way to it."""

    database: Database
    county: County
    topic_id: int
    rows: dict[int, dict[str, Any]]

    def do(self, act: Callable[..., Any], *args: Any, **values: Any) -> Any:
        """Run something in a transaction of its own."""
        return self.database.write_now(act, *args, **values)

    def page(self, *, with_hidden: bool = True) -> TopicPage:
        """The topic as it reads now."""

        def read(session: Session) -> TopicPage:
            standing = stored.standing(session, self.topic_id)
            assert standing is not None
            return topic_page.of(session, standing, with_hidden=with_hidden)

        return self.database.read_now(read)  # type: ignore[no-any-return]

    @property
    def coordinator(self) -> Speaker:
        """Who may change it."""
        assert self.county.coordinator is not None
        return self.county.coordinator


def _drafted(session: Session, folder: Path) -> tuple[County, int, dict[int, dict[str, Any]]]:
    county = _county(session, folder)
    rows = sample_month.load(session, county, until_day=12)
    _plan(session, datetime(2026, 11, 17, 2, 0, tzinfo=UTC))
    assert topic_drafting.waiting(session, bot=BOT, now=BEFORE_CLOSING) == []
    (topic_id,) = topic_drafting.waiting(session, bot=BOT, now=AFTER_CLOSING)
    pool = topic_drafting.pool(session, topic_id, now=AFTER_CLOSING)
    assert pool is not None
    assert {one.id for one in pool.questions} == set(rows)
    draft = _by_label(pool, rows)
    assert topic_drafting.keep(session, pool, draft, now=AFTER_CLOSING)
    # A second process that made one too finds it made.
    assert not topic_drafting.keep(session, pool, draft, now=AFTER_CLOSING)
    return county, topic_id, rows


@pytest.fixture
def month(database: Database, tmp_path: Path) -> Month:
    """The sample month's first days, drafted by their own labels."""

    def fill(session: Session) -> tuple[County, int, dict[int, dict[str, Any]]]:
        return kept(session, "a drafted month", lambda: _drafted(session, tmp_path / "pack"))

    return Month(database, *database.write_now(fill))


def test_a_closing_day_marks_one_topic_also_when_it_was_slept_through(
    database: Database, tmp_path: Path
) -> None:
    """Seven working days before the last Thursday; planned twice or late it stays one topic."""
    database.write_now(_county, tmp_path / "pack")
    for now in (datetime(2026, 11, 20, 2, tzinfo=UTC), datetime(2026, 11, 20, 3, tzinfo=UTC)):
        database.write_now(_plan, now)
    (topic,) = database.read_now(lambda session: list(session.exec(select(Topic))))
    assert (topic.month, topic.closes_on) == (date(2026, 11, 1), date(2026, 11, 17))
    assert (topic.due_on, topic.starts_at) == (date(2026, 11, 23), SESSION)


@pytest.mark.parametrize(("closes", "due"), [(4, 2), (7, 7), (7, 0), (5, 6)])
def test_settings_that_do_not_follow_each_other_are_refused(closes: int, due: int) -> None:
    """Closing, approval, session in this order, five working days from first to last."""
    settings = {"pool_closes_working_days": closes, "approval_working_days": due}
    with pytest.raises(TopicDatesTooClose):
        topic_rules.rule_of(settings)
    assert topic_rules.rule_of({}) == topic_rules.TopicRule(90, 7, 3)


def test_a_session_is_moved_only_where_the_days_between_still_fit() -> None:
    """Not onto a Saturday, not near to the closing day; the refusal says the first day that is."""
    for day in (date(2026, 11, 28), date(2026, 11, 23), date(2026, 11, 20)):
        with pytest.raises(TopicDayNotPossible) as refused:
            topic_rules.require_possible(
                day, closes_on=CLOSING_DAY, today=date(2026, 11, 20), calendar=WEEK
            )
        assert refused.value.facts["earliest"] == date(2026, 11, 24)
    topic_rules.require_possible(
        date(2026, 11, 24), closes_on=CLOSING_DAY, today=date(2026, 11, 20), calendar=WEEK
    )


def test_nothing_of_a_draft_is_read_by_others_and_nothing_private_by_anybody(month: Month) -> None:
    """A learner finds no draft; what is quoted holds no number, and a case no name and no place."""
    for speaker in month.county.learners:
        found = month.do(topics.listed, speaker)
        assert (found.lines, found.coming) == ((), ())
        with pytest.raises(NotThere):
            month.do(topics.page, speaker, month.topic_id)
    page = month.page()
    anonymous = {row["text"] for row in month.rows.values() if row["anonymous"]}
    quoted = [q for theme in page.themes for q in theme.questions]
    assert len(quoted) > 50
    for words in quoted:
        assert not look(words).findings, words
    cases = [theme.case for theme in page.themes if theme.case]
    assert cases
    for case in cases:
        assert not any(text in case for text in anonymous)
        assert "八一" not in case
        assert not re.search(r"同事\d", case)


def test_a_topics_page_names_nobody(month: Month) -> None:
    """Whoever asked, by name or not: a page tells how many they are, and neither who nor where."""
    shown = repr(month.page())
    assert "asker_id" not in shown
    for learner in month.county.learners:
        assert learner.name not in shown
        assert learner.unit_name not in shown


def test_what_reads_like_danger_is_not_discussed(month: Month) -> None:
    """It was answered otherwise, at once; the page does not pass it around."""
    quoted = {q for theme in month.page().themes for q in (*theme.questions, *theme.gaps)}
    dangerous = [row["text"] for row in month.rows.values() if danger(row["text"])]
    assert dangerous
    assert not quoted & set(dangerous)


def test_of_two_coordinators_the_second_is_refused_and_nothing_is_overwritten(
    month: Month,
) -> None:
    """Each change names the version it was made on, whatever it changes."""
    first, second = month.page().themes[:2]
    other = month.do(_second_coordinator, month.county)
    month.do(topic_themes.rename, other, first.theme_id, "收入怎么算", version=1, now=AFTER_CLOSING)
    stale = {"version": 1, "now": AFTER_CLOSING}
    mine = month.coordinator
    changes: list[Callable[[], Any]] = [
        lambda: month.do(topic_themes.rename, mine, first.theme_id, "别的", **stale),
        lambda: month.do(topic_themes.merge, mine, first.theme_id, second.theme_id, **stale),
        lambda: month.do(topic_themes.move_up, mine, second.theme_id, **stale),
        lambda: month.do(topic_themes.set_hidden, mine, first.theme_id, hidden=True, **stale),
        lambda: month.do(topic_history.undo, mine, month.topic_id, **stale),
        lambda: month.do(topic_session.approve, mine, month.topic_id, **stale),
        lambda: month.do(topic_session.set_date, mine, month.topic_id, "11月27日", **stale),
    ]
    for change in changes:
        with pytest.raises(ChangedMeanwhile):
            change()
    assert month.page().themes[0].title == "收入怎么算"
    # Words in another paragraph do not get in each other's way; in the same one they do.
    why, points = f"{first.theme_id}.why", f"{first.theme_id}.points"
    month.do(
        topic_session.set_texts, other, month.topic_id, {why: "甲"}, version=2, now=AFTER_CLOSING
    )
    month.do(
        topic_session.set_texts, mine, month.topic_id, {points: "乙"}, version=2, now=AFTER_CLOSING
    )
    with pytest.raises(ChangedMeanwhile):
        month.do(
            topic_session.set_texts, mine, month.topic_id, {why: "丙"}, version=2, now=AFTER_CLOSING
        )
    assert month.page().texts == {why: "甲", points: "乙"}


def _second_coordinator(session: Session, county: County) -> Speaker:
    return join(
        session, county, chat_id=901, name="另一位", now=START, role=COORDINATOR, unit=county.top
    )


def test_merging_splitting_and_order_are_taken_back_one_by_one(month: Month) -> None:
    """撤销 goes back through every change to the draft as it was made; merges stay as labels."""
    made = month.page()
    a, b, c = (theme.theme_id for theme in made.themes[:3])
    mine = month.coordinator

    def version() -> int:
        return month.page().version

    month.do(topic_themes.merge, mine, a, b, version=version(), now=AFTER_CLOSING)
    merged = month.page()
    assert merged.theme(a) is None
    assert merged.theme(b).count == made.themes[0].count + made.themes[1].count  # type: ignore[union-attr]
    ids = month.do(topic_texts.in_order, month.topic_id, b)[:3]
    month.do(
        topic_themes.split,
        mine,
        b,
        ids,
        title="新主题",
        into_id=None,
        version=version(),
        now=AFTER_CLOSING,
    )
    month.do(
        topic_themes.split,
        mine,
        b,
        month.do(topic_texts.in_order, month.topic_id, b)[:2],
        title=None,
        into_id=c,
        version=version(),
        now=AFTER_CLOSING,
    )
    assert "新主题" in [theme.title for theme in month.page().themes]
    month.do(topic_themes.move_up, mine, c, version=version(), now=AFTER_CLOSING)
    labels = month.do(lambda session: [e.label for e in session.exec(select(TopicEdit))])
    assert [sorted(label) for label in labels if label] == [
        ["together"],
        ["apart"],
        ["apart", "together"],
    ]
    for kind in ("move_up", "split", "split", "merge"):
        assert (
            month.do(topic_history.undo, mine, month.topic_id, version=version(), now=AFTER_CLOSING)
            == kind
        )
    with pytest.raises(NothingToUndo):
        month.do(topic_history.undo, mine, month.topic_id, version=version(), now=AFTER_CLOSING)
    assert replace(month.page(), version=1) == made


def test_a_draft_waits_with_its_coordinators_and_then_goes_up_the_tree(month: Month) -> None:
    """Two working days with the nearest, then the unit above too; an administrator is not asked."""

    def near(session: Session) -> tuple[Speaker, Speaker]:
        cohort = session.get_one(type(month.county.cohort), month.county.cohort.id)
        cohort.unit_id = month.county.station.id or 0
        session.add(cohort)
        session.flush()
        station = session.get_one(Unit, month.county.station.id)
        own = join(
            session,
            month.county,
            chat_id=902,
            name="站长",
            now=START,
            role=COORDINATOR,
            unit=station,
        )
        admin = join(
            session,
            month.county,
            chat_id=903,
            name="管理",
            now=START,
            role="administrator",
            unit=month.county.top,
        )
        return own, admin

    own, admin = month.do(near)
    for days, above in ((0, 0), (1, 0), (2, 1), (5, 1)):
        now = AFTER_CLOSING + timedelta(days=days)
        assert len(month.do(topic_todo.items, own, now=now)) == 1
        assert len(month.do(topic_todo.items, month.coordinator, now=now)) == above
        assert month.do(topic_todo.items, admin, now=now) == []


def test_nothing_is_approved_empty_or_late_and_what_is_hidden_goes_back(month: Month) -> None:
    """An approval announces one session; hidden themes' questions are in next month's pool."""
    mine, page = month.coordinator, month.page()
    for n, theme in enumerate(page.themes, 1):
        month.do(
            topic_themes.set_hidden, mine, theme.theme_id, hidden=True, version=n, now=AFTER_CLOSING
        )
    version = month.page().version
    with pytest.raises(TopicEmpty):
        month.do(topic_session.approve, mine, month.topic_id, version=version, now=AFTER_CLOSING)
    shown = page.themes[0]
    month.do(
        topic_themes.set_hidden,
        mine,
        shown.theme_id,
        hidden=False,
        version=version,
        now=AFTER_CLOSING,
    )
    with pytest.raises(TopicDatesTooClose):
        month.do(topic_session.approve, mine, month.topic_id, version=version + 1, now=SESSION)
    month.do(topic_session.approve, mine, month.topic_id, version=version + 1, now=AFTER_CLOSING)
    states = month.do(lambda session: [q.state for q in session.exec(select(Question))])
    assert states.count("grouped") == shown.count
    assert states.count("new") == len(month.rows) - shown.count
    assert len(month.page(with_hidden=False).themes) == 1
    for act in (topic_history.undo, topic_session.approve):
        with pytest.raises(ChangedMeanwhile):
            month.do(act, mine, month.topic_id, version=version + 2, now=AFTER_CLOSING)


def test_everybody_who_asked_or_wished_is_told_once_and_thanked_at_months_end(
    month: Month,
) -> None:
    """Askers and voters once each, anonymous ones too; from five helped on a private note."""
    mine, page = month.coordinator, month.page()
    theme = page.themes[0]
    ids = month.do(topic_texts.in_order, month.topic_id, theme.theme_id)
    voter = month.county.learners[0]
    month.do(questions.vote, ids[0], voter.person_id, now=AFTER_CLOSING)
    month.do(topic_session.approve, mine, month.topic_id, version=1, now=AFTER_CLOSING)
    with pytest.raises(NotThere):
        month.do(topic_answers.answer, mine, theme.theme_id, "早了", now=AFTER_CLOSING)
    with pytest.raises(NotThere):
        month.do(topic_answers.answer, voter, theme.theme_id, "不是我", now=SESSION)
    month.do(topic_answers.answer, mine, theme.theme_id, "先看条件。", now=SESSION)
    month.do(topic_answers.take_back, mine, theme.theme_id, now=SESSION)
    states = month.do(lambda s: {s.get_one(Question, i).state for i in ids})
    assert states == {"grouped"}
    month.do(topic_answers.answer, mine, theme.theme_id, "先看条件。", now=AGAIN)
    told = month.do(topic_answers.answer, mine, theme.theme_id, "先看条件，再看材料。", now=AGAIN)
    with pytest.raises(AnswerTold):
        month.do(topic_answers.take_back, mine, theme.theme_id, now=AGAIN + timedelta(minutes=10))
    askers = {month.do(lambda s, i=i: s.get_one(Question, i).asker_id) for i in ids}
    assert told == len(askers | {voter.person_id})
    owed = month.do(
        lambda session: [
            (d.id, d.person_id)
            for d in session.exec(select(Delivery).where(Delivery.kind == topic_answers.KIND))
            if d.due_at > SESSION + topic_answers.TOLD_AFTER
        ]
    )
    assert sorted(person for _, person in owed) == sorted(askers | {voter.person_id})
    # Who was not told yet, or never, has nothing to say of it.
    with pytest.raises(NotThere):
        month.do(topic_answers.say_helped, voter, theme.theme_id, helped=True, now=SESSION)
    month.do(deliveries.finish, [i for i, _ in owed], status="sent", at=SESSION)
    for person_id in sorted(askers)[:6]:
        speaker = replace(voter, person_id=person_id)
        month.do(topic_answers.say_helped, speaker, theme.theme_id, helped=True, now=SESSION)
    month.do(topic_session.end, bot=BOT, now=SESSION + timedelta(minutes=90))
    last_day = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
    assert month.do(topic_notes.owe, bot=BOT, now=last_day - timedelta(days=1)) == 0
    owed_notes = month.do(topic_notes.owe, bot=BOT, now=last_day)
    assert owed_notes == len(askers)
    assert month.do(topic_notes.owe, bot=BOT, now=last_day) == 0
    # "Not yet" returns her own questions, and only hers.
    asker = sorted(askers)[0]
    month.do(
        topic_answers.say_helped,
        replace(voter, person_id=asker),
        theme.theme_id,
        helped=False,
        now=SESSION,
    )
    back = month.do(
        lambda session: {q.asker_id for q in session.exec(select(Question)) if q.state == "new"}
    )
    assert back == {asker}


def test_a_draft_nobody_approved_lapses_and_a_cancelled_session_needs_another_date(
    month: Month,
) -> None:
    """Nothing is lost either way: questions go back to the pool, or the topic is a draft again."""
    mine = month.coordinator
    gathering = month.do(_approved_gathering, mine, month.topic_id)
    month.do(gatherings.cancel, mine, gathering, reason="weather", seen=None, now=AFTER_CLOSING)
    month.do(topic_session.end, bot=BOT, now=AFTER_CLOSING)
    assert month.page().state == "draft"
    version = month.page().version
    month.do(
        topic_session.set_date,
        mine,
        month.topic_id,
        "11月27日(周五)15:00",
        version=version,
        now=AFTER_CLOSING,
    )
    assert month.page().starts_at == SESSION + timedelta(days=1)
    month.do(topic_session.end, bot=BOT, now=SESSION + timedelta(days=1))
    assert month.page().state == "lapsed"
    states = month.do(lambda session: {q.state for q in session.exec(select(Question))})
    assert states == {"new"}
    assert month.do(topic_todo.items, mine, now=SESSION + timedelta(days=1)) == []


def _approved_gathering(session: Session, speaker: Speaker, topic_id: int) -> int:
    topic_session.approve(session, speaker, topic_id, version=1, now=AFTER_CLOSING)
    return session.get_one(Topic, topic_id).gathering_id or 0


def test_names_and_places_are_taken_out_of_a_case() -> None:
    """Common given names, people's and units' own names, places; a greeting stays."""
    quoting = Quoting({"旦巴"}, {"鲁朗镇社工站"})
    told = quoting.without_identity("鲁朗的卓玛和旦巴家，电话13800000000，见面说扎西德勒")
    assert told == "某地的某某和某某家，电话〔电话〕，见面说扎西德勒"


@pytest.mark.parametrize(
    ("text", "is_question"),
    [
        ("低保怎么申请", True),
        ("今天下雪路不通，我不来了哦", False),
        ("ཅི་བྱེད", True),
        ("谢谢老师", False),
    ],
)
def test_a_remark_is_told_from_a_question(text: str, is_question: bool) -> None:
    """Roughly; only the order of quotes and a hint to the coordinator hang on it."""
    assert asks(text) == is_question
