"""The rhythms a hold waits for: what each may have missed, and 补发, 合并 or 不发 applied to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Protocol

from sqlmodel import Session

from curriculum import missed_lessons, occasions
from curriculum.cohorts import beats
from curriculum.daily_lesson import KIND as DAILY_LESSON
from curriculum.occasions import MERGE, SEND, Beat, Occasion
from curriculum.rhythm import local_date
from storage import holds as stored
from storage import restored_spans, rounds
from storage import schedule as stored_schedule
from storage.cohorts import Cohort, Rhythm
from storage.holds import NOTICES, Hold

# What staff see beside a message that was not sent again.
NOT_SENT, MERGED = "not_sent_after_restore", "merged_after_restore"


class Rhythmic(Protocol):
    """What a hold asks of every study that has a rhythm."""

    KIND: str

    def dates(self, beat: Beat, since: date, until: date) -> list[date]:
        """The dates of this study's rhythm."""
        ...

    def plan(self, session: Session, occasion: Occasion, *, now: datetime) -> int:
        """Owe one occasion to everyone concerned."""
        ...

    def note_missed(
        self, session: Session, occasion: Occasion, *, state: str, now: datetime
    ) -> None:
        """Keep a date that was merged or skipped where a coordinator sees it."""
        ...


Study = Rhythmic | ModuleType


@dataclass(frozen=True, slots=True)
class Line:
    """One rhythm of one cohort that waits for a choice; `cohort_id` None: single notices.

    `missed`: dates on which nothing is known to have been planned; `waiting`: messages that stood
    ready in the backup and are due. Both may have been sent before the database was restored.
    """

    kind: str
    cohort_id: int | None
    cohort_name: str
    unit_path: str
    missed: int
    waiting: int
    first: date | None = None
    last: date | None = None

    @property
    def may_merge(self) -> bool:
        """Whether several of these can become one."""
        return self.cohort_id is not None


@dataclass(frozen=True, slots=True)
class Held:
    """A rhythm with what settling it needs: the dates of `line`'s two numbers."""

    line: Line
    beat: Beat
    rhythm: Rhythm
    cohort: Cohort
    study: Study
    missed: tuple[date, ...]
    waiting: tuple[date, ...]

    @property
    def dates(self) -> list[date]:
        """All of them, in order."""
        return sorted({*self.missed, *self.waiting})


def held(session: Session, hold: Hold, studies: Sequence[Study], *, now: datetime) -> list[Held]:
    """Every rhythm with something due and no choice yet."""
    chosen = stored.choices(session, hold.id or 0)
    rows = stored.waiting(session, hold, now=now)
    found = []
    for study in studies:
        for beat, rhythm, cohort in beats(session, kind=study.KIND, bot=hold.bot):
            if (study.KIND, beat.cohort_id) in chosen:
                continue
            mine = [row for row in rows if row[:2] == (study.KIND, beat.cohort_id)]
            waits = sorted(occasions.read_name(occasion)[1] for _, _, occasion, _ in mine)
            missed = _missed(session, study, beat, rhythm, cohort, now=now)
            if dates := sorted({*missed, *waits}):
                line = Line(
                    study.KIND,
                    beat.cohort_id,
                    cohort.name,
                    beat.unit_path,
                    missed=len(missed),
                    waiting=sum(count for _, _, _, count in mine),
                    first=dates[0],
                    last=dates[-1],
                )
                found.append(Held(line, beat, rhythm, cohort, study, tuple(missed), tuple(waits)))
    return found


def notices(
    session: Session, hold: Hold, studies: Sequence[Study], *, now: datetime
) -> Line | None:
    """The line of what waits and belongs to no rhythm, unless it was chosen for."""
    if (NOTICES, None) in stored.choices(session, hold.id or 0):
        return None
    kinds = {study.KIND for study in studies}
    rows = stored.waiting(session, hold, now=now)
    count = sum(count for kind, _, _, count in rows if kind not in kinds)
    return Line(NOTICES, None, "", "", missed=0, waiting=count) if count else None


def settle_notices(
    session: Session, hold: Hold, studies: Sequence[Study], choice: str, *, now: datetime
) -> None:
    """补发 or 不发 for what belongs to no rhythm."""
    stored.settle_notices(
        session,
        hold,
        kinds=[study.KIND for study in studies],
        is_sent=choice == SEND,
        reason=NOT_SENT,
        now=now,
    )


def _missed(
    session: Session, study: Study, beat: Beat, rhythm: Rhythm, cohort: Cohort, *, now: datetime
) -> list[date]:
    """The dates since the watermark whose hour has come; what a coordinator held is none."""
    days = _unplanned(study, beat, rhythm, cohort, now=now)
    if not days:
        return []
    changed = stored_schedule.occasions_of(
        session, kind=study.KIND, cohort_ids=[beat.cohort_id], since=days[0], until=days[-1]
    )
    missed = []
    for day in days:
        row = changed.get((beat.cohort_id, day))
        due = beat.due_at(day, beat.hour_on(None, row.moved_to if row else None))
        if due <= now and (row is None or row.state != occasions.HELD):
            missed.append(day)
    return missed


def _unplanned(
    study: Study, beat: Beat, rhythm: Rhythm, cohort: Cohort, *, now: datetime
) -> list[date]:
    today = local_date(now, beat.zone)
    last = min(today, cohort.end_on) if cohort.end_on else today
    return study.dates(beat, rhythm.watermark + timedelta(days=1), last)


def settle(session: Session, hold: Hold, found: Held, choice: str, *, now: datetime) -> None:
    """Apply a choice to one cohort's rhythm, up to today, and move its watermark with it."""
    beat, rhythm, study = found.beat, found.rhythm, found.study
    is_lesson = study.KIND == DAILY_LESSON
    lessons = missed_lessons.on(session, beat, found.dates) if is_lesson else {}
    restored_spans.remember_lessons(
        session, hold_id=hold.id or 0, cohort_id=beat.cohort_id, lessons=lessons
    )
    if choice == SEND:
        _send(session, hold, found, now=now)
    elif choice == MERGE:
        _merge(session, hold, found, now=now)
    else:
        _set_aside(
            session, hold, found, found.waiting, occasions.SKIPPED, with_lesson=True, now=now
        )
        if is_lesson:
            missed_lessons.pass_by(session, beat, found.missed, lessons, now=now)
        else:
            for day in found.missed:
                study.note_missed(session, Occasion(beat, day), state=occasions.SKIPPED, now=now)
    for day in _unplanned(study, beat, rhythm, found.cohort, now=now):
        if day not in found.missed:  # its hour is still ahead, or a coordinator holds it
            study.plan(session, Occasion(beat, day), now=now)
    rhythm.watermark = max(rhythm.watermark, local_date(now, beat.zone))
    session.add(rhythm)
    session.flush()


def _send(session: Session, hold: Hold, found: Held, *, now: datetime) -> None:
    """Each of them, however late: what waits as it stands, the others planned now."""
    names = [Occasion(found.beat, day).name for day in found.waiting]
    stored.send_late(session, hold, kind=found.study.KIND, occasions=names, now=now)
    for day in found.missed:
        found.study.plan(session, Occasion(replace(found.beat, late=SEND), day), now=now)


def _merge(session: Session, hold: Hold, found: Held, *, now: datetime) -> None:
    """One in place of several: what is not too late yet stays, the next date takes up the rest."""
    beat, study = found.beat, found.study
    verdicts = dict(occasions.decide(replace(beat, late=MERGE), found.dates, now=now))
    gone = {day for day, verdict in verdicts.items() if verdict != occasions.PLANNED}
    # A later date that stays has its own lesson, so an earlier one keeps its: 补学 offers it.
    is_one_kept = any(day not in gone for day in found.waiting)
    waiting = [day for day in found.waiting if day in gone]
    _set_aside(session, hold, found, waiting, occasions.MERGED, with_lesson=is_one_kept, now=now)
    for day in found.missed:
        if day in gone:
            study.note_missed(session, Occasion(beat, day), state=occasions.MERGED, now=now)
        else:
            study.plan(session, Occasion(beat, day), now=now)


def _set_aside(
    session: Session,
    hold: Hold,
    found: Held,
    dates: Sequence[date],
    state: str,
    *,
    with_lesson: bool,
    now: datetime,
) -> None:
    """Skip the messages of planned dates; a date that reached nobody is marked as `state`."""
    kind = found.study.KIND
    names = {Occasion(found.beat, day).name: day for day in dates}
    reason = MERGED if state == occasions.MERGED else NOT_SENT
    stored.set_aside(session, hold, kind=kind, occasions=list(names), reason=reason, now=now)
    reached = rounds.reached(session, kind=kind, occasions=list(names))
    stored.mark_occasions(
        session,
        kind=kind,
        cohort_id=found.beat.cohort_id,
        dates=[day for name, day in names.items() if name not in reached],
        state=state,
        with_lesson=with_lesson,
    )
