"""Sessions with several workers, and the figures a coordinator has of all sessions."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.reports.supervision_figures import write_figures
from curriculum import (
    supervision_confirming,
    supervision_counts,
    supervision_record_lists,
    supervision_several,
    supervision_todo,
)
from curriculum import supervision_groups as groups
from curriculum import supervision_held_groups as held_groups
from curriculum.errors import ChangedMeanwhile, NotThere, PersonNotClear
from curriculum.facts import Facts
from curriculum.records import Period
from curriculum.supervision_errors import RecordPeopleNotClear
from curriculum.supervision_held_groups import Meeting, Written, matched
from curriculum.supervision_words import UNWRITTEN
from storage.engine import Database
from storage.sealed import NoteKey
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, MINUTE
from tests.curriculum.test_supervision_records import Desk, _written

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def desk(database: Database, tmp_path: Path, start: Any, note_key: NoteKey) -> Desk:
    """A supervisor who is free on Wednesday afternoons."""
    made = Desk(database, tmp_path, start)
    made.key = note_key
    made.publish("周三 14:00-17:00")
    return made


def test_several_workers_are_in_one_record_and_it_counts_once(desk: Desk) -> None:
    """A group's and peers' too: hours for each of them, one session in the figures."""
    _, record_id = _written(desk)
    desk.submit(record_id)
    other = desk.centre.county.learners[1]
    desk.assign(worker_id=other.person_id)
    named = desk.database.read_now(
        supervision_several.named,
        desk.supervisor,
        "group",
        f"{desk.worker.name}、{other.name}",
        now=desk.now,
    )
    assert list(named) == [desk.worker.person_id, other.person_id]
    for written, refusal in (
        (desk.worker.name, RecordPeopleNotClear),
        ("谁、谁", PersonNotClear),
    ):
        with pytest.raises(refusal):
            desk.do(supervision_several.named, desk.supervisor, "group", written)
    with pytest.raises(NotThere):
        desk.do(supervision_several.choices, desk.worker, "group")
    group = desk.sealed(supervision_several.begin, desk.supervisor, "group", list(named))
    unclear = desk.fill(group, "时长：90\n建议：互相听\n行动：12月20日 各写一段")
    assert unclear.unread == {"actions": "12月20日 各写一段"}, "whose is it"
    desk.fill(group, f"行动：{other.name} 12月20日 写一段\n督导 12月20日 看一遍")
    seen = desk.submit(group).version
    for who in (desk.worker, other):
        desk.do(supervision_confirming.confirm, who, group, seen=seen)
    theirs = desk.see(other, group)
    assert (theirs.form, theirs.number, theirs.pair_id is None) == ("group", 1, False)

    peers = desk.database.read_now(supervision_several.choices, desk.worker, "peer", now=desk.now)
    assert other.person_id in peers
    assert desk.worker.person_id not in peers
    peer = desk.sealed(supervision_several.begin, desk.worker, "peer", [other.person_id])
    desk.fill_as(desk.worker, peer, f"方式：线下\n建议：结伴去\n行动：{other.name} 12月20日 约时间")
    desk.submit_as(desk.worker, peer)
    desk.now += 8 * DAY
    desk.keep_up()
    desk.now += MINUTE
    assert desk.see(other, peer).is_one_sided
    assert not desk.see(other, group).is_one_sided
    assert sorted(title for *_, title in desk.hours()) == ["一对一督导", "同辈督导", "小组督导"]

    pair_id = desk.see(desk.worker, record_id).pair_id or 0
    for who, count in ((desk.worker, 3), (desk.supervisor, 2)):
        listed = desk.database.read_now(supervision_record_lists.own, who, pair_id)
        assert listed.count == count, "her peers' records are beside her pair's"
    coordinator = desk.centre.coordinator
    found = desk.database.read_now(supervision_counts.counts, coordinator, YEAR)
    assert (found.sessions, found.minutes) == (3, 90 + 90 + 60)
    assert (found.modes, found.forms) == (
        {"offline": 2, "online": 1},
        {"individual": 1, "group": 1, "peer": 1},
    )
    assert found.confirmed == {"one_sided": 2, "both": 1}
    assert (found.supervisors, found.supervisees) == (((desk.supervisor.name, 2),), 2)
    assert found.actions == {"open": 5}
    with pytest.raises(NotThere):
        desk.database.read_now(supervision_counts.counts, desk.supervisor, YEAR)

    out = io.BytesIO()
    held = desk.database.read_now(supervision_counts.held, coordinator, YEAR)
    made_at = desk.now
    write_figures(out, held, found, period=YEAR, unit="林芝市", language="zh", made_at=made_at)
    book = load_workbook(out)
    rows = list(book["督导记录"].values)
    assert rows[1][2:5] == ("个别督导", 90, "线下")
    assert len(rows) == 4
    told = str([list(sheet.values) for sheet in book])
    assert not [word for word in ("提纲", "互相听", "结伴", "写一段") if word in told]


def test_a_group_that_was_set_is_written_down_with_its_people_and_its_date(
    desk: Desk, outbox: Outbox
) -> None:
    """It is owed once, listed until it is written, begun once, and never from before it began."""
    other, third = desk.centre.county.learners[1:3]
    pairs = [desk.assign(worker_id=who.person_id) for who in (desk.worker, other, third)]
    at = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)
    ids = [pair.id for pair in pairs]
    made = desk.do(groups.set_group, desk.supervisor, ids, at, mode="in_person", place="站里")
    desk.do(groups.answer, third, made.id, comes=False)
    read = desk.database.read_now
    with pytest.raises(ChangedMeanwhile):
        read(held_groups.held, desk.supervisor, made.id, now=desk.now)
    desk.now = at + DAY
    with pytest.raises(NotThere):
        read(held_groups.held, desk.worker, made.id, now=desk.now)
    met = read(held_groups.held, desk.supervisor, made.id, now=desk.now)
    assert list(met.people) == [desk.worker.person_id, other.person_id]

    listed = read(supervision_record_lists.unwritten, desk.supervisor, now=desk.now)
    assert [(one.group_id, one.count) for one in listed.lines] == [(made.id, 2)]
    todo = read(supervision_todo.items, desk.supervisor, now=desk.now)
    assert [(one.kind, one.count) for one in todo] == [("supervision_unwritten", 1)]
    assert (desk.keep_up(), desk.keep_up()) == (1, 0)
    (told,) = [one for one in outbox.ask(desk.now, kinds=(UNWRITTEN,)) if isinstance(one, Facts)]
    assert (told.values["group_id"], told.values["starts_at"]) == (made.id, at)

    people = list(met.people)
    begin = supervision_several.begin
    record_id = desk.sealed(begin, desk.supervisor, "group", people, group_id=made.id)
    seen = desk.see(desk.supervisor, record_id)
    assert (seen.occurred_on, seen.minutes, seen.mode) == (date(2026, 12, 2), 60, "offline")
    assert [one.person_id for one in seen.people] == people
    assert desk.sealed(begin, desk.supervisor, "group", people, group_id=made.id) == record_id
    assert read(supervision_record_lists.unwritten, desk.supervisor, now=desk.now).lines == ()
    assert [one for one in outbox.ask(desk.now, kinds=(UNWRITTEN,)) if isinstance(one, Facts)] == []


def test_a_record_is_of_one_session_at_most() -> None:
    """Of those of a week of the same people each has its own; another's or an earlier one none."""
    monday, both = date(2026, 11, 30), frozenset((1, 2))
    meetings = [
        Meeting(1, 9, monday, both),
        Meeting(2, 9, monday + 2 * DAY, both),
        Meeting(3, 9, monday + 8 * DAY, both),
    ]
    records = [Written(7, 9, monday + 3 * DAY, both), Written(8, 9, monday, frozenset((2, 3)))]
    assert matched(meetings, records) == {1: 8, 2: 7}
    assert matched(meetings[:1], [Written(7, 8, monday, both)]) == {}
    assert matched(meetings[:1], [Written(7, 9, monday - DAY, both)]) == {}
    assert matched(meetings[:1], [Written(7, 9, monday, frozenset((3,)))]) == {}


def test_records_are_found_by_number_month_and_date(desk: Desk) -> None:
    """And listed for whoever is in them; a draft for its writer alone."""
    pair, record_id = _written(desk)

    def found(who: Any, words: str = "") -> list[int]:
        page = desk.database.read_now(supervision_record_lists.own, who, pair.id, words=words)
        return [line.record_id for line in page.lines]

    assert (found(desk.supervisor), found(desk.worker)) == ([record_id], [])
    desk.submit(record_id)
    for words in ("", "1", "第1次", "12月", "12月2日", "2026-12", "2026"):
        assert found(desk.worker, words) == [record_id], words
    for words in ("2", "11月", "12月3日", "2025", "谁"):
        assert found(desk.worker, words) == [], words
    with pytest.raises(NotThere):
        found(desk.centre.coordinator)
