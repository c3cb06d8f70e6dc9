"""Cohorts: people who learn one pack together, and the beats they were given when they began."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import working_days
from curriculum.occasions import Beat
from curriculum.rhythm import local_date, next_working_day
from storage import audit
from storage import cohorts as stored_cohorts
from storage.cohorts import Cohort, Rhythm
from storage.people import Unit

TOGETHER, OWN = "together", "own"


@dataclass(frozen=True, slots=True)
class BeatDefaults:
    """A rhythm's defaults from config.toml, copied into a cohort when it is created.

    `late` is send, merge or skip; `skip_after_hours` bounds how late a message may still go out.
    """

    kind: str
    is_on: bool
    time_of_day: time
    late: str
    skip_after_hours: int
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hours:
    """Where and when a cohort lives: zone, quiet hours, weekdays that count as working."""

    zone: str
    quiet_from: time
    quiet_to: time
    working_weekdays: tuple[int, ...]


def create(
    session: Session,
    *,
    unit: Unit,
    bot: int,
    name: str,
    pace: str,
    pack_id: int,
    hours: Hours,
    beats: tuple[BeatDefaults, ...],
    start_on: date,
    now: datetime,
    actor_id: int | None = None,
) -> Cohort:
    """Store a cohort with its own copy of every beat; from then on its rows are the truth."""
    cohort = Cohort(
        unit_id=unit.id or 0,
        bot=bot,
        pack_id=pack_id,
        name=name,
        pace=pace,
        zone=hours.zone,
        quiet_from=hours.quiet_from,
        quiet_to=hours.quiet_to,
        working_weekdays=list(hours.working_weekdays),
        start_on=start_on,
        created_at=now,
    )
    session.add(cohort)
    session.flush()
    session.add_all(_rhythm(cohort, beat) for beat in beats)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action="create_cohort",
        object_kind="cohort",
        object_id=cohort.id,
        unit=unit.id,
        pace=pace,
    )
    return cohort


def _rhythm(cohort: Cohort, beat: BeatDefaults) -> Rhythm:
    return Rhythm(
        cohort_id=cohort.id or 0,
        kind=beat.kind,
        is_on=beat.is_on,
        time_of_day=beat.time_of_day,
        late=beat.late,
        skip_after_hours=beat.skip_after_hours,
        settings=dict(beat.settings),
        # The day before it starts, so that the first day is the first to be planned.
        watermark=cohort.start_on - timedelta(days=1),
    )


def choose_pack(
    session: Session,
    cohort: Cohort,
    *,
    pack_id: int,
    kind: str,
    now: datetime,
    actor_id: int | None = None,
) -> date:
    """Let a cohort learn another pack from its first lesson; gives the first day of it.

    What is planned already stays: a day is planned whole at its midnight by the rhythm of `kind`,
    so the new pack begins on the next working day. Choosing the present pack changes nothing.
    """
    if cohort.pack_id != pack_id:
        old, cohort.pack_id = cohort.pack_id, pack_id
        session.add(cohort)
        session.flush()
        audit.add(
            session,
            at=now,
            actor_id=actor_id,
            action="choose_pack",
            object_kind="cohort",
            object_id=cohort.id,
            old=old,
            new=pack_id,
        )
    today = local_date(now, cohort.zone)
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=kind)
    planned_to = rhythm.watermark if rhythm is not None else today
    calendar = working_days.calendar_of(
        session,
        unit_path=session.get_one(Unit, cohort.unit_id).path,
        working_weekdays=cohort.working_weekdays,
    )
    return next_working_day(max(planned_to, today - timedelta(days=1)), calendar)


def beats_of(
    session: Session, cohorts: Sequence[tuple[Cohort, str]], *, kind: str
) -> list[tuple[Beat, Cohort]]:
    """The running rhythms of a kind of these (cohort, its unit's path) pairs."""
    rhythms = stored_cohorts.rhythms_of(session, [cohort.id or 0 for cohort, _ in cohorts], kind)
    return [
        (_beat(session, rhythms[cohort.id or 0], cohort, path), cohort)
        for cohort, path in cohorts
        if cohort.id in rhythms
    ]


def beats(
    session: Session,
    *,
    kind: str,
    bot: int,
    wanted: Callable[[Rhythm, Cohort], bool] | None = None,
) -> list[tuple[Beat, Rhythm, Cohort]]:
    """Every running rhythm of a kind, or those that are wanted, as plain values beside its rows."""
    return [
        (_beat(session, rhythm, cohort, unit_path), rhythm, cohort)
        for rhythm, cohort, unit_path in stored_cohorts.rhythms(session, kind=kind, bot=bot)
        if wanted is None or wanted(rhythm, cohort)
    ]


def beat_of(session: Session, cohort: Cohort, *, kind: str) -> Beat | None:
    """One cohort's rhythm of a kind, or None where it is switched off."""
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=kind)
    if rhythm is None or not rhythm.is_on:
        return None
    return _beat(session, rhythm, cohort, session.get_one(Unit, cohort.unit_id).path)


def beat_or_default(
    session: Session, cohort: Cohort, defaults: BeatDefaults
) -> tuple[Beat, Rhythm | None]:
    """A cohort's rhythm whether it is on or off, by its defaults where it was never given one."""
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=defaults.kind)
    path = session.get_one(Unit, cohort.unit_id).path
    return _beat(session, rhythm or _rhythm(cohort, defaults), cohort, path), rhythm


def switch(
    session: Session, cohort: Cohort, defaults: BeatDefaults, *, is_on: bool, today: date
) -> Rhythm:
    """Turn a cohort's rhythm on or off; turned on, it begins with the dates after today."""
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=defaults.kind)
    rhythm = rhythm or _rhythm(cohort, defaults)
    if is_on:
        rhythm.watermark = max(rhythm.watermark, today)
    rhythm.is_on = is_on
    session.add(rhythm)
    session.flush()
    return rhythm


def _beat(session: Session, rhythm: Rhythm, cohort: Cohort, unit_path: str) -> Beat:
    return Beat(
        cohort_id=cohort.id or 0,
        bot=cohort.bot,
        unit_path=unit_path,
        pace=cohort.pace,
        pack_id=cohort.pack_id,
        zone=cohort.zone,
        quiet_from=cohort.quiet_from,
        quiet_to=cohort.quiet_to,
        time_of_day=rhythm.time_of_day,
        late=rhythm.late,
        skip_after_hours=rhythm.skip_after_hours,
        calendar=working_days.calendar_of(
            session, unit_path=unit_path, working_weekdays=cohort.working_weekdays
        ),
        settings=rhythm.settings,
    )
