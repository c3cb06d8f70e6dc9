"""A programme of half days as plain values, and what of it is different, one by one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any

ADDED, DROPPED, MOVED, REWORDED = "added", "dropped", "moved", "reworded"


@dataclass(frozen=True, slots=True)
class HalfChange:
    """What became of one half day, as it reads now; one that was dropped as it read before."""

    what: str
    starts_at: datetime
    minutes: int
    topic: str


def written(rows: Sequence[Sequence[Any]]) -> str:
    """A programme as one text, of [id, start, minutes, topic, trainer, token] of each half day.

    Who gives it is kept as a mark alone: it tells that this changed, and names nobody.
    """
    kept = [[*row[:4], _mark(str(row[4]), str(row[5]))] for row in rows]
    return json.dumps(kept, ensure_ascii=False)


def _mark(trainer: str, token: str) -> str:
    return blake2s(trainer.encode(), key=token.encode()[:32], digest_size=8).hexdigest()


def differences(was: str, now_is: str) -> tuple[HalfChange, ...]:
    """What of a programme is different, by time; nothing where either is no programme."""
    try:
        before, after = ({row[0]: row[1:] for row in json.loads(text)} for text in (was, now_is))
    except ValueError:
        # As changes were noted before half days were told apart.
        return ()
    found = [_change(DROPPED, row) for number, row in before.items() if number not in after]
    for number, row in after.items():
        if number not in before:
            found.append(_change(ADDED, row))
        elif before[number][:2] != row[:2]:
            found.append(_change(MOVED, row))
        elif before[number] != row:
            found.append(_change(REWORDED, row))
    return tuple(sorted(found, key=lambda one: one.starts_at))


def _change(what: str, row: Sequence[Any]) -> HalfChange:
    starts_at, minutes, topic, _ = row
    return HalfChange(what, datetime.fromisoformat(starts_at), minutes, topic)
