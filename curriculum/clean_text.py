"""What may be in a text that reaches storage or a message: no hidden commands, one spelling."""

import unicodedata

import regex  # type: ignore[import-untyped]

# Control characters except tab and line feed; lone surrogates; noncharacters; marks that turn the
# reading direction (U+202A-202E, U+2066-2069) and could make a text read as another; the old
# format controls U+206A-206F; interlinear marks; byte order marks. ZWJ and the tag characters
# stay: emoji need them.
_UNWANTED = regex.compile(
    r"[\p{Cc}--\t\n]|\p{Cs}|\p{Noncharacter_Code_Point}"
    r"|[\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufeff]",
    regex.VERSION1,
)
_LINE_ENDS = regex.compile(r"\r\n?|[\u0085\u2028\u2029]")


def clean(text: str) -> str:
    """NFC, every line end a line feed, and without characters that could disguise or break text.

    NFC also joins the two ways of writing Tibetan long vowels (U+0F73 becomes U+0F71 U+0F72).
    PostgreSQL refuses NUL and Telegram refuses lone surrogates, so both go here.
    """
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))
