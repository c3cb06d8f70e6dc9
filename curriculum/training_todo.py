"""What trainings ask of somebody today: announcing, confirming who was there, certificates."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from storage import certificates
from storage import training_attendance as attendance
from storage import trainings as stored
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent

ANNOUNCE, CONFIRM = "announce_training", "confirm_training"
CERTIFY = "issue_certificates"
# A draft is asked about while it can still be announced in good time.
AHEAD = timedelta(days=45)
# For so long who was there is asked for (EXPERIENCE section 3: a trainer has a week).
ASKED_FOR = timedelta(days=14)


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The drafts and the unconfirmed of trainings she arranges, or of half days she gives."""
    found = []
    for event in stored.arranged_by(session, speaker.reach("run_training"), bot=speaker.bot):
        is_near = now < event.starts_at <= now + AHEAD
        if event.state == DRAFT and is_near and event.deadline >= local_date(now, ZONE):
            found.append(
                Item(ANNOUNCE, "training_manage", str(event.id), SOON, event.title, event.deadline)
            )
        found += _to_certify(session, event, now=now)
    waiting = attendance.to_confirm(
        session,
        bot=speaker.bot,
        reach=speaker.reach("run_training"),
        trainer_id=speaker.person_id,
        since=now - ASKED_FOR,
        state="to_confirm",
        event_state=PUBLISHED,
    )
    found += [
        Item(
            CONFIRM,
            "training_half",
            str(period.id),
            TODAY,
            title,
            local_date(period.starts_at, ZONE),
            count,
        )
        for period, title, count in waiting
    ]
    return found


def _to_certify(session: Session, event: TrainingEvent, *, now: datetime) -> list[Item]:
    """A training that is over and whose certificates nobody has given, for as long."""
    is_over = event.state == PUBLISHED and event.ends_at <= now < event.ends_at + ASKED_FOR
    if not is_over or certificates.of_event(session, event.id or 0):
        return []
    if not attendance.is_any(session, event.id or 0):
        return []
    ended_on = local_date(event.ends_at, ZONE)
    return [Item(CERTIFY, "certificates", f"{event.id}:0", SOON, event.title, ended_on)]
