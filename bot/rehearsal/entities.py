"""Checks message entities as Telegram counts them, in UTF-16 units, and finds those it adds itself.

Where Telegram silently drops or splits what it dislikes (more than 100 entities, crossing ones, an
unknown type, a link it cannot open) the stand-in refuses, so that the mistake is seen.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from bot.rehearsal.refusal import bad_request

Entity = dict[str, Any]

MAX_ENTITIES = 100
TYPES = frozenset(
    {
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    }
)
_FIELDS = frozenset({"type", "offset", "length", "url", "user", "language", "custom_emoji_id"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_LINK = re.compile(r"(?:https?://[^\s/?#.]+[^\s]*|tg://\S+|mailto:\S+@\S+|tel:\+?[\d-]+)", re.I)
# Telegram finds these in any text, sent by a person or by a bot.
_FOUND = (
    ("url", re.compile(r"https?://[^\s<>\"'，。；！？、）】》]+", re.I)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[A-Za-z]{2,})+")),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?!\d+(?!\w))\w{1,256}")),
)


def utf16_length(text: str) -> int:
    """How many UTF-16 code units `text` has, the unit of every Telegram limit and offset."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _borders(text: str) -> tuple[int, ...]:
    """UTF-16 offset of each character of `text`, and of its end."""
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if ord(character) > 0xFFFF else 1))
    return tuple(offsets)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def first_part(text: str, limit: int) -> str:
    """The start of `text` that fits into `limit` units, cut at a line end where there is one."""
    if utf16_length(text) <= limit:
        return text
    part = text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore")
    cut = part.rfind("\n")
    return part[:cut] if cut > 0 else part


@lru_cache(maxsize=2048)
def checked(text: str, raw: str) -> tuple[str, tuple[Entity, ...]]:
    """Trim `text` and check the entities in the JSON string `raw` ("" for none).

    Returns the text as Telegram would store it and all its entities, given and found, sorted by
    offset. The result is shared between callers and must not be changed. Raises Refusal.
    """
    return finished(text, read(raw) if raw else [])


def finished(text: str, given: list[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """The same for entities already read, for example from HTML."""
    if len(given) > MAX_ENTITIES:
        raise bad_request("ENTITIES_TOO_LONG")
    _check_places(text, given)
    _check_nesting(given)
    stripped, moved = _trimmed(text, given)
    return stripped, tuple(_with_found(stripped, moved))


def read(raw: str) -> list[Entity]:
    """Entities from Telegram's JSON, each checked for its type and fields."""
    try:
        given = json.loads(raw)
    except ValueError:
        raise bad_request("can't parse entities: Can't parse entities JSON object") from None
    if not isinstance(given, list):
        raise bad_request("can't parse entities: Expected an Array of MessageEntity")
    for entity in given:
        _check_fields(entity)
    return given


def _check_fields(entity: Any) -> None:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: Expected an Object")
    kind = entity.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    for field in ("offset", "length"):
        if type(entity.get(field)) is not int:
            raise bad_request(f'can\'t parse MessageEntity: Field "{field}" must be of type Number')
    unknown = set(entity) - _FIELDS
    if unknown:
        raise bad_request(f'can\'t parse MessageEntity: unexpected field "{min(unknown)}"')
    if kind == "text_link" and not _LINK.fullmatch(str(entity.get("url") or "")):
        raise bad_request("can't parse MessageEntity: Wrong URL in text_link")
    if kind == "text_mention" and not isinstance(entity.get("user"), dict):
        raise bad_request("can't parse MessageEntity: Can't find field \"user\"")
    if kind == "custom_emoji" and not entity.get("custom_emoji_id"):
        raise bad_request("Invalid custom emoji identifier specified")


def _check_places(text: str, given: list[Entity]) -> None:
    borders = set(_borders(text)) if given else set()
    end = max(borders, default=0)
    for entity in given:
        offset, length = entity["offset"], entity["length"]
        if offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if length <= 0:
            raise bad_request(f"receive an entity with incorrect length {length}")
        if offset + length > end:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
                f" at UTF-16 offset {offset + length}"
            )
        if offset not in borders:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at offset {offset}")
        if offset + length not in borders:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
                f" at offset {offset + length}"
            )


def _check_nesting(given: list[Entity]) -> None:
    """Entities lie inside one another or apart; pre and code hold none; a quote holds no quote.

    Source: Bot API, "Formatting options".
    """
    open_ones: list[Entity] = []
    for entity in sorted(given, key=lambda item: (item["offset"], -item["length"])):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        while open_ones and open_ones[-1]["offset"] + open_ones[-1]["length"] <= start:
            open_ones.pop()
        for outer in open_ones:
            if end > outer["offset"] + outer["length"]:
                raise bad_request("ENTITY_BOUNDS_INVALID")
            kinds = {outer["type"], entity["type"]}
            if kinds & {"pre", "code"} or kinds <= _QUOTES:
                raise bad_request("ENTITY_BOUNDS_INVALID")
        open_ones.append(entity)


def _trimmed(text: str, given: list[Entity]) -> tuple[str, list[Entity]]:
    """Telegram cuts white space at both ends and moves the entities along."""
    stripped = text.strip()
    if stripped == text:
        return text, given
    cut = utf16_length(text[: len(text) - len(text.lstrip())])
    size = utf16_length(stripped)
    moved = []
    for entity in given:
        start = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, size)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return stripped, moved


def _with_found(text: str, given: list[Entity]) -> list[Entity]:
    """Add the commands, links, mentions and hashtags Telegram marks by itself."""
    if not any(sign in text for sign in "/@#"):
        return sorted(given, key=lambda item: (item["offset"], -item["length"]))
    borders = _borders(text)
    # A bold command stays a command; inside code, links and the like nothing is looked for.
    silent = {"pre", "code", "text_link", "text_mention", "mention", "bot_command", "url", "email"}
    taken = [
        (item["offset"], item["offset"] + item["length"])
        for item in given
        if item["type"] in silent
    ]
    every = list(given)
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = borders[match.start()], borders[match.end()]
            if all(end <= left or start >= right for left, right in taken):
                every.append({"type": kind, "offset": start, "length": end - start})
                taken.append((start, end))
    return sorted(every, key=lambda item: (item["offset"], -item["length"]))
