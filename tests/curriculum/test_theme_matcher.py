"""Weights in use: what was learnt decides which themes there are, wherever it can be followed."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import likeness, theme_matcher
from curriculum.matchers import Followed
from curriculum.question_shelf import place
from curriculum.theme_matcher import PLAIN, UNTAUGHT, Matcher, of_numbers, untaught
from curriculum.themes import Asked, regroup
from curriculum.topic_drafting import Draft, Pool
from curriculum.topic_grouping import drafted
from curriculum.weight_fitting import Leaning, fitted
from storage.topic_pool import Pooled
from tests.benchmarks.question_measures import adjusted_rand

TODAY = date(2026, 11, 30)
WHO, ASKS = ("独居老人", "残疾人"), ("建档", "转介")
COUNT = 60
BY_PERSON = Matcher(first=0.5, second=0.5, shared=0.0, terms=dict.fromkeys(WHO, 4.0))
TEXTS = [f"{WHO[n % 2]}的{ASKS[n // 2 % 2]}怎么做，第{n}问" for n in range(COUNT)]
PERSONS, MATTERS = [n % 2 for n in range(COUNT)], [n // 2 % 2 for n in range(COUNT)]


def _rows() -> likeness.Floats:
    """Vectors in which a question lies by what it asks."""
    random = np.random.default_rng(4)
    meant = random.standard_normal((2, theme_matcher.WHOLE))
    noise = 1.5 * random.standard_normal((COUNT, theme_matcher.WHOLE))
    rows = (meant[MATTERS] + noise).astype(np.float32)
    for half in np.split(rows, [likeness.FIRST_WIDTH], axis=1):
        likeness.unit(half)
    return rows.astype(np.float16)


ROWS = _rows()


def _themes(matcher: Matcher | None, stored: likeness.Floats = ROWS) -> list[int]:
    asked = [Asked(n, text, asker=n, unit=n % 3, on=TODAY) for n, text in enumerate(TEXTS)]
    found = regroup(asked, today=TODAY, stored=dict(enumerate(stored)), matcher=matcher)
    of = {member: n for n, theme in enumerate(found.themes) for member in theme.members}
    if matcher is not None and stored.shape[1] == theme_matcher.WHOLE:
        # A new question goes where its like went, by the same weights.
        new = place(TEXTS[0], found.shelves["zh"], stored=stored[:1].astype(np.float32))
        assert new.theme == of[0]
    return [of[n] for n in range(COUNT)]


def test_themes_follow_what_was_learnt_and_where_it_cannot_be_the_models() -> None:
    """By person once she taught so; by what is asked before, and where one model is missing."""
    assert adjusted_rand(MATTERS, _themes(None)) > 0.9
    assert adjusted_rand(PERSONS, _themes(BY_PERSON)) > 0.9
    first_alone = ROWS[:, : likeness.FIRST_WIDTH]
    assert _themes(BY_PERSON, first_alone) == _themes(None, first_alone)


def _draft(followed: Followed | None) -> Draft:
    at = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
    questions = tuple(
        Pooled(n, text, None, n, n % 2, at, 0, row.tobytes())
        for n, (text, row) in enumerate(zip(TEXTS, ROWS, strict=True), 1)
    )
    return drafted(Pool(1, TODAY, questions, (), followed))


def test_a_draft_names_the_training_it_followed_and_follows_none_of_other_models() -> None:
    """The same pool and training give the same draft; rows of another release are not compared."""
    if likeness.second_model() is None:
        pytest.skip("the second model is missing here")
    numbers = BY_PERSON.numbers
    followed = _draft(Followed(7, likeness.models(), numbers))
    assert followed.matcher_id == 7
    assert followed == _draft(Followed(7, likeness.models(), numbers))
    plain = _draft(None)
    assert plain.matcher_id is None
    assert plain.themes != followed.themes
    assert _draft(Followed(7, "another-0.1", numbers)) == plain


def test_terms_count_untaught_only_where_a_pool_speaks_of_the_field() -> None:
    """Half of its questions say one; elsewhere the models alone decide, as they always did."""
    assert untaught(TEXTS) == UNTAUGHT
    assert untaught([TEXTS[0], "今天星期几"]) == UNTAUGHT
    assert untaught([TEXTS[0], "今天星期几", "多少钱"]) == PLAIN
    assert theme_matcher.said(["今天星期几"]).any() == np.False_


def test_a_likeness_is_the_weighed_sum_of_its_parts() -> None:
    """Products of longer rows are, but for their length, what the weights say of each part."""
    matcher = Matcher(first=0.7, second=0.3, shared=0.1, terms={"残疾人": 0.5, "没有这个词": 3.0})
    rows = likeness.unit(ROWS.astype(np.float32))
    laid = matcher.rows(rows, TEXTS)
    first, second = np.split(rows * np.sqrt(2), [likeness.FIRST_WIDTH], axis=1)
    said = theme_matcher.said(TEXTS)
    disabled = said[:, theme_matcher.TERMS.index("残疾人")]
    whole = 0.7 * first @ first.T + 0.3 * second @ second.T + 0.1 * said @ said.T
    whole += 0.5 * np.outer(disabled, disabled)
    length = np.sqrt(np.diag(whole))
    assert np.allclose(laid @ laid.T, whole / np.outer(length, length), atol=1e-4)


ANYTHING = st.one_of(
    st.none(), st.floats(), st.integers(-5, 5), st.text(max_size=3), st.booleans(), st.just([1])
)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["first", "second", "shared", "terms"]),
        st.one_of(ANYTHING, st.dictionaries(st.text(max_size=3), ANYTHING, max_size=3)),
    )
)
def test_whatever_was_stored_never_counts_against_a_pair(numbers: dict[str, object]) -> None:
    """Anything that is no number from 0 up counts nothing, and what counts nothing is not used."""
    matcher = of_numbers(numbers)
    assert matcher.first + matcher.second > 0
    every = (matcher.first, matcher.second, matcher.shared, *matcher.terms.values())
    assert all(0 <= one < 1e7 for one in every)
    assert np.isfinite(matcher.rows(likeness.unit(ROWS[:2].astype(np.float32)), TEXTS[:2])).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 6))
def test_fitted_weights_are_finite_above_their_floor_and_the_same_again(
    seed: int, pairs: int, width: int
) -> None:
    """Also of pairs that all say the same, or of columns that say nothing."""
    random = np.random.default_rng(seed)
    features = random.standard_normal((pairs, width)) * random.integers(0, 2, width)
    is_so = random.integers(0, 2, pairs).astype(float)
    leaning = Leaning(np.full(width, 0.5), np.full(width, 1e-3), np.zeros(width))
    found = fitted(features, is_so, np.full(pairs, 1 / pairs), leaning)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found == fitted(features, is_so, np.full(pairs, 1 / pairs), leaning)).all()
