"""The figures a region reports of a year's supervision: 55 sessions, each counted exactly once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from curriculum import records, supervision_counts, supervision_sealing
from curriculum.people import SUPERVISOR, Speaker
from curriculum.records import Period, RecordRow
from storage.engine import Database
from storage.sealed import NoteKey
from storage.supervision_records import (
    DRAFT,
    GROUP,
    INDIVIDUAL,
    PEER,
    WAITING,
    SupervisionRecord,
    SupervisionRecordPerson,
)
from tests.county import BOT, join
from tests.curriculum.supervising import Office

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
ONLINE, OFFLINE = "online", "offline"
FIRST, LATER = date(2026, 1, 4), datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 5)


class Year:
    """A year's sessions, each as it stands once it was handed on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.held = 0

    def hold(
        self,
        form: str,
        supervisor: Speaker | None,
        workers: Mapping[int, int],
        *,
        minutes: int,
        mode: str,
        unconfirmed: Sequence[int] = (),
        on: date | None = None,
        state: str = WAITING,
    ) -> None:
        """One session with {worker: her unit}, six days after the one before."""
        day = on or FIRST + timedelta(days=6 * self.held)
        at = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
        self.held += 1
        record = SupervisionRecord(
            bot=BOT,
            form=form,
            supervisor_id=supervisor.person_id if supervisor else None,
            number=self.held,
            occurred_on=day,
            minutes=minutes,
            counted_minutes=minutes,
            mode=mode,
            functions=["supportive"],
            state=state,
            version=1,
            written_by=supervisor.person_id if supervisor else next(iter(workers)),
            changed_at=at,
            submitted_at=at,
            created_at=at,
        )
        self.session.add(record)
        self.session.flush()
        for person_id, unit_id in workers.items():
            person = SupervisionRecordPerson(
                record_id=record.id or 0, person_id=person_id, unit_id=unit_id
            )
            person.confirmed_at = None if person_id in unconfirmed else at
            self.session.add(person)


def _fill(session: Session, office: Office) -> None:
    """45 sessions of two alone, by two supervisors, 6 of groups, 4 of peers; and two that are none.

    15 of the 45 were in person, and 5 of them nobody confirmed; one of a group of three did not.
    """
    centre = office.centre
    more: dict[str, Any] = {"role": SUPERVISOR, "unit": centre.county.top, "now": office.now}
    other = join(session, centre.county, chat_id=950, name="第二位督导", **more)
    first, second, third = (one.person_id for one in centre.county.learners)
    station, elsewhere = centre.station, centre.other_station
    year = Year(session)
    for number in range(45):
        supervisor, worker = (office.supervisor, first) if number < 27 else (other, second)
        mode = OFFLINE if number % 3 == 0 else ONLINE
        unconfirmed = [worker] if number % 9 == 4 else []
        year.hold(
            *(INDIVIDUAL, supervisor, {worker: station}),
            minutes=60,
            mode=mode,
            unconfirmed=unconfirmed,
        )
    group = {first: station, second: station, third: elsewhere}
    for number in range(6):
        mode, unconfirmed = OFFLINE if number == 0 else ONLINE, [third] if number == 5 else []
        year.hold(GROUP, office.supervisor, group, minutes=90, mode=mode, unconfirmed=unconfirmed)
    for _ in range(4):
        year.hold(PEER, None, {first: station, second: station}, minutes=45, mode=OFFLINE)
    alone: dict[str, Any] = {"minutes": 60, "mode": ONLINE}
    year.hold(INDIVIDUAL, other, {second: station}, state=DRAFT, **alone)
    year.hold(INDIVIDUAL, other, {second: station}, on=date(2025, 12, 31), **alone)


def test_fifty_five_sessions_are_counted_exactly(
    database: Database, tmp_path: Path, start: datetime, note_key: NoteKey
) -> None:
    """Sessions, minutes, modes, supervisors and supervisees; one side's word apart; no draft."""
    office = Office(database, tmp_path, start)
    database.write_now(_fill, office)
    chief = office.centre.coordinator
    before = database.read_now(supervision_counts.counts, chief, YEAR)
    assert (before.sessions, before.confirmed) == (55, {"not_yet": 55})
    assert database.write_now(supervision_sealing.settle, bot=BOT, now=LATER) == 56
    # The first one was a quarter of an hour longer, its writer says: counted anew, not twice.
    office.now = LATER
    office.do(supervision_sealing.add, office.supervisor, 1, "更正时长：75分钟", note_key=note_key)

    found = database.read_now(supervision_counts.counts, chief, YEAR)
    assert (found.sessions, found.minutes) == (55, 45 * 60 + 6 * 90 + 4 * 45 + 15)
    assert found.modes == {ONLINE: 30 + 5, OFFLINE: 15 + 1 + 4}
    assert found.forms == {INDIVIDUAL: 45, GROUP: 6, PEER: 4}
    assert found.confirmed == {"both": 49, "one_sided": 6}
    assert found.supervisors == ((office.supervisor.name, 27 + 6), ("第二位督导", 18))
    assert found.supervisees == 3
    centre = office.centre
    stations = (centre.county.station.name_zh, 55), (centre.county.other_station.name_zh, 6)
    assert found.units == stations
    held = database.read_now(supervision_counts.held, chief, YEAR)
    assert len({one.record_id for one in held}) == len(held) == 55
    of_station = database.read_now(supervision_counts.counts, centre.of_station, YEAR)
    assert (of_station.sessions, of_station.supervisees) == (55, 2)
    march = database.read_now(supervision_counts.counts, chief, Period(MARCH, APRIL))
    assert (march.sessions, march.minutes) == (6, 6 * 60), "5, 11, 17, 23, 29 March, 4 April"

    # The ledger says the same by itself: a row for each worker of a session, in force once.
    def in_ledger(session: Session) -> list[RecordRow]:
        scope = records.scope_for(session, chief, None)
        return list(records.rows(session, scope, YEAR))

    rows = database.read_now(in_ledger)
    assert {row.study for row in rows} == {"supervision"}
    assert Counter(row.title for row in rows) == {
        "一对一督导": 45,
        "小组督导": 6 * 3,
        "同辈督导": 4 * 2,
    }
    assert sum(row.minutes for row in rows) == 45 * 60 + 15 + 18 * 90 + 8 * 45
    assert Counter(row.mode for row in rows) == {ONLINE: 30 + 15, OFFLINE: 15 + 3 + 8}
    assert Counter(row.evidence for row in rows) == {"signed_in": 65, "roll_call": 6}
    assert len({row.person_name for row in rows}) == 3
    written = Counter(row.recorded_by for row in rows if row.title != "同辈督导")
    assert written == {office.supervisor.name: 27 + 18, "第二位督导": 18}
