"""What trainings ask of somebody today: announcing, who was there, certificates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from storage import certificates
from storage import training_attendance as attendance
from storage import trainings as stored
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent, TrainingPeriod

ANNOUNCE, CONFIRM = "announce_training", "confirm_training"
MARK, CERTIFY = "mark_training", "issue_certificates"
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
    asked: dict[str, Any] = {
        "bot": speaker.bot,
        "reach": speaker.reach("run_training"),
        "trainer_id": speaker.person_id,
        "since": now - ASKED_FOR,
        "event_state": PUBLISHED,
    }
    for period, title, count in attendance.to_confirm(session, **asked, state="to_confirm"):
        found.append(_half(CONFIRM, period, title, count))
    return found + _to_mark(attendance.unmarked(session, **asked, until=now), now=now)


def _half(kind: str, period: TrainingPeriod, title: str, count: int) -> Item:
    day = local_date(period.starts_at, ZONE)
    return Item(kind, "training_half", str(period.id), TODAY, title, day, count)


def _to_mark(halves: Sequence[tuple[TrainingPeriod, str, int]], *, now: datetime) -> list[Item]:
    """The first half day of each training that is over and of which nobody is marked."""
    first: dict[int, Item] = {}
    for period, title, count in halves:
        if period.starts_at + timedelta(minutes=period.minutes) <= now:
            first.setdefault(period.event_id, _half(MARK, period, title, count))
    return list(first.values())


def _to_certify(session: Session, event: TrainingEvent, *, now: datetime) -> list[Item]:
    """A training that is over and whose certificates nobody has given, for as long."""
    is_over = event.state == PUBLISHED and event.ends_at <= now < event.ends_at + ASKED_FOR
    if not is_over or certificates.of_event(session, event.id or 0):
        return []
    if not attendance.is_any(session, event.id or 0):
        return []
    ended_on = local_date(event.ends_at, ZONE)
    return [Item(CERTIFY, "certificates", f"{event.id}:0", SOON, event.title, ended_on)]
