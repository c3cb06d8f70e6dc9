"""再来一题: what is asked, how often, by whom it is read, and what an answer says of the memory."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import lessons, memory, recall, todays_lesson
from curriculum.errors import NotThere
from curriculum.lesson_pack import read_pack
from curriculum.memory import Candidate
from curriculum.recall import ASKED, ENOUGH, NOTHING, OPEN
from storage import recall as stored
from storage.absences import Absence
from storage.audit import AuditEntry
from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery
from storage.engine import Database
from storage.lessons import Lesson
from storage.recall import RecallAsk, RecallCard
from storage.records import LearningRecord
from tests.county import County, build, write_pack
from tests.curriculum.recalling import (
    DAYS,
    FIRST,
    RIGHT,
    WRONG,
    ZONE,
    answer,
    ask,
    at,
    learn,
    receive,
    rows,
)


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """Two learners, five lessons."""
    return database.write_now(build, write_pack(tmp_path / "pack", 5), now=start, learners=2)


def test_a_first_answer_makes_a_card_and_no_other_does(database: Database, county: County) -> None:
    """学完了 alone says nothing of the memory; right lasts longer than wrong; a second press adds
    nothing."""
    receive(database, county, DAYS[:1])
    learn(database, county, FIRST, None)
    assert rows(database, RecallCard) == []
    learn(database, county, FIRST, RIGHT)
    learn(database, county, FIRST, WRONG)
    learn(database, county, FIRST, WRONG, by=1)
    right, wrong = rows(database, RecallCard)
    assert (right.person_id, wrong.person_id) == tuple(s.person_id for s in county.learners)
    assert right.stability > wrong.stability
    assert right.last_review_at == at(FIRST)


def test_new_material_comes_first_then_the_weakest(database: Database, county: County) -> None:
    """What was only read comes before what was answered, and what was wrong before what was
    right."""
    receive(database, county, DAYS[:3])
    learn(database, county, DAYS[0], RIGHT)
    learn(database, county, DAYS[1], WRONG)
    learn(database, county, DAYS[2], None)
    who, day = county.learners[0], date(2026, 12, 5)
    numbers = []
    for number in range(3):
        now = at(day + timedelta(days=number))
        asked = ask(database, who, now)
        numbers.append(asked.values["number"])
        answer(database, who, asked.ask_id, RIGHT, now)
    assert numbers == ["3", "2", "1"]
    predicted = [row.predicted for row in rows(database, RecallAsk)]
    assert predicted[0] is None
    assert all(0 < p < 1 for p in predicted[1:])
    assert database.read_now(lambda session: list(stored.predictions(session))) == [
        (p, True) for p in predicted[1:]
    ]


def test_two_a_day_are_enough(database: Database, county: County) -> None:
    """A third press says so, the day after goes on, and days are the cohort's, not London's."""
    receive(database, county, DAYS[:4])
    who, day = county.learners[0], date(2026, 12, 5)
    # 07:30 in Lhasa is still the day before in London.
    for hour in (7, 23):
        asked = ask(database, who, at(day, hour, 30))
        result = answer(database, who, asked.ask_id, RIGHT, at(day, hour, 31))
        assert result.may_ask is (hour == 7)
    assert ask(database, who, at(day, 23, 59)).state == ENOUGH
    assert ask(database, who, at(day + timedelta(days=1), 0, 1)).state == ASKED


def test_nothing_of_today_is_asked(database: Database, county: County) -> None:
    """Neither today's lesson nor one answered today, also when it comes a second time."""
    receive(database, county, DAYS[:1])
    who = county.learners[0]
    learned = learn(database, county, FIRST, RIGHT)
    assert not learned.may_recall
    assert ask(database, who, at(FIRST, 12)).state == NOTHING
    assert ask(database, who, at(DAYS[1], 8)).state == ASKED
    receive(database, county, [DAYS[3]], lesson="001")
    assert ask(database, who, at(DAYS[3], 12)).state == NOTHING
    assert ask(database, who, at(DAYS[3], 12, 1)).state == NOTHING


def test_a_lesson_due_later_today_is_todays_too(database: Database, county: County) -> None:
    """What waits to be sent at ten is not asked at eight, though it came before."""
    receive(database, county, DAYS[:1])
    receive(database, county, [DAYS[3]], lesson="001")

    def not_sent_yet(session: Session) -> None:
        for row in session.exec(select(Delivery).where(Delivery.due_at == at(DAYS[3], 10))):
            row.status, row.parts_sent, row.sent_at = "waiting", 0, None

    database.write_now(not_sent_yet)
    assert ask(database, county.learners[0], at(DAYS[3], 8)).state == NOTHING
    assert ask(database, county.learners[0], at(DAYS[4], 8)).state == ASKED


def test_the_button_is_offered_once_the_quiz_is_answered(
    database: Database, county: County
) -> None:
    """Not after 学完了 alone; with the answer, when an earlier lesson may be asked; in 今天 too."""
    receive(database, county, DAYS[:2])
    who = county.learners[0]
    assert not learn(database, county, DAYS[1], None).may_recall
    before = database.write_now(todays_lesson.today, who, now=at(DAYS[1], 12))
    assert learn(database, county, DAYS[1], RIGHT).may_recall
    after = database.write_now(todays_lesson.today, who, now=at(DAYS[1], 12))
    assert (before.may_recall, after.may_recall) == (False, True)


def test_a_question_left_open_comes_again(database: Database, county: County) -> None:
    """Before a new one is taken; on a later day it is one of that day's two."""
    receive(database, county, DAYS[:4])
    who, day = county.learners[0], date(2026, 12, 5)
    first = ask(database, who, at(day))
    again = ask(database, who, at(day, 12))
    assert (again.state, again.ask_id, again.values) == (OPEN, first.ask_id, first.values)
    next_day = day + timedelta(days=1)
    assert ask(database, who, at(next_day)).ask_id == first.ask_id
    (row,) = rows(database, RecallAsk)
    assert row.asked_on == next_day
    answer(database, who, first.ask_id, RIGHT, at(next_day))
    answer(database, who, ask(database, who, at(next_day)).ask_id, RIGHT, at(next_day))
    assert ask(database, who, at(next_day)).state == ENOUGH
    assert len(rows(database, RecallAsk)) == 2


def test_an_old_question_answered_late_counts_on_the_day_of_the_answer(
    database: Database, county: County
) -> None:
    """The card is reviewed when she answers, and the answer is one of that day's two."""
    receive(database, county, DAYS[:4])
    who, late = county.learners[0], date(2026, 12, 9)
    asked = ask(database, who, at(date(2026, 12, 5)))
    answer(database, who, asked.ask_id, RIGHT, at(late))
    (card,) = rows(database, RecallCard)
    assert card.last_review_at == at(late)
    assert ask(database, who, at(late)).state == ASKED
    row = rows(database, RecallAsk)[-1]
    answer(database, who, row.id, RIGHT, at(late))
    assert ask(database, who, at(late)).state == ENOUGH


def test_an_answer_counts_once(database: Database, county: County) -> None:
    """The first option stands; the card is reviewed once; nobody is told of it twice as news."""
    receive(database, county, DAYS[:2])
    who, now = county.learners[0], at(date(2026, 12, 5))
    asked = ask(database, who, now)
    first = answer(database, who, asked.ask_id, WRONG, now)
    (before,) = rows(database, RecallCard)
    second = answer(database, who, asked.ask_id, RIGHT, now + timedelta(days=3))
    (after,) = rows(database, RecallCard)
    assert (first.is_new, second.is_new, second.chosen) == (True, False, WRONG)
    assert (before.stability, before.last_review_at) == (after.stability, after.last_review_at)


def test_a_tap_right_after_another_is_told_where_the_question_is(
    database: Database, county: County
) -> None:
    """Within half a minute; later it is shown again."""
    receive(database, county, DAYS[:2])
    who, now = county.learners[0], at(date(2026, 12, 5))
    shown = [ask(database, who, now + timedelta(seconds=s)).is_just_asked for s in (0, 0, 29, 30)]
    assert shown == [False, True, True, False]


def test_recall_writes_no_record_and_leaves_no_trace_for_others(
    database: Database, county: County
) -> None:
    """The ledger counts lessons; how well somebody remembers is nobody else's to read."""
    receive(database, county, DAYS[:2])
    audited = len(rows(database, AuditEntry))
    who, now = county.learners[0], at(date(2026, 12, 5))
    answer(database, who, ask(database, who, now).ask_id, RIGHT, now)
    assert rows(database, LearningRecord) == []
    assert len(rows(database, AuditEntry)) == audited


def test_a_question_is_answered_by_whom_it_was_put_to(database: Database, county: County) -> None:
    """Somebody else's, one that does not exist and an option it does not have look the same."""
    receive(database, county, DAYS[:2])
    mine, hers = county.learners
    now = at(date(2026, 12, 5))
    asked = ask(database, mine, now)
    assert county.coordinator is not None
    for who, ask_id, chosen in (
        (hers, asked.ask_id, RIGHT),
        (county.coordinator, asked.ask_id, RIGHT),
        (mine, asked.ask_id + 1, RIGHT),
        (mine, asked.ask_id, 3),
        (mine, asked.ask_id, -1),
    ):
        with pytest.raises(NotThere):
            answer(database, who, ask_id, chosen, now)
    assert rows(database, RecallAsk)[0].chosen is None
    assert ask(database, county.coordinator, now).state == NOTHING


def test_withdrawn_and_outdated_lessons_are_never_asked(database: Database, county: County) -> None:
    """Nor is an open question about one offered again; its late answer is still taken."""
    receive(database, county, DAYS[:3])
    who, day = county.learners[0], date(2026, 12, 5)
    asked = ask(database, who, at(day))
    assert asked.values["number"] == "1"

    def change(session: Session) -> None:
        by_code = {row.code: row for row in session.exec(select(Lesson))}
        by_code["001"].is_withdrawn = True
        by_code["002"].valid_to = day - timedelta(days=1)

    database.write_now(change)
    other = ask(database, who, at(day))
    assert (other.state, other.values["number"]) == (ASKED, "3")
    assert answer(database, who, asked.ask_id, RIGHT, at(day)).is_new


def test_a_changed_question_begins_anew_and_a_changed_text_does_not(
    database: Database, county: County, tmp_path: Path
) -> None:
    """The card of a question that was changed counts as new; rewording the lesson keeps it."""
    receive(database, county, DAYS[:2])
    learn(database, county, DAYS[0], RIGHT)
    learn(database, county, DAYS[1], WRONG)
    pack = write_pack(tmp_path / "pack", 5, changed={"002": "另一种说法。"})
    database.write_now(lessons.import_pack, pack, now=at(DAYS[2]))
    who, now = county.learners[0], at(date(2026, 12, 5))
    assert ask(database, who, now).values["number"] == "2"
    assert rows(database, RecallAsk)[0].predicted is not None
    answer(database, who, rows(database, RecallAsk)[0].id, WRONG, now)
    kept = next(card for card in rows(database, RecallCard) if card.stability < 1)
    change_question(database, tmp_path, "001", now)
    asked = ask(database, who, now)
    assert asked.values["number"] == "1"
    assert asked.values["question"]["text"] == "换了一道题"
    assert rows(database, RecallAsk)[1].predicted is None
    answer(database, who, asked.ask_id, WRONG, now)
    anew = next(card for card in rows(database, RecallCard) if card.id != kept.id)
    assert anew.stability == memory.reviewed(None, correct=False, at=now).stability


def change_question(database: Database, folder: Path, code: str, now: datetime) -> None:
    """Import the pack with another check question in one lesson."""
    file = folder / "pack" / f"{code}.zh.md"
    text = file.read_text(encoding="utf-8").replace("text: 选哪一个", "text: 换了一道题")
    file.write_text(text, encoding="utf-8")
    database.write_now(lessons.import_pack, read_pack(folder / "pack"), now=now)


def test_an_answer_to_a_question_that_was_changed_since_leaves_the_card(
    database: Database, county: County, tmp_path: Path
) -> None:
    """It is kept and shown, an open question about it is not offered again, the new one is."""
    receive(database, county, DAYS[:1])
    who, now = county.learners[0], at(date(2026, 12, 5))
    old = ask(database, who, now)
    change_question(database, tmp_path, "001", now)
    new = ask(database, who, now)
    assert (new.state, new.values["question"]["text"]) == (ASKED, "换了一道题")
    taken = answer(database, who, old.ask_id, RIGHT, now)
    assert taken.values["question"]["text"] == "选哪一个"
    assert rows(database, RecallCard) == []


def test_five_a_day_in_the_first_week_back(database: Database, county: County) -> None:
    """After an absence that is over; before, on the eighth day and while it is open, two."""
    receive(database, county, DAYS)
    who, back = county.learners[0], date(2026, 12, 14)
    database.write_now(
        lambda session: session.add(
            Absence(person_id=who.person_id, since=date(2026, 12, 2), until=back, set_at=at(FIRST))
        )
    )

    def asked_on(day: date) -> int:
        for count in range(9):
            asked = ask(database, who, at(day))
            if not asked.values:
                return count
            answer(database, who, asked.ask_id, RIGHT, at(day))
        return 9

    counts = [asked_on(back + timedelta(days=d)) for d in (-3, 0, 6, 7)]
    assert counts == [2, 5, 5, 2]


def test_the_days_last_question_left_open_is_shown_again(
    database: Database, county: County
) -> None:
    """It was asked within the day's measure, so it is not enough yet; its answer makes it so."""
    receive(database, county, DAYS[:4])
    who, now = county.learners[0], at(date(2026, 12, 5))
    answer(database, who, ask(database, who, now).ask_id, RIGHT, now)
    second = ask(database, who, now)
    assert ask(database, who, now).ask_id == second.ask_id
    assert database.write_now(recall.may_ask, who, now=now)
    assert not answer(database, who, second.ask_id, RIGHT, now).may_ask


@pytest.mark.parametrize(
    ("open_on", "used", "state"),
    [
        (None, 0, ASKED),
        (None, 1, ASKED),
        (None, 2, ENOUGH),
        (None, 3, ENOUGH),
        (FIRST, 2, OPEN),
        (FIRST - timedelta(days=1), 1, OPEN),
        (FIRST - timedelta(days=1), 2, ENOUGH),
    ],
)
def test_what_a_press_leads_to(open_on: date | None, used: int, state: str) -> None:
    """Today's open question always; an earlier one and a new one only within the measure."""
    row = None
    if open_on is not None:
        row = RecallAsk(
            person_id=1, lesson_id=1, version_id=1, asked_on=open_on, asked_at=at(open_on)
        )
    candidates = [Candidate(2, 2, at(FIRST), None)]
    decided, chosen = recall.decide(candidates, row, used=used, limit=2, day=FIRST, now=at(FIRST))
    assert decided == state
    assert (chosen is not None) is (state == ASKED)
    if row is None and used < 2:
        assert recall.decide([], None, used=used, limit=2, day=FIRST, now=at(FIRST))[0] == NOTHING


@pytest.mark.parametrize(("days", "limit"), [(-1, 2), (0, 5), (6, 5), (7, 2), (400, 2)])
def test_the_week_back_is_seven_days(days: int, limit: int) -> None:
    """The first day back is the first of them."""
    assert recall.limit_on(FIRST + timedelta(days=days), back_since=FIRST) == limit
    assert recall.limit_on(FIRST + timedelta(days=days), back_since=None) == 2


def test_an_answer_in_a_second_round_reviews_the_same_card(
    database: Database, county: County
) -> None:
    """A lesson that comes again has one card, and its first answer there counts as a review."""
    receive(database, county, DAYS[:1])
    receive(database, county, [DAYS[3]], lesson="001")
    learn(database, county, DAYS[0], RIGHT)
    (first,) = rows(database, RecallCard)
    learn(database, county, DAYS[3], RIGHT)
    (second,) = rows(database, RecallCard)
    assert second.id == first.id
    assert second.stability > first.stability


def test_several_cohorts_are_one_memory(
    database: Database, county: County, start: datetime
) -> None:
    """Lessons of every cohort are asked; the first cohort's zone says which day it is."""
    receive(database, county, DAYS[:2])
    who = county.learners[0]

    def join_another(session: Session) -> None:
        own = session.get_one(Cohort, county.cohort.id)
        own.zone = "America/New_York"
        other = Cohort(**own.model_dump(exclude={"id"}) | {"zone": ZONE})
        session.add_all([own, other])
        session.flush()
        session.add(CohortMember(cohort_id=other.id or 0, person_id=who.person_id, since=FIRST))
        for row in session.exec(select(Delivery).where(Delivery.due_at == at(DAYS[1], 10))):
            row.cohort_id = other.id

    database.write_now(join_another)
    day = date(2026, 12, 5)
    # Thirteen hours behind Lhasa: there midnight parts these two moments, in New York it does not.
    numbers = []
    for now in (at(day, 23, 59), at(day + timedelta(days=1), 0, 1)):
        asked = ask(database, who, now)
        numbers.append(asked.values["number"])
        answer(database, who, asked.ask_id, RIGHT, now)
    assert numbers == ["1", "2"]
    assert [row.asked_on for row in rows(database, RecallAsk)] == [day, day]
    assert ask(database, who, at(day + timedelta(days=1), 12)).state == ENOUGH
    assert ask(database, who, at(day + timedelta(days=1), 13, 1)).state == ASKED


def test_each_is_asked_what_she_received_herself(database: Database, county: County) -> None:
    """At her own pace somebody further on has more to recall than somebody who began late."""
    first, second = county.learners
    receive(database, county, DAYS[:3])

    def only_one_came(session: Session) -> None:
        for row in session.exec(select(Delivery).where(Delivery.person_id == second.person_id)):
            if str(DAYS[2]) not in row.occasion:
                row.status, row.parts_sent, row.sent_at = "expired", 0, None

    database.write_now(only_one_came)
    day = at(date(2026, 12, 5))
    assert ask(database, first, day).values["number"] == "1"
    only = ask(database, second, day)
    assert only.values["number"] == "3"
    answer(database, second, only.ask_id, RIGHT, day)
    assert ask(database, second, day).state == NOTHING
    assert ask(database, second, day + timedelta(days=1)).values["number"] == "3"
