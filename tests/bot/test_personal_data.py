"""A person's copy and her being forgotten: nothing of hers stays but what a reason is given for."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    TypeDecorator,
    insert,
    select,
    text,
)
from sqlmodel import Session

from bot import personal_data
from bot.render import LANGUAGES
from bot.reports.personal_data import as_workbook
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.people_errors import LastAdministrator
from curriculum.personal_data import REMOVED, sentences, without, without_in
from storage.engine import Database, sqlite_path
from storage.sealed import NoteKey
from storage.tables import METADATA
from tests.county import BOT, County, build, write_pack

PHONE, NUMBER = "13988887777", "LZ-HERS-4711"
CHAT = 100
LATER = timedelta(days=30)
AHEAD = datetime(2027, 3, 1, 7, 0, tzinfo=UTC)

# What is not taken out when somebody is forgotten, and why: a table's columns by name.
NUMBERED = "a number that leads to nobody any more, so that what was counted stays counted"
TRAIL = "the trail of who did what holds ids and codes only, and only grows"
PACK = "a lesson's own words, from its pack"
PLACE = "a unit's, a cohort's or a group's own name, no person's"
CODE = "a code out of a fixed list, or a setting"
MACHINE = "made by the machine: a digest, a process, an error's kind"
STAYS = {
    "absence": {"set_by": NUMBERED},
    "answer": {"person_id": NUMBERED, "source": CODE},
    "answer_feedback": {"person_id": NUMBERED},
    "attendance": {"person_id": NUMBERED, "marked_by": NUMBERED, "state": CODE},
    "audit_entry": dict.fromkeys(("actor_id", "action", "object_kind", "facts"), TRAIL),
    "audit_seal": {"digest": MACHINE},
    "calendar_day": {"confirmed_by": NUMBERED, "kind": CODE, "name": PLACE, "source": PLACE},
    "certificate": {
        "person_id": NUMBERED,
        "issued_by": NUMBERED,
        "revoked_by": NUMBERED,
        **dict.fromkeys(
            ("serial", "code"), "printed on her paper, which is not to be taken for a forgery"
        ),
    },
    "cohort": {"name": PLACE, "pace": CODE, "zone": CODE, "working_weekdays": CODE},
    "cohort_member": {"person_id": NUMBERED},
    "consent": {
        "person_id": "proof that she agreed, and took it back",
        "version": CODE,
        "language": CODE,
    },
    "danger_alert": {
        "person_id": "somebody may be in danger still; it holds no word",
        "taken_by": NUMBERED,
    },
    "delivery": {
        "person_id": NUMBERED,
        **dict.fromkeys(("kind", "occasion", "urgency", "status"), CODE),
        **dict.fromkeys(("error", "claimed_by"), MACHINE),
    },
    "deputy": {"state": CODE, "before": CODE},
    "draft": {"form": CODE, "step": CODE},
    "facilitator_swap": {"asked_by": NUMBERED, "asked_of": NUMBERED, "state": CODE},
    "gathering": {
        "created_by": NUMBERED,
        "facilitator_id": "of what is over; what was to come is led by nobody yet",
        **dict.fromkeys(("kind", "state", "reason"), CODE),
        **dict.fromkeys(("title", "place", "agenda"), "the session's own, read by its cohort"),
    },
    "gathering_point": {"kind": CODE, "written_by": NUMBERED},
    "gathering_seat": {"person_id": NUMBERED},
    "hold_choice": {"chosen_by": NUMBERED, "kind": CODE, "choice": CODE},
    "inbox_update": {"status": CODE, "claimed_by": MACHINE},
    "installation_mark": {"incarnation": MACHINE},
    "invite": {"created_by": NUMBERED, "role": CODE},
    "learning_record": {
        "person_id": "hours are proved by the ledger; the name in it goes",
        "recorded_by": NUMBERED,
        "title": PACK,
        **dict.fromkeys(
            ("study", "occasion", "mode", "evidence", "claimable", "rule_version"), CODE
        ),
    },
    "lesson": {"code": PACK},
    "lesson_media": {"language": CODE, "caption": PACK},
    "lesson_pack": dict.fromkeys(("code", "title", "title_en", "version", "modules"), PACK),
    "lesson_term": {"term": PACK},
    "lesson_vector": {"vector": MACHINE},
    "lesson_text": dict.fromkeys(
        ("language", "title", "key_point", "body", "body_markdown", "question"), PACK
    ),
    "lesson_version": dict.fromkeys(
        (
            *("content_hash", "title", "title_en", "module", "prerequisites", "basis"),
            *("reviewed_by", "status"),
        ),
        PACK,
    ),
    "media": dict.fromkeys(("sha256", "kind", "mime"), MACHINE),
    "media_file": {"file_id": "Telegram's name of a lesson's file"},
    "membership": {"person_id": NUMBERED},
    "occasion": {"kind": CODE, "state": CODE},
    "person": dict.fromkeys(("language", "content_language", "status"), CODE),
    "question": {
        "asker_id": NUMBERED,
        "state": CODE,
        "urgency": CODE,
        "assigned_to": NUMBERED,
    },
    "question_answer": {"answered_by": NUMBERED},
    "question_vote": {"person_id": NUMBERED},
    "rhythm": {"kind": CODE, "late": CODE, "settings": CODE},
    "role_grant": {"person_id": NUMBERED, "role": CODE},
    "story": {
        "author_id": NUMBERED,
        "nominated_by": NUMBERED,
        **dict.fromkeys(("state", "scope", "scope_path"), CODE),
    },
    "story_call": {"place": PLACE, "state": CODE},
    "story_file": {"kind": CODE},
    "story_lesson": {"asked_by": NUMBERED, "state": CODE},
    "story_rating": {"rater_id": NUMBERED},
    "story_review": {"reviewer_id": NUMBERED, "verdict": CODE},
    "story_source": {"author_id": NUMBERED, "kind": CODE},
    "supervision_booking": {
        **dict.fromkeys(("supervisor_id", "worker_id", "changed_by"), NUMBERED),
        **dict.fromkeys(("mode", "state"), CODE),
        "before": "a time and codes; a place in it goes with the place",
    },
    "supervision_quarter": {"person_id": NUMBERED},
    "supervision_note": {"kind": CODE},
    "supervision_record": {
        **dict.fromkeys(("supervisor_id", "written_by"), NUMBERED),
        **dict.fromkeys(("form", "mode", "functions", "state"), CODE),
    },
    "supervision_record_person": {"person_id": NUMBERED},
    "supervision_addition": {"written_by": NUMBERED},
    "supervision_action": {
        **dict.fromkeys(("owner_id", "changed_by"), NUMBERED),
        **dict.fromkeys(("owner", "state", "before"), CODE),
    },
    "supervision_group": {
        "supervisor_id": NUMBERED,
        "changed_by": NUMBERED,
        **dict.fromkeys(("mode", "state", "before"), CODE),
    },
    "supervision_seat": {"worker_id": NUMBERED, "state": CODE},
    "supervision_trip": {"supervisor_id": NUMBERED, "state": CODE},
    "supervision_handover": {"changed_by": NUMBERED, "state": CODE, "before": CODE},
    "supervision_wish": {"worker_id": NUMBERED, "ended_by": NUMBERED},
    "supervision_proposal": {
        "proposed_by": NUMBERED,
        "moments": "times only",
        **dict.fromkeys(("mode", "state"), CODE),
    },
    "supervision_pair": {
        "supervisor_id": NUMBERED,
        "worker_id": NUMBERED,
        "changed_by": NUMBERED,
        "mode": CODE,
    },
    "theme_answer": {"answered_by": NUMBERED},
    "theme_feedback": {"person_id": NUMBERED},
    "theme_matcher": {
        "models": MACHINE,
        "taught_by": "a digest of ids",
        "weights": "numbers of the field's own terms, learnt from hundreds of questions",
    },
    "topic": {"trainer_id": "as a session's facilitator", "approved_by": NUMBERED, "state": CODE},
    "topic_edit": {
        "actor_id": NUMBERED,
        "kind": CODE,
        "label": "which questions belong together, as ids",
    },
    "topic_message": {"paragraph": CODE},
    "topic_theme": {
        "language": CODE,
        "representatives": "ids of questions",
        "gaps": "ids of questions",
        "lessons": PACK,
    },
    "training_attendance": {"person_id": NUMBERED, "marked_by": NUMBERED, "state": CODE},
    "training_document": {
        "added_by": NUMBERED,
        "file_id": "Telegram's name of a training's paper",
        "name": "the paper's own, read by who is invited",
    },
    "training_event": {
        "created_by": NUMBERED,
        **dict.fromkeys(("state", "invited", "reminders"), CODE),
        **dict.fromkeys(
            ("title", "place", "organiser", "reason", "changes"),
            "the training's own, read by who is invited",
        ),
    },
    "training_feedback": {"text": "nobody's: it is not kept whose it is, so it cannot be found"},
    "training_feedback_given": {"person_id": "that she answered, not what"},
    "training_period": {"topic": "the half day's own", "token": MACHINE},
    "training_seat": {"person_id": NUMBERED, "changed_by": NUMBERED, "state": CODE},
    "training_use": {"person_id": NUMBERED},
    "used_lesson": {"person_id": NUMBERED},
    "unit": dict.fromkeys(("path", "level", "name_zh", "name_en", "name_bo"), PLACE),
    "exchange_visit": {
        **dict.fromkeys(("created_by", "proposed_by", "approved_by"), NUMBERED),
        **dict.fromkeys(("state", "reminders"), CODE),
        **dict.fromkeys(
            ("title", "aims", "organiser", "reason", "packing", "changes", "before"),
            "the visit's own, read by who travels",
        ),
    },
    "visit_day_mark": {"marked_by": NUMBERED},
    "visit_document": {
        "added_by": NUMBERED,
        "file_id": "Telegram's name of a visit's paper",
        "name": "the paper's own, read by who travels",
    },
    "visit_log": {"entered_by": NUMBERED, **dict.fromkeys(("kind", "sharing", "summary"), CODE)},
    "visit_report": {
        **dict.fromkeys(("confirmed_by", "file_by", "published_by"), NUMBERED),
        "minutes": "how long each day was",
        "evidence": CODE,
    },
    "visit_return": dict.fromkeys(("sharing", "summary", "step"), CODE),
    "visit_person": {"person_id": NUMBERED, "changed_by": NUMBERED, "state": CODE},
    "visit_stop": dict.fromkeys(
        ("destination", "programme", "host_name", "host_contact"),
        "the host's own, given for the journey",
    ),
    "work_group": {
        "chat_id": PLACE,
        "title": PLACE,
        "language": CODE,
        "unreachable_reason": MACHINE,
    },
}
# What the studies say that they empty.
ERASED = {
    table: set(columns)
    for source in personal_data.SOURCES
    for table, columns in source.erases.items()
}


WORDED = (String, JSON, LargeBinary)


def _kind(column: Any) -> Any:
    """A column's type; that of texts is wrapped."""
    wrapped = isinstance(column.type, TypeDecorator)
    return column.type.impl_instance if wrapped else column.type


def _tells(column: Any) -> bool:
    """Whether a column can tell of a person: it points to one, names a chat, or holds words."""
    points = any(key.target_fullname == "person.id" for key in column.foreign_keys)
    named = column.name in ("chat_id", "sender", "assigned_to")
    return points or named or isinstance(_kind(column), WORDED)


def test_every_column_that_can_tell_of_a_person_has_a_decision() -> None:
    """A new table, or a new column, is erased with its person or stays for a reason given here."""
    undecided = [
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if _tells(column)
        and column.name not in ERASED.get(table.name, ())
        and column.name not in STAYS.get(table.name, {})
    ]
    assert undecided == []


def test_no_decision_is_about_a_column_that_is_gone() -> None:
    """The lists name what there is, each column once."""
    there = {table.name: {c.name for c in table.columns} for table in METADATA.sorted_tables}
    for decided in (ERASED, STAYS):
        for table, columns in decided.items():
            assert set(columns) <= there.get(table, set()), table
    twice = [t for t in ERASED if ERASED[t] & set(STAYS.get(t, {}))]
    assert twice == []


def own(table: str, column: str) -> str:
    """Words that stand in one column alone; plain letters read the same in JSON and in bytes."""
    return f"HERS{table}{column}WORDS"


def lies(session: Session, table: str, **values: Any) -> int:
    """Store one row of a table; what it needs besides is filled with plain values."""
    made = METADATA.tables[table]
    row = {column.name: _plain(column) for column in made.columns if _is_needed(column, values)}
    found = session.connection().execute(insert(made).values({**row, **values}))
    return int(found.inserted_primary_key[0]) if found.inserted_primary_key else 0


def _is_needed(column: Any, values: dict[str, Any]) -> bool:
    return not column.nullable and column.name not in values and column.name != "id"


def _plain(column: Any) -> Any:
    for kind, plain in PLAIN:
        if isinstance(_kind(column), kind):
            return plain
    return datetime.fromisoformat("2026-11-24T14:00:00+00:00")


PLAIN: tuple[tuple[Any, Any], ...] = (
    (Boolean, False),
    (Integer, 1),
    (Float, 1.0),
    (LargeBinary, b"x"),
    (JSON, {}),
    (Date, date(2026, 11, 24)),
    (String, "x"),
)


Seal = Callable[[str, str], bytes]


def fill(session: Session, county: County, seal: Seal) -> None:
    """Rows of the first learner wherever she can have any, words of hers in every column.

    `seal(words, about)` makes what lies in sealed columns.
    """
    me, other = county.learners[0].person_id, county.learners[1].person_id
    unit, cohort = county.station.id or 0, county.cohort.id or 0
    person = METADATA.tables["person"]
    session.connection().execute(
        person.update()
        .where(person.c.id == me)
        .values(name=own("person", "name"), number=NUMBER, phone=PHONE)
    )
    _herself(session, me, other, unit)
    asked = _questions(session, me, other, unit)
    _sessions(session, me, cohort, asked)
    _topic(session, me, other, cohort, asked)
    _training(session, me, unit)
    _visit(session, me, unit)
    _stories(session, me, other, unit, cohort, seal)
    _supervision(session, me, other)
    _supervised(session, me, other, seal)
    _noted(session, me, other, seal)
    session.flush()


def _herself(session: Session, me: int, other: int, unit: int) -> None:
    account = METADATA.tables["chat_account"]
    session.connection().execute(
        account.update()
        .where(account.c.person_id == me)
        .values(unreachable_reason=own("chat_account", "unreachable_reason"))
    )
    lies(
        session,
        "invite",
        person_id=me,
        unit_id=unit,
        created_by=other,
        token_hash=own("invite", "token_hash"),
        code_hash=own("invite", "code_hash"),
    )
    answers = own("draft", "answers").encode()
    lies(session, "draft", bot=BOT, chat_id=CHAT, person_id=me, form="f", answers=answers)
    lies(session, "code_try", bot=BOT, chat_id=CHAT)
    update = {"payload": b"HERSinbox_updatepayloadWORDS", "error": own("inbox_update", "error")}
    lies(session, "inbox_update", bot=BOT, sender=CHAT, status="unparsable", **update)
    given = lies(
        session,
        "delivery",
        bot=BOT,
        kind="daily_lesson",
        occasion="o",
        recipient=me,
        person_id=me,
        status="sent",
        urgency="foldable",
    )
    said = [{"text": own("sent_message", "lines")}]
    poll = own("sent_message", "poll_id")
    lies(session, "sent_message", delivery_id=given, chat_id=CHAT, poll_id=poll, lines=said)
    lies(session, "absence", person_id=me, set_by=me)
    days = {"since": date(2026, 11, 24), "until": date(2026, 11, 30), "bot": BOT}
    hers = lies(session, "deputy", person_id=me, deputy_id=other, changed_by=me, **days)
    lies(session, "deputy", person_id=me, deputy_id=other, replaces_id=hers, **days)
    lies(session, "deputy", person_id=other, deputy_id=me, changed_by=me, state="named", **days)
    lies(session, "attention", person_id=me)
    hold = lies(session, "hold", bot=BOT)
    lies(session, "hold_word", hold_id=hold, person_id=me)
    lies(session, "duty_member", unit_id=unit, person_id=me)
    name = own("emergency_contact", "name")
    lies(session, "emergency_contact", unit_id=unit, name=name, phone=f"+86 {PHONE}")
    lies(session, "emergency_contact", unit_id=unit, name="派出所", phone="110")
    lies(session, "danger_alert", bot=BOT, unit_id=unit, person_id=me)
    version = session.connection().scalar(text("SELECT min(id) FROM lesson_version"))
    lesson = session.connection().scalar(text("SELECT min(id) FROM lesson"))
    of_lesson = {"person_id": me, "lesson_id": lesson, "version_id": version}
    lies(session, "recall_card", **of_lesson)
    lies(session, "recall_ask", **of_lesson)
    lies(session, "answer", person_id=me, version_id=version, source="quiz")
    lies(
        session,
        "learning_record",
        person_id=me,
        unit_id=unit,
        study="daily_lesson",
        occasion="o",
        title="助人自助",
        minutes=5,
        person_name=own("learning_record", "person_name"),
    )


def _questions(session: Session, me: int, other: int, unit: int) -> int:
    media = lies(session, "media", sha256="s", content=own("media", "content").encode())
    asked = lies(
        session,
        "question",
        bot=BOT,
        asker_id=me,
        unit_id=unit,
        state="new",
        anonymous=True,
        urgency="can_wait",
        media_id=media,
        **{column: own("question", column) for column in ("text", "context")},
    )
    lies(session, "question_vector", question_id=asked, vector=b"HERSquestion_vectorvectorWORDS")
    quoting = f"您问的“{own('question', 'text')}”，先问好"
    lies(session, "question_answer", question_id=asked, text=quoting, answered_by=other)
    of_other = lies(
        session,
        "question",
        bot=BOT,
        asker_id=other,
        unit_id=unit,
        state="answered",
        urgency="can_wait",
        text="怎么开口",
    )
    answer = own("question_answer", "text")
    given = lies(session, "question_answer", question_id=of_other, text=answer, answered_by=me)
    lies(session, "question_vote", question_id=of_other, person_id=me)
    declined = lies(
        session,
        "question",
        bot=BOT,
        asker_id=other,
        unit_id=unit,
        state="declined",
        urgency="can_wait",
        text="还是怎么开口",
        reason=own("question", "reason"),
    )
    lies(
        session,
        "audit_entry",
        actor_id=me,
        action="decline_question",
        object_kind="question",
        object_id=declined,
    )
    lies(session, "answer_feedback", answer_id=given, person_id=me)
    return asked


def _sessions(session: Session, me: int, cohort: int, asked: int) -> None:
    for number, starts in enumerate(("2026-11-20", "2027-03-01")):
        held = lies(
            session,
            "gathering",
            bot=BOT,
            cohort_id=cohort,
            kind=f"k{number}",
            facilitator_id=me,
            starts_at=datetime.fromisoformat(f"{starts}T07:00:00+00:00"),
        )
    reason = own("attendance", "reason")
    lies(session, "attendance", gathering_id=held, person_id=me, reason=reason, state="excused")
    words = own("gathering_point", "text")
    lies(session, "gathering_point", gathering_id=held, kind="point", text=words, written_by=me)
    lies(
        session,
        "gathering_point",
        gathering_id=held,
        kind="question",
        text=own("question", "text"),
        question_id=asked,
        written_by=me,
    )
    lies(session, "facilitator_swap", gathering_id=held, other_id=held, asked_by=me, asked_of=me)
    used = own("used_lesson", "text")
    lies(session, "used_lesson", person_id=me, cohort_id=cohort, text=used, is_shared=True)


def _topic(session: Session, me: int, other: int, cohort: int, asked: int) -> None:
    """Another's paragraph that quotes her, then one of hers; a theme that begins as she asked."""
    quoted = f"有人问：{own('question', 'text')}。大家都遇到过"
    hers, title = own("topic", "texts"), own("topic_theme", "title")
    topic = lies(
        session,
        "topic",
        bot=BOT,
        cohort_id=cohort,
        state="draft",
        trainer_id=me,
        starts_at=AHEAD,
        texts={"1.why": quoted, "2.why": hers},
    )
    named = [title, own("question", "text")[:12]]
    themes = [
        lies(
            session,
            "topic_theme",
            topic_id=topic,
            title=one,
            language="zh",
            representatives=[asked],
            gaps=[],
            lessons=[],
        )
        for one in named
    ]
    lies(session, "theme_question", topic_id=topic, question_id=asked, theme_id=themes[0])
    first = {str(themes[0]): {"title": "低保"}, str(themes[1]): {"title": named[1]}}
    earlier = {"1.why": quoted, "2.why": own("topic_edit", "before")}
    stood_before: list[tuple[int, dict[str, str]]] = [
        (other, {}),
        (me, {"1.why": quoted}),
        (me, earlier),
    ]
    for version, (actor, texts) in enumerate(stood_before, start=2):
        stood = {"themes": first, "places": {"1": 1}, "texts": texts}
        lies(
            session,
            "topic_edit",
            topic_id=topic,
            version=version,
            kind="text",
            actor_id=actor,
            before=stood,
        )
    answer = own("theme_answer", "text")
    lies(session, "theme_answer", theme_id=themes[0], text=answer, answered_by=me)
    lies(session, "theme_feedback", theme_id=themes[0], person_id=me)
    lies(session, "topic_message", chat_id=CHAT, message_id=5, topic_id=topic, paragraph="p")


def _training(session: Session, me: int, unit: int) -> None:
    stood = {"periods": [[1, "2026-12-20", 180, "接案", own("training_event", "before"), "t"]]}
    values = {"bot": BOT, "unit_id": unit, "title": "培训", "state": "published", "before": stood}
    event = lies(session, "training_event", **values)
    name = own("training_period", "trainer")
    half_day = lies(
        session, "training_period", event_id=event, topic="接案", trainer=name, trainer_id=me
    )
    reason = own("training_seat", "reason")
    lies(session, "training_seat", event_id=event, person_id=me, state="declined", reason=reason)
    lies(session, "training_attendance", period_id=half_day, person_id=me, state="signed_in")
    version = session.connection().scalar(text("SELECT min(id) FROM lesson_version"))
    said = own("training_use", "text")
    lies(session, "training_use", event_id=event, person_id=me, days=30, text=said)
    part = own("training_test_answer", "part")
    lies(
        session, "training_test_answer", event_id=event, person_id=me, version_id=version, part=part
    )
    lies(
        session,
        "certificate",
        bot=BOT,
        event_id=event,
        person_id=me,
        statement={"name": own("certificate", "statement")},
        signature=own("certificate", "signature"),
        reason=own("certificate", "reason"),
    )


def _visit(session: Session, me: int, unit: int) -> None:
    values = {"bot": BOT, "unit_id": unit, "title": "参观", "state": "approved"}
    visit = lies(session, "exchange_visit", **values)
    words = {
        column: own("visit_person", column)
        for column in ("name", "post", "unit_name", "phone", "reason")
    }
    line = lies(session, "visit_person", visit_id=visit, person_id=me, state="not_coming", **words)
    said: dict[str, Any] = {
        column: own("visit_log", column) for column in ("text", "file_id", "before")
    }
    said["more_files"] = [own("visit_log", "more_files")]
    of_line: dict[str, Any] = {"visit_id": visit, "line_id": line, "sharing": "fellows"}
    lies(session, "visit_log", **of_line, kind="text", summary="named", **said)
    parts = {"saw": own("visit_return", "parts")}
    step = own("visit_return", "step_text")
    lies(session, "visit_return", **of_line, summary="no", parts=parts, step="done", step_text=step)
    lies(session, "visit_day_mark", line_id=line, day=date(2026, 11, 24))
    lies(session, "visit_report", visit_id=visit, file_id=own("visit_report", "file_id"))


def _stories(session: Session, me: int, other: int, unit: int, cohort: int, seal: Seal) -> None:
    place = {"bot": BOT, "unit_id": unit, "cohort_id": cohort, "scope": "cohort"}
    texts = json.dumps({"title": own("story", "sealed")})
    for number, state in ((901, "draft"), (902, "approved")):
        is_draft = state == "draft"
        lies(
            session,
            "story",
            id=number,
            author_id=me,
            state=state,
            **place,
            sealed=seal(texts, f"story:{number}") if is_draft else None,
            parts=None if is_draft else {"title": own("story", "parts")},
            search_text="" if is_draft else own("story", "search_text"),
        )
    lies(session, "story_file", story_id=901, kind="picture", file_id=own("story_file", "file_id"))
    lies(session, "story_tag", story_id=902, tag=own("story_tag", "tag"))
    lies(session, "story", id=903, author_id=other, state="approved", parts={}, **place)
    about = seal(own("story_review", "sealed"), "story_review:904")
    lies(session, "story_review", id=904, story_id=903, reviewer_id=me, sealed=about)
    about = seal(own("story_rating", "sealed"), "story_rating:905")
    lies(session, "story_rating", id=905, story_id=903, rater_id=me, sealed=about)


def _supervision(session: Session, me: int, other: int) -> None:
    of_us = {"bot": BOT, "supervisor_id": other, "worker_id": me, "changed_by": other}
    lies(session, "supervision_pair", **of_us, mode="online")
    led = of_us | {"supervisor_id": me, "worker_id": other}
    pair = lies(session, "supervision_pair", **led, mode="online")
    session_of_us = {"pair_id": pair, "mode": "online", "state": "booked", **led}
    place = own("supervision_booking", "place")
    before = {"starts_at": AHEAD.isoformat(), "place": place}
    lies(
        session,
        "supervision_booking",
        **session_of_us,
        place=place,
        starts_at=AHEAD,
        before=before,
    )
    lies(
        session,
        "supervision_proposal",
        bot=BOT,
        pair_id=pair,
        proposed_by=me,
        moments=[AHEAD.isoformat()],
        mode="online",
        state="asked",
        place=own("supervision_proposal", "place"),
    )
    mine = {"bot": BOT, "supervisor_id": me}
    lies(
        session,
        "supervision_group",
        **mine,
        starts_at=AHEAD,
        mode="in_person",
        state="planned",
        changed_by=me,
        place=own("supervision_group", "place"),
    )
    trip = own("supervision_trip", "place")
    lies(session, "supervision_trip", **mine, state="online", place=trip)
    lies(
        session,
        "supervision_time",
        **mine,
        kind=own("supervision_time", "kind"),
        place=own("supervision_time", "place"),
    )
    made = METADATA.tables["supervision_terms"]
    terms = {"minutes": 60, "buffer_minutes": 15, "notice_hours": 24, "changed_at": AHEAD}
    session.connection().execute(
        insert(made).values(**mine, **terms, place=own("supervision_terms", "place"))
    )


def _supervised(session: Session, me: int, other: int, seal: Seal) -> None:
    made: dict[str, Any] = {"bot": BOT, "form": "individual", "mode": "online", "functions": []}
    states = {"state": "sealed", "owner": "worker"}
    rows: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
        (
            911,
            "supervision_record",
            "advice",
            {**made, "written_by": other, "supervisor_id": other},
        ),
        (912, "supervision_record_person", "reflection", {"record_id": 911, "person_id": me}),
        (913, "supervision_addition", "text", {"record_id": 911, "written_by": me}),
        (914, "supervision_action", "text", {"record_id": 911, "owner_id": me, "bot": BOT}),
    )
    for number, table, name, values in rows:
        columns = METADATA.tables[table].columns
        plain = {key: value for key, value in states.items() if key in columns}
        if "changed_by" in columns:
            plain["changed_by"] = other
        texts = json.dumps({name: own(table, "sealed")})
        sealed = seal(texts, f"{table}:{number}")
        lies(session, table, id=number, **plain, **values, sealed=sealed)


def _noted(session: Session, me: int, other: int, seal: Seal) -> None:
    """Her own note, one about her that her supervisor keeps, and what she wants to talk about."""
    people = {"bot": BOT, "supervisor_id": other, "worker_id": me, "changed_by": other}
    pair = lies(session, "supervision_pair", **people, mode="online", ended_at=AHEAD)
    words = own("supervision_note", "sealed")
    for number, author, kind in ((701, me, "shared"), (702, other, "supervisor")):
        lies(
            session,
            "supervision_note",
            id=number,
            bot=BOT,
            pair_id=pair,
            author_id=author,
            kind=kind,
            sealed=seal(words if author == me else "HERSABOUTHER", f"supervision_note:{number}"),
        )
    said = json.dumps({"text": own("supervision_agenda", "sealed"), "voice": ""})
    sealed = seal(said, "supervision_agenda:703")
    lies(session, "supervision_agenda", id=703, pair_id=pair, worker_id=me, sealed=sealed)
    used = session.connection().execute(select(METADATA.tables["used_lesson"].c.id)).scalar()
    lies(session, "supervision_sentence", used_id=used, pair_id=pair)
    lies(session, "supervision_consent", pair_id=pair, is_given=True)


def _unsealed(words: str, about: str) -> bytes:
    """As if sealing did nothing, so that what is left of it can be looked for."""
    del about
    return words.encode()


def everything(session: Session) -> str:
    """Every value of every row, as one text."""
    found = []
    for table in METADATA.sorted_tables:
        for row in session.connection().execute(select(table)):
            found += [
                bytes(value).decode(errors="replace") if isinstance(value, bytes) else str(value)
                for value in row
            ]
    return "\n".join(found)


def _county(database: Database, folder: Path, now: datetime) -> County:
    return database.write_now(build, write_pack(folder / "pack", 1), now=now, learners=2)


def _words() -> Iterator[str]:
    """Every column of words that a study says it empties, by what stands in it here."""
    for table, columns in ERASED.items():
        for column in columns:
            if isinstance(_kind(METADATA.tables[table].c[column]), WORDED):
                yield own(table, column)


ELSEWHERE = {own("person", "number"), own("person", "phone"), own("emergency_contact", "phone")}


@pytest.mark.asyncio
async def test_nothing_of_her_words_is_left_and_what_was_counted_stays(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """In no table, and on SQLite in no byte of the files; her hours and her part in counts stay."""
    county = _county(database, tmp_path, start)
    me = county.learners[0]
    database.write_now(fill, county, _unsealed)
    before = database.read_now(everything)
    expected = set(_words()) - ELSEWHERE
    assert [words for words in expected if words not in before] == []
    assert PHONE in before
    erased = database.write_now(personal_data.forget, me, now=start + LATER)
    assert (erased["questions"], erased["stories"], erased["minutes_written"]) == (1, 2, 2)
    assert await database.drop_old_pages()
    after = database.read_now(everything)
    if database.is_sqlite:
        folder = sqlite_path(database.url).parent
        after += "".join(
            file.read_bytes().decode("utf-8", errors="replace") for file in folder.iterdir()
        )
    assert "HERS" not in after
    assert PHONE not in after
    assert "派出所" in after
    _counts_stay(database, me, other=county.learners[1].person_id)
    with pytest.raises(NotThere):
        database.write_now(personal_data.forget, me, now=start + LATER)


def _counts_stay(database: Database, me: Speaker, *, other: int) -> None:
    def rows(statement: str) -> list[tuple[Any, ...]]:
        def read(session: Session) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in session.connection().execute(text(statement))]

        return database.read_now(read)

    who = me.person_id
    assert rows("SELECT person_id, person_name, minutes FROM learning_record") == [(who, None, 5)]
    assert rows("SELECT asker_id, text, state FROM question ORDER BY id") == [
        (who, REMOVED, "declined"),
        (other, "怎么开口", "answered"),
        (other, "还是怎么开口", "declined"),
    ]
    assert rows("SELECT count(*) FROM question_vote") == [(1,)]
    assert rows("SELECT state, reason FROM attendance") == [("excused", "")]
    assert rows("SELECT trainer_id FROM topic") == [(None,)]
    assert rows("SELECT facilitator_id FROM gathering ORDER BY id") == [(who,), (None,)]
    ((texts,),) = rows("SELECT texts FROM topic")
    texts = json.loads(texts) if isinstance(texts, str) else texts
    assert texts == {"1.why": f"有人问：{REMOVED}。大家都遇到过"}
    assert rows("SELECT text FROM question_answer ORDER BY id")[0] == (
        f"您问的“{REMOVED}”，先问好",
    )
    assert (who,) not in rows("SELECT person_id FROM chat_account")
    assert (who, f"已删除{who}", "forgotten") in rows("SELECT id, name, status FROM person")
    (entry,) = rows("SELECT actor_id, object_id FROM audit_entry WHERE action = 'forget'")
    assert entry == (who, who)


def test_her_copy_has_all_her_words_and_nobody_elses(
    database: Database, tmp_path: Path, start: datetime, note_key: NoteKey
) -> None:
    """Every column that would be emptied is in it, but for what is a secret or was never hers."""
    county = _county(database, tmp_path, start)
    database.write_now(fill, county, lambda words, about: note_key.seal(words, about=about))

    def copy(person_id: int) -> str:
        found = database.read_now(personal_data.collect, person_id, note_key=note_key)
        names = [section.name for section in found]
        assert len(names) == len(set(names))
        # Every sheet and column has its words.
        assert all(as_workbook(found, language=one, made_at=start) for one in LANGUAGES)
        return str(found)

    mine = copy(county.learners[0].person_id)
    hidden = {
        *("invite", "draft", "media", "question_vector", "inbox_update", "sent_message"),
        *("story_file", "chat_account", "learning_record", "visit_report"),
    }
    for words in set(_words()) - ELSEWHERE:
        is_hidden = any(words.startswith(f"HERS{table}") for table in hidden)
        # Letters for searching, and what stood before a change, say nothing that is not there.
        is_double = words in (
            own("story", "search_text"),
            own("topic_edit", "before"),
            own("training_event", "before"),
            own("visit_log", "before"),
            own("visit_log", "file_id"),
            own("visit_log", "more_files"),
        )
        assert is_hidden or is_double or words in mine, words
    assert PHONE in mine
    # A colleague has what was said to her, what is both of theirs, and what she wrote herself,
    # quoting it.
    said_to_her = {own("question", "reason"), own("question_answer", "text")}
    said_to_her.add(own("supervision_record", "sealed"))
    quoted = {own("question", "text")}
    theirs = copy(county.learners[1].person_id)
    read = {words for words in _words() if words in theirs}
    assert read == said_to_her | quoted


def test_the_last_administrator_stays(database: Database, tmp_path: Path, start: datetime) -> None:
    """Somebody must be able to look after the people: she first makes another one."""
    county = _county(database, tmp_path, start)
    me = county.learners[0]
    unit = county.top.id or 0
    database.write_now(
        lies, "role_grant", person_id=me.person_id, unit_id=unit, role="administrator"
    )
    grant = type(me.grants[0])("administrator", unit, county.top.path)
    boss = type(me)(**{name: getattr(me, name) for name in me.__slots__} | {"grants": (grant,)})
    with pytest.raises(LastAdministrator):
        database.write_now(personal_data.forget, boss, now=start)


def test_a_quoted_sentence_goes_and_a_common_phrase_stays() -> None:
    """Her sentences are found letter for letter, also within lists; short pieces are anybody's."""
    words = sentences(["先问一问老人自己。好的。", "入户时怎么开口说明来意？"])
    assert "先问一问老人自己" in words
    assert "好的" not in words
    said = {"a": ["有人问：入户时怎么开口说明来意？好的"], "入户时怎么开口说明来意？": 3}
    assert without_in(said, words) == {
        "a": [f"有人问：{REMOVED}好的"],
        "入户时怎么开口说明来意？": 3,
    }
    assert without("没有她的话", words) == "没有她的话"
