"""Certificates of a training as people see them: who earned one, who holds which, one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.certificates import Statement
from curriculum.errors import NotThere
from curriculum.list_words import sought
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import UNDO
from curriculum.training_attendance import TO_CONFIRM
from curriculum.training_errors import CertificatesNotYet
from curriculum.training_events import OVER, PRESENT, arranges, phase_of, to_arrange
from storage import certificates as stored
from storage import training_attendance, trainings
from storage.certificates import Certificate
from storage.people import Person
from storage.training_attendance import Present
from storage.trainings import PUBLISHED, TrainingEvent

# Per cent of the minutes, for a training that was planned before this could be set.
SHARE = 66
EARNED, HELD, TAKEN_BACK, SHORT = "earned", "held", "taken_back", "short"
STATES = (EARNED, HELD, TAKEN_BACK, SHORT)
PAGE = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One person who was there; `state` is one of STATES, `certificate_id` her newest one."""

    person_id: int
    name: str
    unit_name: str
    minutes: int
    state: str
    certificate_id: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A training's certificates; `lines` is one page, `counts` are of all by state.

    `needed` minutes of `minutes` earn one, `to_confirm` entries of the rolls are open yet.
    """

    event_id: int
    title: str
    starts_on: date
    ends_on: date
    organiser: str
    minutes: int
    share: int
    needed: int
    lines: tuple[Line, ...]
    page: int
    pages: int
    counts: dict[str, int]
    to_confirm: int
    can_undo: bool

    @property
    def first(self) -> Line | None:
        """Somebody who would get one, to show how it looks."""
        return next((line for line in self.lines if line.state == EARNED), None)


@dataclass(frozen=True, slots=True)
class Held:
    """One certificate as its holder or whoever arranges sees it.

    `statement` is None where its person has been forgotten.
    """

    certificate_id: int
    event_id: int
    person_id: int
    name: str
    serial: str
    code: str
    statement: Statement | None
    signature: str
    size: int
    issued_at: datetime
    revoked_at: datetime | None
    reason: str
    is_mine: bool
    can_revoke: bool
    # Whether she could undo its being revoked, within ten minutes of it.
    may_restore: bool


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One page of a person's certificates, the newest first, all or those that fit the `words`."""

    lines: tuple[Held, ...]
    page: int
    pages: int
    count: int = 0
    words: str = ""


def overview(
    session: Session, speaker: Speaker, event_id: int, *, page: int = 0, now: datetime
) -> Overview:
    """Who earned one and who holds one, for whoever arranges it; NotThere, CertificatesNotYet."""
    event = over(session, speaker, event_id, lock=False, now=now)
    return shown(session, event, page=page, now=now)


def over(
    session: Session, speaker: Speaker, event_id: int, *, lock: bool, now: datetime
) -> TrainingEvent:
    """A training she arranges that is over; raises NotThere, CertificatesNotYet."""
    event = to_arrange(session, speaker, event_id, lock=lock)
    if event.state != PUBLISHED:
        raise NotThere
    if phase_of(event, now=now) != OVER:
        raise CertificatesNotYet(at=event.ends_at)
    return event


def needed_of(event: TrainingEvent, minutes: int) -> int:
    """How many of all minutes earn a certificate, rounded up."""
    share = int(event.reminders.get("certificate_share", SHARE))
    return -(-minutes * share // 100)


def shown(session: Session, event: TrainingEvent, *, page: int, now: datetime) -> Overview:
    """`overview` of a training at hand."""
    event_id = event.id or 0
    minutes = sum(one.minutes for one in trainings.periods(session, event_id))
    given = stored.of_event(session, event_id)
    lines = everybody(session, event)
    pages = max(1, -(-len(lines) // PAGE))
    page = min(page, pages - 1)
    unsettled = training_attendance.count_in(session, event_id, (TO_CONFIRM,))
    return Overview(
        event_id=event_id,
        title=event.title,
        starts_on=local_date(event.starts_at, ZONE),
        ends_on=local_date(event.ends_at, ZONE),
        organiser=event.organiser,
        minutes=minutes,
        share=int(event.reminders.get("certificate_share", SHARE)),
        needed=needed_of(event, minutes),
        lines=tuple(lines[page * PAGE : (page + 1) * PAGE]),
        page=page,
        pages=pages,
        counts={state: sum(line.state == state for line in lines) for state in STATES},
        to_confirm=sum(unsettled.values()),
        can_undo=bool(undoable(given, now=now)),
    )


def everybody(session: Session, event: TrainingEvent) -> list[Line]:
    """Everybody who was there, as `lines_of`."""
    event_id = event.id or 0
    minutes = sum(one.minutes for one in trainings.periods(session, event_id))
    given = stored.of_event(session, event_id)
    return lines_of(session, event, given, needed=needed_of(event, minutes))


def lines_of(
    session: Session, event: TrainingEvent, given: Sequence[Certificate], *, needed: int
) -> list[Line]:
    """Everybody who was there, whoever can be given one first."""
    newest = {row.person_id: row for row in given if row.revoked_at is None or row.reason}

    def line(one: Present) -> Line:
        row = newest.get(one.person_id)
        if row is not None:
            state = HELD if row.revoked_at is None else TAKEN_BACK
        else:
            state = EARNED if one.minutes >= needed else SHORT
        return Line(
            one.person_id, one.name, one.unit_name, one.minutes, state, row.id if row else None
        )

    there = training_attendance.minutes_of(session, event.id or 0, PRESENT)
    return sorted(map(line, there), key=lambda one: STATES.index(one.state))


def undoable(given: Sequence[Certificate], *, now: datetime) -> list[Certificate]:
    """Those that were given in the last ten minutes and stand."""
    return [row for row in given if row.revoked_at is None and now - row.issued_at < UNDO]


def read(session: Session, speaker: Speaker, certificate_id: int) -> Held:
    """One of hers, or of a training she arranges; raises NotThere."""
    row = stored.by_id(session, certificate_id, bot=speaker.bot)
    event = trainings.event(session, row.event_id, bot=speaker.bot) if row is not None else None
    if row is None or event is None:
        raise NotThere
    is_open = row.person_id == speaker.person_id and (row.revoked_at is None or row.reason)
    if not is_open and not arranges(session, speaker, event):
        raise NotThere
    return held(session, speaker, row, event)


def held(session: Session, speaker: Speaker, row: Certificate, event: TrainingEvent) -> Held:
    """`read` of one at hand."""
    return Held(
        certificate_id=row.id or 0,
        event_id=row.event_id,
        person_id=row.person_id,
        name=session.get_one(Person, row.person_id).name,
        serial=row.serial or "",
        code=row.code,
        statement=Statement.read(row.statement) if row.statement else None,
        signature=row.signature,
        size=row.size,
        issued_at=row.issued_at,
        revoked_at=row.revoked_at,
        reason=row.reason,
        is_mine=row.person_id == speaker.person_id,
        can_revoke=row.revoked_at is None and arranges(session, speaker, event),
        may_restore=bool(row.reason and row.statement) and arranges(session, speaker, event),
    )


def can_restore(one: Held, *, now: datetime) -> bool:
    """Whether it was revoked less than ten minutes ago, by a word that she may take back."""
    return one.may_restore and one.revoked_at is not None and now - one.revoked_at < UNDO


def own(session: Session, speaker: Speaker, *, words: str = "", page: int = 0) -> OwnPage:
    """我的证书, page by page; `words` in the training's title, the number or the year.

    Raises SearchTooLong.
    """
    every = [
        held(session, speaker, row, session.get_one(TrainingEvent, row.event_id))
        for row in stored.of_person(session, speaker.person_id)
    ]
    found = sought(every, words, _texts, page=page, size=PAGE)
    return OwnPage(found.lines, found.page, found.pages, found.count, found.words)


def _texts(one: Held) -> tuple[str, ...]:
    """What a certificate is found by; of one that was emptied only its number is left."""
    title = one.statement.title if one.statement is not None else ""
    return (title, one.serial)
