"""What Telegram accepts as one message, written from the Bot API's pages and not from our code."""

from itertools import combinations

from curriculum.rich_text import Entity, RichText

STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
QUOTES = {"blockquote", "expandable_blockquote"}
KNOWN = STYLES | QUOTES | {"code", "pre", "text_link"}
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(127, 160)), "\ufeff"} - {"\n", "\t"}
FORBIDDEN |= {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def complaints(message: RichText, *, limit: int = 4096, most: int = 100) -> list[str]:
    """Every reason for which Telegram would refuse or change the message; empty when none."""
    found = []
    units = message.text.encode("utf-16-le")
    total = len(units) // 2
    if not message.text.strip():
        found.append("nothing to read")
    if message.text != message.text.strip():
        found.append("white space at the borders")
    if total > limit:
        found.append(f"{total} units")
    if len(message.entities) > most:
        found.append(f"{len(message.entities)} entities")
    found += [f"character {char!r}" for char in message.text if char in FORBIDDEN]
    order = [(entity.offset, -entity.length) for entity in message.entities]
    if order != sorted(order):
        found.append("entities out of order")
    for entity in message.entities:
        found += _complaints_about(entity, units, total)
    for first, second in combinations(message.entities, 2):
        found += _complaints_about_pair(first, second)
    return found


def _complaints_about(entity: Entity, units: bytes, total: int) -> list[str]:
    found = []
    end = entity.offset + entity.length
    if entity.type not in KNOWN:
        found.append(f"type {entity.type}")
    if entity.offset < 0 or entity.length <= 0 or end > total:
        return [*found, f"{entity} outside 0..{total}"]
    for border in (entity.offset, end):
        if border < total and 0xDC <= units[2 * border + 1] <= 0xDF:
            found.append(f"{entity} cuts a surrogate pair")
            return found
    covered = units[2 * entity.offset : 2 * end].decode("utf-16-le")
    if not covered.strip():
        found.append(f"{entity} covers only white space")
    schemes = ("http:", "https:", "tg:", "mailto:", "tel:")
    if entity.type == "text_link" and not (entity.url or "").lower().startswith(schemes):
        found.append(f"link to {entity.url}")
    return found


def _complaints_about_pair(first: Entity, second: Entity) -> list[str]:
    """`first` stands before `second` in Telegram's order."""
    first_end, second_end = first.offset + first.length, second.offset + second.length
    if second.offset >= first_end:
        return []
    pair = f"{first} and {second}"
    if second_end > first_end:
        return [f"{pair} overlap in part"]
    kinds = {first.type, second.type}
    if kinds & {"pre", "code"} and not kinds & QUOTES:
        return [f"{pair}: code beside another"]
    if first.type in {"pre", "code"} and first.length != second.length:
        return [f"{pair}: something inside code"]
    if kinds <= QUOTES or first.type == second.type:
        return [f"{pair}: nested in its own kind"]
    return []
