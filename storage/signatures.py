"""Statements signed with Ed25519 (RFC 8032), so that whoever has the public key can check them."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEED_BYTES = 32
PURPOSE = b"wuxue certificates 1"


class Signer:
    """Signs with a key derived from the installation's secret (RFC 5869): one secret to keep."""

    def __init__(self, secret: bytes) -> None:
        seed = HKDF(SHA256(), SEED_BYTES, salt=None, info=PURPOSE).derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def __repr__(self) -> str:
        return f"Signer({self.public.written})"

    def sign(self, statement: bytes) -> str:
        """The signature, in base64."""
        return base64.b64encode(self._key.sign(statement)).decode()

    @property
    def public(self) -> "PublicKey":
        """What is given to whoever checks."""
        return PublicKey(self._key.public_key())


class PublicKey:
    """Says whether a statement was signed by the key it belongs to."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def read(cls, written: str) -> Self:
        """From 64 hex digits; ValueError for anything else."""
        return cls(Ed25519PublicKey.from_public_bytes(bytes.fromhex(written.strip())))

    @property
    def written(self) -> str:
        """The key in 64 hex digits."""
        return self._key.public_bytes_raw().hex()

    def has_signed(self, statement: bytes, signature: str) -> bool:
        """Whether the signature (base64) is this key's for the statement."""
        try:
            self._key.verify(base64.b64decode(signature, validate=True), statement)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class FormerPublicKey:
    """The public key of a secret that has been changed; it signed nothing after `until`."""

    key: PublicKey
    until: datetime
