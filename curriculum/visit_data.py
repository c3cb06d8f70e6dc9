"""What is kept of a person around exchange visits: her line on the list of each batch."""

from datetime import datetime

from sqlmodel import Session, col

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.visits import ExchangeVisit, VisitPerson

ERASES = {
    "visit_person": ("name", "post", "phone", "unit_name", "reason"),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """The visits on whose list she stands, with what she said."""
    lines = of_person.rows(session, VisitPerson, VisitPerson.person_id == person_id)

    def title(row: VisitPerson) -> str:
        return session.get_one(ExchangeVisit, row.visit_id).title

    columns = ("name", "post", "unit_name", "phone", "state", "reason", "changed_at")
    return (section("visits", lines, *columns, title=title),)


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Her name, post and reasons go; that one person was in the batch stays, for its figures."""
    del now
    blanked = of_person.blank(
        session,
        VisitPerson,
        VisitPerson.person_id == person_id,
        **dict.fromkeys(("name", "post", "unit_name", "phone", "reason"), ""),
    )
    return {"visits": blanked}


def drop_reasons(session: Session, *, before: datetime, limit: int) -> int:
    """Forget why people could not come long ago; that they could not stays. Gives how many."""
    ids = of_person.some(
        session,
        col(VisitPerson.id),
        VisitPerson.changed_at < before,
        VisitPerson.reason != "",
        limit=limit,
    )
    return of_person.blank(session, VisitPerson, col(VisitPerson.id).in_(ids), reason="")
