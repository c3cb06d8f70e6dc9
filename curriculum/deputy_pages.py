"""外出 as it is shown: to herself, to her deputy, to who agrees, to who looks after her."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import deputy_choice, deputy_words
from curriculum.deputy_choice import RIGHT, DutyList
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import UNDO
from storage import deputies as stored
from storage import responders
from storage.deputies import AGREED, STANDS, Deputy

AGREES = "agree_to_deputy"


@dataclass(frozen=True, slots=True)
class Away:
    """Her own absence as she sees it; `deputy` is "" where she named nobody.

    `undo_until` is None where her last change of it cannot be taken back any more.
    """

    row_id: int
    since: date
    last: date
    back: date
    deputy: str
    state: str
    has_begun: bool
    undo_until: datetime | None
    duty: tuple[DutyList, ...]


@dataclass(frozen=True, slots=True)
class StandingIn:
    """Somebody she stands in for, now or soon."""

    row_id: int
    name: str
    since: date
    last: date
    has_agreed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """外出: her own absence, and those whose deputy she is."""

    own: Away | None
    others: tuple[StandingIn, ...]


def page(session: Session, speaker: Speaker, *, now: datetime) -> Page:
    """What stands for her; raises NotThere for whoever looks after nobody."""
    speaker.require(RIGHT)
    today = local_date(now, ZONE)
    row = stored.present_or_coming(session, speaker.person_id, on=today)
    rows = stored.overlapping(session, speaker.person_id, since=today, until=date.max)
    names = responders.names(session, {one.person_id for one in rows})
    others = tuple(
        StandingIn(
            one.id or 0,
            names[one.person_id],
            one.since,
            one.until - timedelta(days=1),
            one.state == AGREED,
        )
        for one in rows
    )
    own = _shown(session, speaker, row, now=now) if row is not None else None
    return Page(own, others)


def own(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> Away:
    """Her own absence as 换人 is made on it, from today on; raises NotThere, ChangedMeanwhile."""
    today = local_date(now, ZONE)
    row = stored.present_or_coming(session, speaker.person_id, on=today)
    if row is None:
        raise NotThere
    if row.id != row_id:
        raise ChangedMeanwhile
    return replace(_shown(session, speaker, row, now=now), since=max(row.since, today))


def _shown(session: Session, speaker: Speaker, row: Deputy, *, now: datetime) -> Away:
    name = ""
    if row.deputy_id is not None:
        name = responders.names(session, [row.deputy_id]).get(row.deputy_id, "")
    until = row.changed_at + UNDO
    return Away(
        row_id=row.id or 0,
        since=row.away_since,
        last=row.until - timedelta(days=1),
        back=row.until,
        deputy=name,
        state=row.state,
        has_begun=row.away_since <= local_date(now, ZONE),
        undo_until=until if row.changed_by == speaker.person_id and now <= until else None,
        duty=deputy_choice.duty_lists(session, speaker.person_id, bot=speaker.bot),
    )


@dataclass(frozen=True, slots=True)
class AwaySeen:
    """An absence as others read it; `deputy` is "" where nobody stands in."""

    row_id: int
    since: date
    last: date
    deputy: str
    has_begun: bool


def seen_of(session: Session, person_id: int, *, today: date) -> AwaySeen | None:
    """The absence somebody is in, or her next one."""
    row = stored.present_or_coming(session, person_id, on=today)
    if row is None:
        return None
    deputy_id = row.deputy_id if row.state in STANDS else None
    names = responders.names(session, [deputy_id]) if deputy_id is not None else {}
    last = row.until - timedelta(days=1)
    return AwaySeen(
        row.id or 0,
        row.away_since,
        last,
        names.get(deputy_id or 0, ""),
        row.away_since <= today,
    )


def seen(session: Session, speaker: Speaker, row_id: int, *, now: datetime) -> dict[str, object]:
    """An absence as its word reads to whoever it concerns; raises NotThere for anybody else."""
    row = session.get(Deputy, row_id)
    if row is None or not is_concerned(session, speaker, row, now=now):
        raise NotThere
    return deputy_words.as_told(session, row, speaker.person_id, today=local_date(now, ZONE))


def is_concerned(session: Session, speaker: Speaker, row: Deputy, *, now: datetime) -> bool:
    """Whether a row is about her, or hers to agree to."""
    if speaker.person_id in (row.person_id, row.deputy_id):
        return True
    roles = stored.roles_taken_over(session, row.person_id, on=local_date(now, ZONE))
    return bool(roles) and all(speaker.may(AGREES, unit_path=path) for _, path in roles)
