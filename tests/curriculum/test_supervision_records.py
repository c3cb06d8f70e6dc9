"""The record of a session: written by one, confirmed by the other, sealed, added to, acted on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from curriculum import (
    supervision_actions,
    supervision_confirming,
    supervision_followed,
    supervision_handover,
    supervision_record_lists,
    supervision_record_view,
    supervision_records,
    supervision_sealing,
    supervision_submitting,
)
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import RecordNotWhole, SupervisionUndoTooLate
from curriculum.supervision_record_view import RecordView
from curriculum.supervision_words import ACTION, RECORD, UNWRITTEN
from scheduler import chores
from storage import records as ledger
from storage.audit import AuditEntry
from storage.deliveries import Delivery
from storage.engine import Database
from storage.records import LearningRecord
from storage.sealed import NoteKey
from storage.supervision_bookings import SupervisionBooking
from storage.supervision_pairs import SupervisionPair
from storage.supervision_records import SupervisionAction, SupervisionRecord
from tests.county import BOT, join
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, HOUR, MINUTE, Office

FORM = (
    "时长：90分钟\n方式：线下\n功能：教育、支持\n困难：入户时开不了口\n"
    "建议：先写提纲再去\n行动：\n{worker} 12月10日 写三句开场白\n督导 12月8日 发范例"
)


class Desk(Office):
    """An office whose supervisor writes records."""

    key: NoteKey

    def sealed(self, act: Any, who: Speaker, *args: Any, **more: Any) -> Any:
        """Do something that needs the key."""
        return self.do(act, who, *args, note_key=self.key, **more)

    def see(self, who: Speaker, record_id: int) -> RecordView:
        """A record as somebody sees it."""
        return self.database.read_now(
            supervision_record_view.view, who, record_id, note_key=self.key, now=self.now
        )

    def fill(self, record_id: int, written: str) -> RecordView:
        """The supervisor sends a filled form back."""
        return self.fill_as(self.supervisor, record_id, written)

    def submit(self, record_id: int) -> RecordView:
        """The supervisor hands it on as it stands."""
        return self.submit_as(self.supervisor, record_id)

    def fill_as(self, who: Speaker, record_id: int, written: str) -> RecordView:
        """Send a filled form back."""
        self.sealed(supervision_records.save_written, who, record_id, written, "")
        return self.see(who, record_id)

    def submit_as(self, who: Speaker, record_id: int) -> RecordView:
        """Hand it on as it stands."""
        seen = self.see(who, record_id).version
        self.sealed(supervision_submitting.submit, who, record_id, seen=seen)
        return self.see(who, record_id)

    def keep_up(self) -> int:
        """What the minute brings."""
        return self.database.write_now(supervision_sealing.keep_up, bot=BOT, now=self.now)

    def hours(self) -> list[tuple[int, str, str, str]]:
        """What stands in the ledger for the worker."""

        def read(session: Session) -> list[tuple[int, str, str, str]]:
            rows = session.exec(
                select(LearningRecord).where(
                    ledger.stands(col(LearningRecord.person_id) == self.worker.person_id),
                    LearningRecord.study == "supervision",
                )
            )
            return [(row.minutes, row.mode, row.evidence, row.title) for row in rows]

        return self.database.read_now(read)


@pytest.fixture
def desk(database: Database, tmp_path: Path, start: Any, note_key: NoteKey) -> Desk:
    """A supervisor who is free on Wednesday afternoons."""
    made = Desk(database, tmp_path, start)
    made.key = note_key
    made.publish("周三 14:00-17:00")
    return made


def _said(outbox: Outbox, desk: Desk) -> list[Facts]:
    """What is said of records now."""
    return [one for one in outbox.ask(desk.now, kinds=(RECORD,)) if isinstance(one, Facts)]


def _held(desk: Desk) -> tuple[SupervisionPair, SupervisionBooking]:
    """A pair that has just met as it booked."""
    pair = desk.assign()
    booked = desk.book(pair, desk.free(pair.id)[0])
    desk.now = booked.starts_at + 2 * HOUR
    return pair, booked


def _written(desk: Desk) -> tuple[SupervisionPair, int]:
    """One whose session is written down."""
    pair, booked = _held(desk)
    record_id = desk.sealed(supervision_records.begin, desk.supervisor, pair.id, booked.id)
    desk.fill(record_id, FORM.format(worker=desk.worker.name))
    return pair, record_id


def test_a_record_from_the_session_to_the_ledger(desk: Desk, outbox: Outbox) -> None:
    """Prefilled, filled in, handed on, confirmed, sealed ten minutes later, and counted once."""
    pair, booked = _held(desk)
    desk.now += DAY
    assert desk.keep_up() == 1, "the supervisor is reminded"
    assert desk.keep_up() == 0, "once"
    (reminder,) = outbox.ask(desk.now, kinds=(UNWRITTEN,))
    assert isinstance(reminder, Facts)
    assert reminder.chat_id == desk.supervisor.chat_id
    record_id = desk.sealed(supervision_records.begin, desk.supervisor, pair.id, booked.id)
    again = desk.sealed(supervision_records.begin, desk.supervisor, pair.id, booked.id)
    assert again == record_id, "what is begun goes on"
    fresh = desk.see(desk.supervisor, record_id)
    assert (fresh.occurred_on, fresh.minutes, fresh.mode) == (date(2026, 12, 2), 60, "online")
    assert fresh.missing == ("advice", "actions")
    with pytest.raises(NotThere):
        desk.see(desk.worker, record_id)
    with pytest.raises(RecordNotWhole):
        desk.submit(record_id)
    filled = desk.fill(record_id, "时长：好久\n" + FORM.format(worker=desk.worker.name)[7:])
    assert (filled.missing, filled.unread) == (("minutes",), {"minutes": "好久"})
    desk.fill(record_id, "时长：90")
    waiting = desk.submit(record_id)
    assert (waiting.number, waiting.state, waiting.undo) == (1, "waiting", "submit")
    assert desk.row(pair.id).due_on == date(2027, 3, 2)

    desk.now += 2 * MINUTE
    (told,) = _said(outbox, desk)
    assert told.chat_id == desk.worker.chat_id
    assert told.values["what"] == "waiting"
    assert "提纲" not in str(told.values)
    theirs = desk.see(desk.worker, record_id)
    assert theirs.texts["advice"] == "先写提纲再去"
    assert theirs.may_confirm
    desk.sealed(supervision_confirming.reflect, desk.worker, record_id, "我先听再说")
    desk.do(supervision_confirming.confirm, desk.worker, record_id, seen=theirs.version)
    desk.keep_up()
    assert desk.see(desk.worker, record_id).state == "waiting", "it can still be taken back"
    desk.now += 11 * MINUTE
    desk.keep_up()
    sealed = desk.see(desk.supervisor, record_id)
    assert (sealed.state, sealed.is_one_sided) == ("sealed", False)
    assert sealed.people[0].reflection == "我先听再说"
    assert desk.hours() == [(90, "offline", "signed_in", "一对一督导")]
    assert desk.keep_up() == 0
    with pytest.raises(ChangedMeanwhile):
        desk.fill(record_id, "建议：改掉")

    desk.sealed(supervision_sealing.add, desk.worker, record_id, "时长：30\n补一句")
    assert desk.hours()[0][0] == 90, "only its writer corrects the minutes"
    desk.sealed(supervision_sealing.add, desk.supervisor, record_id, "更正 时长：75分钟")
    assert [hours[0] for hours in desk.hours()] == [75]
    added = desk.see(desk.supervisor, record_id)
    assert (added.minutes, added.counted_minutes, added.undo) == (90, 75, "add")
    desk.do(supervision_sealing.take_back_addition, desk.supervisor, record_id, seen=added.version)
    assert [hours[0] for hours in desk.hours()] == [90]
    assert len(desk.see(desk.worker, record_id).additions) == 1


def test_a_worker_may_have_it_changed_and_nothing_is_told_twice(desk: Desk, outbox: Outbox) -> None:
    """要改 gives it back with her comment and takes its actions away; each step can be undone."""
    _, record_id = _written(desk)
    desk.submit(record_id)
    seen = desk.see(desk.supervisor, record_id).version
    desk.sealed(supervision_submitting.take_back, desk.supervisor, record_id, seen=seen)
    desk.now += 2 * MINUTE
    assert _said(outbox, desk) == [], "it was taken back before it was said"
    assert desk.rows(select(SupervisionAction.id)) == []
    seen = desk.submit(record_id).version
    assert len(desk.rows(select(SupervisionAction.id))) == 2
    desk.sealed(supervision_confirming.send_back, desk.worker, record_id, "时间不对", seen=seen)
    theirs = desk.see(desk.worker, record_id)
    assert (theirs.state, theirs.undo) == ("draft", "return")
    desk.sealed(supervision_confirming.take_back, desk.worker, record_id, seen=theirs.version)
    back = desk.see(desk.supervisor, record_id)
    assert (back.state, back.people[0].comment) == ("waiting", "")
    desk.sealed(
        supervision_confirming.send_back, desk.worker, record_id, "时间不对", seen=back.version
    )
    desk.now += 2 * MINUTE
    (told,) = _said(outbox, desk)
    assert (told.chat_id, told.values["what"]) == (desk.supervisor.chat_id, "returned")
    assert desk.see(desk.supervisor, record_id).people[0].comment == "时间不对"
    desk.fill(record_id, "时长：60")
    seen = desk.submit(record_id).version
    desk.do(supervision_confirming.confirm, desk.worker, record_id, seen=seen)
    desk.sealed(supervision_confirming.take_back, desk.worker, record_id, seen=seen)
    assert desk.see(desk.worker, record_id).may_confirm
    desk.now += 20 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        desk.sealed(supervision_submitting.take_back, desk.supervisor, record_id, seen=seen)
    desk.now += timedelta(days=7)
    desk.keep_up()
    sealed = desk.see(desk.supervisor, record_id)
    assert (sealed.state, sealed.is_one_sided) == ("sealed", True)
    assert [hours[2] for hours in desk.hours()] == ["roll_call"]


def test_how_long_a_record_waits_is_a_setting(desk: Desk, outbox: Outbox) -> None:
    """The day it is shown with, the sealing and the word of it follow the days that were set."""
    _, record_id = _written(desk)
    desk.submit(record_id)
    handed_on = desk.now
    within = timedelta(days=10)
    (chore,) = [one for one in chores.all_of(within) if one.name == chores.SUPERVISION.name]
    wish = {"confirm_within": within}
    seen = desk.sealed(supervision_record_view.view, desk.worker, record_id, **wish)
    assert seen.seals_on == local_date(handed_on + within, ZONE)
    assert desk.see(desk.worker, record_id).seals_on == local_date(handed_on + 7 * DAY, ZONE)
    outbox.ask(handed_on + 2 * MINUTE, kinds=(RECORD,))
    for days, state in ((8, "waiting"), (10, "sealed")):
        desk.now = handed_on + days * DAY
        desk.database.write_now(chores.do, chore, bot=BOT, now=desk.now)
        assert desk.see(desk.supervisor, record_id).state == state
    told = outbox.ask(desk.now + 2 * MINUTE, kinds=(RECORD,))
    assert {fact.values["waited"] for fact in told if isinstance(fact, Facts)} == {10}


def test_actions_come_back(desk: Desk, outbox: Outbox) -> None:
    """Owners are told on the date, once for each; done, put off, dropped, undone; carried on."""
    pair, record_id = _written(desk)
    desk.submit(record_id)
    lines = {line.person_id: line for line in desk.see(desk.worker, record_id).actions}
    own, his = lines[desk.worker.person_id], lines[desk.supervisor.person_id]
    desk.now += 6 * DAY
    desk.keep_up()
    assert desk.keep_up() == 0
    (told,) = [one for one in outbox.ask(desk.now, kinds=(ACTION,)) if isinstance(one, Facts)]
    assert told.chat_id == desk.supervisor.chat_id
    assert "范例" not in str(told.values)
    with pytest.raises(NotThere):
        desk.sealed(supervision_actions.view, desk.centre.coordinator, own.action_id)
    desk.do(supervision_actions.settle, desk.supervisor, his.action_id, "done", seen=1)
    done = desk.sealed(supervision_actions.view, desk.supervisor, his.action_id)
    assert (done.state, done.may_undo) == ("done", True)
    desk.do(supervision_actions.take_back, desk.supervisor, his.action_id, seen=2)
    desk.do(supervision_actions.settle, desk.supervisor, his.action_id, "dropped", seen=3)
    desk.do(supervision_actions.move, desk.worker, own.action_id, date(2026, 12, 20), seen=1)
    with pytest.raises(ChangedMeanwhile):
        desk.do(supervision_actions.settle, desk.worker, own.action_id, "done", seen=1)
    desk.now += 13 * DAY
    desk.keep_up()
    assert [one for one in outbox.ask(desk.now, kinds=(ACTION,)) if isinstance(one, Facts)]

    follow = desk.sealed(supervision_records.begin, desk.supervisor, pair.id, None)
    carried = desk.see(desk.supervisor, follow)
    assert [(line.action_id, line.text) for line in carried.actions] == [
        (own.action_id, "写三句开场白")
    ]
    assert carried.functions == ("educational", "supportive")
    name = desk.worker.name
    written = f"行动：\n{name} 12月20日 写三句开场白 做完了\n{name} 1月8日 再走一户"
    desk.fill(follow, f"建议：接着练\n{written}")
    desk.submit(follow)
    states = desk.rows(
        select(SupervisionAction.record_id, SupervisionAction.state).order_by(
            col(SupervisionAction.id)
        )
    )
    assert states == [(record_id, "done"), (record_id, "dropped"), (follow, "open")]


def _doors(desk: Desk, record_id: int, action_id: int) -> dict[str, Callable[[Speaker], Any]]:
    """Everything that shows or changes a record or an action, by what it does."""

    def sealed(act: Any, *args: Any, **more: Any) -> Callable[[Speaker], Any]:
        return lambda who: desk.sealed(act, who, *args, **more)

    def plain(act: Any, *args: Any, **more: Any) -> Callable[[Speaker], Any]:
        return lambda who: desk.do(act, who, *args, **more)

    day, record = date(2026, 12, 20), (record_id,)
    answers = supervision_confirming
    return {
        "view": sealed(supervision_record_view.view, *record),
        "write": sealed(supervision_records.save_written, record_id, "建议：话", ""),
        "drop": plain(supervision_records.drop, *record),
        "submit": sealed(supervision_submitting.submit, *record, seen=3),
        "unsubmit": sealed(supervision_submitting.take_back, *record, seen=3),
        "confirm": plain(answers.confirm, *record, seen=3),
        "reflect": sealed(answers.reflect, record_id, "话"),
        "return": sealed(answers.send_back, record_id, "话", seen=3),
        "unsay": sealed(answers.take_back, *record, seen=3),
        "add": sealed(supervision_sealing.add, record_id, "话"),
        "unadd": plain(supervision_sealing.take_back_addition, *record, seen=3),
        "action": sealed(supervision_actions.view, action_id),
        "done": plain(supervision_actions.settle, action_id, "done", seen=1),
        "move": plain(supervision_actions.move, action_id, day, seen=1),
        "unmove": plain(supervision_actions.take_back, action_id, seen=1),
        "of_pair": sealed(supervision_actions.open_of_pair, 1),
        "begin": sealed(supervision_records.begin, 1, None),
        "list": lambda who: desk.database.read_now(supervision_record_lists.own, who, 1),
    }


def test_nobody_but_the_two_reads_it_and_it_lies_sealed(desk: Desk) -> None:
    """No coordinator, administrator, colleague, deputy of either; no plain word in any row."""
    pair, record_id = _written(desk)
    assert pair.id == 1
    desk.submit(record_id)
    action_id = desk.see(desk.worker, record_id).actions[0].action_id
    colleague, coordinator = desk.centre.county.learners[1], desk.centre.coordinator
    administrator = replace(
        coordinator,
        grants=tuple(replace(grant, role="administrator") for grant in coordinator.grants),
    )
    deputy = replace(
        colleague,
        grants=tuple(
            replace(grant, instead_of=desk.supervisor.person_id) for grant in desk.supervisor.grants
        ),
    )
    for other in (coordinator, administrator, colleague, deputy):
        for door in _doors(desk, record_id, action_id).values():
            with pytest.raises(NotThere):
                door(other)

    def everything(session: Session) -> str:
        tables = (SupervisionRecord, SupervisionAction, Delivery, AuditEntry)
        return str([row.model_dump() for table in tables for row in session.exec(select(table))])

    plain = desk.database.read_now(everything)
    assert not [word for word in ("提纲", "开场白", "范例", "入户") if word in plain]


def test_what_a_worker_has_to_do_goes_on_with_her_next_supervisor(desk: Desk) -> None:
    """From the day of the handover; what the former one has to do stays with that one."""
    pair = desk.assign(last_day=date(2026, 12, 31))
    booked = desk.book(pair, desk.free(pair.id)[0])
    desk.now = booked.starts_at + 2 * HOUR
    record_id = desk.sealed(supervision_records.begin, desk.supervisor, pair.id, booked.id)
    desk.fill(record_id, FORM.format(worker=desk.worker.name))
    desk.submit(record_id)
    lines = {line.person_id: line for line in desk.see(desk.worker, record_id).actions}
    own, his = lines[desk.worker.person_id], lines[desk.supervisor.person_id]
    county = desk.centre.county
    takes = desk.database.write_now(
        join, county, chat_id=906, name="央金", role="supervisor", unit=county.top, now=desk.now
    )
    desk.do(
        supervision_handover.choose,
        desk.centre.coordinator,
        desk.supervisor.person_id,
        pair.id,
        takes.person_id,
    )

    def carried(at: datetime) -> int:
        return desk.database.write_now(supervision_followed.carry_actions, bot=BOT, now=at)

    assert carried(datetime(2026, 12, 31, 2, tzinfo=UTC)) == 0
    with pytest.raises(NotThere):
        desk.sealed(supervision_actions.view, takes, own.action_id)
    first_day = datetime(2027, 1, 1, 2, tzinfo=UTC)
    assert (carried(first_day), carried(first_day)) == (1, 0)
    assert desk.sealed(supervision_actions.view, takes, own.action_id).state == "open"
    with pytest.raises(NotThere):
        desk.sealed(supervision_actions.view, takes, his.action_id)
