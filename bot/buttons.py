"""Buttons and what they carry: a verb and ids, never a label (Telegram allows 64 bytes)."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

DATA_BYTES = 64
# What the button of a page can carry of what was searched for; longer words find few lines.
WORDS_BYTES = 24
ONE_COLUMN_FROM = 8  # characters; longer labels stand one below the other (EXPERIENCE section 2)


def carries(words: str) -> bool:
    """Whether the button of a page can carry these words."""
    return len(words.encode()) <= WORDS_BYTES


def data(verb: str, *ids: object) -> str:
    """What a button carries; ValueError when Telegram would refuse it."""
    text = ":".join((verb, *map(str, ids)))
    if len(text.encode()) > DATA_BYTES:
        raise ValueError(f"button data of {verb} is over {DATA_BYTES} bytes")
    return text


def read(written: str | None, verb: str, count: int) -> list[str]:
    """The ids a button carries, the last one with all that remains; ValueError when forged."""
    head, *ids = (written or "").split(":", count)
    if head != verb or len(ids) != count:
        raise ValueError(verb)
    return ids


def row(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    """Buttons side by side, or in one column when a label is long."""
    return rows(list(buttons))


def rows(buttons: Sequence[InlineKeyboardButton], *, width: int = 2) -> InlineKeyboardMarkup:
    """Buttons in rows of `width`; one column when a label is long."""
    if any(len(button.text) > ONE_COLUMN_FROM for button in buttons):
        width = 1
    elif len(buttons) <= 3:
        width = len(buttons)
    return InlineKeyboardMarkup(
        [list(buttons[start : start + width]) for start in range(0, len(buttons), max(1, width))]
    )


def press(label: str, verb: str, *ids: object) -> InlineKeyboardButton:
    """A button that calls back."""
    return InlineKeyboardButton(label, callback_data=data(verb, *ids))
