"""Words about an event: how they are called, what is told of a change, which are wanted still."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlmodel import Session

from curriculum.facts import Facts, NotWanted, Verdict
from storage import deliveries
from storage.addressees import Addressee
from storage.deliveries import CLAIMED, SENT, Claimed

Event = TypeVar("Event")


class Told(Protocol):
    """An event that people are told of, and of what changed about it: [field, was, is]."""

    id: int | None
    round: int
    version: int
    change: int
    changes: list[Any]


def invitation_name(event: Told) -> str:
    """What the invitations of one announcement are called."""
    return f"{event.id}:{event.round}"


def change_name(event: Told) -> str:
    """What the words of an event's last change are called."""
    return f"{event.id}:{event.change}"


def is_heard(session: Session, kind: str, occasion: str) -> bool:
    """Whether anybody was told of an occasion, or is being told just now."""
    return deliveries.has_any(session, kind=kind, occasion=occasion, statuses=(SENT, CLAIMED))


def note_change(
    session: Session, event: Told, kind: str, found: Sequence[list[str]], order: Sequence[str]
) -> bool:
    """Keep what changed as the event's last change; whether there is anything to tell.

    What nobody was told of yet is told with it, as one; `order` is that of the fields. `kind` is
    that of the words about changes.
    """
    untold = [] if is_heard(session, kind, change_name(event)) else event.changes
    event.changes = merged(untold, found, order)
    event.change = event.version
    return bool(event.changes)


def merged(
    untold: Sequence[list[str]], fresh: Sequence[list[str]], order: Sequence[str]
) -> list[list[str]]:
    """What changed since people heard last: what is back where it was is no change."""
    first = {field: was for field, was, _ in (*fresh, *untold)}
    last = {field: now_is for field, _, now_is in (*untold, *fresh)}
    return [[one, first[one], last[one]] for one in order if first.get(one) != last.get(one)]


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
