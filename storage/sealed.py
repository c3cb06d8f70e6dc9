"""Private text, sealed: AES-256-GCM with a key that is neither in the database nor its backups."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.signatures import FormerPublicKey, Signer

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4


class WrongKey(Exception):
    """The text was sealed with another key, for another place, or has been changed."""


class NoteKey:
    """Seals and opens text. Layout: key id (4 bytes), nonce (12), ciphertext with tag.

    What `former` keys sealed is opened too: a rotation may be under way, or a backup restored.
    `signed_before` are the public keys of former secrets, for certificates of their time.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        former: Sequence["NoteKey"] = (),
        signed_before: Sequence[FormerPublicKey] = (),
    ) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("the note key must be 32 bytes")
        self._cipher = AESGCM(secret)
        # Certificates are signed by a key of their own that comes from the same secret.
        self.signer = Signer(secret)
        # Names the key without telling it, so that a rotation knows what is still old.
        self.key_id = hashlib.sha256(b"wuxue note key" + secret).digest()[:KEY_ID_BYTES]
        self.signed_before = tuple(signed_before)
        self.former = tuple(one for one in former if one.key_id != self.key_id)
        self._ciphers = {one.key_id: one._cipher for one in (*self.former, self)}

    def __repr__(self) -> str:
        return f"NoteKey({self.key_id.hex()})"

    def seal(self, text: str, *, about: str) -> bytes:
        """Seal `text` for the place named by `about`; opening it elsewhere fails."""
        nonce = os.urandom(NONCE_BYTES)
        return self.key_id + nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())

    def open(self, sealed: bytes, *, about: str) -> str:
        """The text; raises WrongKey."""
        head = KEY_ID_BYTES + NONCE_BYTES
        cipher = self._ciphers.get(sealed[:KEY_ID_BYTES])
        if cipher is None or len(sealed) < head:
            raise WrongKey(about)
        try:
            return cipher.decrypt(sealed[KEY_ID_BYTES:head], sealed[head:], about.encode()).decode()
        except InvalidTag as error:
            raise WrongKey(about) from error


def new_secret() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY_BYTES)


def read_secret(written: str) -> bytes:
    """A key as people write it down: 64 hex digits or base64; ValueError when it is neither."""
    cleaned = written.strip()
    try:
        secret = (
            bytes.fromhex(cleaned)
            if len(cleaned) == 2 * KEY_BYTES
            else base64.b64decode(cleaned, validate=True)
        )
    except (ValueError, binascii.Error) as error:
        raise ValueError("the note key is neither 64 hex digits nor base64") from error
    if len(secret) != KEY_BYTES:
        raise ValueError("the note key must be 32 bytes")
    return secret


def write_key_file(path: Path, secret: bytes) -> None:
    """Write a key only its owner can read; refuses to overwrite one (its texts would be lost)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
