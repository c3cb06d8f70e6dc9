"""一期一档: everything that a training leaves behind, for whoever arranges it, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import training_events, training_feedback, training_sheets, training_test_plans
from curriculum.annual_training import Brief, brief
from curriculum.certificates import Statement
from curriculum.errors import NotThere
from curriculum.event_papers import Paper
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_events import KIND, OVER, phase_of, to_arrange, write_down
from curriculum.training_feedback import Results
from curriculum.training_sheets import SignInSheet
from curriculum.training_test_plans import Plan
from storage import certificates, directory, records, trainings
from storage import training_seats as seats
from storage.records import OfOccasion
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent

# Telegram gives a bot no file that is larger.
LARGEST_PAPER = 20_000_000
# One row in force of the ledger; its `source_id` is the half day, `evidence` a code.
Entry = OfOccasion


@dataclass(frozen=True, slots=True)
class Half:
    """One half day as it was planned."""

    period_id: int
    starts_at: datetime
    minutes: int
    topic: str
    trainer: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One person on the roster; `role` is a code, "" for none, `reason` why she does not come."""

    name: str
    number: str
    unit: str
    role: str
    phone: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """A certificate that stands, as it was signed."""

    statement: Statement
    signature: str


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """What goes into the file; the ledger comes apart, row by row.

    `results` is None before the training is over, `test` where nothing was asked. `nameless` are
    certificates that stand but whose person had her data erased.
    """

    event: Brief
    invited: tuple[str, ...]
    roles: tuple[str, ...]
    halves: tuple[Half, ...]
    people: tuple[Listed, ...]
    sheets: tuple[SignInSheet, ...]
    results: Results | None
    test: Plan | None
    certificates: tuple[Given, ...]
    nameless: int
    papers: tuple[Paper, ...]

    @property
    def pieces(self) -> int:
        """How many things have to be made or fetched, for whoever waits."""
        return 6 + 2 * len(self.sheets) + len(self.certificates) + len(self.papers)


def to_file(session: Session, speaker: Speaker, event_id: int) -> TrainingEvent:
    """A training that she arranges and that was announced; raises NotThere."""
    event = to_arrange(session, speaker, event_id, lock=False)
    if event.state == DRAFT:
        raise NotThere
    return event


def collect(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> TrainingFile:
    """Everything but the ledger; raises NotThere."""
    return file_of(session, to_file(session, speaker, event_id), now=now)


def file_of(session: Session, event: TrainingEvent, *, now: datetime) -> TrainingFile:
    """`collect` for a training at hand."""
    event_id = event.id or 0
    periods = trainings.periods(session, event_id)
    is_on = event.state == PUBLISHED
    is_over = is_on and phase_of(event, now=now) == OVER
    test = training_test_plans.plan_of(session, event, now=now)
    standing = [row for row in certificates.of_event(session, event_id) if row.revoked_at is None]
    units, cohorts = training_events.names_of(session, event)
    return TrainingFile(
        event=brief(event),
        invited=(*units, *cohorts),
        roles=tuple(event.invited["roles"]) if units else (),
        halves=tuple(
            Half(one.id or 0, one.starts_at, one.minutes, one.topic, one.trainer) for one in periods
        ),
        people=_people(session, event_id, on=local_date(now, ZONE)),
        sheets=tuple(
            training_sheets.sheet_of(session, event, one, shows_contacts=True, now=now)
            for one in (periods if is_on else ())
        ),
        results=training_feedback.results_of(session, event, page=None, now=now)
        if is_over
        else None,
        test=test if test.questions else None,
        certificates=tuple(
            Given(Statement.read(row.statement), row.signature) for row in standing if row.statement
        ),
        nameless=sum(not row.statement for row in standing),
        papers=tuple(
            Paper(one.id or 0, one.name, one.file_id, one.size)
            for one in trainings.documents(session, event_id)
        ),
    )


def _people(session: Session, event_id: int, *, on: date) -> tuple[Listed, ...]:
    found = seats.filed(session, event_id)
    held = directory.grants_of(session, [one.person_id for one in found], on=on)
    roles = {grant.person_id: grant.role for grant in reversed(held)}
    return tuple(
        Listed(
            one.name,
            one.number or "",
            one.unit_name,
            roles.get(one.person_id, ""),
            one.phone or "",
            one.state,
            one.reason,
        )
        for one in found
    )


def ledger(session: Session, event_id: int, halves: tuple[Half, ...]) -> Iterator[Entry]:
    """The rows in force of these half days, a batch at a time, one person's beside each other."""
    occasions = [f"{event_id}:{one.period_id}" for one in halves]
    return records.of_occasions(session, study=KIND, occasions=occasions)


def note_taken(
    session: Session, speaker: Speaker, event_id: int, *, files: int, parts: int, now: datetime
) -> None:
    """That somebody took a training's file away, for the audit trail; raises NotThere."""
    event = to_file(session, speaker, event_id)
    _note(session, event, speaker.person_id, files=files, parts=parts, now=now)


def note_taken_outside(
    session: Session, event_id: int, *, bot: int, files: int, parts: int, now: datetime
) -> None:
    """The same of whoever runs the installation, who has no name here; raises NotThere."""
    event = by_id(session, event_id, bot=bot)
    _note(session, event, None, files=files, parts=parts, now=now)


def _note(
    session: Session,
    event: TrainingEvent,
    actor_id: int | None,
    *,
    files: int,
    parts: int,
    now: datetime,
) -> None:
    write_down(
        session, event, "take_training_file", actor_id=actor_id, now=now, files=files, parts=parts
    )


def by_id(session: Session, event_id: int, *, bot: int) -> TrainingEvent:
    """A training for whoever runs the installation; raises NotThere for none, or a draft."""
    event = trainings.event(session, event_id, bot=bot)
    if event is None or event.state == DRAFT:
        raise NotThere
    return event


def announced(session: Session, *, bot: int) -> list[Brief]:
    """Every training of a bot that has a file, the newest first."""
    found = trainings.of_bot(session, bot=bot)
    return [brief(event) for event in found if event.state != DRAFT]
