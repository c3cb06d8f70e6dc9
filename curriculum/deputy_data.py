"""What is kept of a person's being away and standing in: her copy, and forgetting it."""

from datetime import date, datetime

from sqlmodel import Session, col, or_

from curriculum.people import ZONE
from curriculum.personal_data import Counts, Section, section
from curriculum.rhythm import local_date
from storage import of_person
from storage.deputies import Deputy

ERASES = {"deputy": ("person_id", "deputy_id", "changed_by")}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """When she was away, and when she stood in for somebody; not for whom, nor who for her."""
    away = of_person.rows(session, Deputy, Deputy.person_id == person_id)
    stood_in = of_person.rows(session, Deputy, Deputy.deputy_id == person_id)
    return (
        section("aways", away, "since", "until"),
        section("deputyships", stood_in, "since", "until"),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Take away when she was away, and her number from the absences of others.

    Theirs stay, with nobody standing in: the days are theirs.
    """
    del now
    _let_go(session, Deputy.person_id == person_id)
    away = of_person.drop(session, Deputy, Deputy.person_id == person_id)
    stood_in = of_person.blank(
        session, Deputy, Deputy.deputy_id == person_id, deputy_id=None, state="alone"
    )
    of_person.blank(session, Deputy, Deputy.changed_by == person_id, changed_by=None)
    return {"absences": away + stood_in}


def drop_old(session: Session, *, before: datetime, limit: int) -> int:
    """Forget absences that were over before a moment; gives how many."""
    day: date = local_date(before, ZONE)
    ids = of_person.some(session, col(Deputy.id), col(Deputy.until) < day, limit=limit)
    _let_go(session, col(Deputy.id).in_(ids))
    return of_person.drop(session, Deputy, col(Deputy.id).in_(ids))


def _let_go(session: Session, *where: object) -> None:
    """Nothing points any more to rows that are about to go."""
    ids = [row.id for row in of_person.rows(session, Deputy, *where)]
    pointing = or_(col(Deputy.replaces_id).in_(ids), col(Deputy.id).in_(ids))
    of_person.blank(session, Deputy, pointing, replaces_id=None)
