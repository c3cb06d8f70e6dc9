"""A person's own progress: lessons once each, weeks from Monday, nobody else's acts."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session

from curriculum import lesson_answers, progress
from storage.engine import Database
from tests import county
from tests.curriculum.test_absences import NOW, _day


def test_weeks_lessons_and_minutes_are_her_own(database: Database, tmp_path: Path) -> None:
    """Learned counts each lesson once, right only what a first answer got right."""

    def play(session: Session) -> progress.Progress:
        pack = county.write_pack(tmp_path / "pack", 6)
        stage = county.build(session, pack, now=NOW)
        one, two, _ = stage.learners
        for day, chosen in ((25, 1), (26, 0), (27, None), (30, 1)):
            _day(session, date(2026, 11, day))
            for person in (one, two) if day != 30 else (one,):
                lesson_answers.learned(
                    session,
                    person,
                    occasion=f"{stage.cohort.id}:2026-11-{day}",
                    chosen=chosen,
                    now=datetime(2026, 11, day, 5, tzinfo=UTC),
                )
        return progress.of(session, one, now=datetime(2026, 11, 30, 8, tzinfo=UTC))

    found = database.write_now(play)
    assert (found.learned, found.right, found.lessons) == (4, 2, 6)
    assert (found.minutes, found.month_minutes) == (20, 20)
    assert len(found.weeks) == progress.WEEKS
    assert [(w.monday, w.learned, w.right, w.minutes) for w in found.weeks[-2:]] == [
        (date(2026, 11, 23), 3, 1, 15),
        (date(2026, 11, 30), 1, 1, 5),
    ]
    assert not any(week.learned for week in found.weeks[:-2])


def test_somebody_new_sees_an_empty_picture_and_no_error(
    database: Database, tmp_path: Path
) -> None:
    """Nothing learned yet is no failure."""

    def play(session: Session) -> progress.Progress:
        stage = county.build(session, county.write_pack(tmp_path / "pack", 2), now=NOW)
        assert stage.coordinator is not None
        return progress.of(session, stage.coordinator, now=NOW)

    found = database.write_now(play)
    assert (found.learned, found.right, found.lessons, found.minutes) == (0, 0, 0, 0)
