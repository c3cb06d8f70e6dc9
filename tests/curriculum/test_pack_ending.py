"""The end of a pack: told once, then 温习 round by round, or another pack from its first lesson."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    asked_lesson,
    catch_up,
    cohorts,
    coming_lesson,
    daily_lesson,
    lesson_answers,
    lessons,
    pack_ending,
    todays_lesson,
)
from curriculum.cohorts import OWN, TOGETHER
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from curriculum.lesson_pack import read_pack
from curriculum.occasions import Occasion
from curriculum.people import COORDINATOR
from scheduler import planner
from scheduler.asking import ask
from storage import deliveries, leases, lesson_requests
from storage.cohorts import Cohort
from storage.deliveries import Claimed, Delivery
from storage.engine import Database
from storage.people import RoleGrant
from tests import county
from tests.county import BOT
from tests.curriculum.centre import audited
from tests.curriculum.outbox import arrived, claim

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
START = date(2026, 11, 25)


@dataclass
class School:
    """A county's cohort, taught day by day."""

    session: Session
    county: county.County
    day: date = START - timedelta(days=1)

    def at(self, hour: int, *, day: date | None = None) -> datetime:
        """An hour in Shanghai of the present day, or of another."""
        return datetime.combine(day or self.day, time(hour), UTC) - timedelta(hours=8)

    def next_day(self, *, is_received: bool = True) -> dict[int, Verdict]:
        """The next working day: planned at midnight, sent at ten; each learner's verdict."""
        self.day += timedelta(days=1)
        while self.day.isoweekday() > 5:
            self.day += timedelta(days=1)
        midnight = self.at(0)
        planner.plan_due(self.session, daily_lesson, bot=BOT, now=midnight, real=midnight)
        claimed = [row for row in self.claim(10) if row.kind == daily_lesson.KIND]
        verdicts = daily_lesson.facts(self.session, claimed, now=self.at(10))
        for row in claimed:
            verdict = verdicts[row.id]
            if is_received and isinstance(verdict, Facts):
                self.arrived(row, verdict)
            else:
                deliveries.finish(self.session, [row.id], status="failed", at=self.at(10))
        self.session.flush()
        self.session.expire_all()
        return {row.recipient_id: verdicts[row.id] for row in map(_Addressed, claimed)}

    def claim(self, hour: int) -> list[Claimed]:
        """Lease the lessons that are due at an hour; the coordinators' words stay waiting."""
        claimed = claim(self.session, self.at(hour))
        others = [row.id for row in claimed if row.kind != daily_lesson.KIND]
        leases.release(self.session, others, error=None, retry_at=None)
        return claimed

    def arrived(self, row: Claimed, verdict: Facts) -> None:
        """A lesson was sent whole."""
        arrived(self.session, row, verdict, now=self.at(10), parts=1)

    def first_words(self, **wishes: Any) -> tuple[str, bool]:
        """The number of the next day's lesson, and whether it is 温习."""
        (_, verdict), *_ = sorted(self.next_day(**wishes).items())
        assert isinstance(verdict, Facts)
        return verdict.values["number"], verdict.values["is_review"]

    def told(self) -> list[tuple[int | None, datetime]]:
        """Who is owed the word, and when."""
        rows = self.session.exec(
            select(Delivery).where(Delivery.kind == pack_ending.KIND).order_by(col(Delivery.id))
        )
        return [(row.person_id, row.due_at) for row in rows]


@dataclass
class _Addressed:
    row: Claimed

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def recipient_id(self) -> int:
        return self.row.person_id or 0


def _play(
    database: Database, folder: Path, act: Callable[[School], None], *, count: int, **wishes: Any
) -> None:
    pack = county.write_pack(folder / "pack", count)

    def run(session: Session) -> None:
        built = county.build(session, pack, now=NOW, learners=2, **wishes)
        act(School(session, built))

    database.write_now(run)


def _verdicts(school: School, hour: int = 10) -> list[Verdict]:
    rows = school.session.exec(select(Delivery).where(Delivery.kind == pack_ending.KIND)).all()
    names = Claimed.__dataclass_fields__
    claimed = [Claimed(**{name: getattr(row, name) for name in names}) for row in rows]
    return list(ask(school.session, claimed, now=school.at(hour)).verdicts.values())


def _another(school: School, folder: Path, count: int = 3) -> int:
    """Import a second pack; its id."""
    county.write_pack(folder, count)
    head = folder / "pack.toml"
    head.write_text(
        head.read_text(encoding="utf-8").replace('code = "test"', 'code = "other"'),
        encoding="utf-8",
    )
    return lessons.import_pack(school.session, read_pack(folder), now=NOW).pack_id


def _choose(school: School, pack_id: int, *, hour: int = 12) -> date:
    cohort = school.session.get_one(Cohort, school.county.cohort.id)
    return cohorts.choose_pack(
        school.session, cohort, pack_id=pack_id, kind=daily_lesson.KIND, now=school.at(hour)
    )


def test_the_coordinator_is_told_once_with_ten_lessons_left(
    database: Database, tmp_path: Path
) -> None:
    """Not with eleven left; at the cohort's hour with ten; not again with nine, eight ..."""

    def act(school: School) -> None:
        school.next_day()
        assert school.told() == []
        school.next_day()
        coordinator = school.county.coordinator
        assert coordinator is not None
        assert school.told() == [(coordinator.person_id, school.at(10))]
        (verdict,) = _verdicts(school)
        assert isinstance(verdict, Facts)
        assert dict(verdict.values) == {"cohort": "一期", "pack": "测试课", "left": 10}
        for _ in range(10):
            school.next_day()
        assert len(school.told()) == 1

    _play(database, tmp_path, act, count=12)


def test_a_short_pack_is_not_announced_at_its_first_lesson(
    database: Database, tmp_path: Path
) -> None:
    """Whoever has just chosen it knows; with the second lesson the end is told."""

    def act(school: School) -> None:
        school.next_day()
        assert school.told() == []
        school.next_day()
        assert len(school.told()) == 1

    _play(database, tmp_path, act, count=3)


def test_the_second_round_is_called_review_and_its_end_is_told_anew(
    database: Database, tmp_path: Path
) -> None:
    """第1课 温习 after the last; 今天, the preview and the catalogue of it say the same."""

    def act(school: School) -> None:
        assert [school.first_words() for _ in range(3)] == [(str(n), False) for n in (1, 2, 3)]
        occasion = Occasion(_beat(school), date(2026, 11, 30))
        lesson_id = coming_lesson.lesson_on(school.session, occasion) or 0
        shown = coming_lesson.as_sent(school.session, lesson_id, occasion=occasion.name)
        assert shown is not None
        assert (shown["number"], shown["is_review"]) == ("1", True)
        assert len(school.told()) == 1
        assert school.first_words() == ("1", True)
        assert len(school.told()) == 1
        here = todays_lesson.today(school.session, school.county.learners[0], now=school.at(11))
        assert _said(here.values) == ("1", True)
        pressed = lesson_answers.learned(
            school.session,
            school.county.learners[0],
            occasion=f"{school.county.cohort.id}:{school.day}",
            chosen=None,
            now=school.at(11),
        )
        assert _said(pressed.values) == ("1", True)
        assert [school.first_words() for _ in range(3)] == [("2", True), ("3", True), ("1", True)]
        assert len(school.told()) == 2

    _play(database, tmp_path, act, count=3)


def _said(values: Mapping[str, Any] | None) -> tuple[str, bool]:
    assert values is not None
    return values["number"], values["is_review"]


def _beat(school: School) -> Any:
    cohort = school.session.get_one(Cohort, school.county.cohort.id)
    return cohorts.beat_of(school.session, cohort, kind=daily_lesson.KIND)


def test_a_lesson_that_came_to_nobody_is_no_review(database: Database, tmp_path: Path) -> None:
    """What is given again because it never arrived is new to all, in every round."""

    def act(school: School) -> None:
        assert school.first_words(is_received=False) == ("1", False)
        assert school.first_words() == ("1", False)
        assert school.first_words() == ("2", False)
        assert school.first_words(is_received=False) == ("1", True)
        assert school.first_words() == ("1", True)

    _play(database, tmp_path, act, count=2)


def test_a_lesson_added_in_the_second_round_is_new(database: Database, tmp_path: Path) -> None:
    """Only what was taught before is 温习, and the longer pack's end is told of again."""

    def act(school: School) -> None:
        for _ in range(4):
            school.next_day()
        assert len(school.told()) == 1
        lessons.import_pack(school.session, county.write_pack(tmp_path / "pack", 4), now=NOW)
        assert school.first_words() == ("2", True)
        assert len(school.told()) == 2
        assert school.first_words() == ("3", True)
        assert school.first_words() == ("4", False)
        assert len(school.told()) == 2

    _play(database, tmp_path, act, count=3)


def test_where_each_has_her_own_pace_nothing_is_told(database: Database, tmp_path: Path) -> None:
    """No end together, no review together."""

    def act(school: School) -> None:
        words = [school.first_words() for _ in range(3)]
        assert words == [("1", False), ("2", False), ("1", False)]
        assert school.told() == []

    _play(database, tmp_path, act, count=2, pace=OWN)


def test_the_nearest_coordinators_are_told(database: Database, tmp_path: Path) -> None:
    """Those of the cohort's unit alone; where it has none by now, those of the unit above."""

    def act(school: School) -> None:
        built = school.county
        second = county.join(
            school.session,
            built,
            chat_id=901,
            name="同事",
            role=COORDINATOR,
            unit=built.station,
            now=NOW,
        )
        cohort = school.session.get_one(Cohort, built.cohort.id)
        cohort.unit_id = built.station.id or 0
        school.session.add(cohort)
        for _ in range(2):
            school.next_day()
        assert [person for person, _ in school.told()] == [second.person_id]
        for grant in school.session.exec(
            select(RoleGrant).where(RoleGrant.person_id == second.person_id)
        ):
            grant.until = school.day
            school.session.add(grant)
        school.next_day()
        assert built.coordinator is not None
        assert [person for person, _ in school.told()][1:] == [built.coordinator.person_id]

    _play(database, tmp_path, act, count=4)


def test_what_is_no_longer_true_is_not_told(database: Database, tmp_path: Path) -> None:
    """Not at night, not to whoever left the office, not when another pack was chosen."""

    def act(school: School) -> None:
        for _ in range(2):
            school.next_day()
        assert _verdicts(school, 23) == [NotNow(school.at(9, day=school.day + timedelta(days=1)))]
        assert isinstance(_verdicts(school)[0], Facts)
        for _ in range(2):
            school.next_day()
        assert _verdicts(school)[0] == NotWanted("pack_over")
        assert school.county.coordinator is not None
        pack_id = _another(school, tmp_path / "other")
        _choose(school, pack_id)
        assert _verdicts(school) == [NotWanted("pack_chosen")]
        _choose(school, school.county.pack_id)
        grant = school.session.exec(
            select(RoleGrant).where(RoleGrant.person_id == school.county.coordinator.person_id)
        ).one()
        grant.until = START
        school.session.add(grant)
        assert _verdicts(school) == [NotWanted("left")]

    _play(database, tmp_path, act, count=4)


@pytest.mark.parametrize("pace", [TOGETHER, OWN])
def test_a_new_pack_begins_on_the_next_working_day(
    database: Database, tmp_path: Path, pace: str
) -> None:
    """From its first lesson, nothing of it a review, and the day's own lesson untouched."""

    def act(school: School) -> None:
        for _ in range(2):
            school.next_day()
        pack_id = _another(school, tmp_path / "other")
        # Friday the 27th is planned by its midnight only.
        assert _choose(school, pack_id) == date(2026, 11, 27)
        here = todays_lesson.today(school.session, school.county.learners[0], now=school.at(13))
        assert _said(here.values) == ("2", False)
        assert [school.first_words() for _ in range(2)] == [("1", False), ("2", False)]
        titles = school.session.exec(
            select(Delivery.subject_id).where(Delivery.occasion.endswith(str(school.day)))  # type: ignore[attr-defined]
        ).all()
        packs = {
            school.session.get_one(daily_lesson.stored_lessons.Lesson, lesson_id).pack_id
            for lesson_id in titles
        }
        assert packs == {pack_id}

    _play(database, tmp_path, act, count=4, pace=pace)


def test_choosing_is_written_down_and_the_same_pack_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    """The trail has the old pack and the new one, once."""
    chosen = {}

    def act(school: School) -> None:
        school.next_day()
        chosen["new"] = _another(school, tmp_path / "other")
        chosen["old"] = school.county.pack_id
        _choose(school, chosen["new"])
        _choose(school, chosen["new"])

    _play(database, tmp_path, act, count=4)
    before, entry = audited(database, 2)
    assert before.action != "choose_pack"
    assert (entry.action, entry.object_kind) == ("choose_pack", "cohort")
    assert (entry.facts["old"], entry.facts["new"]) == (chosen["old"], chosen["new"])


def test_what_was_missed_of_the_old_pack_can_still_be_caught_up(
    database: Database, tmp_path: Path
) -> None:
    """补学 offers it, and asking for it works though the cohort learns another pack now."""

    def act(school: School) -> None:
        for _ in range(2):
            school.next_day()
        _choose(school, _another(school, tmp_path / "other"))
        school.next_day()
        learner, now = school.county.learners[0], school.at(12)
        waiting = catch_up.waiting(school.session, learner, now=now)
        assert [owed.code for owed in waiting] == ["001", "002"]
        found = catch_up.next_one(school.session, learner, now=now)
        assert found.lesson is not None
        assert found.lesson.state == "here"
        late = county.join(school.session, school.county, chat_id=300, name="后来", now=now)
        asked = asked_lesson.ask(school.session, late, lesson_id=waiting[1].lesson_id, now=now)
        assert asked.state == "on_its_way"

    _play(database, tmp_path, act, count=4)


def test_the_place_of_the_others_is_counted_in_the_round(
    database: Database, tmp_path: Path
) -> None:
    """第1课 in the second round, and no place at all before a new pack's first lesson."""

    def act(school: School) -> None:
        def place() -> tuple[int, int] | None:
            return lesson_requests.place_in_pack(
                school.session, cohort_id=school.county.cohort.id or 0
            )

        assert place() is None
        for expected in ((1, 3), (2, 3), (3, 3), (1, 3)):
            school.next_day()
            assert place() == expected
        _choose(school, _another(school, tmp_path / "other", 2))
        assert place() is None
        school.next_day()
        assert place() == (1, 2)

    _play(database, tmp_path, act, count=3)
