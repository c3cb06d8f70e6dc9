"""Rich text: joined, filled and stored without an entity losing its characters."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curriculum.rich_text import Entity, RichText, concat, plain, splice
from tests.curriculum.telegram_rules import STYLES, complaints

CHARS = st.sampled_from("社工ab 。\n😀👩\u200d👦བོ\u0f0b\u0301\ue000\ue001")
KINDS = st.sampled_from([*sorted(STYLES), "code", "pre", "text_link", "blockquote"])


@st.composite
def rich_texts(draw: st.DrawFn, kinds: st.SearchStrategy[str] = KINDS) -> RichText:
    """Any text under any entities, also senseless ones: outside, overlapping, in a surrogate."""
    text = draw(st.text(CHARS, max_size=30))
    numbers = st.integers(-2, 40)
    entities = st.builds(Entity, kinds, numbers, numbers, st.just("https://a.example/"))
    return RichText(text, tuple(draw(st.lists(entities, max_size=8))))


def cover(rich: RichText) -> list[tuple[str, frozenset[str]]]:
    """Each visible character with the types of the entities over it; joints show nothing."""
    shown = []
    offset = 0
    for char in rich.text:
        over = {e.type for e in rich.entities if e.offset <= offset < e.offset + e.length}
        if not char.isspace() and char != "\u200d":
            shown.append((char, frozenset(over)))
        offset += len(char.encode("utf-16-le")) // 2
    return shown


@settings(deadline=None)  # the machine may be busy
@given(st.lists(rich_texts(), max_size=4))
@example([RichText("ab社工ab", (Entity("bold", 0, 3), Entity("italic", 2, 3)))])
@example([RichText("ab社工ab", (Entity("blockquote", 1, 3), Entity("text_link", 0, 3, "tg:x")))])
@example([RichText("ab社工ab", (Entity("pre", 0, 4), Entity("blockquote", 1, 2)))])
@example([RichText("😀", (Entity("bold", 1, 1),))])
def test_joining_gives_entities_telegram_takes(pieces: list[RichText]) -> None:
    """Whatever entities go in, only such come out as lie in the text and inside each other."""
    joined = concat(*pieces)
    assert joined.text == "".join(piece.text for piece in pieces)
    problems = complaints(joined)
    assert [text for text in problems if "border" not in text and "nothing" not in text] == []


@settings(deadline=None)  # the machine may be busy
@given(rich_texts())
def test_joining_twice_changes_nothing_more(rich: RichText) -> None:
    """Entities once acceptable stay exactly as they are."""
    once = concat(rich)
    assert concat(once) == once


@settings(deadline=None)  # the machine may be busy
@given(rich_texts(st.sampled_from(sorted(STYLES))), rich_texts(st.sampled_from(sorted(STYLES))))
def test_filled_values_keep_their_style_and_take_the_templates(
    host: RichText, piece: RichText
) -> None:
    """A value shows its own style together with the style of the place it went to."""
    host, piece = concat(host), concat(piece)
    expected: list[tuple[str, frozenset[str]]] = []
    for char, over in cover(host):
        inner = cover(piece) if char == "\ue000" else [(char, frozenset[str]())]
        expected += [(shown, own | over) for shown, own in inner]
    assert cover(splice(host, {"\ue000": piece})) == expected


def test_values_are_not_read_as_markup_or_markers() -> None:
    """A value that looks like a marker, HTML or Markdown arrives letter by letter."""
    host = RichText("\ue000您好\ue001", (Entity("bold", 0, 1), Entity("italic", 3, 1)))
    done = splice(host, {"\ue000": plain("*\ue001*<b>"), "\ue001": plain("😀")})
    assert done.text == "*\ue001*<b>您好😀"
    assert done.entities == (Entity("bold", 0, 6), Entity("italic", 8, 2))


def test_an_entity_over_an_emptied_marker_disappears() -> None:
    """An empty value leaves no empty entity, which Telegram would refuse."""
    host = RichText("姓名：\ue000", (Entity("bold", 3, 1),))
    assert splice(host, {"\ue000": plain("")}) == RichText("姓名：")


@pytest.mark.parametrize("marker", ["x", "\ue000\ue001", "", "名"])
def test_only_private_use_characters_are_markers(marker: str) -> None:
    """A marker that could stand in an ordinary text is refused."""
    with pytest.raises(ValueError, match="private-use"):
        splice(plain("x"), {marker: plain("y")})


@settings(deadline=None)  # the machine may be busy
@given(rich_texts())
def test_json_keeps_everything(rich: RichText) -> None:
    """A text stored as JSON comes back the same."""
    assert RichText.from_json(rich.to_json()) == rich


def test_json_uses_telegrams_names_and_leaves_out_what_is_empty() -> None:
    """The stored form can be sent as it is."""
    rich = RichText("见此", (Entity("text_link", 0, 2, url="https://a.example"),))
    assert rich.to_json() == {
        "text": "见此",
        "entities": [{"type": "text_link", "offset": 0, "length": 2, "url": "https://a.example"}],
    }


def test_length_counts_utf16_units() -> None:
    """Length is what Telegram counts: an emoji outside the basic plane is two."""
    assert RichText("a社😀").utf16_length == 4


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("甲\u202e乙\u2066", "甲乙"),
        ("甲\x00\x1b乙\ufeff", "甲乙"),
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("\ud83d甲", "甲"),
        ("\u0f73", "\u0f71\u0f72"),
        ("e\u0301", "\xe9"),
        ("👩\u200d👦 \t ", "👩\u200d👦 \t "),
    ],
)
def test_text_from_outside_is_cleaned_but_not_trimmed(raw: str, cleaned: str) -> None:
    """What disguises or breaks text goes; emoji joints and spaces stay; spelling is NFC."""
    assert plain(raw) == RichText(cleaned)


@settings(deadline=None)  # the machine may be busy
@given(st.text())
@example("e\x00\u0301\ufeff1")
def test_plain_text_keeps_every_visible_character(text: str) -> None:
    """Cleaning removes no letter and no number, in whatever way their marks are written."""

    def letters(of: str) -> list[str]:
        parts = unicodedata.normalize("NFD", of)
        return [char for char in parts if unicodedata.category(char)[0] in "LN"]

    assert letters(plain(text).text) == letters(text)
