"""Reads parse_mode HTML into text and entities, refusing what Telegram refuses in its words.

Offsets in the refusals are in bytes of UTF-8, as Telegram's. Source: Bot API, "HTML style"; the
wordings are those its open-source library answers with.
"""

from __future__ import annotations

import re
from typing import Any

from bot.rehearsal.entities import Entity, utf16_length
from bot.rehearsal.refusal import Refusal, bad_request

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_TAGS = frozenset(_SIMPLE) | {"a", "span", "blockquote", "tg-emoji"}
_CHARACTER = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE = re.compile(r"""\s*([^\s=>"']*)(?:\s*(=)\s*("[^"]*"|'[^']*'|[A-Za-z0-9.-]*))?""")


def unescape(text: str) -> str:
    """Replace the four named and all numeric characters; others stay as written, as Telegram's."""

    def character(match: re.Match[str]) -> str:
        if match[1]:
            return _NAMED[match[1]]
        code = int(match[2]) if match[2] else int(match[3], 16)
        if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        return match[0]

    return _CHARACTER.sub(character, text)


class _Reader:
    """One pass over the text with a stack of open tags."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, dict[str, str], int]] = []
        self.entities: list[Entity] = []

    def bytes_to(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def refuse(self, reason: str, position: int | None = None) -> Refusal:
        where = "" if position is None else f" at byte offset {self.bytes_to(position)}"
        return bad_request(f"can't parse entities: {reason}{where}")

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            tag = self.source.find("<", self.at)
            self.emit(unescape(self.source[self.at : tag if tag >= 0 else len(self.source)]))
            if tag < 0:
                break
            self.at = tag
            if self.source.startswith("</", tag):
                self.end_tag(tag)
            else:
                self.start_tag(tag)
        if self.open:
            raise self.refuse(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"'
            )
        self.entities.sort(key=lambda item: (item["offset"], -item["length"]))
        return "".join(self.out), self.entities

    def emit(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16_length(text)

    def start_tag(self, start: int) -> None:
        name_end = start + 1
        while name_end < len(self.source) and self.source[name_end] not in " \t\r\n>":
            name_end += 1
        if name_end == len(self.source):
            raise self.refuse("Unclosed start tag", start)
        name = self.source[start + 1 : name_end].lower()
        if name not in _TAGS:
            raise self.refuse(f'Unsupported start tag "{name}"', start)
        attributes, self.at = self.attributes(name, start, name_end)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self.refuse('Tag "span" must have class "tg-spoiler"', start)
        self.open.append((name, attributes, self.length))

    def attributes(self, name: str, start: int, position: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        while True:
            while position < len(self.source) and self.source[position].isspace():
                position += 1
            if position >= len(self.source):
                raise self.refuse("Unclosed start tag", start)
            if self.source[position] == ">":
                return found, position + 1
            match = _ATTRIBUTE.match(self.source, position)
            if match is None or not match[1]:
                raise self.refuse(f'Empty attribute name in the tag "{name}"', start)
            position = match.end()
            if position >= len(self.source):
                raise self.refuse(f'Unclosed start tag "{name}"', start)
            if self.source[position] not in " \t\r\n>":
                raise self.refuse("Unexpected end of name token", position)
            found[match[1].lower()] = unescape((match[3] or "").strip("\"'"))

    def end_tag(self, start: int) -> None:
        if not self.open:
            raise self.refuse("Unexpected end tag", start)
        close = self.source.find(">", start)
        if close < 0:
            raise self.refuse("Unclosed end tag", start)
        name = self.source[start + 2 : close].strip().lower()
        expected, attributes, offset = self.open.pop()
        if name and name != expected:
            raise bad_request(
                f"can't parse entities: Unmatched end tag at byte offset {self.bytes_to(start)},"
                f' expected "</{expected}>", found "</{name}>"'
            )
        self.at = close + 1
        if self.length > offset:
            self.add(expected, attributes, offset)

    def add(self, name: str, attributes: dict[str, str], offset: int) -> None:
        place: dict[str, Any] = {"offset": offset, "length": self.length - offset}
        if name in _SIMPLE:
            language = attributes.get("class", "")
            if name == "code" and self.open and self.open[-1][0] == "pre":
                # <pre><code class="language-x"> is one block with a language.
                self.open[-1][1]["class"] = language
                return
            entity = {"type": _SIMPLE[name], **place}
            if name == "pre" and language.startswith("language-"):
                entity["language"] = language.removeprefix("language-")
            self.entities.append(entity)
        elif name == "a":
            url = attributes.get("href") or "".join(self.out)[-place["length"] :]
            # Telegram leaves out a link it cannot open and keeps the words.
            if re.match(r"(?:https?|tg)://\S+|mailto:\S+|tel:\S+", url):
                self.entities.append({"type": "text_link", **place, "url": url})
        elif name == "span":
            self.entities.append({"type": "spoiler", **place})
        elif name == "blockquote":
            kind = "expandable_blockquote" if "expandable" in attributes else "blockquote"
            self.entities.append({"type": kind, **place})
        else:
            emoji = attributes.get("emoji-id", "")
            if not emoji.isdecimal():
                raise bad_request("can't parse entities: Invalid custom emoji identifier specified")
            self.entities.append({"type": "custom_emoji", **place, "custom_emoji_id": emoji})


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities (offsets in UTF-16 units) of `source`. Raises Refusal."""
    return _Reader(source).read()
