"""Two sample trainings: one that is over, with its roll and certificates, one to register for."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.rehearsal.county import COUNTY, TOWN
from bot.rehearsal.sample_people import COLLEAGUE_IDS, COORDINATOR, WORKER, speaker
from curriculum import (
    training_attendance,
    training_certificates,
    training_feedback,
    training_plans,
    training_seats,
    training_words,
)
from curriculum.certificate_notes import KIND as NOTE
from curriculum.people import LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_plans import Plan
from storage import training_seats as seats
from storage import trainings
from storage.deliveries import Delivery
from storage.people import unit_by_name
from storage.sealed import NoteKey
from storage.signatures import Signer
from storage.training_seats import REGISTERED, TrainingSeat
from storage.trainings import PUBLISHED, TrainingEvent

REMINDERS = {"days": [30, 7, 1], "late": "merge", "skip_after_hours": 10, "certificate_share": 66}
SPANS = ((time(9, 30), 180), (time(15, 0), 180))
DAYS = 2
# How long ago the first one began, and how far ahead the other one lies.
AGO, AHEAD, DEADLINE = timedelta(days=20), timedelta(days=16), timedelta(days=5)
PDF_BYTES = 21_000
PAST = (
    ("接案与预估", "德吉"),
    ("个案会谈", "德吉"),
    ("小组工作", ""),
    ("社区资源链接", ""),
)
COMING = (
    ("儿童保护与强制报告", "德吉"),
    ("家庭探访演练", "德吉"),
    ("危机介入", ""),
    ("一户一档怎么写", ""),
)
# What some of them say of it, without a name.
REMARKS = ("演练很有用，希望多一些", "下次想听怎么写个案记录", "", "会场有点冷", "", "")


def is_there(session: Session, *, bot: int) -> bool:
    """Whether these, or any other training, are in the county already."""
    return bool(trainings.of_bot(session, bot=bot))


def set_up(session: Session, *, bot: int, note_key: NoteKey, now: datetime) -> None:
    """Both trainings of the sample county, by its coordinator."""
    chief = speaker(session, COORDINATOR, bot=bot, now=now)
    workers = [speaker(session, one, bot=bot, now=now) for one in (WORKER, *COLLEAGUE_IDS)]
    _past(session, chief, workers, signer=note_key.signer, now=now)
    _coming(session, chief, workers, now=now)


def _plan(session: Session, first: date, topics: Sequence[tuple[str, str]]) -> Plan:
    (county,) = unit_by_name(session, COUNTY)
    return Plan(
        unit_id=county.id or 0,
        title="社工实务培训",
        place=f"{TOWN}二楼会议室",
        organiser=COUNTY,
        places=30,
        deadline=first - DEADLINE,
        invited={"units": [county.id], "cohorts": [], "roles": [LEARNER]},
        periods=tuple(training_words.lay_out(first, DAYS, SPANS, topics)),
    )


def _coming(session: Session, chief: Speaker, workers: Sequence[Speaker], *, now: datetime) -> None:
    """Announced just now; some have registered, one cannot come, the others read of it."""
    first = local_date(now + AHEAD, ZONE)
    plan = _plan(session, first, COMING)
    made = training_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
    training_plans.publish(session, chief, made.event_id, seen=made.version, now=now)
    for worker in workers[1:5]:
        training_seats.register(session, worker, made.event_id, now=now)
    training_seats.decline(session, workers[5], made.event_id, reason="on_leave", now=now)


def _past(
    session: Session, chief: Speaker, workers: Sequence[Speaker], *, signer: Signer, now: datetime
) -> None:
    """Over since: called by the list, one of them half the time, feedback given, certificates."""
    first = local_date(now - AGO, ZONE)
    event = _held(session, chief, _plan(session, first, PAST), workers)
    periods = trainings.periods(session, event.id or 0)
    over = event.ends_at + timedelta(hours=1)
    for place, period in enumerate(periods):
        for worker in workers if place < 2 else workers[:-1]:
            training_attendance.tick(session, chief, period.id or 0, worker.person_id, now=over)
    for worker, remark in zip(workers, REMARKS, strict=False):
        scores = dict.fromkeys(training_feedback.ASPECTS, 4 if remark else 5)
        training_feedback.answer(session, worker, event.id or 0, scores, remark, now=over)
    training_certificates.issue(
        session,
        chief,
        event.id or 0,
        seen=len(workers) - 1,
        size=PDF_BYTES,
        signer=signer,
        now=over,
    )
    # Whoever holds one heard of it in its time.
    session.connection().execute(delete(Delivery).where(col(Delivery.kind) == NOTE))


def _held(
    session: Session, chief: Speaker, plan: Plan, workers: Sequence[Speaker]
) -> TrainingEvent:
    """As if it had been announced and registered for in its time, before anybody had joined."""
    (county,) = unit_by_name(session, COUNTY)
    starts_at, ends_at = training_plans.span_of(plan.periods)
    announced = moment_at(plan.deadline - timedelta(days=14), time(10), ZONE)
    event = TrainingEvent(
        bot=chief.bot,
        unit_id=plan.unit_id,
        title="接案与个案工作培训",
        place=plan.place,
        organiser=plan.organiser,
        places=plan.places,
        deadline=plan.deadline,
        invited=dict(plan.invited),
        starts_at=starts_at,
        ends_at=ends_at,
        state=PUBLISHED,
        reminders=REMINDERS,
        # Nothing of what was to be sent then is sent now.
        reminded=0,
        round=1,
        version=2,
        changes=[],
        invited_on=plan.deadline,
        published_at=announced,
        created_by=chief.person_id,
        created_at=announced,
    )
    session.add(event)
    session.flush()
    for one in plan.periods:
        training_plans.add_period(session, event, one, path=county.path)
    for worker in workers:
        session.add(
            TrainingSeat(
                event_id=event.id or 0,
                person_id=worker.person_id,
                state=REGISTERED,
                queued=seats.next_number(session, event.id or 0),
                changed_by=worker.person_id,
                changed_at=announced,
            )
        )
        session.flush()
    return event
