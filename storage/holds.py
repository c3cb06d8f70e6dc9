"""Holds after a restore: nothing goes out until it is chosen, per rhythm, what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint, and_, bindparam, exists, func, or_, text, update
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import deliveries, one_at_a_time, prepared
from storage.columns import key, number, partial_index, points_to
from storage.deliveries import (
    SKIPPED,
    WAITING,
    Delivery,
    Occasion,
)
from storage.people import ChatAccount, Person, RoleGrant
from storage.prepared import insert_ignoring

OPEN = text("ended_at IS NULL")
# The line of a hold for what no rhythm owes: words to one person, lessons asked for.
NOTICES = "notices"
DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]


class Hold(SQLModel, table=True):
    """A span in which a restored database cannot know what was sent: last_seen_at to since."""

    __tablename__ = "hold"
    __table_args__ = (partial_index("uq_hold_open", "bot", where=OPEN, unique=True),)

    id: int | None = key()
    bot: int = number()
    since: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None


class HoldChoice(SQLModel, table=True):
    """What was chosen for one rhythm of one cohort, and how much it was about at that moment."""

    __tablename__ = "hold_choice"
    __table_args__ = (UniqueConstraint("hold_id", "kind", "cohort_id"),)

    id: int | None = key()
    hold_id: int = points_to("hold.id")
    kind: str
    # None: the notices, which belong to no cohort's rhythm.
    cohort_id: int | None = points_to("cohort.id", optional=True)
    choice: str
    missed: int
    waiting: int
    chosen_by: int | None = points_to("person.id", optional=True)
    chosen_at: datetime


class HoldLesson(SQLModel, table=True):
    """The lesson that a cohort may have received on a date of the span, for 补记."""

    __tablename__ = "hold_lesson"

    hold_id: int = points_to("hold.id", primary=True)
    cohort_id: int = points_to("cohort.id", primary=True)
    local_date: date = Field(primary_key=True)
    lesson_id: int = points_to("lesson.id")


class HoldWord(SQLModel, table=True):
    """That somebody in charge was told of a hold."""

    __tablename__ = "hold_word"

    hold_id: int = points_to("hold.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    told_at: datetime


HOLD: Any = Hold.__table__  # type: ignore[attr-defined]
_HELD = core_select(HOLD.c.id).where(HOLD.c.bot == bindparam("bot"), HOLD.c.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class InCharge:
    """Somebody to be told of a hold, and where."""

    person_id: int
    chat_id: int
    language: str


def is_held(session: Session, bot: int) -> bool:
    """Whether nothing may be planned or sent with this bot; the planner and the postman ask."""
    return prepared.run(session, _HELD, bot=bot).first() is not None


def may_begin(session: Session, work: str, *, bot: int) -> bool:
    """Whether this transaction may do `work` of a minute: nothing is held, nobody else is at it."""
    return not is_held(session, bot) and one_at_a_time.is_mine(session, f"{bot}:{work}")


def open_hold(session: Session, *, bot: int) -> Hold | None:
    """The hold that stands now."""
    return session.exec(select(Hold).where(Hold.bot == bot, col(Hold.ended_at).is_(None))).first()


def begin(session: Session, *, bot: int, since: datetime, last_seen_at: datetime) -> bool:
    """Begin a hold; one that stands already is kept, with its older beginning."""
    statement = insert_ignoring(session, HOLD).values(
        bot=bot, since=since, last_seen_at=last_seen_at
    )
    return bool(session.connection().execute(statement.on_conflict_do_nothing()).rowcount)


def choices(session: Session, hold_id: int) -> dict[tuple[str, int | None], HoldChoice]:
    """What was chosen so far, by (kind, cohort)."""
    rows = session.exec(select(HoldChoice).where(HoldChoice.hold_id == hold_id))
    return {(row.kind, row.cohort_id): row for row in rows}


def _due(hold: Hold, now: datetime) -> Any:
    """What waited in the restored database and is due: it may have been sent already."""
    return and_(
        DELIVERY.c.bot == hold.bot,
        deliveries.OPEN,
        DELIVERY.c.due_at <= now,
        # What somebody asked for since the restore was certainly not sent before it.
        DELIVERY.c.created_at < hold.since,
    )


def waiting(
    session: Session, hold: Hold, *, now: datetime
) -> list[tuple[str, int | None, str, int]]:
    """(kind, cohort, occasion, messages) of everything that waits and is due, in one query."""
    columns = (DELIVERY.c.kind, DELIVERY.c.cohort_id, DELIVERY.c.occasion)
    rows = session.connection().execute(
        core_select(*columns, func.count()).where(_due(hold, now)).group_by(*columns)
    )
    return [(kind, cohort, occasion, int(count)) for kind, cohort, occasion, count in rows]


def send_late(
    session: Session, hold: Hold, *, kind: str, occasions: Sequence[str], now: datetime
) -> int:
    """Let what waits go out however late it is; returns how many rows."""
    statement = (
        update(DELIVERY)
        .where(_due(hold, now), DELIVERY.c.kind == kind, DELIVERY.c.occasion.in_(occasions))
        .values(not_after=None, status=WAITING, lease_until=None)
    )
    return int(session.connection().execute(statement).rowcount)


def set_aside(
    session: Session,
    hold: Hold,
    *,
    kind: str,
    occasions: Sequence[str],
    reason: str,
    now: datetime,
) -> int:
    """Skip what waits of these occasions, where staff see why; returns how many rows."""
    statement = (
        update(DELIVERY)
        .where(_due(hold, now), DELIVERY.c.kind == kind, DELIVERY.c.occasion.in_(occasions))
        .values(status=SKIPPED, error=reason, lease_until=None)
    )
    return int(session.connection().execute(statement).rowcount)


def settle_notices(
    session: Session, hold: Hold, *, kinds: Sequence[str], is_sent: bool, reason: str, now: datetime
) -> int:
    """Send or skip what waits of every kind but these; returns how many rows."""
    values: dict[str, Any] = (
        {"not_after": None, "status": WAITING, "lease_until": None}
        if is_sent
        else {"status": SKIPPED, "error": reason, "lease_until": None}
    )
    statement = (
        update(DELIVERY).where(_due(hold, now), DELIVERY.c.kind.not_in(kinds)).values(**values)
    )
    return int(session.connection().execute(statement).rowcount)


def mark_occasions(
    session: Session,
    *,
    kind: str,
    cohort_id: int,
    dates: Sequence[date],
    state: str,
    with_lesson: bool,
) -> None:
    """Say of planned dates what became of them; without its lesson a date leaves it to the next."""
    values: dict[str, Any] = {"state": state}
    if not with_lesson:
        values["lesson_id"] = None
    session.connection().execute(
        update(Occasion)
        .where(
            col(Occasion.kind) == kind,
            col(Occasion.cohort_id) == cohort_id,
            col(Occasion.local_date).in_(dates),
            col(Occasion.state) == "planned",
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def to_tell(session: Session, hold: Hold, *, roles: Sequence[str], on: date) -> list[InCharge]:
    """Whoever holds one of these roles, can be reached and was not told yet, in one query."""
    told = exists().where(
        col(HoldWord.hold_id) == hold.id, col(HoldWord.person_id) == col(Person.id)
    )
    in_charge = exists().where(
        col(RoleGrant.person_id) == col(Person.id),
        col(RoleGrant.role).in_(roles),
        col(RoleGrant.since) <= on,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
    )
    rows = session.exec(
        select(Person.id, ChatAccount.chat_id, Person.language)
        .join(ChatAccount, col(ChatAccount.person_id) == col(Person.id))
        .where(
            ChatAccount.bot == hold.bot,
            col(ChatAccount.ended_at).is_(None),
            col(ChatAccount.reachable).is_(True),
            Person.status == "active",
            in_charge,
            ~told,
        )
        .order_by(col(Person.id))
    )
    return [InCharge(person_id or 0, chat_id, language) for person_id, chat_id, language in rows]


def note_told(session: Session, *, hold_id: int, person_id: int, at: datetime) -> None:
    """Remember that somebody was told."""
    session.connection().execute(
        insert_ignoring(session, HoldWord.__table__)  # type: ignore[attr-defined]
        .values(hold_id=hold_id, person_id=person_id, told_at=at)
        .on_conflict_do_nothing()
    )
