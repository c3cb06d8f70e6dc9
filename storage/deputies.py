"""Deputies: from when until when a coordinator or supervisor is away, and who stands in for her."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, key, number, points_to
from storage.deliveries import SENT, Delivery
from storage.people import ChatAccount, Person, RoleGrant, Unit

# Nobody stands in; proposed to the coordinators; named and told; she said yes; she said no; the
# coordinators said no; the whole absence was taken back.
ALONE, PROPOSED, NAMED, AGREED, DECLINED, REFUSED, TAKEN_BACK = (
    "alone",
    "proposed",
    "named",
    "agreed",
    "declined",
    "refused",
    "taken_back",
)
# She stands in unless she says no.
STANDS = (NAMED, AGREED)
# The roles that a deputy takes over; never an administrator's, whatever else is held.
TAKEN_OVER = ("coordinator", "supervisor")


class Deputy(SQLModel, table=True):
    """One absence of one person with the deputy of that span; `until` is her first day back.

    Another deputy is another row: the one before it ends on the day the next begins.
    """

    __tablename__ = "deputy"

    id: int | None = key()
    bot: int = number()
    person_id: int = points_to("person.id", index=True)
    deputy_id: int | None = points_to("person.id", optional=True, index=True)
    # The first day of the whole absence, under however many deputies.
    away_since: date
    since: date
    until: date
    state: str
    set_at: datetime
    # The last change, which whoever made it may take back for some minutes.
    changed_by: int | None = points_to("person.id", optional=True)
    changed_at: datetime
    # What state and end were before it, as {"state": ..., "until": ...}; empty for the first.
    before: dict[str, Any] = Field(default_factory=dict, sa_type=DOCUMENT)
    # The row that this one took the place of, given its end back when this one is taken back.
    replaces_id: int | None = points_to("deputy.id", optional=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could stand in, with the unit of her nearest fitting role."""

    person_id: int
    name: str
    role: str
    unit_path: str


def _covers(table: Any, on: Any) -> Any:
    return and_(col(table.since) <= on, col(table.until) > on)


def is_away(person_id: Any, on: Any) -> Any:
    """The condition that somebody (a column or an id) is away on a date, deputy or not."""
    away = aliased(Deputy)
    return exists().where(
        col(away.person_id) == person_id, col(away.state) != TAKEN_BACK, _covers(away, on)
    )


def stands_in(table: Any, on: Any) -> Any:
    """The condition that a row's deputy stands in on a date."""
    # Two comparisons: a list is put into the statement anew each time, and this one is asked at
    # every tap.
    stands = or_(*(col(table.state) == state for state in STANDS))
    return and_(stands, _covers(table, on))


def is_unattended(person_id: Any, on: Any) -> Any:
    """The condition that somebody is away and nobody sees to what waits for her.

    A deputy who left, or is away herself, sees to nothing: it is not passed on a second time.
    """
    covered, deputy = aliased(Deputy), aliased(Person)
    return and_(
        is_away(person_id, on),
        ~exists().where(
            col(covered.person_id) == person_id,
            stands_in(covered, on),
            col(deputy.id) == col(covered.deputy_id),
            col(deputy.status) == "active",
            ~is_away(col(covered.deputy_id), on),
        ),
    )


def away_among(session: Session, person_ids: Collection[int], *, on: date) -> dict[int, int | None]:
    """Those of these people who are away, each with whoever sees to her work, if anybody does."""
    deputy: Any = aliased(Person)
    sees_to_it = and_(
        stands_in(Deputy, on),
        col(deputy.status) == "active",
        ~is_away(col(Deputy.deputy_id), on),
    )
    columns: list[Any] = [col(Deputy.person_id), col(Deputy.deputy_id), sees_to_it]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Deputy)
        .outerjoin(deputy, col(deputy.id) == col(Deputy.deputy_id))
        .where(
            col(Deputy.person_id).in_(person_ids),
            col(Deputy.state) != TAKEN_BACK,
            _covers(Deputy, on),
        )
        .order_by(col(Deputy.id))
    )
    return {person_id: deputy_id if stands else None for person_id, deputy_id, stands in rows}


def stood_in_since(session: Session, person_ids: Collection[int], *, on: date) -> dict[int, date]:
    """Since when a deputy stands in for those of these people for whom one does."""
    rows = session.exec(
        select(Deputy)
        .where(col(Deputy.person_id).in_(person_ids), stands_in(Deputy, on))
        .order_by(col(Deputy.id))
    )
    return {row.person_id: row.since for row in rows}


def who_acts(session: Session, person_ids: Sequence[int], *, on: date) -> list[int]:
    """Each of these people or her deputy, in their order and once; the unattended left out."""
    away = away_among(session, person_ids, on=on)
    acting = (away.get(person_id, person_id) for person_id in person_ids)
    return list(dict.fromkeys(one for one in acting if one is not None))


_STANDING: Any = (
    select(Deputy)
    .where(
        col(Deputy.bot) == bindparam("bot"),
        col(Deputy.state).in_(STANDS),
        col(Deputy.since) <= bindparam("until"),
        col(Deputy.until) > bindparam("since"),
    )
    .order_by(col(Deputy.id))
)


def standing(session: Session, *, bot: int, since: date, until: date) -> list[Deputy]:
    """Every row whose deputy stands in on any of these days, the last one included."""
    # Built once: it is asked each minute.
    values = {"bot": bot, "since": since, "until": until}
    return list(session.exec(_STANDING, params=values))


def overlapping(session: Session, deputy_id: int, *, since: date, until: date) -> list[Deputy]:
    """The rows under which somebody stands in on any day of a span."""
    return list(
        session.exec(
            select(Deputy)
            .where(
                Deputy.deputy_id == deputy_id,
                col(Deputy.state).in_(STANDS),
                col(Deputy.since) < until,
                col(Deputy.until) > since,
            )
            .order_by(col(Deputy.id))
        )
    )


def present_or_coming(session: Session, person_id: int, *, on: date) -> Deputy | None:
    """The absence somebody is in on a date, else her next one, with its newest deputy."""
    return session.exec(
        select(Deputy)
        .where(
            Deputy.person_id == person_id,
            col(Deputy.state) != TAKEN_BACK,
            col(Deputy.until) > on,
            col(Deputy.until) > col(Deputy.since),
        )
        .order_by(col(Deputy.since), col(Deputy.id).desc())
        .limit(1)
    ).first()


def locked(session: Session, deputy_row_id: int) -> Deputy | None:
    """One row; a second change of it waits here."""
    return session.exec(
        select(Deputy)
        .where(Deputy.id == deputy_row_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def of_absence(session: Session, person_id: int, *, away_since: date) -> list[Deputy]:
    """Every row of one absence, the first deputy first."""
    return list(
        session.exec(
            select(Deputy)
            .where(Deputy.person_id == person_id, Deputy.away_since == away_since)
            .order_by(col(Deputy.id))
        )
    )


def roles_taken_over(session: Session, person_id: int, *, on: date) -> list[tuple[str, str]]:
    """The (role, unit path) of somebody that a deputy would take over on a date."""
    rows = session.exec(
        select(RoleGrant.role, Unit.path)
        .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
        .where(RoleGrant.person_id == person_id, _holds(TAKEN_OVER, on))
        .order_by(col(RoleGrant.id))
    )
    return [(role, path) for role, path in rows]


def _holds(roles: Sequence[str], on: date) -> Any:
    return and_(
        col(RoleGrant.role).in_(roles),
        col(RoleGrant.since) <= on,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
    )


def candidates(
    session: Session, root: str, *, bot: int, on: date, since: date, until: date, name: str = ""
) -> list[Candidate]:
    """Active people with a chat and a role to look after others under a topmost unit.

    Without those who are away on any day of the span; `name` leaves those of that name.
    """
    away = aliased(Deputy)
    query = (
        select(Person.id, Person.name, RoleGrant.role, Unit.path)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(Person.id),
                col(ChatAccount.bot) == bot,
                col(ChatAccount.ended_at).is_(None),
                col(ChatAccount.reachable).is_(True),
            ),
        )
        .where(
            Person.status == "active",
            _holds(TAKEN_OVER, on),
            col(Unit.path).startswith(root, autoescape=True),
            ~exists().where(
                col(away.person_id) == col(Person.id),
                col(away.state) != TAKEN_BACK,
                col(away.since) < until,
                col(away.until) > since,
            ),
        )
        .order_by(col(Person.id), col(RoleGrant.id))
    )
    if name:
        query = query.where(Person.name == name)
    return [Candidate(i or 0, called, role, path) for i, called, role, path in session.exec(query)]


def was_told(session: Session, *, kind: str, row_id: int, person_id: int) -> bool:
    """Whether a word of this kind about a row has reached somebody."""
    found = session.exec(
        select(Delivery.id)
        .where(
            Delivery.kind == kind,
            Delivery.subject_id == row_id,
            Delivery.person_id == person_id,
            Delivery.status == SENT,
        )
        .limit(1)
    )
    return found.first() is not None
