"""Which of the similar questions are shown, and in which order."""

import pytest

from curriculum.likely_questions import Likely
from curriculum.question_shelf import Similar
from curriculum.similar_questions import SHOWN, in_order
from tests.curriculum.asked_again import ASKED_AGAIN


def test_the_like_question_stands_first_though_only_the_unlike_ones_are_answered() -> None:
    """Of a county's questions asked again in other words, the same one leads the list each time."""
    likely = Likely()
    before = [(number, pair[0], None) for number, pair in enumerate(ASKED_AGAIN, start=1)]
    likely.find(before, 1, after=0)
    first = []
    for number, (_, again) in enumerate(ASKED_AGAIN, start=1):
        asked = len(ASKED_AGAIN) + number
        found = likely.find([(asked, again, None)], asked, after=asked - 1)
        earlier = [one for one in found.similar if one.question_id <= len(ASKED_AGAIN)]
        unlike = {one.question_id for one in earlier} - {number}
        first.append(in_order(earlier, unlike)[:1] == [number])
    assert sum(first) >= len(ASKED_AGAIN) - 1


@pytest.mark.parametrize(
    ("nearness", "answered", "shown"),
    [
        ((0.8, 0.5), {2}, [1]),
        ((0.8, 0.65), {2}, [1, 2]),
        ((0.815, 0.741), {2}, [2, 1]),
        ((0.579, 0.505), {2}, [1, 2]),
        ((0.5, 0.46), {2}, [2, 1]),
        ((0.8, 0.78, 0.79), {2}, [2, 1, 3]),
        ((0.4, 0.35, 0.33, 0.3, 0.3), set[int](), [1, 2, 3]),
        ((), set[int](), []),
    ],
)
def test_an_answer_comes_first_only_among_equally_near_ones(
    nearness: tuple[float, ...], answered: set[int], shown: list[int]
) -> None:
    """What is clearly nearer leads, answered or not; what is far behind it is left out."""
    similar = [Similar(number, near) for number, near in enumerate(nearness, start=1)]
    assert in_order(similar, answered) == shown
    assert len(shown) <= SHOWN
