"""What a rehearsal leaves for the next one: phones, messages and the clock, beside its database."""

import os
import pickle
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.rehearsal.county import Links
from bot.rehearsal.phones import Phone
from bot.rehearsal.world import World

FILE = "phones.pickle"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything outside the database: accounts and chats, phones, invites, key, business time."""

    world: World
    phones: dict[str, Phone]
    links: Links
    secret: bytes
    now: datetime


def _stopped() -> datetime:
    raise RuntimeError("the rehearsal has stopped")


def keep(folder: Path, stage: Stage) -> None:
    """Write the stage when a rehearsal ends; the server and the bot have let go of it."""
    stage.world.now = _stopped
    handle = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        pickle.dump(stage, file)


def take(folder: Path) -> Stage | None:
    """The stage an earlier rehearsal left, or None; then nothing of it stays in the folder.

    The file is gone once it is read: after a crash the database would be ahead of it, and only a
    new county fits together.
    """
    path = folder / FILE
    try:
        # Written by `keep` into a folder only its owner can write to; never from elsewhere.
        stage = pickle.loads(path.read_bytes())  # noqa: S301
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError):
        stage = None
    path.unlink(missing_ok=True)
    if not isinstance(stage, Stage):
        for left in folder.glob("rehearsal.sqlite*"):
            left.unlink()
        return None
    return stage
