"""The ledger as coordinators read it: who may, which period, what is in force."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from curriculum import questions, records
from curriculum.errors import NotThere, PeriodNotUnderstood
from curriculum.people_errors import UnitNotFound
from curriculum.question_errors import QuestionEmpty, QuestionTooLong
from curriculum.records import Period
from storage.engine import Database
from storage.people import Person
from storage.records import LearningRecord
from tests.county import County, build, join, write_pack

TODAY = date(2026, 11, 25)
EVER = Period(date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Two learners of one station."""
    return database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=2)


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("", (2026, 11, 1), (2026, 11, 30)),
        ("本月", (2026, 11, 1), (2026, 11, 30)),
        ("上月", (2026, 10, 1), (2026, 10, 31)),
        ("last month", (2026, 10, 1), (2026, 10, 31)),
        ("本季度", (2026, 10, 1), (2026, 12, 31)),
        ("Quarter", (2026, 10, 1), (2026, 12, 31)),
        ("今年", (2026, 1, 1), (2026, 12, 31)),
        ("本年", (2026, 1, 1), (2026, 12, 31)),
        ("去年", (2025, 1, 1), (2025, 12, 31)),
        ("2025", (2025, 1, 1), (2025, 12, 31)),
        ("2026-2", (2026, 2, 1), (2026, 2, 28)),
        ("2026年2月", (2026, 2, 1), (2026, 2, 28)),
        ("2026-11-03..2026-11-05", (2026, 11, 3), (2026, 11, 5)),
        ("2026-11-03至2026-11-05", (2026, 11, 3), (2026, 11, 5)),
    ],
)
def test_a_period_is_read_as_people_write_it(
    written: str, since: tuple[int, int, int], until: tuple[int, int, int]
) -> None:
    """Months, quarters, years and two dates, in Chinese and English."""
    assert records.read_period(written, today=TODAY) == Period(date(*since), date(*until))


@pytest.mark.parametrize(
    "written", ["昨天", "2026-13", "2026-11-05..2026-11-03", "99", "=1+1", "2026-02-30..2026-03-01"]
)
def test_a_period_that_cannot_be_read_is_said_so(written: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(PeriodNotUnderstood):
        records.read_period(written, today=TODAY)


def _record(
    session: Session, county: County, number: int, now: datetime, **changes: object
) -> int | None:
    learner = county.learners[number]
    arguments = {
        "person_id": learner.person_id,
        "unit_id": learner.unit_id,
        "study": "daily_lesson",
        "occasion": "1:2026-11-25",
        "occurred_on": TODAY,
        "title": "一课",
        "source_id": None,
        "minutes": 5,
        "mode": "online",
        "evidence": "self_stated",
        "recorded_by": None,
        "now": now,
    }
    return records.write_down(session, **(arguments | changes))  # type: ignore[arg-type]


def test_only_the_row_in_force_is_reported(
    database: Database, county: County, start: datetime
) -> None:
    """A corrected row is replaced on screen and in the file; nothing is counted twice."""
    for evidence, written in (
        ("answered", 5),
        ("self_stated", None),
        ("on_paper", 5),
        ("on_paper", None),
    ):
        assert database.write_now(_record, county, 0, start, evidence=evidence) == written
    assert county.coordinator is not None
    scope = database.read_now(records.scope_for, county.coordinator, None)
    (row,) = database.read_now(lambda session: list(records.rows(session, scope, EVER)))
    assert (row.evidence, row.minutes, row.corrects is not None) == ("on_paper", 5, True)
    assert row.unit_path == "林芝市 / 八一镇社工站"
    assert database.read_now(records.count, scope, EVER) == 1
    assert database.read_now(records.own_totals, county.learners[0].person_id) == {
        "daily_lesson": (1, 5)
    }


def _rename(session: Session, county: County, number: int, name: str) -> None:
    session.get_one(Person, county.learners[number].person_id).name = name


def _names(database: Database, county: County) -> list[tuple[str, str, str]]:
    """(occasion's day, name, evidence) as every file and screen reads them."""
    assert county.coordinator is not None
    scope = database.read_now(records.scope_for, county.coordinator, None)
    return database.read_now(
        lambda session: [
            (str(row.occurred_on), row.person_name, row.evidence)
            for row in records.rows(session, scope, EVER)
        ]
    )


def test_old_records_keep_the_old_name(database: Database, county: County, start: datetime) -> None:
    """A new name counts from the next record on; a correction stands under the name it corrects."""
    database.write_now(_record, county, 0, start)
    database.write_now(_rename, county, 0, "拉姆")
    database.write_now(_record, county, 0, start, evidence="answered")
    later = {"occasion": "1:2026-11-26", "occurred_on": date(2026, 11, 26)}
    database.write_now(_record, county, 0, start, **later)
    assert _names(database, county) == [
        ("2026-11-25", "学员1", "answered"),
        ("2026-11-26", "拉姆", "self_stated"),
    ]


def test_a_record_from_before_names_were_kept_reads_the_present_one(
    database: Database, county: County, start: datetime
) -> None:
    """The ledger is not rewritten, so such a row has no name of its own."""

    row = {
        "person_id": county.learners[0].person_id,
        "unit_id": county.learners[0].unit_id,
        "study": "daily_lesson",
        "occasion": "1:2026-11-25",
        "occurred_on": TODAY,
        "title": "一课",
        "minutes": 5,
        "mode": "online",
        "evidence": "answered",
        "claimable": "pending",
        "rule_version": "none",
        "recorded_at": start,
    }
    database.write_now(lambda session: session.add(LearningRecord(**row)))
    assert _names(database, county) == [("2026-11-25", "学员1", "answered")]
    database.write_now(_rename, county, 0, "拉姆")
    assert _names(database, county) == [("2026-11-25", "拉姆", "answered")]


def test_records_are_read_within_reach_only(
    database: Database, county: County, start: datetime
) -> None:
    """A station's coordinator sees her station; another unit looks like one that does not exist."""
    local = database.write_now(
        join,
        county,
        chat_id=950,
        name="站长",
        role="coordinator",
        unit=county.other_station,
        now=start,
    )
    database.write_now(_record, county, 0, start)
    scope = database.read_now(records.scope_for, local, None)
    assert scope.unit_name == "鲁朗镇社工站"
    assert database.read_now(lambda session: list(records.rows(session, scope, EVER))) == []
    for name in ("八一镇社工站", "林芝市", "没有这个站"):
        with pytest.raises(UnitNotFound):
            database.read_now(records.scope_for, local, name)
    with pytest.raises(NotThere):
        database.read_now(records.scope_for, county.learners[0], None)


def test_a_period_has_both_its_ends(database: Database, county: County, start: datetime) -> None:
    """The first and the last day belong to it, the days beside do not."""
    for number, day in enumerate((24, 25, 26, 27)):
        database.write_now(
            _record, county, 0, start, occasion=f"1:{number}", occurred_on=date(2026, 11, day)
        )
    assert county.coordinator is not None
    scope = database.read_now(records.scope_for, county.coordinator, None)
    span = Period(date(2026, 11, 25), date(2026, 11, 26))
    found = database.read_now(
        lambda session: [row.occurred_on.day for row in records.rows(session, scope, span)]
    )
    assert found == [25, 26]


def test_a_question_keeps_its_words_and_its_limits(
    database: Database, county: County, start: datetime
) -> None:
    """It is stored as asked, without hidden characters; empty or endless ones are refused."""
    asked = database.write_now(
        questions.add, county.learners[0], "怎么\x00开口\u202e？ ", now=start
    )
    assert asked.count == 1
    (own,) = database.read_now(questions.own, county.learners[0])
    assert (own.text, own.state) == ("怎么开口？", "new")
    with pytest.raises(QuestionEmpty):
        database.write_now(questions.add, county.learners[0], " \x00\n", now=start)
    with pytest.raises(QuestionTooLong):
        database.write_now(questions.add, county.learners[0], "问" * 1001, now=start)
    assert database.read_now(questions.own, county.learners[1]) == []
