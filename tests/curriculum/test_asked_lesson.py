"""Lessons outside the day's order: on request, and the musts of whoever joins late."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import asked_lesson, cohorts, daily_lesson, lesson_answers, lessons
from curriculum.errors import NotThere
from curriculum.lesson_pack import read_pack
from curriculum.people import SUPERVISOR
from scheduler import planner
from storage import lessons as stored_lessons
from storage.deliveries import Delivery
from storage.engine import Database
from storage.lessons import Lesson
from storage.people import ChatAccount, Person
from tests import county
from tests.county import BOT
from tests.curriculum.test_absences import NOW, WEDNESDAY, _day


def _build(session: Session, folder: Path, **wishes: object) -> county.County:
    county.write_pack(folder, 6)
    settings = folder / "pack.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'essential = ["002", "004"]\n{text}', encoding="utf-8")
    return county.build(session, county.read_once(folder), now=NOW, **wishes)  # type: ignore[arg-type]


def _lesson(session: Session, code: str) -> int:
    return session.exec(select(Lesson.id).where(Lesson.code == code)).one() or 0


def test_a_late_joiner_gets_the_musts_she_missed_one_a_day_before_the_shared_lesson(
    database: Database, tmp_path: Path
) -> None:
    """Only musts taught before she came, each once, at 9:30; the others get none."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        for day in (25, 26, 27, 30):
            _day(session, date(2026, 11, day))
        late = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
        newcomer = county.join(session, stage, chat_id=500, name="新来的", now=late)
        for day in (1, 2, 3):
            _day(session, date(2026, 12, day))
        rows = session.exec(
            select(Delivery).where(Delivery.kind == asked_lesson.KIND).order_by(Delivery.due_at)  # type: ignore[arg-type]
        ).all()
        codes = {lesson.id: lesson.code for lesson in session.exec(select(Lesson))}
        assert [(codes[row.subject_id], row.recipient, row.due_at) for row in rows] == [
            ("002", newcomer.person_id, datetime(2026, 12, 1, 1, 30, tzinfo=UTC)),
            ("004", newcomer.person_id, datetime(2026, 12, 2, 1, 30, tzinfo=UTC)),
        ]
        assert {row.status for row in rows} == {"sent"}

    database.write_now(play)


def test_who_was_there_from_the_start_gets_no_must_twice(
    database: Database, tmp_path: Path
) -> None:
    """Joining before the first lesson is not joining late."""

    def play(session: Session) -> None:
        _build(session, tmp_path / "pack")
        for day in (25, 26, 27, 30):
            _day(session, date(2026, 11, day))
        assert not session.exec(select(Delivery).where(Delivery.kind == asked_lesson.KIND)).all()

    database.write_now(play)


def test_a_new_phone_makes_nobody_a_late_joiner(database: Database, tmp_path: Path) -> None:
    """She came when she first opened a link, whatever she has opened since."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        for day in (25, 26, 27):
            _day(session, date(2026, 11, day))
        changed = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
        person_id = stage.learners[0].person_id
        old = session.exec(select(ChatAccount).where(ChatAccount.person_id == person_id)).one()
        old.ended_at = changed
        session.add(old)
        session.flush()
        session.add(ChatAccount(person_id=person_id, bot=BOT, chat_id=990, linked_at=changed))
        session.flush()
        _day(session, date(2026, 11, 30))
        kinds = session.exec(select(Delivery.kind).where(Delivery.person_id == person_id)).all()
        assert kinds == [daily_lesson.KIND] * 4

    database.write_now(play)


def test_a_lesson_asked_for_is_owed_once_and_then_shown(database: Database, tmp_path: Path) -> None:
    """Two presses owe one message; once it arrived, asking again shows what is left to do."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        one, third = stage.learners[0], _lesson(session, "003")
        for _ in range(2):
            found = asked_lesson.ask(session, one, lesson_id=third, now=NOW)
            assert found.state == "on_its_way"
        _day(session, WEDNESDAY)
        now = NOW + timedelta(days=1)
        found = asked_lesson.ask(session, one, lesson_id=third, now=now)
        assert found.values is not None
        assert (found.state, found.is_learned) == ("here", False)
        occasion = found.values["occasion"]
        learned = lesson_answers.learned(session, one, occasion=occasion, chosen=1, now=now)
        assert (learned.minutes, learned.evidence) == (5, "answered")
        found = asked_lesson.ask(session, one, lesson_id=third, now=now)
        assert (found.is_learned, found.is_answered) == (True, True)

    database.write_now(play)


def test_a_lesson_that_changed_since_is_sent_anew(database: Database, tmp_path: Path) -> None:
    """What she was once sent in other words is no answer to asking for it now."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        one, first = stage.learners[0], _lesson(session, "001")
        _day(session, WEDNESDAY)
        changed = county.write_pack(tmp_path / "pack", 6, changed={"001": "改过的正文。"})
        lessons.import_pack(session, changed, now=NOW)
        found = asked_lesson.ask(session, one, lesson_id=first, now=NOW + timedelta(days=1))
        assert found.state == "on_its_way"

    database.write_now(play)


def test_a_lesson_of_another_pack_does_not_exist_for_her(
    database: Database, tmp_path: Path
) -> None:
    """Neither a foreign pack's lesson, nor a withdrawn one, nor a number nobody gave."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        other = county.write_pack(tmp_path / "other", 2)
        (tmp_path / "other" / "pack.toml").write_text(
            (tmp_path / "other" / "pack.toml")
            .read_text(encoding="utf-8")
            .replace('code = "test"', 'code = "other"'),
            encoding="utf-8",
        )
        other = read_pack(tmp_path / "other")
        imported = lessons.import_pack(session, other, now=NOW)
        foreign = stored_lessons.lessons_of(session, imported.pack_id)["001"]
        withdrawn = session.get_one(Lesson, _lesson(session, "006"))
        withdrawn.is_withdrawn = True
        session.flush()
        for lesson_id in (foreign.id, withdrawn.id, 10**9):
            with pytest.raises(NotThere):
                asked_lesson.ask(session, stage.learners[0], lesson_id=lesson_id or 0, now=NOW)

    database.write_now(play)


def test_staff_may_read_a_lesson_and_nothing_is_recorded(
    database: Database, tmp_path: Path
) -> None:
    """A supervisor reads what her workers learn; an occasion would be needed to record it."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        supervisor = county.join(
            session, stage, chat_id=901, name="督导", role=SUPERVISOR, unit=stage.station, now=NOW
        )
        found = asked_lesson.ask(session, supervisor, lesson_id=_lesson(session, "002"), now=NOW)
        assert found.values is not None
        assert (found.state, found.values["occasion"]) == ("to_read", "")
        assert session.exec(select(Delivery)).all() == []

    database.write_now(play)


def test_reading_ahead_moves_nobody_on_her_own_path(database: Database, tmp_path: Path) -> None:
    """At one's own pace the next lesson follows the last daily one, whatever was asked for."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack", pace=cohorts.OWN)
        one = stage.learners[0]
        asked_lesson.ask(session, one, lesson_id=_lesson(session, "005"), now=NOW)
        _day(session, WEDNESDAY)
        _day(session, date(2026, 11, 26))
        codes = {lesson.id: lesson.code for lesson in session.exec(select(Lesson))}
        rows = session.exec(
            select(Delivery).where(
                Delivery.kind == daily_lesson.KIND, Delivery.recipient == one.person_id
            )
        ).all()
        assert sorted(codes[row.subject_id] for row in rows) == ["001", "002"]

    database.write_now(play)


def test_both_languages_come_in_one_message_and_one_question(
    database: Database, tmp_path: Path
) -> None:
    """Tibetan first, Chinese below; where there is no Tibetan, Chinese alone."""
    starter = Path(lessons.__file__).parent / "packs" / "starter_zh"

    def play(session: Session) -> None:
        stage = county.build(session, county.read_once(starter), now=NOW)
        one = stage.learners[0]
        session.get_one(Person, one.person_id).content_language = "both"
        session.flush()
        _day(session, WEDNESDAY)
        _day(session, date(2026, 11, 26))
        values = [
            lesson_answers.values_of(session, one, occasion=f"{stage.cohort.id}:2026-11-{day}")
            for day in (25, 26)
        ]
        tibetan = [any("\u0f00" <= char <= "\u0fff" for char in v["body"].text) for v in values]
        chinese = [any("\u4e00" <= char <= "\u9fff" for char in v["body"].text) for v in values]
        assert (tibetan, chinese) == ([True, False], [True, True])
        assert len(values[0]["question"]["options"]) == len(
            [option for option in values[0]["question"]["options"] if "\n" in option]
        )

    database.write_now(play)


def test_planning_again_owes_no_must_again(database: Database, tmp_path: Path) -> None:
    """The day's planning may run twice; the occasion is the lesson's own."""

    def play(session: Session) -> None:
        stage = _build(session, tmp_path / "pack")
        for day in (25, 26):
            _day(session, date(2026, 11, day))
        late = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
        county.join(session, stage, chat_id=500, name="新来的", now=late)
        midnight = datetime(2026, 11, 26, 16, 5, tzinfo=UTC)
        for _ in range(2):
            planner.plan_due(session, daily_lesson, bot=BOT, now=midnight, real=midnight)
        rows = session.exec(select(Delivery).where(Delivery.kind == asked_lesson.KIND)).all()
        assert len(rows) == 1

    database.write_now(play)
