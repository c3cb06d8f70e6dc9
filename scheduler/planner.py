"""What is due becomes delivery rows: each occasion once, its watermark in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Protocol

from sqlmodel import Session

from curriculum import (
    absences_of_others,
    annual_training,
    asked_lesson,
    certificate_notes,
    chat_accounts,
    daily_lesson,
    danger_alerts,
    deputy_words,
    exchange_visit,
    facilitator_messages,
    gathering_cards,
    handovers,
    monday_line,
    monthly_topic,
    occasions,
    pack_ending,
    quarterly_share,
    question_news,
    restored_span,
    seat_moves,
    story_words,
    supervision_agenda,
    supervision_due,
    supervision_group_holidays,
    supervision_group_ideas,
    supervision_group_words,
    supervision_handover_due,
    supervision_handover_words,
    supervision_holidays,
    supervision_last_day,
    supervision_notices,
    supervision_pair_words,
    supervision_proposals,
    supervision_record_words,
    todo,
    topic_answers,
    topic_notes,
    training_feedback,
    training_tests,
    training_uses,
    urgent_questions,
    visit_asks,
    visit_summary,
    weekly_study,
    welcome_back,
)
from curriculum.cohorts import beats
from curriculum.facts import Verdict
from curriculum.occasions import Beat, Occasion
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import deliveries, holds
from storage import schedule as stored_schedule
from storage.deliveries import Claimed


class Notice(Protocol):
    """What the postman asks of every kind of delivery."""

    KIND: str

    def facts(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> dict[int, Verdict]:
        """What each claimed delivery says now, or that it is not wanted any more."""
        ...


class Study(Protocol):
    """What every study offers to the planner.

    One that is planned ahead says how far: `horizon(today)` gives the last local date to plan; and
    `coming(session, beat, since, until)` gives its dates of a span with when each begins by now.
    """

    KIND: str

    def dates(self, beat: Beat, since: date, until: date) -> list[date]:
        """The dates of this study's rhythm."""
        ...

    def plan(self, session: Session, occasion: Occasion, *, now: datetime) -> int:
        """Owe one occasion to everyone concerned; returns how many rows were added."""
        ...

    def note_missed(
        self, session: Session, occasion: Occasion, *, state: str, now: datetime
    ) -> None:
        """Keep a merged or skipped date where a coordinator sees it."""
        ...


# Every study, in one place: what is not in this tuple is neither planned nor sent.
STUDIES: tuple[Study | ModuleType, ...] = (
    daily_lesson,
    weekly_study,
    monthly_topic,
    quarterly_share,
)
# What is owed one by one, by what somebody did: sent like the studies, planned by no rhythm.
NOTICES: tuple[Notice | ModuleType, ...] = (
    asked_lesson,
    welcome_back,
    absences_of_others,
    pack_ending,
    chat_accounts,
    monday_line,
    restored_span,
    topic_answers,
    topic_notes,
    todo,
    story_words,
    *gathering_cards.NOTICES,
    *facilitator_messages.NOTICES,
    seat_moves,
    question_news,
    urgent_questions,
    *urgent_questions.NOTICES,
    danger_alerts,
    deputy_words,
    handovers,
    *supervision_pair_words.NOTICES,
    *supervision_last_day.NOTICES,
    *supervision_notices.NOTICES,
    *supervision_proposals.NOTICES,
    *supervision_due.NOTICES,
    *supervision_record_words.NOTICES,
    *supervision_agenda.NOTICES,
    *supervision_group_ideas.NOTICES,
    *supervision_group_words.NOTICES,
    *supervision_handover_due.NOTICES,
    *supervision_handover_words.NOTICES,
    *supervision_holidays.NOTICES,
    *supervision_group_holidays.NOTICES,
    annual_training,
    *annual_training.NOTICES,
    certificate_notes,
    training_feedback,
    training_tests,
    training_uses,
    exchange_visit,
    *exchange_visit.NOTICES,
    *visit_asks.NOTICES,
    visit_summary.NOTICE,
)
# The weekly study is announced as a gathering, so its messages are those of one.
KINDS: tuple[Notice | ModuleType, ...] = (daily_lesson, monthly_topic, quarterly_share, *NOTICES)


@dataclass(frozen=True, slots=True)
class Coming:
    """An occasion that lies ahead, as `wuxue plan` and the rehearsal's clock show it."""

    kind: str
    cohort_id: int
    cohort_name: str
    local_date: date
    due_at: datetime
    is_provisional: bool


def plan_due(session: Session, study: Study, *, bot: int, now: datetime, real: datetime) -> int:
    """Plan one study's occasions between each watermark and now; returns how many rows were added.

    A day is planned whole at its local midnight. Safe to run at any time, twice, or after days of
    silence: the watermark, the rows and what became of missed dates are one transaction.
    """
    if not holds.may_begin(session, study.KIND, bot=bot):
        return 0
    deliveries.expire(session, now=now, real=real)
    added = 0
    for beat, rhythm, cohort in behind(session, study, bot=bot, now=now):
        today = horizon(study, local_date(now, beat.zone))
        last = min(today, cohort.end_on) if cohort.end_on else today
        missed = study.dates(beat, rhythm.watermark + timedelta(days=1), last)
        changed = _changed(session, study.KIND, beat, missed)
        moved = {day: row.moved_to for day, row in changed.items()}
        for day, verdict in occasions.decide(beat, missed, now=now, moved=moved):
            occasion = Occasion(beat, day)
            if verdict == occasions.PLANNED:
                added += study.plan(session, occasion, now=now)
            else:
                study.note_missed(session, occasion, state=verdict, now=now)
        rhythm.watermark = today
        session.add(rhythm)
        session.flush()
    return added


def horizon(study: Study | ModuleType, today: date) -> date:
    """The last local date that a study is planned to."""
    ahead_of: Callable[[date], date] | None = getattr(study, "horizon", None)
    return today if ahead_of is None else ahead_of(today)


def behind(
    session: Session, study: Study | ModuleType, *, bot: int, now: datetime
) -> list[tuple[Beat, stored_cohorts.Rhythm, stored_cohorts.Cohort]]:
    """The rhythms whose watermark lies before the last date to be planned."""

    def is_behind(rhythm: stored_cohorts.Rhythm, cohort: stored_cohorts.Cohort) -> bool:
        return rhythm.watermark < horizon(study, local_date(now, cohort.zone))

    # A beat brings its whole calendar, so it is made only where there is something to plan.
    return beats(session, kind=study.KIND, bot=bot, wanted=is_behind)


def _changed(
    session: Session, kind: str, beat: Beat, dates: Sequence[date]
) -> dict[date, deliveries.Occasion]:
    """The dates of one cohort that a coordinator held or moved."""
    if not dates:
        return {}
    rows = stored_schedule.occasions_of(
        session, kind=kind, cohort_ids=[beat.cohort_id], since=dates[0], until=dates[-1]
    )
    return {day: row for (_, day), row in rows.items()}


def ahead(session: Session, *, bot: int, now: datetime, days: int) -> list[Coming]:
    """The occasions of the next days, in order, whether planned already or not."""
    coming = []
    for study in STUDIES:
        for beat, _, cohort in beats(session, kind=study.KIND, bot=bot):
            today = local_date(now, beat.zone)
            since, until = max(today, cohort.start_on), today + timedelta(days=days)
            for day, due in _coming(session, study, beat, since, until):
                is_over = cohort.end_on is not None and day > cohort.end_on
                if due > now and not is_over:
                    coming.append(
                        Coming(
                            study.KIND,
                            beat.cohort_id,
                            cohort.name,
                            day,
                            due,
                            beat.calendar.is_provisional(day),
                        )
                    )
    return sorted(coming, key=lambda item: (item.due_at, item.cohort_id))


def _coming(
    session: Session, study: Study | ModuleType, beat: Beat, since: date, until: date
) -> list[tuple[date, datetime]]:
    """The dates of a study in a span, each with when it begins; without what was held."""
    ask: Callable[..., list[tuple[date, datetime]]] | None = getattr(study, "coming", None)
    if ask is not None:
        return ask(session, beat, since, until)
    changed = _changed(session, study.KIND, beat, study.dates(beat, since, until))
    found = []
    for day in study.dates(beat, since, until):
        row = changed.get(day)
        if row is None or row.state != occasions.HELD:
            found.append((day, beat.due_at(day, beat.hour_on(None, row.moved_to if row else None))))
    return found
