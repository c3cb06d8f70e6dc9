"""Late entry from a sheet: what is ticked is entered as imported, and every fault is named."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from bot.event_sheets import word_fault
from bot.render import LANGUAGES
from bot.training_marks_files import marks_sheet, read_marks
from curriculum import training_attendance, training_marks, training_seats
from curriculum.errors import NotThere
from storage.engine import Database
from tests.county import County, build, join, write_pack
from tests.curriculum.trainings import announced, coordinator

EVENING = datetime.fromisoformat("2026-12-21T12:00:00+00:00")


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """A training of two days with two on its list, one of them signed in, on its first evening."""
    found = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=3)
    event = database.write_now(announced, found, now=start)
    for learner in found.learners[:2]:
        database.write_now(training_seats.register, learner, event.event_id, now=start)
    database.write_now(
        training_attendance.tick,
        found.learners[0],
        event.periods[0].period_id,
        found.learners[1].person_id,
        now=event.starts_at,
    )
    return found


def returned(
    database: Database, county: County, fill: Callable[[Any], None], language: str = "zh"
) -> training_marks.Checked:
    """Download the sheet, fill it in, send it back."""
    chief = coordinator(county)
    found = database.read_now(training_marks.sheet, chief, 1)
    data = marks_sheet(
        found, language=language, made_at=EVENING, moment=lambda at: f"{at:%m-%d %H:%M}"
    )
    book = load_workbook(io.BytesIO(data))
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    written = read_marks(stream.getvalue(), "签到.xlsx")
    assert written is not None
    return database.read_now(training_marks.check, chief, written, now=EVENING)


def test_what_is_ticked_is_entered_once_as_imported(
    database: Database, county: County, start: datetime
) -> None:
    """Who was ticked already is no news; a name written below was there without a place."""
    guest = database.write_now(
        join, county, chat_id=300, name="远客", unit=county.other_station, now=start
    )

    def fill(page: Any) -> None:
        assert [page.cell(line, 4).value for line in (4, 5)] == [None, "✓"]
        page.cell(4, 4).value = "到"
        page.cell(4, 5).value = 1
        page.cell(6, 2).value, page.cell(6, 5).value = "远客", "√"

    found = returned(database, county, fill)
    assert found.faults == ()
    assert [(len(one.person_ids), one.walk_ins) for one in found.entries] == [
        (1, ()),
        (1, (guest.person_id,)),
    ]
    entries = [(one.period_id, one.person_ids, one.walk_ins) for one in found.entries]
    with pytest.raises(NotThere):
        database.write_now(training_marks.enter, county.learners[0], 1, entries, now=EVENING)
    chief = coordinator(county)
    assert database.write_now(training_marks.enter, chief, 1, entries, now=EVENING) == 3
    evidence = database.read_now(
        lambda session: [
            tuple(row)
            for row in session.connection().execute(
                text(
                    "SELECT evidence, count(*) FROM learning_record"
                    " WHERE study = 'annual_training' GROUP BY evidence ORDER BY evidence"
                )
            )
        ]
    )
    assert evidence == [("imported", 3), ("roll_call", 1)]
    # The same sheet once more brings nothing.
    again = returned(database, county, lambda _: None)
    assert (again.entries, again.faults) == ((), ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_sheet_is_named_and_nothing_is_entered(
    database: Database, county: County, language: str
) -> None:
    """Marks nobody understands, other numbers, unknown names, half days that lie ahead."""

    def fill(page: Any) -> None:
        page.cell(4, 4).value = "也许"
        page.cell(5, 6).value = "✓"
        page.cell(6, 1).value, page.cell(6, 2).value = "999", "某人"
        page.cell(7, 2).value, page.cell(7, 4).value = "没有的人", "✓"
        page.cell(8, 4).value = "✓"

    found = returned(database, county, fill, language)
    assert sorted((one.line, one.code) for one in found.faults) == [
        (4, "mark_unknown"),
        (5, "period_ahead"),
        (6, "person_number_unknown"),
        (7, "person_unknown"),
        (8, "name_missing_in_marks"),
    ]
    assert found.entries == ()
    assert all(word_fault("training", fault, language) for fault in found.faults)


def test_only_its_own_sheets_are_taken(database: Database, county: County) -> None:
    """Any other file is left to whoever knows it, a training's sheet to who arranges that one."""
    book = Workbook()
    stream = io.BytesIO()
    book.save(stream)
    assert read_marks(stream.getvalue(), "a.xlsx") is None
    assert read_marks(b"PK\x03\x04", "a.xlsx") is None
    written = training_marks.Written(1, ())
    with pytest.raises(NotThere):
        database.read_now(
            training_marks.check,
            county.learners[0],
            written,
            now=EVENING + timedelta(days=1),
        )
