"""Which lessons a theme names, by the votes of all its questions."""

from curriculum.lesson_match import Answer, Match
from curriculum.theme_lessons import LESSONS, chosen, votes


def _match(*scores: tuple[int, float], is_covered: bool = True) -> Match:
    return Match(tuple(Answer(n, score, score, 0) for n, score in scores), is_covered)


def test_what_most_questions_are_answered_by_comes_first() -> None:
    """One question that is near to another lesson does not decide for a theme of many."""
    cast = votes({1: _match((47, 0.5)), 2: _match((47, 0.5)), 3: _match((49, 0.9))})
    assert chosen(cast, (1, 2, 3))[0] == 47


def test_a_lesson_that_is_near_to_everything_gives_way() -> None:
    """With as many votes in a theme, the lesson that has most of its votes there is named first."""
    here = {n: _match((16, 0.5), (47, 0.49)) for n in (1, 2, 3)}
    elsewhere = {n: _match((16, 0.5)) for n in range(4, 14)}
    assert chosen(votes(here | elsewhere), (1, 2, 3))[0] == 47
    assert chosen(votes(here), (1, 2, 3))[0] == 16


def test_few_votes_name_no_lesson_beside_many() -> None:
    """Another lesson is named if it has a good share of the first one's votes; three at most."""
    many = {n: _match((47, 0.5)) for n in range(9)}
    assert chosen(votes(many | {9: _match((12, 0.5))}), range(10)) == [47]
    even = {n: _match((n % 5, 0.5)) for n in range(20)}
    assert chosen(votes(even), range(20)) == [0, 1, 2][:LESSONS]


def test_what_no_lesson_covers_votes_for_none() -> None:
    """A theme of such questions names no lesson, and neither does one nobody compared."""
    assert chosen(votes({1: _match((47, 0.1), is_covered=False)}), (1, 2)) == []
