"""Memory: FSRS numbers stay within their bounds, and the choice among lessons is the stated one."""

from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from curriculum.memory import Candidate, Memory, retrievability, reviewed, weakest

START = datetime(2026, 11, 25, 2, tzinfo=UTC)
# Right or wrong, and how long after the answer before; time may even seem to go backwards.
ANSWERS = st.lists(
    st.tuples(
        st.booleans(),
        st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=2000)),
    ),
    min_size=1,
    max_size=30,
)


def after(answers: list[tuple[bool, timedelta]]) -> tuple[Memory, datetime]:
    """The memory after answers in order, and the moment of the last."""
    memory, now = None, START
    for is_right, later in answers:
        now += later
        memory = reviewed(memory, correct=is_right, at=now)
    assert memory is not None
    return memory, now


@given(ANSWERS, st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40_000)))
def test_a_prediction_is_a_probability(
    answers: list[tuple[bool, timedelta]], later: timedelta
) -> None:
    """Whatever was answered when, 0 to 1, and it only sinks until the next answer."""
    memory, now = after(answers)
    last = memory.last_review_at or now
    soon, late = (retrievability(memory, at=moment) for moment in (last, last + later))
    assert 0 <= late <= soon <= 1


@given(ANSWERS)
def test_time_only_goes_forward(answers: list[tuple[bool, timedelta]]) -> None:
    """A clock set back never takes a review to before the last one; the numbers keep bounds."""
    memory, now = None, START
    for is_right, later in answers:
        now += later
        before, memory = memory, reviewed(memory, correct=is_right, at=now)
        assert memory.last_review_at is not None
        assert before is None or memory.last_review_at >= (before.last_review_at or START)
        assert memory.due_at > memory.last_review_at
        assert memory.stability is not None
        assert memory.stability > 0
        assert 1 <= (memory.difficulty or 0) <= 10


@given(ANSWERS, st.integers(min_value=-12, max_value=14))
def test_the_same_answers_give_the_same_memory_in_every_zone(
    answers: list[tuple[bool, timedelta]], hours: int
) -> None:
    """No chance is in it, and a moment is the same moment however it is written."""
    zone = timezone(timedelta(hours=hours))
    memory, now = None, START
    for is_right, later in answers:
        now += later
        memory = reviewed(memory, correct=is_right, at=now.astimezone(zone))
    assert memory == after(answers)[0]


def test_new_material_comes_first_and_the_longest_held_of_it() -> None:
    """However weak another memory is."""
    weak = reviewed(None, correct=False, at=START)
    candidates = [
        Candidate(1, 1, START, weak),
        Candidate(2, 2, START + timedelta(days=5), None),
        Candidate(3, 3, START + timedelta(days=4), None),
    ]
    chosen = weakest(candidates, now=START + timedelta(days=900))
    assert chosen is not None
    assert chosen.lesson_id == 3


@given(st.lists(ANSWERS, min_size=1, max_size=8), st.integers(min_value=0, max_value=1000))
def test_among_what_was_asked_the_least_likely_remembered_comes(
    histories: list[list[tuple[bool, timedelta]]], days: int
) -> None:
    """No other would be remembered with less likelihood at that moment."""
    held = [
        Candidate(number, number, START, after(answers)[0])
        for number, answers in enumerate(histories)
    ]
    now = START + timedelta(days=days)
    chosen = weakest(held, now=now)
    assert chosen is not None
    assert chosen.memory is not None
    assert all(
        retrievability(chosen.memory, at=now) <= retrievability(c.memory, at=now)
        for c in held
        if c.memory
    )


def test_nothing_to_ask_is_no_question() -> None:
    """An empty choice has no weakest."""
    assert weakest([], now=START) is None


def test_a_first_memory_costs_no_waiting() -> None:
    """`Card()` without an id sleeps a millisecond; ours has one, so a thousand take no second."""
    begun = perf_counter()
    for _ in range(1000):
        reviewed(None, correct=True, at=START)
    assert perf_counter() - begun < 1.0
