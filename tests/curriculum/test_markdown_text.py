"""Markdown from lesson authors as Telegram text: every word stays, every entity is acceptable."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curriculum.rich_text import Entity, RichText, TextTooLarge, from_markdown, split
from curriculum.text_entities import utf16_length
from tests.curriculum.telegram_rules import complaints

RULE = "─" * 10
WORDS = st.sampled_from(
    [
        "社工",
        "入户，",
        "走访。",
        "བསྒྲུབས་",
        "བོད།",
        "visit",
        "👩\u200d👧",
        "🇨🇳",
        "cafe\u0301",
        "１２",
        "\u3000您",
    ]
)
LINES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
# Pieces that mean something to Markdown or HTML, but name no address or language, which are
# markup and not text.
MARKUP = st.sampled_from(
    [
        *("*", "**", "_", "~~", "#", "# ", "> ", "- ", "1. ", "[", "]", "[ ] ", "|", "|-|-|\n"),
        *("\n", "\n\n", "  ", "    ", "<b>", "</b>", "<!-- ", " -->", "<", "---\n", "===\n", "&"),
        *("\x00", "\u202e", "\ud83d", "\u2067", "\t", "\r\n", "\ue000", "<table>", "<sup>", "`"),
        *("\\", "![", ":"),
    ]
)


def wrap(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Markdown one level deeper."""
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join),
        inner.map(lambda body: "\n".join("> " + line for line in body.split("\n"))),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "\n".join("- " + item.replace("\n", "\n  ") for item in items)
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "\n".join(
                f"{n}. " + item.replace("\n", "\n   ") for n, item in enumerate(items, 3)
            )
        ),
    )


LEAVES = st.one_of(
    LINES,
    LINES.map("## {}".format),
    LINES.map("**{}**".format),
    LINES.map("*前 **{}** 后*".format),
    LINES.map("~~{}~~".format),
    LINES.map("`{}`".format),
    LINES.map("[**{}**](https://a.example/)".format),
    LINES.map("[{}](javascript:1)".format),
    LINES.map("![{}](1.png)".format),
    LINES.map("<div><p>{}</p><!-- 注 --></div>".format),
    LINES.map("- [ ] {}".format),
    st.lists(LINES, min_size=1, max_size=3).map(
        lambda cells: "| 甲 | 乙 |\n|---|:-:|\n| " + " | ".join(cells) + " |"
    ),
    LINES.map("    {}".format),
)
DOCUMENTS = st.recursive(LEAVES, wrap, max_leaves=8)


def letters(text: str) -> str:
    """What a reader sees of a text, without signs that may be markup, in NFC."""
    text = unicodedata.normalize("NFC", text)
    return "".join(char for char in text if unicodedata.category(char)[0] == "L")


def accepted(source: str) -> list[RichText]:
    """The messages of a source, each one checked against Telegram's rules."""
    messages = split(from_markdown(source))
    for message in messages:
        assert complaints(message) == []
    return messages


@settings(deadline=None)  # the machine may be busy
@given(DOCUMENTS)
@example("- 社工\n\n  > 入户\n  >\n  > - 走访\n\n    后")
@example("> ```\n> 社工\n> ```")
def test_documents_keep_every_word(source: str) -> None:
    """Whatever is nested in whatever, the words arrive in order and Telegram takes the result."""
    shown = "".join(message.text for message in accepted(source))
    for address in ("https://a.example/", "javascript:1", "1.png"):  # shown only if not understood
        source, shown = source.replace(address, ""), shown.replace(address, "")
    assert letters(shown) == letters(source)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.one_of(WORDS, MARKUP), max_size=25).map("".join))
@example("<!-- 社工 -->走访")
@example("| 社 |\n|-|-|\n工 | 入 | 户")
@example("[社工]: 走访")
@example("[社工][走访]")
@example("* * *\n社工\n- - -")
@example("1. \n2. 社工")
@example("a\x00\ud83d\u202eb")
def test_any_mixture_of_marks_keeps_every_letter(source: str) -> None:
    """Broken markup is shown, never swallowed."""
    assert letters("".join(message.text for message in accepted(source))) == letters(source)


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_any_text_at_all_is_acceptable(source: str) -> None:
    """No text, however strange, becomes a message Telegram refuses."""
    accepted(source)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("# 入户 *前*", "入户 前", ["bold:入户 前", "italic:前"]),
        ("#每周共学 今天", "#每周共学 今天", []),
        ("**甲** 和 __乙__", "甲 和 乙", ["bold:甲", "bold:乙"]),
        ("~~旧~~新", "旧新", ["strikethrough:旧"]),
        ("甲\n乙", "甲\n乙", []),
        ("说明：\n- 甲\n- 乙", "说明：\n\n• 甲\n• 乙", []),
        ("- 甲\n  - 乙\n- 丙", "• 甲\n\xa0• 乙\n• 丙", []),
        ("1. 甲\n   1. 乙\n2. 丙", "1. 甲\n\xa01. 乙\n2. 丙", []),
        ("7. 甲\n8. 乙", "7. 甲\n8. 乙", []),
        ("- [ ] 甲\n- [x] 乙", "• ☐ 甲\n• ☑ 乙", []),
        ("> 甲\n> **乙**", "甲\n乙", ["blockquote:甲\n乙", "bold:乙"]),
        ("> 甲\n> > 乙", "甲\n\n乙", ["blockquote:甲\n\n乙"]),
        ("甲\n\n" + "-" * 200 + "\n\n" + "- " * 30, f"甲\n\n{RULE}\n\n{RULE}", []),
        ("甲\n\n---\n\n乙", f"甲\n\n{RULE}\n\n乙", []),
        ("```python\na = 1\n\n  b\n```", "a = 1\n\n  b", ["pre:a = 1\n\n  b"]),
        ("**甲`乙`丙**", "甲乙丙", ["bold:甲", "code:乙", "bold:丙"]),
        ("[`甲`](https://a.example)", "甲", ["text_link:甲"]),
        ("[甲](tel:110) [乙](mailto:a@b.cn)", "甲 乙", ["text_link:甲", "text_link:乙"]),
        ("[甲](TG://user?id=1)", "甲", ["text_link:甲"]),
        ("[甲](javascript:alert) [乙](第三页) [丙](file:///x)", "甲 乙 丙", []),
        ("[](https://a.example)", "https://a.example", ["text_link:https://a.example"]),
        ("<https://a.example>", "https://a.example", ["text_link:https://a.example"]),
        ("![一张图](a.png)", "一张图", []),
        ("<b>甲</b> <!-- 乙 -->", "<b>甲</b> <!-- 乙 -->", []),
        ("1 < 2 &amp; 3 &lt; 4 &copy;", "1 < 2 & 3 < 4 ©", []),
        ("甲&#8238;乙&#0;&#xD800;丙", "甲乙", None),
        ("** **", RULE, []),
        ("** 甲**", "** 甲**", []),
        ("\n\n  \n", "", []),
        ("\ue000 **\ue001**", "\ue000 \ue001", ["bold:\ue001"]),
    ],
)
def test_each_mark_becomes_what_a_chat_can_show(
    source: str, text: str, entities: list[str] | None
) -> None:
    """The mapping of Markdown to text and entities, mark by mark."""
    rich = from_markdown(source)
    if entities is None:
        assert rich.text.startswith(text)
        assert rich.text.endswith("丙")
        return
    assert rich.text == text
    assert [f"{entity.type}:{covered(rich, entity)}" for entity in rich.entities] == entities


def covered(rich: RichText, entity: Entity) -> str:
    """The characters an entity covers."""
    units = rich.text.encode("utf-16-le")
    return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def test_a_table_lines_up_in_chinese_and_tibetan() -> None:
    """Columns start at the same place, whatever the script; a cell too many stays."""
    rich = from_markdown("| 姓名 | 次 |\n|---|--:|\n| 卓玛 | 3 |\n| བོད | 12 | 补 |")
    assert rich.text.split("\n") == [
        "姓名  次",
        "----  --  --",
        "卓玛   3",
        "བོད    12  补",
    ]
    assert [entity.type for entity in rich.entities] == ["pre"]


def test_offsets_after_an_emoji_count_units() -> None:
    """Entities behind characters outside the basic plane stand where Telegram counts them."""
    rich = from_markdown("😀 **甲** 👩\u200d👧 *乙*")
    assert [(e.type, e.offset, e.length) for e in rich.entities] == [
        ("bold", 3, 1),
        ("italic", 11, 1),
    ]
    assert rich.utf16_length == utf16_length(rich.text) == 12


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("字" * 20_001, "characters"),
        ("[" * 3_000, "nesting"),
        ("[甲](" * 3_000, "nesting"),
        (">" * 3_000, "nesting"),
        ("- " * 300 + "甲", "nesting"),
        ("\n".join(" " * (2 * depth) + "- 甲" for depth in range(60)), "nesting"),
        ("|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 100, "cells"),
    ],
)
def test_what_no_reader_could_follow_is_refused_at_once(source: str, what: str) -> None:
    """Sources that would hold a core for seconds are refused before they are read."""
    with pytest.raises(TextTooLarge) as refused:
        from_markdown(source)
    assert refused.value.what == what


@pytest.mark.parametrize("mark", ["*a **b ", "**a *b ", "_a __b ", "~~a *b "])
def test_deep_emphasis_is_shown_or_refused_but_never_breaks(mark: str) -> None:
    """Thousands of open marks end in text or in a clear refusal."""
    try:
        accepted(mark * 1_500)
    except TextTooLarge as refused:
        assert refused.what == "nesting"  # noqa: PT017  (either end is right)
