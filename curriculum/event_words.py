"""Words about an event: whether each that is claimed is wanted still, and what it says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from curriculum.facts import Facts, NotWanted, Verdict
from storage.addressees import Addressee
from storage.deliveries import Claimed

Event = TypeVar("Event")


def subjects(claimed: Sequence[Claimed]) -> list[int]:
    """The events that claimed words are about, each once."""
    return sorted({row.subject_id or 0 for row in claimed})


def verdicts(
    claimed: Sequence[Claimed],
    to: Mapping[int, Addressee],
    events: Mapping[int, Event],
    judge: Callable[[Claimed, Addressee, Event], Verdict],
) -> dict[int, Verdict]:
    """What becomes of each claimed word; `judge` is asked about who is here and can be reached.

    `to` is by delivery, `events` by id.
    """
    found: dict[int, Verdict] = {}
    for row in claimed:
        one, event = to.get(row.id), events.get(row.subject_id or 0)
        if one is None or event is None or not one.is_active:
            found[row.id] = NotWanted("left")
        elif one.chat_id is None or not one.is_reachable:
            found[row.id] = NotWanted("unreachable")
        else:
            found[row.id] = judge(row, one, event)
    return found


def said(kind: str, to: Addressee, key: str, **values: Any) -> Facts:
    """What a word says; whoever has the same `key` and language reads the same."""
    return Facts(kind, to.chat_id or 0, to.language, f"{kind}/{key}", None, values)
