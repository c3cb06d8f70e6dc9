"""The files beside the note key: the one before it while texts are sealed anew, and public ones.

`note.key-new` has sealed nothing yet. `note.key-old` is there from the moment at which the new key
takes its place until every text is sealed anew; then it is `note.key-old-<day>-<id>`, for backups.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from storage.sealed import NoteKey, read_secret, write_key_file
from storage.signatures import FormerPublicKey, PublicKey

PUBLIC_KEYS = "certificate-keys.txt"
_HEAD = "# Public keys of former secrets and until when they signed. Keep this file with the key.\n"


def old_of(key_file: Path) -> Path:
    """The key before this one, while a rotation is under way."""
    return key_file.with_name(f"{key_file.name}-old")


def former_of(key_file: Path) -> list[Path]:
    """Every former key that still lies beside this one, the newest rotation's last."""
    old = old_of(key_file)
    retired = sorted(key_file.parent.glob(f"{old.name}-*"))
    return [*retired, old] if old.exists() else retired


def read_key(file: Path) -> bytes:
    """The secret in a file; raises OSError, or ValueError where it holds none."""
    return read_secret(file.read_text(encoding="ascii"))


def take_place(key_file: Path, fresh: bytes) -> None:
    """Put a fresh secret in the place of the present one, which is kept beside.

    Whenever a crash comes, what is sealed can be opened with the files that are there. Raises
    OSError, also where an older key waits for its rotation to be finished.
    """
    coming = key_file.with_name(f"{key_file.name}-new")
    old, present = old_of(key_file), read_key(key_file)
    coming.unlink(missing_ok=True)
    if old.exists() and read_key(old) == present:
        # A crash just before the fresh key took its place.
        old.unlink()
    write_key_file(coming, fresh)
    write_key_file(old, present)
    _on_disk(key_file.parent)
    coming.replace(key_file)
    _on_disk(key_file.parent)


def is_under_way(key_file: Path, current: bytes) -> bool:
    """Whether texts may lie under the key before this one; raises OSError, ValueError."""
    old = old_of(key_file)
    return old.exists() and read_key(old) != current


def retire(key_file: Path, *, now: datetime) -> Path:
    """Set the old key aside, now that nothing in the database needs it; returns its new name.

    Raises OSError, ValueError.
    """
    old = old_of(key_file)
    # Named by its id too: nothing else is ever overwritten.
    name = NoteKey(read_key(old)).key_id.hex()
    return old.replace(old.with_name(f"{old.name}-{now.astimezone(UTC):%Y%m%d}-{name}"))


def signed_before(key_file: Path) -> tuple[FormerPublicKey, ...]:
    """The public keys of former secrets; raises OSError, or ValueError where a line is none."""
    file = key_file.with_name(PUBLIC_KEYS)
    if not file.exists():
        return ()
    lines = file.read_text(encoding="ascii").splitlines()
    found = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            written, until = line.split()
            # A rotation that was begun twice: the key signed until the second time.
            found[written] = FormerPublicKey(PublicKey.read(written), datetime.fromisoformat(until))
    return tuple(found.values())


def note_public(key_file: Path, keys: Iterable[NoteKey], *, now: datetime) -> None:
    """Write down that these sign no more; before the secret itself is gone. Raises OSError."""
    file = key_file.with_name(PUBLIC_KEYS)
    is_new = not file.exists()
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        if is_new:
            stream.write(_HEAD)
        for key in keys:
            stream.write(f"{key.signer.public.written} {now.astimezone(UTC).isoformat()}\n")
        stream.flush()
        os.fsync(stream.fileno())


def _on_disk(folder: Path) -> None:
    """Let the names in a folder outlive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
