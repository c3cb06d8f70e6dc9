"""Who is given what of a pair's words: every function that could show them, for every role.

The functions are found, not listed: whatever a module of supervision offers to a speaker is called
for everybody, with whatever there is of the pair. One with an argument that is not known here, or
without a speaker and not accounted for, fails the test. What the whole bot keeps and sends is
proved in tests/journeys/test_supervision_private.py.
"""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import curriculum
from bot import personal_data
from curriculum import supervision_agenda as agendas
from curriculum import (
    supervision_confirming,
    supervision_notes,
    supervision_record_form,
    supervision_record_view,
    supervision_records,
    supervision_submitting,
    todo,
    used_lessons,
)
from curriculum.errors import NotThere, Refusal
from curriculum.people import SUPERVISOR, ZONE, Speaker
from curriculum.records import Period
from curriculum.rhythm import local_date
from curriculum.supervision_times import Terms
from scheduler import asking
from storage import records as ledger
from storage.engine import Database
from storage.sealed import NoteKey
from tests.county import join
from tests.curriculum.outbox import claim
from tests.curriculum.recalling import FIRST, receive
from tests.curriculum.supervising import HOUR, Office

# What is written, by whom it may be read.
SHARED, OF_SUPERVISOR, OF_WORKER = "共同笔记金丝雀", "督导者笔记金丝雀", "社工笔记金丝雀"
AGENDA, SENTENCE = "想聊金丝雀", "用上了金丝雀"
ADVICE, ACTION, REFLECTION = "建议金丝雀", "行动金丝雀", "反思金丝雀"
OF_BOTH = {SHARED, AGENDA, SENTENCE, ADVICE, ACTION, REFLECTION}
ALL = OF_BOTH | {OF_SUPERVISOR, OF_WORKER}
PROTECTED = {
    "supervision_notes",
    "supervision_records",
    "supervision_due_records",
    "supervision_held",
}
FOLDER = Path(curriculum.__file__).parent
# What is given no speaker, and why that shows nobody anything.
PURE = "of plain values"
ROW = "of a row that a function with a speaker has found"
CHORE = "done by the clock, or for somebody's own copy; gives counts"
COPY = "a person's own copy, asked for by herself: called below for everybody"
WITHOUT_SPEAKER = {
    "supervision_actions": {"usable_date": PURE},
    "supervision_actions_written": {"read_actions": PURE},
    "supervision_agenda": {
        **dict.fromkeys(("span", "span_ahead", "readable"), PURE),
        **dict.fromkeys(("of_pair", "sentences"), ROW),
    },
    "supervision_confirming": {"usable": PURE},
    "supervision_dates": {"refresh": CHORE},
    "supervision_held_groups": {"matched": PURE, "unwritten": CHORE},
    "supervision_followed": {"carry_actions": CHORE},
    "supervision_note_data": {"personal_data": COPY, "erase": CHORE, "drop_old": CHORE},
    "supervision_notes": {"readable": PURE, "empty_deleted": CHORE},
    "supervision_notices": {
        **dict.fromkeys(("owe_reminders", "owe_word"), CHORE),
        **dict.fromkeys(("reminder", "view"), ROW),
        "word_name": PURE,
    },
    "supervision_pages": {"may_undo": PURE},
    "supervision_readers": {"kinds_read": PURE, "succeeds": PURE, "consent": PURE},
    "supervision_record_data": {"personal_data": COPY, "erase": CHORE},
    "supervision_record_lists": {"fits": PURE},
    "supervision_record_view": {"named_people": ROW, "actions_in": ROW},
    "supervision_record_words": {
        "word_name": PURE,
        **dict.fromkeys(("owe_word", "owe_unwritten", "owe_actions"), CHORE),
    },
    "supervision_sealing": {
        **dict.fromkeys(("keep_up", "settle"), CHORE),
        **dict.fromkeys(("is_in_use", "read_addition"), PURE),
    },
    "supervision_submitting": {"back_to_draft": ROW},
    "supervision_texts": dict.fromkeys(("opened", "seal", "words_of", "seal_words"), ROW),
}
# Given a speaker and a row: asked by a function that has found it for her.
WITH_ROW = {
    *("supervision_booking.make", "supervision_booking.settle", "supervision_booking.note_change"),
    "supervision_groups.settle",
    *("supervision_pairs.write_down", "supervision_handover.write_down", "supervision_records.add"),
    *(
        "supervision_pairs.changed",
        "supervision_records.write_down",
        "supervision_submitting.to_waiting",
    ),
}


def _modules() -> Iterator[str]:
    """Everything of supervision, and the sentences on lessons put to use."""
    yield from sorted(path.stem for path in FOLDER.glob("supervision_*.py"))
    yield "used_lessons"


def _reads_protected(path: Path) -> bool:
    """Whether a module imports the storage of private text."""
    written = path.read_text(encoding="utf-8")
    if not any(name in written for name in PROTECTED):
        return False
    for node in ast.walk(ast.parse(written)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storage"):
            named = {alias.name for alias in node.names} | set((node.module or "").split("."))
            if named & PROTECTED:
                return True
    return False


def _functions(module: str) -> dict[str, Callable[..., Any]]:
    """What a module offers."""
    found = importlib.import_module(f"curriculum.{module}")
    return {
        name: function
        for name, function in inspect.getmembers(found, inspect.isfunction)
        if function.__module__ == found.__name__ and not name.startswith("_")
    }


def _asked() -> dict[str, Callable[..., Any]]:
    """Every function that is asked by a speaker, by its full name."""
    return {
        f"{module}.{name}": function
        for module in _modules()
        for name, function in _functions(module).items()
        if "speaker" in inspect.signature(function).parameters
        and f"{module}.{name}" not in WITH_ROW
    }


def test_every_function_that_could_show_private_text_is_accounted_for() -> None:
    """Whoever adds one, or a module that reads the storage, meets this test."""
    reading = {path.stem for path in FOLDER.glob("*.py") if _reads_protected(path)}
    assert reading <= set(_modules())
    without = {
        module: {
            name
            for name, function in _functions(module).items()
            if "speaker" not in inspect.signature(function).parameters
        }
        for module in sorted(reading)
    }
    assert {module: names for module, names in without.items() if names} == {
        module: set(names) for module, names in WITHOUT_SPEAKER.items()
    }


@dataclass
class Words:
    """A pair with everything written that can be."""

    office: Office
    key: NoteKey
    values: dict[str, Any]
    note_ids: list[int]

    def everything(self, who: Speaker) -> list[tuple[str, str]]:
        """What every function gives somebody, as text by its name; nothing they do stays."""

        def run(session: Session) -> list[tuple[str, str]]:
            given = []
            # One savepoint for all: SQLAlchemy compiles each of its own anew, a third of the time.
            connection = session.connection()
            connection.exec_driver_sql("SAVEPOINT as_it_was")
            for name, function, values in self._questions:
                given.append((name, _text(session, who, function, values)))
                session.expunge_all()
                connection.exec_driver_sql("ROLLBACK TO as_it_was")
            return given

        return self.office.database.write_now(run)

    @cached_property
    def _questions(self) -> list[tuple[str, Callable[..., Any], dict[str, Any]]]:
        """Every function with what it is asked with."""
        return list(self._asked_with())

    def _asked_with(self) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
        for name, function in _asked().items():
            parameters = inspect.signature(function).parameters
            wanted = [one for one in parameters if one not in ("session", "speaker")]
            unknown = [
                one
                for one in wanted
                if one not in self.values and parameters[one].default is inspect.Parameter.empty
            ]
            assert not unknown, f"{name}: nobody knows what to ask with as {unknown}"
            values = {one: self.values[one] for one in wanted if one in self.values}
            for note_id in self.note_ids if "note_id" in values else [0]:
                yield name, function, values | ({"note_id": note_id} if note_id else {})
        yield "todo", todo.all_of, {"now": self.office.now}
        yield "deliveries", _deliveries, {"now": self.values["later"]}
        yield "copy", _copy, {"note_key": self.key}
        yield "hours", _hours, {}


def _text(
    session: Session, who: Speaker, function: Callable[..., Any], values: dict[str, Any]
) -> str:
    """What a function gives, a refusal that says more than that nothing is there included."""
    try:
        given = function(session, who, **values)
        return repr(list(given) if isinstance(given, Iterator) else given)
    except NotThere:
        return ""
    except Refusal as refusal:
        return repr(refusal)


def _deliveries(session: Session, who: Speaker, *, now: datetime) -> Any:
    rows = claim(session, now, limit=1000)
    verdicts = asking.ask(session, rows, now=now).verdicts
    return [verdicts[row.id] for row in rows if row.person_id == who.person_id]


def _copy(session: Session, who: Speaker, *, note_key: NoteKey) -> Any:
    # A deputy who looks at somebody's list is still asked for her own copy.
    return personal_data.collect(session, who.deputy_id or who.person_id, note_key=note_key)


def _hours(session: Session, who: Speaker) -> Any:
    del who
    day = date(2026, 1, 1)
    rows = ledger.in_force(session, unit_path="/", since=day, until=day + timedelta(days=800))
    return [str(row) for row in rows]


@pytest.fixture
def words(sqlite_database: Database, tmp_path: Path, start: datetime, note_key: NoteKey) -> Words:
    """Everything of a pair, the record confirmed; the next session is ahead."""
    office = Office(sqlite_database, tmp_path, start)
    worker, supervisor = office.worker, office.supervisor
    office.publish("周三 14:00-17:00")
    pair = office.assign()
    sealed = {"note_key": note_key}
    receive(office.database, office.centre.county, [FIRST])
    office.now += HOUR
    lesson = office.do(used_lessons.choices, worker)[0].lesson_id
    used = office.do(used_lessons.note, worker, lesson, SENTENCE)
    record_id = _record(office, pair.id or 0, note_key)
    office.now += HOUR
    office.do(agendas.bring, worker, used)
    note_ids = [
        office.do(supervision_notes.write, who, pair.id, said, is_shared=said == SHARED, **sealed)
        for who, said in ((worker, SHARED), (supervisor, OF_SUPERVISOR), (worker, OF_WORKER))
    ]
    office.do(agendas.write, worker, pair.id, text=AGENDA, **sealed)
    booked = office.book(pair, office.free(pair.id)[0])
    day = local_date(office.now, ZONE)
    values = {
        "pair_id": pair.id,
        "note_id": 0,
        "record_id": record_id,
        "action_id": 1,
        "booking_id": booked.id,
        "used_id": used,
        "lesson_id": lesson,
        "proposal_id": 1,
        "time_id": 1,
        "entry_id": 1,
        "worker_id": worker.person_id,
        "supervisor_id": supervisor.person_id,
        "month": date(2026, 12, 1),
        "person_ids": [worker.person_id],
        "pair_ids": [pair.id],
        "successor_id": supervisor.person_id,
        **dict.fromkeys(("group_id", "handover_id", "holiday_id", "trip_id", "version"), 1),
        "day": local_date(booked.starts_at, ZONE),
        "days": [local_date(booked.starts_at, ZONE)],
        "asked_at": office.now,
        "seen": 1,
        "now": office.now,
        **dict.fromkeys(("later", "until"), booked.starts_at),
        "note_key": note_key,
        "period": Period(day - timedelta(days=400), day),
        "due_on": day + timedelta(days=5),
        "starts_at": booked.starts_at,
        "moments": [booked.starts_at],
        "state": "done",
        "form": "group",
        "code": "advice",
        "mode": "online",
        "text": "别的话",
        "written": "别的话",
        "place": 0,
        "every_months": 3,
        "last_day": None,
        "expected": 0,
        "is_shared": True,
        "is_given": True,
        **dict.fromkeys(("wants", "agrees", "comes"), True),
        "rows": (),
        "spans": [],
        "terms": Terms(),
        "filled": supervision_record_form.Filled(),
        "words": "",
    }
    return Words(office, note_key, values, note_ids)


def _record(office: Office, pair_id: int, note_key: NoteKey) -> int:
    """A session that was held, written down by the supervisor and confirmed by the worker."""
    worker, supervisor, sealed = office.worker, office.supervisor, {"note_key": note_key}
    record_id: int = office.do(supervision_records.begin, supervisor, pair_id, None, **sealed)

    def fill(session: Session) -> None:
        record, people = supervision_record_view.readable(session, supervisor, record_id)
        filled = supervision_record_form.read_form(
            f"日期：{record.occurred_on:%Y-%m-%d}\n时长：60分钟\n方式：线上\n功能：教育\n"
            f"建议：{ADVICE}\n行动：\n{worker.name} 12月10日 {ACTION}",
            supervision_record_view.named_people(session, record, people),
            held_on=record.occurred_on,
            today=local_date(office.now, ZONE),
        )
        supervision_records.save(session, supervisor, record_id, filled, now=office.now, **sealed)

    office.database.write_now(fill)

    def version(who: Speaker) -> int:
        found = office.database.read_now(
            supervision_record_view.view, who, record_id, now=office.now, **sealed
        )
        return int(found.version)

    office.do(
        supervision_submitting.submit, supervisor, record_id, seen=version(supervisor), **sealed
    )
    office.do(supervision_confirming.reflect, worker, record_id, REFLECTION, **sealed)
    office.do(supervision_confirming.confirm, worker, record_id, seen=version(worker))
    return record_id


def _everybody(words: Words) -> dict[str, Speaker]:
    """Every role, and whoever stands in for somebody, in both ways in which that is asked."""
    office, centre = words.office, words.office.centre
    other = office.database.write_now(
        join,
        centre.county,
        chat_id=906,
        name="别的督导",
        role=SUPERVISOR,
        unit=centre.county.top,
        now=office.now,
    )
    people = {
        "worker": office.worker,
        "supervisor": office.supervisor,
        "another supervisor": other,
        "another worker": centre.county.learners[1],
        "coordinator": centre.coordinator,
        "coordinator of the station": centre.of_station,
        "administrator": centre.administrator,
        "observer": centre.observer,
    }
    deputies = {}
    for role, deputy in (
        ("worker", centre.county.learners[1]),
        ("supervisor", other),
        ("coordinator", centre.colleague),
        ("administrator", centre.colleague),
    ):
        absent = people[role]
        taken = (replace(grant, instead_of=absent.person_id) for grant in absent.grants)
        stands_in = replace(deputy, grants=(*deputy.grants, *taken))
        deputies[f"deputy of the {role}"] = stands_in
        deputies[f"deputy in place of the {role}"] = stands_in.in_place_of(
            absent.person_id, absent.name
        )
    return people | deputies


def test_nobody_is_given_what_is_not_hers_to_read(words: Words) -> None:
    """The two read what both may and each her own; no role, and no deputy of anybody, a word."""
    allowed = {"worker": OF_BOTH | {OF_WORKER}, "supervisor": OF_BOTH | {OF_SUPERVISOR}}
    for role, who in _everybody(words).items():
        read: set[str] = set()
        for name, given in words.everything(who):
            seen = {said for said in ALL if said in given}
            assert seen <= allowed.get(role, set()), f"{role} is given {seen} by {name}"
            read |= seen
        assert read == allowed.get(role, set()), role
