"""What a certificate says, signed: issued once, revoked with a reason, checked by code or by file.

The statement is one line of JSON with sorted keys, the same bytes wherever it is made; its
signature is checked without the database, which alone knows whether it was revoked since.
"""

import json
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from curriculum.people import ZONE
from curriculum.rhythm import local_date
from storage import certificates as stored
from storage.certificates import Certificate
from storage.signatures import FormerPublicKey, PublicKey, Signer

# No letter is taken for a digit. 31 to the power of ten is eight hundred million millions.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10
VALID, REVOKED, UNKNOWN, CHANGED = "valid", "revoked", "unknown", "changed"
VERSION = 1
_SPACES = re.compile(r"[\s·.\-—_]+")


@dataclass(frozen=True, slots=True)
class Statement:
    """What is certified of whom. Days are local; `minutes` are those that she was present."""

    serial: str
    code: str
    name: str
    unit: str
    title: str
    starts_on: date
    ends_on: date
    minutes: int
    issuer: str
    issued_on: date

    def document(self) -> dict[str, Any]:
        """As it is stored and sent along."""
        days = {"starts_on", "ends_on", "issued_on"}
        facts = {k: v.isoformat() if k in days else v for k, v in asdict(self).items()}
        return {"version": VERSION, **facts}

    @classmethod
    def read(cls, document: Any) -> "Statement":
        """The statement of a document, which may come from anybody; ValueError where it is none."""
        try:
            return _STATEMENT.validate_python({k: v for k, v in document.items() if k != "version"})
        except (AttributeError, ValidationError) as error:
            raise ValueError("no statement") from error


_STATEMENT = TypeAdapter(Statement)


def signed_bytes(document: Any) -> bytes:
    """What the signature stands for."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a training says of one person's certificate."""

    event_id: int
    person_id: int
    name: str
    unit: str
    title: str
    starts_on: date
    ends_on: date
    minutes: int
    issuer: str


def issue(
    session: Session,
    facts: Facts,
    *,
    bot: int,
    signer: Signer,
    issued_by: int | None,
    issued_on: date,
    size: int,
    now: datetime,
) -> Certificate:
    """Sign and keep one; the caller has seen that none of hers stands for this training.

    `issued_on` is the local day of `now`, `size` about how many bytes the PDF has.
    """
    row = Certificate(
        bot=bot,
        event_id=facts.event_id,
        person_id=facts.person_id,
        code="".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
        statement={},
        signature="",
        size=size,
        issued_by=issued_by,
        issued_at=now,
    )
    session.add(row)
    session.flush()
    row.serial = f"{issued_on.year}-{row.id:06d}"
    statement = Statement(
        serial=row.serial,
        code=row.code,
        name=facts.name,
        unit=facts.unit,
        title=facts.title,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        minutes=facts.minutes,
        issuer=facts.issuer,
        issued_on=issued_on,
    )
    row.statement = statement.document()
    row.signature = signer.sign(signed_bytes(row.statement))
    session.add(row)
    return row


@dataclass(frozen=True, slots=True)
class Checked:
    """`state` is valid, revoked, unknown or (of a file alone) changed.

    The rest is known of the first two; `statement` is None where its person has been forgotten.
    """

    state: str
    statement: Statement | None = None
    serial: str = ""
    revoked_at: datetime | None = None


def read_code(written: str) -> str:
    """A code as people type it: small letters, spaces and strokes do not count."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", written)).upper()


def check(session: Session, written: str, *, bot: int) -> Checked:
    """What the database knows of a code."""
    row = stored.by_code(session, read_code(written), bot=bot)
    if row is None:
        return Checked(UNKNOWN)
    statement = Statement.read(row.statement) if row.statement else None
    state = VALID if row.revoked_at is None else REVOKED
    return Checked(state, statement, row.serial or "", row.revoked_at)


def is_signed(document: Any, signature: str, *, by: PublicKey) -> bool:
    """Whether a statement is word for word what was signed by this key."""
    return by.has_signed(signed_bytes(document), signature)


def check_file(
    session: Session,
    document: Any,
    signature: str,
    *,
    bot: int,
    by: PublicKey,
    before: Sequence[FormerPublicKey] = (),
) -> Checked:
    """What is true of a file's statement: changed where it is not what was signed here.

    What was signed before the secret was changed is known by being kept word for word. Where its
    words went with a forgotten person, the former key stands for it, up to the day of its end.
    """
    try:
        statement = Statement.read(document)
    except ValueError:
        return Checked(UNKNOWN)
    row = stored.by_code(session, statement.code, bot=bot)
    is_kept = row is not None and (row.statement, row.signature) == (document, signature)
    has_words = row is not None and bool(row.statement)
    was_signed = not has_words and any(
        statement.issued_on <= local_date(one.until, ZONE)
        and is_signed(document, signature, by=one.key)
        for one in before
    )
    if not (is_kept or was_signed or is_signed(document, signature, by=by)):
        return Checked(CHANGED)
    return check(session, statement.code, bot=bot)


def revoke(session: Session, row: Certificate, *, by: int, reason: str, now: datetime) -> None:
    """Take one back; the paper is known from then on as revoked.

    The caller has seen that she may and that it stands. `reason` is empty for one that is undone.
    """
    row.revoked_at, row.revoked_by, row.reason = now, by, reason
    session.add(row)


def restore(session: Session, row: Certificate) -> None:
    """Let one count again that was revoked by mistake; who did both stands in the audit trail.

    The caller has seen that she may, and that no other one stands in its place.
    """
    row.revoked_at, row.revoked_by, row.reason = None, None, ""
    session.add(row)
