"""Item statistics: how hard a question is and what draws people, never one single answer."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import Session, select

from curriculum import item_statistics, lessons
from curriculum.errors import NotThere
from curriculum.item_statistics import GROUP, ItemFigure, OptionFigure, figures, of_counts, remark
from storage.engine import Database
from storage.lessons import Answer, Lesson
from storage.people import Membership, Person, Unit
from tests.county import County, build, write_pack

QUESTION = {"text": "选哪一个", "options": ["甲", "乙", "丙"], "answer": 1, "explanation": "乙"}
RIGHT = 1


@pytest.fixture
def county(database: Database, tmp_path: Path, start: datetime) -> County:
    """A pack of two lessons, nobody has answered."""
    return database.write_now(build, write_pack(tmp_path / "pack", 2), now=start, learners=1)


def version_of(session: Session, code: str) -> int:
    found = select(Lesson.current_version_id).where(Lesson.code == code)
    return session.exec(found).one() or 0


def people_at(session: Session, unit: Unit, count: int, *, now: datetime) -> list[int]:
    """New people who work there."""
    people = [Person(name=f"学员{number}", created_at=now) for number in range(count)]
    session.add_all(people)
    session.flush()
    for person in people:
        session.add(Membership(person_id=person.id, unit_id=unit.id, since=now.date()))
    return [person.id or 0 for person in people]


def answer(session: Session, version_id: int, people: list[int], chosen: int, at: datetime) -> None:
    for person_id in people:
        session.add(
            Answer(
                person_id=person_id,
                version_id=version_id,
                chosen=chosen,
                correct=chosen == RIGHT,
                answered_at=at,
                source="telegram",
            )
        )
    session.flush()


def answered_by(
    database: Database, county: County, choices: list[int], *, now: datetime, code: str = "001"
) -> list[ItemFigure]:
    """The figures after one new person per choice has answered."""

    def write(session: Session) -> list[ItemFigure]:
        people = people_at(session, county.station, len(choices), now=now)
        version = version_of(session, code)
        for person, chosen in zip(people, choices, strict=True):
            answer(session, version, [person], chosen, now)
        return list(figures(session))

    return database.write_now(write)


def test_nobody_answered_gives_no_figure(database: Database, county: County) -> None:
    """A question nobody saw is not listed."""
    assert database.read_now(lambda session: list(figures(session))) == []


@pytest.mark.parametrize("count", [1, 4])
def test_below_five_people_nothing_is_shown(
    database: Database, county: County, start: datetime, count: int
) -> None:
    """Not how many, not who was right, not what was chosen."""
    (figure,) = answered_by(database, county, [0] * count, now=start)
    assert (figure.answered, figure.right_from, figure.right_to) == (None, None, None)
    assert {option.at_least for option in figure.options} == {None}
    assert figure.remark is None
    assert (figure.lesson, figure.text) == ("001", "选哪一个")


def test_ten_people_give_how_hard_it_is_and_what_draws_them(
    database: Database, county: County, start: datetime
) -> None:
    """Five right, five on one wrong option: each at least five, right for 50% to 90%."""
    (figure,) = answered_by(database, county, [RIGHT] * 5 + [2] * 5, now=start)
    assert figure.answered == 10
    assert [option.at_least for option in figure.options] == [None, 5, 5]
    assert [option.is_right for option in figure.options] == [False, True, False]
    assert (figure.right_from, figure.right_to) == (0.5, 0.9)


def test_one_persons_answer_never_changes_the_figures(
    database: Database, county: County, start: datetime
) -> None:
    """The sixth to ninth person count only when the tenth has answered."""
    first = answered_by(database, county, [RIGHT] * 5, now=start)
    for _ in range(4):
        assert answered_by(database, county, [0], now=start) == first
    (figure,) = answered_by(database, county, [0], now=start)
    assert figure.answered == 10
    assert [option.at_least for option in figure.options] == [5, 5, None]


def test_only_a_persons_first_answer_to_a_version_counts(
    database: Database, county: County, start: datetime
) -> None:
    """Who answers again in a later round changes nothing; a new version is counted apart."""

    def write(session: Session) -> list[ItemFigure]:
        people = people_at(session, county.station, 5, now=start)
        version = version_of(session, "001")
        answer(session, version, people, 0, start)
        answer(session, version, people, RIGHT, start)
        return list(figures(session))

    (figure,) = database.write_now(write)
    assert (figure.answered, figure.options[0].at_least, figure.right_to) == (5, 5, 0.8)


def test_versions_are_counted_apart_and_in_teaching_order(
    database: Database, county: County, tmp_path: Path, start: datetime
) -> None:
    """What a changed question is worth is not mixed with what the old one was."""
    answered_by(database, county, [0] * 5, now=start, code="002")
    answered_by(database, county, [0] * 5, now=start, code="001")
    changed = write_pack(tmp_path / "pack", 2, changed={"001": "另一段。"})
    database.write_now(lessons.import_pack, changed, now=start)
    found = answered_by(database, county, [RIGHT] * 5, now=start, code="001")
    assert [(f.lesson, f.version, f.is_current, f.right_from) for f in found] == [
        ("001", 1, False, 0.0),
        ("001", 2, True, 1.0),
        ("002", 1, True, 0.0),
    ]


def test_a_pack_and_a_unit_leave_out_everybody_else(
    database: Database, county: County, start: datetime
) -> None:
    """Who works elsewhere now is not counted; a pack that is not asked for is not listed."""

    def write(session: Session) -> None:
        version = version_of(session, "001")
        here = people_at(session, county.station, 5, now=start)
        there = people_at(session, county.other_station, 5, now=start)
        answer(session, version, here, RIGHT, start)
        answer(session, version, there, 0, start)

    database.write_now(write)

    def at(unit: Unit) -> list[ItemFigure]:
        return database.read_now(lambda session: list(figures(session, unit_path=unit.path)))

    assert [f.right_from for f in at(county.station)] == [1.0]
    assert [f.right_from for f in at(county.other_station)] == [0.0]
    assert [f.answered for f in at(county.top)] == [10]
    of_pack = [
        database.read_now(lambda session, code=code: list(figures(session, pack_code=code)))
        for code in ("test", "none")
    ]
    assert [len(found) for found in of_pack] == [1, 0]


def test_any_number_of_questions_takes_one_query(
    database: Database, county: County, start: datetime
) -> None:
    """And no name leaves the database."""
    for code in ("001", "002"):
        answered_by(database, county, [0, 1, 2] * 5, now=start, code=code)
    asked: list[str] = []

    def read(session: Session) -> list[ItemFigure]:
        event.listen(
            session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2])
        )
        return list(figures(session))

    assert len(database.read_now(read)) == 2
    (query,) = [statement for statement in asked if "SELECT" in statement]
    assert "person.name" not in query


def test_only_who_may_read_records_has_a_scope(database: Database, county: County) -> None:
    """A coordinator's own unit with all below it, never a smaller one; others look absent."""
    coordinator, learner = county.coordinator, county.learners[0]
    assert coordinator is not None
    scope = database.read_now(item_statistics.scope_of, coordinator)
    assert scope.unit_path == county.top.path
    with pytest.raises(NotThere):
        database.read_now(item_statistics.scope_of, learner)


def test_a_version_without_the_answers_of_five_stays_hidden_beside_others(
    database: Database, county: County, start: datetime
) -> None:
    """Each question has its own group; a busy neighbour shows nothing of it."""
    answered_by(database, county, [RIGHT] * 5, now=start, code="001")
    found = answered_by(database, county, [RIGHT] * 4, now=start, code="002")
    assert [(f.lesson, f.answered) for f in found] == [("001", 5), ("002", None)]


counts = st.dictionaries(st.integers(0, 2), st.integers(0, 60))


@given(counts=counts)
def test_no_small_number_can_be_worked_out_from_the_others(counts: dict[int, int]) -> None:
    """Whole fives only: what an option lacks to the total is never known for one option alone."""
    shown = of_counts(QUESTION, counts)
    for place, option in enumerate(shown):
        true = counts.get(place, 0)
        if option.at_least is None:
            assert true < GROUP
        else:
            assert option.at_least % GROUP == 0
            assert 0 <= true - option.at_least < GROUP


@given(counts=counts)
def test_a_remark_is_made_only_when_it_is_sure(counts: dict[int, int]) -> None:
    """Whatever was rounded away, the remark holds for the true numbers."""
    answered = sum(counts.values())
    right = counts.get(RIGHT, 0)
    wrong = [counts.get(place, 0) for place in (0, 2)]
    found = remark(of_counts(QUESTION, counts), answered)
    if found == item_statistics.WRONG_AHEAD:
        assert max(wrong) > right
    elif found == item_statistics.MOSTLY_WRONG:
        assert right * 2 < answered
    elif found == item_statistics.HARDLY_CHOSEN:
        assert min(wrong) < GROUP
    elif found == item_statistics.NEARLY_ALL_RIGHT:
        assert right * 10 >= answered * 9


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({0: 10, RIGHT: 5}, item_statistics.WRONG_AHEAD),
        ({0: 15, RIGHT: 15, 2: 15}, item_statistics.MOSTLY_WRONG),
        ({0: 20, RIGHT: 40}, item_statistics.HARDLY_CHOSEN),
        ({RIGHT: 20}, item_statistics.NEARLY_ALL_RIGHT),
        ({0: 5, RIGHT: 10, 2: 5}, None),
        ({0: 4, RIGHT: 1}, None),
    ],
)
def test_what_deserves_a_second_look_is_named(counts: dict[int, int], expected: str | None) -> None:
    """The first of the four that holds."""
    assert remark(of_counts(QUESTION, counts), sum(counts.values())) == expected


def test_options_without_a_row_are_there_all_the_same() -> None:
    """Nobody chose the third: it is listed and shown as fewer than five."""
    assert of_counts(QUESTION, {0: 7, RIGHT: 5}) == (
        OptionFigure("甲", False, 5),
        OptionFigure("乙", True, 5),
        OptionFigure("丙", False, None),
    )
