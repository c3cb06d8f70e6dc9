"""Texts and entities, measured in UTF-16 units as Telegram does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rehearsal import entities, html_text
from bot.rehearsal.refusal import Refusal


def kinds(text: str) -> list[tuple[str, str]]:
    """What Telegram finds in a text by itself, with the words it covers."""
    shown, found = entities.checked(text, "")
    return [
        (item["type"], entities.utf16_slice(shown, item["offset"], item["length"]))
        for item in found
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start abc", [("bot_command", "/start")]),
        ("😀 /today@wuxue_bot", [("bot_command", "/today@wuxue_bot")]),
        ("见 https://example.org/a/b。", [("url", "https://example.org/a/b")]),
        ("找 @dolma_1 或 a.b@example.org", [("mention", "@dolma_1"), ("email", "a.b@example.org")]),
        ("#共学 #1", [("hashtag", "#共学")]),
        ("1/2 和/或 https://t.me/bot?start=/x", [("url", "https://t.me/bot?start=/x")]),
        ("今天学什么", []),
    ],
)
def test_found_entities(text: str, found: list[tuple[str, str]]) -> None:
    """Commands, links, mentions and hashtags are marked without being asked."""
    assert kinds(text) == found


def test_trimming_moves_entities() -> None:
    """White space at both ends is cut and entities stay on their words."""
    text, found = entities.finished(
        " \n😀 课 \n",
        [
            {"type": "bold", "offset": 0, "length": 8},
        ],
    )
    assert text == "😀 课"
    assert found == ({"type": "bold", "offset": 0, "length": 4},)


@settings(deadline=None)
@given(st.text(alphabet="a字😀\n ", max_size=30), st.integers(-2, 40), st.integers(-2, 40))
def test_entity_places(text: str, offset: int, length: int) -> None:
    """An entity is taken exactly when it lies on character borders within the text."""
    raw = text.encode("utf-16-le")
    whole = offset >= 0 and length > 0 and (offset + length) * 2 <= len(raw)
    if whole:
        try:
            raw[: offset * 2].decode("utf-16-le")
            raw[offset * 2 : (offset + length) * 2].decode("utf-16-le")
        except UnicodeDecodeError:
            whole = False
    try:
        entities.finished(text, [{"type": "bold", "offset": offset, "length": length}])
    except Refusal:
        assert not whole
    else:
        assert whole


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("<b>粗</b>&lt;&#128512;", "粗<😀", [("bold", 0, 1)]),
        ("<i>a<u>b</u></i>", "ab", [("italic", 0, 2), ("underline", 1, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ('<pre><code class="language-py">1</code></pre>', "1", [("pre", 0, 1)]),
        ('<a href="https://example.org">去</a>', "去", [("text_link", 0, 1)]),
    ],
)
def test_html(source: str, text: str, found: list[tuple[str, int, int]]) -> None:
    """The tags Telegram knows become entities."""
    shown, read = html_text.parse_html(source)
    assert shown == text
    assert [(item["type"], item["offset"], item["length"]) for item in read] == found


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("字<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 3'),
        ("字<b", "Unclosed start tag at byte offset 3"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
def test_html_refused(source: str, words: str) -> None:
    """HTML Telegram cannot read is refused with the place in bytes."""
    with pytest.raises(Refusal) as refused:
        html_text.parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@settings(deadline=None)
@given(st.text(alphabet="<>/ab=\"' &#;字", max_size=40))
def test_html_never_breaks(source: str) -> None:
    """Any input is either read or refused, and what is read has entities that fit."""
    try:
        text, found = html_text.parse_html(source)
    except Refusal:
        return
    entities.finished(text, found)
