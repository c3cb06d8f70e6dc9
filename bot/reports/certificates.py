"""A certificate as a PDF that carries its own signed statement, and reading it back."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.reports import typeset
from bot.reports.qr_code import svg

# The statement travels inside the PDF as an attachment of this name.
ATTACHMENT = "certificate.json"
# A certificate of ours has some 200 kB with its fonts; what is read comes from outside.
MOST_BYTES, MOST_STATEMENT = 5_000_000, 20_000
CODE_GROUP = 5


class NotOurs(ValueError):
    """The file is no PDF with a statement in it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement's document and its signature, as they are found in a file."""

    document: Any
    signature: str


def certificate(
    signed: Signed, *, words: Mapping[str, str], lines: Mapping[str, str], link: str
) -> bytes:
    """The PDF, one page of A4 across.

    `words` are the fixed ones of its language, `lines` the sentences with this person's facts in
    them, `link` opens the bot with the code.
    """
    attached = json.dumps(
        {"statement": signed.document, "signature": signed.signature}, ensure_ascii=False
    )
    code = str(signed.document["code"])
    facts = {
        "words": words,
        "lines": lines,
        "code": f"{code[:CODE_GROUP]} {code[CODE_GROUP:]}",
        "serial": signed.document["serial"],
        "qr": svg(link),
        "attached": attached,
        "attachment": ATTACHMENT,
    }
    return typeset.pdf("certificate", facts)


def signed_of(data: bytes) -> Signed:
    """What a file says of itself; raises NotOurs. Whether it is true says its signature alone."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if len(data) > MOST_BYTES:
        raise NotOurs
    try:
        attached = PdfReader(io.BytesIO(data)).attachments[ATTACHMENT][0]
        found = json.loads(attached[:MOST_STATEMENT])
        return Signed(found["statement"], str(found["signature"]))
    # A parser that follows the references of a broken file may end in any of these.
    except (PyPdfError, ValueError, LookupError, TypeError, OSError) as error:
        raise NotOurs from error
    except (AttributeError, RecursionError, AssertionError, OverflowError, EOFError) as error:
        raise NotOurs from error
