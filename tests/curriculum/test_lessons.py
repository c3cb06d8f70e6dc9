"""Importing a pack: new content is a new version, the same content is nothing at all."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from curriculum import lessons
from curriculum.lesson_pack import Module
from storage.audit import AuditEntry
from storage.engine import Database
from storage.lessons import Lesson, LessonPack, LessonText, LessonVersion
from tests.county import write_pack


def _state(session: Session) -> tuple[int, int, int]:
    return tuple(
        len(session.exec(select(table)).all()) for table in (LessonVersion, LessonText, AuditEntry)
    )  # type: ignore[return-value]


def _places(session: Session) -> dict[str, tuple[int, bool]]:
    return {row.code: (row.position, row.is_withdrawn) for row in session.exec(select(Lesson))}


def test_the_same_pack_again_changes_nothing(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Re-importing equal content adds no version, no text and no audit entry."""
    pack = write_pack(tmp_path / "pack", 3)
    first = database.write_now(lessons.import_pack, pack, now=start)
    assert first.added == ("001", "002", "003")
    before = database.read_now(_state)
    again = database.write_now(lessons.import_pack, pack, now=start + timedelta(days=1))
    assert (again.added, again.changed, again.withdrawn, again.unchanged) == ((), (), (), 3)
    assert database.read_now(_state) == before


def test_only_what_changed_gets_a_new_version(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Mending one lesson leaves the others at their version."""
    database.write_now(lessons.import_pack, write_pack(tmp_path / "pack", 3), now=start)
    result = database.write_now(
        lessons.import_pack,
        write_pack(tmp_path / "pack", 3, changed={"002": "改过的正文。"}),
        now=start,
    )
    assert (result.changed, result.unchanged) == (("002",), 2)
    assert database.read_now(_state)[0] == 4


def test_a_review_is_noted_without_a_new_version(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """When a licensed social worker has read it, nobody has to learn it again."""
    database.write_now(lessons.import_pack, write_pack(tmp_path / "pack", 1), now=start)
    database.write_now(
        lessons.import_pack, write_pack(tmp_path / "pack", 1, status="reviewed"), now=start
    )
    version = database.read_now(lambda session: session.exec(select(LessonVersion)).one())
    assert (version.number, version.status, version.reviewed_by) == (1, "reviewed", "持证社工")


def test_what_the_pack_says_of_its_modules_is_kept_and_refreshed(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Also where no lesson changed: a pack imported before modules were kept gets them so."""
    pack = write_pack(tmp_path / "pack", 2)
    imported = database.write_now(lessons.import_pack, pack, now=start)

    def forget(session: Session) -> None:
        session.get_one(LessonPack, imported.pack_id).modules = None

    database.write_now(forget)
    assert database.read_now(_modules) is None
    again = database.write_now(lessons.import_pack, pack, now=start)
    assert (again.added, again.changed, again.unchanged) == ((), (), 2)
    one = {"code": "M1", "title": "一", "title_en": None, "after": []}
    assert database.read_now(_modules) == [one]
    renamed = replace(
        pack, modules=(Module("M0", "零", "Zero", ()), Module("M1", "壹", None, ("M0",)))
    )
    database.write_now(lessons.import_pack, renamed, now=start)
    assert database.read_now(_modules) == [
        {"code": "M0", "title": "零", "title_en": "Zero", "after": []},
        one | {"title": "壹", "after": ["M0"]},
    ]


def _modules(session: Session) -> list[dict[str, Any]] | None:
    return session.exec(select(LessonPack.modules)).one()


def test_a_lesson_left_out_is_withdrawn_behind_whoever_stood_before_it(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """It is not sent any more, and a cohort that stood at it goes on with the next."""
    database.write_now(lessons.import_pack, write_pack(tmp_path / "pack", 4), now=start)
    for name in ("002.zh.md", "003.zh.md"):
        (tmp_path / "pack" / name).unlink()
    from curriculum.lesson_pack import read_pack

    result = database.write_now(lessons.import_pack, read_pack(tmp_path / "pack"), now=start)
    assert result.withdrawn == ("002", "003")
    assert database.read_now(_places) == {
        "001": (0, False),
        "002": (0, True),
        "003": (0, True),
        "004": (1, False),
    }
    again = database.write_now(lessons.import_pack, write_pack(tmp_path / "pack", 4), now=start)
    assert again.withdrawn == ()
    assert database.read_now(_places)["002"] == (1, False)
