"""工作群: linking a group to a cohort, moving it, ending it, and who may."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from curriculum import cohorts, people, rearranging, work_groups
from curriculum.cohorts import BeatDefaults
from curriculum.errors import NotThere
from curriculum.group_errors import GroupElsewhere, LinkChanged
from curriculum.people import COORDINATOR, Speaker
from curriculum.schedule import USUAL
from storage.audit import AuditEntry
from storage.cohorts import WorkGroup
from storage.deliveries import Delivery
from storage.engine import Database, open_session
from tests.county import BOT, HOURS, County, build, join, write_pack
from tests.curriculum.test_daily_lesson import at, plan, send
from tests.kept import kept

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
CHAT = -5


@dataclass
class Groups:
    """A county with a second cohort at the station beside, which has its own coordinator."""

    county: County
    top: Speaker
    beside: Speaker
    first: int
    second: int


def _prepare(session: Session, folder: Path, now: datetime) -> Groups:
    county = build(session, write_pack(folder), now=now, learners=1)
    beside = join(
        session,
        county,
        chat_id=901,
        name="鲁朗的协调员",
        role=COORDINATOR,
        unit=county.other_station,
        now=now,
    )
    second = cohorts.create(
        session,
        unit=county.other_station,
        bot=BOT,
        name="鲁朗班",
        pace=cohorts.TOGETHER,
        pack_id=county.pack_id,
        hours=HOURS,
        beats=(BeatDefaults("daily_lesson", True, time(10, 0), "merge", 10),),
        start_on=WEDNESDAY,
        now=now,
    )
    assert county.coordinator is not None
    return Groups(county, county.coordinator, beside, county.cohort.id or 0, second.id or 0)


@pytest.fixture
def groups(database: Database, tmp_path: Path, start: datetime) -> Groups:
    """Two cohorts, two coordinators, no group linked."""

    def store(session: Session) -> Groups:
        return kept(session, ("groups", start), lambda: _prepare(session, tmp_path / "pack", start))

    return database.write_now(store)


def link(
    database: Database, who: Speaker, cohort_id: int, now: datetime, *, seen: int = 0
) -> tuple[str, bool]:
    """Link the group as a coordinator."""
    return database.write_now(
        work_groups.link,
        who,
        chat_id=CHAT,
        title="站里的群",
        cohort_id=cohort_id,
        seen=seen,
        now=now,
    )


def linked(database: Database, who: Speaker) -> list[tuple[str, str]]:
    """Title and cohort of every group a coordinator sees."""
    found = database.read_now(work_groups.linked, who)
    return [(group.title, group.cohort_name) for group in found]


def owed_to_groups(database: Database) -> list[tuple[int | None, str]]:
    """Cohort and status of what is owed to groups."""

    def read(session: Session) -> list[tuple[int | None, str]]:
        rows = session.exec(select(Delivery).where(Delivery.recipient < 0).order_by(Delivery.id))  # type: ignore[arg-type]
        return [(row.cohort_id, row.status) for row in rows]

    return database.read_now(read)


def test_a_linked_group_gets_the_lessons_of_its_cohort(
    database: Database, groups: Groups, start: datetime
) -> None:
    """From the next day planned on, the group is owed the lesson of its cohort alone."""
    assert link(database, groups.top, groups.first, start) == ("一期", True)
    plan(database, at(WEDNESDAY, 0, 1))
    assert owed_to_groups(database) == [(groups.first, "waiting")]
    assert linked(database, groups.top) == [("站里的群", "一期")]


@pytest.mark.parametrize(("hour", "gets"), [(9, 1), (11, 0)])
def test_linked_in_the_morning_it_gets_the_days_lesson_if_still_ahead(
    database: Database, groups: Groups, hour: int, gets: int
) -> None:
    """Before ten the day's lesson goes there too; afterwards the next one is the first."""
    plan(database, at(WEDNESDAY, 0, 1))
    send(database, at(WEDNESDAY, hour))
    link(database, groups.top, groups.first, at(WEDNESDAY, hour))
    assert len(owed_to_groups(database)) == gets


def test_linking_on_a_held_day_owes_nothing(database: Database, groups: Groups) -> None:
    """The day is held for everybody."""
    plan(database, at(WEDNESDAY, 0, 1))
    database.write_now(
        rearranging.hold,
        groups.top,
        f"{groups.first}:{WEDNESDAY}",
        seen=USUAL,
        now=at(WEDNESDAY, 8),
    )
    link(database, groups.top, groups.first, at(WEDNESDAY, 9))
    assert owed_to_groups(database) == []


def test_a_group_belongs_to_one_cohort_and_moves_only_when_asked(
    database: Database, groups: Groups, start: datetime
) -> None:
    """Proposing says where it comes from; moving ends the old link, and what waited there."""
    link(database, groups.top, groups.first, start)
    plan(database, at(WEDNESDAY, 0, 1))
    proposal = database.read_now(work_groups.propose, groups.top, CHAT, groups.second)
    assert (proposal.moved_from, proposal.seen) == ("一期", groups.first)
    now = at(WEDNESDAY, 9)
    assert link(database, groups.top, groups.second, now, seen=groups.first) == ("鲁朗班", True)
    assert linked(database, groups.top) == [("站里的群", "鲁朗班")]
    send(database, at(WEDNESDAY))
    assert owed_to_groups(database) == [(groups.first, "skipped"), (groups.second, "sent")]


def test_a_second_tap_changes_nothing(database: Database, groups: Groups, start: datetime) -> None:
    """Linked there already: the same answer, no second row, no second word in the group."""
    link(database, groups.top, groups.first, start)
    assert link(database, groups.top, groups.first, start) == ("一期", False)
    count = database.read_now(lambda session: len(session.exec(select(WorkGroup)).all()))
    assert count == 1


def test_whoever_looked_before_another_changed_it_is_told(
    database: Database, groups: Groups, start: datetime
) -> None:
    """Seen as free, linked meanwhile: it is not silently taken away."""
    link(database, groups.top, groups.first, start)
    with pytest.raises(LinkChanged):
        link(database, groups.top, groups.second, start, seen=0)
    assert linked(database, groups.top) == [("站里的群", "一期")]


@pytest.mark.parametrize("was_linked", [True, False])
def test_two_at_the_same_moment_do_not_both_link(
    postgresql_database: Database, tmp_path: Path, start: datetime, was_linked: bool
) -> None:
    """The second waits for the first to commit and then hears that it has changed."""
    database = postgresql_database
    groups = database.write_now(_prepare, tmp_path / "pack", start)
    seen = 0
    if was_linked:
        link(database, groups.top, groups.first, start)
        seen, other = groups.first, groups.second
    else:
        other = groups.first
    third = groups.second if not was_linked else _third_cohort(database, groups, start)
    facts: dict[str, Any] = {"chat_id": CHAT, "title": "群", "seen": seen, "now": start}
    with ThreadPoolExecutor(1) as pool:
        with open_session(database.engine) as session:
            work_groups.link(session, groups.top, cohort_id=other, **facts)
            second = pool.submit(
                database.write_now, work_groups.link, groups.top, cohort_id=third, **facts
            )
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            session.commit()
        with pytest.raises(LinkChanged):
            second.result(timeout=5)
    assert len(linked(database, groups.top)) == 1


def _third_cohort(database: Database, groups: Groups, now: datetime) -> int:
    def run(session: Session) -> int:
        county = groups.county
        cohort = cohorts.create(
            session,
            unit=county.top,
            bot=BOT,
            name="三期",
            pace=cohorts.TOGETHER,
            pack_id=county.pack_id,
            hours=HOURS,
            beats=(),
            start_on=WEDNESDAY,
            now=now,
        )
        return cohort.id or 0

    return database.write_now(run)


def test_a_coordinator_links_only_to_cohorts_under_her_unit(
    database: Database, groups: Groups, start: datetime
) -> None:
    """The one beside sees her own cohort, and cannot take a group from the cohort above."""
    found = database.read_now(work_groups.choices, groups.beside, CHAT)
    assert found.cohorts == ((groups.second, "鲁朗班"),)
    with pytest.raises(NotThere):
        link(database, groups.beside, groups.first, start)
    link(database, groups.top, groups.first, start)
    for act, more in (
        (work_groups.choices, {}),
        (work_groups.propose, {"cohort_id": groups.second}),
    ):
        with pytest.raises(GroupElsewhere):
            database.read_now(act, groups.beside, chat_id=CHAT, **more)  # type: ignore[operator]
    with pytest.raises(GroupElsewhere):
        link(database, groups.beside, groups.second, start, seen=groups.first)
    assert linked(database, groups.beside) == []


def test_nobody_else_links_or_unlinks(database: Database, groups: Groups, start: datetime) -> None:
    """A learner finds nothing; the coordinator beside cannot end what is not hers."""
    link(database, groups.top, groups.first, start)
    group_id = database.read_now(work_groups.linked, groups.top)[0].group_id
    learner = groups.county.learners[0]
    with pytest.raises(NotThere):
        link(database, learner, groups.first, start)
    with pytest.raises(NotThere):
        database.read_now(work_groups.linked, learner)
    with pytest.raises(NotThere):
        database.read_now(work_groups.choices, learner, CHAT)
    for who in (learner, groups.beside):
        with pytest.raises(NotThere):
            database.write_now(work_groups.unlink, who, group_id, now=start)
        with pytest.raises(NotThere):
            database.read_now(work_groups.one, who, group_id)
    assert len(linked(database, groups.top)) == 1


@pytest.mark.parametrize("number", [0, 99, 2**63, 10**18])
def test_a_made_up_number_is_not_there(
    database: Database, groups: Groups, start: datetime, number: int
) -> None:
    """Cohorts and groups that do not exist look like those she may not see."""
    with pytest.raises(NotThere):
        link(database, groups.top, number, start)
    with pytest.raises(NotThere):
        database.write_now(work_groups.unlink, groups.top, number, now=start)


def test_an_ended_link_gets_nothing_more_and_can_be_made_again(
    database: Database, groups: Groups, start: datetime
) -> None:
    """断开: what waits is dropped when due; linking again begins a new link."""
    link(database, groups.top, groups.first, start)
    plan(database, at(WEDNESDAY, 0, 1))
    group_id = database.read_now(work_groups.linked, groups.top)[0].group_id
    database.write_now(work_groups.unlink, groups.top, group_id, now=at(WEDNESDAY, 9))
    send(database, at(WEDNESDAY))
    assert owed_to_groups(database) == [(groups.first, "skipped")]
    with pytest.raises(NotThere):
        database.write_now(work_groups.unlink, groups.top, group_id, now=at(WEDNESDAY, 9))
    link(database, groups.top, groups.first, at(WEDNESDAY, 11))
    plan(database, at(THURSDAY, 0, 1))
    assert [status for _, status in owed_to_groups(database)] == ["skipped", "waiting"]


def test_a_group_the_bot_was_removed_from_is_shown_so(
    database: Database, groups: Groups, start: datetime
) -> None:
    """Unreachable since when and why; brought back it is as before."""
    link(database, groups.top, groups.first, start)
    where: dict[str, Any] = {"bot": BOT, "chat_id": CHAT, "now": start}
    database.write_now(people.set_reachable, reachable=False, reason="removed", **where)
    (group,) = database.read_now(work_groups.linked, groups.top)
    assert (group.is_reachable, group.since, group.reason) == (False, start, "removed")
    database.write_now(people.set_reachable, reachable=True, reason=None, **where)
    (group,) = database.read_now(work_groups.linked, groups.top)
    assert group.is_reachable


def test_every_change_is_in_the_audit(database: Database, groups: Groups, start: datetime) -> None:
    """Who linked, moved and ended which group, with ids only."""
    link(database, groups.top, groups.first, start)
    link(database, groups.top, groups.second, start, seen=groups.first)
    group_id = database.read_now(work_groups.linked, groups.top)[0].group_id
    database.write_now(work_groups.unlink, groups.top, group_id, now=start)
    rows = database.read_now(
        lambda session: list(
            session.exec(select(AuditEntry).where(AuditEntry.object_kind == "work_group"))
        )
    )
    assert [(row.action, row.actor_id, row.facts) for row in rows] == [
        ("link_group", groups.top.person_id, {"cohort": groups.first, "was": 0}),
        ("link_group", groups.top.person_id, {"cohort": groups.second, "was": groups.first}),
        ("unlink_group", groups.top.person_id, {"cohort": groups.second, "was": 0}),
    ]
