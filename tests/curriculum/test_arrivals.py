"""送达情况: what arrived and why not, and sending again to those whom it did not reach."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from curriculum import arrivals, cohorts, people, rearranging, sending_again
from curriculum.arrivals import CohortDay, Counts
from curriculum.errors import NotThere
from curriculum.people import COORDINATOR
from curriculum.schedule import USUAL
from storage import deliveries
from storage.absences import Absence
from storage.audit import AuditEntry
from storage.cohorts import CohortMember, WorkGroup
from storage.deliveries import Delivery
from storage.engine import Database
from storage.people import Person
from tests.county import BOT, County, build, join, write_pack
from tests.curriculum.test_daily_lesson import at, lessons_of, plan, send

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
NOON = at(WEDNESDAY, 12)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Four learners who learn together, planned for Wednesday."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=4)
    plan(database, at(WEDNESDAY, 0, 1))
    return county


def name_of(county: County, day: date = WEDNESDAY) -> str:
    """What deliveries call a day of the cohort."""
    return f"{county.cohort.id}:{day.isoformat()}"


def reachable(database: Database, chat_id: int, now: datetime, **more: Any) -> None:
    """Let a chat be blocked, or open again."""
    facts = {"reachable": False, "reason": "blocked"} | more
    database.write_now(people.set_reachable, bot=BOT, chat_id=chat_id, now=now, **facts)


def close(database: Database, number: int, status: str, error: str | None = None) -> None:
    """Let the row of the numbered learner end like this."""

    def run(session: Session) -> None:
        rows = session.exec(select(Delivery).order_by(Delivery.id)).all()  # type: ignore[arg-type]
        deliveries.finish(
            session, [rows[number].id or 0], status=status, at=at(WEDNESDAY), error=error
        )

    database.write_now(run)


def standing(database: Database) -> list[tuple[str, str | None, datetime, datetime | None]]:
    """Status, error and hours of every row, in order."""
    return database.read_now(
        lambda session: [
            (row.status, row.error, row.due_at, row.not_after)
            for row in session.exec(select(Delivery).order_by(Delivery.id))  # type: ignore[arg-type]
        ]
    )


def shown(database: Database, county: County, now: datetime = NOON) -> CohortDay:
    """The cohort's Wednesday as the coordinator sees it."""
    return database.read_now(arrivals.one, county.coordinator, name_of(county), now=now)


def again(database: Database, county: County, now: datetime = NOON) -> sending_again.Again:
    """Send Wednesday again as the coordinator."""
    return database.write_now(
        sending_again.send_again, county.coordinator, name_of(county), now=now
    )


def test_a_day_is_counted_by_what_became_of_it(database: Database, county: County) -> None:
    """Sent, waiting, failed with its reason, expired: each of the four counted once."""
    close(database, 0, "sent")
    close(database, 1, "failed", "blocked")
    close(database, 2, "expired")
    line = shown(database, county)
    assert line.people == Counts(planned=4, sent=1, waiting=1, failed=1, expired=1)
    assert line.groups == Counts()
    assert line.reasons == (("blocked", 1),)
    found = database.read_now(arrivals.overview, county.coordinator, None, now=NOON)
    assert (found.day, found.lines) == (WEDNESDAY, (line,))


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        ("failed", "blocked", "blocked"),
        ("failed", "deactivated", "deactivated"),
        ("failed", "removed", "removed"),
        ("failed", "unreachable", "unreachable"),
        ("failed", "gateway", "technical"),
        ("failed", None, "technical"),
        ("skipped", "unreachable", "unreachable"),
        ("skipped", "left", "left"),
        ("skipped", "lesson_withdrawn", "withdrawn"),
        ("skipped", "held", "held"),
        ("skipped", "something new", "not_wanted"),
    ],
)
def test_every_reason_has_a_code_with_words(status: str, error: str | None, code: str) -> None:
    """What was written down when it failed becomes one of a few reasons people understand."""
    assert arrivals.reason(status, error) == code


def test_a_held_day_says_so(database: Database, county: County) -> None:
    """Its rows count as not wanted, with the reason."""
    database.write_now(
        rearranging.hold, county.coordinator, name_of(county), seen=USUAL, now=at(WEDNESDAY, 8)
    )
    line = shown(database, county)
    assert (line.outcome, line.people.skipped, line.reasons) == ("held", 4, (("held", 4),))


def test_missed_days_are_seen_as_merged_or_skipped(database: Database, county: County) -> None:
    """A day that fell into downtime is visible with what became of it."""
    plan(database, at(date(2026, 11, 30), 11))
    day = database.read_now(
        arrivals.overview, county.coordinator, THURSDAY, now=at(date(2026, 11, 30), 11)
    )
    assert [line.outcome for line in day.lines] == ["merged"]
    assert day.lines[0].people == Counts()


def test_one_looks_back_two_weeks_and_not_ahead(database: Database, county: County) -> None:
    """Today has no next day; the fourteenth back has none before it; past them nothing is there."""
    who = county.coordinator
    first = database.read_now(arrivals.overview, who, None, now=NOON)
    assert (first.previous_day, first.next_day) == (date(2026, 11, 24), None)
    last = database.read_now(arrivals.overview, who, date(2026, 11, 11), now=NOON)
    assert (last.previous_day, last.next_day) == (None, date(2026, 11, 12))
    for day in (THURSDAY, date(2026, 11, 10)):
        with pytest.raises(NotThere):
            database.read_now(arrivals.overview, who, day, now=NOON)


def test_whom_to_call_is_listed_with_phone_and_since_when(
    database: Database, county: County
) -> None:
    """People and groups that cannot be written to, the longest first; nobody else."""

    def phone(session: Session) -> None:
        person = session.get_one(Person, county.learners[1].person_id)
        person.phone = "13800000000"
        session.add(person)
        session.add(
            WorkGroup(
                cohort_id=county.cohort.id, bot=BOT, chat_id=-5, title="一期群", linked_at=NOON
            )
        )

    database.write_now(phone)
    reachable(database, 101, at(WEDNESDAY, 9))
    reachable(database, 100, at(WEDNESDAY, 10))
    reachable(database, -5, NOON, reason="removed")
    found = database.read_now(arrivals.unreachable, county.coordinator, 0)
    assert [(p.name, p.phone, p.since, p.reason) for p in found.people] == [
        ("学员2", "13800000000", at(WEDNESDAY, 9), "blocked"),
        ("学员1", None, at(WEDNESDAY, 10), "blocked"),
    ]
    assert [(g.title, g.reason) for g in found.groups] == [("一期群", "removed")]
    overview = database.read_now(arrivals.overview, county.coordinator, None, now=NOON)
    assert overview.unreachable == 3


def test_many_unreachable_people_are_paged(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Nine people are two pages, and a page past the end is the last one."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=9)
    for chat in range(9):
        reachable(database, 100 + chat, start)
    pages = [database.read_now(arrivals.unreachable, county.coordinator, n) for n in (0, 1, 7)]
    assert [(len(p.people), p.page, p.pages) for p in pages] == [(8, 0, 2), (1, 1, 2), (1, 1, 2)]


# --- again


def test_only_those_whom_it_did_not_reach_get_it_again(database: Database, county: County) -> None:
    """Sent stays sent, waiting stays waiting; failed and expired are owed once more."""
    close(database, 0, "sent")
    close(database, 1, "failed", "gateway")
    close(database, 2, "expired")
    before = database.read_now(sending_again.preview, county.coordinator, name_of(county), now=NOON)
    assert (before.people, before.groups, before.waits) == (2, 0, False)
    assert before.values is not None
    assert before.values["number"] == "1"
    assert again(database, county).people == 2
    assert [status for status, *_ in standing(database)] == ["sent", *["waiting"] * 3]
    assert len(send(database, NOON)) == 3
    assert again(database, county).number == 0
    for learner in county.learners[1:]:
        assert lessons_of(database, learner.person_id) == ["001"]


def test_the_resent_lesson_keeps_the_rhythms_late_policy(
    database: Database, county: County
) -> None:
    """It is given up like any other when it cannot go out within so many hours."""
    close(database, 0, "expired")
    again(database, county)
    assert standing(database)[0] == ("waiting", None, NOON, at(WEDNESDAY, 21, 30))


def test_whoever_is_away_blocked_or_gone_is_not_written_to(
    database: Database, county: County
) -> None:
    """Unreachable, on leave, out of the cohort: none of them is counted or owed."""
    for number in range(4):
        close(database, number, "expired")
    reachable(database, 100, NOON)

    def leave(session: Session) -> None:
        session.add(Absence(person_id=county.learners[1].person_id, since=WEDNESDAY, set_at=NOON))
        member = session.exec(
            select(CohortMember).where(CohortMember.person_id == county.learners[2].person_id)
        ).one()
        member.until = WEDNESDAY
        session.add(member)

    database.write_now(leave)
    assert again(database, county).people == 1
    assert [status for status, *_ in standing(database)] == [*["expired"] * 3, "waiting"]


def test_whoever_blocked_and_came_back_is_reached_again(database: Database, county: County) -> None:
    """Failed while she had blocked the bot; back in the afternoon she is among the missed."""
    close(database, 0, "failed", "blocked")
    reachable(database, 100, at(WEDNESDAY, 10))
    assert again(database, county).people == 0
    reachable(database, 100, NOON, reachable=True, reason=None)
    assert again(database, county).people == 1


def test_nobody_gets_a_lesson_again_that_came_on_a_later_day(
    database: Database, county: County
) -> None:
    """Wednesday reached nobody, so Thursday brought the same lesson: Wednesday is not repeated."""
    for number in range(4):
        close(database, number, "expired")
    plan(database, at(THURSDAY, 0, 1))
    send(database, at(THURSDAY))
    assert again(database, county, at(THURSDAY, 12)).number == 0
    assert lessons_of(database, county.learners[0].person_id) == ["001"]


def test_what_a_coordinator_held_is_not_sent_again(database: Database, county: County) -> None:
    """A held lesson comes on the next working day by itself."""
    database.write_now(
        rearranging.hold, county.coordinator, name_of(county), seen=USUAL, now=at(WEDNESDAY, 8)
    )
    assert again(database, county).number == 0


def test_a_group_that_missed_it_gets_it_too(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """The bot was brought back into the group: the day's lesson goes there again."""
    county = database.write_now(build, write_pack(tmp_path / "pack"), now=start, learners=1)
    database.write_now(
        lambda session: session.add(
            WorkGroup(cohort_id=county.cohort.id, bot=BOT, chat_id=-5, title="群", linked_at=start)
        )
    )
    plan(database, at(WEDNESDAY, 0, 1))
    close(database, 0, "sent")
    close(database, 1, "failed", "removed")
    assert (again(database, county).people, len(send(database, NOON))) == (0, 1)


def test_nothing_goes_out_in_quiet_hours(database: Database, county: County) -> None:
    """Asked for at night it is due when the quiet hours end, and can be taken back until then."""
    close(database, 0, "expired")
    found = again(database, county, at(WEDNESDAY, 23))
    assert (found.due_at, found.is_night, found.waits) == (at(THURSDAY, 9), True, True)
    assert found.entry_id is not None
    assert standing(database)[0][2:] == (at(THURSDAY, 9), at(THURSDAY, 19))


@pytest.mark.parametrize("pace", [cohorts.TOGETHER, cohorts.OWN])
def test_over_twenty_wait_a_minute_and_are_taken_back_as_they_were(
    database: Database, tmp_path: Path, start: datetime, pace: str
) -> None:
    """21 people: due in 60 seconds; 撤回 restores status, reason and hours; then it is over."""
    county = database.write_now(
        build, write_pack(tmp_path / "pack"), now=start, learners=22, pace=pace
    )
    plan(database, at(WEDNESDAY, 0, 1))
    close(database, 0, "sent")
    for number in range(1, 22):
        status, error = ("failed", "gateway") if number % 2 else ("expired", None)
        close(database, number, status, error)
    before = standing(database)
    found = again(database, county)
    assert (found.people, found.due_at) == (21, NOON + timedelta(seconds=60))
    assert send(database, NOON + timedelta(seconds=59)) == []
    entry = found.entry_id
    back = database.write_now(
        sending_again.take_back, county.coordinator, entry, now=NOON + timedelta(seconds=59)
    )
    assert back == 21
    assert standing(database) == before
    later = again(database, county, NOON + timedelta(minutes=5))
    assert database.write_now(sending_again.take_back, county.coordinator, entry, now=NOON) == 0
    assert len(send(database, later.due_at)) == 21
    assert (
        database.write_now(sending_again.take_back, county.coordinator, later.entry_id, now=NOON)
        == 0
    )


def test_what_has_gone_out_is_not_taken_back(database: Database, county: County) -> None:
    """Part of it went out: only the rest stands again as it stood."""
    for number in range(4):
        close(database, number, "expired")
    found = again(database, county, at(WEDNESDAY, 23))
    close(database, 0, "sent")
    back = database.write_now(
        sending_again.take_back, county.coordinator, found.entry_id, now=at(WEDNESDAY, 23)
    )
    assert back == 3
    assert [status for status, *_ in standing(database)] == ["sent", *["expired"] * 3]


def test_only_a_coordinator_of_the_unit_sees_or_sends_again(
    database: Database, county: County
) -> None:
    """A learner and a coordinator of a unit beside find nothing, nor anything to take back."""
    close(database, 0, "expired")
    entry = again(database, county, at(WEDNESDAY, 23)).entry_id
    beside = database.write_now(
        join,
        county,
        chat_id=901,
        name="别处的协调员",
        role=COORDINATOR,
        unit=county.other_station,
        now=NOON,
    )
    reachable(database, 101, NOON)
    assert database.read_now(arrivals.overview, beside, None, now=NOON).lines == ()
    assert database.read_now(arrivals.unreachable, beside, 0).people == ()
    for speaker in (beside, county.learners[0]):
        for act in (arrivals.one, sending_again.preview, sending_again.send_again):
            with pytest.raises(NotThere):
                database.write_now(act, speaker, name_of(county), now=NOON)
        with pytest.raises(NotThere):
            database.write_now(sending_again.take_back, speaker, entry, now=NOON)
    with pytest.raises(NotThere):
        database.read_now(arrivals.unreachable, county.learners[0], 0)
    with pytest.raises(NotThere):
        database.read_now(arrivals.overview, county.learners[0], None, now=NOON)


@pytest.mark.parametrize("number", [0, 1, 10**9])
def test_no_other_audit_entry_is_something_to_take_back(
    database: Database, county: County, number: int
) -> None:
    """A forged number leads to what does not exist."""
    with pytest.raises(NotThere):
        database.write_now(sending_again.take_back, county.coordinator, number, now=NOON)


def test_sending_again_and_taking_back_are_in_the_audit(database: Database, county: County) -> None:
    """With ids, codes and moments only."""
    close(database, 0, "failed", "gateway")
    found = again(database, county, at(WEDNESDAY, 23))
    database.write_now(
        sending_again.take_back, county.coordinator, found.entry_id, now=at(WEDNESDAY, 23)
    )

    def read(session: Session) -> list[AuditEntry]:
        return list(session.exec(select(AuditEntry).where(AuditEntry.object_kind == "cohort")))[1:]

    sent, taken = database.read_now(read)
    assert (sent.action, taken.action) == ("send_again", "take_back")
    assert sent.actor_id == taken.actor_id == county.coordinator.person_id  # type: ignore[union-attr]
    assert [row[1:3] for row in sent.facts["rows"]] == [["failed", "gateway"]]
    assert taken.facts == {"entry": found.entry_id, "rows": 1}


def test_a_moved_day_shows_the_hour_it_went_out_at(database: Database, county: County) -> None:
    """The line of a moved day carries its new hour."""
    database.write_now(
        rearranging.move,
        county.coordinator,
        name_of(county),
        time(15, 0),
        seen=USUAL,
        now=at(WEDNESDAY, 8),
    )
    assert shown(database, county).at == at(WEDNESDAY, 15)
