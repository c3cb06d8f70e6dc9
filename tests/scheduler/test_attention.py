"""Attention: how often somebody hears us, and notices that become a line of a lesson."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import absences, daily_lesson
from curriculum.facts import FOLDABLE, TIMED, URGENT, Facts, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from scheduler import planner
from scheduler.attention import MOST_A_DAY, MOST_A_WEEK
from scheduler.channel import ChannelError, Part, Receipt
from scheduler.pace import unhurried
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from storage import deliveries, people
from storage.deliveries import Claimed, Delivery
from storage.engine import Database
from tests.county import BOT, County, build, write_pack
from tests.scheduler.test_postman import HandDrivenClock

# The week in which a quarter ends, from its Monday in Shanghai on.
MONDAY = date(2026, 12, 28)
BEFORE = datetime(2026, 12, 27, 4, 0, tzinfo=UTC)


@dataclass
class Kind:
    """A kind of notice of this test; `has_line` makes it one that can be folded."""

    KIND: str
    has_line: bool = False
    is_wanted: bool = True

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """A word with a sound, while it is wanted."""
        return {row.id: self._verdict(session, row, now) for row in claimed}

    def _verdict(self, session: Session, row: Claimed, now: datetime) -> Verdict:
        if not self.is_wanted:
            return NotWanted("over")
        account = people.account_of(session, bot=BOT, person_id=row.person_id or 0)
        assert account is not None
        values = {"word": row.occasion, "at": now}
        return Facts(self.KIND, account.chat_id, "zh", f"{self.KIND}/{row.id}", None, values)

    def __getattr__(self, name: str) -> Any:
        if name == "line" and self.has_line:
            return lambda facts: {"word": facts.values["word"]}
        raise AttributeError(name)


@dataclass(frozen=True)
class Sent:
    """One message as it went out."""

    chat_id: int
    body: str
    silent: bool
    at: datetime


class Channel:
    """Notes what goes out, and what it was worded from."""

    def __init__(self, clock: HandDrivenClock) -> None:
        self.clock = clock
        self.sent: list[Sent] = []
        self.worded: list[Facts] = []
        self.refused: set[int] = set()

    def parts(self, facts: Facts) -> Sequence[Part]:
        self.worded.append(facts)
        lines = [line.values["word"] for line in facts.values.get("footers", ())]
        said = Part(" + ".join([facts.kind, *lines]), silent=False)
        return [said, Part("quiz", silent=True)] if facts.kind == daily_lesson.KIND else [said]

    async def send(self, chat_id: int, part: Part) -> Receipt:
        if chat_id in self.refused:
            raise ChannelError("refused", permanent=True)
        self.sent.append(Sent(chat_id, part.body, part.silent, self.clock.business))
        return Receipt(chat_id, len(self.sent))

    def to(self, chat_id: int) -> list[tuple[str, bool]]:
        """What somebody got, and whether it was silent; without the quizzes."""
        return [(s.body, s.silent) for s in self.sent if s.chat_id == chat_id and s.body != "quiz"]


class Town:
    """Two learners and a coordinator, and kinds of notices that a test owes by hand."""

    def __init__(self, database: Database, county: County) -> None:
        self.database = database
        self.county = county
        self.learner = county.learners[0]
        assert county.coordinator is not None
        self.coordinator = county.coordinator
        self.clock = HandDrivenClock(BEFORE)
        self.channel = Channel(self.clock)
        self.postman = Postman(
            database,
            self.clock,
            self.channel,
            SendBudget(self.clock, per_second=1000),
            bot=BOT,
            pace=unhurried(),
        )
        self._numbers = count(1)

    def owe(
        self,
        kind: str,
        to: Speaker,
        due_at: datetime,
        *,
        urgency: str,
        not_after: datetime | None = None,
    ) -> None:
        """Owe one notice."""
        self.database.write_now(
            deliveries.add,
            bot=BOT,
            kind=kind,
            occasion=f"{kind}{next(self._numbers)}",
            recipient=to.person_id,
            person_id=to.person_id,
            urgency=urgency,
            due_at=due_at,
            not_after=not_after,
            created_at=BEFORE,
        )

    async def at(self, moment: datetime) -> None:
        """Let the planner and the postman have their turn."""
        self.clock.business, self.clock.machine = moment, max(moment, self.clock.machine)
        self.database.write_now(
            planner.plan_due, daily_lesson, bot=BOT, now=moment, real=self.clock.machine
        )
        await self.postman.tick()

    def rows(self, kind: str) -> list[Delivery]:
        """The deliveries of one kind."""

        def read(session: Session) -> list[Delivery]:
            found = session.exec(
                select(Delivery).where(Delivery.kind == kind).order_by(col(Delivery.id))
            )
            return list(found)

        return self.database.read_now(read)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def story() -> Kind:
    """A kind that can be a line of a lesson."""
    return Kind("story_note", has_line=True)


@pytest.fixture
def town(database: Database, tmp_path: Path, story: Kind, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Lessons from Monday on."""
    kinds = (*planner.KINDS, Kind("weekly_note"), Kind("topic_note"), story)
    monkeypatch.setattr(planner, "KINDS", kinds)
    pack = write_pack(tmp_path / "pack", 6)
    county = database.write_now(build, pack, now=BEFORE, learners=2, start_on=MONDAY)
    return Town(database, county)


def _most(sent: Sequence[Sent], chat_id: int) -> tuple[int, int]:
    """The most sounding messages somebody got in a day and in a week."""
    days = [local_date(s.at, ZONE) for s in sent if s.chat_id == chat_id and not s.silent]
    weeks = [day.isocalendar()[:2] for day in days]
    return max(map(days.count, days)), max(map(weeks.count, weeks))


@pytest.mark.asyncio
async def test_the_last_week_of_a_quarter_is_not_too_loud(town: Town) -> None:
    """At most three sounding messages a day and twelve a week, and everything arrives."""
    both = (town.learner, town.coordinator)
    for day in (MONDAY + timedelta(days=n) for n in range(7)):
        for hour in (10, 11, 14, 15, 16):
            for who in both:
                town.owe("weekly_note", who, local(day, hour), urgency=TIMED)
                town.owe("topic_note", who, local(day, hour), urgency=TIMED)
                town.owe("story_note", who, local(day, hour), urgency=FOLDABLE)
    for day in (MONDAY + timedelta(days=n) for n in range(7)):
        for hour in (0, 10, 11, 14, 15, 16):
            await town.at(local(day, hour))
    for who in both:
        assert _most(town.channel.sent, who.chat_id) == (MOST_A_DAY, MOST_A_WEEK)
        got = " + ".join(body for body, _ in town.channel.to(who.chat_id))
        assert [got.count(k) for k in ("weekly_note", "topic_note", "story_note")] == [35, 35, 35]
    lessons = [s for s in town.channel.sent if s.body.startswith(daily_lesson.KIND)]
    assert any(not s.silent for s in lessons)
    town.owe("weekly_note", town.learner, local(MONDAY + timedelta(days=7), 9), urgency=TIMED)
    await town.at(local(MONDAY + timedelta(days=7), 9))
    assert town.channel.to(town.learner.chat_id)[-1] == ("weekly_note", False), "a new week"


@pytest.mark.asyncio
async def test_what_is_urgent_sounds_and_counts(town: Town) -> None:
    """Three urgent words sound, a fourth too, and then a reminder makes no sound."""
    for minute in range(4):
        town.owe("weekly_note", town.coordinator, local(MONDAY, 9, minute), urgency=URGENT)
    town.owe("topic_note", town.coordinator, local(MONDAY, 9, 5), urgency=TIMED)
    await town.at(local(MONDAY, 9, 10))
    assert town.channel.to(900) == [("weekly_note", False)] * 4 + [("topic_note", True)]


@pytest.mark.asyncio
async def test_a_notice_becomes_a_line_of_the_next_lesson(town: Town) -> None:
    """It waits for the lesson, is said in it, and is sent when that is; others get no line."""
    await town.at(local(MONDAY, 0))
    town.owe("story_note", town.learner, local(MONDAY, 9), urgency=FOLDABLE)
    await town.at(local(MONDAY, 9))
    (row,) = town.rows("story_note")
    lesson = town.rows(daily_lesson.KIND)[0]
    assert (row.status, row.folded_into, row.attempts) == ("waiting", lesson.id, 0)
    assert not town.channel.sent
    await town.at(local(MONDAY, 10))
    assert town.channel.to(town.learner.chat_id) == [("daily_lesson + story_note1", False)]
    assert town.channel.to(town.county.learners[1].chat_id) == [("daily_lesson", False)]
    (row,) = town.rows("story_note")
    assert (row.status, row.sent_at) == ("sent", local(MONDAY, 10))


@pytest.mark.asyncio
async def test_a_notice_due_with_the_lesson_is_said_in_it(town: Town) -> None:
    """Both are claimed at once: the lesson goes out with the line."""
    await town.at(local(MONDAY, 0))
    town.owe("story_note", town.learner, local(MONDAY, 10), urgency=FOLDABLE)
    await town.at(local(MONDAY, 10))
    assert town.channel.to(town.learner.chat_id) == [("daily_lesson + story_note1", False)]
    assert [row.status for row in town.rows("story_note")] == ["sent"]


@pytest.mark.asyncio
async def test_no_more_than_three_lines_and_the_others_follow_silently(town: Town) -> None:
    """A lesson is not buried under lines."""
    await town.at(local(MONDAY, 0))
    for _ in range(5):
        town.owe("story_note", town.learner, local(MONDAY, 9), urgency=FOLDABLE)
    await town.at(local(MONDAY, 9))
    await town.at(local(MONDAY, 10))
    await town.at(local(MONDAY, 10, 1))
    assert town.channel.to(town.learner.chat_id) == [
        ("daily_lesson + story_note1 + story_note2 + story_note3", False),
        ("story_note", True),
        ("story_note", True),
    ]


@pytest.mark.asyncio
async def test_without_a_lesson_or_a_line_a_notice_goes_silently_at_once(town: Town) -> None:
    """A coordinator has no lesson, a topic's note no line, and one that cannot wait does not."""
    await town.at(local(MONDAY, 0))
    town.owe("story_note", town.coordinator, local(MONDAY, 9), urgency=FOLDABLE)
    town.owe("topic_note", town.learner, local(MONDAY, 9), urgency=FOLDABLE)
    town.owe(
        "story_note",
        town.learner,
        local(MONDAY, 9),
        urgency=FOLDABLE,
        not_after=local(MONDAY, 9, 30),
    )
    await town.at(local(MONDAY, 9))
    assert town.channel.to(900) == [("story_note", True)]
    assert town.channel.to(town.learner.chat_id) == [("topic_note", True), ("story_note", True)]


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["paused", "refused", "expired"])
async def test_when_the_lesson_does_not_go_its_notice_goes_on_its_own(
    town: Town, what: str
) -> None:
    """Skipped, failed or too late: nothing folded into a lesson is lost with it."""
    await town.at(local(MONDAY, 0))
    town.owe("story_note", town.learner, local(MONDAY, 9), urgency=FOLDABLE)
    await town.at(local(MONDAY, 9))
    assert not town.channel.sent
    hour = local(MONDAY, 10)
    if what == "paused":
        town.database.write_now(
            absences.set_pause,
            town.learner.person_id,
            bot=BOT,
            since=MONDAY,
            back=None,
            set_by=town.learner.person_id,
            now=local(MONDAY, 9, 30),
        )
    elif what == "refused":
        town.channel.refused = {town.learner.chat_id}
    else:
        hour = local(MONDAY + timedelta(days=1), 9, 30)
    await town.at(hour)
    town.channel.refused = set()
    await town.at(hour + timedelta(minutes=1))
    assert ("story_note", True) in town.channel.to(town.learner.chat_id)
    assert [row.status for row in town.rows("story_note")] == ["sent"]


@pytest.mark.asyncio
async def test_what_is_not_wanted_any_more_is_not_said(town: Town, story: Kind) -> None:
    """A folded notice is asked again when its lesson goes."""
    await town.at(local(MONDAY, 0))
    town.owe("story_note", town.learner, local(MONDAY, 9), urgency=FOLDABLE)
    await town.at(local(MONDAY, 9))
    story.is_wanted = False
    await town.at(local(MONDAY, 10))
    assert town.channel.to(town.learner.chat_id) == [("daily_lesson", False)]
    assert [(row.status, row.error) for row in town.rows("story_note")] == [("skipped", "over")]


@pytest.mark.asyncio
async def test_lessons_without_lines_stay_one_content(town: Town) -> None:
    """One content_key for all who got no line, another for who got one."""
    await town.at(local(MONDAY, 0))
    await town.at(local(MONDAY, 10))
    keys: Mapping[int, str] = {f.chat_id: f.content_key for f in town.channel.worded}
    assert len(keys) == 2
    assert len(set(keys.values())) == 1
    tuesday = MONDAY + timedelta(days=1)
    await town.at(local(tuesday, 0))
    town.owe("story_note", town.learner, local(tuesday, 9), urgency=FOLDABLE)
    await town.at(local(tuesday, 9))
    await town.at(local(tuesday, 10))
    assert len({f.content_key for f in town.channel.worded[-2:]}) == 2
