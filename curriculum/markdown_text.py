"""Markdown, as lesson authors and message templates write it, to text plus Telegram entities.

Raw HTML is not read: it appears as the text that was typed. So an author sees what went wrong,
nothing is swallowed, and a `<` in a lesson needs no care. A line break in the source is a line
break in the message, as people expect in a chat. Reference links are not read either, because
their definitions would vanish from the text.
"""

import re
import threading
from html import escape
from typing import Literal

import lxml.html
import markdown
from lxml.html import HtmlElement
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions import Extension
from markdown.extensions.tables import TableProcessor

from curriculum.clean_text import clean
from curriculum.html_text import transform_html
from curriculum.markdown_lists import check_nesting, set_list_indents
from curriculum.text_entities import Entity, RichText, cut, spans_of
from curriculum.text_table import Row, table_text

MAX_SOURCE = 20_000  # characters, five full messages; the worst such text takes about 2 s
MAX_NESTING = 20  # brackets, quotes or lists inside each other; no reader follows further
MAX_CELLS = 2_000  # of one table
RULE = "──────────"

_SCHEMES = ("http", "https", "tg", "mailto", "tel")
_INLINE = {"strong": "b", "b": "b", "em": "i", "i": "i", "del": "s", "u": "u"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTAINERS = frozenset({"div", "blockquote", "ul", "ol"})
_TASK = re.compile(r"\[([ xX])\](?=\s)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class TextTooLarge(ValueError):
    """The text is longer, or more deeply nested, than anyone could read in a chat.

    `what` is what exceeds `limit`: "characters" of the source, "nesting" of brackets, quotes or
    lists, or "cells" of one table.
    """

    def __init__(self, what: Literal["characters", "nesting", "cells"], limit: int) -> None:
        super().__init__(f"more than {limit} {what}")
        self.what = what
        self.limit = limit


def from_markdown(source: str) -> RichText:
    """Convert once, at import or when a template is rendered; see `split` for long results.

    Headings become bold lines, tables `pre`, rules a line, task lists boxes, images their
    description. Links stay for http, https, tg, mailto and tel; others keep only their text.
    The result is trimmed, cleaned (see `clean`) and acceptable to Telegram except for its length.
    Private-use characters pass through, so `splice` can find its markers. TextTooLarge for a text
    beyond MAX_SOURCE, MAX_NESTING or MAX_CELLS.
    """
    source = clean(source)
    _check_size(source)
    try:
        html = _html(set_list_indents(source))
        if not html.strip():
            return RichText("")
        root = lxml.html.fragment_fromstring(html, create_parent="div")
        out: list[str] = []
        _write_children(root, out)
    except RecursionError:
        raise TextTooLarge("nesting", MAX_NESTING) from None
    result = transform_html("".join(out))
    entities = tuple(
        Entity(item["type"], item["offset"], item["length"], item.get("url"), item.get("language"))
        for item in result.entities
    )
    return cut(result.text, spans_of(RichText(result.text, entities)), 0, len(result.text))


def allowed_link(url: str) -> bool:
    """Whether Telegram may be given this address: http, https, tg, mailto or tel, and no blanks."""
    match = _SCHEME.match(url)
    return (
        match is not None
        and match[1].lower() in _SCHEMES
        and len(url) > match.end()
        and not any(char.isspace() for char in url)
    )


def _check_size(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise TextTooLarge("characters", MAX_SOURCE)
    if not check_nesting(source, MAX_NESTING):
        raise TextTooLarge("nesting", MAX_NESTING)
    for block in re.split(r"\n[ \t]*\n", source):
        lines = block.split("\n")
        if "|" in block and len(lines) * max(line.count("|") for line in lines) > MAX_CELLS:
            raise TextTooLarge("cells", MAX_CELLS)


class _WholeRows(TableProcessor):
    """Python-Markdown drops the cells that stand beyond the header; here they stay."""

    def _build_row(self, row, parent, align):  # type: ignore[no-untyped-def]
        missing = len(self._split_row(row)) - len(align)  # type: ignore[attr-defined]
        super()._build_row(row, parent, [*align, *[None] * missing])  # type: ignore[misc]


class _SpacedHeading(HashHeaderProcessor):
    """Without a space after it, `#word` is a hashtag, which people use in Telegram."""

    RE = re.compile(
        r"(?:^|\n)(?P<level>#{1,6})(?=[ ])(?P<header>(?:\\.|[^\\#\n]|#+(?=[^#\n]))*?)#*(?:\n|$)"
    )


class _LessonMarkdown(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802  (the library's name)
        md.preprocessors.deregister("html_block")
        md.parser.blockprocessors.deregister("reference")
        for name in (
            "html",
            "reference",
            "short_reference",
            "image_reference",
            "short_image_ref",
        ):
            md.inlinePatterns.deregister(name)
        if md.delimiters is not None:
            md.delimiters.add("~", "del", double=True)
        blocks = md.parser.blockprocessors
        blocks.register(_WholeRows(md.parser, {"use_align_attribute": True}), "table", 75)
        blocks.register(_SpacedHeading(md.parser), "hashheader", 70)


class _Converters(threading.local):
    """A Markdown object must not be shared between threads, and takes an eighth of converting."""

    kept: markdown.Markdown | None = None


_converters = _Converters()


def _html(source: str) -> str:
    """What Python-Markdown makes of it; a converter that failed half-way is not used again."""
    converter = _converters.kept or markdown.Markdown(
        extensions=["fenced_code", "tables", "sane_lists", "nl2br", _LessonMarkdown()]
    )
    _converters.kept = None
    html = converter.reset().convert(source)
    _converters.kept = converter
    return html


def _write_children(parent: HtmlElement, out: list[str]) -> None:
    _write_text(parent, parent.text, out)
    for child in parent:
        if isinstance(child.tag, str):
            _write(child, out)
        _write_text(parent, child.tail, out)


def _write_text(parent: HtmlElement, text: str | None, out: list[str]) -> None:
    if text and not (parent.tag in _CONTAINERS and text.isspace()):
        out.append(escape(clean(text)))


def _write(element: HtmlElement, out: list[str]) -> None:
    """The allow-list: only what sulguk renders without loss is written."""
    tag = str(element.tag)
    if tag in _INLINE:
        _wrap(_INLINE[tag], element, out)
    elif tag in _HEADINGS:
        out.append("<p><b>")
        _write_children(element, out)
        out.append("</b></p>")
    elif tag in {"p", "blockquote"}:
        _wrap(tag, element, out)
    elif tag in {"ul", "ol"}:
        _write_list(element, out)
    elif tag == "br":
        out.append("<br>")
    elif tag == "hr":
        out.append(f"<p>{RULE}</p>")
    elif tag == "code":
        out.append(f"<code>{escape(_text(element))}</code>")
    elif tag == "pre":
        _write_pre(element, out)
    elif tag == "table":
        out.append(f"<pre>{escape(table_text(_rows(element)))}</pre>")
    elif tag == "a":
        _write_link(element, out)
    elif tag == "img":
        out.append(escape(clean(element.get("alt") or "")))
    else:
        _write_children(element, out)


def _wrap(tag: str, element: HtmlElement, out: list[str]) -> None:
    out.append(f"<{tag}>")
    _write_children(element, out)
    out.append(f"</{tag}>")


def _text(element: HtmlElement) -> str:
    return clean(str(element.text_content()))


def _write_pre(element: HtmlElement, out: list[str]) -> None:
    language = ""
    for code in element.iterchildren("code"):
        language = (code.get("class") or "").removeprefix("language-").split(" ")[0]
    label = f' class="language-{escape(language)}"' if language else ""
    out.append(f"<pre{label}>\n{escape(_text(element))}</pre>")


def _write_link(element: HtmlElement, out: list[str]) -> None:
    url = clean(element.get("href") or "").strip()
    has_text = bool(_text(element).strip()) or element.find(".//img") is not None
    allowed = allowed_link(url)
    if allowed:
        out.append(f'<a href="{escape(url)}">')
    if has_text:
        _write_children(element, out)
    else:
        out.append(escape(url))
    if allowed:
        out.append("</a>")


def _write_list(element: HtmlElement, out: list[str]) -> None:
    ordered = element.tag == "ol"
    number = int(element.get("start") or 1)
    out.append(f"<{element.tag}>")
    for item in element.iterchildren("li"):
        # sulguk ignores the start of a list but honours the number of each item
        out.append(f'<li value="{number}">' if ordered else "<li>")
        holder = item if (item.text or "").strip() else next(iter(item.iterchildren("p")), item)
        task = _TASK.match((holder.text or "").lstrip())
        if task:
            box = "☐" if task[1] == " " else "☑"
            holder.text = box + (holder.text or "").lstrip()[task.end() :]
        _write_children(item, out)
        out.append("</li>")
        number += 1
    out.append(f"</{element.tag}>")


def _rows(table: HtmlElement) -> list[Row]:
    return [
        Row(
            cells=tuple(" ".join(_text(cell).split()) for cell in row.iterchildren("th", "td")),
            aligns=tuple(cell.get("align") or "left" for cell in row.iterchildren("th", "td")),
            is_header=any(cell.tag == "th" for cell in row),
        )
        for row in table.iter("tr")
    ]
