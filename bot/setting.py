"""Writes the first config.toml: the example with the token filled in, for its owner only."""

import os
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def write_config(path: Path, *, token: str) -> None:
    """Copy the commented example and fill in the token; FileExistsError when there is one."""
    example = EXAMPLE.read_text(encoding="utf-8")
    filled = example.replace('token = ""', f'token = "{_quoted(token)}"', 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(filled)


def _quoted(token: str) -> str:
    return token.strip().replace("\\", "\\\\").replace('"', '\\"')
