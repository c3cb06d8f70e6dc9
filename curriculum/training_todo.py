"""What trainings ask of somebody today: announcing a draft, confirming who was there."""

from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from storage import training_attendance as attendance
from storage import trainings as stored
from storage.trainings import DRAFT, PUBLISHED

ANNOUNCE, CONFIRM = "announce_training", "confirm_training"
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
