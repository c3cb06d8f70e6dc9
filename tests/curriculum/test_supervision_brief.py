"""The brief of a session: the same for both, nothing anonymous, what she wants to talk about."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.render import Renderer
from curriculum import questions, used_lessons
from curriculum import supervision_agenda as agendas
from curriculum import supervision_booking as booking
from curriculum import supervision_brief as briefs
from curriculum.errors import NotThere, TextTooLong
from curriculum.facts import Facts, NotWanted
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.supervision_agenda import Span, span, span_ahead
from curriculum.supervision_brief import Action, Brief
from curriculum.supervision_texts import seal_words
from curriculum.supervision_words import AGENDA
from storage.engine import Database
from storage.sealed import NoteKey
from storage.supervision_pairs import SupervisionPair
from storage.supervision_records import SupervisionAction, SupervisionRecord
from tests.curriculum.outbox import Outbox
from tests.curriculum.recalling import FIRST, WRONG, learn, receive
from tests.curriculum.supervising import DAY, HOUR, Office

# A Wednesday afternoon, and the next one that can be booked.
SESSION = datetime(2026, 12, 9, 6, 0, tzinfo=UTC)
NEXT = SESSION + timedelta(days=14)


class Briefs:
    """A pair that meets, and its brief."""

    def __init__(self, office: Office, note_key: NoteKey) -> None:
        self.office, self.key = office, note_key
        office.publish("周三 14:00-17:00")
        self.pair: SupervisionPair = office.assign()

    @property
    def worker(self) -> Speaker:
        """Who is accompanied."""
        return self.office.worker

    def of(self, who: Speaker) -> Brief:
        """The brief as somebody reads it."""
        return self.office.database.read_now(
            briefs.of_pair, who, self.pair.id or 0, note_key=self.key, now=self.office.now
        )

    def say(self, words: str = "", *, voice: str = "", who: Speaker | None = None) -> None:
        """What she wants to talk about."""
        self.office.do(
            agendas.write,
            who or self.worker,
            self.pair.id,
            text=words,
            voice=voice,
            note_key=self.key,
        )

    def voice(self, who: Speaker) -> str:
        """The recording somebody hears."""
        return self.office.database.read_now(
            agendas.voice_of, who, self.pair.id or 0, note_key=self.key, now=self.office.now
        )


@pytest.fixture
def pair(database: Database, tmp_path: Path, start: datetime, note_key: NoteKey) -> Briefs:
    """A pair whose supervisor is free on Wednesday afternoons."""
    return Briefs(Office(database, tmp_path, start), note_key)


def test_what_belongs_to_a_session_is_written_between_two_of_them() -> None:
    """The day of a session still shows its own; what is written once it began is for the next."""
    now = SESSION
    before, ahead = now - 7 * DAY, now + 7 * DAY
    assert span([], now=now) == span_ahead([], now=now) == Span(None, None)
    assert span([ahead, before], now=now) == Span(before, ahead)
    assert span([now, before], now=now + HOUR) == Span(before, now)
    assert span([now, before], now=now + 2 * DAY) == Span(now, None)
    assert span_ahead([ahead, before], now=now) == Span(before, None)
    assert span_ahead([now, before], now=now + HOUR) == Span(now, None)


def _action(session: Session, pair: SupervisionPair, key: NoteKey, words: str, **more: Any) -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    who = {"written_by": pair.supervisor_id, "supervisor_id": pair.supervisor_id}
    at = {"created_at": now, "changed_at": now}
    record = SupervisionRecord(
        bot=pair.bot,
        form="individual",
        pair_id=pair.id,
        occurred_on=now.date(),
        minutes=60,
        counted_minutes=60,
        mode="online",
        functions=[],
        state="sealed",
        version=1,
        **who,
        **at,
    )
    session.add(record)
    session.flush()
    row = SupervisionAction(
        bot=pair.bot,
        record_id=record.id or 0,
        pair_id=pair.id,
        version=1,
        changed_by=pair.supervisor_id,
        **(at | more),
    )
    session.add(row)
    session.flush()
    seal_words(row, words, key)


def test_both_read_the_same_brief_and_nothing_anonymous_or_private(pair: Briefs) -> None:
    """Lessons, titles that fade, questions under her name, actions; in the same words for both."""
    office, database = pair.office, pair.office.database
    for words, hidden in (("老人不愿意出门怎么办", False), ("我能不能换督导", True)):
        office.do(questions.add, pair.worker, words, is_anonymous=hidden)
    office.do(questions.add, office.centre.county.learners[1], "别人问的")
    receive(database, office.centre.county, [FIRST])
    learn(database, office.centre.county, FIRST, WRONG)
    due = date(2026, 12, 5)
    for words, owner, state in (
        ("找一篇案例", "supervisor", "done"),
        ("约村医去看一次", "worker", "open"),
        ("不做了的", "worker", "dropped"),
    ):
        people = {"supervisor": pair.pair.supervisor_id, "worker": pair.pair.worker_id}
        values = {"owner": owner, "owner_id": people[owner], "state": state, "due_on": due}
        database.write_now(_action, pair.pair, pair.key, words, **values)
    pair.say("想聊怎么开口")
    office.now += 7 * DAY
    found = pair.of(office.supervisor)
    assert (found.lessons, found.modules, found.fading) == (1, ("一",), ("第001课的题目",))
    assert (found.asked, found.questions) == (1, ("老人不愿意出门怎么办",))
    assert found.agenda.text == "想聊怎么开口"
    assert found.actions == (
        Action("约村医去看一次", "worker", due, "open"),
        Action("找一篇案例", "supervisor", due, "done"),
    )
    shown = Renderer(zone="Asia/Shanghai", wordings={})
    texts = {
        shown.text("supervision_brief", "zh", brief=pair.of(who)).text
        for who in (office.supervisor, pair.worker)
    }
    assert len(texts) == 1
    assert "换督导" not in texts.pop()
    centre = office.centre
    others = (centre.coordinator, centre.administrator, centre.observer, centre.county.learners[1])
    for who in others:
        with pytest.raises(NotThere):
            pair.of(who)


def test_what_she_wants_to_talk_about_changes_until_the_session_begins(
    pair: Briefs, outbox: Outbox
) -> None:
    """Typed or spoken, by her alone; afterwards what she writes is for the next session."""
    office = pair.office
    office.book(pair.pair, SESSION)
    asked_at = SESSION - 3 * DAY
    asked = [one for one in outbox.ask(asked_at, kinds=(AGENDA,)) if isinstance(one, Facts)]
    assert [one.chat_id for one in asked] == [pair.worker.chat_id]
    for words, refusal in (("", QuestionEmpty), ("长" * 501, TextTooLong)):
        with pytest.raises(refusal):
            pair.say(words)
    for who in (office.supervisor, office.centre.coordinator):
        with pytest.raises(NotThere):
            pair.say("别人的话", who=who)
    pair.say(voice="voice-file")
    assert pair.of(office.supervisor).agenda.has_voice
    assert [pair.voice(who) for who in (office.supervisor, pair.worker)] == ["voice-file"] * 2
    with pytest.raises(NotThere):
        pair.voice(office.centre.administrator)
    office.now = SESSION - HOUR
    pair.say("想聊怎么开口")
    found = pair.of(office.supervisor)
    assert (found.agenda.text, found.agenda.has_voice) == ("想聊怎么开口", False)
    assert found.starts_at == SESSION
    with pytest.raises(NotThere):
        pair.voice(office.supervisor)
    assert office.rows(text("SELECT count(*) FROM supervision_agenda")) == [(1,)]
    office.now = SESSION + HOUR
    pair.say("下次再聊记录")
    assert pair.of(office.supervisor).agenda.text == "想聊怎么开口"
    office.now = SESSION + 2 * DAY
    found = pair.of(office.supervisor)
    assert (found.agenda.text, found.since) == ("下次再聊记录", SESSION.date())
    # Whoever has said it already is not asked.
    office.book(pair.pair, NEXT)
    told = outbox.ask(NEXT - 3 * DAY, kinds=(AGENDA,))
    assert [one.reason for one in told if isinstance(one, NotWanted)] == ["said_already"]
    office.do(agendas.clear, pair.worker, pair.pair.id)
    assert pair.of(office.supervisor).agenda.text == ""
    with pytest.raises(NotThere):
        office.do(agendas.clear, pair.worker, pair.pair.id)


def test_a_session_that_is_not_held_takes_no_agenda_with_it(pair: Briefs) -> None:
    """What she wrote for one that was missed is there for the next."""
    office = pair.office
    made = office.book(pair.pair, SESSION)
    pair.say("想聊怎么开口")
    office.now = SESSION + HOUR
    office.do(booking.miss, pair.worker, made.id, seen=made.version)
    office.now += 3 * DAY
    assert pair.of(office.supervisor).agenda.text == "想聊怎么开口"


def test_a_sentence_is_brought_by_its_writer_and_taken_back(pair: Briefs) -> None:
    """It stands in the next brief as hers; written anew it is hers alone again; nobody else can."""
    office, database = pair.office, pair.office.database
    receive(database, office.centre.county, [FIRST])
    friday = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
    office.now = friday
    lesson = database.read_now(used_lessons.choices, pair.worker, now=friday)[0].lesson_id
    used = office.do(used_lessons.note, pair.worker, lesson, "上门前先打电话")
    office.now += HOUR

    def bringing(who: Speaker) -> tuple[bool, bool]:
        return database.read_now(agendas.bringing, who, used, now=office.now)

    assert bringing(pair.worker) == (True, False)
    assert pair.of(office.supervisor).sentences == ()
    for who in (office.supervisor, office.centre.county.learners[1], office.centre.coordinator):
        for act in (agendas.bring, agendas.keep):
            with pytest.raises(NotThere):
                office.do(act, who, used)
    office.do(agendas.bring, pair.worker, used)
    assert bringing(pair.worker) == (True, True)
    assert pair.of(office.supervisor).sentences == ("上门前先打电话",)
    office.do(agendas.keep, pair.worker, used)
    assert pair.of(office.supervisor).sentences == ()
    office.do(agendas.bring, pair.worker, used)
    office.now += HOUR
    office.do(used_lessons.note, pair.worker, lesson, "另写一句")
    assert pair.of(office.supervisor).sentences == ()
    # Without a supervisor it is not offered.
    other = office.centre.county.learners[1]
    theirs = office.do(used_lessons.note, other, lesson, "我也打了电话")
    assert database.read_now(agendas.bringing, other, theirs, now=office.now) == (False, False)
    with pytest.raises(NotThere):
        office.do(agendas.bring, other, theirs)
