"""What has had its days is forgotten at night, what has not stays, and hours stay for good."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.config_tables import Retention as Days
from bot.retention import KINDS, PEOPLE, Retention
from curriculum.personal_data import REMOVED
from storage.engine import Database
from tests.bot.test_personal_data import lies
from tests.county import BOT, County, build, write_pack
from tests.scheduler.test_postman import HandDrivenClock

NOW = datetime(2033, 11, 24, 2, 0, tzinfo=UTC)
DAYS = Days()
ZONE = "Asia/Shanghai"


def test_every_setting_is_of_a_kind_that_is_forgotten() -> None:
    """No key of [retention] without its work, and no work without its key."""
    assert {kind for kind, _ in KINDS} | {PEOPLE} == set(Days.model_fields)


def _retention(database: Database, clock: HandDrivenClock) -> Retention:
    return Retention(database, clock, bot=BOT, zone=ZONE, days=DAYS)


def _rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    return database.read_now(
        lambda session: [tuple(row) for row in session.connection().execute(text(statement))]
    )


def _of_age(session: Session, county: County, kind: str, at: datetime, number: int) -> None:
    """One of each kind, of that moment; `number` tells the old from the young."""
    me, unit, cohort = county.learners[0].person_id, county.station.id or 0, county.cohort.id or 0
    asked = {"bot": BOT, "asker_id": me, "unit_id": unit, "urgency": "can_wait", "asked_at": at}
    if kind == "declined_questions":
        lies(session, "question", **asked, text="问", reason="因为", state="declined")
    elif kind == "question_voices":
        voice = lies(session, "media", sha256=f"s{number}", content=b"voice")
        lies(session, "question", **asked, text="问", state="answered", media_id=voice)
    elif kind == "used_sentences":
        week = date(2026, 11, number)
        lies(
            session,
            "used_lesson",
            person_id=me,
            cohort_id=cohort,
            week=week,
            said_at=at,
            text="用了",
            is_shared=True,
        )
    elif kind == "apology_reasons":
        held = lies(session, "gathering", bot=BOT, cohort_id=cohort, kind=f"k{number}")
        lies(
            session,
            "attendance",
            gathering_id=held,
            person_id=me,
            state="apology",
            reason="field_visit",
            marked_at=at,
        )
    elif kind == "absences":
        lies(session, "absence", person_id=me, until=at.date())
    elif kind == "ended_accounts":
        lies(session, "chat_account", person_id=me, bot=BOT, chat_id=number, ended_at=at)
    elif kind == "topic_changes":
        topic = lies(
            session,
            "topic",
            bot=BOT,
            cohort_id=cohort,
            month=date(2026, number, 1),
            state="answered",
        )
        before = {"themes": {}, "places": {"1": 1}, "texts": {"1.why": "旧的话"}}
        lies(session, "topic_edit", topic_id=topic, actor_id=me, at=at, before=before)
    elif kind == "story_drafts":
        lies(session, "story", bot=BOT, author_id=me, state="draft", updated_at=at, sealed=b"x")
    elif kind == "danger_alerts":
        lies(session, "danger_alert", bot=BOT, unit_id=unit, person_id=me, raised_at=at)
    elif kind == "deputies":
        lies(session, "deputy", bot=BOT, person_id=me, state="alone", until=at.date())
    elif kind == "supervision_notes":
        people = {"supervisor_id": county.learners[1].person_id, "worker_id": me, "changed_by": me}
        pair = lies(session, "supervision_pair", bot=BOT, **people, ended_at=at, until=None)
        lies(session, "supervision_note", bot=BOT, pair_id=pair, author_id=me, kind="shared")


LEFT = {
    "declined_questions": ("SELECT text, reason FROM question", [(REMOVED, None), ("问", "因为")]),
    "question_voices": ("SELECT text, media_id IS NULL FROM question", [("问", 1), ("问", 0)]),
    "used_sentences": ("SELECT text, is_shared FROM used_lesson", [("", 0), ("用了", 1)]),
    "apology_reasons": (
        "SELECT state, reason FROM attendance",
        [("apology", ""), ("apology", "field_visit")],
    ),
    "absences": ("SELECT count(*) FROM absence", [(1,)]),
    "ended_accounts": ("SELECT chat_id FROM chat_account WHERE ended_at IS NOT NULL", [(2,)]),
    "topic_changes": (
        "SELECT CAST(before AS TEXT) LIKE '%1.why%' FROM topic_edit",
        [(0,), (1,)],
    ),
    "story_drafts": (
        "SELECT state, sealed IS NULL FROM story",
        [("declined", 1), ("draft", 0)],
    ),
    "danger_alerts": ("SELECT count(*) FROM danger_alert", [(1,)]),
    "deputies": ("SELECT count(*) FROM deputy", [(1,)]),
    "supervision_notes": ("SELECT count(*) FROM supervision_note", [(1,)]),
}


@pytest.mark.asyncio
async def test_each_kind_goes_after_its_days_and_not_before(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Of two of every kind the one a day too old goes, the one a day younger stays; it is noted."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=2)
    for kind, _ in KINDS:
        ends = NOW - timedelta(days=getattr(DAYS, kind))
        for number, at in ((1, ends - timedelta(days=2)), (2, ends + timedelta(days=2))):
            database.write_now(_of_age, county, kind, at, number)
        gone = await _retention(database, HandDrivenClock(NOW)).work()
        assert gone == {kind: 1}
        statement, left = LEFT[kind]
        table = statement.split(" FROM ")[1].split()[0]
        ordered = statement if "count(*)" in statement else f"{statement} ORDER BY id"
        assert [
            tuple(int(v) if isinstance(v, bool) else v for v in row)
            for row in _rows(database, ordered)
        ] == left, kind
        # The next kind of the same table begins with an empty one.
        database.write_now(lambda session, t=table: _empty(session, t))
        assert await _retention(database, HandDrivenClock(NOW)).work() == {}
    noted = _rows(
        database, "SELECT object_kind FROM audit_entry WHERE action = 'end_retention' ORDER BY id"
    )
    assert [row[0] for row in noted] == [kind for kind, _ in KINDS]


def _empty(session: Session, table: str) -> None:
    where = " WHERE ended_at IS NOT NULL" if table == "chat_account" else ""
    session.connection().execute(text(f"DELETE FROM {table}{where}"))  # noqa: S608  our own names


@pytest.mark.asyncio
async def test_who_left_long_ago_is_known_by_a_number_alone(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Six years after leaving the name goes and the hours stay; who is still here is left alone."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start, learners=2)
    gone, later = (learner.person_id for learner in county.learners)

    def leave(session: Session) -> None:
        lies(
            session,
            "learning_record",
            person_id=gone,
            minutes=5,
            study="daily_lesson",
            occasion="o",
            person_name="学员1",
        )
        for who, until in ((gone, "2027-01-01"), (later, "2030-01-01")):
            for statement in (
                "UPDATE person SET status = 'left' WHERE id = :who",
                "UPDATE membership SET until = :until WHERE person_id = :who",
            ):
                values = {"who": who} | ({"until": until} if ":until" in statement else {})
                session.connection().execute(text(statement), values)

    database.write_now(leave)
    assert await _retention(database, HandDrivenClock(NOW)).work() == {PEOPLE: 1}
    assert _rows(database, "SELECT status FROM person ORDER BY id")[:2] == [
        ("forgotten",),
        ("left",),
    ]
    assert _rows(database, "SELECT person_name, minutes FROM learning_record") == [(None, 5)]
    (entry,) = _rows(
        database, "SELECT actor_id, object_id FROM audit_entry WHERE action = 'forget'"
    )
    assert entry == (None, gone)


@pytest.mark.asyncio
async def test_it_works_once_a_night_from_three_on(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """A tick a minute begins nothing by day that was done at night."""
    county = sqlite_database.write_now(
        build, write_pack(tmp_path / "pack", 1), now=start, learners=1
    )
    clock = HandDrivenClock(datetime(2033, 11, 23, 18, 59, tzinfo=UTC))
    retention = _retention(sqlite_database, clock)
    old = clock.now() - timedelta(days=DAYS.danger_alerts + 2)

    async def alerts_after(moment: datetime) -> int:
        clock.business = moment
        sqlite_database.write_now(_of_age, county, "danger_alerts", old, 1)
        await retention.run()
        await retention.idle()
        count: int = _rows(sqlite_database, "SELECT count(*) FROM danger_alert")[0][0]
        return count

    assert await alerts_after(clock.business) == 1
    assert await alerts_after(clock.business + timedelta(minutes=1)) == 0
    assert await alerts_after(clock.business + timedelta(hours=9)) == 1
    assert await alerts_after(clock.business + timedelta(hours=15)) == 0
