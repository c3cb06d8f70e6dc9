"""Answering: who may, what whoever waits is told, what can be taken back, whose turn is next."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import (
    answer_feedback,
    answering,
    question_news,
    questions,
    urgent_questions,
    waiting_questions,
)
from curriculum.answering import Done
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.people import COORDINATOR, SUPERVISOR, Speaker
from curriculum.questions import Asked
from storage import questions as stored
from storage.cohorts import Rhythm
from storage.deliveries import Delivery
from storage.engine import Database
from storage.questions import Question
from tests.county import join
from tests.curriculum.centre import Centre, at_once, audited, found
from tests.curriculum.outbox import Outbox

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
WORDS, ANSWER = "老人不肯开门怎么办", "先跟邻居一起去。"


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _ask(database: Database, speaker: Speaker, *, now: datetime = NOON) -> Asked:
    return database.write_now(questions.add, speaker, WORDS, now=now)


def _answer(
    database: Database, by: Speaker, question_id: int, text: str = ANSWER, *, now: datetime = NOON
) -> Done:
    return database.write_now(answering.answer, by, question_id, text, now=now)


def _vote(database: Database, speaker: Speaker, question_id: int) -> bool:
    return database.write_now(answer_feedback.vote, speaker, question_id, now=NOON)


def _state(database: Database, question_id: int) -> str:
    return database.read_now(lambda session: session.get_one(Question, question_id).state)


def _news(database: Database, *, now: datetime = NOON) -> list[Verdict]:
    return Outbox(database).ask(now, kinds=[question_news.KIND])


def test_an_answer_reaches_the_asker_and_every_voter_once(
    database: Database, centre: Centre
) -> None:
    """A vote counts once; whoever asked cannot vote for her own question."""
    asker, voter, third = centre.county.learners
    asked = _ask(database, asker)
    assert _vote(database, voter, asked.question_id)
    assert not _vote(database, voter, asked.question_id)
    with pytest.raises(NotThere):
        _vote(database, asker, asked.question_id)
    assert _answer(database, centre.supervisor, asked.question_id).told == 2
    told = [verdict for verdict in _news(database) if isinstance(verdict, Facts)]
    assert sorted(verdict.chat_id for verdict in told) == [asker.chat_id, voter.chat_id]
    assert [v.values["is_own"] for v in sorted(told, key=lambda v: v.chat_id)] == [True, False]
    assert third.chat_id not in {verdict.chat_id for verdict in told}
    (entry,) = audited(database, 1)
    assert (entry.actor_id, entry.action) == (centre.supervisor.person_id, "answer_question")
    assert ANSWER not in str(entry.facts)


def test_only_one_of_two_answers_at_once_stands(database: Database, centre: Centre) -> None:
    """The second is told that somebody changed it; one answer, told once."""
    asked = _ask(database, centre.county.learners[0])
    outcomes = at_once(
        lambda: _answer(database, centre.supervisor, asked.question_id, "一"),
        lambda: _answer(database, centre.coordinator, asked.question_id, "二"),
    )
    assert outcomes == ["changed_meanwhile", "done"]
    assert len(_news(database)) == 1


def test_what_is_taken_back_is_not_told_or_is_corrected(database: Database, centre: Centre) -> None:
    """Before it went out nobody hears; afterwards those who heard it hear that it does not hold."""
    asker, voter, _ = centre.county.learners
    asked = _ask(database, asker)
    _vote(database, voter, asked.question_id)
    _answer(database, centre.supervisor, asked.question_id)
    with pytest.raises(NotThere):
        database.write_now(answering.take_back, centre.coordinator, asked.question_id, now=NOON)
    undone = database.write_now(answering.take_back, centre.supervisor, asked.question_id, now=NOON)
    assert (undone.told, undone.messages) == (0, ())
    assert all(isinstance(verdict, NotWanted) for verdict in _news(database))
    assert _state(database, asked.question_id) == "new"
    _answer(database, centre.supervisor, asked.question_id, "另一个")
    Outbox(database).send(NOON + timedelta(minutes=2))
    undone = database.write_now(
        answering.take_back,
        centre.supervisor,
        asked.question_id,
        now=NOON + timedelta(minutes=9),
    )
    assert undone.told == 2
    assert {chat for chat, _, _ in undone.messages} == {asker.chat_id, voter.chat_id}
    corrections = _news(database, now=NOON + timedelta(minutes=9))
    assert [v.values["what"] for v in corrections if isinstance(v, Facts)] == ["taken_back"] * 2
    # Afterwards it is too late.
    _answer(database, centre.supervisor, asked.question_id, now=NOON)
    with pytest.raises(UndoTooLate):
        database.write_now(
            answering.take_back,
            centre.supervisor,
            asked.question_id,
            now=NOON + timedelta(minutes=11),
        )


def test_not_yet_returns_it_and_the_next_answer_takes_the_place(
    database: Database, centre: Centre
) -> None:
    """The answer stays readable beside the question until a better one; only who waits may say."""
    asker, other, _ = centre.county.learners
    asked = _ask(database, asker)
    _answer(database, centre.supervisor, asked.question_id)
    answer_id = database.read_now(lambda s: stored.answer_of(s, asked.question_id))
    assert answer_id is not None
    with pytest.raises(NotThere):
        database.write_now(answer_feedback.say, other, answer_id.id or 0, helped=False, now=NOON)
    database.write_now(
        answer_feedback.say, asker, answer_id.id or 0, helped=False, now=NOON + timedelta(days=7)
    )
    assert _state(database, asked.question_id) == "new"
    view = database.read_now(
        waiting_questions.view, centre.coordinator, asked.question_id, now=NOON
    )
    assert (view.earlier, view.is_open) == (ANSWER, True)
    assert view.line.answer_by == date(2026, 12, 9) + timedelta(days=7)
    _answer(database, centre.coordinator, asked.question_id, "更好的")
    with pytest.raises(ChangedMeanwhile):
        database.write_now(answer_feedback.say, asker, answer_id.id or 0, helped=True, now=NOON)
    # Taken back, the first one stands again.
    database.write_now(answering.take_back, centre.coordinator, asked.question_id, now=NOON)
    own = database.read_now(questions.own_view, asker, asked.question_id)
    assert own.answer == ANSWER


def test_a_question_taken_to_supervision_can_be_fetched_back(
    database: Database, centre: Centre
) -> None:
    """The coordinator who sent it there reads it no more, but may undo it; the supervisor reads."""
    asked = _ask(database, centre.county.learners[0])
    database.write_now(answering.to_supervision, centre.coordinator, asked.question_id, now=NOON)
    look = waiting_questions.view
    with pytest.raises(NotThere):
        database.read_now(look, centre.coordinator, asked.question_id, now=NOON)
    assert database.read_now(look, centre.supervisor, asked.question_id, now=NOON).is_open
    assert _news(database) == []
    database.write_now(answering.take_back, centre.coordinator, asked.question_id, now=NOON)
    assert database.read_now(look, centre.coordinator, asked.question_id, now=NOON).is_open


@pytest.mark.parametrize("role", ["of_station", "observer", "administrator", "learner"])
def test_questions_are_dealt_with_within_ones_units_only(
    database: Database, centre: Centre, role: str
) -> None:
    """Another station's coordinator, an observer, an administrator, a learner: all find nothing."""
    asked = _ask(database, centre.county.learners[2])
    by = centre.county.learners[0] if role == "learner" else getattr(centre, role)
    for act in (answering.answer, answering.decline):
        with pytest.raises(NotThere):
            database.write_now(act, by, asked.question_id, "话", now=NOON)
    for other in (answering.to_supervision, answering.take_back, waiting_questions.view):
        with pytest.raises(NotThere):
            database.write_now(other, by, asked.question_id, now=NOON)
    assert _state(database, asked.question_id) == "new"


def test_an_urgent_question_goes_from_one_supervisor_to_the_next(
    database: Database, centre: Centre
) -> None:
    """Two working days each, over a weekend four; after everybody it stays in the list."""
    second = database.write_now(
        lambda session: join(
            session,
            centre.county,
            chat_id=950,
            name="督导二",
            role=SUPERVISOR,
            unit=centre.county.top,
            now=NOON,
        )
    )
    thursday = NOON + timedelta(days=1)
    asked = _ask(database, centre.county.learners[0], now=thursday)
    urgent = database.write_now(
        questions.set_urgent,
        centre.county.learners[0],
        asked.question_id,
        is_urgent=True,
        now=thursday,
    )
    assert urgent.answer_by == date(2026, 12, 1)

    def turn() -> int | None:
        return database.read_now(
            lambda session: session.get_one(Question, asked.question_id).assigned_to
        )

    def moved(days: int) -> int:
        return database.write_now(
            urgent_questions.move_on,
            bot=centre.supervisor.bot,
            now=thursday + timedelta(days=days),
        )

    first = turn()
    supervisors = {centre.supervisor.person_id, second.person_id}
    assert first in supervisors
    # Thursday's turn lasts through Monday.
    assert [moved(days) for days in (1, 2, 3, 4)] == [0, 0, 0, 0]
    assert moved(5) == 1
    assert {turn()} == supervisors - {first}
    coordinators = 0
    for days in range(8, 60):
        coordinators += moved(days)
        assert (turn() in supervisors) == (coordinators == 0)
    # Everybody had a turn, nobody a second one.
    told = database.read_now(
        lambda s: s.exec(
            select(Delivery.recipient).where(Delivery.kind == urgent_questions.KIND)
        ).all()
    )
    assert len(told) == len(set(told)) == 2 + coordinators
    assert coordinators >= 1


def test_an_answered_question_is_nobodys_turn(database: Database, centre: Centre) -> None:
    """Urgent or not, what is answered goes on to nobody; and each begins with somebody else."""
    second = database.write_now(
        lambda session: join(
            session,
            centre.county,
            chat_id=950,
            name="督导二",
            role=SUPERVISOR,
            unit=centre.county.top,
            now=NOON,
        )
    )
    turns = []
    for _ in range(2):
        asker = centre.county.learners[0]
        asked = _ask(database, asker)
        database.write_now(questions.set_urgent, asker, asked.question_id, is_urgent=True, now=NOON)
        turns.append(
            database.read_now(lambda s, i=asked.question_id: s.get_one(Question, i).assigned_to)
        )
        _answer(database, second, asked.question_id)
    assert set(turns) == {centre.supervisor.person_id, second.person_id}
    later = NOON + timedelta(days=20)
    assert database.write_now(urgent_questions.move_on, bot=second.bot, now=later) == 0


def test_without_a_supervisor_it_is_a_coordinators_turn_and_never_the_askers(
    database: Database, centre: Centre
) -> None:
    """Who asks does not answer herself."""
    supervisor = centre.supervisor
    asked = _ask(database, supervisor)
    database.write_now(
        questions.set_urgent, supervisor, asked.question_id, is_urgent=True, now=NOON
    )
    whose = database.read_now(
        lambda session: session.get_one(Question, asked.question_id).assigned_to
    )
    assert whose in {centre.coordinator.person_id, centre.colleague.person_id}
    assert COORDINATOR in {grant.role for grant in centre.coordinator.grants}


def test_past_the_closing_day_a_question_goes_to_the_next_month(
    database: Database, centre: Centre
) -> None:
    """November's session is on the 26th and its pool closed on the 17th; without a topic ten
    working days are promised."""
    asker = centre.county.learners[0]
    assert _ask(database, asker).answer_by == date(2026, 12, 9)

    def begin(session: Session) -> None:
        rhythm = session.exec(select(Rhythm)).first()
        assert rhythm is not None
        session.add(
            Rhythm(
                cohort_id=rhythm.cohort_id,
                kind="monthly_topic",
                is_on=True,
                time_of_day=rhythm.time_of_day,
                late="merge",
                skip_after_hours=10,
                settings={},
                watermark=rhythm.watermark,
            )
        )

    database.write_now(begin)
    early = _ask(database, asker, now=datetime(2026, 11, 17, 4, 0, tzinfo=UTC))
    assert (early.answer_by, early.is_next_month) == (date(2026, 11, 26), False)
    late = _ask(database, asker, now=datetime(2026, 11, 18, 4, 0, tzinfo=UTC))
    assert (late.answer_by, late.is_next_month) == (date(2026, 12, 31), True)
