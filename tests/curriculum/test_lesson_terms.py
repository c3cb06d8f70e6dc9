"""Text to terms: one spelling, every script, a body that counts less than a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.lesson_terms import (
    EVERY_TEXT,
    FIELD_WEIGHTS,
    QUERY_CHARACTERS,
    code_term,
    normal,
    query_words,
    text_terms,
)


def _terms(written: str) -> set[str]:
    return {term for word in query_words(written) for term in word.terms}


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("低保", {"低保"}),
        ("强制报告", {"强制", "制报", "报告"}),
        ("药", {"药"}),
        ("的", set()),
        ("低保，怎么办？", {"低保"}),
        ("怎么办？", {"怎么", "么办"}),
        ("ＡＢＣ低保", {"abc", "低保"}),
        ("第十二课", {"12"}),
        ("第一百零五课", {"105"}),
        ("第 二十 课", {"20"}),
        ("٠٣", {"3"}),
        ("000", {"0"}),
        ("case work", {"case", "work"}),
        ("དང་ལེན", {"དང", "ལེན", "དང་ལེན"}),
        ("དང་ལེན།", {"དང", "ལེན", "དང་ལེན"}),
        ("དང༌ལེན", {"དང", "ལེན", "དང་ལེན"}),
        ("དང། ལེན", {"དང", "ལེན"}),
    ],
)
def test_a_query_becomes_the_terms_of_its_scripts(written: str, terms: set[str]) -> None:
    """Pairs of characters, syllables and their pairs, words, plain numbers."""
    assert _terms(written) == terms


def test_the_two_spellings_of_a_tibetan_vowel_are_one() -> None:
    """U+0F73 is U+0F71 U+0F72, and no vowel sign is torn from its syllable."""
    assert normal("ཀ\u0f73") == normal("ཀ\u0f71\u0f72")
    assert _terms("ཀ\u0f73་") == _terms("ཀ\u0f71\u0f72") == {"ཀ\u0f71\u0f72"}


def test_a_title_weighs_more_than_a_key_point_and_a_key_point_more_than_a_body() -> None:
    """However often a body repeats a word."""
    terms = text_terms(
        code="012", titles=("低保", "Aid"), key_point="特困", body="临时 " * 50 + "低保"
    )

    def weight(term: str) -> int:
        return sum(terms.get(mark + term, 0) for mark in ("", *FIELD_WEIGHTS))

    assert weight("低保") == weight("aid") > weight("特困") > weight("临时") > 0
    assert weight("保") > weight("困") > weight("时")
    assert terms[EVERY_TEXT] == 1
    assert code_term("12") in terms


@given(st.text(st.characters(), max_size=300))
def test_terms_are_few_and_clean(written: str) -> None:
    """Any text: no term is empty, holds a NUL or a lone surrogate, or is of endless length."""
    words = query_words(written)
    assert sum(len(word.text) for word in words) <= QUERY_CHARACTERS + 10
    for word in words:
        for term in (*word.terms, *word.hints):
            assert term
            assert "\0" not in term
            term.encode()
    weights = text_terms(code="1", titles=(written,), key_point=written, body=written)
    assert all(weight > 0 for weight in weights.values())
