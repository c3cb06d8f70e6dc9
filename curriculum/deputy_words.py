"""What is said about an absence: to the deputy, to whoever is away, to those who agree to one.

A word says how things stand when it goes out, so one that is overtaken is left out or says so.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from curriculum import people
from curriculum.facts import FOLDABLE, TIMED, Facts, NotWanted, Verdict
from curriculum.people import ZONE
from curriculum.rhythm import local_date, moment_at
from storage import deliveries, deputy_proposals, responders
from storage import deputies as stored
from storage import people as stored_people
from storage.deliveries import Claimed
from storage.deputies import AGREED, PROPOSED, STANDS, TAKEN_BACK, Deputy
from storage.people import Person, Unit

KIND, HANDOVER = "deputy", "handover"
MORNING = time(9)
# What begins within this is told with a sound.
SOON = timedelta(days=1)
DEPUTY, ABSENT, COORDINATOR = "deputy", "absent", "coordinator"
BEGINS, ENDS = "begins", "ends"
# The states in which a deputy said yes herself, and in which coordinators are asked.
SURE, OPEN = AGREED, PROPOSED
# Behind the name of an occasion: that nobody decided.
UNANSWERED = ":open"


def tell(session: Session, row: Deputy, to: Collection[int], *, now: datetime) -> None:
    """Owe a word on how an absence stands to these people, once for each change of it."""
    asks = row.state in (PROPOSED, *STANDS) and row.since <= local_date(now, ZONE) + SOON
    for person_id in sorted(to):
        deliveries.add(
            session,
            bot=row.bot,
            kind=KIND,
            occasion=_occasion(row),
            recipient=person_id,
            person_id=person_id,
            subject_id=row.id,
            urgency=TIMED if asks and person_id != row.person_id else FOLDABLE,
            due_at=now,
            created_at=now,
        )


def tell_back(session: Session, row: Deputy, *, now: datetime) -> None:
    """Owe whoever is away the word that nobody answered for her deputy."""
    deliveries.add(
        session,
        bot=row.bot,
        kind=KIND,
        occasion=_occasion(row) + UNANSWERED,
        recipient=row.person_id,
        person_id=row.person_id,
        subject_id=row.id,
        urgency=FOLDABLE,
        due_at=now,
        created_at=now,
    )


def was_told_back(session: Session, row: Deputy) -> bool:
    """Whether she was owed that word since the proposal was made."""
    return deputy_proposals.was_owed(session, kind=KIND, occasion=_occasion(row) + UNANSWERED)


def _occasion(row: Deputy) -> str:
    """How it stood and since when: another one as soon as it is changed again."""
    return f"{row.id}:{row.state}:{row.changed_at.timestamp():.6f}"


def owe_handovers(session: Session, row: Deputy, *, now: datetime) -> None:
    """Owe the deputy what is open when she begins, and the other what was done on her return."""
    if row.state in STANDS and row.deputy_id is not None:
        at = max(now, moment_at(row.since, MORNING, ZONE))
        _owe(session, row, row.deputy_id, f"{BEGINS}:{row.id}:{row.since}", at, now=now)
    at = max(now, moment_at(row.until, MORNING, ZONE))
    name = f"{ENDS}:{row.person_id}:{row.away_since}:{row.until}"
    _owe(session, row, row.person_id, name, at, now=now)


def _owe(
    session: Session, row: Deputy, person_id: int, occasion: str, due_at: datetime, *, now: datetime
) -> None:
    deliveries.add(
        session,
        bot=row.bot,
        kind=HANDOVER,
        occasion=occasion,
        recipient=person_id,
        person_id=person_id,
        subject_id=row.id,
        urgency=FOLDABLE,
        due_at=due_at,
        created_at=now,
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed word says by now; there are few, so each is asked for by itself."""
    return {row.id: _verdict(session, row, now=now) for row in claimed}


def _verdict(session: Session, claimed: Claimed, *, now: datetime) -> Verdict:
    row = session.get(Deputy, claimed.subject_id)
    person_id = claimed.person_id or 0
    account = stored_people.account_of(session, bot=claimed.bot, person_id=person_id)
    if row is None or account is None or not account.reachable:
        return NotWanted("unreachable")
    if claimed.occasion.removesuffix(UNANSWERED) != _occasion(row):
        return NotWanted("overtaken")
    reader = people.who(session, bot=claimed.bot, chat_id=account.chat_id, now=now)
    if reader is None:
        return NotWanted("left")
    today = local_date(now, ZONE)
    is_over = _is_over(row, today=today)
    if not _is_wanted(session, row, person_id, _part(row, person_id), is_over=is_over):
        return NotWanted("not_wanted")
    return Facts(
        KIND,
        account.chat_id,
        reader.language,
        f"{KIND}/{claimed.id}/{row.state}/{is_over}",
        None,
        as_told(session, row, person_id, today=today),
    )


def _is_unanswered(session: Session, row: Deputy) -> bool:
    return row.state == PROPOSED and was_told_back(session, row)


def as_told(session: Session, row: Deputy, person_id: int, *, today: date) -> dict[str, object]:
    """What a word says to one of those concerned: to the deputy, the absent, a coordinator."""
    seen = {
        "to": _part(row, person_id),
        "is_over": _is_over(row, today=today),
        # Said where it was pressed, for some minutes; what goes out is about another's change.
        "can_undo": row.changed_by == person_id,
        "stands": row.state in STANDS,
        "set_by": _set_by(session, row) if person_id == row.person_id else "",
        "is_unanswered": _is_unanswered(session, row),
    }
    return seen | values(session, row, today=today)


def _set_by(session: Session, row: Deputy) -> str:
    """Who set this absence for somebody else, as its first word says; "" for any other."""
    if row.before or row.changed_by in (None, row.person_id, row.deputy_id):
        return ""
    return name_of(session, row.changed_by)


def _is_over(row: Deputy, *, today: date) -> bool:
    """Whether no day of it is left; one that ends before it begins has none."""
    return row.state == TAKEN_BACK or row.until <= max(today, row.since)


def _part(row: Deputy, person_id: int) -> str:
    if person_id == row.person_id:
        return ABSENT
    return DEPUTY if person_id == row.deputy_id else COORDINATOR


def _is_wanted(session: Session, row: Deputy, person_id: int, part: str, *, is_over: bool) -> bool:
    """Whether a word is news: an end only to a deputy who heard of the beginning."""
    if part == COORDINATOR:
        return row.state == PROPOSED and not is_over
    if part == ABSENT:
        # What she ended herself she knows; of what was set for her she hears the end as well.
        is_by_others = row.changed_by is None or row.changed_by not in (
            row.person_id,
            row.deputy_id,
        )
        if is_over and not is_by_others:
            return False
        if not is_over:
            return True
    if row.state in STANDS and not is_over:
        return True
    return stored.was_told(session, kind=KIND, row_id=row.id or 0, person_id=person_id)


def values(session: Session, row: Deputy, *, today: date) -> dict[str, object]:
    """An absence as every template about it reads it."""
    names = responders.names(session, {row.person_id, row.deputy_id or 0})
    roles = stored.roles_taken_over(session, row.person_id, on=today)
    units = {
        path: session.get_one(Unit, int(path.strip("/").rpartition("/")[2])).name_zh
        for _, path in roles
    }
    return {
        "row_id": row.id,
        "absent": names.get(row.person_id, ""),
        "deputy": names.get(row.deputy_id or 0, ""),
        "roles": tuple((role, units[path]) for role, path in roles),
        "since": row.since,
        "last": row.until - timedelta(days=1),
        "back": row.until,
        "state": row.state,
    }


def name_of(session: Session, person_id: int) -> str:
    """A person's name."""
    return session.get_one(Person, person_id).name
