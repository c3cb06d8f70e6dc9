"""Exchange visits: another coordinator's yes, answers, changes told once, late ones confirmed."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlmodel import Session

from curriculum import (
    exchange_visit,
    leaving,
    people,
    todo,
    training_words,
    visit_answers,
    visit_changes,
    visit_data,
    visit_list,
    visit_owing,
    visit_pages,
    visit_papers,
    visit_people,
    visit_plans,
    visit_todo,
    visit_words,
)
from curriculum.errors import ChangedMeanwhile, NothingToUndo, NotThere
from curriculum.event_papers import TooManyPapers
from curriculum.facts import Facts, Verdict
from curriculum.people import COORDINATOR
from curriculum.rhythm import moment_at
from curriculum.visit_errors import (
    VisitBegun,
    VisitDates,
    VisitHeard,
    VisitNeedsOther,
    VisitNobody,
    VisitNotClear,
    VisitOfficialUnclear,
    VisitStopOutside,
    VisitStopsLater,
    VisitStopUnclear,
    VisitUndoTooLate,
)
from storage.deputies import Deputy
from storage.engine import Database
from storage.people import add_unit
from tests.county import join
from tests.curriculum import events
from tests.curriculum.events import county_of, mark_sent
from tests.curriculum.visits import FIRST_DAY, approved, colleague, coordinator, draft

MINUTE = timedelta(minutes=1)
ZONE = "Asia/Shanghai"
# Ten in the morning of the first day, when the first place is reached.
BEGINS = moment_at(FIRST_DAY, time(10), ZONE)


def owed(database: Database, kind: str) -> list[tuple[int, str, str]]:
    """(person, occasion, urgency) of every delivery of a kind."""

    def rows(session: Session) -> list[Any]:
        statement = (
            "SELECT person_id, occasion, urgency FROM delivery WHERE kind = :kind ORDER BY id"
        )
        return [tuple(r) for r in session.connection().execute(text(statement), {"kind": kind})]

    return database.read_now(rows)


def verdicts(database: Database, kind: str, *, now: datetime) -> dict[int, Verdict]:
    """What each waiting delivery of a kind would say now, by person."""
    notices = (exchange_visit, *exchange_visit.NOTICES)
    return events.verdicts(database, notices, kind, now=now)


def wanted(database: Database, kind: str, *, now: datetime) -> dict[int, Facts]:
    """Those of `verdicts` that are still to be said."""
    found = verdicts(database, kind, now=now)
    return {person: one for person, one in found.items() if isinstance(one, Facts)}


def test_only_another_coordinator_says_yes(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A draft is seen by coordinators alone; its maker cannot approve it while another is there."""
    county = county_of(database, tmp_path, start)
    chief, learner = coordinator(county), county.learners[0]
    other = database.write_now(colleague, county, now=start)
    made = database.write_now(draft, county, now=start)
    visit_id = made.visit_id
    with pytest.raises(NotThere):
        database.read_now(visit_pages.read, learner, visit_id, now=start)
    with pytest.raises(NotThere):
        database.write_now(visit_plans.propose, learner, visit_id, seen=1, now=start)
    put = database.write_now(visit_plans.propose, chief, visit_id, seen=made.version, now=start)
    assert (put.state, put.can_approve, put.people) == ("proposed", False, 5)
    with pytest.raises(VisitNeedsOther):
        database.write_now(visit_plans.approve, chief, visit_id, seen=put.version, now=start)
    # Only the other is asked, and not told again after the maker has taken it back.
    (item,) = database.read_now(visit_todo.items, other, now=start)
    assert (item.kind, item.verb, item.name) == ("approve_visit", "visit_manage", made.title)
    assert database.read_now(visit_todo.items, chief, now=start) == []
    back = database.write_now(visit_plans.withdraw, chief, visit_id, now=start)
    put = database.write_now(visit_plans.propose, chief, visit_id, seen=back.version, now=start)
    # Three learners have a chat, two officials are called.
    seen = database.read_now(visit_plans.preview, other, visit_id, now=start)
    assert (seen.told, seen.untold) == (3, 2)
    out = database.write_now(visit_plans.approve, other, visit_id, seen=put.version, now=start)
    assert (out.state, out.number, out.can_take_back) == ("approved", 1, True)
    assert len(wanted(database, "exchange_visit", now=start)) == 3
    assert set(wanted(database, "visit_verdict", now=start)) == {chief.person_id}
    database.write_now(visit_plans.take_back, other, visit_id, now=start + MINUTE / 2)
    assert wanted(database, "exchange_visit", now=start + MINUTE) == {}
    assert wanted(database, "visit_verdict", now=start + MINUTE) == {}
    with pytest.raises(NotThere):
        database.read_now(visit_pages.read, learner, visit_id, now=start)
    again = database.read_now(visit_pages.read, other, visit_id, now=start)
    database.write_now(visit_plans.approve, other, visit_id, seen=again.version, now=start)
    with pytest.raises(ChangedMeanwhile):
        database.write_now(visit_plans.approve, other, visit_id, seen=again.version, now=start)
    with pytest.raises(VisitHeard):
        database.write_now(visit_plans.take_back, other, visit_id, now=start + 3 * MINUTE)


def test_a_no_gives_its_reason_and_can_be_undone(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """It is a draft again, whoever proposed it hears why; undone, it waits as before."""
    county = county_of(database, tmp_path, start)
    chief = coordinator(county)
    other = database.write_now(colleague, county, now=start)
    made = database.write_now(draft, county, now=start)
    visit_id = made.visit_id
    put = database.write_now(visit_plans.propose, chief, visit_id, seen=made.version, now=start)

    def refused(seen: int) -> Any:
        return database.write_now(
            visit_plans.refuse, other, visit_id, reason="和年终检查撞了", seen=seen, now=start
        )

    with pytest.raises(VisitNotClear):
        database.write_now(
            visit_plans.refuse, other, visit_id, reason=" ", seen=put.version, now=start
        )
    found = refused(put.version)
    assert (found.state, found.reason, found.can_undo) == ("draft", "和年终检查撞了", True)
    said = wanted(database, "visit_verdict", now=start)[chief.person_id]
    assert (said.values["what"], said.values["visit"].reason) == ("refused", "和年终检查撞了")
    mark_sent(database, "visit_verdict")
    back = database.write_now(visit_changes.undo, other, visit_id, now=start + MINUTE)
    assert (back.state, back.reason) == ("proposed", "")
    said = wanted(database, "visit_verdict", now=start)[chief.person_id]
    assert said.values["what"] == "reopened"
    refused(back.version)
    with pytest.raises(VisitUndoTooLate):
        database.write_now(visit_changes.undo, other, visit_id, now=start + 11 * MINUTE)


def test_what_is_not_answered_goes_up_the_tree_and_alone_one_decides_herself(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Two working days at each level; whoever is the only coordinator there is approves her own."""
    county = county_of(database, tmp_path, start, learners=1)
    chief = coordinator(county)
    made = database.write_now(draft, county, now=start)
    put = database.write_now(
        visit_plans.propose, chief, made.visit_id, seen=made.version, now=start
    )
    assert put.can_approve
    (item,) = database.read_now(visit_todo.items, chief, now=start)
    assert item.kind == "approve_visit"

    def above(session: Session) -> Any:
        top = add_unit(session, name_zh="西藏", level="province", parent=None)
        child = add_unit(session, name_zh="那曲市", level="prefecture", parent=top)
        made_of = [
            join(
                session, county, chat_id=910 + n, name=name, role=COORDINATOR, unit=unit, now=start
            )
            for n, (name, unit) in enumerate(
                (("那曲甲", child), ("那曲乙", child), ("自治区", top))
            )
        ]
        return child, made_of

    child, (maker, near, far) = database.write_now(above)
    made = database.write_now(
        lambda session: visit_plans.create(
            session,
            maker,
            visit_plans.Plan(child.id, "甲", "乙", "丙", FIRST_DAY, FIRST_DAY, (), ("身份证",)),
            reminders={"days": [7, 1], "hour": "08:00", "late": "merge", "skip_after_hours": 10},
            now=start,
        )
    )
    with pytest.raises(VisitNobody):
        database.write_now(visit_plans.propose, maker, made.visit_id, seen=made.version, now=start)
    officials = visit_words.officials("索朗 副局长 那曲市民政局")
    database.write_now(visit_people.add_officials, maker, made.visit_id, officials, now=start)
    database.write_now(visit_plans.propose, maker, made.visit_id, seen=made.version, now=start)

    def asked(person: Any, days: int) -> bool:
        at = start + timedelta(days=days)
        return bool(database.read_now(visit_todo.items, person, now=at))

    assert (asked(maker, 0), asked(near, 0), asked(far, 0)) == (False, True, False)
    assert (asked(far, 7), asked(near, 7)) == (True, True)


def test_a_deputy_decides_but_never_on_her_own_proposal(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Who stands in for an absent coordinator is asked, marked as such, unless she proposed it."""
    county = county_of(database, tmp_path, start, learners=1)
    chief, learner = coordinator(county), county.learners[0]
    other = database.write_now(colleague, county, now=start)
    made = database.write_now(draft, county, now=start)
    put = database.write_now(
        visit_plans.propose, chief, made.visit_id, seen=made.version, now=start
    )

    def away(session: Session, deputy: Any) -> None:
        on = start.date()
        session.execute(delete(Deputy))
        session.add(
            Deputy(
                bot=chief.bot,
                person_id=other.person_id,
                deputy_id=deputy.person_id,
                away_since=on,
                since=on,
                until=on + timedelta(days=5),
                state="agreed",
                set_at=start,
                changed_at=start,
            )
        )

    def herself(session: Session, one: Any) -> Any:
        found = people.who(session, bot=one.bot, chat_id=one.chat_id, now=start)
        assert found is not None
        items = todo.all_of(session, found, now=start)
        view = visit_pages.read(session, found, made.visit_id, now=start)
        return [(item.kind, item.instead_of) for item in items], view.can_approve

    # The one who proposed it sits in the only other seat herself: nobody else is there.
    database.write_now(away, chief)
    assert database.read_now(herself, chief)[1]
    database.write_now(away, learner)
    assert not database.read_now(herself, chief)[1]
    assert database.read_now(herself, learner) == ([("approve_visit", other.name)], True)

    def decide(session: Session) -> Any:
        deputy = people.who(session, bot=learner.bot, chat_id=learner.chat_id, now=start)
        assert deputy is not None
        return visit_plans.approve(session, deputy, made.visit_id, seen=put.version, now=start)

    assert database.write_now(decide).state == "approved"

    def marked(session: Session) -> Any:
        rows = session.connection().execute(
            text("SELECT facts FROM audit_entry WHERE action = 'approve_visit'")
        )
        return str(rows.scalar_one())

    assert str(other.person_id) in database.read_now(marked)


def test_answers_of_everybody_with_or_without_a_chat(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """我去, 去不了 with a reason; of officials it is written down for them; who left is gone."""
    county = county_of(database, tmp_path, start)
    chief, (first, second, third) = coordinator(county), county.learners
    other = database.write_now(colleague, county, now=start)
    visit_id = database.write_now(approved, county, other, now=start).visit_id

    def say(who: Any, state: str, reason: str = "", now: datetime = start) -> Any:
        return database.write_now(
            visit_answers.answer, who, visit_id, state, reason=reason, now=now
        )

    assert say(first, "coming").mine == "coming"
    assert say(second, "not_coming", "on_leave").my_reason == "on_leave"
    for state, reason in (("withdrawn", ""), ("not_coming", "weather")):
        with pytest.raises(NotThere):
            say(third, state, reason)
    page = database.read_now(visit_answers.listed, chief, visit_id, "all", now=start)
    assert page.counts == {
        "all": 5,
        "invited": 3,
        "coming": 1,
        "not_coming": 1,
        "unconfirmed": 0,
    }
    official = next(one for one in page.lines if one.name == "索朗")
    assert (official.post, official.phone, official.person_id) == ("副局长", "13900001111", None)
    with pytest.raises(NotThere):
        database.write_now(
            visit_answers.answer_for, first, visit_id, official.line_id, "coming", now=start
        )
    database.write_now(
        visit_answers.answer_for, chief, visit_id, official.line_id, "coming", now=start
    )
    # A week before, whoever has not answered is called.
    near = BEGINS - timedelta(days=5)
    (item,) = database.read_now(visit_todo.items, chief, now=near)
    assert (item.kind, item.count) == ("hear_visit", 2)
    # Somebody added is told alone; taken off again within the minute, she hears nothing of it.
    mark_sent(database, "exchange_visit")
    line = next(one for one in page.lines if one.person_id == third.person_id)
    database.write_now(visit_people.take_off, chief, visit_id, line.line_id, now=start)
    assert wanted(database, "visit_place", now=start)[third.person_id].values["what"] == "taken_off"
    with pytest.raises(NotThere):
        database.read_now(visit_pages.read, third, visit_id, now=start)
    added = database.write_now(
        visit_people.add, chief, visit_id, [third.person_id, first.person_id], now=start
    )
    assert added == 1
    found = verdicts(database, "visit_place", now=start)[third.person_id]
    assert isinstance(found, Facts)
    assert found.values["what"] == "added"
    # Undone unheard, she stands as before and hears nothing; a whole addition is taken back.
    at = start + MINUTE
    database.write_now(visit_people.take_off, chief, visit_id, official.line_id, now=at)
    for who, state, when, refusal in (
        (first, "coming", at, NotThere),
        (chief, "walk_in", at, NotThere),
        (chief, "coming", at + 10 * MINUTE, VisitUndoTooLate),
    ):
        with pytest.raises(refusal):
            database.write_now(
                visit_people.put_back, who, visit_id, official.line_id, state, now=when
            )
    database.write_now(visit_people.put_back, chief, visit_id, official.line_id, "coming", now=at)
    back = database.read_now(visit_answers.card, chief, visit_id, official.line_id, now=at)
    assert (back.line.state, back.line.name) == ("coming", "索朗")
    with pytest.raises(VisitHeard):
        database.write_now(visit_people.take_back_added, chief, visit_id, start, now=start + MINUTE)
    gone = database.write_now(
        visit_people.take_back_added, chief, visit_id, start, now=start + MINUTE / 2
    )
    # Of those added at that moment, only who has not been answered for.
    assert gone == 2
    assert third.person_id not in wanted(database, "visit_place", now=at)
    database.write_now(
        visit_people.add_officials, chief, visit_id, visit_words.officials("白玛"), now=at
    )
    database.write_now(visit_people.add, chief, visit_id, [third.person_id], now=at)
    database.write_now(leaving.deactivate, chief, second.person_id, now=start)
    view = database.read_now(visit_pages.read, chief, visit_id, now=start)
    assert (view.coming, view.not_coming, view.unanswered) == (2, 0, 2)
    with pytest.raises(VisitBegun):
        say(first, "not_coming", "unsaid", BEGINS)


def test_whom_pasted_names_mean(database: Database, tmp_path: Path, start: datetime) -> None:
    """Names, a unit, a cohort: all its learners; what nobody bears is said, not guessed."""
    county = county_of(database, tmp_path, start)
    chief = coordinator(county)
    visit_id = database.write_now(draft, county, now=start).visit_id

    def match(written: str) -> Any:
        return database.read_now(visit_people.match, chief, visit_id, written, now=start)

    ids = {one.person_id for one in county.learners}
    assert set(match("八一镇社工站").sure) == set(match("一期").sure) == ids
    found = match("1. 学员1\n2. 学员2 请假\n3. 旺堆\n鲁朗镇社工站")
    assert found.sure == (county.learners[0].person_id,)
    assert found.away == ("学员2",)
    assert [one.written for one in found.unsure] + list(found.unknown) == ["旺堆"]
    assert database.read_now(visit_people.find, chief, visit_id, "学员2", now=start).count == 1
    with pytest.raises(NotThere):
        database.read_now(visit_people.match, county.learners[0], visit_id, "学员1", now=start)


def test_a_change_is_told_once_and_undone_in_one_word(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Two changes before anybody heard are one word; what is back where it was is none."""
    county = county_of(database, tmp_path, start)
    chief, first = coordinator(county), county.learners[0]
    other = database.write_now(colleague, county, now=start)
    out = database.write_now(approved, county, other, now=start)
    visit_id = out.visit_id

    def change(field: str, value: str, seen: int, now: datetime = start) -> Any:
        return database.write_now(
            visit_changes.change, chief, visit_id, field, value, seen=seen, now=now
        )

    said = database.read_now(
        visit_changes.propose, chief, visit_id, "first_day", "12月22日", now=start
    )
    assert (said.value, said.told, said.is_urgent) == ("2026-12-22", 3, False)
    moved = change("first_day", said.value, out.version)
    assert (moved.starts_on, moved.ends_on, moved.moves) == (
        date(2026, 12, 22),
        date(2026, 12, 23),
        1,
    )
    assert [one.day for one in moved.stops] == [date(2026, 12, 22), date(2026, 12, 23)]
    renamed = change("title", "赴山南交流", moved.version)
    told = wanted(database, "visit_changed", now=start)
    assert len(told) == 3
    changes = told[first.person_id].values["changes"]
    was = (date(2026, 12, 21), date(2026, 12, 22))
    assert changes == (
        ("when", was, (date(2026, 12, 22), date(2026, 12, 23))),
        ("title", "赴拉萨山南交流", "赴山南交流"),
    )
    back = database.write_now(visit_changes.undo, chief, visit_id, now=start + MINUTE)
    assert back.title == "赴拉萨山南交流"
    with pytest.raises(NothingToUndo):
        database.write_now(visit_changes.undo, chief, visit_id, now=start + MINUTE)
    only_day = wanted(database, "visit_changed", now=start)[first.person_id]
    assert [row[0] for row in only_day.values["changes"]] == ["when"]
    mark_sent(database, "visit_changed")
    # Another programme: places and programme, without the host's words; no packing is told.
    line = "第1天 10:00 林周县社工站 / 座谈 / 扎西主任 0891-6322222"
    packed = change("packing", "身份证、手电", back.version)
    other_places = change("stops", line, packed.version)
    assert other_places.destinations == ("林周县社工站",)
    told = wanted(database, "visit_changed", now=start)
    assert [row[0] for row in told[first.person_id].values["changes"]] == [
        "destinations",
        "programme",
    ]
    assert renamed.version < other_places.version
    with pytest.raises(ChangedMeanwhile):
        change("title", "旧", out.version)
    with pytest.raises(NotThere):
        change("state", "approved", other_places.version)


def test_a_late_change_waits_for_each_to_say_that_she_knows(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Within 24 hours of the journey it is urgent; who has not confirmed stands on a live list."""
    county = county_of(database, tmp_path, start)
    chief, (first, second, third) = coordinator(county), county.learners
    other = database.write_now(colleague, county, now=start)
    out = database.write_now(approved, county, other, now=start)
    visit_id, eve = out.visit_id, BEGINS - timedelta(hours=20)
    for who in (first, second):
        database.write_now(visit_answers.answer, who, visit_id, "coming", now=start)
    database.write_now(
        visit_answers.answer, third, visit_id, "not_coming", reason="unsaid", now=start
    )
    mark_sent(database, "exchange_visit")
    said = database.read_now(visit_changes.propose, chief, visit_id, "cancel", "大雪封路", now=eve)
    assert (said.told, said.is_urgent) == (2, True)
    off = database.write_now(
        visit_changes.cancel, chief, visit_id, reason="大雪封路", seen=out.version, now=eve
    )
    assert {row[2] for row in owed(database, "visit_changed")} == {"urgent"}
    told = wanted(database, "visit_changed", now=eve)
    assert set(told) == {first.person_id, second.person_id}
    change = told[first.person_id].values["change"]
    # Two learners and the two officials, who have no chat, are to be reached.
    assert off.unconfirmed == 4
    database.write_now(visit_answers.confirm, first, visit_id, change, now=eve)
    with pytest.raises(NotThere):
        database.read_now(visit_answers.listed, first, visit_id, "unconfirmed", now=eve)
    left = database.read_now(visit_answers.listed, chief, visit_id, "unconfirmed", now=eve)
    assert [one.name for one in left.lines] == ["学员2", "索朗", "央金"]
    (item,) = database.read_now(visit_todo.items, chief, now=eve)
    assert (item.kind, item.count) == ("call_visit", 3)
    database.write_now(visit_answers.confirm_for, chief, visit_id, left.lines[1].line_id, now=eve)
    # Undone: a new word, which is waited for anew.
    mark_sent(database, "visit_changed")
    on = database.write_now(visit_changes.undo, chief, visit_id, now=eve + MINUTE)
    assert (on.state, on.unconfirmed, on.moves) == ("approved", 4, 2)
    told = wanted(database, "visit_changed", now=eve + MINUTE)
    assert told[first.person_id].values["changes"] == (("state", "cancelled", "approved"),)
    # An older word confirms nothing newer.
    database.write_now(visit_answers.confirm, first, visit_id, change, now=eve + MINUTE)
    assert database.read_now(visit_pages.read, chief, visit_id, now=eve).unconfirmed == 4
    # On the way the programme can still change, but not the first day.
    way = BEGINS + timedelta(hours=5)
    with pytest.raises(VisitBegun):
        database.read_now(visit_changes.propose, chief, visit_id, "first_day", "12月25日", now=way)
    with pytest.raises(VisitStopsLater):
        database.read_now(visit_changes.propose, chief, visit_id, "days", "1", now=way)
    assert database.read_now(
        visit_changes.propose, chief, visit_id, "days", "3天", now=way
    ).is_urgent


def test_reminders_go_to_who_travels_once_each(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """A week before, the day before with what to pack, and each morning with the day's places."""
    county = county_of(database, tmp_path, start)
    chief, (first, second, third) = coordinator(county), county.learners
    other = database.write_now(colleague, county, now=start)
    out = database.write_now(approved, county, other, now=start)
    visit_id = out.visit_id
    for who in (first, second):
        database.write_now(visit_answers.answer, who, visit_id, "coming", now=start)

    def owe(now: datetime) -> int:
        return database.write_now(visit_owing.owe_ahead, bot=chief.bot, now=now)

    def at(days: int, hour: int) -> datetime:
        return moment_at(FIRST_DAY + timedelta(days=days), time(hour), ZONE)

    assert owe(at(-7, 8)) == 0
    assert (owe(at(-7, 9)), owe(at(-7, 9) + MINUTE)) == (2, 0)
    week = wanted(database, "visit_ahead", now=at(-7, 9))
    assert {one.values["days"] for one in week.values()} == {7}
    assert exchange_visit.ahead_line(week[first.person_id])["starts_at"] == BEGINS
    database.write_now(
        visit_answers.answer, second, visit_id, "not_coming", reason="unsaid", now=at(-7, 10)
    )
    assert set(wanted(database, "visit_ahead", now=at(-7, 10))) == {first.person_id}
    # The bot was down on the eve's morning and comes back in the afternoon.
    assert owe(at(-1, 15)) == 1
    eve = wanted(database, "visit_day", now=at(-1, 15))[first.person_id].values
    assert (eve["days"], eve["packing"]) == (1, ["身份证", "保暖衣服", "高原药"])
    assert [one.destination for one in eve["places"]] == ["城关区社工站"]
    mark_sent(database, "visit_day")
    assert owe(at(0, 8)) == 1
    day = wanted(database, "visit_day", now=at(0, 8))[first.person_id].values
    assert (day["days"], day["packing"], day["places"][0].host_contact) == (0, [], "0891-6322222")
    mark_sent(database, "visit_day")
    assert (owe(at(1, 8)), owe(at(1, 9)), owe(at(2, 9))) == (1, 0, 0)
    assert wanted(database, "visit_day", now=at(1, 8))[first.person_id].values["day"] == date(
        2026, 12, 22
    )
    assert third.person_id not in {row[0] for row in owed(database, "visit_day")}


def test_what_is_written_is_read_or_named(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Lines of places and officials say which of them is not understood; dates lie ahead."""
    first, last, today = FIRST_DAY, FIRST_DAY + timedelta(days=2), date(2026, 11, 29)
    read = visit_words.stops(
        "1. 第十一天 甲\n".replace("十一", "二") + "14点 乙 / 参观 / 德吉 13988887777\n12月23日 丙",
        *(first, last),
        today=today,
    )
    assert [(one.destination, one.day.day, one.at) for one in read] == [
        ("甲", 22, None),
        ("乙", 22, time(14)),
        ("丙", 23, None),
    ]
    assert (read[1].host_name, read[1].host_contact) == ("德吉", "13988887777")
    (english,) = visit_words.stops("day 2 9:30 Station", first, last, today=today)
    assert (english.destination, english.day.day, english.at) == ("Station", 22, time(9, 30))
    # From when until when: the end is kept beside what is done there.
    spans = visit_words.stops(
        "第1天 10:00-12:00 甲 / 座谈\n下午2点到5点 乙\n12-22 9:30~11:00 丙 / visit\n10-12点 丁",
        *(first, last),
        today=today,
    )
    assert [(one.destination, one.day.day, one.at, one.programme) for one in spans] == [
        ("甲", 21, time(10), "座谈（至12:00）"),
        ("乙", 21, time(14), "（至17:00）"),
        ("丙", 22, time(9, 30), "visit (to 11:00)"),
        ("丁", 22, time(10), "（至12:00）"),
    ]
    for written, refusal in (
        ("\n".join(f"{'地' * 40} / {'内' * 120}" for _ in range(16)), VisitNotClear),
        ("12月25日 甲", VisitStopOutside),
        ("第4天 甲", VisitStopOutside),
        ("12月21日 / 座谈", VisitStopUnclear),
        ("甲 / 乙 / 丙 / 丁", VisitStopUnclear),
        ("长" * 41, VisitStopUnclear),
        (" \n", VisitNotClear),
    ):
        with pytest.raises(refusal):
            visit_words.stops(written, first, last, today=today)
    with pytest.raises(VisitOfficialUnclear):
        visit_words.officials("索朗 副局长\n13900001111")
    with pytest.raises(VisitNotClear):
        visit_words.packing("、".join(f"东西{n}" for n in range(20)))
    with pytest.raises(VisitNotClear):
        visit_words.days("16天")
    assert [visit_words.days(one) for one in ("两天", "十五", "3")] == [2, 15, 3]
    assert (training_words.days("三天"), training_words.places("二十人")) == (3, 20)
    county = county_of(database, tmp_path, start, learners=1)
    for changed, refusal in (
        ({"starts_on": start.date()}, VisitDates),
        ({"starts_on": date.max, "ends_on": date.max}, VisitDates),
        ({"ends_on": FIRST_DAY}, VisitStopOutside),
    ):
        with pytest.raises(refusal):
            database.write_now(draft, county, now=start, **changed)


def test_papers_lists_and_what_is_kept_of_a_person(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Papers go to who travels; lists are searched and paged; the audit trail holds no words."""
    county = county_of(database, tmp_path, start)
    chief, first = coordinator(county), county.learners[0]
    other = database.write_now(colleague, county, now=start)
    visit_id = database.write_now(approved, county, other, now=start).visit_id
    for number in range(6):
        database.write_now(
            visit_papers.SHELF.add,
            chief,
            visit_id,
            file_id=f"F{number}",
            name=f"通知{number}.docx",
            size=10,
            now=start,
        )
    with pytest.raises(TooManyPapers):
        database.write_now(
            visit_papers.SHELF.add, chief, visit_id, file_id="F", name="x", size=1, now=start
        )
    found = database.read_now(visit_papers.SHELF.listed, first, visit_id, now=start)
    assert len(found.papers) == 6
    with pytest.raises(NotThere):
        database.write_now(
            visit_papers.SHELF.drop, first, visit_id, found.papers[0].paper_id, now=start
        )
    for words, count in (("", 1), ("城关", 1), ("拉萨山南", 1), ("日喀则", 0)):
        page = database.read_now(visit_list.listed, first, words=words, now=start)
        assert (page.count, page.can_arrange) == (count, False), words
    (section,) = database.read_now(visit_data.personal_data, first.person_id)
    assert (section.rows[0]["title"], section.rows[0]["state"]) == ("赴拉萨山南交流", "invited")
    database.write_now(visit_data.erase, first.person_id, now=start)
    left = database.read_now(visit_answers.listed, chief, visit_id, "all", now=start)
    assert (len(left.lines), left.lines[0].name) == (5, "")

    def trail(session: Session) -> str:
        rows = session.connection().execute(text("SELECT facts FROM audit_entry"))
        return str([row[0] for row in rows])

    assert not any(word in database.read_now(trail) for word in ("索朗", "拉萨", "通知", "139"))
