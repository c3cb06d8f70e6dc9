"""What is kept of a person around exchange visits: her line on the list of each batch."""

from datetime import datetime

from sqlmodel import Session, col, select

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
    """Forget why people could not come long ago, and the numbers of officials of visits long over.

    That they could not, and that they came, stays. Gives how many lines were changed.
    """
    ids = of_person.some(
        session,
        col(VisitPerson.id),
        VisitPerson.changed_at < before,
        VisitPerson.reason != "",
        limit=limit,
    )
    gone = of_person.blank(session, VisitPerson, col(VisitPerson.id).in_(ids), reason="")
    over = select(ExchangeVisit.id).where(ExchangeVisit.ends_on < before.date())
    called = of_person.some(
        session,
        col(VisitPerson.id),
        VisitPerson.phone != "",
        col(VisitPerson.visit_id).in_(over),
        limit=limit - gone,
    )
    return gone + of_person.blank(session, VisitPerson, col(VisitPerson.id).in_(called), phone="")
