"""Alerts of danger: who is told and in which order, what they read, and what a unit lacks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from curriculum import danger_alerts, duty
from curriculum.duty_errors import AlertTaken, ContactNotClear
from curriculum.errors import NotThere, PersonNotClear
from curriculum.facts import URGENT, Facts
from storage.deliveries import Delivery
from storage.engine import Database
from tests.county import BOT
from tests.curriculum.centre import Centre, at_once, found
from tests.curriculum.outbox import Outbox

# Two o'clock at night in Shanghai.
NIGHT = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _on_duty(database: Database, centre: Centre) -> None:
    """The supervisor and a coordinator on the list of the top unit, and two numbers."""

    def run(session: Session) -> None:
        for person in (centre.supervisor, centre.colleague):
            duty.put_on(session, centre.coordinator, centre.top, person.person_id, now=NIGHT)
        duty.set_contacts(
            session, centre.coordinator, centre.top, "派出所 0894-5822110\n县妇联：12338", now=NIGHT
        )

    database.write_now(run)


def _owed(database: Database) -> list[tuple[int, str]]:
    """Who is owed an alert, and how urgently, in the order of being told."""
    return database.read_now(
        lambda session: [
            (row.recipient, row.urgency)
            for row in session.exec(
                select(Delivery).where(Delivery.kind == danger_alerts.KIND).order_by(Delivery.id)  # type: ignore[arg-type]
            )
        ]
    )


def _move_on(database: Database, now: datetime) -> int:
    return database.write_now(danger_alerts.move_on, bot=BOT, now=now)


def test_an_alert_moves_on_until_somebody_takes_it(database: Database, centre: Centre) -> None:
    """One after the other, at night; when all were told the asker hears that nobody took it."""
    _on_duty(database, centre)
    asker = centre.county.learners[0]
    raised = database.write_now(danger_alerts.raise_alert, asker, now=NIGHT)
    again = database.write_now(danger_alerts.raise_alert, asker, now=NIGHT)
    assert (raised.is_told, again.alert_id) == (True, raised.alert_id)
    first, second = centre.supervisor.person_id, centre.colleague.person_id
    assert _owed(database) == [(first, URGENT)]
    (told,) = Outbox(database).ask(NIGHT, kinds=[danger_alerts.KIND])
    assert isinstance(told, Facts)
    assert told.values["unit"] == "八一镇社工站"
    assert (told.values["name"], told.values["phone"]) == ("", "")
    assert _move_on(database, NIGHT + QUARTER - timedelta(seconds=1)) == 0
    assert _move_on(database, NIGHT + QUARTER) == 1
    assert _move_on(database, NIGHT + QUARTER * 2) == 1
    assert [who for who, _ in _owed(database)] == [first, second, asker.person_id, first]
    outcomes = at_once(
        *(
            lambda speaker=speaker: database.write_now(
                danger_alerts.take, speaker, raised.alert_id, now=NIGHT + QUARTER * 2
            )
            for speaker in (centre.supervisor, centre.colleague)
        )
    )
    assert outcomes == ["alert_taken", "done"]
    assert _move_on(database, NIGHT + QUARTER * 9) == 0
    with pytest.raises((AlertTaken, NotThere)):
        database.write_now(
            danger_alerts.take, centre.coordinator, raised.alert_id, now=NIGHT + QUARTER
        )


def test_without_a_list_whoever_looks_after_her_is_told_and_it_ends(
    database: Database, centre: Centre
) -> None:
    """Supervisors and coordinators of her station and above, three rounds at most."""
    asker = centre.county.learners[0]
    database.write_now(danger_alerts.raise_alert, asker, now=NIGHT)
    for number in range(1, 30):
        _move_on(database, NIGHT + QUARTER * number)
    told = [who for who, _ in _owed(database) if who != asker.person_id]
    everybody = {
        centre.of_station.person_id,
        centre.supervisor.person_id,
        centre.coordinator.person_id,
        centre.colleague.person_id,
    }
    assert set(told) == everybody
    assert told[0] == centre.of_station.person_id
    assert len(told) == danger_alerts.ROUNDS * len(everybody)


def test_a_unit_is_ready_with_numbers_and_two_people_who_can_be_reached(
    database: Database, centre: Centre
) -> None:
    """What is set above holds below; a station's own takes its place."""
    (lack,) = database.read_now(duty.lacking, centre.coordinator)
    assert (lack.contacts, lack.on_duty) == (False, 0)
    assert database.read_now(duty.lacking_anywhere) == [lack]
    _on_duty(database, centre)
    assert database.read_now(duty.lacking, centre.coordinator) == []
    assert database.read_now(duty.lacking, centre.of_station) == []
    contacts = database.read_now(duty.contacts_of, centre.station)
    assert [(one.name, one.phone) for one in contacts] == [
        ("派出所", "0894-5822110"),
        ("县妇联", "12338"),
    ]
    database.write_now(
        duty.set_contacts, centre.of_station, centre.station, "站长 13889041234", now=NIGHT
    )
    contacts = database.read_now(duty.contacts_of, centre.station)
    assert [one.name for one in contacts] == ["站长"]
    with pytest.raises(NotThere):
        database.write_now(duty.set_contacts, centre.of_station, centre.top, "站长 110", now=NIGHT)
    with pytest.raises(PersonNotClear):
        database.read_now(duty.named, centre.coordinator, "学员", now=NIGHT)
    database.write_now(
        duty.take_off, centre.coordinator, centre.top, centre.supervisor.person_id, now=NIGHT
    )
    (lack,) = database.read_now(duty.lacking, centre.coordinator)
    assert (lack.contacts, lack.on_duty) == (True, 1)


@pytest.mark.parametrize(
    "written", ["", "派出所", "0894-5822110", "一" * 30 + " 110", "\n".join(["所 110"] * 7)]
)
def test_a_contact_is_a_name_and_a_number(written: str) -> None:
    """Anything else is refused whole."""
    with pytest.raises(ContactNotClear):
        duty.read_contacts(written)
