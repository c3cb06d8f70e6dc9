"""Those who look after people in the tests: an administrator, coordinators, a supervisor."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from curriculum.errors import Refusal
from curriculum.people import ADMINISTRATOR, COORDINATOR, OBSERVER, SUPERVISOR, Speaker
from storage.audit import AuditEntry
from storage.engine import Database
from storage.people import Unit
from tests.county import County, build, join, write_pack
from tests.kept import kept


@dataclass(frozen=True)
class Centre:
    """A county with two learners of one station and one of another, and who looks after them."""

    county: County
    administrator: Speaker
    coordinator: Speaker
    colleague: Speaker
    of_station: Speaker
    supervisor: Speaker
    observer: Speaker

    @property
    def learner(self) -> int:
        """The first learner's person."""
        return self.county.learners[0].person_id

    @property
    def station(self) -> int:
        """The unit of the first two learners."""
        return self.county.station.id or 0

    @property
    def other_station(self) -> int:
        """The unit of the third."""
        return self.county.other_station.id or 0

    @property
    def top(self) -> int:
        """The unit above both."""
        return self.county.top.id or 0


def found(session: Session, folder: Path, *, now: datetime) -> Centre:
    """Store a centre."""
    return kept(session, ("centre", now), lambda: _found(session, folder, now=now))


def _found(session: Session, folder: Path, *, now: datetime) -> Centre:
    county = build(session, write_pack(folder / "pack", 1), now=now, learners=2)
    county.learners.append(
        join(session, county, chat_id=300, name="学员3", unit=county.other_station, now=now)
    )

    def staff(chat_id: int, name: str, role: str, unit: Unit) -> Speaker:
        return join(session, county, chat_id=chat_id, name=name, role=role, unit=unit, now=now)

    assert county.coordinator is not None
    return Centre(
        county,
        administrator=staff(901, "管理员", ADMINISTRATOR, county.top),
        coordinator=county.coordinator,
        colleague=staff(902, "同事", COORDINATOR, county.top),
        of_station=staff(903, "站长", COORDINATOR, county.station),
        supervisor=staff(904, "督导", SUPERVISOR, county.top),
        observer=staff(905, "观察员", OBSERVER, county.top),
    )


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do these at the same moment; gives for each "done" or the code of its refusal, sorted."""
    gate, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def audited(database: Database, count: int) -> list[AuditEntry]:
    """The newest audit entries, oldest first."""
    entries = database.read_now(
        lambda session: list(
            session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(count))
        )
    )
    return entries[::-1]
