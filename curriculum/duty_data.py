"""What is kept of a person where danger is answered: the lists she is on, the alerts she raised."""

import re
from datetime import datetime

from sqlmodel import Session, col, or_

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.duty import DangerAlert, DutyMember, EmergencyContact
from storage.people import Person, Unit

# With fewer digits it is a number that many have, such as 110.
SHORTEST_NUMBER = 7
ERASES = {"duty_member": ("person_id",), "emergency_contact": ("phone", "name")}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """The duty lists that name her, contacts with her number, alerts she raised or took."""

    def unit(row: DutyMember | EmergencyContact) -> str:
        return session.get_one(Unit, row.unit_id).name_zh

    lists = of_person.rows(session, DutyMember, DutyMember.person_id == person_id)
    alerts = of_person.rows(
        session,
        DangerAlert,
        or_(DangerAlert.person_id == person_id, DangerAlert.taken_by == person_id),
    )
    return (
        section("duty_lists", lists, unit=unit),
        section("emergency_contacts", _contacts(session, person_id), "name", "phone", unit=unit),
        section("danger_alerts", alerts, "raised_at", "call_me", "taken_at"),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Take her off every duty list and her own number out of the contacts.

    An alert holds no word: it stays, because somebody may be in danger still. Before her number
    is forgotten.
    """
    del now
    ids = [contact.id or 0 for contact in _contacts(session, person_id)]
    contacts = of_person.drop(session, EmergencyContact, col(EmergencyContact.id).in_(ids))
    lists = of_person.drop(session, DutyMember, DutyMember.person_id == person_id)
    return {"duty_lists": lists, "emergency_contacts": contacts}


def drop_alerts(session: Session, *, before: datetime, limit: int) -> int:
    """Forget alerts of long ago that nobody is told of any more; gives how many."""
    ids = of_person.some(
        session,
        col(DangerAlert.id),
        DangerAlert.raised_at < before,
        col(DangerAlert.next_at).is_(None),
        limit=limit,
    )
    return of_person.drop(session, DangerAlert, col(DangerAlert.id).in_(ids))


def _contacts(session: Session, person_id: int) -> list[EmergencyContact]:
    """Contacts that are her own number, however it is written."""
    own = _digits(session.get_one(Person, person_id).phone or "")
    if len(own) < SHORTEST_NUMBER:
        return []
    return [
        contact
        for contact in of_person.rows(session, EmergencyContact)
        if _digits(contact.phone).endswith(own)
    ]


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
