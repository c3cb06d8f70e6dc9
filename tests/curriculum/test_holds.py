"""A restored database waits until it is chosen for each rhythm what becomes of it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import daily_lesson, holds, lesson_answers, people, restored_span
from curriculum.cohorts import OWN, TOGETHER
from curriculum.errors import NotThere
from curriculum.facts import Facts, NotNow
from curriculum.rhythm import moment_at
from scheduler import planner
from scheduler.planner import STUDIES
from storage import deliveries
from storage.audit import AuditEntry
from storage.cohorts import Rhythm
from storage.deliveries import Delivery, Occasion
from storage.engine import Database
from storage.holds import NOTICES, Hold
from storage.lessons import Lesson
from storage.records import LearningRecord
from tests.county import BOT, County, build, join, write_pack
from tests.curriculum.outbox import Outbox

ZONE = "Asia/Shanghai"
WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (25, 26, 27))
MONDAY = date(2026, 11, 30)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in Lhasa's clock."""
    return moment_at(day, time(hour, minute), ZONE)


class Restored:
    """A county whose database knows of Wednesday's lesson and was restored on Friday at noon."""

    def __init__(self, database: Database, county: County, outbox: Outbox) -> None:
        self.database, self.county, self.outbox = database, county, outbox

    def plan(self, now: datetime) -> int:
        return self.database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=now, real=now)

    def hold(self, now: datetime, last_seen_at: datetime) -> bool:
        return self.database.write_now(
            holds.begin, STUDIES, bot=BOT, last_seen_at=last_seen_at, now=now
        )

    def choose(self, choice: str, now: datetime, **line: object) -> bool:
        wanted = {"kind": "daily_lesson", "cohort_id": self.county.cohort.id} | line
        return self.database.write_now(
            holds.choose,
            self.county.coordinator,
            STUDIES,
            bot=BOT,
            choice=choice,
            now=now,
            **wanted,  # type: ignore[arg-type]
        )

    def send(self, now: datetime) -> list[str]:
        """Send everything due; the codes of the lessons that the first learner gets."""
        first = self.county.learners[0].person_id
        lessons = [
            row.subject_id
            for row in self.outbox.send(now)
            if row.kind == daily_lesson.KIND and row.person_id == first
        ]
        return self.database.read_now(
            lambda session: [session.get_one(Lesson, lesson).code for lesson in lessons]
        )

    def states(self) -> dict[str, str]:
        def read(session: Session) -> dict[str, str]:
            rows = session.exec(select(Occasion).order_by(Occasion.local_date))  # type: ignore[arg-type]
            return {row.local_date.isoformat()[5:]: row.state for row in rows}

        return self.database.read_now(read)

    def rows(self, kind: str = "daily_lesson") -> list[tuple[str, str, str | None]]:
        def read(session: Session) -> list[tuple[str, str, str | None]]:
            found = session.exec(
                select(Delivery)
                .where(Delivery.kind == kind)
                .order_by(Delivery.occasion, Delivery.recipient)  # type: ignore[arg-type]
            )
            return [(row.occasion[-5:], row.status, row.error) for row in found]

        return self.database.read_now(read)


Make = Callable[..., Restored]


@pytest.fixture
def make(database: Database, tmp_path: Path, start: datetime, outbox: Outbox) -> Make:
    """A county with six lessons, together or each at her own pace."""

    def build_one(pace: str = TOGETHER, learners: int = 2) -> Restored:
        pack = write_pack(tmp_path / "pack", 6)
        county = database.write_now(build, pack, now=start, learners=learners, pace=pace)
        return Restored(database, county, outbox)

    return build_one


@pytest.fixture
def restored(make: Make) -> Restored:
    """Backed up on Wednesday at 9:00, the lesson of ten still waiting; restored on Friday."""
    one = make()
    one.plan(at(WEDNESDAY, 8))
    assert one.hold(at(FRIDAY, 12), at(WEDNESDAY, 9)) is True
    return one


NOON = at(FRIDAY, 12)


def test_nothing_is_planned_or_sent_while_a_hold_stands(restored: Restored) -> None:
    """The planner adds no row; the list counts days without record and messages that wait."""
    assert restored.plan(NOON) == 0
    assert restored.states() == {"11-25": "planned"}
    found = restored.database.read_now(
        holds.overview, restored.county.coordinator, STUDIES, now=NOON
    )
    assert found is not None
    (line,) = found.lines
    assert (line.kind, line.missed, line.waiting) == ("daily_lesson", 2, 2)
    assert (line.first, line.last) == (WEDNESDAY, FRIDAY)
    assert (found.last_seen_at, found.since) == (at(WEDNESDAY, 9), NOON)


def test_what_is_chosen_to_be_sent_goes_out_each_in_its_order(restored: Restored) -> None:
    """补发: all three lessons, however late, and the next working day goes on behind them."""
    assert restored.choose("send", NOON) is True
    assert restored.send(NOON) == ["001", "002", "003"]
    assert restored.states() == {"11-25": "planned", "11-26": "planned", "11-27": "planned"}
    restored.plan(at(MONDAY))
    assert restored.send(at(MONDAY)) == ["004"]


def test_what_is_merged_comes_as_one_and_loses_no_lesson(restored: Restored) -> None:
    """合并: Friday's message brings the first lesson that was missed; the other days say merged."""
    assert restored.choose("merge", NOON) is True
    assert restored.states() == {"11-25": "merged", "11-26": "merged", "11-27": "planned"}
    assert restored.send(NOON) == ["001"]
    assert restored.rows()[:2] == [("11-25", "skipped", "merged_after_restore")] * 2
    restored.plan(at(MONDAY))
    assert restored.send(at(MONDAY)) == ["002"]


def test_merged_too_late_for_the_day_waits_for_the_next(make: Make) -> None:
    """At eleven at night nothing goes out any more; the next working day brings what was missed."""
    one = make()
    one.plan(at(WEDNESDAY, 8))
    late = at(FRIDAY, 23)
    one.hold(late, at(WEDNESDAY, 9))
    assert one.choose("merge", late) is True
    assert one.send(late) == []
    one.plan(at(MONDAY))
    assert one.send(at(MONDAY)) == ["001"]


def test_what_is_not_sent_is_visible_and_the_lessons_go_on_behind(restored: Restored) -> None:
    """不发: the days are skipped with their lessons, which 补学 still offers."""
    assert restored.choose("skip", NOON) is True
    assert restored.send(NOON) == []
    assert restored.states() == {"11-25": "skipped", "11-26": "skipped", "11-27": "skipped"}
    assert {row[1:] for row in restored.rows()} == {("skipped", "not_sent_after_restore")}
    restored.plan(at(MONDAY))
    assert restored.send(at(MONDAY)) == ["004"]


@pytest.mark.parametrize("choice", ["send", "merge", "skip"])
def test_a_day_whose_hour_is_still_ahead_is_planned_as_usual(make: Make, choice: str) -> None:
    """Restored on Friday at eight: what is chosen for the days before leaves ten o'clock alone."""
    one = make()
    one.plan(at(WEDNESDAY, 8))
    early = at(FRIDAY, 9, 30)
    one.hold(early, at(WEDNESDAY, 9))
    one.choose(choice, early)
    assert one.states()["11-27"] == "planned"
    due = [row for row in one.rows() if row[0] == "11-27"]
    assert due == [("11-27", "waiting", None)] * 2


def test_those_who_received_a_lesson_before_the_backup_do_not_lose_it(make: Make) -> None:
    """A date that reached somebody stays planned; only the messages that waited are set aside."""
    one = make()
    one.plan(at(WEDNESDAY, 8))

    def half(session: Session) -> None:
        row = session.exec(select(Delivery).order_by(Delivery.id)).first()  # type: ignore[arg-type]
        assert row is not None
        deliveries.finish(session, [row.id or 0], status="sent", at=at(WEDNESDAY))

    one.database.write_now(half)
    one.hold(NOON, at(WEDNESDAY, 10))
    one.choose("merge", NOON)
    assert one.states() == {"11-25": "planned", "11-26": "merged", "11-27": "planned"}
    assert sorted(row[1] for row in one.rows() if row[0] == "11-25") == ["sent", "skipped"]
    assert one.send(NOON) == ["002"]


@pytest.mark.parametrize(
    ("choice", "sent", "next_one"),
    [("send", ["001", "002", "003"], "004"), ("skip", [], "001"), ("merge", ["001"], "002")],
)
def test_at_her_own_pace_each_goes_on_where_she_was(
    make: Make, choice: str, sent: list[str], next_one: str
) -> None:
    """补发 brings each her own next lessons; 不发 leaves each before the lesson she has not had."""
    one = make(OWN)
    one.plan(at(WEDNESDAY, 8))
    one.hold(NOON, at(WEDNESDAY, 9))
    assert one.choose(choice, NOON) is True
    assert one.send(NOON) == sent
    one.plan(at(MONDAY))
    assert one.send(at(MONDAY)) == [next_one]


def test_where_nothing_was_missed_nothing_is_held(make: Make, start: datetime) -> None:
    """Restored within the same evening there is nothing to choose, and the hold ends at once."""
    one = make()
    assert one.hold(start + timedelta(hours=1), start) is False
    assert one.plan(at(WEDNESDAY, 8)) == 2


def test_a_hold_ends_only_when_every_line_is_chosen(make: Make) -> None:
    """Single notices are a line of their own, which cannot be merged."""
    one = make()
    one.plan(at(WEDNESDAY, 8))
    learner = one.county.learners[0]
    one.database.write_now(
        deliveries.add,
        bot=BOT,
        kind="account_moved",
        occasion="1",
        recipient=learner.person_id,
        person_id=learner.person_id,
        urgency="foldable",
        due_at=at(WEDNESDAY, 8),
        created_at=at(WEDNESDAY, 8),
    )
    one.hold(NOON, at(WEDNESDAY, 9))
    assert one.choose("skip", NOON) is False
    with pytest.raises(NotThere):
        one.choose("merge", NOON, kind=NOTICES, cohort_id=None)
    with pytest.raises(NotThere):
        one.choose("skip", NOON)
    assert one.choose("skip", NOON, kind=NOTICES, cohort_id=None) is True
    assert one.rows("account_moved") == [("1", "skipped", "not_sent_after_restore")]


def test_only_those_in_charge_of_a_cohort_choose_for_it(restored: Restored) -> None:
    """A learner and a coordinator of another unit see no list and choose nothing."""
    learner = restored.county.learners[0]
    stranger = restored.database.write_now(
        join,
        restored.county,
        chat_id=901,
        name="别处",
        role=people.COORDINATOR,
        unit=restored.county.other_station,
        now=NOON,
    )
    with pytest.raises(NotThere):
        restored.database.read_now(holds.overview, learner, STUDIES, now=NOON)
    found = restored.database.read_now(holds.overview, stranger, STUDIES, now=NOON)
    assert found is not None
    assert (found.lines, found.elsewhere) == ((), 1)
    for speaker in (learner, stranger):
        restored.county.coordinator = speaker
        with pytest.raises(NotThere):
            restored.choose("send", NOON)


def test_what_was_chosen_is_in_the_audit_trail(restored: Restored) -> None:
    """Who chose what for which cohort, and about how much."""
    restored.choose("skip", NOON)
    acts = restored.database.read_now(
        lambda session: [
            (entry.action, entry.actor_id, entry.facts.get("choice"), entry.facts.get("waiting"))
            for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))  # type: ignore[arg-type]
            if entry.object_kind == "hold"
        ]
    )
    coordinator = restored.county.coordinator
    assert coordinator is not None
    assert acts == [
        ("begin_hold", None, None, None),
        ("choose_after_restore", coordinator.person_id, "skip", 2),
        ("end_hold", coordinator.person_id, None, None),
    ]


def test_those_in_charge_are_told_once(restored: Restored) -> None:
    """Coordinators and administrators with a chat; whoever was told is not told again."""
    coordinator = restored.county.coordinator
    assert coordinator is not None

    def told() -> list[int]:
        hold_id, left = restored.database.read_now(holds.to_tell, bot=BOT, now=NOON)
        for one in left:
            restored.database.write_now(
                holds.note_told, hold_id=hold_id, person_id=one.person_id, now=NOON
            )
        return [one.chat_id for one in left]

    assert told() == [coordinator.chat_id]
    assert told() == []


@pytest.mark.parametrize("choice", ["send", "merge", "skip"])
@pytest.mark.parametrize("pace", [TOGETHER, OWN])
def test_a_learner_enters_again_what_she_learned(make: Make, choice: str, pace: str) -> None:
    """Each lesson of the span once, on her own word, which 学完了 or an answer outweighs later."""
    one = make(pace)
    one.plan(at(WEDNESDAY, 8))
    one.hold(NOON, at(WEDNESDAY, 9))
    one.choose(choice, NOON)
    learner = one.county.learners[0]
    assert [row[1] for row in one.rows(restored_span.KIND)] == ["waiting", "waiting"]
    (hold,) = one.database.read_now(lambda session: session.exec(select(Hold)).all())
    hold_id = hold.id or 0
    span = one.database.read_now(restored_span.span, learner, hold_id)
    if pace == TOGETHER:
        assert [lesson.code for lesson in span.lessons] == ["001", "002", "003"]
    first = span.lessons[0]
    for minutes in (5, None):
        entered = one.database.write_now(
            restored_span.enter,
            learner,
            hold_id=hold_id,
            cohort_id=first.cohort_id,
            day=first.local_date,
            now=NOON,
        )
        assert entered.minutes == minutes
        assert first not in entered.span.lessons
    (record,) = one.database.read_now(lambda session: session.exec(select(LearningRecord)).all())
    assert (record.evidence, record.minutes) == ("self_stated_after_restore", 5)
    assert record.occurred_on == WEDNESDAY
    if choice == "send":
        one.send(NOON)
        learned = one.database.write_now(
            lesson_answers.learned, learner, occasion=first.occasion, chosen=None, now=NOON
        )
        assert (learned.is_new, learned.evidence, learned.minutes) == (True, "self_stated", 5)


def test_what_is_not_of_the_span_cannot_be_entered(restored: Restored) -> None:
    """Another day, another cohort, a hold that is not over: all look as if they did not exist."""
    learner = restored.county.learners[0]
    with pytest.raises(NotThere):
        restored.database.read_now(restored_span.span, learner, 1)
    restored.choose("skip", NOON)
    cohort_id = restored.county.cohort.id or 0
    for hold_id, cohort, day in ((1, cohort_id, MONDAY), (1, 99, WEDNESDAY), (2**70, 1, MONDAY)):
        with pytest.raises(NotThere):
            restored.database.write_now(
                restored_span.enter,
                learner,
                hold_id=hold_id,
                cohort_id=cohort,
                day=day,
                now=NOON,
            )


def test_a_lesson_sent_before_the_backup_may_have_been_learned_after_it(make: Make) -> None:
    """What stands in her chat without a record is offered too; what is recorded is not."""
    one = make(learners=2)
    one.plan(at(WEDNESDAY, 8))
    one.send(at(WEDNESDAY))
    first, second = one.county.learners
    occasion = f"{one.county.cohort.id}:{WEDNESDAY}"
    one.database.write_now(
        lesson_answers.learned, first, occasion=occasion, chosen=None, now=at(WEDNESDAY, 11)
    )
    # Restored at noon of the same day: nothing to choose, but records may be missing.
    assert one.hold(at(WEDNESDAY, 17), at(WEDNESDAY, 12)) is False
    told = one.database.read_now(
        lambda session: [
            row.person_id
            for row in session.exec(select(Delivery).where(Delivery.kind == restored_span.KIND))
        ]
    )
    assert told == [second.person_id]
    span = one.database.read_now(restored_span.span, second, 1)
    assert [lesson.code for lesson in span.lessons] == ["001"]


def test_the_word_to_learners_waits_for_the_morning(restored: Restored) -> None:
    """Quiet hours hold; whoever cannot be reached is not written to."""
    restored.choose("skip", NOON)

    def verdicts(now: datetime) -> set[type]:
        asked = restored.outbox.ask(now, kinds=[restored_span.KIND])
        return {type(verdict) for verdict in asked}

    assert verdicts(at(FRIDAY, 13)) == {Facts}
    assert verdicts(at(FRIDAY, 23)) == {NotNow}


def test_what_somebody_asked_for_since_the_restore_is_no_part_of_the_choice(
    restored: Restored,
) -> None:
    """A lesson asked for while the hold stands goes out when it ends, whatever was chosen."""
    learner = restored.county.learners[0]
    restored.database.write_now(
        deliveries.add,
        bot=BOT,
        kind="account_moved",
        occasion="2",
        recipient=learner.person_id,
        person_id=learner.person_id,
        urgency="foldable",
        due_at=NOON,
        created_at=NOON,
    )
    assert restored.choose("skip", NOON) is True
    assert restored.rows("account_moved") == [("2", "waiting", None)]
    assert (
        restored.database.read_now(lambda session: session.exec(select(Rhythm.watermark)).one())
        == FRIDAY
    )
