"""What a new question is offered: earlier ones that say the same, kept up as questions come."""

import numpy as np
import pytest

from curriculum.likely_questions import Found, Likely
from storage.question_vectors import Row
from tests.curriculum.asked_pool import TIBETAN
from tests.curriculum.reworded import REWORDED


def _rows(texts: list[str], first: int = 1) -> list[Row]:
    return [(number, text, None) for number, text in enumerate(texts, start=first)]


def _ids(found: Found) -> list[int]:
    return [one.question_id for one in found.similar]


def test_a_question_asked_in_other_words_finds_the_earlier_one() -> None:
    """Of every group of rewordings the last finds one of the others, though it came later."""
    groups = REWORDED[::3]
    earlier = [text for group in groups for text in group[:-1]]
    group_of = [n for n, group in enumerate(groups) for _ in group[:-1]]
    likely = Likely()
    rows = _rows(earlier)
    found = likely.find(rows, 0, after=likely.last)
    assert set(found.made) == {row[0] for row in rows}
    right = 0
    for number, group in enumerate(groups, start=len(earlier) + 1):
        found = likely.find([(number, group[-1], None)], number, after=len(earlier))
        asked = number - len(earlier) - 1
        right += any(one <= len(earlier) and group_of[one - 1] == asked for one in _ids(found))
    assert right >= 0.9 * len(groups)


def test_one_alone_loads_no_model_and_is_found_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first question waits without a vector; the second brings both."""

    def refuse(texts: list[str]) -> None:
        raise AssertionError(texts)

    likely = Likely()
    with monkeypatch.context() as patched:
        patched.setattr("curriculum.likely_questions.vectors", refuse)
        assert likely.find(_rows(["怎么申请低保"]), 1, after=0).similar == ()
    found = likely.find(_rows(["低保要怎么申请"], 2), 2, after=1)
    assert _ids(found) == [1]
    assert set(found.made) == {1, 2}


def test_what_was_kept_is_not_made_again_and_gives_the_same() -> None:
    """A second process reads the rows the first one kept."""
    texts = ["怎么申请低保", "孩子不上学怎么办", "低保要怎么申请"]
    made = Likely().find(_rows(texts), 3, after=0).made
    kept: list[Row] = [(number, text, made[number]) for number, text, _ in _rows(texts)]
    found = Likely().find(kept, 3, after=0)
    assert found.made == {}
    assert _ids(found)[0] == 1
    assert np.frombuffer(made[1], np.float16).shape[0] in (512, 896)


def test_two_asked_at_once_both_find_the_third() -> None:
    """Taken in by the other's search, a question still finds what it is like, never itself."""
    likely = Likely()
    likely.find(_rows(["怎么申请低保", "孩子不上学怎么办"]), 2, after=0)
    both = _rows(["低保要怎么申请", "孩子不肯上学怎么办"], 3)
    assert _ids(likely.find(both, 3, after=2))[0] == 1
    second = likely.find(both, 4, after=2)
    assert _ids(second)[0] == 2
    assert 4 not in _ids(second)


def test_tibetan_finds_tibetan() -> None:
    """A Tibetan question with one more syllable finds the first, among Chinese ones."""
    rows = _rows([TIBETAN[0], *TIBETAN[2:], "怎么申请低保", "孩子不上学怎么办"])
    likely = Likely()
    likely.find(rows, 1, after=0)
    found = likely.find(_rows([TIBETAN[1]], 6), 6, after=5)
    assert _ids(found)[0] == 1


def test_many_new_ones_are_found_before_and_after_they_join_the_shelf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What lies beside the shelf is compared like what stands on it, and moves there together."""
    monkeypatch.setattr("curriculum.likely_questions.BESIDE", 3)
    likely = Likely()
    likely.find(_rows(["路上花了两个小时", "今天天气很好"]), 2, after=0)
    texts = [
        "怎么申请低保",
        "孩子不上学怎么办",
        "老人不肯开门",
        "低保要怎么申请",
        "孩子不肯上学怎么办",
    ]
    found = {
        number: _ids(likely.find([(number, text, None)], number, after=number - 1))
        for number, text in enumerate(texts, start=3)
    }
    assert found[6][0] == 3
    assert found[7][0] == 4
