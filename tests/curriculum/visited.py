"""A batch that travels: who goes, to which places, approved, for the tests of what follows."""

from datetime import date, datetime, time

from sqlmodel import Session

from storage.visits import APPROVED, COMING, ExchangeVisit, VisitPerson, VisitStop
from tests.county import BOT, County

FIRST, LAST = date(2026, 11, 25), date(2026, 11, 27)
PLACES = ("拉萨市城关区社工站", "拉萨市民政局")


def travelling(
    session: Session,
    county: County,
    *,
    now: datetime,
    learners: int = 2,
    officials: int = 1,
    without_chat: int = 0,
    first: date = FIRST,
    last: date = LAST,
    title: str = "赴拉萨交流",
    places: tuple[str, ...] = PLACES,
) -> ExchangeVisit:
    """An approved batch of the county's first learners, of others without a chat, of officials."""
    from storage.people import Person

    assert county.coordinator is not None
    visit = ExchangeVisit(
        bot=BOT,
        unit_id=county.top.id or 0,
        number=1,
        title=title,
        aims="学站点管理",
        organiser="林芝市社工指导中心",
        starts_on=first,
        ends_on=last,
        state=APPROVED,
        packing=[],
        reminders={"days": [], "hour": "08:00", "late": "merge", "skip_after_hours": 3},
        changes=[],
        created_by=county.coordinator.person_id,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    for number, place in enumerate(places, start=1):
        session.add(
            VisitStop(
                visit_id=visit.id or 0,
                place=number,
                destination=place,
                day=min(last, first if number == 1 else last),
                at=time(10, 0),
                programme="座谈",
            )
        )
    people = [(one.person_id, one.name, "八一镇社工站") for one in county.learners[:learners]]
    for number in range(without_chat):
        person = Person(name=f"扎西{number}", status="active", language="zh", created_at=now)
        session.add(person)
        session.flush()
        people.append((person.id or 0, person.name, "鲁朗镇社工站"))
    for person_id, name, unit in people:
        _list(session, visit, person_id, name, unit, now)
    for number in range(officials):
        _list(session, visit, None, f"干部{number + 1}", "林芝市民政局", now)
    session.flush()
    return visit


def _list(
    session: Session,
    visit: ExchangeVisit,
    person_id: int | None,
    name: str,
    unit: str,
    now: datetime,
) -> None:
    session.add(
        VisitPerson(
            visit_id=visit.id or 0,
            person_id=person_id,
            name=name,
            unit_name=unit,
            post="" if person_id else "科员",
            state=COMING,
            changed_at=now,
        )
    )
    session.flush()
