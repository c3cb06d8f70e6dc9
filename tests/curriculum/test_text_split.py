"""Long texts in several messages: broken where a reader pauses, nothing lost."""

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curriculum.rich_text import Entity, RichText, concat, fits, plain, split
from tests.curriculum.telegram_rules import complaints
from tests.curriculum.test_rich_text import cover, rich_texts

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
STACK = "བསྒྲུབས"


@st.composite
def long_texts(draw: st.DrawFn) -> RichText:
    """Repeated pieces of every script, some under entities."""
    pieces = draw(st.lists(rich_texts(), min_size=1, max_size=5))
    return concat(*(piece for piece in pieces for _ in range(draw(st.integers(1, 6)))))


@settings(deadline=None)  # the machine may be busy
@given(long_texts(), st.integers(16, 60), st.integers(16, 30))
@example(plain(FAMILY * 9), 16, 16)
@example(RichText("a a a", (Entity("blockquote", 1, 2), Entity("bold", 1, 4))), 16, 16)
@example(plain("a" + "\u0301" * 90), 16, 16)
@example(plain("\u200b\n\u200b" * 40), 16, 16)
@example(plain("🇨🇳" * 30), 17, 16)
@example(RichText("甲" * 40, tuple(Entity("bold", 2 * n, 1) for n in range(20))), 60, 16)
def test_every_part_is_a_message_telegram_takes(rich: RichText, limit: int, most: int) -> None:
    """Parts keep both limits and are never empty; the visible characters and styles all stay."""
    parts = split(rich, limit=limit, max_entities=most)
    assert [complaints(part, limit=limit, most=most) for part in parts] == [[] for _ in parts]
    assert all(fits(part, limit=limit, max_entities=most) for part in parts)
    shown = [item for part in parts for item in cover(part)]
    hollow = "\u200b"
    assert [item for item in shown if item[0] not in hollow] == [
        item for item in cover(concat(rich)) if item[0] not in hollow
    ]


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.sampled_from([*"བསྒྲུབས་།社工 。😀\n", "👩", "\u200d", "🇨", "\u0301"]), max_size=80))
@example(f"{FAMILY}{STACK}" * 4)
def test_no_grapheme_that_fits_is_cut(text: str) -> None:
    """A stack or a joined emoji is either whole in one message or whole in the next."""
    clusters = {c.strip() for c in regex.findall(r"\X", text) if len(c.encode("utf-16-le")) <= 32}
    allowed = clusters | {""}
    too_long = [c for c in regex.findall(r"\X", text) if len(c.encode("utf-16-le")) > 32]
    for part in split(RichText(text), limit=16):
        if not too_long:
            assert {c.strip() for c in regex.findall(r"\X", part.text)} <= allowed


def texts_of(text: str, limit: int) -> list[str]:
    return [part.text for part in split(plain(text), limit=limit)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "甲甲甲甲。乙乙乙乙乙\n\n丙丙丙丙丙丙丙丙。",
            ["甲甲甲甲。乙乙乙乙乙", "丙丙丙丙丙丙丙丙。"],
        ),
        (
            "甲甲甲甲乙乙乙乙乙\n丙。丙丙丙丙丙丙丙。",
            ["甲甲甲甲乙乙乙乙乙", "丙。丙丙丙丙丙丙丙。"],
        ),
        ("甲甲甲甲甲甲甲乙。”丙 丙丙丙丙丙", ["甲甲甲甲甲甲甲乙。”", "丙 丙丙丙丙丙"]),
        ("aaaa aaaa 3.5 bbbbbb", ["aaaa aaaa 3.5", "bbbbbb"]),
        ("ཀཀཀཀ་ཀཀཀཀཀ།ཁ་ཁཁཁཁཁཁ", ["ཀཀཀཀ་ཀཀཀཀཀ།", "ཁ་ཁཁཁཁཁཁ"]),
        ("ཀཀཀཀཀཀཀཀཀ་ཁཁཁཁཁཁཁཁ", ["ཀཀཀཀཀཀཀཀཀ་", "ཁཁཁཁཁཁཁཁ"]),
        ("甲" * 20, ["甲" * 16, "甲" * 4]),
        ("😀" * 9, ["😀" * 8, "😀"]),
    ],
)
def test_breaks_fall_where_a_reader_pauses(text: str, parts: list[str]) -> None:
    """Paragraph, line, sentence, word, syllable, character: the best that leaves no short part."""
    assert texts_of(text, 16) == parts


def test_an_entity_goes_on_in_the_next_message() -> None:
    """A bold sentence broken in two is bold in both, a link leads to the same place from both."""
    link = Entity("text_link", 0, 20, url="https://a.example")
    first, second = split(RichText("甲" * 20, (link, Entity("bold", 10, 8))), limit=16)
    assert first.entities == (Entity("text_link", 0, 16, link.url), Entity("bold", 10, 6))
    assert second.entities == (Entity("text_link", 0, 4, link.url), Entity("bold", 0, 2))


def test_a_text_that_fits_stays_one() -> None:
    """Nothing is split for nothing, exactly up to both limits."""
    full = "甲" * 4096
    assert texts_of(full, 4096) == [full]
    assert len(texts_of(full + "乙", 4096)) == 2
    hundred = RichText("甲乙" * 101, tuple(Entity("bold", 2 * n, 1) for n in range(100)))
    assert split(hundred) == [hundred]
    more = RichText(hundred.text, (*hundred.entities, Entity("bold", 200, 1)))
    assert [len(part.entities) for part in split(more)] == [100, 1]
    assert not fits(more)


@pytest.mark.parametrize("text", ["", " \n\u3000", "\u200b\u200d", "\u2060\u3164"])
def test_what_nobody_can_see_is_no_message(text: str) -> None:
    """Telegram refuses a message without visible characters, so none is made."""
    assert split(RichText(text)) == []


def test_limits_that_cannot_be_kept_are_refused() -> None:
    """A limit too small for one emoji is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least 16"):
        split(plain("甲"), limit=8)
    with pytest.raises(ValueError, match="at least"):
        split(plain("甲"), max_entities=3)
