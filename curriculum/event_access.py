"""Who arranges an event: whoever coordinates the unit whose event it is, and everybody above."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from storage import audit
from storage.people import Unit


class Event(Protocol):
    """What a unit arranges; `version` rises with each change."""

    id: int | None
    unit_id: int
    version: int


E = TypeVar("E", bound=Event)


def path_of(session: Session, event: Event) -> str:
    """The path of the unit whose event it is."""
    return session.get_one(Unit, event.unit_id).path


def arranges(session: Session, speaker: Speaker, event: Event, permission: str) -> bool:
    """Whether she has this permission in the unit whose event it is."""
    return speaker.may(permission, unit_path=path_of(session, event))


def arranged(
    session: Session, speaker: Speaker, event: E | None, permission: str, *, seen: int | None
) -> E:
    """The event, for whoever may change it as she saw it; raises NotThere, ChangedMeanwhile."""
    if event is None or not arranges(session, speaker, event, permission):
        raise NotThere
    if seen is not None and seen != event.version:
        raise ChangedMeanwhile
    return event


def units_of(session: Session, speaker: Speaker, permission: str) -> Sequence[tuple[int, str]]:
    """The topmost units whose events she arranges, as (id, name); raises NotThere."""
    speaker.require(permission)
    ids = [int(path.strip("/").split("/")[-1]) for path in speaker.reach(permission)]
    return [(unit_id, session.get_one(Unit, unit_id).name_zh) for unit_id in ids]


def write_down(
    kind: str,
    session: Session,
    event: Event,
    action: str,
    *,
    actor_id: int | None,
    now: datetime,
    **facts: int | str | None,
) -> None:
    """An entry of the audit trail about an event of a kind: ids, codes and counts only."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind=kind,
        object_id=event.id,
        version=event.version,
        **facts,
    )
