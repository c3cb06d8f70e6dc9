"""Lesson packs in, learning records out, from the command line."""

import csv
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from curriculum import joining, people, records
from curriculum.people import ADMINISTRATOR
from storage import lesson_terms
from storage.engine import Database
from storage.people import unit_by_name
from tests.bot.commands.conftest import Wuxue
from tests.county import write_pack

LEARNED_AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TEACHER = 5_000_777


def give_records(home: Path, count: int) -> None:
    """Somebody of the station has learned on some occasions."""
    database = Database(f"sqlite:///{home / 'data' / 'wuxue.sqlite'}")

    def write(session: Session) -> None:
        unit = unit_by_name(session, "八一站")[0]
        invite = joining.make_invite(
            session,
            role=ADMINISTRATOR,
            unit=unit,
            cohort=None,
            uses=1,
            created_by=None,
            now=LEARNED_AT,
        )
        speaker = joining.enrol(
            session,
            token=invite.token,
            bot=123456789,
            chat_id=TEACHER,
            name="卓玛",
            language="zh",
            privacy_version=people.PRIVACY_VERSION,
            now=LEARNED_AT,
        )
        for number in range(count):
            records.write_down(
                session,
                person_id=speaker.person_id,
                unit_id=unit.id,
                study="daily_lesson",
                occasion=f"1:{number}",
                occurred_on=LEARNED_AT.date(),
                title="接纳与非评判",
                source_id=None,
                minutes=5,
                mode=records.ONLINE,
                evidence="answered",
                recorded_by=None,
                now=LEARNED_AT,
            )

    database.write_now(write)
    database.close()


def test_the_same_pack_again_says_that_nothing_changed(
    wuxue: Wuxue, installed: Path, tmp_path: Path
) -> None:
    """New, unchanged, then one lesson changed: each import says what it did."""
    write_pack(tmp_path / "pack", 4)
    first = wuxue("lessons", "import", "pack")
    assert first.exit_code == 0, first.output
    assert "新增 4 课，改动 0 课" in first.stdout
    again = wuxue("lessons", "import", "pack")
    assert again.exit_code == 0
    assert "4 课都没有变，什么都没有改" in again.stdout
    write_pack(tmp_path / "pack", 4, changed={"002": "另一段正文。"})
    assert "新增 0 课，改动 1 课" in wuxue("lessons", "import", "pack").stdout
    assert wuxue("cohort", "add", "期", "--unit", "中心", "--pack", "test").exit_code == 0


def test_indexing_anew_gives_search_back_what_it_lost(
    wuxue: Wuxue, installed: Path, tmp_path: Path
) -> None:
    """Lessons imported before there was a search are indexed, and again gives the same."""
    write_pack(tmp_path / "pack", 4)
    assert wuxue("lessons", "import", "pack").exit_code == 0
    database = Database(f"sqlite:///{installed / 'data' / 'wuxue.sqlite'}")

    def terms() -> list[tuple[str, int]]:
        query = "SELECT term, text_id FROM lesson_term ORDER BY 1, 2"
        return database.read_now(
            lambda session: [tuple(row) for row in session.connection().exec_driver_sql(query)]
        )

    before = terms()
    assert before
    database.write_now(lesson_terms.drop_all)
    for _ in range(2):
        done = wuxue("lessons", "index")
        assert done.exit_code == 0, done.output
        assert "已编好索引：" in done.stdout
        assert terms() == before
    database.close()


def test_a_broken_pack_is_refused_line_by_line_everywhere(
    wuxue: Wuxue, installed: Path, tmp_path: Path
) -> None:
    """check, import, preview and rehearse print the same file:line and end with 1."""
    write_pack(tmp_path / "pack", 2)
    lesson = tmp_path / "pack" / "002.zh.md"
    text = lesson.read_text(encoding="utf-8")
    lesson.write_text(text.replace("answer: 2", "answer: 9"), encoding="utf-8")
    line = text.splitlines().index("  answer: 2") + 1
    for arguments in (
        ("lessons", "check", "pack"),
        ("lessons", "import", "pack"),
        ("lessons", "preview", "pack", "001"),
        ("rehearse", "--pack", "pack"),
    ):
        refused = wuxue(*arguments)
        assert refused.exit_code == 1, arguments
        assert f"002.zh.md:{line}" in refused.stderr, refused.stderr
        assert "1 处要改" in refused.stderr
    assert not (installed / "data" / "rehearsal").exists()


def test_a_preview_shows_the_messages_as_they_will_read(
    wuxue: Wuxue, installed: Path, tmp_path: Path
) -> None:
    """Text, question and options; a lesson's own brackets are no markup."""
    write_pack(tmp_path / "pack", 1, changed={"001": "先看[红]再看[/red]。"})
    shown = wuxue("lessons", "preview", "pack", "001")
    assert shown.exit_code == 0, shown.output
    for words in ("第001课的题目", "先看[红]再看[/red]。", "选哪一个", "乙"):
        assert words in shown.stdout
    assert wuxue("lessons", "preview", "pack", "009").exit_code == 1
    assert wuxue("lessons", "preview", "pack", "001", "--language", "bo").exit_code == 1
    assert wuxue("lessons", "preview", "pack", "001", "--language", "fr").exit_code == 2


@pytest.mark.parametrize("name", ["记录[1].xlsx", "记录.csv"])
def test_an_export_holds_the_units_records_and_shows_its_progress(
    wuxue: Wuxue, installed: Path, name: str
) -> None:
    """The bar goes to stderr, the sentence to stdout, the file to its owner alone."""
    give_records(installed, 3)
    done = wuxue("export", name, "--unit", "中心", "--period", "2026-11")
    assert done.exit_code == 0, done.output
    assert "3 条" in done.stdout
    assert "3/3" in done.stderr
    assert name in done.stderr
    file = installed / name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    if name.endswith("csv"):
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
        cells = [cell for row in rows for cell in row]
    else:
        book = load_workbook(file)
        cells = [c.value for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    assert cells.count("卓玛") == 3
    assert "0 条" in wuxue("export", name, "--unit", "中心", "--period", "2026-10").stdout
