"""Who may be a pair of supervision: a worker looked up, and who supervises her unit."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import directory
from curriculum.errors import NotThere, PersonNotClear
from curriculum.people import LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import NoSupervisor, NotAWorker
from storage import supervision_pairs as stored
from storage.directory import rows_of


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be paired."""

    person_id: int
    name: str


def worker_named(session: Session, speaker: Speaker, written: str, *, now: datetime) -> Person:
    """The one learner of hers whom these words mean; raises PersonNotClear, NotAWorker."""
    speaker.require("assign_supervision")
    found = directory.people(session, speaker, words=written, now=now)
    if found.count != 1:
        raise PersonNotClear(count=found.count)
    line = found.lines[0]
    if LEARNER not in line.roles:
        raise NotAWorker(name=line.name)
    return Person(line.person_id, line.name)


def supervisors_for(
    session: Session, speaker: Speaker, worker_id: int, *, now: datetime
) -> list[Person]:
    """Who may accompany a worker: whoever supervises her unit; raises NotThere, NoSupervisor."""
    found = stored.supervisors_over(
        session, unit_of(session, speaker, worker_id), on=local_date(now, ZONE)
    )
    people = [Person(person_id, name) for person_id, name in found if person_id != worker_id]
    if not people:
        raise NoSupervisor
    return people


def unit_of(session: Session, speaker: Speaker, worker_id: int) -> str:
    """The path of the unit that a worker of hers works in; raises NotThere."""
    rows = rows_of(session, [worker_id], bot=speaker.bot)
    if not rows or rows[0].status != "active":
        raise NotThere
    speaker.require("assign_supervision", unit_path=rows[0].unit_path)
    return rows[0].unit_path
