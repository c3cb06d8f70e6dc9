"""Present danger in a text: little is missed, and asking about the subject is no danger."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.danger import danger
from tests.curriculum.dangerous_texts import DANGER, NO_DANGER
from tests.curriculum.indirect_dangers import INDIRECT, LOOKS_ALIKE
from tests.curriculum.unspoken_dangers import EVERYDAY, UNSPOKEN


@pytest.mark.parametrize("text", [*DANGER, *INDIRECT, *UNSPOKEN])
def test_a_text_about_somebody_in_danger_is_seen(text: str) -> None:
    """Somebody beaten, abused, lost or about to die is seen, also within a question of rule."""
    assert danger(text)


@pytest.mark.parametrize("text", [*NO_DANGER, *LOOKS_ALIKE, *EVERYDAY])
def test_a_question_about_the_subject_or_the_work_is_no_danger(text: str) -> None:
    """Lessons, laws, forms and everyday work do not call anybody out."""
    assert not danger(text)


@given(st.sampled_from(DANGER), st.sampled_from(NO_DANGER))
@settings(deadline=None)
def test_one_sentence_in_danger_is_enough(alarm: str, calm: str) -> None:
    """A sentence in danger is not outweighed by a harmless one before or behind it."""
    assert danger(f"{calm}\n{alarm}")
    assert danger(f"{alarm}\n{calm}")


@given(st.text())
@settings(deadline=None)
def test_any_text_is_read(text: str) -> None:
    """Whatever somebody writes, the answer is yes or no, never an error."""
    assert danger(text) in {True, False}


@pytest.mark.parametrize(
    "unit", ["打", "被", "被打", "一", "他", "喝酒", "不给", "a ", "hit", "།", "་", "孩子", "晚上"]
)
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    """Twice the text takes twice the time, whatever it holds."""

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        taken = []
        for _ in range(4):
            began = process_time()
            danger(text)
            taken.append(process_time() - began)
        return min(taken)

    # Eight times as long: sixty-four times the time, were it quadratic.
    assert seconds(8_000) < 24 * seconds(1_000)
